/* SPDX-License-Identifier: MIT */
/*
 * The members of a JSON object, one after the other, without a copy:
 *
 *	const char *at = text;
 *	while (json_next_member(&at, text + n, &m)) ...
 *
 * Only for texts that json_check has found to be one JSON value.
 */

#ifndef ROW_JSON_MEMBERS_H
#define ROW_JSON_MEMBERS_H

#include <stddef.h>

struct json_member {
	const char *name; /* between its quotes, as written */
	size_t name_len;
	const char *value; /* as written, without space around it */
	size_t value_len;
};

/* 1 with the next member; 0 behind the last one, and when the text is no object. */
int json_next_member(const char **at, const char *end, struct json_member *ret);

#endif
