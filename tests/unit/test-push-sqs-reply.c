/* SPDX-License-Identifier: MIT */
/* One row a case: what an answer of SQS means. */

#include "push/sqs-reply.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <curl/curl.h>
#include <stdio.h>
#include <string.h>

#define COUNT_OF(a) (sizeof(a) / sizeof((a)[0]))
#define MD5 "0123456789abcdef0123456789abcdef"
#define SENT "{\"MessageId\":\"m-1\",\"MD5OfMessageBody\":\"" MD5 "\"}"
#define ERROR_OF(type) "{\"__type\":\"com.amazonaws.sqs#" type "\",\"message\":\"words\"}"

static struct sqs_ruling ruling_of(int curl_code, int status, const char *body, unsigned odd)
{
	struct sqs_reply reply;
	struct sqs_answer a = {
	    .curl_code = curl_code,
	    .status = status,
	    .md5 = MD5,
	    .odd_in_a_row = odd,
	    .reply = &reply,
	};

	sqs_reply_parse(body, strlen(body), &reply);
	return sqs_classify(&a);
}

static void assert_ruling(const char *what, struct sqs_ruling r, enum sqs_outcome outcome, int odd,
			  const char *words)
{
	if (r.outcome != outcome || r.odd != odd || strstr(r.what, words) == NULL)
		fail_msg("%s: outcome %d, odd %d, '%s'", what, (int)r.outcome, r.odd, r.what);
	if (outcome == SQS_SENT)
		assert_int_equal(r.class, ERR_NONE);
	else
		assert_int_equal(r.class, outcome == SQS_TRANSIENT ? ERR_TEMPORARY : ERR_API);
	if (outcome == SQS_REFUSED || outcome == SQS_EXPIRED)
		assert_non_null(r.todo);
}

struct transport_case {
	int code;
	enum sqs_outcome outcome;
	int odd;
};

static const struct transport_case transports[] = {
    {CURLE_URL_MALFORMAT, SQS_REFUSED, 0},
    {CURLE_COULDNT_RESOLVE_PROXY, SQS_TRANSIENT, 0},
    {CURLE_COULDNT_RESOLVE_HOST, SQS_TRANSIENT, 0},
    {CURLE_COULDNT_CONNECT, SQS_TRANSIENT, 0},
    {CURLE_OPERATION_TIMEDOUT, SQS_TRANSIENT, 0},
    {CURLE_SSL_CONNECT_ERROR, SQS_TRANSIENT, 0},
    {CURLE_SEND_ERROR, SQS_TRANSIENT, 0},
    {CURLE_RECV_ERROR, SQS_TRANSIENT, 0},
    {CURLE_GOT_NOTHING, SQS_TRANSIENT, 0},
    {CURLE_PARTIAL_FILE, SQS_TRANSIENT, 0},
    {CURLE_PEER_FAILED_VERIFICATION, SQS_REFUSED, 0},
    {CURLE_SSL_CACERT_BADFILE, SQS_REFUSED, 0},
    {CURLE_SSL_ISSUER_ERROR, SQS_REFUSED, 0},
    {CURLE_SSL_INVALIDCERTSTATUS, SQS_REFUSED, 0},
    {CURLE_WRITE_ERROR, SQS_TRANSIENT, 1},
    {CURLE_UNSUPPORTED_PROTOCOL, SQS_TRANSIENT, 1},
    {CURLE_WEIRD_SERVER_REPLY, SQS_TRANSIENT, 1},
};

static void transport_results(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT_OF(transports); i++) {
		const struct transport_case *c = &transports[i];
		char what[32];

		(void)snprintf(what, sizeof(what), "curl %d", c->code);
		/* Whatever else there is, a broken transfer confirms nothing. */
		assert_ruling(what, ruling_of(c->code, 200, SENT, 0), c->outcome, c->odd, "");
	}
	assert_int_equal(ruling_of(CURLE_OUT_OF_MEMORY, 0, "", 0).class, ERR_NOMEM);
}

struct success_case {
	int status;
	const char *body;
	enum sqs_outcome outcome;
	const char *words;
};

static const struct success_case successes[] = {
    {200, SENT, SQS_SENT, "sent"},
    {200, "{\"MessageId\":\"m\",\"MD5OfMessageBody\":\"0123456789ABCDEF0123456789ABCDEF\"}",
     SQS_SENT, "sent"},
    {200, "", SQS_TRANSIENT, "not a JSON object"},
    {200, "<?xml version=\"1.0\"?><ListAllMyBucketsResult/>", SQS_TRANSIENT, "not a JSON object"},
    {200, "[" SENT "]", SQS_TRANSIENT, "not a JSON object"},
    {200, SENT " ", SQS_SENT, "sent"},
    {200, SENT "x", SQS_TRANSIENT, "not a JSON object"},
    {200, "{\"MD5OfMessageBody\":\"" MD5 "\"}", SQS_TRANSIENT, "MessageId"},
    {200, "{\"MessageId\":\"\",\"MD5OfMessageBody\":\"" MD5 "\"}", SQS_TRANSIENT, "MessageId"},
    {200, "{\"MessageId\":7,\"MD5OfMessageBody\":\"" MD5 "\"}", SQS_TRANSIENT, "MessageId"},
    {200, "{\"MessageId\":\"m\"}", SQS_TRANSIENT, "MD5"},
    {200, "{\"MessageId\":\"m\",\"MD5OfMessageBody\":\"1123456789abcdef0123456789abcdef\"}",
     SQS_TRANSIENT, "MD5"},
    {200, "{\"MessageId\":\"m\",\"MD5OfMessageBody\":\"" MD5 "0\"}", SQS_TRANSIENT, "MD5"},
    {200, "{\"MessageId\":\"m\",\"MessageId\":\"m\",\"MD5OfMessageBody\":\"" MD5 "\"}",
     SQS_TRANSIENT, "not a JSON object"},
    {201, SENT, SQS_TRANSIENT, "status"},
    {202, SENT, SQS_TRANSIENT, "status"},
    {204, "", SQS_TRANSIENT, "status"},
};

static void confirmations(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT_OF(successes); i++) {
		const struct success_case *c = &successes[i];

		assert_ruling(c->body, ruling_of(0, c->status, c->body, 0), c->outcome,
			      c->outcome != SQS_SENT, c->words);
	}
	assert_ruling("second", ruling_of(0, 200, "", 1), SQS_TRANSIENT, 1, "");
	assert_ruling("third", ruling_of(0, 200, "", 2), SQS_REFUSED, 1, "does not speak");
	assert_ruling("at last", ruling_of(0, 200, SENT, 2), SQS_SENT, 0, "");
}

struct error_case {
	int status;
	const char *body;
	enum sqs_outcome outcome;
	const char *words;
};

static const struct error_case errors[] = {
    {400, ERROR_OF("RequestThrottled"), SQS_TRANSIENT, "slow down"},
    {400, ERROR_OF("ThrottlingException"), SQS_TRANSIENT, "slow down"},
    {403, ERROR_OF("Throttling"), SQS_TRANSIENT, "slow down"},
    {400, ERROR_OF("OverLimit"), SQS_TRANSIENT, "slow down"},
    {400, ERROR_OF("KmsThrottled"), SQS_TRANSIENT, "slow down"},
    {400, "{\"__type\":\"RequestThrottled\"}", SQS_TRANSIENT, "slow down"},
    {400, ERROR_OF("ServiceUnavailable"), SQS_TRANSIENT, "internal"},
    {400, ERROR_OF("ExpiredTokenException"), SQS_EXPIRED, "expired"},
    {403, ERROR_OF("ExpiredToken"), SQS_EXPIRED, "expired"},
    {403, ERROR_OF("AccessDenied"), SQS_REFUSED, "may not send"},
    {400, ERROR_OF("AccessDeniedException"), SQS_REFUSED, "may not send"},
    {403, ERROR_OF("InvalidClientTokenId"), SQS_REFUSED, "credentials are refused"},
    {400, ERROR_OF("UnrecognizedClientException"), SQS_REFUSED, "credentials are refused"},
    {400, ERROR_OF("QueueDoesNotExist"), SQS_REFUSED, "queue does not exist"},
    {400, ERROR_OF("AWS.SimpleQueueService.NonExistentQueue"), SQS_REFUSED, "queue does not exist"},
    {400, ERROR_OF("KmsAccessDenied"), SQS_REFUSED, "KMS"},
    {400, ERROR_OF("InvalidMessageContents"), SQS_REFUSED, "refuses the message"},
    {400, ERROR_OF("InvalidParameterValue"), SQS_REFUSED, "refuses the message"},
    {403, ERROR_OF("RequestExpired"), SQS_REFUSED, "time is refused"},
    {403, ERROR_OF("RequestTimeTooSkewed"), SQS_REFUSED, "time is refused"},
    {403, ERROR_OF("SignatureDoesNotMatch"), SQS_REFUSED, "signature is refused"},
    {403,
     "{\"__type\":\"x#SignatureDoesNotMatch\",\"message\":\"Signature expired: 20200101T is now "
     "earlier than 20200102T\"}",
     SQS_REFUSED, "time is refused"},
    {400, "{\"__type\":\"InvalidSignatureException\",\"Message\":\"Signature not yet current: 1\"}",
     SQS_REFUSED, "time is refused"},
    {400, "", SQS_REFUSED, "refuses the message"},
    {401, "", SQS_REFUSED, "credentials are refused"},
    {403, "<html>", SQS_REFUSED, "may not send"},
    {404, "", SQS_REFUSED, "does not know SQS"},
    {407, "", SQS_REFUSED, "proxy"},
    {408, "", SQS_TRANSIENT, ""},
    {413, "", SQS_REFUSED, "refuses the message"},
    {425, "", SQS_TRANSIENT, ""},
    {429, "", SQS_TRANSIENT, "slow down"},
    {301, "", SQS_REFUSED, "redirect"},
    {307, SENT, SQS_REFUSED, "redirect"},
    {500, SENT, SQS_TRANSIENT, "internal"},
    {500, "", SQS_TRANSIENT, "internal"},
    {501, "", SQS_REFUSED, ""},
    {502, "<html>", SQS_TRANSIENT, "internal"},
    {503, ERROR_OF("ServiceUnavailable"), SQS_TRANSIENT, "internal"},
    {504, "", SQS_TRANSIENT, "internal"},
    {505, "", SQS_REFUSED, ""},
    {100, "", SQS_REFUSED, "not one of HTTP"},
    {0, SENT, SQS_REFUSED, "not one of HTTP"},
    {700, SENT, SQS_REFUSED, "not one of HTTP"},
};

static void refusals(void **state)
{
	char what[300];

	(void)state;
	for (size_t i = 0; i < COUNT_OF(errors); i++) {
		const struct error_case *c = &errors[i];

		(void)snprintf(what, sizeof(what), "%d %s", c->status, c->body);
		assert_ruling(what, ruling_of(0, c->status, c->body, 0), c->outcome, 0, c->words);
	}
}

static void hostile_texts(void **state)
{
	char body[8192] = "{\"__type\":\"a#b#AccessDenied\",\"message\":\"\\u001b[31mred\\n";
	size_t n = strlen(body);
	struct sqs_reply r;

	(void)state;
	memset(body + n, 'x', 4000);
	(void)snprintf(body + n + 4000, sizeof(body) - n - 4000, "\"}");
	sqs_reply_parse(body, strlen(body), &r);
	assert_string_equal(r.type, "AccessDenied");
	assert_true(strlen(r.message) < sizeof(r.message));
	assert_null(strchr(r.message, 0x1b));
	assert_null(strchr(r.message, '\n'));
	sqs_reply_parse("{\"__type\":{},\"message\":[]}", 26, &r);
	assert_true(r.parsed);
	assert_string_equal(r.type, "");
	sqs_reply_parse("\0\xff\x1b", 3, &r);
	assert_false(r.parsed);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(transport_results),
	    cmocka_unit_test(confirmations),
	    cmocka_unit_test(refusals),
	    cmocka_unit_test(hostile_texts),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
