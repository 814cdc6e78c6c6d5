/* SPDX-License-Identifier: MIT */
/* Buffers: growth, the maximum, text at the end. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>

#include "base/buf.h"

static void test_grows_to_its_maximum(void **state)
{
	struct buf b;
	size_t i;

	(void)state;
	buf_init(&b, 1000);
	for (i = 0; i < 1000; i++)
		assert_int_equal(buf_add_char(&b, (char)('a' + i % 26)), 0);
	assert_int_equal(buf_add_char(&b, 'x'), -1);
	assert_int_equal(buf_add(&b, "xy", 2), -1);
	assert_int_equal(b.len, 1000);
	assert_true(b.cap <= 1000);
	assert_int_equal(strlen(buf_str(&b)), 1000);
	assert_int_equal(b.data[999], 'a' + 999 % 26);
	buf_done(&b);
	assert_null(b.data);
}

static void test_failed_call_changes_nothing(void **state)
{
	struct buf b;

	(void)state;
	buf_init(&b, 8);
	assert_int_equal(buf_add_str(&b, "abcdef"), 0);
	assert_int_equal(buf_printf(&b, "%d", 123), -1);
	assert_int_equal(buf_reserve(&b, SIZE_MAX), -1);
	assert_int_equal(buf_reserve(&b, SIZE_MAX - 5), -1);
	assert_string_equal(buf_str(&b), "abcdef");
	assert_int_equal(buf_printf(&b, "%d", 12), 0);
	assert_string_equal(buf_str(&b), "abcdef12");
	buf_done(&b);
}

static void test_no_memory_without_a_sane_size(void **state)
{
	struct buf b;

	(void)state;
	buf_init(&b, SIZE_MAX);
	assert_int_equal(buf_reserve(&b, SIZE_MAX / 2 + 1), -1);
	assert_int_equal(buf_add_str(&b, "x"), 0);
	buf_done(&b);
}

static void test_empty_text(void **state)
{
	struct buf b;
	char *text;

	(void)state;
	buf_init(&b, 0);
	assert_string_equal(buf_str(&b), "");
	assert_int_equal(buf_add(&b, NULL, 0), 0);
	assert_int_equal(buf_printf(&b, "%s", ""), 0);
	assert_int_equal(buf_add_char(&b, 'x'), -1);
	text = buf_take(&b);
	assert_string_equal(text, "");
	free(text);
	buf_done(&b);
}

static void test_take_hands_over(void **state)
{
	struct buf b;
	char *text;

	(void)state;
	buf_init(&b, 100);
	assert_int_equal(buf_printf(&b, "%s-%05d", "id", 42), 0);
	text = buf_take(&b);
	assert_string_equal(text, "id-00042");
	free(text);
	assert_int_equal(b.len, 0);
	assert_null(b.data);
	assert_int_equal(buf_add_str(&b, "again"), 0);
	assert_string_equal(buf_str(&b), "again");
	buf_done(&b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_grows_to_its_maximum),
	    cmocka_unit_test(test_failed_call_changes_nothing),
	    cmocka_unit_test(test_no_memory_without_a_sane_size),
	    cmocka_unit_test(test_empty_text),
	    cmocka_unit_test(test_take_hands_over),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
