/* SPDX-License-Identifier: MIT */
/*
 * Where rows leave the transforms, their columns are compared with those that are known
 * of the table (drift.h), and the table's `schema` says what becomes of the rows.
 *
 *	gate_open                  with what the store knows, before the reader starts
 *	gate_row                   the reader, for each row
 *	gate_due                   the committer, for what a commit has to keep
 *	gate_conclude, gate_left   after the reader has ended
 *	gate_done
 *
 * News, that is changes that no run has reported and columns that are known from now on,
 * are a list to which the reader adds and from which the committer takes, under the
 * table's lock.  Internal to sync/.
 */

#ifndef SYNC_GATE_H
#define SYNC_GATE_H

#include <defsync/plugin.h>

#include "base/buf.h"
#include "config/model.h"
#include "row/fault.h"
#include "sync/drift.h"
#include "sync/project.h"

struct table_run;

/* What becomes of rows of one relation. */
struct passage {
	struct passage *next;
	const struct defsync_relation *of;
	struct project *project; /* NULL: all columns are sent */
	char *fault;		 /* why they go to the dead letters; NULL: they are sent */
};

struct news {
	struct news *next;
	unsigned number; /* from 1 */
	char *shape;	 /* or NULL: what is known stays */
	char **changes;
	size_t n;
};

struct gate {
	struct passage *at, *passages; /* of the last row; of all relations so far */
	int is_known;
	struct shape known;

	struct news *first, *last; /* under the table's lock */
	const struct news *taken;  /* the last one that a commit has taken */
	unsigned number;	   /* of the last one */
	const char **changes;	   /* gate_conclude: all */
	size_t n_changes;
};

/* The record of the table has been found, or made. */
int gate_open(struct table_run *t, struct error *err);
void gate_done(struct gate *g);

/* The relation has not been the last one: -1 with err when the table must stop. */
int gate_relation(struct table_run *t, const struct defsync_relation *relation, struct error *err);

/* *row as it is to be sent: 0; 1: to the dead letters, with a fault; -1 with err. */
int gate_row(struct table_run *t, const struct defsync_row **row, struct row_fault *fault,
	     struct error *err);

/*
 * What a commit of rows that follow the news of this number has to keep: the malloc'd
 * list of changes and the columns, or NULL.  It is given once.
 */
int gate_due(struct table_run *t, unsigned number, const char ***ret_changes, size_t *ret_n,
	     const char **ret_shape);

/* gate-news.c.  `most` changes.  The list takes it, or frees it when there is nothing. */
struct news *news_create(size_t most);
void news_publish(struct table_run *t, struct news *n_take);
void news_free(struct news *n); /* NULL is allowed */
void news_free_all(struct gate *g);
/* Is it in one of the list?  The reader's. */
int news_has(const struct gate *g, const char *change);

/* All changes, for the result; without memory none. */
void gate_conclude(struct table_run *t);
/* How many of these no commit has taken, at the end of them. */
size_t gate_left(const struct gate *g);

#endif
