/* SPDX-License-Identifier: MIT */
/*
 * Reading a table.  The order of the steps is what makes it safe: checks, then the
 * ceiling, then the snapshot (extraction.md has the losses that any other order
 * has).
 */

#include <stdlib.h>
#include <string.h>

#include "sl-cursor.h"

static int32_t make_buffers(struct sl_source *s, struct sl_cursor *c)
{
	const struct sl_plan *p = &c->plan;
	bool complete;
	int i;

	c->cells = pool_alloc(&c->pool, (size_t)p->n_fields, sizeof(*c->cells));
	c->scratch = pool_alloc(&c->pool, (size_t)p->n_fields, sizeof(*c->scratch));
	c->position = pool_alloc(&c->pool, SL_POSITION_MAX, 1);
	complete = c->cells && c->scratch && c->position;
	for (i = 0; complete && i < p->n_fields; i++) {
		if (!sl_rule_needs_scratch(p->fields[i].rule))
			continue;
		c->scratch[i] = pool_alloc(&c->pool, SL_DECIMAL_MAX, 1);
		complete = c->scratch[i] != NULL;
	}
	c->row = (struct defsync_row){
	    .struct_size = sizeof(c->row),
	    .op = DEFSYNC_OP_READ,
	    .relation = p->relation,
	    .cells = c->cells,
	    .n_cells = (uint32_t)p->n_fields,
	    .cell_size = sizeof(struct defsync_cell),
	    .source_time_us = DEFSYNC_TIME_NONE,
	    .position = c->position,
	};
	return complete ? sl_place_prepare(s, c) : sl_fail_nomem(s);
}

/* For the phase that the cursor is in. */
static int32_t make_writers(struct sl_source *s, struct sl_cursor *c, const struct sl_position *at)
{
	int i;

	for (i = 0; i < 2; i++) {
		char *buf = c->writers[i].buf;

		if (!buf)
			buf = pool_alloc(&c->pool, CHECKPOINT_MAX, 1);
		if (!buf)
			return sl_fail_nomem(s);
		if (!sl_checkpoint_prefix(&c->writers[i], buf, s, &c->plan, at))
			return defsync_fail(s->host, DEFSYNC_E_CONFIG,
					    "the names of '%s' and its key are too long for a "
					    "checkpoint",
					    c->plan.table.name);
	}
	return 0;
}

/* The position is what a value of the watermark is compared with; NULL without one. */
static const struct sl_value *known_mark(const struct sl_position *at)
{
	if (at->from == SL_FROM_BEHIND)
		return &at->values[0];
	return at->from == SL_FROM_PAST ? &at->mark : NULL;
}

static int32_t check_table(struct sl_source *s, struct sl_cursor *c)
{
	const struct sl_value *mark = known_mark(&c->at);
	int32_t rc = sl_check_key_nulls(s, &c->plan);

	if (rc == 0)
		rc = sl_check_nulls(s, &c->plan);
	if (rc == 0)
		rc = mark ? sl_check_new(s, &c->plan, mark, &c->mark)
			  : sl_check_all(s, &c->plan, &c->mark);
	if (rc == 0)
		rc = sl_check_text(s, &c->plan, &c->mark);
	if (rc == 0 && mark)
		rc = sl_check_behind(s, &c->plan, mark);
	return rc;
}

/*
 * What the first incremental run will start from: behind the newest settled row.
 * Not from the ceiling itself: one number far above all others would put it above
 * rows that are still to come.
 */
static int32_t begin_load(struct sl_source *s, struct sl_cursor *c)
{
	struct sl_value newest = {0};
	int32_t rc;

	c->at.phase = SL_PHASE_LOAD;
	rc = sl_mark_value(s, &c->plan, &c->mark, "initial", c->plan.request->initial,
			   &c->at.initial);
	if (rc == 0 && c->ceiling.cls)
		rc = sl_newest_below(s, &c->plan, &c->ceiling, &newest);
	if (rc == 0 && newest.cls &&
	    (!c->at.initial.cls || sl_value_compare(&newest, &c->at.initial) >= 0)) {
		c->at.from = SL_FROM_PAST;
		c->at.mark = newest;
		return 0;
	}
	sl_value_done(&newest);
	return rc;
}

/* The load found nothing settled: `initial` still holds. */
static int32_t begin_unsettled(struct sl_source *s, struct sl_cursor *c)
{
	if (c->at.phase != SL_PHASE_INCREMENTAL || c->at.from != SL_FROM_START)
		return 0;
	return sl_mark_value(s, &c->plan, &c->mark, "initial", c->plan.request->initial,
			     &c->at.initial);
}

static void report_ceiling(struct sl_source *s, const struct sl_cursor *c)
{
	bool heuristic = c->plan.watermark >= 0 && sl_lookback(&c->plan, &c->mark) > 0;
	struct text value;

	s->host->report(s->host->ctx, DEFSYNC_REPORT_PHASE, sl_phase_name(c->at.phase));
	s->host->report(s->host->ctx, DEFSYNC_REPORT_CEILING, heuristic ? "heuristic" : "none");
	if (!c->ceiling.cls)
		return;
	text_init(&value, 200);
	sl_value_print(&c->ceiling, &value);
	s->host->report(s->host->ctx, DEFSYNC_REPORT_CEILING_VALUE, text_get(&value));
	text_done(&value);
}

static int32_t begin_incremental(struct sl_source *s, struct sl_cursor *c, bool resumes)
{
	const struct defsync_request *r = c->plan.request;
	int32_t rc = check_table(s, c);

	if (rc == 0)
		rc = sl_mark_value(s, &c->plan, &c->mark, "until", r->until, &c->until);
	if (rc == 0)
		rc = sl_ceiling(s, &c->plan, &c->mark, &c->until, &c->ceiling);
	if (rc == 0)
		rc = resumes ? begin_unsettled(s, c) : begin_load(s, c);
	if (r->null_watermark != DEFSYNC_NULLS_EVERY_RUN)
		c->stage = SL_STAGE_MAIN;
	return rc;
}

static int32_t begin(struct sl_source *s, struct sl_cursor *c)
{
	const struct defsync_request *r = c->plan.request;
	bool resumes = r->checkpoint_len != 0;
	int32_t rc = resumes ? sl_checkpoint_read(s, &c->plan, &c->at) : 0;

	if (rc < 0)
		return rc;
	if (c->plan.watermark >= 0) {
		rc = begin_incremental(s, c, resumes);
	} else {
		c->stage = SL_STAGE_MAIN;
		c->at.phase = SL_PHASE_SNAPSHOT;
		rc = sl_check_key_nulls(s, &c->plan);
	}
	if (rc == 0)
		report_ceiling(s, c);
	return rc;
}

static int32_t open_scan(struct sl_source *s, struct sl_cursor *c)
{
	/* Rows of an incremental run do not carry where it began. */
	const struct sl_position rows = {.phase = SL_PHASE_INCREMENTAL};
	int32_t rc = begin(s, c);

	if (rc < 0)
		return rc;
	sl_scan_columns(&c->plan, &c->watermark, c->keys);
	rc = make_writers(s, c, c->at.phase == SL_PHASE_INCREMENTAL ? &rows : &c->at);
	return rc < 0 ? rc : sl_cursor_open(s, c);
}

int32_t sl_extract(struct sl_source *s, const struct defsync_request *request,
		   struct sl_cursor **ret)
{
	struct sl_cursor *c = calloc(1, sizeof(*c));
	int32_t rc;

	if (!c)
		return sl_fail_nomem(s);
	rc = sl_check_identity(s);
	if (rc == 0)
		rc = sl_plan_make(s, &c->pool, request, &c->plan);
	if (rc == 0)
		rc = sl_plan_complete(s, &c->plan);
	if (rc == 0)
		rc = sl_relation_make(s, &s->relations, &c->plan);
	if (rc == 0)
		rc = make_buffers(s, c);
	if (rc == 0)
		rc = request->mode == DEFSYNC_READ_KEYS ? sl_keys_open(s, c) : open_scan(s, c);
	if (rc == 0)
		*ret = c;
	else
		sl_cursor_close(s, c);
	return rc;
}

/* ---- The end ------------------------------------------------------------------- */

/* Without rows below the ceiling the position stays where it was. */
static void last_incremental(struct sl_cursor *c)
{
	const struct defsync_request *r = c->plan.request;

	sl_row_last(c);
	if (!c->safe) {
		c->safe = r->checkpoint;
		c->safe_len = r->checkpoint_len;
	}
	c->row.flags = c->until.cls ? 0 : DEFSYNC_ROW_SWEEP;
}

static int32_t last_of_phase(struct sl_source *s, struct sl_cursor *c, enum sl_phase next)
{
	struct sl_position at = {.phase = next, .from = c->at.from, .mark = c->at.mark};
	int32_t rc = make_writers(s, c, &at);

	if (rc < 0)
		return rc;
	c->safe = c->writers[0].buf;
	c->safe_len = checkpoint_end(&c->writers[0]);
	c->row.flags = 0;
	s->host->report(s->host->ctx, DEFSYNC_REPORT_PHASE, sl_phase_name(next));
	return c->safe_len ? 0 : sl_fail_nomem(s);
}

static int32_t finish(struct sl_source *s, struct sl_cursor *c, const struct defsync_row **ret_row)
{
	int32_t rc = sl_check_identity(s);

	if (rc < 0)
		return rc;
	switch (c->at.phase) {
	case SL_PHASE_INCREMENTAL:
		last_incremental(c);
		break;
	case SL_PHASE_LOAD:
		rc = last_of_phase(s, c, SL_PHASE_INCREMENTAL);
		break;
	default:
		rc = last_of_phase(s, c, SL_PHASE_DONE);
	}
	if (rc < 0)
		return rc;
	/* The API may be long in taking what is left: nobody waits for this reader meanwhile. */
	sl_cursor_release(s, c);
	c->stage = SL_STAGE_OVER;
	c->row.op = DEFSYNC_OP_CHECKPOINT;
	c->row.cells = NULL;
	c->row.n_cells = 0;
	c->row.position_len = 0;
	c->row.checkpoint = c->safe;
	c->row.checkpoint_len = c->safe_len;
	*ret_row = &c->row;
	return DEFSYNC_ROW;
}

/* ---- Rows ------------------------------------------------------------------------ */

/*
 * SQLITE_ROW or SQLITE_DONE of the stage.  Where rows may share a place, a new
 * snapshot can begin only between two places: it then reads this row once more.
 */
static int32_t step(struct sl_source *s, struct sl_cursor *c)
{
	bool old = c->rows && sl_cursor_is_old(s, c);
	int32_t rc;

	/* Empty when it was checked: what has come since is left to the next run. */
	if (c->stage == SL_STAGE_MAIN && c->watermark >= 0 && c->mark.kind == SL_KIND_NONE)
		return SQLITE_DONE;
	if (c->suspended) {
		rc = sl_cursor_resume(s, c);
		if (rc < 0)
			return rc;
	} else if (old && c->plan.unique && c->on_row) {
		rc = sl_cursor_renew(s, c, NULL);
		if (rc < 0)
			return rc;
	}
	rc = sl_cursor_step(s, c);
	if (rc == SQLITE_ROW && old && !c->plan.unique && c->has_previous && sl_row_differs(c)) {
		rc = sl_cursor_renew(s, c, c->previous);
		if (rc == 0)
			rc = sl_cursor_step(s, c);
	}
	return rc;
}

int32_t sl_next(struct sl_source *s, struct sl_cursor *c, const struct defsync_row **ret_row)
{
	int64_t limit = c->plan.request->row_limit;
	int32_t rc;

	if (sl_is_cancelled(s))
		return defsync_fail(s->host, DEFSYNC_E_CANCELLED, "cancelled");
	if (c->plan.request->mode == DEFSYNC_READ_KEYS)
		return sl_keys_next(s, c, ret_row);
	if (c->stage == SL_STAGE_OVER || (limit > 0 && c->rows >= limit))
		return DEFSYNC_END;
	rc = step(s, c);
	if (rc == SQLITE_DONE && c->stage == SL_STAGE_NULLS) {
		c->stage = SL_STAGE_MAIN;
		rc = sl_cursor_open(s, c);
		if (rc == 0)
			rc = step(s, c);
	}
	if (rc == SQLITE_DONE)
		return finish(s, c, ret_row);
	if (rc < 0)
		return rc;
	rc = sl_row_fill(s, c);
	if (rc != DEFSYNC_ROW && rc != DEFSYNC_E_BAD_ROW)
		return rc;
	c->rows++;
	*ret_row = &c->row;
	return rc;
}

int32_t sl_pause(struct sl_source *s, struct sl_cursor *c)
{
	return c->plan.request->mode == DEFSYNC_READ_KEYS ? 0 : sl_cursor_suspend(s, c);
}

void sl_end(struct sl_source *s, struct sl_cursor *c)
{
	if (c)
		sl_cursor_close(s, c);
}
