/* SPDX-License-Identifier: MIT */
/*
 * Damage: files cut at many lengths, flipped bits, lost and torn logs.  Each time
 * the store refuses, or it has all of an old or the new state; it never starts
 * over without a word.
 */

#include "store-fixture.h"

#define PAYLOAD "{\"id\":17,\"note\":\"a row that nobody wanted\"}"

/* What is known of a state: enough to tell old, new and torn apart. */
struct facts {
	char checkpoint[64];
	int64_t letters;
	int64_t other; /* tables */
};

static int is_payload(void *ctx, const struct dead_letter *d)
{
	*(int *)ctx += strcmp(d->payload, PAYLOAD) != 0 || strcmp(d->source, "shop") != 0;
	return 0;
}

static int count_table(void *ctx, const struct store_table *t)
{
	(void)t;
	++*(int64_t *)ctx;
	return 0;
}

/* 1 with facts, 0 refused by some call with ERR_STORE; anything else fails the test. */
static int look(const struct folder *f, struct facts *ret)
{
	struct error err = ERROR_INIT;
	struct facts facts = {0};
	struct store_table t = {0};
	int64_t bytes;
	int rc = -1, wrong = 0;
	struct store *s = store_open(f->db, STORE_WRITE, &roomy, NULL, &err);

	if (s != NULL)
		rc = store_table_find(s, "shop", "orders", &t, &err);
	if (rc == 0)
		fail_msg("the table is gone without an error");
	if (rc > 0)
		(void)snprintf(facts.checkpoint, sizeof(facts.checkpoint), "%s", t.checkpoint);
	store_table_done(&t);
	if (rc > 0)
		rc = store_dead_count(s, NULL, &facts.letters, &bytes, &err);
	if (rc == 0)
		rc = store_tables(s, count_table, &facts.other, &err);
	if (rc == 0)
		rc = store_dead_each(s, NULL, 1, is_payload, &wrong, &err);
	store_close(s);
	assert_int_equal(wrong, 0);
	if (rc < 0) {
		if (err.class != ERR_STORE || strstr(error_text(&err), f->db) == NULL)
			print_error("class %d: %s\n", (int)err.class, error_text(&err));
		assert_int_equal(err.class, ERR_STORE);
		assert_non_null(strstr(error_text(&err), f->db));
	}
	error_done(&err);
	*ret = facts;
	return rc == 0;
}

static void commit(struct store *s, struct store_step *step, int n)
{
	static char text[32];
	const struct dead_letter d = {
	    .source = "shop",
	    .table = "orders",
	    .target = "bronze.t",
	    .payload = PAYLOAD,
	    .payload_len = strlen(PAYLOAD),
	};

	(void)snprintf(text, sizeof(text), "checkpoint %d", n);
	step_checkpoint(step, text);
	step->dead = &d;
	step->n_dead = 1;
	assert_int_equal(store_commit(s, step, 1, NULL), 0);
}

/* "checkpoint N" with N letters, and some hashes. */
static struct store *fill(const struct folder *f, int commits)
{
	static unsigned char hashes[300][ROW_HASH_BYTES];
	struct store *s = must_open(f);
	struct store_step step = step_of(s, "orders");

	(void)table_id(s, "customers");
	for (size_t i = 0; i < COUNT_OF(hashes); i++)
		memset(hashes[i], (int)i, 4 + i % 12);
	step.hashes = (const unsigned char(*)[ROW_HASH_BYTES])hashes;
	step.n_hashes = COUNT_OF(hashes);
	for (int n = 1; n <= commits; n++) {
		commit(s, &step, n);
		step.n_hashes = 0;
	}
	return s;
}

static int is_consistent(const struct facts *facts, int64_t least, int64_t most)
{
	char text[64];

	(void)snprintf(text, sizeof(text), "checkpoint %lld", (long long)facts->letters);
	return strcmp(text, facts->checkpoint) == 0 && facts->letters >= least &&
	       facts->letters <= most && facts->other == 2;
}

static void remove_logs(const struct folder *f)
{
	char path[128];

	(void)snprintf(path, sizeof(path), "%s-wal", f->db);
	(void)unlink(path);
	(void)snprintf(path, sizeof(path), "%s-shm", f->db);
	(void)unlink(path);
}

static void test_cut(void **state)
{
	struct folder *f = *state;
	struct facts facts;
	size_t n, cases = 0;
	char *p;

	store_close(fill(f, 40));
	p = read_bytes(f->db, &n);
	assert_true(n > 20 * 1024);
	for (size_t len = 0; len < n; len += len < 64 || len > n - 20 ? 1 : 1021) {
		write_bytes(f->db, p, len);
		remove_logs(f);
		if (look(f, &facts))
			fail_msg("accepted when cut at %zu of %zu", len, n);
		cases++;
	}
	for (size_t len = 4096; len < n; len += 4096) {
		write_bytes(f->db, p, len);
		remove_logs(f);
		assert_false(look(f, &facts));
		cases++;
	}
	print_message("  %zu lengths\n", cases);
	write_bytes(f->db, p, n);
	assert_true(look(f, &facts) && is_consistent(&facts, 40, 40));
	free(p);
}

static void flip_one(const struct folder *f, char *p, size_t n, size_t at, int bit, int ret[2])
{
	struct facts facts;
	int accepted;

	p[at] = (char)(p[at] ^ (1 << bit));
	write_bytes(f->db, p, n);
	remove_logs(f);
	accepted = look(f, &facts);
	ret[accepted]++;
	/* Accepted: then it was of no consequence for what moves rows. */
	if (accepted && !is_consistent(&facts, 40, 40))
		fail_msg("bit %d of byte %zu: '%s', %lld letters, %lld tables", bit, at,
			 facts.checkpoint, (long long)facts.letters, (long long)facts.other);
	p[at] = (char)(p[at] ^ (1 << bit));
}

static void test_flips(void **state)
{
	struct folder *f = *state;
	int results[2] = {0, 0};
	uint32_t random = 1;
	size_t n;
	char *p;

	store_close(fill(f, 40));
	p = read_bytes(f->db, &n);
	for (size_t at = 0; at < 100; at++)
		flip_one(f, p, n, at, (int)(at % 8), results);
	for (size_t at = 100; at < n; at += 1 + random % 157) {
		random = random * 1664525u + 1013904223u;
		flip_one(f, p, n, at, (int)(random >> 29), results);
	}
	print_message("  %d flips refused, %d without consequence\n", results[0], results[1]);
	assert_true(results[0] > 100);
	free(p);
}

static void test_zeroed_pages(void **state)
{
	struct folder *f = *state;
	struct facts facts;
	size_t n;
	char *p, *q;

	store_close(fill(f, 40));
	p = read_bytes(f->db, &n);
	q = malloc(n);
	for (size_t at = 0; at < n; at += 4096) {
		memcpy(q, p, n);
		memset(q + at, 0, 4096);
		write_bytes(f->db, q, n);
		remove_logs(f);
		if (look(f, &facts) && !is_consistent(&facts, 40, 40))
			fail_msg("page at %zu: %s", at, facts.checkpoint);
	}
	free(p);
	free(q);
}

/* ---- The log a killed run leaves ------------------------------------------------------ */

static void test_torn_log(void **state)
{
	struct folder *f = *state;
	struct facts facts;
	size_t n, log_n;
	char *p, *log_p, path[128];
	int old_states = 0;
	uint32_t random = 7;
	struct store *s;

	store_close(fill(f, 10));
	s = must_open(f);
	{
		struct store_step step = step_of(s, "orders");

		for (int i = 11; i <= 20; i++)
			commit(s, &step, i);
	}
	(void)snprintf(path, sizeof(path), "%s-wal", f->db);
	p = read_bytes(f->db, &n);
	log_p = read_bytes(path, &log_n);
	store_close(s);
	assert_true(log_n > 20 * 1024);
	for (size_t len = 0; len <= log_n; len += 1103) {
		remove_logs(f);
		write_bytes(f->db, p, n);
		write_bytes(path, log_p, len);
		assert_true(look(f, &facts));
		assert_true(is_consistent(&facts, 10, 20));
		old_states += facts.letters < 20;
	}
	for (size_t at = 0; at < log_n; at += 1 + random % 1999) {
		random = random * 1664525u + 1013904223u;
		remove_logs(f);
		write_bytes(f->db, p, n);
		log_p[at] = (char)(log_p[at] ^ (1 << (random >> 29)));
		write_bytes(path, log_p, log_n);
		log_p[at] = (char)(log_p[at] ^ (1 << (random >> 29)));
		if (look(f, &facts))
			assert_true(is_consistent(&facts, 10, 20));
		old_states += facts.letters < 20;
	}
	remove_logs(f);
	write_bytes(f->db, p, n);
	write_bytes(path, log_p, log_n);
	assert_true(look(f, &facts) && is_consistent(&facts, 20, 20));
	assert_true(old_states > 10);
	free(p);
	free(log_p);
}

/* A log of another database beside ours, and ours beside another database. */
static void test_foreign_log(void **state)
{
	struct folder *f = *state;
	struct facts facts;
	char path[128];
	size_t log_n;
	char *log_p;
	struct store *s;

	s = fill(f, 5);
	(void)snprintf(path, sizeof(path), "%s-wal", f->db);
	log_p = read_bytes(path, &log_n);
	store_close(s);
	write_bytes(path, log_p + 1, log_n - 1);
	assert_true(look(f, &facts));
	assert_true(is_consistent(&facts, 5, 5));
	free(log_p);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test_setup_teardown(test_cut, folder_setup, folder_teardown),
	    cmocka_unit_test_setup_teardown(test_flips, folder_setup, folder_teardown),
	    cmocka_unit_test_setup_teardown(test_zeroed_pages, folder_setup, folder_teardown),
	    cmocka_unit_test_setup_teardown(test_torn_log, folder_setup, folder_teardown),
	    cmocka_unit_test_setup_teardown(test_foreign_log, folder_setup, folder_teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
