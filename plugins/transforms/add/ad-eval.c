/* SPDX-License-Identifier: MIT */
/* The value of an expression for a row. */

#include "ad.h"
#include "common/celltext.h"

/* More than celltext_add makes of a cell that has no bytes. */
#define PLAIN_TEXT_MAX 512

/* Bytes that its text has at most. */
static size_t room_for(const struct defsync_cell *c)
{
	if (c->type == DEFSYNC_BYTES)
		return c->v.data.len / 3 * 4 + 4;
	return celltext_is_text(c->type) ? c->v.data.len : PLAIN_TEXT_MAX;
}

/* Nulls are passed over. */
static bool concat(const struct ad_value *v, struct ad_look *look, struct defsync_cell *ret)
{
	struct text *text = v->text;
	const struct ad_value *arg;
	struct defsync_cell cell;

	text_clear(text);
	for (arg = v->args; arg; arg = arg->next) {
		if (!ad_eval(arg, look, &cell))
			return false;
		if (cell.type == DEFSYNC_NULL)
			continue;
		if (room_for(&cell) > AD_TEXT_MAX - text->len) {
			look->fault = "the text of concat is too long";
			return false;
		}
		celltext_add(text, &cell, arg->type == DEFSYNC_ANY ? 6 : arg->digits);
	}
	look->nomem = !text_ok(text);
	*ret = (struct defsync_cell){.type = DEFSYNC_TEXT, .v = {.data = {text->ptr, text->len}}};
	return text_ok(text);
}

static bool coalesce(const struct ad_value *v, struct ad_look *look, struct defsync_cell *ret)
{
	const struct ad_value *arg;

	for (arg = v->args; arg; arg = arg->next) {
		if (!ad_eval(arg, look, ret))
			return false;
		if (ret->type != DEFSYNC_NULL)
			return true;
	}
	return true;
}

bool ad_eval(const struct ad_value *v, struct ad_look *look, struct defsync_cell *ret)
{
	switch (v->kind) {
	case AD_COLUMN:
		*ret = *defsync_cell_at(look->row, v->column);
		return true;
	case AD_NOW:
		*ret = (struct defsync_cell){.type = DEFSYNC_TIMESTAMP, .v = {.i64 = look->now_us}};
		return true;
	case AD_COALESCE:
		return coalesce(v, look, ret);
	case AD_CONCAT:
		return concat(v, look, ret);
	default:
		*ret = v->cell;
		return true;
	}
}
