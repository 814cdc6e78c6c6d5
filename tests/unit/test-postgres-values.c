/* SPDX-License-Identifier: MIT */
/*
 * The postgres source: values over the whole of their ranges, made by an encoder of
 * this file's own, and cut at each byte; how columns and parameters are written.
 */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "pg.h"

#define N(a) (sizeof(a) / sizeof((a)[0]))

/* Big-endian; where it ends. */
static char *put(char *p, uint64_t v, int n)
{
	while (n-- > 0)
		*p++ = (char)(v >> (8 * n));
	return p;
}

/* In a block of its own size: a sanitizer sees what is read behind it. */
static enum pg_decoded decode(const char *bytes, size_t len, enum pg_wire wire,
			      struct pg_scratch *scratch, struct defsync_cell *ret)
{
	char *copy = malloc(len ? len : 1);
	enum pg_decoded how;

	assert_non_null(copy);
	memcpy(copy, bytes, len);
	memset(ret, 0x5a, sizeof(*ret));
	how = pg_decode(copy, len, wire, scratch, ret);
	free(copy);
	if (how == PG_OK) {
		assert_int_equal(ret->reserved, 0);
		assert_int_equal(ret->type, pg_wire_type(wire));
	}
	return how;
}

/* ---- Numbers -------------------------------------------------------------------------- */

/* As the server does it: groups of four around the point, without those of zeros. */
static size_t encode_numeric(const char *text, char *out)
{
	char padded[1024], *p = padded;
	bool negative = *text == '-';
	const char *whole = text + negative, *point = strchr(whole, '.');
	size_t n_whole = point ? (size_t)(point - whole) : strlen(whole);
	size_t scale = point ? strlen(point + 1) : 0, first, end, i;
	int weight = (int)((n_whole + 3) / 4) - 1;

	assert_true(n_whole + scale + 8 < sizeof(padded));
	memset(padded, '0', sizeof(padded));
	p += (4 - n_whole % 4) % 4;
	memcpy(p, whole, n_whole);
	p += n_whole;
	if (point)
		memcpy(p, point + 1, scale);
	end = (size_t)(weight + 1) + (scale + 3) / 4;
	while (end && memcmp(padded + 4 * (end - 1), "0000", 4) == 0)
		end--;
	for (first = 0; first < end && memcmp(padded + 4 * first, "0000", 4) == 0; first++)
		weight--;
	p = put(out, end - first, 2);
	p = put(p, end == first ? 0 : (uint16_t)weight, 2);
	p = put(p, negative ? 0x4000 : 0, 2);
	p = put(p, scale, 2);
	for (i = first; i < end; i++) {
		const char *d = padded + 4 * i;

		p = put(p,
			(uint64_t)((d[0] - '0') * 1000 + (d[1] - '0') * 100 + (d[2] - '0') * 10 +
				   (d[3] - '0')),
			2);
	}
	return (size_t)(p - out);
}

static void check_numeric(const char *text, struct pg_scratch *scratch)
{
	char bytes[1024];
	struct defsync_cell c;
	size_t len = encode_numeric(text, bytes), cut;

	if (decode(bytes, len, PG_NUMERIC, scratch, &c) != PG_OK || c.v.data.len != strlen(text) ||
	    memcmp(c.v.data.ptr, text, c.v.data.len) != 0)
		fail_msg("%s gave %.*s", text, (int)c.v.data.len, (const char *)c.v.data.ptr);
	for (cut = 0; cut < len; cut++)
		assert_int_equal(decode(bytes, cut, PG_NUMERIC, scratch, &c), PG_MALFORMED);
	bytes[len] = 0;
	assert_int_equal(decode(bytes, len + 1, PG_NUMERIC, scratch, &c), PG_MALFORMED);
}

static void test_numerics(void **state)
{
	static const char *const cases[] = {
	    "0",
	    "0.0",
	    "0.00000",
	    "10",
	    "9999",
	    "-10000",
	    "99999999",
	    "100000000",
	    "1.0",
	    "1.5000",
	    "-0.5",
	    "0.0001",
	    "0.00001",
	    "0.00010",
	    "10000.0001",
	    "0.00000000000000000001",
	    "-0.00000000000000000001",
	    "1.00000000000000000001",
	    "12345.67890",
	    "123456789012345678901234567890.123456789",
	    "-170141183460469231731687303715884105728",
	    "100000000000000000000000000000000000000",
	    "79228162514264337593543950336.0000000000000000000000000000",
	};
	/* By hand, not by the encoder: 1e-20. */
	static const char tiny[] = {0, 1, (char)0xff, (char)0xfb, 0, 0, 0, 20, 0, 1};
	struct pg_scratch scratch = {0};
	struct defsync_cell c;
	char bytes[1024];
	size_t i;

	(void)state;
	assert_int_equal(encode_numeric("0.00000000000000000001", bytes), sizeof(tiny));
	assert_memory_equal(bytes, tiny, sizeof(tiny));
	for (i = 0; i < N(cases); i++)
		check_numeric(cases[i], &scratch);
	/* PostgreSQL 14 has infinities; a NaN may have a scale. */
	assert_int_equal(decode("\0\0\0\0\xc0\0\0\7", 8, PG_NUMERIC, &scratch, &c), PG_NOT_FINITE);
	assert_int_equal(decode("\0\0\0\0\xd0\0\0\40", 8, PG_NUMERIC, &scratch, &c), PG_NOT_FINITE);
	assert_int_equal(decode("\0\0\0\0\xf0\0\0\40", 8, PG_NUMERIC, &scratch, &c), PG_NOT_FINITE);
	pg_scratch_done(&scratch);
}

/* Every length of either side of the point, with zeros where they are left out. */
static void test_numeric_lengths(void **state)
{
	static const char *const patterns[] = {"123456789", "1000000000000", "9", "100020003"};
	struct pg_scratch scratch = {0};
	unsigned whole, scale, i;

	(void)state;
	for (whole = 1; whole <= 21; whole++) {
		for (scale = 0; scale <= 21; scale++) {
			const char *digits = patterns[(whole + scale) % N(patterns)];
			char text[64], *p = text;

			if (scale % 2)
				*p++ = '-';
			for (i = 0; i < whole; i++)
				*p++ = digits[i % strlen(digits)];
			if (scale)
				*p++ = '.';
			for (i = 0; i < scale; i++)
				*p++ = digits[(i + 1) % strlen(digits)];
			*p = '\0';
			check_numeric(text, &scratch);
			pg_scratch_rewind(&scratch);
		}
	}
	pg_scratch_done(&scratch);
}

/* A row with more digits than the scratch has room: all of it stays until the next. */
static void test_numeric_rows(void **state)
{
	enum {
		CELLS = 600
	};
	struct pg_scratch scratch = {0};
	struct defsync_cell *cells = calloc(CELLS, sizeof(*cells));
	char bytes[64], text[32];
	int row, i;

	(void)state;
	assert_non_null(cells);
	for (row = 0; row < 3; row++) {
		for (i = 0; i < CELLS; i++) {
			(void)snprintf(text, sizeof(text), "-%d.%05d", row * 77777 + i, i);
			assert_int_equal(decode(bytes, encode_numeric(text, bytes), PG_NUMERIC,
						&scratch, &cells[i]),
					 PG_OK);
		}
		for (i = 0; i < CELLS; i++) {
			(void)snprintf(text, sizeof(text), "-%d.%05d", row * 77777 + i, i);
			assert_int_equal(cells[i].v.data.len, strlen(text));
			assert_memory_equal(cells[i].v.data.ptr, text, strlen(text));
		}
		pg_scratch_rewind(&scratch);
		assert_int_equal(scratch.used, 0);
		assert_null(scratch.more.first);
	}
	free(cells);
	pg_scratch_done(&scratch);
}

static void test_floats(void **state)
{
	static const struct {
		enum pg_wire wire;
		uint64_t bits;
		double want;
	} cases[] = {
	    {PG_FLOAT4, 0x00000000, 0.0},
	    {PG_FLOAT4, 0x80000000, -0.0},
	    {PG_FLOAT4, 0x3dcccccd, 0.1},
	    {PG_FLOAT4, 0xc0490fdb, -3.1415927},
	    {PG_FLOAT4, 0x7f7fffff, 3.4028235e38},
	    {PG_FLOAT4, 0x7f800000, INFINITY},
	    {PG_FLOAT4, 0xff800000, -INFINITY},
	    {PG_FLOAT4, 0x7fc00000, NAN},
	    {PG_FLOAT8, 0x0000000000000000, 0.0},
	    {PG_FLOAT8, 0x8000000000000000, -0.0},
	    {PG_FLOAT8, 0x3fb999999999999a, 0.1},
	    {PG_FLOAT8, 0x0000000000000001, 0x1p-1074},
	    {PG_FLOAT8, 0x7fefffffffffffff, 0x1.fffffffffffffp+1023},
	    {PG_FLOAT8, 0x7ff0000000000000, INFINITY},
	    {PG_FLOAT8, 0xfff0000000000000, -INFINITY},
	    {PG_FLOAT8, 0x7ff8000000000000, NAN},
	};
	struct defsync_cell c;
	char bytes[8];
	size_t i;

	(void)state;
	for (i = 0; i < N(cases); i++) {
		size_t len = cases[i].wire == PG_FLOAT4 ? 4 : 8;
		double want = cases[i].want;

		(void)put(bytes, cases[i].bits, (int)len);
		assert_int_equal(decode(bytes, len, cases[i].wire, NULL, &c), PG_OK);
		if (isnan(want) ? !isnan(c.v.f64)
				: c.v.f64 != want || !signbit(c.v.f64) != !signbit(want))
			fail_msg("case %zu: %.17g", i, c.v.f64);
	}
}

/* ---- Times, bits and bytes ------------------------------------------------------------ */

static void test_times(void **state)
{
	static const int64_t epoch = INT64_C(946684800000000);
	static const struct {
		enum pg_wire wire;
		int64_t sent;
		enum pg_decoded how;
		int64_t want;
	} cases[] = {
	    {PG_DATE, 8825, PG_OK, 19782},	      /* 2024-02-29 */
	    {PG_DATE, -730119, PG_OK, -719162},	      /* 0001-01-01 */
	    {PG_DATE, -2451507, PG_OK, -2440550},     /* 4713-01-01 BC */
	    {PG_DATE, 2145031948, PG_OK, 2145042905}, /* 5874897-12-31 */
	    {PG_DATE, INT32_MAX - 1, PG_OK, INT64_C(2147494603)},
	    {PG_DATE, INT32_MAX, PG_INFINITE, 0},
	    {PG_DATE, INT32_MIN, PG_INFINITE, 0},
	    {PG_TIME, 0, PG_OK, 0},
	    {PG_TIME, INT64_C(86399999999), PG_OK, INT64_C(86399999999)},
	    {PG_TIMESTAMP, INT64_C(760010400123456), PG_OK, INT64_C(1706695200123456)},
	    {PG_TIMESTAMP, INT64_C(-946684800000001), PG_OK, -1},
	    {PG_TIMESTAMP, INT64_C(-211813488000000000), PG_OK, INT64_C(-210866803200000000)},
	    {PG_TIMESTAMP, INT64_MAX - epoch, PG_OK, INT64_MAX},
	    {PG_TIMESTAMP, INT64_MAX - epoch + 1, PG_OUT_OF_RANGE, 0},
	    {PG_TIMESTAMP, INT64_C(9223371331199999999), PG_OUT_OF_RANGE, 0},
	    {PG_TIMESTAMP, INT64_MAX, PG_INFINITE, 0},
	    {PG_TIMESTAMP, INT64_MIN, PG_INFINITE, 0},
	    {PG_TIMESTAMPTZ, INT64_C(760010400123456), PG_OK, INT64_C(1706695200123456)},
	    {PG_TIMESTAMPTZ, INT64_MAX - epoch + 1, PG_OUT_OF_RANGE, 0},
	    {PG_TIMESTAMPTZ, INT64_MAX, PG_INFINITE, 0},
	    {PG_TIMESTAMPTZ, INT64_MIN, PG_INFINITE, 0},
	};
	struct defsync_cell c;
	char bytes[8];
	size_t i;

	(void)state;
	for (i = 0; i < N(cases); i++) {
		size_t len = cases[i].wire == PG_DATE ? 4 : 8;
		enum pg_decoded how;

		(void)put(bytes, (uint64_t)cases[i].sent, (int)len);
		how = decode(bytes, len, cases[i].wire, NULL, &c);
		if (how != cases[i].how || (how == PG_OK && c.v.i64 != cases[i].want))
			fail_msg("case %zu: %d, %lld", i, how, (long long)c.v.i64);
	}
}

/* The one length of each, and not a byte less or more. */
static void test_lengths(void **state)
{
	static const struct {
		enum pg_wire wire;
		size_t len;
	} cases[] = {
	    {PG_BOOL, 1}, {PG_INT2, 2},	     {PG_INT4, 4},	  {PG_INT8, 8},
	    {PG_OID, 4},  {PG_FLOAT4, 4},    {PG_FLOAT8, 8},	  {PG_DATE, 4},
	    {PG_TIME, 8}, {PG_TIMESTAMP, 8}, {PG_TIMESTAMPTZ, 8}, {PG_UUID, 16},
	};
	static const char zeros[32];
	struct defsync_cell c;
	size_t i, len;

	(void)state;
	for (i = 0; i < N(cases); i++) {
		for (len = 0; len < sizeof(zeros); len++) {
			enum pg_decoded how = decode(zeros, len, cases[i].wire, NULL, &c);

			if (how != (len == cases[i].len ? PG_OK : PG_MALFORMED))
				fail_msg("wire %d of %zu bytes: %d", cases[i].wire, len, how);
		}
	}
}

/* bit(n): n, then the bits from the left. */
static void test_bits(void **state)
{
	static const uint64_t value = UINT64_C(0xa5c3f00f12345679);
	struct defsync_cell c;
	char bytes[16];
	unsigned n;

	(void)state;
	for (n = 1; n <= 64; n++) {
		uint64_t want = value >> (64 - n);
		size_t len = 4 + (n + 7) / 8;

		(void)put(put(bytes, n, 4), want << (64 - n), 8);
		assert_int_equal(decode(bytes, len, PG_BIT, NULL, &c), PG_OK);
		assert_true(c.v.u64 == want);
		assert_int_equal(decode(bytes, len - 1, PG_BIT, NULL, &c), PG_MALFORMED);
		assert_int_equal(decode(bytes, len + 1, PG_BIT, NULL, &c), PG_MALFORMED);
		/* A column that has become wider is no boolean, whatever is in it. */
		(void)put(put(bytes, n, 4), 0, 8);
		assert_int_equal(decode(bytes, len, PG_BIT1, NULL, &c),
				 n == 1 ? PG_OK : PG_MALFORMED);
	}
	(void)put(bytes, 0, 5);
	assert_int_equal(decode(bytes, 4, PG_BIT, NULL, &c), PG_MALFORMED);
	assert_int_equal(decode(bytes, 5, PG_BIT1, NULL, &c), PG_MALFORMED);
	/* A length whose bytes do not fit into 32 bits. */
	(void)put(bytes, 0xffffffff, 4);
	assert_int_equal(decode(bytes, 4, PG_BIT, NULL, &c), PG_MALFORMED);
}

/* Borrowed, byte by byte as they came. */
static void test_data(void **state)
{
	static const struct {
		enum pg_wire wire;
		const char *sent;
		size_t len, skip;
	} cases[] = {
	    {PG_TEXT, "a\xc3\xa9", 3, 0},
	    {PG_TEXT, "", 0, 0},
	    {PG_BYTEA, "\0\xff\0", 3, 0},
	    {PG_BYTEA, "", 0, 0},
	    {PG_JSON, "[1, null]", 9, 0},
	    {PG_JSONB, "\1[1, null]", 10, 1},
	    {PG_JSONB, "\1", 1, 1},
	    {PG_UUID, "\0\1\2\3\4\5\6\7\x8\x9\xa\xb\xc\xd\xe\xff", 16, 0},
	};
	static const char bad_versions[][3] = {"\0{", "\2{", "{}", "\x81{"};
	struct defsync_cell c;
	size_t i;

	(void)state;
	for (i = 0; i < N(cases); i++) {
		c.reserved = 7;
		assert_int_equal(pg_decode(cases[i].sent, cases[i].len, cases[i].wire, NULL, &c),
				 PG_OK);
		assert_int_equal(c.reserved, 0);
		assert_int_equal(c.type, pg_wire_type(cases[i].wire));
		assert_ptr_equal(c.v.data.ptr, cases[i].sent + cases[i].skip);
		assert_int_equal(c.v.data.len, cases[i].len - cases[i].skip);
	}
	for (i = 0; i < N(bad_versions); i++)
		assert_int_equal(decode(bad_versions[i], 2, PG_JSONB, NULL, &c), PG_MALFORMED);
	assert_int_equal(decode("", 0, PG_JSONB, NULL, &c), PG_MALFORMED);
}

/* ---- SQL ------------------------------------------------------------------------------ */

#define AS_TEXT "\"x\"::pg_catalog.text"
#define AS_JSON "pg_catalog.to_json(\"x\")"

static void test_selects(void **state)
{
	/* What is selected (NULL: the column), and what a parameter is cast to. */
	static const struct {
		struct pg_catalog_type type;
		const char *select, *cast, *order;
		bool key;
	} cases[] = {
	    {{23, -1, 'b', false, "int4"}, NULL, "given", NULL, true},
	    {{1700, -1, 'b', false, "numeric"}, NULL, "given", NULL, true},
	    {{2950, -1, 'b', false, "uuid"}, NULL, "given", NULL, true},
	    {{1043, 24, 'b', false, "varchar"}, NULL, "pg_catalog.text", NULL, true},
	    {{1042, -1, 'b', false, "bpchar"}, NULL, "pg_catalog.bpchar", NULL, false},
	    {{790, -1, 'b', false, "money"}, AS_TEXT, "given", NULL, false},
	    {{1186, -1, 'b', false, "interval"}, AS_TEXT, "given", NULL, false},
	    {{869, -1, 'b', false, "inet"}, AS_TEXT, "given", NULL, true},
	    {{700, -1, 'b', false, "float4"}, NULL, "given", NULL, false},
	    {{3802, -1, 'b', false, "jsonb"}, NULL, "given", NULL, false},
	    {{1009, -1, 'b', true, "_text"}, AS_JSON, "given", NULL, false},
	    {{70000, -1, 'c', false, "pair"}, AS_JSON, "given", NULL, false},
	    {{2249, -1, 'p', false, "record"}, AS_JSON, "given", NULL, false},
	    {{70000, -1, 'e', false, "mood"}, NULL, "given", NULL, true},
	    {{70000, -1, 'r', false, "int4range"}, AS_TEXT, "given", NULL, false},
	    {{70000, -1, 'b', false, "citext"},
	     NULL,
	     "pg_catalog.text",
	     AS_TEXT " COLLATE \"C\"",
	     true},
	};
	struct pool pool = {0};
	size_t i;

	(void)state;
	for (i = 0; i < N(cases); i++) {
		struct reader_column c = {.quoted = "\"x\""};
		const char *want = cases[i].select, *order = cases[i].order;

		assert_true(pg_column_set(&pool, &cases[i].type, 3, "given", true, 150000, &c));
		if (want ? !c.select || strcmp(c.select, want) != 0 : c.select != NULL)
			fail_msg("%s: %s", cases[i].type.name, c.select);
		if (order ? !c.order || strcmp(c.order, order) != 0 : c.order != NULL)
			fail_msg("%s: order %s", cases[i].type.name, c.order);
		if ((c.key_refusal == NULL) != cases[i].key)
			fail_msg("%s: %s", cases[i].type.name, c.key_refusal);
		assert_string_equal(pg_column_of(&c)->cast, cases[i].cast);
		assert_int_equal(pg_column_of(&c)->number, 3);
		assert_int_equal(pg_column_of(&c)->result, pg_type_result(&cases[i].type));
		assert_int_equal(c.type, pg_wire_type((enum pg_wire)c.wire));
	}
	pool_done(&pool);
}

/* Values without an end are none, from the version on that has them. */
static void test_missing(void **state)
{
	static const struct {
		uint32_t oid;
		bool nullable;
		int version;
		const char *missing, *present;
	} cases[] = {
	    {20, true, 150000, NULL, NULL},
	    {1082, false, 90600, "\"x\" = 'infinity' OR \"x\" = '-infinity'",
	     "\"x\" > '-infinity' AND \"x\" < 'infinity'"},
	    {1114, true, 150000, "\"x\" IS NULL OR \"x\" = 'infinity' OR \"x\" = '-infinity'",
	     "\"x\" > '-infinity' AND \"x\" < 'infinity'"},
	    {1700, true, 139999, "\"x\" IS NULL OR \"x\" = 'NaN'", "\"x\" < 'NaN'"},
	    {1700, false, 140000, "\"x\" = 'NaN' OR \"x\" = 'Infinity' OR \"x\" = '-Infinity'",
	     "\"x\" > '-Infinity' AND \"x\" < 'Infinity'"},
	};
	struct pool pool = {0};
	size_t i;

	(void)state;
	for (i = 0; i < N(cases); i++) {
		const struct pg_catalog_type t = {cases[i].oid, -1, 'b', false, "t"};
		struct reader_column c = {.quoted = "\"x\"", .nullable = cases[i].nullable};

		assert_true(pg_column_set(&pool, &t, 1, "t", true, cases[i].version, &c));
		if (!cases[i].missing) {
			assert_null(c.missing);
			assert_null(c.present);
			continue;
		}
		assert_string_equal(c.missing, cases[i].missing);
		assert_string_equal(c.present, cases[i].present);
	}
	pool_done(&pool);
}

static void test_params(void **state)
{
	struct pg_column a = {.cast = "integer"}, b = {.cast = "pg_catalog.text"};
	const struct reader_column first = {.wire_detail = (int64_t)(intptr_t)&a},
				   second = {.wire_detail = (int64_t)(intptr_t)&b};
	const struct reader_column *const columns[] = {&first, &second};
	struct text t;

	(void)state;
	text_init(&t, 100);
	text_str(&t, "$1 = ");
	pg_param(&t, 1, 1, (void *)(intptr_t)columns);
	text_str(&t, ", ");
	pg_param(&t, 12, 0, (void *)(intptr_t)columns);
	assert_string_equal(text_get(&t), "$1 = \0011\001::pg_catalog.text, \00112\001::integer");
	text_done(&t);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_numerics),	 cmocka_unit_test(test_numeric_lengths),
	    cmocka_unit_test(test_numeric_rows), cmocka_unit_test(test_floats),
	    cmocka_unit_test(test_times),	 cmocka_unit_test(test_lengths),
	    cmocka_unit_test(test_bits),	 cmocka_unit_test(test_data),
	    cmocka_unit_test(test_selects),	 cmocka_unit_test(test_missing),
	    cmocka_unit_test(test_params),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
