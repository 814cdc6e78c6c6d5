/* SPDX-License-Identifier: MIT */
/*
 * The statement of a cursor and its read transaction.  A transaction that stays
 * open keeps a WAL from being checkpointed, so that it grows; hence max_snapshot:
 * a new transaction goes on behind the last row.  The first ceiling stays in force.
 */

#include <stdlib.h>

#include "sl-cursor.h"

static bool by_mark(const struct sl_cursor *c)
{
	return c->stage == SL_STAGE_MAIN && c->at.phase == SL_PHASE_INCREMENTAL;
}

static void set_order(struct sl_cursor *c)
{
	const struct sl_plan *p = &c->plan;
	int i;

	c->n_order = 0;
	if (by_mark(c))
		c->order[c->n_order++] = &c->mark_value;
	for (i = 0; i < p->n_keys; i++) {
		if (!by_mark(c) || p->keys[i] != p->watermark)
			c->order[c->n_order++] = &c->key_values[i];
	}
}

/* Where the stage begins, or goes on behind `values`. */
static void set_from(const struct sl_cursor *c, const struct sl_value *values, struct sl_scan *scan)
{
	if (values) {
		scan->from = SL_FROM_BEHIND;
		scan->values = values;
	} else if (c->stage == SL_STAGE_NULLS) {
		scan->from = SL_FROM_START;
	} else if (scan->by_mark) {
		scan->from = c->at.from;
		scan->values = c->at.from == SL_FROM_PAST ? &c->at.mark : c->at.values;
	} else {
		scan->from = c->at.n_values ? SL_FROM_BEHIND : SL_FROM_START;
		scan->values = c->at.values;
	}
}

static int32_t open_statement(struct sl_source *s, struct sl_cursor *c,
			      const struct sl_value *values)
{
	struct sl_scan scan = {.by_mark = by_mark(c), .nulls = c->stage == SL_STAGE_NULLS};

	set_order(c);
	set_from(c, values, &scan);
	if (!scan.nulls) {
		scan.initial = &c->at.initial;
		scan.until = &c->until;
	}
	sqlite3_finalize(c->stmt);
	c->stmt = NULL;
	c->on_row = false;
	return sl_scan_prepare(s, &c->plan, &scan, &c->stmt);
}

int32_t sl_cursor_open(struct sl_source *s, struct sl_cursor *c)
{
	int32_t rc = 0;

	/* The snapshot itself begins with the first step. */
	if (sqlite3_get_autocommit(s->db)) {
		rc = sl_exec(s, "BEGIN", c->plan.table.name);
		c->snapshot_us = s->host->now_mono_us(s->host->ctx);
	}
	if (rc == 0)
		rc = open_statement(s, c, NULL);
	return rc;
}

bool sl_cursor_is_old(struct sl_source *s, const struct sl_cursor *c)
{
	/* The clock costs about as much as a tenth of a row. */
	if (c->rows % 64)
		return false;
	return s->host->now_mono_us(s->host->ctx) - c->snapshot_us >= s->snapshot_ms * 1000;
}

static int32_t keep_order(struct sl_source *s, struct sl_cursor *c, struct sl_value *values)
{
	int i;

	for (i = 0; i < c->n_order; i++) {
		if (!sl_value_copy(&values[i], c->order[i]))
			return sl_fail_nomem(s);
	}
	return 0;
}

int32_t sl_cursor_renew(struct sl_source *s, struct sl_cursor *c, const struct sl_value *values)
{
	struct sl_value here[SL_KEYS_MAX + 1] = {{0}};
	int32_t rc = values ? 0 : keep_order(s, c, here);
	int i;

	if (rc == 0) {
		sqlite3_finalize(c->stmt);
		c->stmt = NULL;
		rc = sl_exec(s, "COMMIT; BEGIN", c->plan.table.name);
	}
	if (rc == 0)
		rc = open_statement(s, c, values ? values : here);
	c->snapshot_us = s->host->now_mono_us(s->host->ctx);
	for (i = 0; i < SL_KEYS_MAX + 1; i++)
		sl_value_done(&here[i]);
	return rc;
}

int32_t sl_cursor_suspend(struct sl_source *s, struct sl_cursor *c)
{
	int32_t rc;

	if (!c->plan.unique || !c->on_row || c->suspended)
		return 0;
	rc = keep_order(s, c, c->previous);
	if (rc < 0)
		return rc;
	sqlite3_finalize(c->stmt);
	c->stmt = NULL;
	c->on_row = false;
	c->suspended = true;
	return sl_exec(s, "COMMIT", c->plan.table.name);
}

int32_t sl_cursor_resume(struct sl_source *s, struct sl_cursor *c)
{
	int32_t rc = sl_exec(s, "BEGIN", c->plan.table.name);

	if (rc == 0)
		rc = open_statement(s, c, c->previous);
	c->snapshot_us = s->host->now_mono_us(s->host->ctx);
	c->suspended = false;
	return rc;
}

int32_t sl_cursor_step(struct sl_source *s, struct sl_cursor *c)
{
	int step = sqlite3_step(c->stmt);
	int32_t rc;

	c->on_row = step == SQLITE_ROW;
	if (step == SQLITE_DONE)
		return step;
	if (step != SQLITE_ROW)
		return sl_fail(s, "cannot read", c->plan.table.name);
	rc = sl_row_read(s, c);
	return rc < 0 ? rc : step;
}

void sl_cursor_release(struct sl_source *s, struct sl_cursor *c)
{
	sqlite3_finalize(c->stmt);
	c->stmt = NULL;
	c->on_row = false;
	if (!sqlite3_get_autocommit(s->db))
		(void)sqlite3_exec(s->db, "ROLLBACK", NULL, NULL, NULL);
}

void sl_cursor_close(struct sl_source *s, struct sl_cursor *c)
{
	int i;

	sl_cursor_release(s, c);
	sl_position_done(&c->at);
	sl_value_done(&c->ceiling);
	sl_value_done(&c->until);
	for (i = 0; i < SL_KEYS_MAX + 1; i++)
		sl_value_done(&c->previous[i]);
	pool_done(&c->pool);
	free(c);
}
