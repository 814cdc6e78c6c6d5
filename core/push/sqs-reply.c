/* SPDX-License-Identifier: MIT */
/* What one answer of SQS means: tables of curl results, types of errors, statuses. */

#define _GNU_SOURCE /* strcasestr */
#include "push/sqs-reply.h"

#include <curl/curl.h>
#include <jansson.h>
#include <string.h>
#include <strings.h>

#include "push/reply.h"

/* Odd 200 in a row after which the address is taken to be a wrong one. */
#define ODD_MAX 3

#define CHECK_CLOCK "set this machine's clock, then run again"
#define CHECK_KEYS "check the AWS credentials"

/* ---- Reading ---- */

static void take(const json_t *root, const char *name, char *out, size_t size)
{
	const char *s = json_string_value(json_object_get(root, name));

	if (s != NULL && out[0] == '\0')
		reply_sanitise(s, strlen(s), out, size);
}

/* "com.amazonaws.sqs#QueueDoesNotExist" */
static void strip_name_space(char *type)
{
	const char *hash = strrchr(type, '#');

	if (hash != NULL)
		memmove(type, hash + 1, strlen(hash + 1) + 1);
}

void sqs_reply_parse(const char *body, size_t len, struct sqs_reply *ret)
{
	json_t *root = len > 0 ? json_loadb(body, len, JSON_REJECT_DUPLICATES, NULL) : NULL;

	*ret = (struct sqs_reply){0};
	if (json_is_object(root)) {
		ret->parsed = 1;
		take(root, "MessageId", ret->message_id, sizeof(ret->message_id));
		take(root, "MD5OfMessageBody", ret->md5, sizeof(ret->md5));
		take(root, "__type", ret->type, sizeof(ret->type));
		take(root, "message", ret->message, sizeof(ret->message));
		take(root, "Message", ret->message, sizeof(ret->message));
		strip_name_space(ret->type);
	} else if (len > 0) {
		reply_sanitise(body, len, ret->message, sizeof(ret->message));
	}
	json_decref(root);
}

/* ---- Tables ---- */

struct curl_row {
	int code;
	enum sqs_outcome outcome;
	int odd;
	const char *what;
	const char *todo;
};

/* What is not listed is a transport error that passes. */
static const struct curl_row curl_rows[] = {
    {CURLE_URL_MALFORMAT, SQS_REFUSED, 0, "the address is malformed", "check dlq.sqs_url"},
    {CURLE_PEER_FAILED_VERIFICATION, SQS_REFUSED, 0, "the server's TLS certificate is not trusted",
     "check dlq.sqs_url, or name the authority's certificate in AWS_CA_BUNDLE"},
    {CURLE_SSL_CACERT_BADFILE, SQS_REFUSED, 0, "the CA file cannot be used", "check AWS_CA_BUNDLE"},
    {CURLE_SSL_ISSUER_ERROR, SQS_REFUSED, 0, "the server's TLS certificate has a wrong issuer",
     "check AWS_CA_BUNDLE"},
    {CURLE_SSL_INVALIDCERTSTATUS, SQS_REFUSED, 0, "the server's TLS certificate is revoked",
     "check dlq.sqs_url"},
    {CURLE_WRITE_ERROR, SQS_TRANSIENT, 1, "the reply is too large", NULL},
    {CURLE_UNSUPPORTED_PROTOCOL, SQS_TRANSIENT, 1, "the reply is not HTTP/1", NULL},
    {CURLE_WEIRD_SERVER_REPLY, SQS_TRANSIENT, 1, "the reply is not HTTP/1", NULL},
    {CURLE_COULDNT_RESOLVE_HOST, SQS_TRANSIENT, 0, "the host name cannot be resolved", NULL},
    {CURLE_COULDNT_RESOLVE_PROXY, SQS_TRANSIENT, 0, "the proxy's name cannot be resolved", NULL},
    {CURLE_COULDNT_CONNECT, SQS_TRANSIENT, 0, "the connection is refused", NULL},
    {CURLE_OPERATION_TIMEDOUT, SQS_TRANSIENT, 0, "SQS did not answer in time", NULL},
    {CURLE_SSL_CONNECT_ERROR, SQS_TRANSIENT, 0, "the TLS handshake failed", NULL},
};

struct type_row {
	const char *type;
	enum sqs_outcome outcome;
	const char *what;
	const char *todo;
};

#define THROTTLED SQS_TRANSIENT, "SQS asks to slow down", NULL
#define DENIED                                                                                     \
	SQS_REFUSED, "the credentials may not send to the queue",                                  \
	    "grant sqs:SendMessage on the queue to them"
#define UNKNOWN_KEY SQS_REFUSED, "the credentials are refused", CHECK_KEYS
#define EXPIRED SQS_EXPIRED, "the credentials have expired", "renew the AWS credentials"
#define NO_QUEUE SQS_REFUSED, "the queue does not exist", "check dlq.sqs_url and dlq.sqs_region"
#define SKEWED SQS_REFUSED, "the request's time is refused", CHECK_CLOCK
#define KMS                                                                                        \
	SQS_REFUSED, "the queue's KMS key cannot be used",                                         \
	    "grant kms:GenerateDataKey and kms:Decrypt on the key to the credentials"

/* Types are told by their names, whatever the status. */
static const struct type_row type_rows[] = {
    {"Throttling", THROTTLED},
    {"ThrottlingException", THROTTLED},
    {"ThrottledException", THROTTLED},
    {"RequestThrottled", THROTTLED},
    {"RequestThrottledException", THROTTLED},
    {"RequestLimitExceeded", THROTTLED},
    {"TooManyRequestsException", THROTTLED},
    {"OverLimit", THROTTLED},
    {"SlowDown", THROTTLED},
    {"KmsThrottled", THROTTLED},
    {"InternalFailure", SQS_TRANSIENT, "SQS has an internal error", NULL},
    {"InternalError", SQS_TRANSIENT, "SQS has an internal error", NULL},
    {"ServiceUnavailable", SQS_TRANSIENT, "SQS has an internal error", NULL},
    {"ExpiredToken", EXPIRED},
    {"ExpiredTokenException", EXPIRED},
    {"AccessDenied", DENIED},
    {"AccessDeniedException", DENIED},
    {"InvalidClientTokenId", UNKNOWN_KEY},
    {"InvalidAccessKeyId", UNKNOWN_KEY},
    {"UnrecognizedClientException", UNKNOWN_KEY},
    {"MissingAuthenticationToken", UNKNOWN_KEY},
    {"MissingAuthenticationTokenException", UNKNOWN_KEY},
    {"IncompleteSignature", UNKNOWN_KEY},
    {"IncompleteSignatureException", UNKNOWN_KEY},
    {"InvalidSecurity", UNKNOWN_KEY},
    {"NotAuthorized", UNKNOWN_KEY},
    {"OptInRequired", UNKNOWN_KEY},
    {"QueueDoesNotExist", NO_QUEUE},
    {"NonExistentQueue", NO_QUEUE},
    {"AWS.SimpleQueueService.NonExistentQueue", NO_QUEUE},
    {"InvalidAddress", NO_QUEUE},
    {"RequestExpired", SKEWED},
    {"RequestTimeTooSkewed", SKEWED},
    {"RequestInTheFuture", SKEWED},
    {"KmsAccessDenied", KMS},
    {"KmsDisabled", KMS},
    {"KmsInvalidState", KMS},
    {"KmsInvalidKeyUsage", KMS},
    {"KmsNotFound", KMS},
    {"KmsOptInRequired", KMS},
};

struct status_row {
	int first, last;
	enum sqs_outcome outcome;
	const char *what;
	const char *todo;
};

/* First match. */
static const struct status_row status_rows[] = {
    {401, 401, UNKNOWN_KEY},
    {403, 403, DENIED},
    {404, 404, SQS_REFUSED, "the address does not know SQS", "check dlq.sqs_url"},
    {407, 407, SQS_REFUSED, "the proxy asks for a log-in", "check api.proxy"},
    {408, 408, SQS_TRANSIENT, "SQS did not get the request in time", NULL},
    {425, 425, SQS_TRANSIENT, "SQS asks to try later", NULL},
    {429, 429, THROTTLED},
    {501, 501, SQS_REFUSED, "SQS does not support this request", "check dlq.sqs_url"},
    {505, 505, SQS_REFUSED, "SQS does not support HTTP/1.1", "check dlq.sqs_url"},
    {500, 599, SQS_TRANSIENT, "SQS has an internal error", NULL},
    {300, 399, SQS_REFUSED, "the address answers with a redirect", "check dlq.sqs_url"},
    {400, 499, SQS_REFUSED, "SQS refuses the message", "mend what it says, then run again"},
};

/* ---- Ruling ---- */

static struct sqs_ruling rule(enum sqs_outcome outcome, int odd, const char *what, const char *todo)
{
	return (struct sqs_ruling){
	    .outcome = outcome,
	    .class = outcome == SQS_TRANSIENT ? ERR_TEMPORARY : ERR_API,
	    .odd = odd,
	    .what = what,
	    .todo = todo,
	};
}

static struct sqs_ruling rule_odd(const struct sqs_answer *a, const char *what)
{
	if (a->odd_in_a_row + 1 >= ODD_MAX)
		return rule(SQS_REFUSED, 1, "the address does not speak the protocol of SQS",
			    "check dlq.sqs_url and dlq.sqs_endpoint");
	return rule(SQS_TRANSIENT, 1, what, NULL);
}

static struct sqs_ruling classify_transport(const struct sqs_answer *a)
{
	if (a->curl_code == CURLE_OUT_OF_MEMORY)
		return (struct sqs_ruling){SQS_REFUSED, ERR_NOMEM, 0, "out of memory", NULL};
	for (size_t i = 0; i < sizeof(curl_rows) / sizeof(curl_rows[0]); i++) {
		const struct curl_row *row = &curl_rows[i];

		if (row->code != a->curl_code)
			continue;
		return row->odd ? rule_odd(a, row->what)
				: rule(row->outcome, 0, row->what, row->todo);
	}
	return rule(SQS_TRANSIENT, 0, "the connection broke", NULL);
}

static struct sqs_ruling classify_success(const struct sqs_answer *a)
{
	const struct sqs_reply *r = a->reply;

	if (!r->parsed)
		return rule_odd(a, "the reply is not a JSON object");
	if (r->message_id[0] == '\0')
		return rule_odd(a, "the reply has no MessageId");
	if (strcasecmp(r->md5, a->md5) != 0)
		return rule_odd(a, "the reply's MD5 is not that of the message");
	return (struct sqs_ruling){SQS_SENT, ERR_NONE, 0, "sent", NULL};
}

/* A signature may be wrong by its time only, which the message tells. */
static int is_about_time(const char *message)
{
	static const char *const words[] = {"expired", "not yet current", "is now earlier than",
					    "is now later than", "clock"};

	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
		if (strcasestr(message, words[i]) != NULL)
			return 1;
	}
	return 0;
}

static int is_signature(const char *type)
{
	return strcasecmp(type, "SignatureDoesNotMatch") == 0 ||
	       strcasecmp(type, "InvalidSignatureException") == 0;
}

/* 1 when the type of the error is known. */
static int classify_type(const struct sqs_reply *r, struct sqs_ruling *ret)
{
	if (is_signature(r->type)) {
		*ret = is_about_time(r->message)
			   ? rule(SQS_REFUSED, 0, "the request's time is refused", CHECK_CLOCK)
			   : rule(SQS_REFUSED, 0, "the signature is refused",
				  "check the secret access key and dlq.sqs_region");
		return 1;
	}
	for (size_t i = 0; i < sizeof(type_rows) / sizeof(type_rows[0]); i++) {
		const struct type_row *row = &type_rows[i];

		if (strcasecmp(row->type, r->type) == 0) {
			*ret = rule(row->outcome, 0, row->what, row->todo);
			return 1;
		}
	}
	return 0;
}

struct sqs_ruling sqs_classify(const struct sqs_answer *a)
{
	struct sqs_ruling ruling;

	if (a->curl_code != 0)
		return classify_transport(a);
	if (a->status == 200)
		return classify_success(a);
	if (a->status > 200 && a->status <= 299)
		return rule_odd(a, "the status is not that of a confirmation");
	if (classify_type(a->reply, &ruling))
		return ruling;
	for (size_t i = 0; i < sizeof(status_rows) / sizeof(status_rows[0]); i++) {
		const struct status_row *row = &status_rows[i];

		if (a->status >= row->first && a->status <= row->last)
			return rule(row->outcome, 0, row->what, row->todo);
	}
	return rule(SQS_REFUSED, 0, "the status of the reply is not one of HTTP",
		    "check dlq.sqs_url");
}
