/* SPDX-License-Identifier: MIT */
/* Keyset SQL: its text, and that the two forms of a bound mean the same. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#include <sqlite3.h>

#include "common/keyset.h"

static void numbered(struct text *out, unsigned n, unsigned column, void *ctx)
{
	(void)column;
	(void)ctx;
	text_char(out, '$');
	text_int(out, n);
}

static void bare(struct text *out, unsigned n, unsigned column, void *ctx)
{
	(void)n;
	(void)column;
	(void)ctx;
	text_char(out, '?');
}

static const struct keyset_dialect rows = {numbered, true, true};
static const struct keyset_dialect plain = {bare, false, false};
static const struct keyset_dialect plain_numbered = {numbered, false, true};

static void check(const struct keyset_dialect *d, const struct keyset *k, const char *sql,
		  unsigned n_params)
{
	struct keyset_bound bound;
	struct text t;

	text_init(&t, 4000);
	keyset_build(d, NULL, k, &t, &bound);
	assert_true(text_ok(&t));
	assert_string_equal(text_get(&t), sql);
	assert_int_equal(bound.n_params, n_params);
	assert_int_equal(keyset_params(d, k->from, k->n_order), n_params);
	text_done(&t);
}

static void test_text(void **state)
{
	static const char *const order[] = {"w", "a", "b"};
	static const char *const conditions[] = {NULL, "x -- y"};
	struct keyset k = {.select = "*", .table = "t", .order = order, .n_order = 1};

	(void)state;
	check(&rows, &k, "SELECT * FROM t ORDER BY w", 0);
	k.from = KEYSET_AT;
	k.limit = 9;
	check(&rows, &k, "SELECT * FROM t WHERE w >= $1 ORDER BY w LIMIT 9", 1);
	k.offset = 3;
	check(&rows, &k, "SELECT * FROM t WHERE w >= $1 ORDER BY w LIMIT 9 OFFSET 3", 1);
	k.offset = 0;
	k.limit = 0;
	k.from = KEYSET_PAST;
	k.conditions = conditions;
	k.n_conditions = 2;
	check(&plain, &k, "SELECT * FROM t WHERE w > ? AND (x -- y\n) ORDER BY w", 1);
	k.from = KEYSET_ALL;
	check(&plain, &k, "SELECT * FROM t WHERE (x -- y\n) ORDER BY w", 0);
	k.n_conditions = 0;
	k.from = KEYSET_BEHIND;
	check(&plain, &k, "SELECT * FROM t WHERE w > ? ORDER BY w", 1);
	k.n_order = 2;
	check(&rows, &k, "SELECT * FROM t WHERE (w, a) > ($1, $2) ORDER BY w, a", 2);
	check(&plain, &k, "SELECT * FROM t WHERE w >= ? AND (w > ? OR a > ?) ORDER BY w, a", 3);
	check(&plain_numbered, &k,
	      "SELECT * FROM t WHERE w >= $1 AND (w > $1 OR a > $2) ORDER BY w, a", 2);
	k.n_order = 3;
	check(&plain, &k,
	      "SELECT * FROM t WHERE w >= ? AND (w > ? OR (a >= ? AND (a > ? OR b > ?))) "
	      "ORDER BY w, a, b",
	      5);
}

static void test_columns(void **state)
{
	static const char *const order[] = {"w", "a", "b"};
	static const unsigned expected[] = {0, 0, 1, 1, 2};
	const struct keyset k = {
	    .select = "*", .table = "t", .order = order, .n_order = 3, .from = KEYSET_BEHIND};
	struct keyset_bound bound;
	struct text t;

	(void)state;
	text_init(&t, 1000);
	keyset_build(&plain, NULL, &k, &t, &bound);
	assert_memory_equal(bound.columns, expected, sizeof(expected));
	text_done(&t);
}

static void test_refused(void **state)
{
	const struct keyset k = {.select = "*", .table = "t"};
	struct keyset_bound bound;
	struct text t;

	(void)state;
	text_init(&t, 1000);
	keyset_build(&plain, NULL, &k, &t, &bound);
	assert_false(text_ok(&t));
	text_done(&t);
}

/* Rows behind (2, 2, 2) in a cube of 4 * 4 * 4, by the database itself. */
static int count_behind(sqlite3 *db, const struct keyset_dialect *d, int w, int a, int b)
{
	static const char *const order[] = {"w", "a", "b"};
	const int at[] = {w, a, b};
	const struct keyset k = {
	    .select = "1", .table = "t", .order = order, .n_order = 3, .from = KEYSET_BEHIND};
	struct keyset_bound bound;
	sqlite3_stmt *stmt;
	struct text t;
	unsigned i;
	int n = 0;

	text_init(&t, 1000);
	keyset_build(d, NULL, &k, &t, &bound);
	assert_int_equal(sqlite3_prepare_v2(db, text_get(&t), -1, &stmt, NULL), SQLITE_OK);
	assert_int_equal(sqlite3_bind_parameter_count(stmt), (int)bound.n_params);
	for (i = 0; i < bound.n_params; i++)
		sqlite3_bind_int(stmt, (int)i + 1, at[bound.columns[i]]);
	while (sqlite3_step(stmt) == SQLITE_ROW)
		n++;
	sqlite3_finalize(stmt);
	text_done(&t);
	return n;
}

static void test_same_meaning(void **state)
{
	sqlite3 *db;
	int w, a, b;

	(void)state;
	assert_int_equal(sqlite3_open(":memory:", &db), SQLITE_OK);
	assert_int_equal(
	    sqlite3_exec(
		db,
		"CREATE TABLE t(w, a, b); WITH n(i) AS (VALUES(0),(1),(2),(3)) INSERT INTO t "
		"SELECT x.i, y.i, z.i FROM n x, n y, n z",
		NULL, NULL, NULL),
	    SQLITE_OK);
	for (w = -1; w <= 4; w++) {
		for (a = 0; a < 4; a++) {
			for (b = 0; b < 4; b++) {
				int left = w < 0 ? 64 : w > 3 ? 0 : 63 - (w * 16 + a * 4 + b);

				assert_int_equal(count_behind(db, &rows, w, a, b), left);
				assert_int_equal(count_behind(db, &plain, w, a, b), left);
				assert_int_equal(count_behind(db, &plain_numbered, w, a, b), left);
			}
		}
	}
	sqlite3_close(db);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_text),
	    cmocka_unit_test(test_columns),
	    cmocka_unit_test(test_refused),
	    cmocka_unit_test(test_same_meaning),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
