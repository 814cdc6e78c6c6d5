/* SPDX-License-Identifier: MIT */
/*
 * One table in one run: what its reader thread, the committer and the result
 * share.  Internal to sync/.
 */

#ifndef SYNC_TABLE_RUN_H
#define SYNC_TABLE_RUN_H

#include <pthread.h>

#include "config/model.h"
#include "plugin/chain.h"
#include "plugin/source.h"
#include "push/push.h"
#include "row/encoder.h"
#include "store/store.h"
#include "sync/cdc.h"
#include "sync/gate.h"
#include "sync/key.h"
#include "sync/prefix.h"
#include "sync/run.h"

struct table_run;
struct deletes;

/* Where a reader's batches go. */
struct sink_ops {
	/* An opened batch, or NULL. */
	struct batch *(*open)(struct table_run *t, struct error *err);
	/* Takes it over in any case; it may stay in t->parked for want of room. */
	int (*give)(struct table_run *t, struct batch *b, struct error *err);
	/* Until nothing is parked: 0, or 1 when that took longer than ms (-1: no end). */
	int (*settle)(struct table_run *t, int64_t ms, struct error *err);
	void (*discard)(struct table_run *t, struct batch *b);
	void (*end)(struct table_run *t);
};

extern const struct sink_ops sink_push, sink_local;

enum table_state {
	TABLE_WAITING,
	TABLE_RUNNING, /* has a reader thread */
	TABLE_ENDED
};

struct table_run {
	struct run *run;
	const struct config_table *config;
	const struct plugin *plugin;
	char *where; /* "shop.orders" */
	struct source *source;
	struct chain *chain, *deleted; /* the second lets rows pass for which deleted_when holds */
	struct cdc *cdc;	       /* made with the first row, where there are change columns */
	int64_t cdc_floor_us;	       /* the largest _cdc_ts that earlier runs gave */
	int saw_load;
	const struct defsync_relation *in_relation; /* of the row that is being taken */
	struct gate gate;	   /* what of the rows is sent when columns have changed */
	struct push_target target; /* merge: the key is the reader's until its first batch */
	const struct sink_ops *sink;
	struct lane *lane; /* NULL for local sinks */
	struct batch_limits limits;

	/* The reader's alone while it runs. */
	pthread_t thread;
	struct encoder *encoder, *lenient; /* made when first needed */
	struct row_key key, in_key;	   /* of what is sent; of what the source gave */
	char **key_names;		   /* NULL-terminated, or NULL */
	struct batch *batch;		   /* being filled, or NULL */
	struct batch *parked;		   /* filled, but there is no room for it; or NULL */
	struct batch *local;		   /* the one batch of a local sink */
	struct buf scratch, payload, key_text, key_bytes;
	uint64_t read;
	uint64_t fresh;	      /* of these, not recognised as repeats */
	uint64_t superseded;  /* merge: rows that a later one of their batch took the place of */
	int at_end, limited;  /* how reading ended */
	const char **columns; /* include less exclude; or NULL */
	size_t n_columns;
	struct replay *replay;	 /* NULL: none */
	struct deletes *deletes; /* detect_deletes; NULL: keys are of no interest */
	int facts_kept;
	char read_phase[16]; /* of the reading of rows, as the source reported it */
	/*
	 * The dead letter whose row is taken, until it is dealt with; then 0.  Its key,
	 * to tell whether the row still has it, and 1 when it has not.
	 */
	int64_t letter;
	const char *letter_key; /* NULL: no matter */
	int letter_of_source;	/* its key is the source's: the row's, whatever transforms do */
	int letter_strange;
	uint64_t letters_left; /* that were meant and stay as they are */

	/* Shared, under lock. */
	pthread_mutex_t lock;
	int reader_done;
	struct buf ack; /* durable checkpoint that the source has not been told */
	struct error error;

	/* The committer's. */
	enum table_state state;
	struct prefix prefix;
	size_t n_waiting; /* in the prefix: finished behind a gap */
	uint64_t unsent;  /* batches that were not committed */
	uint64_t hashes_dropped;
	int64_t progress_us;
	struct store_table stored;
	int has_stored;
	int64_t run_row;
	struct store_counts counts; /* committed, or all for local sinks */
	struct buf checkpoint;	    /* last committed */
	char phase[16];
	int64_t started_us, ended_us; /* monotonic */
	const char *status;
	struct buf notes;
	char ceiling[16];
};

/* The reader thread; arg is the table.  The second one replays dead letters. */
void *reader_main(void *arg);
void *replay_main(void *arg);

/* reader.c: connects and says how the table is read. */
int reader_connect(struct table_run *t, struct defsync_request *q, struct error *err);
/* The last thing that a reader does; err may be set. */
void reader_finish(struct table_run *t, struct error *err);

/* reader-row.c: one row from the source.  0, or -1 with err: the table's run ends. */
int reader_take(struct table_run *t, const struct defsync_row *row, struct error *err);
/* A row that the source could not give; row may be NULL. */
int reader_take_bad(struct table_run *t, const struct defsync_row *row, struct error *err);
/* Replay: a row that is JSON already. */
struct reader_json {
	const char *text;
	size_t len;
	const char *key, *position; /* of the letter */
	struct defsync_row row;	    /* its key columns, values as JSON text */
};
/* With a fault it goes back to the dead letters. */
int reader_take_json(struct table_run *t, const struct reader_json *j, struct row_fault *fault,
		     struct error *err);
/* Replay: another letter has brought the row. */
int reader_take_repeat(struct table_run *t, struct error *err);
/* Hands on the open batch, if there is one. */
int reader_flush(struct table_run *t, struct error *err);
/* The same, and waits until it is taken. */
int reader_drain(struct table_run *t, struct error *err);

/* table-run.c */
struct table_run *table_run_create(struct run *run, const struct config_table *config,
				   const struct plugin *plugin,
				   const struct plugin *const *transforms, struct error *err);
void table_run_destroy(struct table_run *t);
/*
 * The source's instance exists only while the table runs: some client libraries
 * allow one at a time.
 */
int table_run_open(struct table_run *t, struct error *err);
void table_run_close(struct table_run *t);
/* What the source has reported counts; a later cursor has nothing to add.  The reader's. */
void table_run_keep_facts(struct table_run *t);
/* What the source reported, for the result; after the reader has ended. */
void table_run_collect_facts(struct table_run *t);
/* Keeps the first error of the table. */
void table_run_fail(struct table_run *t, struct error *err);

#endif
