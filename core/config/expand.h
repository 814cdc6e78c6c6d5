/* SPDX-License-Identifier: MIT */
/*
 * `${NAME}`, `${NAME:-default}`, `${file:PATH}`, `${credential:NAME}` and `$$` in
 * a scalar.  A variable that is not set is an error, also an empty one without a
 * default.  Files and credentials lose one newline at their end; CR or LF inside
 * is refused.  Nothing else is expanded: no ~, no $(...).
 */

#ifndef CONFIG_EXPAND_H
#define CONFIG_EXPAND_H

#include "base/arena.h"
#include "config/problems.h"

/*
 * The text (in the arena, or `text` itself when there is nothing to expand), or
 * NULL after a problem.  *ret_secret: 0, EXPAND_VARIABLE or EXPAND_FILE.
 */
#define EXPAND_VARIABLE 1
#define EXPAND_FILE 2 /* ${file:}, ${credential:} */
const char *expand(const char *text, const struct tree *at, struct arena *arena,
		   struct problems *problems, int *ret_secret);

/* A file that holds one secret, by the same rules; NULL after a problem. */
const char *expand_secret_file(const char *path, const struct tree *at, struct arena *arena,
			       struct problems *problems);

#endif
