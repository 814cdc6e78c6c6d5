/* SPDX-License-Identifier: MIT */
/* From PostgreSQL's binary values to cells. */

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "pg.h"

/* Its clock begins in the year 2000. */
#define EPOCH_DAYS 10957
#define EPOCH_US INT64_C(946684800000000)

static inline uint16_t get_u16(const char *p)
{
	uint16_t v;

	memcpy(&v, p, sizeof(v));
	return __builtin_bswap16(v);
}

static inline uint32_t get_u32(const char *p)
{
	uint32_t v;

	memcpy(&v, p, sizeof(v));
	return __builtin_bswap32(v);
}

static inline uint64_t get_u64(const char *p)
{
	uint64_t v;

	memcpy(&v, p, sizeof(v));
	return __builtin_bswap64(v);
}

/* ---- Scratch ------------------------------------------------------------------- */

#define SCRATCH_BYTES 4096

void pg_scratch_rewind(struct pg_scratch *s)
{
	s->used = 0;
	if (s->more.first)
		pool_done(&s->more);
}

void pg_scratch_done(struct pg_scratch *s)
{
	pool_done(&s->more);
	free(s->ptr);
	*s = (struct pg_scratch){0};
}

static char *scratch_take(struct pg_scratch *s, size_t n)
{
	char *p;

	if (!s->ptr) {
		s->ptr = malloc(SCRATCH_BYTES);
		s->cap = s->ptr ? SCRATCH_BYTES : 0;
	}
	if (n > s->cap - s->used)
		return pool_alloc(&s->more, n, 1);
	p = s->ptr + s->used;
	s->used += n;
	return p;
}

/* ---- Numbers --------------------------------------------------------------------- */

#define NUMERIC_HEAD 8
#define NUMERIC_NEGATIVE 0x4000
#define NUMERIC_NAN 0xc000
#define NUMERIC_INFINITY 0xd000
#define NUMERIC_MINUS_INFINITY 0xf000
#define NUMERIC_SCALE_MAX 16383

struct numeric {
	int n, weight, scale;
	const char *digits; /* of base 10000, two bytes each */
};

/* The digit of this place, 0 outside of those that are stored; -1: none such. */
static inline int numeric_digit(const struct numeric *v, int place)
{
	int i = v->weight - place;
	int digit = i >= 0 && i < v->n ? get_u16(v->digits + 2 * i) : 0;

	return digit < 10000 ? digit : -1;
}

static inline char *put_4(char *p, int digit)
{
	p[0] = (char)('0' + digit / 1000);
	p[1] = (char)('0' + digit / 100 % 10);
	p[2] = (char)('0' + digit / 10 % 10);
	p[3] = (char)('0' + digit % 10);
	return p + 4;
}

/* Without zeros in front, but for the last. */
static char *put_first(char *p, int digit)
{
	char four[4];
	int skip = digit >= 1000 ? 0 : digit >= 100 ? 1 : digit >= 10 ? 2 : 3;

	(void)put_4(four, digit);
	memcpy(p, four + skip, (size_t)(4 - skip));
	return p + 4 - skip;
}

/* Where the digits end, or NULL. */
static char *numeric_print(const struct numeric *v, char *p)
{
	int place = v->weight > 0 ? v->weight : 0, digit = numeric_digit(v, place);
	int left = v->scale;
	bool bad = digit < 0;

	p = put_first(p, bad ? 0 : digit);
	while (--place >= 0) {
		digit = numeric_digit(v, place);
		bad = bad || digit < 0;
		p = put_4(p, digit < 0 ? 0 : digit);
	}
	if (left)
		*p++ = '.';
	for (; left > 0; place--, left -= 4) {
		digit = numeric_digit(v, place);
		bad = bad || digit < 0;
		p = put_4(p, digit < 0 ? 0 : digit);
	}
	/* The last four may have been more than the scale has. */
	return bad ? NULL : p + left;
}

static enum pg_decoded decode_numeric(const char *ptr, size_t len, struct pg_scratch *scratch,
				      struct defsync_cell *c)
{
	struct numeric v;
	char *out, *end;
	unsigned sign;

	if (len < NUMERIC_HEAD)
		return PG_MALFORMED;
	v = (struct numeric){get_u16(ptr), (int16_t)get_u16(ptr + 2), get_u16(ptr + 6),
			     ptr + NUMERIC_HEAD};
	sign = get_u16(ptr + 4);
	if (sign == NUMERIC_NAN || sign == NUMERIC_INFINITY || sign == NUMERIC_MINUS_INFINITY)
		return PG_NOT_FINITE;
	if ((sign && sign != NUMERIC_NEGATIVE) || v.scale > NUMERIC_SCALE_MAX ||
	    len != NUMERIC_HEAD + 2 * (size_t)v.n)
		return PG_MALFORMED;
	out =
	    scratch_take(scratch, (v.weight > 0 ? 4 * (size_t)v.weight : 0) + (size_t)v.scale + 12);
	if (!out)
		return PG_NOMEM;
	*out = '-';
	end = numeric_print(&v, out + (sign != 0));
	c->type = DEFSYNC_DECIMAL;
	c->v.data.ptr = out;
	c->v.data.len = end ? (size_t)(end - out) : 0;
	return end ? PG_OK : PG_MALFORMED;
}

/* What the server prints: few digits, mostly. */
double pg_float4(float v)
{
	static const double powers[] = {1, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6};
	char digits[40];
	double d = v;
	size_t i;
	int n;

	if (!isfinite(v))
		return d;
	for (i = 0; i < sizeof(powers) / sizeof(powers[0]); i++) {
		double whole = nearbyint(d * powers[i]);

		if (fabs(whole) < 1e7 && (float)(whole / powers[i]) == v)
			return whole == 0 ? d : whole / powers[i];
	}
	for (n = 6; n <= 9; n++) {
		(void)snprintf(digits, sizeof(digits), "%.*g", n, d);
		if (strtof(digits, NULL) == v)
			return strtod(digits, NULL);
	}
	return d;
}

static enum pg_decoded decode_bits(const char *ptr, size_t len, uint64_t *ret)
{
	uint64_t v = 0;
	uint32_t n;
	size_t i;

	if (len < 4)
		return PG_MALFORMED;
	n = get_u32(ptr);
	if (n == 0 || n > 64 || len != 4 + ((size_t)n + 7) / 8)
		return PG_MALFORMED;
	for (i = 4; i < len; i++)
		v = v << 8 | (unsigned char)ptr[i];
	*ret = v >> (8 * (len - 4) - n);
	return PG_OK;
}

/* ---- Times ---------------------------------------------------------------------------- */

static enum pg_decoded decode_date(int32_t days, struct defsync_cell *c)
{
	if (days == INT32_MAX || days == INT32_MIN)
		return PG_INFINITE;
	c->type = DEFSYNC_DATE;
	c->v.i64 = (int64_t)days + EPOCH_DAYS;
	return PG_OK;
}

static inline enum pg_decoded decode_timestamp(int64_t us, uint32_t type, struct defsync_cell *c)
{
	if (us == INT64_MAX || us == INT64_MIN)
		return PG_INFINITE;
	c->type = type;
	return __builtin_add_overflow(us, EPOCH_US, &c->v.i64) ? PG_OUT_OF_RANGE : PG_OK;
}

/* ---- Cells ------------------------------------------------------------------------------ */

static inline void set_int(struct defsync_cell *c, uint32_t type, int64_t v)
{
	c->type = type;
	c->v.i64 = v;
}

static inline enum pg_decoded set_data(struct defsync_cell *c, uint32_t type, const char *ptr,
				       size_t len)
{
	c->type = type;
	c->v.data.ptr = ptr;
	c->v.data.len = len;
	return PG_OK;
}

static enum pg_decoded decode_float4(const char *ptr, struct defsync_cell *c)
{
	uint32_t bits = get_u32(ptr);
	float v;

	memcpy(&v, &bits, sizeof(v));
	c->type = DEFSYNC_DOUBLE;
	c->v.f64 = pg_float4(v);
	return PG_OK;
}

static enum pg_decoded decode_float8(const char *ptr, struct defsync_cell *c)
{
	uint64_t bits = get_u64(ptr);

	c->type = DEFSYNC_DOUBLE;
	memcpy(&c->v.f64, &bits, sizeof(c->v.f64));
	return PG_OK;
}

/* Lengths of those that have only one; 0: any. */
static const unsigned char lengths[] = {
    [PG_BOOL] = 1,   [PG_INT2] = 2,   [PG_INT4] = 4, [PG_INT8] = 8,	   [PG_OID] = 4,
    [PG_FLOAT4] = 4, [PG_FLOAT8] = 8, [PG_DATE] = 4, [PG_TIME] = 8,	   [PG_TIMESTAMP] = 8,
    [PG_UUID] = 16,  [PG_BIT1] = 5,   [PG_BIT] = 0,  [PG_TIMESTAMPTZ] = 8,
};

static enum pg_decoded decode_sized(const char *ptr, size_t len, enum pg_wire wire,
				    struct pg_scratch *scratch, struct defsync_cell *c)
{
	switch (wire) {
	case PG_NUMERIC:
		return decode_numeric(ptr, len, scratch, c);
	case PG_JSONB:
		/* A version in front. */
		if (len < 1 || *ptr != 1)
			return PG_MALFORMED;
		return set_data(c, DEFSYNC_JSON, ptr + 1, len - 1);
	case PG_BIT1:
	case PG_BIT:
		/* More bits are no boolean, whatever their value. */
		if (wire == PG_BIT1 && get_u32(ptr) != 1)
			return PG_MALFORMED;
		c->type = wire == PG_BIT ? DEFSYNC_UINT64 : DEFSYNC_BOOL;
		return decode_bits(ptr, len, &c->v.u64);
	default:
		return PG_MALFORMED;
	}
}

enum pg_decoded pg_decode(const char *ptr, size_t len, enum pg_wire wire,
			  struct pg_scratch *scratch, struct defsync_cell *ret)
{
	unsigned want = lengths[wire];

	ret->reserved = 0;
	if (want && len != want)
		return PG_MALFORMED;
	switch (wire) {
	case PG_BOOL:
		set_int(ret, DEFSYNC_BOOL, *ptr != 0);
		return PG_OK;
	case PG_INT2:
		set_int(ret, DEFSYNC_INT64, (int16_t)get_u16(ptr));
		return PG_OK;
	case PG_INT4:
		set_int(ret, DEFSYNC_INT64, (int32_t)get_u32(ptr));
		return PG_OK;
	case PG_INT8:
		set_int(ret, DEFSYNC_INT64, (int64_t)get_u64(ptr));
		return PG_OK;
	case PG_OID:
		set_int(ret, DEFSYNC_INT64, get_u32(ptr));
		return PG_OK;
	case PG_FLOAT4:
		return decode_float4(ptr, ret);
	case PG_FLOAT8:
		return decode_float8(ptr, ret);
	case PG_TEXT:
		return set_data(ret, DEFSYNC_TEXT, ptr, len);
	case PG_BYTEA:
		return set_data(ret, DEFSYNC_BYTES, ptr, len);
	case PG_JSON:
		return set_data(ret, DEFSYNC_JSON, ptr, len);
	case PG_UUID:
		return set_data(ret, DEFSYNC_UUID, ptr, len);
	case PG_DATE:
		return decode_date((int32_t)get_u32(ptr), ret);
	case PG_TIME:
		set_int(ret, DEFSYNC_TIME, (int64_t)get_u64(ptr));
		return PG_OK;
	case PG_TIMESTAMP:
		return decode_timestamp((int64_t)get_u64(ptr), DEFSYNC_TIMESTAMP_LOCAL, ret);
	case PG_TIMESTAMPTZ:
		return decode_timestamp((int64_t)get_u64(ptr), DEFSYNC_TIMESTAMP, ret);
	case PG_NUMERIC:
	case PG_JSONB:
	case PG_BIT1:
	case PG_BIT:
		return decode_sized(ptr, len, wire, scratch, ret);
	}
	return PG_MALFORMED;
}
