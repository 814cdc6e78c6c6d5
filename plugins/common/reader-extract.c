/* SPDX-License-Identifier: MIT */
/*
 * Reading a table.  The order of the steps is what makes it safe: checks, then the
 * ceiling, then the snapshot.  With any other order a transaction can commit
 * between two of them and its rows are never read.
 */

#include <stdlib.h>
#include <string.h>

#include "common/reader-internal.h"

/* A watermark so far above the server's clock is no difference of clocks. */
#define CLOCK_BACK_US INT64_C(3600000000)

static int32_t make_buffers(struct reader_source *s, struct reader_cursor *c)
{
	const struct reader_plan *p = &c->plan;

	c->cells = pool_alloc(&c->pool, (size_t)p->n_columns, sizeof(*c->cells));
	c->position = pool_alloc(&c->pool, READER_PLACE_MAX, 1);
	if (!c->cells || !c->position)
		return reader_fail_nomem(s);
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
	return reader_labels_make(s, c);
}

/* For the phase that the cursor is in. */
static int32_t make_writers(struct reader_source *s, struct reader_cursor *c,
			    const struct reader_position *at)
{
	int i;

	for (i = 0; i < 2; i++) {
		char *buf = c->writers[i].buf;

		if (!buf)
			buf = pool_alloc(&c->pool, CHECKPOINT_MAX, 1);
		if (!buf)
			return reader_fail_nomem(s);
		if (!reader_checkpoint_prefix(&c->writers[i], buf, s, &c->plan, at))
			return reader_fail_names(s, &c->plan);
	}
	return 0;
}

/*
 * What the first incremental run will start from: behind the newest settled row.
 * Not from the ceiling itself: where it is too high, the rows to come would lie
 * below it.
 */
static int32_t begin_load(struct reader_source *s, struct reader_cursor *c)
{
	struct reader_position *at = &c->at;
	int32_t rc = 0;

	at->phase = READER_PHASE_LOAD;
	if (reader_given(&c->limit.value))
		rc = reader_newest(s, &c->plan, &c->limit.value, &at->mark);
	if (rc < 0)
		return rc;
	if (reader_given(&at->mark) &&
	    (!reader_given(&at->initial) || reader_compare(&at->mark.cell, &at->initial.cell) >= 0))
		at->from = READER_FROM_PAST;
	else
		reader_value_done(&at->mark);
	return 0;
}

/* `initial` holds in a load, and as long as nothing was settled. */
static int32_t read_bounds(struct reader_source *s, struct reader_cursor *c, bool resumes)
{
	const struct defsync_request *r = c->plan.request;
	int32_t rc = reader_bound(s, &c->plan, "until", r->until, &c->until);

	if (rc < 0)
		return rc;
	if (resumes && (c->at.phase != READER_PHASE_INCREMENTAL || c->at.from != READER_FROM_START))
		return 0;
	return reader_bound(s, &c->plan, "initial", r->initial, &c->at.initial);
}

/* The watermark up to which the table was read before; not where from is START. */
static const struct reader_value *begun_at(const struct reader_cursor *c)
{
	return c->at.from == READER_FROM_BEHIND ? &c->at.values[0] : &c->at.mark;
}

/*
 * A server that was restored, or that now has another clock: what it stamps lies
 * below the position and is not found.  The position is never lowered for that.
 */
static void warn_of_clock(struct reader_source *s, const struct reader_cursor *c)
{
	const struct reader_column *column = reader_plan_mark(&c->plan);
	const struct reader_value *mark = begun_at(c);
	int64_t slack = column->type == DEFSYNC_DATE ? READER_DAY_US : CLOCK_BACK_US, us, bound;
	char now[READER_FORMAT_MAX], was[READER_FORMAT_MAX];
	struct defsync_cell cell = {.type = DEFSYNC_TIMESTAMP};
	size_t now_len, was_len;

	if (c->limit.now_us == DEFSYNC_TIME_NONE || !column->server_time ||
	    c->at.from == READER_FROM_START || !reader_mark_us(&mark->cell, &us) ||
	    __builtin_add_overflow(c->limit.now_us, slack, &bound) || us <= bound)
		return;
	cell.v.i64 = c->limit.now_us;
	now_len = reader_format(&cell, READER_FORM_SERVER, now);
	was_len = reader_format(&mark->cell, READER_FORM_SERVER, was);
	defsync_log(s->host, DEFSYNC_LOG_WARN,
		    "the server's clock, %.*s, is behind the position in '%s', %.*s: what it "
		    "writes until then is not found; was it restored, or its clock set back? then "
		    "load the table anew after 'defsync state reset'",
		    (int)now_len, now, c->plan.table.from, (int)was_len, was);
}

static int32_t begin_incremental(struct reader_source *s, struct reader_cursor *c, bool resumes)
{
	int32_t rc = reader_check(s, &c->plan);

	if (rc == 0)
		rc = read_bounds(s, c, resumes);
	if (rc == 0)
		rc = reader_limit_make(s, &c->plan, &c->until, &c->limit);
	if (rc < 0)
		return rc;
	reader_limit_log(s, &c->plan, &c->limit);
	if (!resumes)
		return begin_load(s, c);
	warn_of_clock(s, c);
	return 0;
}

static void report_ceiling(struct reader_source *s, const struct reader_cursor *c)
{
	const struct defsync_host *host = s->host;
	struct text value;

	host->report(host->ctx, DEFSYNC_REPORT_PHASE, reader_phase_name(c->at.phase));
	host->report(host->ctx, DEFSYNC_REPORT_CEILING, reader_standing_name(c->limit.standing));
	if (!reader_given(&c->limit.value))
		return;
	text_init(&value, DEFSYNC_TEXT_MAX);
	reader_value_print(&c->limit.value.cell, &value);
	if (text_ok(&value))
		host->report(host->ctx, DEFSYNC_REPORT_CEILING_VALUE, text_get(&value));
	text_done(&value);
}

static int32_t begin(struct reader_source *s, struct reader_cursor *c)
{
	const struct defsync_request *r = c->plan.request;
	bool resumes = r->checkpoint_len != 0;
	int32_t rc = resumes ? reader_checkpoint_read(s, &c->plan, &c->at) : 0;

	if (rc < 0)
		return rc;
	if (c->plan.watermark >= 0) {
		rc = begin_incremental(s, c, resumes);
	} else {
		/* A snapshot that was read to its end begins anew. */
		c->at.phase = READER_PHASE_SNAPSHOT;
		rc = reader_check(s, &c->plan);
	}
	if (rc == 0)
		report_ceiling(s, c);
	return rc;
}

static enum reader_stage first_stage(const struct reader_plan *p)
{
	const struct reader_column *mark;

	if (p->watermark < 0 || p->request->null_watermark != DEFSYNC_NULLS_EVERY_RUN)
		return READER_STAGE_MAIN;
	mark = reader_plan_mark(p);
	return (mark->missing || mark->nullable) && !reader_mark_is_key(p) ? READER_STAGE_NULLS
									   : READER_STAGE_MAIN;
}

static int32_t open_scan(struct reader_source *s, struct reader_cursor *c)
{
	/* Rows of an incremental run do not carry where it began. */
	const struct reader_position rows = {.phase = READER_PHASE_INCREMENTAL};
	int32_t rc = begin(s, c);

	if (rc < 0)
		return rc;
	rc = make_writers(s, c, c->at.phase == READER_PHASE_INCREMENTAL ? &rows : &c->at);
	return rc < 0 ? rc : reader_stage_begin(s, c, first_stage(&c->plan));
}

static void destroy(struct reader_source *s, struct reader_cursor *c)
{
	int i;

	/* Nothing is asked of the server any more. */
	c->page_limit = 0;
	reader_release(s, c);
	reader_position_done(&c->at);
	reader_value_done(&c->limit.value);
	reader_value_done(&c->until);
	for (i = 0; i < READER_ORDER_MAX; i++) {
		reader_value_done(&c->place[i]);
		reader_value_done(&c->previous[i]);
	}
	for (i = 0; i < READER_KEYS_MAX; i++)
		reader_value_done(&c->lookup_values[i]);
	pool_done(&c->pool);
	free(c);
}

int32_t reader_extract(struct reader_source *s, const struct defsync_request *request,
		       struct reader_cursor **ret)
{
	struct reader_cursor *c = calloc(1, sizeof(*c));
	int32_t rc;

	if (!c)
		return reader_fail_nomem(s);
	rc = reader_plan_make(s, &c->pool, request, &c->plan);
	if (rc == 0)
		rc = reader_plan_complete(s, &c->plan);
	if (rc == 0)
		rc = reader_relation_make(s, &s->relations, &c->plan);
	if (rc == 0)
		rc = make_buffers(s, c);
	if (rc == 0 && request->mode != DEFSYNC_READ_KEYS)
		rc = open_scan(s, c);
	if (rc == 0)
		*ret = c;
	else
		destroy(s, c);
	return rc;
}

/* ---- The end ------------------------------------------------------------------- */

/* ", 17", of a number or a time; others may be masked on their way. */
static void show_mark(const struct defsync_cell *cell, struct text *out)
{
	switch (cell->type) {
	case DEFSYNC_TEXT:
	case DEFSYNC_BYTES:
	case DEFSYNC_JSON:
	case DEFSYNC_UUID:
		break;
	default:
		text_str(out, ", ");
		reader_value_print(cell, out);
	}
}

/*
 * Numbers that begin again, as after TRUNCATE ... RESTART IDENTITY, lie below the
 * position and are not found.  A deletion of the newest rows looks the same and is no
 * harm, so it is told and the reading is not stopped.  Asked only where nothing was
 * found, as what was found lies above, and not of a clock that is proven.
 */
static int32_t warn_of_restart(struct reader_source *s, struct reader_cursor *c)
{
	struct reader_value newest = {.cap = 0};
	struct text is, was;
	int32_t rc;

	if (c->found || c->at.from == READER_FROM_START || c->limit.standing == READER_PROVEN)
		return 0;
	rc = reader_newest(s, &c->plan, NULL, &newest);
	if (rc < 0)
		return rc;
	text_init(&is, DEFSYNC_TEXT_MAX);
	text_init(&was, DEFSYNC_TEXT_MAX);
	if (reader_given(&newest) && reader_compare(&newest.cell, &begun_at(c)->cell) < 0) {
		show_mark(&newest.cell, &is);
		show_mark(&begun_at(c)->cell, &was);
		defsync_log(s->host, DEFSYNC_LOG_WARN,
			    "the newest '%s' of '%s'%.100s, is below the place up to which it "
			    "was read%.100s: rows below that place are not found; were the "
			    "newest rows deleted, nothing is missing; was the table emptied and "
			    "filled again, load it anew after 'defsync state reset'",
			    reader_plan_mark(&c->plan)->name, c->plan.table.from, text_get(&is),
			    text_get(&was));
	}
	text_done(&was);
	text_done(&is);
	reader_value_done(&newest);
	return 0;
}

/* Without rows below the ceiling the position stays where it was. */
static void last_incremental(struct reader_cursor *c)
{
	const struct defsync_request *r = c->plan.request;

	reader_row_last(c);
	if (!c->safe) {
		c->safe = r->checkpoint;
		c->safe_len = r->checkpoint_len;
	}
	c->row.flags = reader_given(&c->until) ? 0 : DEFSYNC_ROW_SWEEP;
}

static int32_t last_of_phase(struct reader_source *s, struct reader_cursor *c,
			     enum reader_phase next)
{
	struct reader_position at = {.phase = next, .from = c->at.from, .mark = c->at.mark};
	int32_t rc = make_writers(s, c, &at);

	if (rc < 0)
		return rc;
	c->safe = c->writers[0].buf;
	c->safe_len = checkpoint_end(&c->writers[0]);
	c->row.flags = 0;
	s->host->report(s->host->ctx, DEFSYNC_REPORT_PHASE, reader_phase_name(next));
	return c->safe_len ? 0 : reader_fail_nomem(s);
}

static int32_t finish(struct reader_source *s, struct reader_cursor *c,
		      const struct defsync_row **ret_row)
{
	int32_t rc = 0;

	reader_release(s, c);
	if (c->at.phase == READER_PHASE_INCREMENTAL)
		rc = warn_of_restart(s, c);
	if (rc == 0 && c->at.phase == READER_PHASE_INCREMENTAL)
		last_incremental(c);
	else if (rc == 0)
		rc = last_of_phase(s, c,
				   c->at.phase == READER_PHASE_LOAD ? READER_PHASE_INCREMENTAL
								    : READER_PHASE_DONE);
	if (rc < 0)
		return rc;
	c->stage = READER_STAGE_OVER;
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

int32_t reader_next(struct reader_source *s, struct reader_cursor *c,
		    const struct defsync_row **ret_row)
{
	int64_t limit = c->plan.request->row_limit;
	int32_t rc;

	if (reader_is_cancelled(s))
		return defsync_fail(s->host, DEFSYNC_E_CANCELLED, "cancelled");
	if (c->plan.request->mode == DEFSYNC_READ_KEYS)
		return reader_keys_next(s, c, ret_row);
	if (c->stage == READER_STAGE_OVER)
		return DEFSYNC_END;
	if (limit > 0 && c->rows >= limit) {
		reader_release(s, c);
		return DEFSYNC_END;
	}
	rc = reader_step(s, c);
	if (rc == DEFSYNC_END)
		return finish(s, c, ret_row);
	if (rc < 0)
		return rc;
	c->found = c->found || c->stage == READER_STAGE_MAIN;
	rc = reader_row_fill(s, c);
	if (rc != DEFSYNC_ROW && rc != DEFSYNC_E_BAD_ROW)
		return rc;
	c->rows++;
	*ret_row = &c->row;
	return rc;
}

int32_t reader_pause(struct reader_source *s, struct reader_cursor *c)
{
	/* A key's rows are few, and were not read in a snapshot. */
	return c->plan.request->mode == DEFSYNC_READ_KEYS ? 0 : reader_rest(s, c);
}

void reader_end(struct reader_source *s, struct reader_cursor *c)
{
	if (c)
		destroy(s, c);
}
