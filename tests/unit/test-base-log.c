/* SPDX-License-Identifier: MIT */
/* Messages: formats, escaping, redaction, broken readers. */

#define _GNU_SOURCE
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/log.h"

struct fixture {
	int fds[2];
	struct log *log;
	char text[65536];
};

static int setup(void **state)
{
	struct fixture *f = calloc(1, sizeof(*f));

	if (!f || pipe2(f->fds, O_CLOEXEC | O_NONBLOCK) < 0)
		return -1;
	f->log = log_create(f->fds[1], LOG_INFO, LOG_TEXT);
	*state = f;
	return f->log ? 0 : -1;
}

static int teardown(void **state)
{
	struct fixture *f = *state;

	log_destroy(f->log);
	if (f->fds[0] >= 0)
		(void)close(f->fds[0]);
	(void)close(f->fds[1]);
	free(f);
	return 0;
}

static const char *output(struct fixture *f)
{
	ssize_t n = read(f->fds[0], f->text, sizeof(f->text) - 1);

	f->text[n > 0 ? n : 0] = '\0';
	return f->text;
}

static void test_text(void **state)
{
	struct fixture *f = *state;
	struct error err = ERROR_INIT;

	log_write(f->log, LOG_ERROR, "shop.orders", "no such table: '%s'", "orders");
	assert_string_equal(output(f), "defsync: shop.orders: no such table: 'orders'\n");
	log_write(f->log, LOG_WARN, "shop", "slow");
	assert_string_equal(output(f), "defsync: shop: warning: slow\n");
	log_write(f->log, LOG_WARN, NULL, "slow");
	assert_string_equal(output(f), "defsync: warning: slow\n");
	log_write(f->log, LOG_INFO, NULL, "5 rows");
	assert_string_equal(output(f), "defsync: 5 rows\n");
	log_write(f->log, LOG_DEBUG, NULL, "hidden");
	assert_string_equal(output(f), "");
	assert_false(log_enabled(f->log, LOG_DEBUG));
	log_set(f->log, LOG_DEBUG, LOG_TEXT);
	log_write(f->log, LOG_DEBUG, "x", "seen");
	assert_string_equal(output(f), "defsync: x: debug: seen\n");
	(void)error_set(&err, ERR_API, "the API refuses the key");
	log_failure(f->log, NULL, &err);
	assert_string_equal(output(f), "defsync: the API refuses the key\n");
	error_done(&err);
	log_write(NULL, LOG_ERROR, NULL, "nowhere");
}

static void test_control_characters(void **state)
{
	struct fixture *f = *state;

	log_write(f->log, LOG_INFO, "a\nb", "x\ny\t\x1b[31m\x7f\xc2\x9bz \xc3\xa9 \xff\xc3");
	assert_string_equal(output(f), "defsync: a\\nb: x\\ny\\t\\x1b[31m\\x7f\\xc2\\x9bz \xc3\xa9 "
				       "\\xff\\xc3\n");
}

static void test_json(void **state)
{
	struct fixture *f = *state;
	struct error err = ERROR_INIT;
	const char *text;

	log_set(f->log, LOG_INFO, LOG_JSON);
	log_write(f->log, LOG_WARN, "shop.public.orders", "a\"b\\c\n\x1b\xff\x7f");
	text = output(f);
	assert_memory_equal(text, "{\"time\":\"2", 10);
	assert_string_equal(strstr(text, "Z\",") + 3,
			    "\"level\":\"warn\",\"source\":\"shop\",\"table\":\"public.orders\","
			    "\"message\":\"a\\\"b\\\\c\\n\\u001b\\ufffd\\u007f\"}\n");
	(void)error_set(&err, ERR_SOURCE, "gone");
	log_failure(f->log, "plugin sqlite", &err);
	assert_non_null(strstr(output(f), "\"level\":\"error\",\"where\":\"plugin sqlite\","
					  "\"code\":\"source\",\"message\":\"gone\"}\n"));
	error_done(&err);
	log_write(f->log, LOG_INFO, "a.yaml:1:2", "x");
	assert_non_null(strstr(output(f), "\"where\":\"a.yaml:1:2\",\"message\":\"x\"}\n"));
	log_write(f->log, LOG_INFO, "shop", "x");
	assert_non_null(strstr(output(f), "\"source\":\"shop\",\"message\":\"x\"}\n"));
}

static void test_secrets_are_taken_out(void **state)
{
	struct fixture *f = *state;
	struct error err = ERROR_INIT;

	assert_int_equal(secrets_add(log_secrets(f->log), "s3cr\nt\"x", 8), 0);
	log_write(f->log, LOG_INFO, NULL, "key s3cr\nt\"x!");
	assert_string_equal(output(f), "defsync: key [redacted]!\n");
	log_set(f->log, LOG_INFO, LOG_JSON);
	(void)error_set(&err, ERR_API, "key s3cr\nt\"x!");
	log_failure(f->log, NULL, &err);
	assert_non_null(strstr(output(f), "\"message\":\"key [redacted]!\"}"));
	error_done(&err);
}

static void test_secrets_in_where(void **state)
{
	struct fixture *f = *state;

	assert_int_equal(secrets_add(log_secrets(f->log), "s3cret", 6), 0);
	log_write(f->log, LOG_INFO, "s3cret.t", "x");
	assert_string_equal(output(f), "defsync: [redacted].t: x\n");
}

static void test_long_message_is_cut_after_redaction(void **state)
{
	struct fixture *f = *state;
	char *text = malloc(20001);

	memset(text, 'x', 20000);
	text[20000] = '\0';
	memcpy(text + 16384 - 3, "secret", 6);
	assert_int_equal(secrets_add(log_secrets(f->log), "secret", 6), 0);
	log_write(f->log, LOG_INFO, NULL, "%s", text);
	(void)output(f);
	assert_int_equal(strlen(f->text), strlen("defsync: ") + 16384 + 1);
	assert_null(strstr(f->text, "sec"));
	free(text);
}

static void test_no_reader(void **state)
{
	struct fixture *f = *state;
	sigset_t pending;

	(void)close(f->fds[0]);
	f->fds[0] = -1;
	/* the default action of SIGPIPE would end the test here */
	(void)signal(SIGPIPE, SIG_DFL);
	log_write(f->log, LOG_ERROR, NULL, "nobody reads this");
	(void)sigpending(&pending);
	assert_int_equal(sigismember(&pending, SIGPIPE), 0);
}

static void test_full_pipe(void **state)
{
	struct fixture *f = *state;
	char text[4096];

	memset(text, 'x', sizeof(text));
	while (write(f->fds[1], text, sizeof(text)) > 0)
		;
	log_write(f->log, LOG_ERROR, NULL, "no room for this");
	log_write(f->log, LOG_ERROR, NULL, "nor for this");
}

static void test_closed_descriptor(void **state)
{
	struct log *log = log_create(-1, LOG_INFO, LOG_TEXT);

	(void)state;
	assert_non_null(log);
	log_write(log, LOG_ERROR, NULL, "into nothing");
	log_destroy(log);
	log_destroy(NULL);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
	    TEST(test_text),
	    TEST(test_control_characters),
	    TEST(test_json),
	    TEST(test_secrets_are_taken_out),
	    TEST(test_secrets_in_where),
	    TEST(test_long_message_is_cut_after_redaction),
	    TEST(test_no_reader),
	    TEST(test_full_pipe),
	    cmocka_unit_test(test_closed_descriptor),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
