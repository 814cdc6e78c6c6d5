/* SPDX-License-Identifier: MIT */
/* The ledger: a line a step in its commit, newest first, filters, trimming by age. */

#include "store-fixture.h"

#include <sqlite3.h>

#define DAY_US (INT64_C(24) * 3600 * 1000000)

static void add_line(struct store *s, struct store_step *step, const struct store_ledger *line)
{
	step->ledger = line;
	assert_int_equal(store_commit(s, step, 1, NULL), 0);
}

/* Lines of 1, 2 ... rows, by turns in the tables orders and customers. */
static void add_lines(struct store *s, uint64_t n)
{
	struct store_step steps[] = {step_of(s, "orders"), step_of(s, "customers")};

	for (uint64_t i = 1; i <= n; i++) {
		const struct store_ledger line = {.rows = i};

		add_line(s, &steps[(i + 1) % 2], &line);
	}
}

struct seen {
	char text[256];
	int n, stop_after;
};

/* "table:rows " of each. */
static int see(void *ctx, const struct store_ledger *l)
{
	struct seen *seen = ctx;
	size_t used = strlen(seen->text);

	seen->n++;
	(void)snprintf(seen->text + used, sizeof(seen->text) - used, "%s:%llu ", l->table,
		       (unsigned long long)l->rows);
	return seen->stop_after != 0 && seen->n >= seen->stop_after;
}

static void assert_lines(struct store *s, const struct ledger_filter *filter, const char *expected)
{
	struct seen seen = {0};

	assert_int_equal(store_ledger_each(s, filter, see, &seen, NULL), 0);
	assert_string_equal(seen.text, expected);
}

struct whole {
	int64_t run_no, before_us;
	int n;
};

static int check_whole(void *ctx, const struct store_ledger *l)
{
	struct whole *w = ctx;

	w->n++;
	assert_int_equal(l->run_no, w->run_no);
	assert_true(l->at_us >= w->before_us && l->at_us <= clock_wall_us());
	assert_string_equal(l->source, "shop");
	assert_string_equal(l->table, "orders");
	assert_string_equal(l->target, "bronze.t");
	assert_string_equal(l->key_first, "{\"id\":1}");
	assert_string_equal(l->key_last, "{\"id\":\"\xc3\xa4\"}");
	assert_string_equal(l->request_id, "req-7");
	assert_int_equal(l->rows, 3);
	assert_int_equal(l->bytes, INT64_C(9000000000));
	return 0;
}

static void test_round_trip(void **state)
{
	struct folder *f = *state;
	struct store *s = must_open(f);
	struct store_step step = step_of(s, "orders");
	const struct store_ledger line = {
	    .at_us = 5, /* not the caller's to say */
	    .run_no = 99,
	    .key_first = "{\"id\":1}",
	    .key_last = "{\"id\":\"\xc3\xa4\"}",
	    .request_id = "req-7",
	    .rows = 3,
	    .bytes = UINT64_C(9000000000),
	};
	struct whole w = {.run_no = step.run_no, .before_us = clock_wall_us()};

	add_line(s, &step, &line);
	store_close(s);
	s = open_as(f->db, STORE_READ, &roomy);
	assert_int_equal(store_ledger_each(s, NULL, check_whole, &w, NULL), 0);
	assert_int_equal(w.n, 1);
	store_close(s);
}

static const struct {
	struct ledger_filter filter;
	const char *expected;
} filters[] = {
    {{0}, "orders:5 customers:4 orders:3 customers:2 orders:1 "},
    {{.max = 2}, "orders:5 customers:4 "},
    {{.source = "shop", .max = 1}, "orders:5 "},
    {{.source = "sho"}, ""},
    {{.table = "customers"}, "customers:4 customers:2 "},
    {{.table = "customers", .max = 1}, "customers:4 "},
    {{.source = "shop", .table = "orders"}, "orders:5 orders:3 orders:1 "},
    {{.table = "order"}, ""},
};

static void test_filters(void **state)
{
	struct store *s = must_open(*state);
	struct seen seen = {.stop_after = 1};

	assert_lines(s, NULL, "");
	add_lines(s, 5);
	for (size_t i = 0; i < COUNT_OF(filters); i++)
		assert_lines(s, &filters[i].filter, filters[i].expected);
	assert_int_equal(store_ledger_each(s, NULL, see, &seen, NULL), 0);
	assert_string_equal(seen.text, "orders:5 ");
	store_close(s);
}

/* Only steps that bring a line get one, and all of it is in the commit. */
static void test_commit(void **state)
{
	struct store *s = must_open(*state);
	const struct store_ledger lines[] = {{.rows = 1}, {.rows = 2}};
	struct store_step steps[3] = {step_of(s, "orders"), step_of(s, "customers"),
				      step_of(s, "stock")};

	steps[0].ledger = &lines[0];
	steps[2].ledger = &lines[1];
	assert_int_equal(store_commit(s, steps, 3, NULL), 0);
	assert_lines(s, NULL, "stock:2 orders:1 ");
	steps[2].run_row = 999;
	assert_int_equal(store_commit(s, steps, 3, NULL), -1);
	assert_lines(s, NULL, "stock:2 orders:1 ");
	store_close(s);
}

static void raw_sql(const struct folder *f, const char *sql)
{
	sqlite3 *db;

	assert_int_equal(sqlite3_open(f->db, &db), SQLITE_OK);
	assert_int_equal(sqlite3_exec(db, sql, NULL, NULL, NULL), SQLITE_OK);
	(void)sqlite3_close(db);
}

/* The line of n rows is n days old, less an hour. */
static void make_old(const struct folder *f)
{
	char sql[160];

	(void)snprintf(sql, sizeof(sql), "UPDATE ledger SET at_us = %lld - rows * %lld",
		       (long long)(clock_wall_us() + DAY_US / 24), (long long)DAY_US);
	raw_sql(f, sql);
}

static const struct {
	int64_t days;
	const char *left;
} ages[] = {
    {0, "orders:5 customers:4 orders:3 customers:2 orders:1 "},
    {5, "orders:5 customers:4 orders:3 customers:2 orders:1 "},
    {3, "orders:3 customers:2 orders:1 "},
    {1, "orders:1 "},
    {INT64_MAX / (DAY_US / 1000), "orders:5 customers:4 orders:3 customers:2 orders:1 "},
};

static void trim_case(int64_t days, const char *left)
{
	struct store_limits limits = roomy;
	struct store *s;
	void *folder;
	struct folder *f;
	int64_t run;

	assert_int_equal(folder_setup(&folder), 0);
	f = folder;
	s = must_open(f);
	add_lines(s, 5);
	store_close(s);
	make_old(f);
	limits.ledger_ms = days * (DAY_US / 1000);
	s = open_as(f->db, STORE_WRITE, &limits);
	assert_lines(s, NULL, "orders:5 customers:4 orders:3 customers:2 orders:1 ");
	assert_int_equal(store_run_begin(s, 1, 77, "r", &run, NULL), 0);
	assert_lines(s, NULL, left);
	store_close(s);
	(void)folder_teardown(&folder);
}

static void test_trim(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT_OF(ages); i++)
		trim_case(ages[i].days, ages[i].left);
}

static int count_line(void *ctx, const struct store_ledger *l)
{
	(void)l;
	++*(int *)ctx;
	return 0;
}

/* A great many old lines do not hold a run up: it takes the oldest 10,000. */
static void test_trim_is_bounded(void **state)
{
	struct folder *f = *state;
	struct store_limits limits = roomy;
	struct store *s = must_open(f);
	int64_t id = table_id(s, "orders"), run;
	int n = 0;

	store_close(s);
	raw_sql(f, "WITH n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 10005)"
		   "INSERT INTO ledger SELECT NULL, 20000 - i, 1, 1, '', '', '', i, 0 FROM n");
	limits.ledger_ms = 1000;
	s = open_as(f->db, STORE_WRITE, &limits);
	assert_int_equal(store_run_begin(s, id, 1, "r", &run, NULL), 0);
	/* The ids grow while the times fall here: the newest by time are left. */
	assert_lines(s, NULL, "orders:5 orders:4 orders:3 orders:2 orders:1 ");
	assert_int_equal(store_run_begin(s, id, 2, "r", &run, NULL), 0);
	assert_int_equal(store_ledger_each(s, NULL, count_line, &n, NULL), 0);
	assert_int_equal(n, 0);
	store_close(s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test_setup_teardown(test_round_trip, folder_setup, folder_teardown),
	    cmocka_unit_test_setup_teardown(test_filters, folder_setup, folder_teardown),
	    cmocka_unit_test_setup_teardown(test_commit, folder_setup, folder_teardown),
	    cmocka_unit_test(test_trim),
	    cmocka_unit_test_setup_teardown(test_trim_is_bounded, folder_setup, folder_teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
