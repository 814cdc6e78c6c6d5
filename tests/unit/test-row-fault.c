/* SPDX-License-Identifier: MIT */
/* Faults: stable names, and one clean line whatever was put in. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "row/fault.h"
#include "row/utf8.h"

static void test_names(void **state)
{
	int i, j;

	(void)state;
	assert_string_equal(row_reason_name(ROW_BAD_UTF8), "bad_utf8");
	assert_string_equal(row_reason_name(ROW_TOO_LARGE), "row_too_large");
	assert_string_equal(row_reason_name(ROW_PARTIAL), "partially_rejected");
	assert_string_equal(row_reason_name(ROW_REASONS), "unknown");
	for (i = 0; i < ROW_REASONS; i++) {
		assert_non_null(row_reason_name((enum row_reason)i));
		for (j = 0; j < i; j++)
			assert_string_not_equal(row_reason_name((enum row_reason)i),
						row_reason_name((enum row_reason)j));
	}
}

static void test_one_line(void **state)
{
	struct row_fault fault;

	(void)state;
	assert_int_equal(
	    row_fault_set(&fault, ROW_BAD_JSON, "column '%s': %d", "a\nb\x1b[31m\x7f", 7), -1);
	assert_int_equal(fault.reason, ROW_BAD_JSON);
	assert_string_equal(fault.text, "column 'a?b?[31m?': 7");
	(void)row_fault_set(&fault, ROW_BAD_JSON, "caf\xc3\xa9 \xff \xc3( end");
	assert_string_equal(fault.text, "caf\xc3\xa9 ? ?( end");
	(void)row_fault_set(&fault, ROW_BAD_JSON, "end \xe2\x82");
	assert_string_equal(fault.text, "end ??");
}

/* The cut of a long text falls on each byte of a sequence. */
static void test_long(void **state)
{
	struct row_fault fault;
	char text[2 * sizeof(fault.text)];
	size_t shift, n;

	(void)state;
	for (shift = 0; shift < 4; shift++) {
		memset(text, 'x', sizeof(text));
		for (n = shift; n + 4 < sizeof(text); n += 4)
			memcpy(text + n, "\xf0\x9f\x98\x80", 4);
		text[sizeof(text) - 1] = '\0';
		(void)row_fault_set(&fault, ROW_SOURCE, "%s", text);
		n = strlen(fault.text);
		assert_in_range(n, sizeof(fault.text) - 4, sizeof(fault.text) - 1);
		assert_int_equal(utf8_valid_prefix(fault.text, n), n);
		assert_memory_equal(fault.text, text, n);
	}
}

/* What may be a value is not shown; what is a column is. */
static void test_veil(void **state)
{
	static const struct defsync_column columns[] = {{.name = "age"}, {.name = "it's"}};
	static const struct defsync_relation relation = {
	    .column_size = sizeof(columns[0]), .columns = columns, .n_columns = 2};
	static const struct {
		const char *text, *veiled;
	} cases[] = {
	    {"line 3: column 'age' is no int: '4a'", "line 3: column 'age' is no int: '...'"},
	    {"column 'age' is no int: 'it's' 5'", "column 'age' is no int: '...'"},
	    {"column 'age': a NUL byte", "column 'age': a NUL byte"},
	    {"no value at all", "no value at all"},
	    {"open 'age", "open '...'"},
	    {"'secret', column 'age'", "'...'"},
	};
	struct row_fault fault;
	char long_text[sizeof(fault.text)];

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		(void)row_fault_set(&fault, ROW_SOURCE, "%s", cases[i].text);
		row_fault_veil(&fault, &relation);
		assert_string_equal(fault.text, cases[i].veiled);
	}
	(void)row_fault_set(&fault, ROW_SOURCE, "column 'age'");
	row_fault_veil(&fault, NULL);
	assert_string_equal(fault.text, "column '...'");
	memset(long_text, 'x', sizeof(long_text));
	memcpy(long_text + sizeof(long_text) - 4, "'s'", 4);
	(void)row_fault_set(&fault, ROW_SOURCE, "%s", long_text);
	row_fault_veil(&fault, NULL);
	assert_string_equal(fault.text + strlen(fault.text) - 6, "x'...'");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_names),
	    cmocka_unit_test(test_one_line),
	    cmocka_unit_test(test_long),
	    cmocka_unit_test(test_veil),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
