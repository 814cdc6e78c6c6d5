/* SPDX-License-Identifier: MIT */
/*
 * Dates and times as ISO 8601 texts: YYYY-MM-DD, then T or a space and HH:MM:SS,
 * a fraction, Z or an offset +HH:MM.  Pure.
 */

#ifndef COMMON_ISO_H
#define COMMON_ISO_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/text.h"

struct iso {
	int year, month, day, hour, minute, second;
	int micros;
	int digits;	/* of the fraction as written */
	bool finer;	/* of those beyond the sixth one is not zero: micros is less */
	char separator; /* 'T', ' ', or 0: a date only */
	char zone;	/* 0, 'Z', '+' or '-' */
	int offset;	/* minutes east of UTC */
};

bool iso_parse(const char *ptr, size_t len, struct iso *ret);
/*
 * [-]HH:MM[:SS[.f...]], hours of two digits or three, as microseconds; *ret_finer: as in
 * struct iso.
 */
bool iso_clock(const char *ptr, size_t len, int64_t *ret_us, bool *ret_finer);
/* May texts of both kinds stand in one column, so that their order is that of time? */
bool iso_same_form(const struct iso *a, const struct iso *b);
/* Is that day in the calendar?  iso_parse takes 2023-02-31. */
bool iso_has_day(const struct iso *t);
int64_t iso_days(const struct iso *t);
int64_t iso_micros(const struct iso *t);
/* "YYYY-MM-DDTHH:MM:SS.fffZ" */
void iso_describe(const struct iso *t, struct text *out);

/*
 * Days since 1970-01-01 in the proleptic Gregorian calendar, for all years that have
 * them in an int64.  iso_civil gives the year.
 */
int64_t iso_civil(int64_t days, unsigned *ret_month, unsigned *ret_day);
int64_t iso_days_of(int64_t year, unsigned month, unsigned day);

#endif
