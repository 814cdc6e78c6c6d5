/* SPDX-License-Identifier: MIT */
/*
 * Shared by the files of the mysql source, a dialect of common/reader.h for MySQL
 * and MariaDB through either's client library.  An instance is one connection to one
 * server; all of it is one thread's, but for what cancel needs under the lock.
 *
 * Functions return 0 or a class DEFSYNC_E_x after host->fail, or say otherwise.
 */

#ifndef MYSQL_MY_H
#define MYSQL_MY_H

#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <mysql.h>

#include <defsync/source.h>

#include "common/pool.h"
#include "common/reader.h"
#include "common/text.h"

/* my_bool of MariaDB's header and of MySQL 5, bool of MySQL 8. */
typedef __typeof__(*((MYSQL_BIND *)NULL)->is_null) my_flag;

/* A value above this is not read: its row goes to the dead letters. */
#define MY_VALUE_MAX (64 * 1024 * 1024)
/* Bytes of a value that the server sorts by, as the session sets it: all of a TEXT. */
#define MY_SORT_MAX 262144

/* ---- Options (my-options.c, my-dsn.c) ------------------------------------------ */

enum my_tls {
	MY_TLS_OFF,
	MY_TLS_REQUIRED, /* encrypted, whoever the server is */
	MY_TLS_CA,	 /* a certificate of the authority, of whatever name */
	MY_TLS_IDENTITY, /* and of this host's name */
};

/* A URI mysql://user:password@host:port/database?ssl_mode=...; all owned, NULL: not there. */
struct my_dsn {
	char *user, *password, *host, *database;
	char *socket, *ssl_mode, *ssl_ca, *ssl_cert, *ssl_key;
	unsigned port; /* 0: not there */
};

/* False with the reason, which repeats nothing of the text: it may be of the password. */
bool my_dsn_parse(const char *text, struct my_dsn *ret, const char **ret_reason);
void my_dsn_done(struct my_dsn *dsn);

/* Strings belong to the options or to the DSN. */
struct my_config {
	const char *host; /* NULL: by socket */
	const char *socket;
	unsigned port;
	const char *database; /* NULL: none */
	const char *user;
	const char *password, *password_file; /* NULL: none */
	const char *ssl_ca, *ssl_cert, *ssl_key;
	enum my_tls tls;
	bool local; /* the socket or the loopback address */
	int64_t connect_ms, read_ms;
};

bool my_tls_from_name(const char *name, enum my_tls *ret);
const char *my_tls_name(enum my_tls tls);
bool my_host_is_loopback(const char *host);
/* my-dial.c: can the client library of this number check the chain without the name? */
bool my_has_verify_ca(unsigned long library);

/* ---- Instance ---------------------------------------------------------------------- */

struct my_statement; /* my-statement.c */

struct my_source {
	struct reader_source reader;
	struct my_dsn dsn;
	struct my_config config;
	pthread_mutex_t lock; /* the three below, against cancel */
	MYSQL *db;	      /* NULL: not connected */
	unsigned long thread; /* of the server, for KILL */
	char *password;	      /* in use until disconnect; owned */
	bool mariadb;
	bool in_transaction;
	struct my_statement *statement; /* under way, or NULL */
	uint64_t zero_dates;		/* not yet told to the host */
	uint64_t lists;			/* of transactions that were asked for */
};

static inline struct my_source *my_source_of(struct reader_source *r)
{
	return (struct my_source *)(void *)r;
}

static inline const struct defsync_host *my_host(const struct my_source *s)
{
	return s->reader.host;
}

/* my-options.c: reads s->config; DEFSYNC_E_CONFIG names the option. */
int32_t my_options_read(struct my_source *s, const struct defsync_options *options);

/* my-connect.c */
int32_t my_connect(struct my_source *s);
void my_disconnect(struct my_source *s);
/* From any thread. */
void my_cancel(struct my_source *s);
/* Ends the statement that runs on the server; false when that was not possible. */
bool my_kill_query(struct my_source *s);
/* What is still to be read is lost, and the next statement fails. */
void my_cut(MYSQL *db);

/* my-dial.c: a connection as configured, without host->fail; the reason is in ret_db. */
enum my_dialled {
	MY_DIAL_OK,
	MY_DIAL_FAILED,
	MY_DIAL_PLAIN,
	MY_DIAL_CANCELLED
};
enum my_dialled my_dial(const struct my_config *c, const char *password, int64_t timeout_ms,
			const atomic_int *cancelled, MYSQL *db);

/* my-session.c: settings, pinned and read back; then the identity of the server. */
int32_t my_session_begin(struct my_source *s);
int32_t my_session_identity(struct my_source *s, struct text *out);

/* my-error.c */
int32_t my_error_class(unsigned code);
/* A handshake of TLS that was cut off is a lost connection, not a bad certificate. */
unsigned my_error_of_dial(unsigned code, const char *words);
/* What to do, "; ..." or "". */
const char *my_error_todo(unsigned code);
int32_t my_fail(struct my_source *s, const char *doing, const char *subject);
int32_t my_fail_stmt(struct my_source *s, MYSQL_STMT *stmt, const char *doing, const char *subject);

/* my-query.c: catalog statements, buffered, all values texts. */
int32_t my_query(struct my_source *s, const char *subject, const struct text *sql, MYSQL_RES **ret);
int32_t my_exec(struct my_source *s, const char *doing, const char *sql);
/* A text literal that needs no escapes in any mode: _utf8mb4 X'...'. */
void my_literal(struct text *out, const char *value);
/* `name`, or `schema`.`name`, in the pool; NULL without memory. */
const char *my_quoted(struct pool *pool, const char *schema, const char *name);

/* ---- Types (my-types.c) --------------------------------------------------------------- */

/* How a column of a result is bound and decoded: reader_column.wire. */
enum my_wire {
	MY_WIRE_INT,
	MY_WIRE_UINT,	 /* to UINT64 */
	MY_WIRE_SMALLER, /* unsigned, to INT64 */
	MY_WIRE_BOOL,	 /* BIT(1), or tinyint(1) as configured */
	MY_WIRE_FLOAT,	 /* detail: none */
	MY_WIRE_DOUBLE,
	MY_WIRE_DECIMAL,
	MY_WIRE_TEXT,  /* detail: bytes at most, 0: unknown */
	MY_WIRE_BYTES, /* the same */
	MY_WIRE_JSON,
	MY_WIRE_SET,
	MY_WIRE_DATE, /* detail: MY_DETAIL_KEY */
	MY_WIRE_DATETIME,
	MY_WIRE_TIMESTAMP,
	MY_WIRE_TIME,
};

/* In a key no date may be sent as null, which would be the same for several rows. */
#define MY_DETAIL_KEY 1

/* What information_schema says about a column. */
struct my_declared {
	const char *data_type;	 /* "bigint" */
	const char *column_type; /* "bigint(20) unsigned" */
	const char *collation;	 /* NULL: none */
	const char *charset;	 /* NULL: none */
	int64_t octets;		 /* -1: not a text */
	uint32_t digits;
	bool json;	    /* a check says so */
	bool tinyint1_bool; /* the table option */
	bool mariadb;
};

/*
 * Fills type, digits, kind, refusals, wire, select, orders, missing and present of a
 * column whose name and quoted are set.  False without memory.
 */
bool my_type_apply(const struct my_declared *d, struct pool *pool, struct reader_column *ret);
/* ---- Dates and times (my-time.c) ------------------------------------------------------ */

enum my_date {
	MY_DATE_GOOD,
	MY_DATE_ZERO,
	MY_DATE_BAD
};

/* Zero: a part is 0; bad: the 31st of February. */
enum my_date my_date_check(unsigned year, unsigned month, unsigned day);
int64_t my_date_days(unsigned year, unsigned month, unsigned day);
void my_date_from_days(int64_t days, MYSQL_TIME *ret);
/* Microseconds since 1970, or since midnight for a TIME, which may be negative. */
int64_t my_time_us(const MYSQL_TIME *t);
void my_time_from_us(int64_t us, MYSQL_TIME *ret);
void my_time_of_day(int64_t us, MYSQL_TIME *ret);
/*
 * Texts of the configuration and of JSON keys.  A date, or a date and time with T or a
 * space; *ret_zoned: it had Z or an offset, which was applied.
 */
bool my_time_parse(const char *ptr, size_t len, int64_t *ret_us, bool *ret_zoned);
bool my_time_parse_day(const char *ptr, size_t len, int64_t *ret_days);
/* [-]HHH:MM:SS[.ffffff] */
bool my_time_parse_clock(const char *ptr, size_t len, int64_t *ret_us);

/* ---- Catalog (my-catalog.c, my-columns.c, my-index.c) -------------------------------------- */

struct my_index_part {
	const char *index;
	int column; /* of the table, or -1: an expression */
	unsigned seq;
	bool unique;
	bool btree;
	bool prefix;
	bool ignored;
};

/* reader_table.own */
struct my_table {
	const char *engine; /* "" for views */
	bool view;
	struct my_index_part *parts; /* by index, then by place */
	size_t n_parts;
	struct my_declared *declared; /* one a column */
};

int32_t my_load_table(struct reader_source *r, struct pool *pool,
		      const struct defsync_request *request, struct reader_table *ret);
int32_t my_columns_load(struct my_source *s, struct pool *pool,
			const struct defsync_request *request, struct reader_table *t);
int32_t my_indexes_load(struct my_source *s, struct pool *pool, struct reader_table *t);
int my_column_find(const struct reader_table *t, const char *name);
/* NULL of a result as "". */
const char *my_text(const char *value);

int32_t my_is_unique(struct reader_source *r, const struct reader_table *t, const int *columns,
		     int n, bool *ret);
int32_t my_is_indexed(struct reader_source *r, const struct reader_table *t, int column, bool *ret);

/* ---- Statements (my-statement.c, my-decode.c, my-params.c) ----------------------------------- */

/* One column of a result. */
struct my_field {
	enum my_wire wire;
	char *buffer; /* of texts; owned */
	unsigned long cap;
	unsigned long length;
	my_flag is_null, error;
	union {
		int64_t i64;
		uint64_t u64;
		double f64;
		float f32;
		MYSQL_TIME time;
	} v;
	struct text scratch; /* JSON of a SET */
};

/* What became of a value. */
enum my_decoded {
	MY_VALUE_OK,
	MY_VALUE_ZERO_DATE,
	MY_VALUE_BAD_DATE,
	MY_VALUE_BAD,
	MY_VALUE_NOMEM
};

/* Prepares where and as what the library puts a value; buffers of texts must be there. */
void my_field_bind(struct my_field *f, MYSQL_BIND *ret);
enum my_decoded my_field_decode(struct my_field *f, struct defsync_cell *ret);
/* "a,b" as ["a","b"]. */
void my_set_json(const char *ptr, size_t len, struct text *out);
/* Digits without the zeros that ZEROFILL puts in front. */
void my_decimal_trim(const char **ptr, size_t *len);

/* Parameters of a statement: storage must live until it was executed. */
struct my_param {
	MYSQL_TIME time;
	int64_t i64;
	unsigned long length;
};
/* False: a type that no column of an order has. */
bool my_param_bind(const struct defsync_cell *cell, struct my_param *p, MYSQL_BIND *ret);

int32_t my_open(struct reader_source *r, const struct reader_statement *statement);
int32_t my_fetch(struct reader_source *r, struct defsync_cell *cells, int *ret_bad);
void my_close(struct reader_source *r);

int32_t my_begin(struct reader_source *r);
void my_rollback(struct reader_source *r);

/* ---- The rest of the dialect ------------------------------------------------------------------- */

/* my-parse.c */
int32_t my_parse(struct reader_source *r, const struct reader_column *column,
		 const struct defsync_cell *given, struct reader_value *ret);

/* my-transactions.c: what is at work on the server */
struct my_oldest {
	int64_t us; /* INT64_MAX: none */
	char who[280];
	bool replica;	     /* changes of another server are applied */
	bool detached;	     /* a transaction of no session: XA, or one under recovery */
	const char *cluster; /* the kind that the server belongs to, or NULL */
};

enum my_seen {
	MY_SEEN_ALL,	/* each transaction that was open */
	MY_SEEN_OLD,	/* those of a time before: others may be open */
	MY_SEEN_DENIED, /* without PROCESS */
};

/* Adds the oldest open transaction.  Ends a transaction of this session. */
int32_t my_transactions(struct my_source *s, int64_t now_us, struct my_oldest *o,
			enum my_seen *ret);

struct my_monitor {
	int64_t seconds; /* the longest that a transaction is open, -1: none is */
	unsigned long thread;
	bool detached;
};

/* SHOW ENGINE INNODB STATUS.  Pure.  False: not all of it is there. */
bool my_monitor_read(const char *text, struct my_monitor *ret);

/* my-ceiling.c */
/* From values of variables, "" for what the server does not have.  Pure. */
const char *my_cluster_of(const char *wsrep_on, const char *wsrep_address, const char *group_name);
/* Are its open transactions in InnoDB's list, or has it none?  "" for views.  Pure. */
bool my_engine_is_seen(const char *engine);
int32_t my_ceiling(struct reader_source *r, const struct reader_table *t,
		   const struct reader_column *watermark, struct reader_ceiling *ret);
/* my-findings.c */
int32_t my_findings(struct reader_source *r, const struct reader_table *t,
		    const struct reader_column *watermark, void *list);
/* my-discover.c */
int32_t my_discover(struct my_source *s, const char *pattern,
		    const struct defsync_table *const **ret_tables, uint32_t *ret_n);
/* Does "db.table" fit the pattern, whose missing database is the connection's? */
bool my_pattern_fits(const char *pattern, const char *database, const char *schema,
		     const char *name);

#endif
