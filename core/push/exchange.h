/* SPDX-License-Identifier: MIT */
/*
 * One HTTP request after the other, each awaited, for what is not the Stream API:
 * AWS SQS and the service that hands out its credentials.  The settings are those
 * of http-setup.h; the caller adds method, headers and log-in to the easy handle.
 * One thread drives it; exchange_cut may come from any.
 */

#ifndef PUSH_EXCHANGE_H
#define PUSH_EXCHANGE_H

#include <curl/curl.h>

#include "base/buf.h"
#include "base/error.h"
#include "push/http.h"

struct exchange;

/* Lives until the next request. */
struct exchange_reply {
	int curl_code;
	const char *curl_text; /* curl's words, "" without an error */
	int status;
	const struct buf *body; /* capped at LIMIT_EXCHANGE_BYTES */
};

/* config is read here only. */
struct exchange *exchange_create(const struct http_config *config, struct error *err);
void exchange_destroy(struct exchange *x); /* NULL is allowed */

CURL *exchange_easy(struct exchange *x);

/*
 * Performs what is set up.  -1 with ERR_CANCELLED when it was cut, ERR_INTERNAL or
 * ERR_NOMEM when libcurl cannot; a transport error is a reply.
 */
int exchange_perform(struct exchange *x, struct exchange_reply *ret, struct error *err);

/* The request under way, and any later one, ends at once. */
void exchange_cut(struct exchange *x);

#endif
