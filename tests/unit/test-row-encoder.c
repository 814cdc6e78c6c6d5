/* SPDX-License-Identifier: MIT */
/* Rows to JSON: the form of each type, what is refused and why, limits and room. */

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "row-fixture.h"

#include <cmocka.h>

#define N(array) (sizeof(array) / sizeof((array)[0]))
#define STR(type, s) cell_str(DEFSYNC_##type, s)
#define I64(type, v) cell_i64(DEFSYNC_##type, v)

static const struct encoder_policy strict = {
    .max_row = 10000000, .max_field = 1000000, .max_depth = 10};
static const struct encoder_policy numbers = {
    .decimals = DECIMALS_NUMBER, .max_row = 10000000, .max_field = 1000000, .max_depth = 10};
static const struct encoder_policy lenient = {
    .max_row = 10, .max_field = 5, .max_depth = 2, .lenient = 1};

/* What one cell in column "c" becomes; the object is {"c":VALUE}. */
struct result {
	int r;
	struct row_fault fault;
	struct encoder_counts counts;
	struct buf json; /* behind "before" */
};

static struct result encode(const struct encoder_policy *policy, struct defsync_cell cell,
			    uint32_t digits)
{
	const struct defsync_column column = {.name = "c", .type = DEFSYNC_ANY, .digits = digits};
	const struct defsync_relation relation = relation_of(&column, 1);
	const struct defsync_row row = row_of(&relation, &cell);
	struct encoder *e = encoder_create(policy);
	struct result result = {0};

	assert_non_null(e);
	buf_init(&result.json, 100000000);
	assert_int_equal(buf_add(&result.json, "before", 6), 0);
	result.r = encoder_row(e, &row, &result.json, &result.fault);
	result.counts = *encoder_counts(e);
	encoder_destroy(e);
	assert_memory_equal(result.json.data, "before", 6);
	if (result.r < 0)
		assert_int_equal(result.json.len, 6);
	return result;
}

static void want_value(const struct encoder_policy *policy, struct defsync_cell cell,
		       uint32_t digits, const char *value)
{
	struct result result = encode(policy, cell, digits);
	struct buf expected;

	buf_init(&expected, 10000000);
	assert_int_equal(buf_printf(&expected, "before{\"c\":%s}", value), 0);
	assert_int_equal(result.r, 0);
	assert_int_equal(result.fault.reason, ROW_OK);
	assert_string_equal(buf_str(&result.json), buf_str(&expected));
	buf_done(&expected);
	buf_done(&result.json);
}

static void want_fault(const struct encoder_policy *policy, struct defsync_cell cell,
		       enum row_reason reason, const char *text)
{
	struct result result = encode(policy, cell, 0);

	assert_int_equal(result.r, -1);
	assert_string_equal(result.fault.text, text);
	assert_int_equal(result.fault.reason, reason);
	buf_done(&result.json);
}

static void test_forms(void **state)
{
	const struct {
		struct defsync_cell cell;
		uint32_t digits;
		const char *value;
	} rows[] = {
	    {I64(NULL, 7), 0, "null"},
	    {I64(BOOL, 0), 0, "false"},
	    {I64(BOOL, 1), 0, "true"},
	    {I64(INT64, 0), 0, "0"},
	    {I64(INT64, INT64_MIN), 0, "-9223372036854775808"},
	    {I64(INT64, INT64_MAX), 0, "9223372036854775807"},
	    {cell_u64(0), 0, "\"0\""},
	    {cell_u64(UINT64_MAX), 0, "\"18446744073709551615\""},
	    {cell_f64(0.0), 0, "0.0"},
	    {cell_f64(-0.0), 0, "-0.0"},
	    {cell_f64(1.5), 0, "1.5"},
	    {cell_f64(100.0), 0, "100.0"},
	    {cell_f64(0.1 + 0.2), 0, "0.30000000000000004"},
	    {cell_f64((double)NAN), 0, "null"},
	    {cell_f64((double)INFINITY), 0, "null"},
	    {STR(DECIMAL, "0012.50"), 0, "\"0012.50\""},
	    {STR(DECIMAL, "+5"), 0, "\"+5\""},
	    {STR(TEXT, ""), 0, "\"\""},
	    {cell_data(DEFSYNC_TEXT, NULL, 0), 0, "\"\""},
	    {STR(TEXT, "a\"\\\n\x01\x7f\xe2\x82\xac"), 0,
	     "\"a\\\"\\\\\\n\\u0001\x7f\xe2\x82\xac\""},
	    {cell_data(DEFSYNC_TEXT, "a\0b", 3), 0, "\"a\\u0000b\""},
	    {STR(BYTES, "\xff\xfe"), 0, "\"//4=\""},
	    {cell_data(DEFSYNC_BYTES, NULL, 0), 0, "\"\""},
	    {I64(DATE, 19782), 0, "\"2024-02-29\""},
	    {I64(DATE, 3789391), 0, "\"+12345-01-01\""},
	    {I64(DATE, -735525), 0, "\"-0044-03-15\""},
	    {I64(TIME, -3661500000), 3, "\"-01:01:01.500\""},
	    {I64(TIMESTAMP, 1700000000123456), 6, "\"2023-11-14T22:13:20.123456Z\""},
	    {I64(TIMESTAMP, 1700000000123456), 0, "\"2023-11-14T22:13:20Z\""},
	    {I64(TIMESTAMP_LOCAL, 1700000000123456), 3, "\"2023-11-14T22:13:20.123\""},
	    {I64(TIMESTAMP, INT64_MIN), 6, "\"-290308-12-21T19:59:05.224192Z\""},
	    {STR(JSON, "{\"a\": [1, 2]}"), 0, "{\"a\": [1, 2]}"},
	    {STR(JSON, " null\n"), 0, " null\n"},
	    {cell_data(DEFSYNC_UUID,
		       "\x00\x11\x22\x33\x44\x55\x66\x77\x88\x99\xaa\xbb\xcc\xdd\xee\xff", 16),
	     0, "\"00112233-4455-6677-8899-aabbccddeeff\""},
	};
	size_t i;

	(void)state;
	for (i = 0; i < N(rows); i++)
		want_value(&strict, rows[i].cell, rows[i].digits, rows[i].value);
}

static void test_decimals_as_numbers(void **state)
{
	static const char *const rows[][2] = {
	    {"0", "0"},
	    {"-0", "-0"},
	    {"007", "7"},
	    {"+12.50", "12.50"},
	    {"-0012.00", "-12.00"},
	    {"0.5", "0.5"},
	    {"000.5", "0.5"},
	    {"000", "0"},
	    {"-000.0", "-0.0"},
	    {"10", "10"},
	    {"123456789012345678901234567890.12345", "123456789012345678901234567890.12345"},
	};
	size_t i;

	(void)state;
	for (i = 0; i < N(rows); i++)
		want_value(&numbers, STR(DECIMAL, rows[i][0]), 0, rows[i][1]);
}

static void test_bad_decimals(void **state)
{
	static const char *const rows[] = {"",	 "-",  "+",   ".5",    "5.",  "-.5", "1e5", "NaN",
					   "1 ", " 1", "--1", "1.2.3", "1,5", "0x1", "1.a", "1."};
	char expected[100];
	size_t i;

	(void)state;
	for (i = 0; i < N(rows); i++) {
		(void)snprintf(expected, sizeof(expected), "column 'c': not a decimal number: '%s'",
			       rows[i]);
		want_fault(&strict, STR(DECIMAL, rows[i]), ROW_BAD_VALUE, expected);
		want_fault(&numbers, STR(DECIMAL, rows[i]), ROW_BAD_VALUE, expected);
	}
}

static void test_faults(void **state)
{
	const struct {
		struct defsync_cell cell;
		enum row_reason reason;
		const char *text;
	} rows[] = {
	    {STR(TEXT, "caf\xe9 au lait"), ROW_BAD_UTF8,
	     "column 'c': not UTF-8 at byte 3: 'e9 20 61 75'"},
	    {STR(TEXT, "\xc0\xaf"), ROW_BAD_UTF8, "column 'c': not UTF-8 at byte 0: 'c0 af'"},
	    {STR(TEXT, "0123456789abcdef\xe2\x82"), ROW_BAD_UTF8,
	     "column 'c': not UTF-8 at byte 16: 'e2 82'"},
	    {STR(JSON, ""), ROW_BAD_JSON, "column 'c': not a JSON value of 0 bytes"},
	    {STR(JSON, "{'a':1}"), ROW_BAD_JSON, "column 'c': not a JSON value of 7 bytes"},
	    {STR(JSON, "[[[[[[[[[[]]]]]]]]]]"), ROW_TOO_DEEP,
	     "column 'c': nested deeper than 10 levels, the row's own included"},
	    {I64(BOOL, 2), ROW_BAD_VALUE, "column 'c': neither 0 nor 1 for a boolean: '2'"},
	    {I64(DATE, INT64_MAX), ROW_BAD_VALUE,
	     "column 'c': no date: '9223372036854775807' days from 1970-01-01"},
	    {STR(UUID, "short"), ROW_BAD_VALUE, "column 'c': a UUID of 5 bytes, not 16"},
	    {I64(ANY, 0), ROW_BAD_VALUE, "column 'c': unknown cell type 255"},
	    {I64(UUID + 1, 0), ROW_BAD_VALUE, "column 'c': unknown cell type 14"},
	};
	size_t i;

	(void)state;
	for (i = 0; i < N(rows); i++)
		want_fault(&strict, rows[i].cell, rows[i].reason, rows[i].text);
	want_value(&strict, STR(JSON, "[[[[[[[[[]]]]]]]]]"), 0, "[[[[[[[[[]]]]]]]]]");
}

static void test_lenient(void **state)
{
	const struct {
		struct defsync_cell cell;
		const char *value;
	} rows[] = {
	    {STR(TEXT, "longer than the limit"), "\"longer than the limit\""},
	    {STR(TEXT, "\xff"), "{\"$base64\":\"/w==\"}"},
	    {STR(TEXT, "long text, then a byte \xff"),
	     "{\"$base64\":\"bG9uZyB0ZXh0LCB0aGVuIGEgYnl0ZSD/\"}"},
	    {STR(JSON, ""), "\"\""},
	    {STR(JSON, "{'a'}"), "\"{'a'}\""},
	    {STR(JSON, "{\"\xff\"}"), "{\"$base64\":\"eyL/In0=\"}"},
	    {STR(JSON, "[[[[[[]]]]]]"), "[[[[[[]]]]]]"},
	    {STR(DECIMAL, "NaN"), "\"NaN\""},
	    {STR(UUID, "ab"), "\"YWI=\""},
	    {I64(BOOL, -3), "-3"},
	    {I64(DATE, INT64_MIN), "-9223372036854775808"},
	    {I64(ANY, 0), "null"},
	};
	size_t i;

	(void)state;
	for (i = 0; i < N(rows); i++)
		want_value(&lenient, rows[i].cell, 0, rows[i].value);
}

static void test_counts(void **state)
{
	static const struct defsync_column columns[] = {{.name = "a"}, {.name = "b"}};
	const struct defsync_relation relation = relation_of(columns, 2);
	struct defsync_cell cells[] = {cell_f64((double)NAN), I64(DATE, -800000)};
	const struct defsync_row row = row_of(&relation, cells);
	struct encoder *e = encoder_create(&strict);
	struct row_fault fault;
	struct buf out;

	(void)state;
	assert_non_null(e);
	buf_init(&out, 1000);
	assert_int_equal(encoder_row(e, &row, &out, &fault), 0);
	assert_int_equal(encoder_counts(e)->non_finite, 1);
	assert_int_equal(encoder_counts(e)->out_of_range, 1);
	cells[1] = STR(JSON, "bad");
	assert_int_equal(encoder_row(e, &row, &out, &fault), -1);
	assert_int_equal(encoder_counts(e)->non_finite, 1); /* that row was not sent */
	cells[1] = I64(TIMESTAMP, INT64_MAX);
	assert_int_equal(encoder_row(e, &row, &out, &fault), 0);
	assert_int_equal(encoder_counts(e)->non_finite, 2);
	assert_int_equal(encoder_counts(e)->out_of_range, 2);
	buf_done(&out);
	encoder_destroy(e);
	encoder_destroy(NULL);
}

/* Names of all lengths and kinds; relations of one encoder in turn; wide strides. */
static void test_names(void **state)
{
	static const struct {
		struct defsync_column column;
		int more;
	} columns[] = {
	    {{.name = "id"}, 0},
	    {{.name = "say \"x\"\n"}, 0},
	    {{.name =
		  "a name that is longer than thirty-two bytes and then longer than sixty-four"},
	     0},
	    {{.name = "caf\xc3\xa9"}, 0},
	    {{.name = ""}, 0},
	    {{.name = "bad \xff"}, 0},
	};
	struct {
		struct defsync_cell cell;
		char more[40];
	} cells[N(columns)];
	struct defsync_relation wide = relation_of(&columns[0].column, N(columns));
	const struct defsync_column single = {.name = "one"};
	const struct defsync_relation narrow = relation_of(&single, 1),
				      none = relation_of(&single, 0);
	struct defsync_row row = row_of(&wide, &cells[0].cell);
	struct encoder *e = encoder_create(&strict);
	struct row_fault fault;
	struct buf out;
	size_t i;

	(void)state;
	assert_non_null(e);
	wide.column_size = sizeof(columns[0]);
	row.cell_size = sizeof(cells[0]);
	for (i = 0; i < N(cells); i++)
		cells[i].cell = I64(INT64, (int64_t)i);
	buf_init(&out, 10000);
	assert_int_equal(encoder_relation(e, &wide, NULL), 0);
	assert_int_equal(encoder_row(e, &row, &out, &fault), 0);
	row.relation = &narrow;
	row.n_cells = 1;
	assert_int_equal(encoder_relation(e, &narrow, NULL), 0);
	assert_int_equal(encoder_row(e, &row, &out, &fault), 0);
	row.relation = &none; /* without encoder_relation */
	row.n_cells = 0;
	assert_int_equal(encoder_row(e, &row, &out, &fault), 0);
	row.n_cells = 1;
	assert_int_equal(encoder_row(e, &row, &out, &fault), -1);
	assert_int_equal(fault.reason, ROW_BAD_VALUE);
	assert_string_equal(fault.text, "row: 1 cells for 0 columns");
	assert_string_equal(
	    buf_str(&out),
	    "{\"id\":0,\"say \\\"x\\\"\\n\":1,\"a name that is longer than thirty-two "
	    "bytes and then longer than sixty-four\":2,\"caf\xc3\xa9\":3,\"\":4,\"bad "
	    "\xef\xbf\xbd\":5}{\"one\":0}{}");
	buf_done(&out);
	encoder_destroy(e);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_forms),	 cmocka_unit_test(test_decimals_as_numbers),
	    cmocka_unit_test(test_bad_decimals), cmocka_unit_test(test_faults),
	    cmocka_unit_test(test_lenient),	 cmocka_unit_test(test_counts),
	    cmocka_unit_test(test_names),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
