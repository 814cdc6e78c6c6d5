/* SPDX-License-Identifier: MIT */
/* Pauses between tries, and Retry-After in its forms. */

#include "base/limits.h"
#include "push/backoff.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static void jitter_fills_its_range(void **state)
{
	static const int64_t ceilings[] = {500, 1000, 2000, 4000, 8000, 16000, 32000, 60000, 60000};

	(void)state;
	for (unsigned attempt = 1; attempt <= 9; attempt++) {
		int64_t ceiling = ceilings[attempt - 1];

		assert_int_equal(backoff_ms(attempt, 0, 0), 0);
		assert_int_equal(backoff_ms(attempt, 0, (uint64_t)ceiling), ceiling);
		assert_int_equal(backoff_ms(attempt, 0, (uint64_t)ceiling + 1), 0);
	}
	assert_int_equal(backoff_ms(4000000000u, 0, 60000), 60000);
	assert_int_equal(backoff_ms(0, 0, 60000), 60000);
	for (uint64_t r = 1; r != 0; r <<= 1)
		assert_in_range(backoff_ms(3, 0, r), 0, 2000);
}

static void the_server_is_heard(void **state)
{
	(void)state;
	assert_int_equal(backoff_ms(1, 3000, 0), 3000);
	assert_int_equal(backoff_ms(8, 3000, 50000), 50000);
	assert_int_equal(backoff_ms(1, INT64_MAX, 0), LIMIT_RETRY_AFTER_MS);
}

struct header_case {
	const char *value;
	int64_t ms;
};

/* At 1994-11-06T08:49:07Z. */
static const struct header_case headers[] = {
    {"3", 3000},
    {"0", 0},
    {"1000000000", INT64_C(1000000000000)},
    {"Sun, 06 Nov 1994 08:49:37 GMT", 30000},
    {"Sunday, 06-Nov-94 08:49:37 GMT", 30000},
    {"Sun Nov  6 08:49:37 1994", 30000},
    {"Sun, 06 Nov 1994 08:49:07 GMT", 0},
    {"Sun, 06 Nov 1990 08:49:07 GMT", 0},
    {"-1", 0},
    {"1.5", 0},
    {"99999999999999999999", 0},
    {"soon", 0},
    {"", 0},
};

static void headers_are_read(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(headers) / sizeof(headers[0]); i++)
		assert_int_equal(retry_after_ms(headers[i].value, INT64_C(784111747000000)),
				 headers[i].ms);
	assert_int_equal(retry_after_ms(NULL, 0), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(jitter_fills_its_range),
	    cmocka_unit_test(the_server_is_heard),
	    cmocka_unit_test(headers_are_read),
	};

	return cmocka_run_group_tests_name("push-backoff", tests, NULL, NULL);
}
