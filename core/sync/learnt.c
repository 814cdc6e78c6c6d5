/* SPDX-License-Identifier: MIT */
/* What the API was seen to take, kept in the store from run to run. */

#include <curl/curl.h>

#include "sync/run-internal.h"

/* "host:port" of the address, in out; NULL when there is none. */
static char *host_of(const char *url, struct buf *out)
{
	CURLU *u = curl_url();
	char *host = NULL, *port = NULL;

	if (u != NULL && curl_url_set(u, CURLUPART_URL, url, 0) == CURLUE_OK &&
	    curl_url_get(u, CURLUPART_HOST, &host, 0) == CURLUE_OK &&
	    curl_url_get(u, CURLUPART_PORT, &port, CURLU_DEFAULT_PORT) == CURLUE_OK)
		(void)buf_printf(out, "%s:%s", host, port);
	curl_free(host);
	curl_free(port);
	curl_url_cleanup(u);
	return out->len > 0 && buf_str(out) != NULL ? out->data : NULL;
}

int learnt_load(struct run *r, struct learned *ret, struct error *err)
{
	struct store_host known;
	struct buf host;
	int rc = 0;

	*ret = (struct learned){.gzip = -1};
	buf_init(&host, 1024);
	if (host_of(r->config->api.url, &host) != NULL)
		rc = store_host_get(r->store, host.data, &known, err);
	if (rc > 0) {
		ret->accepted = (size_t)known.accepted;
		ret->refused = (size_t)known.refused;
		ret->gzip = known.gzip;
	}
	buf_done(&host);
	return rc < 0 ? -1 : 0;
}

void learnt_save(struct run *r, int changed)
{
	struct error err = ERROR_INIT;
	struct learned learned;
	struct store_host known;
	struct buf host;

	if (r->push == NULL || r->commit_failed || !push_learned(r->push, changed, &learned))
		return;
	buf_init(&host, 1024);
	if (host_of(r->config->api.url, &host) != NULL) {
		known = (struct store_host){
		    .host = host.data,
		    .accepted = (int64_t)learned.accepted,
		    .refused = (int64_t)learned.refused,
		    .gzip = learned.gzip,
		};
		/* A failed write undoes what is claimed meanwhile: nothing may be built on it. */
		if (store_host_set(r->store, &known, &err) < 0) {
			r->commit_failed = 1;
			error_move(&r->failure, &err);
		}
	}
	error_done(&err);
	buf_done(&host);
}
