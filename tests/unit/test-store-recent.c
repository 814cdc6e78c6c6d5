/* SPDX-License-Identifier: MIT */
/* Hashes of rows that are read again: claims, counts, crashes, sweeps, the limit. */

#include "store-fixture.h"

static const unsigned char *hash_of(unsigned i)
{
	static unsigned char hash[ROW_HASH_BYTES];
	uint32_t word = i;

	/* Spread like a real one, the number itself at the end. */
	for (size_t j = 0; j + 4 <= sizeof(hash); j += 4) {
		word = word * 2654435761u + 12345u;
		memcpy(hash + j, &word, 4);
	}
	memcpy(hash + 12, &i, 4);
	return hash;
}

static int claim(const struct store_step *run, struct store *s, unsigned i)
{
	return store_claim(s, run->table_id, run->run_no, hash_of(i), NULL);
}

static uint64_t deliver(struct store *s, struct store_step *run, unsigned from, unsigned n,
			int sweep)
{
	unsigned char(*hashes)[ROW_HASH_BYTES] = calloc(n + 1, ROW_HASH_BYTES);

	for (unsigned i = 0; i < n; i++)
		memcpy(hashes[i], hash_of(from + i), ROW_HASH_BYTES);
	run->hashes = (const unsigned char(*)[ROW_HASH_BYTES])hashes;
	run->n_hashes = n;
	run->sweep = sweep;
	assert_int_equal(store_commit(s, run, 1, NULL), 0);
	free(hashes);
	return run->ret_hashes_dropped;
}

static int64_t kept(struct store *s, const char *table)
{
	struct store_table t;
	int64_t n;

	assert_int_equal(store_table_find(s, "shop", table, &t, NULL), 1);
	n = t.recent;
	store_table_done(&t);
	return n;
}

static void test_claims(void **state)
{
	struct store *s = must_open(*state);
	struct store_step run1 = step_of(s, "orders"), run2, other;

	assert_int_equal(claim(&run1, s, 1), 0);
	assert_int_equal(deliver(s, &run1, 1, 1, 0), 0);
	/* Rows of the same run are never repeats: a keyless table may hold equals. */
	assert_int_equal(claim(&run1, s, 1), 0);
	run2 = step_of(s, "orders");
	other = step_of(s, "customers");
	assert_int_equal(claim(&other, s, 1), 0);
	assert_int_equal(claim(&run2, s, 2), 0);
	assert_int_equal(claim(&run2, s, 1), 1);
	assert_int_equal(claim(&run2, s, 1), 0);
	assert_int_equal(kept(s, "orders"), 1);
	store_close(s);
}

static void test_equal_rows(void **state)
{
	struct store *s = must_open(*state);
	struct store_step run = step_of(s, "orders");

	/* Two equal rows in run 1, a third appears before run 2. */
	(void)deliver(s, &run, 1, 1, 0);
	(void)deliver(s, &run, 1, 1, 0);
	run = step_of(s, "orders");
	assert_int_equal(claim(&run, s, 1), 1);
	assert_int_equal(claim(&run, s, 1), 1);
	assert_int_equal(claim(&run, s, 1), 0);
	(void)deliver(s, &run, 1, 1, 1);
	assert_int_equal(kept(s, "orders"), 3);
	run = step_of(s, "orders");
	for (int i = 0; i < 3; i++)
		assert_int_equal(claim(&run, s, 1), 1);
	assert_int_equal(claim(&run, s, 1), 0);
	store_close(s);
}

/* Claims of two earlier runs, one of which ended before its sweep. */
static void test_several_runs(void **state)
{
	struct store *s = must_open(*state);
	struct store_step run = step_of(s, "orders");

	(void)deliver(s, &run, 1, 10, 0);
	run = step_of(s, "orders");
	for (unsigned i = 1; i <= 5; i++)
		assert_int_equal(claim(&run, s, i), 1);
	(void)deliver(s, &run, 11, 1, 0);
	run = step_of(s, "orders");
	for (unsigned i = 1; i <= 11; i++)
		assert_int_equal(claim(&run, s, i), 1);
	assert_int_equal(claim(&run, s, 12), 0);
	store_close(s);
}

static void test_sweep(void **state)
{
	struct folder *f = *state;
	struct store *s = must_open(f);
	struct store_step run = step_of(s, "orders"), other = step_of(s, "customers");

	(void)deliver(s, &run, 1, 10, 0);
	(void)deliver(s, &other, 1, 5, 0);
	run = step_of(s, "orders");
	assert_int_equal(claim(&run, s, 3), 1);
	(void)deliver(s, &run, 20, 2, 1);
	assert_int_equal(kept(s, "orders"), 3);
	assert_int_equal(kept(s, "customers"), 5);
	assert_int_equal(claim(&run, s, 4), 0);
	/* A sweep in a run without claims looks too; one that has nothing to do is fine. */
	store_close(s);
	s = must_open(f);
	run = step_of(s, "orders");
	(void)deliver(s, &run, 30, 1, 1);
	assert_int_equal(kept(s, "orders"), 1);
	(void)deliver(s, &run, 31, 1, 1);
	assert_int_equal(kept(s, "orders"), 2);
	run = step_of(s, "orders");
	assert_int_equal(claim(&run, s, 20), 0);
	assert_int_equal(claim(&run, s, 3), 0);
	assert_int_equal(claim(&run, s, 30), 1);
	store_close(s);
}

static void crash_after_claims(const struct folder *f, const struct store_step *run, int commit)
{
	pid_t pid = fork();

	if (pid == 0) {
		struct store *s = must_open(f);
		struct store_step other = step_of(s, "customers");

		for (unsigned i = 1; i <= 5; i++)
			(void)claim(run, s, i);
		/* The commit of any table takes them along. */
		if (commit)
			(void)deliver(s, &other, 0, 0, 0);
		for (unsigned i = 6; i <= 8; i++)
			(void)claim(run, s, i);
		(void)kill(getpid(), SIGKILL);
	}
	assert_int_equal(child_result(pid), ENDED_BY_KILL);
}

/* Whatever became durable, the next run recognises each repeat once. */
static void test_crash(void **state)
{
	struct folder *f = *state;
	struct store *s = must_open(f);
	struct store_step run = step_of(s, "orders"), second, third;

	(void)deliver(s, &run, 1, 10, 0);
	for (int commit = 0; commit < 2; commit++) {
		second = step_of(s, "orders");
		store_close(s);
		crash_after_claims(f, &second, commit);
		s = must_open(f);
		/* In the same run number: what was durably claimed is used up. */
		assert_int_equal(claim(&second, s, 1), !commit);
		third = step_of(s, "orders");
		for (unsigned i = 1; i <= 10; i++)
			assert_int_equal(claim(&third, s, i), 1);
		assert_int_equal(claim(&third, s, 1), 0);
		assert_int_equal(kept(s, "orders"), 10);
	}
	store_close(s);
}

static void test_close_keeps_claims(void **state)
{
	struct folder *f = *state;
	struct store *s = must_open(f);
	struct store_step run = step_of(s, "orders");

	(void)deliver(s, &run, 1, 2, 0);
	run = step_of(s, "orders");
	assert_int_equal(claim(&run, s, 1), 1);
	store_close(s);
	s = must_open(f);
	assert_int_equal(claim(&run, s, 1), 0);
	assert_int_equal(claim(&run, s, 2), 1);
	store_close(s);
}

/* A commit that fails takes the claims back; they can be made again. */
static void test_failed_commit(void **state)
{
	struct store *s = must_open(*state);
	struct store_step run = step_of(s, "orders");

	(void)deliver(s, &run, 1, 2, 0);
	run = step_of(s, "orders");
	assert_int_equal(claim(&run, s, 1), 1);
	assert_int_equal(claim(&run, s, 2), 1);
	run.n_hashes = 0;
	run.run_row = 999;
	assert_int_equal(store_commit(s, &run, 1, NULL), -1);
	assert_int_equal(claim(&run, s, 2), 1);
	assert_int_equal(claim(&run, s, 1), 1);
	assert_int_equal(claim(&run, s, 1), 0);
	store_close(s);
}

static void test_limit(void **state)
{
	struct folder *f = *state;
	const struct store_limits limits = {.recent_max = 8, .dlq_max_bytes = 0};
	struct store *s = open_as(f->db, STORE_WRITE, &limits);
	struct store_step run = step_of(s, "orders"), other = step_of(s, "customers");

	assert_int_equal(deliver(s, &run, 1, 5, 0), 0);
	assert_int_equal(deliver(s, &other, 1, 5, 0), 2);
	assert_int_equal(deliver(s, &other, 9, 1, 0), 1);
	store_close(s);
	s = open_as(f->db, STORE_WRITE, &limits);
	run = step_of(s, "orders");
	assert_int_equal(claim(&run, s, 1), 1);
	assert_int_equal(deliver(s, &run, 20, 2, 1), 2);
	assert_int_equal(kept(s, "orders"), 1);
	/* What the sweep has freed is there for the next. */
	assert_int_equal(deliver(s, &run, 20, 5, 0), 1);
	assert_int_equal(store_table_reset(s, run.table_id, NULL), 0);
	assert_int_equal(kept(s, "orders"), 0);
	assert_int_equal(deliver(s, &run, 20, 9, 0), 4);
	store_close(s);
}

static void test_reset(void **state)
{
	struct store *s = must_open(*state);
	struct store_step run = step_of(s, "orders");

	(void)deliver(s, &run, 1, 5, 0);
	run = step_of(s, "orders");
	assert_int_equal(claim(&run, s, 1), 1);
	assert_int_equal(store_table_reset(s, run.table_id, NULL), 0);
	run = step_of(s, "orders");
	for (unsigned i = 1; i <= 5; i++)
		assert_int_equal(claim(&run, s, i), 0);
	(void)deliver(s, &run, 1, 1, 0);
	/* By hand, the hashes stay. */
	assert_int_equal(store_table_set(s, run.table_id, "c", "load", NULL), 0);
	run = step_of(s, "orders");
	assert_int_equal(claim(&run, s, 1), 1);
	store_close(s);
}

/* The filter must not hide a single one, at any size. */
static void test_many(void **state)
{
	static const unsigned sizes[] = {1, 31, 32, 33, 1000, 30000};
	struct store *s = must_open(*state);
	struct store_step run;
	int wrong = 0;

	for (size_t j = 0; j < COUNT_OF(sizes); j++) {
		run = step_of(s, "orders");
		(void)deliver(s, &run, 100000, sizes[j], 1);
		run = step_of(s, "orders");
		for (unsigned i = 0; i < sizes[j]; i++) {
			wrong += claim(&run, s, 100000 + i) != 1;
			wrong += claim(&run, s, 500000 + i) != 0;
		}
		assert_int_equal(kept(s, "orders"), sizes[j]);
		assert_int_equal(store_table_reset(s, run.table_id, NULL), 0);
	}
	assert_int_equal(wrong, 0);
	store_close(s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test_setup_teardown(test_claims, folder_setup, folder_teardown),
	    cmocka_unit_test_setup_teardown(test_equal_rows, folder_setup, folder_teardown),
	    cmocka_unit_test_setup_teardown(test_several_runs, folder_setup, folder_teardown),
	    cmocka_unit_test_setup_teardown(test_sweep, folder_setup, folder_teardown),
	    cmocka_unit_test_setup_teardown(test_crash, folder_setup, folder_teardown),
	    cmocka_unit_test_setup_teardown(test_close_keeps_claims, folder_setup, folder_teardown),
	    cmocka_unit_test_setup_teardown(test_failed_commit, folder_setup, folder_teardown),
	    cmocka_unit_test_setup_teardown(test_limit, folder_setup, folder_teardown),
	    cmocka_unit_test_setup_teardown(test_reset, folder_setup, folder_teardown),
	    cmocka_unit_test_setup_teardown(test_many, folder_setup, folder_teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
