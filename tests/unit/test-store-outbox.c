/* SPDX-License-Identifier: MIT */
/* The queue of letters to be forwarded: what enters, what leaves, beside claims and commits. */

#include "store-fixture.h"

#include <pthread.h>

static const struct store_limits queued = {
    .recent_max = 5000000,
    .dlq_max_bytes = 1000000000,
    .outbox = 1,
};

static struct dead_letter letter_of(const char *payload)
{
	return (struct dead_letter){
	    .source = "shop",
	    .table = "orders",
	    .target = "bronze.t",
	    .mode = "append",
	    .reason = "rejected",
	    .message = "no",
	    .payload = payload,
	    .payload_len = strlen(payload),
	    .attempts = 1,
	};
}

static struct store *open_queued(const struct folder *f)
{
	struct store *s = open_as(f->db, STORE_WRITE, &queued);

	assert_non_null(s);
	return s;
}

/* n letters with payloads "1" .. "n". */
static struct store_step add_letters(struct store *s, int n)
{
	struct store_step step = step_of(s, "orders");
	char text[16];

	for (int i = 1; i <= n; i++) {
		struct dead_letter d;

		(void)snprintf(text, sizeof(text), "%d", i);
		d = letter_of(text);
		step.dead = &d;
		step.n_dead = 1;
		assert_int_equal(store_commit(s, &step, 1, NULL), 0);
	}
	step.dead = NULL;
	step.n_dead = 0;
	return step;
}

struct seen {
	struct store *s;
	char text[256];
	int done, n, stop_after;
};

/* "id=payload " of each. */
static int see(void *ctx, const struct dead_letter *d)
{
	struct seen *seen = ctx;
	size_t used = strlen(seen->text);

	seen->n++;
	(void)snprintf(seen->text + used, sizeof(seen->text) - used, "%lld=%.*s ", (long long)d->id,
		       (int)d->payload_len, d->payload);
	assert_string_equal(d->table, "orders");
	if (seen->done)
		assert_int_equal(store_outbox_done(seen->s, &d->id, 1, NULL), 0);
	return seen->stop_after != 0 && seen->n >= seen->stop_after;
}

static void assert_queue(struct store *s, int64_t max, const char *expected, int64_t count)
{
	struct seen seen = {0};
	int64_t n = -1;

	assert_int_equal(store_outbox_each(s, max, see, &seen, NULL), 0);
	assert_string_equal(seen.text, expected);
	assert_int_equal(store_outbox_count(s, &n, NULL), 0);
	assert_int_equal(n, count);
}

static void test_only_when_asked(void **state)
{
	struct folder *f = *state;
	struct store *s = must_open(f);

	(void)add_letters(s, 2);
	assert_queue(s, 0, "", 0);
	store_close(s);
	/* What came before it was asked for is not queued later on. */
	s = open_queued(f);
	(void)add_letters(s, 1);
	assert_queue(s, 0, "3=1 ", 1);
	store_close(s);
}

static void test_order_and_limit(void **state)
{
	struct folder *f = *state;
	struct store *s = open_queued(f);
	struct seen seen = {.stop_after = 2};
	const int64_t ids[] = {2, 77, 2};

	(void)add_letters(s, 4);
	store_close(s);
	s = open_queued(f);
	assert_queue(s, 0, "1=1 2=2 3=3 4=4 ", 4);
	assert_queue(s, 3, "1=1 2=2 3=3 ", 4);
	assert_int_equal(store_outbox_each(s, 0, see, &seen, NULL), 0);
	assert_string_equal(seen.text, "1=1 2=2 ");
	assert_int_equal(store_outbox_done(s, ids, 3, NULL), 0);
	assert_int_equal(store_outbox_done(s, NULL, 0, NULL), 0);
	assert_queue(s, 0, "1=1 3=3 4=4 ", 3);
	/* They stay in the dead letters. */
	assert_int_equal(dead_count(s), 4);
	store_close(s);
}

static void test_done_inside(void **state)
{
	struct folder *f = *state;
	struct store *s = open_queued(f);
	struct seen seen = {.s = s, .done = 1};

	(void)add_letters(s, 12);
	assert_int_equal(store_outbox_each(s, 0, see, &seen, NULL), 0);
	assert_int_equal(seen.n, 12);
	assert_queue(s, 0, "", 0);
	store_close(s);
}

static void test_replaced(void **state)
{
	struct folder *f = *state;
	struct store *s = open_queued(f);
	struct store_step step = add_letters(s, 2);
	struct dead_letter d = letter_of("again");
	const int64_t first = 1;

	/* The first was forwarded, the second waits. */
	assert_int_equal(store_outbox_done(s, &first, 1, NULL), 0);
	step.dead = &d;
	step.n_dead = 1;
	d.id = 1;
	assert_int_equal(store_commit(s, &step, 1, NULL), 0);
	d.id = 2;
	assert_int_equal(store_commit(s, &step, 1, NULL), 0);
	assert_queue(s, 0, "2=again ", 1);
	/* One that is not there any more comes as a new one. */
	d.id = 40;
	assert_int_equal(store_commit(s, &step, 1, NULL), 0);
	assert_queue(s, 0, "2=again 3=again ", 2);
	store_close(s);
}

static void test_leave_with_the_letter(void **state)
{
	struct folder *f = *state;
	struct store *s = open_queued(f);
	struct store_step step = add_letters(s, 6);
	const int64_t settled[] = {2, 5};
	int64_t n;

	step.settled = settled;
	step.n_settled = 2;
	assert_int_equal(store_commit(s, &step, 1, NULL), 0);
	assert_queue(s, 0, "1=1 3=3 4=4 6=6 ", 4);
	assert_int_equal(store_dead_purge(s, &(struct dead_filter){.id = 3}, &n, NULL), 0);
	assert_queue(s, 0, "1=1 4=4 6=6 ", 3);
	/* The filter has the last word, not the range of ids. */
	assert_int_equal(store_dead_purge(s, &(struct dead_filter){.table = "x"}, &n, NULL), 0);
	assert_queue(s, 0, "1=1 4=4 6=6 ", 3);
	assert_int_equal(store_dead_purge(s, NULL, &n, NULL), 0);
	assert_int_equal(n, 3);
	assert_queue(s, 0, "", 0);
	store_close(s);
}

/* Neither letter nor its place in the queue comes of a commit that fails. */
static void test_all_or_nothing(void **state)
{
	struct folder *f = *state;
	struct store *s = open_queued(f);
	struct store_step step = add_letters(s, 1);
	struct dead_letter d = letter_of("2");
	const int64_t settled = 1;

	step.dead = &d;
	step.n_dead = 1;
	step.settled = &settled;
	step.n_settled = 1;
	step.run_row = 999;
	assert_int_equal(store_commit(s, &step, 1, NULL), -1);
	assert_queue(s, 0, "1=1 ", 1);
	assert_int_equal(dead_count(s), 1);
	store_close(s);
}

static void flip_payload(const struct folder *f)
{
	size_t n = 0;
	char *p = read_bytes(f->db, &n), *at = NULL;

	assert_non_null(p);
	for (size_t i = 0; i + 8 <= n && at == NULL; i++)
		at = memcmp(p + i, "unwanted", 8) == 0 ? p + i : NULL;
	assert_non_null(at);
	at[0] ^= 1;
	write_bytes(f->db, p, n);
	free(p);
}

static void test_damaged(void **state)
{
	struct folder *f = *state;
	struct store *s = open_queued(f);
	struct store_step step = step_of(s, "orders");
	struct dead_letter d = letter_of("unwanted");
	struct error err = ERROR_INIT;
	struct seen seen = {0};

	step.dead = &d;
	step.n_dead = 1;
	assert_int_equal(store_commit(s, &step, 1, NULL), 0);
	store_close(s);
	flip_payload(f);
	s = open_queued(f);
	assert_int_equal(store_outbox_each(s, 0, see, &seen, &err), -1);
	assert_error(&err, ERR_STORE, "dead letter 1 is not what was written");
	assert_int_equal(seen.n, 0);
	store_close(s);
}

static void test_reading(void **state)
{
	struct folder *f = *state;
	struct store *s = open_queued(f), *reader;
	struct error err = ERROR_INIT;
	const int64_t first = 1;

	(void)add_letters(s, 1);
	reader = open_as(f->db, STORE_READ, &queued);
	assert_non_null(reader);
	assert_queue(reader, 0, "1=1 ", 1);
	assert_int_equal(store_outbox_done(reader, &first, 1, &err), -1);
	assert_error(&err, ERR_INTERNAL, "opened for reading");
	store_close(reader);
	store_close(s);
}

/* ---- Beside claims --------------------------------------------------------------------- */

static const unsigned char hashes[2][ROW_HASH_BYTES] = {{1}, {2}};

/* A letter and two hashes; then a run that claims the first of them and forwards the letter. */
static void claim_and_forward(const struct folder *f)
{
	struct store *s = open_queued(f);
	struct store_step step = add_letters(s, 1);
	const int64_t first = 1;

	step.hashes = hashes;
	step.n_hashes = 2;
	assert_int_equal(store_commit(s, &step, 1, NULL), 0);
	step = step_of(s, "orders");
	assert_int_equal(store_claim(s, step.table_id, step.run_no, hashes[0], NULL), 1);
	assert_int_equal(store_outbox_done(s, &first, 1, NULL), 0);
	assert_int_equal(store_claim(s, step.table_id, step.run_no, hashes[1], NULL), 1);
}

/* Killed after it: each row is still known, once, whether its claim was durable or not. */
static void test_claims(void **state)
{
	struct folder *f = *state;
	struct store_step step;
	struct store *s;
	pid_t pid = fork();

	if (pid == 0) {
		claim_and_forward(f);
		(void)kill(getpid(), SIGKILL);
	}
	assert_int_equal(child_result(pid), ENDED_BY_KILL);
	s = open_queued(f);
	assert_queue(s, 0, "", 0);
	step = step_of(s, "orders");
	for (int i = 0; i < 2; i++) {
		assert_int_equal(store_claim(s, step.table_id, step.run_no, hashes[i], NULL), 1);
		assert_int_equal(store_claim(s, step.table_id, step.run_no, hashes[i], NULL), 0);
	}
	store_close(s);
}

#define ROUNDS 150

struct forwarder {
	struct store *s;
	int forwarded, failed;
};

struct picked {
	int64_t ids[8];
	size_t n;
};

static int pick(void *ctx, const struct dead_letter *d)
{
	struct picked *p = ctx;

	p->ids[p->n++] = d->id;
	return 0;
}

static void *forward(void *ctx)
{
	struct forwarder *fw = ctx;

	while (!fw->failed && fw->forwarded < ROUNDS) {
		struct picked p = {0};

		fw->failed = store_outbox_each(fw->s, 8, pick, &p, NULL) < 0 ||
			     store_outbox_done(fw->s, p.ids, p.n, NULL) < 0;
		fw->forwarded += (int)p.n;
	}
	return NULL;
}

static void *claim_rows(void *ctx)
{
	struct forwarder *fw = ctx;
	struct store_step step = step_of(fw->s, "orders");
	unsigned char hash[ROW_HASH_BYTES] = {0};

	for (int i = 0; i < ROUNDS; i++) {
		memcpy(hash, &i, sizeof(i));
		fw->forwarded += store_claim(fw->s, step.table_id, step.run_no, hash, NULL) == 1;
	}
	return NULL;
}

/* Committing, claiming and forwarding at a time: all letters and all claims, each once. */
static void test_threads(void **state)
{
	struct folder *f = *state;
	struct store *s = open_queued(f);
	struct store_step step = step_of(s, "orders");
	struct forwarder fw = {.s = s}, claimer = {.s = s};
	unsigned char all[ROUNDS][ROW_HASH_BYTES] = {{0}};
	pthread_t a, b;

	for (int i = 0; i < ROUNDS; i++)
		memcpy(all[i], &i, sizeof(i));
	step.hashes = (const unsigned char(*)[ROW_HASH_BYTES])all;
	step.n_hashes = ROUNDS;
	assert_int_equal(store_commit(s, &step, 1, NULL), 0);
	assert_int_equal(pthread_create(&a, NULL, forward, &fw), 0);
	assert_int_equal(pthread_create(&b, NULL, claim_rows, &claimer), 0);
	(void)add_letters(s, ROUNDS);
	(void)pthread_join(a, NULL);
	(void)pthread_join(b, NULL);
	assert_int_equal(fw.failed, 0);
	assert_int_equal(fw.forwarded, ROUNDS);
	assert_int_equal(claimer.forwarded, ROUNDS);
	assert_int_equal(dead_count(s), ROUNDS);
	assert_queue(s, 0, "", 0);
	store_close(s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test_setup_teardown(test_only_when_asked, folder_setup, folder_teardown),
	    cmocka_unit_test_setup_teardown(test_order_and_limit, folder_setup, folder_teardown),
	    cmocka_unit_test_setup_teardown(test_done_inside, folder_setup, folder_teardown),
	    cmocka_unit_test_setup_teardown(test_replaced, folder_setup, folder_teardown),
	    cmocka_unit_test_setup_teardown(test_leave_with_the_letter, folder_setup,
					    folder_teardown),
	    cmocka_unit_test_setup_teardown(test_all_or_nothing, folder_setup, folder_teardown),
	    cmocka_unit_test_setup_teardown(test_damaged, folder_setup, folder_teardown),
	    cmocka_unit_test_setup_teardown(test_reading, folder_setup, folder_teardown),
	    cmocka_unit_test_setup_teardown(test_claims, folder_setup, folder_teardown),
	    cmocka_unit_test_setup_teardown(test_threads, folder_setup, folder_teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
