/* SPDX-License-Identifier: MIT */
/* Values of the common reader: their order, their text, their form in a checkpoint. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#include "common/reader-internal.h"

static struct defsync_cell number(uint32_t type, int64_t v)
{
	return (struct defsync_cell){.type = type, .v.i64 = v};
}

static struct defsync_cell bytes(uint32_t type, const char *ptr, size_t len)
{
	struct defsync_cell c = {.type = type};

	c.v.data.ptr = ptr;
	c.v.data.len = len;
	return c;
}

static struct defsync_cell text(uint32_t type, const char *s)
{
	return bytes(type, s, strlen(s));
}

/* Through a checkpoint and back; `expected` may be NULL. */
static void round_trip(const struct defsync_cell *cell, const char *expected)
{
	static char buf[CHECKPOINT_MAX];
	struct checkpoint_writer w;
	struct reader_value v = {.cap = 0};

	checkpoint_begin(&w, buf, "");
	reader_write_value(&w, cell);
	assert_false(w.full);
	if (expected && (w.len != strlen(expected) || memcmp(buf, expected, w.len) != 0))
		fail_msg("'%.*s' is not '%s'", (int)w.len, buf, expected);
	if (!reader_read_value(buf, w.len, &v))
		fail_msg("'%.*s' cannot be read", (int)w.len, buf);
	assert_int_equal(v.cell.type, cell->type);
	if (reader_has_bytes(cell->type)) {
		assert_int_equal(v.cell.v.data.len, cell->v.data.len);
		assert_memory_equal(v.cell.v.data.len ? v.cell.v.data.ptr : "",
				    cell->v.data.len ? cell->v.data.ptr : "", cell->v.data.len);
	} else {
		assert_true(v.cell.v.u64 == cell->v.u64);
	}
	reader_value_done(&v);
}

static void print(const struct defsync_cell *cell, const char *expected)
{
	struct text t;

	text_init(&t, 1000);
	reader_value_print(cell, &t);
	assert_string_equal(text_get(&t), expected);
	text_done(&t);
}

static void test_forms(void **state)
{
	static const char uuid[16] =
	    "\x00\x11\x22\x33\x44\x55\x66\x77\x88\x99\xaa\xbb\xcc\xdd\xee\xff";
	const struct {
		struct defsync_cell cell;
		const char *exact, *printed;
	} cases[] = {
	    {number(DEFSYNC_INT64, 17), "i17", "17"},
	    {number(DEFSYNC_INT64, 0), "i0", "0"},
	    {number(DEFSYNC_INT64, INT64_MIN), "i-9223372036854775808", "-9223372036854775808"},
	    {number(DEFSYNC_INT64, INT64_MAX), "i9223372036854775807", "9223372036854775807"},
	    {number(DEFSYNC_UINT64, -1), "u18446744073709551615", "18446744073709551615"},
	    {number(DEFSYNC_BOOL, 1), "o1", "1"},
	    {number(DEFSYNC_DATE, 19753), "d2024-01-31", "2024-01-31"},
	    {number(DEFSYNC_DATE, 0), "d1970-01-01", "1970-01-01"},
	    {number(DEFSYNC_DATE, -719528), "d0000-01-01", "0001-01-01 BC"},
	    {number(DEFSYNC_DATE, -719529), "d-0001-12-31", "0002-12-31 BC"},
	    {number(DEFSYNC_DATE, 2932896), "d9999-12-31", "9999-12-31"},
	    {number(DEFSYNC_DATE, 2932897), "d10000-01-01", "10000-01-01"},
	    {number(DEFSYNC_TIME, 0), "c00:00:00", "00:00:00"},
	    {number(DEFSYNC_TIME, -1), "c-00:00:00.000001", "-00:00:00.000001"},
	    {number(DEFSYNC_TIME, 3020399000000), "c838:59:59", "838:59:59"},
	    {number(DEFSYNC_TIMESTAMP, 1706695200123456), "t2024-01-31T10:00:00.123456",
	     "2024-01-31 10:00:00.123456"},
	    {number(DEFSYNC_TIMESTAMP_LOCAL, 1706695200000000), "l2024-01-31T10:00:00",
	     "2024-01-31 10:00:00"},
	    {number(DEFSYNC_TIMESTAMP, -1), "t1969-12-31T23:59:59.999999",
	     "1969-12-31 23:59:59.999999"},
	    {text(DEFSYNC_TEXT, "a;b, %"), "sa%3bb%2c%20%25", "a;b, %"},
	    {text(DEFSYNC_TEXT, ""), "s", ""},
	    {bytes(DEFSYNC_TEXT, "a\0b", 3), "sa%00b", NULL},
	    {text(DEFSYNC_DECIMAL, "-12.50"), "n-12.50", "-12.50"},
	    {bytes(DEFSYNC_BYTES, "\0\xff", 2), "b00ff", "00ff"},
	    {bytes(DEFSYNC_UUID, uuid, 16), "g00112233-4455-6677-8899-aabbccddeeff",
	     "00112233-4455-6677-8899-aabbccddeeff"},
	    {{.type = DEFSYNC_NULL}, NULL, "NULL"},
	    {text(DEFSYNC_JSON, "{}"), NULL, "{}"},
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		if (cases[i].exact)
			round_trip(&cases[i].cell, cases[i].exact);
		if (cases[i].printed)
			print(&cases[i].cell, cases[i].printed);
	}
}

/* All of int64, and each day of many years. */
static void test_times(void **state)
{
	static const uint32_t types[] = {DEFSYNC_TIME, DEFSYNC_TIMESTAMP, DEFSYNC_TIMESTAMP_LOCAL};
	uint64_t random = 88172645463325252u;
	struct defsync_cell cell;
	int64_t day;
	size_t i;
	int n;

	(void)state;
	for (day = -800000; day < 3000000; day += 97) {
		cell = number(DEFSYNC_DATE, day);
		round_trip(&cell, NULL);
	}
	for (i = 0; i < 3; i++) {
		const int64_t ends[] = {INT64_MIN + (i == 0), INT64_MIN + 2, INT64_MAX, -1, 0, 1};

		for (n = 0; n < 6; n++) {
			cell = number(types[i], ends[n]);
			round_trip(&cell, NULL);
		}
		for (n = 0; n < 2000; n++) {
			random ^= random << 13;
			random ^= random >> 7;
			random ^= random << 17;
			/* Of all sizes. */
			cell = number(types[i], (int64_t)(random | 2) >> (n % 60));
			round_trip(&cell, NULL);
		}
	}
}

static void test_refused(void **state)
{
	static const char *const bad[] = {
	    "",
	    "x1",
	    "i",
	    "i1x",
	    "i9223372036854775808",
	    "u-1",
	    "u18446744073709551616",
	    "u",
	    "d",
	    "d2024-1-31",
	    "d2024-02-30",
	    "d2023-02-29",
	    "d2024-13-01",
	    "d2024-00-01",
	    "d2024-01-31T00:00:00",
	    "t2024-01-31",
	    "t2024-01-31T24:00:00",
	    "t2024-01-31T10:60:00",
	    "t2024-01-31T10:00:00.1",
	    "t2024-01-31 10:00:00",
	    "t999999-01-01T00:00:00",
	    "c1:00:00",
	    "c99999999999:00:00",
	    "b0",
	    "bxx",
	    "s%",
	    "s%4",
	    "g0011",
	    "g00112233-4455-6677-8899-aabbccddeefg",
	    "g00112233445566778899aabbccddeeff",
	    "g-0112233-4455-6677-8899-aabbccddeeff0",
	};
	struct reader_value v = {.cap = 0};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		if (reader_read_value(bad[i], strlen(bad[i]), &v))
			fail_msg("'%s' was read", bad[i]);
	}
	reader_value_done(&v);
}

static void test_order(void **state)
{
	/* Ascending. */
	static const char *const decimals[] = {
	    "-Infinity", "-100", "-99.95",    "-99.9", "-0.001",  "0",	      "0.001", "0.01",
	    "9",	 "10",	 "10.000001", "99",    "1000000", "Infinity", "NaN"};
	static const char *const texts[] = {"", "A", "AA", "B", "a", "\xc3\xa9"};
	struct defsync_cell a, b;
	int i, k;

	(void)state;
	for (i = 0; i < 15; i++) {
		for (k = 0; k < 15; k++) {
			a = text(DEFSYNC_DECIMAL, decimals[i]);
			b = text(DEFSYNC_DECIMAL, decimals[k]);
			assert_int_equal(reader_compare(&a, &b), (i > k) - (i < k));
		}
	}
	for (i = 0; i < 6; i++) {
		for (k = 0; k < 6; k++) {
			a = text(DEFSYNC_TEXT, texts[i]);
			b = text(DEFSYNC_TEXT, texts[k]);
			assert_int_equal(reader_compare(&a, &b), (i > k) - (i < k));
		}
	}
	a = text(DEFSYNC_DECIMAL, "-0.00");
	b = text(DEFSYNC_DECIMAL, "000");
	assert_int_equal(reader_compare(&a, &b), 0);
	a = text(DEFSYNC_DECIMAL, "1.50");
	b = text(DEFSYNC_DECIMAL, "01.5");
	assert_int_equal(reader_compare(&a, &b), 0);
	a = number(DEFSYNC_UINT64, -1);
	b = number(DEFSYNC_UINT64, 1);
	assert_int_equal(reader_compare(&a, &b), 1);
	a.type = b.type = DEFSYNC_INT64;
	assert_int_equal(reader_compare(&a, &b), -1);
}

static void test_kept(void **state)
{
	struct reader_value v = {.cap = 0};
	char buf[100] = "abc";
	struct defsync_cell cell = text(DEFSYNC_TEXT, buf);
	const void *kept;

	(void)state;
	assert_true(reader_value_set(&v, &cell));
	buf[0] = 'x';
	assert_memory_equal(v.cell.v.data.ptr, "abc", 3);
	kept = v.owned;
	/* No memory anew for what fits. */
	cell.v.data.len = 20;
	assert_true(reader_value_set(&v, &cell));
	assert_ptr_equal(v.owned, kept);
	cell = number(DEFSYNC_INT64, 5);
	assert_true(reader_value_set(&v, &cell));
	assert_int_equal(v.cell.v.i64, 5);
	cell = bytes(DEFSYNC_BYTES, NULL, 0);
	assert_true(reader_value_set(&v, &cell));
	assert_int_equal(v.cell.v.data.len, 0);
	reader_value_done(&v);
	assert_null(v.owned);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_forms),   cmocka_unit_test(test_times),
	    cmocka_unit_test(test_refused), cmocka_unit_test(test_order),
	    cmocka_unit_test(test_kept),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
