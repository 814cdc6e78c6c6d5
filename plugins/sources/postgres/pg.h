/* SPDX-License-Identifier: MIT */
/*
 * Shared by the files of the postgres source, a dialect of common/reader.h.  An
 * instance is one connection to one database.
 *
 * Functions return 0 or more, or a class DEFSYNC_E_x after host->fail.
 */

#ifndef POSTGRES_PG_H
#define POSTGRES_PG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <libpq-fe.h>

#include <defsync/source.h>

#include "common/reader.h"

#define PG_VERSION_MIN 90600

/* ---- Types (pg-types.c, pg-decode.c) ------------------------------------------ */

/* How a value comes over the wire. */
enum pg_wire {
	PG_BOOL,
	PG_INT2,
	PG_INT4,
	PG_INT8,
	PG_OID,
	PG_FLOAT4,
	PG_FLOAT8,
	PG_NUMERIC,
	PG_TEXT, /* also what the server casts to text */
	PG_BYTEA,
	PG_DATE,
	PG_TIME,
	PG_TIMESTAMP,
	PG_TIMESTAMPTZ,
	PG_UUID,
	PG_JSON, /* also what the server makes JSON of */
	PG_JSONB,
	PG_BIT,
	PG_BIT1,
};

enum pg_cast {
	PG_AS_IS,
	PG_CAST_TEXT, /* column::text */
	PG_CAST_JSON, /* to_json(column) */
};

struct pg_type {
	uint32_t oid;
	const char *name; /* as the manual page has it */
	enum pg_wire wire;
	enum pg_cast cast;
	enum reader_kind kind; /* as a watermark */
	const char *refusal;
	const char *key_refusal;
};

/* What the catalog says of a column's type, domains resolved. */
struct pg_catalog_type {
	uint32_t oid;
	int32_t modifier; /* -1: none */
	char kind;	  /* pg_type.typtype: b, c, e, r, m ... */
	bool array;
	const char *name; /* pg_type.typname, for those of extensions */
};

/* Never NULL: what is not known is sent as the server's text. */
const struct pg_type *pg_type_find(const struct pg_catalog_type *t);
/* The whole table, for tests of the manual. */
const struct pg_type *pg_type_at(size_t i);
uint32_t pg_wire_type(enum pg_wire wire); /* DEFSYNC_x */
/* Of what the server sends: the type's own, text's or json's. */
uint32_t pg_type_result(const struct pg_catalog_type *t);
/* Digits of the fraction by declaration, for times; else 0. */
uint32_t pg_type_digits(const struct pg_type *type, int32_t modifier);

/* Room for digits that live as long as a row. */
struct pg_scratch {
	char *ptr; /* owned */
	size_t cap, used;
	struct pool more; /* what did not fit */
};

enum pg_decoded {
	PG_OK,
	PG_NOT_FINITE,	 /* NaN or an infinity: a NULL */
	PG_INFINITE,	 /* a time without an end: a NULL */
	PG_OUT_OF_RANGE, /* cannot be given */
	PG_MALFORMED,	 /* not what the type says */
	PG_NOMEM,
};

/* A value that is not NULL; the cell borrows from ptr or from the scratch. */
enum pg_decoded pg_decode(const char *ptr, size_t len, enum pg_wire wire,
			  struct pg_scratch *scratch, struct defsync_cell *ret);
/* The shortest decimal that is this float, as a double. */
double pg_float4(float v);
void pg_scratch_rewind(struct pg_scratch *s);
void pg_scratch_done(struct pg_scratch *s);

/* ---- Where to connect (pg-dsn.c) ------------------------------------------------ */

struct pg_target {
	const char *dsn; /* NULL: none */
	/* Beside the DSN they win; NULL: not given. */
	const char *host, *port, *database, *user, *password, *sslmode, *sslrootcert, *sslcert,
	    *sslkey, *application_name;
	/* When neither says a user. */
	const char *fallback_user;
};

struct pg_conninfo {
	struct text text; /* for PQconnectStart: every parameter that counts */
	char *password;	  /* owned, or NULL */
	char *weak_mode;  /* sslmode that does not check a remote server, or NULL */
	char *where;	  /* "shop at db.example.com", for messages */
};

/* Does this name only the machine itself?  NULL and "": the socket. */
bool pg_host_is_local(const char *host);
/*
 * False with the reason, which never quotes the DSN.  `bundle`: the system's
 * certificates, or NULL.
 */
bool pg_conninfo_make(const struct pg_target *target, const char *bundle, struct pg_conninfo *ret,
		      struct text *reason);
void pg_conninfo_done(struct pg_conninfo *c);

/* ---- Instance ---------------------------------------------------------------------- */

/* The statement whose rows are fetched. */
struct pg_rows {
	const struct reader_column *const *columns;
	unsigned n_columns;
	bool open;
	bool copy;		       /* rows come as COPY data, else from `result` */
	bool began;		       /* behind the header of the COPY */
	PGresult *result;	       /* of a small statement */
	int next;		       /* its row */
	bool ended;		       /* the COPY told how it went */
	char *message;		       /* of COPY: the present row, libpq's */
	char *subject;		       /* owned */
	uint64_t infinite, not_finite; /* counted, to be told at the end */
	struct pg_scratch scratch;
};

struct pg_source {
	struct reader_source reader; /* first */
	struct pg_target target;
	char port[8];
	const char *password_file;
	int64_t connect_ms, statement_ms, lock_ms;
	int wake; /* eventfd: cancel was called */
	PGconn *conn;
	bool broken;   /* the connection cannot be used any more */
	bool warned;   /* about sslmode */
	char *where;   /* for messages; until disconnect */
	int version;   /* of the server, 150004 */
	char *checked; /* the SELECT whose columns were compared in this transaction */
	struct pg_rows rows;
};

static inline struct pg_source *pg_of(struct reader_source *s)
{
	return (struct pg_source *)s;
}

/* pg-connect.c */
int32_t pg_connect(struct pg_source *s);
void pg_disconnect(struct pg_source *s);

/* pg-exec.c */
/* Until the socket is ready; 0, DEFSYNC_E_CANCELLED or _TRANSIENT.  ms < 0: no limit. */
int32_t pg_wait(struct pg_source *s, bool write, int64_t ms);
/*
 * Runs one statement with text parameters and waits for its end.  On success
 * *ret has rows (PQclear) of texts, or of binary values.  doing: "reading the catalog".
 */
int32_t pg_query(struct pg_source *s, const char *doing, const char *subject, bool binary,
		 const char *sql, int n_params, const char *const *params, PGresult **ret);
/* The same without judging: NULL only without memory or connection, after fail. */
int32_t pg_query_raw(struct pg_source *s, bool binary, const char *sql, int n_params,
		     const char *const *params, PGresult **ret);
/* 0, or why nothing can be sent. */
int32_t pg_usable(struct pg_source *s, const char *doing, const char *subject);
/* Several statements at once, without rows. */
int32_t pg_command(struct pg_source *s, const char *doing, const char *sql);
/* The last result of what was sent before. */
int32_t pg_await(struct pg_source *s, PGresult **ret);
/* What is under way on the connection is given up. */
void pg_abandon(struct pg_source *s);
/* Column of a text result; NULL for NULL. */
const char *pg_text(const PGresult *r, int row, int column);
bool pg_true(const PGresult *r, int row, int column);
int64_t pg_int(const PGresult *r, int row, int column, int64_t if_null);

/* ---- Errors (pg-error.c) --------------------------------------------------------------- */

struct pg_verdict {
	int32_t error_class;
	const char *todo; /* "; run again", or "" */
};

/* sqlstate: NULL when there was no answer. */
struct pg_verdict pg_classify(const char *sqlstate);
/* While connecting, where libpq has no SQLSTATE: by its own words. */
struct pg_verdict pg_classify_connect(const char *sqlstate, const char *message);
/*
 * One line of a verbose message: "FATAL:  28P01: password ..." gives the state and the
 * words.  The state is "" when there is none.
 */
void pg_message_split(const char *message, char ret_state[6], struct text *ret_words);
int32_t pg_fail_result(struct pg_source *s, const char *doing, const char *subject,
		       const PGresult *r);
int32_t pg_fail_connection(struct pg_source *s, const char *doing, const char *subject);
int32_t pg_fail_connect(struct pg_source *s);
int32_t pg_fail_cancelled(struct pg_source *s);

/* ---- Catalog (pg-table.c, pg-columns.c, pg-filled.c) --------------------------- */

#define PG_MARK '\001' /* around the number of a parameter, see pg-rows.c */

/* reader_table.own */
struct pg_table {
	uint32_t oid; /* 0: a query */
	char kind;    /* pg_class.relkind; 'q': a query */
	bool row_security;
	const char *schema, *name, *role; /* quoted as far as needed */
	const char *unique;		  /* numbers of columns, "1,2;3": of each unique index */
};

/* Where reader_column.wire_detail points to; in the pool. */
struct pg_column {
	uint32_t result;   /* OID of what the server sends */
	int number;	   /* pg_attribute.attnum; 0 in a query */
	const char *cast;  /* SQL name of the type that parameters are cast to */
	const char *shown; /* "::text", as it is selected; or "" */
	bool indexed;	   /* an index begins with it, in the order that is read */
	bool utc;	   /* filled with UTC, whatever the session's zone */
	bool key;	   /* of the table as it is read */
};

static inline const struct pg_column *pg_column_of(const struct reader_column *c)
{
	return (const struct pg_column *)(intptr_t)c->wire_detail;
}

int32_t pg_load_table(struct reader_source *s, struct pool *pool,
		      const struct defsync_request *request, struct reader_table *ret);
int32_t pg_load_columns(struct pg_source *s, struct pool *pool, struct reader_table *t);
int32_t pg_load_query(struct pg_source *s, struct pool *pool, const struct defsync_request *request,
		      const char *query, struct reader_table *ret);
int32_t pg_is_unique(struct reader_source *s, const struct reader_table *t, const int *columns,
		     int n, bool *ret);
int32_t pg_is_indexed(struct reader_source *s, const struct reader_table *t, int column, bool *ret);
/*
 * Fills in all that follows from the type; name, quoted, nullable are there.  False
 * without memory.
 */
bool pg_column_set(struct pool *pool, const struct pg_catalog_type *type, int number,
		   const char *cast_name, bool c_collation, int version, struct reader_column *c);

/* What an expression or the body of a trigger sets a column to. */
enum pg_clock {
	PG_CLOCK_NONE,	      /* it sets nothing */
	PG_CLOCK_SOMETIMES,   /* now(), but not each time */
	PG_CLOCK_TRANSACTION, /* now(): as the transaction began */
	PG_CLOCK_OTHER,	      /* clock_timestamp(), or what is not understood */
};

struct pg_filler {
	enum pg_clock clock;
	bool utc; /* whatever the session's zone */
};

/* sql: as pg_get_expr prints it, or NULL.  type: of the column, DEFSYNC_x. */
struct pg_filler pg_filled_by_default(const char *sql, uint32_t type);
/* Behind the body of a trigger, in a line of its own. */
#define PG_BODY_END "\001"

/* body: PL/pgSQL of one or more triggers, or NULL. */
struct pg_filler pg_filled_by_triggers(const char *body, const char *name, uint32_t type);

struct pg_filling {
	const char *name; /* as in struct defsync_candidate */
	bool transaction, utc;
};

/* By the default, and the triggers before INSERT and UPDATE. */
struct pg_filling pg_filling_of(const char *given, const char *on_insert, const char *on_update,
				const char *name, uint32_t type);

/* ---- Tokens (pg-token.c) ------------------------------------------------------------------------ */

enum pg_token_kind {
	PG_TOKEN_END,
	PG_TOKEN_WORD,
	PG_TOKEN_NAME, /* in double quotes */
	PG_TOKEN_TEXT,
	PG_TOKEN_SIGN, /* one character, or := or :: */
};

struct pg_token {
	enum pg_token_kind kind;
	const char *text;
	size_t len;
};

struct pg_token pg_token_first(const char *sql);
void pg_token_next(struct pg_token *t);
/* As it is written, but for upper case; not of quoted names. */
bool pg_token_is(const struct pg_token *t, const char *what);
/* Is it an identifier that means this name? */
bool pg_token_names(const struct pg_token *t, const char *name);

/* ---- The rest of the dialect -------------------------------------------------------------------- */

/* pg-fetch.c */
int32_t pg_fetch(struct reader_source *s, struct defsync_cell *cells, int *ret_bad);

/* pg-rows.c */
int32_t pg_open(struct reader_source *s, const struct reader_statement *statement);
void pg_close(struct reader_source *s);
int32_t pg_begin(struct reader_source *s);
void pg_rollback(struct reader_source *s);
void pg_param(struct text *out, unsigned n, unsigned column, void *ctx);
int32_t pg_parse(struct reader_source *s, const struct reader_column *column,
		 const struct defsync_cell *given, struct reader_value *ret);

/* pg-ceiling.c */
int32_t pg_ceiling(struct reader_source *s, const struct reader_table *t,
		   const struct reader_column *watermark, struct reader_ceiling *ret);

/* pg-discover.c */
int32_t pg_discover(struct pg_source *s, const char *pattern,
		    const struct defsync_table *const **ret_tables, uint32_t *ret_n);
int32_t pg_findings(struct reader_source *s, const struct reader_table *t,
		    const struct reader_column *watermark, void *list);

#endif
