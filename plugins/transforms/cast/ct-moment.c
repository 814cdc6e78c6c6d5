/* SPDX-License-Identifier: MIT */
/* Dates and times that are texts, by ISO 8601 or by the format. */

#include "ct.h"

/* ---- Dates, with a time or without ---------------------------------------------------------- */

/* iso_parse counts the digits behind the sixth; zeros are nothing that is lost. */
static bool has_more_digits(const char *ptr, size_t len, const struct iso *t)
{
	int i;

	for (i = 6; i < t->digits && (size_t)(20 + i) < len; i++) {
		if (ptr[20 + i] != '0')
			return true;
	}
	return false;
}

const char *ct_moment_read(const struct ct_format *f, const char *ptr, size_t len,
			   struct ct_moment *ret)
{
	struct ct_moment m = {.cut = false};
	const char *why = NULL;

	if (f->has)
		why = ct_format_read(f, ptr, len, &m);
	else if (!iso_parse(ptr, len, &m.t))
		why = "is not as in ISO 8601";
	else
		m.cut = has_more_digits(ptr, len, &m.t);
	if (why)
		return why;
	if (!iso_has_day(&m.t))
		return "is no day of the calendar";
	*ret = m;
	return NULL;
}

/* ---- Times alone ------------------------------------------------------------------------------ */

struct clock {
	const char *p, *end;
};

/* `least` to `most` digits of at most `high`. */
static bool take(struct clock *c, int least, int most, int64_t high, int64_t *ret)
{
	int n = 0;

	for (*ret = 0; n < most && c->p < c->end && *c->p >= '0' && *c->p <= '9'; n++)
		*ret = *ret * 10 + (*c->p++ - '0');
	return n >= least && *ret <= high;
}

static bool take_char(struct clock *c, char want)
{
	if (c->p == c->end || *c->p != want)
		return false;
	c->p++;
	return true;
}

static bool take_fraction(struct clock *c, int64_t *us, bool *cut)
{
	int64_t scale = 100000;
	int n = 0;

	for (; c->p < c->end && *c->p >= '0' && *c->p <= '9'; n++) {
		*us += (*c->p - '0') * scale;
		*cut |= scale == 0 && *c->p != '0';
		scale /= 10;
		c->p++;
	}
	return n > 0;
}

static const char *read_iso(const char *ptr, size_t len, int64_t *ret_us, bool *ret_cut)
{
	static const char no_time[] = "is no time as HH:MM:SS";
	struct clock c = {ptr, len ? ptr + len : ptr};
	bool negative = take_char(&c, '-'), cut = false;
	int64_t hour, minute, second = 0, us = 0;

	if (!take(&c, 2, 3, 999, &hour) || !take_char(&c, ':') || !take(&c, 2, 2, 59, &minute))
		return no_time;
	if (take_char(&c, ':') && !take(&c, 2, 2, 59, &second))
		return no_time;
	if (take_char(&c, '.') && !take_fraction(&c, &us, &cut))
		return no_time;
	if (c.p != c.end)
		return no_time;
	us += (hour * 3600 + minute * 60 + second) * CT_SECOND;
	*ret_us = negative ? -us : us;
	*ret_cut = cut;
	return NULL;
}

const char *ct_clock_read(const struct ct_format *f, const char *ptr, size_t len, int64_t *ret_us,
			  bool *ret_cut)
{
	struct ct_moment m;
	const char *why;

	if (!f->has)
		return read_iso(ptr, len, ret_us, ret_cut);
	why = ct_format_read(f, ptr, len, &m);
	if (why)
		return why;
	*ret_us = (m.t.hour * 3600 + m.t.minute * 60 + m.t.second) * CT_SECOND + m.t.micros;
	*ret_cut = m.cut;
	return NULL;
}
