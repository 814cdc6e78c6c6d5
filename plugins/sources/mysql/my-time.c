/* SPDX-License-Identifier: MIT */
/* Dates and times between the server's structs, counts since 1970 and texts.  Pure. */

#include <string.h>

#include "my.h"

#define DAY_US INT64_C(86400000000)

enum my_date my_date_check(unsigned year, unsigned month, unsigned day)
{
	static const unsigned char days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
	bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;

	if (year == 0 || month == 0 || day == 0)
		return MY_DATE_ZERO;
	if (year > 9999 || month > 12 || day > days[month - 1] + (month == 2 && leap ? 1u : 0u))
		return MY_DATE_BAD;
	return MY_DATE_GOOD;
}

/* Years begin in March, so that the leap day is a year's last. */
int64_t my_date_days(unsigned year, unsigned month, unsigned day)
{
	int64_t y = (int64_t)year - (month <= 2);
	int64_t era = y / 400;
	int64_t of_era = y - era * 400;
	int64_t of_year =
	    (153 * ((int64_t)month + (month > 2 ? -3 : 9)) + 2) / 5 + (int64_t)day - 1;

	return era * 146097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719468;
}

void my_date_from_days(int64_t days, MYSQL_TIME *ret)
{
	int64_t z = days + 719468;
	int64_t era = (z >= 0 ? z : z - 146096) / 146097;
	int64_t of_era = z - era * 146097;
	int64_t year = (of_era - of_era / 1460 + of_era / 36524 - of_era / 146096) / 365;
	int64_t of_year = of_era - (365 * year + year / 4 - year / 100);
	int64_t month = (5 * of_year + 2) / 153;

	*ret = (MYSQL_TIME){.time_type = MYSQL_TIMESTAMP_DATE};
	ret->day = (unsigned)(of_year - (153 * month + 2) / 5 + 1);
	ret->month = (unsigned)(month < 10 ? month + 3 : month - 9);
	ret->year = (unsigned)(year + era * 400 + (ret->month <= 2));
}

int64_t my_time_us(const MYSQL_TIME *t)
{
	int64_t us =
	    ((int64_t)t->hour * 3600 + (int64_t)t->minute * 60 + (int64_t)t->second) * 1000000 +
	    (int64_t)t->second_part;

	if (t->time_type == MYSQL_TIMESTAMP_TIME) {
		us += (int64_t)t->day * DAY_US;
		return t->neg ? -us : us;
	}
	return my_date_days(t->year, t->month, t->day) * DAY_US + us;
}

static void set_clock(int64_t us, MYSQL_TIME *t)
{
	t->second_part = (unsigned long)(us % 1000000);
	us /= 1000000;
	t->second = (unsigned)(us % 60);
	t->minute = (unsigned)(us / 60 % 60);
	t->hour = (unsigned)(us / 3600);
}

void my_time_from_us(int64_t us, MYSQL_TIME *ret)
{
	int64_t days = us / DAY_US - (us % DAY_US < 0);

	my_date_from_days(days, ret);
	set_clock(us - days * DAY_US, ret);
	ret->time_type = MYSQL_TIMESTAMP_DATETIME;
}

void my_time_of_day(int64_t us, MYSQL_TIME *ret)
{
	int64_t size = us < 0 ? -us : us;

	*ret = (MYSQL_TIME){.time_type = MYSQL_TIMESTAMP_TIME, .neg = us < 0};
	/* The protocol wants whole days apart. */
	ret->day = (unsigned)(size / DAY_US);
	set_clock(size % DAY_US, ret);
}

/* ---- Texts --------------------------------------------------------------------- */

struct scan {
	const char *ptr, *end;
};

/* Exactly n digits, or n to max when max is larger. */
static bool scan_digits(struct scan *s, unsigned n, unsigned max, unsigned *ret)
{
	unsigned v = 0, i;

	for (i = 0; i < max && s->ptr < s->end && *s->ptr >= '0' && *s->ptr <= '9'; i++)
		v = v * 10 + (unsigned)(*s->ptr++ - '0');
	if (i < n)
		return false;
	*ret = v;
	return true;
}

static bool scan_char(struct scan *s, const char *any)
{
	if (s->ptr == s->end || *s->ptr == '\0' || !strchr(any, *s->ptr))
		return false;
	s->ptr++;
	return true;
}

/* Up to six digits; more must be zeros, since they would be lost. */
static bool scan_fraction(struct scan *s, unsigned *ret)
{
	unsigned i, v = 0;
	bool any = false;

	for (i = 0; s->ptr < s->end && *s->ptr >= '0' && *s->ptr <= '9'; i++, s->ptr++) {
		any = true;
		if (i < 6)
			v = v * 10 + (unsigned)(*s->ptr - '0');
		else if (*s->ptr != '0')
			return false;
	}
	for (; i < 6; i++)
		v *= 10;
	*ret = v;
	return any;
}

static bool scan_date(struct scan *s, int64_t *ret_days)
{
	unsigned year, month, day;

	if (!scan_digits(s, 4, 4, &year) || !scan_char(s, "-") || !scan_digits(s, 2, 2, &month) ||
	    !scan_char(s, "-") || !scan_digits(s, 2, 2, &day) ||
	    my_date_check(year, month, day) != MY_DATE_GOOD)
		return false;
	*ret_days = my_date_days(year, month, day);
	return true;
}

/* HH:MM[:SS[.f]], hours of up to max digits. */
static bool scan_clock(struct scan *s, unsigned max, int64_t *ret_us)
{
	unsigned hour, minute, second = 0, micros = 0;

	if (!scan_digits(s, 2, max, &hour) || !scan_char(s, ":") || !scan_digits(s, 2, 2, &minute))
		return false;
	if (scan_char(s, ":")) {
		if (!scan_digits(s, 2, 2, &second))
			return false;
		if (scan_char(s, ".") && !scan_fraction(s, &micros))
			return false;
	}
	if (minute > 59 || second > 59)
		return false;
	*ret_us = ((int64_t)hour * 3600 + minute * 60 + second) * 1000000 + micros;
	return true;
}

/* Z, +HH:MM, -HH:MM or nothing. */
static bool scan_zone(struct scan *s, int64_t *ret_us, bool *ret_zoned)
{
	unsigned hour, minute;
	bool east;

	*ret_us = 0;
	*ret_zoned = s->ptr < s->end;
	if (s->ptr == s->end || scan_char(s, "Zz"))
		return true;
	east = *s->ptr == '+';
	if (!scan_char(s, "+-") || !scan_digits(s, 2, 2, &hour) || !scan_char(s, ":") ||
	    !scan_digits(s, 2, 2, &minute) || hour > 15 || minute > 59)
		return false;
	*ret_us = ((int64_t)hour * 60 + minute) * (east ? 60000000 : -60000000);
	return true;
}

bool my_time_parse(const char *ptr, size_t len, int64_t *ret_us, bool *ret_zoned)
{
	struct scan s = {ptr, ptr + len};
	int64_t days, clock = 0, offset = 0;
	bool zoned = false;

	if (!scan_date(&s, &days))
		return false;
	if (scan_char(&s, "Tt ") &&
	    (!scan_clock(&s, 2, &clock) || clock >= DAY_US || !scan_zone(&s, &offset, &zoned)))
		return false;
	if (s.ptr != s.end)
		return false;
	*ret_us = days * DAY_US + clock - offset;
	*ret_zoned = zoned;
	return true;
}

bool my_time_parse_day(const char *ptr, size_t len, int64_t *ret_days)
{
	struct scan s = {ptr, ptr + len};

	return scan_date(&s, ret_days) && s.ptr == s.end;
}

bool my_time_parse_clock(const char *ptr, size_t len, int64_t *ret_us)
{
	struct scan s = {ptr, ptr + len};
	bool negative = scan_char(&s, "-");
	int64_t us;

	if (!scan_clock(&s, 3, &us) || s.ptr != s.end)
		return false;
	*ret_us = negative ? -us : us;
	return true;
}
