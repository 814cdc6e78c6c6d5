/* SPDX-License-Identifier: MIT */
/* The members of a JSON object, cut out as written. */

#include "row/json-members.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "row/json-check.h"

static const struct {
	const char *json, *members; /* "name=value;" each */
} cases[] = {
    {"{}", ""},
    {" { } ", ""},
    {"[1,2]", ""},
    {"17", ""},
    {"{\"a\":1}", "a=1;"},
    {" {\n\"a\" :\t1 ,\"b\": null } ", "a=1;b=null;"},
    {"{\"a\":\"x\",\"b\":\"\"}", "a=\"x\";b=\"\";"},
    {"{\"a\":\"},{\",\"b\":true}", "a=\"},{\";b=true;"},
    {"{\"a\\\"b\":\"c\\\\\",\"d\":-1.5e3}", "a\\\"b=\"c\\\\\";d=-1.5e3;"},
    {"{\"a\":{\"b\":[1,{\"c\":\"]}\\\"\"}]},\"d\":[]}", "a={\"b\":[1,{\"c\":\"]}\\\"\"}]};d=[];"},
    {"{\"\":0}", "=0;"},
};

static void cuts_members(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		const char *at = cases[i].json, *end = at + strlen(at);
		struct json_member m;
		char all[256] = "";
		size_t n = 0;

		assert_true(json_check(at, strlen(at), 10) >= 0);
		while (json_next_member(&at, end, &m)) {
			n += (size_t)snprintf(all + n, sizeof(all) - n, "%.*s=%.*s;",
					      (int)m.name_len, m.name, (int)m.value_len, m.value);
			assert_true(n < sizeof(all));
		}
		assert_string_equal(all, cases[i].members);
	}
}

/* Never beyond the end, whatever is cut off. */
static void stays_inside(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		for (size_t n = 0; n < strlen(cases[i].json); n++) {
			char *copy = strndup(cases[i].json, n);
			const char *at = copy;
			struct json_member m;

			assert_non_null(copy);
			while (json_next_member(&at, copy + n, &m))
				assert_true(m.value + m.value_len <= copy + n);
			free(copy);
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(cuts_members),
	    cmocka_unit_test(stays_inside),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
