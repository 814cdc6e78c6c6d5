/* SPDX-License-Identifier: MIT */
/* Two cells in order, and which types have one. */

#include <string.h>

#include "fl.h"

static unsigned order_of_texts(const struct defsync_cell *a, const struct defsync_cell *b)
{
	size_t n = a->v.data.len < b->v.data.len ? a->v.data.len : b->v.data.len;
	int sign = n ? memcmp(a->v.data.ptr, b->v.data.ptr, n) : 0;

	if (sign == 0 && a->v.data.len != b->v.data.len)
		sign = a->v.data.len < b->v.data.len ? -1 : 1;
	return sign < 0 ? FL_LESS : sign > 0 ? FL_GREATER : FL_EQUAL;
}

bool fl_comparable(uint32_t a, uint32_t b)
{
	if (a == DEFSYNC_BYTES || a == DEFSYNC_JSON || b == DEFSYNC_BYTES || b == DEFSYNC_JSON)
		return false;
	if (a == DEFSYNC_ANY || b == DEFSYNC_ANY)
		return true;
	return a == b || (expr_is_number(a) && expr_is_number(b));
}

unsigned fl_compare(const struct defsync_cell *a, const struct defsync_cell *b)
{
	if (a->type == DEFSYNC_NULL || !fl_comparable(a->type, b->type))
		return 0;
	if (expr_is_number(a->type))
		return fl_compare_numbers(a, b);
	if (a->type == DEFSYNC_TEXT || a->type == DEFSYNC_UUID)
		return order_of_texts(a, b);
	if (a->v.i64 == b->v.i64)
		return FL_EQUAL;
	return a->v.i64 < b->v.i64 ? FL_LESS : FL_GREATER;
}

const struct defsync_cell *fl_literal_for(const struct expr_literal *l, uint32_t type)
{
	if (type >= EXPR_TYPES)
		return &l->as[DEFSYNC_NULL];
	if (!expr_is_number(type) || !expr_is_number(l->type) || type == DEFSYNC_DECIMAL)
		return &l->as[type];
	/* A fraction that no double has could never be met. */
	if (type == DEFSYNC_DOUBLE && !l->whole)
		return &l->as[DEFSYNC_DOUBLE];
	return &l->as[l->as[DEFSYNC_INT64].type == DEFSYNC_NULL ? DEFSYNC_DECIMAL : DEFSYNC_INT64];
}
