/* SPDX-License-Identifier: MIT */
/* Cells: what is taken for NULL, then the conversion. */

#include <string.h>

#include "common/celltext.h"
#include "ct.h"

static bool is_blank(char c)
{
	return c == ' ' || (c >= '\t' && c <= '\r');
}

/* True: something was taken off. */
static bool trim(struct defsync_cell *cell)
{
	const char *p = cell->v.data.ptr;
	size_t n = cell->v.data.len;

	while (n > 0 && is_blank(p[n - 1]))
		n--;
	while (n > 0 && is_blank(p[0])) {
		p++;
		n--;
	}
	if (n == cell->v.data.len)
		return false;
	cell->v.data.ptr = p;
	cell->v.data.len = n;
	return true;
}

static bool is_one_of(const struct cast *c, const char *ptr, size_t len)
{
	uint32_t i;

	for (i = 0; i < c->n_null_if; i++) {
		if (c->null_if[i].len == len &&
		    (len == 0 || memcmp(c->null_if[i].ptr, ptr, len) == 0))
			return true;
	}
	return false;
}

/* Does the cell stand for no value?  A text that is too long to hold is none of few bytes. */
static bool means_null(struct cast *c, const struct ct_column *cc, const struct defsync_cell *cell)
{
	if (c->empty_as_null && cell->type == DEFSYNC_TEXT && cell->v.data.len == 0)
		return true;
	if (!c->n_null_if)
		return false;
	if (celltext_is_text(cell->type))
		return is_one_of(c, cell->v.data.ptr, cell->v.data.len);
	text_clear(&c->scratch);
	celltext_add(&c->scratch, cell, cc->digits);
	return text_ok(&c->scratch) && is_one_of(c, text_get(&c->scratch), c->scratch.len);
}

static void make_null(struct defsync_cell *cell)
{
	*cell = (struct defsync_cell){.type = DEFSYNC_NULL};
}

static int32_t refuse(const struct cast *c, const struct ct_column *cc, struct defsync_cell *cell,
		      const char *why)
{
	if (why == ct_no_memory)
		return reshape_nomem(c->host);
	if (c->null_on_error) {
		c->host->count(c->host->ctx, "cast_nulls", 1);
		make_null(cell);
		return DEFSYNC_OK;
	}
	return defsync_fail(c->host, DEFSYNC_E_BAD_ROW, "column '%s': %s to %s: %s", cc->name,
			    ct_type_name(cell->type), ct_type_name(cc->to), why);
}

static int32_t convert(struct cast *c, struct ct_column *cc, struct defsync_cell *cell)
{
	struct ct_job j = {.cast = c, .digits = cc->digits, .out = &cc->out};
	struct defsync_cell out = {.type = cc->to};
	const char *why;
	ct_convert route = ct_route(c, cell->type, cc->to, &why);

	text_clear(&cc->out);
	if (route)
		why = route(&j, cell, &out);
	if (why)
		return refuse(c, cc, cell, why);
	*cell = out;
	return DEFSYNC_OK;
}

static int32_t cast_cell(struct cast *c, struct ct_column *cc, struct defsync_cell *cell,
			 bool *changed)
{
	if (cell->type == DEFSYNC_NULL)
		return DEFSYNC_OK;
	if (c->trim && cell->type == DEFSYNC_TEXT)
		*changed |= trim(cell);
	if (means_null(c, cc, cell)) {
		make_null(cell);
		*changed = true;
		return DEFSYNC_OK;
	}
	if (cc->to == CT_SAME || cc->to == cell->type)
		return DEFSYNC_OK;
	*changed = true;
	return convert(c, cc, cell);
}

int32_t ct_apply(void *instance, const struct defsync_row *row, uint32_t flags, defsync_emit emit,
		 void *emit_ctx)
{
	struct cast *c = instance;
	struct reshape_plan *p = reshape_find(&c->reshape, row->relation);
	struct ct_plan *detail;
	int32_t rc = DEFSYNC_OK;
	bool changed;
	uint32_t i;

	if (flags)
		return defsync_fail(c->host, DEFSYNC_E_BUG, "unknown flags");
	if (!p)
		return DEFSYNC_PASS;
	detail = p->detail;
	changed = !detail->same;
	reshape_cells(p, row);
	for (i = 0; i < detail->n && rc == DEFSYNC_OK; i++) {
		struct ct_column *cc = &detail->columns[i];

		rc = cast_cell(c, cc, &p->cells[cc->at], &changed);
	}
	if (rc < 0)
		return rc;
	return changed ? reshape_emit(p, emit, emit_ctx) : DEFSYNC_PASS;
}
