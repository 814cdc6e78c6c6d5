/* SPDX-License-Identifier: MIT */
/* Failures that repeat are told at first, then every half a minute. */

#include "push/complaint.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#define S INT64_C(1000000)

static void now_and_then(void **state)
{
	struct complaint c = {0};

	(void)state;
	assert_int_equal(complaint_add(&c, 5 * S), 1);
	assert_int_equal(complaint_add(&c, 6 * S), 0);
	assert_int_equal(complaint_add(&c, 34 * S), 0);
	assert_int_equal(complaint_add(&c, 35 * S), 4);
	assert_int_equal(complaint_add(&c, 64 * S), 0);
	assert_int_equal(complaint_add(&c, 65 * S), 6);
	complaint_end(&c, 66 * S, NULL, "dlq");
	assert_int_equal(c.failures, 0);
	assert_int_equal(complaint_add(&c, 67 * S), 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(now_and_then),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
