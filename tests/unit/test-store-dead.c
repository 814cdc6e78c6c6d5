/* SPDX-License-Identifier: MIT */
/* Dead letters: what comes back, filters, replay under the same id, purging. */

#include "store-fixture.h"

struct seen {
	struct store *s;
	int n, stop_after, purge;
	int64_t ids[16];
	char text[4096];
};

static int see(void *ctx, const struct dead_letter *d)
{
	struct seen *seen = ctx;
	size_t used = strlen(seen->text);
	int64_t n;

	seen->ids[seen->n++ % 16] = d->id;
	(void)snprintf(seen->text + used, sizeof(seen->text) - used,
		       "%s|%s|%s|%s|%s|%s|%s|%d|%s|%.*s|%zu|%d\n", d->source, d->table, d->target,
		       d->mode, d->key, d->position, d->reason, d->status, d->message,
		       d->payload != NULL ? (int)d->payload_len : 4,
		       d->payload != NULL ? d->payload : "none", d->payload_len, d->attempts);
	if (seen->purge) {
		const struct dead_filter one = {.id = d->id};

		assert_int_equal(store_dead_purge(seen->s, &one, &n, NULL), 0);
		assert_int_equal(n, 1);
	}
	return seen->stop_after != 0 && seen->n >= seen->stop_after;
}

static void add(struct store *s, const struct dead_letter *d, size_t n)
{
	struct store_step step = step_of(s, "orders");

	step.dead = d;
	step.n_dead = n;
	assert_int_equal(store_commit(s, &step, 1, NULL), 0);
}

static void add_letter(struct store *s, const char *table, const char *reason, const char *payload,
		       int64_t first_seen_us)
{
	const struct dead_letter d = {
	    .source = "shop",
	    .table = table,
	    .target = "bronze.t",
	    .mode = "merge",
	    .key = "{\"id\":1}",
	    .position = "line 9",
	    .reason = reason,
	    .status = 422,
	    .message = "nö",
	    .payload = payload,
	    .payload_len = strlen(payload),
	    .first_seen_us = first_seen_us,
	    .attempts = 1,
	};

	add(s, &d, 1);
}

static void test_round_trip(void **state)
{
	struct folder *f = *state;
	struct store *s = must_open(f);
	struct seen seen = {0}, bare = {0};
	struct dead_letter empty = {0};

	add_letter(s, "orders", "rejected", "{\"a\":\"\xc3\xa4\"}", 5);
	add(s, &empty, 1);
	store_close(s);
	s = must_open(f);
	assert_int_equal(store_dead_each(s, NULL, 1, see, &seen, NULL), 0);
	assert_string_equal(seen.text, "shop|orders|bronze.t|merge|{\"id\":1}|line 9|rejected|422|"
				       "nö|{\"a\":\"\xc3\xa4\"}|10|1\n"
				       "|||||||0|||0|0\n");
	assert_int_equal(store_dead_each(s, &(struct dead_filter){.id = 1}, 0, see, &bare, NULL),
			 0);
	assert_non_null(strstr(bare.text, "|none|10|1\n"));
	store_close(s);
}

/* A payload is bytes to the store: a NUL in it is not its end. */
static int check_bytes(void *ctx, const struct dead_letter *d)
{
	*(int *)ctx = d->payload_len == 5 && memcmp(d->payload, "a\0b\xff\n", 5) == 0;
	return 0;
}

static void test_bytes(void **state)
{
	struct store *s = must_open(*state);
	const struct dead_letter d = {.payload = "a\0b\xff\n", .payload_len = 5};
	int same = 0;

	add(s, &d, 1);
	assert_int_equal(store_dead_each(s, NULL, 1, check_bytes, &same, NULL), 0);
	assert_true(same);
	store_close(s);
}

static const struct {
	struct dead_filter filter;
	int64_t n, bytes;
} filters[] = {
    {{0}, 5, 15},
    {{.source = "shop"}, 5, 15},
    {{.source = "sho"}, 0, 0},
    {{.table = "orders"}, 3, 6},
    {{.table = "customers", .reason = "rejected"}, 1, 4},
    {{.reason = "bad_utf8"}, 2, 8},
    {{.id = 2}, 1, 2},
    {{.id = 9}, 0, 0},
    {{.before_us = 30}, 2, 3},
    {{.before_us = 31, .table = "orders"}, 3, 6},
    {{.id = 2, .table = "customers"}, 0, 0},
};

static void test_filters(void **state)
{
	struct store *s = must_open(*state);
	int64_t n, bytes;

	add_letter(s, "orders", "rejected", "1", 10);
	add_letter(s, "orders", "rejected", "22", 20);
	add_letter(s, "orders", "bad_utf8", "333", 30);
	add_letter(s, "customers", "rejected", "4444", 40);
	add_letter(s, "customers", "bad_utf8", "55555", 50);
	for (size_t i = 0; i < COUNT_OF(filters); i++) {
		struct seen seen = {0};

		assert_int_equal(store_dead_count(s, &filters[i].filter, &n, &bytes, NULL), 0);
		assert_int_equal(n, filters[i].n);
		assert_int_equal(bytes, filters[i].bytes);
		assert_int_equal(store_dead_each(s, &filters[i].filter, 1, see, &seen, NULL), 0);
		assert_int_equal(seen.n, filters[i].n);
		for (int j = 1; j < seen.n; j++)
			assert_true(seen.ids[j] > seen.ids[j - 1]);
	}
	assert_int_equal(store_dead_each(s, NULL, 0, see, &(struct seen){.stop_after = 2}, NULL),
			 0);
	for (size_t i = COUNT_OF(filters); i-- > 0;) {
		int64_t purged, left = dead_count(s);

		assert_int_equal(store_dead_count(s, &filters[i].filter, &n, &bytes, NULL), 0);
		assert_int_equal(store_dead_purge(s, &filters[i].filter, &purged, NULL), 0);
		assert_int_equal(purged, n);
		assert_int_equal(dead_count(s), left - n);
	}
	assert_int_equal(dead_count(s), 0);
	store_close(s);
}

/* An id lives as long as its row, and never names another. */
static void test_ids(void **state)
{
	struct folder *f = *state;
	const struct store_limits limits = {.recent_max = 0, .dlq_max_bytes = 8};
	struct store *s = open_as(f->db, STORE_WRITE, &limits);
	struct dead_letter again = {.source = "shop", .payload = "1234567", .payload_len = 7};
	struct seen seen = {0};
	int64_t n;

	add_letter(s, "orders", "rejected", "1", 10);
	add_letter(s, "orders", "rejected", "2", 10);
	/* The replay of the first one failed once more. */
	again.id = 1;
	again.attempts = 9;
	add(s, &again, 1);
	assert_int_equal(store_dead_purge(s, &(struct dead_filter){.id = 2}, &n, NULL), 0);
	add_letter(s, "orders", "rejected", "3", 10);
	assert_int_equal(store_dead_each(s, NULL, 1, see, &seen, NULL), 0);
	assert_int_equal(seen.n, 2);
	assert_int_equal(seen.ids[0], 1);
	assert_int_equal(seen.ids[1], 3);
	assert_non_null(strstr(seen.text, "|1234567|7|2\n"));
	store_close(s);
}

struct facts {
	int64_t run_id, first_seen_us;
	int attempts, n;
};

static int see_facts(void *ctx, const struct dead_letter *d)
{
	struct facts *facts = ctx;

	facts->run_id = d->run_id;
	facts->first_seen_us = d->first_seen_us;
	facts->attempts = d->attempts;
	facts->n++;
	return 0;
}

/* The store knows when it came and how often it was tried, whatever the caller says. */
static void test_replaced(void **state)
{
	struct store *s = must_open(*state);
	struct store_step step = step_of(s, "orders");
	struct dead_letter d = {.source = "shop", .payload = "1", .payload_len = 1, .attempts = 1};
	struct facts facts = {0};

	d.first_seen_us = 10;
	step.dead = &d;
	step.n_dead = 1;
	assert_int_equal(store_commit(s, &step, 1, NULL), 0);
	d = (struct dead_letter){.id = 1, .payload = "22", .payload_len = 2, .first_seen_us = 99};
	/* A replay has no run of its own. */
	step.run_row = 0;
	assert_int_equal(store_commit(s, &step, 1, NULL), 0);
	assert_int_equal(store_commit(s, &step, 1, NULL), 0);
	assert_int_equal(store_dead_each(s, NULL, 1, see_facts, &facts, NULL), 0);
	assert_int_equal(facts.n, 1);
	assert_int_equal(facts.attempts, 3);
	assert_int_equal(facts.first_seen_us, 10);
	assert_int_equal(facts.run_id, 1);
	store_close(s);
}

/* A letter that was purged meanwhile is a new one, with a new id. */
static void test_replaced_is_gone(void **state)
{
	struct store *s = must_open(*state);
	const struct dead_letter d = {
	    .id = 1,
	    .payload = "x",
	    .payload_len = 1,
	    .first_seen_us = 99,
	    .attempts = 4,
	};
	struct facts facts = {0};
	int64_t n;

	add_letter(s, "orders", "rejected", "1", 10);
	assert_int_equal(store_dead_purge(s, NULL, &n, NULL), 0);
	add(s, &d, 1);
	assert_int_equal(
	    store_dead_each(s, &(struct dead_filter){.id = 2}, 1, see_facts, &facts, NULL), 0);
	assert_int_equal(facts.n, 1);
	assert_int_equal(facts.first_seen_us, 99);
	assert_int_equal(facts.attempts, 4);
	assert_int_equal(dead_count(s), 1);
	store_close(s);
}

static void settle(struct store *s, const int64_t *ids, size_t n)
{
	struct store_step step = step_of(s, "orders");

	step.settled = ids;
	step.n_settled = n;
	assert_int_equal(store_commit(s, &step, 1, NULL), 0);
}

/* What is settled makes room, in the same commit and for the next. */
static void test_settled(void **state)
{
	struct folder *f = *state;
	const struct store_limits limits = {.recent_max = 0, .dlq_max_bytes = 10};
	struct store *s = open_as(f->db, STORE_WRITE, &limits);
	struct store_step step = step_of(s, "orders");
	struct dead_letter d = {.payload = "123456", .payload_len = 6};
	const int64_t ids[] = {1, 3, 3, 77};
	struct error err = ERROR_INIT;
	int64_t n, bytes;

	add_letter(s, "orders", "rejected", "1234", 10);
	add_letter(s, "orders", "rejected", "12", 10);
	add_letter(s, "orders", "rejected", "1234", 10);
	step.dead = &d;
	step.n_dead = 1;
	assert_int_equal(store_commit(s, &step, 1, &err), -1);
	assert_error(&err, ERR_FULL, "the dead letters are full");
	step.settled = ids;
	step.n_settled = 1;
	assert_int_equal(store_commit(s, &step, 1, &err), -1);
	assert_error(&err, ERR_FULL, "the dead letters are full");
	step.n_settled = 4;
	assert_int_equal(store_commit(s, &step, 1, NULL), 0);
	assert_int_equal(store_dead_count(s, NULL, &n, &bytes, NULL), 0);
	assert_int_equal(n, 2);
	assert_int_equal(bytes, 8);
	/* The handle counts as the table does: two bytes are left, not three. */
	add_letter(s, "orders", "rejected", "12", 10);
	step.n_settled = 0;
	d.payload_len = 1;
	assert_int_equal(store_commit(s, &step, 1, &err), -1);
	assert_error(&err, ERR_FULL, "the dead letters are full");
	store_close(s);
}

/* ---- Nearly full ------------------------------------------------------------------ */

/* How often `words` stand in what was logged since the last time. */
static int logged(FILE *file, const char *words)
{
	char line[1024];
	int n = 0;

	while (fgets(line, sizeof(line), file) != NULL)
		n += strstr(line, words) != NULL;
	clearerr(file);
	return n;
}

static void test_nearly_full(void **state)
{
	static const char words[] = "the dead letters are nearly full";
	struct folder *f = *state;
	const struct store_limits limits = {.recent_max = 0, .dlq_max_bytes = 10};
	FILE *file = tmpfile();
	struct log *log = log_create(fileno(file), LOG_WARN, LOG_TEXT);
	FILE *reader;
	char path[64];
	struct store *s = store_open(f->db, STORE_WRITE, &limits, log, NULL);
	int64_t first = 1;

	(void)snprintf(path, sizeof(path), "/proc/self/fd/%d", fileno(file));
	reader = fopen(path, "r");
	assert_non_null(reader);
	assert_non_null(s);
	add_letter(s, "orders", "rejected", "1234567", 10);
	assert_int_equal(logged(reader, words), 0);
	add_letter(s, "orders", "rejected", "1", 10);
	assert_int_equal(logged(reader, words), 1);
	/* Once a handle. */
	add_letter(s, "orders", "rejected", "1", 10);
	settle(s, &first, 1);
	add_letter(s, "orders", "rejected", "1234567", 10);
	assert_int_equal(logged(reader, words), 0);
	store_close(s);
	s = store_open(f->db, STORE_WRITE, &limits, log, NULL);
	assert_non_null(s);
	/* It shrank, which is no reason. */
	settle(s, (const int64_t[]){2}, 1);
	assert_int_equal(logged(reader, words), 0);
	add_letter(s, "orders", "rejected", "1", 10);
	assert_int_equal(logged(reader, "raise dlq.max_bytes"), 1);
	store_close(s);
	log_destroy(log);
	(void)fclose(reader);
	(void)fclose(file);
}

/* As replay does: each one purged inside the listing. */
static void test_purge_inside(void **state)
{
	struct store *s = must_open(*state);
	struct seen seen = {.s = s, .purge = 1};

	for (int i = 0; i < 12; i++)
		add_letter(s, "orders", "rejected", "payload", 10);
	assert_int_equal(store_dead_each(s, NULL, 1, see, &seen, NULL), 0);
	assert_int_equal(seen.n, 12);
	assert_int_equal(dead_count(s), 0);
	store_close(s);
}

static void test_message_is_cut(void **state)
{
	struct store *s = must_open(*state);
	char message[1400];
	struct dead_letter d = {.message = message};
	struct seen seen = {0};

	/* Three bytes each: 1024 is inside of one. */
	for (size_t i = 0; i + 4 < sizeof(message); i += 3)
		memcpy(message + i, "\xe2\x82\xac", 4);
	add(s, &d, 1);
	assert_int_equal(store_dead_each(s, NULL, 0, see, &seen, NULL), 0);
	assert_int_equal(strlen(seen.text), strlen("|||||||0||none|0|0\n") + 1023);
	store_close(s);
}

static int file_holds(const char *path, const char *words)
{
	size_t n;
	char *p = read_bytes(path, &n);
	size_t len = strlen(words);
	int found = 0;

	for (size_t i = 0; p != NULL && !found && i + len <= n; i++)
		found = memcmp(p + i, words, len) == 0;

	free(p);
	return found;
}

static void test_purge_overwrites(void **state)
{
	struct folder *f = *state;
	struct store *s = must_open(f);
	struct stat before, after;
	char *big = calloc(1, 200001);
	int64_t n;

	memset(big, 'x', 200000);
	memcpy(big + 100000, "jane@example.org", 16);
	add_letter(s, "orders", "rejected", "john@example.org", 10);
	add_letter(s, "orders", "rejected", big, 10);
	store_close(s);
	assert_true(file_holds(f->db, "john@example.org"));
	assert_true(file_holds(f->db, "jane@example.org"));
	assert_int_equal(stat(f->db, &before), 0);
	s = must_open(f);
	assert_int_equal(store_dead_purge(s, NULL, &n, NULL), 0);
	assert_int_equal(n, 2);
	store_close(s);
	assert_false(file_holds(f->db, "john@example.org"));
	assert_false(file_holds(f->db, "jane@example.org"));
	assert_int_equal(stat(f->db, &after), 0);
	assert_true(after.st_size + 150000 < before.st_size);
	free(big);
}

/* The rows of letters that were delivered, or replaced, do not stay behind in the file. */
static void test_settled_is_overwritten(void **state)
{
	struct folder *f = *state;
	struct store *s = must_open(f);
	struct dead_letter d = {.id = 2, .payload = "x", .payload_len = 1};
	struct stat before, after;
	int64_t n;
	char *big = calloc(1, 200001);

	memset(big, 'x', 200000);
	memcpy(big + 100000, "jane@example.org", 16);
	add_letter(s, "orders", "rejected", "john@example.org", 10);
	add_letter(s, "orders", "rejected", big, 10);
	/* Others around it, so that its page stays in use. */
	for (int i = 0; i < 10; i++)
		add_letter(s, "orders", "rejected", i == 5 ? "joan@example.org" : "another", 10);
	store_close(s);
	assert_true(file_holds(f->db, "john@example.org"));
	assert_true(file_holds(f->db, "jane@example.org"));
	assert_true(file_holds(f->db, "joan@example.org"));
	assert_int_equal(stat(f->db, &before), 0);
	s = must_open(f);
	/* Behind a purge: some builds of SQLite overwrite until one has set it otherwise. */
	assert_int_equal(store_dead_purge(s, &(struct dead_filter){.id = 99}, &n, NULL), 0);
	settle(s, (const int64_t[]){1, 8}, 2);
	store_close(s);
	assert_false(file_holds(f->db, "joan@example.org"));
	assert_false(file_holds(f->db, "john@example.org"));
	s = must_open(f);
	add(s, &d, 1);
	store_close(s);
	assert_false(file_holds(f->db, "jane@example.org"));
	assert_int_equal(stat(f->db, &after), 0);
	assert_true(after.st_size + 150000 < before.st_size);
	free(big);
}

static void test_too_large(void **state)
{
	struct store *s = must_open(*state);
	struct error err = ERROR_INIT;
	struct store_step step = step_of(s, "orders");
	const struct dead_letter d = {.payload = "", .payload_len = (size_t)64 * 1024 * 1024 + 1};

	step.dead = &d;
	step.n_dead = 1;
	assert_int_equal(store_commit(s, &step, 1, &err), -1);
	assert_error(&err, ERR_INTERNAL, "over the limit");
	store_close(s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test_setup_teardown(test_round_trip, folder_setup, folder_teardown),
	    cmocka_unit_test_setup_teardown(test_bytes, folder_setup, folder_teardown),
	    cmocka_unit_test_setup_teardown(test_filters, folder_setup, folder_teardown),
	    cmocka_unit_test_setup_teardown(test_ids, folder_setup, folder_teardown),
	    cmocka_unit_test_setup_teardown(test_replaced, folder_setup, folder_teardown),
	    cmocka_unit_test_setup_teardown(test_replaced_is_gone, folder_setup, folder_teardown),
	    cmocka_unit_test_setup_teardown(test_settled, folder_setup, folder_teardown),
	    cmocka_unit_test_setup_teardown(test_nearly_full, folder_setup, folder_teardown),
	    cmocka_unit_test_setup_teardown(test_purge_inside, folder_setup, folder_teardown),
	    cmocka_unit_test_setup_teardown(test_message_is_cut, folder_setup, folder_teardown),
	    cmocka_unit_test_setup_teardown(test_purge_overwrites, folder_setup, folder_teardown),
	    cmocka_unit_test_setup_teardown(test_settled_is_overwritten, folder_setup,
					    folder_teardown),
	    cmocka_unit_test_setup_teardown(test_too_large, folder_setup, folder_teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
