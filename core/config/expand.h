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

/* The text (in the arena, or `text` itself when there is nothing to expand), or NULL after a problem. */
const char *expand(const char *text, const struct tree *at, struct arena *arena,
		   struct problems *problems, int *ret_secret);

#endif
