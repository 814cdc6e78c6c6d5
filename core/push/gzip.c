/* SPDX-License-Identifier: MIT */
/* Bodies as gzip. */

#include <config.h>

#include "push/gzip.h"

#include <stdint.h>
#include <stdlib.h>

#ifdef HAVE_LIBDEFLATE
#include <libdeflate.h>

struct gzip {
	struct libdeflate_compressor *c;
};

struct gzip *gzip_create(int level)
{
	struct gzip *g = calloc(1, sizeof(*g));

	if (g == NULL)
		return NULL;
	g->c = libdeflate_alloc_compressor(level);
	if (g->c == NULL) {
		free(g);
		return NULL;
	}
	return g;
}

void gzip_destroy(struct gzip *g)
{
	if (g == NULL)
		return;
	libdeflate_free_compressor(g->c);
	free(g);
}

int gzip_pack(struct gzip *g, const void *p, size_t n, struct buf *out)
{
	buf_reset(out);
	if (buf_reserve(out, libdeflate_gzip_compress_bound(g->c, n)) < 0)
		return -1;
	out->len = libdeflate_gzip_compress(g->c, p, n, out->data, out->cap);
	return out->len > 0 ? 0 : -1;
}

#else
#include <zlib.h>

#define WINDOW_GZIP (15 + 16) /* 32 KiB, with gzip's head and tail */
#define MEMORY_DEFAULT 8

struct gzip {
	z_stream z;
};

struct gzip *gzip_create(int level)
{
	struct gzip *g = calloc(1, sizeof(*g));

	if (g == NULL)
		return NULL;
	if (deflateInit2(&g->z, level, Z_DEFLATED, WINDOW_GZIP, MEMORY_DEFAULT,
			 Z_DEFAULT_STRATEGY) != Z_OK) {
		free(g);
		return NULL;
	}
	return g;
}

void gzip_destroy(struct gzip *g)
{
	if (g == NULL)
		return;
	(void)deflateEnd(&g->z);
	free(g);
}

int gzip_pack(struct gzip *g, const void *p, size_t n, struct buf *out)
{
	buf_reset(out);
	if (deflateReset(&g->z) != Z_OK || buf_reserve(out, deflateBound(&g->z, (uLong)n)) < 0)
		return -1;
	g->z.next_in = (Bytef *)(uintptr_t)p;
	g->z.avail_in = (uInt)n;
	g->z.next_out = (Bytef *)out->data;
	g->z.avail_out = (uInt)out->cap;
	if (deflate(&g->z, Z_FINISH) != Z_STREAM_END)
		return -1;
	out->len = g->z.total_out;
	return 0;
}
#endif
