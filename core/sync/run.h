/* SPDX-License-Identifier: MIT */
/*
 * One run: every selected table read since its checkpoint, pushed and committed.
 *
 *	run_create -> run_add_table ... -> run_execute -> run_report_x -> run_destroy
 *
 * Threads: a reader for each running table, the sender of the push engine, and
 * the caller's thread, which commits.  run_stop from any thread, and from a
 * signal through `stop_fd`.
 */

#ifndef SYNC_RUN_H
#define SYNC_RUN_H

#include <stdint.h>
#include <stdio.h>

#include "base/log.h"
#include "config/model.h"
#include "plugin/loader.h"
#include "push/push.h"
#include "store/store.h"

enum run_sink {
	RUN_PUSH,  /* the API; checkpoints move */
	RUN_DRY,   /* read, transform, encode, count; nothing is sent or stored */
	RUN_STDOUT /* rows as JSON Lines on a stream; nothing is stored */
};

struct run_settings {
	enum run_sink sink;
	FILE *out;	   /* RUN_STDOUT */
	int64_t row_limit; /* a table; 0 none */
	int full_refresh;
	int accept_schema; /* the columns that come are no change, whatever they were */
	/*
	 * A range of the watermark, from `since` on and below `until`, either may be
	 * NULL: read from its beginning and sent whatever was delivered before; no
	 * checkpoint moves.
	 */
	const char *since, *until;
	/*
	 * Replay: the rows are those of these dead letters, of each table its own; no
	 * checkpoint moves, no run is recorded.  as_is: as they were to be sent, also in
	 * merge mode, where else they are read again by key.
	 */
	const struct dead_filter *replay;
	int as_is;
	int64_t grace_ms; /* for requests under way when stopping */
	int max_tables;	  /* readers at a time */
	int stop_fd;	  /* readable: stop; -1 none */
};

/* Result of one table, for summary, report and exit code. */
struct run_table_result {
	const char *source, *table, *target;
	const char *status; /* done | partial | failed | stopped | skipped */
	struct store_counts counts;
	int64_t duration_us;
	const char *phase, *checkpoint, *ceiling;
	enum error_class class;
	const char *error;	  /* "" none */
	const char *const *drift; /* changes of its columns that this run was the first to see */
	size_t n_drift;
	const char *notes; /* counters of the plugin and encoder: "zero_dates 3, non_finite 1" */
};

static inline int run_is_range(const struct run_settings *s)
{
	return s->since != NULL || s->until != NULL;
}

struct run;

/* store may be NULL for sinks that store nothing. */
struct run *run_create(const struct config *config, const struct run_settings *settings,
		       struct store *store, struct log *log, struct error *err);
void run_destroy(struct run *r);

/* transforms: the table's, and behind them the filter of its deleted_when, or NULL. */
int run_add_table(struct run *r, const struct config_table *table, const struct plugin *plugin,
		  const struct plugin *const *transforms, struct error *err);

/*
 * Runs it.  -1 with err when it could not begin; otherwise 0, and how each table
 * ended, with its error if any, has been logged: run_exit_code sums it up.
 */
int run_execute(struct run *r, struct error *err);
void run_stop(struct run *r);

size_t run_n_tables(const struct run *r);
void run_result(const struct run *r, size_t i, struct run_table_result *ret);
const char *run_id(const struct run *r);
int64_t run_started_us(const struct run *r);
/* Done, with some rows in the dead letters, or still there after a replay. */
#define RUN_EXIT_DEAD_LETTERS 7

/* run_stop or the signal ended it. */
int run_was_stopped(const struct run *r);
/* Exit code of DESIGN section 11 over all tables. */
int run_exit_code(const struct run *r);

#endif
