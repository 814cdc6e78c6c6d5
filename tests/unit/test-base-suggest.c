/* SPDX-License-Identifier: MIT */
/* Suggestions: near names only. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/suggest.h"

static void test_suggest(void **state)
{
	static const char *const names[] = {"watermark", "where", "key", "columns", "to", "from"};
	static const struct {
		const char *word, *expected;
	} rows[] = {
	    {"wartermark", "watermark"},
	    {"watermakr", "watermark"},
	    {"Watermark", "watermark"},
	    {"colums", "columns"},
	    {"form", "from"},
	    {"keys", "key"},
	    {"wher", "where"},
	    {"zzz", NULL},
	    {"k", NULL},
	    {"", NULL},
	    {"password", NULL},
	    {"ot", NULL},
	    {"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", NULL},
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		const char *got = suggest(rows[i].word, names, 6);

		if (rows[i].expected)
			assert_string_equal(got ? got : "(none)", rows[i].expected);
		else
			assert_null(got);
	}
	assert_null(suggest("key", names, 0));
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(test_suggest)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
