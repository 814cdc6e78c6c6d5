/* SPDX-License-Identifier: MIT */
/* Is a text one JSON value by RFC 8259, and how deep?  For JSON cells that are embedded as they are. */

#ifndef ROW_JSON_CHECK_H
#define ROW_JSON_CHECK_H

#include <stddef.h>

/* The largest max_depth that is looked at; a larger one counts as this. */
#define JSON_CHECK_DEPTH 1024

/*
 * The nesting depth (a scalar is 0, [] is 1), or -1 for anything that is not
 * exactly one JSON value in valid UTF-8.  Looks no deeper than max_depth: a
 * deeper text gives max_depth + 1.  Escapes of half a surrogate pair are refused,
 * which the grammar allows and receivers do not.
 */
int json_check(const char *p, size_t n, int max_depth);

#endif
