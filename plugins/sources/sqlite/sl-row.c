/* SPDX-License-Identifier: MIT */
/*
 * One row: cells, flags, checkpoint and position.
 *
 * A checkpoint says "behind this place in the order".  Where the key tells all
 * rows apart, that is behind this row.  Where it may not (a key that is declared
 * but not unique, a view), another row may follow in the same place; then a row
 * carries the place of the row before it as soon as its own differs.
 */

#include <stdio.h>
#include <string.h>

#include "sl-cursor.h"

static bool has_pointer(uint32_t type)
{
	return (type >= DEFSYNC_DECIMAL && type <= DEFSYNC_BYTES) || type == DEFSYNC_JSON;
}

static bool read_cells(struct sl_source *s, struct sl_cursor *c)
{
	const struct sl_plan *p = &c->plan;
	int i;

	c->bad_field = -1;
	for (i = 0; i < p->n_fields; i++) {
		struct defsync_cell *cell = &c->cells[i];

		if (!sl_cell_read(sqlite3_column_value(c->stmt, i), p->fields[i].rule,
				  c->scratch[i], cell) &&
		    c->bad_field < 0)
			c->bad_field = i;
		/* No pointer: empty, or out of memory. */
		if (has_pointer(cell->type) && !cell->v.data.ptr &&
		    sqlite3_errcode(s->db) == SQLITE_NOMEM)
			return false;
	}
	return true;
}

/* From the cell where there is one: it holds the value already. */
static bool take_value(const struct sl_cursor *c, int column, struct sl_value *v)
{
	if (column < c->plan.n_fields && c->plan.fields[column].rule == SL_AS_STORED)
		sl_value_from_cell(v, &c->cells[column]);
	else
		sl_value_borrow(v, c->stmt, column);
	return v->cls != SQLITE_TEXT || v->ptr;
}

static bool take_values(struct sl_cursor *c)
{
	bool ok = c->watermark < 0 || take_value(c, c->watermark, &c->mark_value);
	int i;

	for (i = 0; i < c->plan.n_keys && ok; i++)
		ok = take_value(c, c->keys[i], &c->key_values[i]);
	return ok;
}

int32_t sl_row_read(struct sl_source *s, struct sl_cursor *c)
{
	return read_cells(s, c) && take_values(c) ? 0 : sl_fail_nomem(s);
}

/* Will a later run read this row again? */
static bool is_reread(const struct sl_cursor *c)
{
	if (c->stage == SL_STAGE_NULLS)
		return true;
	switch (c->at.phase) {
	case SL_PHASE_LOAD:
		return c->at.from != SL_FROM_PAST ||
		       sl_value_compare(&c->mark_value, &c->at.mark) > 0;
	case SL_PHASE_INCREMENTAL:
		return !c->ceiling.cls || sl_value_compare(&c->mark_value, &c->ceiling) >= 0;
	default:
		return false;
	}
}

static void give_checkpoint(struct sl_cursor *c, const struct sl_value *const *values)
{
	struct checkpoint_writer *w = &c->writers[!c->writer];
	size_t len;

	checkpoint_rewind(w);
	sl_checkpoint_values(w, values, c->n_order);
	len = checkpoint_end(w);
	if (len == 0)
		return;
	c->writer = !c->writer;
	c->safe = w->buf;
	c->safe_len = len;
	c->row.checkpoint = c->safe;
	c->row.checkpoint_len = len;
}

static void give_previous(struct sl_cursor *c)
{
	const struct sl_value *values[SL_KEYS_MAX + 1];
	int i;

	for (i = 0; i < c->n_order; i++)
		values[i] = &c->previous[i];
	give_checkpoint(c, values);
}

bool sl_row_differs(const struct sl_cursor *c)
{
	int i;

	for (i = 0; i < c->n_order; i++) {
		if (sl_value_compare(c->order[i], &c->previous[i]) != 0)
			return true;
	}
	return false;
}

/* Is the place of the previous row below the ceiling? */
static bool previous_is_settled(const struct sl_cursor *c)
{
	if (c->at.phase != SL_PHASE_INCREMENTAL)
		return true;
	return c->ceiling.cls && sl_value_compare(&c->previous[0], &c->ceiling) < 0;
}

static bool keep_previous(struct sl_cursor *c)
{
	int i;

	for (i = 0; i < c->n_order; i++) {
		if (!sl_value_copy(&c->previous[i], c->order[i]))
			return false;
	}
	c->has_previous = true;
	return true;
}

static bool set_checkpoint(struct sl_cursor *c, bool reread)
{
	c->row.checkpoint = NULL;
	c->row.checkpoint_len = 0;
	if (c->stage == SL_STAGE_NULLS)
		return true;
	if (c->plan.unique) {
		if (c->at.phase != SL_PHASE_INCREMENTAL || !reread)
			give_checkpoint(c, c->order);
		return true;
	}
	if (c->has_previous && sl_row_differs(c)) {
		if (previous_is_settled(c))
			give_previous(c);
	} else if (c->has_previous) {
		return true;
	}
	return keep_previous(c);
}

/* ---- Position, for messages: "id=17".  Once a row, so by hand. ---------------- */

struct place {
	char *ptr;
	size_t len;
};

static void place_add(struct place *p, const char *ptr, size_t len)
{
	if (len > SL_POSITION_MAX - p->len)
		len = SL_POSITION_MAX - p->len;
	memcpy(p->ptr + p->len, ptr, len);
	p->len += len;
}

static void place_int(struct place *p, int64_t v)
{
	char digits[24], *d = digits + sizeof(digits);
	uint64_t u = v < 0 ? 0 - (uint64_t)v : (uint64_t)v;

	do {
		*--d = (char)('0' + u % 10);
		u /= 10;
	} while (u);
	if (v < 0)
		*--d = '-';
	place_add(p, d, (size_t)(digits + sizeof(digits) - d));
}

/* At most 64 bytes, cut in front of a character, without control characters. */
static void place_text(struct place *p, const char *ptr, size_t len)
{
	size_t i;

	if (len > 64) {
		for (len = 64; len && ((unsigned char)ptr[len] & 0xc0) == 0x80; len--)
			;
	}
	for (i = 0; i < len; i++)
		place_add(p, (unsigned char)ptr[i] < 32 || ptr[i] == 127 ? "?" : ptr + i, 1);
}

static void place_blob(struct place *p, const unsigned char *ptr, size_t len)
{
	static const char hex[] = "0123456789abcdef";
	size_t i;

	place_add(p, "x'", 2);
	for (i = 0; i < len && i < 16; i++)
		place_add(p, (const char[]){hex[ptr[i] >> 4], hex[ptr[i] & 15]}, 2);
	place_add(p, "'", 1);
}

static void place_value(struct place *p, const struct sl_value *v)
{
	char number[40];

	switch (v->cls) {
	case SQLITE_INTEGER:
		place_int(p, v->i64);
		break;
	case SQLITE_FLOAT:
		(void)snprintf(number, sizeof(number), "%.17g", v->f64);
		place_add(p, number, strlen(number));
		break;
	case SQLITE_TEXT:
		place_text(p, v->ptr, v->ptr ? v->len : 0);
		break;
	case SQLITE_BLOB:
		place_blob(p, (const unsigned char *)v->ptr, v->len);
		break;
	default:
		place_add(p, "NULL", 4);
	}
}

int32_t sl_place_prepare(struct sl_source *s, struct sl_cursor *c)
{
	int i;

	for (i = 0; i < c->plan.n_keys; i++) {
		char *label = pool_printf(&c->pool, "%s%.64s=", i ? " " : "",
					  sl_plan_name(&c->plan, c->plan.keys[i]));

		if (!label)
			return sl_fail_nomem(s);
		c->labels[i] = label;
		c->label_lens[i] = strlen(label);
	}
	return 0;
}

static void write_place(struct sl_cursor *c)
{
	struct place p = {c->position, 0};
	int i;

	for (i = 0; i < c->plan.n_keys; i++) {
		place_add(&p, c->labels[i], c->label_lens[i]);
		place_value(&p, &c->key_values[i]);
	}
	c->row.position_len = p.len;
}

/* ---- The row -------------------------------------------------------------------- */

static int32_t fail_mark(struct sl_source *s, const struct sl_cursor *c)
{
	struct text form;
	int32_t rc;

	text_init(&form, 200);
	sl_mark_describe(&c->mark, &form);
	rc = defsync_fail(
	    s->host, DEFSYNC_E_CONFIG,
	    "watermark '%s' of '%s' holds a value that is not %s, at %.*s; bring it into "
	    "that form",
	    sl_plan_name(&c->plan, c->plan.watermark), c->plan.table.name, text_get(&form),
	    (int)c->row.position_len, c->position);
	text_done(&form);
	return rc;
}

static int32_t fail_cell(struct sl_source *s, const struct sl_cursor *c, int field)
{
	const struct sl_column *column = &c->plan.table.columns[c->plan.fields[field].column];

	return defsync_fail(
	    s->host, DEFSYNC_E_BAD_ROW,
	    "column '%s', declared %s: a value of class %s does not fit; correct it, or "
	    "set its type under 'types'",
	    column->name, *column->declared ? column->declared : "without a type",
	    sl_class_name(sqlite3_column_type(c->stmt, field)));
}

int32_t sl_row_fill(struct sl_source *s, struct sl_cursor *c)
{
	bool reread;

	write_place(c);
	if (c->plan.request->mode == DEFSYNC_READ_KEYS)
		return c->bad_field < 0 ? DEFSYNC_ROW : fail_cell(s, c, c->bad_field);
	/* Written after the ceiling was taken; no position has passed it. */
	if (c->watermark >= 0 && c->stage != SL_STAGE_NULLS &&
	    !sl_mark_fits(&c->mark, &c->mark_value))
		return fail_mark(s, c);
	reread = is_reread(c);
	c->row.flags = reread ? DEFSYNC_ROW_REREAD : 0;
	if (!set_checkpoint(c, reread))
		return sl_fail_nomem(s);
	return c->bad_field < 0 ? DEFSYNC_ROW : fail_cell(s, c, c->bad_field);
}

void sl_row_last(struct sl_cursor *c)
{
	if (!c->plan.unique && c->has_previous && previous_is_settled(c))
		give_previous(c);
}
