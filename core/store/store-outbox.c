/* SPDX-License-Identifier: MIT */
/* The queue of dead letters that are to be forwarded: their ids, in the store's own transactions. */

#include "store/store-internal.h"

int outbox_add(struct store *s, int64_t id, struct error *err)
{
	if (!s->limits.outbox)
		return 0;
	return sql_run(s, SQL_OUTBOX_ADD, SQL_ARGS(sql_int(id)), err);
}

int outbox_remove(struct store *s, int64_t id, struct error *err)
{
	return sql_run(s, SQL_OUTBOX_DONE, SQL_ARGS(sql_int(id)), err);
}

int store_outbox_each(struct store *s, int64_t max,
		      int (*each)(void *ctx, const struct dead_letter *d), void *ctx,
		      struct error *err)
{
	const struct sql_arg limit = sql_int(max > 0 ? max : -1);
	struct dead_letter d;
	sqlite3_stmt *stmt;
	int rc = -1, stop = 0;

	store_enter(s);
	stmt = sql_open(s, SQL_OUTBOX_LIST, &limit, 1, err);
	while (stmt != NULL && !stop && (rc = sql_step(s, stmt, err)) > 0) {
		rc = dead_read(s, stmt, 1, &d, err);
		if (rc < 0)
			break;
		stop = each(ctx, &d) != 0;
	}
	sql_close(s, stmt);
	return store_leave(s, rc);
}

int store_outbox_count(struct store *s, int64_t *ret_n, struct error *err)
{
	int64_t n = 0;
	int rc;

	store_enter(s);
	rc = sql_numbers(s, SQL_OUTBOX_COUNT, SQL_NO_ARGS, &n, 1, err);
	if (rc == 0)
		*ret_n = n;
	return store_leave(s, rc);
}

/*
 * Claims that wait in the transaction become durable with it, which is no harm:
 * a claimed row was delivered, and the next run finds it under this one's number.
 */
static int done(struct store *s, const int64_t *ids, size_t n, struct error *err)
{
	int rc = sql_begin(s, err);

	if (rc < 0)
		return rc;
	for (size_t i = 0; rc == 0 && i < n; i++)
		rc = outbox_remove(s, ids[i], err);
	return sql_end(s, rc, err);
}

int store_outbox_done(struct store *s, const int64_t *ids, size_t n, struct error *err)
{
	store_enter(s);
	return store_leave(s, done(s, ids, n, err));
}
