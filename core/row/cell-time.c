/* SPDX-License-Identifier: MIT */
/* Dates and times as ISO 8601 text. */

#include <stddef.h>
#include <string.h>

#include "base/clock.h"
#include "base/num.h"
#include "row/cell-time.h"

#define US_PER_SECOND 1000000
#define SECONDS_PER_DAY 86400
#define US_PER_DAY (UINT64_C(86400) * US_PER_SECOND)

/* Days of the years 0001 to 9999. */
#define DAYS_FIRST (-719162)
#define DAYS_LAST 2932896

#define TEN(d) d "0" d "1" d "2" d "3" d "4" d "5" d "6" d "7" d "8" d "9"

static const char pairs[] =
    TEN("0") TEN("1") TEN("2") TEN("3") TEN("4") TEN("5") TEN("6") TEN("7") TEN("8") TEN("9");

static inline char *write2(char *p, unsigned v)
{
	memcpy(p, pairs + 2 * (size_t)v, 2);
	return p + 2;
}

static inline char *write_ymd(char *p, unsigned year, unsigned month, unsigned day)
{
	write2(p, year / 100);
	write2(p + 2, year % 100);
	p[4] = '-';
	write2(p + 5, month);
	p[7] = '-';
	write2(p + 8, day);
	return p + 10;
}

/*
 * The usual years, days from 0001-01-01, in 32 bits: Neri and Schneider, "Euclidean affine functions
 * and their application to calendar algorithms", 2022.  A third of clock_civil's
 * time, and most rows have two of them.
 */
static inline char *write_usual_date(char *p, uint32_t days)
{
	uint32_t n1 = 4 * (days + 306) + 3; /* from 0000-03-01 */
	uint32_t century = n1 / 146097;
	uint32_t n2 = (n1 % 146097) | 3;
	uint64_t p2 = UINT64_C(2939745) * n2;
	uint32_t year = 100 * century + (uint32_t)(p2 >> 32);
	uint32_t day_of_year = (uint32_t)p2 / 2939745 / 4;
	uint32_t n3 = 2141 * day_of_year + 197913;
	uint32_t next_year = day_of_year >= 306; /* the year of the algorithm begins in March */

	return write_ymd(p, year + next_year, n3 / 65536 - 12 * next_year, n3 % 65536 / 2141 + 1);
}

static char *write_far_date(char *p, int64_t days)
{
	int64_t year;
	uint64_t size;
	unsigned month, day;

	clock_civil(days, &year, &month, &day);
	size = year < 0 ? 0 - (uint64_t)year : (uint64_t)year;
	*p++ = year < 0 ? '-' : '+';
	if (size > 9999) {
		p = num_write_u64(p, size / 10000);
		size %= 10000;
	}
	return write_ymd(p, (unsigned)size, month, day);
}

char *cell_write_date(char *p, int64_t days, int *ret_far)
{
	if (days >= DAYS_FIRST && days <= DAYS_LAST)
		return write_usual_date(p, (uint32_t)(days - DAYS_FIRST));
	*ret_far = 1;
	return write_far_date(p, days);
}

/* :MM:SS and the fraction, behind the hours. */
static inline char *write_rest(char *p, unsigned second_of_hour, unsigned fraction, unsigned digits)
{
	p[0] = ':';
	write2(p + 1, second_of_hour / 60);
	p[3] = ':';
	write2(p + 4, second_of_hour % 60);
	if (digits == 0)
		return p + 6;
	p[6] = '.';
	write2(p + 7, fraction / 10000);
	write2(p + 9, fraction / 100 % 100);
	write2(p + 11, fraction % 100);
	return p + 7 + (digits < 6 ? digits : 6);
}

static inline char *write_clock(char *p, unsigned second, unsigned fraction, unsigned digits)
{
	*p++ = 'T';
	p = write2(p, second / 3600);
	return write_rest(p, second % 3600, fraction, digits);
}

__attribute__((noinline)) static char *write_far_timestamp(char *p, int64_t us, unsigned digits)
{
	int64_t days = us / (int64_t)US_PER_DAY;
	int64_t in_day = us % (int64_t)US_PER_DAY;

	if (in_day < 0) {
		in_day += (int64_t)US_PER_DAY;
		days--;
	}
	p = write_far_date(p, days);
	return write_clock(p, (unsigned)(in_day / US_PER_SECOND),
			   (unsigned)(in_day % US_PER_SECOND), digits);
}

char *cell_write_timestamp(char *p, int64_t us, unsigned digits, int *ret_far)
{
	uint64_t since = (uint64_t)us - (uint64_t)DAYS_FIRST * US_PER_DAY; /* 0001-01-01 */
	uint64_t seconds = since / US_PER_SECOND;
	uint32_t days;

	if (since >= (uint64_t)(DAYS_LAST - DAYS_FIRST + 1) * US_PER_DAY) {
		*ret_far = 1;
		return write_far_timestamp(p, us, digits);
	}
	days = (uint32_t)(seconds / SECONDS_PER_DAY);
	p = write_usual_date(p, days);
	return write_clock(p, (unsigned)(seconds - (uint64_t)days * SECONDS_PER_DAY),
			   (unsigned)(since - seconds * US_PER_SECOND), digits);
}

char *cell_write_time(char *p, int64_t us, unsigned digits)
{
	uint64_t size = us < 0 ? 0 - (uint64_t)us : (uint64_t)us;
	uint64_t seconds = size / US_PER_SECOND;
	uint64_t hours = seconds / 3600;

	if (us < 0)
		*p++ = '-';
	p = hours < 100 ? write2(p, (unsigned)hours) : num_write_u64(p, hours);
	return write_rest(p, (unsigned)(seconds % 3600), (unsigned)(size % US_PER_SECOND), digits);
}
