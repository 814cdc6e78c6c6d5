/* SPDX-License-Identifier: MIT */
/* Requests through libcurl's multi interface. */

#include "push/http.h"

#include <stdlib.h>
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/limits.h"
#include "push/http-head.h"
#include "push/http-setup.h"

/* One request under way or finished; lives on and is used again. */
struct request {
	struct http_reply reply; /* first: http_done gets this address back */
	struct request *next;
	struct http *http;
	CURL *easy;
	struct curl_slist *headers;
	struct http_head head;
	int64_t started_us;
	char curl_error[CURL_ERROR_SIZE];
};

struct http {
	const struct http_config *config; /* the caller's, lives as long */
	CURLM *multi;
	struct request *idle, *done_first, **done_last;
	struct buf scratch;
	unsigned running;
};

/* ---- What arrives ---- */

static size_t on_body(char *p, size_t size, size_t n, void *user)
{
	struct request *r = user;

	(void)size;
	return buf_add(&r->reply.body, p, n) == 0 ? n : 0;
}

static size_t on_header(char *line, size_t size, size_t n, void *user)
{
	struct request *r = user;

	(void)size;
	return http_head_line(&r->head, line, n) == 0 ? n : 0;
}

/* ---- Requests ---- */

static void request_destroy(struct request *r)
{
	if (r == NULL)
		return;
	curl_easy_cleanup(r->easy);
	curl_slist_free_all(r->headers);
	buf_done(&r->reply.body);
	free(r);
}

static struct request *request_create(struct http *h, struct error *err)
{
	struct request *r = calloc(1, sizeof(*r));

	if (r == NULL) {
		(void)error_nomem(err);
		return NULL;
	}
	r->http = h;
	buf_init(&r->reply.body, LIMIT_REPLY_BYTES);
	r->easy = curl_easy_init();
	if (r->easy == NULL || http_setup(r->easy, h->config) != CURLE_OK ||
	    curl_easy_setopt(r->easy, CURLOPT_PRIVATE, r) != CURLE_OK ||
	    curl_easy_setopt(r->easy, CURLOPT_ERRORBUFFER, r->curl_error) != CURLE_OK ||
	    curl_easy_setopt(r->easy, CURLOPT_WRITEFUNCTION, on_body) != CURLE_OK ||
	    curl_easy_setopt(r->easy, CURLOPT_WRITEDATA, r) != CURLE_OK ||
	    curl_easy_setopt(r->easy, CURLOPT_HEADERFUNCTION, on_header) != CURLE_OK ||
	    curl_easy_setopt(r->easy, CURLOPT_HEADERDATA, r) != CURLE_OK) {
		(void)error_set(err, ERR_INTERNAL, "push: libcurl refuses a setting");
		request_destroy(r);
		return NULL;
	}
	return r;
}

/* Ready for another round; the connection stays in the multi handle. */
static int request_reset(struct request *r, const char *request_id, int gzip, struct error *err)
{
	buf_reset(&r->reply.body);
	r->reply.user = NULL;
	r->reply.curl_code = r->reply.status = 0;
	r->reply.curl_text[0] = r->reply.retry_after[0] = r->curl_error[0] = '\0';
	http_head_reset(&r->head);
	curl_slist_free_all(r->headers);
	r->headers = http_headers(r->http->config->key, request_id, gzip, &r->http->scratch);
	if (r->headers == NULL ||
	    curl_easy_setopt(r->easy, CURLOPT_HTTPHEADER, r->headers) != CURLE_OK)
		return error_nomem(err);
	r->started_us = clock_mono_us();
	return 0;
}

/* The alerts by which a server refuses the client's certificate. */
static int is_about_certificate(const char *text)
{
	static const char *const alerts[] = {
	    "alert certificate required", "alert unknown ca",
	    "alert bad certificate",	  "alert unsupported certificate",
	    "alert certificate expired",  "alert certificate revoked",
	    "alert certificate unknown",
	};

	for (size_t i = 0; i < sizeof(alerts) / sizeof(alerts[0]); i++) {
		if (strstr(text, alerts[i]) != NULL)
			return 1;
	}
	return 0;
}

/* Did the proxy answer to CONNECT that it does not know who asks? */
static int proxy_wants_login(const struct request *r)
{
	long status = 0;

	(void)curl_easy_getinfo(r->easy, CURLINFO_HTTP_CONNECTCODE, &status);
	return status == 401 || status == 407;
}

/* What libcurl has no code of its own for, or not the one that it gives. */
static CURLcode refine(const struct request *r, CURLcode code)
{
	if (code == CURLE_OK) /* the end of the connection may end the head */
		return r->head.done ? CURLE_OK : CURLE_PARTIAL_FILE;
	if (code == CURLE_WRITE_ERROR && r->head.unclear)
		return CURLE_WEIRD_SERVER_REPLY;
	/* A line of the head that is larger than libcurl's own limit. */
	if (code == CURLE_OUT_OF_MEMORY && r->reply.status != 0)
		return CURLE_WRITE_ERROR;
	/* With TLS 1.3 the client is connected before the server looks at its certificate. */
	if (is_about_certificate(r->curl_error))
		return CURLE_SSL_CLIENTCERT;
	return proxy_wants_login(r) ? CURLE_LOGIN_DENIED : code;
}

static const char *error_words(const struct request *r, CURLcode code)
{
	if (code == CURLE_WRITE_ERROR)
		return "its head or its body is over the limit";
	if (code == CURLE_WEIRD_SERVER_REPLY && r->head.unclear)
		return "it has two lengths";
	return r->curl_error[0] != '\0' ? r->curl_error : curl_easy_strerror(code);
}

static void request_finish(struct request *r, CURLcode result)
{
	struct http_reply *reply = &r->reply;
	long status = 0;
	CURLcode code;

	reply->elapsed_us = clock_mono_us() - r->started_us;
	(void)curl_easy_getinfo(r->easy, CURLINFO_RESPONSE_CODE, &status);
	reply->status = (int)status;
	reply->is_json = r->head.is_json;
	(void)snprintf(reply->retry_after, sizeof(reply->retry_after), "%s", r->head.retry_after);
	code = refine(r, result);
	reply->curl_code = (int)code;
	if (code != CURLE_OK)
		(void)snprintf(reply->curl_text, sizeof(reply->curl_text), "%s",
			       error_words(r, code));
}

/* ---- The object ---- */

struct http *http_create(const struct http_config *config, unsigned max_requests, struct error *err)
{
	struct http *h;

	if (http_check_url(config->url, config->allow_http, err) < 0)
		return NULL;
	if (config->key != NULL && http_check_key(config->key, err) < 0)
		return NULL;
	h = calloc(1, sizeof(*h));
	if (h == NULL) {
		(void)error_nomem(err);
		return NULL;
	}
	h->config = config;
	h->done_last = &h->done_first;
	buf_init(&h->scratch, 64 * 1024);
	h->multi = curl_multi_init();
	if (h->multi == NULL ||
	    curl_multi_setopt(h->multi, CURLMOPT_MAXCONNECTS, (long)max_requests) != CURLM_OK ||
	    curl_multi_setopt(h->multi, CURLMOPT_PIPELINING, (long)CURLPIPE_NOTHING) != CURLM_OK) {
		(void)error_set(err, ERR_INTERNAL, "push: libcurl refuses a setting");
		http_destroy(h);
		return NULL;
	}
	return h;
}

static void destroy_list(struct request *list)
{
	while (list != NULL) {
		struct request *next = list->next;

		request_destroy(list);
		list = next;
	}
}

/* Requests that are under way belong to the multi handle until they are taken out. */
void http_destroy(struct http *h)
{
	if (h == NULL)
		return;
	destroy_list(h->idle);
	destroy_list(h->done_first);
	curl_multi_cleanup(h->multi);
	if (h->scratch.data != NULL)
		explicit_bzero(h->scratch.data, h->scratch.cap); /* held the key */
	buf_done(&h->scratch);
	free(h);
}

static struct request *take_idle(struct http *h, struct error *err)
{
	struct request *r = h->idle;

	if (r == NULL)
		return request_create(h, err);
	h->idle = r->next;
	return r;
}

static void give_idle(struct http *h, struct request *r)
{
	r->next = h->idle;
	h->idle = r;
}

int http_post(struct http *h, const struct http_body *body, const char *request_id, void *user,
	      struct http_reply **ret_reply, struct error *err)
{
	struct request *r = take_idle(h, err);

	if (r == NULL)
		return -1;
	if (request_reset(r, request_id, body->gzip, err) < 0)
		goto fail;
	r->reply.user = user;
	if (curl_easy_setopt(r->easy, CURLOPT_POST, 1L) != CURLE_OK ||
	    curl_easy_setopt(r->easy, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)body->len) !=
		CURLE_OK ||
	    curl_easy_setopt(r->easy, CURLOPT_POSTFIELDS, body->bytes) != CURLE_OK ||
	    curl_multi_add_handle(h->multi, r->easy) != CURLM_OK) {
		(void)error_set(err, ERR_INTERNAL, "push: libcurl refuses a request");
		goto fail;
	}
	h->running++;
	*ret_reply = &r->reply;
	return 0;
fail:
	give_idle(h, r);
	return -1;
}

void http_cancel(struct http *h, struct http_reply *reply)
{
	struct request *r = (struct request *)reply;

	(void)curl_multi_remove_handle(h->multi, r->easy);
	h->running--;
	give_idle(h, r);
}

int http_get(struct http *h, struct http_reply **ret_reply, struct error *err)
{
	struct request *r = take_idle(h, err);

	if (r == NULL)
		return -1;
	if (request_reset(r, NULL, 0, err) < 0 ||
	    curl_easy_setopt(r->easy, CURLOPT_HTTPGET, 1L) != CURLE_OK) {
		give_idle(h, r);
		return error_set(err, ERR_INTERNAL, "push: libcurl refuses a request");
	}
	request_finish(r, curl_easy_perform(r->easy));
	*ret_reply = &r->reply;
	return 0;
}

/* Moves what has ended from the multi handle to the done list. */
static void collect_done(struct http *h)
{
	CURLMsg *m;
	int left;

	while ((m = curl_multi_info_read(h->multi, &left)) != NULL) {
		struct request *r = NULL;
		CURLcode code = m->data.result;

		if (m->msg != CURLMSG_DONE)
			continue;
		(void)curl_easy_getinfo(m->easy_handle, CURLINFO_PRIVATE, (char **)&r);
		(void)curl_multi_remove_handle(h->multi, r->easy);
		h->running--;
		request_finish(r, code);
		r->next = NULL;
		*h->done_last = r;
		h->done_last = &r->next;
	}
}

int http_poll(struct http *h, int64_t ms, struct error *err)
{
	int running;
	CURLMcode rc = curl_multi_perform(h->multi, &running);

	if (rc == CURLM_OK) {
		collect_done(h);
		if (h->done_first == NULL)
			rc = curl_multi_poll(h->multi, NULL, 0, (int)ms, NULL);
	}
	if (rc == CURLM_OK)
		return 0;
	return error_set(err, rc == CURLM_OUT_OF_MEMORY ? ERR_NOMEM : ERR_INTERNAL,
			 "push: libcurl: %s", curl_multi_strerror(rc));
}

struct http_reply *http_next_done(struct http *h)
{
	struct request *r = h->done_first;

	if (r == NULL)
		return NULL;
	h->done_first = r->next;
	if (h->done_first == NULL)
		h->done_last = &h->done_first;
	return &r->reply;
}

void http_done(struct http *h, struct http_reply *reply)
{
	give_idle(h, (struct request *)reply);
}

unsigned http_running(const struct http *h)
{
	return h->running;
}

void http_wakeup(struct http *h)
{
	(void)curl_multi_wakeup(h->multi);
}
