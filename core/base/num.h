/* SPDX-License-Identifier: MIT */
/*
 * Numbers, sizes and durations from and to text.  Parsers take the whole text:
 * 0, or -1 for syntax, range or trailing garbage; *ret is untouched then.
 * Formatters never look at the locale.
 */

#ifndef BASE_NUM_H
#define BASE_NUM_H

#include <stddef.h>
#include <stdint.h>

int num_parse_i64(const char *s, int64_t min, int64_t max, int64_t *ret);
int num_parse_double(const char *s, double *ret); /* finite */
int num_parse_bool(const char *s, int *ret);	  /* true false yes no on off */
/* "4MB" (10^6), "64KiB" (2^10), "10" (bytes); B KB MB GB TB KiB MiB GiB TiB, any case. */
int num_parse_size(const char *s, int64_t *ret);
/* "250ms" "90s" "15m" "24h" "7d" to ms; a bare number is seconds. */
int num_parse_duration(const char *s, int64_t *ret_ms);

/* Into a caller's array of at least 32 bytes; the text's start. */
const char *num_format_size(int64_t bytes, char out[32]);
const char *num_format_duration(int64_t ms, char out[32]);

/* Decimal digits at p (20 bytes are enough); the end.  No NUL. */
char *num_write_i64(char *p, int64_t v);
char *num_write_u64(char *p, uint64_t v);
/*
 * The shortest text that reads back as the same finite double, always with a
 * fraction or exponent ("1.0", "1e300"); 32 bytes are enough.  No NUL.
 */
char *num_write_double(char *p, double v);

#endif
