/* SPDX-License-Identifier: MIT */
/*
 * A source plugin: reads the rows of a table, or of a log, since a checkpoint.
 *
 * The plugin is a shared object named defsync-source-NAME.so that exports one
 * function:
 *
 *	DEFSYNC_EXPORT const struct defsync_source *defsync_source_v1(void)
 *	{
 *		return &my_source;
 *	}
 *
 * Life of a plugin and of an instance (one configured source):
 *
 *	load                                       once a process
 *	create                                     no I/O
 *	  connect
 *	    discover | describe                    any number, in any order
 *	    extract -> next, next, ... -> end      any number, one cursor at a time
 *	    ack                                    between connect and disconnect
 *	  disconnect                               also after a failed call
 *	  connect ...                              again, as often as wanted
 *	destroy
 *
 * The host keeps this order and answers a break of it with DEFSYNC_E_BUG
 * instead of calling.  An instance is never in two calls at a time, but for
 * cancel; all calls from connect to disconnect come from one thread, create and
 * destroy may come from another.  Instances of one plugin run in parallel
 * unless thread_model forbids it: no writable statics, no setlocale, no signal
 * handlers, no fork, no chdir, no exit.  The object is never unloaded.
 *
 * All of it is since ABI 1.0, but for what says otherwise.
 */

#ifndef DEFSYNC_SOURCE_H
#define DEFSYNC_SOURCE_H

#include <defsync/plugin.h>

#ifdef __cplusplus
extern "C" {
#endif

/* ---- Capabilities: promises that the conformance suite tests ------------ */

/* Goes on from a checkpoint; without it every run reads everything. */
#define DEFSYNC_CAP_RESUME (UINT64_C(1) << 0)
/* Can prove that no late commit is missed (ceiling "proven"). */
#define DEFSYNC_CAP_GAPLESS (UINT64_C(1) << 1)
/* Gives DEFSYNC_OP_DELETE rows. */
#define DEFSYNC_CAP_DELETES (UINT64_C(1) << 2)
/* DEFSYNC_READ_SNAPSHOT is supported. */
#define DEFSYNC_CAP_SNAPSHOT (UINT64_C(1) << 3)
/* DEFSYNC_READ_STREAM is supported: the cursor waits, DEFSYNC_IDLE. */
#define DEFSYNC_CAP_STREAM (UINT64_C(1) << 4)
/* One cursor may read several tables, see defsync_request.more. */
#define DEFSYNC_CAP_MULTI (UINT64_C(1) << 5)
/* The source keeps what is not acknowledged: ack has to be called. */
#define DEFSYNC_CAP_NEEDS_ACK (UINT64_C(1) << 6)
/* cancel ends a running call. */
#define DEFSYNC_CAP_CANCEL (UINT64_C(1) << 7)
/* discover and describe are there. */
#define DEFSYNC_CAP_DISCOVER (UINT64_C(1) << 8)
/* DEFSYNC_READ_KEYS is supported. Since ABI 1.1. */
#define DEFSYNC_CAP_KEYS (UINT64_C(1) << 9)
/*
 * DEFSYNC_READ_INCREMENTAL needs no watermark: what is new is known by position, as
 * in a file. Since ABI 1.2.
 */
#define DEFSYNC_CAP_POSITION (UINT64_C(1) << 10)

/* ---- Thread models, with room between ----------------------------------- */

#define DEFSYNC_THREADS_ONE_INSTANCE 1000 /* one instance at a time in the process */
#define DEFSYNC_THREADS_PARALLEL 2000	  /* instances run in parallel */

/* ---- What to read -------------------------------------------------------- */

/* From the checkpoint on, in watermark order; first load by key if there is none. */
#define DEFSYNC_READ_INCREMENTAL 1
/* Everything, each run; the checkpoint only resumes a broken run. */
#define DEFSYNC_READ_SNAPSHOT 2
/* The log of changes, without an end. */
#define DEFSYNC_READ_STREAM 3
/*
 * The rows with the key values of `lookup` as they are now, in any order and
 * without checkpoints: watermark, initial, lookback, checkpoint and filter are
 * not given.  A key that is not there (any more) gives no row.  Only asked for
 * with DEFSYNC_CAP_KEYS.  Since ABI 1.1.
 */
#define DEFSYNC_READ_KEYS 4

/* What to do with rows whose watermark is NULL. */
#define DEFSYNC_NULLS_ERROR 1	  /* refuse the table, with their number */
#define DEFSYNC_NULLS_EVERY_RUN 2 /* send them in every run */
#define DEFSYNC_NULLS_EXCLUDE 3	  /* leave them out, and count them */

/*
 * Belongs to the host and lives until the cursor's end (extract) or the next
 * call (describe).  Strings that are not given are NULL, lists empty.
 */
struct defsync_request {
	uint32_t struct_size;
	uint32_t mode;	   /* DEFSYNC_READ_x */
	const char *table; /* `from`, as configured: "public.orders" */
	/* Columns to read, in order; n_columns 0: all. */
	const char *const *columns;
	uint32_t n_columns;
	uint32_t n_keys;
	/* The columns that identify a row; n_keys 0: the table's primary key. */
	const char *const *keys;
	const char *watermark;
	/* A condition in the source's language from the configuration, trusted. */
	const char *filter;
	/* Where to begin when there is no checkpoint: the watermark's text form. */
	const char *initial;
	/* Not at or above this watermark (backfill of a range). */
	const char *until;
	/*
	 * How far below the ceiling to read again: milliseconds for time-like
	 * watermarks, units for integers; -1: the source's default.
	 */
	int64_t lookback;
	uint32_t null_watermark; /* DEFSYNC_NULLS_x */
	uint32_t reserved;	 /* 0 */
	/* Go on after this; length 0: from the beginning. */
	const char *checkpoint;
	size_t checkpoint_len;
	int64_t row_limit;   /* end after so many rows; 0: no limit */
	int64_t max_wait_ms; /* STREAM: next answers IDLE after this */
	/* Values of the plugin's table_options. */
	const struct defsync_options *options;
	/* DEFSYNC_CAP_MULTI: the next table of the same cursor, or NULL. */
	const struct defsync_request *more;
	/*
	 * Since ABI 1.1.  DEFSYNC_READ_KEYS: n_lookup times n_keys values, row by
	 * row, in the order of `keys` (which are given).  They come from JSON, so
	 * they are NULL-free cells of type BOOL, INT64, DOUBLE or TEXT; the source
	 * compares them as its columns' types demand.
	 */
	const struct defsync_cell *lookup;
	uint32_t n_lookup;
	uint32_t cell_size; /* stride of lookup */
};

/* ---- What is there -------------------------------------------------------- */

#define DEFSYNC_FINDING_ERROR 1 /* a run would fail or lose rows */
#define DEFSYNC_FINDING_WARN 2	/* works, with a risk or a cost */
#define DEFSYNC_FINDING_NOTE 3

/* A remark of `defsync check` about one table. */
struct defsync_finding {
	uint32_t level; /* DEFSYNC_FINDING_x */
	uint32_t reserved;
	const char *code; /* stable, "watermark-not-indexed" */
	const char *text; /* one line */
	const char *hint; /* what to do, often SQL; or NULL */
};

/* A column that could serve as watermark. */
struct defsync_candidate {
	const char *column;
	uint32_t indexed;   /* 0 or 1 */
	uint32_t reserved;  /* 0 */
	const char *filled; /* how it gets its value: "default", "trigger", "unknown" */
	const char *note;   /* or NULL */
};

/*
 * One table.  Belongs to the plugin and lives until the next discover or
 * describe, or disconnect.  discover may leave candidates and findings empty.
 */
struct defsync_table {
	uint32_t struct_size;
	uint32_t candidate_size; /* stride */
	uint32_t finding_size;	 /* stride */
	uint32_t n_candidates;
	const struct defsync_relation *relation;
	const char *kind;     /* "table", "view", "file" ... */
	const char *from;     /* the text for `from` in the configuration */
	int64_t row_estimate; /* -1: unknown */
	const struct defsync_candidate *candidates;
	const struct defsync_finding *findings;
	uint32_t n_findings;
	uint32_t reserved; /* 0 */
};

/* ---- The vtable ------------------------------------------------------------ */

struct defsync_source {
	uint32_t struct_size; /* sizeof(struct defsync_source) */
	uint32_t abi_minor;   /* DEFSYNC_ABI_MINOR */
	/*
	 * caps_required: the host must understand these or refuse the plugin.
	 * caps: promises that a host may ignore when it does not know them.
	 */
	uint64_t caps_required;
	uint64_t caps;
	uint32_t thread_model;		      /* DEFSYNC_THREADS_x */
	uint32_t option_size;		      /* sizeof(struct defsync_option), of both tables */
	const struct defsync_option *options; /* of the source */
	const struct defsync_option *table_options; /* of each of its tables */
	uint32_t n_options;
	uint32_t n_table_options;
	const char *name;    /* [a-z][a-z0-9_]*, as in defsync-source-NAME.so */
	const char *version; /* of the plugin */
	const char *summary; /* one line */
	const char *home;    /* URL or "" */

	/*
	 * Optional.  Once, before any other call and any thread: library
	 * initialisation.  `host` is for log and fail only and lives for ever.
	 */
	int32_t (*load)(const struct defsync_host *host, uint32_t flags);

	/*
	 * Reads the options and allocates.  No network, no file contents: it
	 * also serves to check a configuration.  `options` and `host` live until
	 * destroy.  DEFSYNC_E_CONFIG names the option.
	 */
	int32_t (*create)(const struct defsync_host *host, const struct defsync_options *options,
			  uint32_t flags, void **ret_instance);
	/* Frees; NULL is allowed. */
	void (*destroy)(void *instance);

	/*
	 * Log-in and session settings.  TRANSIENT when the server cannot be
	 * reached, AUTH when it refuses.  After an error the host calls
	 * disconnect all the same.
	 */
	int32_t (*connect)(void *instance, uint32_t flags);
	/* Releases all that connect and later calls made.  Cannot fail. */
	void (*disconnect)(void *instance);

	/*
	 * Optional.  The tables there are; pattern: "public.*" or NULL for all.
	 * ret_tables: an array of n_tables pointers.
	 */
	int32_t (*discover)(void *instance, const char *pattern, uint32_t flags,
			    const struct defsync_table *const **ret_tables, uint32_t *ret_n_tables);
	/*
	 * Optional.  One table as the request wants to read it, with key and
	 * watermark flags set on its columns and what `check` should say.  A
	 * missing table or column is DEFSYNC_E_CONFIG.
	 */
	int32_t (*describe)(void *instance, const struct defsync_request *request, uint32_t flags,
			    const struct defsync_table **ret_table);

	/*
	 * Begins to read.  A checkpoint of another database, table, watermark or
	 * key, or one that cannot be read, is DEFSYNC_E_STALE_CHECKPOINT; never
	 * start over silently.
	 */
	int32_t (*extract)(void *instance, const struct defsync_request *request, uint32_t flags,
			   void **ret_cursor);
	/*
	 * DEFSYNC_ROW, DEFSYNC_END, DEFSYNC_IDLE (streams) or an error.  After
	 * DEFSYNC_E_BAD_ROW the host goes on with the next call and records
	 * ret_row, if it was set, with the reason: its cells may be of any type,
	 * whatever their columns say.  After other errors it calls end.  May
	 * block until cancel.
	 */
	int32_t (*next)(void *instance, void *cursor, uint32_t flags,
			const struct defsync_row **ret_row);
	/* Once for each successful extract, also after errors.  Cannot fail. */
	void (*end)(void *instance, void *cursor);

	/*
	 * Optional.  All rows up to this checkpoint are delivered, filtered or
	 * in the dead letters, and the checkpoint itself is durable.
	 */
	int32_t (*ack)(void *instance, const char *checkpoint, size_t checkpoint_len,
		       uint32_t flags);

	/*
	 * Optional.  From any thread, at any time from create to destroy, more
	 * than once: makes the running call return soon.  Not called from a
	 * signal handler.  Stays in force until disconnect.
	 */
	void (*cancel)(void *instance);

	/*
	 * Optional.  Between two calls of next, from the same thread: the host has
	 * not been able to take rows for a while.  Lets go of what others may wait
	 * for (snapshots, locks, statements); the next call of next goes on behind
	 * the last row, which is no longer valid.  May come again and again.
	 * Since ABI 1.2.
	 */
	int32_t (*pause)(void *instance, void *cursor, uint32_t flags);
};

/* The type of the entry function. */
typedef const struct defsync_source *(*defsync_source_entry)(void);

#define DEFSYNC_SOURCE_SYMBOL "defsync_source_v1"

/* Declared here so that a definition is checked against it. */
DEFSYNC_EXPORT const struct defsync_source *defsync_source_v1(void);

#ifdef __cplusplus
}
#endif

#endif
