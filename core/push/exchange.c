/* SPDX-License-Identifier: MIT */
/* Awaited requests, by the multi interface: only that can be woken up. */

#include "push/exchange.h"

#include <stdatomic.h>
#include <stdlib.h>

#include "base/limits.h"
#include "push/http-setup.h"

#define POLL_MS 1000

struct exchange {
	CURL *easy;
	CURLM *multi;
	struct buf body;
	size_t header_bytes;
	atomic_int cut;
	char curl_error[CURL_ERROR_SIZE];
};

static size_t on_body(char *p, size_t size, size_t n, void *user)
{
	struct exchange *x = user;

	(void)size;
	return buf_add(&x->body, p, n) == 0 ? n : 0;
}

static size_t on_header(char *line, size_t size, size_t n, void *user)
{
	struct exchange *x = user;

	(void)line;
	(void)size;
	x->header_bytes += n;
	return x->header_bytes <= LIMIT_REPLY_HEADER_BYTES ? n : 0;
}

static int set_up(struct exchange *x, const struct http_config *config)
{
	return http_setup(x->easy, config) == CURLE_OK &&
	       curl_easy_setopt(x->easy, CURLOPT_ERRORBUFFER, x->curl_error) == CURLE_OK &&
	       curl_easy_setopt(x->easy, CURLOPT_WRITEFUNCTION, on_body) == CURLE_OK &&
	       curl_easy_setopt(x->easy, CURLOPT_WRITEDATA, x) == CURLE_OK &&
	       curl_easy_setopt(x->easy, CURLOPT_HEADERFUNCTION, on_header) == CURLE_OK &&
	       curl_easy_setopt(x->easy, CURLOPT_HEADERDATA, x) == CURLE_OK;
}

struct exchange *exchange_create(const struct http_config *config, struct error *err)
{
	struct exchange *x = calloc(1, sizeof(*x));

	if (x == NULL) {
		(void)error_nomem(err);
		return NULL;
	}
	buf_init(&x->body, LIMIT_EXCHANGE_BYTES);
	x->easy = curl_easy_init();
	x->multi = curl_multi_init();
	/* One allocation: growing would leave pieces of credentials behind that nobody wipes. */
	if (x->easy == NULL || x->multi == NULL || !set_up(x, config) ||
	    buf_reserve(&x->body, LIMIT_EXCHANGE_BYTES) < 0) {
		(void)error_set(err, ERR_INTERNAL, "push: libcurl refuses a setting");
		exchange_destroy(x);
		return NULL;
	}
	return x;
}

void exchange_destroy(struct exchange *x)
{
	if (x == NULL)
		return;
	curl_easy_cleanup(x->easy);
	curl_multi_cleanup(x->multi);
	if (x->body.data != NULL)
		explicit_bzero(x->body.data, x->body.cap); /* may hold credentials */
	buf_done(&x->body);
	free(x);
}

CURL *exchange_easy(struct exchange *x)
{
	return x->easy;
}

/* Until the one transfer has ended, or it is cut: 1, 0; -1 when libcurl fails. */
static int run(struct exchange *x, CURLcode *ret_code, CURLMcode *ret_rc)
{
	for (;;) {
		CURLMsg *m;
		int n;

		if (atomic_load(&x->cut))
			return 0;
		*ret_rc = curl_multi_perform(x->multi, &n);
		if (*ret_rc != CURLM_OK)
			return -1;
		while ((m = curl_multi_info_read(x->multi, &n)) != NULL) {
			if (m->msg != CURLMSG_DONE)
				continue;
			*ret_code = m->data.result;
			return 1;
		}
		*ret_rc = curl_multi_poll(x->multi, NULL, 0, POLL_MS, NULL);
		if (*ret_rc != CURLM_OK)
			return -1;
	}
}

int exchange_perform(struct exchange *x, struct exchange_reply *ret, struct error *err)
{
	CURLcode code = CURLE_OK;
	CURLMcode rc;
	long status = 0;
	int ended;

	buf_reset(&x->body);
	x->header_bytes = 0;
	x->curl_error[0] = '\0';
	rc = curl_multi_add_handle(x->multi, x->easy);
	if (rc != CURLM_OK)
		return error_set(err, rc == CURLM_OUT_OF_MEMORY ? ERR_NOMEM : ERR_INTERNAL,
				 "push: libcurl: %s", curl_multi_strerror(rc));
	ended = run(x, &code, &rc);
	(void)curl_multi_remove_handle(x->multi, x->easy);
	if (ended == 0)
		return error_set(err, ERR_CANCELLED, "push: the request was cut");
	if (ended < 0)
		return error_set(err, rc == CURLM_OUT_OF_MEMORY ? ERR_NOMEM : ERR_INTERNAL,
				 "push: libcurl: %s", curl_multi_strerror(rc));
	(void)curl_easy_getinfo(x->easy, CURLINFO_RESPONSE_CODE, &status);
	ret->curl_code = (int)code;
	ret->curl_text = "";
	if (code != CURLE_OK)
		ret->curl_text =
		    x->curl_error[0] != '\0' ? x->curl_error : curl_easy_strerror(code);
	ret->status = (int)status;
	ret->body = &x->body;
	return 0;
}

void exchange_cut(struct exchange *x)
{
	atomic_store(&x->cut, 1);
	(void)curl_multi_wakeup(x->multi);
}
