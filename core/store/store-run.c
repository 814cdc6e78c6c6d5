/* SPDX-License-Identifier: MIT */
/* The record of runs: one row a table and run. */

#include <string.h>

#include "base/clock.h"
#include "store/store-internal.h"

static int next_number(struct store *s, int64_t *ret_run_no, struct error *err)
{
	int64_t n = 0;
	int rc = sql_begin(s, err);

	if (rc < 0)
		return rc;
	rc = sql_numbers(s, SQL_RUN_NUMBER, SQL_NO_ARGS, &n, 1, err);
	if (rc == 0)
		rc = sql_run(s, SQL_RUN_NUMBER_SET, SQL_ARGS(sql_int(n)), err);
	rc = sql_end(s, rc, err);
	if (rc == 0)
		*ret_run_no = n;
	return rc;
}

int store_run_number(struct store *s, int64_t *ret_run_no, struct error *err)
{
	store_enter(s);
	return store_leave(s, next_number(s, ret_run_no, err));
}

/* The lock is ours: what still says running was killed. */
static int begin_statements(struct store *s, int64_t table_id, int64_t run_no, const char *run_id,
			    struct error *err)
{
	if (sql_run(s, SQL_RUN_ABANDON, SQL_ARGS(sql_int(table_id)), err) < 0 ||
	    sql_run(s, SQL_RUN_TRIM, SQL_ARGS(sql_int(table_id), sql_int(STORE_RUNS_KEPT - 1)),
		    err) < 0 ||
	    ledger_trim(s, err) < 0)
		return -1;
	return sql_run(s, SQL_RUN_ADD,
		       SQL_ARGS(sql_int(run_no), sql_text(run_id), sql_int(table_id),
				sql_int(clock_wall_us())),
		       err);
}

int store_run_begin(struct store *s, int64_t table_id, int64_t run_no, const char *run_id,
		    int64_t *ret_id, struct error *err)
{
	int64_t id = 0;
	int rc;

	store_enter(s);
	rc = sql_begin(s, err);
	if (rc == 0) {
		rc = begin_statements(s, table_id, run_no, run_id, err);
		id = sqlite3_last_insert_rowid(s->db);
		rc = sql_end(s, rc, err);
	}
	if (rc == 0)
		*ret_id = id;
	return store_leave(s, rc);
}

static const char *or_empty(const char *text)
{
	return text != NULL ? text : "";
}

static int end_statement(struct store *s, const struct store_run *run, struct error *err)
{
	const struct store_counts *c = &run->counts;
	int64_t ended = run->ended_us != 0 ? run->ended_us : clock_wall_us();

	if (sql_run(s, SQL_RUN_END,
		    SQL_ARGS(sql_int(run->id), sql_int((int64_t)c->read),
			     sql_int((int64_t)c->pushed), sql_int((int64_t)c->filtered),
			     sql_int((int64_t)c->dead), sql_int((int64_t)c->repeated),
			     sql_int((int64_t)c->requests), sql_int((int64_t)c->retries),
			     sql_int((int64_t)c->bytes), sql_text(or_empty(run->status)),
			     sql_text(or_empty(run->error)), sql_text(or_empty(run->ceiling)),
			     sql_text(or_empty(run->phase)), sql_int(ended)),
		    err) < 0)
		return -1;
	if (sqlite3_changes(s->db) != 1)
		return error_set(err, ERR_INTERNAL, "store: no run %lld", (long long)run->id);
	return 0;
}

int store_run_end(struct store *s, const struct store_run *run, struct error *err)
{
	int rc;

	store_enter(s);
	rc = sql_begin(s, err);
	if (rc == 0)
		rc = sql_end(s, end_statement(s, run, err), err);
	return store_leave(s, rc);
}

/* Columns of SQL_RUN_LAST. */
enum {
	COLUMN_ID,
	COLUMN_RUN_NO,
	COLUMN_TEXTS, /* run_id, source, tbl, target, status, error, ceiling, phase */
	COLUMN_STARTED = COLUMN_TEXTS + 8,
	COLUMN_ENDED,
	COLUMN_COUNTS /* read, pushed, filtered, dead, repeated, requests, retries, bytes */
};

static uint64_t count_at(sqlite3_stmt *stmt, int i)
{
	return (uint64_t)sqlite3_column_int64(stmt, COLUMN_COUNTS + i);
}

/* The texts are copied: a statement left open would hold the log back. */
static int read_run(struct store *s, sqlite3_stmt *stmt, struct store_run *ret, struct error *err)
{
	const char *texts[8];

	arena_reset(&s->last);
	for (int i = 0; i < 8; i++) {
		texts[i] = arena_strdup(&s->last, sql_column_text(stmt, COLUMN_TEXTS + i));
		if (texts[i] == NULL)
			return error_nomem(err);
	}
	*ret = (struct store_run){
	    .id = sqlite3_column_int64(stmt, COLUMN_ID),
	    .run_no = sqlite3_column_int64(stmt, COLUMN_RUN_NO),
	    .run_id = texts[0],
	    .source = texts[1],
	    .table = texts[2],
	    .target = texts[3],
	    .status = texts[4],
	    .error = texts[5],
	    .ceiling = texts[6],
	    .phase = texts[7],
	    .started_us = sqlite3_column_int64(stmt, COLUMN_STARTED),
	    .ended_us = sqlite3_column_int64(stmt, COLUMN_ENDED),
	    .counts = {count_at(stmt, 0), count_at(stmt, 1), count_at(stmt, 2), count_at(stmt, 3),
		       count_at(stmt, 4), count_at(stmt, 5), count_at(stmt, 6), count_at(stmt, 7)},
	};
	return 1;
}

int store_run_last(struct store *s, int64_t table_id, struct store_run *ret, struct error *err)
{
	sqlite3_stmt *stmt;
	int rc = -1;

	store_enter(s);
	stmt = sql_open(s, SQL_RUN_LAST, SQL_ARGS(sql_int(table_id)), err);
	if (stmt != NULL)
		rc = sql_step(s, stmt, err);
	if (rc > 0)
		rc = read_run(s, stmt, ret, err);
	sql_close(s, stmt);
	return store_leave(s, rc);
}
