/* SPDX-License-Identifier: MIT */
/*
 * Decimals as texts, compared exactly whatever their length: [-]digits[.digits], and
 * NaN, Infinity and -Infinity as PostgreSQL writes them.  Pure.
 */

#ifndef COMMON_DECIMAL_H
#define COMMON_DECIMAL_H

#include <stdbool.h>
#include <stddef.h>

#define DECIMAL_NAN 2

/* A decimal taken apart: sign, digits before and behind the point without idle zeros. */
struct decimal {
	int rank; /* -1: -Infinity, 0: digits, 1: Infinity, DECIMAL_NAN */
	bool negative;
	const char *whole, *fraction; /* in the text */
	size_t n_whole, n_fraction;
};

void decimal_parse(const char *ptr, size_t len, struct decimal *ret);
/* -1, 0 or 1; NaN equals itself and is above all others. */
int decimal_compare(const struct decimal *a, const struct decimal *b);

#endif
