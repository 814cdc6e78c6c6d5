/* SPDX-License-Identifier: MIT */
/* Credentials from the service that ECS and EKS run beside a container. */

#include <jansson.h>
#include <string.h>

#include "base/clock.h"
#include "base/file.h"
#include "base/host.h"
#include "base/limits.h"
#include "push/aws-internal.h"
#include "push/http-setup.h"
#include "push/reply.h"

#define ECS_HOST "169.254.170.2"
#define CONNECT_MS 2000
#define TOTAL_MS 5000
/* New ones are fetched so long before the end, or half of a shorter life. */
#define RENEW_BEFORE_US (5 * 60 * INT64_C(1000000))

/* ---- The address ---- */

/* http goes no further than this machine. */
static int is_allowed(const char *scheme, const char *host)
{
	static const char *const hosts[] = {ECS_HOST, "169.254.170.23", "[fd00:ec2::23]"};

	if (strcmp(scheme, "https") == 0 || (strcmp(scheme, "http") == 0 && host_is_loopback(host)))
		return 1;
	for (size_t i = 0; i < sizeof(hosts) / sizeof(hosts[0]); i++) {
		if (strcmp(scheme, "http") == 0 && strcmp(host, hosts[i]) == 0)
			return 1;
	}
	return 0;
}

int aws_container_url(const char *relative, const char *full, struct buf *out, struct error *err)
{
	CURLU *u;
	char *scheme = NULL, *host = NULL;
	int rc = 0;

	buf_reset(out);
	if (relative != NULL) {
		if (relative[0] != '/')
			return error_set(err, ERR_CONFIG,
					 "aws: AWS_CONTAINER_CREDENTIALS_RELATIVE_URI is no path: "
					 "'%s'; it begins with /",
					 relative);
		return buf_printf(out, "http://" ECS_HOST "%s", relative) < 0 ? error_nomem(err)
									      : 0;
	}
	u = curl_url();
	if (u == NULL)
		return error_nomem(err);
	if (curl_url_set(u, CURLUPART_URL, full, CURLU_NON_SUPPORT_SCHEME) != CURLUE_OK ||
	    curl_url_get(u, CURLUPART_SCHEME, &scheme, 0) != CURLUE_OK ||
	    curl_url_get(u, CURLUPART_HOST, &host, 0) != CURLUE_OK || !is_allowed(scheme, host))
		rc = error_set(err, ERR_CONFIG,
			       "aws: AWS_CONTAINER_CREDENTIALS_FULL_URI is not allowed: '%s'; it "
			       "must be https, or http to this machine or the addresses of ECS and "
			       "EKS",
			       full);
	else if (buf_add_str(out, full) < 0)
		rc = error_nomem(err);
	curl_free(scheme);
	curl_free(host);
	curl_url_cleanup(u);
	return rc;
}

int aws_container_open(struct aws *a, const char *relative, const char *full, struct error *err)
{
	struct http_config http = {
	    .ca_file = a->ca_bundle,
	    .connect_timeout_ms = CONNECT_MS,
	    .timeout_ms = TOTAL_MS,
	};
	struct buf url;
	int rc;

	buf_init(&url, 8192);
	rc = aws_container_url(relative, full, &url, err);
	if (rc == 0) {
		a->service_url = arena_strndup(&a->arena, url.data, url.len);
		if (a->service_url == NULL)
			rc = error_nomem(err);
	}
	buf_done(&url);
	if (rc < 0)
		return -1;
	http.url = a->service_url;
	a->service = exchange_create(&http, err);
	return a->service == NULL ? -1 : 0;
}

/* ---- Asking ---- */

/* The file's token may change at any time; the variable's does not. */
static int read_auth(struct aws *a, struct buf *out, struct error *err)
{
	if (a->auth_file != NULL) {
		if (file_read(a->auth_file, LIMIT_SECRET_FILE_BYTES, out, err) < 0) {
			error_prefix(err, "aws");
			return -1;
		}
		while (out->len > 0 && strchr("\r\n", out->data[out->len - 1]) != NULL)
			out->len--;
	} else if (a->auth != NULL && buf_add_str(out, a->auth) < 0) {
		return error_nomem(err);
	}
	if (buf_str(out) == NULL)
		return error_nomem(err);
	if (out->len == 0)
		return 0;
	if (secrets_add(a->secrets, out->data, out->len) < 0)
		return error_set(err, ERR_INTERNAL, "aws: too many or too long secrets");
	if (strlen(out->data) != out->len || strpbrk(out->data, "\r\n") != NULL)
		return error_set(err, ERR_CONFIG,
				 "aws: the container's authorization token is not one line");
	return 1;
}

static int ask(struct aws *a, struct exchange_reply *ret, struct error *err)
{
	static const char name[] = "Authorization: ";
	CURL *easy = exchange_easy(a->service);
	struct curl_slist *headers = NULL;
	struct buf token, line;
	int rc = -1, has_token;

	buf_init(&token, LIMIT_SECRET_FILE_BYTES + 1);
	buf_init(&line, LIMIT_SECRET_FILE_BYTES + sizeof(name));
	if (buf_reserve(&token, LIMIT_SECRET_FILE_BYTES + 1) < 0 ||
	    buf_reserve(&line, LIMIT_SECRET_FILE_BYTES + sizeof(name)) < 0) {
		(void)error_nomem(err);
		goto out;
	}
	has_token = read_auth(a, &token, err);
	if (has_token < 0)
		goto out;
	if (has_token) {
		if (buf_add_str(&line, name) < 0 || buf_add(&line, token.data, token.len) < 0 ||
		    buf_str(&line) == NULL ||
		    (headers = curl_slist_append(NULL, line.data)) == NULL) {
			(void)error_nomem(err);
			goto out;
		}
	}
	if (curl_easy_setopt(easy, CURLOPT_HTTPHEADER, headers) != CURLE_OK)
		(void)error_set(err, ERR_INTERNAL, "aws: libcurl refuses a setting");
	else
		rc = exchange_perform(a->service, ret, err);
	(void)curl_easy_setopt(easy, CURLOPT_HTTPHEADER, NULL);
out:
	curl_slist_free_all(headers);
	if (token.data != NULL)
		explicit_bzero(token.data, token.cap);
	if (line.data != NULL)
		explicit_bzero(line.data, line.cap);
	buf_done(&token);
	buf_done(&line);
	return rc;
}

/* ---- The answer ---- */

static int passes(int status)
{
	return status == 408 || status == 429 || status >= 500;
}

static int refused(const struct exchange_reply *r, struct error *err)
{
	char text[256];
	json_t *root;
	const char *message;

	if (r->curl_code != 0)
		return error_set(err, ERR_TEMPORARY,
				 "aws: the container's service for credentials does not answer: %s",
				 r->curl_text);
	root = json_loadb(r->body->data, r->body->len, JSON_REJECT_DUPLICATES, NULL);
	message = json_string_value(json_object_get(root, "message"));
	reply_sanitise(message != NULL ? message : "", message != NULL ? strlen(message) : 0, text,
		       sizeof(text));
	json_decref(root);
	return error_set(err, passes(r->status) ? ERR_TEMPORARY : ERR_CONFIG,
			 "aws: the container's service gives no credentials: status %d%s%s; check "
			 "the role of the task or pod",
			 r->status, text[0] != '\0' ? ": " : "", text);
}

static const char *text_of(const json_t *root, const char *name)
{
	const char *s = json_string_value(json_object_get(root, name));

	return s != NULL && s[0] != '\0' ? s : NULL;
}

static int keep(struct aws *a, const char *text, const char **ret, struct error *err)
{
	*ret = text != NULL ? arena_strdup(&a->given, text) : NULL;
	return text != NULL && *ret == NULL ? error_nomem(err) : 0;
}

static void plan_renewal(struct aws *a, int64_t expires_us)
{
	int64_t left = expires_us - clock_wall_us();
	int64_t before = left / 2 < RENEW_BEFORE_US ? left / 2 : RENEW_BEFORE_US;

	a->expires_us = expires_us;
	a->renew_us = expires_us != 0 ? expires_us - before : 0;
}

static int take(struct aws *a, const json_t *root, struct error *err)
{
	const char *id = text_of(root, "AccessKeyId"), *secret = text_of(root, "SecretAccessKey");
	const char *token = text_of(root, "Token"), *until = text_of(root, "Expiration");
	struct aws_credentials c;
	int64_t expires_us = 0;

	if (secret != NULL &&
	    (secrets_add(a->secrets, secret, strlen(secret)) < 0 ||
	     (token != NULL && secrets_add(a->secrets, token, strlen(token)) < 0)))
		return error_set(err, ERR_INTERNAL, "aws: too many or too long secrets");
	if (id == NULL || secret == NULL || (until != NULL && clock_parse(until, &expires_us) < 0))
		return error_set(err, ERR_TEMPORARY,
				 "aws: the answer of the container's service for credentials is "
				 "not understood");
	if (aws_check_value("the access key's id", id, err) < 0 ||
	    aws_check_value("the secret access key", secret, err) < 0 ||
	    (token != NULL && aws_check_value("the session token", token, err) < 0))
		return -1;
	a->held = (struct aws_credentials){0};
	arena_reset(&a->given);
	if (keep(a, id, &c.id, err) < 0 || keep(a, secret, &c.secret, err) < 0 ||
	    keep(a, token, &c.token, err) < 0)
		return -1;
	a->held = c;
	plan_renewal(a, expires_us);
	return 0;
}

int aws_container_fetch(struct aws *a, struct error *err)
{
	struct exchange_reply reply;
	json_t *root;
	int rc;

	if (ask(a, &reply, err) < 0)
		return -1;
	if (reply.curl_code != 0 || reply.status != 200)
		return refused(&reply, err);
	root = json_loadb(reply.body->data, reply.body->len, JSON_REJECT_DUPLICATES, NULL);
	rc = take(a, root, err);
	json_decref(root);
	return rc;
}
