/* SPDX-License-Identifier: MIT */
/* The common reader: pages, resume, pauses and snapshots, against real SQL. */

#include "reader-fake.h"

#define ORDERS                                                                                     \
	WAL "CREATE TABLE orders(id INTEGER PRIMARY KEY, v INTEGER NOT NULL, name TEXT);"          \
	    "CREATE INDEX orders_v ON orders(v, id);"
#define TO(n) "WITH RECURSIVE n(i) AS (VALUES(1) UNION ALL SELECT i+1 FROM n WHERE i<" #n ") "
/* Thirty rows, five to a watermark. */
#define THIRTY TO(30) "INSERT INTO orders SELECT i, ((i * 7) % 30) / 5, 'n' || i FROM n;"

static void assert_same(const struct reading *a, const struct reading *b)
{
	size_t i;

	assert_int_equal(a->rc, b->rc);
	assert_int_equal(a->n, b->n);
	for (i = 0; i < a->n; i++) {
		assert_int_equal(a->rows[i].rc, b->rows[i].rc);
		assert_int_equal(a->rows[i].op, b->rows[i].op);
		assert_int_equal(a->rows[i].flags, b->rows[i].flags);
		assert_string_equal(a->rows[i].text, b->rows[i].text);
		assert_string_equal(a->rows[i].position, b->rows[i].position);
		assert_int_equal(!a->rows[i].checkpoint, !b->rows[i].checkpoint);
		if (a->rows[i].checkpoint)
			assert_string_equal(a->rows[i].checkpoint, b->rows[i].checkpoint);
	}
}

/* From each checkpoint on: no row lost, and none again that was not marked for it. */
static size_t check_resume(struct fixture *f, const struct defsync_request *q, int repeats)
{
	struct reading all = fx_read(f, q);
	size_t i, k, n = fx_check_resume(f, q);

	for (i = 0; i < all.n && !repeats; i++) {
		struct defsync_request again = *q;
		struct reading rest;

		/* A snapshot that is done begins anew. */
		if (!all.rows[i].checkpoint || strstr(all.rows[i].checkpoint, "phase=done"))
			continue;
		fx_from(&again, all.rows[i].checkpoint);
		rest = fx_read(f, &again);
		for (k = 0; k <= i; k++) {
			if (all.rows[k].op != DEFSYNC_OP_CHECKPOINT && !all.rows[k].flags &&
			    fx_has(&rest, rest.n, all.rows[k].text))
				fail_msg("row '%s' comes again after '%s'", all.rows[k].text,
					 all.rows[i].checkpoint);
		}
		fx_done(&rest);
	}
	fx_done(&all);
	return n;
}

/* A reading is the same for every size of a page and every kind of server. */
static void check_pages(struct fixture *f, const struct defsync_request *q)
{
	struct fake *k = fake_of(f);
	struct reading all, paged;
	int kind;

	k->base.page_rows = 0;
	fake_kind(k, 0);
	fake_forget(k);
	all = fx_read(f, q);
	assert_int_equal(all.rc, DEFSYNC_END);
	for (kind = 0; kind < FAKE_KINDS; kind++) {
		fake_kind(k, kind);
		for (k->base.page_rows = 1; k->base.page_rows <= 5; k->base.page_rows++) {
			paged = fx_read(f, q);
			assert_same(&all, &paged);
			fx_done(&paged);
		}
	}
	/* Nothing is asked for that is not read. */
	assert_true(k->abandoned == 0 || q->n_keys);
	k->base.page_rows = 0;
	fx_done(&all);
}

static char *load(struct fixture *f, struct defsync_request *q)
{
	struct reading r;
	char *at;

	fx_from(q, NULL);
	r = fx_read(f, q);
	if (r.rc != DEFSYNC_END)
		fail_msg("%s", f->host.text);
	at = fx_last(&r);
	fx_done(&r);
	fx_from(q, at);
	return at;
}

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
	assert_non_null(strstr(r.rows[4].checkpoint,
			       "fake1;source=server-1/shop;table=orders;mark=v;key=id;"
			       "phase=incremental;settled=i10;sum="));
	assert_non_null(strstr(r.rows[0].checkpoint, ";phase=load;settled=i10;at=i1;sum="));
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
	assert_non_null(strstr(r.rows[0].checkpoint, ";phase=incremental;at=i18,i5;sum="));
	assert_null(r.rows[3].checkpoint);
	assert_string_equal(r.rows[4].checkpoint, r.rows[2].checkpoint);
	free(at);
	fx_done(&r);
}

static void test_pages(void **state)
{
	static const int64_t lookbacks[] = {0, 1, 4, 1000};
	struct fixture *f = *state;
	struct defsync_request q = fx_request("orders", "v");
	size_t i;

	fx_sql(f, ORDERS THIRTY);
	fx_connect(f);
	for (i = 0; i < 4; i++) {
		char *at;

		q.lookback = lookbacks[i];
		check_pages(f, &q);
		at = load(f, &q);
		fx_sql(f, "UPDATE orders SET v = v + 10 WHERE id % 3 <> 0");
		check_pages(f, &q);
		free(at);
		fx_from(&q, NULL);
	}
	q = fx_request("orders", NULL);
	check_pages(f, &q);
	q.row_limit = 4;
	check_pages(f, &q);
}

static void test_resume(void **state)
{
	static const int64_t lookbacks[] = {0, 1, 4, 1000};
	struct fixture *f = *state;
	struct defsync_request q = fx_request("orders", "v");
	size_t i;

	fx_sql(f, ORDERS THIRTY);
	fx_connect(f);
	for (i = 0; i < 4; i++) {
		char *at;

		fake_kind(fake_of(f), (int)i % FAKE_KINDS);
		fake_of(f)->base.page_rows = (int64_t)i * 2;
		q.lookback = lookbacks[i];
		assert_int_equal(check_resume(f, &q, 0), 31);
		at = load(f, &q);
		fx_sql(f, "UPDATE orders SET v = v + 10 WHERE id % 3 <> 0");
		(void)check_resume(f, &q, 0);
		free(at);
		fx_from(&q, NULL);
	}
	q = fx_request("orders", NULL);
	assert_int_equal(check_resume(f, &q, 0), 31);
}

/* A key that is declared but not unique: rows share a place in the order. */
static void test_shared_keys(void **state)
{
	static const char *const keys[] = {"nc_name"};
	struct fixture *f = *state;
	struct fake *k = fake_of(f);
	struct defsync_request q = fx_request("t", "v");
	int64_t page;

	fx_sql(f, WAL "CREATE TABLE t(id INTEGER PRIMARY KEY, v INTEGER NOT NULL, "
		      "nc_name TEXT COLLATE NOCASE NOT NULL);" TO(
			  40) "INSERT INTO t SELECT i, i / "
			      "12, substr('aAb', 1 + i % 3, 1) FROM n");
	fx_connect(f);
	q.keys = keys;
	q.n_keys = 1;
	q.lookback = 1;
	for (page = 0; page <= 3; page++) {
		char *at;

		k->base.page_rows = page;
		k->base.max_snapshot_ms = page % 2 ? 60000 : 0;
		fx_from(&q, NULL);
		assert_true(check_resume(f, &q, 1) >= 3);
		at = load(f, &q);
		fx_sql(f, "UPDATE t SET v = v + 9 WHERE id % 3 = 0");
		assert_true(check_resume(f, &q, 1) >= 3);
		check_pages(f, &q);
		free(at);
	}
	fx_from(&q, NULL);
	q.mode = DEFSYNC_READ_SNAPSHOT;
	assert_true(check_resume(f, &q, 1) >= 3);
	check_pages(f, &q);
}

/* Keys of each type, alone and together. */
static void test_key_types(void **state)
{
	static const struct {
		const char *type, *value;
	} cases[] = {
	    {"INTEGER", "i * 11 % 41 - 20"},
	    {"INT_BOOL", "1"},
	    {"INT_DATE", "i * 500 - 10000"},
	    {"INT_TIME", "i * 12345678901 - 100000000000"},
	    {"INT_STAMP", "i * 86400000000000 - 1000000000000001"},
	    {"INT_LOCAL", "(i - 20) * 1000001"},
	    {"TEXT", "substr('a;b,c=%d'' \"' || char(10, 233, 128512), 1 + i % 9) || i"},
	    {"TEXT_U64", "printf('1844674407370955%04d', i)"},
	    {"TEXT_DECIMAL", "printf('%06.2f', i * 3.25)"},
	    {"BLOB", "CAST(substr('abcdefgh', 1 + i % 7) || i || char(0) AS BLOB)"},
	    {"BLOB_UUID", "CAST(printf('%016d', i * 7) AS BLOB)"},
	};
	struct fixture *f = *state;
	size_t i;

	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct defsync_request q = fx_request("t", "v");
		char sql[512];

		(void)snprintf(sql, sizeof(sql),
			       WAL "CREATE TABLE t(id INTEGER, v INTEGER NOT NULL, x %s, "
				   "PRIMARY KEY(x, id)) WITHOUT ROWID;" TO(
				       12) "INSERT INTO t SELECT i, i / 4, %s FROM n",
			       cases[i].type, cases[i].value);
		fx_sql(f, sql);
		fx_connect(f);
		fake_kind(fake_of(f), (int)i % FAKE_KINDS);
		q.lookback = 1;
		fake_of(f)->base.page_rows = 3;
		assert_int_equal(check_resume(f, &q, 0), 13);
		check_pages(f, &q);
		q.mode = DEFSYNC_READ_SNAPSHOT;
		assert_int_equal(check_resume(f, &q, 0), 13);
		f->source->disconnect(f->instance);
		fx_sql(f, "DROP TABLE t");
	}
}

/* The watermark is a part of the key. */
static void test_mark_in_key(void **state)
{
	struct fixture *f = *state;
	struct defsync_request q = fx_request("t", "v");
	char *at;
	int i;

	fx_sql(f, WAL "CREATE TABLE t(id INTEGER, v INTEGER, name TEXT, PRIMARY KEY(id, v)) "
		      "WITHOUT ROWID;" TO(20) "INSERT INTO t SELECT i % 4, i, 'n' FROM n");
	fx_connect(f);
	for (i = 0; i < 2; i++) {
		q.watermark = i ? "v" : "id";
		q.lookback = 1;
		fx_from(&q, NULL);
		assert_true(check_resume(f, &q, 0) >= 21);
		check_pages(f, &q);
		at = load(f, &q);
		fx_sql(f,
		       "INSERT OR IGNORE INTO t SELECT id + 3, v + 100, name FROM t WHERE v < 9");
		assert_true(check_resume(f, &q, 0) >= 1);
		check_pages(f, &q);
		free(at);
	}
	q.watermark = "v";
	q.keys = &q.watermark;
	q.n_keys = 1;
	fake_of(f)->unique = true;
	fx_from(&q, NULL);
	check_pages(f, &q);
}

/* ---- Pauses and snapshots ------------------------------------------------------------ */

static void pause_each(struct fixture *f, size_t n)
{
	struct fake *k = fake_of(f);

	assert_int_equal(f->source->pause(f->instance, k->cursor, 0), 0);
	if (k->unique || n == 0) {
		assert_false(k->in_snapshot);
		assert_null(k->stmt);
	}
	/* Again and again. */
	assert_int_equal(f->source->pause(f->instance, k->cursor, 0), 0);
}

static void check_pause(struct fixture *f, const struct defsync_request *q)
{
	struct fake *k = fake_of(f);
	int64_t page;

	for (page = 0; page < 4; page++) {
		struct reading all, paused;

		k->base.page_rows = page;
		all = fx_read(f, q);
		fake_forget(k);
		paused = fx_read_between(f, q, pause_each);
		assert_same(&all, &paused);
		assert_true(k->begun > 3);
		fx_done(&all);
		fx_done(&paused);
	}
}

static void test_pause(void **state)
{
	static const char *const id[] = {"id"}, *const name[] = {"name"};
	struct fixture *f = *state;
	struct defsync_request q = fx_request("orders", "v");
	char *at;

	fx_sql(f, ORDERS THIRTY "INSERT INTO orders SELECT id + 100, v, name FROM orders;"
				"UPDATE orders SET name = 'x' WHERE name IS NULL");
	fx_connect(f);
	q.lookback = 2;
	q.keys = id;
	q.n_keys = 1;
	fake_of(f)->unique = true;
	check_pause(f, &q);
	at = load(f, &q);
	fx_sql(f, "UPDATE orders SET v = v + 4 WHERE id % 2");
	check_pause(f, &q);
	free(at);
	fx_from(&q, NULL);
	q.keys = name;
	fake_of(f)->unique = false;
	check_pause(f, &q);
	at = load(f, &q);
	fx_sql(f, "UPDATE orders SET v = v + 4 WHERE id % 2");
	check_pause(f, &q);
	free(at);
}

static void move_rows(struct fixture *f, size_t n)
{
	char sql[128];

	if (n % 3 == 0)
		assert_int_equal(f->source->pause(f->instance, fake_of(f)->cursor, 0), 0);
	if (n < 1 || n > 20)
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
	struct reading first, next;
	sqlite3 *db;
	sqlite3_stmt *stmt;
	char *at;

	first = fx_read_between(f, q, move_rows);
	assert_int_equal(first.rc, DEFSYNC_END);
	at = fx_last(&first);
	fx_from(q, at);
	next = fx_read(f, q);
	assert_int_equal(next.rc, DEFSYNC_END);
	assert_int_equal(sqlite3_open(f->path, &db), SQLITE_OK);
	sqlite3_prepare_v2(db, "SELECT id || '|' || v || '|' || name FROM orders", -1, &stmt, NULL);
	while (sqlite3_step(stmt) == SQLITE_ROW) {
		const char *text = (const char *)sqlite3_column_text(stmt, 0);

		if (!fx_has(&first, first.n, text) && !fx_has(&next, next.n, text))
			fail_msg("'%s' was never seen", text);
	}
	sqlite3_finalize(stmt);
	sqlite3_close(db);
	fx_done(&first);
	fx_done(&next);
	free(at);
	fx_from(q, NULL);
}

static void test_changes_during(void **state)
{
	struct fixture *f = *state;
	struct defsync_request q = fx_request("orders", "v");
	int64_t page;

	fx_sql(f, ORDERS TO(40) "INSERT INTO orders SELECT i, i, 'n' || i FROM n;");
	fx_connect(f);
	for (page = 0; page < 3; page++) {
		fake_of(f)->base.page_rows = page * 7;
		q.lookback = page == 1 ? 0 : 10;
		changes_during(f, &q);
		fx_sql(f, "DELETE FROM orders WHERE id > 1000; UPDATE orders SET v = id");
	}
}

/* The snapshot is given up in the middle of a page, not before its time. */
static void test_max_snapshot(void **state)
{
	struct fixture *f = *state;
	struct fake *k = fake_of(f);
	struct defsync_request q = fx_request("orders", "v");
	const struct defsync_row *row;
	int i, later = 0;
	void *cursor;

	fx_sql(f, ORDERS TO(300) "INSERT INTO orders SELECT i, i, 'n' || i FROM n;");
	fx_connect(f);
	assert_int_equal(f->source->extract(f->instance, &q, 0, &cursor), DEFSYNC_OK);
	for (i = 0; i < 64; i++)
		assert_int_equal(f->source->next(f->instance, cursor, 0, &row), DEFSYNC_ROW);
	fx_sql(f, "INSERT INTO orders VALUES(999, 999, 'later')");
	assert_int_equal(k->begun, 1);
	/* 61 seconds go by. */
	f->host.clock_us = 61000000;
	assert_int_equal(f->source->next(f->instance, cursor, 0, &row), DEFSYNC_ROW);
	assert_int_equal(defsync_cell_at(row, 0)->v.i64, 65);
	assert_int_equal(k->begun, 2);
	fx_sql(f, "INSERT INTO orders VALUES(998, 999, 'later')");
	while ((i = f->source->next(f->instance, cursor, 0, &row)) == DEFSYNC_ROW &&
	       row->op != DEFSYNC_OP_CHECKPOINT) {
		assert_true(defsync_cell_at(row, 0)->v.i64 != 998);
		later += defsync_cell_at(row, 0)->v.i64 == 999;
	}
	/* Written after the first snapshot and before the second. */
	assert_int_equal(later, 1);
	assert_false(k->in_snapshot);
	f->source->end(f->instance, cursor);
}

/* What each run costs when there is nothing new. */
static void test_round_trips(void **state)
{
	struct fixture *f = *state;
	struct fake *k = fake_of(f);
	struct defsync_request q = fx_request("t", "ts_v");
	struct reading r;
	char *at;

	fx_sql(f, WAL "CREATE TABLE t(id INTEGER PRIMARY KEY, ts_v INT_STAMP NOT NULL);"
		      "INSERT INTO t VALUES(1,10),(2,20)");
	fx_connect(f);
	k->ceiling.us = 1000;
	k->base.page_rows = 1000;
	at = load(f, &q);
	fake_forget(k);
	r = fx_read(f, &q);
	fx_assert_ids(f, &r, "");
	assert_int_equal(k->opened, 1);
	assert_int_equal(k->begun, 1);
	assert_string_equal(k->log, "SELECT \"id\", \"ts_v\" FROM main.\"t\" WHERE \"ts_v\" > ?1 "
				    "ORDER BY \"ts_v\", \"id\" LIMIT 1000\n");
	fx_done(&r);
	free(at);
}

#define T(test) cmocka_unit_test_setup_teardown(test, fx_setup, fx_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
	    T(test_load_then_changes), T(test_pages),	    T(test_resume), T(test_shared_keys),
	    T(test_key_types),	       T(test_mark_in_key), T(test_pause),  T(test_changes_during),
	    T(test_max_snapshot),      T(test_round_trips),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
