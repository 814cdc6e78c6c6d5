/* SPDX-License-Identifier: MIT */
/* Quoting and splitting of SQL names. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "common/ident.h"

static void test_quote(void **state)
{
	static const struct {
		const char *name;
		char quote;
		const char *quoted;
	} cases[] = {
	    {"orders", '"', "\"orders\""},
	    {"a\"b", '"', "\"a\"\"b\""},
	    {"\"", '"', "\"\"\"\""},
	    {"a`b", '`', "`a``b`"},
	    {"a\"b", '`', "`a\"b`"},
	    {"select", '"', "\"select\""},
	    {"\xf0\x9f\x92\xa1 x", '"', "\"\xf0\x9f\x92\xa1 x\""},
	    {"", '"', "\"\""},
	};
	struct text t;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		text_init(&t, 100);
		ident_quote(&t, cases[i].name, cases[i].quote);
		assert_string_equal(text_get(&t), cases[i].quoted);
		text_done(&t);
	}
	text_init(&t, 4);
	ident_quote(&t, "longer", '"');
	assert_false(text_ok(&t));
	text_done(&t);
}

static void test_split(void **state)
{
	static const struct {
		const char *text;
		size_t n;
		const char *parts[3];
	} cases[] = {
	    {"orders", 1, {"orders"}},
	    {"public.orders", 2, {"public", "orders"}},
	    {"a.b.c", 3, {"a", "b", "c"}},
	    {"\"a.b\".\"c\"\"d\"", 2, {"a.b", "c\"d"}},
	    {"\"\"\"\"", 1, {"\""}},
	    {"a b", 1, {"a b"}},
	    {"", 0, {0}},
	    {".", 0, {0}},
	    {"a.", 0, {0}},
	    {".a", 0, {0}},
	    {"a.b.c.d", 0, {0}},
	    {"\"a", 0, {0}},
	    {"\"a\"\"", 0, {0}},
	    {"\"a\"b", 0, {0}},
	    {"a\"b", 0, {0}},
	    {"\"\"", 0, {0}},
	    {"\"", 0, {0}},
	};
	size_t i, k;

	(void)state;
	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		char *parts[IDENT_PARTS] = {NULL};

		assert_int_equal(ident_split(cases[i].text, '"', parts), cases[i].n);
		for (k = 0; k < cases[i].n; k++) {
			assert_string_equal(parts[k], cases[i].parts[k]);
			free(parts[k]);
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_quote),
	    cmocka_unit_test(test_split),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
