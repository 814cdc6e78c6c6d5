/* SPDX-License-Identifier: MIT */
/* What is learnt of an API: sizes from what it takes and refuses, and compression. */

#include "push/learn.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

struct step {
	char what; /* 'a' accepted, 'r' refused, 'g' gzip taken, 'p' gzip refused */
	size_t bytes;
	size_t accepted, refused;
	int changed; /* by this step */
};

static const struct step sizes[] = {
    {'a', 1000, 1000, 0, LEARNED_MORE},
    {'a', 500, 1000, 0, 0},
    {'a', 1000, 1000, 0, 0},
    {'a', 2000, 2000, 0, LEARNED_MORE},
    {'r', 8000, 2000, 8000, LEARNED_LIMIT},
    {'r', 9000, 2000, 8000, 0},
    {'r', 8000, 2000, 8000, 0},
    {'r', 6000, 2000, 6000, LEARNED_LIMIT},
    {'a', 5999, 5999, 6000, LEARNED_MORE},
    /* The limit was raised. */
    {'a', 6000, 6000, 0, LEARNED_MORE},
    {'r', 7000, 6000, 7000, LEARNED_LIMIT},
    {'a', 9000, 9000, 0, LEARNED_MORE},
    /* And lowered: what was accepted says nothing any more. */
    {'r', 4000, 0, 4000, LEARNED_LIMIT},
    {'a', 1500, 1500, 4000, LEARNED_MORE},
    {'r', 1500, 0, 1500, LEARNED_LIMIT},
};

static const struct step compressions[] = {
    {'g', 1, 0, 0, LEARNED_MORE},  {'g', 1, 0, 0, 0},
    {'p', 0, 0, 0, LEARNED_LIMIT}, {'p', 0, 0, 0, 0},
    {'g', 1, 0, 0, LEARNED_MORE},
};

static void take(struct learned *l, const struct step *s)
{
	switch (s->what) {
	case 'a':
		learn_accepted(l, s->bytes);
		break;
	case 'r':
		learn_refused(l, s->bytes);
		break;
	default:
		learn_gzip(l, s->what == 'g');
		break;
	}
}

static void walk(const struct step *steps, size_t n, struct learned *l)
{
	for (size_t i = 0; i < n; i++) {
		const struct step *s = &steps[i];

		l->changed = 0;
		take(l, s);
		if (l->accepted != s->accepted || l->refused != s->refused ||
		    l->changed != s->changed)
			fail_msg("step %zu: accepted %zu, refused %zu, changed %d", i, l->accepted,
				 l->refused, l->changed);
		if (s->what == 'g' || s->what == 'p')
			assert_int_equal(l->gzip, s->what == 'g');
	}
}

static void sizes_are_learnt(void **state)
{
	struct learned l = {.gzip = -1};

	(void)state;
	walk(sizes, sizeof(sizes) / sizeof(sizes[0]), &l);
	assert_int_equal(l.gzip, -1);
}

static void compression_is_learnt(void **state)
{
	struct learned l = {.gzip = -1};

	(void)state;
	walk(compressions, sizeof(compressions) / sizeof(compressions[0]), &l);
}

static void changes_add_up(void **state)
{
	struct learned l = {.gzip = -1};

	(void)state;
	learn_accepted(&l, 10);
	learn_refused(&l, 100);
	assert_int_equal(l.changed, LEARNED_MORE | LEARNED_LIMIT);
}

static void targets(void **state)
{
	static const struct {
		size_t accepted, refused, configured, target;
	} cases[] = {
	    {0, 0, 4000, 4000},
	    {9000, 0, 4000, 4000},
	    {100, 0, 4000, 4000},
	    /* What is smaller than the refused one may pass. */
	    {0, 5000, 4000, 4000},
	    {0, 4001, 4000, 4000},
	    {0, 4000, 4000, 2000},
	    {0, 3000, 4000, 1500},
	    {1000, 3000, 4000, 1500},
	    {1500, 3000, 4000, 1500},
	    {1501, 3000, 4000, 1501},
	    {2999, 3000, 4000, 2999},
	    {2999, 3000, 3000, 2999},
	    {0, 1, 4000, 0},
	    {3000, 5000, SIZE_MAX, 3000},
	    {0, 0, SIZE_MAX, SIZE_MAX},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct learned l = {.accepted = cases[i].accepted, .refused = cases[i].refused};
		size_t target = learned_target(&l, cases[i].configured);

		if (target != cases[i].target)
			fail_msg("case %zu: %zu", i, target);
		assert_true(l.refused == 0 || target < l.refused);
	}
}

/* A server with a limit: a few refusals, then none; the target comes near the limit. */
static void the_limit_is_found(void **state)
{
	(void)state;
	for (size_t limit = 1000; limit < 4000000; limit = limit * 7 / 3) {
		struct learned l = {.gzip = -1};
		unsigned refusals = 0;

		for (int i = 0; i < 100; i++) {
			size_t bytes = learned_target(&l, 4000000);

			refusals += bytes > limit;
			if (bytes > limit)
				learn_refused(&l, bytes);
			else
				learn_accepted(&l, bytes);
		}
		assert_true(refusals <= 13);
		assert_true(l.accepted <= limit && l.accepted >= limit / 2);
		assert_true(learned_target(&l, 4000000) >= limit / 2);
	}
}

/* A limit of 300 bytes for a while: the way back is long, but there is one. */
static void trouble_passes(void **state)
{
	struct learned l = {.gzip = -1};
	unsigned refusals = 0;
	int i;

	(void)state;
	for (size_t bytes = 4000000; bytes > 300; bytes /= 2)
		learn_refused(&l, bytes);
	for (i = 0; i < 3000 && learned_target(&l, 4000000) < 4000000; i++) {
		/* Each in its turn: the limit is 50,000 in between. */
		size_t bytes = learned_target(&l, 4000000), limit = i < 1000 ? 50000 : 10000000;

		refusals += bytes > limit;
		if (bytes > limit)
			learn_refused(&l, bytes);
		else
			learn_accepted(&l, bytes);
	}
	assert_true(i < 3000);
	assert_true(refusals < 20);
	assert_true(l.changed & LEARNED_MORE);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(sizes_are_learnt),	  cmocka_unit_test(compression_is_learnt),
	    cmocka_unit_test(changes_add_up),	  cmocka_unit_test(targets),
	    cmocka_unit_test(the_limit_is_found), cmocka_unit_test(trouble_passes),
	};

	return cmocka_run_group_tests_name("push-learn", tests, NULL, NULL);
}
