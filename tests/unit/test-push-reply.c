/* SPDX-License-Identifier: MIT */
/* Where the words of a refusal come from, and that nothing hostile gets through. */

#include "push/reply.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

struct words_case {
	const char *body;
	const char *message;
};

static const struct words_case words[] = {
    {"{\"errors\":[\"first\",\"second\"],\"detail\":\"third\"}", "first"},
    {"{\"errors\":[{\"message\":\"row 3: bad\"}]}", "row 3: bad"},
    {"{\"errors\":[{\"index\":3}]}", "{\"index\":3}"},
    {"{\"errors\":[],\"detail\":\"from detail\"}", "from detail"},
    {"{\"errors\":null,\"detail\":{\"reason\":\"deep\"}}", "deep"},
    {"{\"detail\":[{\"loc\":[\"body\"],\"msg\":\"field required\",\"type\":\"x\"}]}",
     "field required"},
    {"{\"detail\":\"\",\"message\":\"from message\"}", "from message"},
    {"{\"message\":\"\",\"error\":\"from error\"}", "from error"},
    {"{\"error\":{\"code\":7}}", "{\"code\":7}"},
    {"{\"error\":7}", "7"},
    {"{}", ""},
    {"", ""},
    {"plain words", "plain words"},
    {"<html>\n<b>502</b>\r\n</html>", "<html> <b>502</b> </html>"},
    {"{\"error\":\"a\\u001b[31mred\\u0000\\nline\"}",
     "{\"error\":\"a\\u001b[31mred\\u0000\\nline\"}"},
    {"{\"error\":\"a\\u001b[31mred\\nline\"}", "a [31mred line"},
    {"caf\303\251 \377\376 \302\233x", "caf\303\251 x"},
};

static void words_are_found(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
		struct reply r;

		reply_parse(words[i].body, strlen(words[i].body), &r);
		assert_string_equal(r.message, words[i].message);
	}
}

static void counts_and_ids(void **state)
{
	static const char body[] = "{\"success\":false,\"request_id\":\"req_\\u0007 1\","
				   "\"accepted\":5,\"successful_rows\":4,\"rejected_rows\":1}";
	struct reply r;

	(void)state;
	reply_parse(body, sizeof(body) - 1, &r);
	assert_int_equal(r.parsed, 1);
	assert_int_equal(r.success, 0);
	assert_int_equal(r.accepted, 5);
	assert_int_equal(r.successful_rows, 4);
	assert_int_equal(r.rejected_rows, 1);
	assert_string_equal(r.request_id, "req_ 1");
}

static void long_words_are_cut_whole(void **state)
{
	static char body[8000];
	struct reply r;

	(void)state;
	for (size_t i = 0; i + 2 < sizeof(body); i += 2)
		memcpy(body + i, "\303\251", 2);
	reply_parse(body, sizeof(body) - 2, &r);
	assert_true(strlen(r.message) < LIMIT_MESSAGE_BYTES);
	assert_true(strlen(r.message) % 2 == 0);
}

static void deep_and_broken_replies(void **state)
{
	static const char start[] = "{\"errors\":";
	static const char lone[] = "{\"success\":true,\"errors\":[{\"msg\":\"\\ud800\"}]}";
	struct reply r;
	char *body = malloc(200000);

	(void)state;
	assert_non_null(body);
	memcpy(body, start, sizeof(start) - 1);
	memset(body + sizeof(start) - 1, '[', 200000 - sizeof(start) + 1);
	reply_parse(body, 200000, &r);
	assert_int_equal(r.parsed, 0);
	for (size_t n = 0; n < sizeof(lone); n++) {
		reply_parse(lone, n, &r);
		assert_int_equal(r.parsed, 0);
	}
	free(body);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(words_are_found),
	    cmocka_unit_test(counts_and_ids),
	    cmocka_unit_test(long_words_are_cut_whole),
	    cmocka_unit_test(deep_and_broken_replies),
	};

	return cmocka_run_group_tests_name("push-reply", tests, NULL, NULL);
}
