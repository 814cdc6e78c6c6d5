/* SPDX-License-Identifier: MIT */
/*
 * Why one row cannot be sent.  Filled by the encoder, the guard or a transform,
 * kept in the dead letters: `reason` is stable and documented in defsync(1).
 */

#ifndef ROW_FAULT_H
#define ROW_FAULT_H

#include <defsync/plugin.h>

#include "base/limits.h"

enum row_reason {
	ROW_OK = 0,
	ROW_BAD_UTF8,
	ROW_FIELD_TOO_LARGE,
	ROW_TOO_LARGE,
	ROW_TOO_DEEP,
	ROW_BAD_JSON,
	ROW_BAD_VALUE, /* digits of a decimal, days of a date out of form */
	ROW_KEY_NULL,  /* merge mode */
	ROW_SOURCE,    /* the source said DEFSYNC_E_BAD_ROW */
	ROW_TRANSFORM,
	ROW_SCHEMA,   /* schema: dead_letter, and the columns have changed */
	ROW_REJECTED, /* by the API */
	ROW_PARTIAL,  /* in a batch of which the API took only a part */
	ROW_REASONS
};

struct row_fault {
	enum row_reason reason;
	char text[LIMIT_MESSAGE_BYTES]; /* one line, names the column */
};

/* "bad_utf8", "row_too_large" ...; never NULL. */
const char *row_reason_name(enum row_reason reason);
/* The reason of that name; ROW_OK for any other. */
enum row_reason row_reason_find(const char *name);

/* Always -1. */
__attribute__((format(printf, 3, 4))) int row_fault_set(struct row_fault *fault,
							enum row_reason reason, const char *fmt,
							...);

/*
 * Takes out of a source's text what may be a value that a transform would have hidden:
 * all from the first text in single quotes on that is no column of the relation (NULL:
 * there is none).
 */
void row_fault_veil(struct row_fault *fault, const struct defsync_relation *relation);

#endif
