/* SPDX-License-Identifier: MIT */
/*
 * One row: flags, checkpoint and position.
 *
 * A checkpoint says "behind this place in the order".  Where the key tells all
 * rows apart, that is behind this row.  Where it may not (a key that is declared
 * but not unique, a view), another row may follow in the same place; then a row
 * carries the place of the row before it as soon as its own differs.
 */

#include <string.h>

#include "common/hex.h"
#include "common/reader-internal.h"

/* Will a later run read this row again? */
static bool is_reread(const struct reader_cursor *c)
{
	if (c->stage == READER_STAGE_NULLS)
		return true;
	switch (c->at.phase) {
	case READER_PHASE_LOAD:
		return c->at.from != READER_FROM_PAST ||
		       reader_compare(c->mark, &c->at.mark.cell) > 0;
	case READER_PHASE_INCREMENTAL:
		return !reader_given(&c->limit.value) ||
		       reader_compare(c->mark, &c->limit.value.cell) >= 0;
	default:
		return false;
	}
}

static void give_checkpoint(struct reader_cursor *c, const struct defsync_cell *const *values)
{
	struct checkpoint_writer *w = &c->writers[!c->writer];
	size_t len;

	checkpoint_rewind(w);
	reader_checkpoint_values(w, values, c->n_order);
	len = checkpoint_end(w);
	if (len == 0)
		return;
	c->writer = !c->writer;
	c->safe = w->buf;
	c->safe_len = len;
	c->row.checkpoint = c->safe;
	c->row.checkpoint_len = len;
}

static void give_previous(struct reader_cursor *c)
{
	const struct defsync_cell *values[READER_ORDER_MAX];
	int i;

	for (i = 0; i < c->n_order; i++)
		values[i] = &c->previous[i].cell;
	give_checkpoint(c, values);
}

bool reader_row_differs(const struct reader_cursor *c)
{
	int i;

	for (i = 0; i < c->n_order; i++) {
		if (reader_compare(c->order[i], &c->previous[i].cell) != 0)
			return true;
	}
	return false;
}

/* Is the place of the previous row below the ceiling? */
static bool previous_is_settled(const struct reader_cursor *c)
{
	if (c->at.phase != READER_PHASE_INCREMENTAL)
		return true;
	return reader_given(&c->limit.value) &&
	       reader_compare(&c->previous[0].cell, &c->limit.value.cell) < 0;
}

static bool keep_previous(struct reader_cursor *c)
{
	int i;

	for (i = 0; i < c->n_order; i++) {
		if (!reader_value_set(&c->previous[i], c->order[i]))
			return false;
	}
	c->has_previous = true;
	return true;
}

static bool set_checkpoint(struct reader_cursor *c, bool reread)
{
	if (c->plan.unique) {
		/* Rows without a watermark come in every run, and carry no position. */
		if (c->stage == READER_STAGE_MAIN &&
		    (c->at.phase != READER_PHASE_INCREMENTAL || !reread))
			give_checkpoint(c, c->order);
		return true;
	}
	if (c->has_previous && !reader_row_differs(c))
		return true;
	if (c->has_previous && c->stage == READER_STAGE_MAIN && previous_is_settled(c))
		give_previous(c);
	return keep_previous(c);
}

/* ---- Position, for messages: "id=17".  Once a row, so by hand. ---------------- */

struct place {
	char *ptr;
	size_t len;
};

static void place_add(struct place *p, const char *ptr, size_t len)
{
	if (len > READER_PLACE_MAX - p->len)
		len = READER_PLACE_MAX - p->len;
	memcpy(p->ptr + p->len, ptr, len);
	p->len += len;
}

/* At most 64 bytes, cut in front of a character, without control characters. */
static void place_text(struct place *p, const char *ptr, size_t len)
{
	size_t i, from = p->len;

	if (len > 64) {
		for (len = 64; len && ((unsigned char)ptr[len] & 0xc0) == 0x80; len--)
			;
	}
	if (len)
		place_add(p, ptr, len);
	for (i = from; i < p->len; i++) {
		if ((unsigned char)p->ptr[i] < 32 || p->ptr[i] == 127)
			p->ptr[i] = '?';
	}
}

static void place_bytes(struct place *p, const void *ptr, size_t len)
{
	size_t shown = len < 16 ? len : 16;
	char digits[32];

	(void)hex_write(digits, ptr, shown);
	place_add(p, digits, 2 * shown);
}

static void place_value(struct place *p, const struct defsync_cell *cell)
{
	char buf[READER_FORMAT_MAX];

	switch (cell->type) {
	case DEFSYNC_NULL:
		place_add(p, "NULL", 4);
		break;
	case DEFSYNC_DECIMAL:
	case DEFSYNC_TEXT:
	case DEFSYNC_JSON:
		place_text(p, cell->v.data.ptr, cell->v.data.len);
		break;
	case DEFSYNC_BYTES:
		place_bytes(p, cell->v.data.ptr, cell->v.data.len);
		break;
	default:
		place_add(p, buf, reader_format(cell, READER_FORM_SERVER, buf));
	}
}

int32_t reader_labels_make(struct reader_source *s, struct reader_cursor *c)
{
	int i;

	for (i = 0; i < c->plan.n_keys; i++) {
		char *label =
		    pool_printf(&c->pool, "%s%.64s=", i ? " " : "", c->plan.key_columns[i]->name);

		if (!label)
			return reader_fail_nomem(s);
		c->labels[i] = label;
		c->label_lens[i] = strlen(label);
	}
	return 0;
}

void reader_row_label(struct reader_cursor *c)
{
	struct place p = {c->position, 0};
	int i;

	for (i = 0; i < c->plan.n_keys; i++) {
		place_add(&p, c->labels[i], c->label_lens[i]);
		place_value(&p, &c->cells[c->plan.key_cells[i]]);
	}
	c->row.position_len = p.len;
}

/*
 * Watermarks that go down are no order to resume in: a value that is decoded as
 * another than the server sorts by.
 */
static bool goes_down(struct reader_cursor *c)
{
	int64_t last = c->last_mark;

	if (c->order[0] != c->mark || !reader_is_i64(c->mark->type))
		return false;
	c->last_mark = c->mark->v.i64;
	return c->last_mark < last;
}

/* ---- The row -------------------------------------------------------------------- */

/* A value that came after the checks. */
static int32_t fail_order(struct reader_source *s, const struct reader_cursor *c,
			  const struct reader_column *column, bool is_null)
{
	return defsync_fail(s->host, DEFSYNC_E_CONFIG,
			    "'%s' has a row whose '%s' is %s and that cannot be ordered, at "
			    "%.*s; correct it",
			    c->plan.table.from, column->name,
			    is_null ? "NULL" : "out of range for its type",
			    (int)c->row.position_len, c->position);
}

static bool is_placed(const struct reader_cursor *c, const struct defsync_cell *cell,
		      const struct reader_column *column)
{
	return cell->type == column->type && (c->bad < 0 || cell != &c->cells[c->bad]);
}

/* The cell of the order that is of no use, or NULL. */
static const struct defsync_cell *unplaced(const struct reader_cursor *c,
					   const struct reader_column **ret_column)
{
	int i;

	for (i = 0; i < c->n_order; i++) {
		*ret_column = c->order_columns[i];
		if (!is_placed(c, c->order[i], *ret_column))
			return c->order[i];
	}
	if (!c->mark)
		return NULL;
	*ret_column = c->plan.columns[c->plan.watermark_cell];
	return is_placed(c, c->mark, *ret_column) ? NULL : c->mark;
}

int32_t reader_row_fill(struct reader_source *s, struct reader_cursor *c)
{
	const struct reader_column *column = NULL;
	const struct defsync_cell *cell = unplaced(c, &column);
	bool reread;

	reader_row_label(c);
	c->row.checkpoint = NULL;
	c->row.checkpoint_len = 0;
	c->row.flags = 0;
	c->place_lost = cell != NULL;
	if (cell && c->bad >= 0) {
		/* Without a place, but perhaps read again. */
		if (c->mark && cell != c->mark && is_reread(c))
			c->row.flags = DEFSYNC_ROW_REREAD;
		return DEFSYNC_E_BAD_ROW;
	}
	if (cell)
		return fail_order(s, c, column, cell->type == DEFSYNC_NULL);
	if (c->at.phase == READER_PHASE_INCREMENTAL && goes_down(c))
		return defsync_fail(s->host, DEFSYNC_E_PERMANENT,
				    "'%s' is not read in the order of its watermark, at %.*s; name "
				    "another",
				    c->plan.table.from, (int)c->row.position_len, c->position);
	reread = is_reread(c);
	c->row.flags = reread ? DEFSYNC_ROW_REREAD : 0;
	if (!set_checkpoint(c, reread))
		return reader_fail_nomem(s);
	return c->bad < 0 ? DEFSYNC_ROW : DEFSYNC_E_BAD_ROW;
}

void reader_row_last(struct reader_cursor *c)
{
	if (!c->plan.unique && c->has_previous && previous_is_settled(c))
		give_previous(c);
}
