/* SPDX-License-Identifier: MIT */
/* Which rows a reply names: all shapes, and whatever else may come. */

#include "push/reply-rows.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"

#define SENT 20

/* "3:words 5:" : index and message of each; "" names none. */
struct rows_case {
	const char *body;
	const char *expected;
};

static const struct rows_case cases[] = {
    /* Shapes. */
    {"{\"errors\":[{\"row\":3,\"message\":\"bad\"}]}", "3:bad "},
    {"{\"errors\":[{\"index\":3,\"msg\":\"bad\"}]}", "3:bad "},
    {"{\"errors\":[{\"row_index\":3,\"error\":\"bad\"}]}", "3:bad "},
    {"{\"errors\":[{\"row\":3,\"reason\":\"bad\"}]}", "3:bad "},
    {"{\"errors\":[{\"row\":3,\"detail\":\"bad\"}]}", "3:bad "},
    {"{\"detail\":[{\"loc\":[\"body\",\"data\",17,\"total\"],\"msg\":\"bad\"}]}", "17:bad "},
    {"{\"detail\":[{\"loc\":[\"body\",\"data\",17,3],\"msg\":\"bad\"}]}", "17:bad "},
    {"{\"errors\":[{\"row\":0},{\"row\":19}]}", "0: 19: "},
    {"{\"errors\":[{\"row\":1,\"index\":2}]}", "1: "},
    /* errors before detail, unless there is nothing in it. */
    {"{\"errors\":[{\"row\":1}],\"detail\":[{\"row\":2}]}", "1: "},
    {"{\"errors\":[],\"detail\":[{\"row\":2}]}", "2: "},
    {"{\"errors\":\"no\",\"detail\":[{\"row\":2}]}", "2: "},
    /* Order, and several complaints about one row. */
    {"{\"errors\":[{\"row\":9},{\"row\":2},{\"row\":5}]}", "2: 5: 9: "},
    {"{\"errors\":[{\"row\":5},{\"row\":5},{\"row\":2},{\"row\":5}]}", "2: 5: "},
    /* Elements that name no row are passed over. */
    {"{\"errors\":[\"row 3: bad\",{\"row\":4},{\"message\":\"bad\"},null,7,[]]}", "4: "},
    {"{\"errors\":[\"row 3: bad\"]}", ""},
    {"{\"errors\":[{\"loc\":[\"body\",\"config\"]}]}", ""},
    {"{\"errors\":[{\"loc\":17}]}", ""},
    {"{\"errors\":[{\"loc\":[]}]}", ""},
    /* What is no whole number is no index. */
    {"{\"errors\":[{\"row\":\"3\"}]}", ""},
    {"{\"errors\":[{\"row\":3.0}]}", ""},
    {"{\"errors\":[{\"row\":null}]}", ""},
    {"{\"errors\":[{\"row\":true}]}", ""},
    {"{\"errors\":[{\"row\":[3]}]}", ""},
    /* One that was not sent spoils all of them. */
    {"{\"errors\":[{\"row\":20}]}", ""},
    {"{\"errors\":[{\"row\":1},{\"row\":20},{\"row\":2}]}", ""},
    {"{\"errors\":[{\"row\":-1},{\"row\":1}]}", ""},
    {"{\"errors\":[{\"row\":4294967296}]}", ""},
    {"{\"errors\":[{\"row\":4294967299},{\"row\":3}]}", ""},
    {"{\"errors\":[{\"row\":9223372036854775807}]}", ""},
    {"{\"errors\":[{\"row\":-9223372036854775808}]}", ""},
    {"{\"errors\":[{\"row\":9223372036854775808}]}", ""},
    /* Not a reply at all. */
    {"", ""},
    {"{}", ""},
    {"[]", ""},
    {"[{\"row\":3}]", ""},
    {"{\"errors\":{\"row\":3}}", ""},
    {"{\"errors\":[]}", ""},
    {"{\"errors\":null}", ""},
    {"{\"errors\":[{\"row\":3}]", ""},
    {"{\"errors\":[{\"row\":3,\"row\":4}]}", ""},
    {"{\"errors\":[{\"row\":3}],\"errors\":[]}", ""},
    {"<html>", ""},
    {"\377\376", ""},
    /* Words. */
    {"{\"errors\":[{\"row\":3,\"message\":\"a\\u001b[31m\\r\\nb\\u0085c\"}]}", "3:a [31m b c "},
    {"{\"errors\":[{\"row\":3,\"message\":7}]}", "3: "},
};

static void shapes(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct reply_rows r;
		char text[400] = "";
		size_t at = 0;

		assert_int_equal(reply_rows_read(cases[i].body, strlen(cases[i].body), SENT, &r),
				 0);
		for (size_t n = 0; n < r.n; n++)
			at += (size_t)snprintf(text + at, sizeof(text) - at, "%u:%s ",
					       r.rows[n].index, r.rows[n].message);
		if (strcmp(text, cases[i].expected) != 0)
			fail_msg("'%s': '%s'", cases[i].body, text);
		reply_rows_done(&r);
		assert_int_equal(r.n, 0);
		assert_null(r.rows);
	}
}

static void every_cut_names_none(void **state)
{
	static const char body[] =
	    "{\"errors\":[{\"row\":3,\"message\":\"\\u00e9\"},{\"loc\":[\"x\",4]}]}";
	struct reply_rows r;

	(void)state;
	for (size_t n = 0; n < sizeof(body) - 1; n++) {
		/* Its own memory, so that reading behind it shows. */
		char *cut = malloc(n + 1);

		assert_non_null(cut);
		memcpy(cut, body, n);
		assert_int_equal(reply_rows_read(cut, n, SENT, &r), 0);
		assert_int_equal(r.n, 0);
		reply_rows_done(&r);
		free(cut);
	}
	assert_int_equal(reply_rows_read(body, sizeof(body) - 1, SENT, &r), 0);
	assert_int_equal(r.n, 2);
	reply_rows_done(&r);
}

static void huge_lists(void **state)
{
	struct reply_rows r;
	struct buf body;

	(void)state;
	buf_init(&body, 4000000);
	assert_int_equal(buf_add_str(&body, "{\"errors\":["), 0);
	for (int i = 0; i < 60000; i++)
		assert_int_equal(buf_printf(&body, "{\"row\":%d,\"message\":\"m%d\"},",
					    (i * 7919) % 50000, (i * 7919) % 50000),
				 0);
	assert_int_equal(buf_add_str(&body, "0]}"), 0);
	assert_int_equal(reply_rows_read(body.data, body.len, 50000, &r), 0);
	assert_int_equal(r.n, 50000);
	for (size_t i = 0; i < r.n; i++) {
		assert_int_equal(r.rows[i].index, i);
		assert_int_equal(strtol(r.rows[i].message + 1, NULL, 10), i);
	}
	reply_rows_done(&r);
	/* One row fewer was sent. */
	assert_int_equal(reply_rows_read(body.data, body.len, 49999, &r), 0);
	assert_int_equal(r.n, 0);
	reply_rows_done(&r);
	buf_done(&body);
}

static void deep_and_long(void **state)
{
	static char body[300000];
	static const char head[] = "{\"errors\":[{\"row\":3,\"message\":\"";
	struct reply_rows r;

	(void)state;
	memset(body, '[', sizeof(body));
	memcpy(body, "{\"errors\":", 10);
	assert_int_equal(reply_rows_read(body, sizeof(body), SENT, &r), 0);
	assert_int_equal(r.n, 0);
	reply_rows_done(&r);
	memset(body, 'x', sizeof(body));
	memcpy(body, head, sizeof(head) - 1);
	memcpy(body + sizeof(body) - 4, "\"}]}", 4);
	assert_int_equal(reply_rows_read(body, sizeof(body), SENT, &r), 0);
	assert_int_equal(r.n, 1);
	assert_int_equal(strlen(r.rows[0].message), sizeof(r.rows[0].message) - 1);
	reply_rows_done(&r);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(shapes),
	    cmocka_unit_test(every_cut_names_none),
	    cmocka_unit_test(huge_lists),
	    cmocka_unit_test(deep_and_long),
	};

	return cmocka_run_group_tests_name("push-reply-rows", tests, NULL, NULL);
}
