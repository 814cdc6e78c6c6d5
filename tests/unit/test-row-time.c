/* SPDX-License-Identifier: MIT */
/* Dates and times as text. */

#include <inttypes.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/clock.h"
#include "row/cell-time.h"

#define SECOND INT64_C(1000000)
#define DAY (86400 * SECOND)

static void test_dates(void **state)
{
	static const struct {
		int64_t days;
		int far;
		const char *text;
	} rows[] = {
	    {0, 0, "1970-01-01"},
	    {-1, 0, "1969-12-31"},
	    {19782, 0, "2024-02-29"},
	    {11016, 0, "2000-02-29"},
	    {-25509, 0, "1900-02-28"},
	    {-25508, 0, "1900-03-01"},
	    {-719162, 0, "0001-01-01"},
	    {-719163, 1, "+0000-12-31"},
	    {-719528, 1, "+0000-01-01"},
	    {-719529, 1, "-0001-12-31"},
	    {-735525, 1, "-0044-03-15"},
	    {2932896, 0, "9999-12-31"},
	    {2932897, 1, "+10000-01-01"},
	    {3789391, 1, "+12345-01-01"},
	    {2145042905, 1, "+5874897-12-31"}, /* the last of PostgreSQL */
	    {CELL_DAYS_MAX, 1, "+2737908976-12-27"},
	    {-CELL_DAYS_MAX, 1, "-2737905037-01-05"},
	};
	char out[CELL_TIME_MAX + 1];
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		int far = 0;

		*cell_write_date(out, rows[i].days, &far) = '\0';
		assert_string_equal(out, rows[i].text);
		assert_int_equal(far, rows[i].far);
	}
}

static void test_every_day(void **state)
{
	char out[CELL_TIME_MAX + 1], expected[CELL_TIME_MAX + 1];
	int64_t days, year = 0;
	unsigned month, day;
	int far = 0;

	(void)state;
	for (days = -719162; days <= 2932896; days++) {
		clock_civil(days, &year, &month, &day);
		(void)snprintf(expected, sizeof(expected), "%04" PRId64 "-%02u-%02u", year, month,
			       day);
		*cell_write_date(out, days, &far) = '\0';
		if (strcmp(out, expected) != 0)
			fail_msg("day %" PRId64 ": %s, not %s", days, out, expected);
	}
	assert_int_equal(year, 9999);
	assert_int_equal(far, 0);
}

static void test_timestamps(void **state)
{
	static const struct {
		int64_t us;
		unsigned digits;
		int far;
		const char *text;
	} rows[] = {
	    {0, 6, 0, "1970-01-01T00:00:00.000000"},
	    {0, 0, 0, "1970-01-01T00:00:00"},
	    {-1, 6, 0, "1969-12-31T23:59:59.999999"},
	    {-1, 3, 0, "1969-12-31T23:59:59.999"},
	    {-1, 0, 0, "1969-12-31T23:59:59"},
	    {1700000000123456, 6, 0, "2023-11-14T22:13:20.123456"},
	    {1700000000123456, 5, 0, "2023-11-14T22:13:20.12345"},
	    {1700000000123456, 1, 0, "2023-11-14T22:13:20.1"},
	    {1700000000123456, 9, 0, "2023-11-14T22:13:20.123456"},
	    {-719162 * DAY, 0, 0, "0001-01-01T00:00:00"},
	    {-719162 * DAY - 1, 6, 1, "+0000-12-31T23:59:59.999999"},
	    {2932897 * DAY - 1, 6, 0, "9999-12-31T23:59:59.999999"},
	    {2932897 * DAY, 6, 1, "+10000-01-01T00:00:00.000000"},
	    {INT64_MAX, 6, 1, "+294247-01-10T04:00:54.775807"},
	    {INT64_MIN, 6, 1, "-290308-12-21T19:59:05.224192"},
	};
	char out[CELL_TIME_MAX + 1];
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		int far = 0;

		*cell_write_timestamp(out, rows[i].us, rows[i].digits, &far) = '\0';
		assert_string_equal(out, rows[i].text);
		assert_int_equal(far, rows[i].far);
	}
}

static void test_times(void **state)
{
	static const struct {
		int64_t us;
		unsigned digits;
		const char *text;
	} rows[] = {
	    {0, 0, "00:00:00"},
	    {DAY - 1, 6, "23:59:59.999999"},
	    {DAY, 0, "24:00:00"},
	    {838 * 3600 * SECOND + 3599 * SECOND, 0, "838:59:59"},
	    {-(838 * 3600 * SECOND + 3599 * SECOND), 1, "-838:59:59.0"},
	    {-1500000, 2, "-00:00:01.50"},
	    {-1999999, 0, "-00:00:01"},
	    {INT64_MAX, 6, "2562047788:00:54.775807"},
	    {INT64_MIN, 6, "-2562047788:00:54.775808"},
	};
	char out[CELL_TIME_MAX + 1];
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		*cell_write_time(out, rows[i].us, rows[i].digits) = '\0';
		assert_string_equal(out, rows[i].text);
	}
}

/* Each second of a day, and random moments, against the clock's own formatter. */
static void test_against_clock(void **state)
{
	char out[CELL_TIME_MAX + 1], expected[CLOCK_TEXT_MAX];
	uint64_t seed = 99;
	int far = 0, i;

	(void)state;
	for (i = 0; i < 200000; i++) {
		int64_t us;

		seed = seed * UINT64_C(6364136223846793005) + 1;
		us = i < 86400 ? i * SECOND : (int64_t)(seed >> 8) % (2932897 * DAY);
		clock_format(us, expected);
		*cell_write_timestamp(out, us, 6, &far) = '\0';
		assert_memory_equal(out, expected, strlen(expected) - 1);
		assert_int_equal(strlen(out), strlen(expected) - 1);
	}
	assert_int_equal(far, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_dates),	  cmocka_unit_test(test_every_day),
	    cmocka_unit_test(test_timestamps),	  cmocka_unit_test(test_times),
	    cmocka_unit_test(test_against_clock),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
