/* SPDX-License-Identifier: MIT */
/*
 * A value that is written in an expression, as a cell of each type that it may stand
 * for, so that nothing of it is parsed for a row.
 */

#ifndef COMMON_EXPRLITERAL_H
#define COMMON_EXPRLITERAL_H

#include <stdbool.h>

#include <defsync/plugin.h>

#include "common/exprtoken.h"

#define EXPR_TYPES (DEFSYNC_UUID + 1)

struct expr_literal {
	const char *shown; /* as written, for messages */
	/* What it is by itself: NULL, BOOL, INT64, DECIMAL or TEXT. */
	uint32_t type;
	bool whole; /* a number without a fraction */
	/*
	 * For each type: the cell, or one of DEFSYNC_NULL where it is none of that type.
	 * A number is an INT64 or UINT64 where it fits, and the nearest DOUBLE.  A text
	 * is a DATE, TIME, TIMESTAMP or UUID where it is written like one.
	 */
	struct defsync_cell as[EXPR_TYPES];
};

/* Does one begin here? */
bool expr_is_literal(const struct expr *e);
/* Reads it; NULL: the expression has failed. */
struct expr_literal *expr_take_literal(struct expr *e);

/* "int64" ... for messages. */
const char *expr_type_name(uint32_t type);
/* INT64, UINT64, DOUBLE or DECIMAL. */
bool expr_is_number(uint32_t type);

#endif
