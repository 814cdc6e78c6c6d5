/* SPDX-License-Identifier: MIT */
/* One row a case: transport results, statuses and replies, and the verdict that each gets. */

#include "push/classify.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <curl/curl.h>
#include <string.h>

/* ---- Transport ---- */

struct transport_case {
	int code;
	enum verdict verdict;
	int odd;
};

static const struct transport_case transports[] = {
    {CURLE_URL_MALFORMAT, VERDICT_STOP, 0},
    {CURLE_COULDNT_RESOLVE_PROXY, VERDICT_RETRY, 0},
    {CURLE_COULDNT_RESOLVE_HOST, VERDICT_RETRY, 0},
    {CURLE_COULDNT_CONNECT, VERDICT_RETRY, 0},
    {CURLE_OPERATION_TIMEDOUT, VERDICT_RETRY, 0},
    {CURLE_SSL_CONNECT_ERROR, VERDICT_RETRY, 0},
    {CURLE_SEND_ERROR, VERDICT_RETRY, 0},
    {CURLE_RECV_ERROR, VERDICT_RETRY, 0},
    {CURLE_GOT_NOTHING, VERDICT_RETRY, 0},
    {CURLE_PARTIAL_FILE, VERDICT_RETRY, 0},
    {CURLE_SSL_SHUTDOWN_FAILED, VERDICT_RETRY, 0},
    {CURLE_PEER_FAILED_VERIFICATION, VERDICT_STOP, 0},
    {CURLE_SSL_CACERT_BADFILE, VERDICT_STOP, 0},
    {CURLE_SSL_ISSUER_ERROR, VERDICT_STOP, 0},
    {CURLE_SSL_CERTPROBLEM, VERDICT_STOP, 0},
    {CURLE_SSL_PINNEDPUBKEYNOTMATCH, VERDICT_STOP, 0},
    {CURLE_SSL_INVALIDCERTSTATUS, VERDICT_STOP, 0},
    {CURLE_WRITE_ERROR, VERDICT_RETRY, 1},
    {CURLE_UNSUPPORTED_PROTOCOL, VERDICT_RETRY, 1},
    {CURLE_WEIRD_SERVER_REPLY, VERDICT_RETRY, 1},
    {CURLE_BAD_CONTENT_ENCODING, VERDICT_RETRY, 1},
    {CURLE_OUT_OF_MEMORY, VERDICT_STOP, 0},
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
		if (r.verdict == VERDICT_RETRY)
			assert_int_equal(r.class, ERR_TEMPORARY);
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
			if (r.verdict == VERDICT_STOP)
				assert_int_equal(r.class, ERR_API);
		}
	}
}

static void conflicts_pass_three_times(void **state)
{
	static const struct reply empty = {.success = -1, .accepted = -1};
	struct answer a = {.status = 409, .sent_rows = 1, .reply = &empty};

	(void)state;
	for (a.attempts = 1; a.attempts <= 3; a.attempts++)
		assert_int_equal(classify(&a).verdict, VERDICT_RETRY);
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

			if (r.verdict != c->verdict || r.odd != c->odd)
				fail_msg("'%s' with %d: %s, odd %d", c->body, status,
					 verdict_name(r.verdict), r.odd);
		}
	}
}

static void three_odd_answers_stop(void **state)
{
	struct ruling r;

	(void)state;
	assert_int_equal(classify_body("<html>", 0, 0, 200).verdict, VERDICT_RETRY);
	assert_int_equal(classify_body("<html>", 0, 1, 200).verdict, VERDICT_RETRY);
	r = classify_body("<html>", 0, 2, 200);
	assert_int_equal(r.verdict, VERDICT_STOP);
	assert_int_equal(r.class, ERR_API);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(transport_results),	  cmocka_unit_test(every_status),
	    cmocka_unit_test(conflicts_pass_three_times), cmocka_unit_test(replies_of_success),
	    cmocka_unit_test(three_odd_answers_stop),
	};

	return cmocka_run_group_tests_name("push-classify", tests, NULL, NULL);
}
