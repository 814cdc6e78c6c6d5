/* SPDX-License-Identifier: MIT */
/* Dates and times as ISO 8601 text. */

#include "base/clock.h"
#include "base/num.h"
#include "row/cell-time.h"

#define US_PER_SECOND 1000000
#define US_PER_DAY (INT64_C(86400) * US_PER_SECOND)

static char *write2(char *p, unsigned v)
{
	p[0] = (char)('0' + v / 10);
	p[1] = (char)('0' + v % 10);
	return p + 2;
}

static char *write_year(char *p, int64_t year, int *ret_far)
{
	uint64_t size = year < 0 ? 0 - (uint64_t)year : (uint64_t)year;

	if (year < 1 || year > 9999) {
		*ret_far = 1;
		*p++ = year < 0 ? '-' : '+';
	}
	if (size > 9999)
		return num_write_u64(p, size);
	return write2(write2(p, (unsigned)size / 100), (unsigned)size % 100);
}

char *cell_write_date(char *p, int64_t days, int *ret_far)
{
	int64_t year;
	unsigned month, day;

	clock_civil(days, &year, &month, &day);
	p = write_year(p, year, ret_far);
	*p++ = '-';
	p = write2(p, month);
	*p++ = '-';
	return write2(p, day);
}

/* :MM:SS and the fraction, behind the hours. */
static char *write_rest(char *p, uint64_t us, unsigned digits)
{
	unsigned second = (unsigned)(us / US_PER_SECOND % 3600);
	unsigned fraction = (unsigned)(us % US_PER_SECOND);

	*p++ = ':';
	p = write2(p, second / 60);
	*p++ = ':';
	p = write2(p, second % 60);
	if (digits == 0)
		return p;
	*p++ = '.';
	write2(p, fraction / 10000);
	write2(p + 2, fraction / 100 % 100);
	write2(p + 4, fraction % 100);
	return p + (digits < 6 ? digits : 6);
}

char *cell_write_timestamp(char *p, int64_t us, unsigned digits, int zoned, int *ret_far)
{
	int64_t days = us / US_PER_DAY;
	int64_t in_day = us % US_PER_DAY;

	if (in_day < 0) {
		in_day += US_PER_DAY;
		days--;
	}
	p = cell_write_date(p, days, ret_far);
	*p++ = 'T';
	p = write2(p, (unsigned)(in_day / (INT64_C(3600) * US_PER_SECOND)));
	p = write_rest(p, (uint64_t)in_day, digits);
	if (zoned)
		*p++ = 'Z';
	return p;
}

char *cell_write_time(char *p, int64_t us, unsigned digits)
{
	uint64_t size = us < 0 ? 0 - (uint64_t)us : (uint64_t)us;
	uint64_t hours = size / (UINT64_C(3600) * US_PER_SECOND);

	if (us < 0)
		*p++ = '-';
	p = hours < 100 ? write2(p, (unsigned)hours) : num_write_u64(p, hours);
	return write_rest(p, size, digits);
}
