/* SPDX-License-Identifier: MIT */
/* The sqlite source: what is read, in which order, and what a resumed run finds. */

#include "sqlite-fixture.h"

#define ORDERS                                                                                     \
	"CREATE TABLE orders(id INTEGER PRIMARY KEY, v INTEGER NOT NULL, name TEXT);"              \
	"CREATE INDEX orders_v ON orders(v, id);"

/* Sixty rows, five to a watermark. */
#define SIXTY                                                                                      \
	"WITH RECURSIVE n(i) AS (VALUES(1) UNION ALL SELECT i+1 FROM n WHERE i<60) "               \
	"INSERT INTO orders SELECT i, ((i * 7) % 60) / 5, 'n' || i FROM n;"

static void test_load_then_changes(void **state)
{
	struct fixture *f = *state;
	struct defsync_request q = fx_request("orders", "v");
	struct reading r;
	char *at;

	fx_sql(f, ORDERS "INSERT INTO orders VALUES(1,10,'a'),(2,5,'b'),(3,20,NULL),(4,20,'d');");
	fx_connect(f);
	q.lookback = 3;
	r = fx_read(f, &q);
	/* Ceiling 17, newest below it 10: only what lies above 10 comes again. */
	fx_assert_ids(f, &r, "1,2,3*,4*");
	assert_string_equal(r.rows[2].text, "3|20|NULL");
	assert_string_equal(r.rows[2].position, "id=3");
	assert_int_equal(r.n, 5);
	assert_int_equal(r.rows[4].op, DEFSYNC_OP_CHECKPOINT);
	assert_int_equal(r.rows[4].flags, 0);
	assert_string_equal(f->host.ceiling, "heuristic");
	assert_string_equal(f->host.ceiling_value, "17");
	assert_string_equal(f->host.phase, "incremental");
	at = fx_last(&r);
	fx_done(&r);

	fx_from(&q, at);
	r = fx_read(f, &q);
	fx_assert_ids(f, &r, "3*,4*");
	assert_int_equal(r.rows[2].op, DEFSYNC_OP_CHECKPOINT);
	assert_int_equal(r.rows[2].flags, DEFSYNC_ROW_SWEEP);
	/* Nothing newer is settled: the position stays. */
	assert_string_equal(r.rows[2].checkpoint, at);
	fx_done(&r);

	/* An update, a late commit within the look-back, and one behind the position. */
	fx_sql(f,
	       "UPDATE orders SET v=30 WHERE id=2; INSERT INTO orders VALUES(5,18,'e'),(6,9,'f');");
	r = fx_read(f, &q);
	fx_assert_ids(f, &r, "5,3,4,2*");
	assert_non_null(r.rows[0].checkpoint);
	assert_null(r.rows[3].checkpoint);
	assert_string_equal(r.rows[4].checkpoint, r.rows[2].checkpoint);
	free(at);
	fx_done(&r);
}

/* Each checkpoint of a load, then each of an incremental run, with many ties. */
static void resume_everywhere(struct fixture *f, struct defsync_request *q, size_t at_least)
{
	struct reading r;
	char *at;

	assert_true(fx_check_resume(f, q) >= at_least);
	r = fx_read(f, q);
	at = fx_last(&r);
	fx_done(&r);
	fx_from(q, at);
	fx_sql(f, "UPDATE orders SET v = v + 100 WHERE id % 3 <> 0");
	(void)fx_check_resume(f, q);
	free(at);
	fx_from(q, NULL);
}

static void test_resume(void **state)
{
	static const int64_t lookbacks[] = {0, 1, 4, 1000};
	struct fixture *f = *state;
	struct defsync_request q = fx_request("orders", "v");
	size_t i;

	fx_sql(f, ORDERS SIXTY);
	fx_connect(f);
	for (i = 0; i < 4; i++) {
		q.lookback = lookbacks[i];
		resume_everywhere(f, &q, 61);
	}
	q = fx_request("orders", NULL);
	assert_int_equal(fx_check_resume(f, &q), 61);
}

/* A key that is declared but not unique: rows share a place in the order. */
static void test_resume_shared_keys(void **state)
{
	static const char *const keys[] = {"name"};
	struct fixture *f = *state;
	struct defsync_request q = fx_request("orders", "v");

	fx_sql(f,
	       ORDERS SIXTY "UPDATE orders SET name = CASE id % 3 WHEN 0 THEN 'a' WHEN 1 THEN 'A' "
			    "ELSE 'b' END, v = v / 4;");
	fx_option(f, "max_snapshot", "1");
	f->source->destroy(f->instance);
	fx_create(f);
	fx_connect(f);
	q.keys = keys;
	q.n_keys = 1;
	q.lookback = 1;
	resume_everywhere(f, &q, 3);
	q.mode = DEFSYNC_READ_SNAPSHOT;
	assert_true(fx_check_resume(f, &q) >= 3);
}

/* Keys that differ, and are equal in the collation of the column. */
static void test_resume_collations(void **state)
{
	static const char *const unique[] = {"", "CREATE UNIQUE INDEX u ON t(id COLLATE BINARY, x)",
					     "CREATE UNIQUE INDEX u ON t(id, x)"};
	static const char *const keys[] = {"id", "x"};
	struct fixture *f = *state;
	size_t i;

	for (i = 0; i < 3; i++) {
		struct defsync_request q = fx_request("t", "v");

		fx_sql(f, "CREATE TABLE t(n INTEGER, id TEXT COLLATE NOCASE, x INTEGER, v INTEGER);"
			  "INSERT INTO t VALUES(1,'ab',1,1),(2,'aB',2,1),(3,'Ab',3,1),(4,'AB',4,1),"
			  "(5,'b',5,1),(6,'B',6,1),(7,'c',7,9)");
		if (i < 2)
			fx_sql(f, "UPDATE t SET x = 1");
		fx_sql(f, unique[i]);
		fx_connect(f);
		q.keys = keys;
		q.n_keys = 2;
		q.lookback = 2;
		assert_true(fx_check_resume(f, &q) > 1);
		q.mode = DEFSYNC_READ_SNAPSHOT;
		assert_true(fx_check_resume(f, &q) > 1);
		f->source->disconnect(f->instance);
		fx_sql(f, "DROP TABLE t");
	}
}

static void test_resume_keys(void **state)
{
	static const struct {
		const char *create;
		const char *key;
	} cases[] = {
	    {"CREATE TABLE orders(id TEXT PRIMARY KEY, v, x)", NULL},
	    {"CREATE TABLE orders(id TEXT PRIMARY KEY, v, x) WITHOUT ROWID", NULL},
	    {"CREATE TABLE orders(id TEXT COLLATE NOCASE PRIMARY KEY, v, x)", NULL},
	    {"CREATE TABLE orders(id TEXT, v, x)", NULL},
	    {"CREATE TABLE orders(id TEXT, v, x, UNIQUE(x, id))", "id"},
	    {"CREATE TABLE orders(id, v, x, PRIMARY KEY(x, id))", NULL},
	    {"CREATE TABLE orders(id, v, x, PRIMARY KEY(x, v, id)) WITHOUT ROWID", NULL},
	    {"CREATE TABLE t(id PRIMARY KEY, v, x); CREATE VIEW orders AS SELECT * FROM t", "id"},
	    {"CREATE TABLE orders(id INTEGER PRIMARY KEY DESC, v, x)", NULL},
	    {"CREATE TABLE orders(id REAL PRIMARY KEY, v, x)", NULL},
	};
	struct fixture *f = *state;
	size_t i;

	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct defsync_request q = fx_request("orders", "v");
		const char *view = strstr(cases[i].create, "VIEW");
		char sql[512];

		(void)snprintf(
		    sql, sizeof(sql),
		    "%s; WITH RECURSIVE n(i) AS (VALUES(1) UNION ALL SELECT i+1 FROM n "
		    "WHERE i<40) INSERT INTO %s SELECT i * 7 %% 41, i / 6, i %% 4 FROM n",
		    cases[i].create, view ? "t" : "orders");
		fx_sql(f, sql);
		fx_connect(f);
		q.keys = &cases[i].key;
		q.n_keys = cases[i].key != NULL;
		q.lookback = 2;
		assert_true(fx_check_resume(f, &q) >= 40 || view);
		q.mode = DEFSYNC_READ_SNAPSHOT;
		assert_true(fx_check_resume(f, &q) >= 40 || view);
		f->source->disconnect(f->instance);
		fx_sql(f, view ? "DROP VIEW orders; DROP TABLE t" : "DROP TABLE orders");
	}
}

/* Texts with NUL, quotes and separators; blobs; numbers at their limits. */
static void test_resume_odd_values(void **state)
{
	struct fixture *f = *state;
	struct defsync_request q = fx_request("orders", "v");

	fx_sql(f,
	       "CREATE TABLE orders(id PRIMARY KEY, v INTEGER) WITHOUT ROWID;"
	       "INSERT INTO orders VALUES('a'||char(0)||'b',1),('a'||char(0),1),('a',1),('a;b',1),"
	       "('a,b',1),('a%b=c',1),('it''s',1),('\"',1),('',1),(x'',1),(x'00',1),(x'0001ff',1),"
	       "(-9223372036854775808,1),(9223372036854775807,1),(0.1,1),(-1e308,1),(9e999,1),"
	       "(-9e999,1),(5e-324,1),(9007199254740993,1),(9007199254740992.0,1),"
	       "(char(233)||char(128512),1),('z',20000);");
	fx_connect(f);
	assert_int_equal(fx_check_resume(f, &q), 24);
	q.mode = DEFSYNC_READ_SNAPSHOT;
	assert_int_equal(fx_check_resume(f, &q), 24);
}

/* A key too long for a checkpoint: its row is sent, the next one is a safe point. */
static void test_long_key(void **state)
{
	struct fixture *f = *state;
	struct defsync_request q = fx_request("t", "v");
	struct reading r;

	fx_sql(f, "CREATE TABLE t(id TEXT PRIMARY KEY, v INTEGER);"
		  "INSERT INTO t VALUES('a',1),(printf('b%.5000c','x'),2),('c',3),('d',99999);");
	fx_connect(f);
	r = fx_read(f, &q);
	assert_int_equal(r.n, 5);
	assert_non_null(r.rows[0].checkpoint);
	assert_null(r.rows[1].checkpoint);
	assert_non_null(r.rows[2].checkpoint);
	fx_done(&r);
	assert_int_equal(fx_check_resume(f, &q), 4);
}

static void test_names(void **state)
{
	static const struct {
		const char *quoted, *from;
	} cases[] = {
	    {"orders", "orders"},
	    {"orders", "ORDERS"},
	    {"orders", "main.orders"},
	    {"orders", "\"main\".\"orders\""},
	    {"\"a\"\"b\"", "a\"b"},
	    {"\"a\"\"b\"", "main.\"a\"\"b\""},
	    {"\"select\"", "select"},
	    {"\"main.orders\"", "main.orders"},
	    {"\"\xf0\x9f\x92\xa1;--\"", "\xf0\x9f\x92\xa1;--"},
	    {"\"it's [x] `y`\"", "it's [x] `y`"},
	};
	struct fixture *f = *state;
	size_t i;

	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct defsync_request q = fx_request(cases[i].from, "w\"\xf0\x9f\x92\xa1");
		char sql[256];

		(void)snprintf(
		    sql, sizeof(sql),
		    "CREATE TABLE %s(\"group\" INTEGER PRIMARY KEY, "
		    "\"w\"\"\xf0\x9f\x92\xa1\" INTEGER); INSERT INTO %s VALUES(1,1),(2,99999)",
		    cases[i].quoted, cases[i].quoted);
		fx_sql(f, sql);
		fx_connect(f);
		assert_int_equal(fx_check_resume(f, &q), 3);
		f->source->disconnect(f->instance);
		(void)snprintf(sql, sizeof(sql), "DROP TABLE %s", cases[i].quoted);
		fx_sql(f, sql);
	}
}

static void test_limit_and_columns(void **state)
{
	static const char *const columns[] = {"NAME", "v"};
	static const char *const missing[] = {"nope"};
	struct fixture *f = *state;
	struct defsync_request q = fx_request("orders", "v");
	struct reading r;

	fx_sql(f, ORDERS SIXTY);
	fx_connect(f);
	q.row_limit = 7;
	r = fx_read(f, &q);
	assert_int_equal(r.rc, DEFSYNC_END);
	assert_int_equal(r.n, 7);
	fx_done(&r);
	q.row_limit = 0;
	q.columns = columns;
	q.n_columns = 2;
	q.filter = "id = 3 -- the third";
	r = fx_read(f, &q);
	assert_int_equal(r.n, 2);
	assert_string_equal(r.rows[0].text, "n3|4");
	assert_string_equal(r.rows[0].position, "id=3");
	fx_done(&r);
	q.filter = NULL;
	assert_int_equal(fx_check_resume(f, &q), 61);
	q.columns = missing;
	q.n_columns = 1;
	r = fx_read(f, &q);
	fx_assert_fails(f, &r, DEFSYNC_E_CONFIG, "no column 'nope'");
}

static void test_bounds(void **state)
{
	struct fixture *f = *state;
	struct defsync_request q = fx_request("orders", "v");
	struct reading r;
	char *at;

	fx_sql(f, ORDERS "INSERT INTO orders VALUES(1,1,0),(2,2,0),(3,3,0),(4,4,0),(5,5,0);");
	fx_connect(f);
	q.lookback = 0;
	q.initial = "2";
	q.until = "4";
	r = fx_read(f, &q);
	fx_assert_ids(f, &r, "2,3");
	at = fx_last(&r);
	fx_done(&r);
	/* A resumed range must not say that it has read again what lies beyond. */
	fx_from(&q, at);
	r = fx_read(f, &q);
	fx_assert_ids(f, &r, "");
	assert_int_equal(r.rows[0].flags, 0);
	fx_done(&r);
	q.until = NULL;
	r = fx_read(f, &q);
	fx_assert_ids(f, &r, "4,5*");
	fx_done(&r);
	free(at);

	/* Nothing settled yet: `initial` still holds in the next run. */
	fx_from(&q, NULL);
	q.lookback = 100;
	r = fx_read(f, &q);
	fx_assert_ids(f, &r, "2*,3*,4*,5*");
	at = fx_last(&r);
	fx_done(&r);
	fx_from(&q, at);
	r = fx_read(f, &q);
	fx_assert_ids(f, &r, "2*,3*,4*,5*");
	fx_done(&r);
	free(at);
	fx_from(&q, NULL);
	q.initial = "2x";
	r = fx_read(f, &q);
	fx_assert_fails(f, &r, DEFSYNC_E_CONFIG, "initial: '2x'");
}

static void test_empty(void **state)
{
	struct fixture *f = *state;
	struct defsync_request q = fx_request("orders", "v");
	struct reading r;
	char *at;

	fx_sql(f, ORDERS);
	fx_connect(f);
	r = fx_read(f, &q);
	fx_assert_ids(f, &r, "");
	at = fx_last(&r);
	fx_done(&r);
	fx_sql(f, "INSERT INTO orders VALUES(1,1,'a'),(2,90000,'b')");
	fx_from(&q, at);
	r = fx_read(f, &q);
	fx_assert_ids(f, &r, "1,2*");
	free(at);
	at = fx_last(&r);
	fx_done(&r);
	/* All gone: the position stays. */
	fx_sql(f, "DELETE FROM orders");
	fx_from(&q, at);
	r = fx_read(f, &q);
	fx_assert_ids(f, &r, "");
	assert_string_equal(r.rows[0].checkpoint, at);
	fx_done(&r);
	free(at);
}

/* One number far above all others must not settle what is still to come. */
static void test_outlier(void **state)
{
	struct fixture *f = *state;
	struct defsync_request q = fx_request("orders", "v");
	struct reading r;
	char *at;

	fx_sql(f, ORDERS "INSERT INTO orders VALUES(1,1,'a'),(2,9223372036854775807,'b');");
	fx_connect(f);
	r = fx_read(f, &q);
	fx_assert_ids(f, &r, "1,2*");
	at = fx_last(&r);
	fx_done(&r);
	fx_sql(f, "INSERT INTO orders VALUES(3,2,'c')");
	fx_from(&q, at);
	r = fx_read(f, &q);
	fx_assert_ids(f, &r, "3,2*");
	fx_done(&r);
	free(at);
}

static void test_snapshot_mode(void **state)
{
	struct fixture *f = *state;
	struct defsync_request q = fx_request("orders", NULL);
	struct reading r;
	char *at;

	fx_sql(f, ORDERS SIXTY);
	fx_connect(f);
	r = fx_read(f, &q);
	assert_int_equal(fx_rows(&r), 60);
	assert_int_equal(r.rows[60].op, DEFSYNC_OP_CHECKPOINT);
	assert_non_null(strstr(r.rows[60].checkpoint, "phase=done"));
	at = fx_last(&r);
	fx_done(&r);
	fx_from(&q, at);
	r = fx_read(f, &q);
	assert_int_equal(fx_rows(&r), 60);
	fx_done(&r);
	free(at);
}

static void move_rows(struct fixture *f, size_t n)
{
	char sql[128];

	if (n < 1 || n > 30)
		return;
	/* Behind the reader, and in front of it. */
	(void)snprintf(sql, sizeof(sql),
		       "UPDATE orders SET v = v + 1000 WHERE id = %zu;"
		       "INSERT INTO orders VALUES(%zu, 5000, 'new');",
		       n, 1000 + n);
	fx_sql(f, sql);
}

/*
 * A table that changes while it is read in many short snapshots: after the next
 * run every row has been seen with its last value.
 */
static void changes_during(struct fixture *f, struct defsync_request *q)
{
	struct reading load, next;
	sqlite3 *db;
	sqlite3_stmt *stmt;
	char *at;

	load = fx_read_between(f, q, move_rows);
	assert_int_equal(load.rc, DEFSYNC_END);
	at = fx_last(&load);
	fx_from(q, at);
	next = fx_read(f, q);
	assert_int_equal(next.rc, DEFSYNC_END);
	assert_int_equal(sqlite3_open(f->path, &db), SQLITE_OK);
	sqlite3_prepare_v2(db, "SELECT id || '|' || v || '|' || name FROM orders", -1, &stmt, NULL);
	while (sqlite3_step(stmt) == SQLITE_ROW) {
		const char *text = (const char *)sqlite3_column_text(stmt, 0);

		if (!fx_has(&load, load.n, text) && !fx_has(&next, next.n, text))
			fail_msg("'%s' was never seen", text);
	}
	sqlite3_finalize(stmt);
	sqlite3_close(db);
	fx_done(&load);
	fx_done(&next);
	free(at);
	fx_from(q, NULL);
}

static void test_changes_during(void **state)
{
	struct fixture *f = *state;
	struct defsync_request q = fx_request("orders", "v");

	fx_option(f, "max_snapshot", "1");
	f->source->destroy(f->instance);
	fx_create(f);
	fx_sql(f, "PRAGMA journal_mode=WAL;" ORDERS
		  "WITH RECURSIVE n(i) AS (VALUES(1) UNION ALL SELECT i+1 FROM n WHERE i<300) "
		  "INSERT INTO orders SELECT i, i, 'n' || i FROM n;");
	fx_connect(f);
	f->host.clock_step_us = 1000000;
	q.lookback = 10;
	changes_during(f, &q);
	fx_sql(f, "DELETE FROM orders WHERE id > 1000");
	q.lookback = 0;
	changes_during(f, &q);
}

static int wal_pages(struct fixture *f)
{
	sqlite3 *db;
	sqlite3_stmt *stmt;
	int busy;

	assert_int_equal(sqlite3_open(f->path, &db), SQLITE_OK);
	sqlite3_prepare_v2(db, "PRAGMA wal_checkpoint(TRUNCATE)", -1, &stmt, NULL);
	assert_int_equal(sqlite3_step(stmt), SQLITE_ROW);
	busy = sqlite3_column_int(stmt, 0);
	sqlite3_finalize(stmt);
	sqlite3_close(db);
	return busy;
}

/* The snapshot is given up in the middle of a reading. */
static void test_max_snapshot(void **state)
{
	struct fixture *f = *state;
	struct defsync_request q = fx_request("orders", "v");
	const struct defsync_row *row;
	int i, later = 0;
	void *cursor;

	fx_sql(f, "PRAGMA journal_mode=WAL;" ORDERS
		  "WITH RECURSIVE n(i) AS (VALUES(1) UNION ALL SELECT i+1 FROM n WHERE i<300) "
		  "INSERT INTO orders SELECT i, i, 'n' || i FROM n;");
	fx_connect(f);
	assert_int_equal(f->source->extract(f->instance, &q, 0, &cursor), DEFSYNC_OK);
	for (i = 0; i < 64; i++)
		assert_int_equal(f->source->next(f->instance, cursor, 0, &row), DEFSYNC_ROW);
	fx_sql(f, "INSERT INTO orders VALUES(999, 999, 'later')");
	assert_int_equal(wal_pages(f), 1);
	/* 61 seconds go by. */
	f->host.clock_us = 61000000;
	assert_int_equal(f->source->next(f->instance, cursor, 0, &row), DEFSYNC_ROW);
	assert_int_equal(defsync_cell_at(row, 0)->v.i64, 65);
	fx_sql(f, "INSERT INTO orders VALUES(998, 999, 'later')");
	while ((i = f->source->next(f->instance, cursor, 0, &row)) == DEFSYNC_ROW &&
	       row->op != DEFSYNC_OP_CHECKPOINT) {
		assert_true(defsync_cell_at(row, 0)->v.i64 != 998);
		later += defsync_cell_at(row, 0)->v.i64 == 999;
	}
	/* Written after the first snapshot and before the second. */
	assert_int_equal(later, 1);
	f->source->end(f->instance, cursor);
	assert_int_equal(wal_pages(f), 0);
}

#define T(test) cmocka_unit_test_setup_teardown(test, fx_setup, fx_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
	    T(test_load_then_changes),
	    T(test_resume),
	    T(test_resume_shared_keys),
	    T(test_resume_keys),
	    T(test_resume_collations),
	    T(test_resume_odd_values),
	    T(test_long_key),
	    T(test_names),
	    T(test_limit_and_columns),
	    T(test_bounds),
	    T(test_empty),
	    T(test_outlier),
	    T(test_snapshot_mode),
	    T(test_changes_during),
	    T(test_max_snapshot),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
