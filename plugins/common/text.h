/* SPDX-License-Identifier: MIT */
/*
 * A growing text with a mandatory limit, for SQL and messages that plugins
 * build.  Errors stick: after a failed addition nothing is added any more and
 * text_ok is false, so that only the end of a chain of calls is checked.
 *
 *	text_init -> text_add, text_str, text_int ... -> text_ok -> text_done
 */

#ifndef COMMON_TEXT_H
#define COMMON_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct text {
	char *ptr; /* owned, NUL-terminated once something was added */
	size_t len;
	size_t cap;
	size_t max; /* bytes, without the NUL */
	bool failed;
};

void text_init(struct text *t, size_t max);
void text_done(struct text *t);
/* Empties it and forgets a failure; keeps the memory. */
void text_clear(struct text *t);
void text_add(struct text *t, const char *ptr, size_t len);
void text_str(struct text *t, const char *s);
void text_char(struct text *t, char c);
void text_int(struct text *t, int64_t v);
/* Room for n bytes behind the text, or NULL; text_filled says how many are there then. */
char *text_room(struct text *t, size_t n);
void text_filled(struct text *t, size_t n);
static inline bool text_ok(const struct text *t)
{
	return !t->failed;
}
/* The text, "" while it is empty. */
const char *text_get(const struct text *t);

#endif
