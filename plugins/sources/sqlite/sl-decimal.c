/* SPDX-License-Identifier: MIT */
/* A double as the shortest digits that read back as the same double. */

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sl.h"

/*
 * Digits and exponent of v = 0.d1d2d3... * 10^exponent.  The point that printf
 * writes is skipped, whatever the locale makes of it; strtod reads it back in the
 * same locale.
 */
static size_t shortest_digits(double v, char digits[24], int *ret_exponent)
{
	char text[40];
	size_t n = 0;
	int precision;
	const char *p;

	for (precision = 14; precision <= 16; precision++) {
		(void)snprintf(text, sizeof(text), "%.*e", precision, v);
		if (precision == 16 || strtod(text, NULL) == v)
			break;
	}
	for (p = text; *p && *p != 'e'; p++) {
		if (*p >= '0' && *p <= '9')
			digits[n++] = *p;
	}
	*ret_exponent = *p ? (int)strtol(p + 1, NULL, 10) + 1 : 1;
	while (n > 1 && digits[n - 1] == '0')
		n--;
	return n;
}

static char *zeros(char *p, int n)
{
	if (n > 0) {
		memset(p, '0', (size_t)n);
		p += n;
	}
	return p;
}

size_t sl_decimal_print(double v, char out[SL_DECIMAL_MAX])
{
	char digits[24], *p = out;
	int exponent;
	size_t n, whole;

	if (!isfinite(v))
		return 0;
	if (v < 0)
		*p++ = '-';
	if (v == 0) {
		*p++ = '0';
		return (size_t)(p - out);
	}
	n = shortest_digits(fabs(v), digits, &exponent);
	whole = exponent > 0 ? (size_t)exponent : 0;
	if (whole >= n) {
		memcpy(p, digits, n);
		p = zeros(p + n, (int)(whole - n));
		return (size_t)(p - out);
	}
	if (whole == 0)
		*p++ = '0';
	memcpy(p, digits, whole);
	p += whole;
	*p++ = '.';
	p = zeros(p, -exponent);
	memcpy(p, digits + whole, n - whole);
	return (size_t)(p - out) + n - whole;
}
