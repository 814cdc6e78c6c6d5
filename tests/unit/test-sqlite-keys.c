/* SPDX-License-Identifier: MIT */
/* The sqlite source: rows by their key, whatever form JSON gave it. */

#include "sqlite-fixture.h"

static struct defsync_cell as_int(int64_t v)
{
	return (struct defsync_cell){.type = DEFSYNC_INT64, .v = {.i64 = v}};
}

static struct defsync_cell as_bool(int64_t v)
{
	return (struct defsync_cell){.type = DEFSYNC_BOOL, .v = {.i64 = v}};
}

static struct defsync_cell as_double(double v)
{
	return (struct defsync_cell){.type = DEFSYNC_DOUBLE, .v = {.f64 = v}};
}

static struct defsync_cell as_text(const char *v)
{
	return (struct defsync_cell){.type = DEFSYNC_TEXT, .v = {.data = {v, strlen(v)}}};
}

static struct defsync_request by_key(const char *table, const char *const *keys, uint32_t n_keys,
				     const struct defsync_cell *cells, uint32_t n)
{
	struct defsync_request q = fx_request(table, NULL);

	q.mode = DEFSYNC_READ_KEYS;
	q.keys = keys;
	q.n_keys = n_keys;
	q.lookup = cells;
	q.n_lookup = n;
	q.cell_size = sizeof(*cells);
	return q;
}

/* What is found, as "1|a 3|c". */
static void assert_finds(struct fixture *f, const struct defsync_request *q, const char *expected)
{
	struct reading r = fx_read(f, q);
	char all[1024] = "";

	if (r.rc != DEFSYNC_END)
		fail_msg("%s", f->host.text);
	for (size_t i = 0; i < r.n; i++) {
		assert_int_equal(r.rows[i].rc, DEFSYNC_ROW);
		assert_int_equal(r.rows[i].op, DEFSYNC_OP_READ);
		assert_int_equal(r.rows[i].flags, 0);
		assert_null(r.rows[i].checkpoint);
		assert_true(strlen(all) + strlen(r.rows[i].text) + 2 < sizeof(all));
		(void)strncat(all, i > 0 ? " " : "", sizeof(all) - strlen(all) - 1);
		(void)strncat(all, r.rows[i].text, sizeof(all) - strlen(all) - 1);
	}
	assert_string_equal(all, expected);
	fx_done(&r);
}

static void test_present_and_gone(void **state)
{
	static const char *const keys[] = {"id"};
	static const char *const columns[] = {"name"};
	struct fixture *f = *state;
	const struct defsync_cell cells[] = {as_int(3), as_int(7), as_int(1), as_int(3)};
	struct defsync_request q = by_key("orders", keys, 1, cells, 4);
	struct reading r;

	fx_sql(f, "CREATE TABLE orders(id INTEGER PRIMARY KEY, name TEXT, v INTEGER);"
		  "INSERT INTO orders VALUES(1,'a',1),(2,'b',2),(3,'c',3);");
	fx_connect(f);
	assert_finds(f, &q, "3|c|3 1|a|1 3|c|3");
	/* As they are now, and only the columns that are asked for. */
	fx_sql(f, "UPDATE orders SET name = 'new' WHERE id = 3; DELETE FROM orders WHERE id = 1");
	q.columns = columns;
	q.n_columns = 1;
	assert_finds(f, &q, "new new");
	r = fx_read(f, &q);
	assert_string_equal(r.rows[0].position, "id=3");
	fx_done(&r);
}

/* One column, one value, what is asked for and whether it is found. */
static const struct form {
	const char *declared, *stored;
	struct defsync_cell key;
	int found;
} forms[] = {
    {"INTEGER", "17", {.type = DEFSYNC_INT64, .v = {.i64 = 17}}, 1},
    {"INTEGER", "17", {.type = DEFSYNC_TEXT, .v = {.data = {"17", 2}}}, 1},
    {"INTEGER", "17", {.type = DEFSYNC_DOUBLE, .v = {.f64 = 17}}, 1},
    {"INTEGER", "17", {.type = DEFSYNC_TEXT, .v = {.data = {"17x", 3}}}, 0},
    {"INTEGER", "9223372036854775807", {.type = DEFSYNC_INT64, .v = {.i64 = INT64_MAX}}, 1},
    {"BOOLEAN", "1", {.type = DEFSYNC_BOOL, .v = {.i64 = 1}}, 1},
    {"DECIMAL(9,2)", "1.5", {.type = DEFSYNC_TEXT, .v = {.data = {"1.5", 3}}}, 1},
    {"REAL", "0.1", {.type = DEFSYNC_DOUBLE, .v = {.f64 = 0.1}}, 1},
    {"TEXT", "'17'", {.type = DEFSYNC_INT64, .v = {.i64 = 17}}, 1},
    {"TEXT", "'a'", {.type = DEFSYNC_TEXT, .v = {.data = {"a", 1}}}, 1},
    {"TEXT", "'A'", {.type = DEFSYNC_TEXT, .v = {.data = {"a", 1}}}, 0},
    {"TEXT", "''", {.type = DEFSYNC_TEXT, .v = {.data = {NULL, 0}}}, 1},
    {"TEXT", "'abcd'", {.type = DEFSYNC_TEXT, .v = {.data = {"abcd", 4}}}, 1},
    {"", "17", {.type = DEFSYNC_INT64, .v = {.i64 = 17}}, 1},
    /* Nothing to go by: a text is none of the numbers. */
    {"", "17", {.type = DEFSYNC_TEXT, .v = {.data = {"17", 2}}}, 0},
    {"BLOB", "x'61ff62'", {.type = DEFSYNC_TEXT, .v = {.data = {"Yf9i", 4}}}, 1},
    {"BLOB", "x'61'", {.type = DEFSYNC_TEXT, .v = {.data = {"YQ==", 4}}}, 1},
    {"BLOB", "x'6161'", {.type = DEFSYNC_TEXT, .v = {.data = {"YWE=", 4}}}, 1},
    {"BLOB", "x''", {.type = DEFSYNC_TEXT, .v = {.data = {NULL, 0}}}, 1},
    {"BLOB", "x'61'", {.type = DEFSYNC_TEXT, .v = {.data = {"YQ=", 3}}}, 0},
    {"BLOB", "x'61'", {.type = DEFSYNC_TEXT, .v = {.data = {"Y===", 4}}}, 0},
    {"BLOB", "x'61'", {.type = DEFSYNC_TEXT, .v = {.data = {"Y Q=", 4}}}, 0},
    /* A blob in a column of another type. */
    {"TEXT", "x'61ff62'", {.type = DEFSYNC_TEXT, .v = {.data = {"Yf9i", 4}}}, 1},
    {"INTEGER", "x'61ff62'", {.type = DEFSYNC_TEXT, .v = {.data = {"Yf9i", 4}}}, 1},
};

static void test_forms(void **state)
{
	static const char *const keys[] = {"k"};
	struct fixture *f = *state;

	fx_sql(f, "CREATE TABLE one(x)");
	fx_connect(f);
	for (size_t i = 0; i < sizeof(forms) / sizeof(forms[0]); i++) {
		struct defsync_request q = by_key("t", keys, 1, &forms[i].key, 1);
		struct reading r;
		char sql[256];

		(void)snprintf(sql, sizeof(sql),
			       "DROP TABLE IF EXISTS t; CREATE TABLE t(k %s UNIQUE, v);"
			       "INSERT INTO t VALUES(%s, 1),(NULL, 2)",
			       forms[i].declared, forms[i].stored);
		fx_sql(f, sql);
		r = fx_read(f, &q);
		if (r.rc != DEFSYNC_END || r.n != (size_t)forms[i].found)
			fail_msg("form %zu: %s %s: %zu rows", i, forms[i].declared, forms[i].stored,
				 r.n);
		fx_done(&r);
	}
}

static void test_composite(void **state)
{
	static const char *const keys[] = {"line", "name"};
	struct fixture *f = *state;
	const struct defsync_cell cells[] = {as_int(2),	   as_text("a"), as_int(1),
					     as_text("b"), as_int(2),	 as_text("c")};
	struct defsync_request q = by_key("items", keys, 2, cells, 3);

	fx_sql(f, "CREATE TABLE items(name TEXT, line INTEGER, v, PRIMARY KEY(name, line));"
		  "INSERT INTO items VALUES('a',1,10),('a',2,20),('b',1,30),('b',2,40);");
	fx_connect(f);
	assert_finds(f, &q, "a|2|20 b|1|30");
}

/* Equal keys are all given; a collation that folds case does not make two keys one. */
static void test_shared_keys(void **state)
{
	static const char *const keys[] = {"k"};
	struct fixture *f = *state;
	const struct defsync_cell cells[] = {as_text("a")};
	struct defsync_request q = by_key("t", keys, 1, cells, 1);

	fx_sql(f, "CREATE TABLE t(k TEXT COLLATE NOCASE, v);"
		  "INSERT INTO t VALUES('a',1),('A',2),('a',3);"
		  "CREATE VIEW w AS SELECT k, v FROM t;");
	fx_connect(f);
	assert_finds(f, &q, "a|1 a|3");
	q.table = "w";
	assert_finds(f, &q, "a|1 a|3");
}

static void test_types_and_bad_rows(void **state)
{
	static const char *const keys[] = {"id"};
	struct fixture *f = *state;
	const struct defsync_cell cells[] = {as_int(1), as_int(2)};
	struct defsync_request q = by_key("t", keys, 1, cells, 2);
	struct reading r;

	fx_sql(f, "CREATE TABLE t(id INTEGER PRIMARY KEY, flag BOOLEAN);"
		  "INSERT INTO t VALUES(1,7),(2,1);");
	fx_connect(f);
	r = fx_read(f, &q);
	assert_int_equal(r.rc, DEFSYNC_END);
	assert_int_equal(r.n, 2);
	assert_int_equal(r.rows[0].rc, DEFSYNC_E_BAD_ROW);
	assert_null(r.rows[0].checkpoint);
	assert_int_equal(r.rows[1].rc, DEFSYNC_ROW);
	fx_done(&r);
}

static void test_refusals(void **state)
{
	static const char *const keys[] = {"nope"};
	static const char *const id[] = {"id"};
	struct fixture *f = *state;
	const struct defsync_cell cells[] = {as_bool(1), as_double(1)};
	const struct defsync_cell null = {.type = DEFSYNC_NULL};
	struct defsync_request q = by_key("t", keys, 1, cells, 2);
	struct reading r;

	fx_sql(f, "CREATE TABLE t(id INTEGER PRIMARY KEY)");
	fx_connect(f);
	r = fx_read(f, &q);
	fx_assert_fails(f, &r, DEFSYNC_E_CONFIG, "no column 'nope'");
	q = by_key("missing", id, 1, cells, 2);
	r = fx_read(f, &q);
	fx_assert_fails(f, &r, DEFSYNC_E_CONFIG, "missing");
	q = by_key("t", id, 1, &null, 1);
	r = fx_read(f, &q);
	fx_assert_fails(f, &r, DEFSYNC_E_BUG, "cannot be bound");
}

#define T(name) cmocka_unit_test_setup_teardown(name, fx_setup, fx_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
	    T(test_present_and_gone),	T(test_forms),	  T(test_composite), T(test_shared_keys),
	    T(test_types_and_bad_rows), T(test_refusals),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
