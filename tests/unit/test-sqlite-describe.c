/* SPDX-License-Identifier: MIT */
/* The sqlite source: what check and discover are told. */

#include "sqlite-fixture.h"

static const struct defsync_table *describe(struct fixture *f, const struct defsync_request *q)
{
	const struct defsync_table *t = NULL;

	plugin_host_begin(&f->host);
	if (f->source->describe(f->instance, q, 0, &t) != DEFSYNC_OK)
		fail_msg("%s", f->host.text);
	return t;
}

static const struct defsync_finding *find(const struct defsync_table *t, const char *code)
{
	uint32_t i;

	for (i = 0; i < t->n_findings; i++) {
		if (strcmp(t->findings[i].code, code) == 0)
			return &t->findings[i];
	}
	return NULL;
}

static void test_findings(void **state)
{
	/* Table, watermark, the finding that there has to be, its level. */
	static const struct {
		const char *create, *watermark, *code;
		uint32_t level;
	} cases[] = {
	    {"CREATE TABLE t(id INTEGER PRIMARY KEY, w)", "w", "watermark-not-indexed",
	     DEFSYNC_FINDING_WARN},
	    {"CREATE TABLE t(id INTEGER PRIMARY KEY, w); INSERT INTO t VALUES(1,NULL)", "w",
	     "null-watermark", DEFSYNC_FINDING_ERROR},
	    {"CREATE TABLE t(id INTEGER PRIMARY KEY, w); INSERT INTO t VALUES(1,1),(2,'x')", "w",
	     "mixed-classes", DEFSYNC_FINDING_ERROR},
	    {"CREATE TABLE t(id INTEGER PRIMARY KEY, w); INSERT INTO t VALUES(1,1.5)", "w",
	     "float-watermark", DEFSYNC_FINDING_ERROR},
	    {"CREATE TABLE t(id INTEGER PRIMARY KEY, w); INSERT INTO t VALUES(1,x'00')", "w",
	     "blob-watermark", DEFSYNC_FINDING_ERROR},
	    {"CREATE TABLE t(id INTEGER PRIMARY KEY, w COLLATE NOCASE); INSERT INTO t "
	     "VALUES(1,'x')",
	     "w", "watermark-collation", DEFSYNC_FINDING_ERROR},
	    {"CREATE TABLE t(id INTEGER PRIMARY KEY, w); INSERT INTO t VALUES(1,'9999-01-01')", "w",
	     "future-watermark", DEFSYNC_FINDING_WARN},
	    {"CREATE TABLE t(id INTEGER PRIMARY KEY, w)", "id", "watermark-is-key",
	     DEFSYNC_FINDING_NOTE},
	    {"CREATE TABLE t(id, w)", "w", "rowid-key", DEFSYNC_FINDING_WARN},
	    {"CREATE TABLE t(id PRIMARY KEY, w); INSERT INTO t VALUES(NULL,1)", "w", "null-key",
	     DEFSYNC_FINDING_ERROR},
	    {"CREATE TABLE t(id, w)", NULL, "no-watermark", DEFSYNC_FINDING_NOTE},
	    {"CREATE TABLE b(id, w); CREATE VIEW t AS SELECT * FROM b", "w", "key-missing",
	     DEFSYNC_FINDING_ERROR},
	    {"CREATE TABLE t(id, w)", NULL, "journal-mode", DEFSYNC_FINDING_NOTE},
	};
	struct fixture *f = *state;
	size_t i;

	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct defsync_request q = fx_request("t", cases[i].watermark);
		const struct defsync_finding *finding;

		fx_sql(f, cases[i].create);
		fx_connect(f);
		finding = find(describe(f, &q), cases[i].code);
		if (!finding)
			fail_msg("no %s", cases[i].code);
		assert_int_equal(finding->level, cases[i].level);
		assert_non_null(finding->text);
		assert_null(strchr(finding->text, '\n'));
		f->source->disconnect(f->instance);
		fx_sql(f, strstr(cases[i].create, "VIEW") ? "DROP VIEW t; DROP TABLE b"
							  : "DROP TABLE t");
	}
}

/* A sound table has nothing to say, and the hint to index one is SQL that works. */
static void test_sound(void **state)
{
	struct fixture *f = *state;
	struct defsync_request q = fx_request("o\"dd", "updated_at");
	const struct defsync_table *t;

	fx_sql(f, "PRAGMA journal_mode=WAL; CREATE TABLE \"o\"\"dd\"(\"id\" INTEGER PRIMARY KEY, "
		  "name TEXT NOT NULL, price DECIMAL(9,2), updated_at TEXT NOT NULL DEFAULT "
		  "CURRENT_TIMESTAMP, len INTEGER GENERATED ALWAYS AS (length(name)));"
		  "INSERT INTO \"o\"\"dd\"(name) VALUES('a'),('b')");
	fx_connect(f);
	t = describe(f, &q);
	assert_int_equal(t->n_findings, 1);
	assert_string_equal(t->findings[0].code, "watermark-not-indexed");
	fx_sql(f, t->findings[0].hint);
	t = describe(f, &q);
	assert_int_equal(t->n_findings, 0);
	assert_string_equal(t->kind, "table");
	assert_int_equal(t->row_estimate, 2);
	assert_int_equal(t->relation->n_columns, 5);
	assert_int_equal(t->relation->columns[0].flags, DEFSYNC_COLUMN_KEY);
	assert_int_equal(t->relation->columns[1].flags, 0);
	assert_int_equal(t->relation->columns[2].flags, DEFSYNC_COLUMN_NULLABLE);
	assert_int_equal(t->relation->columns[2].type, DEFSYNC_DECIMAL);
	assert_string_equal(t->relation->columns[2].native_type, "DECIMAL(9,2)");
	assert_int_equal(t->relation->columns[3].flags, DEFSYNC_COLUMN_WATERMARK);
	assert_int_equal(t->relation->columns[3].type, DEFSYNC_ANY);
	assert_true(t->relation->columns[4].flags & DEFSYNC_COLUMN_GENERATED);
	assert_int_equal(t->n_candidates, 2);
	assert_string_equal(t->candidates[1].column, "updated_at");
	assert_string_equal(t->candidates[1].filled, "default");
	assert_int_equal(t->candidates[1].indexed, 1);
}

static void test_candidates(void **state)
{
	struct fixture *f = *state;
	struct defsync_request q = fx_request("t", NULL);
	const struct defsync_table *t;

	fx_sql(f, "CREATE TABLE t(id INTEGER PRIMARY KEY, modified INTEGER, born DATE, x);"
		  "CREATE TRIGGER touch AFTER UPDATE ON t BEGIN UPDATE t SET modified = 1; END;");
	fx_connect(f);
	t = describe(f, &q);
	assert_int_equal(t->n_candidates, 3);
	assert_string_equal(t->candidates[0].column, "id");
	assert_int_equal(t->candidates[0].indexed, 1);
	assert_string_equal(t->candidates[1].filled, "trigger");
	assert_string_equal(t->candidates[2].column, "born");
	assert_string_equal(t->candidates[2].filled, "unknown");
}

static void discover(struct fixture *f, const char *pattern, const char *names)
{
	const struct defsync_table *const *tables = NULL;
	char got[256] = "";
	uint32_t n = 0, i;

	plugin_host_begin(&f->host);
	assert_int_equal(f->source->discover(f->instance, pattern, 0, &tables, &n), DEFSYNC_OK);
	for (i = 0; i < n; i++) {
		size_t len = strlen(got);

		(void)snprintf(got + len, sizeof(got) - len, "%s%s %s %d", i ? "," : "",
			       tables[i]->from, tables[i]->kind, (int)tables[i]->row_estimate);
	}
	assert_string_equal(got, names);
}

static void test_discover(void **state)
{
	struct fixture *f = *state;

	fx_sql(f,
	       "CREATE TABLE b(id INTEGER PRIMARY KEY AUTOINCREMENT); INSERT INTO b VALUES(5);"
	       "CREATE TABLE \"a.b\"(k PRIMARY KEY) WITHOUT ROWID; CREATE VIEW v AS SELECT 1 AS x;"
	       "CREATE TABLE gone(x); CREATE VIEW broken AS SELECT * FROM gone; DROP TABLE gone;"
	       "CREATE TABLE st(x); CREATE INDEX st_x ON st(x);"
	       "WITH RECURSIVE n(i) AS (VALUES(1) UNION ALL SELECT i+1 FROM n WHERE i<30) "
	       "INSERT INTO st SELECT i FROM n; ANALYZE st;");
	fx_connect(f);
	discover(f, NULL, "a.b table -1,b table 5,st table 30,v view -1");
	assert_int_equal(f->host.warnings, 1);
	discover(f, "[ab]*", "a.b table -1,b table 5");
	discover(f, "main.v", "v view -1");
	discover(f, "x*", "");
	/* Tables of a virtual one's own are left out, not what is only called like them. */
	fx_sql(f, "CREATE VIRTUAL TABLE r USING rtree(id, a, b); CREATE TABLE r_orders(x);");
	if (sqlite3_libversion_number() >= 3037000)
		discover(f, "r*", "r table 0,r_orders table 0");
	f->source->disconnect(f->instance);
	fx_sql(f, "DROP TABLE b");
	fx_connect(f);
	discover(f, "b", "");
}

/* The same shape is the same relation, however often a table is read. */
static void test_relation(void **state)
{
	struct fixture *f = *state;
	struct defsync_request q = fx_request("t", NULL);
	const struct defsync_relation *first = NULL;
	const struct defsync_row *row;
	void *cursor;
	int i;

	fx_sql(f, "CREATE TABLE t(id INTEGER PRIMARY KEY); INSERT INTO t VALUES(1)");
	fx_connect(f);
	for (i = 0; i < 3; i++) {
		if (i == 2)
			fx_sql(f, "ALTER TABLE t ADD COLUMN x");
		assert_int_equal(f->source->extract(f->instance, &q, 0, &cursor), DEFSYNC_OK);
		assert_int_equal(f->source->next(f->instance, cursor, 0, &row), DEFSYNC_ROW);
		if (i == 0)
			first = row->relation;
		assert_int_equal(row->relation == first, i < 2);
		f->source->end(f->instance, cursor);
	}
	assert_int_equal(first->n_columns, 1);
}

static void test_plugin(void **state)
{
	struct fixture *f = *state;
	void *instance = NULL;
	uint32_t i;

	assert_string_equal(f->source->name, "sqlite");
	assert_int_equal(f->source->struct_size, sizeof(struct defsync_source));
	for (i = 0; i < f->source->n_options; i++)
		assert_non_null(f->source->options[i].help);
	f->options[0].value = NULL;
	plugin_host_begin(&f->host);
	assert_int_equal(f->source->create(&f->host.services, NULL, 0, &instance),
			 DEFSYNC_E_CONFIG);
	assert_int_equal(f->source->create(&f->host.services, NULL, 1, &instance), DEFSYNC_E_BUG);
	assert_null(instance);
	f->source->destroy(NULL);
	assert_int_equal(f->source->connect(f->instance, 4), DEFSYNC_E_BUG);
}

#define T(test) cmocka_unit_test_setup_teardown(test, fx_setup, fx_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
	    T(test_findings), T(test_sound),	T(test_candidates),
	    T(test_discover), T(test_relation), T(test_plugin),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
