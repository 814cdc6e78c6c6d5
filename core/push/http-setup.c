/* SPDX-License-Identifier: MIT */
/* Options of a libcurl handle, and the check of the URL. */

#include "push/http-setup.h"

#include <stdlib.h>
#include <string.h>

#include <defsync/version.h>

#include "base/host.h"
#include "base/limits.h"
#include "push/http.h"

#define CONNECTION_LIFE_S 300L /* renewed so that changes of DNS are seen */
#define LOW_SPEED_BYTES 1L
#define LOW_SPEED_S 90L /* a commit with wait: true may be silent for long */
#define UPLOAD_BUFFER (512L * 1024)

int http_global_init(struct error *err)
{
	if (curl_global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK)
		return error_set(err, ERR_INTERNAL, "push: libcurl cannot be initialised");
	return 0;
}

void http_global_done(void)
{
	curl_global_cleanup();
}

/* The parts have been taken out of the URL; which rule is broken, or NULL. */
static const char *url_rule(const char *scheme, const char *host, const char *user,
			    const char *password, int allow_http)
{
	if (user != NULL || password != NULL)
		return "holds a user or password; take it out";
	if (strcmp(scheme, "https") == 0)
		return NULL;
	if (strcmp(scheme, "http") != 0)
		return "is neither https nor http; write https://";
	if (!allow_http && !host_is_loopback(host))
		return "is not encrypted; write https://, or set api.allow_http: true";
	return NULL;
}

int http_check_url_of(const char *option, const char *url, int allow_http, struct error *err)
{
	CURLU *u = curl_url();
	char *scheme = NULL, *host = NULL, *user = NULL, *password = NULL;
	const char *rule;
	int rc;

	if (u == NULL)
		return error_nomem(err);
	if (curl_url_set(u, CURLUPART_URL, url, CURLU_NON_SUPPORT_SCHEME) != CURLUE_OK ||
	    curl_url_get(u, CURLUPART_SCHEME, &scheme, 0) != CURLUE_OK ||
	    curl_url_get(u, CURLUPART_HOST, &host, 0) != CURLUE_OK) {
		rule = "is not a URL; write https://HOST/PATH";
	} else {
		(void)curl_url_get(u, CURLUPART_USER, &user, 0);
		(void)curl_url_get(u, CURLUPART_PASSWORD, &password, 0);
		rule = url_rule(scheme, host, user, password, allow_http);
	}
	/* A URL with a password in it is not repeated. */
	rc = rule == NULL ? 0
			  : error_set(err, ERR_CONFIG, "%s: the address %s: '%s'", option, rule,
				      user != NULL || password != NULL ? host : url);
	curl_free(scheme);
	curl_free(host);
	curl_free(user);
	curl_free(password);
	curl_url_cleanup(u);
	return rc;
}

int http_check_url(const char *url, int allow_http, struct error *err)
{
	return http_check_url_of("api.url", url, allow_http, err);
}

int http_check_key(const char *key, struct error *err)
{
	for (const unsigned char *p = (const unsigned char *)key; *p != '\0'; p++) {
		if (*p <= 0x20 || *p >= 0x7f)
			return error_set(err, ERR_CONFIG,
					 "api.key: the key holds a space, line break or "
					 "character that no key has; copy it again");
	}
	return 0;
}

struct curl_slist *http_headers(const char *key, const char *request_id, int gzip,
				struct buf *scratch)
{
	static const char *const fixed[] = {"Content-Type: application/json",
					    "Accept: application/json",
					    "Expect:", "Content-Encoding: gzip"};
	size_t n_fixed = sizeof(fixed) / sizeof(fixed[0]) - (gzip ? 0 : 1);
	struct curl_slist *list = NULL, *more;
	const char *line;

	for (size_t i = 0; i < n_fixed; i++) {
		more = curl_slist_append(list, fixed[i]);
		if (more == NULL)
			goto fail;
		list = more;
	}
	for (int i = 0; i < 2; i++) {
		const char *value = i == 0 ? key : request_id;

		if (value == NULL)
			continue;
		buf_reset(scratch);
		if (buf_add_str(scratch, i == 0 ? "Authorization: Bearer " : "X-Request-Id: ") <
			0 ||
		    buf_add_str(scratch, value) < 0 || (line = buf_str(scratch)) == NULL ||
		    (more = curl_slist_append(list, line)) == NULL)
			goto fail;
		list = more;
	}
	return list;
fail:
	curl_slist_free_all(list);
	return NULL;
}

/* One option; the first failure is kept. */
#define SET(option, value)                                                                         \
	do {                                                                                       \
		if (rc == CURLE_OK)                                                                \
			rc = curl_easy_setopt(easy, (option), (value));                            \
	} while (0)

static CURLcode setup_tls(CURL *easy, const struct http_config *c)
{
	CURLcode rc = CURLE_OK;

	SET(CURLOPT_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2);
	SET(CURLOPT_SSL_VERIFYPEER, 1L);
	SET(CURLOPT_SSL_VERIFYHOST, 2L);
	if (c->ca_file != NULL)
		SET(CURLOPT_CAINFO, c->ca_file);
	if (c->client_cert != NULL)
		SET(CURLOPT_SSLCERT, c->client_cert);
	if (c->client_key != NULL)
		SET(CURLOPT_SSLKEY, c->client_key);
	if (c->pinned_key != NULL)
		SET(CURLOPT_PINNEDPUBLICKEY, c->pinned_key);
	return rc;
}

CURLcode http_setup(CURL *easy, const struct http_config *c)
{
	CURLcode rc = setup_tls(easy, c);

	SET(CURLOPT_URL, c->url);
	SET(CURLOPT_PROTOCOLS_STR, "http,https");
	/* 7.88 spins for ever on HTTP/2 when the server answers early. */
	SET(CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_1_1);
	SET(CURLOPT_FOLLOWLOCATION, 0L);
	SET(CURLOPT_NETRC, (long)CURL_NETRC_IGNORED);
	/* An empty text: not even from the environment. */
	SET(CURLOPT_PROXY, c->proxy != NULL ? c->proxy : "");
	SET(CURLOPT_NOPROXY, "");
	SET(CURLOPT_SUPPRESS_CONNECT_HEADERS, 1L);
	SET(CURLOPT_NOSIGNAL, 1L);
	SET(CURLOPT_USERAGENT, "defsync/" DEFSYNC_VERSION);
	SET(CURLOPT_CONNECTTIMEOUT_MS, (long)c->connect_timeout_ms);
	SET(CURLOPT_TIMEOUT_MS, (long)c->timeout_ms);
	SET(CURLOPT_LOW_SPEED_LIMIT, LOW_SPEED_BYTES);
	SET(CURLOPT_LOW_SPEED_TIME, LOW_SPEED_S);
	SET(CURLOPT_MAXLIFETIME_CONN, CONNECTION_LIFE_S);
	SET(CURLOPT_TCP_KEEPALIVE, 1L);
	SET(CURLOPT_TCP_NODELAY, 1L);
	SET(CURLOPT_UPLOAD_BUFFERSIZE, UPLOAD_BUFFER);
	return rc;
}
