/* SPDX-License-Identifier: MIT */
/* What one answer means: tables of curl results and HTTP statuses. */

#include "push/classify.h"

#include <curl/curl.h>
#include <strings.h>
#include <string.h>

/* Odd 2xx answers in a row after which the URL is taken to be a wrong one. */
#define ODD_MAX 3
/*
 * Some APIs say 400 or 422 to what is too large.  Words of their messages, lower
 * case: a wrong guess costs requests, since halves come to the same end.
 */
static const char *const size_words[] = {
    "too large",  "too big",	       "too many rows",	      "too many records",
    "body size",  "payload size",      "request size",	      "maximum size",
    "size limit", "exceeds the limit", "exceeds the maximum",
};

/* 409 may be a write conflict in the API's store, which passes. */
#define CONFLICT_RETRIES 3

struct curl_row {
	int code;
	enum verdict verdict;
	int odd;
	const char *what;
	const char *todo;
};

/* What is not listed is a transport error that passes. */
static const struct curl_row curl_rows[] = {
    {CURLE_URL_MALFORMAT, VERDICT_STOP, 0, "the URL is malformed", "check api.url"},
    {CURLE_PEER_FAILED_VERIFICATION, VERDICT_STOP, 0, "the server's TLS certificate is not trusted",
     "check api.url, or name the authority's certificate in api.ca_file"},
    {CURLE_SSL_CACERT_BADFILE, VERDICT_STOP, 0, "the CA file cannot be used", "check api.ca_file"},
    {CURLE_SSL_ISSUER_ERROR, VERDICT_STOP, 0, "the server's TLS certificate has a wrong issuer",
     "check api.ca_file"},
    {CURLE_SSL_PINNEDPUBKEYNOTMATCH, VERDICT_STOP, 0,
     "the server's public key is not the pinned one", "check api.pinned_key"},
    {CURLE_SSL_CERTPROBLEM, VERDICT_STOP, 0, "the client certificate cannot be used",
     "check api.client_cert and api.client_key"},
    {CURLE_SSL_CLIENTCERT, VERDICT_STOP, 0, "the server wants another client certificate",
     "check api.client_cert and api.client_key"},
    {CURLE_LOGIN_DENIED, VERDICT_STOP, 0, "the proxy asks for a log-in", "check api.proxy"},
    {CURLE_SSL_INVALIDCERTSTATUS, VERDICT_STOP, 0, "the server's TLS certificate is revoked",
     "check api.url"},
    {CURLE_WRITE_ERROR, VERDICT_RETRY, 1, "the reply is too large", NULL},
    {CURLE_UNSUPPORTED_PROTOCOL, VERDICT_RETRY, 1, "the reply is not HTTP/1", NULL},
    {CURLE_WEIRD_SERVER_REPLY, VERDICT_RETRY, 1, "the reply is not HTTP/1", NULL},
    {CURLE_BAD_CONTENT_ENCODING, VERDICT_RETRY, 1, "the reply has a bad encoding", NULL},
    {CURLE_COULDNT_RESOLVE_HOST, VERDICT_RETRY, 0, "the host name cannot be resolved", NULL},
    {CURLE_COULDNT_RESOLVE_PROXY, VERDICT_RETRY, 0, "the proxy's name cannot be resolved", NULL},
    {CURLE_COULDNT_CONNECT, VERDICT_RETRY, 0, "the connection is refused", NULL},
    {CURLE_OPERATION_TIMEDOUT, VERDICT_RETRY, 0, "the API did not answer in time", NULL},
    {CURLE_SSL_CONNECT_ERROR, VERDICT_RETRY, 0, "the TLS handshake failed", NULL},
};

struct status_row {
	int first, last;
	enum verdict verdict;
	const char *what;
	const char *todo;
};

/* First match; order matters where ranges overlap. */
static const struct status_row status_rows[] = {
    {401, 401, VERDICT_STOP, "the API key is refused", "check api.key or DEFINITE_API_KEY"},
    {402, 402, VERDICT_RETRY, "the API asks for payment or quota", NULL},
    {403, 403, VERDICT_STOP, "the API key has no permission for this",
     "check the key's rights and the table's name"},
    {404, 404, VERDICT_STOP, "the API does not know this address", "check api.url"},
    {405, 405, VERDICT_STOP, "the address does not take POST", "check api.url"},
    {407, 407, VERDICT_STOP, "the proxy asks for a log-in", "check api.proxy"},
    {408, 408, VERDICT_RETRY, "the API did not get the request in time", NULL},
    {413, 413, VERDICT_SPLIT, "the API finds the batch too large", "lower push.batch_bytes"},
    {400, 400, VERDICT_ISOLATE, "the API refuses the batch", NULL},
    {415, 415, VERDICT_ISOLATE, "the API refuses the batch", NULL},
    {422, 422, VERDICT_ISOLATE, "the API refuses the batch", NULL},
    {425, 425, VERDICT_RETRY, "the API asks to try later", NULL},
    {429, 429, VERDICT_RETRY, "the API asks to slow down", NULL},
    {501, 501, VERDICT_STOP, "the API does not support this request", "check api.url"},
    {505, 505, VERDICT_STOP, "the API does not support HTTP/1.1", "check api.url"},
    {500, 599, VERDICT_RETRY, "the API has an internal error", NULL},
    {300, 399, VERDICT_STOP, "the API answers with a redirect",
     "put the address that it redirects to into api.url if you trust it"},
    {400, 499, VERDICT_STOP, "the API refuses the request", "check api.url"},
};

static struct ruling rule(enum verdict verdict, int odd, const char *what, const char *todo)
{
	return (struct ruling){
	    .verdict = verdict,
	    .class = verdict == VERDICT_RETRY ? ERR_TEMPORARY : ERR_API,
	    .odd = odd,
	    .what = what,
	    .todo = todo,
	};
}

static struct ruling rule_retry(int overload, const char *what)
{
	struct ruling r = rule(VERDICT_RETRY, 0, what, NULL);

	r.overload = overload;
	return r;
}

/* A 2xx that is no acknowledgement, or a reply that no ingest API gives. */
static struct ruling rule_odd(const struct answer *a, const char *what)
{
	if (a->odd_in_a_row + 1 >= ODD_MAX)
		return rule(VERDICT_STOP, 1, "the address does not speak the ingest API",
			    "check api.url");
	return rule(VERDICT_RETRY, 1, what, NULL);
}

static struct ruling classify_transport(const struct answer *a)
{
	if (a->curl_code == CURLE_OUT_OF_MEMORY)
		return (struct ruling){
		    .verdict = VERDICT_STOP, .class = ERR_NOMEM, .what = "out of memory"};
	for (size_t i = 0; i < sizeof(curl_rows) / sizeof(curl_rows[0]); i++) {
		const struct curl_row *row = &curl_rows[i];

		if (row->code != a->curl_code)
			continue;
		if (row->odd)
			return rule_odd(a, row->what);
		if (row->verdict == VERDICT_RETRY)
			return rule_retry(1, row->what);
		return rule(row->verdict, 0, row->what, row->todo);
	}
	return rule_retry(1, "the connection broke");
}

/* Do the counts say that those arrived which were not rejected? */
static int partial_adds_up(const struct reply *r, size_t sent)
{
	int64_t n = (int64_t)sent;
	int64_t written = r->successful_rows >= 0 ? r->successful_rows : r->accepted;

	return written >= 0 && r->rejected_rows <= n && written == n - r->rejected_rows &&
	       (r->accepted < 0 || r->accepted == written || r->accepted == n);
}

/* Do the counts say that every row arrived?  At least one has to be there. */
static int counts_add_up(const struct reply *r, size_t sent)
{
	int64_t n = (int64_t)sent;

	if (r->accepted < 0 && r->successful_rows < 0)
		return 0;
	return (r->accepted < 0 || r->accepted == n) &&
	       (r->successful_rows < 0 || r->successful_rows == n);
}

static struct ruling classify_success(const struct answer *a)
{
	const struct reply *r = a->reply;

	if (!a->is_json)
		return rule_odd(a, "the reply is not JSON");
	if (!r->parsed)
		return rule_odd(a, "the reply is not a JSON object");
	if (r->success == 0)
		return rule(VERDICT_ISOLATE, 0, "the API refuses the batch", NULL);
	if (r->success < 0)
		return rule_odd(a, "the reply does not say whether it succeeded");
	if (r->rejected_rows > 0 && partial_adds_up(r, a->sent_rows))
		return rule(VERDICT_PARTIAL, 0, "the API rejects some rows", NULL);
	if (r->rejected_rows > 0 || !counts_add_up(r, a->sent_rows))
		return rule_odd(a, "the reply's counts are not those of the batch");
	return (struct ruling){
	    .verdict = VERDICT_DELIVERED, .class = ERR_NONE, .what = "delivered"};
}

static int contains(const char *text, const char *words)
{
	size_t n = strlen(words);

	for (; *text != '\0'; text++) {
		if (strncasecmp(text, words, n) == 0)
			return 1;
	}
	return 0;
}

static int speaks_of_size(const char *message)
{
	for (size_t i = 0; i < sizeof(size_words) / sizeof(size_words[0]); i++) {
		if (contains(message, size_words[i]))
			return 1;
	}
	return 0;
}

/* Does a smaller number of requests help against this status? */
static int is_overload(int status)
{
	return status == 408 || status == 429 || status >= 500;
}

static struct ruling rule_status(const struct answer *a, const struct status_row *row)
{
	if (row->verdict == VERDICT_RETRY)
		return rule_retry(is_overload(a->status), row->what);
	if (row->verdict == VERDICT_ISOLATE && speaks_of_size(a->reply->message))
		return rule(VERDICT_SPLIT, 0, "the API finds the batch too large", NULL);
	return rule(row->verdict, 0, row->what, row->todo);
}

struct ruling classify(const struct answer *a)
{
	if (a->curl_code != 0)
		return classify_transport(a);
	if (a->status >= 200 && a->status <= 299)
		return classify_success(a);
	if (a->status == 409)
		return rule(a->attempts <= CONFLICT_RETRIES ? VERDICT_RETRY : VERDICT_ISOLATE, 0,
			    "the API reports a conflict", NULL);
	for (size_t i = 0; i < sizeof(status_rows) / sizeof(status_rows[0]); i++) {
		const struct status_row *row = &status_rows[i];

		if (a->status >= row->first && a->status <= row->last)
			return rule_status(a, row);
	}
	return rule(VERDICT_STOP, 0, "the status of the reply is not one of HTTP", "check api.url");
}

const char *verdict_name(enum verdict v)
{
	static const char *const names[] = {
	    [VERDICT_DELIVERED] = "delivered", [VERDICT_RETRY] = "retry",
	    [VERDICT_SPLIT] = "split",	       [VERDICT_ISOLATE] = "isolate",
	    [VERDICT_PARTIAL] = "partial",     [VERDICT_STOP] = "stop",
	};

	return names[v];
}
