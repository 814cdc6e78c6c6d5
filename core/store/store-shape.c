/* SPDX-License-Identifier: MIT */
/*
 * The columns that a table is known to have, and which changes of them were
 * reported.  A change of before the known columns were set is history: times are
 * made to say so, whatever the clock does.
 */

#include "store/store-internal.h"

#include "base/clock.h"

#define SHAPES_SINCE 2 /* the version that brought both tables */

static int get(struct store *s, int64_t table_id, struct buf *columns, struct error *err)
{
	sqlite3_stmt *stmt;
	int rc;

	if (s->version < SHAPES_SINCE)
		return 0;
	stmt = sql_open(s, SQL_SHAPE_GET, SQL_ARGS(sql_int(table_id)), err);
	if (stmt == NULL)
		return -1;
	rc = sql_step(s, stmt, err);
	if (rc > 0 && (buf_add_str(columns, sql_column_text(stmt, 0)) < 0 || !buf_str(columns)))
		rc = error_nomem(err);
	sql_close(s, stmt);
	return rc;
}

int store_shape_get(struct store *s, int64_t table_id, struct buf *columns, struct error *err)
{
	store_enter(s);
	return store_leave(s, get(s, table_id, columns, err));
}

int store_shape_forget(struct store *s, int64_t table_id, struct error *err)
{
	int rc;

	store_enter(s);
	rc = sql_begin(s, err);
	if (rc == 0)
		rc = sql_end(s, sql_run(s, SQL_SHAPE_DROP, SQL_ARGS(sql_int(table_id)), err), err);
	return store_leave(s, rc);
}

/* ---- Changes ---- */

static int seen(struct store *s, int64_t table_id, const char *change, struct error *err)
{
	int64_t n = 0;

	if (s->version < SHAPES_SINCE)
		return 0;
	if (sql_numbers(s, SQL_DRIFT_SEEN, SQL_ARGS(sql_int(table_id), sql_text(change)), &n, 1,
			err) < 0)
		return -1;
	return n > 0;
}

int store_drift_seen(struct store *s, int64_t table_id, const char *change, struct error *err)
{
	store_enter(s);
	return store_leave(s, seen(s, table_id, change, err));
}

static int add_changes(struct store *s, int64_t table_id, int64_t run_no,
		       const char *const *changes, size_t n, struct error *err)
{
	int64_t now = clock_wall_us();

	for (size_t i = 0; i < n; i++) {
		if (sql_run(s, SQL_DRIFT_ADD,
			    SQL_ARGS(sql_int(run_no), sql_int(table_id), sql_int(now),
				     sql_text(changes[i])),
			    err) < 0)
			return -1;
	}
	if (n == 0)
		return 0;
	return sql_run(s, SQL_DRIFT_TRIM, SQL_ARGS(sql_int(table_id), sql_int(STORE_DRIFTS_KEPT)),
		       err);
}

int store_drift_add(struct store *s, int64_t table_id, int64_t run_no, const char *const *changes,
		    size_t n, struct error *err)
{
	int rc;

	if (n == 0)
		return 0;
	store_enter(s);
	rc = sql_begin(s, err);
	if (rc == 0)
		rc = sql_end(s, add_changes(s, table_id, run_no, changes, n, err), err);
	return store_leave(s, rc);
}

int shape_add(struct store *s, const struct store_step *step, struct error *err)
{
	if (add_changes(s, step->table_id, step->run_no, step->changes, step->n_changes, err) < 0)
		return -1;
	if (step->shape == NULL)
		return 0;
	return sql_run(
	    s, SQL_SHAPE_SET,
	    SQL_ARGS(sql_int(step->table_id), sql_text(step->shape), sql_int(clock_wall_us())),
	    err);
}

static int last(struct store *s, int64_t table_id,
		int (*each)(void *ctx, const struct store_drift *d), void *ctx, struct error *err)
{
	sqlite3_stmt *stmt;
	int rc = 0, stop = 0;

	if (s->version < SHAPES_SINCE)
		return 0;
	stmt = sql_open(s, SQL_DRIFT_LAST, SQL_ARGS(sql_int(table_id)), err);
	if (stmt == NULL)
		return -1;
	while (!stop && (rc = sql_step(s, stmt, err)) > 0) {
		const struct store_drift d = {
		    .run_no = sqlite3_column_int64(stmt, 0),
		    .at_us = sqlite3_column_int64(stmt, 1),
		    .change = sql_column_text(stmt, 2),
		};

		stop = each(ctx, &d) != 0;
	}
	sql_close(s, stmt);
	return rc < 0 ? -1 : 0;
}

int store_drift_last(struct store *s, int64_t table_id,
		     int (*each)(void *ctx, const struct store_drift *d), void *ctx,
		     struct error *err)
{
	store_enter(s);
	return store_leave(s, last(s, table_id, each, ctx, err));
}
