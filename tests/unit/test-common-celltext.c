/* SPDX-License-Identifier: MIT */
/* A cell as text is what the encoder sends for it. */

#define _GNU_SOURCE
#include <math.h>

#include "plugin-fixture.h"
#include "row-fixture.h"

#include "common/celltext.h"

/* The encoder's, without the quotes. */
static void encode(const struct defsync_cell *cell, uint32_t digits, struct buf *out)
{
	static const struct encoder_policy policy = {
	    .max_row = 1 << 16, .max_field = 1 << 16, .max_depth = 10};
	const struct defsync_column column = {"c", "", DEFSYNC_ANY, 0, digits, 0};
	const struct defsync_relation relation = relation_of(&column, 1);
	const struct defsync_row row = row_of(&relation, cell);
	struct encoder *e = encoder_create(&policy);
	struct error err = ERROR_INIT;
	struct row_fault fault;

	assert_int_equal(encoder_relation(e, &relation, &err), 0);
	assert_int_equal(encoder_row(e, &row, out, &fault), 0);
	encoder_destroy(e);
	out->len--;
	memmove(out->data, out->data + 5, out->len -= 5);
	if (out->data[0] == '"') {
		out->len -= 2;
		memmove(out->data, out->data + 1, out->len);
	}
}

static void check(const struct defsync_cell *cell, uint32_t digits)
{
	struct text is;
	struct buf should;

	text_init(&is, 1 << 16);
	buf_init(&should, 1 << 16);
	celltext_add(&is, cell, digits);
	encode(cell, digits, &should);
	assert_string_equal(text_get(&is), buf_str(&should));
	text_done(&is);
	buf_done(&should);
}

static void is_what_is_sent(void **state)
{
	static const double doubles[] = {
	    0,	   -0.0, 1,    0.1,    1.5,    -2.25,	1e15,	1e16,	 1e17,	  1e22,
	    1e300, 1e-5, 1e-6, 5e-324, 0.3,    1.0 / 3, 123.45, 9e15,	 1e-300,  M_PI,
	    2e-5,  1e6,	 7,    -1e-7,  0.0125, 1.7e308, 4.35,	99999.5, 123456.7};
	static const int64_t integers[] = {0, 1, -1, INT64_MAX, INT64_MIN, 1706695200123456, -1};
	static const int64_t days[] = {0, 19753, -719162, 2932896, 2932897, -719163, -1000000};
	struct defsync_cell cell;

	(void)state;
	for (size_t i = 0; i < sizeof(doubles) / sizeof(doubles[0]); i++) {
		cell = cell_f64(doubles[i]);
		check(&cell, 0);
	}
	for (size_t i = 0; i < sizeof(integers) / sizeof(integers[0]); i++) {
		cell = cell_i64(DEFSYNC_INT64, integers[i]);
		check(&cell, 0);
		cell = cell_u64((uint64_t)integers[i]);
		check(&cell, 0);
	}
	for (size_t i = 0; i < sizeof(days) / sizeof(days[0]); i++) {
		cell = cell_i64(DEFSYNC_DATE, days[i]);
		check(&cell, 0);
		for (uint32_t digits = 0; digits <= 6; digits += 3) {
			cell = cell_i64(DEFSYNC_TIMESTAMP, days[i] * 86400000000 + 3723123456);
			check(&cell, digits);
			cell.type = DEFSYNC_TIMESTAMP_LOCAL;
			check(&cell, digits);
		}
	}
	for (int64_t t = -3023123456; t < 400000000000; t += 100000123456) {
		cell = cell_i64(DEFSYNC_TIME, t);
		check(&cell, 6);
		check(&cell, 1);
	}
}

static void bytes_and_texts(void **state)
{
	static const unsigned char bytes[16] = {0, 1, 2, 3, 250, 251, 252, 253, 9, 8, 7, 6, 5, 4};
	struct defsync_cell cell;

	(void)state;
	for (size_t n = 0; n <= 16; n++) {
		cell = cell_data(DEFSYNC_BYTES, bytes, n);
		check(&cell, 0);
	}
	cell = cell_data(DEFSYNC_UUID, bytes, 16);
	check(&cell, 0);
	cell = cell_str(DEFSYNC_TEXT, "Grüße");
	check(&cell, 0);
	cell = cell_str(DEFSYNC_DECIMAL, "-12.50");
	check(&cell, 0);
	cell = cell_str(DEFSYNC_JSON, "{\"a\":[1,2]}");
	check(&cell, 0);
	cell = cell_i64(DEFSYNC_BOOL, 1);
	check(&cell, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(is_what_is_sent),
	    cmocka_unit_test(bytes_and_texts),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
