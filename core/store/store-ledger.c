/* SPDX-License-Identifier: MIT */
/* The ledger: a line for each batch that the API has confirmed, written by its commit. */

#include "base/clock.h"
#include "store/store-internal.h"

/* Columns of SQL_LEDGER_LIST. */
enum {
	COLUMN_AT,
	COLUMN_RUN_NO,
	COLUMN_SOURCE,
	COLUMN_TABLE,
	COLUMN_TARGET,
	COLUMN_KEY_FIRST,
	COLUMN_KEY_LAST,
	COLUMN_REQUEST_ID,
	COLUMN_ROWS,
	COLUMN_BYTES
};

static const char *or_empty(const char *text)
{
	return text != NULL ? text : "";
}

int ledger_add(struct store *s, const struct store_step *step, struct error *err)
{
	const struct store_ledger *l = step->ledger;

	if (l == NULL)
		return 0;
	return sql_run(s, SQL_LEDGER_ADD,
		       SQL_ARGS(sql_int(clock_wall_us()), sql_int(step->run_no),
				sql_int(step->table_id), sql_text(or_empty(l->key_first)),
				sql_text(or_empty(l->key_last)), sql_text(or_empty(l->request_id)),
				sql_int((int64_t)l->rows), sql_int((int64_t)l->bytes)),
		       err);
}

int ledger_trim(struct store *s, struct error *err)
{
	int64_t now = clock_wall_us(), age = s->limits.ledger_ms;

	if (age <= 0 || age > now / 1000)
		return 0;
	return sql_run(s, SQL_LEDGER_TRIM,
		       SQL_ARGS(sql_int(now - age * 1000), sql_int(STORE_LEDGER_TRIM)), err);
}

static void read_line(sqlite3_stmt *stmt, struct store_ledger *ret)
{
	*ret = (struct store_ledger){
	    .at_us = sqlite3_column_int64(stmt, COLUMN_AT),
	    .run_no = sqlite3_column_int64(stmt, COLUMN_RUN_NO),
	    .source = sql_column_text(stmt, COLUMN_SOURCE),
	    .table = sql_column_text(stmt, COLUMN_TABLE),
	    .target = sql_column_text(stmt, COLUMN_TARGET),
	    .key_first = sql_column_text(stmt, COLUMN_KEY_FIRST),
	    .key_last = sql_column_text(stmt, COLUMN_KEY_LAST),
	    .request_id = sql_column_text(stmt, COLUMN_REQUEST_ID),
	    .rows = (uint64_t)sqlite3_column_int64(stmt, COLUMN_ROWS),
	    .bytes = (uint64_t)sqlite3_column_int64(stmt, COLUMN_BYTES),
	};
}

int store_ledger_each(struct store *s, const struct ledger_filter *filter,
		      int (*each)(void *ctx, const struct store_ledger *l), void *ctx,
		      struct error *err)
{
	static const struct ledger_filter all;
	const struct ledger_filter *f = filter != NULL ? filter : &all;
	const struct sql_arg args[] = {sql_text(f->source), sql_text(f->table),
				       sql_int(f->max > 0 ? f->max : -1)};
	struct store_ledger line;
	sqlite3_stmt *stmt;
	int rc = -1, stop = 0;

	store_enter(s);
	stmt = sql_open(s, SQL_LEDGER_LIST, args, 3, err);
	while (stmt != NULL && !stop && (rc = sql_step(s, stmt, err)) > 0) {
		read_line(stmt, &line);
		stop = each(ctx, &line) != 0;
		rc = 0;
	}
	sql_close(s, stmt);
	return store_leave(s, rc);
}
