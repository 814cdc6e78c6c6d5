/* SPDX-License-Identifier: MIT */
/* Clocks, dates and their text forms. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/clock.h"

#define N(array) (sizeof(array) / sizeof((array)[0]))

static void test_civil(void **state)
{
	static const struct {
		int64_t days, year;
		unsigned month, day;
	} rows[] = {
	    {0, 1970, 1, 1},	     {-1, 1969, 12, 31},     {59, 1970, 3, 1},
	    {11016, 2000, 2, 29},    {19782, 2024, 2, 29},   {-719162, 1, 1, 1},
	    {-719163, 0, 12, 31},    {-719528, 0, 1, 1},     {-719529, -1, 12, 31},
	    {2932896, 9999, 12, 31}, {2932897, 10000, 1, 1},
	};
	int64_t days, year;
	unsigned month, day;
	size_t i;

	(void)state;
	for (i = 0; i < N(rows); i++) {
		clock_civil(rows[i].days, &year, &month, &day);
		assert_true(year == rows[i].year && month == rows[i].month && day == rows[i].day);
		assert_true(clock_days(year, month, day) == rows[i].days);
	}
	for (days = -1000000; days < 4000000; days += 97) {
		clock_civil(days, &year, &month, &day);
		assert_true(clock_days(year, month, day) == days);
	}
}

static void test_civil_of_nonsense_does_not_overflow(void **state)
{
	int64_t year;
	unsigned month, day;

	(void)state;
	clock_civil(INT64_MAX, &year, &month, &day);
	assert_true(year > 9999 && month >= 1 && month <= 12);
	clock_civil(INT64_MIN, &year, &month, &day);
	assert_true(year < 0 && month >= 1 && month <= 12);
	assert_true(clock_days(INT64_MAX, 12, 31) > 0);
	assert_true(clock_days(INT64_MIN, 1, 1) < 0);
}

static void test_format(void **state)
{
	static const struct {
		int64_t us;
		const char *text;
	} rows[] = {
	    {0, "1970-01-01T00:00:00.000000Z"},
	    {-1, "1969-12-31T23:59:59.999999Z"},
	    {INT64_C(1795498251123456), "2026-11-24T05:30:51.123456Z"},
	    {INT64_MAX, "294247-01-10T04:00:54.775807Z"},
	    {INT64_MIN, "-290308-12-21T19:59:05.224192Z"},
	};
	char out[CLOCK_TEXT_MAX];
	size_t i;

	(void)state;
	for (i = 0; i < N(rows); i++) {
		clock_format(rows[i].us, out);
		assert_string_equal(out, rows[i].text);
	}
}

static void test_parse(void **state)
{
	static const struct {
		const char *text;
		int64_t us;
	} rows[] = {
	    {"1970-01-01T00:00:00Z", 0},
	    {"1970-01-01", 0},
	    {"2000-02-29", INT64_C(951782400000000)},
	    {"1970-01-02 00:00:00", INT64_C(86400000000)},
	    {"2026-11-24T05:30:51.123456Z", INT64_C(1795498251123456)},
	    {"2026-11-24T07:30:51.123456789+02:00", INT64_C(1795498251123456)},
	    {"2026-11-24T00:00:51.5-05:30", INT64_C(1795498251500000)},
	};
	static const char *const bad[] = {
	    "",
	    "x",
	    "2026",
	    "2026-13-01",
	    "1900-02-29",
	    "2026-02-29",
	    "2026-00-10",
	    "2026-01-00",
	    "2026-01-01T",
	    "2026-01-01T24:00:00Z",
	    "2026-01-01T00:60:00Z",
	    "2026-01-01T00:00:60Z",
	    "2026-01-01T00:00:00.Z",
	    "2026-01-01T00:00:00Zx",
	    "2026-01-01T00:00:00+2",
	    "2026-01-01T00:00:00+24:00",
	    " 2026-01-01",
	    "2026-1-1",
	    "20260101",
	};
	int64_t us = 5;
	size_t i;

	(void)state;
	for (i = 0; i < N(bad); i++)
		assert_int_equal(clock_parse(bad[i], &us), -1);
	assert_true(us == 5);
	for (i = 0; i < N(rows); i++) {
		assert_int_equal(clock_parse(rows[i].text, &us), 0);
		assert_true(us == rows[i].us);
	}
}

static void test_parse_http(void **state)
{
	static const char *const good[] = {
	    "Sun, 06 Nov 1994 08:49:37 GMT",
	    "Sunday, 06-Nov-94 08:49:37 GMT",
	    "Sun Nov  6 08:49:37 1994",
	};
	static const char *const bad[] = {
	    "",
	    "5",
	    "Sun, 06 Nov 1994 08:49:37",
	    "Sun, 06 Nov 1994 08:49:37 CET",
	    "Sun, 06 Nov 1994 08:49:37 GMT ",
	    "Sun, 6 Nov 1994 08:49:37 GMT",
	    "Sun, 31 Feb 1994 08:49:37 GMT",
	    "Sun, 06 Foo 1994 08:49:37 GMT",
	    "Son, 06 Nov 1994 08:49:37 GMT",
	    "Sun Nov 6 08:49:37 1994",
	    "Sun, 06 Nov 99999 08:49:37 GMT",
	};
	int64_t seconds = 5;
	size_t i;

	(void)state;
	for (i = 0; i < N(bad); i++)
		assert_int_equal(clock_parse_http(bad[i], &seconds), -1);
	assert_true(seconds == 5);
	for (i = 0; i < N(good); i++) {
		assert_int_equal(clock_parse_http(good[i], &seconds), 0);
		assert_true(seconds == 784111777);
	}
	assert_int_equal(clock_parse_http("Tue, 24 Nov 2026 05:30:51 GMT", &seconds), 0);
	assert_true(seconds == 1795498251);
}

static void test_clocks_run(void **state)
{
	int64_t before = clock_mono_us();

	(void)state;
	assert_true(clock_mono_us() >= before);
	assert_true(clock_wall_us() > INT64_C(1700000000000000));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_civil),
	    cmocka_unit_test(test_civil_of_nonsense_does_not_overflow),
	    cmocka_unit_test(test_format),
	    cmocka_unit_test(test_parse),
	    cmocka_unit_test(test_parse_http),
	    cmocka_unit_test(test_clocks_run),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
