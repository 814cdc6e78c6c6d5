/* SPDX-License-Identifier: MIT */
/* The common reader: refusals, bad rows, checkpoints, rows by key, and findings. */

#include "reader-fake.h"

#define SECOND INT64_C(1000000)
#define DAY (86400 * SECOND)

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
	/* The last of its page, all of its page, and of several: the page begins again. */
	for (k->base.page_rows = 3; k->base.page_rows > 0; k->base.page_rows -= 2) {
		r = fx_read(f, &q);
		fx_assert_ids(f, &r, "1,2,3*,4*");
		fx_done(&r);
	}
	fx_sql(f, "INSERT INTO t VALUES(5,'BAD',3,5),(6,'BAD',3,6),(7,'BAD',3,7),(8,'BAD',3,8)");
	for (k->base.page_rows = 9; k->base.page_rows > 0; k->base.page_rows--) {
		fake_forget(k);
		r = fx_read(f, &q);
		fx_assert_ids(f, &r, "1,2,3*,5,6,7,8,4*");
		assert_int_equal(k->begun, 1);
		fx_done(&r);
	}
	k->base.page_rows = 3;
	k->no_snapshots = true;
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
	    T(test_columns), T(test_refused),  T(test_bad_rows),	T(test_wrong_order),
	    T(test_errors),  T(test_stale),    T(test_long_key),	T(test_relation),
	    T(test_keys),    T(test_describe), T(test_describe_faults),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
