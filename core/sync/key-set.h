/* SPDX-License-Identifier: MIT */
/*
 * Where two sets of keys differ, without a list of either: each key's hash is added to
 * the sum of its bucket for the one set and subtracted for the other.  A bucket whose
 * sum is not 0 holds keys that only one of them has, and perhaps others.
 *
 *	key_set_init -> key_set_add, key_set_take ... -> key_set_next -> key_set_done
 *
 * A bucket is a range of hashes, so that its keys stand together where they are kept
 * in their order.
 */

#ifndef SYNC_KEY_SET_H
#define SYNC_KEY_SET_H

#include <stddef.h>
#include <stdint.h>

#include "row/hash.h"

#define KEY_SET_BITS_MIN 4
#define KEY_SET_BITS_MAX 20 /* 8 MiB */
#define KEY_SET_EACH 8	    /* keys a bucket, as far as memory allows */

struct key_set {
	uint64_t *sums;
	unsigned bits;
};

/* For about n keys.  -1 no memory. */
int key_set_init(struct key_set *s, uint64_t n);
void key_set_done(struct key_set *s);

/* A key of the one set, and of the other. */
void key_set_add(struct key_set *s, const unsigned char hash[ROW_HASH_BYTES]);
void key_set_take(struct key_set *s, const unsigned char hash[ROW_HASH_BYTES]);

/* The first bucket from `from` on that differs: 1, or 0 when there is none. */
int key_set_next(const struct key_set *s, size_t from, size_t *ret_bucket);
/* Does the bucket of this hash differ? */
int key_set_differs(const struct key_set *s, const unsigned char hash[ROW_HASH_BYTES]);
/* The lowest and the highest hash of a bucket. */
void key_set_range(const struct key_set *s, size_t bucket, unsigned char low[ROW_HASH_BYTES],
		   unsigned char high[ROW_HASH_BYTES]);

/* The hash behind this one; 0 when it is the last. */
int key_hash_next(unsigned char hash[ROW_HASH_BYTES]);

#endif
