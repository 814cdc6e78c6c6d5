/* SPDX-License-Identifier: MIT */
/*
 * The store: one SQLite database that holds checkpoints, hashes of rows that
 * will be read again, dead letters and the record of runs, so that they move in
 * one transaction.
 *
 *	store_open -> store_table -> store_run_begin
 *	           -> store_claim ..., store_commit ... -> store_run_end -> store_close
 *
 * File mode 0600, WAL, synchronous=FULL, application_id and user_version set.
 * Beside it lie NAME.lock (flock: one writing process) and NAME.initialized (the
 * database once existed: when it is missing then, that is an error).  A damaged,
 * foreign or newer database is refused, never reset.  A failed COMMIT is final
 * for the run.
 *
 * Threads: all calls but open and close from any thread; the handle serialises
 * them.  An `each` callback may call the store again, on the same thread; other
 * threads wait until it has returned, so it does nothing slow.
 */

#ifndef STORE_STORE_H
#define STORE_STORE_H

#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/error.h"
#include "base/log.h"
#include "row/hash.h"

struct store;

enum store_access {
	STORE_READ,  /* reading commands: beside a run, no lock; ERR_STORE when there is none */
	STORE_WRITE, /* takes the lock (ERR_LOCKED: holder's pid and age), creates what is missing */
};

struct store_limits {
	int64_t recent_max;    /* hashes of all tables */
	int64_t dlq_max_bytes; /* payloads of all dead letters */
	int64_t ledger_ms;     /* lines of the ledger are kept for so long; 0: for ever */
	int outbox;	       /* new dead letters are queued for forwarding, too */
};

/* The default path of DESIGN section 14; malloc'd. */
char *store_default_path(void);

struct store *store_open(const char *path, enum store_access access,
			 const struct store_limits *limits, struct log *log, struct error *err);
void store_close(struct store *s); /* NULL is allowed */
const char *store_path(const struct store *s);

/* ---- Tables: one `from` -> `to` of a source -------------------------------- */

struct store_table {
	int64_t id;
	char *source, *table, *target; /* owned */
	char *phase;		       /* "load", "incremental" ... or "" */
	char *checkpoint;	       /* NUL-terminated; "" none */
	int64_t generation;	       /* +1 with each commit that moves the checkpoint */
	int64_t updated_us;	       /* UTC; 0 never */
	int64_t recent;		       /* hashes kept */
};

/* Finds or creates the row of a table.  Another target is another table: it holds nothing yet. */
int store_table(struct store *s, const char *source, const char *table, const char *target,
		struct store_table *ret, struct error *err);
/* 1 found, 0 not there, -1 error.  Of several targets the one that moved last. */
int store_table_find(struct store *s, const char *source, const char *table,
		     struct store_table *ret, struct error *err);
void store_table_done(struct store_table *t);
/* All tables, by source and table. `each` returns not 0 to stop. */
int store_tables(struct store *s, int (*each)(void *ctx, const struct store_table *t), void *ctx,
		 struct error *err);

/* The largest _cdc_ts that was committed for the table, in us; 0: none. */
int store_cdc_us(struct store *s, int64_t table_id, int64_t *ret_us, struct error *err);

/* Forgets checkpoint, phase and hashes: the next run loads the table anew. */
int store_table_reset(struct store *s, int64_t table_id, struct error *err);
/* Sets the checkpoint by hand; the hashes stay. */
int store_table_set(struct store *s, int64_t table_id, const char *checkpoint, const char *phase,
		    struct error *err);

/* ---- Runs -------------------------------------------------------------------- */

struct store_counts {
	uint64_t read, pushed, filtered, dead, repeated;
	uint64_t requests, retries, bytes; /* bytes of bodies delivered */
};

/* Adds the counts of rows; requests, retries and bytes are the push engine's. */
static inline void store_counts_add(struct store_counts *to, const struct store_counts *add)
{
	to->read += add->read;
	to->pushed += add->pushed;
	to->filtered += add->filtered;
	to->dead += add->dead;
	to->repeated += add->repeated;
}

/* One table in one run. */
struct store_run {
	int64_t id;
	int64_t run_no; /* same for all tables of one run of the program */
	const char *run_id;
	const char *source, *table, *target;
	const char *status; /* done | partial | failed | stopped | skipped; running */
	const char *error;  /* "" none */
	const char *ceiling, *phase;
	int64_t started_us, ended_us;
	struct store_counts counts;
};

/*
 * The last 1000 runs of a table are kept.  store_run_begin marks runs of the
 * table that still say "running" as failed: they were killed.
 */

/* A number that is larger than that of every run before it. */
int store_run_number(struct store *s, int64_t *ret_run_no, struct error *err);
int store_run_begin(struct store *s, int64_t table_id, int64_t run_no, const char *run_id,
		    int64_t *ret_id, struct error *err);
/* counts are the final ones and replace what commits have added. */
int store_run_end(struct store *s, const struct store_run *run, struct error *err);
/* 1 with *ret (strings live until the next call), 0 none, -1 error. */
int store_run_last(struct store *s, int64_t table_id, struct store_run *ret, struct error *err);

/* ---- Rows that are read again --------------------------------------------------- */

/*
 * Was this row delivered by an earlier run?  Each answer of 1 uses one of the
 * stored repeats up, so that two equal rows both count.  run_no is this run's.
 * 1, 0, or -1 with err.  A claimed row counts as one of this run from then on:
 * its hash is not given to store_commit again.  The next commit of any table, or
 * store_close, makes claims durable; a crash before it undoes them, harmlessly.
 */
int store_claim(struct store *s, int64_t table_id, int64_t run_no,
		const unsigned char hash[ROW_HASH_BYTES], struct error *err);

/* ---- Dead letters ------------------------------------------------------------------ */

struct dead_letter {
	/*
	 * Set by the store.  In a commit 0 for a new one; else that letter, which
	 * keeps its first_seen_us, is replaced, and its attempts grow by one.  When
	 * it is not there any more, this is a new one.
	 */
	int64_t id;
	int64_t run_id; /* in a commit: 0, that of the step, or as it was */
	const char *source, *table, *target, *mode;
	const char *key;      /* key columns as JSON, or "" */
	const char *position; /* of the source, or "" */
	const char *reason;   /* row_reason_name */
	int status;	      /* HTTP, or 0 */
	const char *message;  /* redacted, at most 1 KiB */
	const char *payload;  /* the row as JSON */
	size_t payload_len;
	int64_t first_seen_us; /* in a commit: 0 now */
	int attempts;
};

struct dead_filter {
	const char *source, *table, *reason; /* NULL: any */
	int64_t id;			     /* 0: any */
	int64_t after_id;		     /* those behind it, to read in pages; 0: all */
	int64_t before_us;		     /* first seen before; 0: any */
};

/* By id.  With payloads each letter is checked: ERR_STORE at one that is damaged. */
int store_dead_each(struct store *s, const struct dead_filter *filter, int with_payload,
		    int (*each)(void *ctx, const struct dead_letter *d), void *ctx,
		    struct error *err);
int store_dead_count(struct store *s, const struct dead_filter *filter, int64_t *ret_n,
		     int64_t *ret_bytes, struct error *err);
int store_dead_purge(struct store *s, const struct dead_filter *filter, int64_t *ret_n,
		     struct error *err);

/* ---- Letters to be forwarded (dlq.sqs_url) ----------------------------------------- */

/*
 * With limits.outbox each new dead letter is queued in the commit that brings it.
 * The queue in order of ids, payloads included; a letter that was purged or
 * delivered meanwhile is not in it any more.  At most `max`; 0: all.
 */
int store_outbox_each(struct store *s, int64_t max,
		      int (*each)(void *ctx, const struct dead_letter *d), void *ctx,
		      struct error *err);
int store_outbox_count(struct store *s, int64_t *ret_n, struct error *err);
/*
 * These are forwarded: they leave the queue and stay in the dead letters; ids
 * that are not queued are passed over.  Claims become durable with it.  After an
 * error the run must end, as after that of store_commit.
 */
int store_outbox_done(struct store *s, const int64_t *ids, size_t n, struct error *err);

/* ---- The ledger: what was acknowledged --------------------------------------------- */

/* One acknowledged batch. */
struct store_ledger {
	int64_t at_us; /* set by the store */
	int64_t run_no;
	const char *source, *table, *target; /* listing only */
	const char *key_first, *key_last;    /* keys of the first and last row as JSON, or "" */
	const char *request_id;		     /* the API's; "" when it gave none */
	uint64_t rows, bytes;		     /* rows confirmed; bytes of the bodies, uncompressed */
};

struct ledger_filter {
	const char *source, *table; /* NULL: any */
	int64_t max;		    /* lines; 0: all */
};

/* The newest first. */
int store_ledger_each(struct store *s, const struct ledger_filter *filter,
		      int (*each)(void *ctx, const struct store_ledger *l), void *ctx,
		      struct error *err);

/* ---- What was learnt about an API ---------------------------------------------------- */

struct store_host {
	const char *host;   /* "api.example:443" */
	int64_t accepted;   /* the largest body that was taken, bytes; 0 none */
	int64_t refused;    /* the smallest one that was too large; 0 none */
	int gzip;	    /* 1 taken, 0 refused, -1 not known */
	int64_t updated_us; /* set by the store */
};

/* 1 found, 0 not there or older than a week, -1 error.  ret->host is `host`. */
int store_host_get(struct store *s, const char *host, struct store_host *ret, struct error *err);
int store_host_set(struct store *s, const struct store_host *h, struct error *err);

/* ---- Columns of tables ---------------------------------------------------------------- */

/*
 * The columns that rows of the table were last sent with, as the text that a commit
 * brought (store_step.shape), appended and NUL-terminated: 1, 0 none, -1 error.
 */
int store_shape_get(struct store *s, int64_t table_id, struct buf *columns, struct error *err);
/* No columns are known: those that come next are no change. */
int store_shape_forget(struct store *s, int64_t table_id, struct error *err);

/* A change of the columns that was reported. */
struct store_drift {
	int64_t run_no, at_us;
	const char *change; /* one line */
};

/* Was this change kept since the known columns are what they are?  1, 0, -1 error. */
int store_drift_seen(struct store *s, int64_t table_id, const char *change, struct error *err);
/* The last 1000 of a table are kept. */
int store_drift_add(struct store *s, int64_t table_id, int64_t run_no, const char *const *changes,
		    size_t n, struct error *err);
/* Those of the last run that had any, in their order. */
int store_drift_last(struct store *s, int64_t table_id,
		     int (*each)(void *ctx, const struct store_drift *d), void *ctx,
		     struct error *err);
/* ---- Known keys (detect_deletes) ------------------------------------------------------ */

/*
 * The keys of the rows of a table that were read: a set of texts, {"id":17}, each under
 * its hash (row_hash_text).  A commit appends changes to a journal, which is cheap;
 * store_keys_fold carries them into the set.
 *
 * Changes are signs with the texts behind them, each NUL-terminated; of several of one
 * key the last one holds.
 */
#define STORE_KEY_KNOWN '+'
#define STORE_KEY_GONE '-'

struct store_keys {
	int64_t at_us;	 /* of the last pass over these key columns; 0: there was none */
	int64_t n;	 /* keys in the set */
	int64_t journal; /* bytes of changes that are not in it yet */
};

/* columns: the key's, as JSON; NULL: whatever they were. */
int store_keys_state(struct store *s, int64_t table_id, const char *columns, struct store_keys *ret,
		     struct error *err);
/* Some of the journal into the set: 1 there is more, 0 all is done, -1 error. */
int store_keys_fold(struct store *s, int64_t table_id, struct error *err);
/* Changes of the set itself, past the journal. */
int store_keys_change(struct store *s, int64_t table_id, const char *changes, size_t len,
		      struct error *err);
/*
 * At most `max` keys with hashes from `low` to `high`, both included, in their order.
 * `each` returns not 0 to stop.  How many it was called for; -1 error.
 */
int64_t store_keys_each(struct store *s, int64_t table_id, const unsigned char low[ROW_HASH_BYTES],
			const unsigned char high[ROW_HASH_BYTES], int64_t max,
			int (*each)(void *ctx, const unsigned char *hash, const char *key),
			void *ctx, struct error *err);
/* A pass came to its end. */
int store_keys_passed(struct store *s, int64_t table_id, const char *columns, int64_t at_us,
		      struct error *err);
/* Some of all that is known of the table's keys: 1 there is more, 0 nothing is left, -1 error. */
int store_keys_forget(struct store *s, int64_t table_id, struct error *err);

/*
 * What a pass finds out before it sends: NUL-terminated texts, in pieces.
 * store_keys_found gives the piece behind id *after, which moves on: 1, 0 no more, -1.
 */
int store_keys_find(struct store *s, int64_t table_id, const char *texts, size_t len,
		    struct error *err);
int store_keys_found(struct store *s, int64_t table_id, int64_t *after, struct buf *ret,
		     struct error *err);
int store_keys_found_clear(struct store *s, int64_t table_id, struct error *err);

/* ---- The commit ---------------------------------------------------------------------- */

/* One finished stretch of a table; all of it is borrowed. */
struct store_step {
	int64_t table_id;
	int64_t run_row; /* of store_run_begin; 0: no run is counted (replay) */
	int64_t run_no;
	const char *checkpoint; /* NULL: does not move */
	size_t checkpoint_len;
	const char *phase; /* with a checkpoint */
	int sweep;	   /* then forget the hashes that this run did not see */
	int64_t cdc_us;	   /* the largest _cdc_ts that was given; 0: none */
	struct store_counts add;
	const struct dead_letter *dead;
	size_t n_dead;
	const unsigned char (*hashes)[ROW_HASH_BYTES]; /* of rows marked REREAD and now finished */
	size_t n_hashes;
	const int64_t *settled; /* ids of dead letters that are done with: deleted */
	size_t n_settled;
	const struct store_ledger *ledger; /* a line for the ledger, or NULL */
	const char *shape;		   /* the columns that are known from now on, or NULL */
	const char *const *changes;	   /* of columns, to be kept */
	size_t n_changes;
	const char *keys; /* changes of the known keys */
	size_t keys_len;
	uint64_t ret_hashes_dropped; /* set: beyond recent_max, will be repeated */
};

/*
 * All steps in one transaction.  ERR_FULL when the dead letters would pass
 * dlq_max_bytes or the disk is full, ERR_TEMPORARY when a program without the
 * lock holds the database, ERR_STORE for anything else.  Nothing is changed then,
 * and the run must end; after an I/O error every later write fails at once.
 */
int store_commit(struct store *s, struct store_step *steps, size_t n, struct error *err);

#endif
