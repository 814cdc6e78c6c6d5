/* SPDX-License-Identifier: MIT */
/*
 * A strict scanner of JSON (RFC 8259) that goes into the objects that the caller is
 * after and passes over all else, checked:
 *
 *	json_start -> json_next | json_enter, json_member -> value ..., -> json_finish
 *
 * Nothing is copied: values are the bytes of the text.  After false or -1 the place of
 * the fault is `p`, and the scan is over.  Whether bytes from 0x80 on are UTF-8 is left
 * to who sends them.  Pure, no memory.
 */

#ifndef COMMON_JSON_H
#define COMMON_JSON_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define JSON_DEPTH_MAX 64

enum json_kind {
	JSON_NONE, /* nothing, or nothing that a value begins with */
	JSON_NULL,
	JSON_BOOL,
	JSON_NUMBER,
	JSON_STRING,
	JSON_ARRAY,
	JSON_OBJECT,
};

/* As it is written; a string with its quotes. */
struct json_value {
	const char *ptr;
	size_t len;
	enum json_kind kind;
	bool escaped; /* a string with a backslash in it */
};

struct json_scan {
	const char *start, *p, *end;
	uint32_t depth; /* of objects that were entered */
	bool fresh;	/* entered, and no member was asked for */
	bool too_deep;	/* the fault is that of JSON_DEPTH_MAX */
};

void json_start(struct json_scan *s, const char *ptr, size_t len);
/* What the next value is, by its first byte. */
enum json_kind json_peek(struct json_scan *s);
/* The next value, to its end. */
bool json_next(struct json_scan *s, struct json_value *ret);
/* Into the object that is next. */
bool json_enter(struct json_scan *s);
/* 1: the name of the next member, its value is next; 0: the object's end is passed. */
int json_member(struct json_scan *s, struct json_value *ret_name);
/* Is that all? */
bool json_finish(struct json_scan *s);

/*
 * The text of a sound string to `out`, which has room for v->len bytes.  With \u0000 it
 * holds a NUL.
 */
size_t json_unescape(const struct json_value *v, char *out);

#endif
