/* SPDX-License-Identifier: MIT */
/*
 * A source for tests of the common reader: its dialect runs the statements on a
 * SQLite file, so that ties, pages and snapshots are real, and checks that it is
 * called in the order that reader.h promises.
 *
 * Types follow from the declaration (see reader-fake.c), the rest from names: nc_x
 * has another order, in which only equal bytes are equal; inf_x is missing at its
 * highest value; odd_x is ordered the wrong way; ts_x is filled by the server.  A text
 * 'BAD' cannot be given.
 */

#ifndef UNIT_READER_FAKE_H
#define UNIT_READER_FAKE_H

#include "sqlite-fixture.h"

#include "common/reader.h"

struct fake {
	struct reader_source base;
	struct reader_dialect dialect;
	sqlite3 *db;
	const char *path;
	void *cursor; /* of the last extract */

	/* What the server says. */
	const char *identity, *table_identity;
	bool unique, indexed, no_snapshots;
	struct reader_ceiling ceiling;

	/* The statement under way. */
	sqlite3_stmt *stmt;
	bool over;
	const struct reader_column *const *columns;
	unsigned n_columns;
	void *lent[64]; /* of the present row; freed with it */
	int n_lent;

	/* What was asked of it. */
	bool in_snapshot;
	int opened, begun;
	int abandoned; /* statements with rows to come, and the snapshot with them */
	bool stream, aborted;
	char *log;   /* statements, a line each */
	int fail_at; /* fetches until an error; 0: none */
};

static inline struct fake *fake_of(struct fixture *f)
{
	return f->instance;
}

/* With all that a server can be: 0 and up to FAKE_KINDS - 1. */
#define FAKE_KINDS 3
void fake_kind(struct fake *k, int kind);
void fake_forget(struct fake *k);

/* ---- Readings --------------------------------------------------------------------- */

#define WAL "PRAGMA journal_mode=WAL;"

/* A table of this watermark type, with values from SQL. */
static inline void make_table(struct fixture *f, const char *type, const char *values)
{
	char sql[1024];

	(void)snprintf(sql, sizeof(sql),
		       WAL "DROP TABLE IF EXISTS t; CREATE TABLE t(id INTEGER PRIMARY KEY, ts_v %s "
			   "NOT NULL, name TEXT); INSERT INTO t(id, ts_v) VALUES%s",
		       type, values);
	fx_sql(f, sql);
}

static inline struct reading read_ids(struct fixture *f, const struct defsync_request *q,
				      const char *ids)
{
	struct reading r = fx_read(f, q);

	fx_assert_ids(f, &r, ids);
	return r;
}

/* Reads, and goes on from there in the next call. */
static inline void expect(struct fixture *f, struct defsync_request *q, const char *ids)
{
	struct reading r = read_ids(f, q, ids);
	char *at = fx_last(&r);

	if (q->checkpoint)
		free((void *)(uintptr_t)q->checkpoint);
	fx_from(q, at);
	fx_done(&r);
}

static inline void start_over(struct defsync_request *q)
{
	free((void *)(uintptr_t)q->checkpoint);
	fx_from(q, NULL);
}

#endif
