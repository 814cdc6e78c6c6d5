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

#include "base/buf.h"

struct words_case {
	const char *body;
	const char *message;
};

static const struct words_case words[] = {
    {"{\"errors\":[\"first\",\"second\"],\"detail\":\"third\"}", "first"},
    {"{\"errors\":[{\"message\":\"row 3: bad\"}]}", "row 3: bad"},
    {"{\"errors\":[{\"index\":3}]}", "{\"index\":3}"},
    {"{\"errors\":\"as a string\"}", "as a string"},
    {"{\"errors\":{\"error\":\"as an object\"}}", "as an object"},
    {"{\"errors\":[null,\"second\"],\"detail\":\"third\"}", "third"},
    {"{\"errors\":[[\"nested\"]]}", "[\"nested\"]"},
    {"{\"errors\":[\"\"],\"detail\":\"\",\"message\":\"  \",\"error\":\"at last\"}", "at last"},
    {"{\"detail\":\"as a string\"}", "as a string"},
    {"{\"detail\":{\"message\":\"as an object\",\"code\":1}}", "as an object"},
    {"{\"detail\":{\"code\":1}}", "{\"code\":1}"},
    {"{\"detail\":[\"as a list\",\"of strings\"]}", "as a list"},
    {"{\"detail\":[],\"message\":\"next\"}", "next"},
    {"{\"detail\":true}", "true"},
    {"{\"message\":\"m\",\"error\":\"e\"}", "m"},
    {"[\"a list\"]", "[\"a list\"]"},
    {"{\"message\":\"cut", "{\"message\":\"cut"},
    {"{\"message\":\"a\",\"message\":\"b\"}", "{\"message\":\"a\",\"message\":\"b\"}"},
    {"{\"success\":true,\"other\":\"words\"}", ""},
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

/* At most 1 KiB, whole characters, wherever the words come from. */
static void long_words_are_cut_whole(void **state)
{
	static const char *const heads[] = {"", "{\"errors\":[\"", "{\"detail\":\"",
					    "{\"message\":\"", "{\"error\":{\"reason\":\""};
	static const char *const tails[] = {"", "\"]}", "\"}", "\"}", "\"}}"};

	(void)state;
	for (size_t i = 0; i < sizeof(heads) / sizeof(heads[0]); i++) {
		struct buf body;
		struct reply r;

		buf_init(&body, 10000);
		assert_int_equal(buf_add_str(&body, heads[i]), 0);
		for (int n = 0; n < 4000; n++)
			assert_int_equal(buf_add_str(&body, "\303\251"), 0);
		assert_int_equal(buf_add_str(&body, tails[i]), 0);
		reply_parse(body.data, body.len, &r);
		assert_int_equal(r.parsed, i > 0);
		assert_true(strlen(r.message) < LIMIT_MESSAGE_BYTES);
		assert_true(strlen(r.message) > LIMIT_MESSAGE_BYTES - 4);
		assert_true(strlen(r.message) % 2 == 0);
		buf_done(&body);
	}
}

/* Room of any size, even none for a byte: always text, never past the end. */
static void sanitising_in_little_room(void **state)
{
	static const char text[] = "a \302\205\t\360\237\230\200b\033[31m\342\200\250c";

	(void)state;
	for (size_t size = 1; size < 24; size++) {
		char *out = malloc(size);

		assert_non_null(out);
		reply_sanitise(text, sizeof(text) - 1, out, size);
		assert_true(strlen(out) < size);
		for (const char *p = out; *p != '\0'; p++)
			assert_true((unsigned char)*p >= 0x20 && *p != 0x7f);
		if (size > 6)
			assert_memory_equal(out, "a \360\237\230\200", 6);
		free(out);
	}
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
	    cmocka_unit_test(words_are_found),		cmocka_unit_test(counts_and_ids),
	    cmocka_unit_test(long_words_are_cut_whole), cmocka_unit_test(sanitising_in_little_room),
	    cmocka_unit_test(deep_and_broken_replies),
	};

	return cmocka_run_group_tests_name("push-reply", tests, NULL, NULL);
}
