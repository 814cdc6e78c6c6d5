/* SPDX-License-Identifier: MIT */
/* How many requests are let go at once, alone and against servers of a given capacity. */

#include "push/limit.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#define MS INT64_C(1000)

/* ---- Rules ---- */

static void the_start(void **state)
{
	static const unsigned cases[][2] = {{0, 1}, {1, 1}, {2, 2}, {3, 2}, {64, 2}};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct limit l;

		limit_init(&l, cases[i][0]);
		assert_int_equal(limit_places(&l), cases[i][1]);
	}
}

/* n answers of the same latency, one after the other, each with all places taken. */
static int64_t answers(struct limit *l, int n, int64_t latency, int64_t now)
{
	for (int i = 0; i < n; i++) {
		now += latency;
		limit_on_success(l, now - latency, now, limit_places(l));
	}
	return now;
}

static void it_grows_by_one_a_round(void **state)
{
	struct limit l;

	(void)state;
	limit_init(&l, 16);
	(void)answers(&l, 2, 100 * MS, 0);
	assert_int_equal(limit_places(&l), 2);
	(void)answers(&l, 1, 100 * MS, 1000 * MS);
	assert_int_equal(limit_places(&l), 3);
	(void)answers(&l, 1000, 100 * MS, 2000 * MS);
	assert_int_equal(limit_places(&l), 16);
}

/* Places that were not needed prove nothing. */
static void idle_places_do_not_grow(void **state)
{
	struct limit l;

	(void)state;
	limit_init(&l, 16);
	for (int i = 0; i < 100; i++)
		limit_on_success(&l, i * 200 * MS, (i * 200 + 100) * MS, 1);
	assert_int_equal(limit_places(&l), 2);
}

static void overload_halves_once_a_round_trip(void **state)
{
	struct limit l;
	int64_t now;

	(void)state;
	limit_init(&l, 16);
	now = answers(&l, 1000, 100 * MS, 0);
	/* All 16 began at the same moment and fail one after the other. */
	for (int i = 1; i <= 16; i++)
		limit_on_overload(&l, now, now + (100 + i) * MS);
	assert_int_equal(limit_places(&l), 8);
	/* Answers to what began before the change neither raise nor lower it. */
	limit_on_success(&l, now, now + 120 * MS, 16);
	assert_true(l.value <= 8);
	limit_on_overload(&l, now + 200 * MS, now + 300 * MS);
	assert_int_equal(limit_places(&l), 4);
	for (int i = 2; i < 100; i++)
		limit_on_overload(&l, now + (i * 200) * MS, now + (i * 200 + 100) * MS);
	assert_int_equal(limit_places(&l), 1);
}

static void slowness_takes_a_tenth(void **state)
{
	struct limit l;
	int64_t now;

	(void)state;
	limit_init(&l, 10);
	now = answers(&l, 1000, 100 * MS, 0);
	assert_int_equal(limit_places(&l), 10);
	now = answers(&l, 1, 400 * MS, now);
	assert_int_equal(limit_places(&l), 9);
}

/* Before anything is known, and below the floor, latency is no sign. */
static void jitter_does_nothing(void **state)
{
	static const int64_t jitter[] = {3, 51, 7, 1, 52, 2, 30, 12, 50, 4};
	struct limit l;
	int64_t now = 0;

	(void)state;
	limit_init(&l, 8);
	for (int i = 0; i < 7; i++)
		now = answers(&l, 1, i % 2 == 0 ? 1 * MS : 5000 * MS, now);
	assert_true(limit_places(&l) > 2);
	limit_init(&l, 8);
	now = 0;
	for (size_t i = 0; i < 1000; i++) {
		unsigned before = limit_places(&l);

		now = answers(&l, 1, jitter[i % 10] * MS, now);
		assert_true(limit_places(&l) >= before);
	}
	assert_int_equal(limit_places(&l), 8);
}

/* ---- A server ---- */

#define MOST 32

struct server {
	unsigned capacity;
	int refuses; /* what is over the capacity; else everybody waits longer */
};

struct request {
	int64_t began, ends;
	int refused;
};

static struct request begin(const struct server *s, unsigned others, int64_t now)
{
	unsigned n = others + 1;
	int64_t latency = 100 * MS;

	if (n > s->capacity && s->refuses)
		return (struct request){.began = now, .ends = now + 20 * MS, .refused = 1};
	if (n > s->capacity)
		latency += 100 * MS * (n - s->capacity);
	return (struct request){.began = now, .ends = now + latency};
}

static unsigned earliest(const struct request *r, unsigned n)
{
	unsigned first = 0;

	for (unsigned i = 1; i < n; i++) {
		if (r[i].ends < r[first].ends)
			first = i;
	}
	return first;
}

/* The mean number of places after a while; all are used whenever they are there. */
static double settle(const struct server *s, unsigned max)
{
	struct request r[MOST];
	unsigned n = 0, at;
	int64_t now = 0;
	double sum = 0;
	struct limit l;

	limit_init(&l, max);
	for (int i = 0; i < 20000; i++) {
		while (n < limit_places(&l)) {
			r[n] = begin(s, n, now);
			n++;
		}
		at = earliest(r, n);
		now = r[at].ends;
		if (r[at].refused)
			limit_on_overload(&l, r[at].began, now);
		else
			limit_on_success(&l, r[at].began, now, n);
		r[at] = r[--n];
		assert_true(limit_places(&l) >= 1 && limit_places(&l) <= max);
		assert_true(l.value <= max);
		sum += i >= 10000 ? limit_places(&l) : 0;
	}
	return sum / 10000;
}

static void it_settles_near_the_capacity(void **state)
{
	static const unsigned capacities[] = {1, 2, 3, 5, 8, 13, 20};

	(void)state;
	for (size_t i = 0; i < sizeof(capacities) / sizeof(capacities[0]); i++) {
		struct server s = {.capacity = capacities[i], .refuses = 1};
		double c = capacities[i];
		double mean = settle(&s, MOST);

		if (mean < 0.55 * c || mean > c + 1)
			fail_msg("capacity %u: %.2f places", s.capacity, mean);
	}
}

static void it_does_not_pass_the_maximum(void **state)
{
	struct server s = {.capacity = 1000};

	(void)state;
	assert_true(settle(&s, 4) > 3.9);
	assert_true(settle(&s, 1) == 1);
}

/* A queue that grows shows in the latency, and holds the number back. */
static void it_feels_a_queue(void **state)
{
	struct server s = {.capacity = 4};
	double mean = settle(&s, MOST);

	(void)state;
	if (mean < 3 || mean > MOST / 2)
		fail_msg("%.2f places", mean);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(the_start),
	    cmocka_unit_test(it_grows_by_one_a_round),
	    cmocka_unit_test(idle_places_do_not_grow),
	    cmocka_unit_test(overload_halves_once_a_round_trip),
	    cmocka_unit_test(slowness_takes_a_tenth),
	    cmocka_unit_test(jitter_does_nothing),
	    cmocka_unit_test(it_settles_near_the_capacity),
	    cmocka_unit_test(it_does_not_pass_the_maximum),
	    cmocka_unit_test(it_feels_a_queue),
	};

	return cmocka_run_group_tests_name("push-limit", tests, NULL, NULL);
}
