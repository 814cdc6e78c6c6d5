/* SPDX-License-Identifier: MIT */
/* A decoded request body: the envelope and its configuration. */

#define _GNU_SOURCE

#include "request.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Of a part of a table's name; stores with a PostgreSQL catalog cut names there. */
#define NAME_BYTES 63

static const char *const mode_names[] = {
    [MODE_APPEND] = "append",
    [MODE_MERGE] = "merge",
    [MODE_REPLACE] = "replace",
};

const char *request_mode_name(enum stream_mode mode)
{
	return mode_names[mode];
}

int refuse(struct refusal *refusal, int status, const char *field, const char *format, ...)
{
	char *text = NULL;
	va_list args;

	va_start(args, format);
	if (vasprintf(&text, format, args) < 0)
		text = NULL;
	va_end(args);
	free(refusal->text);
	*refusal = (struct refusal){.status = status, .text = text, .field = field};
	return -1;
}

void refusal_done(struct refusal *refusal)
{
	free(refusal->text);
	refusal->text = NULL;
}

/* What the walk over the envelope carries along. */
struct envelope {
	struct slice config;
	struct slice data;
	unsigned data_depth;
	const struct contract *contract;
	struct stream_request *request;
	struct refusal *refusal;
};

static int add_row(struct stream_request *r, struct slice text, unsigned depth)
{
	if (r->n_rows == r->cap_rows) {
		size_t cap = r->cap_rows ? r->cap_rows * 2 : 64;
		struct stream_row *rows = reallocarray(r->rows, cap, sizeof(*rows));

		if (!rows)
			return -1;
		r->rows = rows;
		r->cap_rows = cap;
	}
	r->rows[r->n_rows++] = (struct stream_row){.text = text, .depth = depth};
	return 0;
}

static int visit_row(void *ctx, struct slice key, struct slice value, unsigned depth)
{
	struct envelope *e = ctx;

	(void)key;
	if (e->request->n_rows >= e->contract->rows) {
		refuse(e->refusal, 413, NULL, "more than %zu rows", e->contract->rows);
		return 1;
	}
	if (add_row(e->request, value, depth) < 0) {
		refuse(e->refusal, 503, NULL, "out of memory");
		return 1;
	}
	return 0;
}

static int key_is(struct slice key, const char *name)
{
	size_t n = strlen(name);

	return key.len == n + 2 && memcmp(key.at + 1, name, n) == 0;
}

static int visit_member(void *ctx, struct slice key, struct slice value, unsigned depth)
{
	struct envelope *e = ctx;
	struct slice *place;

	if (key_is(key, "config")) {
		place = &e->config;
	} else if (key_is(key, "data")) {
		place = &e->data;
		e->data_depth = depth;
	} else {
		refuse(e->refusal, 422, "", "unknown key %.*s beside data and config",
		       (int)(key.len < 80 ? key.len : 80), key.at);
		return 1;
	}
	if (place->at) {
		refuse(e->refusal, 400, NULL, "the key %.*s comes twice", (int)key.len, key.at);
		return 1;
	}
	*place = value;
	return 0;
}

static int parse_rows(struct envelope *e)
{
	char first = e->data.at[0];
	int rc;

	if (first == '{')
		return add_row(e->request, e->data, e->data_depth);
	if (first != '[')
		return refuse(e->refusal, 422, "data", "data must be an object or an array");
	rc = scan_walk(e->data, visit_row, e);
	if (rc < 0)
		return refuse(e->refusal, 400, NULL, "data is not valid JSON");
	if (rc > 0)
		return -1;
	if (e->request->n_rows == 0)
		return refuse(e->refusal, 400, NULL, "data holds no row");
	return 0;
}

/* One dot, and on each side a name that needs no thought about quoting. */
static int is_table_name(const char *name)
{
	size_t part = 0;
	int dots = 0;

	for (const unsigned char *p = (const unsigned char *)name; *p; p++) {
		if (*p == '.') {
			if (part == 0 || dots++)
				return 0;
			part = 0;
			continue;
		}
		if (*p < ' ' || *p == 0x7f || strchr("\"'`;\\", *p) || ++part > NAME_BYTES)
			return 0;
	}
	return dots == 1 && part > 0;
}

static int check_table(struct envelope *e, const json_t *value)
{
	if (!json_is_string(value) ||
	    strlen(json_string_value(value)) != json_string_length(value) ||
	    !is_table_name(json_string_value(value)))
		return refuse(e->refusal, 422, "table", "table must be schema.table");
	e->request->table = json_string_value(value);
	return 0;
}

static int check_mode(struct envelope *e, const json_t *value)
{
	const char *name = json_string_value(value);

	for (size_t i = 0; name && i < sizeof(mode_names) / sizeof(*mode_names); i++) {
		if (strcmp(name, mode_names[i]) == 0 &&
		    (i != MODE_REPLACE || e->contract->onprem)) {
			e->request->mode = (enum stream_mode)i;
			return 0;
		}
	}
	return refuse(e->refusal, 422, "mode", "mode must be append%s or merge",
		      e->contract->onprem ? ", replace" : "");
}

static int check_key(struct envelope *e, json_t *value)
{
	size_t i;
	json_t *name;

	if (!json_is_array(value) || json_array_size(value) == 0)
		return refuse(e->refusal, 422, "primary_key",
			      "primary_key must be a list of column names");
	if (json_array_size(value) > 1 && !e->contract->onprem)
		return refuse(e->refusal, 422, "primary_key",
			      "primary_key must name exactly one column");
	json_array_foreach(value, i, name)
	{
		if (!json_is_string(name) || json_string_length(name) == 0 ||
		    strlen(json_string_value(name)) != json_string_length(name))
			return refuse(e->refusal, 422, "primary_key",
				      "primary_key must be a list of column names");
	}
	e->request->key = value;
	return 0;
}

static int check_wait(struct envelope *e, const json_t *value)
{
	if (!json_is_boolean(value))
		return refuse(e->refusal, 422, "wait", "wait must be a boolean");
	e->request->wait = json_is_true(value);
	return 0;
}

static int check_option(struct envelope *e, const char *name, json_t *value)
{
	if (strcmp(name, "table") == 0)
		return check_table(e, value);
	if (strcmp(name, "mode") == 0)
		return check_mode(e, value);
	if (strcmp(name, "primary_key") == 0)
		return json_is_null(value) ? 0 : check_key(e, value);
	if (strcmp(name, "wait") == 0)
		return check_wait(e, value);
	if (strcmp(name, "tags") == 0) {
		if (json_is_object(value) || json_is_null(value))
			return 0;
		return refuse(e->refusal, 422, "tags", "tags must be an object");
	}
	return refuse(e->refusal, 422, "", "unknown key '%s' in config", name);
}

static int parse_config(struct envelope *e)
{
	json_error_t error;
	const char *name;
	json_t *value;

	e->request->config = json_loadb(e->config.at, e->config.len,
					JSON_REJECT_DUPLICATES | JSON_ALLOW_NUL, &error);
	if (!e->request->config)
		return refuse(e->refusal, 400, NULL, "config is not valid JSON: %s", error.text);
	if (!json_is_object(e->request->config))
		return refuse(e->refusal, 422, "", "config must be an object");
	json_object_foreach(e->request->config, name, value)
	{
		if (check_option(e, name, value) < 0)
			return -1;
	}
	if (!e->request->table)
		return refuse(e->refusal, 422, "table", "table is required");
	if (e->request->mode != MODE_MERGE)
		e->request->key = NULL;
	else if (!e->request->key)
		return refuse(e->refusal, 422, "primary_key", "mode merge needs primary_key");
	return 0;
}

int request_parse(struct slice body, const struct contract *contract,
		  struct stream_request *ret_request, struct refusal *ret_refusal)
{
	struct envelope e = {
	    .contract = contract,
	    .request = ret_request,
	    .refusal = ret_refusal,
	};
	int rc;

	*ret_request = (struct stream_request){0};
	if (scan_trim(body).len == 0 || scan_trim(body).at[0] != '{')
		return refuse(ret_refusal, 400, NULL, "the body is not a JSON object");
	rc = scan_walk(body, visit_member, &e);
	if (rc < 0)
		return refuse(ret_refusal, 400, NULL, "the body is not valid JSON");
	if (rc > 0)
		return -1;
	if (!e.config.at)
		return refuse(ret_refusal, 422, "", "config is required");
	if (!e.data.at)
		return refuse(ret_refusal, 422, "data", "data is required");
	if (parse_config(&e) < 0)
		return -1;
	return parse_rows(&e);
}

void request_done(struct stream_request *request)
{
	json_decref(request->config);
	free(request->rows);
	*request = (struct stream_request){0};
}
