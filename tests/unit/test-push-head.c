/* SPDX-License-Identifier: MIT */
/* Heads of replies, among them those that no server should send. */

#include "base/limits.h"
#include "push/http-head.h"

#include <string.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

struct head_case {
	const char *lines[8];
	int rc; /* of the last line */
	int done, is_json, unclear;
	const char *retry_after;
};

static const struct head_case cases[] = {
    {{"HTTP/1.1 200 OK\r\n", "\r\n"}, 0, 1, 1, 0, ""},
    {{"HTTP/1.1 200 OK\r\n", "Content-Type: application/json\r\n"}, 0, 0, 1, 0, ""},
    {{"HTTP/1.1 200 OK\r\n", "CONTENT-TYPE:application/JSON;charset=utf-8\r\n", "\r\n"},
     0,
     1,
     1,
     0,
     ""},
    {{"HTTP/1.1 200 OK\r\n", "Content-Type: text/html\r\n", "\n"}, 0, 1, 0, 0, ""},
    {{"HTTP/1.1 200 OK\r\n", "Content-Type: application/jsonx\r\n", "\r\n"}, 0, 1, 0, 0, ""},
    {{"HTTP/1.1 200 OK\r\n", "Content-Type:\r\n", "\r\n"}, 0, 1, 0, 0, ""},
    {{"HTTP/1.1 429 No\r\n", "Retry-After: \t 17 \r\n", "\r\n"}, 0, 1, 1, 0, "17"},
    {{"HTTP/1.1 429 No\r\n", "Retry-After-Not: 17\r\n", "\r\n"}, 0, 1, 1, 0, ""},
    /* What an interim head says is not said by the head that counts. */
    {{"HTTP/1.1 103 Hints\r\n", "Content-Type: text/html\r\n", "Retry-After: 9\r\n", "\r\n",
      "HTTP/1.1 200 OK\r\n"},
     0,
     0,
     1,
     0,
     ""},
    {{"HTTP/1.1 103 Hints\r\n", "Content-Length: 9\r\n", "\r\n", "HTTP/1.1 200 OK\r\n",
      "Content-Length: 7\r\n", "\r\n"},
     0,
     1,
     1,
     0,
     ""},
    {{"HTTP/1.1 200 OK\r\n", "Content-Length: 7\r\n", "content-length: 7 \r\n", "\r\n"},
     0,
     1,
     1,
     0,
     ""},
    {{"HTTP/1.1 200 OK\r\n", "Content-Length: 7\r\n", "Content-Length: 70\r\n"}, -1, 0, 1, 1, ""},
    {{"HTTP/1.1 200 OK\r\n", "Content-Length: 70\r\n", "Content-Length: 7\r\n"}, -1, 0, 1, 1, ""},
    {{"HTTP/1.1 200 OK\r\n", "Content-Length:\r\n"}, -1, 0, 1, 1, ""},
    {{"HTTP/1.1 200 OK\r\n", "Content-Length: 000000000000000000000000000000000007\r\n"},
     -1,
     0,
     1,
     1,
     ""},
};

static void lines_are_understood(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		const struct head_case *c = &cases[i];
		struct http_head h;
		int rc = 0;

		http_head_reset(&h);
		for (size_t j = 0; c->lines[j] != NULL; j++) {
			assert_int_equal(rc, 0);
			rc = http_head_line(&h, c->lines[j], strlen(c->lines[j]));
		}
		if (rc != c->rc || h.done != c->done || h.is_json != c->is_json ||
		    h.unclear != c->unclear || strcmp(h.retry_after, c->retry_after) != 0)
			fail_msg("case %zu: rc %d done %d json %d unclear %d retry '%s'", i, rc,
				 h.done, h.is_json, h.unclear, h.retry_after);
	}
}

/* Interim heads count, too: there is no end of them otherwise. */
static void heads_have_an_end(void **state)
{
	static const char line[] = "HTTP/1.1 100 Continue\r\n";
	struct http_head h;
	size_t n = 0;

	(void)state;
	http_head_reset(&h);
	while (n <= LIMIT_REPLY_HEADER_BYTES && http_head_line(&h, line, strlen(line)) == 0)
		n += strlen(line);
	assert_in_range(n, LIMIT_REPLY_HEADER_BYTES - strlen(line), LIMIT_REPLY_HEADER_BYTES);
}

static void long_values_are_left_out(void **state)
{
	char line[300] = "Retry-After: ";
	struct http_head h;

	(void)state;
	memset(line + 13, '1', sizeof(line) - 13);
	http_head_reset(&h);
	assert_int_equal(http_head_line(&h, line, sizeof(line)), 0);
	assert_string_equal(h.retry_after, "");
	assert_int_equal(http_head_line(&h, line, 13 + 63), 0);
	assert_int_equal(strlen(h.retry_after), 63);
	/* Not even an empty line is taken for granted. */
	assert_int_equal(http_head_line(&h, line, 0), 0);
	assert_int_equal(h.done, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(lines_are_understood),
	    cmocka_unit_test(heads_have_an_end),
	    cmocka_unit_test(long_values_are_left_out),
	};

	return cmocka_run_group_tests_name("push-head", tests, NULL, NULL);
}
