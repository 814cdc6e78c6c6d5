/* SPDX-License-Identifier: MIT */
/* The common reader: ceilings, bounds, NULL, checkpoints, keys and findings. */

#include "reader-fake.h"

#define WAL "PRAGMA journal_mode=WAL;"
#define SECOND INT64_C(1000000)
#define DAY (86400 * SECOND)

/* A table of this watermark type, with values from SQL. */
static void make_table(struct fixture *f, const char *type, const char *values)
{
	char sql[1024];

	(void)snprintf(sql, sizeof(sql),
		       WAL "DROP TABLE IF EXISTS t; CREATE TABLE t(id INTEGER PRIMARY KEY, ts_v %s "
			   "NOT NULL, name TEXT); INSERT INTO t(id, ts_v) VALUES%s",
		       type, values);
	fx_sql(f, sql);
}

static struct reading read_ids(struct fixture *f, const struct defsync_request *q, const char *ids)
{
	struct reading r = fx_read(f, q);

	fx_assert_ids(f, &r, ids);
	return r;
}

/* Reads, and goes on from there in the next call. */
static void expect(struct fixture *f, struct defsync_request *q, const char *ids)
{
	struct reading r = read_ids(f, q, ids);
	char *at = fx_last(&r);

	if (q->checkpoint)
		free((void *)(uintptr_t)q->checkpoint);
	fx_from(q, at);
	fx_done(&r);
}

static void start_over(struct defsync_request *q)
{
	free((void *)(uintptr_t)q->checkpoint);
	fx_from(q, NULL);
}

/* ---- Ceilings ----------------------------------------------------------------------- */

static void test_time_ceiling(void **state)
{
	struct fixture *f = *state;
	struct fake *k = fake_of(f);
	struct defsync_request q = fx_request("t", "ts_v");

	make_table(f, "INT_STAMP", "(1,10),(2,20),(3,100),(4,130)");
	fx_connect(f);
	k->ceiling.us = 100;
	expect(f, &q, "1,2,3*,4*");
	assert_string_equal(f->host.ceiling, "proven");
	assert_string_equal(f->host.ceiling_value, "1970-01-01 00:00:00.000100");
	assert_non_null(strstr(q.checkpoint, ";settled=t1970-01-01T00:00:00.000020;"));
	/* A late commit: below now, above the ceiling. */
	fx_sql(f, "INSERT INTO t VALUES(5,110,'late')");
	expect(f, &q, "3*,5*,4*");
	k->ceiling.us = 120;
	expect(f, &q, "3,5,4*");
	fx_sql(f, "INSERT INTO t VALUES(6,119,'later')");
	expect(f, &q, "6,4*");
	expect(f, &q, "4*");
	assert_int_equal(f->host.warnings, 0);
	start_over(&q);
}

static void test_lookback(void **state)
{
	struct fixture *f = *state;
	struct fake *k = fake_of(f);
	struct defsync_request q = fx_request("t", "ts_v");

	make_table(f, "INT_LOCAL", "(1,699999999),(2,900000000),(3,1000000000)");
	fx_connect(f);
	k->ceiling = (struct reader_ceiling){.standing = READER_HEURISTIC,
					     .us = 1000 * SECOND,
					     .reason = "cannot see others; GRANT it",
					     .holder = "pid 17",
					     .held_ms = 60000};
	expect(f, &q, "1,2*,3*");
	assert_string_equal(f->host.ceiling, "heuristic");
	assert_string_equal(f->host.ceiling_value, "1970-01-01 00:11:40");
	/* The reason; not yet the holder. */
	assert_int_equal(f->host.warnings, 1);
	start_over(&q);
	q.lookback = 50000;
	k->ceiling.held_ms = 60001;
	expect(f, &q, "1,2,3*");
	assert_int_equal(f->host.warnings, 3);
	start_over(&q);
	q.lookback = INT64_MAX;
	expect(f, &q, "1*,2*,3*");
	start_over(&q);
	q.lookback = 0;
	k->ceiling.us++;
	expect(f, &q, "1,2,3");
	start_over(&q);
}

/* Days: one that has not ended is not settled. */
static void test_dates(void **state)
{
	struct fixture *f = *state;
	struct defsync_request q = fx_request("t", "ts_v");

	make_table(f, "INT_DATE", "(1,-2),(2,-1),(3,18),(4,19),(5,20)");
	fx_connect(f);
	fake_of(f)->ceiling.us = 20 * DAY - 1;
	expect(f, &q, "1,2,3,4*,5*");
	assert_string_equal(f->host.ceiling_value, "1970-01-20");
	start_over(&q);
	fake_of(f)->ceiling.us = -1;
	expect(f, &q, "1,2*,3*,4*,5*");
	assert_non_null(strstr(q.checkpoint, ";settled=d1969-12-30;"));
	start_over(&q);
}

/* Integers of both kinds: the newest less the look-back, however large. */
static void test_numbers(void **state)
{
	static const struct {
		const char *type, *values, *ids;
		int64_t lookback;
		const char *ceiling, *value;
	} cases[] = {
	    {"INTEGER", "(1,1),(2,20000),(3,30000)", "1,2*,3*", -1, "heuristic", "20000"},
	    {"INTEGER", "(1,1),(2,20000),(3,30000)", "1,2,3*", 0, "none", "30000"},
	    {"INTEGER", "(1,-9223372036854775807),(2,-5)", "1*,2*", INT64_MAX, "heuristic",
	     "-9223372036854775808"},
	    {"INTEGER", "(1,1),(2,9223372036854775807)", "1,2*", -1, "heuristic",
	     "9223372036854765807"},
	    {"TEXT_U64", "(1,'00000000000000000001'),(2,'18446744073709551615')", "1,2*", -1,
	     "heuristic", "18446744073709541615"},
	    {"TEXT_U64", "(1,'00000000000000000001'),(2,'00000000000000000007')", "1*,2*", -1,
	     "heuristic", "0"},
	    {"TEXT", "(1,'a'),(2,'b%;,'),(3,'c')", "1,2,3*", -1, "none", "c"},
	    {"TEXT_DECIMAL", "(1,'-'),(2,'07.50'),(3,'11.00')", "1,2,3*", 0, "none", "11.00"},
	    {"BLOB_UUID",
	     "(1,CAST('0123456789abcdef' AS BLOB)),(2,CAST('0123456789abcdeg' AS BLOB))", "1,2*",
	     -1, "none", "30313233-3435-3637-3839-616263646567"},
	};
	struct fixture *f = *state;
	size_t i;

	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct defsync_request q = fx_request("t", "ts_v");

		make_table(f, cases[i].type, cases[i].values);
		fx_connect(f);
		q.lookback = cases[i].lookback;
		expect(f, &q, cases[i].ids);
		assert_string_equal(f->host.ceiling, cases[i].ceiling);
		assert_string_equal(f->host.ceiling_value, cases[i].value);
		(void)fx_check_resume(f, &q);
		start_over(&q);
		assert_int_equal(fx_check_resume(f, &q), strlen(cases[i].ids) > 5 ? 4 : 3);
		f->source->disconnect(f->instance);
	}
}

/* One row far above all others must not settle what is still to come. */
static void test_outlier(void **state)
{
	struct fixture *f = *state;
	struct defsync_request q = fx_request("t", "ts_v");

	make_table(f, "INTEGER", "(1,1),(2,9223372036854775807)");
	fx_connect(f);
	expect(f, &q, "1,2*");
	fx_sql(f, "INSERT INTO t VALUES(3,2,'c')");
	expect(f, &q, "3,2*");
	start_over(&q);
}

static void test_clock_back(void **state)
{
	struct fixture *f = *state;
	struct fake *k = fake_of(f);
	struct defsync_request q = fx_request("t", "ts_v");

	make_table(f, "INT_STAMP", "(1,10000000000)");
	fx_connect(f);
	k->ceiling.us = 20000 * SECOND;
	expect(f, &q, "1");
	/* now = ceiling + held. */
	k->ceiling.us = 6000 * SECOND;
	k->ceiling.held_ms = 500000;
	expect(f, &q, "");
	assert_int_equal(f->host.warnings, 0);
	k->ceiling.held_ms = 300000;
	expect(f, &q, "");
	assert_int_equal(f->host.warnings, 1);
	assert_non_null(strstr(q.checkpoint, "settled=t1970-01-01T02:46:40;"));
	start_over(&q);
}

static void test_empty(void **state)
{
	static const char *const types[] = {"INTEGER", "INT_STAMP", "TEXT"};
	struct fixture *f = *state;
	size_t i;

	for (i = 0; i < 3; i++) {
		struct defsync_request q = fx_request("t", "ts_v");

		make_table(f, types[i], "(1,1); DELETE FROM t");
		fx_connect(f);
		fake_of(f)->ceiling.us = 2;
		expect(f, &q, "");
		assert_null(strstr(q.checkpoint, "settled"));
		fx_sql(f, "INSERT INTO t VALUES(1,1,'a'),(2,5,'b')");
		expect(f, &q, i == 0 ? "1*,2*" : "1,2*");
		start_over(&q);
		f->source->disconnect(f->instance);
	}
}

/* ---- Bounds ---------------------------------------------------------------------------- */

static void test_bounds(void **state)
{
	struct fixture *f = *state;
	struct defsync_request q = fx_request("t", "ts_v");
	struct reading r, rest;

	make_table(f, "INTEGER", "(1,1),(2,2),(3,3),(4,4),(5,5)");
	fx_connect(f);
	q.lookback = 0;
	q.initial = "2";
	q.until = "4";
	expect(f, &q, "2,3");
	/* A resumed range must not say that it has read again what lies beyond. */
	r = read_ids(f, &q, "");
	assert_int_equal(r.rows[0].flags, 0);
	fx_done(&r);
	q.until = NULL;
	r = read_ids(f, &q, "4,5*");
	assert_int_equal(r.rows[2].flags, DEFSYNC_ROW_SWEEP);
	fx_done(&r);
	start_over(&q);
	/* Nothing settled yet: `initial` still holds in the next run. */
	q.lookback = 100;
	/* A load goes on with the bound that it began with. */
	r = read_ids(f, &q, "2*,3*,4*,5*");
	fx_from(&q, r.rows[0].checkpoint);
	q.initial = "5";
	rest = read_ids(f, &q, "3*,4*,5*");
	fx_done(&rest);
	fx_done(&r);
	fx_from(&q, NULL);
	q.initial = "2";
	expect(f, &q, "2*,3*,4*,5*");
	expect(f, &q, "2*,3*,4*,5*");
	assert_non_null(strstr(q.checkpoint, "phase=incremental;sum="));
	start_over(&q);
	q.until = "x";
	r = fx_read(f, &q);
	fx_assert_fails(f, &r, DEFSYNC_E_CONFIG, "until: 'x' cannot be compared with");
}

static void test_columns(void **state)
{
	static const char *const columns[] = {"NAME", "ts_v"};
	static const char *const missing[] = {"nope"};
	struct fixture *f = *state;
	struct defsync_request q = fx_request("t", "TS_V");
	struct reading r;

	make_table(f, "INTEGER", "(1,1),(2,2),(3,3)");
	fx_connect(f);
	q.columns = columns;
	q.n_columns = 2;
	q.filter = "id = 3 -- the third";
	r = fx_read(f, &q);
	assert_int_equal(r.n, 2);
	assert_string_equal(r.rows[0].text, "NULL|3");
	assert_string_equal(r.rows[0].position, "id=3");
	fx_done(&r);
	q.filter = NULL;
	assert_int_equal(fx_check_resume(f, &q), 4);
	q.columns = missing;
	q.n_columns = 1;
	r = fx_read(f, &q);
	fx_assert_fails(f, &r, DEFSYNC_E_CONFIG, "no column 'nope'");
	q.n_columns = 0;
	q.watermark = "wm";
	r = fx_read(f, &q);
	fx_assert_fails(f, &r, DEFSYNC_E_CONFIG,
			"no column 'wm', which is configured as watermark");
	q.watermark = NULL;
	r = fx_read(f, &q);
	fx_assert_fails(f, &r, DEFSYNC_E_CONFIG, "has no 'watermark'");
	q.watermark = "ts_v";
	q.keys = missing;
	q.n_keys = 1;
	r = fx_read(f, &q);
	fx_assert_fails(f, &r, DEFSYNC_E_CONFIG, "no column 'nope', which is configured as key");
}

static void test_refused(void **state)
{
	static const char *const keys[] = {"r"}, *const twice[] = {"id", "id"};
	struct fixture *f = *state;
	struct defsync_request q = fx_request("t", "r");
	struct reading r;

	fx_sql(f, WAL "CREATE TABLE t(id INTEGER NOT NULL, r REAL, x TEXT)");
	fx_connect(f);
	r = fx_read(f, &q);
	fx_assert_fails(f, &r, DEFSYNC_E_CONFIG, "cannot be a watermark: it is a float");
	q.watermark = "id";
	r = fx_read(f, &q);
	fx_assert_fails(f, &r, DEFSYNC_E_CONFIG, "without a primary key");
	q.keys = keys;
	q.n_keys = 1;
	r = fx_read(f, &q);
	fx_assert_fails(f, &r, DEFSYNC_E_CONFIG, "'r' of 't' cannot be part of a key");
	q.keys = twice;
	q.n_keys = 2;
	r = fx_read(f, &q);
	fx_assert_fails(f, &r, DEFSYNC_E_CONFIG, "names 'id' twice");
	q.n_keys = 1;
	q.watermark = "x";
	q.lookback = 5;
	r = fx_read(f, &q);
	fx_assert_fails(f, &r, DEFSYNC_E_CONFIG, "'lookback' has no meaning");
}

/* ---- NULL ---------------------------------------------------------------------------------- */

#define NULLS                                                                                      \
	WAL "CREATE TABLE t(id INTEGER PRIMARY KEY, inf_v INTEGER, v INTEGER);"                    \
	    "INSERT INTO t VALUES(1,5,5),(2,NULL,NULL),(3,7,7),(4,9223372036854775807,NULL),"      \
	    "(5,20000,20000)"

static void test_null_watermark(void **state)
{
	struct fixture *f = *state;
	struct defsync_request q = fx_request("t", "v");
	struct reading r;
	int i;

	fx_sql(f, NULLS);
	fx_connect(f);
	for (i = 0; i < 2; i++) {
		q.watermark = i ? "inf_v" : "v";
		fake_of(f)->base.page_rows = i;
		q.null_watermark = DEFSYNC_NULLS_ERROR;
		r = fx_read(f, &q);
		fx_assert_fails(f, &r, DEFSYNC_E_CONFIG, "2 rows of 't' have no watermark");
		q.filter = "id <> 2 AND id <> 4";
		expect(f, &q, "1,3,5*");
		start_over(&q);
		q.filter = NULL;
		f->host.null_watermark = 0;
		q.null_watermark = DEFSYNC_NULLS_EXCLUDE;
		expect(f, &q, "1,3,5*");
		assert_int_equal(f->host.null_watermark, 2);
		expect(f, &q, "5*");
		start_over(&q);
		q.null_watermark = DEFSYNC_NULLS_EVERY_RUN;
		r = fx_read(f, &q);
		assert_null(r.rows[0].checkpoint);
		assert_null(r.rows[1].checkpoint);
		fx_done(&r);
		expect(f, &q, "2*,4*,1,3,5*");
		expect(f, &q, "2*,4*,5*");
		(void)fx_check_resume(f, &q);
		start_over(&q);
		assert_int_equal(fx_check_resume(f, &q), 4);
		q.row_limit = 3;
		r = fx_read(f, &q);
		assert_int_equal(r.n, 3);
		fx_done(&r);
		q.row_limit = 0;
	}
}

/* Infinite in a column that cannot be NULL. */
static void test_infinite(void **state)
{
	struct fixture *f = *state;
	struct defsync_request q = fx_request("t", "inf_v");

	fx_sql(f, WAL "CREATE TABLE t(id INTEGER PRIMARY KEY, inf_v INTEGER NOT NULL);"
		      "INSERT INTO t VALUES(1,5),(2,9223372036854775807),(3,20000)");
	fx_connect(f);
	q.null_watermark = DEFSYNC_NULLS_EVERY_RUN;
	expect(f, &q, "2*,1,3*");
	expect(f, &q, "2*,3*");
	start_over(&q);
}

/* Rows that share a key, with and without a watermark. */
static void test_shared_keys(void **state)
{
	static const char *const keys[] = {"k"};
	struct fixture *f = *state;
	struct fake *k = fake_of(f);
	struct defsync_request q = fx_request("t", "v");

	fx_sql(f, WAL "CREATE TABLE t(id INTEGER PRIMARY KEY, k TEXT NOT NULL, v INT_STAMP);"
		      "INSERT INTO t VALUES(1,'a',NULL),(2,'a',NULL),(3,'b',NULL),(4,'b',1),"
		      "(5,'b',1),(6,'a',2),(7,'a',2)");
	fx_connect(f);
	k->ceiling.us = 2;
	q.keys = keys;
	q.n_keys = 1;
	q.null_watermark = DEFSYNC_NULLS_EVERY_RUN;
	(void)fx_check_resume(f, &q);
	expect(f, &q, "1*,2*,3*,6*,7*,4,5");
	(void)fx_check_resume(f, &q);
	k->ceiling.us = 10;
	/* The last place is settled, though no row behind it says so. */
	expect(f, &q, "1*,2*,3*,6,7");
	expect(f, &q, "1*,2*,3*");
	fx_sql(f, "INSERT INTO t VALUES(8,'a',9),(9,'b',9)");
	expect(f, &q, "1*,2*,3*,8,9");
	assert_non_null(strstr(q.checkpoint, "at=t1970-01-01T00:00:00.000009,sb;"));
	start_over(&q);
}

static void null_key(struct fixture *f, size_t n)
{
	if (n != 1)
		return;
	assert_int_equal(f->source->pause(f->instance, fake_of(f)->cursor, 0), 0);
	fx_sql(f, "INSERT INTO t VALUES(9,NULL,30000)");
}

static void test_null_key(void **state)
{
	static const char *const keys[] = {"k"}, *const mark[] = {"id", "v"};
	struct fixture *f = *state;
	struct fake *k = fake_of(f);
	struct defsync_request q = fx_request("t", "v");
	struct reading r;

	fx_sql(f, WAL "CREATE TABLE t(id INTEGER NOT NULL, k INTEGER, v INTEGER);"
		      "INSERT INTO t VALUES(1,1,1),(2,2,2),(3,NULL,3)");
	fx_connect(f);
	k->unique = true;
	q.keys = keys;
	q.n_keys = 1;
	r = fx_read(f, &q);
	fx_assert_fails(f, &r, DEFSYNC_E_CONFIG, "1 rows of 't' have NULL in the key column 'k'");
	assert_int_equal(k->opened, 2);
	fx_sql(f, "DELETE FROM t WHERE k IS NULL");
	expect(f, &q, "1*,2*");
	/* One that comes after the check is no silent end of the reading. */
	r = fx_read_between(f, &q, null_key);
	fx_assert_fails(f, &r, DEFSYNC_E_CONFIG, "a row whose 'k' is NULL");
	start_over(&q);
	fx_sql(f, "DELETE FROM t WHERE k IS NULL; INSERT INTO t VALUES(4,4,NULL)");
	q.keys = mark;
	q.n_keys = 2;
	q.null_watermark = DEFSYNC_NULLS_EVERY_RUN;
	r = fx_read(f, &q);
	fx_assert_fails(f, &r, DEFSYNC_E_CONFIG, "'v' is part of the key");
	q.null_watermark = DEFSYNC_NULLS_EXCLUDE;
	expect(f, &q, "1*,2*");
	start_over(&q);
}

/* ---- Rows that cannot be given ------------------------------------------------------------- */

static void test_bad_rows(void **state)
{
	static const char *const keys[] = {"k"};
	struct fixture *f = *state;
	struct fake *k = fake_of(f);
	struct defsync_request q = fx_request("t", "v");
	struct reading r;

	fx_sql(f, WAL "CREATE TABLE t(id INTEGER PRIMARY KEY, k TEXT NOT NULL, v INTEGER NOT NULL, "
		      "x TEXT); INSERT INTO t VALUES(1,'A',1,'a'),(2,'B',2,'BAD'),(3,'BAD',3,'c'),"
		      "(4,'D',20000,'d')");
	fx_connect(f);
	r = fx_read(f, &q);
	assert_int_equal(r.n, 5);
	assert_int_equal(r.rows[1].rc, DEFSYNC_E_BAD_ROW);
	assert_string_equal(r.rows[1].position, "id=2");
	assert_non_null(r.rows[1].checkpoint);
	assert_int_equal(r.rows[2].rc, DEFSYNC_E_BAD_ROW);
	assert_int_equal(r.rows[3].rc, DEFSYNC_ROW);
	fx_done(&r);
	assert_int_equal(fx_check_resume(f, &q), 5);
	/* In the key itself: the next row is the next safe point. */
	q.keys = keys;
	q.n_keys = 1;
	k->unique = true;
	r = fx_read(f, &q);
	fx_assert_ids(f, &r, "1,2,3,4*");
	assert_int_equal(r.rows[2].rc, DEFSYNC_E_BAD_ROW);
	assert_null(r.rows[2].checkpoint);
	assert_non_null(r.rows[3].checkpoint);
	fx_done(&r);
	k->base.page_rows = 2;
	r = fx_read(f, &q);
	fx_assert_ids(f, &r, "1,2,3,4*");
	fx_done(&r);
	/* Above the ceiling it comes again, as any other. */
	fx_sql(f, "UPDATE t SET v = 19999 WHERE id = 3");
	r = fx_read(f, &q);
	fx_assert_ids(f, &r, "1,2,3*,4*");
	fx_done(&r);
	k->base.page_rows = 3;
	r = fx_read(f, &q);
	fx_assert_fails(f, &r, DEFSYNC_E_PERMANENT, "behind a row whose key cannot be given");
}

/* What the server sorts by must be what we see. */
static void test_wrong_order(void **state)
{
	struct fixture *f = *state;
	struct defsync_request q = fx_request("t", "odd_v");
	struct reading r;

	fx_sql(f, WAL "CREATE TABLE t(id INTEGER PRIMARY KEY, odd_v INTEGER NOT NULL)");
	fx_connect(f);
	expect(f, &q, "");
	fx_sql(f, "INSERT INTO t VALUES(1,1),(2,2)");
	r = fx_read(f, &q);
	fx_assert_fails(f, &r, DEFSYNC_E_PERMANENT,
			"'t' is not read in the order of its watermark, at id=1");
	start_over(&q);
}

static void test_errors(void **state)
{
	struct fixture *f = *state;
	struct defsync_request q = fx_request("t", "ts_v");
	const struct defsync_row *row;
	struct reading r;
	void *cursor;
	int i;

	make_table(f, "INTEGER", "(1,1),(2,2),(3,3)");
	fx_connect(f);
	for (i = 1; i < 6; i++) {
		fake_of(f)->fail_at = i;
		r = fx_read(f, &q);
		fx_assert_fails(f, &r, DEFSYNC_E_TRANSIENT, "the server has gone");
	}
	assert_int_equal(f->source->extract(f->instance, &q, 0, &cursor), 0);
	assert_int_equal(f->source->next(f->instance, cursor, 0, &row), DEFSYNC_ROW);
	f->source->cancel(f->instance);
	plugin_host_begin(&f->host);
	assert_int_equal(f->source->next(f->instance, cursor, 0, &row), DEFSYNC_E_CANCELLED);
	f->source->end(f->instance, cursor);
	fx_reconnect(f);
	r = fx_read(f, &q);
	assert_int_equal(r.rc, DEFSYNC_END);
	fx_done(&r);
	q.table = "nope";
	r = fx_read(f, &q);
	fx_assert_fails(f, &r, DEFSYNC_E_CONFIG, "no table");
	q.table = "t";
	q.mode = DEFSYNC_READ_STREAM;
	r = fx_read(f, &q);
	fx_assert_fails(f, &r, DEFSYNC_E_BUG, "cannot stream");
}

/* ---- Checkpoints ------------------------------------------------------------------------------ */

static void expect_stale(struct fixture *f, const struct defsync_request *q, const char *part)
{
	struct reading r = fx_read(f, q);

	fx_assert_fails(f, &r, DEFSYNC_E_STALE_CHECKPOINT, part);
}

static void test_stale(void **state)
{
	static const char *const keys[] = {"name", "id"};
	struct fixture *f = *state;
	struct fake *k = fake_of(f);
	struct defsync_request q = fx_request("t", "ts_v");
	char *at, *first;

	make_table(f, "INTEGER", "(1,1),(2,20000)");
	fx_sql(f, "UPDATE t SET name = 'x'");
	fx_connect(f);
	expect(f, &q, "1,2*");
	first = (char *)(uintptr_t)q.checkpoint;
	at = strdup(first);
	k->identity = "server-2/shop";
	fx_reconnect(f);
	expect_stale(f, &q, "another server or database: 'server-1/shop', now 'server-2/shop'");
	k->identity = "server-1/shop";
	fx_reconnect(f);
	k->table_identity = "oid=17";
	expect_stale(f, &q, "another table: 't', now 'oid=17' of 't'");
	k->table_identity = NULL;
	q.watermark = "id";
	expect_stale(f, &q, "another watermark column: 'ts_v', now 'id'");
	q.watermark = "ts_v";
	q.keys = keys;
	q.n_keys = 2;
	expect_stale(f, &q, "another key: 'id', now 'name,id'");
	q.n_keys = 0;
	q.mode = DEFSYNC_READ_SNAPSHOT;
	expect_stale(f, &q, "another watermark column: 'ts_v', now ''");
	q.mode = DEFSYNC_READ_INCREMENTAL;
	at[strlen(at) - 1] ^= 1;
	q.checkpoint = at;
	expect_stale(f, &q, "is damaged");
	q.checkpoint_len = 9;
	expect_stale(f, &q, "is damaged");
	fx_from(&q, "sqlite1;file=17;sum=0000000000000000");
	expect_stale(f, &q, "was not made by this version");
	free(at);
	free(first);
	fx_from(&q, NULL);
	expect(f, &q, "1,2*");
	make_table(f, "TEXT", "(1,'a'),(2,'b')");
	expect_stale(f, &q, "column 'ts_v' of 't' was of another type, now TEXT");
	start_over(&q);
}

/* A key too long for a checkpoint: its row is sent, the next one is a safe point. */
static void test_long_key(void **state)
{
	struct fixture *f = *state;
	struct defsync_request q = fx_request("t", "v");
	struct reading r;

	fx_sql(f,
	       WAL "CREATE TABLE t(id TEXT PRIMARY KEY, v INTEGER NOT NULL);"
		   "INSERT INTO t VALUES('a',1),(printf('b%.5000c','x'),2),('c',3),('d',99999);");
	fx_connect(f);
	fake_of(f)->base.page_rows = 1;
	r = fx_read(f, &q);
	assert_int_equal(r.n, 5);
	assert_non_null(r.rows[0].checkpoint);
	assert_null(r.rows[1].checkpoint);
	assert_true(strlen(r.rows[1].position) < 80);
	assert_non_null(r.rows[2].checkpoint);
	fx_done(&r);
	assert_int_equal(fx_check_resume(f, &q), 4);
}

/* The host sees a new shape only when there is one. */
static void test_relation(void **state)
{
	struct fixture *f = *state;
	struct defsync_request q = fx_request("t", "ts_v");
	const struct defsync_relation *seen[3];
	const struct defsync_row *row;
	void *cursor;
	int i;

	make_table(f, "INTEGER", "(1,1),(2,2)");
	fx_connect(f);
	for (i = 0; i < 3; i++) {
		if (i == 2)
			fx_sql(f, "ALTER TABLE t ADD COLUMN added BLOB");
		assert_int_equal(f->source->extract(f->instance, &q, 0, &cursor), 0);
		assert_int_equal(f->source->next(f->instance, cursor, 0, &row), DEFSYNC_ROW);
		seen[i] = row->relation;
		f->source->end(f->instance, cursor);
	}
	assert_ptr_equal(seen[0], seen[1]);
	assert_ptr_not_equal(seen[1], seen[2]);
	assert_int_equal(seen[1]->n_columns, 3);
	assert_int_equal(seen[2]->n_columns, 4);
	assert_string_equal(seen[0]->columns[0].name, "id");
	assert_int_equal(seen[0]->columns[0].flags, DEFSYNC_COLUMN_KEY);
	assert_int_equal(seen[0]->columns[1].flags, DEFSYNC_COLUMN_WATERMARK);
	assert_int_equal(seen[0]->columns[2].flags, DEFSYNC_COLUMN_NULLABLE);
}

/* ---- Keys --------------------------------------------------------------------------------------- */

static struct defsync_cell text_cell(const char *text)
{
	struct defsync_cell c = {.type = DEFSYNC_TEXT};

	c.v.data.ptr = text;
	c.v.data.len = strlen(text);
	return c;
}

static void test_keys(void **state)
{
	static const char *const keys[] = {"id", "b"};
	struct fixture *f = *state;
	struct defsync_request q = fx_request("t", NULL);
	struct defsync_cell lookup[] = {
	    {.type = DEFSYNC_INT64, .v.i64 = 3},
	    text_cell("YWIA"),
	    {.type = DEFSYNC_INT64, .v.i64 = 4},
	    text_cell("YWIA"),
	    text_cell("x"),
	    text_cell("YWIA"),
	    {.type = DEFSYNC_INT64, .v.i64 = 1},
	    text_cell("no base64"),
	    {.type = DEFSYNC_INT64, .v.i64 = 1},
	    text_cell(""),
	};
	struct reading r;

	fx_sql(f, WAL "CREATE TABLE t(id INTEGER, b BLOB, name TEXT, PRIMARY KEY(id, b));"
		      "INSERT INTO t VALUES(1,x'','a'),(2,x'6162','b'),(3,x'616200','c')");
	fx_connect(f);
	q.mode = DEFSYNC_READ_KEYS;
	q.keys = keys;
	q.n_keys = 2;
	q.lookup = lookup;
	q.n_lookup = 5;
	q.cell_size = sizeof(lookup[0]);
	r = fx_read(f, &q);
	fx_assert_ids(f, &r, "3,1");
	assert_string_equal(r.rows[0].position, "id=3 b=616200");
	assert_string_equal(r.rows[0].text, "3|x616200|c");
	assert_int_equal(r.rows[0].flags, 0);
	assert_null(r.rows[0].checkpoint);
	assert_int_equal(fake_of(f)->begun, 0);
	assert_int_equal(fake_of(f)->opened, 3);
	fx_done(&r);
	fx_sql(f, "UPDATE t SET name = 'BAD' WHERE id = 3");
	r = fx_read(f, &q);
	fx_assert_ids(f, &r, "3,1");
	assert_int_equal(r.rows[0].rc, DEFSYNC_E_BAD_ROW);
	fx_done(&r);
	q.n_lookup = 0;
	r = fx_read(f, &q);
	fx_assert_ids(f, &r, "");
	fx_done(&r);
}

/* ---- Describing ----------------------------------------------------------------------------------- */

static const struct defsync_finding *find(const struct defsync_table *t, const char *code)
{
	uint32_t i;

	for (i = 0; i < t->n_findings; i++) {
		if (strcmp(t->findings[i].code, code) == 0)
			return &t->findings[i];
	}
	return NULL;
}

static const struct defsync_table *describe(struct fixture *f, const struct defsync_request *q)
{
	const struct defsync_table *t = NULL;

	plugin_host_begin(&f->host);
	if (f->source->describe(f->instance, q, 0, &t) != DEFSYNC_OK)
		fail_msg("describe: %s", f->host.text);
	return t;
}

static void test_describe(void **state)
{
	struct fixture *f = *state;
	struct fake *k = fake_of(f);
	struct defsync_request q = fx_request("t", "ts_v");
	const struct defsync_table *t;

	make_table(f, "INT_STAMP", "(1,10),(2,90000000000)");
	fx_connect(f);
	k->ceiling.us = 1;
	t = describe(f, &q);
	assert_string_equal(t->kind, "table");
	assert_string_equal(t->from, "t");
	assert_int_equal(t->row_estimate, -1);
	assert_int_equal(t->relation->n_columns, 3);
	assert_int_equal(t->n_candidates, 2);
	assert_string_equal(t->candidates[0].column, "id");
	assert_non_null(t->candidates[0].note);
	assert_string_equal(t->candidates[1].column, "ts_v");
	assert_string_equal(t->candidates[1].filled, "default");
	assert_int_equal(t->candidates[1].indexed, 0);
	assert_string_equal(find(t, "watermark-not-indexed")->hint,
			    "CREATE INDEX \"defsync_t\" ON main.\"t\" (\"ts_v\", \"id\");");
	assert_non_null(find(t, "future-watermark"));
	assert_non_null(find(t, "of-its-own"));
	assert_int_equal(t->n_findings, 3);
	k->indexed = true;
	k->ceiling = (struct reader_ceiling){
	    .standing = READER_HEURISTIC, .us = DAY, .reason = "cannot see others; GRANT it"};
	t = describe(f, &q);
	assert_int_equal(t->n_findings, 2);
	assert_string_equal(find(t, "ceiling-heuristic")->text, "cannot see others");
	assert_string_equal(find(t, "ceiling-heuristic")->hint, "GRANT it");
	assert_int_equal(t->candidates[1].indexed, 1);
	/* The command prints it; the log has no use for it twice. */
	assert_int_equal(f->host.warnings, 0);
	q.watermark = "id";
	assert_non_null(find(describe(f, &q), "watermark-is-key"));
	q.watermark = NULL;
	assert_non_null(find(describe(f, &q), "watermark-missing"));
	q.mode = DEFSYNC_READ_SNAPSHOT;
	assert_non_null(find(describe(f, &q), "no-watermark"));
}

static void test_describe_faults(void **state)
{
	static const char *const keys[] = {"k"}, *const floats[] = {"r"};
	struct fixture *f = *state;
	struct defsync_request q = fx_request("t", "v");
	const struct defsync_table *t;

	fx_sql(f, WAL "CREATE TABLE t(k INTEGER, v INTEGER, r REAL);"
		      "INSERT INTO t VALUES(1,1,1),(NULL,2,2),(3,NULL,3),(4,NULL,4)");
	fx_connect(f);
	assert_non_null(find(describe(f, &q), "key-missing"));
	q.keys = keys;
	q.n_keys = 1;
	t = describe(f, &q);
	assert_non_null(find(t, "key-not-unique"));
	assert_string_equal(find(t, "null-key")->text,
			    "1 rows have NULL in the key column 'k' and cannot be ordered");
	assert_int_equal(find(t, "null-watermark")->level, DEFSYNC_FINDING_ERROR);
	assert_string_equal(find(t, "null-watermark")->hint, "null_watermark: every_run");
	q.null_watermark = DEFSYNC_NULLS_EXCLUDE;
	t = describe(f, &q);
	assert_int_equal(find(t, "null-watermark")->level, DEFSYNC_FINDING_NOTE);
	q.keys = floats;
	q.watermark = "r";
	t = describe(f, &q);
	assert_non_null(find(t, "key-refused"));
	assert_non_null(find(t, "watermark-refused"));
}

#define T(test) cmocka_unit_test_setup_teardown(test, fx_setup, fx_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
	    T(test_time_ceiling), T(test_lookback),   T(test_dates),	       T(test_numbers),
	    T(test_outlier),	  T(test_clock_back), T(test_empty),	       T(test_bounds),
	    T(test_columns),	  T(test_refused),    T(test_null_watermark),  T(test_infinite),
	    T(test_shared_keys),  T(test_null_key),   T(test_bad_rows),	       T(test_wrong_order),
	    T(test_errors),	  T(test_stale),      T(test_long_key),	       T(test_relation),
	    T(test_keys),	  T(test_describe),   T(test_describe_faults),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
