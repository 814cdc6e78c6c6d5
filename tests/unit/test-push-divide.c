/* SPDX-License-Identifier: MIT */
/* Batches that the API does not take as a whole: halves, guilty rows, what is rejected. */

#include "push-fixture.h"

#include "push/bisect.h"

#define POISON_IS_REFUSED                                                                          \
	"{\"match\":{\"row_contains\":\"POISON\"},\"action\":{\"status\":422,"                     \
	"\"body\":\"{\\\"detail\\\":\\\"the POISON of test-key\\\"}\"}}"

/* ---- What came of it ---- */

static const char *note(const struct batch *b, uint32_t offset)
{
	return b->notes.data + offset;
}

/* Exactly these rows are dead letters of the batch, and counted so. */
static void assert_dead(const struct batch *b, const int *ids, enum row_reason reason, int status)
{
	uint64_t n = 0;

	assert_int_equal(b->outcome, BATCH_DELIVERED);
	for (; ids[n] >= 0; n++) {
		char key[32], payload[64];

		assert_true(n < b->n_dead);
		(void)snprintf(key, sizeof(key), "{\"id\":%d}", ids[n]);
		(void)snprintf(payload, sizeof(payload), "{\"id\":%d,", ids[n]);
		assert_string_equal(note(b, b->dead[n].key), key);
		assert_memory_equal(note(b, b->dead[n].payload), payload, strlen(payload));
		assert_int_equal(b->dead[n].reason, reason);
		assert_int_equal(b->dead[n].status, status);
	}
	assert_int_equal(b->n_dead, n);
	assert_int_equal(b->counts.dead, n);
	assert_int_equal(b->counts.pushed, b->counts.read - n);
}

static uint64_t requests(const struct scene *s)
{
	struct push_totals t;

	push_totals(s->push, &t);
	return t.requests;
}

static void one_batch(struct scene *s, struct fixture *f, const char *scenario,
		      const struct push_target *target, int n, const int *poison)
{
	scene_begin(s, f, scenario, NULL);
	scene_open(s, target, NULL);
	assert_int_equal(submit_rows(s, s->lane, 0, n, poison), 0);
	wait_ended(s, 1);
	assert_int_equal(push_failure(s->push, NULL), 0);
}

/* ---- Too large ---- */

static void sizes_are_found_and_kept(void **state)
{
	static const char *const more[] = {"--limit-bytes", "2000", NULL};
	struct learned learned;
	json_t *batches;
	struct scene s;
	uint64_t before;

	scene_begin(&s, *state, "{\"rules\":[]}", more);
	scene_open(&s, &append_target, NULL);
	assert_int_equal(submit_rows(&s, s.lane, 0, 200, NULL), 0);
	wait_ended(&s, 1);
	assert_int_equal(s.ended[0]->outcome, BATCH_DELIVERED);
	assert_int_equal(s.ended[0]->sent_rows, 200);
	assert_landed(&s, 0, 200, NULL);
	assert_int_equal(push_learned(s.push, LEARNED_LIMIT, &learned), 1);
	assert_int_equal(push_learned(s.push, LEARNED_LIMIT, &learned), 0);
	assert_true(learned.refused > 2000 && learned.refused <= 4000);
	assert_true(learned.accepted > 500 && learned.accepted <= 2000);
	assert_int_equal(push_batch_bytes(s.push, 100000), learned_target(&learned, 100000));
	assert_true(push_batch_bytes(s.push, 100000) <= 2000);
	assert_int_equal(push_batch_bytes(s.push, 1000), 1000);
	/* The next one is cut before it is sent: no request is refused. */
	batches = read_ledger(s.f, 0);
	before = requests(&s) - json_array_size(batches);
	assert_true(before > 0);
	json_decref(batches);
	assert_int_equal(submit_rows(&s, s.lane, 200, 200, NULL), 0);
	wait_ended(&s, 2);
	batches = read_ledger(s.f, 0);
	assert_int_equal(requests(&s) - json_array_size(batches), before);
	json_decref(batches);
	assert_landed(&s, 0, 400, NULL);
	scene_close(&s);
}

static void a_row_that_is_too_large(void **state)
{
	static const int poison[] = {2, 5, -1};
	struct scene s;

	one_batch(&s, *state,
		  "{\"rules\":[{\"match\":{\"row_contains\":\"POISON\"},"
		  "\"action\":{\"status\":413}}]}",
		  &append_target, 8, poison);
	assert_dead(s.ended[0], poison, ROW_TOO_LARGE, 413);
	assert_landed(&s, 0, 8, poison);
	scene_close(&s);
}

/* Words about a size, but of a value: the rows come one by one, and no limit is learnt. */
static void words_teach_nothing(void **state)
{
	static const int poison[] = {0, -1};
	struct learned learned;
	struct scene s;

	one_batch(&s, *state,
		  "{\"rules\":[{\"match\":{\"row_contains\":\"POISON\"},\"action\":{\"status\":400,"
		  "\"body\":\"{\\\"detail\\\":\\\"the value exceeds the maximum\\\"}\"}}]}",
		  &append_target, 64, poison);
	assert_int_equal(s.ended[0]->n_dead, 1);
	assert_landed(&s, 0, 64, poison);
	assert_int_equal(push_learned(s.push, LEARNED_LIMIT, &learned), 0);
	assert_int_equal(push_batch_bytes(s.push, 100000), 100000);
	assert_true(requests(&s) <= bisect_budget(64, 1));
	scene_close(&s);
}

/* ---- Guilty rows ---- */

static void guilty_rows_are_found(void **state)
{
	static const int cases[][8] = {
	    {0, -1}, {999, -1}, {500, -1}, {3, 4, 5, -1}, {0, 250, 251, 700, 999, -1}, {-1},
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct fixture *f = *state;
		uint32_t k = 0;
		struct scene s;

		while (cases[i][k] >= 0)
			k++;
		one_batch(&s, f, "{\"rules\":[" POISON_IS_REFUSED "]}",
			  i % 2 == 0 ? &append_target : &merge_target, 1000, cases[i]);
		assert_dead(s.ended[0], cases[i], ROW_REJECTED, 422);
		assert_landed(&s, 0, 1000, cases[i]);
		assert_true(requests(&s) <= bisect_budget(1000, k));
		assert_int_equal(s.ended[0]->sent_rows, 1000 - k);
		for (uint32_t n = 0; n < k; n++)
			assert_non_null(strstr(note(s.ended[0], s.ended[0]->dead[n].message),
					       "status 422: 'the POISON of"));
		scene_close(&s);
		stop_receiver(f);
		(void)unlink(f->ledger);
	}
}

/* Some of the API's words are the key: they do not get into the dead letters. */
static void messages_hold_no_key(void **state)
{
	static const int poison[] = {1, -1};
	struct fixture *f = *state;
	const struct batch *b;
	struct scene s;

	assert_int_equal(secrets_add(log_secrets(f->log), "test-key", 8), 0);
	one_batch(&s, f, "{\"rules\":[" POISON_IS_REFUSED "]}", &append_target, 2, poison);
	b = s.ended[0];
	assert_dead(b, poison, ROW_REJECTED, 422);
	assert_non_null(strstr(note(b, b->dead[0].message), "the POISON of [redacted]"));
	scene_close(&s);
}

static void faults_convict_nobody(void **state)
{
	static const int poison[] = {11, -1};
	struct scene s;

	one_batch(&s, *state,
		  "{\"rules\":[{\"match\":{\"every\":3},\"action\":{\"status\":503}},"
		  "{\"match\":{\"every\":4},\"action\":{\"reset\":true}}," POISON_IS_REFUSED "]}",
		  &merge_target, 32, poison);
	assert_dead(s.ended[0], poison, ROW_REJECTED, 422);
	assert_landed(&s, 0, 32, poison);
	scene_close(&s);
}

/* Refused once and then taken: not guilty. */
static void one_refusal_is_none(void **state)
{
	static const int none[] = {-1};
	struct scene s;

	one_batch(&s, *state, "{\"rules\":[{\"times\":1,\"action\":{\"status\":422}}]}",
		  &append_target, 1, NULL);
	assert_dead(s.ended[0], none, ROW_REJECTED, 422);
	assert_int_equal(requests(&s), 2);
	assert_landed(&s, 0, 1, NULL);
	scene_close(&s);
}

static void conflicts(void **state)
{
	static const int poison[] = {0, -1}, none[] = {-1};
	struct fixture *f = *state;
	struct scene s;

	/* It passes. */
	one_batch(&s, f, "{\"rules\":[{\"times\":3,\"action\":{\"status\":409}}]}", &append_target,
		  4, NULL);
	assert_dead(s.ended[0], none, ROW_REJECTED, 409);
	assert_int_equal(requests(&s), 4);
	scene_close(&s);
	stop_receiver(f);
	(void)unlink(f->ledger);
	/* Three times more, then it is the row's. */
	one_batch(&s, f,
		  "{\"rules\":[{\"match\":{\"row_contains\":\"POISON\"},"
		  "\"action\":{\"status\":409}}]}",
		  &append_target, 1, poison);
	assert_dead(s.ended[0], poison, ROW_REJECTED, 409);
	assert_int_equal(requests(&s), 8);
	scene_close(&s);
}

static void success_is_false(void **state)
{
	static const int poison[] = {6, 7, -1};
	struct scene s;

	one_batch(&s, *state,
		  "{\"rules\":[{\"match\":{\"row_contains\":\"POISON\"},\"action\":{\"status\":200,"
		  "\"body\":\"{\\\"success\\\":false,\\\"errors\\\":[\\\"no way\\\"]}\"}}]}",
		  &append_target, 16, poison);
	assert_dead(s.ended[0], poison, ROW_REJECTED, 200);
	assert_non_null(strstr(note(s.ended[0], s.ended[0]->dead[1].message), "no way"));
	assert_landed(&s, 0, 16, poison);
	scene_close(&s);
}

/* ---- Taken in part ---- */

#define POISON_IS_REJECTED                                                                         \
	"{\"rules\":[{\"action\":{\"reject_rows\":{\"containing\":\"POISON\"}}}]}"

/* Append: nobody knows which, and sending again would double the others. */
static void unnamed_rows_of_append(void **state)
{
	static const int poison[] = {3, 4, -1}, all[] = {0, 1, 2, 3, 4, 5, -1};
	struct batch *b;
	struct scene s;

	one_batch(&s, *state, POISON_IS_REJECTED, &append_target, 6, poison);
	b = s.ended[0];
	assert_dead(b, all, ROW_PARTIAL, 200);
	assert_int_equal(requests(&s), 1);
	assert_int_equal(b->sent_rows, 4);
	assert_true(strlen(b->api_request_id) > 0);
	assert_non_null(strstr(note(b, b->dead[0].message), b->api_request_id));
	assert_non_null(strstr(note(b, b->dead[0].message), "2 of the 6 rows"));
	scene_close(&s);
}

static void unnamed_rows_of_merge(void **state)
{
	static const int poison[] = {3, 4, -1};
	struct scene s;

	one_batch(&s, *state, POISON_IS_REJECTED, &merge_target, 6, poison);
	assert_dead(s.ended[0], poison, ROW_REJECTED, 200);
	scene_close(&s);
}

static void named_rows(void **state)
{
	static const int poison[] = {3, 8, -1};
	const struct batch *b;
	struct scene s;

	one_batch(
	    &s, *state,
	    "{\"rules\":[{\"times\":1,\"action\":{\"reject_rows\":[3,8],\"patch\":{\"errors\":["
	    "{\"row\":8},{\"row\":3,\"message\":\"the third\"}]}}},"
	    "{\"action\":{\"status\":422}}]}",
	    &append_target, 10, poison);
	b = s.ended[0];
	assert_dead(b, poison, ROW_REJECTED, 200);
	/* The last one proves the names. */
	assert_int_equal(requests(&s), 2);
	assert_int_equal(b->sent_rows, 8);
	assert_string_equal(note(b, b->dead[0].message), "the third");
	assert_non_null(strstr(note(b, b->dead[1].message), "rejects some rows"));
	assert_landed(&s, 0, 10, poison);
	scene_close(&s);
}

/* Fewer are named than were rejected: it cannot be relied on. */
static void too_few_are_named(void **state)
{
	static const int all[] = {0, 1, 2, 3, -1};
	struct scene s;

	one_batch(&s, *state,
		  "{\"rules\":[{\"action\":{\"reject_rows\":[1,2],"
		  "\"patch\":{\"errors\":[{\"row\":1}]}}}]}",
		  &append_target, 4, NULL);
	assert_dead(s.ended[0], all, ROW_PARTIAL, 200);
	scene_close(&s);
}

/* All of them: then nothing was taken that could be doubled. */
static void all_are_rejected(void **state)
{
	static const int poison[] = {0, 1, 2, -1};
	struct scene s;

	one_batch(&s, *state,
		  "{\"rules\":[{\"action\":{\"reject_rows\":{\"containing\":\"POISON\"},"
		  "\"patch\":{\"success\":true}}}]}",
		  &append_target, 3, poison);
	assert_dead(s.ended[0], poison, ROW_REJECTED, 200);
	assert_landed(&s, 3, 3, NULL);
	scene_close(&s);
}

/* The counts leave a row out: nothing is known, and it is no acknowledgement. */
static void counts_that_leave_rows_out(void **state)
{
	struct error err = ERROR_INIT;
	struct scene s;

	scene_begin(&s, *state,
		    "{\"rules\":[{\"action\":{\"reject_rows\":[1],\"patch\":{\"accepted\":2,"
		    "\"successful_rows\":2,\"errors\":[{\"row\":1}]}}}]}",
		    NULL);
	scene_open(&s, &append_target, NULL);
	assert_int_equal(submit_rows(&s, s.lane, 0, 4, NULL), 0);
	wait_ended(&s, 1);
	assert_int_equal(s.ended[0]->outcome, BATCH_UNSENT);
	assert_int_equal(push_failure(s.push, &err), 1);
	assert_non_null(strstr(error_text(&err), "does not speak the ingest API"));
	error_done(&err);
	scene_close(&s);
}

/* ---- Too much ---- */

static void too_many_stop_the_lane_alone(void **state)
{
	static int poison[41];
	struct error err = ERROR_INIT;
	struct scene s;

	for (int i = 0; i < 40; i++)
		poison[i] = i;
	poison[40] = -1;
	scene_begin(&s, *state, "{\"rules\":[" POISON_IS_REFUSED "]}", NULL);
	scene_open(&s, &append_target, &other_target);
	assert_int_equal(submit_rows(&s, s.lane, 0, 40, poison), 0);
	wait_ended(&s, 1);
	assert_int_equal(s.ended[0]->outcome, BATCH_UNSENT);
	assert_int_equal(push_lane_failure(s.push, s.lane, &err), 1);
	assert_int_equal(err.class, ERR_API);
	assert_non_null(strstr(error_text(&err), "shop.first: the API refused every row so far "
						 "(20)"));
	assert_non_null(strstr(error_text(&err), "status 422: 'the POISON of"));
	assert_non_null(strstr(error_text(&err), "push.max_rejected"));
	assert_int_equal(submit_rows(&s, s.lane, 40, 1, NULL), -1);
	/* The others go on. */
	assert_int_equal(push_failure(s.push, NULL), 0);
	assert_int_equal(push_lane_failure(s.push, s.other, NULL), 0);
	for (int i = 0; i < 3; i++) {
		assert_int_equal(submit_rows(&s, s.other, 100 + 10 * i, 10, NULL), 0);
		wait_ended(&s, 2 + i);
		assert_int_equal(s.ended[1 + i]->outcome, BATCH_DELIVERED);
	}
	assert_landed(&s, 100, 130, NULL);
	error_done(&err);
	scene_close(&s);
}

/* 5 % of what was sent before, which is more than the number. */
static void a_share_is_allowed(void **state)
{
	static const int poison[] = {1000, 1001, 1002, -1}, more[] = {1100, -1};
	struct error err = ERROR_INIT;
	struct scene s;

	scene_begin(&s, *state, "{\"rules\":[" POISON_IS_REFUSED "]}", NULL);
	s.settings.max_rejected_rows = 2;
	s.settings.max_rejected_percent = 1;
	scene_open(&s, &append_target, NULL);
	assert_int_equal(submit_rows(&s, s.lane, 0, 400, NULL), 0);
	wait_ended(&s, 1);
	assert_int_equal(submit_rows(&s, s.lane, 1000, 10, poison), 0);
	wait_ended(&s, 2);
	assert_dead(s.ended[1], poison, ROW_REJECTED, 422);
	assert_int_equal(submit_rows(&s, s.lane, 1100, 10, more), 0);
	wait_ended(&s, 3);
	assert_int_equal(s.ended[2]->outcome, BATCH_UNSENT);
	assert_int_equal(push_lane_failure(s.push, s.lane, &err), 1);
	assert_non_null(strstr(error_text(&err), "refused 4 of 411 rows"));
	error_done(&err);
	scene_close(&s);
}

/* Batches are refused and single rows taken. */
static void a_contradiction_stops_the_lane(void **state)
{
	struct error err = ERROR_INIT;
	struct scene s;

	one_batch(&s, *state,
		  "{\"rules\":[{\"match\":{\"row_contains\":\"},{\"},\"action\":{\"status\":400,"
		  "\"body\":\"{\\\"detail\\\":\\\"not a list\\\"}\"}}]}",
		  &append_target, 1000, NULL);
	assert_int_equal(s.ended[0]->outcome, BATCH_UNSENT);
	assert_int_equal(push_lane_failure(s.push, s.lane, &err), 1);
	assert_non_null(strstr(error_text(&err), "refuses batches, but not single rows"));
	assert_non_null(strstr(error_text(&err), "not a list"));
	assert_true(requests(&s) <= bisect_budget(1000, 1) + 4);
	error_done(&err);
	scene_close(&s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    PUSH_TEST(sizes_are_found_and_kept),   PUSH_TEST(a_row_that_is_too_large),
	    PUSH_TEST(words_teach_nothing),	   PUSH_TEST(guilty_rows_are_found),
	    PUSH_TEST(messages_hold_no_key),	   PUSH_TEST(faults_convict_nobody),
	    PUSH_TEST(one_refusal_is_none),	   PUSH_TEST(conflicts),
	    PUSH_TEST(success_is_false),	   PUSH_TEST(unnamed_rows_of_append),
	    PUSH_TEST(unnamed_rows_of_merge),	   PUSH_TEST(named_rows),
	    PUSH_TEST(too_few_are_named),	   PUSH_TEST(all_are_rejected),
	    PUSH_TEST(counts_that_leave_rows_out), PUSH_TEST(too_many_stop_the_lane_alone),
	    PUSH_TEST(a_share_is_allowed),	   PUSH_TEST(a_contradiction_stops_the_lane),
	};

	return run_push_tests("push-divide", tests, sizeof(tests) / sizeof(tests[0]));
}
