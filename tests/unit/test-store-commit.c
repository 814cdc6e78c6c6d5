/* SPDX-License-Identifier: MIT */
/* The commit: all of it or nothing, through kills, full disks and limits; runs. */

#include "store-fixture.h"

#include <errno.h>
#include <pthread.h>
#include <sqlite3.h>
#include <sys/mount.h>
#include <sys/resource.h>

static const struct dead_letter letter = {
    .source = "shop",
    .table = "orders",
    .target = "bronze.t",
    .mode = "append",
    .key = "{\"id\":1}",
    .reason = "rejected",
    .status = 400,
    .message = "no",
    .payload = "{\"id\":1}",
    .payload_len = 8,
    .attempts = 1,
};

static void step_letters(struct store_step *step, const struct dead_letter *dead, size_t n)
{
	step->dead = dead;
	step->n_dead = n;
}

static void test_moves(void **state)
{
	struct store *s = must_open(*state);
	struct store_step step = step_of(s, "orders");
	struct store_table t;
	struct store_run run;

	step_checkpoint(&step, "c1");
	step_letters(&step, &letter, 1);
	step.add = (struct store_counts){10, 7, 1, 1, 1, 2, 3, 400};
	assert_int_equal(store_commit(s, &step, 1, NULL), 0);
	step_checkpoint(&step, NULL);
	step_letters(&step, NULL, 0);
	assert_int_equal(store_commit(s, &step, 1, NULL), 0);

	assert_int_equal(store_table_find(s, "shop", "orders", &t, NULL), 1);
	assert_string_equal(t.checkpoint, "c1");
	assert_string_equal(t.phase, "load");
	assert_string_equal(t.target, "bronze.t");
	assert_int_equal(t.generation, 1);
	assert_true(t.updated_us > INT64_C(1600000000000000));
	store_table_done(&t);
	assert_int_equal(dead_count(s), 1);

	assert_int_equal(store_run_last(s, step.table_id, &run, NULL), 1);
	assert_int_equal(run.id, step.run_row);
	assert_string_equal(run.status, "running");
	assert_string_equal(run.source, "shop");
	assert_memory_equal(&run.counts, (&(struct store_counts){20, 14, 2, 2, 2, 4, 6, 800}),
			    sizeof(run.counts));
	store_close(s);
}

/* A replay: its letters move, and no run counts it. */
static void test_no_run(void **state)
{
	struct store *s = must_open(*state);
	struct store_step step = step_of(s, "orders");
	struct store_run run;

	step_letters(&step, &letter, 1);
	step.add = (struct store_counts){.read = 5, .pushed = 4, .dead = 1};
	step.run_row = 0;
	assert_int_equal(store_commit(s, &step, 1, NULL), 0);
	assert_int_equal(dead_count(s), 1);
	assert_int_equal(store_run_last(s, step.table_id, &run, NULL), 1);
	assert_int_equal(run.counts.read, 0);
	assert_int_equal(run.counts.dead, 0);
	store_close(s);
}

/* The words of run_last are its own: a commit in between leaves them. */
static void test_runs(void **state)
{
	struct folder *f = *state;
	struct store *s = must_open(f);
	struct store_step step = step_of(s, "orders");
	struct store_run run = {
	    .id = step.run_row,
	    .status = "done",
	    .error = "",
	    .ceiling = "proven",
	    .phase = "incremental",
	    .counts = {.read = 3, .pushed = 3},
	};
	struct store_run last;
	int64_t no = 0;

	assert_int_equal(store_run_end(s, &run, NULL), 0);
	assert_int_equal(store_run_last(s, step.table_id, &last, NULL), 1);
	assert_int_equal(last.counts.read, 3);
	assert_string_equal(last.status, "done");
	assert_string_equal(last.ceiling, "proven");
	assert_true(last.ended_us >= last.started_us);
	assert_int_equal(store_run_last(s, 99, &last, NULL), 0);
	run.id = 99;
	assert_int_equal(store_run_end(s, &run, NULL), -1);

	/* One that was killed, seen by the next. */
	step = step_of(s, "orders");
	store_close(s);
	s = must_open(f);
	assert_int_equal(store_run_number(s, &no, NULL), 0);
	assert_true(no > step.run_no);
	assert_int_equal(store_run_begin(s, step.table_id, no, "r3", &run.id, NULL), 0);
	assert_int_equal(store_run_end(s, &run, NULL), 0);
	assert_int_equal(store_run_last(s, step.table_id, &last, NULL), 1);
	assert_int_equal(last.run_no, no);
	assert_string_equal(last.run_id, "r3");
	store_close(s);
}

static int64_t raw_number(const struct folder *f, const char *sql)
{
	sqlite3_stmt *stmt;
	sqlite3 *db;
	int64_t n;

	assert_int_equal(sqlite3_open(f->db, &db), SQLITE_OK);
	assert_int_equal(sqlite3_prepare_v2(db, sql, -1, &stmt, NULL), SQLITE_OK);
	assert_int_equal(sqlite3_step(stmt), SQLITE_ROW);
	n = sqlite3_column_int64(stmt, 0);
	(void)sqlite3_finalize(stmt);
	(void)sqlite3_close(db);
	return n;
}

static void raw_sql(const struct folder *f, const char *sql)
{
	sqlite3 *db;

	assert_int_equal(sqlite3_open(f->db, &db), SQLITE_OK);
	assert_int_equal(sqlite3_exec(db, sql, NULL, NULL, NULL), SQLITE_OK);
	(void)sqlite3_close(db);
}

static void test_runs_are_trimmed(void **state)
{
	struct folder *f = *state;
	struct store *s = must_open(f);
	int64_t id = table_id(s, "orders"), other = table_id(s, "customers"), run;

	raw_sql(f, "WITH n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 1500)"
		   "INSERT INTO runs SELECT NULL, i, 'r', 1 + (i > 1400), 'running', '', '', '',"
		   " 0, 0, 0, 0, 0, 0, 0, 0, 0, 0 FROM n");
	assert_int_equal(store_run_begin(s, id, 1501, "r", &run, NULL), 0);
	assert_int_equal(store_run_begin(s, other, 1501, "r", &run, NULL), 0);
	assert_int_equal(raw_number(f, "SELECT count(*) FROM runs WHERE table_id = 1"), 1000);
	assert_int_equal(raw_number(f, "SELECT count(*) FROM runs WHERE table_id = 2"), 101);
	assert_int_equal(raw_number(f, "SELECT count(*) FROM runs WHERE status = 'running'"), 2);
	/* Numbers go on though the runs table may not know them. */
	assert_int_equal(store_run_number(s, &run, NULL), 0);
	assert_int_equal(run, 1502);
	raw_sql(f, "DELETE FROM runs");
	assert_int_equal(store_run_number(s, &run, NULL), 0);
	assert_int_equal(run, 1503);
	store_close(s);
}

static void test_tables(void **state)
{
	struct store *s = must_open(*state);
	struct store_table a, b, found;

	assert_int_equal(store_table(s, "shop", "orders", "x", &a, NULL), 0);
	assert_int_equal(store_table(s, "shop", "orders", "y", &b, NULL), 0);
	assert_int_not_equal(a.id, b.id);
	assert_int_equal(store_table_set(s, a.id, "mine", "load", NULL), 0);
	assert_int_equal(store_table_find(s, "shop", "orders", &found, NULL), 1);
	assert_int_equal(found.id, a.id);
	assert_string_equal(found.checkpoint, "mine");
	store_table_done(&found);
	assert_int_equal(store_table_reset(s, a.id, NULL), 0);
	assert_checkpoint(s, "orders", "");
	assert_int_equal(store_table_find(s, "shop", "order", &found, NULL), 0);
	assert_int_equal(store_table_reset(s, 77, NULL), -1);
	store_table_done(&a);
	store_table_done(&b);
	store_close(s);
}

/* ---- All or nothing -------------------------------------------------------------- */

static const struct {
	const char *place;
	int stored;
} places[] = {
    {"store_begin", 0},
    {"store_after_dead", 0},
    {"store_after_checkpoint", 0},
    {"store_after_commit", 1},
};

/* c0 is stored; c1 comes with a letter, a hash and counts. */
static void commit_c1(struct store *s, struct error *err, int *ret_rc)
{
	static const unsigned char hash[1][ROW_HASH_BYTES] = {{9}};
	struct store_step step = step_of(s, "orders");

	step_checkpoint(&step, "c1");
	step_letters(&step, &letter, 1);
	step.hashes = hash;
	step.n_hashes = 1;
	step.add.read = 1;
	*ret_rc = store_commit(s, &step, 1, err);
}

static void assert_whole(const struct folder *f, int stored)
{
	struct store *s = must_open(f);
	struct store_table t;
	struct store_run run;

	assert_int_equal(store_table_find(s, "shop", "orders", &t, NULL), 1);
	assert_string_equal(t.checkpoint, stored ? "c1" : "c0");
	assert_int_equal(t.recent, stored);
	assert_int_equal(dead_count(s), stored);
	assert_int_equal(store_run_last(s, t.id, &run, NULL), 1);
	assert_int_equal(run.counts.read, stored);
	store_table_done(&t);
	store_close(s);
}

static void kill_at(const char *place, int stored)
{
	char spec[64];
	void *state;
	struct store *s;
	pid_t pid;
	int rc;

	assert_int_equal(folder_setup(&state), 0);
	s = must_open(state);
	assert_int_equal(store_table_set(s, table_id(s, "orders"), "c0", "load", NULL), 0);
	store_close(s);
	(void)snprintf(spec, sizeof(spec), "other=error,%s=kill@1", place);
	pid = fork();
	if (pid == 0) {
		(void)setenv("DEFSYNC_FAILPOINT", spec, 1);
		commit_c1(must_open(state), NULL, &rc);
		_exit(0);
	}
	assert_int_equal(child_result(pid), ENDED_BY_KILL);
	assert_whole(state, stored);
	(void)folder_teardown(&state);
}

static void error_at(const char *place, int stored)
{
	struct error err = ERROR_INIT;
	char spec[64];
	void *state;
	struct store *s;
	int rc;

	assert_int_equal(folder_setup(&state), 0);
	s = must_open(state);
	assert_int_equal(store_table_set(s, table_id(s, "orders"), "c0", "load", NULL), 0);
	(void)snprintf(spec, sizeof(spec), "%s=error", place);
	(void)setenv("DEFSYNC_FAILPOINT", spec, 1);
	commit_c1(s, &err, &rc);
	(void)unsetenv("DEFSYNC_FAILPOINT");
	assert_int_equal(rc, -1);
	assert_error(&err, ERR_STORE, place);
	/* Final: no second try may follow it with success. */
	assert_int_equal(store_table_set(s, 1, "c2", "load", &err), -1);
	assert_error(&err, ERR_STORE, "after an earlier failure");
	store_close(s);
	assert_whole(state, stored);
	(void)folder_teardown(&state);
}

static void test_failpoints(void **state)
{
	(void)state;
#ifndef ENABLE_FAILPOINTS
	skip();
#endif
	for (size_t i = 0; i < COUNT_OF(places); i++) {
		kill_at(places[i].place, places[i].stored);
		error_at(places[i].place, places[i].stored);
	}
}

/* A kill at any moment of a stream of commits: letters and checkpoint agree. */
static void test_random_kills(void **state)
{
	struct folder *f = *state;
	struct timespec nap = {0, 0};
	struct store_table t;
	struct store *s;
	char text[32];
	pid_t pid;

	for (int i = 0; i < 12; i++) {
		pid = fork();
		if (pid == 0) {
			struct store_step step;

			(void)alarm(60);
			s = must_open(f);
			step = step_of(s, "orders");
			step_letters(&step, &letter, 1);
			for (int64_t n = dead_count(s) + 1;; n++) {
				(void)snprintf(text, sizeof(text), "%lld", (long long)n);
				step_checkpoint(&step, text);
				if (store_commit(s, &step, 1, NULL) < 0)
					_exit(1);
			}
		}
		nap.tv_nsec = 20000000 + i * 3700000;
		(void)nanosleep(&nap, NULL);
		assert_int_equal(kill(pid, SIGKILL), 0);
		assert_int_equal(child_result(pid), ENDED_BY_KILL);
		s = must_open(f);
		assert_int_equal(store_table(s, "shop", "orders", "bronze.t", &t, NULL), 0);
		assert_int_equal(strtoll(t.checkpoint, NULL, 10), dead_count(s));
		store_table_done(&t);
		store_close(s);
	}
}

/* ---- Limits and disks --------------------------------------------------------------- */

static void test_dlq_full(void **state)
{
	struct folder *f = *state;
	const struct store_limits limits = {.recent_max = 10, .dlq_max_bytes = 20};
	const struct dead_letter three[] = {letter, letter, letter};
	struct error err = ERROR_INIT;
	struct store *s = open_as(f->db, STORE_WRITE, &limits);
	struct store_step step = step_of(s, "orders"), two[2];

	step_checkpoint(&step, "c1");
	step_letters(&step, three, 3);
	assert_int_equal(store_commit(s, &step, 1, &err), -1);
	assert_error(&err, ERR_FULL, "the dead letters are full");
	assert_checkpoint(s, "orders", "");
	assert_int_equal(dead_count(s), 0);
	step_letters(&step, three, 2);
	assert_int_equal(store_commit(s, &step, 1, NULL), 0);
	/* Over all steps, and as counted at open. */
	store_close(s);
	s = open_as(f->db, STORE_WRITE, &limits);
	step_letters(&step, three, 0);
	two[0] = two[1] = step;
	step_letters(&two[1], three, 1);
	assert_int_equal(store_commit(s, two, 2, &err), -1);
	assert_error(&err, ERR_FULL, "raise dlq.max_bytes");
	assert_int_equal(store_commit(s, two, 1, NULL), 0);
	store_close(s);
}

static void test_bad_steps(void **state)
{
	struct store *s = must_open(*state);
	struct error err = ERROR_INIT;
	struct store_step step = step_of(s, "orders"), two[2];
	char *text = calloc(1, 4098);

	memset(text, 'x', 4097);
	step_checkpoint(&step, text);
	step_letters(&step, &letter, 1);
	assert_int_equal(store_commit(s, &step, 1, &err), -1);
	assert_error(&err, ERR_INTERNAL, "at most 4096");
	assert_int_equal(dead_count(s), 0);
	step_checkpoint(&step, "ok");
	step.checkpoint_len = 3;
	assert_int_equal(store_commit(s, &step, 1, &err), -1);
	assert_error(&err, ERR_INTERNAL, "at most 4096");
	/* The second step is wrong: the first one is undone. */
	step_checkpoint(&step, "c1");
	two[0] = two[1] = step;
	two[1].run_row = 999;
	assert_int_equal(store_commit(s, two, 2, &err), -1);
	assert_error(&err, ERR_INTERNAL, "no run 999");
	assert_checkpoint(s, "orders", "");
	assert_int_equal(dead_count(s), 0);
	assert_int_equal(store_commit(s, &step, 1, NULL), 0);
	text[4096] = '\0';
	step_checkpoint(&step, text);
	assert_int_equal(store_commit(s, &step, 1, NULL), 0);
	assert_checkpoint(s, "orders", text);
	free(text);
	store_close(s);
}

/* Somebody without the lock moved the table meanwhile. */
static void test_generation(void **state)
{
	struct folder *f = *state;
	struct store *s = must_open(f);
	struct error err = ERROR_INIT;
	struct store_step step = step_of(s, "orders");

	step_checkpoint(&step, "c1");
	assert_int_equal(store_commit(s, &step, 1, NULL), 0);
	raw_sql(f, "UPDATE tables SET generation = 5");
	step_checkpoint(&step, "c2");
	step_letters(&step, &letter, 1);
	assert_int_equal(store_commit(s, &step, 1, &err), -1);
	assert_error(&err, ERR_STORE, "changed by another process");
	assert_int_equal(dead_count(s), 0);
	store_close(s);
}

/* The size limit of the process makes write(2) fail: neither full nor readable. */
static void test_io_error(void **state)
{
	struct folder *f = *state;
	struct store *s = must_open(f);
	pid_t pid;

	assert_int_equal(store_table_set(s, table_id(s, "orders"), "c0", "load", NULL), 0);
	store_close(s);
	pid = fork();
	if (pid == 0) {
		struct rlimit limit = {100000, 100000};
		struct error err = ERROR_INIT;
		char *big = calloc(1, 300000);
		struct dead_letter d = letter;
		struct store_step step;

		(void)signal(SIGXFSZ, SIG_IGN);
		memset(big, 'x', 299999);
		d.payload = big;
		d.payload_len = 299999;
		s = must_open(f);
		step = step_of(s, "orders");
		step_checkpoint(&step, "c1");
		step_letters(&step, &d, 1);
		(void)setrlimit(RLIMIT_FSIZE, &limit);
		assert_int_equal(store_commit(s, &step, 1, &err), -1);
		assert_error(&err, ERR_STORE, "input or output failed");
		step_letters(&step, NULL, 0);
		assert_int_equal(store_commit(s, &step, 1, &err), -1);
		assert_error(&err, ERR_STORE, "after an earlier failure");
		store_close(s);
		free(big);
		_exit(0);
	}
	assert_int_equal(child_result(pid), 0);
	s = must_open(f);
	assert_checkpoint(s, "orders", "c0");
	assert_int_equal(dead_count(s), 0);
	store_close(s);
}

static void fill_until_full(const struct folder *f)
{
	struct error err = ERROR_INIT;
	struct store *s = must_open(f);
	struct store_step step = step_of(s, "orders");
	struct dead_letter d = letter;
	char *big = malloc(20000), text[32];
	int64_t n = 0;

	memset(big, 'x', 20000);
	d.payload = big;
	d.payload_len = 20000;
	step_letters(&step, &d, 1);
	do {
		(void)snprintf(text, sizeof(text), "%lld", (long long)++n);
		step_checkpoint(&step, text);
	} while (n < 1000 && store_commit(s, &step, 1, &err) == 0);
	assert_error(&err, ERR_FULL, "no space left");
	assert_true(n > 10);
	(void)snprintf(text, sizeof(text), "%lld", (long long)n - 1);
	assert_checkpoint(s, "orders", text);
	assert_int_equal(dead_count(s), n - 1);
	store_close(s);
	s = must_open(f);
	assert_checkpoint(s, "orders", text);
	assert_int_equal(dead_count(s), n - 1);
	store_close(s);
	free(big);
}

static void test_disk_full(void **state)
{
	struct folder *f = *state;
	struct folder small = *f;

	(void)snprintf(small.path, sizeof(small.path), "%.30s/d", f->path);
	folder_names(&small);
	assert_int_equal(mkdir(small.path, 0700), 0);
	if (geteuid() != 0 || mount("none", small.path, "tmpfs", 0, "size=2m") < 0)
		skip();
	fill_until_full(&small);
	assert_int_equal(umount(small.path), 0);
}

/* ---- Threads --------------------------------------------------------------------------- */

#define THREAD_ROUNDS 400

struct worker {
	struct store *s;
	struct store_step step;
	int claimed;
};

static void hash_of(unsigned char out[ROW_HASH_BYTES], int i)
{
	memset(out, 0, ROW_HASH_BYTES);
	memcpy(out, &i, sizeof(i));
	memcpy(out + 4, &i, sizeof(i));
}

static void *claim_all(void *ctx)
{
	struct worker *w = ctx;
	unsigned char hash[ROW_HASH_BYTES];

	for (int i = 0; i < THREAD_ROUNDS; i++) {
		hash_of(hash, i);
		w->claimed += store_claim(w->s, w->step.table_id, w->step.run_no, hash, NULL) == 1;
	}
	return NULL;
}

static void *commit_all(void *ctx)
{
	struct worker *w = ctx;
	unsigned char hash[1][ROW_HASH_BYTES];

	for (int i = 0; i < THREAD_ROUNDS / 4; i++) {
		hash_of(hash[0], i + 1000000);
		w->step.hashes = (const unsigned char(*)[ROW_HASH_BYTES])hash;
		w->step.n_hashes = 1;
		w->claimed += store_commit(w->s, &w->step, 1, NULL) == 0;
	}
	return NULL;
}

static void test_threads(void **state)
{
	struct store *s = must_open(*state);
	unsigned char(*hashes)[ROW_HASH_BYTES] = calloc(THREAD_ROUNDS, ROW_HASH_BYTES);
	struct store_step step = step_of(s, "orders");
	struct worker reader, sender;
	struct store_table t;
	pthread_t a, b;

	for (int i = 0; i < THREAD_ROUNDS; i++)
		hash_of(hashes[i], i);
	step.hashes = (const unsigned char(*)[ROW_HASH_BYTES])hashes;
	step.n_hashes = THREAD_ROUNDS / 2;
	assert_int_equal(store_commit(s, &step, 1, NULL), 0);
	reader = (struct worker){.s = s, .step = step_of(s, "orders")};
	sender = (struct worker){.s = s, .step = step_of(s, "orders")};
	step_checkpoint(&sender.step, "c");
	assert_int_equal(pthread_create(&a, NULL, claim_all, &reader), 0);
	assert_int_equal(pthread_create(&b, NULL, commit_all, &sender), 0);
	(void)pthread_join(a, NULL);
	(void)pthread_join(b, NULL);
	assert_int_equal(reader.claimed, THREAD_ROUNDS / 2);
	assert_int_equal(sender.claimed, THREAD_ROUNDS / 4);
	store_close(s);
	s = must_open(*state);
	assert_int_equal(store_table_find(s, "shop", "orders", &t, NULL), 1);
	assert_int_equal(t.recent, THREAD_ROUNDS / 2 + THREAD_ROUNDS / 4);
	store_table_done(&t);
	store_close(s);
	free(hashes);
}

/* It only grows, with the commits of its table. */
static void test_cdc_us(void **state)
{
	struct folder *f = *state;
	struct store *s = must_open(f);
	struct store_step step = {.table_id = table_id(s, "orders"), .cdc_us = 2000};
	int64_t us = -1;

	assert_int_equal(store_cdc_us(s, step.table_id, &us, NULL), 0);
	assert_int_equal(us, 0);
	assert_int_equal(store_commit(s, &step, 1, NULL), 0);
	step.cdc_us = 1000;
	assert_int_equal(store_commit(s, &step, 1, NULL), 0);
	step.cdc_us = 0;
	assert_int_equal(store_commit(s, &step, 1, NULL), 0);
	store_close(s);
	s = must_open(f);
	assert_int_equal(store_cdc_us(s, step.table_id, &us, NULL), 0);
	assert_int_equal(us, 2000);
	assert_int_equal(store_cdc_us(s, table_id(s, "customers"), &us, NULL), 0);
	assert_int_equal(us, 0);
	store_close(s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test_setup_teardown(test_moves, folder_setup, folder_teardown),
	    cmocka_unit_test_setup_teardown(test_no_run, folder_setup, folder_teardown),
	    cmocka_unit_test_setup_teardown(test_runs, folder_setup, folder_teardown),
	    cmocka_unit_test_setup_teardown(test_runs_are_trimmed, folder_setup, folder_teardown),
	    cmocka_unit_test_setup_teardown(test_tables, folder_setup, folder_teardown),
	    cmocka_unit_test(test_failpoints),
	    cmocka_unit_test_setup_teardown(test_random_kills, folder_setup, folder_teardown),
	    cmocka_unit_test_setup_teardown(test_dlq_full, folder_setup, folder_teardown),
	    cmocka_unit_test_setup_teardown(test_bad_steps, folder_setup, folder_teardown),
	    cmocka_unit_test_setup_teardown(test_generation, folder_setup, folder_teardown),
	    cmocka_unit_test_setup_teardown(test_io_error, folder_setup, folder_teardown),
	    cmocka_unit_test_setup_teardown(test_disk_full, folder_setup, folder_teardown),
	    cmocka_unit_test_setup_teardown(test_threads, folder_setup, folder_teardown),
	    cmocka_unit_test_setup_teardown(test_cdc_us, folder_setup, folder_teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
