/* SPDX-License-Identifier: MIT */
/* The sqlite source: kinds of watermarks, ceilings, NULLs, and what is refused. */

#include "sqlite-fixture.h"

#define T_TABLE "CREATE TABLE t(id INTEGER PRIMARY KEY, w);"

static void test_times(void **state)
{
	/* Rows in the form of the column; now is later than all but the last. */
	static const struct {
		const char *rows;
		const char *ids;
		const char *ceiling;
	} cases[] = {
	    {"(1,'2024-01-01 10:00:00'),(2,'2024-01-01 10:05:00'),(3,'2024-01-01 10:04:59')",
	     "1*,2*,3*", "2024-01-01 10:00:00"},
	    {"(1,'2024-01-01T09:59:59Z'),(2,'2024-01-01T10:05:00Z')", "1,2*",
	     "2024-01-01T10:00:00Z"},
	    {"(1,'2024-01-01T09:00:00.123456+02:00'),(2,'2024-01-01T10:05:00.000009+02:00')",
	     "1,2*", "2024-01-01T10:00:00.000000+02:00"},
	    {"(1,'2024-01-01T09:00:00.1'),(2,'2024-01-01T10:05:00.9')", "1,2*",
	     "2024-01-01T10:00:00.9"},
	    {"(1,'2024-02-28'),(2,'2024-03-01')", "1,2*", "2024-02-29"},
	    /* Python leaves a zero fraction out. */
	    {"(1,'2024-01-01T09:00:00'),(2,'2024-01-01T10:05:00.123456')", "1,2*",
	     "2024-01-01T10:00:00"},
	    {"(1,'2024-01-01T09:00:00.5'),(2,'2024-01-01T10:05:00')", "1,2*",
	     "2024-01-01T10:00:00"},
	    /* The database takes it as the 2nd of March. */
	    {"(1,'2023-02-28 09:00:00'),(2,'2023-02-30 10:00:00')", "1,2*", "2023-02-28 09:55:00"},
	    {"(1,'0000-01-01 00:00:00'),(2,'0000-01-01 00:01:00')", "1*,2*", NULL},
	};
	struct fixture *f = *state;
	size_t i;

	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct defsync_request q = fx_request("t", "w");
		struct reading r;
		char sql[300];

		(void)snprintf(sql, sizeof(sql), T_TABLE "INSERT INTO t VALUES%s", cases[i].rows);
		fx_sql(f, sql);
		fx_connect(f);
		r = fx_read(f, &q);
		fx_assert_ids(f, &r, cases[i].ids);
		if (cases[i].ceiling)
			assert_string_equal(f->host.ceiling_value, cases[i].ceiling);
		fx_done(&r);
		(void)fx_check_resume(f, &q);
		q.lookback = 0;
		(void)fx_check_resume(f, &q);
		f->source->disconnect(f->instance);
		fx_sql(f, "DROP TABLE t");
	}
}

/* A date in the far future is sent, and settles nothing. */
static void test_future(void **state)
{
	struct fixture *f = *state;
	struct defsync_request q = fx_request("t", "w");
	struct reading r;
	char *at;

	fx_sql(f,
	       T_TABLE "INSERT INTO t VALUES(1,'2024-01-01 00:00:00'),(2,'9999-12-31 23:59:59')");
	fx_connect(f);
	r = fx_read(f, &q);
	fx_assert_ids(f, &r, "1,2*");
	assert_true(strcmp(f->host.ceiling_value, "2025-01-01") > 0);
	assert_true(strcmp(f->host.ceiling_value, "9000-01-01") < 0);
	at = fx_last(&r);
	fx_done(&r);
	fx_from(&q, at);
	fx_sql(f, "INSERT INTO t VALUES(3, datetime('now'))");
	r = fx_read(f, &q);
	fx_assert_ids(f, &r, "3*,2*");
	assert_string_equal(r.rows[2].checkpoint, at);
	fx_done(&r);
	free(at);
}

static void test_late_commit(void **state)
{
	struct fixture *f = *state;
	struct defsync_request q = fx_request("t", "w");
	struct reading r;
	char *at;

	fx_sql(f,
	       T_TABLE "INSERT INTO t VALUES(1,'2024-01-01 00:00:00'),(2,'2024-01-01 01:00:00')");
	fx_connect(f);
	r = fx_read(f, &q);
	fx_assert_ids(f, &r, "1,2*");
	at = fx_last(&r);
	fx_done(&r);
	fx_from(&q, at);
	/* Stamped before row 2 and committed after it was read. */
	fx_sql(f, "INSERT INTO t VALUES(3,'2024-01-01 00:56:00')");
	r = fx_read(f, &q);
	fx_assert_ids(f, &r, "3*,2*");
	fx_done(&r);
	free(at);
}

static void test_initial_times(void **state)
{
	static const struct {
		const char *form, *initial, *ids;
	} cases[] = {
	    {"%Y-%m-%d %H:%M:%S", "2024-01-02 00:00:00", "2,3"},
	    {"%Y-%m-%d %H:%M:%S", "2024-01-02T00:00:00Z", "2,3"},
	    {"%Y-%m-%d %H:%M:%S", "2024-01-02T02:00:00+02:00", "2,3"},
	    {"%Y-%m-%d %H:%M:%S", "2024-01-03", "3"},
	    {"%Y-%m-%dT%H:%M:%fZ", "2024-01-02", "2,3"},
	    {"%Y-%m-%d", "2024-01-02T12:00:00Z", "2,3"},
	};
	struct fixture *f = *state;
	size_t i;

	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct defsync_request q = fx_request("t", "w");
		struct reading r;
		char sql[400];

		(void)snprintf(sql, sizeof(sql),
			       T_TABLE "INSERT INTO t SELECT column1, strftime('%s', column2) FROM "
				       "(VALUES(1,'2024-01-01'),(2,'2024-01-02'),(3,'2024-01-03'),"
				       "(4,'2024-01-09'))",
			       cases[i].form);
		fx_sql(f, sql);
		fx_connect(f);
		q.initial = cases[i].initial;
		q.until = "2024-01-09";
		q.lookback = 0;
		r = fx_read(f, &q);
		fx_assert_ids(f, &r, cases[i].ids);
		fx_done(&r);
		f->source->disconnect(f->instance);
		fx_sql(f, "DROP TABLE t");
	}
}

static void test_text_watermark(void **state)
{
	struct fixture *f = *state;
	struct defsync_request q = fx_request("t", "w");
	struct reading r;

	fx_sql(f, T_TABLE "INSERT INTO t VALUES(1,'b'),(2,'a'),(3,'c'),(4,'c'),(5,'B')");
	fx_connect(f);
	r = fx_read(f, &q);
	fx_assert_ids(f, &r, "1,2,3*,4*,5");
	assert_string_equal(f->host.ceiling, "none");
	fx_done(&r);
	(void)fx_check_resume(f, &q);
	q.lookback = 5;
	r = fx_read(f, &q);
	fx_assert_fails(f, &r, DEFSYNC_E_CONFIG, "'lookback' has no meaning");
}

static void test_refused(void **state)
{
	static const struct {
		const char *column, *rows, *part;
	} cases[] = {
	    {"w", "(1,1.5)", "is REAL"},
	    {"w REAL", "(1,1)", "is REAL"},
	    {"w", "(1,x'01')", "is a BLOB"},
	    {"w", "(1,1),(2,'2024-01-01'),(3,2)", "2 INTEGER (1), 1 YYYY-MM-DD (2024-01-01)"},
	    {"w", "(1,1),(2,2.5),(3,3)", "1 REAL (2.5)"},
	    {"w", "(1,'2024-01-01 00:00:00'),(2,'2024-01-01T00:00:00')", "several kinds"},
	    {"w", "(1,'2024-01-01T00:00:00Z'),(2,'2024-01-01T00:00:00')", "several kinds"},
	    {"w", "(1,'2024-01-01T00:00:00Z'),(2,'2024-01-01T00:00:00.5Z')", "several kinds"},
	    {"w", "(1,'2024-01-01T00:00:00Z'),(2,'01/02/2024')", "1 TEXT (NN/NN/NNNN)"},
	    /* A text may be masked later: its form alone is shown. */
	    {"w", "(1,1),(2,'000-SECRET'),(3,'000-SECRET')", "2 TEXT (NNN-AAAAAA);"},
	    {"w", "(1,'2024-01-01 00:00:00'),(2,'0000-00-00 00:00:00')", "several kinds"},
	    {"w TEXT COLLATE NOCASE", "(1,'a')", "collation NOCASE"},
	    {"w TEXT COLLATE RTRIM", "(1,'2024-01-01')", "collation RTRIM"},
	    {"w", "(1,NULL),(2,1),(3,NULL)", "2 rows of 't' have no watermark"},
	};
	struct fixture *f = *state;
	size_t i;

	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct defsync_request q = fx_request("t", "w");
		struct reading r;
		char sql[300];

		(void)snprintf(sql, sizeof(sql),
			       "CREATE TABLE t(id INTEGER PRIMARY KEY, %s); INSERT INTO t VALUES%s",
			       cases[i].column, cases[i].rows);
		fx_sql(f, sql);
		fx_connect(f);
		r = fx_read(f, &q);
		fx_assert_fails(f, &r, DEFSYNC_E_CONFIG, cases[i].part);
		f->source->disconnect(f->instance);
		fx_sql(f, "DROP TABLE t");
	}
}

/* Values in another form that come after a run are refused wherever they lie. */
static void test_refused_later(void **state)
{
	static const struct {
		const char *older, *first, *later;
	} cases[] = {
	    {"1", "5", "'text'"},
	    {"1", "5", "6.5"},
	    {"1", "5", "x'00'"},
	    {"'2024-06-15T11:00:00Z'", "'2024-06-15T12:00:00Z'", "7"},
	    {"'2024-06-15T11:00:00Z'", "'2024-06-15T12:00:00Z'", "'2024-06-15 13:00:00'"},
	    {"'2024-06-15T11:00:00Z'", "'2024-06-15T12:00:00Z'", "'2024-06-15'"},
	    {"'2024-06-15T11:00:00Z'", "'2024-06-15T12:00:00Z'", "'2024-06-15T07:00:00-05:00'"},
	    {"'2024-06-15T11:00:00Z'", "'2024-06-15T12:00:00Z'", "'16/06/2024'"},
	    {"'2024-06-15T11:00:00Z'", "'2024-06-15T12:00:00Z'", "'2024/06/16'"},
	    {"'2024-06-15T11:00:00Z'", "'2024-06-15T12:00:00Z'", "''"},
	    {"'2024-06-15 11:00:00'", "'2024-06-15 12:00:00'", "'2024-06-15T11:00:00'"},
	    {"'2024-06-15T11:00:00+02:00'", "'2024-06-15T12:00:00+02:00'",
	     "'2024-06-15T10:59:00+01:00'"},
	};
	struct fixture *f = *state;
	size_t i;

	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct defsync_request q = fx_request("t", "w");
		struct reading r;
		char sql[300], *at;

		(void)snprintf(sql, sizeof(sql), T_TABLE "INSERT INTO t VALUES(0,%s),(1,%s),(2,%s)",
			       cases[i].older, cases[i].first, cases[i].first);
		fx_sql(f, sql);
		fx_connect(f);
		q.lookback = 0;
		r = fx_read(f, &q);
		fx_assert_ids(f, &r, "0,1*,2*");
		at = fx_last(&r);
		fx_done(&r);
		fx_from(&q, at);
		(void)snprintf(sql, sizeof(sql), "INSERT INTO t VALUES(3,%s)", cases[i].later);
		fx_sql(f, sql);
		r = fx_read(f, &q);
		fx_assert_fails(f, &r, DEFSYNC_E_CONFIG,
				strcmp(cases[i].later, "6.5") ? "several kinds" : "REAL");
		free(at);
		f->source->disconnect(f->instance);
		fx_sql(f, "DROP TABLE t");
	}
}

/* Behind the position, but neither the lowest nor the highest: another zone. */
static void test_other_zone(void **state)
{
	struct fixture *f = *state;
	struct defsync_request q = fx_request("t", "w");
	struct reading r;
	char *at;

	fx_sql(f,
	       T_TABLE "INSERT INTO t VALUES(0,'2024-06-01T00:00:00Z'),(1,'2024-06-15T11:00:00Z'),"
		       "(2,'2024-06-15T12:00:00Z')");
	fx_connect(f);
	q.lookback = 0;
	r = fx_read(f, &q);
	fx_assert_ids(f, &r, "0,1,2*");
	at = fx_last(&r);
	fx_done(&r);
	fx_from(&q, at);
	/* Noon, as the clock behind it says. */
	fx_sql(f, "INSERT INTO t VALUES(3,'2024-06-14T22:00:00-14:00')");
	r = fx_read(f, &q);
	fx_assert_fails(f, &r, DEFSYNC_E_CONFIG, "several kinds");
	free(at);
}

/* The newest are gone: a text is not shown, a number is. */
static void test_behind(void **state)
{
	static const struct {
		const char *rows, *said;
	} cases[] = {
	    {"(1,'000-SECRET'),(2,'111-SECRET'),(3,'222-SECRET')",
	     "the newest 'w' of 't', is below the place up to which it was read; rows"},
	    {"(1,17),(2,18),(3,19)",
	     "'t', 17, is below the place up to which it was read, 18; rows"},
	    {"(1,'2024-01-01'),(2,'2024-01-02'),(3,'2024-01-03')",
	     "'t', 2024-01-01, is below the place"},
	};
	struct fixture *f = *state;
	size_t i;

	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct defsync_request q = fx_request("t", "w");
		struct reading r;
		char sql[300], *at;

		(void)snprintf(sql, sizeof(sql), T_TABLE "INSERT INTO t VALUES%s", cases[i].rows);
		fx_sql(f, sql);
		fx_connect(f);
		q.lookback = 0;
		r = fx_read(f, &q);
		at = fx_last(&r);
		fx_done(&r);
		fx_from(&q, at);
		fx_sql(f, "DELETE FROM t WHERE id > 1");
		plugin_host_forget(&f->host);
		r = fx_read(f, &q);
		assert_int_equal(r.rc, DEFSYNC_END);
		fx_done(&r);
		if (!f->host.logged || !strstr(f->host.logged, cases[i].said))
			fail_msg("case %zu: %s", i, f->host.logged ? f->host.logged : "");
		assert_null(strstr(f->host.logged, "SECRET"));
		free(at);
		f->source->disconnect(f->instance);
		fx_sql(f, "DROP TABLE t");
	}
}

static void insert_odd(struct fixture *f, size_t n)
{
	if (n == 1)
		fx_sql(f, "INSERT INTO t VALUES(900, 'odd')");
}

/* One that comes between the check and its turn stops the run; nothing is passed. */
static void test_odd_during(void **state)
{
	struct fixture *f = *state;
	struct defsync_request q = fx_request("t", "w");
	struct reading r;

	fx_option(f, "max_snapshot", "1");
	f->source->destroy(f->instance);
	fx_create(f);
	f->host.clock_step_us = 1000000;
	fx_sql(f, "PRAGMA journal_mode=WAL;" T_TABLE
		  "WITH RECURSIVE n(i) AS (VALUES(1) UNION ALL SELECT i+1 FROM n WHERE i<200) "
		  "INSERT INTO t SELECT i, i FROM n");
	fx_connect(f);
	r = fx_read_between(f, &q, insert_odd);
	assert_int_equal(fx_rows(&r), 200);
	fx_assert_fails(f, &r, DEFSYNC_E_CONFIG, "that is not INTEGER, at id=900");
}

static void test_nulls(void **state)
{
	struct fixture *f = *state;
	struct defsync_request q = fx_request("t", "w");
	struct reading r;
	char *at;
	int i;

	fx_sql(f, T_TABLE "INSERT INTO t VALUES(1,NULL),(2,1),(3,NULL),(4,90000)");
	fx_connect(f);
	q.null_watermark = DEFSYNC_NULLS_EXCLUDE;
	r = fx_read(f, &q);
	fx_assert_ids(f, &r, "2,4*");
	assert_int_equal(f->host.null_watermark, 2);
	fx_done(&r);
	q.null_watermark = DEFSYNC_NULLS_EVERY_RUN;
	r = fx_read(f, &q);
	fx_assert_ids(f, &r, "1*,3*,2,4*");
	assert_null(r.rows[0].checkpoint);
	at = fx_last(&r);
	fx_done(&r);
	fx_from(&q, at);
	for (i = 0; i < 2; i++) {
		r = fx_read(f, &q);
		fx_assert_ids(f, &r, "1*,3*,4*");
		assert_int_equal(r.rows[3].flags, DEFSYNC_ROW_SWEEP);
		fx_done(&r);
	}
	/* Only rows without a watermark. */
	fx_sql(f, "UPDATE t SET w = NULL");
	r = fx_read(f, &q);
	fx_assert_ids(f, &r, "1*,2*,3*,4*");
	fx_done(&r);
	free(at);
}

static void test_key_nulls(void **state)
{
	static const char *const rowid[] = {"rowid"};
	struct fixture *f = *state;
	struct defsync_request q = fx_request("t", "w");
	struct reading r;

	fx_sql(f, "CREATE TABLE t(id TEXT PRIMARY KEY, w); INSERT INTO t VALUES('a',1),(NULL,2),"
		  "(NULL,3)");
	fx_connect(f);
	r = fx_read(f, &q);
	fx_assert_fails(f, &r, DEFSYNC_E_CONFIG, "2 rows of 't' have NULL in the key column 'id'");
	q.keys = rowid;
	q.n_keys = 1;
	r = fx_read(f, &q);
	fx_assert_ids(f, &r, "a*,NULL*,NULL*");
	fx_done(&r);
}

static void test_filter(void **state)
{
	static const char *const bad[][2] = {
	    {"id = ?", "holds a parameter"},	  {"1); DELETE FROM t; --", "is not one condition"},
	    {"nope = 1", "no such column: nope"}, {"id =", "syntax error"},
	    {"id = \"x\"", "no such column"},	  {"", "syntax error"},
	};
	struct fixture *f = *state;
	struct defsync_request q = fx_request("t", "w");
	struct reading r;
	size_t i;

	fx_sql(f, T_TABLE "INSERT INTO t VALUES(1,1),(2,2),(3,'x')");
	fx_connect(f);
	q.filter = "typeof(w) = 'integer' OR 0";
	r = fx_read(f, &q);
	fx_assert_ids(f, &r, "1*,2*");
	fx_done(&r);
	fx_sql(f, "DELETE FROM t WHERE id = 3");
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		q.filter = bad[i][0];
		r = fx_read(f, &q);
		fx_assert_fails(f, &r, DEFSYNC_E_CONFIG, bad[i][1]);
	}
}

static void test_missing(void **state)
{
	static const char *const keys[] = {"nope"};
	static const char *const twice[] = {"id", "ID"};
	struct fixture *f = *state;
	struct defsync_request q = fx_request("t", "nope");
	struct reading r;

	fx_sql(f, T_TABLE "CREATE VIEW v AS SELECT * FROM t;");
	fx_connect(f);
	r = fx_read(f, &q);
	fx_assert_fails(f, &r, DEFSYNC_E_CONFIG, "no column 'nope'");
	q = fx_request("gone", "w");
	r = fx_read(f, &q);
	fx_assert_fails(f, &r, DEFSYNC_E_CONFIG, "no such table or view: 'gone'");
	q = fx_request("v", "w");
	r = fx_read(f, &q);
	fx_assert_fails(f, &r, DEFSYNC_E_CONFIG, "a view without a key");
	q = fx_request("t", "w");
	q.keys = keys;
	q.n_keys = 1;
	r = fx_read(f, &q);
	fx_assert_fails(f, &r, DEFSYNC_E_CONFIG, "configured as key");
	q.keys = twice;
	q.n_keys = 2;
	r = fx_read(f, &q);
	fx_assert_fails(f, &r, DEFSYNC_E_CONFIG, "twice");
	q = fx_request("t", NULL);
	q.mode = DEFSYNC_READ_INCREMENTAL;
	r = fx_read(f, &q);
	fx_assert_fails(f, &r, DEFSYNC_E_CONFIG, "no 'watermark'");
	q.mode = DEFSYNC_READ_STREAM;
	r = fx_read(f, &q);
	fx_assert_fails(f, &r, DEFSYNC_E_BUG, "cannot stream");
}

/* A UTF-16 database: dates go, other texts are refused. */
static void test_utf16(void **state)
{
	static const char *const keys[] = {"k"};
	struct fixture *f = *state;
	struct defsync_request q = fx_request("t", "w");
	struct reading r;

	fx_sql(f, "PRAGMA encoding='UTF-16le'; CREATE TABLE t(id INTEGER PRIMARY KEY, w, k);"
		  "INSERT INTO t VALUES(1,'2024-01-01','\xc3\xa9'),(2,'2024-01-02','\xc3\xa9'),"
		  "(3,'2024-01-03','\xf0\x9f\x92\xa1'),(4,'2024-01-03','\xef\xbf\xbd')");
	fx_connect(f);
	assert_int_equal(fx_check_resume(f, &q), 5);
	q.keys = keys;
	q.n_keys = 1;
	assert_true(fx_check_resume(f, &q) > 1);
	q.n_keys = 0;
	q.watermark = "k";
	r = fx_read(f, &q);
	fx_assert_fails(f, &r, DEFSYNC_E_CONFIG, "UTF-16le database");
}

#define T(test) cmocka_unit_test_setup_teardown(test, fx_setup, fx_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
	    T(test_times),	    T(test_future),	   T(test_late_commit), T(test_refused),
	    T(test_refused_later),  T(test_initial_times), T(test_nulls),	T(test_key_nulls),
	    T(test_text_watermark), T(test_filter),	   T(test_missing),	T(test_odd_during),
	    T(test_utf16),	    T(test_other_zone),	   T(test_behind),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
