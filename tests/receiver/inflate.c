/* SPDX-License-Identifier: MIT */
/* A gzip body, decoded under a limit. */

#include "inflate.h"

#include <stdlib.h>
#include <zlib.h>

/* With zlib's "wants gzip, not zlib" flag. */
#define GZIP_WINDOW (15 + 16)

struct output {
	char *bytes;
	size_t n;
	size_t cap;
};

static int grow(struct output *out, size_t limit)
{
	size_t cap = out->cap ? out->cap * 2 : 65536;
	char *bytes;

	/* One byte more than allowed, so that too much is seen. */
	if (cap > limit + 1)
		cap = limit + 1;
	bytes = realloc(out->bytes, cap);
	if (!bytes)
		return -1;
	out->bytes = bytes;
	out->cap = cap;
	return 0;
}

static enum inflated decode(z_stream *z, size_t limit, struct output *out)
{
	for (;;) {
		int rc;

		if (out->n == out->cap && grow(out, limit) < 0)
			return INFLATED_NO_MEMORY;
		z->next_out = (Bytef *)out->bytes + out->n;
		z->avail_out = (uInt)(out->cap - out->n);
		rc = inflate(z, Z_NO_FLUSH);
		out->n = out->cap - z->avail_out;
		if (out->n > limit)
			return INFLATED_TOO_LARGE;
		if (rc == Z_STREAM_END && z->avail_in == 0)
			return INFLATED;
		/* A gzip file may have several members (RFC 1952, 2.2). */
		if (rc == Z_STREAM_END)
			rc = inflateReset(z);
		if (rc != Z_OK || (z->avail_in == 0 && z->avail_out > 0))
			return INFLATED_BROKEN;
	}
}

enum inflated inflate_gzip(const char *in, size_t n, size_t limit, char **ret_out, size_t *ret_n)
{
	z_stream z = {.next_in = (Bytef *)in, .avail_in = (uInt)n};
	struct output out = {0};
	enum inflated rc;

	if (inflateInit2(&z, GZIP_WINDOW) != Z_OK)
		return INFLATED_NO_MEMORY;
	rc = decode(&z, limit, &out);
	inflateEnd(&z);
	if (rc != INFLATED) {
		free(out.bytes);
		return rc;
	}
	*ret_out = out.bytes;
	*ret_n = out.n;
	return INFLATED;
}
