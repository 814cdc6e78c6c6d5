/* SPDX-License-Identifier: MIT */
/* Dates and times as texts, see iso.h. */

#include "common/iso.h"

/* n digits at p, or -1. */
static int digits_at(const char *p, int n)
{
	int v = 0, i;

	for (i = 0; i < n; i++) {
		if (p[i] < '0' || p[i] > '9')
			return -1;
		v = v * 10 + (p[i] - '0');
	}
	return v;
}

static bool in_range(int v, int low, int high)
{
	return v >= low && v <= high;
}

static bool parse_date(const char *p, struct iso *t)
{
	t->year = digits_at(p, 4);
	t->month = digits_at(p + 5, 2);
	t->day = digits_at(p + 8, 2);
	return p[4] == '-' && p[7] == '-' && t->year >= 0 && in_range(t->month, 1, 12) &&
	       in_range(t->day, 1, 31);
}

static bool parse_clock(const char *p, struct iso *t)
{
	t->separator = p[0];
	t->hour = digits_at(p + 1, 2);
	t->minute = digits_at(p + 4, 2);
	t->second = digits_at(p + 7, 2);
	return (p[0] == 'T' || p[0] == ' ') && p[3] == ':' && p[6] == ':' &&
	       in_range(t->hour, 0, 23) && in_range(t->minute, 0, 59) && in_range(t->second, 0, 59);
}

/* Behind the fraction at p; digits beyond the sixth are counted, not kept. */
static const char *parse_fraction(const char *p, const char *end, struct iso *t)
{
	int scale = 100000;

	if (p == end || *p != '.')
		return p;
	for (p++; p < end && *p >= '0' && *p <= '9'; p++) {
		t->micros += (*p - '0') * scale;
		t->finer = t->finer || (scale == 0 && *p != '0');
		scale /= 10;
		t->digits++;
	}
	return t->digits ? p : NULL;
}

static bool parse_zone(const char *p, const char *end, struct iso *t)
{
	int hours, minutes;

	if (p == end)
		return true;
	t->zone = *p;
	if (*p == 'Z')
		return p + 1 == end;
	if ((*p != '+' && *p != '-') || end - p != 6 || p[3] != ':')
		return false;
	hours = digits_at(p + 1, 2);
	minutes = digits_at(p + 4, 2);
	t->offset = (*p == '-' ? -1 : 1) * (hours * 60 + minutes);
	return in_range(hours, 0, 14) && in_range(minutes, 0, 59);
}

bool iso_parse(const char *ptr, size_t len, struct iso *ret)
{
	struct iso t = {0};
	const char *end = ptr + len, *p;

	if (len < 10 || len > 64 || !parse_date(ptr, &t))
		return false;
	if (len > 10) {
		if (len < 19 || !parse_clock(ptr + 10, &t))
			return false;
		p = parse_fraction(ptr + 19, end, &t);
		if (!p || !parse_zone(p, end, &t))
			return false;
	}
	*ret = t;
	return true;
}

bool iso_clock(const char *ptr, size_t len, int64_t *ret_us, bool *ret_finer)
{
	const char *p = ptr, *end = len ? p + len : p;
	bool negative = p < end && *p == '-';
	struct iso t = {0};
	int n = 0;

	for (p += negative; n < 3 && p < end && *p >= '0' && *p <= '9'; n++)
		t.hour = t.hour * 10 + (*p++ - '0');
	if (n < 2 || end - p < 3 || *p != ':')
		return false;
	t.minute = digits_at(p + 1, 2);
	p += 3;
	if (end - p >= 3 && *p == ':') {
		t.second = digits_at(p + 1, 2);
		p = parse_fraction(p + 3, end, &t);
	}
	if (p != end || !in_range(t.minute, 0, 59) || !in_range(t.second, 0, 59))
		return false;
	*ret_us = ((t.hour * 60 + t.minute) * 60 + t.second) * INT64_C(1000000) + t.micros;
	if (negative)
		*ret_us = -*ret_us;
	*ret_finer = t.finer;
	return true;
}

/*
 * Fractions may differ in length when nothing follows them: "12:00:00" is below
 * "12:00:00.5" as a text too.  Python's isoformat() writes so.  With a zone behind
 * them it would not be.
 */
bool iso_same_form(const struct iso *a, const struct iso *b)
{
	return a->separator == b->separator && a->zone == b->zone && a->offset == b->offset &&
	       (a->digits == b->digits || !a->zone);
}

/* From 0000-03-01 on, in eras of 400 years: days since 1970 to year, month, day. */
int64_t iso_civil(int64_t days, unsigned *ret_month, unsigned *ret_day)
{
	int64_t z = days + 719468, era = (z >= 0 ? z : z - 146096) / 146097;
	unsigned doe = (unsigned)(z - era * 146097);
	unsigned yoe = (doe - doe / 1460 + doe / 36524 - doe / 146096) / 365;
	unsigned doy = doe - (365 * yoe + yoe / 4 - yoe / 100);
	unsigned mp = (5 * doy + 2) / 153;

	*ret_day = doy - (153 * mp + 2) / 5 + 1;
	*ret_month = mp < 10 ? mp + 3 : mp - 9;
	return (int64_t)yoe + era * 400 + (*ret_month <= 2);
}

int64_t iso_days_of(int64_t year, unsigned month, unsigned day)
{
	int64_t y = year - (month <= 2), era = (y >= 0 ? y : y - 399) / 400;
	unsigned yoe = (unsigned)(y - era * 400);
	unsigned doy = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1;
	unsigned doe = yoe * 365 + yoe / 4 - yoe / 100 + doy;

	return era * 146097 + (int64_t)doe - 719468;
}

int64_t iso_days(const struct iso *t)
{
	return iso_days_of(t->year, (unsigned)t->month, (unsigned)t->day);
}

bool iso_has_day(const struct iso *t)
{
	unsigned month, day;

	(void)iso_civil(iso_days(t), &month, &day);
	return month == (unsigned)t->month && day == (unsigned)t->day;
}

int64_t iso_micros(const struct iso *t)
{
	int64_t seconds =
	    iso_days(t) * 86400 + t->hour * 3600 + t->minute * 60 + t->second - t->offset * 60;

	return seconds * 1000000 + t->micros;
}

void iso_describe(const struct iso *t, struct text *out)
{
	int i;

	text_str(out, "YYYY-MM-DD");
	if (!t->separator)
		return;
	text_char(out, t->separator);
	text_str(out, "HH:MM:SS");
	for (i = 0; i < t->digits && i < 12; i++)
		text_str(out, i ? "f" : ".f");
	if (t->zone == 'Z')
		text_char(out, 'Z');
	else if (t->zone)
		text_str(out, t->zone == '+' ? "+HH:MM" : "-HH:MM");
}
