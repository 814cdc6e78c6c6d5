/* SPDX-License-Identifier: MIT */
/* Numbers to text on the row path: no locale, no NUL. */

#include "base/num.h"

#include <float.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define TEN(d) d "0" d "1" d "2" d "3" d "4" d "5" d "6" d "7" d "8" d "9"

static const char pairs[] =
    TEN("0") TEN("1") TEN("2") TEN("3") TEN("4") TEN("5") TEN("6") TEN("7") TEN("8") TEN("9");

static unsigned count_digits(uint64_t v)
{
	static const uint64_t powers[20] = {0, /* 0 has one digit too */
					    10u,
					    UINT64_C(100),
					    UINT64_C(1000),
					    UINT64_C(10000),
					    UINT64_C(100000),
					    UINT64_C(1000000),
					    UINT64_C(10000000),
					    UINT64_C(100000000),
					    UINT64_C(1000000000),
					    UINT64_C(10000000000),
					    UINT64_C(100000000000),
					    UINT64_C(1000000000000),
					    UINT64_C(10000000000000),
					    UINT64_C(100000000000000),
					    UINT64_C(1000000000000000),
					    UINT64_C(10000000000000000),
					    UINT64_C(100000000000000000),
					    UINT64_C(1000000000000000000),
					    UINT64_C(10000000000000000000)};
	/* bits * log10(2), which is the count or one less */
	unsigned n = (unsigned)(64 - __builtin_clzll(v | 1)) * 1233 >> 12;

	return n + (v >= powers[n]);
}

/* Two digits at a time, backwards from the place where they end. */
char *num_write_u64(char *p, uint64_t v)
{
	char *end = p + count_digits(v), *to = end;

	while (v >= 100) {
		to -= 2;
		memcpy(to, pairs + 2 * (v % 100), 2);
		v /= 100;
	}
	if (v >= 10)
		memcpy(to - 2, pairs + 2 * v, 2);
	else
		to[-1] = (char)('0' + v);
	return end;
}

char *num_write_i64(char *p, int64_t v)
{
	if (v >= 0)
		return num_write_u64(p, (uint64_t)v);
	*p = '-';
	return num_write_u64(p + 1, 0 - (uint64_t)v);
}

/*
 * Money, percentages, whole numbers: m = v * 10^k is below 2^53 and thus exact,
 * and the correctly rounded m / 10^k is v, so the text m * 10^-k reads back as v.
 */
static char *write_short(char *p, double v)
{
	static const double powers[] = {1, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6};
	uint64_t m, unit = 1;
	int k;

	for (k = 0; k <= 6; k++, unit *= 10) {
		double scaled = rint(v * powers[k]);

		if (scaled > 9e15)
			return NULL;
		if (scaled / powers[k] == v)
			break;
	}
	if (k > 6)
		return NULL;
	m = (uint64_t)rint(v * powers[k]);
	p = num_write_u64(p, m / unit);
	*p++ = '.';
	if (k == 0) {
		*p++ = '0';
		return p;
	}
	for (m %= unit; k > 0; k--) {
		unit /= 10;
		*p++ = (char)('0' + m / unit % 10);
	}
	return p;
}

struct decimal {
	char digits[18]; /* without zeros at the end, at least one */
	int n;
	int exponent; /* of the first digit */
};

/* "d.ddde+xx" of printf, whatever its locale puts for the point. */
static void decimal_read(struct decimal *d, const char *text)
{
	d->n = 0;
	for (; *text != 'e'; text++) {
		if (*text >= '0' && *text <= '9' && d->n < (int)sizeof(d->digits))
			d->digits[d->n++] = *text;
	}
	while (d->n > 1 && d->digits[d->n - 1] == '0')
		d->n--;
	d->exponent = (int)strtol(text + 1, NULL, 10);
}

/* printf and strtod of one locale agree with each other. */
static void decimal_shortest(struct decimal *d, double v)
{
	char text[64];
	/* 15 digits always survive, but for subnormal numbers, which have fewer */
	int precision = v < DBL_MIN ? 0 : 14;

	for (; precision <= 16; precision++) {
		(void)snprintf(text, sizeof(text), "%.*e", precision, v);
		if (strtod(text, NULL) == v)
			break;
	}
	decimal_read(d, text);
}

static char *write_digits(char *p, const struct decimal *d, int from, int to)
{
	for (; from < to; from++)
		*p++ = from >= 0 && from < d->n ? d->digits[from] : '0';
	return p;
}

static char *write_plain(char *p, const struct decimal *d)
{
	int point = d->exponent + 1; /* digits before the point */
	int end = d->n > point ? d->n : point + 1;

	p = write_digits(p, d, point > 0 ? 0 : point - 1, point);
	*p++ = '.';
	return write_digits(p, d, point, end);
}

static char *write_scientific(char *p, const struct decimal *d)
{
	*p++ = d->digits[0];
	if (d->n > 1) {
		*p++ = '.';
		p = write_digits(p, d, 1, d->n);
	}
	*p++ = 'e';
	return num_write_i64(p, d->exponent);
}

char *num_write_double(char *p, double v)
{
	struct decimal d;
	char *end;

	if (signbit(v)) {
		*p++ = '-';
		v = -v;
	}
	end = write_short(p, v);
	if (end)
		return end;
	decimal_shortest(&d, v);
	if (d.exponent >= -5 && d.exponent <= 16)
		return write_plain(p, &d);
	return write_scientific(p, &d);
}
