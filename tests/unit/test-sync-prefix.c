/* SPDX-License-Identifier: MIT */
/* Batches end in any order; the prefix gives them back in theirs, never behind a gap. */

#include "sync/prefix.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#define N 5

/* All orders of N batches, with each one of them (or none) not delivered. */
static void check_order(const int order[N], int unsent)
{
	struct batch batches[N] = {{0}};
	struct prefix p;
	uint64_t taken = 0;
	int added[N] = {0};

	prefix_init(&p);
	for (int i = 0; i < N; i++) {
		struct batch *b = &batches[order[i]];

		b->seq = (uint64_t)order[i];
		b->outcome = order[i] == unsent ? BATCH_UNSENT : BATCH_DELIVERED;
		prefix_add(&p, b);
		added[order[i]] = 1;
		while ((b = prefix_take(&p)) != NULL) {
			assert_int_equal(b->seq, taken);
			assert_int_equal(added[taken], 1);
			taken++;
		}
		/* Not fewer than possible either. */
		assert_true(taken == N || !added[taken] || (int)taken == unsent);
	}
	assert_int_equal(taken, unsent < N ? unsent : N);
	while (prefix_drain(&p) != NULL)
		taken++;
	assert_int_equal(taken, N);
}

static void permute(int order[N], int at, int unsent)
{
	if (at == N) {
		check_order(order, unsent);
		return;
	}
	for (int i = at; i < N; i++) {
		int keep = order[at];

		order[at] = order[i];
		order[i] = keep;
		permute(order, at + 1, unsent);
		order[i] = order[at];
		order[at] = keep;
	}
}

static void every_order(void **state)
{
	(void)state;
	for (int unsent = 0; unsent <= N; unsent++) {
		int order[N] = {0, 1, 2, 3, 4};

		permute(order, 0, unsent);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(every_order)};

	return cmocka_run_group_tests_name("sync-prefix", tests, NULL, NULL);
}
