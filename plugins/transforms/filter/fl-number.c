/* SPDX-License-Identifier: MIT */
/* Numbers of different types, compared exactly: nothing is rounded for it. */

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "common/decimal.h"
#include "fl.h"

/* The exact digits of the smallest double: 1074 of them behind the point. */
#define DOUBLE_DIGITS_MAX 1074
#define DIGITS_SIZE (DOUBLE_DIGITS_MAX + 320)

/* An integer of 64 bits with or without sign. */
struct whole {
	bool negative;
	uint64_t magnitude;
};

static unsigned order(int sign)
{
	return sign < 0 ? FL_LESS : sign > 0 ? FL_GREATER : FL_EQUAL;
}

static unsigned turned(unsigned o)
{
	return o == FL_LESS ? FL_GREATER : o == FL_GREATER ? FL_LESS : o;
}

static struct whole whole_of(const struct defsync_cell *c)
{
	if (c->type == DEFSYNC_UINT64)
		return (struct whole){false, c->v.u64};
	return (struct whole){c->v.i64 < 0,
			      c->v.i64 < 0 ? 0 - (uint64_t)c->v.i64 : (uint64_t)c->v.i64};
}

static unsigned compare_wholes(struct whole a, struct whole b)
{
	int sign = a.magnitude < b.magnitude ? -1 : a.magnitude > b.magnitude;

	if (a.negative != b.negative)
		return a.negative ? FL_LESS : FL_GREATER;
	return order(a.negative ? -sign : sign);
}

/* v is not negative. */
static int compare_magnitude(uint64_t a, double v)
{
	uint64_t whole;

	if (v >= 18446744073709551616.0)
		return -1;
	whole = (uint64_t)v;
	if (a != whole)
		return a < whole ? -1 : 1;
	/* Exact: above 2^53 a double has no fraction. */
	return v > (double)whole ? -1 : 0;
}

static unsigned compare_whole_double(struct whole a, double v)
{
	int sign;

	if (isnan(v))
		return 0;
	if (a.negative != (v < 0))
		return a.negative ? FL_LESS : FL_GREATER;
	sign = compare_magnitude(a.magnitude, fabs(v));
	return order(a.negative ? -sign : sign);
}

/* ---- Decimals ----------------------------------------------------------------------------- */

/* All digits that a double has in the decimal system; whatever the locale's point. */
static void double_digits(double v, char out[DIGITS_SIZE], struct decimal *ret)
{
	int exponent = 0, digits;
	char *point;

	(void)frexp(v, &exponent);
	digits = exponent < 53 ? 53 - exponent : 0;
	(void)snprintf(out, DIGITS_SIZE, "%.*f",
		       digits < DOUBLE_DIGITS_MAX ? digits : DOUBLE_DIGITS_MAX, v);
	point = strpbrk(out, ",.");
	if (point)
		*point = '.';
	decimal_parse(out, strlen(out), ret);
}

static void whole_digits(struct whole w, char out[DIGITS_SIZE], struct decimal *ret)
{
	(void)snprintf(out, DIGITS_SIZE, "%s%llu", w.negative ? "-" : "",
		       (unsigned long long)w.magnitude);
	decimal_parse(out, strlen(out), ret);
}

static void digits_of(const struct defsync_cell *c, char out[DIGITS_SIZE], struct decimal *ret)
{
	if (c->type == DEFSYNC_DECIMAL)
		decimal_parse(c->v.data.ptr, c->v.data.len, ret);
	else if (c->type == DEFSYNC_DOUBLE)
		double_digits(c->v.f64, out, ret);
	else
		whole_digits(whole_of(c), out, ret);
}

static unsigned compare_as_decimals(const struct defsync_cell *x, const struct defsync_cell *y)
{
	char digits_x[DIGITS_SIZE], digits_y[DIGITS_SIZE];
	struct decimal a, b;

	digits_of(x, digits_x, &a);
	digits_of(y, digits_y, &b);
	if (a.rank == DECIMAL_NAN || b.rank == DECIMAL_NAN)
		return 0;
	return order(decimal_compare(&a, &b));
}

/* ---- All ------------------------------------------------------------------------------------ */

static unsigned compare_doubles(double a, double b)
{
	if (isnan(a) || isnan(b))
		return 0;
	return order(a < b ? -1 : a > b);
}

unsigned fl_compare_numbers(const struct defsync_cell *a, const struct defsync_cell *b)
{
	if (a->type == DEFSYNC_INT64 && b->type == DEFSYNC_INT64)
		return order(a->v.i64 < b->v.i64 ? -1 : a->v.i64 > b->v.i64);
	if (a->type == DEFSYNC_DECIMAL || b->type == DEFSYNC_DECIMAL)
		return compare_as_decimals(a, b);
	if (a->type == DEFSYNC_DOUBLE && b->type == DEFSYNC_DOUBLE)
		return compare_doubles(a->v.f64, b->v.f64);
	if (b->type == DEFSYNC_DOUBLE)
		return compare_whole_double(whole_of(a), b->v.f64);
	if (a->type == DEFSYNC_DOUBLE)
		return turned(compare_whole_double(whole_of(b), a->v.f64));
	return compare_wholes(whole_of(a), whole_of(b));
}
