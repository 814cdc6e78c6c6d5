/* SPDX-License-Identifier: MIT */
/*
 * Structure of a JSON text without its values.
 *
 * Finds where values begin and end, so that rows are counted without parsing
 * and kept byte for byte.  It checks brackets, strings and separators at the
 * levels that the caller walks, not the inside of values: whoever needs them
 * valid parses the slice.  No recursion, no allocation; any bytes are allowed in.
 */

#ifndef RECEIVER_SCAN_H
#define RECEIVER_SCAN_H

#include <stddef.h>

/* A stretch of somebody else's bytes. */
struct slice {
	const char *at;
	size_t len;
};

/* Called per element or member (`key` with its quotes; empty in arrays); not 0 ends the walk. */
typedef int (*scan_visit)(void *ctx, struct slice key, struct slice value, unsigned depth);

/*
 * Walks the one object or array that `text` must be, white space around it
 * allowed.  0: walked to the end; -1: malformed; otherwise what visit returned.
 * `depth` of a value: 0 a scalar, 1 an object or array of scalars, and so on.
 */
int scan_walk(struct slice text, scan_visit visit, void *ctx);

/* The text without white space around it. */
struct slice scan_trim(struct slice text);

#endif
