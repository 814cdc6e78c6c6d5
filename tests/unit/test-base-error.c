/* SPDX-License-Identifier: MIT */
/* Error objects: the first error wins, ownership, exit codes. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <stdio.h>

#include "base/error.h"

static void test_first_error_wins(void **state)
{
	struct error err = ERROR_INIT;

	(void)state;
	assert_false(error_is_set(&err));
	assert_string_equal(error_text(&err), "");
	assert_int_equal(error_set(&err, ERR_API, "key refused: '%s'", "k"), -1);
	assert_int_equal(error_set(&err, ERR_STORE, "other"), -1);
	assert_int_equal(error_nomem(&err), -1);
	assert_int_equal(error_set_errno(&err, ERR_STORE, ENOENT, "other"), -1);
	assert_int_equal(err.class, ERR_API);
	assert_string_equal(error_text(&err), "key refused: 'k'");
	error_done(&err);
	assert_false(error_is_set(&err));
	error_done(&err);
}

static void test_null_is_allowed(void **state)
{
	struct error from = ERROR_INIT;

	(void)state;
	assert_int_equal(error_set(NULL, ERR_API, "x"), -1);
	assert_int_equal(error_set_errno(NULL, ERR_API, ENOENT, "x"), -1);
	assert_int_equal(error_nomem(NULL), -1);
	error_prefix(NULL, "x");
	(void)error_set(&from, ERR_API, "x");
	assert_int_equal(error_copy(NULL, &from), 0);
	error_move(NULL, &from);
	assert_false(error_is_set(&from));
	error_done(NULL);
}

static void test_texts(void **state)
{
	struct error err = ERROR_INIT;

	(void)state;
	(void)error_set_errno(&err, ERR_CONFIG, ENOENT, "cannot open '%s'", "/x");
	error_prefix(&err, "%s", "defsync.yaml");
	assert_string_equal(error_text(&err),
			    "defsync.yaml: cannot open '/x': No such file or directory");
	error_done(&err);
	error_prefix(&err, "nothing to prefix");
	assert_false(error_is_set(&err));
	(void)error_nomem(&err);
	assert_string_equal(error_text(&err), "out of memory");
	error_prefix(&err, "rows");
	assert_string_equal(error_text(&err), "rows: out of memory");
	error_done(&err);
}

static void test_move_and_copy(void **state)
{
	struct error a = ERROR_INIT, b = ERROR_INIT, c = ERROR_INIT;

	(void)state;
	(void)error_set(&a, ERR_SOURCE, "first");
	a.vendor_code = 1045;
	(void)snprintf(a.sqlstate, sizeof(a.sqlstate), "28000");
	assert_int_equal(error_copy(&b, &a), 0);
	assert_string_equal(error_text(&b), "first");
	assert_ptr_not_equal(a.text, b.text);
	error_move(&c, &a);
	assert_false(error_is_set(&a));
	assert_int_equal(c.vendor_code, 1045);
	assert_string_equal(c.sqlstate, "28000");
	(void)error_set(&a, ERR_API, "second");
	error_move(&c, &a);
	assert_string_equal(error_text(&c), "first");
	assert_false(error_is_set(&a));
	error_move(&c, &b);
	assert_int_equal(error_copy(&c, &b), 0);
	error_done(&b);
	error_done(&c);
}

static void test_exit_codes(void **state)
{
	static const struct {
		enum error_class class;
		int code;
		const char *name;
	} rows[] = {
	    {ERR_NONE, 0, "none"},
	    {ERR_INTERNAL, 1, "internal"},
	    {ERR_NOMEM, 1, "nomem"},
	    {ERR_USAGE, 2, "usage"},
	    {ERR_CONFIG, 3, "config"},
	    {ERR_SOURCE, 4, "source"},
	    {ERR_API, 5, "api"},
	    {ERR_TEMPORARY, 6, "temporary"},
	    {ERR_LOCKED, 8, "locked"},
	    {ERR_STORE, 9, "store"},
	    {ERR_LIMIT, 10, "limit"},
	    {ERR_FULL, 11, "full"},
	    {ERR_CANCELLED, 1, "cancelled"},
	    {(enum error_class)99, 1, "internal"},
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		assert_int_equal(error_exit_code(rows[i].class), rows[i].code);
		assert_string_equal(error_class_name(rows[i].class), rows[i].name);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_first_error_wins),
	    cmocka_unit_test(test_null_is_allowed),
	    cmocka_unit_test(test_texts),
	    cmocka_unit_test(test_move_and_copy),
	    cmocka_unit_test(test_exit_codes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
