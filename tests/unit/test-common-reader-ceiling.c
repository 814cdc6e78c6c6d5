/* SPDX-License-Identifier: MIT */
/* The common reader: ceilings, look-back, bounds, and rows without a watermark. */

#include "reader-fake.h"

#define SECOND INT64_C(1000000)
#define DAY (86400 * SECOND)

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
	/* Counted from the newest value, which so is never settled. */
	expect(f, &q, "1,2,3*");
	start_over(&q);
}

/* Written by a clock that shows less than the server's: the look-back is not lost. */
static void test_other_zone(void **state)
{
	static const struct {
		const char *type, *first, *second;
		int standing;
	} cases[] = {
	    {"INT_LOCAL", "1,2*,3*", "4*,2*,3*", READER_HEURISTIC},
	    {"INT_LOCAL", "1,2,3", "", READER_PROVEN},
	    {"INT_DATE", "1,2,3*", "4*,3*", READER_HEURISTIC},
	    /* A point in time is the same everywhere. */
	    {"INT_STAMP", "1,2,3", "", READER_HEURISTIC},
	};
	struct fixture *f = *state;
	size_t i;

	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		bool date = strcmp(cases[i].type, "INT_DATE") == 0;
		struct defsync_request q = fx_request("t", "ts_v");

		make_table(f, cases[i].type,
			   date ? "(1,1),(2,18),(3,20)" : "(1,1),(2,9800000000),(3,10000000000)");
		fx_connect(f);
		fake_of(f)->ceiling =
		    (struct reader_ceiling){.standing = cases[i].standing, .us = 30 * DAY};
		expect(f, &q, cases[i].first);
		/* A commit that comes late. */
		fx_sql(f, date ? "INSERT INTO t VALUES(4,19,'late')"
			       : "INSERT INTO t VALUES(4,9750000000,'late')");
		expect(f, &q, cases[i].second);
		start_over(&q);
		f->source->disconnect(f->instance);
	}
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

/* The numbers of an emptied table begin again: told, and a deletion does not stop it. */
static void test_restart(void **state)
{
	static const char *const types[] = {"INTEGER", "INT_STAMP", "TEXT"};
	/* A text may be masked later, and is not shown. */
	static const char *const said[] = {
	    "'t', 2, is below the place up to which it was read, 5: rows", "was read, 1970-01-01 ",
	    "'t', is below the place up to which it was read: rows"};
	struct fixture *f = *state;
	size_t i;

	for (i = 0; i < 3; i++) {
		struct defsync_request q = fx_request("t", "ts_v");

		make_table(f, types[i], "(1,3),(2,5),(3,7)");
		fx_connect(f);
		f->host.warnings = 0;
		fake_of(f)->ceiling =
		    (struct reader_ceiling){.standing = READER_HEURISTIC, .us = 20};
		q.lookback = 0;
		expect(f, &q, i == 1 ? "1,2,3" : "1,2,3*");
		expect(f, &q, i == 1 ? "" : "3*");
		fx_sql(f, "DELETE FROM t");
		expect(f, &q, "");
		assert_int_equal(f->host.warnings, 0);
		fx_sql(f, "INSERT INTO t VALUES(1,1,'a'),(2,2,'b')");
		plugin_host_forget(&f->host);
		expect(f, &q, "");
		assert_int_equal(f->host.warnings, 1);
		if (!strstr(f->host.logged, said[i]))
			fail_msg("%s: %s", types[i], f->host.logged);
		expect(f, &q, "");
		assert_int_equal(f->host.warnings, 2);
		/* It goes on with what lies above. */
		fx_sql(f, "INSERT INTO t VALUES(3,8,'c')");
		expect(f, &q, i == 1 ? "3" : "3*");
		assert_int_equal(f->host.warnings, 2);
		start_over(&q);
		f->source->disconnect(f->instance);
	}
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

#define T(test) cmocka_unit_test_setup_teardown(test, fx_setup, fx_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
	    T(test_time_ceiling), T(test_lookback),   T(test_dates),	      T(test_numbers),
	    T(test_outlier),	  T(test_clock_back), T(test_restart),	      T(test_other_zone),
	    T(test_empty),	  T(test_bounds),     T(test_null_watermark), T(test_infinite),
	    T(test_shared_keys),  T(test_null_key),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
