/* SPDX-License-Identifier: MIT */
/* Sums of hashes by bucket. */

#include "sync/key-set.h"

#include <stdlib.h>
#include <string.h>

static size_t n_buckets(const struct key_set *s)
{
	return (size_t)1 << s->bits;
}

int key_set_init(struct key_set *s, uint64_t n)
{
	s->bits = KEY_SET_BITS_MIN;
	while (s->bits < KEY_SET_BITS_MAX && (uint64_t)n_buckets(s) * KEY_SET_EACH < n)
		s->bits++;
	s->sums = calloc(n_buckets(s), sizeof(*s->sums));
	return s->sums != NULL ? 0 : -1;
}

void key_set_done(struct key_set *s)
{
	free(s->sums);
	s->sums = NULL;
}

/* The first bits of the hash; at most 32. */
static size_t bucket_of(const struct key_set *s, const unsigned char *hash)
{
	uint32_t top = (uint32_t)hash[0] << 24 | (uint32_t)hash[1] << 16 | (uint32_t)hash[2] << 8 |
		       (uint32_t)hash[3];

	return top >> (32 - s->bits);
}

/* The half of the hash of which no bit says which bucket it is. */
static uint64_t summand(const unsigned char *hash)
{
	uint64_t v;

	memcpy(&v, hash + ROW_HASH_BYTES - sizeof(v), sizeof(v));
	return v;
}

void key_set_add(struct key_set *s, const unsigned char hash[ROW_HASH_BYTES])
{
	s->sums[bucket_of(s, hash)] += summand(hash);
}

void key_set_take(struct key_set *s, const unsigned char hash[ROW_HASH_BYTES])
{
	s->sums[bucket_of(s, hash)] -= summand(hash);
}

int key_set_next(const struct key_set *s, size_t from, size_t *ret_bucket)
{
	for (size_t i = from; i < n_buckets(s); i++) {
		if (s->sums[i] != 0) {
			*ret_bucket = i;
			return 1;
		}
	}
	return 0;
}

int key_set_differs(const struct key_set *s, const unsigned char hash[ROW_HASH_BYTES])
{
	return s->sums[bucket_of(s, hash)] != 0;
}

void key_set_range(const struct key_set *s, size_t bucket, unsigned char low[ROW_HASH_BYTES],
		   unsigned char high[ROW_HASH_BYTES])
{
	uint32_t first = (uint32_t)bucket << (32 - s->bits);
	uint32_t last = first | (UINT32_MAX >> s->bits);

	memset(low, 0, ROW_HASH_BYTES);
	memset(high, 0xff, ROW_HASH_BYTES);
	for (unsigned i = 0; i < 4; i++) {
		low[i] = (unsigned char)(first >> (24 - 8 * i));
		high[i] = (unsigned char)(last >> (24 - 8 * i));
	}
}

int key_hash_next(unsigned char hash[ROW_HASH_BYTES])
{
	for (size_t i = ROW_HASH_BYTES; i > 0; i--) {
		if (++hash[i - 1] != 0)
			return 1;
	}
	return 0;
}
