/* SPDX-License-Identifier: MIT */
/* The encoder's size limits, rows that are put together piece by piece, and full buffers. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "row-fixture.h"

#include <cmocka.h>

static const struct defsync_column columns[] = {{.name = "id"}, {.name = "t"}};

/* {"id":1,"t":"..."} */
#define AROUND 13

static char *text_of(size_t n, char fill)
{
	char *text = malloc(n + 1);

	assert_non_null(text);
	memset(text, fill, n);
	text[n] = '\0';
	return text;
}

/* Encodes {1, text} into a buffer with `max`; checks what must hold whatever happens. */
static int encode(const struct encoder_policy *policy, const struct defsync_cell *second,
		  size_t max, size_t *ret_len, struct row_fault *fault)
{
	const struct defsync_relation relation = relation_of(columns, 2);
	const struct defsync_cell cells[] = {cell_i64(DEFSYNC_INT64, 1), *second};
	const struct defsync_row row = row_of(&relation, cells);
	struct encoder *e = encoder_create(policy);
	struct buf out;
	int r;

	assert_non_null(e);
	buf_init(&out, max);
	r = encoder_row(e, &row, &out, fault);
	*ret_len = out.len;
	if (r < 0) {
		assert_int_equal(r, -1);
		assert_int_equal(out.len, 0);
	} else {
		assert_memory_equal(out.data, "{\"id\":1,\"t\":", 12);
		assert_true(out.data[out.len - 1] == '}');
	}
	buf_done(&out);
	encoder_destroy(e);
	return r;
}

/* The last size that is allowed and the first that is not, on the short and on the long way. */
static void test_field(void **state)
{
	static const size_t limits[] = {2, 3, 20, 5000, 65538, 65539, 100000, 1000000};
	size_t i, len;

	(void)state;
	for (i = 0; i < sizeof(limits) / sizeof(limits[0]); i++) {
		const struct encoder_policy policy = {
		    .max_row = 10000000, .max_field = limits[i], .max_depth = 10};
		size_t n = limits[i] - 2;
		char *text = text_of(n + 1, 'x');
		struct defsync_cell cell = cell_data(DEFSYNC_TEXT, text, n);
		struct row_fault fault;
		char expected[200];

		assert_int_equal(encode(&policy, &cell, 10000000, &len, &fault), 0);
		assert_int_equal(len, n + AROUND + 2);
		cell.v.data.len = n + 1;
		assert_int_equal(encode(&policy, &cell, 10000000, &len, &fault), -1);
		assert_int_equal(fault.reason, ROW_FIELD_TOO_LARGE);
		(void)snprintf(expected, sizeof(expected),
			       "column 't': %zu bytes as JSON, %zu are allowed", n + 3, limits[i]);
		assert_string_equal(fault.text, expected);
		if (n > 2) { /* an escape counts as what it becomes */
			cell.v.data.len = n;
			text[1] = '\n';
			assert_int_equal(encode(&policy, &cell, 10000000, &len, &fault), -1);
			assert_int_equal(fault.reason, ROW_FIELD_TOO_LARGE);
		}
		free(text);
	}
}

static void test_field_far_too_large(void **state)
{
	const struct encoder_policy policy = {
	    .max_row = 10000000, .max_field = 1000000, .max_depth = 10};
	/* not a byte of it is looked at */
	struct defsync_cell cell = cell_data(DEFSYNC_TEXT, "x", SIZE_MAX);
	struct row_fault fault;
	size_t len;

	(void)state;
	assert_int_equal(encode(&policy, &cell, 10000000, &len, &fault), -1);
	assert_int_equal(fault.reason, ROW_FIELD_TOO_LARGE);
	cell.type = DEFSYNC_BYTES;
	assert_int_equal(encode(&policy, &cell, 10000000, &len, &fault), -1);
	assert_int_equal(fault.reason, ROW_FIELD_TOO_LARGE);
}

static void test_row(void **state)
{
	static const size_t limits[] = {AROUND + 2, 40, 5000, 70000, 1000000};
	size_t i, len;

	(void)state;
	for (i = 0; i < sizeof(limits) / sizeof(limits[0]); i++) {
		const struct encoder_policy policy = {
		    .max_row = limits[i], .max_field = 10000000, .max_depth = 10};
		size_t n = limits[i] - AROUND - 2;
		char *text = text_of(n + 1, 'x');
		struct defsync_cell cell = cell_data(DEFSYNC_TEXT, text, n);
		struct row_fault fault;

		assert_int_equal(encode(&policy, &cell, 10000000, &len, &fault), 0);
		assert_int_equal(len, limits[i]);
		cell.v.data.len = n + 1;
		assert_int_equal(encode(&policy, &cell, 10000000, &len, &fault), -1);
		assert_int_equal(fault.reason, ROW_TOO_LARGE);
		free(text);
	}
}

/* Whatever fits into the buffer's maximum is taken, though the worst case would not fit. */
static void test_room(void **state)
{
	const struct encoder_policy policy = {
	    .max_row = 10000000, .max_field = 1000000, .max_depth = 10};
	const struct encoder_policy lenient = {.lenient = 1};
	static const size_t sizes[] = {0, 1, 15, 16, 17, 100, 4096, 4097, 65536, 65537, 300000};
	size_t i, len;

	(void)state;
	for (i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
		char *text = text_of(sizes[i], 'x');
		struct defsync_cell cell = cell_data(DEFSYNC_TEXT, text, sizes[i]);
		size_t exact = sizes[i] + AROUND + 2;
		struct row_fault fault = {.reason = ROW_BAD_JSON};

		assert_int_equal(encode(&policy, &cell, exact, &len, &fault), 0);
		assert_int_equal(len, exact);
		assert_int_equal(encode(&lenient, &cell, exact, &len, &fault), 0);
		assert_int_equal(encode(&policy, &cell, exact - 1, &len, &fault), -1);
		assert_int_equal(fault.reason, ROW_OK);
		assert_int_equal(encode(&lenient, &cell, exact - 1, &len, &fault), -1);
		assert_int_equal(fault.reason, ROW_OK);
		free(text);
	}
}

/* Long values of each type, and faults that lie far behind in them. */
static void test_long_values(void **state)
{
	const struct encoder_policy policy = {
	    .max_row = 10000000, .max_field = 1000000, .max_depth = 10};
	const struct encoder_policy lenient = {.lenient = 1};
	size_t n = 300000, len;
	char *text = text_of(n, '7');
	struct row_fault fault;
	struct defsync_cell cell = cell_data(DEFSYNC_TEXT, text, n);

	(void)state;
	memcpy(text + 4095, "\xe2\x82\xac\n\"", 5);
	assert_int_equal(encode(&policy, &cell, 1000000, &len, &fault), 0);
	assert_int_equal(len, n + 2 + AROUND + 2);

	text[200000] = (char)0xff;
	assert_int_equal(encode(&policy, &cell, 1000000, &len, &fault), -1);
	assert_int_equal(fault.reason, ROW_BAD_UTF8);
	assert_string_equal(fault.text, "column 't': not UTF-8 at byte 200000: 'ff 37 37 37'");
	assert_int_equal(encode(&lenient, &cell, 1000000, &len, &fault), 0);
	assert_int_equal(len, 12 + n / 3 * 4 + 2 + AROUND);

	cell.type = DEFSYNC_BYTES;
	assert_int_equal(encode(&policy, &cell, 1000000, &len, &fault), 0);
	assert_int_equal(len, n / 3 * 4 + AROUND + 2);

	cell.type = DEFSYNC_JSON;
	assert_int_equal(encode(&policy, &cell, 1000000, &len, &fault), -1);
	assert_int_equal(fault.reason, ROW_BAD_JSON);
	assert_int_equal(encode(&lenient, &cell, 1000000, &len, &fault), 0);

	memset(text, '7', n);
	assert_int_equal(encode(&policy, &cell, 1000000, &len, &fault), 0);
	assert_int_equal(len, n + AROUND);
	cell.type = DEFSYNC_DECIMAL;
	assert_int_equal(encode(&policy, &cell, 1000000, &len, &fault), 0);
	assert_int_equal(len, n + AROUND + 2);
	free(text);
}

/* Rows one behind another into one buffer until it is full: none is lost or cut. */
static void test_fill(void **state)
{
	const struct encoder_policy policy = {
	    .max_row = 10000, .max_field = 10000, .max_depth = 10};
	const struct defsync_relation relation = relation_of(columns, 2);
	char *text = text_of(500, '\n');
	const struct defsync_cell cells[] = {cell_i64(DEFSYNC_INT64, 1),
					     cell_data(DEFSYNC_TEXT, text, 500)};
	const struct defsync_row row = row_of(&relation, cells);
	const size_t one = 2 * 500 + AROUND + 2;
	struct encoder *e = encoder_create(&policy);
	struct row_fault fault;
	struct buf out;
	size_t max;

	(void)state;
	assert_non_null(e);
	for (max = 20 * one - 2; max < 20 * one + 3; max++) {
		size_t rows = 0;

		buf_init(&out, max);
		while (encoder_row(e, &row, &out, &fault) == 0)
			assert_int_equal(out.len, ++rows * one);
		assert_int_equal(fault.reason, ROW_OK);
		assert_int_equal(rows, max / one);
		assert_int_equal(out.len, rows * one);
		buf_done(&out);
	}
	encoder_destroy(e);
	free(text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_field),	cmocka_unit_test(test_field_far_too_large),
	    cmocka_unit_test(test_row),		cmocka_unit_test(test_room),
	    cmocka_unit_test(test_long_values), cmocka_unit_test(test_fill),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
