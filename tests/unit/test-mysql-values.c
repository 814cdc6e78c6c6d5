/* SPDX-License-Identifier: MIT */
/* The mysql source: types by declaration, decoding, parameters, dates and times. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "my.h"
#include "plugin-host.h"

static void apply(const char *data_type, const char *column_type, bool json, bool tinyint1,
		  struct pool *pool, struct reader_column *c)
{
	const struct my_declared d = {.data_type = data_type,
				      .column_type = column_type,
				      .collation = "latin1_swedish_ci",
				      .octets = -1,
				      .digits = 3,
				      .json = json,
				      .tinyint1_bool = tinyint1,
				      .mariadb = true};

	*c = (struct reader_column){.name = "c", .quoted = "`c`"};
	assert_true(my_type_apply(&d, pool, c));
}

static void test_types(void **state)
{
	static const struct {
		const char *data_type, *column_type;
		uint32_t type, wire;
		enum reader_kind kind;
		bool key;
		const char *select;
	} cases[] = {
	    {"tinyint", "tinyint(1)", DEFSYNC_INT64, MY_WIRE_INT, READER_INTEGER, true, "`c`"},
	    {"int", "int(10) unsigned", DEFSYNC_INT64, MY_WIRE_SMALLER, READER_INTEGER, true,
	     "`c`"},
	    {"bigint", "bigint(20)", DEFSYNC_INT64, MY_WIRE_INT, READER_INTEGER, true, "`c`"},
	    {"bigint", "bigint(20) unsigned", DEFSYNC_UINT64, MY_WIRE_UINT, READER_INTEGER, true,
	     "`c`"},
	    {"BIGINT", "bigint unsigned", DEFSYNC_UINT64, MY_WIRE_UINT, READER_INTEGER, true,
	     "`c`"},
	    {"decimal", "decimal(12,2)", DEFSYNC_DECIMAL, MY_WIRE_DECIMAL, READER_TEXT, true,
	     "`c`"},
	    {"float", "float", DEFSYNC_DOUBLE, MY_WIRE_FLOAT, READER_NONE, false, "`c`"},
	    {"double", "double unsigned", DEFSYNC_DOUBLE, MY_WIRE_DOUBLE, READER_NONE, false,
	     "`c`"},
	    {"bit", "bit(1)", DEFSYNC_BOOL, MY_WIRE_BOOL, READER_NONE, true,
	     "CAST(`c` AS UNSIGNED)"},
	    {"bit", "bit(8)", DEFSYNC_UINT64, MY_WIRE_UINT, READER_NONE, true,
	     "CAST(`c` AS UNSIGNED)"},
	    {"varchar", "varchar(20)", DEFSYNC_TEXT, MY_WIRE_TEXT, READER_TEXT, true, "`c`"},
	    {"varbinary", "varbinary(20)", DEFSYNC_BYTES, MY_WIRE_BYTES, READER_NONE, true, "`c`"},
	    {"enum", "enum('a')", DEFSYNC_TEXT, MY_WIRE_TEXT, READER_NONE, true, "`c`"},
	    {"set", "set('a')", DEFSYNC_JSON, MY_WIRE_SET, READER_NONE, false, "`c`"},
	    {"json", "json", DEFSYNC_JSON, MY_WIRE_JSON, READER_NONE, false, "`c`"},
	    {"date", "date", DEFSYNC_DATE, MY_WIRE_DATE, READER_TIME, true, "`c`"},
	    {"datetime", "datetime(3)", DEFSYNC_TIMESTAMP_LOCAL, MY_WIRE_DATETIME, READER_TIME,
	     true, "`c`"},
	    {"timestamp", "timestamp(3)", DEFSYNC_TIMESTAMP, MY_WIRE_TIMESTAMP, READER_TIME, true,
	     "`c`"},
	    {"time", "time(3)", DEFSYNC_TIME, MY_WIRE_TIME, READER_NONE, true, "`c`"},
	    {"year", "year(4)", DEFSYNC_INT64, MY_WIRE_SMALLER, READER_INTEGER, true, "`c`"},
	    {"uuid", "uuid", DEFSYNC_TEXT, MY_WIRE_TEXT, READER_NONE, true, "`c`"},
	    {"point", "point", DEFSYNC_TEXT, MY_WIRE_TEXT, READER_NONE, false, "ST_AsText(`c`)"},
	    {"novelty", "novelty(7)", DEFSYNC_TEXT, MY_WIRE_TEXT, READER_NONE, true, "`c`"},
	};
	struct pool pool = {0};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct reader_column c;
		bool time = cases[i].kind == READER_TIME || cases[i].type == DEFSYNC_TIME;

		apply(cases[i].data_type, cases[i].column_type, false, false, &pool, &c);
		if (c.type != cases[i].type || c.wire != cases[i].wire || c.kind != cases[i].kind ||
		    (c.key_refusal == NULL) != cases[i].key || strcmp(c.select, cases[i].select))
			fail_msg("%s: type %u wire %u kind %d key %s select %s",
				 cases[i].column_type, c.type, c.wire, c.kind, c.key_refusal,
				 c.select);
		assert_int_equal(c.digits, time ? 3 : 0);
		assert_true((c.kind == READER_NONE) == (c.refusal != NULL));
		assert_true((c.missing != NULL) == (c.kind == READER_TIME));
	}
	pool_done(&pool);
}

static void test_special_types(void **state)
{
	struct my_declared d = {.data_type = "varchar", .column_type = "varchar(9)", .octets = 9};
	struct reader_column c;
	struct pool pool = {0};

	(void)state;
	apply("longtext", "longtext", true, false, &pool, &c);
	assert_int_equal(c.type, DEFSYNC_JSON);
	apply("tinyint", "tinyint(1)", false, true, &pool, &c);
	assert_int_equal(c.type, DEFSYNC_BOOL);
	apply("tinyint", "tinyint(1) unsigned", false, true, &pool, &c);
	assert_int_equal(c.type, DEFSYNC_BOOL);
	apply("tinyint", "tinyint(4)", false, true, &pool, &c);
	assert_int_equal(c.type, DEFSYNC_INT64);
	/* MySQL 8.0.19 and later do not write the width, but for tinyint(1). */
	apply("tinyint", "tinyint", false, true, &pool, &c);
	assert_int_equal(c.type, DEFSYNC_INT64);
	/* Equal for the server, different for everyone else. */
	apply("varchar", "varchar(9)", false, false, &pool, &c);
	assert_string_equal(c.order_exact, "CAST(CONVERT(`c` USING utf8mb4) AS BINARY)");
	assert_null(c.order);
	apply("enum", "enum('a')", false, false, &pool, &c);
	assert_string_equal(c.order, "CAST(CONVERT(`c` USING utf8mb4) AS BINARY)");
	d.collation = "utf8mb4_bin"; /* "a" and "a " are equal */
	c = (struct reader_column){.name = "c", .quoted = "`c`"};
	assert_true(my_type_apply(&d, &pool, &c));
	assert_non_null(c.order_exact);
	assert_int_equal(c.wire_detail, 36);
	d.collation = "utf8mb4_nopad_bin";
	c = (struct reader_column){.name = "c", .quoted = "`c`"};
	assert_true(my_type_apply(&d, &pool, &c));
	assert_null(c.order_exact);
	pool_done(&pool);
}

/* The server sorts by a part of what is longer. */
static void test_long_types(void **state)
{
	static const struct {
		const char *data_type;
		int64_t octets;
		enum reader_kind kind;
		bool key;
	} cases[] = {
	    {"varchar", 3072, READER_TEXT, true},
	    {"text", 65535, READER_TEXT, true},
	    {"mediumtext", 16777215, READER_NONE, false},
	    {"longtext", INT64_C(4294967295), READER_NONE, false},
	    {"blob", 65535, READER_NONE, true},
	    {"mediumblob", 16777215, READER_NONE, false},
	    {"longblob", INT64_C(4294967295), READER_NONE, false},
	};
	struct pool pool = {0};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		const struct my_declared d = {.data_type = cases[i].data_type,
					      .column_type = cases[i].data_type,
					      .octets = cases[i].octets};
		struct reader_column c = {.name = "c", .quoted = "`c`"};

		assert_true(my_type_apply(&d, &pool, &c));
		if (c.kind != cases[i].kind || (c.key_refusal == NULL) != cases[i].key)
			fail_msg("%s: kind %d, key %s", cases[i].data_type, c.kind, c.key_refusal);
		assert_true((c.kind == READER_NONE) == (c.refusal != NULL));
	}
	pool_done(&pool);
}

/* ---- Decoding -------------------------------------------------------------------------- */

static void test_texts(void **state)
{
	static const struct {
		enum my_wire wire;
		const char *from, *to;
		uint32_t type;
	} cases[] = {
	    {MY_WIRE_TEXT, "", "", DEFSYNC_TEXT},
	    {MY_WIRE_TEXT, "abc", "abc", DEFSYNC_TEXT},
	    {MY_WIRE_BYTES, "\xff", "\xff", DEFSYNC_BYTES},
	    {MY_WIRE_JSON, "{}", "{}", DEFSYNC_JSON},
	    {MY_WIRE_DECIMAL, "-12.50", "-12.50", DEFSYNC_DECIMAL},
	    {MY_WIRE_DECIMAL, "0000012.50", "12.50", DEFSYNC_DECIMAL},
	    {MY_WIRE_DECIMAL, "000.50", "0.50", DEFSYNC_DECIMAL},
	    {MY_WIRE_DECIMAL, "0", "0", DEFSYNC_DECIMAL},
	    {MY_WIRE_SET, "", "[]", DEFSYNC_JSON},
	    {MY_WIRE_SET, "a", "[\"a\"]", DEFSYNC_JSON},
	    {MY_WIRE_SET, "a,b c,\xc3\xa9", "[\"a\",\"b c\",\"\xc3\xa9\"]", DEFSYNC_JSON},
	    {MY_WIRE_SET, "q\"\\\n", "[\"q\\\"\\\\\\u000a\"]", DEFSYNC_JSON},
	};
	char buffer[64];
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct my_field f = {
		    .wire = cases[i].wire, .buffer = buffer, .cap = sizeof(buffer)};
		struct defsync_cell cell = {0};
		MYSQL_BIND bind;

		text_init(&f.scratch, 1024);
		my_field_bind(&f, &bind);
		assert_ptr_equal(bind.buffer, buffer);
		f.length = strlen(cases[i].from);
		memcpy(buffer, cases[i].from, f.length);
		assert_int_equal(my_field_decode(&f, &cell), MY_VALUE_OK);
		assert_int_equal(cell.type, cases[i].type);
		assert_int_equal(cell.v.data.len, strlen(cases[i].to));
		assert_memory_equal(cell.v.data.ptr, cases[i].to, cell.v.data.len);
		f.is_null = true;
		assert_int_equal(my_field_decode(&f, &cell), MY_VALUE_OK);
		assert_int_equal(cell.type, DEFSYNC_NULL);
		text_done(&f.scratch);
	}
}

static void test_dates(void **state)
{
	static const struct {
		enum my_wire wire;
		unsigned year, month, day, hour, minute, second;
		unsigned long micros;
		enum my_decoded decoded;
		int64_t value;
	} cases[] = {
	    {MY_WIRE_DATE, 1970, 1, 1, 0, 0, 0, 0, MY_VALUE_OK, 0},
	    {MY_WIRE_DATE, 2024, 2, 29, 0, 0, 0, 0, MY_VALUE_OK, 19782},
	    {MY_WIRE_DATE, 1, 1, 1, 0, 0, 0, 0, MY_VALUE_OK, -719162},
	    {MY_WIRE_DATE, 9999, 12, 31, 0, 0, 0, 0, MY_VALUE_OK, 2932896},
	    {MY_WIRE_DATE, 0, 0, 0, 0, 0, 0, 0, MY_VALUE_ZERO_DATE, 0},
	    {MY_WIRE_DATE, 2024, 0, 0, 0, 0, 0, 0, MY_VALUE_ZERO_DATE, 0},
	    {MY_WIRE_DATE, 2024, 5, 0, 0, 0, 0, 0, MY_VALUE_ZERO_DATE, 0},
	    {MY_WIRE_DATE, 0, 5, 5, 0, 0, 0, 0, MY_VALUE_ZERO_DATE, 0},
	    {MY_WIRE_DATE, 2023, 2, 29, 0, 0, 0, 0, MY_VALUE_BAD_DATE, 0},
	    {MY_WIRE_DATE, 2024, 2, 31, 0, 0, 0, 0, MY_VALUE_BAD_DATE, 0},
	    {MY_WIRE_DATE, 1900, 2, 29, 0, 0, 0, 0, MY_VALUE_BAD_DATE, 0},
	    {MY_WIRE_DATETIME, 2024, 1, 31, 10, 0, 0, 123456, MY_VALUE_OK,
	     INT64_C(1706695200123456)},
	    {MY_WIRE_DATETIME, 1969, 12, 31, 23, 59, 59, 999999, MY_VALUE_OK, -1},
	    {MY_WIRE_TIMESTAMP, 2038, 1, 19, 3, 14, 7, 0, MY_VALUE_OK, INT64_C(2147483647000000)},
	    {MY_WIRE_TIMESTAMP, 0, 0, 0, 0, 0, 0, 0, MY_VALUE_ZERO_DATE, 0},
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct my_field f = {.wire = cases[i].wire};
		struct defsync_cell cell = {0};
		MYSQL_TIME *t = &f.v.time;

		t->year = cases[i].year;
		t->month = cases[i].month;
		t->day = cases[i].day;
		t->hour = cases[i].hour;
		t->minute = cases[i].minute;
		t->second = cases[i].second;
		t->second_part = cases[i].micros;
		assert_int_equal(my_field_decode(&f, &cell), cases[i].decoded);
		if (cases[i].decoded == MY_VALUE_OK)
			assert_int_equal(cell.v.i64, cases[i].value);
		else if (cases[i].decoded == MY_VALUE_ZERO_DATE)
			assert_int_equal(cell.type, DEFSYNC_NULL);
	}
}

static void test_clock(void **state)
{
	struct my_field f = {.wire = MY_WIRE_TIME};
	struct defsync_cell cell = {0};

	(void)state;
	/* The library gives the hours whole, the protocol days and hours. */
	f.v.time.hour = 838;
	f.v.time.minute = 59;
	f.v.time.second = 59;
	f.v.time.neg = true;
	assert_int_equal(my_field_decode(&f, &cell), MY_VALUE_OK);
	assert_int_equal(cell.v.i64, -INT64_C(3020399000000));
	f.v.time.day = 34;
	f.v.time.hour = 22;
	assert_int_equal(my_field_decode(&f, &cell), MY_VALUE_OK);
	assert_int_equal(cell.v.i64, -INT64_C(3020399000000));
}

static void test_numbers(void **state)
{
	struct my_field f = {.wire = MY_WIRE_UINT};
	struct defsync_cell cell = {0};

	(void)state;
	f.v.u64 = UINT64_MAX;
	assert_int_equal(my_field_decode(&f, &cell), MY_VALUE_OK);
	assert_int_equal(cell.type, DEFSYNC_UINT64);
	assert_true(cell.v.u64 == UINT64_MAX);
	f.wire = MY_WIRE_FLOAT;
	f.v.f32 = 0.1f;
	assert_int_equal(my_field_decode(&f, &cell), MY_VALUE_OK);
	assert_true(cell.v.f64 == (double)0.1f);
	f.wire = MY_WIRE_BOOL;
	f.v.u64 = 5;
	assert_int_equal(my_field_decode(&f, &cell), MY_VALUE_OK);
	assert_int_equal(cell.type, DEFSYNC_BOOL);
	assert_int_equal(cell.v.i64, 1);
	/* Cut by the library: the column has become larger. */
	f.error = true;
	assert_int_equal(my_field_decode(&f, &cell), MY_VALUE_BAD);
}

/* ---- Parameters and texts ------------------------------------------------------------------ */

static void test_round_trips(void **state)
{
	static const int64_t times[] = {0,
					-1,
					1,
					INT64_C(1706695200123456),
					-INT64_C(62135596800000000),
					INT64_C(253402300799999999)};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(times) / sizeof(times[0]); i++) {
		MYSQL_TIME t;

		my_time_from_us(times[i], &t);
		assert_int_equal(my_time_us(&t), times[i]);
		assert_int_equal(my_date_check(t.year, t.month, t.day), MY_DATE_GOOD);
		my_time_of_day(times[i] % INT64_C(3020399000000), &t);
		assert_int_equal(my_time_us(&t), times[i] % INT64_C(3020399000000));
	}
	for (i = 0; i < 3000000; i += 97) {
		MYSQL_TIME t;
		int64_t days = (int64_t)i - 719162;

		my_date_from_days(days, &t);
		if (t.year <= 9999)
			assert_int_equal(my_date_days(t.year, t.month, t.day), days);
	}
}

static void test_params(void **state)
{
	static const struct {
		uint32_t type;
		enum enum_field_types bound;
		bool is_unsigned;
	} cases[] = {
	    {DEFSYNC_INT64, MYSQL_TYPE_LONGLONG, false},
	    {DEFSYNC_UINT64, MYSQL_TYPE_LONGLONG, true},
	    {DEFSYNC_BOOL, MYSQL_TYPE_LONGLONG, false},
	    {DEFSYNC_DATE, MYSQL_TYPE_DATE, false},
	    {DEFSYNC_TIME, MYSQL_TYPE_TIME, false},
	    {DEFSYNC_TIMESTAMP, MYSQL_TYPE_DATETIME, false},
	    {DEFSYNC_TIMESTAMP_LOCAL, MYSQL_TYPE_DATETIME, false},
	    {DEFSYNC_NULL, MYSQL_TYPE_NULL, false},
	};
	struct defsync_cell text = {.type = DEFSYNC_TEXT, .v.data = {"abc", 3}};
	struct defsync_cell real = {.type = DEFSYNC_DOUBLE};
	struct my_param p = {.i64 = 0};
	MYSQL_BIND bind;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct defsync_cell cell = {.type = cases[i].type};

		assert_true(my_param_bind(&cell, &p, &bind));
		assert_int_equal(bind.buffer_type, cases[i].bound);
		assert_int_equal(bind.is_unsigned, cases[i].is_unsigned);
	}
	assert_true(my_param_bind(&text, &p, &bind));
	assert_int_equal(bind.buffer_type, MYSQL_TYPE_STRING);
	assert_int_equal(*bind.length, 3);
	text.type = DEFSYNC_DECIMAL;
	assert_true(my_param_bind(&text, &p, &bind));
	assert_int_equal(bind.buffer_type, MYSQL_TYPE_NEWDECIMAL);
	assert_false(my_param_bind(&real, &p, &bind));
}

static void test_parse(void **state)
{
	static const struct {
		uint32_t type;
		const char *text;
		bool good;
		int64_t value; /* of what is a number */
	} cases[] = {
	    {DEFSYNC_INT64, "17", true, 17},
	    {DEFSYNC_INT64, "-17", true, -17},
	    {DEFSYNC_INT64, "17.5", false, 0},
	    {DEFSYNC_INT64, "9223372036854775808", false, 0},
	    {DEFSYNC_UINT64, "18446744073709551615", true, -1},
	    {DEFSYNC_UINT64, "-1", false, 0},
	    {DEFSYNC_UINT64, "18446744073709551616", false, 0},
	    {DEFSYNC_BOOL, "true", true, 1},
	    {DEFSYNC_BOOL, "0", true, 0},
	    {DEFSYNC_BOOL, "2", false, 0},
	    {DEFSYNC_DATE, "2024-02-29", true, 19782},
	    {DEFSYNC_DATE, "2023-02-29", false, 0},
	    {DEFSYNC_DATE, "2024-02-29 00:00:00", false, 0},
	    {DEFSYNC_TIMESTAMP, "2024-01-31T10:00:00.123456Z", true, INT64_C(1706695200123456)},
	    {DEFSYNC_TIMESTAMP, "2024-01-31 11:00:00+01:00", true, INT64_C(1706695200000000)},
	    {DEFSYNC_TIMESTAMP, "2024-01-31 10:00", true, INT64_C(1706695200000000)},
	    {DEFSYNC_TIMESTAMP, "2024-01-31", true, INT64_C(1706659200000000)},
	    {DEFSYNC_TIMESTAMP, "2024-01-31 24:00:00", false, 0},
	    {DEFSYNC_TIMESTAMP, "2024-01-31 10:00:00.1234567", false, 0},
	    {DEFSYNC_TIMESTAMP, "2024-01-31 10:00:00x", false, 0},
	    {DEFSYNC_TIMESTAMP, "yesterday", false, 0},
	    {DEFSYNC_TIMESTAMP, "", false, 0},
	    {DEFSYNC_TIMESTAMP_LOCAL, "2024-01-31T10:00:00", true, INT64_C(1706695200000000)},
	    {DEFSYNC_TIMESTAMP_LOCAL, "2024-01-31T10:00:00Z", false, 0},
	    {DEFSYNC_TIME, "-838:59:59.000000", true, -INT64_C(3020399000000)},
	    {DEFSYNC_TIME, "10:00", true, INT64_C(36000000000)},
	    {DEFSYNC_TIME, "1:00", false, 0},
	    {DEFSYNC_DECIMAL, "-12.50", true, 0},
	    {DEFSYNC_DECIMAL, "12.", false, 0},
	    {DEFSYNC_DECIMAL, ".5", false, 0},
	    {DEFSYNC_DECIMAL, "1e5", false, 0},
	    {DEFSYNC_DECIMAL, "", false, 0},
	    {DEFSYNC_TEXT, "", true, 0},
	    {DEFSYNC_TEXT, "abc", true, 0},
	    {DEFSYNC_JSON, "{}", false, 0},
	};
	struct plugin_host host;
	struct my_source s = {.db = NULL};
	size_t i;

	(void)state;
	plugin_host_init(&host, NULL);
	s.reader.host = &host.services;
	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		const struct reader_column c = {.name = "c", .type = cases[i].type};
		const struct defsync_cell given = {
		    .type = DEFSYNC_TEXT, .v.data = {cases[i].text, strlen(cases[i].text)}};
		struct reader_value v = {.owned = NULL};
		int32_t rc = my_parse(&s.reader, &c, &given, &v);

		if (rc != (cases[i].good ? 0 : DEFSYNC_E_CONFIG))
			fail_msg("'%s' as %u: %d", cases[i].text, cases[i].type, rc);
		if (rc == 0 && cases[i].value)
			assert_int_equal(v.cell.v.i64, cases[i].value);
		reader_value_done(&v);
	}
	assert_int_equal(host.fails, 0);
	plugin_host_done(&host);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_types),      cmocka_unit_test(test_special_types),
	    cmocka_unit_test(test_long_types), cmocka_unit_test(test_texts),
	    cmocka_unit_test(test_dates),      cmocka_unit_test(test_clock),
	    cmocka_unit_test(test_numbers),    cmocka_unit_test(test_round_trips),
	    cmocka_unit_test(test_params),     cmocka_unit_test(test_parse),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
