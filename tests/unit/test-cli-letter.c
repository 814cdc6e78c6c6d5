/* SPDX-License-Identifier: MIT */
/* A dead letter as JSON: the payload as it is, whatever it is; one line when it shall be one. */

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "cli/dlq-filter.h"

#include <setjmp.h>

#include <cmocka.h>

#define N(array) (sizeof(array) / sizeof((array)[0]))

#define HEAD                                                                                       \
	"{\"id\":7,\"source\":\"shop\",\"table\":\"orders\",\"target\":null,\"mode\":null,"        \
	"\"key\":null,\"position\":null,\"reason\":\"rejected\",\"status\":422,\"message\":null,"  \
	"\"first_seen\":null,\"attempts\":2,\"payload\":"

static struct dead_letter letter_of(const char *payload, size_t n)
{
	return (struct dead_letter){
	    .id = 7,
	    .source = "shop",
	    .table = "orders",
	    .reason = "rejected",
	    .status = 422,
	    .attempts = 2,
	    .payload = payload,
	    .payload_len = n,
	};
}

static const struct {
	const char *payload;
	size_t n; /* 0: all of it */
	const char *expected;
} payloads[] = {
    {"{\"a\":1}", 0, "{\"a\":1}"},
    {"{\"a\":0.12345678901234567890,\"b\":12345678901234567890123}", 0,
     "{\"a\":0.12345678901234567890,\"b\":12345678901234567890123}"},
    /* Twice the same name, and what some parsers refuse. */
    {"{\"a\":1,\"a\":\"\\u0000\"}", 0, "{\"a\":1,\"a\":\"\\u0000\"}"},
    {"{\"a\":\n [1,\r\n2]}", 0, "{\"a\":  [1,  2]}"},
    {"\"text\"", 0, "\"text\""},
    {"", 0, "null"},
    {"{\"a\":", 0, "\"{\\\"a\\\":\""},
    {"a\nb", 0, "\"a\\nb\""},
    {"a\xff"
     "b",
     0, "\"a?b\""},
    {"a\0b", 3, "\"a?b\""},
    {"{}\0", 3, "\"{}?\""},
};

static void test_lines(void **state)
{
	(void)state;
	for (size_t i = 0; i < N(payloads); i++) {
		size_t n = payloads[i].n != 0 ? payloads[i].n : strlen(payloads[i].payload);
		const struct dead_letter l = letter_of(payloads[i].payload, n);
		struct buf out, expected;

		buf_init(&out, 65536);
		buf_init(&expected, 65536);
		/* Behind what is there. */
		assert_int_equal(buf_add_str(&out, "x"), 0);
		assert_int_equal(dlq_letter_text(&l, 0, &out, NULL), 0);
		assert_int_equal(buf_printf(&expected, "x" HEAD "%s}\n", payloads[i].expected), 0);
		assert_string_equal(buf_str(&out), buf_str(&expected));
		buf_done(&out);
		buf_done(&expected);
	}
}

static void test_indented(void **state)
{
	const struct dead_letter l = letter_of("{\"a\":1.10}", 10);
	struct buf out;

	(void)state;
	buf_init(&out, 65536);
	assert_int_equal(dlq_letter_text(&l, 1, &out, NULL), 0);
	assert_non_null(
	    strstr(buf_str(&out), "\n  \"attempts\": 2,\n  \"payload\": {\"a\":1.10}\n}\n"));
	assert_memory_equal(out.data, "{\n  \"id\": 7,\n", 13);
	buf_done(&out);
}

/* Nested deeper than anybody looks: a text, since nobody knows its end. */
static void test_deep(void **state)
{
	struct dead_letter l;
	struct buf out;
	char *deep = malloc(5000);

	(void)state;
	memset(deep, '[', 2500);
	memset(deep + 2500, ']', 2500);
	l = letter_of(deep, 5000);
	buf_init(&out, 65536);
	assert_int_equal(dlq_letter_text(&l, 0, &out, NULL), 0);
	assert_non_null(strstr(buf_str(&out), "\"payload\":\"[[["));
	buf_done(&out);
	free(deep);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_lines),
	    cmocka_unit_test(test_indented),
	    cmocka_unit_test(test_deep),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
