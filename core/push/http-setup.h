/* SPDX-License-Identifier: MIT */
/* How a libcurl handle is set up; for http.c. */

#ifndef PUSH_HTTP_SETUP_H
#define PUSH_HTTP_SETUP_H

#include <curl/curl.h>

#include "base/buf.h"
#include "base/error.h"

struct http_config;

/* No control character, space or byte beyond ASCII: libcurl does not check header values. */
int http_check_key(const char *key, struct error *err);

/* http_check_url for another option. */
int http_check_url_of(const char *option, const char *url, int allow_http, struct error *err);

/* All that does not change from request to request. */
CURLcode http_setup(CURL *easy, const struct http_config *c);

/* The request's headers (curl_slist_free_all); NULL without memory.  request_id may be NULL. */
struct curl_slist *http_headers(const char *key, const char *request_id, int gzip,
				struct buf *scratch);

#endif
