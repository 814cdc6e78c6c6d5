/* SPDX-License-Identifier: MIT */
/* The known columns of a table and the changes that were reported. */

#include "store-fixture.h"

static void assert_shape(struct store *s, int64_t id, const char *want)
{
	struct buf text;
	int rc;

	buf_init(&text, 4096);
	rc = store_shape_get(s, id, &text, NULL);
	assert_int_equal(rc, want != NULL);
	if (want != NULL)
		assert_string_equal(text.data, want);
	buf_done(&text);
}

static void test_round_trip(void **state)
{
	struct folder *f = *state;
	struct store *s = must_open(f);
	struct store_step step = step_of(s, "a");
	int64_t other = table_id(s, "b");

	assert_shape(s, step.table_id, NULL);
	step.shape = "[1]";
	assert_int_equal(store_commit(s, &step, 1, NULL), 0);
	assert_shape(s, step.table_id, "[1]");
	assert_shape(s, other, NULL);
	step.shape = "[2]";
	assert_int_equal(store_commit(s, &step, 1, NULL), 0);
	step.shape = NULL;
	assert_int_equal(store_commit(s, &step, 1, NULL), 0);
	store_close(s);
	s = open_as(f->db, STORE_READ, &roomy);
	assert_shape(s, step.table_id, "[2]");
	store_close(s);
	s = must_open(f);
	assert_int_equal(store_shape_forget(s, step.table_id, NULL), 0);
	assert_shape(s, step.table_id, NULL);
	store_close(s);
}

/* A change is known until the columns that it leads to are. */
static void test_seen(void **state)
{
	static const char *const changes[] = {"x is new", "y is no more"};
	struct store *s = must_open(*state);
	struct store_step step = step_of(s, "a");

	assert_int_equal(store_drift_seen(s, step.table_id, changes[0], NULL), 0);
	assert_int_equal(store_drift_add(s, step.table_id, 1, changes, 1, NULL), 0);
	assert_int_equal(store_drift_seen(s, step.table_id, changes[0], NULL), 1);
	assert_int_equal(store_drift_seen(s, step.table_id, changes[1], NULL), 0);
	assert_int_equal(store_drift_seen(s, table_id(s, "b"), changes[0], NULL), 0);
	step.shape = "[]";
	step.changes = changes + 1;
	step.n_changes = 1;
	assert_int_equal(store_commit(s, &step, 1, NULL), 0);
	assert_int_equal(store_drift_seen(s, step.table_id, changes[0], NULL), 0);
	assert_int_equal(store_drift_seen(s, step.table_id, changes[1], NULL), 0);
	/* At once after it, whatever the clock says. */
	assert_int_equal(store_drift_add(s, step.table_id, 2, changes, 2, NULL), 0);
	assert_int_equal(store_drift_seen(s, step.table_id, changes[0], NULL), 1);
	assert_int_equal(store_drift_seen(s, step.table_id, changes[1], NULL), 1);
	store_close(s);
}

static int join(void *ctx, const struct store_drift *d)
{
	char *text = ctx;

	assert_true(d->at_us > 0);
	(void)snprintf(text + strlen(text), 64, "%lld:%s;", (long long)d->run_no, d->change);
	return 0;
}

static void test_last(void **state)
{
	static const char *const changes[] = {"a", "b", "c"};
	struct store *s = must_open(*state);
	int64_t id = table_id(s, "a");
	const char *many[1100];
	char text[256] = "";

	assert_int_equal(store_drift_last(s, id, join, text, NULL), 0);
	assert_string_equal(text, "");
	assert_int_equal(store_drift_add(s, id, 3, changes, 1, NULL), 0);
	assert_int_equal(store_drift_add(s, id, 4, changes + 1, 1, NULL), 0);
	assert_int_equal(store_drift_add(s, id, 4, changes + 2, 1, NULL), 0);
	assert_int_equal(store_drift_add(s, id, 5, changes, 0, NULL), 0);
	assert_int_equal(store_drift_last(s, id, join, text, NULL), 0);
	assert_string_equal(text, "4:b;4:c;");
	for (size_t i = 0; i < COUNT_OF(many); i++)
		many[i] = changes[0];
	assert_int_equal(store_drift_add(s, id, 6, many, COUNT_OF(many), NULL), 0);
	assert_int_equal(store_drift_seen(s, id, "b", NULL), 0);
	assert_int_equal(store_drift_seen(s, id, "a", NULL), 1);
	store_close(s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test_setup_teardown(test_round_trip, folder_setup, folder_teardown),
	    cmocka_unit_test_setup_teardown(test_seen, folder_setup, folder_teardown),
	    cmocka_unit_test_setup_teardown(test_last, folder_setup, folder_teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
