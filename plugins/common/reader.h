/* SPDX-License-Identifier: MIT */
/*
 * Reading a table of a database server: all that does not depend on which server
 * it is.  From a request to a plan (columns, key, watermark, order), checks,
 * ceiling, first load, incremental reading, snapshots, rows by key, checkpoints,
 * flags and positions of rows, findings of `check`.  It knows no client library:
 * a dialect gives it the table's shape and runs its statements.
 *
 *	reader_init                                       create
 *	reader_connected(identity)                        connect
 *	  reader_describe | reader_extract -> reader_next ... -> reader_end
 *	  reader_pause                                    between two calls of next
 *	reader_disconnected                               disconnect
 *	reader_done                                       destroy
 *
 * The order of the steps of an extract is what makes it safe: checks, ceiling,
 * snapshot, rows.  Functions return 0 or more, or a class DEFSYNC_E_x after host->fail.
 * All of an instance is one thread's, but for `cancelled`.
 */

#ifndef COMMON_READER_H
#define COMMON_READER_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <defsync/source.h>

#include "common/checkpoint.h"
#include "common/keyset.h"
#include "common/pool.h"
#include "common/text.h"

#define READER_KEYS_MAX 16		 /* columns of a key */
#define READER_SQL_MAX (4 * 1024 * 1024) /* bytes of one statement */

/* ---- Values ----------------------------------------------------------------- */

/*
 * A value kept beyond its row.  Type NULL: none.  Of the types of an order: INT64,
 * UINT64, BOOL, DATE, TIME, TIMESTAMP and TIMESTAMP_LOCAL in v.i64 (v.u64); DECIMAL,
 * TEXT, BYTES, UUID and JSON in v.data, whose bytes are `owned` or borrowed.
 */
struct reader_value {
	struct defsync_cell cell;
	char *owned; /* NULL: borrowed */
	size_t cap;
};

void reader_value_done(struct reader_value *v);
/* Copies the bytes; false without memory. */
bool reader_value_set(struct reader_value *v, const struct defsync_cell *cell);
/*
 * <0, 0, >0 as the server orders them: numbers and times by value, decimals by
 * value (digits and NaN last), the rest by their bytes.  Both of one type.
 */
int reader_value_compare(const struct defsync_cell *a, const struct defsync_cell *b);
/*
 * The value as the server reads it: 17, 2024-01-31, 2024-01-31 10:00:00.123456 (UTC,
 * no zone), a UUID with its dashes, texts as they are, bytes as hex digits.
 */
void reader_value_print(const struct defsync_cell *cell, struct text *out);

/* ---- What the dialect tells about a table -------------------------------------- */

/* What a watermark is, for ceiling and look-back. */
enum reader_kind {
	READER_NONE,	/* cannot be a watermark: `refusal` says why */
	READER_INTEGER, /* INT64, UINT64 */
	READER_TIME,	/* DATE, TIMESTAMP, TIMESTAMP_LOCAL */
	READER_TEXT,	/* TEXT, UUID, DECIMAL: ordered, but without a distance */
};

/* Strings belong to the pool that load_table was given, or are constants. */
struct reader_column {
	const char *name;
	const char *native_type;
	uint32_t type;	 /* of its cells: DEFSYNC_x, fixed by its declaration */
	uint32_t digits; /* as in struct defsync_column */
	bool nullable;
	bool generated;
	int pk;		     /* place in the primary key from 1, or 0 */
	const char *quoted;  /* SQL */
	const char *select;  /* SQL in the list of columns; NULL: quoted */
	const char *order;   /* SQL in bounds and ORDER BY; NULL: quoted */
	const char *filled;  /* as in struct defsync_candidate */
	bool server_time;    /* filled by the server's clock as the transaction began */
	const char *missing; /* SQL: there is no usable watermark; NULL: quoted IS NULL */
	const char *present; /* SQL: the opposite, best one that an index serves; NULL: none needed
				if not nullable, else quoted IS NOT NULL */
	enum reader_kind kind;
	const char *refusal;	 /* READER_NONE: "is a float", ... */
	const char *key_refusal; /* the same for a key; NULL: may be part of one */
	uint32_t wire;		 /* the dialect's: how to decode it */
	int64_t wire_detail;
	/*
	 * Instead of `order`, for a watermark and in a key that is not unique: an order in
	 * which only equal bytes are equal.  NULL: `order` is one already.
	 */
	const char *order_exact;
};

struct reader_table {
	const char *schema, *name; /* for messages and the relation */
	const char *kind;	   /* "table", "view", "partitioned table", "query" ... */
	const char *from;	   /* for the configuration */
	const char *sql;	   /* behind FROM: "public"."orders", (SELECT ...) AS q */
	const char *identity; /* of the table: "oid=16384"; a checkpoint of another is refused */
	const struct reader_column *columns;
	int n_columns;
	int64_t row_estimate; /* -1: unknown */
	bool no_snapshots;    /* two statements of one snapshot may find different rows */
	void *own;	      /* the dialect's */
};

#define READER_PROVEN 1
#define READER_HEURISTIC 2
#define READER_NO_CEILING 3

/* Filled by the dialect, for time-like watermarks only. */
struct reader_ceiling {
	int standing; /* READER_x */
	/*
	 * Rows below are settled: microseconds UTC, or of the column's own clock where it
	 * has no zone; before the look-back.
	 */
	int64_t us;
	/* Why it is not proven, and what to do; "" when proven.  A log line once a run. */
	char reason[400];
	/* Who holds it back: "pid 17 (app 'x', idle in transaction) since 61 s", or "". */
	char holder[300];
	int64_t held_ms; /* now - ceiling */
};

/* ---- The dialect ------------------------------------------------------------------ */

/*
 * One SELECT.  Parameters are in the order of their numbers.  All of it lives until
 * open returns, but for `columns`, which live until close.
 */
struct reader_statement {
	const char *sql;
	const struct defsync_cell *const *params;
	const struct reader_column *const
	    *param_columns; /* what each is compared with; NULL: itself */
	unsigned n_params;
	/* What the result has: for decoding.  NULL entries: a count, as INT64. */
	const struct reader_column *const *columns;
	unsigned n_columns;
	bool stream;	     /* rows of a table: do not buffer */
	const char *subject; /* for messages: the table */
};

struct reader_source;

struct reader_dialect {
	const char *format; /* of checkpoints: "postgres1" */
	char quote;
	struct keyset_dialect keyset; /* param gets a const struct reader_column *const [] as ctx */

	/* All in the pool.  request: table, options, columns. */
	int32_t (*load_table)(struct reader_source *s, struct pool *pool,
			      const struct defsync_request *request, struct reader_table *ret);
	/*
	 * Does an index or constraint promise that no two rows are equal in these columns?
	 * Asked once a plan: best answered from what load_table has found.
	 */
	int32_t (*is_unique)(struct reader_source *s, const struct reader_table *t,
			     const int *columns, int n, bool *ret);
	/* Is there an index that begins with this column? */
	int32_t (*is_indexed)(struct reader_source *s, const struct reader_table *t, int column,
			      bool *ret);
	/*
	 * `initial`, `until` or a JSON key's value (but of BYTES) as a value of the column,
	 * converted by the server.  DEFSYNC_E_CONFIG, without fail, when it is none: the caller names it.
	 */
	int32_t (*parse)(struct reader_source *s, const struct reader_column *column,
			 const struct defsync_cell *given, struct reader_value *ret);
	int32_t (*ceiling)(struct reader_source *s, const struct reader_table *t,
			   const struct reader_column *watermark, struct reader_ceiling *ret);

	/* Repeatable read, read only.  The snapshot is that of now, not of the first row. */
	int32_t (*begin)(struct reader_source *s);
	/* Ends it; also after errors.  A statement under way is given up. */
	void (*rollback)(struct reader_source *s);

	/*
	 * One statement at a time.  fetch: DEFSYNC_ROW with n_columns cells, valid until the
	 * next call; DEFSYNC_END; or an error.  A cell that cannot be given is NULL, the first
	 * one has its index in *ret_bad (else untouched, -1 before) and the reason was told by
	 * host->fail.
	 * close: the rest is not wanted; also after END and errors.  Of a table's rows the
	 * end is always taken before, unless rollback follows.
	 */
	int32_t (*open)(struct reader_source *s, const struct reader_statement *statement);
	int32_t (*fetch)(struct reader_source *s, struct defsync_cell *cells, int *ret_bad);
	void (*close)(struct reader_source *s);

	/* Findings of its own for `check`; through reader_find.  NULL: none. */
	int32_t (*findings)(struct reader_source *s, const struct reader_table *t,
			    const struct reader_column *watermark, void *list);
};

/* ---- An instance -------------------------------------------------------------------- */

/* First member of the plugin's own instance. */
struct reader_source {
	const struct defsync_host *host;
	const struct reader_dialect *dialect;
	const char *identity; /* of server and database, until disconnect */
	int64_t max_snapshot_ms;
	int64_t page_rows;     /* LIMIT of one statement; 0: none.  Not if rows share a key */
	atomic_int cancelled;  /* from cancel until disconnect */
	struct pool relations; /* rows point here; until disconnect */
	struct pool described; /* until the next describe or discover */
	const struct defsync_relation *last_relation;
};

struct reader_cursor;

void reader_init(struct reader_source *s, const struct defsync_host *host,
		 const struct reader_dialect *dialect);
/* identity: copied. "" is none. */
int32_t reader_connected(struct reader_source *s, const char *identity);
void reader_disconnected(struct reader_source *s);

int32_t reader_describe(struct reader_source *s, const struct defsync_request *request,
			const struct defsync_table **ret);
int32_t reader_extract(struct reader_source *s, const struct defsync_request *request,
		       struct reader_cursor **ret);
int32_t reader_next(struct reader_source *s, struct reader_cursor *c,
		    const struct defsync_row **ret_row);
/*
 * The host cannot take rows at present: ends statement and snapshot.  The next call of
 * reader_next goes on behind the last row, in a new snapshot, under the first ceiling.
 * Where rows may be equal in their key, it waits for the next place in the order.
 */
int32_t reader_pause(struct reader_source *s, struct reader_cursor *c);
void reader_end(struct reader_source *s, struct reader_cursor *c);

/* For discover: a struct defsync_table of a loaded table with candidates, in the pool. */
int32_t reader_table_make(struct reader_source *s, struct pool *pool, const struct reader_table *t,
			  struct defsync_table *ret);

/* For the dialect's findings: list is what it was given; hint may be NULL, copied. */
__attribute__((format(printf, 5, 6))) void reader_find(void *list, uint32_t level, const char *code,
						       const char *hint, const char *fmt, ...);

/* ---- For dialects -------------------------------------------------------------------- */

int32_t reader_fail_nomem(struct reader_source *s);
bool reader_is_cancelled(const struct reader_source *s);
/* A table option, "" when it is not set. */
const char *reader_option(const struct reader_source *s, const struct defsync_request *r,
			  const char *name);

#endif
