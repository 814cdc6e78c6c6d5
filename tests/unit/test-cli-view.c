/* SPDX-License-Identifier: MIT */
/* The SQL of the current-state view; test-view.sh runs it in DuckDB. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "cli/view-sql.h"

#include <cmocka.h>

static const char *const id[] = {"id"};
static const char *const two[] = {"tenant", "od\"d"};

static void names(void **state)
{
	static const struct {
		struct view view;
		const char *create, *from;
	} cases[] = {
	    {{"bronze.orders", "silver", NULL, id, 1},
	     "CREATE SCHEMA IF NOT EXISTS \"silver\";\nCREATE OR REPLACE VIEW "
	     "\"silver\".\"orders\" AS\n",
	     "FROM \"bronze\".\"orders\"\n"},
	    {{"orders", "silver", "now", id, 1}, "\"silver\".\"now\" AS\n", "FROM \"orders\"\n"},
	    {{"b.orders", "silver", "gold.now", id, 1},
	     "\"gold\".\"now\" AS\n",
	     "\"b\".\"orders\""},
	    {{"b.orders", "", NULL, id, 1}, "CREATE OR REPLACE VIEW \"orders\" AS\n", "\"b\""},
	    {{"b.o", "s", "a\"b", id, 1}, "VIEW \"s\".\"a\"\"b\" AS\n", "\"b\".\"o\""},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct buf b;

		buf_init(&b, 1 << 16);
		assert_int_equal(view_sql(&cases[i].view, &b), 0);
		assert_non_null(strstr(buf_str(&b), cases[i].create));
		assert_non_null(strstr(buf_str(&b), cases[i].from));
		assert_non_null(strstr(buf_str(&b), "PARTITION BY \"id\"\n"));
		buf_done(&b);
	}
}

/* Deleted rows are left out of the newest, not before they are found. */
static void order(void **state)
{
	const struct view v = {"b.o", "s", NULL, two, 2};
	struct buf b;
	const char *newest, *deleted;

	(void)state;
	buf_init(&b, 1 << 16);
	assert_int_equal(view_sql(&v, &b), 0);
	newest = strstr(buf_str(&b), "QUALIFY");
	deleted = strstr(buf_str(&b), "WHERE");
	assert_non_null(newest);
	assert_true(newest < deleted);
	assert_non_null(strstr(newest, "PARTITION BY \"tenant\", \"od\"\"d\"\n"));
	buf_done(&b);
}

static void own_name(void **state)
{
	const struct view same = {"Silver.orders", "silver", NULL, id, 1};
	const struct view named = {"b.orders", "silver", "B.ORDERS", id, 1};
	const struct view other = {"bronze.orders", "silver", NULL, id, 1};
	const struct view bare = {"orders", "silver", NULL, id, 1};

	(void)state;
	assert_true(view_is_target(&same));
	assert_true(view_is_target(&named));
	assert_false(view_is_target(&other));
	assert_false(view_is_target(&bare));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(names),
	    cmocka_unit_test(order),
	    cmocka_unit_test(own_name),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
