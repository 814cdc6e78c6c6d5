/* SPDX-License-Identifier: MIT */
/* Dead letters as messages: the shape, what goes together, sizes, characters. */

#include "push/sqs-message.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "base/limits.h"

static struct dead_letter letter(int64_t id, const char *target, const char *message,
				 const char *payload)
{
	return (struct dead_letter){
	    .id = id,
	    .target = target,
	    .message = message,
	    .reason = "bad_utf8",
	    .payload = payload,
	    .payload_len = strlen(payload),
	};
}

static int add(struct sqs_message *m, struct dead_letter d)
{
	struct error err = ERROR_INIT;
	int rc = sqs_message_add(m, &d, &err);

	assert_false(error_is_set(&err));
	return rc;
}

static const char *end(struct sqs_message *m)
{
	assert_int_equal(sqs_message_end(m, NULL), 0);
	assert_true(m->body.len <= LIMIT_SQS_BYTES);
	return buf_str(&m->body);
}

struct one_case {
	const char *target, *message, *payload, *body;
};

static const struct one_case ones[] = {
    {"bronze.t", "no", "{\"a\":1}",
     "{\"table\":\"bronze.t\",\"rows\":[{\"a\":1}],\"error\":\"no\"}"},
    {"t", "", "{}", "{\"table\":\"t\",\"rows\":[{}],\"error\":\"bad_utf8\"}"},
    {"\"q\"", "a\"b\\\n\x01", "1",
     "{\"table\":\"\\\"q\\\"\",\"rows\":[1],\"error\":\"a\\\"b\\\\\\n\\u0001\"}"},
    {"t", "e", "no json", "{\"table\":\"t\",\"rows\":[\"no json\"],\"error\":\"e\"}"},
    {"t", "e", "", "{\"table\":\"t\",\"rows\":[\"\"],\"error\":\"e\"}"},
    {"t", "e", "{\"a\":", "{\"table\":\"t\",\"rows\":[\"{\\\"a\\\":\"],\"error\":\"e\"}"},
    {"t", "e", "\xff\x01x",
     "{\"table\":\"t\",\"rows\":[\"\xef\xbf\xbd\\u0001x\"],\"error\":\"e\"}"},
    /* U+FFFE and U+FFFF; U+FFFD, U+FEFF, U+1FFFF and DEL are allowed. */
    {"t", "e", "{\"\xef\xbf\xbe\":\"\xef\xbf\xbf\"}",
     "{\"table\":\"t\",\"rows\":[{\"\\ufffe\":\"\\uffff\"}],\"error\":\"e\"}"},
    {"t\xef\xbf\xbf", "e\xef\xbf\xbe", "\xef\xbf\xbf",
     "{\"table\":\"t\\uffff\",\"rows\":[\"\\uffff\"],\"error\":\"e\\ufffe\"}"},
    {"t", "e", "\"\xef\xbf\xbd\xef\xbb\xbf\xf0\x9f\xbf\xbf\x7f\xef\xbf\xbf\xef\xbf\xbd\"",
     "{\"table\":\"t\",\"rows\":["
     "\"\xef\xbf\xbd\xef\xbb\xbf\xf0\x9f\xbf\xbf\x7f\\uffff\xef\xbf\xbd\"],\"error\":\"e\"}"},
};

static void one_letter(void **state)
{
	struct sqs_message m;

	(void)state;
	sqs_message_init(&m);
	for (size_t i = 0; i < sizeof(ones) / sizeof(ones[0]); i++) {
		const struct one_case *c = &ones[i];
		json_t *root;

		assert_int_equal(add(&m, letter(7, c->target, c->message, c->payload)), 1);
		assert_string_equal(end(&m), c->body);
		root = json_loads(m.body.data, JSON_REJECT_DUPLICATES | JSON_ALLOW_NUL, NULL);
		assert_non_null(root);
		json_decref(root);
		assert_int_equal(m.n, 1);
		assert_int_equal(m.ids[0], 7);
		assert_string_equal(m.target.data, c->target);
		sqs_message_reset(&m);
	}
	sqs_message_done(&m);
}

static void what_goes_together(void **state)
{
	struct sqs_message m;

	(void)state;
	sqs_message_init(&m);
	assert_int_equal(add(&m, letter(1, "t", "e", "1")), 1);
	assert_int_equal(add(&m, letter(2, "t", "e", "[2]")), 1);
	assert_int_equal(add(&m, letter(3, "t", "f", "3")), 0);
	assert_int_equal(add(&m, letter(3, "t", "", "3")), 0);
	assert_int_equal(add(&m, letter(3, "u", "e", "3")), 0);
	assert_int_equal(add(&m, letter(3, "t2", "e", "3")), 0);
	assert_int_equal(add(&m, letter(4, "t", "e", "4")), 1);
	assert_string_equal(end(&m), "{\"table\":\"t\",\"rows\":[1,[2],4],\"error\":\"e\"}");
	assert_int_equal(m.n, 3);
	assert_int_equal(m.ids[2], 4);
	sqs_message_reset(&m);
	for (int i = 0; i < LIMIT_SQS_ROWS; i++)
		assert_int_equal(add(&m, letter(i, "t", "e", "1")), 1);
	assert_int_equal(add(&m, letter(5000, "t", "e", "1")), 0);
	(void)end(&m);
	sqs_message_done(&m);
}

/* {"table":"t","rows":[],"error":"e"} */
#define FRAME ((size_t)35)

/* A JSON string of so many bytes, quotes included. */
static char *string_of(size_t n, char c)
{
	char *s = malloc(n + 1);

	memset(s, c, n);
	s[0] = s[n - 1] = '"';
	s[n] = '\0';
	return s;
}

static void exactly_full(void **state)
{
	char *fits = string_of(LIMIT_SQS_BYTES - FRAME, 'x');
	char *over = string_of(LIMIT_SQS_BYTES - FRAME + 1, 'x');
	char *most = string_of(LIMIT_SQS_BYTES - FRAME - 2, 'x');
	char *huge = string_of(5000000, 'x');
	struct sqs_message m;

	(void)state;
	sqs_message_init(&m);
	assert_int_equal(add(&m, letter(1, "t", "e", fits)), 1);
	assert_int_equal(strlen(end(&m)), LIMIT_SQS_BYTES);

	sqs_message_reset(&m);
	assert_int_equal(add(&m, letter(2, "t", "e", over)), 1);
	assert_string_equal(
	    end(&m), "{\"table\":\"t\",\"rows\":[\"row of 262110 bytes is too large for SQS; it "
		     "is in the store: defsync dlq show 2\"],\"error\":\"e\"}");

	sqs_message_reset(&m);
	assert_int_equal(add(&m, letter(3, "t", "e", most)), 1);
	assert_int_equal(add(&m, letter(4, "t", "e", "12")), 0);
	assert_int_equal(add(&m, letter(4, "t", "e", "1")), 1);
	assert_int_equal(strlen(end(&m)), LIMIT_SQS_BYTES);
	assert_int_equal(m.n, 2);

	/* One that never fits waits for a message of its own, too. */
	sqs_message_reset(&m);
	assert_int_equal(add(&m, letter(5, "t", "e", "1")), 1);
	assert_int_equal(add(&m, letter(6, "t", "e", huge)), 0);
	sqs_message_reset(&m);
	assert_int_equal(add(&m, letter(6, "t", "e", huge)), 1);
	assert_int_equal(add(&m, letter(7, "t", "e", "1")), 1);
	assert_non_null(strstr(end(&m), "\"row of 5000000 bytes is too large"));
	sqs_message_done(&m);
	free(fits);
	free(over);
	free(most);
	free(huge);
}

/* What grows by escapes counts as it is sent. */
static void escapes_count(void **state)
{
	char *quotes = string_of(LIMIT_SQS_BYTES / 2, '\x01'); /* no JSON: raw control characters */
	char *wide = malloc(LIMIT_SQS_BYTES + 3);
	char message[LIMIT_MESSAGE_BYTES + 1];
	size_t n = 1;
	struct sqs_message m;

	(void)state;
	wide[0] = '"';
	while (n + 3 < LIMIT_SQS_BYTES / 2 + 5000) {
		memcpy(wide + n, "\xef\xbf\xbf", 3);
		n += 3;
	}
	wide[n++] = '"';
	wide[n] = '\0';
	memset(message, 1, sizeof(message) - 1);
	message[sizeof(message) - 1] = '\0';
	sqs_message_init(&m);
	assert_int_equal(add(&m, letter(1, "t", message, quotes)), 1);
	assert_non_null(strstr(end(&m), "too large for SQS"));
	sqs_message_reset(&m);
	assert_int_equal(add(&m, letter(1, "t", "e", wide)), 1);
	assert_non_null(strstr(end(&m), "too large for SQS"));
	sqs_message_done(&m);
	free(quotes);
	free(wide);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(one_letter),
	    cmocka_unit_test(what_goes_together),
	    cmocka_unit_test(exactly_full),
	    cmocka_unit_test(escapes_count),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
