/* SPDX-License-Identifier: MIT */
/* The JSON recogniser: a table, then against jansson on mutated texts. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <jansson.h>

#include <cmocka.h>

#include "row/json-check.h"

#define N(array) (sizeof(array) / sizeof((array)[0]))

static const char *const valid[] = {
    "0",
    "-0",
    "1",
    "-1",
    "10",
    "1.5",
    "-0.5",
    "1e5",
    "1E+5",
    "1e-05",
    "0e0",
    "12.75e2",
    "123456789012",
    "true",
    "false",
    "null",
    "\"\"",
    "\"a\"",
    " 1 ",
    "\t\r\n[ ]\n",
    "\"\\\"\\\\\\/\\b\\f\\n\\r\\t\"",
    "\"\\u0041\\u00e9\\u20AC\"",
    "\"\\ud83d\\ude00\"",
    "\"\\uDBFF\\uDFFF\"",
    "\"caf\xc3\xa9\"",
    "\"\xf0\x9f\x98\x80\"",
    "\"\x7f\"",
    "[]",
    "{}",
    "[1]",
    "[1,2]",
    "[ 1 , 2 ]",
    "{\"a\":1}",
    "{ \"a\" : 1 , \"b\" : [ ] }",
    "[[],{},[{}]]",
    "{\"\":{\"a\":[true,false,null]}}",
    "{\"a\":1,\"a\":2}",
    "[\"a string longer than sixteen bytes, quoted \\\" in it\"]",
    "{\"channel\": \"web\", \"items\": [1, 2.5], \"coupon\": null}",
};

static const char *const invalid[] = {
    "",
    " ",
    "\n",
    "nul",
    "nulll",
    "True",
    "tru",
    "NaN",
    "Infinity",
    "-Infinity",
    "+1",
    "-",
    "01",
    "-01",
    "00",
    "1.",
    ".5",
    "-.5",
    "1.e5",
    "1e",
    "1e+",
    "1ee5",
    "0x10",
    "1 2",
    "1,",
    "'a'",
    "\"",
    "\"a",
    "\"a\\\"",
    "\"\\x41\"",
    "\"\\u12\"",
    "\"\\u12g4\"",
    "\"\\U0041\"",
    "\"\\ud800\"",
    "\"\\udc00\"",
    "\"\\ud800\\ud800\"",
    "\"\\ud800x\"",
    "\"\\ud800\\n\"",
    "\"\\ud800\\u0041\"",
    "\"a\nb\"",
    "\"a\tb\"",
    "\"\x01\"",
    "\"\xff\"",
    "\"\xc3\"",
    "\"\xed\xa0\x80\"",
    "\"\xc0\x80\"",
    "\xef\xbb\xbf"
    "1",
    "[",
    "]",
    "{",
    "}",
    "[1",
    "[1,",
    "[1,]",
    "[,1]",
    "[1 2]",
    "[1}",
    "{]",
    "{\"a\"}",
    "{\"a\":}",
    "{\"a\":1,}",
    "{,}",
    "{1:2}",
    "{a:1}",
    "{\"a\":1]",
    "{\"a\" 1}",
    "{\"a\":1 \"b\":2}",
    "[]]",
    "{}}",
    "[]1",
    "{}[]",
    "[1]//x",
    "/*x*/1",
    "[\"a\"\"b\"]",
    "\v1",
    "\f1",
    "\xc2\xa0"
    "1",
    "[1]\xc2\xa0",
    "\"\\",
    "\"\\u",
    "\"\\ud83d\\",
    "\"\\ud83d\\u",
    "\"\\ud83d\\ude0",
};

/* At the end of its own allocation, so that a byte too many is seen. */
static int check(const char *text, size_t n, int max_depth)
{
	char *copy = malloc(n > 0 ? n : 1);
	int depth;

	assert_non_null(copy);
	memcpy(copy, text, n);
	depth = json_check(copy, n, max_depth);
	free(copy);
	return depth;
}

static void test_table(void **state)
{
	size_t i;

	(void)state;
	for (i = 0; i < N(valid); i++) {
		if (check(valid[i], strlen(valid[i]), 100) < 0)
			fail_msg("refused: %s", valid[i]);
	}
	for (i = 0; i < N(invalid); i++) {
		if (check(invalid[i], strlen(invalid[i]), 100) != -1)
			fail_msg("accepted: %s", invalid[i]);
	}
	assert_int_equal(check("1\0", 2, 100), -1);
	assert_int_equal(check("\"a\0b\"", 5, 100), -1);
	assert_int_equal(check("\"\\\0\"", 4, 100), -1);
	assert_int_equal(json_check(NULL, 0, 100), -1);
}

/* Every valid text cut short is invalid, but for numbers and white space. */
static void test_cut(void **state)
{
	size_t i, n;

	(void)state;
	for (i = 0; i < N(valid); i++) {
		const char *start = valid[i] + strspn(valid[i], " \t\r\n");

		if (!strchr("[{\"", *start))
			continue;
		for (n = 0; n <= (size_t)(strrchr(valid[i], *start == '['   ? ']'
							    : *start == '{' ? '}'
									    : '"') -
					  valid[i]);
		     n++)
			assert_int_equal(check(valid[i], n, 100), -1);
	}
}

static void test_depth(void **state)
{
	static const struct {
		const char *text;
		int max_depth, depth;
	} rows[] = {
	    {"1", 0, 0},
	    {"1", -1, 0},
	    {"\"[[[\"", 0, 0},
	    {"[]", 1, 1},
	    {"[]", 0, 1},
	    {"[]", -1, 0}, /* max_depth + 1 */
	    {"[[]]", 9, 2},
	    {"[[],[[]],[]]", 9, 3},
	    {"{\"a\":{\"b\":[{}]}}", 9, 4},
	    {"{\"a\":{\"b\":[{}]}}", 4, 4},
	    {"{\"a\":{\"b\":[{}]}}", 3, 4},
	    {"{\"a\":{\"b\":[{}]}}", 2, 3},
	    {"[[[[", 2, 3}, /* not looked at any deeper */
	    {"[[[[", 9, -1},
	};
	size_t i;

	(void)state;
	for (i = 0; i < N(rows); i++)
		assert_int_equal(check(rows[i].text, strlen(rows[i].text), rows[i].max_depth),
				 rows[i].depth);
}

/* Hostile nesting costs no stack, and brackets must match at each level. */
static void test_deep(void **state)
{
	size_t n = 1000000, i;
	char *text = malloc(n);

	(void)state;
	assert_non_null(text);
	memset(text, '[', n);
	assert_int_equal(json_check(text, n, 9), 10);
	assert_int_equal(json_check(text, n, INT32_MAX - 1), INT32_MAX);
	memset(text, ']', n);
	for (i = 0; i < JSON_CHECK_DEPTH; i++)
		text[i] = '[';
	assert_int_equal(json_check(text, 2 * JSON_CHECK_DEPTH, INT32_MAX - 1), JSON_CHECK_DEPTH);
	for (i = JSON_CHECK_DEPTH; i < 2 * JSON_CHECK_DEPTH; i++) {
		text[i] = '}';
		assert_int_equal(json_check(text, 2 * JSON_CHECK_DEPTH, INT32_MAX - 1), -1);
		text[i] = ']';
	}
	free(text);
}

static uint64_t seed = 7;

static uint32_t draw(uint32_t below)
{
	seed = seed * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
	return (uint32_t)(seed >> 33) % below;
}

static size_t mutate(char *text, size_t n, size_t max)
{
	static const char bytes[] = "[]{}\":,\\/u0159eE+-.tfn \n\x01\x80\xc3\xa9\xed\xa0\xff"
				    "dD8cC";
	size_t at = draw((uint32_t)n + 1);
	char byte = bytes[draw(sizeof(bytes))];

	switch (draw(4)) {
	case 0: /* replace */
		if (at < n)
			text[at] = byte;
		return n;
	case 1: /* insert */
		if (n == max)
			return n;
		memmove(text + at + 1, text + at, n - at);
		text[at] = byte;
		return n + 1;
	case 2: /* delete */
		if (at == n)
			return n;
		memmove(text + at, text + at + 1, n - at - 1);
		return n - 1;
	default: /* swap */
		if (at + 1 < n) {
			byte = text[at];
			text[at] = text[at + 1];
			text[at + 1] = byte;
		}
		return n;
	}
}

/*
 * jansson refuses what it cannot hold though RFC 8259 allows it: numbers beyond
 * double or int64, and \u0000 in a name.  Nothing else may differ.
 */
static int is_known_difference(const json_error_t *error)
{
	enum json_error_code code = json_error_code(error);

	return code == json_error_numeric_overflow || code == json_error_null_byte_in_key;
}

static void compare(const char *text, size_t n, size_t *accepted)
{
	json_error_t error;
	json_t *value = json_loadb(text, n, JSON_DECODE_ANY | JSON_ALLOW_NUL, &error);
	int depth = check(text, n, 100);

	if (memchr(text, 0, n)) { /* never JSON, but jansson skips one behind a number */
		json_decref(value);
		assert_int_equal(depth, -1);
		return;
	}
	if (value)
		++*accepted;
	if ((value != NULL) != (depth >= 0) && !(depth >= 0 && is_known_difference(&error)))
		fail_msg("jansson %s, we %d: %.*s", value ? "accepts" : error.text, depth, (int)n,
			 text);
	json_decref(value);
}

static void test_against_jansson(void **state)
{
	char text[256];
	size_t i, round, accepted = 0;

	(void)state;
	for (i = 0; i < N(valid); i++)
		compare(valid[i], strlen(valid[i]), &accepted);
	assert_int_equal(accepted, N(valid));
	for (i = 0; i < N(invalid); i++)
		compare(invalid[i], strlen(invalid[i]), &accepted);
	for (round = 0; round < 3000; round++) {
		for (i = 0; i < N(valid); i++) {
			size_t n = strlen(valid[i]), times = 1 + draw(4);

			memcpy(text, valid[i], n);
			while (times-- > 0)
				n = mutate(text, n, sizeof(text));
			compare(text, n, &accepted);
		}
	}
	/* both sides of the question were asked often enough */
	assert_in_range(accepted, 10000, 3000 * N(valid) - 10000);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_table),	    cmocka_unit_test(test_cut),
	    cmocka_unit_test(test_depth),	    cmocka_unit_test(test_deep),
	    cmocka_unit_test(test_against_jansson),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
