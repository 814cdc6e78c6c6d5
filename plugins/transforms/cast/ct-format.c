/* SPDX-License-Identifier: MIT */
/*
 * Formats of dates and times, with the letters of strptime(3) that mean the same
 * everywhere: no locale, and nothing that the host's clock or zone plays a part in.
 */

#include <string.h>
#include <strings.h>

#include "ct.h"

static const char months[12][4] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
				   "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};

static const char no_match[] = "is not as the format says";

/* ---- Compiling --------------------------------------------------------------------------- */

static unsigned field_of(char letter)
{
	static const struct {
		char letter;
		unsigned has;
	} fields[] = {
	    {'Y', CT_HAS_YEAR},	    {'y', CT_HAS_YEAR},	  {'m', CT_HAS_MONTH},
	    {'b', CT_HAS_MONTH},    {'d', CT_HAS_DAY},	  {'H', CT_HAS_HOUR},
	    {'M', CT_HAS_MINUTE},   {'S', CT_HAS_SECOND}, {'I', CT_HAS_HOUR | CT_HAS_12},
	    {'f', CT_HAS_FRACTION}, {'p', CT_HAS_HALF},	  {'z', CT_HAS_ZONE},
	};
	size_t i;

	for (i = 0; i < sizeof(fields) / sizeof(fields[0]); i++) {
		if (fields[i].letter == letter)
			return fields[i].has;
	}
	return 0;
}

const char *ct_format_compile(const char *text, struct ct_format *ret)
{
	struct ct_format f = {.n = 0};

	for (; *text; text++) {
		unsigned has;

		if (f.n == CT_FORMAT_MAX)
			return "is too long";
		if (*text != '%' || text[1] == '%') {
			text += *text == '%';
			f.steps[f.n++] = (unsigned char)*text;
			continue;
		}
		text++;
		has = field_of(*text);
		if (!has)
			return "has an unknown field; use %Y %y %m %b %d %H %I %p %M %S %f %z %%";
		if (f.has & has)
			return "has one part twice";
		f.has |= has;
		f.steps[f.n++] = (unsigned short)(CT_FIELD | (unsigned char)*text);
	}
	if (!f.has)
		return "has no field";
	if (!(f.has & CT_HAS_12) != !(f.has & CT_HAS_HALF))
		return "has one of %I and %p, which need each other";
	*ret = f;
	return NULL;
}

/* ---- Reading ------------------------------------------------------------------------------- */

struct reader {
	const char *p, *end;
	struct iso *t;
	int half; /* hours to add */
};

/* `least` to `most` digits, a number from low to high. */
static bool take(struct reader *r, int least, int most, int low, int high, int *ret)
{
	int v = 0, n = 0;

	for (; n < most && r->p < r->end && *r->p >= '0' && *r->p <= '9'; n++)
		v = v * 10 + (*r->p++ - '0');
	*ret = v;
	return n >= least && v >= low && v <= high;
}

static bool take_fraction(struct reader *r)
{
	int scale = 100000, n = 0;

	for (; n < 9 && r->p < r->end && *r->p >= '0' && *r->p <= '9'; n++, r->p++) {
		r->t->micros += (*r->p - '0') * scale;
		r->t->finer |= n >= 6 && *r->p != '0';
		scale /= 10;
	}
	return n > 0;
}

static bool take_month(struct reader *r)
{
	int i;

	for (i = 0; i < 12 && r->end - r->p >= 3; i++) {
		if (strncasecmp(r->p, months[i], 3) == 0) {
			r->p += 3;
			r->t->month = i + 1;
			return true;
		}
	}
	return false;
}

static bool take_half(struct reader *r)
{
	if (r->end - r->p < 2 || (r->p[1] | 0x20) != 'm' ||
	    ((r->p[0] | 0x20) != 'a' && (r->p[0] | 0x20) != 'p'))
		return false;
	r->half = (r->p[0] | 0x20) == 'p' ? 12 : 0;
	r->p += 2;
	return true;
}

/* Z, +HH:MM or +HHMM. */
static bool take_zone(struct reader *r)
{
	int hours, minutes;

	if (r->p == r->end)
		return false;
	r->t->zone = *r->p++;
	if (r->t->zone == 'Z')
		return true;
	if ((r->t->zone != '+' && r->t->zone != '-') || !take(r, 2, 2, 0, 14, &hours))
		return false;
	if (r->p < r->end && *r->p == ':')
		r->p++;
	if (!take(r, 2, 2, 0, 59, &minutes))
		return false;
	r->t->offset = (r->t->zone == '-' ? -1 : 1) * (hours * 60 + minutes);
	return true;
}

/* 69 to 99 are of the last century, as in POSIX. */
static bool take_short_year(struct reader *r)
{
	if (!take(r, 2, 2, 0, 99, &r->t->year))
		return false;
	r->t->year += r->t->year < 69 ? 2000 : 1900;
	return true;
}

static bool take_field(struct reader *r, char letter)
{
	struct iso *t = r->t;

	switch (letter) {
	case 'Y':
		return take(r, 4, 4, 0, 9999, &t->year);
	case 'y':
		return take_short_year(r);
	case 'm':
		return take(r, 1, 2, 1, 12, &t->month);
	case 'b':
		return take_month(r);
	case 'd':
		return take(r, 1, 2, 1, 31, &t->day);
	case 'H':
		return take(r, 1, 2, 0, 23, &t->hour);
	case 'I':
		return take(r, 1, 2, 1, 12, &t->hour);
	case 'M':
		return take(r, 1, 2, 0, 59, &t->minute);
	case 'S':
		return take(r, 1, 2, 0, 59, &t->second);
	case 'f':
		return take_fraction(r);
	case 'p':
		return take_half(r);
	default:
		return take_zone(r);
	}
}

const char *ct_format_read(const struct ct_format *f, const char *ptr, size_t len, struct iso *ret)
{
	struct iso t = {.year = 1970, .month = 1, .day = 1, .separator = 'T'};
	struct reader r = {.p = ptr, .end = len ? ptr + len : ptr, .t = &t};
	unsigned i;

	for (i = 0; i < f->n; i++) {
		if (f->steps[i] & CT_FIELD) {
			if (!take_field(&r, (char)(f->steps[i] & 0xff)))
				return no_match;
		} else if (r.p == r.end || (unsigned char)*r.p++ != f->steps[i]) {
			return no_match;
		}
	}
	if (r.p != r.end)
		return no_match;
	if (f->has & CT_HAS_12)
		t.hour = t.hour % 12 + r.half;
	*ret = t;
	return NULL;
}

/* ---- Writing ---------------------------------------------------------------------------------- */

static void put_padded(struct text *out, int64_t v, int width)
{
	char digits[20];
	int i;

	for (i = width - 1; i >= 0; i--, v /= 10)
		digits[i] = (char)('0' + v % 10);
	text_add(out, digits, (size_t)width);
}

static void put_zone(struct text *out, int offset)
{
	int size = offset < 0 ? -offset : offset;

	text_char(out, offset < 0 ? '-' : '+');
	put_padded(out, size / 60, 2);
	text_char(out, ':');
	put_padded(out, size % 60, 2);
}

/* A moment taken apart; struct iso's year is too small for all of them. */
struct parts {
	int64_t year, us; /* us: of the day */
	unsigned month, day;
	int offset;
};

static int64_t half_hour(int64_t hour)
{
	return hour % 12 ? hour % 12 : 12;
}

static void put_field(struct text *out, char letter, const struct parts *p)
{
	int64_t second = p->us / CT_SECOND;

	switch (letter) {
	case 'Y':
		put_padded(out, p->year, 4);
		break;
	case 'y':
		put_padded(out, p->year % 100, 2);
		break;
	case 'm':
		put_padded(out, p->month, 2);
		break;
	case 'b':
		text_str(out, months[p->month - 1]);
		break;
	case 'd':
		put_padded(out, p->day, 2);
		break;
	case 'H':
		put_padded(out, second / 3600, 2);
		break;
	case 'I':
		put_padded(out, half_hour(second / 3600), 2);
		break;
	case 'M':
		put_padded(out, second / 60 % 60, 2);
		break;
	case 'S':
		put_padded(out, second % 60, 2);
		break;
	case 'f':
		put_padded(out, p->us % CT_SECOND, 6);
		break;
	case 'p':
		text_str(out, second < 43200 ? "AM" : "PM");
		break;
	default:
		put_zone(out, p->offset);
		break;
	}
}

static bool has_year(int64_t year, char letter)
{
	if (letter == 'y')
		return year >= 1969 && year <= 2068;
	return letter != 'Y' || (year >= 0 && year <= 9999);
}

const char *ct_format_print(const struct ct_format *f, int64_t us, int offset, struct text *out)
{
	struct parts p = {.us = us % CT_DAY, .offset = offset};
	int64_t days = us / CT_DAY;
	unsigned i;

	if (p.us < 0) {
		p.us += CT_DAY;
		days--;
	}
	p.year = iso_civil(days, &p.month, &p.day);
	for (i = 0; i < f->n; i++) {
		char c = (char)(f->steps[i] & 0xff);

		if (!(f->steps[i] & CT_FIELD))
			text_char(out, c);
		else if (!has_year(p.year, c))
			return "has a year that the format cannot show";
		else
			put_field(out, c, &p);
	}
	return NULL;
}
