/* SPDX-License-Identifier: MIT */
/* So much a second: exact in the long run, bursts of a second, debts. */

#include "push/rate.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#define SECOND INT64_C(1000000)
#define BEGIN (INT64_C(1234567) * SECOND) /* a clock that has been running */

/* Amounts as soon as they may go, for `seconds`; how much went. */
static int64_t spend(int64_t per_second, int64_t amount, int64_t seconds)
{
	int64_t now = BEGIN, gone = 0, ready;
	struct rate r;

	rate_init(&r, per_second, now);
	while (now < BEGIN + seconds * SECOND) {
		ready = rate_ready_us(&r, now);
		assert_true(ready >= now);
		if (ready == now) {
			rate_spend(&r, amount, now);
			gone += amount;
		} else {
			/* Then it may go indeed, and not a moment before. */
			assert_true(rate_ready_us(&r, ready) == ready);
			if (ready - now > 2)
				assert_true(rate_ready_us(&r, ready - 2) > ready - 2);
			now = ready;
		}
	}
	return gone;
}

static void the_long_run_is_exact(void **state)
{
	static const struct {
		int64_t per_second, amount, seconds;
	} cases[] = {
	    {1, 1, 2000},
	    {3, 1, 1000},
	    {10, 1, 600},
	    {1000, 1, 300},
	    {1000000, 4000, 600},
	    {1000000, 999999, 600},
	    {50000, 10000000, 60000},
	    {100000000, 4000000, 300},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		int64_t gone = spend(cases[i].per_second, cases[i].amount, cases[i].seconds);
		double due = (double)cases[i].per_second * (double)cases[i].seconds;

		if ((double)gone < 0.99 * due || (double)gone > 1.01 * due)
			fail_msg("case %zu: %.0f of %.0f", i, (double)gone, due);
	}
}

/* However long nothing went: not more than one second's worth at once. */
static void a_burst_is_a_second(void **state)
{
	struct rate r;
	int64_t now = BEGIN + 3600 * SECOND;
	int n = 0;

	(void)state;
	rate_init(&r, 5, BEGIN);
	while (rate_ready_us(&r, now) == now) {
		rate_spend(&r, 1, now);
		n++;
	}
	assert_int_equal(n, 5);
	assert_true(rate_ready_us(&r, now) <= now + SECOND / 5 + 1);
}

/* More than a second's worth goes at once, and is worked off. */
static void debts_are_worked_off(void **state)
{
	struct rate r;
	int64_t ready;

	(void)state;
	rate_init(&r, 1000, BEGIN);
	assert_true(rate_ready_us(&r, BEGIN) == BEGIN);
	rate_spend(&r, 10000, BEGIN);
	ready = rate_ready_us(&r, BEGIN);
	assert_true(ready > BEGIN + 9 * SECOND && ready <= BEGIN + 9 * SECOND + 1002);
	/* The debt does not grow by asking. */
	assert_true(rate_ready_us(&r, BEGIN + 5 * SECOND) <= ready + 1);
	assert_true(rate_ready_us(&r, ready) == ready);
	/* And it is not paid twice. */
	rate_spend(&r, 1, ready);
	assert_true(rate_ready_us(&r, ready) > ready);
}

static void without_a_limit(void **state)
{
	static const int64_t none[] = {0, -1};

	(void)state;
	for (size_t i = 0; i < 2; i++) {
		struct rate r;

		rate_init(&r, none[i], BEGIN);
		for (int n = 0; n < 1000; n++) {
			assert_true(rate_ready_us(&r, BEGIN) == BEGIN);
			rate_spend(&r, INT64_MAX / 2, BEGIN);
		}
	}
}

static void large_numbers(void **state)
{
	struct rate r;

	(void)state;
	rate_init(&r, 1, BEGIN);
	rate_spend(&r, INT64_C(1) << 40, BEGIN);
	/* 34,000 years: no overflow. */
	assert_true(rate_ready_us(&r, BEGIN) > BEGIN + (INT64_C(1) << 40) * (SECOND - 10));
	rate_init(&r, INT64_MAX, BEGIN);
	rate_spend(&r, 10000000, BEGIN);
	assert_true(rate_ready_us(&r, BEGIN) == BEGIN);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(the_long_run_is_exact), cmocka_unit_test(a_burst_is_a_second),
	    cmocka_unit_test(debts_are_worked_off),  cmocka_unit_test(without_a_limit),
	    cmocka_unit_test(large_numbers),
	};

	return cmocka_run_group_tests_name("push-rate", tests, NULL, NULL);
}
