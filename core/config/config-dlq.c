/* SPDX-License-Identifier: MIT */
/* The section dlq: the limit of the dead letters, and the queue that they are forwarded to. */

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/host.h"
#include "config/build.h"

#define REGION_CHARACTERS "abcdefghijklmnopqrstuvwxyz0123456789-"
#define REGION_BYTES_MAX 64

/* What is wrong with a text, and what to do; NULL: nothing. */
struct fault {
	const char *what, *todo;
};

/* Parts of "scheme://host:port/path"; they point into it. */
struct url {
	int https;
	const char *host, *path;
	size_t host_len; /* with the brackets of an IPv6 address */
	int user;	 /* something stands before an @ */
};

static int is_printable(const char *text)
{
	for (; *text; text++) {
		if ((unsigned char)*text <= ' ' || (unsigned char)*text >= 0x7f)
			return 0;
	}
	return 1;
}

static size_t host_length(const char *host, size_t authority)
{
	const char *end = *host == '[' ? memchr(host, ']', authority) : NULL;

	return end ? (size_t)(end - host) + 1 : strcspn(host, ":/?#");
}

/* Digits between the host and the end of the authority. */
static int is_port(const char *port, const char *end)
{
	size_t n = (size_t)(end - port);

	return n == 0 || (*port == ':' && n > 1 && strspn(port + 1, "0123456789") == n - 1);
}

static int split_url(const char *text, struct url *ret)
{
	struct url u = {.https = strncasecmp(text, "https://", 8) == 0};
	size_t authority;

	if ((!u.https && strncasecmp(text, "http://", 7) != 0) || !is_printable(text))
		return -1;
	u.host = text + (u.https ? 8 : 7);
	authority = strcspn(u.host, "/?#");
	u.path = u.host + authority;
	u.user = memchr(u.host, '@', authority) != NULL;
	u.host_len = host_length(u.host, authority);
	*ret = u;
	if (u.user)
		return 0;
	return u.host_len > 0 && is_port(u.host + u.host_len, u.path) ? 0 : -1;
}

static int is_loopback(const struct url *u)
{
	char host[64];

	if (u->host_len >= sizeof(host))
		return 0;
	memcpy(host, u->host, u->host_len);
	host[u->host_len] = '\0';
	return host_is_loopback(host);
}

/* The rules of api.url, and those of what it is the address of. */
static struct fault url_fault(const char *text, int queue, int allow_http)
{
	struct url u;

	if (split_url(text, &u) < 0)
		return (struct fault){"no address", queue ? "write https://HOST/ACCOUNT/QUEUE"
							  : "write https://HOST"};
	if (u.user)
		return (struct fault){"the address holds a user or password",
				      "give AWS credentials by the environment"};
	if (!u.https && !allow_http && !is_loopback(&u))
		return (struct fault){"the address is not encrypted",
				      "write https://, or set api.allow_http: true"};
	if (queue && (u.path[0] != '/' || u.path[1] == '\0'))
		return (struct fault){"the address names no queue",
				      "write https://HOST/ACCOUNT/QUEUE"};
	if (!queue && u.path[0] != '\0' && strcmp(u.path, "/") != 0)
		return (struct fault){"an address without path is expected", "write https://HOST"};
	return (struct fault){NULL, NULL};
}

static struct fault region_fault(const char *text)
{
	size_t n = strlen(text);

	if (n > 0 && n <= REGION_BYTES_MAX && strspn(text, REGION_CHARACTERS) == n)
		return (struct fault){NULL, NULL};
	return (struct fault){"no name of a region", "write it like eu-west-1"};
}

/* A URL with a password in it is not repeated. */
static const char *report(struct build *b, const struct tree *at, const char *name,
			  const char *text, struct fault fault)
{
	const char *password;
	size_t len;

	if (!fault.what)
		return text;
	if (config_url_password(text, &password, &len)) {
		config_add_secret(b, password, len);
		problems_add(b->problems, at, "%s: %s; %s", name, fault.what, fault.todo);
	} else {
		problems_add(b->problems, at, "%s: %s: '%.200s'; %s", name, fault.what, text,
			     fault.todo);
	}
	return NULL;
}

/* An empty address means none; one that is not given is that of the environment. */
static const char *queue_url(struct build *b, const struct defsync_options *o, struct tree *map)
{
	int given = options_is_set(o, "sqs_url");
	const char *text = given ? options_string(o, "sqs_url") : getenv("DLQ_URL");
	const char *name = given ? "sqs_url" : "DLQ_URL";

	if (!text || *text == '\0')
		return NULL;
	if (!given)
		text = arena_strdup(&b->config->arena, text);
	if (!text) {
		b->no_memory = 1;
		return NULL;
	}
	return report(b, given ? tree_get(map, "sqs_url") : NULL, name, text,
		      url_fault(text, 1, b->config->api.allow_http));
}

void config_build_dlq(struct build *b)
{
	const struct defsync_options *o;
	struct tree *map;
	const char *endpoint, *region;

	o = config_section_read(b, "dlq", &map);
	if (!o)
		return;
	b->config->dlq_max_bytes = options_int(o, "max_bytes");
	b->config->sqs_url = queue_url(b, o, map);
	endpoint = options_string(o, "sqs_endpoint");
	if (endpoint && *endpoint)
		b->config->sqs_endpoint =
		    report(b, tree_get(map, "sqs_endpoint"), "sqs_endpoint", endpoint,
			   url_fault(endpoint, 0, b->config->api.allow_http));
	region = options_string(o, "sqs_region");
	if (region && *region)
		b->config->sqs_region = report(b, tree_get(map, "sqs_region"), "sqs_region", region,
					       region_fault(region));
}
