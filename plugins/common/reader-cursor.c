/* SPDX-License-Identifier: MIT */
/*
 * Pages and snapshots of a cursor.  A page is one statement; where the page, the
 * snapshot or the host's patience ends, the next statement begins behind the last
 * row.  A snapshot that stays open keeps the server from cleaning up, hence
 * max_snapshot_ms.  The first ceiling stays in force.
 *
 * Where rows may share a place in the order, a page has no limit and a snapshot
 * ends only between two places: behind one row of a place the others would be left
 * out.
 */

#include "common/reader-internal.h"

static bool by_mark(const struct reader_cursor *c)
{
	return c->stage == READER_STAGE_MAIN && c->at.phase == READER_PHASE_INCREMENTAL;
}

static void add_order(struct reader_cursor *c, int cell)
{
	c->order_columns[c->n_order] = c->plan.columns[cell];
	c->order[c->n_order++] = &c->cells[cell];
}

static void set_order(struct reader_cursor *c)
{
	const struct reader_plan *p = &c->plan;
	int i;

	c->n_order = 0;
	if (by_mark(c))
		add_order(c, p->watermark_cell);
	for (i = 0; i < p->n_keys; i++) {
		if (!by_mark(c) || p->keys[i] != p->watermark)
			add_order(c, p->key_cells[i]);
	}
	c->mark = c->stage == READER_STAGE_MAIN && p->watermark >= 0 ? &c->cells[p->watermark_cell]
								     : NULL;
}

/* Where the page begins. */
static void set_from(const struct reader_cursor *c, struct reader_scan *scan)
{
	if (c->has_place) {
		scan->from = READER_FROM_BEHIND;
		scan->values = c->place;
	} else if (c->stage == READER_STAGE_NULLS) {
		scan->from = READER_FROM_START;
	} else if (scan->by_mark) {
		scan->from = c->at.from;
		scan->values = c->at.from == READER_FROM_PAST ? &c->at.mark : c->at.values;
	} else {
		scan->from = c->at.n_values ? READER_FROM_BEHIND : READER_FROM_START;
		scan->values = c->at.values;
	}
}

static int64_t next_limit(const struct reader_source *s, const struct reader_cursor *c)
{
	int64_t limit = s->page_rows > 0 ? s->page_rows : 0, wanted = c->plan.request->row_limit;

	if (!c->plan.unique)
		return 0;
	if (wanted > 0 && (limit == 0 || wanted - c->rows < limit))
		limit = wanted - c->rows;
	return limit;
}

static int32_t begin_snapshot(struct reader_source *s, struct reader_cursor *c)
{
	int32_t rc;

	if (c->in_snapshot)
		return 0;
	c->rest_wanted = false;
	c->snapshot_us = s->host->now_mono_us(s->host->ctx);
	rc = s->dialect->begin(s);
	/* Also after a failure: rollback is harmless, a transaction left open is not. */
	c->in_snapshot = true;
	return rc;
}

static int32_t open_page(struct reader_source *s, struct reader_cursor *c)
{
	struct reader_scan scan = {.by_mark = by_mark(c),
				   .nulls = c->stage == READER_STAGE_NULLS,
				   .limit = next_limit(s, c),
				   .offset = c->passed};
	int32_t rc = begin_snapshot(s, c);

	if (rc < 0)
		return rc;
	set_from(c, &scan);
	if (!scan.nulls) {
		scan.initial = &c->at.initial;
		scan.until = &c->until;
	}
	rc = reader_scan_open(s, &c->plan, &scan);
	c->is_open = rc >= 0;
	c->page_limit = scan.limit;
	c->page_got = 0;
	return rc < 0 ? rc : 0;
}

/*
 * A page that is full has its end still to be taken, from what was sent already: with
 * rows to come a statement has to be given up, which some servers make the end of
 * the snapshot.  Its place has been kept, and the cells end their life.
 */
static int32_t close_page(struct reader_source *s, struct reader_cursor *c)
{
	int32_t rc = 0;

	if (c->is_open && c->page_limit && c->page_got == c->page_limit) {
		c->bad = -1;
		rc = s->dialect->fetch(s, c->cells, &c->bad);
	}
	if (c->is_open)
		s->dialect->close(s);
	c->is_open = false;
	c->on_row = false;
	return rc < 0 ? rc : 0;
}

void reader_release(struct reader_source *s, struct reader_cursor *c)
{
	(void)close_page(s, c);
	if (c->in_snapshot)
		s->dialect->rollback(s);
	c->in_snapshot = false;
}

int32_t reader_stage_begin(struct reader_source *s, struct reader_cursor *c,
			   enum reader_stage stage)
{
	c->stage = stage;
	c->has_place = false;
	c->passed = 0;
	c->has_previous = false;
	c->last_mark = INT64_MIN;
	set_order(c);
	return open_page(s, c);
}

/* The row's place is where the next page begins.  Its cells still are valid. */
static int32_t keep_place(struct reader_source *s, struct reader_cursor *c)
{
	int i;

	if (!c->on_row)
		return 0;
	for (i = 0; i < c->n_order; i++) {
		if (!reader_value_set(&c->place[i], c->order[i]))
			return reader_fail_nomem(s);
	}
	c->has_place = true;
	c->passed = 0;
	return 0;
}

/*
 * Behind a row without a place the next page begins where this one began, and passes
 * over what came since.  That counts on the snapshot, which reader_rest keeps until a
 * row has a place.
 */
static int32_t pass_over(struct reader_source *s, struct reader_cursor *c)
{
	if (c->plan.table.no_snapshots)
		return defsync_fail(
		    s->host, DEFSYNC_E_PERMANENT,
		    "cannot read '%s' on behind a row whose key cannot be given, as "
		    "the table has no snapshots; correct that row",
		    c->plan.table.from);
	c->passed += c->page_got;
	return 0;
}

static int32_t next_page(struct reader_source *s, struct reader_cursor *c)
{
	int32_t rc = c->on_row && c->place_lost ? pass_over(s, c) : keep_place(s, c);

	if (rc == 0)
		rc = close_page(s, c);
	return rc < 0 ? rc : open_page(s, c);
}

static bool is_old(struct reader_source *s, const struct reader_cursor *c)
{
	/* The clock costs about as much as a tenth of a row. */
	if (c->rows == 0 || c->rows % 64)
		return false;
	return s->host->now_mono_us(s->host->ctx) - c->snapshot_us >= s->max_snapshot_ms * 1000;
}

int32_t reader_rest(struct reader_source *s, struct reader_cursor *c)
{
	int32_t rc;

	if (!c->in_snapshot)
		return 0;
	/* Not now: between two places, or behind a row that has one. */
	c->rest_wanted = c->on_row && (!c->plan.unique || c->place_lost);
	if (c->rest_wanted)
		return 0;
	rc = keep_place(s, c);
	if (rc == 0)
		reader_release(s, c);
	return rc;
}

/* In front of a fetch, which ends the life of the cells. */
static int32_t prepare(struct reader_source *s, struct reader_cursor *c)
{
	int32_t rc = c->rest_wanted ? reader_rest(s, c) : 0;

	if (rc < 0)
		return rc;
	if (!c->is_open)
		return open_page(s, c);
	if (c->page_limit && c->page_got == c->page_limit)
		return next_page(s, c);
	return 0;
}

static int32_t fetch(struct reader_source *s, struct reader_cursor *c)
{
	int32_t rc;

	c->bad = -1;
	rc = s->dialect->fetch(s, c->cells, &c->bad);
	c->on_row = rc == DEFSYNC_ROW;
	c->page_got += c->on_row;
	return rc;
}

/* Between two places: the row that was just fetched is read again. */
static int32_t renew_between(struct reader_source *s, struct reader_cursor *c)
{
	int32_t rc;
	int i;

	for (i = 0; i < c->n_order; i++) {
		if (!reader_value_set(&c->place[i], &c->previous[i].cell))
			return reader_fail_nomem(s);
	}
	c->has_place = true;
	reader_release(s, c);
	rc = open_page(s, c);
	return rc < 0 ? rc : fetch(s, c);
}

static int32_t step_stage(struct reader_source *s, struct reader_cursor *c)
{
	int32_t rc;

	c->rest_wanted = c->rest_wanted || is_old(s, c);
	rc = prepare(s, c);
	if (rc < 0)
		return rc;
	rc = fetch(s, c);
	if (rc == DEFSYNC_ROW && c->rest_wanted && c->bad < 0 && c->has_previous &&
	    reader_row_differs(c))
		rc = renew_between(s, c);
	return rc;
}

int32_t reader_step(struct reader_source *s, struct reader_cursor *c)
{
	int32_t rc = step_stage(s, c);

	if (rc == DEFSYNC_END && c->stage == READER_STAGE_NULLS) {
		(void)close_page(s, c);
		rc = reader_stage_begin(s, c, READER_STAGE_MAIN);
		if (rc == 0)
			rc = step_stage(s, c);
	}
	return rc;
}
