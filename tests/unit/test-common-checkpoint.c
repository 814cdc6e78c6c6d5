/* SPDX-License-Identifier: MIT */
/* The text form of checkpoints. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#include "common/checkpoint.h"

static size_t sample(char buf[CHECKPOINT_MAX], int64_t key)
{
	struct checkpoint_writer w;

	checkpoint_begin(&w, buf, "fake1");
	checkpoint_field(&w, "table", "a;b=c,d %\n\xc3\xa9");
	checkpoint_keep(&w);
	checkpoint_rewind(&w);
	checkpoint_name(&w, "at");
	checkpoint_int(&w, key);
	return checkpoint_end(&w);
}

static void test_round_trip(void **state)
{
	static const int64_t keys[] = {0, 1, -1, INT64_MAX, INT64_MIN, 1234567890123};
	char buf[CHECKPOINT_MAX], plain[64];
	struct checkpoint_reader r;
	size_t i, k, n;
	int64_t v;

	(void)state;
	for (i = 0; i < sizeof(keys) / sizeof(keys[0]); i++) {
		size_t len = sample(buf, keys[i]);

		for (k = 0; k < len; k++)
			assert_true(buf[k] > 32 && buf[k] < 127);
		assert_int_equal(checkpoint_parse(&r, buf, len, "fake1"), CHECKPOINT_OK);
		assert_true(checkpoint_decode(checkpoint_get(&r, "table"),
					      strlen(checkpoint_get(&r, "table")), plain, &n));
		assert_string_equal(plain, "a;b=c,d %\n\xc3\xa9");
		assert_true(checkpoint_parse_int(checkpoint_get(&r, "at"),
						 strlen(checkpoint_get(&r, "at")), &v));
		assert_true(v == keys[i]);
		assert_null(checkpoint_get(&r, "sum"));
		assert_null(checkpoint_get(&r, "tab"));
		checkpoint_reader_done(&r);
	}
}

/* Every single changed byte, and every cut, is found. */
static void test_damage(void **state)
{
	char buf[CHECKPOINT_MAX], bad[CHECKPOINT_MAX];
	struct checkpoint_reader r;
	size_t len = sample(buf, 4711), i;
	int bit;

	(void)state;
	for (i = 0; i < len; i++) {
		for (bit = 0; bit < 8; bit++) {
			memcpy(bad, buf, len);
			bad[i] = (char)(bad[i] ^ (1 << bit));
			assert_int_not_equal(checkpoint_parse(&r, bad, len, "fake1"),
					     CHECKPOINT_OK);
		}
		assert_int_not_equal(checkpoint_parse(&r, buf, i, "fake1"), CHECKPOINT_OK);
	}
	assert_int_equal(checkpoint_parse(&r, buf, len, "fake2"), CHECKPOINT_FOREIGN);
	assert_int_equal(checkpoint_parse(&r, buf, len, "fake"), CHECKPOINT_FOREIGN);
	assert_int_equal(checkpoint_parse(&r, "", 0, "fake1"), CHECKPOINT_FOREIGN);
}

static void test_shape(void **state)
{
	static const char *const bad[] = {"x=1;x=2", "=1", "novalue", ""};
	char buf[CHECKPOINT_MAX];
	struct checkpoint_writer w;
	struct checkpoint_reader r;
	size_t i, len;

	(void)state;
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		checkpoint_begin(&w, buf, "fake1");
		checkpoint_raw(&w, ";", 1);
		checkpoint_raw(&w, bad[i], strlen(bad[i]));
		len = checkpoint_end(&w);
		assert_int_equal(checkpoint_parse(&r, buf, len, "fake1"), CHECKPOINT_DAMAGED);
	}
}

static void test_full(void **state)
{
	static char big[CHECKPOINT_MAX];
	char buf[CHECKPOINT_MAX];
	struct checkpoint_writer w;
	size_t len, before;

	(void)state;
	memset(big, 'x', sizeof(big));
	checkpoint_begin(&w, buf, "fake1");
	checkpoint_keep(&w);
	before = w.len;
	checkpoint_bytes(&w, big, sizeof(big));
	assert_int_equal(checkpoint_end(&w), 0);
	/* Exactly as much as fits. */
	checkpoint_rewind(&w);
	checkpoint_bytes(&w, big, CHECKPOINT_MAX - before - 21);
	len = checkpoint_end(&w);
	assert_int_equal(len, CHECKPOINT_MAX);
	checkpoint_rewind(&w);
	checkpoint_bytes(&w, big, CHECKPOINT_MAX - before - 20);
	assert_int_equal(checkpoint_end(&w), 0);
	checkpoint_rewind(&w);
	assert_true(checkpoint_end(&w) > 0);
}

static void test_numbers(void **state)
{
	static const char *const bad[] = {
	    "", "-", "+1", "1x", " 1", "9223372036854775808", "-9223372036854775809"};
	unsigned char bytes[4];
	char plain[8];
	size_t i, n;
	int64_t v;

	(void)state;
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_false(checkpoint_parse_int(bad[i], strlen(bad[i]), &v));
	assert_true(checkpoint_unhex("00ff", 4, bytes, &n) && n == 2 && bytes[1] == 255);
	assert_false(checkpoint_unhex("0", 1, bytes, &n));
	assert_false(checkpoint_unhex("0G", 2, bytes, &n));
	assert_false(checkpoint_decode("a%4", 3, plain, &n));
	assert_false(checkpoint_decode("%zz", 3, plain, &n));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_round_trip), cmocka_unit_test(test_damage),
	    cmocka_unit_test(test_shape),      cmocka_unit_test(test_full),
	    cmocka_unit_test(test_numbers),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
