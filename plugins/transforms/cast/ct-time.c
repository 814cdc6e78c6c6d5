/* SPDX-License-Identifier: MIT */
/* Dates, times and timestamps. */

#include <math.h>

#include "common/celltext.h"
#include "ct.h"

static const char out_of_range[] = "is out of range";
static const char time_of_day[] = "has a time of day; set lossy to cut it off";
static const char below_micros[] = "has digits below a microsecond; set lossy to cut them off";
static const char below_unit[] = "has a fraction of the unit; set lossy to cut it off";
static const char not_a_number[] = "is no number";

static int64_t offset_us(const struct ct_job *j)
{
	return (int64_t)j->cast->offset * 60 * CT_SECOND;
}

/* Downwards, before 1970 too; *ret_rest is not negative. */
static int64_t floor_of(int64_t v, int64_t by, int64_t *ret_rest)
{
	int64_t q = v / by, rest = v % by;

	if (rest < 0) {
		rest += by;
		q--;
	}
	*ret_rest = rest;
	return q;
}

static const char *add(int64_t a, int64_t b, int64_t *ret)
{
	return __builtin_add_overflow(a, b, ret) ? out_of_range : NULL;
}

static const char *multiply(int64_t a, int64_t b, int64_t *ret)
{
	return __builtin_mul_overflow(a, b, ret) ? out_of_range : NULL;
}

/* ---- From texts ------------------------------------------------------------------------------- */

/* *ret_us: of the clock of utc_offset. */
static const char *read_local(const struct ct_job *j, const struct defsync_cell *in,
			      int64_t *ret_us)
{
	struct iso t;
	const char *why = ct_moment_read(&j->cast->format, in->v.data.ptr, in->v.data.len, &t);

	if (why)
		return why;
	*ret_us = iso_micros(&t) + (t.zone ? offset_us(j) : 0);
	return t.finer && !j->cast->lossy ? below_micros : NULL;
}

static const char *date_of(const struct ct_job *j, int64_t us, struct defsync_cell *out)
{
	int64_t rest;

	out->v.i64 = floor_of(us, CT_DAY, &rest);
	return rest && !j->cast->lossy ? time_of_day : NULL;
}

CT_CONVERT(ct_text_to_date)
{
	int64_t us = 0;
	const char *why = read_local(j, in, &us);

	return why ? why : date_of(j, us, out);
}

CT_CONVERT(ct_text_to_local)
{
	return read_local(j, in, &out->v.i64);
}

CT_CONVERT(ct_text_to_stamp)
{
	const char *why = read_local(j, in, &out->v.i64);

	if (!why)
		out->v.i64 -= offset_us(j);
	return why;
}

CT_CONVERT(ct_text_to_time)
{
	bool cut = false;
	const char *why =
	    ct_clock_read(&j->cast->format, in->v.data.ptr, in->v.data.len, &out->v.i64, &cut);

	if (why)
		return why;
	return cut && !j->cast->lossy ? below_micros : NULL;
}

/* ---- From each other ---------------------------------------------------------------------------- */

CT_CONVERT(ct_date_to_local)
{
	(void)j;
	return multiply(in->v.i64, CT_DAY, &out->v.i64);
}

CT_CONVERT(ct_local_to_stamp)
{
	return add(in->v.i64, -offset_us(j), &out->v.i64);
}

CT_CONVERT(ct_date_to_stamp)
{
	int64_t us = 0;
	const char *why = multiply(in->v.i64, CT_DAY, &us);

	return why ? why : add(us, -offset_us(j), &out->v.i64);
}

CT_CONVERT(ct_stamp_to_local)
{
	return add(in->v.i64, offset_us(j), &out->v.i64);
}

CT_CONVERT(ct_local_to_date)
{
	return date_of(j, in->v.i64, out);
}

CT_CONVERT(ct_stamp_to_date)
{
	int64_t us = 0;
	const char *why = add(in->v.i64, offset_us(j), &us);

	return why ? why : date_of(j, us, out);
}

CT_CONVERT(ct_local_to_time)
{
	(void)j;
	(void)floor_of(in->v.i64, CT_DAY, &out->v.i64);
	return NULL;
}

CT_CONVERT(ct_stamp_to_time)
{
	int64_t us = 0;
	const char *why = add(in->v.i64, offset_us(j), &us);

	(void)floor_of(us, CT_DAY, &out->v.i64);
	return why;
}

/* ---- Units since 1970 ------------------------------------------------------------------------------ */

CT_CONVERT(ct_int_to_stamp)
{
	return multiply(in->v.i64, j->cast->unit, &out->v.i64);
}

CT_CONVERT(ct_uint_to_stamp)
{
	if (in->v.u64 > INT64_MAX)
		return out_of_range;
	return ct_int_to_stamp(j, in, out);
}

static const char *stamp_of(const struct ct_job *j, const char *ptr, size_t len, int64_t *ret)
{
	struct number n;
	bool cut;

	if (!number_parse(ptr, len, &n))
		return not_a_number;
	if (!number_int64(&n, j->cast->shift, ret, &cut))
		return out_of_range;
	return cut && !j->cast->lossy ? below_micros : NULL;
}

CT_CONVERT(ct_digits_to_stamp)
{
	return stamp_of(j, in->v.data.ptr, in->v.data.len, &out->v.i64);
}

/* The digits that the double is written with, not what is left of them in binary. */
CT_CONVERT(ct_double_to_stamp)
{
	struct text *scratch = &j->cast->scratch;

	if (!isfinite(in->v.f64))
		return "is NaN or an infinity";
	text_clear(scratch);
	celltext_add(scratch, in, 0);
	if (!text_ok(scratch))
		return ct_no_memory;
	return stamp_of(j, scratch->ptr, scratch->len, &out->v.i64);
}

CT_CONVERT(ct_stamp_to_int)
{
	int64_t rest;

	out->v.i64 = floor_of(in->v.i64, j->cast->unit, &rest);
	return rest && !j->cast->lossy ? below_unit : NULL;
}

CT_CONVERT(ct_stamp_to_uint)
{
	if (in->v.i64 < 0)
		return out_of_range;
	return ct_stamp_to_int(j, in, out);
}
