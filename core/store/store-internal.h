/* SPDX-License-Identifier: MIT */
/*
 * What the files of the store share: the handle, SQL by number, transactions.
 *
 * A statement is opened by its number with its arguments, stepped and closed:
 *
 *	stmt = sql_open(s, SQL_X, SQL_ARGS(sql_int(id)), err);
 *	while ((rc = sql_step(s, stmt, err)) > 0) ...
 *	sql_close(s, stmt);
 *
 * Writers put their statements between sql_begin and sql_end.  sql_begin joins
 * the transaction that store_claim may have left open, sql_end commits all of it.
 */

#ifndef STORE_STORE_INTERNAL_H
#define STORE_STORE_INTERNAL_H

#include <pthread.h>
#include <sqlite3.h>

#include "base/arena.h"
#include "store/store.h"

#define STORE_APPLICATION_ID 0x64665331 /* "dfS1" */
#define STORE_VERSION 2			/* user_version */
#define STORE_RUNS_KEPT 1000		/* a table */
#define STORE_DRIFTS_KEPT 1000		/* a table */
#define STORE_LEDGER_TRIM 10000		/* lines at a time: a run begins at once */

enum sql_id {
	SQL_BEGIN,
	SQL_COMMIT,
	SQL_ROLLBACK,
	SQL_TABLE_FIND,
	SQL_TABLE_FIND_TARGET,
	SQL_TABLE_BY_ID,
	SQL_TABLE_LIST,
	SQL_TABLE_ADD,
	SQL_TABLE_MOVE,
	SQL_TABLE_RECENT,
	SQL_RUN_NUMBER,
	SQL_RUN_NUMBER_SET,
	SQL_CDC_GET,
	SQL_CDC_SET,
	SQL_RUN_TRIM,
	SQL_RUN_ABANDON,
	SQL_RUN_ADD,
	SQL_RUN_COUNT,
	SQL_RUN_END,
	SQL_RUN_LAST,
	SQL_RECENT_FIND,
	SQL_RECENT_LESS,
	SQL_RECENT_DROP,
	SQL_RECENT_ADD,
	SQL_RECENT_EARLIER,
	SQL_RECENT_BOUND,
	SQL_RECENT_EARLIER_SUM,
	SQL_RECENT_SWEEP,
	SQL_RECENT_CLEAR,
	SQL_RECENT_TOTAL,
	SQL_DEAD_SIZE,
	SQL_DEAD_ADD,
	SQL_DEAD_REPLACE,
	SQL_DEAD_SETTLE,
	SQL_DEAD_LIST,
	SQL_DEAD_SUM,
	SQL_DEAD_PURGE,
	SQL_DEAD_VACUUM,
	SQL_OUTBOX_ADD,
	SQL_OUTBOX_DONE,
	SQL_OUTBOX_PURGE,
	SQL_OUTBOX_LIST,
	SQL_OUTBOX_COUNT,
	SQL_LEDGER_ADD,
	SQL_LEDGER_TRIM,
	SQL_LEDGER_LIST,
	SQL_HOST_GET,
	SQL_HOST_SET,
	SQL_SHAPE_GET,
	SQL_SHAPE_SET,
	SQL_SHAPE_DROP,
	SQL_DRIFT_ADD,
	SQL_DRIFT_TRIM,
	SQL_DRIFT_SEEN,
	SQL_DRIFT_LAST,
	SQL_KEYS_JOURNAL_ADD,
	SQL_KEYS_JOURNAL_BYTES,
	SQL_KEYS_JOURNAL_LIST,
	SQL_KEYS_JOURNAL_DROP,
	SQL_KEYS_JOURNAL_CLEAR,
	SQL_KEYS_ADD,
	SQL_KEYS_DROP,
	SQL_KEYS_LIST,
	SQL_KEYS_TRIM,
	SQL_KEYS_COUNT,
	SQL_KEYS_STATE,
	SQL_KEYS_PASSED,
	SQL_KEYS_PASSES_DROP,
	SQL_COUNT
};

struct table_memo;

struct store {
	char *path;   /* as configured: for messages */
	char *folder; /* of the file, without symbolic links */
	char *file;   /* in `folder` */
	char *lock_path;
	char *marker_path;
	struct log *log;
	enum store_access access;
	struct store_limits limits;
	int version; /* of the file; a reader may find an older one */
	int lock_fd; /* -1 none */
	int mutex_ready;
	/*
	 * Protects all below, connection included.  Recursive, since the `each`
	 * callbacks may call the store again.  No other lock is taken inside.
	 */
	pthread_mutex_t mutex;
	sqlite3 *db;
	sqlite3_stmt *stmts[SQL_COUNT];
	/* After an I/O error nothing is written any more: a second sync proves nothing. */
	int broken;
	int ready;		  /* the contents are ours and sound */
	int dead_warned;	  /* that the dead letters are nearly full */
	int64_t dead_bytes;	  /* committed */
	int64_t recent_total;	  /* committed */
	struct table_memo *memos; /* list, see store-recent.c */
	struct arena last;	  /* strings of store_run_last */
};

/* ---- store-sql.c ---------------------------------------------------------- */

struct sql_arg {
	enum {
		SQL_ARG_INT,
		SQL_ARG_TEXT,
		SQL_ARG_BLOB
	} type;
	int64_t i;
	const void *p; /* NULL: SQL's NULL */
	size_t n;
};

static inline struct sql_arg sql_int(int64_t i)
{
	return (struct sql_arg){.type = SQL_ARG_INT, .i = i};
}

static inline struct sql_arg sql_text_n(const char *p, size_t n)
{
	return (struct sql_arg){.type = SQL_ARG_TEXT, .p = p, .n = n};
}

static inline struct sql_arg sql_text(const char *p)
{
	return sql_text_n(p, p != NULL ? strlen(p) : 0);
}

static inline struct sql_arg sql_blob(const void *p, size_t n)
{
	return (struct sql_arg){.type = SQL_ARG_BLOB, .p = p, .n = n};
}

/* Two arguments: an array on the stack and its length.  Borrowed until sql_close. */
#define SQL_ARGS(...)                                                                              \
	(const struct sql_arg[]){__VA_ARGS__},                                                     \
	    sizeof((const struct sql_arg[]){__VA_ARGS__}) / sizeof(struct sql_arg)
#define SQL_NO_ARGS NULL, 0

sqlite3_stmt *sql_open(struct store *s, enum sql_id id, const struct sql_arg *args, size_t n,
		       struct error *err);
/* 1 row, 0 end, -1 error. */
int sql_step(struct store *s, sqlite3_stmt *stmt, struct error *err);
void sql_close(struct store *s, sqlite3_stmt *stmt); /* NULL is allowed */
/* A statement without rows. */
int sql_run(struct store *s, enum sql_id id, const struct sql_arg *args, size_t n,
	    struct error *err);
/* The numbers of the first row, `ret_n` columns; NULL counts as 0, no row too. */
int sql_numbers(struct store *s, enum sql_id id, const struct sql_arg *args, size_t n, int64_t *ret,
		int ret_n, struct error *err);
/* Never NULL; lives until the next step. */
const char *sql_column_text(sqlite3_stmt *stmt, int column);
void sql_finalize_all(struct store *s);

int sql_begin(struct store *s, struct error *err);
/* Commits when rc is 0, else rolls back; rc, or -1 when the commit failed. */
int sql_end(struct store *s, int rc, struct error *err);

/* SQLite's result as an error, class included; always -1. */
int store_sqlite_error(struct store *s, int code, const char *message, struct error *err);
/* The file is not what it should be; always -1. */
__attribute__((format(printf, 3, 4))) int store_damaged(struct store *s, struct error *err,
							const char *fmt, ...);

/* FNV-1a over length and bytes: finds flipped bits, not forgery. */
#define STORE_SUM_INIT UINT64_C(0xcbf29ce484222325)
uint64_t store_sum(uint64_t sum, const void *p, size_t n);
uint64_t store_sum_text(uint64_t sum, const char *text);
uint64_t store_sum_int(uint64_t sum, int64_t i);

static inline void store_enter(struct store *s)
{
	(void)pthread_mutex_lock(&s->mutex);
}

static inline int store_leave(struct store *s, int rc)
{
	(void)pthread_mutex_unlock(&s->mutex);
	return rc;
}

/* ---- store-file.c --------------------------------------------------------- */

#define STORE_USER_MAX 80

/* Fills folder, file, lock_path, marker_path; makes the folder when writing. */
int store_files_init(struct store *s, struct error *err);
/* Refuses what should not be opened.  *ret_size: -1 when there is no file. */
int store_files_check(struct store *s, int64_t *ret_size, struct error *err);
int store_file_create(struct store *s, struct error *err);
int store_marker_exists(const struct store *s);
int store_marker_write(struct store *s, struct error *err);
/* Warns of file systems that forget or that cannot share memory. */
void store_files_warn(struct store *s, int fresh);
/* "'name'" or "uid 17" of the effective user. */
const char *store_user(char out[STORE_USER_MAX]);

/* ---- store-lock.c --------------------------------------------------------- */

int store_lock(struct store *s, struct error *err);
void store_unlock(struct store *s);

/* ---- store-schema.c ------------------------------------------------------- */

/* Looks at what is in the file; *ret_fresh: nothing yet. */
int store_identify(struct store *s, int *ret_fresh, struct error *err);
int store_schema_create(struct store *s, struct error *err);
/* Writers: gives a sound database of an older version what this one has more. */
int store_schema_upgrade(struct store *s, struct error *err);
/* Is it all there and readable?  size: of the file; whole: it has to end with a page. */
int store_probe(struct store *s, int64_t size, int whole, struct error *err);
int store_pragmas(struct store *s, struct error *err);

/* ---- store-table.c, store-recent.c, store-dead.c ---------------------------- */

/* Reads every record of `tables`, and so checks their sums. */
int store_tables_verify(struct store *s, struct error *err);
/* Sets checkpoint and phase inside the transaction. */
int table_move(struct store *s, int64_t table_id, const char *checkpoint, size_t len,
	       const char *phase, struct error *err);
int table_recent_change(struct store *s, int64_t table_id, int64_t change, struct error *err);

/* What is remembered of a table between calls; dropped by a rollback. */
struct table_memo {
	struct table_memo *next;
	int64_t table_id;
	uint64_t identity;
	int64_t generation;
	int64_t run_no;	      /* that `earlier` is for; -1: not looked yet */
	int64_t earlier;      /* hashes of earlier runs that are not claimed */
	unsigned char *bloom; /* of these; NULL when there are none */
	uint32_t bloom_mask;  /* bits - 1 */
	unsigned bloom_probes;
};

struct table_memo *memo_get(struct store *s, int64_t table_id, struct error *err);
void memo_drop_all(struct store *s);

/* Inside the transaction; *total follows. */
int recent_add(struct store *s, struct store_step *step, int64_t *total, struct error *err);
int recent_sweep(struct store *s, const struct store_step *step, int64_t *total, struct error *err);
int recent_clear(struct store *s, int64_t table_id, int64_t *total, struct error *err);

/* ERR_FULL when the steps would pass the limit. */
int dead_check(struct store *s, const struct store_step *steps, size_t n, struct error *err);
int dead_add(struct store *s, const struct store_step *step, int64_t *bytes, struct error *err);
int dead_settle(struct store *s, const struct store_step *step, int64_t *bytes, struct error *err);
/* Rows are personal data: between on and off what is deleted is overwritten. */
void dead_overwrite(struct store *s, int on);
/* Gives the room of deleted letters back. */
int dead_vacuum(struct store *s, struct error *err);
/* Once, when the letters pass the greater part of their limit. */
void dead_warn(struct store *s);
/* A row of SQL_DEAD_LIST or SQL_OUTBOX_LIST; with a payload its sum is checked. */
int dead_read(struct store *s, sqlite3_stmt *stmt, int with_payload, struct dead_letter *ret,
	      struct error *err);

/* ---- store-outbox.c, store-ledger.c ------------------------------------------ */

int outbox_add(struct store *s, int64_t id, struct error *err);
int outbox_remove(struct store *s, int64_t id, struct error *err);

int ledger_add(struct store *s, const struct store_step *step, struct error *err);
/* Of what is too old, the oldest lines. */
int ledger_trim(struct store *s, struct error *err);

/* ---- store-shape.c ---------------------------------------------------------- */

/* The changes of the step, and the columns that are known from now on. */
int shape_add(struct store *s, const struct store_step *step, struct error *err);
/* ---- store-keys.c ----------------------------------------------------------- */

int keys_add(struct store *s, const struct store_step *step, struct error *err);

#endif
