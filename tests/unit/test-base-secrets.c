/* SPDX-License-Identifier: MIT */
/* Secrets: every form is taken out of texts. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <pthread.h>
#include <stdio.h>

#include "base/limits.h"
#include "base/secrets.h"

#define R "[redacted]"

struct row {
	const char *secrets[3]; /* up to the first NULL */
	const char *text, *expected;
};

static void check(const struct row *row, size_t max)
{
	struct secrets *s = secrets_create();
	struct buf b;
	size_t i;

	assert_non_null(s);
	for (i = 0; i < 3 && row->secrets[i]; i++)
		assert_int_equal(secrets_add(s, row->secrets[i], strlen(row->secrets[i])), 0);
	buf_init(&b, max);
	assert_int_equal(buf_add_str(&b, row->text), 0);
	assert_int_equal(secrets_redact(s, &b), 0);
	assert_string_equal(buf_str(&b), row->expected);
	buf_done(&b);
	secrets_destroy(s);
}

static void test_forms(void **state)
{
	static const struct row rows[] = {
	    {{"hunter2"}, "password hunter2 and hunter2", "password " R " and " R},
	    {{"hunter2"}, "hunter", "hunter"},
	    {{"hunter2"}, "hunter2hunter2", R R},
	    {{"abc"}, "abc", "abc"}, /* too short to be registered */
	    /* URL, both cases */
	    {{"p@ss/w?rd"}, "x=p%40ss%2Fw%3Frd&", "x=" R "&"},
	    {{"p@ss/w?rd"}, "x=p%40ss%2fw%3frd&", "x=" R "&"},
	    /* JSON, also with an escaped slash */
	    {{"a\"b\\c/d\n"}, "{\"k\":\"a\\\"b\\\\c/d\\n\"}", "{\"k\":\"" R "\"}"},
	    {{"a\"b\\c/d\n"}, "{\"k\":\"a\\\"b\\\\c\\/d\\n\"}", "{\"k\":\"" R "\"}"},
	    {{"a\x01"
	      "bcd"},
	     "a\\u0001bcd",
	     R},
	    /* base64: alone, with padding; inside "user:..." (all three places) */
	    {{"hunter2"}, "aHVudGVyMg==", R "=="},
	    {{"hunter22x"}, "aHVudGVyMjJ4", R},
	    {{"hunter2"}, "Basic dTpodW50ZXIy", "Basic dTp" R},
	    /* one secret in another, longest first; overlapping ones */
	    {{"hunter2", "xhunter2y"}, "xhunter2y hunter2", R " " R},
	    {{"abcdef", "defghi"}, "-abcdefghi-", "-" R "-"},
	    {{"abcdef", "cd12", "ef99"}, "abcdef99", R},
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		check(&rows[i], 1000);
}

/* base64 of PREFIX + "correct-horse" + SUFFIX for each place must not show it. */
static void test_base64_inside(void **state)
{
	static const char *const texts[] = {
	    "dTpjb3JyZWN0LWhvcnNl",	    /* u:correct-horse */
	    "dXM6Y29ycmVjdC1ob3JzZQ==",	    /* us:correct-horse */
	    "dXNlOmNvcnJlY3QtaG9yc2UhIQ==", /* use:correct-horse!! */
	    "Y29ycmVjdC1ob3JzZQ",
	};
	struct secrets *s = secrets_create();
	size_t i;

	(void)state;
	assert_int_equal(secrets_add(s, "correct-horse", 13), 0);
	for (i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		struct buf b;

		buf_init(&b, 100);
		assert_int_equal(buf_add_str(&b, texts[i]), 0);
		assert_int_equal(secrets_redact(s, &b), 0);
		assert_non_null(strstr(buf_str(&b), R));
		/* at most a character of shared bits is left on either side */
		assert_true(b.len <= strlen(R) + 12);
		buf_done(&b);
	}
	secrets_destroy(s);
}

static void test_masked_when_there_is_no_room(void **state)
{
	struct secrets *s = secrets_create();
	struct buf b;

	(void)state;
	assert_int_equal(secrets_add(s, "pass", 4), 0);
	buf_init(&b, 9);
	assert_int_equal(buf_add_str(&b, "ab pass c"), 0);
	assert_int_equal(secrets_redact(s, &b), -1);
	assert_string_equal(buf_str(&b), "ab **** c");
	buf_done(&b);
	secrets_destroy(s);
}

static void test_limits(void **state)
{
	struct secrets *s = secrets_create();
	char text[32];
	int i;

	(void)state;
	for (i = 0; i < LIMIT_SECRETS; i++) {
		(void)snprintf(text, sizeof(text), "secret-%d", i);
		assert_int_equal(secrets_add(s, text, strlen(text)), 0);
	}
	assert_int_equal(secrets_add(s, "secret-0", 8), 0);
	assert_int_equal(secrets_add(s, "one more", 8), -1);
	secrets_destroy(s);
	secrets_destroy(NULL);
	assert_int_equal(secrets_add(NULL, "abcdef", 6), 0);
}

static void test_null_registry_and_binary(void **state)
{
	struct secrets *s = secrets_create();
	struct buf b;

	(void)state;
	assert_int_equal(secrets_add(s, "a\0b\xff", 4), 0);
	buf_init(&b, 100);
	assert_int_equal(buf_add(&b, "x\0a\0b\xffy", 7), 0);
	assert_int_equal(secrets_redact(NULL, &b), 0);
	assert_int_equal(b.len, 7);
	assert_int_equal(secrets_redact(s, &b), 0);
	assert_int_equal(b.len, 3 + strlen(R));
	assert_memory_equal(b.data, "x\0" R "y", b.len);
	buf_done(&b);
	secrets_destroy(s);
}

static void *add_and_redact(void *arg)
{
	char text[32];
	struct buf b;
	int i;

	buf_init(&b, 1000);
	for (i = 0; i < 50; i++) {
		(void)snprintf(text, sizeof(text), "shared-%d", i);
		(void)secrets_add(arg, text, strlen(text));
		buf_reset(&b);
		(void)buf_add_str(&b, text);
		(void)secrets_redact(arg, &b);
		if (strcmp(buf_str(&b), R) != 0)
			return arg;
	}
	buf_done(&b);
	return NULL;
}

static void test_threads(void **state)
{
	struct secrets *s = secrets_create();
	pthread_t threads[4];
	size_t i;

	(void)state;
	for (i = 0; i < 4; i++)
		assert_int_equal(pthread_create(&threads[i], NULL, add_and_redact, s), 0);
	for (i = 0; i < 4; i++) {
		void *result;

		assert_int_equal(pthread_join(threads[i], &result), 0);
		assert_null(result);
	}
	secrets_destroy(s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_forms),
	    cmocka_unit_test(test_base64_inside),
	    cmocka_unit_test(test_masked_when_there_is_no_room),
	    cmocka_unit_test(test_limits),
	    cmocka_unit_test(test_null_registry_and_binary),
	    cmocka_unit_test(test_threads),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
