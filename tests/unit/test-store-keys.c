/* SPDX-License-Identifier: MIT */
/* Known keys: with the commit or not at all, folded once, listed by hash, forgotten. */

#include "store-fixture.h"

#define CHANGES(text) text, sizeof(text) /* its NUL ends the last one */

static const unsigned char lowest[ROW_HASH_BYTES];
static const unsigned char highest[ROW_HASH_BYTES] = {
    0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff};

struct seen {
	char text[256];
	unsigned char last[ROW_HASH_BYTES];
	int n, stop_after;
};

static int see(void *ctx, const unsigned char *hash, const char *key)
{
	struct seen *seen = ctx;
	size_t used = strlen(seen->text);
	unsigned char expected[ROW_HASH_BYTES];

	assert_int_equal(row_hash_text(key, strlen(key), expected), 0);
	assert_memory_equal(hash, expected, sizeof(expected));
	if (seen->n++ > 0)
		assert_true(memcmp(seen->last, hash, sizeof(seen->last)) < 0);
	memcpy(seen->last, hash, sizeof(seen->last));
	(void)snprintf(seen->text + used, sizeof(seen->text) - used, "%s ", key);
	return seen->stop_after != 0 && seen->n >= seen->stop_after;
}

static int holds(const struct seen *seen, const char *key)
{
	char word[32];

	(void)snprintf(word, sizeof(word), "%s ", key);
	return strstr(seen->text, word) != NULL;
}

static void assert_keys(struct store *s, int64_t id, int64_t n, const char *one)
{
	struct store_keys state;
	struct seen seen = {.n = 0};

	assert_int_equal(store_keys_each(s, id, lowest, highest, 1000, see, &seen, NULL), n);
	assert_int_equal(seen.n, n);
	assert_true(one == NULL || holds(&seen, one));
	assert_int_equal(store_keys_state(s, id, NULL, &state, NULL), 0);
	assert_int_equal(state.n, n);
}

static void fold_all(struct store *s, int64_t id)
{
	int rc;

	while ((rc = store_keys_fold(s, id, NULL)) > 0)
		;
	assert_int_equal(rc, 0);
}

static void commit_keys(struct store *s, struct store_step *step, const char *keys, size_t len)
{
	step->keys = keys;
	step->keys_len = len;
	assert_int_equal(store_commit(s, step, 1, NULL), 0);
}

static void test_commit_and_fold(void **state)
{
	struct folder *f = *state;
	struct store *s = must_open(f);
	struct store_step step = step_of(s, "orders"), other = step_of(s, "items");
	struct store_keys keys;

	commit_keys(s, &step, CHANGES("+1\0+2\0+3"));
	commit_keys(s, &other, CHANGES("+1\0+9"));
	commit_keys(s, &step, CHANGES("+2\0-3\0+4\0-4\0-5\0+5"));
	assert_int_equal(store_keys_state(s, step.table_id, NULL, &keys, NULL), 0);
	assert_int_equal(keys.journal, 9 + 18);
	assert_int_equal(keys.at_us, 0);
	assert_keys(s, step.table_id, 0, NULL);
	fold_all(s, step.table_id);
	assert_keys(s, step.table_id, 3, "5");
	fold_all(s, step.table_id);
	assert_keys(s, step.table_id, 3, "1");
	store_close(s);
	s = must_open(f);
	fold_all(s, other.table_id);
	assert_keys(s, other.table_id, 2, "9");
	assert_keys(s, step.table_id, 3, "2");
	store_close(s);
}

static void test_all_or_nothing(void **state)
{
	struct folder *f = *state;
	struct store *s = must_open(f);
	struct store_step step = step_of(s, "orders");
	struct store_keys keys;

	step.keys = "+1";
	step.keys_len = 3;
	step.run_row = 999;
	assert_int_equal(store_commit(s, &step, 1, NULL), -1);
	assert_int_equal(store_keys_state(s, step.table_id, NULL, &keys, NULL), 0);
	assert_int_equal(keys.journal, 0);
	store_close(s);
}

static void test_changes_that_are_none(void **state)
{
	struct folder *f = *state;
	struct store *s = must_open(f);
	int64_t id = table_id(s, "orders");
	struct error err = ERROR_INIT;

	assert_int_equal(store_keys_change(s, id, CHANGES("+1\0?2"), &err), -1);
	assert_error(&err, ERR_STORE, "journal of keys");
	assert_int_equal(store_keys_change(s, id, "+1", 2, &err), -1);
	assert_error(&err, ERR_STORE, "journal of keys");
	assert_keys(s, id, 0, NULL);
	assert_int_equal(store_keys_change(s, id, NULL, 0, NULL), 0);
	store_close(s);
}

static void test_ranges(void **state)
{
	struct folder *f = *state;
	struct store *s = must_open(f);
	int64_t id = table_id(s, "orders");
	struct seen all = {.n = 0}, some = {.stop_after = 2}, part = {.n = 0};

	assert_int_equal(store_keys_change(s, id, CHANGES("+1\0+2\0+3\0+4\0+5"), NULL), 0);
	assert_int_equal(store_keys_each(s, id, lowest, highest, 3, see, &all, NULL), 3);
	assert_int_equal(store_keys_each(s, id, lowest, highest, 9, see, &some, NULL), 2);
	/* Both ends are included. */
	assert_int_equal(store_keys_each(s, id, all.last, all.last, 9, see, &part, NULL), 1);
	assert_int_equal(
	    store_keys_each(s, id, all.last, highest, 9, see, &(struct seen){.n = 0}, NULL), 3);
	store_close(s);
}

static void test_passes(void **state)
{
	struct folder *f = *state;
	struct store *s = must_open(f);
	int64_t id = table_id(s, "orders"), other = table_id(s, "items");
	struct store_keys keys;

	assert_int_equal(store_keys_change(s, id, CHANGES("+1\0+2"), NULL), 0);
	assert_int_equal(store_keys_passed(s, id, "[\"id\"]", 77, NULL), 0);
	assert_int_equal(store_keys_passed(s, other, "[\"id\"]", 78, NULL), 0);
	assert_int_equal(store_keys_state(s, id, "[\"id\"]", &keys, NULL), 0);
	assert_int_equal(keys.at_us, 77);
	assert_int_equal(keys.n, 2);
	/* A pass over other columns is none. */
	assert_int_equal(store_keys_state(s, id, "[\"a\"]", &keys, NULL), 0);
	assert_int_equal(keys.at_us, 0);
	/* What is known outlives a new beginning, which reads all rows again. */
	assert_int_equal(store_table_reset(s, id, NULL), 0);
	assert_keys(s, id, 2, "1");
	while (store_keys_forget(s, id, NULL) > 0)
		;
	assert_keys(s, id, 0, NULL);
	assert_int_equal(store_keys_state(s, id, NULL, &keys, NULL), 0);
	assert_int_equal(keys.at_us, 0);
	assert_int_equal(store_keys_state(s, other, NULL, &keys, NULL), 0);
	assert_int_equal(keys.at_us, 78);
	store_close(s);
}

static void test_found(void **state)
{
	struct folder *f = *state;
	struct store *s = must_open(f);
	int64_t id = table_id(s, "orders"), after = 0;
	struct store_step step = step_of(s, "orders");
	struct buf piece;

	buf_init(&piece, 1000);
	commit_keys(s, &step, CHANGES("+1"));
	assert_int_equal(store_keys_found(s, id, &after, &piece, NULL), 0);
	assert_int_equal(store_keys_find(s, id, CHANGES("1\0002"), NULL), 0);
	assert_int_equal(store_keys_find(s, id, CHANGES("3"), NULL), 0);
	assert_int_equal(store_keys_found(s, id, &after, &piece, NULL), 1);
	assert_int_equal(piece.len, 4);
	assert_memory_equal(piece.data, "1\0002", 4);
	assert_int_equal(store_keys_found(s, id, &after, &piece, NULL), 1);
	assert_memory_equal(piece.data, "3", 2);
	assert_int_equal(store_keys_found(s, id, &after, &piece, NULL), 0);
	/* They are not changes of the set. */
	assert_int_equal(store_keys_found_clear(s, id, NULL), 0);
	after = 0;
	assert_int_equal(store_keys_found(s, id, &after, &piece, NULL), 0);
	fold_all(s, id);
	assert_keys(s, id, 1, "1");
	buf_done(&piece);
	store_close(s);
}

/* More than one fold takes. */
static void test_many(void **state)
{
	struct folder *f = *state;
	struct store *s = must_open(f);
	struct store_step step = step_of(s, "orders");
	struct store_keys keys;
	struct buf b;

	buf_init(&b, 1 << 22);
	for (int i = 0; i < 400000; i++) {
		assert_int_equal(buf_printf(&b, "+{\"id\":%d}", i), 0);
		assert_int_equal(buf_add_char(&b, '\0'), 0);
		if (i % 10000 != 9999)
			continue;
		commit_keys(s, &step, b.data, b.len);
		buf_reset(&b);
	}
	assert_int_equal(store_keys_fold(s, step.table_id, NULL), 1);
	assert_int_equal(store_keys_state(s, step.table_id, NULL, &keys, NULL), 0);
	assert_true(keys.n > 0 && keys.n < 400000 && keys.journal > 0);
	fold_all(s, step.table_id);
	assert_int_equal(store_keys_state(s, step.table_id, NULL, &keys, NULL), 0);
	assert_int_equal(keys.n, 400000);
	assert_int_equal(keys.journal, 0);
	assert_int_equal(store_keys_forget(s, step.table_id, NULL), 1);
	while (store_keys_forget(s, step.table_id, NULL) > 0)
		;
	assert_keys(s, step.table_id, 0, NULL);
	buf_done(&b);
	store_close(s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test_setup_teardown(test_commit_and_fold, folder_setup, folder_teardown),
	    cmocka_unit_test_setup_teardown(test_all_or_nothing, folder_setup, folder_teardown),
	    cmocka_unit_test_setup_teardown(test_changes_that_are_none, folder_setup,
					    folder_teardown),
	    cmocka_unit_test_setup_teardown(test_ranges, folder_setup, folder_teardown),
	    cmocka_unit_test_setup_teardown(test_passes, folder_setup, folder_teardown),
	    cmocka_unit_test_setup_teardown(test_found, folder_setup, folder_teardown),
	    cmocka_unit_test_setup_teardown(test_many, folder_setup, folder_teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
