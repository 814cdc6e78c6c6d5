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
	char separator; /* 'T', ' ', or 0: a date only */
	char zone;	/* 0, 'Z', '+' or '-' */
	int offset;	/* minutes east of UTC */
};

bool iso_parse(const char *ptr, size_t len, struct iso *ret);
/* May texts of both kinds stand in one column, so that their order is that of time? */
bool iso_same_form(const struct iso *a, const struct iso *b);
int64_t iso_days(const struct iso *t);
int64_t iso_micros(const struct iso *t);
/* "YYYY-MM-DDTHH:MM:SS.fffZ" */
void iso_describe(const struct iso *t, struct text *out);

#endif
