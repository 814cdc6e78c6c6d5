/* SPDX-License-Identifier: MIT */
/* The members of a JSON object that is known to be sound. */

#include "row/json-members.h"

static const char *skip_space(const char *p, const char *end)
{
	while (p < end && (*p == ' ' || *p == '\n' || *p == '\r' || *p == '\t'))
		p++;
	return p;
}

/* Behind the closing quote; p is at the opening one. */
static const char *skip_string(const char *p, const char *end)
{
	for (p++; p < end && *p != '"'; p++) {
		if (*p == '\\' && p + 1 < end)
			p++;
	}
	return p < end ? p + 1 : end;
}

/* Behind the closing bracket; p is at the opening one. */
static const char *skip_nested(const char *p, const char *end)
{
	size_t depth = 0;

	while (p < end) {
		char c = *p;

		if (c == '"') {
			p = skip_string(p, end);
			continue;
		}
		p++;
		if (c == '{' || c == '[')
			depth++;
		else if ((c == '}' || c == ']') && --depth == 0)
			break;
	}
	return p;
}

static const char *skip_scalar(const char *p, const char *end)
{
	while (p < end && *p != ',' && *p != '}' && *p != ' ' && *p != '\n' && *p != '\r' &&
	       *p != '\t')
		p++;
	return p;
}

static const char *skip_value(const char *p, const char *end)
{
	if (p < end && *p == '"')
		return skip_string(p, end);
	if (p < end && (*p == '{' || *p == '['))
		return skip_nested(p, end);
	return skip_scalar(p, end);
}

int json_next_member(const char **at, const char *end, struct json_member *ret)
{
	const char *p = skip_space(*at, end);

	if (p >= end || (*p != '{' && *p != ','))
		return 0;
	p = skip_space(p + 1, end);
	if (p >= end || *p != '"')
		return 0;
	ret->name = p + 1;
	p = skip_string(p, end);
	ret->name_len = (size_t)(p - ret->name) - 1;
	p = skip_space(p, end);
	if (p >= end || *p != ':')
		return 0;
	p = skip_space(p + 1, end);
	ret->value = p;
	p = skip_value(p, end);
	ret->value_len = (size_t)(p - ret->value);
	*at = p;
	return 1;
}
