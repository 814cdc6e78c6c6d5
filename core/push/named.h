/* SPDX-License-Identifier: MIT */
/*
 * Rows of a part that an API named as rejected while it took the others.  How it
 * counts is not documented, so that is proven first: the last named row is sent
 * once more, alone.  When it is refused again, all names hold; were they counted
 * from 1, the row behind the last guilty one would be taken.
 */

#ifndef PUSH_NAMED_H
#define PUSH_NAMED_H

#include "push/reply-rows.h"

struct part;

struct named {
	uint32_t from, to; /* the part that the names are about */
	struct reply_rows rows;
	int status;
	char text[]; /* what the API said */
};

/* Takes rows over.  NULL without memory. */
struct named *named_create(struct reply_rows *rows, const char *text);
void named_destroy(struct named *n); /* NULL is allowed */

#endif
