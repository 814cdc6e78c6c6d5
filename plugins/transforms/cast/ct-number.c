/* SPDX-License-Identifier: MIT */
/* Numbers and truth values. */

#include <math.h>

#include "common/celltext.h"
#include "ct.h"

static const char not_a_number[] = "is no number";
static const char fraction[] = "has a fraction; set lossy to cut it off";
static const char rounded[] = "has more digits than a double holds; set lossy to round it";
static const char out_of_range[] = "is out of range";
static const char not_finite[] = "is NaN or an infinity";

#define TWO_63 9223372036854775808.0
#define TWO_64 18446744073709551616.0

/* ---- Whole numbers ------------------------------------------------------------------------ */

CT_CONVERT(ct_bool_to_whole)
{
	(void)j;
	out->v.u64 = in->v.i64 != 0;
	return NULL;
}

/* From int and uint: the same bits are 0 and 1. */
CT_CONVERT(ct_int_to_bool)
{
	(void)j;
	out->v.i64 = in->v.i64;
	return in->v.u64 <= 1 ? NULL : "is neither 0 nor 1";
}

CT_CONVERT(ct_int_to_uint)
{
	(void)j;
	out->v.u64 = in->v.u64;
	return in->v.i64 < 0 ? out_of_range : NULL;
}

CT_CONVERT(ct_uint_to_int)
{
	(void)j;
	out->v.u64 = in->v.u64;
	return in->v.u64 > INT64_MAX ? out_of_range : NULL;
}

/* ---- Doubles -------------------------------------------------------------------------------- */

CT_CONVERT(ct_int_to_double)
{
	double v = (double)in->v.i64;

	out->v.f64 = v;
	return j->cast->lossy || (v < TWO_63 && (int64_t)v == in->v.i64) ? NULL : rounded;
}

CT_CONVERT(ct_uint_to_double)
{
	double v = (double)in->v.u64;

	out->v.f64 = v;
	return j->cast->lossy || (v < TWO_64 && (uint64_t)v == in->v.u64) ? NULL : rounded;
}

/* The whole part of a finite number. */
static const char *whole_part(const struct ct_job *j, double v, double *ret)
{
	*ret = trunc(v);
	if (!isfinite(v))
		return not_finite;
	return *ret == v || j->cast->lossy ? NULL : fraction;
}

CT_CONVERT(ct_double_to_int)
{
	double v;
	const char *why = whole_part(j, in->v.f64, &v);

	if (why)
		return why;
	if (v < -TWO_63 || v >= TWO_63)
		return out_of_range;
	out->v.i64 = (int64_t)v;
	return NULL;
}

CT_CONVERT(ct_double_to_uint)
{
	double v;
	const char *why = whole_part(j, in->v.f64, &v);

	if (why)
		return why;
	if (v < 0 || v >= TWO_64)
		return out_of_range;
	out->v.u64 = (uint64_t)v;
	return NULL;
}

static const char *give_digits(const struct ct_job *j, const struct number *n, bool shorten,
			       struct defsync_cell *out)
{
	char *room = text_room(j->out, NUMBER_SIZE);
	size_t len;

	if (!room)
		return ct_no_memory;
	len = number_write(n, shorten, room);
	if (!len)
		return "has too many digits";
	text_filled(j->out, len);
	return ct_give(j, out);
}

/* By the shortest text that reads back as the same. */
CT_CONVERT(ct_double_to_decimal)
{
	struct text *scratch = &j->cast->scratch;
	struct number n;

	if (!isfinite(in->v.f64))
		return not_finite;
	text_clear(scratch);
	celltext_add(scratch, in, 0);
	if (!text_ok(scratch))
		return ct_no_memory;
	if (!number_parse(scratch->ptr, scratch->len, &n))
		return not_a_number;
	return give_digits(j, &n, true, out);
}

CT_CONVERT(ct_double_to_json)
{
	return isfinite(in->v.f64) ? ct_to_text(j, in, out) : not_finite;
}

/* ---- Digits ---------------------------------------------------------------------------------- */

/* An exponent in the place of a whole number is rather a code than a number. */
static const char *read_whole(const struct defsync_cell *in, struct number *ret)
{
	if (!number_parse(in->v.data.ptr, in->v.data.len, ret))
		return not_a_number;
	return ret->exponent ? "has an exponent" : NULL;
}

CT_CONVERT(ct_digits_to_int)
{
	struct number n;
	const char *why;
	bool cut;

	if (number_plain_int(in->v.data.ptr, in->v.data.len, &out->v.i64))
		return NULL;
	why = read_whole(in, &n);
	if (why)
		return why;
	if (!number_int64(&n, 0, &out->v.i64, &cut))
		return out_of_range;
	return cut && !j->cast->lossy ? fraction : NULL;
}

CT_CONVERT(ct_digits_to_uint)
{
	struct number n;
	const char *why = read_whole(in, &n);
	bool cut;

	if (why)
		return why;
	if (!number_uint64(&n, 0, &out->v.u64, &cut))
		return out_of_range;
	return cut && !j->cast->lossy ? fraction : NULL;
}

CT_CONVERT(ct_digits_to_double)
{
	struct number n;
	bool exact;

	if (!number_parse(in->v.data.ptr, in->v.data.len, &n))
		return not_a_number;
	if (!number_double(&n, &out->v.f64, &exact))
		return out_of_range;
	return exact || j->cast->lossy ? NULL : rounded;
}

CT_CONVERT(ct_digits_to_decimal)
{
	struct number n;

	if (!number_parse(in->v.data.ptr, in->v.data.len, &n))
		return not_a_number;
	return give_digits(j, &n, false, out);
}

CT_CONVERT(ct_text_to_bool)
{
	(void)j;
	return number_bool(in->v.data.ptr, in->v.data.len, &out->v.i64)
		   ? NULL
		   : "is none of true, t, yes, y, 1, false, f, no, n, 0";
}
