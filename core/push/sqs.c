/* SPDX-License-Identifier: MIT */
/* SendMessage: a signed POST, and what came of it. */

#include "push/sqs.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include <openssl/evp.h>

#include "base/buf.h"
#include "push/aws.h"
#include "push/exchange.h"
#include "push/http-setup.h"
#include "row/encoder.h"

#define HEX_MAX (2 * EVP_MAX_MD_SIZE + 1)
#define GROUP_MAX 128
/* What json_add_string may take room for; JSON in a string at most doubles, and stays below the 1 MiB
 * from which libcurl asks for 100-continue. */
#define REQUEST_MAX ((size_t)6 * LIMIT_SQS_BYTES + 65536)

struct sqs {
	struct aws *aws;
	struct exchange *exchange;
	char *url, *provider; /* "aws:amz:REGION:sqs" */
	int fifo;
	struct buf request, scratch;
	unsigned odd_in_a_row;
};

/* ---- Set-up ---- */

/* SCHEME://HOST[:PORT]/ of the queue's URL, curl_free'd; NULL with err. */
static char *origin_of(const char *url, struct error *err)
{
	CURLU *u = curl_url();
	char *origin = NULL;
	CURLUcode rc = CURLUE_OUT_OF_MEMORY;

	if (u != NULL)
		rc = curl_url_set(u, CURLUPART_URL, url, 0);
	if (rc == CURLUE_OK)
		rc = curl_url_set(u, CURLUPART_PATH, "/", 0);
	if (rc == CURLUE_OK)
		rc = curl_url_set(u, CURLUPART_QUERY, NULL, 0);
	if (rc == CURLUE_OK)
		rc = curl_url_set(u, CURLUPART_FRAGMENT, NULL, 0);
	if (rc == CURLUE_OK)
		rc = curl_url_get(u, CURLUPART_URL, &origin, 0);
	if (rc == CURLUE_OUT_OF_MEMORY)
		(void)error_nomem(err);
	else if (rc != CURLUE_OK)
		(void)error_set(err, ERR_CONFIG, "dlq.sqs_url: this is not a URL: '%s'", url);
	curl_url_cleanup(u);
	return rc == CURLUE_OK ? origin : NULL;
}

/* "https://HOST/ACCOUNT/NAME": a URL without a name is no queue's. */
static int check_queue_url(const char *url, struct error *err)
{
	const char *host = strstr(url, "://");
	const char *path = host != NULL ? strchr(host + 3, '/') : NULL;

	if (path != NULL && path[1] != '\0' && strpbrk(url, "?# \t\r\n") == NULL)
		return 0;
	return error_set(err, ERR_CONFIG,
			 "dlq.sqs_url: this is not the URL of a queue: '%s'; write "
			 "https://sqs.REGION.amazonaws.com/ACCOUNT/NAME",
			 url);
}

/* What is the same in each request. */
static int set_up(struct sqs *s, struct error *err)
{
	CURL *easy = exchange_easy(s->exchange);

	if (curl_easy_setopt(easy, CURLOPT_POST, 1L) == CURLE_OK &&
	    curl_easy_setopt(easy, CURLOPT_AWS_SIGV4, s->provider) == CURLE_OK)
		return 0;
	return error_set(err, ERR_INTERNAL, "sqs: libcurl cannot sign requests for AWS");
}

static int open_exchange(struct sqs *s, const struct sqs_config *c, const char *endpoint,
			 struct error *err)
{
	const struct http_config http = {
	    .url = endpoint,
	    .ca_file = aws_ca_bundle(s->aws),
	    .proxy = c->proxy,
	    .connect_timeout_ms = c->connect_timeout_ms,
	    .timeout_ms = c->timeout_ms,
	};
	struct buf provider;

	buf_init(&provider, 4096);
	if (buf_printf(&provider, "aws:amz:%s:sqs", aws_region(s->aws)) == 0)
		s->provider = buf_take(&provider);
	buf_done(&provider);
	if (s->provider == NULL)
		return error_nomem(err);
	s->exchange = exchange_create(&http, err);
	return s->exchange == NULL ? -1 : set_up(s, err);
}

static int open_parts(struct sqs *s, const struct sqs_config *c, struct error *err)
{
	const struct aws_settings aws = {
	    .region = c->region,
	    .queue_url = c->url,
	    .secrets = c->secrets,
	};
	char *origin;
	int rc = -1;

	if (check_queue_url(c->url, err) < 0)
		return -1;
	origin = c->endpoint == NULL ? origin_of(c->url, err) : NULL;
	if (c->endpoint == NULL && origin == NULL)
		return -1;
	if (http_check_url_of(c->endpoint != NULL ? "dlq.sqs_endpoint" : "dlq.sqs_url",
			      c->endpoint != NULL ? c->endpoint : origin, c->allow_http,
			      err) == 0) {
		s->aws = aws_create(&aws, err);
		if (s->aws != NULL)
			rc = open_exchange(s, c, c->endpoint != NULL ? c->endpoint : origin, err);
	}
	curl_free(origin);
	return rc;
}

struct sqs *sqs_create(const struct sqs_config *config, struct error *err)
{
	struct sqs *s = calloc(1, sizeof(*s));
	size_t n = strlen(config->url);

	if (s == NULL) {
		(void)error_nomem(err);
		return NULL;
	}
	buf_init(&s->request, REQUEST_MAX);
	buf_init(&s->scratch, 64 * 1024);
	s->fifo = n > 5 && strcmp(config->url + n - 5, ".fifo") == 0;
	s->url = strdup(config->url);
	if (s->url == NULL || open_parts(s, config, err) < 0) {
		if (s->url == NULL)
			(void)error_nomem(err);
		sqs_destroy(s);
		return NULL;
	}
	return s;
}

void sqs_destroy(struct sqs *s)
{
	if (s == NULL)
		return;
	exchange_destroy(s->exchange);
	aws_destroy(s->aws);
	if (s->scratch.data != NULL)
		explicit_bzero(s->scratch.data, s->scratch.cap); /* held the session's token */
	buf_done(&s->scratch);
	buf_done(&s->request);
	free(s->provider);
	free(s->url);
	free(s);
}

void sqs_cut(struct sqs *s)
{
	exchange_cut(s->exchange);
	aws_cut(s->aws);
}

/* ---- Digests ---- */

static void write_hex(const unsigned char *p, unsigned n, char *out)
{
	static const char digits[] = "0123456789abcdef";

	for (unsigned i = 0; i < n; i++) {
		*out++ = digits[p[i] >> 4];
		*out++ = digits[p[i] & 15];
	}
	*out = '\0';
}

/* Of both pieces as one text.  MD5 is SQS's check of transport, which FIPS need not forbid. */
static int digest(const EVP_MD *md, const void *a, size_t a_len, const void *b, size_t b_len,
		  char out[HEX_MAX], struct error *err)
{
	unsigned char sum[EVP_MAX_MD_SIZE];
	EVP_MD_CTX *ctx = EVP_MD_CTX_new();
	unsigned n = 0;
	int ok = 0;

	if (ctx != NULL) {
		EVP_MD_CTX_set_flags(ctx, EVP_MD_CTX_FLAG_NON_FIPS_ALLOW);
		ok = EVP_DigestInit_ex(ctx, md, NULL) == 1 &&
		     EVP_DigestUpdate(ctx, a, a_len) == 1 && EVP_DigestUpdate(ctx, b, b_len) == 1 &&
		     EVP_DigestFinal_ex(ctx, sum, &n) == 1;
	}
	EVP_MD_CTX_free(ctx);
	if (!ok)
		return error_set(err, ERR_INTERNAL, "sqs: libcrypto gives no MD5 or SHA-256");
	write_hex(sum, n, out);
	return 0;
}

/* ---- The request ---- */

/* A group's name has 128 characters at most, visible ones of ASCII. */
static int is_group(const char *group)
{
	size_t n = 0;

	for (const unsigned char *p = (const unsigned char *)group; *p != '\0'; p++, n++) {
		if (*p <= 0x20 || *p >= 0x7f)
			return 0;
	}
	return n >= 1 && n <= GROUP_MAX;
}

static int add_fifo(struct sqs *s, const char *body, size_t len, const char *group, int64_t seed,
		    struct error *err)
{
	char id[HEX_MAX], short_group[HEX_MAX];
	const char *name = group;

	if (digest(EVP_sha256(), &seed, sizeof(seed), body, len, id, err) < 0)
		return -1;
	if (!is_group(group)) {
		if (digest(EVP_sha256(), group, strlen(group), NULL, 0, short_group, err) < 0)
			return -1;
		name = short_group;
	}
	if (buf_add_str(&s->request, ",\"MessageGroupId\":") < 0 ||
	    json_add_string(&s->request, name, strlen(name)) < 0 ||
	    buf_printf(&s->request, ",\"MessageDeduplicationId\":\"%s\"", id) < 0)
		return error_nomem(err);
	return 0;
}

static int write_request(struct sqs *s, const char *body, size_t len, const char *group,
			 int64_t seed, struct error *err)
{
	buf_reset(&s->request);
	if (buf_add_str(&s->request, "{\"QueueUrl\":") < 0 ||
	    json_add_string(&s->request, s->url, strlen(s->url)) < 0 ||
	    buf_add_str(&s->request, ",\"MessageBody\":") < 0 ||
	    json_add_string(&s->request, body, len) < 0)
		return error_nomem(err);
	if (s->fifo && add_fifo(s, body, len, group, seed, err) < 0)
		return -1;
	return buf_add_char(&s->request, '}') < 0 ? error_nomem(err) : 0;
}

/*
 * No header is removed here, not even Expect: libcurl 7.88 signs what it then does
 * not send.
 */
static struct curl_slist *headers_of(struct sqs *s, const char *token)
{
	static const char *const fixed[] = {"Content-Type: application/x-amz-json-1.0",
					    "X-Amz-Target: AmazonSQS.SendMessage"};
	struct curl_slist *list = NULL, *more;

	for (int i = 0; i < (token != NULL ? 3 : 2); i++) {
		const char *line = i < 2 ? fixed[i] : NULL;

		if (line == NULL) {
			buf_reset(&s->scratch);
			if (buf_printf(&s->scratch, "X-Amz-Security-Token: %s", token) == 0)
				line = buf_str(&s->scratch);
		}
		more = line != NULL ? curl_slist_append(list, line) : NULL;
		if (more == NULL) {
			curl_slist_free_all(list);
			return NULL;
		}
		list = more;
	}
	return list;
}

static int post(struct sqs *s, struct exchange_reply *ret, struct error *err)
{
	CURL *easy = exchange_easy(s->exchange);
	struct aws_credentials keys;
	struct curl_slist *headers;
	int rc = -1;

	if (aws_credentials(s->aws, &keys, err) < 0)
		return -1;
	headers = headers_of(s, keys.token);
	if (headers == NULL)
		return error_nomem(err);
	/* Not CURLOPT_USERPWD, which would be split at a colon. */
	if (curl_easy_setopt(easy, CURLOPT_USERNAME, keys.id) != CURLE_OK ||
	    curl_easy_setopt(easy, CURLOPT_PASSWORD, keys.secret) != CURLE_OK ||
	    curl_easy_setopt(easy, CURLOPT_HTTPHEADER, headers) != CURLE_OK ||
	    curl_easy_setopt(easy, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)s->request.len) !=
		CURLE_OK ||
	    curl_easy_setopt(easy, CURLOPT_POSTFIELDS, s->request.data) != CURLE_OK)
		(void)error_set(err, ERR_INTERNAL, "sqs: libcurl refuses a setting");
	else
		rc = exchange_perform(s->exchange, ret, err);
	(void)curl_easy_setopt(easy, CURLOPT_HTTPHEADER, NULL);
	curl_slist_free_all(headers);
	return rc;
}

/* ---- The answer ---- */

/* "sqs: the credentials are refused: status 403: 'InvalidClientTokenId: ...'; check ..." */
static int explain(const struct sqs *s, const struct exchange_reply *http,
		   const struct sqs_reply *reply, const struct sqs_ruling *ruling,
		   struct error *err)
{
	struct buf text;

	buf_init(&text, (size_t)8 * LIMIT_MESSAGE_BYTES);
	(void)buf_printf(&text, "sqs: %s", ruling->what);
	if (http->curl_code != 0)
		(void)buf_printf(&text, ": %s", http->curl_text);
	else
		(void)buf_printf(&text, ": status %d", http->status);
	if (http->curl_code == 0 && (reply->type[0] != '\0' || reply->message[0] != '\0'))
		(void)buf_printf(&text, ": '%s%s%s'", reply->type,
				 reply->type[0] != '\0' && reply->message[0] != '\0' ? ": " : "",
				 reply->message);
	(void)buf_printf(&text, " (%s)", s->url);
	if (ruling->todo != NULL)
		(void)buf_printf(&text, "; %s", ruling->todo);
	(void)error_set(err, ruling->class, "%s",
			buf_str(&text) != NULL ? text.data : ruling->what);
	buf_done(&text);
	return -1;
}

/* 0 sent, 1 the credentials were new a while ago: once more; -1. */
static int attempt(struct sqs *s, const char *md5, int may_renew, struct error *err)
{
	struct exchange_reply http;
	struct sqs_reply reply;
	struct sqs_ruling ruling;
	struct sqs_answer answer = {.md5 = md5, .odd_in_a_row = s->odd_in_a_row, .reply = &reply};

	if (post(s, &http, err) < 0)
		return -1;
	sqs_reply_parse(http.body->data, http.body->len, &reply);
	answer.curl_code = http.curl_code;
	answer.status = http.status;
	ruling = sqs_classify(&answer);
	s->odd_in_a_row = ruling.odd ? s->odd_in_a_row + 1 : 0;
	if (ruling.outcome == SQS_SENT)
		return 0;
	if (ruling.outcome == SQS_EXPIRED && may_renew && aws_renew(s->aws))
		return 1;
	return explain(s, &http, &reply, &ruling, err);
}

int sqs_send(struct sqs *s, const char *body, size_t len, const char *group, int64_t seed,
	     struct error *err)
{
	char md5[HEX_MAX];
	int rc;

	if (digest(EVP_md5(), body, len, NULL, 0, md5, err) < 0 ||
	    write_request(s, body, len, group, seed, err) < 0)
		return -1;
	rc = attempt(s, md5, 1, err);
	if (rc > 0)
		rc = attempt(s, md5, 0, err);
	return rc;
}
