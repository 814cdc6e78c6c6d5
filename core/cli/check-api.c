/* SPDX-License-Identifier: MIT */
/* defsync check: the API's URL, name, TLS and key, by one request without rows. */

#include "cli/check.h"
#include "push/classify.h"
#include "push/http.h"

#define WHERE "api"

/*
 * What a GET shows: the endpoint takes POST, so that 404 and 405 are no verdict
 * on the URL; a refused key is one.
 */
static void judge_status(struct check *k, int status)
{
	if (status == 401 || status == 403)
		check_item(k, CHECK_ERROR, ERR_API, WHERE, "check api.key",
			   "the key is refused (%d)", status);
	else if (status >= 300 && status < 400)
		check_item(k, CHECK_WARN, ERR_NONE, WHERE,
			   "redirects are not followed: check api.url",
			   "answers with a redirect (%d)", status);
	else if (status >= 500)
		check_item(k, CHECK_WARN, ERR_NONE, WHERE, NULL,
			   "reachable, but it answers %d; the key was not refused", status);
	else
		check_item(k, CHECK_OK, ERR_NONE, WHERE, NULL,
			   "reachable (%d to a GET), the key was not refused", status);
}

static void judge_reply(struct check *k, const struct http_reply *reply)
{
	const struct reply empty = {.success = -1};
	const struct answer answer = {
	    .curl_code = reply->curl_code,
	    .attempts = 1,
	    .reply = &empty,
	};
	struct ruling ruling;

	if (reply->curl_code == 0) {
		judge_status(k, reply->status);
		return;
	}
	ruling = classify(&answer);
	check_item(k, CHECK_ERROR, ruling.class, WHERE, ruling.todo, "%s: %s", ruling.what,
		   reply->curl_text);
}

static void ask(struct check *k, const struct http_config *http, struct error *err)
{
	struct http *h = http_create(http, 1, err);
	struct http_reply *reply;

	if (h == NULL)
		return;
	if (http_get(h, &reply, err) == 0) {
		judge_reply(k, reply);
		http_done(h, reply);
	}
	http_destroy(h);
}

void check_api(struct check *k, const struct config *config)
{
	const struct http_config http = context_http(config);
	struct error why = ERROR_INIT;

	if (http.url == NULL)
		error_set(&why, ERR_CONFIG, "api.url is not set; set it or give --api-url URL");
	else if (http.key == NULL)
		error_set(&why, ERR_CONFIG,
			  "api.key is not set; set it or the variable DEFINITE_API_KEY");
	else if (http_check_url(http.url, http.allow_http, &why) == 0 &&
		 http_global_init(&why) == 0) {
		ask(k, &http, &why);
		http_global_done();
	}
	if (error_is_set(&why))
		check_failure(k, WHERE, &why);
	error_done(&why);
}
