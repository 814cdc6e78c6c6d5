/* SPDX-License-Identifier: MIT */
/* The two clocks, and dates as text.  Proleptic Gregorian, no time zones. */

#ifndef BASE_CLOCK_H
#define BASE_CLOCK_H

#include <stddef.h>
#include <stdint.h>

int64_t clock_mono_us(void); /* never goes back */
int64_t clock_wall_us(void); /* UTC since 1970 */

/* 2026-11-24T05:30:51.123456Z, NUL-terminated. */
#define CLOCK_TEXT_MAX 40
void clock_format(int64_t wall_us, char out[CLOCK_TEXT_MAX]);
int clock_parse(const char *text, int64_t *ret_wall_us);

/* "Sun, 06 Nov 1994 08:49:37 GMT" (the three HTTP forms) to seconds since 1970. */
int clock_parse_http(const char *text, int64_t *ret_seconds);

/* Days since 1970-01-01 to a date and back. */
void clock_civil(int64_t days, int64_t *ret_year, unsigned *ret_month, unsigned *ret_day);
int64_t clock_days(int64_t year, unsigned month, unsigned day);

#endif
