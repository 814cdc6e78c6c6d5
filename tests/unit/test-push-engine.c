/* SPDX-License-Identifier: MIT */
/*
 * The push engine against the real receiver: order, memory, retries, refusals,
 * stopping.
 */

#include "push-fixture.h"
#include "sync/prefix.h"

#include <pthread.h>

static const char *const discard[] = {"--discard", NULL};

/* ---- The engine ---- */

static struct push *make_push(struct fixture *f, unsigned in_flight, size_t memory,
			      int64_t retry_for_ms)
{
	struct push_settings s = push_defaults(f);
	struct push *p;

	s.in_flight = in_flight;
	s.memory = memory;
	s.retry_for_ms = retry_for_ms;
	p = push_create(&s, f->log, NULL);
	assert_non_null(p);
	return p;
}

static int submit(struct push *p, struct lane *lane, int id, struct error *err)
{
	struct batch_limits limits = {.rows = 100, .bytes = 100000};
	struct batch *b = push_batch(p, lane, err);
	char row[64];
	size_t at;

	if (b == NULL)
		return -1;
	for (int i = 0; i < 10; i++) {
		int n = snprintf(row, sizeof(row), "{\"id\":%d}", id * 10 + i);

		assert_int_equal(batch_begin_row(b, &at), 0);
		assert_int_equal(buf_add(&b->body, row, (size_t)n), 0);
		assert_int_equal(batch_row_done(b, at, &limits), 1);
	}
	if (push_close(p, b, err) < 0)
		return -1;
	return push_submit(p, b, -1, err);
}

struct producer {
	pthread_t thread;
	struct push *push;
	struct lane *lane;
	int n;
	struct prefix prefix;
	int taken; /* by the committer */
	int unsent;
	int result;
};

static void *produce(void *arg)
{
	struct producer *p = arg;

	for (int i = 0; i < p->n && p->result == 0; i++)
		p->result = submit(p->push, p->lane, i, NULL);
	push_lane_end(p->push, p->lane);
	return NULL;
}

/* Takes what ends until `total` batches have come back. */
static void consume(struct push *p, int total)
{
	int64_t until = clock_mono_us() + 60 * INT64_C(1000000);

	for (int n = 0; n < total;) {
		struct batch *list = push_collect(p, 1000);

		assert_true(clock_mono_us() < until);
		while (list != NULL) {
			struct batch *b = list;
			struct producer *of = lane_user(b->lane);

			list = b->next;
			n++;
			if (b->outcome == BATCH_UNSENT) {
				of->unsent++;
				push_release(p, b);
				continue;
			}
			prefix_add(&of->prefix, b);
			while ((b = prefix_take(&of->prefix)) != NULL) {
				of->taken++;
				push_release(p, b);
			}
		}
	}
}

static void start_producer(struct producer *of, struct push *p, const struct push_target *target,
			   int n)
{
	memset(of, 0, sizeof(*of));
	of->push = p;
	of->n = n;
	prefix_init(&of->prefix);
	of->lane = push_lane(p, target, target->table, of, NULL);
	assert_non_null(of->lane);
}

/* ---- Tests ---- */

static void all_arrive_through(struct fixture *f, const char *scenario)
{
	const struct push_target *targets[] = {&append_target, &other_target, &merge_target};
	struct producer producers[3];
	struct push_totals totals;
	struct push *p;

	start_receiver(f, scenario, discard);
	p = make_push(f, 4, 2000, 30000);
	for (int i = 0; i < 3; i++)
		start_producer(&producers[i], p, targets[i], 40);
	assert_int_equal(push_start(p, NULL), 0);
	for (int i = 0; i < 3; i++)
		assert_int_equal(pthread_create(&producers[i].thread, NULL, produce, &producers[i]),
				 0);
	consume(p, 120);
	push_totals(p, &totals);
	assert_int_equal(totals.requests, 120 + totals.retries);
	assert_int_equal(totals.queued_bytes, 0);
	assert_int_equal(totals.in_flight, 0);
	for (int i = 0; i < 3; i++) {
		(void)pthread_join(producers[i].thread, NULL);
		assert_int_equal(producers[i].taken, 40);
		assert_int_equal(push_lane_pending(p, producers[i].lane), 0);
	}
	assert_int_equal(push_failure(p, NULL), 0);
	push_destroy(p);
}

static void batches_arrive(void **state)
{
	all_arrive_through(*state, "{\"rules\":[]}");
}

static void faults_are_ridden_out(void **state)
{
	all_arrive_through(*state,
			   "{\"rules\":["
			   "{\"match\":{\"every\":7},\"action\":{\"status\":503}},"
			   "{\"match\":{\"every\":11},\"action\":{\"reset\":true}},"
			   "{\"match\":{\"every\":13},\"action\":{\"accept_then_reset\":true}},"
			   "{\"match\":{\"every\":17},\"action\":{\"cut_after\":20}}]}");
}

static void a_refusal_stops_everything(void **state)
{
	struct fixture *f = *state;
	struct error err = ERROR_INIT;
	struct producer of;
	struct push *p;

	start_receiver(f, "{\"rules\":[{\"match\":{\"from\":3},\"action\":{\"status\":401}}]}",
		       discard);
	p = make_push(f, 1, 1000000, 30000);
	start_producer(&of, p, &append_target, 20);
	for (int i = 0; i < 20; i++)
		assert_int_equal(submit(p, of.lane, i, NULL), 0);
	assert_int_equal(push_start(p, NULL), 0);
	consume(p, 20);
	assert_int_equal(of.taken, 2);
	assert_int_equal(of.unsent, 18);
	assert_int_equal(push_failure(p, &err), 1);
	assert_int_equal(err.class, ERR_API);
	assert_non_null(strstr(error_text(&err), "401"));
	assert_int_equal(submit(p, of.lane, 99, &err), -1);
	error_done(&err);
	push_destroy(p);
}

static void a_dead_port_ends_with_the_budget(void **state)
{
	struct fixture *f = *state;
	struct error err = ERROR_INIT;
	struct producer of;
	struct push *p;

	start_receiver(f, "{\"rules\":[]}", discard);
	stop_receiver(f);
	p = make_push(f, 4, 1000000, 300);
	start_producer(&of, p, &append_target, 3);
	assert_int_equal(push_start(p, NULL), 0);
	assert_int_equal(pthread_create(&of.thread, NULL, produce, &of), 0);
	consume(p, 3);
	(void)pthread_join(of.thread, NULL);
	assert_int_equal(of.unsent, 3);
	assert_int_equal(push_failure(p, &err), 1);
	assert_int_equal(err.class, ERR_TEMPORARY);
	error_done(&err);
	push_destroy(p);
}

static void a_long_retry_after_ends_at_once(void **state)
{
	struct fixture *f = *state;
	struct error err = ERROR_INIT;
	int64_t begin = clock_mono_us();
	struct producer of;
	struct push *p;

	start_receiver(f,
		       "{\"rules\":[{\"match\":{\"from\":1},\"action\":{\"status\":429,"
		       "\"headers\":{\"Retry-After\":\"3600\"}}}]}",
		       discard);
	p = make_push(f, 4, 1000000, 60000);
	start_producer(&of, p, &append_target, 1);
	assert_int_equal(submit(p, of.lane, 0, NULL), 0);
	assert_int_equal(push_start(p, NULL), 0);
	consume(p, 1);
	assert_int_equal(of.unsent, 1);
	assert_int_equal(push_failure(p, &err), 1);
	assert_int_equal(err.class, ERR_TEMPORARY);
	assert_non_null(strstr(error_text(&err), "run again in"));
	assert_true(clock_mono_us() - begin < 30 * INT64_C(1000000));
	error_done(&err);
	push_destroy(p);
}

/* A reader that waits for memory is let go, and a request that hangs is cut. */
static void stopping_lets_go(void **state)
{
	struct fixture *f = *state;
	struct producer of;
	struct push *p;

	start_receiver(f, "{\"rules\":[{\"match\":{\"from\":1},\"action\":{\"delay_ms\":60000}}]}",
		       discard);
	p = make_push(f, 4, 500, 60000);
	start_producer(&of, p, &append_target, 100);
	assert_int_equal(push_start(p, NULL), 0);
	assert_int_equal(pthread_create(&of.thread, NULL, produce, &of), 0);
	while (push_lane_pending(p, of.lane) == 0)
		(void)usleep(1000);
	push_stop(p, 100);
	(void)pthread_join(of.thread, NULL);
	assert_int_equal(of.result, -1);
	consume(p, (int)push_lane_pending(p, of.lane));
	assert_int_equal(of.taken, 0);
	assert_int_equal(push_failure(p, NULL), 0);
	push_destroy(p);
	(void)kill(f->receiver, SIGKILL);
}

static void urls_and_keys_are_checked(void **state)
{
	static const struct {
		const char *url;
		int allow_http, ok;
	} cases[] = {
	    {"https://api.definite.app/v2/stream", 0, 1},
	    {"http://127.0.0.1:8080/x", 0, 1},
	    {"http://127.9.9.9/x", 0, 1},
	    {"http://localhost/x", 0, 1},
	    {"http://[::1]:80/x", 0, 1},
	    {"http://10.0.0.1/x", 0, 0},
	    {"http://10.0.0.1/x", 1, 1},
	    {"http://127.0.0.1.example.com/x", 0, 0},
	    {"http://localhost.example.com/x", 0, 0},
	    {"https://user:hunter2@api.definite.app/", 0, 0},
	    {"ftp://127.0.0.1/", 1, 0},
	    {"file:///etc/passwd", 1, 0},
	    {"api.definite.app/v2/stream", 0, 0},
	    {"https://", 0, 0},
	    {"https://a b/", 0, 0},
	    {"", 0, 0},
	};
	struct http_config config = {.url = "https://127.0.0.1/", .key = "a\r\nX: b"};
	struct error err = ERROR_INIT;

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		int rc = http_check_url(cases[i].url, cases[i].allow_http, &err);

		if ((rc == 0) != cases[i].ok)
			fail_msg("'%s': %d", cases[i].url, rc);
		assert_null(strstr(error_text(&err), "hunter2"));
		error_done(&err);
	}
	assert_null(http_create(&config, 1, &err));
	assert_int_equal(err.class, ERR_CONFIG);
	error_done(&err);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    PUSH_TEST(batches_arrive),
	    PUSH_TEST(faults_are_ridden_out),
	    PUSH_TEST(a_refusal_stops_everything),
	    PUSH_TEST(a_dead_port_ends_with_the_budget),
	    PUSH_TEST(a_long_retry_after_ends_at_once),
	    PUSH_TEST(stopping_lets_go),
	    cmocka_unit_test(urls_and_keys_are_checked),
	};

	return run_push_tests("push-engine", tests, sizeof(tests) / sizeof(tests[0]));
}
