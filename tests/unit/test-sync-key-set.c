/* SPDX-License-Identifier: MIT */
/* Sums of hashes by bucket tell where two sets differ, and nothing else. */

#include "sync/key-set.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <string.h>

static void hash_of(unsigned i, unsigned char out[ROW_HASH_BYTES])
{
	char text[32];
	int n = snprintf(text, sizeof(text), "{\"id\":%u}", i);

	assert_int_equal(row_hash_text(text, (size_t)n, out), 0);
}

static void sizes(void **state)
{
	static const struct {
		uint64_t n;
		unsigned bits;
	} cases[] = {
	    {0, 4},	   {1, 4},	  {128, 4},	 {129, 5},
	    {1000000, 17}, {8388608, 20}, {8388609, 20}, {UINT64_MAX, 20},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct key_set s;

		assert_int_equal(key_set_init(&s, cases[i].n), 0);
		assert_int_equal(s.bits, cases[i].bits);
		key_set_done(&s);
	}
}

/* Of every 100th only one set knows: just its bucket differs. */
static void differences(void **state)
{
	enum {
		N = 5000
	};
	struct key_set s;
	size_t bucket, found = 0;
	unsigned char hash[ROW_HASH_BYTES], low[ROW_HASH_BYTES], high[ROW_HASH_BYTES];

	(void)state;
	assert_int_equal(key_set_init(&s, N), 0);
	for (unsigned i = 0; i < N; i++) {
		hash_of(i, hash);
		key_set_add(&s, hash);
	}
	for (unsigned i = N; i > 0; i--) {
		hash_of(i - 1, hash);
		if ((i - 1) % 100 != 0)
			key_set_take(&s, hash);
	}
	for (size_t at = 0; key_set_next(&s, at, &bucket); at = bucket + 1) {
		unsigned inside = 0;

		key_set_range(&s, bucket, low, high);
		for (unsigned i = 0; i < N; i += 100) {
			hash_of(i, hash);
			inside += memcmp(hash, low, sizeof(hash)) >= 0 &&
				  memcmp(hash, high, sizeof(hash)) <= 0;
		}
		assert_true(inside > 0);
		found += inside;
	}
	assert_int_equal(found, N / 100);
	/* The others give them, too: no difference is left. */
	for (unsigned i = 0; i < N; i += 100) {
		hash_of(i, hash);
		key_set_take(&s, hash);
	}
	assert_int_equal(key_set_next(&s, 0, &bucket), 0);
	key_set_done(&s);
}

/* A key that one set has twice is a difference. */
static void twice(void **state)
{
	unsigned char hash[ROW_HASH_BYTES];
	struct key_set s;
	size_t bucket;

	(void)state;
	assert_int_equal(key_set_init(&s, 1), 0);
	hash_of(1, hash);
	key_set_add(&s, hash);
	key_set_add(&s, hash);
	key_set_take(&s, hash);
	assert_int_equal(key_set_next(&s, 0, &bucket), 1);
	assert_int_equal(bucket, hash[0] >> 4);
	assert_true(key_set_differs(&s, hash));
	hash[0] ^= 0x80;
	assert_false(key_set_differs(&s, hash));
	assert_int_equal(key_set_next(&s, bucket + 1, &bucket), 0);
	key_set_done(&s);
}

/* Each bucket begins behind the one before; together they are all hashes. */
static void ranges(void **state)
{
	unsigned char next[ROW_HASH_BYTES] = {0}, low[ROW_HASH_BYTES], high[ROW_HASH_BYTES];

	(void)state;
	for (uint64_t n = 1; n <= 100000; n *= 10) {
		struct key_set s;
		size_t i;

		assert_int_equal(key_set_init(&s, n), 0);
		memset(next, 0, sizeof(next));
		for (i = 0; i < (size_t)1 << s.bits; i++) {
			key_set_range(&s, i, low, high);
			assert_memory_equal(low, next, sizeof(low));
			assert_true(memcmp(low, high, sizeof(low)) < 0);
			memcpy(next, high, sizeof(next));
			assert_int_equal(key_hash_next(next), i + 1 < (size_t)1 << s.bits);
		}
		key_set_done(&s);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(sizes),
	    cmocka_unit_test(differences),
	    cmocka_unit_test(twice),
	    cmocka_unit_test(ranges),
	};

	return cmocka_run_group_tests_name("sync-key-set", tests, NULL, NULL);
}
