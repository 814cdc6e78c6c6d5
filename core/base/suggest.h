/* SPDX-License-Identifier: MIT */
/* "Did you mean": the nearest of some names by edit distance. */

#ifndef BASE_SUGGEST_H
#define BASE_SUGGEST_H

#include <stddef.h>

/* The nearest name, or NULL when none is near enough to be meant. */
const char *suggest(const char *word, const char *const *names, size_t n);

#endif
