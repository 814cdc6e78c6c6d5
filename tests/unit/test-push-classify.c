/* SPDX-License-Identifier: MIT */
/* One row a case: transport results, statuses and replies, and the verdict that each gets. */

#include "push/classify.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <curl/curl.h>
#include <stdio.h>
#include <string.h>

/* ---- Transport ---- */

struct transport_case {
	int code;
	enum verdict verdict;
	int odd;
};

static const struct transport_case transports[] = {
    {CURLE_UNSUPPORTED_PROTOCOL, VERDICT_RETRY, 1},
    {CURLE_FAILED_INIT, VERDICT_RETRY, 0},
    {CURLE_URL_MALFORMAT, VERDICT_STOP, 0},
    {CURLE_NOT_BUILT_IN, VERDICT_RETRY, 0},
    {CURLE_COULDNT_RESOLVE_PROXY, VERDICT_RETRY, 0},
    {CURLE_LOGIN_DENIED, VERDICT_STOP, 0},
    {CURLE_COULDNT_RESOLVE_HOST, VERDICT_RETRY, 0},
    {CURLE_COULDNT_CONNECT, VERDICT_RETRY, 0},
    {CURLE_WEIRD_SERVER_REPLY, VERDICT_RETRY, 1},
    {CURLE_PARTIAL_FILE, VERDICT_RETRY, 0},
    {CURLE_WRITE_ERROR, VERDICT_RETRY, 1},
    {CURLE_READ_ERROR, VERDICT_RETRY, 0},
    {CURLE_OUT_OF_MEMORY, VERDICT_STOP, 0},
    {CURLE_OPERATION_TIMEDOUT, VERDICT_RETRY, 0},
    {CURLE_HTTP_POST_ERROR, VERDICT_RETRY, 0},
    {CURLE_SSL_CONNECT_ERROR, VERDICT_RETRY, 0},
    {CURLE_ABORTED_BY_CALLBACK, VERDICT_RETRY, 0},
    {CURLE_INTERFACE_FAILED, VERDICT_RETRY, 0},
    {CURLE_GOT_NOTHING, VERDICT_RETRY, 0},
    {CURLE_SEND_ERROR, VERDICT_RETRY, 0},
    {CURLE_RECV_ERROR, VERDICT_RETRY, 0},
    {CURLE_SSL_CERTPROBLEM, VERDICT_STOP, 0},
    {CURLE_SSL_CIPHER, VERDICT_RETRY, 0},
    {CURLE_PEER_FAILED_VERIFICATION, VERDICT_STOP, 0},
    {CURLE_BAD_CONTENT_ENCODING, VERDICT_RETRY, 1},
    {CURLE_FILESIZE_EXCEEDED, VERDICT_RETRY, 0},
    {CURLE_SEND_FAIL_REWIND, VERDICT_RETRY, 0},
    {CURLE_SSL_CACERT_BADFILE, VERDICT_STOP, 0},
    {CURLE_SSL_SHUTDOWN_FAILED, VERDICT_RETRY, 0},
    {CURLE_AGAIN, VERDICT_RETRY, 0},
    {CURLE_SSL_ISSUER_ERROR, VERDICT_STOP, 0},
    {CURLE_CHUNK_FAILED, VERDICT_RETRY, 0},
    {CURLE_NO_CONNECTION_AVAILABLE, VERDICT_RETRY, 0},
    {CURLE_SSL_PINNEDPUBKEYNOTMATCH, VERDICT_STOP, 0},
    {CURLE_SSL_INVALIDCERTSTATUS, VERDICT_STOP, 0},
    {CURLE_PROXY, VERDICT_RETRY, 0},
    {CURLE_SSL_CLIENTCERT, VERDICT_STOP, 0},
    {CURLE_UNRECOVERABLE_POLL, VERDICT_RETRY, 0},
};

static void transport_results(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(transports) / sizeof(transports[0]); i++) {
		const struct transport_case *c = &transports[i];
		struct answer a = {.curl_code = c->code, .sent_rows = 1};
		struct ruling r = classify(&a);

		if (r.verdict != c->verdict || r.odd != c->odd)
			fail_msg("curl %d: %s, odd %d", c->code, verdict_name(r.verdict), r.odd);
		assert_non_null(r.what);
		assert_int_equal(r.class, c->code == CURLE_OUT_OF_MEMORY ? ERR_NOMEM
					  : c->verdict == VERDICT_RETRY	 ? ERR_TEMPORARY
									 : ERR_API);
		/* What passes is eased by fewer requests; what is no HTTP is not. */
		assert_int_equal(r.overload, c->verdict == VERDICT_RETRY && !c->odd);
		if (r.verdict == VERDICT_STOP && r.class == ERR_API)
			assert_non_null(r.todo);
	}
}

/* ---- Statuses ---- */

struct status_case {
	int first, last;
	enum verdict verdict;
};

static const struct status_case statuses[] = {
    {0, 0, VERDICT_STOP},	 {100, 199, VERDICT_STOP},    {300, 399, VERDICT_STOP},
    {400, 400, VERDICT_ISOLATE}, {401, 401, VERDICT_STOP},    {402, 402, VERDICT_RETRY},
    {403, 407, VERDICT_STOP},	 {408, 408, VERDICT_RETRY},   {410, 412, VERDICT_STOP},
    {413, 413, VERDICT_SPLIT},	 {414, 414, VERDICT_STOP},    {415, 415, VERDICT_ISOLATE},
    {416, 421, VERDICT_STOP},	 {422, 422, VERDICT_ISOLATE}, {423, 424, VERDICT_STOP},
    {425, 425, VERDICT_RETRY},	 {426, 428, VERDICT_STOP},    {429, 429, VERDICT_RETRY},
    {430, 499, VERDICT_STOP},	 {500, 500, VERDICT_RETRY},   {501, 501, VERDICT_STOP},
    {502, 504, VERDICT_RETRY},	 {505, 505, VERDICT_STOP},    {506, 599, VERDICT_RETRY},
    {600, 999, VERDICT_STOP},
};

static void every_status(void **state)
{
	static const struct reply empty = {.success = -1, .accepted = -1};

	(void)state;
	for (size_t i = 0; i < sizeof(statuses) / sizeof(statuses[0]); i++) {
		for (int status = statuses[i].first; status <= statuses[i].last; status++) {
			struct answer a = {.status = status, .sent_rows = 1, .reply = &empty};
			struct ruling r = classify(&a);

			if (r.verdict != statuses[i].verdict)
				fail_msg("status %d: %s", status, verdict_name(r.verdict));
			assert_int_equal(r.odd, 0);
			assert_int_equal(r.class,
					 r.verdict == VERDICT_RETRY ? ERR_TEMPORARY : ERR_API);
			assert_int_equal(r.overload,
					 r.verdict == VERDICT_RETRY &&
					     (status == 408 || status == 429 || status >= 500));
			if (r.verdict == VERDICT_STOP || r.verdict == VERDICT_SPLIT)
				assert_non_null(r.todo);
		}
	}
}

/* ---- Words about a size ---- */

static const struct {
	const char *message;
	int of_size;
} size_texts[] = {
    {"Request Entity Too Large", 1},
    {"the payload is too big", 1},
    {"too many rows: 60000, at most 50000", 1},
    {"Too Many Records", 1},
    {"body size is limited to 1 MB", 1},
    {"payload size", 1},
    {"Request Size Limit", 1},
    {"maximum size is 1048576", 1},
    {"over the size limit", 1},
    {"it EXCEEDS THE LIMIT", 1},
    {"exceeds the maximum", 1},
    {"", 0},
    {"large", 0},
    {"column 'size': not a number", 0},
    {"too", 0},
    {"too  large", 0},
    {"limit", 0},
};

/* They turn the search for a row into halves; everywhere else they mean nothing. */
static void words_of_size(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(size_texts) / sizeof(size_texts[0]); i++) {
		static const int statuses_of_rows[] = {400, 415, 422};
		struct reply reply = {.success = -1};
		struct answer a = {.sent_rows = 2, .reply = &reply};

		(void)snprintf(reply.message, sizeof(reply.message), "%s", size_texts[i].message);
		for (size_t n = 0; n < 3; n++) {
			a.status = statuses_of_rows[n];
			if (classify(&a).verdict !=
			    (size_texts[i].of_size ? VERDICT_SPLIT : VERDICT_ISOLATE))
				fail_msg("'%s' with %d", size_texts[i].message, a.status);
		}
		a.status = 401;
		assert_int_equal(classify(&a).verdict, VERDICT_STOP);
		a.status = 503;
		assert_int_equal(classify(&a).verdict, VERDICT_RETRY);
		a.status = 413;
		assert_int_equal(classify(&a).verdict, VERDICT_SPLIT);
	}
}

static void conflicts_pass_three_times(void **state)
{
	static const struct reply empty = {.success = -1, .accepted = -1};
	struct answer a = {.status = 409, .sent_rows = 1, .reply = &empty};

	(void)state;
	for (a.attempts = 1; a.attempts <= 3; a.attempts++) {
		assert_int_equal(classify(&a).verdict, VERDICT_RETRY);
		assert_int_equal(classify(&a).class, ERR_TEMPORARY);
		assert_int_equal(classify(&a).overload, 0);
	}
	assert_int_equal(classify(&a).verdict, VERDICT_ISOLATE);
}

/* ---- Replies ---- */

struct reply_case {
	const char *body;
	int is_json;
	enum verdict verdict;
	int odd;
};

/* All for a batch of 2 rows, status 200. */
static const struct reply_case replies[] = {
    {"{\"success\":true,\"accepted\":2,\"successful_rows\":2,\"rejected_rows\":0}", 1,
     VERDICT_DELIVERED, 0},
    {"{\"success\":true,\"accepted\":2}", 1, VERDICT_DELIVERED, 0},
    {"{\"success\":true,\"successful_rows\":2}", 1, VERDICT_DELIVERED, 0},
    {"{\"success\":true,\"accepted\":2,\"errors\":[]}", 1, VERDICT_DELIVERED, 0},
    {"{\"success\":true,\"accepted\":2}", 0, VERDICT_RETRY, 1},
    {"{\"success\":true}", 1, VERDICT_RETRY, 1},
    {"{\"success\":true,\"accepted\":1}", 1, VERDICT_RETRY, 1},
    {"{\"success\":true,\"accepted\":3}", 1, VERDICT_RETRY, 1},
    {"{\"success\":true,\"accepted\":\"2\"}", 1, VERDICT_RETRY, 1},
    {"{\"success\":true,\"accepted\":2.0}", 1, VERDICT_RETRY, 1},
    {"{\"success\":true,\"accepted\":-2}", 1, VERDICT_RETRY, 1},
    {"{\"success\":true,\"accepted\":2,\"successful_rows\":1}", 1, VERDICT_RETRY, 1},
    {"{\"success\":true,\"accepted\":2,\"rejected_rows\":7}", 1, VERDICT_RETRY, 1},
    {"{\"success\":\"true\",\"accepted\":2}", 1, VERDICT_RETRY, 1},
    {"{\"success\":1,\"accepted\":2}", 1, VERDICT_RETRY, 1},
    {"{\"accepted\":2}", 1, VERDICT_RETRY, 1},
    {"{\"success\":true,\"success\":true,\"accepted\":2}", 1, VERDICT_RETRY, 1},
    {"{\"success\":true,\"accepted\":2", 1, VERDICT_RETRY, 1},
    {"{\"success\":true,\"accepted\":2}x", 1, VERDICT_RETRY, 1},
    {"[]", 1, VERDICT_RETRY, 1},
    {"{}", 1, VERDICT_RETRY, 1},
    {"2", 1, VERDICT_RETRY, 1},
    {"", 1, VERDICT_RETRY, 1},
    {"<html>Log in</html>", 0, VERDICT_RETRY, 1},
    {"<html>Log in</html>", 1, VERDICT_RETRY, 1},
    {"{\"success\":false,\"errors\":[\"no\"]}", 1, VERDICT_ISOLATE, 0},
    {"{\"success\":false,\"accepted\":2}", 1, VERDICT_ISOLATE, 0},
    {"{\"success\":true,\"accepted\":1,\"rejected_rows\":1}", 1, VERDICT_PARTIAL, 0},
    {"{\"success\":true,\"accepted\":0,\"rejected_rows\":2}", 1, VERDICT_PARTIAL, 0},
    {"{\"success\":true,\"successful_rows\":1,\"rejected_rows\":1}", 1, VERDICT_PARTIAL, 0},
    {"{\"success\":true,\"accepted\":1,\"successful_rows\":1,\"rejected_rows\":1}", 1,
     VERDICT_PARTIAL, 0},
    /* accepted may be what was read. */
    {"{\"success\":true,\"accepted\":2,\"successful_rows\":1,\"rejected_rows\":1}", 1,
     VERDICT_PARTIAL, 0},
    /* Some row is neither written nor rejected, or both. */
    {"{\"success\":true,\"rejected_rows\":1}", 1, VERDICT_RETRY, 1},
    {"{\"success\":true,\"accepted\":0,\"rejected_rows\":1}", 1, VERDICT_RETRY, 1},
    {"{\"success\":true,\"accepted\":2,\"rejected_rows\":1}", 1, VERDICT_RETRY, 1},
    {"{\"success\":true,\"accepted\":1,\"successful_rows\":0,\"rejected_rows\":1}", 1,
     VERDICT_RETRY, 1},
    {"{\"success\":true,\"accepted\":2,\"successful_rows\":2,\"rejected_rows\":1}", 1,
     VERDICT_RETRY, 1},
    {"{\"success\":true,\"accepted\":-1,\"rejected_rows\":3}", 1, VERDICT_RETRY, 1},
    {"{\"success\":true,\"accepted\":1,\"rejected_rows\":-1}", 1, VERDICT_RETRY, 1},
    {"{\"success\":true,\"accepted\":1,\"rejected_rows\":\"1\"}", 1, VERDICT_RETRY, 1},
    {"{\"success\":true,\"accepted\":18446744073709551618}", 1, VERDICT_RETRY, 1},
    {"{\"success\":null,\"accepted\":2}", 1, VERDICT_RETRY, 1},
    {"{\"success\":false,\"accepted\":0,\"rejected_rows\":2}", 1, VERDICT_ISOLATE, 0},
    {"{\"success\":false}", 0, VERDICT_RETRY, 1},
    {"{\"success\":true,\"accepted\":2,\"errors\":[\"a word\"],\"warnings\":[1]}", 1,
     VERDICT_DELIVERED, 0},
    {"null", 1, VERDICT_RETRY, 1},
    {"\"success\"", 1, VERDICT_RETRY, 1},
};

static struct ruling classify_body(const char *body, int is_json, unsigned odd_before, int status)
{
	struct reply reply;
	struct answer a = {
	    .status = status,
	    .sent_rows = 2,
	    .is_json = is_json,
	    .odd_in_a_row = odd_before,
	    .reply = &reply,
	};

	reply_parse(body, strlen(body), &reply);
	return classify(&a);
}

static void replies_of_success(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(replies) / sizeof(replies[0]); i++) {
		const struct reply_case *c = &replies[i];

		for (int status = 200; status <= 299; status += 3) {
			struct ruling r = classify_body(c->body, c->is_json, 0, status);

			assert_int_equal(r.overload, 0);
			if (r.verdict != c->verdict || r.odd != c->odd)
				fail_msg("'%s' with %d: %s, odd %d", c->body, status,
					 verdict_name(r.verdict), r.odd);
		}
	}
}

static void three_odd_answers_stop(void **state)
{
	static const struct reply empty = {.success = -1};
	struct answer a = {.curl_code = CURLE_WEIRD_SERVER_REPLY, .sent_rows = 1, .reply = &empty};
	struct ruling r;

	(void)state;
	for (a.odd_in_a_row = 0; a.odd_in_a_row < 2; a.odd_in_a_row++)
		assert_int_equal(classify(&a).verdict, VERDICT_RETRY);
	assert_int_equal(classify(&a).verdict, VERDICT_STOP);
	assert_int_equal(classify_body("<html>", 0, 0, 200).verdict, VERDICT_RETRY);
	assert_int_equal(classify_body("<html>", 0, 1, 200).verdict, VERDICT_RETRY);
	r = classify_body("<html>", 0, 2, 200);
	assert_int_equal(r.verdict, VERDICT_STOP);
	assert_int_equal(r.class, ERR_API);
}

static void verdicts_have_names(void **state)
{
	static const char *const names[] = {"delivered", "retry",   "split",
					    "isolate",	 "partial", "stop"};

	(void)state;
	for (int v = VERDICT_DELIVERED; v <= VERDICT_STOP; v++)
		assert_string_equal(verdict_name((enum verdict)v), names[v]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(transport_results),	  cmocka_unit_test(every_status),
	    cmocka_unit_test(conflicts_pass_three_times), cmocka_unit_test(replies_of_success),
	    cmocka_unit_test(three_odd_answers_stop),	  cmocka_unit_test(words_of_size),
	    cmocka_unit_test(verdicts_have_names),
	};

	return cmocka_run_group_tests_name("push-classify", tests, NULL, NULL);
}
