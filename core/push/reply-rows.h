/* SPDX-License-Identifier: MIT */
/*
 * Which rows an API names in its reply.  Shapes: elements of `errors` or `detail`
 * with a whole number in "row", "index" or "row_index", or with FastAPI's "loc":
 * ["body", "data", 17, ...].  Numbers count from 0.
 */

#ifndef PUSH_REPLY_ROWS_H
#define PUSH_REPLY_ROWS_H

#include <stddef.h>
#include <stdint.h>

struct reply_row {
	uint32_t index;
	char message[256]; /* printable; "" none */
};

struct reply_rows {
	struct reply_row *rows; /* by index, each once; NULL without any */
	size_t n;
};

/*
 * n 0 when the reply names none, far more than were `sent` or one that was not among
 * them: then it cannot be relied on.  -1 no memory.
 */
int reply_rows_read(const char *body, size_t len, uint32_t sent, struct reply_rows *ret);
void reply_rows_done(struct reply_rows *r);

#endif
