/* SPDX-License-Identifier: MIT */
/*
 * Dates and times as ISO 8601 text, without quotes.  `digits` of the fraction,
 * 0 to 6, all of them; what is finer is cut off.
 */

#ifndef ROW_CELL_TIME_H
#define ROW_CELL_TIME_H

#include <stdint.h>

/* Characters that any of these writes at most. */
#define CELL_TIME_MAX 40

/* Days from 1970-01-01 that cell_write_date takes: beyond any calendar in use. */
#define CELL_DAYS_MAX INT64_C(1000000000000)

/*
 * 2024-01-31.  A year outside 0001..9999 is written with its sign, "-0044-03-15",
 * and *ret_far set to 1 (otherwise untouched).
 */
char *cell_write_date(char *p, int64_t days, int *ret_far);

/* 2024-01-31T10:00:00.000000 */
char *cell_write_timestamp(char *p, int64_t us, unsigned digits, int *ret_far);

/* [-]HH:MM:SS.000000; hours may be more than two digits. */
char *cell_write_time(char *p, int64_t us, unsigned digits);

#endif
