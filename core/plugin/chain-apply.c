/* SPDX-License-Identifier: MIT */
/*
 * A row goes through the chain stage by stage: each stage turns a list of rows
 * into the next list.  Rows that pass are handed on by pointer; rows that a
 * transform emits are copied into an arena that lives for one input row.  Only
 * when all stages have succeeded does the sink see anything.
 */

#include <stdlib.h>
#include <string.h>

#include "base/limits.h"
#include "plugin/stage.h"

/* ---- Rows that are emitted -------------------------------------------------------------- */

static int rows_add(struct rows *rows, const struct defsync_row *row)
{
	if (rows->n == rows->cap) {
		size_t cap = rows->cap ? 2 * rows->cap : 16;
		const struct defsync_row **grown = reallocarray(rows->list, cap, sizeof(*grown));

		if (!grown)
			return -1;
		rows->list = grown;
		rows->cap = cap;
	}
	rows->list[rows->n++] = row;
	return 0;
}

static int has_data(const struct defsync_cell *c)
{
	switch (c->type) {
	case DEFSYNC_DECIMAL:
	case DEFSYNC_TEXT:
	case DEFSYNC_BYTES:
	case DEFSYNC_JSON:
	case DEFSYNC_UUID:
		return 1;
	default:
		return 0;
	}
}

static const struct defsync_cell *cell_at(const struct defsync_cell *cells, uint32_t i,
					  uint32_t stride)
{
	return (const struct defsync_cell *)(const void *)((const char *)cells +
							   (size_t)i * stride);
}

/* Row, cells and bytes in one piece.  The sizes were checked: no overflow below the limit. */
static struct defsync_row *copy_row(struct arena *arena, const struct defsync_cell *cells,
				    uint32_t n, uint32_t stride)
{
	size_t bytes = 0;
	struct defsync_row *row;
	struct defsync_cell *copies;
	char *data;

	for (uint32_t i = 0; i < n; i++) {
		const struct defsync_cell *c = cell_at(cells, i, stride);

		if (has_data(c))
			bytes += c->v.data.len;
	}
	if (bytes > LIMIT_EMIT_BYTES)
		return NULL;
	row = arena_alloc(arena, sizeof(*row) + n * sizeof(*copies) + bytes);
	if (!row)
		return NULL;
	copies = (struct defsync_cell *)(void *)(row + 1);
	data = (char *)(copies + n);
	for (uint32_t i = 0; i < n; i++) {
		copies[i] = *cell_at(cells, i, stride);
		if (!has_data(&copies[i]) || copies[i].v.data.len == 0)
			continue;
		memcpy(data, copies[i].v.data.ptr, copies[i].v.data.len);
		copies[i].v.data.ptr = data;
		data += copies[i].v.data.len;
	}
	row->cells = copies;
	row->n_cells = n;
	row->cell_size = sizeof(*copies);
	return row;
}

/* What emit is called with: one input row in one stage. */
struct emission {
	struct chain *chain;
	struct stage *stage;
	const struct defsync_row *in;
	const struct defsync_relation *out_relation;
	int hides_key;
	struct rows *out;
	size_t n_emitted;
	struct error *err;
};

static int32_t emit_failed(struct emission *e, int32_t rc)
{
	stage_prefixed(e->chain, e->stage, e->err);
	return rc;
}

static int32_t emit_row(void *ctx, const struct defsync_cell *cells, uint32_t n_cells,
			uint32_t cell_size)
{
	struct emission *e = ctx;
	const struct shape *shape;
	struct defsync_row *row;

	if (error_is_set(e->err))
		return DEFSYNC_E_BUG;
	shape = shapes_find(&e->stage->shapes, e->out_relation, e->err);
	if (!shape || shape_check_cells(shape, cells, n_cells, cell_size, e->err) < 0) {
		error_prefix(e->err, "emitted row %zu", e->n_emitted + 1);
		return emit_failed(e, DEFSYNC_E_BUG);
	}
	row = e->out->n < LIMIT_EMIT_ROWS ? copy_row(&e->chain->arena, cells, n_cells, cell_size)
					  : NULL;
	if (!row || rows_add(e->out, row) < 0) {
		error_set(e->err, ERR_NOMEM,
			  "no memory for emitted row %zu; the limits for one row are %d rows and "
			  "%d bytes",
			  e->n_emitted + 1, LIMIT_EMIT_ROWS, LIMIT_EMIT_BYTES);
		return emit_failed(e, DEFSYNC_E_NOMEM);
	}
	row->struct_size = sizeof(*row);
	row->op = e->in->op;
	row->relation = e->out_relation;
	row->source_time_us = e->in->source_time_us;
	/* It names the key. */
	row->position = e->in->position;
	row->position_len = e->hides_key ? 0 : e->in->position_len;
	e->n_emitted++;
	return DEFSYNC_OK;
}

/* ---- One row through the stages ----------------------------------------------------------- */

static enum chain_result bug(const struct emission *e, const char *text)
{
	error_set(e->err, ERR_INTERNAL, "%s", text);
	stage_prefixed(e->chain, e->stage, e->err);
	return CHAIN_FAILED;
}

static enum chain_result pass(const struct emission *e)
{
	if (e->out_relation != e->in->relation)
		return bug(e, "apply returned PASS though it changes the relation");
	if (e->n_emitted > 0)
		return bug(e, "apply returned PASS after emit");
	if (rows_add(e->out, e->in) < 0) {
		error_nomem(e->err);
		return CHAIN_FAILED;
	}
	return CHAIN_DONE;
}

static enum chain_result bad_row(const struct emission *e, struct row_fault *fault)
{
	const char *reason = host_reason(e->stage->host);

	row_fault_set(fault, ROW_TRANSFORM, "transform '%s': %s", e->stage->plugin->name,
		      reason[0] != '\0' ? reason : "the row is bad; the plugin gave no reason");
	return CHAIN_FAULT;
}

static enum chain_result take_result(const struct emission *e, int32_t rc, struct row_fault *fault)
{
	/* An error in emit stands, whatever apply made of it. */
	if (error_is_set(e->err))
		return CHAIN_FAILED;
	switch (rc) {
	case DEFSYNC_PASS:
		return pass(e);
	case DEFSYNC_FILTERED:
		return e->n_emitted > 0 ? bug(e, "apply returned FILTERED after emit") : CHAIN_DONE;
	case DEFSYNC_EMITTED:
		return CHAIN_DONE;
	case DEFSYNC_E_BAD_ROW:
		return bad_row(e, fault);
	default:
		break;
	}
	/* OK is no answer of apply. */
	stage_result(e->chain, e->stage, "apply", rc == DEFSYNC_OK ? DEFSYNC_ROW : rc, e->err);
	return CHAIN_FAILED;
}

static enum chain_result apply_stage(struct chain *c, struct stage *st,
				     const struct defsync_row *row, struct rows *out,
				     struct row_fault *fault, struct error *err)
{
	struct emission e = {.chain = c, .stage = st, .in = row, .out = out, .err = err};
	const struct mapping *m = stage_relation(c, st, row->relation, err);
	int32_t rc;

	if (!m)
		return CHAIN_FAILED;
	e.out_relation = m->out;
	e.hides_key = m->hides_key;
	host_begin_call(st->host);
	rc = st->plugin->transform.apply(st->instance, row, 0, emit_row, &e);
	return take_result(&e, rc, fault);
}

/* All stages; the rows that come out are in *ret_out. */
static enum chain_result run_stages(struct chain *c, const struct defsync_row *row,
				    struct rows **ret_out, struct row_fault *fault,
				    struct error *err)
{
	struct rows *in = &c->rows[0], *out = &c->rows[1];

	in->n = 0;
	if (rows_add(in, row) < 0) {
		error_nomem(err);
		return CHAIN_FAILED;
	}
	for (size_t s = 0; s < c->n_stages; s++) {
		struct rows *other = in;

		out->n = 0;
		for (size_t i = 0; i < in->n; i++) {
			enum chain_result r =
			    apply_stage(c, &c->stages[s], in->list[i], out, fault, err);

			if (r == CHAIN_DONE)
				continue;
			c->refused = in->list[i];
			c->refused_by = s;
			return r;
		}
		in = out;
		out = other;
	}
	*ret_out = in;
	return CHAIN_DONE;
}

enum chain_result chain_apply(struct chain *c, const struct defsync_row *row, chain_sink sink,
			      void *ctx, struct row_fault *fault, struct error *err)
{
	struct error own = ERROR_INIT;
	struct rows *out = NULL;
	enum chain_result r;

	if (c->n_stages == 0 || row->op == DEFSYNC_OP_CHECKPOINT)
		return sink(ctx, row) == 0 ? CHAIN_DONE : CHAIN_FAILED;
	c->refused = NULL;
	if (c->arena.used > 0)
		arena_reset(&c->arena);
	r = run_stages(c, row, &out, fault, &own);
	if (r == CHAIN_FAILED)
		error_move(err, &own);
	if (r != CHAIN_DONE)
		return r;
	if (out->n == 0)
		return CHAIN_FILTERED;
	for (size_t i = 0; i < out->n; i++) {
		if (sink(ctx, out->list[i]) != 0)
			return CHAIN_FAILED;
	}
	return CHAIN_DONE;
}
