/* SPDX-License-Identifier: MIT */
/*
 * Texts as numbers and truth values, exactly: whoever asks learns what would be lost.
 * Pure; no locale plays a part.
 */

#ifndef COMMON_NUMBER_H
#define COMMON_NUMBER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Digits on one side of the point that are written out at most. */
#define NUMBER_DIGITS_MAX 1000
/* Room for such a number. */
#define NUMBER_SIZE (2 * NUMBER_DIGITS_MAX + 8)

/* A number that was read, where it stands in its text. */
struct number {
	const char *whole, *fraction; /* digits in front of the point and behind it */
	size_t n_whole, n_fraction;
	int64_t exponent;
	bool negative;
};

/* [sign]digits[.digits][e[sign]digits], a digit on one side of the point. */
bool number_parse(const char *ptr, size_t len, struct number *ret);
/*
 * The whole part of the number times 10^shift; *ret_cut: there was a fraction behind it.
 * False: it does not fit.
 */
bool number_uint64(const struct number *n, int shift, uint64_t *ret, bool *ret_cut);
bool number_int64(const struct number *n, int shift, int64_t *ret, bool *ret_cut);
/*
 * The nearest double; *ret_exact: written with as many digits it is the same number.
 * False: it is too large.
 */
bool number_double(const struct number *n, double *ret, bool *ret_exact);
/*
 * Writes it as [-]digits[.digits]; shorten: without zeros at the fraction's end.  How
 * many bytes; 0: more digits than NUMBER_DIGITS_MAX.
 */
size_t number_write(const struct number *n, bool shorten, char out[NUMBER_SIZE]);

/* [sign]digits alone, as most are. */
bool number_plain_int(const char *ptr, size_t len, int64_t *ret);
/* true, t, yes, y, 1, false, f, no, n, 0 in any case. */
bool number_bool(const char *ptr, size_t len, int64_t *ret);

#endif
