/* SPDX-License-Identifier: MIT */
/* The actions of a scenario, read from JSON. */

#define _GNU_SOURCE

#include "action.h"

#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int scenario_error(char **ret_error, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	if (vasprintf(ret_error, format, args) < 0)
		*ret_error = NULL;
	va_end(args);
	return -1;
}

/* What an action may say; one of the places below it is stored in. */
enum kind {
	KIND_COUNT,
	KIND_BYTES,
	KIND_FLAG,
	KIND_TEXT,
	KIND_DATA,
	KIND_OBJECT
};

struct member {
	const char *name;
	enum kind kind;
	size_t offset;	   /* in struct action */
	size_t len_offset; /* KIND_DATA */
};

#define AT(field) offsetof(struct action, field)

static const struct member members[] = {
    {"status", KIND_COUNT, AT(answer.status), 0},
    {"headers", KIND_OBJECT, AT(answer.headers), 0},
    {"body", KIND_DATA, AT(answer.body), AT(answer.body_len)},
    {"content_type", KIND_TEXT, AT(answer.content_type), 0},
    {"pad_bytes", KIND_BYTES, AT(answer.pad_bytes), 0},
    {"delay_ms", KIND_COUNT, AT(answer.delay_ms), 0},
    {"cut_after", KIND_BYTES, AT(answer.cut_after), 0},
    {"slow_bytes_per_second", KIND_COUNT, AT(answer.bytes_per_second), 0},
    {"redirect", KIND_TEXT, AT(answer.location), 0},
    {"raw", KIND_DATA, AT(answer.raw), AT(answer.raw_len)},
    {"raw_file", KIND_TEXT, AT(answer.raw_file), 0},
    {"reset", KIND_FLAG, AT(answer.reset), 0},
    {"wrong_counts", KIND_FLAG, AT(wrong_counts), 0},
    {"patch", KIND_OBJECT, AT(patch), 0},
};

static int store_number(const json_t *value, json_int_t max, json_int_t *ret)
{
	if (!json_is_integer(value) || json_integer_value(value) < 0 ||
	    json_integer_value(value) > max)
		return -1;
	*ret = json_integer_value(value);
	return 0;
}

static int store(const struct member *m, const json_t *value, char *base)
{
	json_int_t number = 0;

	switch (m->kind) {
	case KIND_COUNT:
		if (store_number(value, INT_MAX, &number) < 0)
			return -1;
		*(int *)(base + m->offset) = (int)number;
		return 0;
	case KIND_BYTES:
		if (store_number(value, 1LL << 40, &number) < 0)
			return -1;
		*(int64_t *)(base + m->offset) = number;
		return 0;
	case KIND_FLAG:
		*(int *)(base + m->offset) = json_is_true(value);
		return json_is_boolean(value) ? 0 : -1;
	case KIND_TEXT:
	case KIND_DATA:
		*(const char **)(base + m->offset) = json_string_value(value);
		if (m->kind == KIND_DATA)
			*(size_t *)(base + m->len_offset) = json_string_length(value);
		return json_is_string(value) ? 0 : -1;
	default:
		*(const json_t **)(base + m->offset) = value;
		return json_is_object(value) ? 0 : -1;
	}
}

static int parse_reject(const json_t *value, struct action *a, char **ret_error)
{
	size_t i;
	const json_t *index;

	if (json_is_object(value)) {
		a->reject_holding = json_string_value(json_object_get(value, "containing"));
		if (a->reject_holding && json_object_size(value) == 1)
			return 0;
	} else if (json_is_array(value)) {
		a->reject_rows = value;
		json_array_foreach((json_t *)value, i, index)
		{
			if (!json_is_integer(index))
				return scenario_error(ret_error, "reject_rows: not an index");
		}
		return 0;
	}
	return scenario_error(ret_error,
			      "reject_rows: must be a list of indexes or {\"containing\": text}");
}

static const struct member *find_member(const char *name)
{
	for (size_t i = 0; i < sizeof(members) / sizeof(*members); i++)
		if (strcmp(members[i].name, name) == 0)
			return &members[i];
	return NULL;
}

/* Read elsewhere, and not inside of accept_then. */
static int is_outer(const char *name)
{
	return strcmp(name, "accept_then") == 0 || strcmp(name, "accept_then_reset") == 0 ||
	       strcmp(name, "reject_rows") == 0;
}

static int parse_answer(const json_t *value, int nested, struct action *a, char **ret_error)
{
	const char *name;
	json_t *part;

	if (!json_is_object(value))
		return scenario_error(ret_error, "an action must be an object");
	json_object_foreach((json_t *)value, name, part)
	{
		const struct member *m = find_member(name);

		if (!m && !nested && is_outer(name))
			continue;
		if (!m)
			return scenario_error(ret_error, "action: '%s' is unknown%s", name,
					      nested ? " in accept_then" : "");
		if (store(m, part, (char *)a) < 0)
			return scenario_error(ret_error, "action: '%s' has a wrong value", name);
	}
	return 0;
}

static int check_headers(const json_t *headers, char **ret_error)
{
	const char *name;
	json_t *value;

	json_object_foreach((json_t *)headers, name, value)
	{
		if (!json_is_string(value))
			return scenario_error(ret_error, "headers: '%s' must be a text", name);
	}
	return 0;
}

/* An answer of its own replaces the batch's unless only something of it is changed. */
static int replaces_batch(const struct action *a)
{
	const struct reaction *r = &a->answer;

	return r->status || r->body || r->location || r->raw || r->raw_file || r->reset;
}

/* accept_then: what stood before it must leave room for it. */
static int parse_then(const json_t *value, struct action *a, char **ret_error)
{
	const json_t *then = json_object_get(value, "accept_then");
	int reset = json_is_true(json_object_get(value, "accept_then_reset"));

	a->accept = !replaces_batch(a);
	if (!then && !reset)
		return 0;
	if (!a->accept || (then && reset))
		return scenario_error(ret_error, "accept_then cannot stand beside another answer");
	a->answer.reset = reset;
	return then ? parse_answer(then, 1, a, ret_error) : 0;
}

int action_parse(const json_t *value, struct action *ret_action, char **ret_error)
{
	struct action *a = ret_action;
	const json_t *reject = json_object_get(value, "reject_rows");

	*a = (struct action){.answer = {.cut_after = -1}};
	if (parse_answer(value, 0, a, ret_error) < 0)
		return -1;
	a->delay_ms = a->answer.delay_ms;
	a->answer.delay_ms = 0;
	if (parse_then(value, a, ret_error) < 0)
		return -1;
	if (a->answer.status && (a->answer.status < 200 || a->answer.status > 599))
		return scenario_error(ret_error, "status: must be in 200..599");
	if (a->answer.headers && check_headers(a->answer.headers, ret_error) < 0)
		return -1;
	if (!reject)
		return 0;
	if (!a->accept)
		return scenario_error(ret_error, "reject_rows cannot stand beside an answer");
	return parse_reject(reject, a, ret_error);
}

int action_needs_body(const struct action *action)
{
	return action->accept;
}
