/* SPDX-License-Identifier: MIT */
/*
 * The mask transform.  mask.c owns an instance: mk-options.c reads it, mk-relation.c
 * says what becomes of columns, mk-apply.c masks rows, mk-digest.c hashes.
 *
 * Values are in no message; what was made of them and of the key is wiped.
 */

#ifndef MASK_MK_H
#define MASK_MK_H

#include <openssl/evp.h>

#include "common/reshape.h"
#include "common/text.h"

#define MK_DIGEST 32	  /* bytes of SHA-256 */
#define MK_BLOCK 64	  /* what it takes at once: HMAC's keys are filled up to it */
#define MK_KEY_MIN 16	  /* bytes */
#define MK_N_MAX 64	  /* characters of a text that may be kept */
#define MK_FILL 4	  /* of `fill` in the place of the rest */
#define MK_CHARACTER 4	  /* bytes of a character at most */
#define MK_PREFIX_MAX 128 /* bytes */
#define MK_TEXT_MAX ((size_t)1 << 30)

enum mk_method {
	MK_REDACT,
	MK_KEEP_FIRST,
	MK_KEEP_LAST,
	MK_SHA256,
	MK_HMAC,
	MK_NULL,
	MK_PSEUDONYM,
};

/* Hashes one text after the other with what was set up once. */
struct mk_digest {
	EVP_MD_CTX *ctx;
	bool keyed;
	unsigned char inner[MK_BLOCK], outer[MK_BLOCK]; /* the key's blocks of HMAC */
};

struct mask {
	const struct defsync_host *host;
	struct reshape reshape;
	enum mk_method method;
	const char **columns; /* of the options */
	uint32_t n_columns;
	bool ignore_missing;
	const char *text, *fill, *prefix;
	size_t text_len, fill_len, prefix_len;
	uint32_t n;
	struct mk_digest digest;
	struct text scratch; /* a value as text */
};

/* One column that is masked; an array of them ends each plan's detail. */
struct mk_column {
	uint32_t at; /* in the relation */
	uint32_t digits;
	char *room; /* for what takes the value's place: mk_room() bytes */
};

struct mk_plan {
	uint32_t n;
	struct mk_column columns[];
};

int32_t mk_options_read(struct mask *m, const struct defsync_options *o);

/* SHA-256, or HMAC-SHA256 where `key` is not NULL.  False: libcrypto refuses. */
bool mk_digest_init(struct mk_digest *d, const char *key);
void mk_digest_done(struct mk_digest *d);
bool mk_digest_of(struct mk_digest *d, const void *ptr, size_t len, unsigned char out[MK_DIGEST]);

/* Bytes that a masked value has at most. */
size_t mk_room(const struct mask *m);

int32_t mk_relation(void *instance, const struct defsync_relation *in, uint32_t flags,
		    const struct defsync_relation **ret_out);
int32_t mk_apply(void *instance, const struct defsync_row *row, uint32_t flags, defsync_emit emit,
		 void *emit_ctx);

#endif
