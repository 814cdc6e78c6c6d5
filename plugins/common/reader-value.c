/* SPDX-License-Identifier: MIT */
/* Values that outlive their row: kept, compared and printed.  See reader.h. */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/decimal.h"
#include "common/hex.h"
#include "common/reader-internal.h"

void reader_value_done(struct reader_value *v)
{
	free(v->owned);
	*v = (struct reader_value){0};
}

bool reader_value_set(struct reader_value *v, const struct defsync_cell *cell)
{
	size_t len = reader_has_bytes(cell->type) ? cell->v.data.len : 0;

	if (len > v->cap) {
		/* With room to grow: a place is kept for every row of some tables. */
		size_t cap = len + len / 2 + 32;
		char *ptr = len < SIZE_MAX / 2 ? malloc(cap) : NULL;

		if (!ptr)
			return false;
		free(v->owned);
		v->owned = ptr;
		v->cap = cap;
	}
	if (len)
		memcpy(v->owned, cell->v.data.ptr, len);
	v->cell = *cell;
	if (reader_has_bytes(cell->type))
		v->cell.v.data.ptr = v->owned;
	return true;
}

/* ---- Order ------------------------------------------------------------------------ */

static int compare_bytes(const struct defsync_cell *a, const struct defsync_cell *b)
{
	size_t n = a->v.data.len < b->v.data.len ? a->v.data.len : b->v.data.len;
	int order = n ? memcmp(a->v.data.ptr, b->v.data.ptr, n) : 0;

	if (order)
		return order < 0 ? -1 : 1;
	return a->v.data.len < b->v.data.len ? -1 : a->v.data.len > b->v.data.len;
}

static int compare_decimals(const struct defsync_cell *x, const struct defsync_cell *y)
{
	struct decimal a, b;

	decimal_parse(x->v.data.ptr, x->v.data.len, &a);
	decimal_parse(y->v.data.ptr, y->v.data.len, &b);
	return decimal_compare(&a, &b);
}

int reader_value_compare(const struct defsync_cell *a, const struct defsync_cell *b)
{
	if (a->type != b->type)
		return a->type < b->type ? -1 : 1;
	switch (a->type) {
	case DEFSYNC_NULL:
		return 0;
	case DEFSYNC_UINT64:
		return a->v.u64 < b->v.u64 ? -1 : a->v.u64 > b->v.u64;
	case DEFSYNC_DOUBLE:
		return a->v.f64 < b->v.f64 ? -1 : a->v.f64 > b->v.f64;
	case DEFSYNC_DECIMAL:
		return compare_decimals(a, b);
	default:
		if (reader_has_bytes(a->type))
			return compare_bytes(a, b);
		return a->v.i64 < b->v.i64 ? -1 : a->v.i64 > b->v.i64;
	}
}

/* ---- Text ---------------------------------------------------------------------------- */

size_t reader_format(const struct defsync_cell *cell, enum reader_form form,
		     char out[READER_FORMAT_MAX])
{
	char *p = out;
	int64_t v = cell->v.i64;

	switch (cell->type) {
	case DEFSYNC_BOOL:
	case DEFSYNC_INT64:
		if (v < 0)
			*p++ = '-';
		return (size_t)(reader_put_digits(p, v < 0 ? 0 - (uint64_t)v : (uint64_t)v, 1) -
				out);
	case DEFSYNC_UINT64:
		return (size_t)(reader_put_digits(p, cell->v.u64, 1) - out);
	case DEFSYNC_DOUBLE:
		return (size_t)snprintf(out, READER_FORMAT_MAX, "%.17g", cell->v.f64);
	case DEFSYNC_DATE:
	case DEFSYNC_TIME:
	case DEFSYNC_TIMESTAMP:
	case DEFSYNC_TIMESTAMP_LOCAL:
		return reader_format_time(cell, form, out);
	case DEFSYNC_UUID:
		return cell->v.data.len == 16 ? reader_format_uuid(cell->v.data.ptr, out) : 0;
	default:
		return 0;
	}
}

static void print_hex(const void *ptr, size_t len, struct text *out)
{
	char *room = text_room(out, 2 * len);

	if (!room)
		return;
	(void)hex_write(room, ptr, len);
	text_filled(out, 2 * len);
}

void reader_value_print(const struct defsync_cell *cell, struct text *out)
{
	char buf[READER_FORMAT_MAX];

	switch (cell->type) {
	case DEFSYNC_NULL:
		text_str(out, "NULL");
		break;
	case DEFSYNC_DECIMAL:
	case DEFSYNC_TEXT:
	case DEFSYNC_JSON:
		text_add(out, cell->v.data.ptr, cell->v.data.len);
		break;
	case DEFSYNC_BYTES:
		print_hex(cell->v.data.ptr, cell->v.data.len, out);
		break;
	default:
		text_add(out, buf, reader_format(cell, READER_FORM_SERVER, buf));
	}
}
