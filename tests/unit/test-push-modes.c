/* SPDX-License-Identifier: MIT */
/* The engine's settings against the real receiver: compression, replace, throttles, watchdog. */

#include "push-fixture.h"

#include "push/bisect.h"

static const char *const no_gzip[] = {"--no-gzip", NULL};

static struct push_totals totals(const struct scene *s)
{
	struct push_totals t;

	push_totals(s->push, &t);
	return t;
}

/* What is known of compression now; -1 nothing new. */
static int learned_gzip(const struct scene *s)
{
	struct learned learned;

	if (!push_learned(s->push, LEARNED_MORE | LEARNED_LIMIT, &learned))
		return -1;
	return learned.gzip;
}

static void one_more(struct scene *s, int first, int n, const int *poison)
{
	int ended = s->n + 1;

	assert_int_equal(submit_rows(s, s->lane, first, n, poison), 0);
	wait_ended(s, ended);
	assert_int_equal(s->ended[ended - 1]->outcome, BATCH_DELIVERED);
}

/* ---- Compression ---- */

static void begin_auto(struct scene *s, struct fixture *f, const char *scenario,
		       const char *const *more)
{
	scene_begin(s, f, scenario, more);
	s->settings.compression = PUSH_GZIP_AUTO;
}

static void compressed_bodies_are_taken(void **state)
{
	struct scene s;

	begin_auto(&s, *state, "{\"rules\":[]}", NULL);
	scene_open(&s, &append_target, NULL);
	one_more(&s, 0, 500, NULL);
	assert_true(s.ended[0]->packed.len > 0);
	assert_true(s.ended[0]->packed.len < s.ended[0]->body.len / 3);
	assert_int_equal(s.ended[0]->sent_bytes, s.ended[0]->body.len);
	assert_int_equal(learned_gzip(&s), 1);
	one_more(&s, 500, 500, NULL);
	assert_int_equal(totals(&s).requests, 2);
	assert_int_equal(totals(&s).places, 2);
	assert_landed(&s, 0, 1000, NULL);
	scene_close(&s);
}

static void refused_compression_is_remembered(void **state)
{
	struct fixture *f = *state;
	struct scene s;

	begin_auto(&s, f, "{\"rules\":[]}", no_gzip);
	scene_open(&s, &append_target, NULL);
	one_more(&s, 0, 100, NULL);
	assert_int_equal(totals(&s).requests, 2);
	assert_int_equal(learned_gzip(&s), 0);
	one_more(&s, 100, 100, NULL);
	assert_int_equal(totals(&s).requests, 3);
	assert_int_equal(s.ended[1]->packed.len, 0);
	assert_landed(&s, 0, 200, NULL);
	scene_close(&s);
	/* The next run knows it. */
	stop_receiver(f);
	(void)unlink(f->ledger);
	begin_auto(&s, f, "{\"rules\":[]}", no_gzip);
	s.settings.learned.gzip = 0;
	scene_open(&s, &append_target, NULL);
	one_more(&s, 0, 100, NULL);
	assert_int_equal(totals(&s).requests, 1);
	scene_close(&s);
}

#define POISON_IS_REFUSED                                                                          \
	"{\"rules\":[{\"match\":{\"row_contains\":\"POISON\"},\"action\":{\"status\":400}}]}"

/* The very first batch is refused because of a row: compression is not to blame. */
static void a_bad_row_is_not_compression(void **state)
{
	static const int poison[] = {5, -1};
	struct scene s;

	begin_auto(&s, *state, POISON_IS_REFUSED, NULL);
	scene_open(&s, &append_target, NULL);
	one_more(&s, 0, 64, poison);
	assert_int_equal(s.ended[0]->n_dead, 1);
	assert_int_not_equal(learned_gzip(&s), 0);
	/* Asked once more, without it. */
	assert_true(totals(&s).requests <= bisect_budget(64, 1) + 1);
	one_more(&s, 64, 64, NULL);
	assert_int_equal(learned_gzip(&s), 1);
	assert_landed(&s, 0, 128, poison);
	scene_close(&s);
}

static void bad_rows_without_compression(void **state)
{
	static const int poison[] = {5, -1};
	struct scene s;

	begin_auto(&s, *state, POISON_IS_REFUSED, no_gzip);
	scene_open(&s, &append_target, NULL);
	one_more(&s, 0, 16, poison);
	assert_int_equal(s.ended[0]->n_dead, 1);
	one_more(&s, 16, 16, NULL);
	assert_int_equal(learned_gzip(&s), 0);
	assert_landed(&s, 0, 32, poison);
	scene_close(&s);
}

/* A size is none of compression's faults: the halves go compressed. */
static void too_large_is_not_compression(void **state)
{
	static const char *const more[] = {"--limit-bytes", "2000", NULL};
	struct scene s;

	begin_auto(&s, *state, "{\"rules\":[]}", more);
	scene_open(&s, &append_target, NULL);
	one_more(&s, 0, 100, NULL);
	assert_int_equal(learned_gzip(&s), 1);
	assert_landed(&s, 0, 100, NULL);
	scene_close(&s);
}

/* Asked for by name: no other way is tried. */
static void explicit_compression(void **state)
{
	struct fixture *f = *state;
	struct error err = ERROR_INIT;
	struct scene s;

	scene_begin(&s, f, "{\"rules\":[]}", NULL);
	s.settings.compression = PUSH_GZIP;
	s.settings.learned.gzip = 0;
	scene_open(&s, &append_target, NULL);
	one_more(&s, 0, 100, NULL);
	assert_true(s.ended[0]->packed.len > 0);
	assert_int_equal(totals(&s).requests, 1);
	assert_landed(&s, 0, 100, NULL);
	scene_close(&s);
	stop_receiver(f);
	(void)unlink(f->ledger);
	scene_begin(&s, f, "{\"rules\":[]}", no_gzip);
	s.settings.compression = PUSH_GZIP;
	s.settings.max_rejected_rows = 2;
	scene_open(&s, &append_target, NULL);
	assert_int_equal(submit_rows(&s, s.lane, 0, 100, NULL), 0);
	wait_ended(&s, 1);
	assert_int_equal(s.ended[0]->outcome, BATCH_UNSENT);
	assert_int_equal(push_lane_failure(s.push, s.lane, &err), 1);
	assert_non_null(strstr(error_text(&err), "status 415"));
	assert_landed(&s, 0, 0, NULL);
	error_done(&err);
	scene_close(&s);
}

/* ---- Replace ---- */

static void only_the_first_replaces(struct fixture *f, const char *scenario,
				    const char *const *more, size_t batches, int but)
{
	static const struct push_target target = {.table = "bronze.r", .replace = 1, .wait = 1};
	static const int poison[] = {3, -1};
	struct scene s;
	json_t *list;

	f->path = "/api/v1/stream";
	scene_begin(&s, f, scenario, more);
	scene_open(&s, &target, NULL);
	for (int i = 0; i < 3; i++)
		assert_int_equal(submit_rows(&s, s.lane, 20 * i, 20, i == 0 ? poison : NULL), 0);
	wait_ended(&s, 3);
	for (int i = 0; i < 3; i++)
		assert_int_equal(s.ended[i]->outcome, BATCH_DELIVERED);
	list = read_ledger(f, 0);
	assert_true(json_array_size(list) >= batches);
	for (size_t i = 0; i < json_array_size(list); i++)
		assert_string_equal(
		    json_string_value(json_object_get(json_array_get(list, i), "mode")),
		    i == 0 ? "replace" : "append");
	json_decref(list);
	list = read_ledger(f, 1);
	assert_int_equal(json_array_size(list), but < 0 ? 60 : 59);
	json_decref(list);
	scene_close(&s);
	stop_receiver(f);
	(void)unlink(f->ledger);
}

static void replacing(void **state)
{
	static const char *const onprem[] = {"--flavor", "onprem", NULL};
	static const char *const small[] = {"--flavor", "onprem", "--limit-bytes", "400", NULL};

	only_the_first_replaces(*state, "{\"rules\":[]}", onprem, 3, -1);
	only_the_first_replaces(*state, "{\"rules\":[]}", small, 6, -1);
	only_the_first_replaces(*state, POISON_IS_REFUSED, onprem, 5, 3);
	only_the_first_replaces(*state, "{\"rules\":[{\"times\":2,\"action\":{\"status\":503}}]}",
				onprem, 3, -1);
}

/* ---- Throttles ---- */

/* How long n batches take, in ms. */
static int64_t throttled(struct fixture *f, int64_t requests, int64_t bytes, int n)
{
	int64_t began;
	struct scene s;

	scene_begin(&s, f, "{\"rules\":[]}", NULL);
	s.settings.max_requests_per_second = requests;
	s.settings.max_bytes_per_second = bytes;
	s.settings.in_flight = (unsigned)n;
	scene_open(&s, &append_target, NULL);
	began = clock_mono_us();
	for (int i = 0; i < n; i++)
		assert_int_equal(submit_rows(&s, s.lane, i * 10, 10, NULL), 0);
	wait_ended(&s, n);
	began = clock_mono_us() - began;
	for (int i = 0; i < n; i++)
		assert_int_equal(s.ended[i]->outcome, BATCH_DELIVERED);
	scene_close(&s);
	stop_receiver(f);
	(void)unlink(f->ledger);
	return began / 1000;
}

/* A second's worth at once, the rest at the rate. */
static void throttles(void **state)
{
	/* 10 at once, 10 more within a second. */
	assert_true(throttled(*state, 10, 0, 20) >= 950);
	/* 200 to 300 bytes each: after 5 or so at once, 3 or 4 a second. */
	assert_true(throttled(*state, 0, 1000, 10) >= 1000);
	assert_true(throttled(*state, 1000, 10000000, 10) < 10000);
}

/* ---- Order, watchdog ---- */

static void merge_keeps_the_order(void **state)
{
	struct scene s;

	scene_begin(&s, *state,
		    "{\"rules\":[{\"match\":{\"every\":3},\"action\":{\"status\":503}},"
		    "{\"match\":{\"every\":5},\"action\":{\"reset\":true}}]}",
		    NULL);
	s.settings.in_flight = 20;
	scene_open(&s, &merge_target, NULL);
	for (int i = 0; i < 20; i++)
		assert_int_equal(submit_rows(&s, s.lane, 5 * i, 5, NULL), 0);
	wait_ended(&s, 20);
	for (int i = 0; i < 20; i++)
		assert_int_equal(s.ended[i]->seq, i);
	assert_landed(&s, 0, 100, NULL);
	scene_close(&s);
}

static void the_watchdog_ends_a_stall(void **state)
{
#ifdef ENABLE_FAILPOINTS
	struct error err = ERROR_INIT;
	struct scene s;

	scene_begin(&s, *state, "{\"rules\":[]}", NULL);
	s.settings.watchdog_ms = 300;
	assert_int_equal(setenv("DEFSYNC_FAILPOINT", "push_stall=error", 1), 0);
	scene_open(&s, &append_target, NULL);
	/* Nothing to do is no stall. */
	(void)usleep(500000);
	assert_int_equal(push_failure(s.push, NULL), 0);
	assert_int_equal(submit_rows(&s, s.lane, 0, 10, NULL), 0);
	wait_ended(&s, 1);
	assert_int_equal(s.ended[0]->outcome, BATCH_UNSENT);
	assert_int_equal(push_failure(s.push, &err), 1);
	assert_int_equal(err.class, ERR_TEMPORARY);
	assert_non_null(strstr(error_text(&err), "watchdog: no progress for"));
	error_done(&err);
	scene_close(&s);
	assert_int_equal(unsetenv("DEFSYNC_FAILPOINT"), 0);
#else
	(void)state;
	skip();
#endif
}

/* A long pause on purpose is none: between retries, and by Retry-After. */
static void pauses_are_no_stall(void **state)
{
	struct scene s;

	scene_begin(&s, *state,
		    "{\"rules\":[{\"times\":1,\"action\":{\"status\":503,"
		    "\"headers\":{\"Retry-After\":\"2\"}}}]}",
		    NULL);
	s.settings.watchdog_ms = 500;
	scene_open(&s, &append_target, NULL);
	one_more(&s, 0, 10, NULL);
	assert_int_equal(push_failure(s.push, NULL), 0);
	scene_close(&s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    PUSH_TEST(compressed_bodies_are_taken),
	    PUSH_TEST(refused_compression_is_remembered),
	    PUSH_TEST(a_bad_row_is_not_compression),
	    PUSH_TEST(bad_rows_without_compression),
	    PUSH_TEST(too_large_is_not_compression),
	    PUSH_TEST(explicit_compression),
	    PUSH_TEST(replacing),
	    PUSH_TEST(throttles),
	    PUSH_TEST(merge_keeps_the_order),
	    PUSH_TEST(the_watchdog_ends_a_stall),
	    PUSH_TEST(pauses_are_no_stall),
	};

	return run_push_tests("push-modes", tests, sizeof(tests) / sizeof(tests[0]));
}
