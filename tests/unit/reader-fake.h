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
	bool unique, indexed;
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

#endif
