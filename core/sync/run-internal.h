/* SPDX-License-Identifier: MIT */
/* A run's own data.  Internal to sync/. */

#ifndef SYNC_RUN_INTERNAL_H
#define SYNC_RUN_INTERNAL_H

#include <stdatomic.h>

#include "base/random.h"
#include "sync/forward.h"
#include "sync/table-run.h"

struct run {
	const struct config *config;
	struct run_settings settings;
	struct store *store; /* NULL: nothing is stored */
	struct log *log;
	struct push *push;	 /* NULL for local sinks */
	struct forward *forward; /* NULL: dead letters stay in the store only */
	struct table_run **tables;
	size_t n_tables, cap_tables;
	char id[RANDOM_UUID_TEXT];
	int64_t run_no;
	int64_t started_us;   /* UTC */
	atomic_int stop;      /* asked for */
	int asked;	      /* by a signal or run_stop */
	int stopped;	      /* and carried out */
	int commit_failed;    /* the store takes nothing any more */
	struct error failure; /* of the run as a whole: store, API */
	const char **tags;    /* items of push.tags */
	size_t n_tags;
	/* Local sinks: rows of several tables on one stream, and the end of a table. */
	pthread_mutex_t out_lock;
	pthread_cond_t local_ended;
	int local_end;
};

/* learnt.c: what the API was seen to take, from run to run. */
int learnt_load(struct run *r, struct learned *ret, struct error *err);
/* If there is something new of this kind; a failure is the run's. */
void learnt_save(struct run *r, int changed);

/* commit.c: a list of finished batches to prefixes, and these to the store. */
void commit_batches(struct run *r, struct batch *list);

/* run-result.c: how a table ended. */
void run_conclude(struct run *r, struct table_run *t);

#endif
