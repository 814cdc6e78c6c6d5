/* SPDX-License-Identifier: MIT */
/*
 * HTTP requests through libcurl's multi interface.  HTTP/1.1, keep-alive, TLS
 * verified, no redirects, no cookies, no netrc, no Expect, proxy only when
 * configured; the reply is capped.  One object belongs to one thread, but for
 * http_wakeup.
 */

#ifndef PUSH_HTTP_H
#define PUSH_HTTP_H

#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/error.h"

struct http_config {
	const char *url;
	const char *key; /* bearer */
	const char *ca_file, *client_cert, *client_key, *pinned_key, *proxy;
	int allow_http; /* http:// to hosts other than loopback */
	int64_t connect_timeout_ms, timeout_ms;
};

/* https, or http to loopback or when allowed; no user:password; -1 with ERR_CONFIG. */
int http_check_url(const char *url, int allow_http, struct error *err);

/* curl_global_init and its counterpart; main calls them once, before threads. */
int http_global_init(struct error *err);
void http_global_done(void);

struct http;
struct http_reply {
	void *user; /* as given to http_post */
	int curl_code;
	char curl_text[256]; /* curl's words, "" without an error */
	int status;
	int is_json;
	char retry_after[64]; /* header's value or "" */
	struct buf body;      /* owned by the http object until http_done */
	int64_t elapsed_us;
};

struct http *http_create(const struct http_config *config, unsigned max_requests,
			 struct error *err);
void http_destroy(struct http *h);

/* What is posted: bytes that are JSON, or JSON as gzip. */
struct http_body {
	const char *bytes;
	size_t len;
	int gzip;
};

/*
 * Starts a POST; the bytes and request_id must stay until it is done.  *ret_reply
 * comes back from http_next_done, or goes to http_cancel before that.
 */
int http_post(struct http *h, const struct http_body *body, const char *request_id, void *user,
	      struct http_reply **ret_reply, struct error *err);
/* Cuts a request that is under way. */
void http_cancel(struct http *h, struct http_reply *reply);
/* The GET of `check`: no body, the same header. Blocks. The reply is freed with http_done. */
int http_get(struct http *h, struct http_reply **ret_reply, struct error *err);

/* Moves data for at most `ms`, or until one is done or http_wakeup. */
int http_poll(struct http *h, int64_t ms, struct error *err);
/* The next finished request, or NULL. */
struct http_reply *http_next_done(struct http *h);
void http_done(struct http *h, struct http_reply *reply);
unsigned http_running(const struct http *h);
void http_wakeup(struct http *h); /* any thread */

#endif
