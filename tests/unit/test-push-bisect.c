/* SPDX-License-Identifier: MIT */
/* The search for the rows at fault: who is convicted, at what price, in which order. */

#include "push/bisect.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

/* ---- An API that refuses what holds a bad row ---- */

struct api {
	const uint8_t *bad; /* per row */
	uint32_t n;
	uint32_t max_rows;  /* more are too large; 0: no limit */
	uint64_t blame_all; /* ranges of several rows are refused, whatever is in them */
	/* What came of it. */
	uint8_t *convicted, *taken;
	uint32_t n_convicted, refusals, next;
	int over_budget;
};

static int is_bad(const struct api *a, uint32_t from, uint32_t to)
{
	if (a->blame_all && to - from > 1)
		return 1;
	return memchr(a->bad + from, 1, to - from) != NULL;
}

/* Every row is dealt with once, from first to last. */
static void settle(struct api *a, uint32_t from, uint32_t to, uint8_t *as)
{
	assert_int_equal(from, a->next);
	a->next = to;
	memset(as + from, 1, to - from);
}

static void refuse(struct api *a, struct bisect *b, uint32_t from, uint32_t to)
{
	enum bisect_fate fate = bisect_refused(b);

	a->refusals++;
	if (fate == BISECT_CONVICTED) {
		assert_int_equal(to - from, 1);
		settle(a, from, to, a->convicted);
		a->n_convicted++;
	} else {
		a->over_budget |= bisect_over_budget(b);
	}
}

static void answer(struct api *a, struct bisect *b, uint32_t from, uint32_t to)
{
	if (a->max_rows > 0 && to - from > a->max_rows) {
		assert_int_equal(bisect_split(b), BISECT_GO_ON);
	} else if (is_bad(a, from, to)) {
		refuse(a, b, from, to);
	} else {
		bisect_accepted(b);
		settle(a, from, to, a->taken);
	}
}

/* Up to the end, or until it is over the budget. */
static void run(struct api *a, struct bisect *b)
{
	uint32_t from, to, again_from, again_to;

	a->convicted = calloc(a->n + 1, 1);
	a->taken = calloc(a->n + 1, 1);
	assert_true(a->convicted != NULL && a->taken != NULL);
	while (!a->over_budget && bisect_next(b, &from, &to)) {
		assert_true(from < to && to <= a->n);
		/* Nothing was learnt: the same question. */
		assert_int_equal(bisect_next(b, &again_from, &again_to), 1);
		assert_true(again_from == from && again_to == to);
		answer(a, b, from, to);
		assert_true(b->depth <= BISECT_DEPTH);
	}
}

static void done(struct api *a)
{
	free(a->convicted);
	free(a->taken);
}

/* Exactly the bad rows are convicted, within the budget. */
static void check(const uint8_t *bad, uint32_t n, uint32_t max_rows, int first_refused)
{
	struct api a = {.bad = bad, .n = n, .max_rows = max_rows};
	struct bisect b;
	uint32_t k = 0;

	for (uint32_t i = 0; i < n; i++)
		k += bad[i];
	if (first_refused)
		bisect_init_refused(&b, n);
	else
		bisect_init(&b, n);
	run(&a, &b);
	if (a.over_budget || b.requests > bisect_budget(n, k))
		fail_msg("%u of %u bad, at most %u at once: %u requests, budget %u", k, n, max_rows,
			 b.requests, bisect_budget(n, k));
	assert_int_equal(a.next, n);
	assert_int_equal(a.n_convicted, k);
	assert_int_equal(b.convicted, k);
	assert_memory_equal(a.convicted, bad, n);
	for (uint32_t i = 0; i < n; i++)
		assert_int_equal(a.taken[i], !bad[i]);
	assert_int_equal(bisect_next(&b, &k, &k), 0);
	done(&a);
}

/* ---- All subsets of few rows ---- */

static void every_subset(void **state)
{
	uint8_t bad[14];

	(void)state;
	for (uint32_t n = 1; n <= sizeof(bad); n++) {
		for (uint32_t set = 0; set < 1u << n; set++) {
			for (uint32_t i = 0; i < n; i++)
				bad[i] = set >> i & 1;
			check(bad, n, 0, 0);
			if (set != 0)
				check(bad, n, 0, 1);
		}
	}
}

static void every_subset_in_pieces(void **state)
{
	uint8_t bad[11];

	(void)state;
	for (uint32_t n = 1; n <= sizeof(bad); n++) {
		for (uint32_t set = 0; set < 1u << n; set++) {
			for (uint32_t i = 0; i < n; i++)
				bad[i] = set >> i & 1;
			for (uint32_t max_rows = 1; max_rows < n; max_rows++)
				check(bad, n, max_rows, 0);
		}
	}
}

/* ---- Many rows ---- */

#define MANY 5000

/* The same numbers in every run. */
static uint32_t draw(uint64_t *seed, uint32_t below)
{
	*seed = *seed * 6364136223846793005u + 1442695040888963407u;
	return (uint32_t)((*seed >> 33) % below);
}

/* k bad rows, in runs of `run` neighbours. */
static void make_bad(uint8_t *bad, uint32_t n, uint32_t k, uint32_t run_len, uint64_t *seed)
{
	memset(bad, 0, n);
	while (k > 0) {
		uint32_t at = draw(seed, n);

		for (uint32_t i = 0; i < run_len && at + i < n && k > 0; i++) {
			k -= !bad[at + i];
			bad[at + i] = 1;
		}
	}
}

static void random_sets(void **state)
{
	static const uint32_t runs[] = {1, 1, 3, 50};
	static uint8_t bad[MANY];
	uint64_t seed = 3;

	(void)state;
	for (int round = 0; round < 3000; round++) {
		uint32_t n = 1 + draw(&seed, MANY);
		uint32_t k = draw(&seed, n < 200 ? n + 1 : 201);
		uint32_t max_rows = round % 3 == 0 ? 1 + draw(&seed, n) : 0;

		make_bad(bad, n, k, runs[round % 4], &seed);
		check(bad, n, max_rows, k > 0 && max_rows == 0 && round % 2 == 0);
	}
}

/* Spread evenly they cost the most. */
static void spread_sets(void **state)
{
	static uint8_t bad[MANY];

	(void)state;
	for (uint32_t n = 1; n <= MANY; n = n * 3 / 2 + 1) {
		for (uint32_t k = 1; k <= n && k <= 200; k++) {
			for (uint32_t shift = 0; shift < 2; shift++) {
				memset(bad, 0, n);
				for (uint32_t i = 0; i < k; i++)
					bad[(uint64_t)i * n / k + shift * (n / k - 1)] = 1;
				check(bad, n, 0, 1);
			}
		}
	}
}

/* A batch in many pieces, of which the last one holds a bad row: no contradiction. */
static void pieces_are_not_charged(void **state)
{
	static uint8_t bad[MANY];

	(void)state;
	memset(bad, 0, sizeof(bad));
	bad[MANY - 1] = 1;
	check(bad, MANY, 1, 0);
	check(bad, MANY, 8, 0);
	bad[0] = 1;
	check(bad, MANY, 8, 0);
}

/* ---- Price ---- */

static void one_row_costs_two_log(void **state)
{
	static uint8_t bad[1024];

	(void)state;
	for (uint32_t at = 0; at < sizeof(bad); at++) {
		struct api a = {.bad = bad, .n = sizeof(bad)};
		struct bisect b;

		memset(bad, 0, sizeof(bad));
		bad[at] = 1;
		bisect_init_refused(&b, sizeof(bad));
		run(&a, &b);
		assert_true(b.requests <= 22);
		/* The whole, ten halves and once more. */
		assert_true(a.refusals <= 11);
		done(&a);
	}
	assert_int_equal(bisect_budget(1024, 1), 25);
	assert_int_equal(bisect_budget(1000, 0), 2);
	assert_int_equal(bisect_budget(0, 3), 2);
	assert_int_equal(bisect_budget(4, 9), bisect_budget(4, 4));
}

static void contradictions_are_seen(void **state)
{
	static const uint8_t good[50000];

	(void)state;
	for (uint32_t n = 8; n <= sizeof(good); n *= 5) {
		struct api a = {.bad = good, .n = n, .blame_all = 1};
		struct bisect b;

		bisect_init_refused(&b, n);
		run(&a, &b);
		assert_int_equal(a.over_budget, 1);
		assert_int_equal(a.n_convicted, 0);
		assert_true(b.requests <= bisect_budget(n, 1) + 4);
		done(&a);
	}
}

/* ---- Single cases ---- */

static void a_second_refusal_convicts(void **state)
{
	uint32_t from, to;
	struct bisect b;

	(void)state;
	bisect_init_refused(&b, 1);
	assert_int_equal(bisect_next(&b, &from, &to), 1);
	assert_true(from == 0 && to == 1);
	bisect_accepted(&b);
	assert_int_equal(b.convicted, 0);
	assert_int_equal(bisect_next(&b, &from, &to), 0);

	bisect_init(&b, 1);
	assert_int_equal(bisect_next(&b, &from, &to), 1);
	assert_int_equal(bisect_refused(&b), BISECT_CONFIRM);
	assert_int_equal(bisect_next(&b, &from, &to), 1);
	assert_true(from == 0 && to == 1);
	assert_int_equal(bisect_refused(&b), BISECT_CONVICTED);
	assert_int_equal(bisect_next(&b, &from, &to), 0);
}

/* The right half of a refused range is not asked as a whole, unless the left one was bad. */
static void what_is_known_is_not_asked(void **state)
{
	uint32_t from, to;
	struct bisect b;

	(void)state;
	bisect_init_refused(&b, 8);
	assert_int_equal(bisect_next(&b, &from, &to), 1);
	assert_true(from == 0 && to == 4);
	bisect_accepted(&b);
	assert_int_equal(bisect_next(&b, &from, &to), 1);
	assert_true(from == 4 && to == 6);
	bisect_accepted(&b);
	assert_int_equal(bisect_next(&b, &from, &to), 1);
	assert_true(from == 6 && to == 7);
	bisect_accepted(&b);
	assert_int_equal(bisect_next(&b, &from, &to), 1);
	assert_true(from == 7 && to == 8);
	/* It is not convicted unheard. */
	bisect_accepted(&b);
	assert_int_equal(b.convicted, 0);
	assert_int_equal(bisect_next(&b, &from, &to), 0);
}

static void a_row_too_large_goes_at_once(void **state)
{
	uint32_t from, to;
	struct bisect b;

	(void)state;
	bisect_init(&b, 2);
	assert_int_equal(bisect_split(&b), BISECT_GO_ON);
	assert_int_equal(bisect_next(&b, &from, &to), 1);
	assert_true(from == 0 && to == 1);
	assert_int_equal(bisect_split(&b), BISECT_CONVICTED);
	assert_int_equal(bisect_next(&b, &from, &to), 1);
	assert_true(from == 1 && to == 2);
	assert_int_equal(b.requests, 0);
}

static void no_rows(void **state)
{
	uint32_t from, to;
	struct bisect b;

	(void)state;
	bisect_init(&b, 0);
	assert_int_equal(bisect_next(&b, &from, &to), 0);
	bisect_init_refused(&b, 0);
	assert_int_equal(bisect_next(&b, &from, &to), 0);
}

/* Both ends of the largest numbers: the stack holds them. */
static void depth(void **state)
{
	static const uint32_t sizes[] = {50000, UINT32_MAX};

	(void)state;
	for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
		uint32_t from = 0, to = 0;
		unsigned deepest = 0;
		struct bisect b;

		bisect_init_refused(&b, sizes[i]);
		while (bisect_next(&b, &from, &to) && to - from > 1) {
			(void)bisect_refused(&b);
			deepest = b.depth > deepest ? b.depth : deepest;
		}
		assert_int_equal(from, 0);
		assert_true(deepest <= BISECT_DEPTH);
		bisect_init_refused(&b, sizes[i]);
		while (bisect_next(&b, &from, &to)) {
			deepest = b.depth > deepest ? b.depth : deepest;
			bisect_accepted(&b);
		}
		assert_int_equal(to, sizes[i]);
		assert_true(deepest <= BISECT_DEPTH);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(every_subset),
	    cmocka_unit_test(every_subset_in_pieces),
	    cmocka_unit_test(random_sets),
	    cmocka_unit_test(spread_sets),
	    cmocka_unit_test(pieces_are_not_charged),
	    cmocka_unit_test(one_row_costs_two_log),
	    cmocka_unit_test(contradictions_are_seen),
	    cmocka_unit_test(a_second_refusal_convicts),
	    cmocka_unit_test(what_is_known_is_not_asked),
	    cmocka_unit_test(a_row_too_large_goes_at_once),
	    cmocka_unit_test(no_rows),
	    cmocka_unit_test(depth),
	};

	return cmocka_run_group_tests_name("push-bisect", tests, NULL, NULL);
}
