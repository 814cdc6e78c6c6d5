/* SPDX-License-Identifier: MIT */
/*
 * Shared by the files of the sqlite source.  An instance is one database file;
 * a plan is one table as a request wants to read it; a cursor reads a plan.
 *
 * Functions return 0 or a class DEFSYNC_E_x, after host->fail.
 */

#ifndef SQLITE_SL_H
#define SQLITE_SL_H

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <sqlite3.h>

#include <defsync/source.h>

#include "common/iso.h"
#include "common/pool.h"
#include "common/text.h"

#define SL_SQL_MAX (4 * 1024 * 1024) /* of one statement; names and a filter */
#define SL_KEYS_MAX 16		     /* columns of a key */

/* ---- Instance -------------------------------------------------------------- */

struct sl_source {
	const struct defsync_host *host;
	const char *path; /* of the option */
	int64_t busy_ms;
	int64_t snapshot_ms;
	atomic_int cancelled; /* from cancel until disconnect */
	pthread_mutex_t lock; /* db, against cancel from another thread */
	sqlite3 *db;	      /* NULL: not connected */
	uint64_t inode;	      /* of the open file */
	int64_t busy_since_us;
	struct pool relations; /* rows point here; until disconnect */
	struct pool described; /* until the next describe or discover */
	const struct defsync_relation *last_relation;
};

/* sl-connect.c */
int32_t sl_connect(struct sl_source *s);
void sl_disconnect(struct sl_source *s);
/* Is the path still the file that is open?  DEFSYNC_E_TRANSIENT when not. */
int32_t sl_check_identity(struct sl_source *s);
bool sl_is_cancelled(const struct sl_source *s);

/* sl-error.c: the reason from the connection; `doing`: "reading table", or NULL. */
int32_t sl_fail(struct sl_source *s, const char *doing, const char *subject);
int32_t sl_fail_nomem(struct sl_source *s);

/* sl-statement.c */
int32_t sl_prepare(struct sl_source *s, const char *sql, const char *subject,
		   sqlite3_stmt **ret_stmt);
int32_t sl_exec(struct sl_source *s, const char *sql, const char *subject);

/* ---- Values ------------------------------------------------------------------ */

/* A value as SQLite stores it, kept beyond a step. */
struct sl_value {
	int cls; /* SQLITE_INTEGER ... SQLITE_NULL; 0: none */
	int64_t i64;
	double f64;
	char *ptr; /* owned; NUL-terminated */
	size_t len;
};

void sl_value_done(struct sl_value *v);
/* Replaces v; false without memory. */
bool sl_value_read(struct sl_value *v, sqlite3_stmt *stmt, int column);
/*
 * The same without a copy: valid until the next step, not to be freed.  A text
 * without memory for it has a NULL pointer.
 */
void sl_value_borrow(struct sl_value *v, sqlite3_stmt *stmt, int column);
/* The same from a cell that holds a value as stored. */
void sl_value_from_cell(struct sl_value *v, const struct defsync_cell *cell);
bool sl_value_text(struct sl_value *v, const char *ptr, size_t len);
void sl_value_int(struct sl_value *v, int64_t i64);
bool sl_value_copy(struct sl_value *v, const struct sl_value *from);
int sl_value_bind(const struct sl_value *v, sqlite3_stmt *stmt, int param);
/* As SQLite orders them with the collation BINARY. */
int sl_value_compare(const struct sl_value *a, const struct sl_value *b);
/* Cut at about 60 characters. */
void sl_value_print(const struct sl_value *v, struct text *out);
/*
 * For messages: the same of numbers and times; of another text, which may be masked on
 * its way, how it is made: "NNN-AAA".
 */
void sl_value_show(const struct sl_value *v, struct text *out);
const char *sl_class_name(int cls);

/* ---- Schema (sl-schema.c) ------------------------------------------------------ */

struct sl_column {
	const char *name;
	const char *quoted;
	const char *declared; /* "" without a type */
	const char *fallback; /* DEFAULT, or NULL */
	const char *collation;
	bool not_null;
	bool generated;
	int pk; /* place in the primary key from 1, or 0 */
};

struct sl_table {
	const char *name;
	const char *quoted; /* "main"."name" */
	bool view;
	bool has_rowid;
	const char *rowid; /* a name of it that no column hides, or NULL */
	int alias;	   /* the INTEGER PRIMARY KEY's column, or -1 */
	struct sl_column *columns;
	int n_columns;
};

/* `from` as configured.  All in the pool. */
int32_t sl_table_load(struct sl_source *s, struct pool *pool, const char *from,
		      struct sl_table *ret);
/* -1: not there. */
int sl_table_column(const struct sl_table *t, const char *name);
/* Is there an index that begins with this column? */
int32_t sl_table_indexed(struct sl_source *s, const struct sl_table *t, int column, bool *ret);
/* Do these columns identify a row: never two rows equal, as the table compares them? */
int32_t sl_table_unique(struct sl_source *s, const struct sl_table *t, const int *columns,
			int n_columns, bool *ret);

/* ---- Plan (sl-plan.c) ---------------------------------------------------------- */

#define SL_ROWID (-2) /* in place of a column's number */

enum sl_rule {
	SL_AS_STORED,
	SL_BOOL,
	SL_INT,
	SL_DOUBLE,
	SL_DECIMAL,
	SL_TEXT,
	SL_BYTES,
	SL_JSON,
	SL_DATE,
	SL_TIMESTAMP,
	SL_UNIX,
	SL_UNIX_MS,
};

struct sl_field {
	int column; /* of the table */
	enum sl_rule rule;
};

struct sl_plan {
	const struct defsync_request *request;
	struct sl_table table;
	struct sl_field *fields; /* what the row shows */
	int n_fields;
	int watermark; /* a column, or -1 in a snapshot and by key */
	int keys[SL_KEYS_MAX];
	int n_keys;
	bool rowid_order; /* neither keys given nor a primary key */
	bool unique;	  /* the keys tell all rows apart */
	const struct defsync_relation *relation;
	/* The order of the key and of (watermark, key), SQL; the watermark only once. */
	const char *key_order[SL_KEYS_MAX];
	const char *mark_order[SL_KEYS_MAX + 1];
	int mark_columns[SL_KEYS_MAX + 1];
	int n_mark;
};

int32_t sl_plan_make(struct sl_source *s, struct pool *pool, const struct defsync_request *request,
		     struct sl_plan *ret);
/* Has it the key and the watermark that reading needs?  describe does without. */
int32_t sl_plan_complete(struct sl_source *s, const struct sl_plan *p);
/* "id" or "rowid". */
const char *sl_plan_name(const struct sl_plan *p, int column);

/* sl-relation.c */
int32_t sl_relation_make(struct sl_source *s, struct pool *pool, struct sl_plan *p);

/* ---- Types (sl-types.c) ---------------------------------------------------------- */

/* From the word of the option `types`; false when there is none such. */
bool sl_rule_from_name(const char *name, enum sl_rule *ret);
const char *sl_rule_names(void);
enum sl_rule sl_rule_from_declared(const char *declared);
uint32_t sl_rule_type(enum sl_rule rule);

#define SL_DECIMAL_MAX 400 /* digits of the longest double, and the point */

/*
 * Reads a cell.  The value is one of sqlite3_column_value, which may be used so as
 * long as one thread alone uses the connection; it costs half of the calls by
 * column.  scratch: SL_DECIMAL_MAX bytes that live as long as the row, for
 * the rules that write digits.  False: the value does not fit the rule.
 */
bool sl_cell_read(sqlite3_value *value, enum sl_rule rule, char *scratch, struct defsync_cell *ret);
bool sl_rule_needs_scratch(enum sl_rule rule);
/* Shortest digits that give the same double, without exponent; 0 for NaN and infinities. */
size_t sl_decimal_print(double v, char out[SL_DECIMAL_MAX]);

/* ---- Watermark (sl-watermark.c, sl-checks.c, sl-ceiling.c) --------------------------- */

enum sl_kind {
	SL_KIND_NONE, /* no value in the table yet */
	SL_KIND_INTEGER,
	SL_KIND_TIME,
	SL_KIND_TEXT,
	/* What a watermark may not be: */
	SL_KIND_REAL,
	SL_KIND_BLOB,
};

struct sl_mark {
	enum sl_kind kind;
	struct iso form; /* SL_KIND_TIME */
};

/* The kind of one value. */
void sl_mark_of(int cls, const char *ptr, size_t len, struct sl_mark *ret);
bool sl_mark_same(const struct sl_mark *a, const struct sl_mark *b);
void sl_mark_describe(const struct sl_mark *m, struct text *out);
/* Does a value fit the kind? */
bool sl_mark_fits(const struct sl_mark *m, const struct sl_value *v);

/* What a look at a whole column found. */
#define SL_FORMS_MAX 6
struct sl_survey {
	int64_t nulls;
	int64_t others; /* of further forms */
	int n_forms;
	struct {
		struct sl_mark mark;
		int64_t count;
		struct sl_value example;
	} forms[SL_FORMS_MAX];
};

void sl_survey_done(struct sl_survey *v);
int32_t sl_survey_run(struct sl_source *s, const struct sl_plan *p, struct sl_survey *ret);
/* The one kind, or false with the reason and what to do. */
bool sl_survey_verdict(const struct sl_survey *v, const struct sl_plan *p, struct sl_mark *ret,
		       struct text *reason);

/* Before a first load: looks at all values. */
int32_t sl_check_all(struct sl_source *s, const struct sl_plan *p, struct sl_mark *ret);
/* Before a later run: only where an odd value can have been written behind `mark`. */
int32_t sl_check_new(struct sl_source *s, const struct sl_plan *p, const struct sl_value *position,
		     struct sl_mark *ret);
/* A warning when all watermarks are below the position. */
int32_t sl_check_behind(struct sl_source *s, const struct sl_plan *p,
			const struct sl_value *position);
/* The collation of a text watermark and the encoding of the database. */
int32_t sl_check_text(struct sl_source *s, const struct sl_plan *p, const struct sl_mark *m);
int32_t sl_check_key_nulls(struct sl_source *s, const struct sl_plan *p);
/* null_watermark: error refuses, exclude counts. */
int32_t sl_check_nulls(struct sl_source *s, const struct sl_plan *p);
int32_t sl_count(struct sl_source *s, const struct sl_plan *p, const char *condition, int64_t *ret);

/* `initial` or `until` as a value to compare the column with. */
int32_t sl_mark_value(struct sl_source *s, const struct sl_plan *p, const struct sl_mark *m,
		      const char *name, const char *given, struct sl_value *ret);
/*
 * The bound below which rows are settled, from the database; cls 0 when the table
 * is empty.
 */
int32_t sl_ceiling(struct sl_source *s, const struct sl_plan *p, const struct sl_mark *m,
		   const struct sl_value *until, struct sl_value *ret);
/* The newest watermark below a bound; cls 0: none. */
int32_t sl_newest_below(struct sl_source *s, const struct sl_plan *p, const struct sl_value *bound,
			struct sl_value *ret);
int64_t sl_lookback(const struct sl_plan *p, const struct sl_mark *m);

/* ---- Positions (sl-checkpoint.c) --------------------------------------------------------- */

enum sl_phase {
	SL_PHASE_LOAD,
	SL_PHASE_INCREMENTAL,
	SL_PHASE_SNAPSHOT,
	SL_PHASE_DONE, /* of a snapshot */
};

enum sl_from {
	SL_FROM_START,	/* nothing was settled yet */
	SL_FROM_PAST,	/* watermark > mark */
	SL_FROM_BEHIND, /* (order columns) > values */
};

struct sl_position {
	enum sl_phase phase;
	/*
	 * Where the incremental phase begins or stands.  In the load phase it is
	 * what the first incremental run will start from; `values` are then of
	 * the key and tell how far the load has come.
	 */
	enum sl_from from;
	struct sl_value mark;
	struct sl_value initial; /* of a load: nothing below it */
	int n_values;		 /* 0: none */
	struct sl_value values[SL_KEYS_MAX + 1];
};

void sl_position_done(struct sl_position *p);

struct checkpoint_writer;
/* The constant part: identity, phase and, for a load, where it leads to. */
bool sl_checkpoint_prefix(struct checkpoint_writer *w, char *buf, const struct sl_source *s,
			  const struct sl_plan *p, const struct sl_position *at);
/* The row's part: the values of the order. */
void sl_checkpoint_values(struct checkpoint_writer *w, const struct sl_value *const *values, int n);
/* As the checkpoint and the host call it. */
const char *sl_phase_name(enum sl_phase phase);
int32_t sl_checkpoint_read(struct sl_source *s, const struct sl_plan *p, struct sl_position *ret);

/* ---- Describing (sl-describe.c, sl-findings.c, sl-discover.c) ------------------------------ */

int32_t sl_describe(struct sl_source *s, const struct defsync_request *request,
		    const struct defsync_table **ret_table);
int32_t sl_discover(struct sl_source *s, const char *pattern,
		    const struct defsync_table *const **ret_tables, uint32_t *ret_n);
int32_t sl_row_estimate(struct sl_source *s, const struct sl_table *t, int64_t *ret);

struct sl_findings {
	struct pool *pool;
	struct defsync_finding *list; /* room for SL_FINDINGS_MAX */
	uint32_t n;
	bool nomem;
};
#define SL_FINDINGS_MAX 24
int32_t sl_findings_make(struct sl_source *s, const struct sl_plan *p, struct sl_findings *f);
int32_t sl_candidates_make(struct sl_source *s, struct pool *pool, const struct sl_table *t,
			   struct defsync_candidate **ret, uint32_t *ret_n);

/* ---- SQL (sl-query.c) --------------------------------------------------------------------------- */

/* One statement of a cursor. */
struct sl_scan {
	bool by_mark; /* in the order of the watermark; else of the key */
	bool nulls;   /* only rows without a watermark */
	enum sl_from from;
	const struct sl_value *values; /* of the bound: the mark, or one a column of the order */
	const struct sl_value *initial, *until; /* NULL or cls 0: none */
};

/*
 * Prepared and bound.  The result has the plan's fields, then what the order needs
 * besides; sl_scan_columns says where.
 */
int32_t sl_scan_prepare(struct sl_source *s, const struct sl_plan *p, const struct sl_scan *scan,
			sqlite3_stmt **ret_stmt);
/* The columns of that result, as SQL. */
void sl_list_write(const struct sl_plan *p, struct text *out);
/* The statement's columns of the watermark (-1 without one) and of the keys. */
void sl_scan_columns(const struct sl_plan *p, int *ret_watermark, int ret_keys[SL_KEYS_MAX]);
/*
 * The first value of "SELECT what FROM the table WHERE condition AND the filter
 * tail"; cls 0 when there is no row.  condition NULL: "SELECT what" alone.  param: ?1, or NULL.
 */
int32_t sl_scalar(struct sl_source *s, const struct sl_plan *p, const char *what,
		  const char *condition, const char *tail, const struct sl_value *param,
		  struct sl_value *ret);
/* The same statement, prepared and bound. */
int32_t sl_select(struct sl_source *s, const struct sl_plan *p, const char *what,
		  const char *condition, const char *tail, const struct sl_value *param,
		  sqlite3_stmt **ret_stmt);

/* ---- Reading (sl-extract.c, sl-row.c) -------------------------------------------------------- */

struct sl_cursor;
int32_t sl_extract(struct sl_source *s, const struct defsync_request *request,
		   struct sl_cursor **ret);
int32_t sl_next(struct sl_source *s, struct sl_cursor *c, const struct defsync_row **ret_row);
int32_t sl_pause(struct sl_source *s, struct sl_cursor *c);
void sl_end(struct sl_source *s, struct sl_cursor *c);

#endif
