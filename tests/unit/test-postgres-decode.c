/* SPDX-License-Identifier: MIT */
/* The postgres source: binary values to cells. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "pg.h"

/* Hex digits to bytes; blanks are left out. */
static size_t unhex(const char *hex, char *out)
{
	size_t n = 0;

	for (; *hex; hex++) {
		unsigned v;

		if (*hex == ' ')
			continue;
		assert_int_equal(sscanf(hex, "%2x", &v), 1);
		out[n++] = (char)v;
		hex++;
	}
	return n;
}

static void test_numeric(void **state)
{
	/* digits, weight, sign, scale, then the digits; NULL: no number. */
	static const struct {
		const char *hex, *text;
		enum pg_decoded how;
	} cases[] = {
	    {"0000 0000 0000 0000", "0", PG_OK},
	    {"0000 0000 0000 0002", "0.00", PG_OK},
	    {"0001 0000 0000 0000 0001", "1", PG_OK},
	    {"0001 0000 4000 0000 0001", "-1", PG_OK},
	    {"0002 0000 0000 0002 000c 1388", "12.50", PG_OK},
	    {"0001 ffff 4000 0002 02bc", "-0.07", PG_OK},
	    {"0001 fffe 0000 0005 03e8", "0.00001", PG_OK},
	    {"0001 0001 0000 0000 0001", "10000", PG_OK},
	    {"0002 0001 0000 0000 0001 0002", "10002", PG_OK},
	    {"0001 0002 0000 0001 270f", "999900000000.0", PG_OK},
	    {"0003 0000 0000 0006 0001 04d2 1a2c", "1.123467", PG_OK},
	    {"0000 0000 c000 0000", NULL, PG_NOT_FINITE},
	    {"0000 0000 d000 0000", NULL, PG_NOT_FINITE},
	    {"0000 0000 f000 0000", NULL, PG_NOT_FINITE},
	    {"0000 0000 1234 0000", NULL, PG_MALFORMED},
	    {"0001 0000 0000 0000", NULL, PG_MALFORMED},
	    {"0000 0000 0000", NULL, PG_MALFORMED},
	    {"0000 0000 0000 4000", NULL, PG_MALFORMED},
	    {"0001 0000 0000 0000 2710", NULL, PG_MALFORMED},
	    {"0001 0000 0000 0000 ffff", NULL, PG_MALFORMED},
	};
	struct pg_scratch scratch = {0};
	struct defsync_cell c;
	char bytes[64];
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		size_t len = unhex(cases[i].hex, bytes);
		enum pg_decoded how = pg_decode(bytes, len, PG_NUMERIC, &scratch, &c);

		if (how != cases[i].how)
			fail_msg("%s gave %d", cases[i].hex, how);
		if (how == PG_OK &&
		    (c.type != DEFSYNC_DECIMAL || c.v.data.len != strlen(cases[i].text) ||
		     memcmp(c.v.data.ptr, cases[i].text, c.v.data.len) != 0))
			fail_msg("%s gave %.*s", cases[i].hex, (int)c.v.data.len,
				 (const char *)c.v.data.ptr);
	}
	pg_scratch_done(&scratch);
}

/* Few bytes can stand for many digits; each row has them all at the same time. */
static void test_numeric_size(void **state)
{
	struct pg_scratch scratch = {0};
	struct defsync_cell a, b;
	char bytes[16];
	size_t len = unhex("0001 7fff 0000 3fff 0001", bytes);
	int round;

	(void)state;
	for (round = 0; round < 2; round++) {
		assert_int_equal(pg_decode(bytes, len, PG_NUMERIC, &scratch, &a), PG_OK);
		assert_int_equal(pg_decode(bytes, len, PG_NUMERIC, &scratch, &b), PG_OK);
		assert_int_equal(a.v.data.len, 1 + 4 * 32767 + 1 + 16383);
		assert_int_equal(b.v.data.len, a.v.data.len);
		assert_memory_equal(a.v.data.ptr, b.v.data.ptr, a.v.data.len);
		pg_scratch_rewind(&scratch);
	}
	pg_scratch_done(&scratch);
}

static void test_integers_and_times(void **state)
{
	static const struct {
		const char *hex;
		enum pg_wire wire;
		enum pg_decoded how;
		uint32_t type;
		int64_t v;
	} cases[] = {
	    {"00", PG_BOOL, PG_OK, DEFSYNC_BOOL, 0},
	    {"01", PG_BOOL, PG_OK, DEFSYNC_BOOL, 1},
	    {"", PG_BOOL, PG_MALFORMED, 0, 0},
	    {"fffe", PG_INT2, PG_OK, DEFSYNC_INT64, -2},
	    {"80000000", PG_INT4, PG_OK, DEFSYNC_INT64, INT32_MIN},
	    {"8000000000000000", PG_INT8, PG_OK, DEFSYNC_INT64, INT64_MIN},
	    {"ffffffff", PG_OID, PG_OK, DEFSYNC_INT64, 4294967295},
	    {"00000000", PG_INT8, PG_MALFORMED, 0, 0},
	    {"00000000", PG_DATE, PG_OK, DEFSYNC_DATE, 10957},
	    {"ffffd532", PG_DATE, PG_OK, DEFSYNC_DATE, -1},
	    {"7fffffff", PG_DATE, PG_INFINITE, 0, 0},
	    {"80000000", PG_DATE, PG_INFINITE, 0, 0},
	    {"000000141dd76000", PG_TIME, PG_OK, DEFSYNC_TIME, INT64_C(86400000000)},
	    {"0000000000000000", PG_TIMESTAMP, PG_OK, DEFSYNC_TIMESTAMP_LOCAL,
	     INT64_C(946684800000000)},
	    {"ffffffffffffffff", PG_TIMESTAMPTZ, PG_OK, DEFSYNC_TIMESTAMP,
	     INT64_C(946684799999999)},
	    {"7fffffffffffffff", PG_TIMESTAMPTZ, PG_INFINITE, 0, 0},
	    {"8000000000000000", PG_TIMESTAMP, PG_INFINITE, 0, 0},
	    {"7ffffffffffffffe", PG_TIMESTAMP, PG_OUT_OF_RANGE, 0, 0},
	    {"00000001 80", PG_BIT1, PG_OK, DEFSYNC_BOOL, 1},
	    {"00000001 00", PG_BIT1, PG_OK, DEFSYNC_BOOL, 0},
	    {"00000002 80", PG_BIT1, PG_MALFORMED, 0, 0},
	    {"0000000a aa80", PG_BIT, PG_OK, DEFSYNC_UINT64, 0x2aa},
	    {"00000040 ffffffffffffffff", PG_BIT, PG_OK, DEFSYNC_UINT64, -1},
	    {"00000041 ffffffffffffffff80", PG_BIT, PG_MALFORMED, 0, 0},
	    {"00000000", PG_BIT, PG_MALFORMED, 0, 0},
	    {"000000", PG_BIT, PG_MALFORMED, 0, 0},
	};
	struct pg_scratch scratch = {0};
	char bytes[64];
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct defsync_cell c = {0};
		size_t len = unhex(cases[i].hex, bytes);
		enum pg_decoded how = pg_decode(bytes, len, cases[i].wire, &scratch, &c);

		if (how != cases[i].how ||
		    (how == PG_OK && (c.type != cases[i].type || c.v.i64 != cases[i].v)))
			fail_msg("case %zu: %d, type %u, %lld", i, how, (unsigned)c.type,
				 (long long)c.v.i64);
	}
	pg_scratch_done(&scratch);
}

static void test_data(void **state)
{
	struct pg_scratch scratch = {0};
	struct defsync_cell c;

	(void)state;
	assert_int_equal(pg_decode("\001{}", 3, PG_JSONB, &scratch, &c), PG_OK);
	assert_int_equal(c.type, DEFSYNC_JSON);
	assert_int_equal(c.v.data.len, 2);
	assert_int_equal(pg_decode("\002{}", 3, PG_JSONB, &scratch, &c), PG_MALFORMED);
	assert_int_equal(pg_decode("", 0, PG_JSONB, &scratch, &c), PG_MALFORMED);
	assert_int_equal(pg_decode("0123456789abcde", 15, PG_UUID, &scratch, &c), PG_MALFORMED);
	assert_int_equal(pg_decode("", 0, PG_TEXT, &scratch, &c), PG_OK);
	assert_int_equal(c.v.data.len, 0);
}

static void test_floats(void **state)
{
	static const struct {
		float v;
		double want;
	} cases[] = {
	    {0.1f, 0.1},
	    {-0.07f, -0.07},
	    {16777216.0f, 16777216},
	    {3.4e38f, 3.4e38},
	    {1.17549435e-38f, 1.1754944e-38},
	    {1234567.9f, 1234567.9},
	    {0.3333333f, 0.3333333},
	    {1e10f, 1e10},
	    {100.25f, 100.25},
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		if (pg_float4(cases[i].v) != cases[i].want)
			fail_msg("case %zu: %.17g", i, pg_float4(cases[i].v));
		assert_true((float)pg_float4(cases[i].v) == cases[i].v);
	}
	assert_true(isnan(pg_float4(NAN)));
	assert_true(signbit(pg_float4(-0.0f)));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_numeric),
	    cmocka_unit_test(test_numeric_size),
	    cmocka_unit_test(test_integers_and_times),
	    cmocka_unit_test(test_data),
	    cmocka_unit_test(test_floats),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
