/* SPDX-License-Identifier: MIT */
/* The sqlite source: cells, types, dates and digits. */

#include "sqlite-fixture.h"

#include <math.h>

#include "sl.h"

static void test_cells(void **state)
{
	/* declared type, override, value as SQL, cell; NULL: a row of its own in the dead letters. */
	static const struct {
		const char *declared, *type, *value, *cell;
	} cases[] = {
	    {"", NULL, "NULL", "NULL"},
	    {"", NULL, "17", "17"},
	    {"", NULL, "0.1", "0.10000000000000001d"},
	    {"", NULL, "9e999", "infd"},
	    {"", NULL, "'text'", "text"},
	    {"", NULL, "''", ""},
	    {"", NULL, "x''", "x"},
	    {"", NULL, "x'00ff'", "x00ff"},
	    {"INTEGER", NULL, "'abc'", "abc"},
	    {"REAL", NULL, "1", "1d"},
	    {"DATETIME", NULL, "'2024-01-01'", "2024-01-01"},
	    {"DECIMAL(10,2)", NULL, "12.5", "12.5n"},
	    {"DECIMAL(10,2)", NULL, "12", "12n"},
	    {"numeric(9, 2)", NULL, "-0.07", "-0.07n"},
	    {"NUMERIC", NULL, "1e22", "10000000000000000000000n"},
	    {"NUMERIC", NULL, "1e-7", "0.0000001n"},
	    {"NUMERIC", NULL, "'12345678901234567890.5'", "12345678901234567000n"},
	    {"NUMERIC", NULL, "'abc'", NULL},
	    {"NUMERIC", NULL, "9e999", NULL},
	    {"NUMERIC", NULL, "x'31'", NULL},
	    {"BOOLEAN", NULL, "1", "1b"},
	    {"bool", NULL, "0", "0b"},
	    {"BOOLEAN", NULL, "2", NULL},
	    {"BOOLEAN", NULL, "'yes'", NULL},
	    {"BOOLEAN", NULL, "NULL", "NULL"},
	    {"TEXT", "decimal", "'12345678901234567890.50'", "12345678901234567890.50n"},
	    {"TEXT", "decimal", "'1e5'", NULL},
	    {"TEXT", "decimal", "'.5'", NULL},
	    {"TEXT", "decimal", "'5.'", NULL},
	    {"TEXT", "decimal", "'-'", NULL},
	    {"TEXT", "decimal", "''", NULL},
	    {"", "int", "3.0", "3"},
	    {"", "int", "3.5", NULL},
	    {"", "int", "'3'", NULL},
	    {"", "double", "3", "3d"},
	    {"", "double", "9007199254740993", NULL},
	    {"BOOLEAN", "text", "1", "1"},
	    {"", "text", "0.1", "0.1"},
	    {"", "bytes", "'ab'", "x6162"},
	    {"", "bytes", "1", NULL},
	    {"", "json", "'{\"a\":1}'", "{\"a\":1}j"},
	    {"", "json", "x'00'", NULL},
	    {"", "date", "'1970-01-02'", "1D"},
	    {"", "date", "'1969-12-31'", "-1D"},
	    {"", "date", "'2024-02-29'", "19782D"},
	    {"", "date", "'0000-03-01'", "-719468D"},
	    {"", "date", "'2024-01-01 00:00:00'", NULL},
	    {"", "date", "'01/02/2024'", NULL},
	    {"", "timestamp", "'1970-01-01 00:00:01.5'", "1500000T"},
	    {"", "timestamp", "'1970-01-01T02:00:00+02:00'", "0T"},
	    {"", "timestamp", "'9999-12-31T23:59:59.999999000Z'", "253402300799999999T"},
	    {"", "timestamp", "'9999-12-31T23:59:59.9999999Z'", NULL},
	    {"", "timestamp", "'2023-02-29 00:00:00'", NULL},
	    {"", "timestamp", "'2024-02-29'", "1709164800000000T"},
	    {"", "date", "'2023-02-30'", NULL},
	    {"", "date", "'2024-04-31'", NULL},
	    {"", "timestamp", "5", NULL},
	    {"", "unix", "5", "5000000T"},
	    {"", "unix", "9223372036854775807", NULL},
	    {"", "unix_ms", "-5", "-5000T"},
	    {"", "unix_ms", "5.5", NULL},
	};
	struct fixture *f = *state;
	size_t i;

	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct defsync_request q = fx_request("t", NULL);
		struct reading r;
		char sql[256], type[40];

		(void)snprintf(sql, sizeof(sql),
			       "CREATE TABLE t(v %s); INSERT INTO t VALUES(%s),(NULL)",
			       cases[i].declared, cases[i].value);
		fx_sql(f, sql);
		(void)snprintf(type, sizeof(type), "V=%s", cases[i].type ? cases[i].type : "");
		f->options[3] = (struct plugin_host_option){cases[i].type ? "types" : NULL, type};
		fx_connect(f);
		r = fx_read(f, &q);
		if (r.rc != DEFSYNC_END || r.n != 3)
			fail_msg("case %zu: %s", i, f->host.text);
		if (r.rows[0].rc != (cases[i].cell ? DEFSYNC_ROW : DEFSYNC_E_BAD_ROW))
			fail_msg("case %zu: %s as %s gave %d", i, cases[i].value,
				 cases[i].type ? cases[i].type : cases[i].declared, r.rows[0].rc);
		if (cases[i].cell)
			assert_string_equal(r.rows[0].text, cases[i].cell);
		/* A bad row is a safe point too: it goes to the dead letters. */
		assert_non_null(r.rows[0].checkpoint);
		assert_int_equal(r.rows[1].rc, DEFSYNC_ROW);
		fx_done(&r);
		f->source->disconnect(f->instance);
		fx_sql(f, "DROP TABLE t");
	}
	f->options[3].name = NULL;
}

static void test_types_refused(void **state)
{
	static const char *const bad[] = {"v=money", "nope=int", "v", "=int", "v="};
	struct fixture *f = *state;
	struct defsync_request q = fx_request("t", NULL);
	size_t i;

	fx_sql(f, "CREATE TABLE t(v)");
	fx_connect(f);
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		struct reading r;

		f->options[3] = (struct plugin_host_option){"types", bad[i]};
		r = fx_read(f, &q);
		fx_assert_fails(f, &r, DEFSYNC_E_CONFIG, "types: ");
	}
	f->options[3].name = NULL;
}

/* Random doubles come back as the same double, without an exponent. */
static void test_decimals(void **state)
{
	static const double fixed[] = {5e-324,
				       1.7976931348623157e308,
				       2.2250738585072014e-308,
				       0.1,
				       123456789.123456789,
				       -1.5,
				       1e15,
				       1e16,
				       9007199254740993.0};
	char out[SL_DECIMAL_MAX + 1];
	uint64_t bits = 88172645463325252u;
	int i;

	(void)state;
	for (i = 0; i < 20000; i++) {
		double v;
		size_t n;

		bits ^= bits << 13;
		bits ^= bits >> 7;
		bits ^= bits << 17;
		memcpy(&v, &bits, sizeof(v));
		if (i < 9)
			v = fixed[i];
		n = sl_decimal_print(v, out);
		assert_true(n < SL_DECIMAL_MAX);
		out[n] = '\0';
		if (!isfinite(v)) {
			assert_int_equal(n, 0);
			continue;
		}
		assert_true(strtod(out, NULL) == v);
		assert_null(strpbrk(out, "eE+"));
	}
	assert_int_equal(sl_decimal_print(-0.0, out), 1);
	out[sl_decimal_print(0.3, out)] = '\0';
	assert_string_equal(out, "0.3");
}

static void test_iso(void **state)
{
	static const char *const bad[] = {"",
					  "2024-1-01",
					  "2024-00-01",
					  "2024-13-01",
					  "2024-01-32",
					  "2024/01/01",
					  "2024-01-01 ",
					  "2024-01-01 10:00",
					  "2024-01-01 24:00:00",
					  "2024-01-01 10:60:00",
					  "2024-01-01 10:00:60",
					  "2024-01-01 10:00:00.",
					  "2024-01-01 10:00:00.Z",
					  "2024-01-01 10:00:00z",
					  "2024-01-01 10:00:00Zx",
					  "2024-01-01 10:00:00+0200",
					  "2024-01-01 10:00:00+15:00",
					  "2024-01-01x10:00:00",
					  "-024-01-01"};
	struct iso t, u;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		if (iso_parse(bad[i], strlen(bad[i]), &t))
			fail_msg("'%s' was taken for a date", bad[i]);
	}
	assert_true(iso_parse("2024-01-01T10:00:00-05:30", 25, &t));
	assert_int_equal(t.offset, -330);
	assert_true(iso_micros(&t) == INT64_C(1704123000000000));
	assert_true(iso_parse("2024-01-01T10:00:00.5", 21, &t));
	assert_true(iso_parse("2024-01-01T10:00:00", 19, &u));
	assert_true(iso_same_form(&t, &u));
	assert_true(iso_parse("2024-01-01 10:00:00", 19, &u));
	assert_false(iso_same_form(&t, &u));
}

static void test_compare(void **state)
{
	/* Each is below the next. */
	const struct sl_value order[] = {
	    {.cls = SQLITE_NULL},
	    {.cls = SQLITE_FLOAT, .f64 = -1e300},
	    {.cls = SQLITE_INTEGER, .i64 = INT64_MIN},
	    {.cls = SQLITE_FLOAT, .f64 = -1.5},
	    {.cls = SQLITE_INTEGER, .i64 = -1},
	    {.cls = SQLITE_FLOAT, .f64 = -0.5},
	    {.cls = SQLITE_INTEGER, .i64 = 9007199254740992},
	    {.cls = SQLITE_INTEGER, .i64 = 9007199254740993},
	    {.cls = SQLITE_FLOAT, .f64 = 9007199254740994.0},
	    {.cls = SQLITE_INTEGER, .i64 = INT64_MAX},
	    {.cls = SQLITE_FLOAT, .f64 = 9223372036854775808.0},
	    {.cls = SQLITE_TEXT, .ptr = (char[]){""}, .len = 0},
	    {.cls = SQLITE_TEXT, .ptr = (char[]){"a"}, .len = 1},
	    {.cls = SQLITE_TEXT, .ptr = (char[]){"a\0"}, .len = 2},
	    {.cls = SQLITE_TEXT, .ptr = (char[]){"\xff"}, .len = 1},
	    {.cls = SQLITE_BLOB, .ptr = (char[]){""}, .len = 0},
	};
	size_t n = sizeof(order) / sizeof(order[0]), i, k;

	(void)state;
	for (i = 0; i < n; i++) {
		for (k = 0; k < n; k++)
			assert_int_equal(sl_value_compare(&order[i], &order[k]),
					 i < k ? -1 : i > k);
	}
}

#define T(test) cmocka_unit_test_setup_teardown(test, fx_setup, fx_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
	    T(test_cells),
	    T(test_types_refused),
	    cmocka_unit_test(test_decimals),
	    cmocka_unit_test(test_iso),
	    cmocka_unit_test(test_compare),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
