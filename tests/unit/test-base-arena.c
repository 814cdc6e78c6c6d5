/* SPDX-License-Identifier: MIT */
/* Arenas: alignment, zeroing, the maximum. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "base/arena.h"

static int is_zero(const char *p, size_t n)
{
	size_t i;

	for (i = 0; i < n; i++) {
		if (p[i] != 0)
			return 0;
	}
	return 1;
}

static void test_zeroed_and_aligned(void **state)
{
	struct arena a;
	size_t i;

	(void)state;
	arena_init(&a, 1 << 20);
	for (i = 0; i < 500; i++) {
		char *p = arena_alloc(&a, i);

		assert_non_null(p);
		assert_int_equal((uintptr_t)p % _Alignof(max_align_t), 0);
		assert_true(is_zero(p, i));
		memset(p, 0xff, i);
	}
	arena_done(&a);
	arena_done(&a);
}

static void test_reset_reuses_zeroed_memory(void **state)
{
	struct arena a;
	char *p;
	int i;

	(void)state;
	arena_init(&a, 1 << 20);
	for (i = 0; i < 10; i++)
		memset(arena_alloc(&a, 3000), 'x', 3000);
	arena_reset(&a);
	assert_int_equal(a.used, 0);
	p = arena_alloc(&a, 3000);
	assert_true(is_zero(p, 3000));
	arena_done(&a);
}

static void test_maximum_and_overflow(void **state)
{
	struct arena a;

	(void)state;
	arena_init(&a, 64);
	assert_null(arena_alloc(&a, 65));
	assert_null(arena_alloc(&a, SIZE_MAX));
	assert_null(arena_array(&a, SIZE_MAX / 2, 3));
	assert_null(arena_strndup(&a, "x", SIZE_MAX));
	assert_non_null(arena_alloc(&a, 33));
	assert_null(arena_alloc(&a, 33));
	assert_non_null(arena_alloc(&a, 16));
	arena_done(&a);
}

static void test_strings(void **state)
{
	struct arena a;

	(void)state;
	arena_init(&a, 1 << 16);
	assert_string_equal(arena_strdup(&a, "abc"), "abc");
	assert_string_equal(arena_strndup(&a, "abcdef", 2), "ab");
	assert_string_equal(arena_strndup(&a, NULL, 0), "");
	assert_string_equal(arena_printf(&a, "%s=%d", "n", 7), "n=7");
	assert_int_equal(strlen(arena_printf(&a, "%9000d", 1)), 9000);
	arena_done(&a);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_zeroed_and_aligned),
	    cmocka_unit_test(test_reset_reuses_zeroed_memory),
	    cmocka_unit_test(test_maximum_and_overflow),
	    cmocka_unit_test(test_strings),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
