/* SPDX-License-Identifier: MIT */
/* Numbers, sizes and durations from and to text. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <float.h>
#include <locale.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/num.h"

#define N(array) (sizeof(array) / sizeof((array)[0]))

static void test_i64(void **state)
{
	static const char *const bad[] = {"",	 " 1",	"1 ",  "+",   "-",   "0x10", "1.0",
					  "1e3", "abc", "1\n", "101", "-11", "--1"};
	int64_t v = 77;
	size_t i;

	(void)state;
	for (i = 0; i < N(bad); i++) {
		assert_int_equal(num_parse_i64(bad[i], -10, 100, &v), -1);
		assert_int_equal(v, 77);
	}
	assert_int_equal(num_parse_i64("-10", -10, 100, &v), 0);
	assert_int_equal(v, -10);
	assert_int_equal(num_parse_i64("+0100", -10, 100, &v), 0);
	assert_int_equal(v, 100);
	assert_int_equal(num_parse_i64("9223372036854775807", INT64_MIN, INT64_MAX, &v), 0);
	assert_true(v == INT64_MAX);
	assert_int_equal(num_parse_i64("9223372036854775808", INT64_MIN, INT64_MAX, &v), -1);
	assert_int_equal(num_parse_i64("-9223372036854775808", INT64_MIN, INT64_MAX, &v), 0);
	assert_true(v == INT64_MIN);
}

static void test_double(void **state)
{
	static const char *const bad[] = {"",	 "inf", "nan", "0x1p3", "1.",	 ".5", "1e",
					  "1e+", "1,5", " 1",  "1 ",	"1e999", "-",  "1.5.5"};
	double v = 7;
	size_t i;

	(void)state;
	for (i = 0; i < N(bad); i++)
		assert_int_equal(num_parse_double(bad[i], &v), -1);
	assert_true(v == 7);
	assert_int_equal(num_parse_double("-1.5e3", &v), 0);
	assert_true(v == -1500);
	assert_int_equal(num_parse_double("+2", &v), 0);
	assert_true(v == 2);
}

static void test_bool(void **state)
{
	static const struct {
		const char *text;
		int value; /* -1: refused */
	} rows[] = {{"true", 1}, {"TRUE", 1}, {"yes", 1}, {"on", 1}, {"false", 0}, {"No", 0},
		    {"off", 0},	 {"1", -1},   {"", -1},	  {"y", -1}, {"true ", -1}};
	size_t i;

	(void)state;
	for (i = 0; i < N(rows); i++) {
		int v = -1;

		assert_int_equal(num_parse_bool(rows[i].text, &v), rows[i].value < 0 ? -1 : 0);
		assert_int_equal(v, rows[i].value);
	}
}

struct unit_row {
	const char *text;
	int64_t value; /* -1: refused */
};

static void check_units(const struct unit_row *rows, size_t n,
			int (*parse)(const char *, int64_t *))
{
	size_t i;

	for (i = 0; i < n; i++) {
		int64_t v = -1;

		assert_int_equal(parse(rows[i].text, &v), rows[i].value < 0 ? -1 : 0);
		assert_true(v == rows[i].value);
	}
}

static void test_sizes(void **state)
{
	static const struct unit_row rows[] = {
	    {"10", 10},
	    {"0", 0},
	    {"10B", 10},
	    {"4MB", 4000000},
	    {"4mb", 4000000},
	    {"64KiB", 65536},
	    {"1GiB", 1073741824},
	    {"2TB", INT64_C(2000000000000)},
	    {"1TiB", INT64_C(1) << 40},
	    {"9223372036854775807", INT64_MAX},
	    {"9223372036854775808", -1},
	    {"9223372036854775807KB", -1},
	    {"9999999999999999999999", -1},
	    {"-1", -1},
	    {"", -1},
	    {"MB", -1},
	    {"10 MB", -1},
	    {"10MBB", -1},
	    {"1.5MB", -1},
	    {"10K", -1},
	    {"0x10", -1},
	};

	(void)state;
	check_units(rows, N(rows), num_parse_size);
}

static void test_durations(void **state)
{
	static const struct unit_row rows[] = {
	    {"250ms", 250},
	    {"90s", 90000},
	    {"15m", 900000},
	    {"24h", 86400000},
	    {"7d", 604800000},
	    {"5", 5000},
	    {"0", 0},
	    {"1h30m", -1},
	    {"1.5h", -1},
	    {"-5s", -1},
	    {"", -1},
	    {"s", -1},
	    {"5 s", -1},
	    {"5min", -1},
	    {"9223372036854775807", -1},
	    {"106751991168d", -1},
	};

	(void)state;
	check_units(rows, N(rows), num_parse_duration);
}

static void test_format_size(void **state)
{
	static const struct unit_row rows[] = {
	    {"0B", 0},
	    {"999B", 999},
	    {"1KB", 1000},
	    {"1KiB", 1024},
	    {"64KiB", 65536},
	    {"4MB", 4000000},
	    {"16MiB", 16 << 20},
	    {"1.5KB", 1537},
	    {"1.0MB", 999999},
	    {"10.5MB", 10485763},
	    {"9223372.0TB", INT64_MAX},
	};
	char out[32];
	size_t i;

	(void)state;
	for (i = 0; i < N(rows); i++)
		assert_string_equal(num_format_size(rows[i].value, out), rows[i].text);
	assert_string_equal(num_format_size(INT64_MIN, out), "-8388608TiB");
}

static void test_format_duration(void **state)
{
	static const struct unit_row rows[] = {
	    {"0ms", 0},		 {"250ms", 250},
	    {"1s", 1000},	 {"1.2s", 1234},
	    {"90s", 90000},	 {"15m", 900000},
	    {"1m40s", 100000},	 {"1m23s", 83500},
	    {"2h", 7200000},	 {"90m", 5400000},
	    {"1h01m", 3661000},	 {"7d", 604800000},
	    {"1d01h", 90061000}, {"106751991167d07h", INT64_MAX},
	};
	char out[32];
	size_t i;

	(void)state;
	for (i = 0; i < N(rows); i++)
		assert_string_equal(num_format_duration(rows[i].value, out), rows[i].text);
	assert_string_equal(num_format_duration(-90000, out), "-90s");
	assert_string_equal(num_format_duration(INT64_MIN, out), "-106751991167d07h");
}

static void test_write_integers(void **state)
{
	char out[32];

	(void)state;
	*num_write_i64(out, 0) = '\0';
	assert_string_equal(out, "0");
	*num_write_i64(out, INT64_MIN) = '\0';
	assert_string_equal(out, "-9223372036854775808");
	*num_write_i64(out, INT64_MAX) = '\0';
	assert_string_equal(out, "9223372036854775807");
	*num_write_u64(out, UINT64_MAX) = '\0';
	assert_string_equal(out, "18446744073709551615");
}

static const char *written(double v, char out[33])
{
	memset(out, '#', 33);
	*num_write_double(out, v) = '\0';
	assert_true(strlen(out) <= 32);
	return out;
}

static void test_write_doubles(void **state)
{
	static const struct {
		double v;
		const char *text;
	} rows[] = {
	    {0, "0.0"},
	    {-0.0, "-0.0"},
	    {1, "1.0"},
	    {-1.5, "-1.5"},
	    {0.1, "0.1"},
	    {0.57, "0.57"},
	    {1.005, "1.005"},
	    {19.99, "19.99"},
	    {0.000001, "0.000001"},
	    {0.00001234, "0.00001234"},
	    {1e-7, "1e-7"},
	    {1.5e-300, "1.5e-300"},
	    {0.1 + 0.2, "0.30000000000000004"},
	    {1.0 / 3, "0.3333333333333333"},
	    {123456789.125, "123456789.125"},
	    {9007199254740993.0, "9007199254740992.0"},
	    {1e15, "1000000000000000.0"},
	    {1e16, "10000000000000000.0"},
	    {1e17, "1e17"},
	    {1e300, "1e300"},
	    {DBL_MAX, "1.7976931348623157e308"},
	    {DBL_MIN, "2.2250738585072014e-308"},
	    {5e-324, "5e-324"},
	};
	char out[33];
	size_t i;

	(void)state;
	for (i = 0; i < N(rows); i++)
		assert_string_equal(written(rows[i].v, out), rows[i].text);
}

static void check_round_trips(void)
{
	uint64_t seed = 42;
	char out[33];
	int i;

	for (i = 0; i < 200000; i++) {
		double v, back;

		seed = seed * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
		if (i % 2)
			v = (double)(int64_t)(seed >> 20) / (double)(1 << (seed & 15));
		else
			memcpy(&v, &seed, sizeof(v));
		if (!isfinite(v))
			continue;
		assert_int_equal(num_parse_double(written(v, out), &back), 0);
		assert_memory_equal(&v, &back, sizeof(v));
		assert_non_null(strpbrk(out, ".e"));
	}
}

static void test_round_trips(void **state)
{
	(void)state;
	check_round_trips();
}

static void test_comma_locale(void **state)
{
	static const char *const names[] = {"de_DE.UTF-8", "de_DE.utf8", "de_DE", "fr_FR.UTF-8"};
	char out[33];
	double v;
	size_t i;

	(void)state;
	for (i = 0; i < N(names) && !setlocale(LC_NUMERIC, names[i]); i++)
		;
	if (i == N(names))
		skip();
	assert_string_equal(written(0.1 + 0.2, out), "0.30000000000000004");
	assert_string_equal(num_format_size(1537, out), "1.5KB");
	assert_int_equal(num_parse_double("1.5", &v), 0);
	assert_true(v == 1.5);
	check_round_trips();
	(void)setlocale(LC_NUMERIC, "C");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_i64),
	    cmocka_unit_test(test_double),
	    cmocka_unit_test(test_bool),
	    cmocka_unit_test(test_sizes),
	    cmocka_unit_test(test_durations),
	    cmocka_unit_test(test_format_size),
	    cmocka_unit_test(test_format_duration),
	    cmocka_unit_test(test_write_integers),
	    cmocka_unit_test(test_write_doubles),
	    cmocka_unit_test(test_round_trips),
	    cmocka_unit_test(test_comma_locale),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
