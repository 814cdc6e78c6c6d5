/* SPDX-License-Identifier: MIT */
/*
 * Dates and times as text, both ways.  By hand, since a checkpoint is made once a
 * row; for all of int64, since some servers go beyond the years 1 to 9999.
 */

#include <string.h>

#include "common/hex.h"
#include "common/iso.h"
#include "common/reader-internal.h"

/* In place, from the last digit on: a copy costs as much as the digits. */
char *reader_put_digits(char *p, uint64_t v, int at_least)
{
	uint64_t limit = 10;
	char *end;
	int n = 1;

	while (n < 20 && v >= limit) {
		n++;
		/* 10^20 does not fit; 20 digits end the loop before it is used. */
		limit *= 10;
	}
	end = p + (n < at_least ? at_least : n);
	for (p = end; v || at_least > 0 || p == end; at_least--, v /= 10)
		*--p = (char)('0' + v % 10);
	return end;
}

static char *put_two(char *p, unsigned v)
{
	p[0] = (char)('0' + v / 10);
	p[1] = (char)('0' + v % 10);
	return p + 2;
}

/* Days beyond this have no place in an int64 of microseconds, nor a calendar. */
#define DAYS_MAX INT64_C(1000000000000)

static char *put_date(char *p, int64_t days, enum reader_form form, bool *ret_bc)
{
	unsigned month, day;
	int64_t year;

	if (days > DAYS_MAX || days < -DAYS_MAX)
		days = days > 0 ? DAYS_MAX : -DAYS_MAX;
	year = iso_civil(days, &month, &day);
	*ret_bc = year <= 0 && form == READER_FORM_SERVER;
	if (*ret_bc)
		year = 1 - year;
	if (year < 0) {
		*p++ = '-';
		year = -year;
	}
	p = reader_put_digits(p, (uint64_t)year, 4);
	*p++ = '-';
	p = put_two(p, month);
	*p++ = '-';
	return put_two(p, day);
}

static char *put_clock(char *p, uint64_t us)
{
	uint64_t seconds = us / 1000000;
	unsigned micros = (unsigned)(us % 1000000);

	p = reader_put_digits(p, seconds / 3600, 2);
	*p++ = ':';
	p = put_two(p, (unsigned)(seconds / 60 % 60));
	*p++ = ':';
	p = put_two(p, (unsigned)(seconds % 60));
	if (micros) {
		*p++ = '.';
		p = put_two(p, micros / 10000);
		p = put_two(p, micros / 100 % 100);
		p = put_two(p, micros % 100);
	}
	return p;
}

size_t reader_format_time(const struct defsync_cell *cell, enum reader_form form,
			  char out[READER_FORMAT_MAX])
{
	int64_t v = cell->v.i64, days;
	bool bc = false;
	char *p = out;

	switch (cell->type) {
	case DEFSYNC_DATE:
		p = put_date(p, v, form, &bc);
		break;
	case DEFSYNC_TIME:
		if (v < 0)
			*p++ = '-';
		p = put_clock(p, v < 0 ? 0 - (uint64_t)v : (uint64_t)v);
		break;
	default:
		days = v / READER_DAY_US - (v % READER_DAY_US < 0);
		p = put_date(p, days, form, &bc);
		*p++ = form == READER_FORM_EXACT ? 'T' : ' ';
		/* Not v - days * a day, which overflows at the lower end. */
		v %= READER_DAY_US;
		p = put_clock(p, (uint64_t)(v < 0 ? v + READER_DAY_US : v));
	}
	if (bc) {
		memcpy(p, " BC", 3);
		p += 3;
	}
	return (size_t)(p - out);
}

size_t reader_format_uuid(const unsigned char bytes[16], char out[READER_FORMAT_MAX])
{
	hex_uuid_write(out, bytes);
	return HEX_UUID;
}

/* ---- Reading ------------------------------------------------------------------- */

struct scan {
	const char *p, *end;
	bool bad;
};

static uint64_t take_digits(struct scan *s, int at_least, int at_most)
{
	uint64_t v = 0;
	int n = 0;

	for (; s->p < s->end && *s->p >= '0' && *s->p <= '9' && n < at_most; s->p++, n++)
		v = v * 10 + (uint64_t)(*s->p - '0');
	s->bad = s->bad || n < at_least;
	return v;
}

static bool take_char(struct scan *s, char c)
{
	if (s->p == s->end || *s->p != c)
		return false;
	s->p++;
	return true;
}

static void want_char(struct scan *s, char c)
{
	s->bad = !take_char(s, c) || s->bad;
}

static int64_t take_date(struct scan *s)
{
	bool negative = take_char(s, '-');
	int64_t year = (int64_t)take_digits(s, 4, 12), days;
	unsigned month, day, m, d;

	if (negative)
		year = -year;
	want_char(s, '-');
	month = (unsigned)take_digits(s, 2, 2);
	want_char(s, '-');
	day = (unsigned)take_digits(s, 2, 2);
	if (s->bad || month < 1 || month > 12 || day < 1) {
		s->bad = true;
		return 0;
	}
	days = iso_days_of(year, month, day);
	s->bad = iso_civil(days, &m, &d) != year || m != month || d != day;
	return days;
}

static int64_t take_clock(struct scan *s)
{
	int64_t hours = (int64_t)take_digits(s, 2, 10), minutes, seconds, micros = 0;

	want_char(s, ':');
	minutes = (int64_t)take_digits(s, 2, 2);
	want_char(s, ':');
	seconds = (int64_t)take_digits(s, 2, 2);
	if (take_char(s, '.'))
		micros = (int64_t)take_digits(s, 6, 6);
	/* 10^10 hours fit. */
	s->bad = s->bad || minutes > 59 || seconds > 59 || hours > 2562047788;
	return s->bad ? 0 : ((hours * 60 + minutes) * 60 + seconds) * 1000000 + micros;
}

bool reader_parse_time(const char *ptr, size_t len, uint32_t type, int64_t *ret)
{
	struct scan s = {ptr, ptr + len, false};
	bool negative;
	int64_t v, us;

	switch (type) {
	case DEFSYNC_DATE:
		v = take_date(&s);
		break;
	case DEFSYNC_TIME:
		negative = take_char(&s, '-');
		v = take_clock(&s);
		v = negative ? -v : v;
		break;
	default:
		v = take_date(&s);
		want_char(&s, 'T');
		us = take_clock(&s);
		s.bad = s.bad || us >= READER_DAY_US;
		/* At the lower end only the sum of both fits. */
		if (v < 0 && !s.bad) {
			v++;
			us -= READER_DAY_US;
		}
		if (__builtin_mul_overflow(v, READER_DAY_US, &v) ||
		    __builtin_add_overflow(v, us, &v))
			return false;
	}
	if (s.bad || s.p != s.end)
		return false;
	*ret = v;
	return true;
}
