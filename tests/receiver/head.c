/* SPDX-License-Identifier: MIT */
/* What the contract asks of a request before its body. */

#include "head.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/random.h>

#define REQUEST_ID_BYTES 128

static int has_key(const char *authorization, const char *key)
{
	const char scheme[] = "Bearer ";

	if (!authorization || strncasecmp(authorization, scheme, strlen(scheme)) != 0)
		return 0;
	authorization += strlen(scheme);
	authorization += strspn(authorization, " ");
	return strcmp(authorization, key) == 0;
}

static int is_json(const char *content_type)
{
	const char json[] = "application/json";
	size_t n = strlen(json);

	return content_type && strncasecmp(content_type, json, n) == 0 &&
	       (content_type[n] == '\0' || strchr("; \t", content_type[n]));
}

int head_check(const struct head *head, const struct head_rules *rules, int *ret_gzip,
	       struct refusal *ret_refusal)
{
	const char *encoding = head->content_encoding;

	if (strcmp(head->path, rules->path) != 0)
		return refuse(ret_refusal, 404, NULL, "not found");
	if (!head->authorization)
		return refuse(ret_refusal, 401, NULL, "the bearer key is missing");
	if (!has_key(head->authorization, rules->key))
		return refuse(ret_refusal, 401, NULL, "the bearer key is not valid");
	if (strcmp(head->method, "POST") != 0)
		return refuse(ret_refusal, 405, NULL, "method not allowed");
	if (!is_json(head->content_type))
		return refuse(ret_refusal, 415, NULL, "the content type must be application/json");
	if (encoding && strcasecmp(encoding, "identity") != 0 &&
	    (strcasecmp(encoding, "gzip") != 0 || !rules->gzip))
		return refuse(ret_refusal, 415, NULL, "the content encoding is not supported");
	*ret_gzip = encoding && strcasecmp(encoding, "gzip") == 0;
	return 0;
}

static int is_repeatable(const char *id)
{
	size_t n = strlen(id);

	if (n == 0 || n > REQUEST_ID_BYTES)
		return 0;
	for (; *id; id++)
		if (*id <= ' ' || *id > '~' || *id == '"' || *id == '\\')
			return 0;
	return 1;
}

char *head_request_id(const char *from_client)
{
	unsigned char random[12];
	char *id = NULL;

	if (from_client && is_repeatable(from_client))
		return strdup(from_client);
	if (getrandom(random, sizeof(random), 0) != (ssize_t)sizeof(random))
		return NULL;
	id = calloc(1, 5 + 2 * sizeof(random));
	if (!id)
		return NULL;
	memcpy(id, "req_", 4);
	for (size_t i = 0; i < sizeof(random); i++)
		snprintf(id + 4 + 2 * i, 3, "%02x", random[i]);
	return id;
}
