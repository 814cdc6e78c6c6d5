/* SPDX-License-Identifier: MIT */
/* Dates and times that are texts, by ISO 8601 or by the format. */

#include "ct.h"

const char *ct_moment_read(const struct ct_format *f, const char *ptr, size_t len, struct iso *ret)
{
	struct iso t;
	const char *why = NULL;

	if (f->has)
		why = ct_format_read(f, ptr, len, &t);
	else if (!iso_parse(ptr, len, &t))
		why = "is not as in ISO 8601";
	if (why)
		return why;
	if (!iso_has_day(&t))
		return "is no day of the calendar";
	*ret = t;
	return NULL;
}

const char *ct_clock_read(const struct ct_format *f, const char *ptr, size_t len, int64_t *ret_us,
			  bool *ret_finer)
{
	struct iso t;
	const char *why;

	if (!f->has)
		return iso_clock(ptr, len, ret_us, ret_finer) ? NULL : "is no time as HH:MM:SS";
	why = ct_format_read(f, ptr, len, &t);
	if (why)
		return why;
	*ret_us = (t.hour * 3600 + t.minute * 60 + t.second) * CT_SECOND + t.micros;
	*ret_finer = t.finer;
	return NULL;
}
