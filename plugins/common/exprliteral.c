/* SPDX-License-Identifier: MIT */
/* Values in expressions, see exprliteral.h. */

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "common/decimal.h"
#include "common/exprliteral.h"
#include "common/hex.h"
#include "common/iso.h"

static const char *const words[] = {"true", "false", "null", NULL};

/* ---- Types ------------------------------------------------------------------------------ */

const char *expr_type_name(uint32_t type)
{
	static const char *const names[] = {
	    "null",  "bool", "int64", "uint64",	   "double",	      "decimal", "text",
	    "bytes", "date", "time",  "timestamp", "timestamp_local", "json",	 "uuid"};

	return type < EXPR_TYPES ? names[type] : "any";
}

bool expr_is_number(uint32_t type)
{
	return type >= DEFSYNC_INT64 && type <= DEFSYNC_DECIMAL;
}

static void set_i64(struct expr_literal *l, uint32_t type, int64_t v)
{
	l->as[type] = (struct defsync_cell){.type = type, .v = {.i64 = v}};
}

static void set_data(struct expr_literal *l, uint32_t type, const char *ptr, size_t len)
{
	l->as[type] = (struct defsync_cell){.type = type, .v = {.data = {ptr, len}}};
}

/* ---- Numbers ---------------------------------------------------------------------------- */

/* The digits as an integer of 64 bits; false: there are too many. */
static bool read_magnitude(const struct decimal *d, uint64_t *ret)
{
	uint64_t v = 0;
	size_t i;

	for (i = 0; i < d->n_whole; i++) {
		unsigned digit = (unsigned)(d->whole[i] - '0');

		if (v > (UINT64_MAX - digit) / 10)
			return false;
		v = v * 10 + digit;
	}
	*ret = v;
	return true;
}

static void set_integers(struct expr_literal *l, const struct decimal *d)
{
	uint64_t v;

	if (d->n_fraction || !read_magnitude(d, &v))
		return;
	if (!d->negative)
		l->as[DEFSYNC_UINT64] =
		    (struct defsync_cell){.type = DEFSYNC_UINT64, .v = {.u64 = v}};
	if (d->negative && v <= (uint64_t)INT64_MAX + 1)
		set_i64(l, DEFSYNC_INT64, (int64_t)(0 - v));
	else if (!d->negative && v <= INT64_MAX)
		set_i64(l, DEFSYNC_INT64, (int64_t)v);
}

/* Without a plus, leading zeros and the sign of a zero; zeros behind the point stay. */
static char *plain_digits(struct pool *pool, const struct decimal *d, const char *point)
{
	int n_whole = d->n_whole ? (int)d->n_whole : 1;

	return pool_printf(pool, "%s%.*s%s", d->negative ? "-" : "", n_whole,
			   d->n_whole ? d->whole : "0", point ? point : "");
}

static bool read_number(struct expr *e, struct expr_literal *l)
{
	char *text = pool_printf(e->pool, "%.*s", (int)e->len, e->text + e->at), *digits;
	const char *point = text ? strchr(text, '.') : NULL;
	struct decimal d;
	double v;

	if (!text)
		return expr_nomem(e);
	decimal_parse(text, strlen(text), &d);
	digits = plain_digits(e->pool, &d, point);
	if (!digits)
		return expr_nomem(e);
	set_data(l, DEFSYNC_DECIMAL, digits, strlen(digits));
	set_integers(l, &d);
	v = strtod(digits, NULL);
	if (!isinf(v))
		l->as[DEFSYNC_DOUBLE] =
		    (struct defsync_cell){.type = DEFSYNC_DOUBLE, .v = {.f64 = v}};
	l->whole = d.n_fraction == 0;
	l->type =
	    !point && l->as[DEFSYNC_INT64].type != DEFSYNC_NULL ? DEFSYNC_INT64 : DEFSYNC_DECIMAL;
	return true;
}

/* ---- Texts ------------------------------------------------------------------------------- */

static void read_iso(struct expr_literal *l, const char *ptr, size_t len)
{
	struct iso t;

	if (!iso_parse(ptr, len, &t) || !iso_has_day(&t) || t.digits > 6)
		return;
	if (!t.separator)
		set_i64(l, DEFSYNC_DATE, iso_days(&t));
	if (!t.zone)
		set_i64(l, DEFSYNC_TIMESTAMP_LOCAL, iso_micros(&t));
	set_i64(l, DEFSYNC_TIMESTAMP, iso_micros(&t));
}

static void read_time(struct expr_literal *l, const char *ptr, size_t len)
{
	int64_t us;
	bool finer;

	if (iso_clock(ptr, len, &us, &finer) && !finer)
		set_i64(l, DEFSYNC_TIME, us);
}

static bool read_uuid(struct expr *e, struct expr_literal *l, const char *ptr, size_t len)
{
	unsigned char bytes[16];
	char *copy;

	if (!hex_uuid_read(ptr, len, bytes))
		return true;
	copy = pool_alloc(e->pool, sizeof(bytes), 1);
	if (!copy)
		return expr_nomem(e);
	memcpy(copy, bytes, sizeof(bytes));
	set_data(l, DEFSYNC_UUID, copy, sizeof(bytes));
	return true;
}

static bool read_text(struct expr *e, struct expr_literal *l)
{
	l->type = DEFSYNC_TEXT;
	set_data(l, DEFSYNC_TEXT, e->value, e->value_len);
	read_iso(l, e->value, e->value_len);
	read_time(l, e->value, e->value_len);
	return read_uuid(e, l, e->value, e->value_len);
}

/* ---- Literals ----------------------------------------------------------------------------- */

bool expr_is_literal(const struct expr *e)
{
	return e->kind == EXPR_TEXT || e->kind == EXPR_NUMBER ||
	       (e->kind == EXPR_NAME && expr_is_one_of(e, words));
}

static bool read_literal(struct expr *e, struct expr_literal *l)
{
	if (e->kind == EXPR_TEXT)
		return read_text(e, l);
	if (e->kind == EXPR_NUMBER)
		return read_number(e, l);
	if (expr_is(e, "null"))
		return true;
	l->type = DEFSYNC_BOOL;
	set_i64(l, DEFSYNC_BOOL, expr_is(e, "true"));
	return true;
}

struct expr_literal *expr_take_literal(struct expr *e)
{
	struct expr_literal *l = pool_alloc(e->pool, 1, sizeof(*l));

	if (l)
		l->shown = expr_shown(e->pool, e->text + e->at, e->len);
	if (!l || !l->shown) {
		(void)expr_nomem(e);
		return NULL;
	}
	return read_literal(e, l) && expr_next(e) ? l : NULL;
}
