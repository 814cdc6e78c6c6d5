/* SPDX-License-Identifier: MIT */
/* Tables: their record, how it is found, and how the checkpoint moves. */

#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/limits.h"
#include "store/store-internal.h"

/* Columns of TABLE_COLUMNS in store-sql.c. */
enum {
	COLUMN_ID,
	COLUMN_SOURCE,
	COLUMN_TABLE,
	COLUMN_TARGET,
	COLUMN_PHASE,
	COLUMN_CHECKPOINT,
	COLUMN_GENERATION,
	COLUMN_UPDATED,
	COLUMN_RECENT,
	COLUMN_SUM
};

static uint64_t identity_sum(const char *source, const char *table, const char *target)
{
	uint64_t sum = store_sum_text(STORE_SUM_INIT, source);

	return store_sum_text(store_sum_text(sum, table), target);
}

/* `recent` is left out: it changes with each batch and its loss costs nothing. */
static int64_t record_sum(uint64_t identity, const char *phase, const char *checkpoint, size_t len,
			  int64_t generation, int64_t updated_us)
{
	uint64_t sum = store_sum_text(identity, phase);

	sum = store_sum_int(sum, (int64_t)len);
	sum = store_sum(sum, checkpoint, len);
	return (int64_t)store_sum_int(store_sum_int(sum, generation), updated_us);
}

void store_table_done(struct store_table *t)
{
	free(t->source);
	free(t->table);
	free(t->target);
	free(t->phase);
	free(t->checkpoint);
	*t = (struct store_table){0};
}

static int check_sum(struct store *s, sqlite3_stmt *stmt, const struct store_table *t,
		     struct error *err)
{
	uint64_t identity = identity_sum(t->source, t->table, t->target);

	if (record_sum(identity, t->phase, t->checkpoint, strlen(t->checkpoint), t->generation,
		       t->updated_us) == sqlite3_column_int64(stmt, COLUMN_SUM))
		return 0;
	return store_damaged(s, err,
			     "the record of table '%.200s' of source '%.200s' is not what "
			     "was written",
			     t->table, t->source);
}

static int read_record(struct store *s, sqlite3_stmt *stmt, struct store_table *ret,
		       struct error *err)
{
	struct store_table t = {
	    .id = sqlite3_column_int64(stmt, COLUMN_ID),
	    .source = strdup(sql_column_text(stmt, COLUMN_SOURCE)),
	    .table = strdup(sql_column_text(stmt, COLUMN_TABLE)),
	    .target = strdup(sql_column_text(stmt, COLUMN_TARGET)),
	    .phase = strdup(sql_column_text(stmt, COLUMN_PHASE)),
	    .checkpoint = strdup(sql_column_text(stmt, COLUMN_CHECKPOINT)),
	    .generation = sqlite3_column_int64(stmt, COLUMN_GENERATION),
	    .updated_us = sqlite3_column_int64(stmt, COLUMN_UPDATED),
	    .recent = sqlite3_column_int64(stmt, COLUMN_RECENT),
	};

	if (t.source == NULL || t.table == NULL || t.target == NULL || t.phase == NULL ||
	    t.checkpoint == NULL)
		(void)error_nomem(err);
	else if (check_sum(s, stmt, &t, err) == 0) {
		*ret = t;
		return 0;
	}
	store_table_done(&t);
	return -1;
}

/* 1 found, 0 not there, -1 error. */
static int find(struct store *s, enum sql_id id, const struct sql_arg *args, size_t n,
		struct store_table *ret, struct error *err)
{
	sqlite3_stmt *stmt = sql_open(s, id, args, n, err);
	int rc;

	if (stmt == NULL)
		return -1;
	rc = sql_step(s, stmt, err);
	if (rc > 0 && read_record(s, stmt, ret, err) < 0)
		rc = -1;
	sql_close(s, stmt);
	return rc;
}

static int add(struct store *s, const char *source, const char *table, const char *target,
	       struct error *err)
{
	int64_t sum = record_sum(identity_sum(source, table, target), "", "", 0, 0, 0);
	int rc = sql_begin(s, err);

	if (rc < 0)
		return rc;
	rc = sql_run(s, SQL_TABLE_ADD,
		     SQL_ARGS(sql_text(source), sql_text(table), sql_text(target), sql_int(sum)),
		     err);
	return sql_end(s, rc, err);
}

static int find_or_add(struct store *s, const char *source, const char *table, const char *target,
		       struct store_table *ret, struct error *err)
{
	const struct sql_arg args[] = {sql_text(source), sql_text(table), sql_text(target)};
	int rc = find(s, SQL_TABLE_FIND_TARGET, args, 3, ret, err);

	if (rc != 0)
		return rc < 0 ? -1 : 0;
	if (add(s, source, table, target, err) < 0)
		return -1;
	rc = find(s, SQL_TABLE_FIND_TARGET, args, 3, ret, err);
	return rc > 0 ? 0 : error_set(err, ERR_INTERNAL, "store: a new table is not there");
}

int store_table(struct store *s, const char *source, const char *table, const char *target,
		struct store_table *ret, struct error *err)
{
	store_enter(s);
	return store_leave(s, find_or_add(s, source, table, target, ret, err));
}

int store_table_find(struct store *s, const char *source, const char *table,
		     struct store_table *ret, struct error *err)
{
	store_enter(s);
	return store_leave(
	    s, find(s, SQL_TABLE_FIND, SQL_ARGS(sql_text(source), sql_text(table)), ret, err));
}

int store_tables(struct store *s, int (*each)(void *ctx, const struct store_table *t), void *ctx,
		 struct error *err)
{
	sqlite3_stmt *stmt;
	struct store_table t;
	int rc = -1, stop = 0;

	store_enter(s);
	stmt = sql_open(s, SQL_TABLE_LIST, SQL_NO_ARGS, err);
	while (stmt != NULL && !stop && (rc = sql_step(s, stmt, err)) > 0) {
		rc = read_record(s, stmt, &t, err);
		if (rc < 0)
			break;
		stop = each(ctx, &t) != 0;
		store_table_done(&t);
	}
	sql_close(s, stmt);
	return store_leave(s, rc);
}

static int nothing(void *ctx, const struct store_table *t)
{
	(void)ctx;
	(void)t;
	return 0;
}

int store_tables_verify(struct store *s, struct error *err)
{
	return store_tables(s, nothing, NULL, err);
}

/* ---- What is remembered ------------------------------------------------------ */

static struct table_memo *memo_load(struct store *s, int64_t table_id, struct error *err)
{
	struct store_table t;
	struct table_memo *m;
	int rc = find(s, SQL_TABLE_BY_ID, SQL_ARGS(sql_int(table_id)), &t, err);

	if (rc <= 0) {
		if (rc == 0)
			(void)error_set(err, ERR_INTERNAL, "store: no table %lld",
					(long long)table_id);
		return NULL;
	}
	m = calloc(1, sizeof(*m));
	if (m != NULL)
		*m = (struct table_memo){
		    .next = s->memos,
		    .table_id = table_id,
		    .identity = identity_sum(t.source, t.table, t.target),
		    .generation = t.generation,
		    .run_no = -1,
		};
	store_table_done(&t);
	if (m == NULL) {
		(void)error_nomem(err);
		return NULL;
	}
	s->memos = m;
	return m;
}

struct table_memo *memo_get(struct store *s, int64_t table_id, struct error *err)
{
	for (struct table_memo *m = s->memos; m != NULL; m = m->next) {
		if (m->table_id == table_id)
			return m;
	}
	return memo_load(s, table_id, err);
}

void memo_drop_all(struct store *s)
{
	while (s->memos != NULL) {
		struct table_memo *m = s->memos;

		s->memos = m->next;
		free(m->bloom);
		free(m);
	}
}

/* ---- Moving -------------------------------------------------------------------- */

int table_move(struct store *s, int64_t table_id, const char *checkpoint, size_t len,
	       const char *phase, struct error *err)
{
	struct table_memo *m = memo_get(s, table_id, err);
	int64_t now = clock_wall_us(), sum;

	if (m == NULL)
		return -1;
	if (len > LIMIT_CHECKPOINT_BYTES || memchr(checkpoint, '\0', len) != NULL)
		return error_set(err, ERR_INTERNAL,
				 "store: a checkpoint is text of at most %d bytes",
				 LIMIT_CHECKPOINT_BYTES);
	if (phase == NULL)
		phase = "";
	sum = record_sum(m->identity, phase, checkpoint, len, m->generation + 1, now);
	if (sql_run(s, SQL_TABLE_MOVE,
		    SQL_ARGS(sql_int(table_id), sql_text_n(checkpoint, len), sql_text(phase),
			     sql_int(m->generation + 1), sql_int(now), sql_int(sum),
			     sql_int(m->generation)),
		    err) < 0)
		return -1;
	if (sqlite3_changes(s->db) != 1)
		return error_set(err, ERR_STORE,
				 "store: '%s' was changed by another process since this run began; "
				 "see that only one uses it",
				 s->path);
	m->generation++;
	return 0;
}

int table_recent_change(struct store *s, int64_t table_id, int64_t change, struct error *err)
{
	if (change == 0)
		return 0;
	return sql_run(s, SQL_TABLE_RECENT, SQL_ARGS(sql_int(table_id), sql_int(change)), err);
}

static int reset(struct store *s, int64_t table_id, struct error *err)
{
	int64_t total = s->recent_total;
	int rc = sql_begin(s, err);

	if (rc < 0)
		return rc;
	rc = table_move(s, table_id, "", 0, "", err);
	if (rc == 0)
		rc = recent_clear(s, table_id, &total, err);
	rc = sql_end(s, rc, err);
	if (rc == 0)
		s->recent_total = total;
	return rc;
}

int store_table_reset(struct store *s, int64_t table_id, struct error *err)
{
	store_enter(s);
	return store_leave(s, reset(s, table_id, err));
}

int store_table_set(struct store *s, int64_t table_id, const char *checkpoint, const char *phase,
		    struct error *err)
{
	int rc;

	store_enter(s);
	rc = sql_begin(s, err);
	if (rc == 0)
		rc = sql_end(s, table_move(s, table_id, checkpoint, strlen(checkpoint), phase, err),
			     err);
	return store_leave(s, rc);
}

int store_cdc_us(struct store *s, int64_t table_id, int64_t *ret_us, struct error *err)
{
	store_enter(s);
	return store_leave(
	    s, sql_numbers(s, SQL_CDC_GET, SQL_ARGS(sql_int(table_id)), ret_us, 1, err));
}
