/* SPDX-License-Identifier: MIT */
/*
 * Memory that is freed all at once: configuration trees, option values, copies
 * of rows.  Nothing is freed singly; pointers stay valid until reset or done.
 */

#ifndef BASE_ARENA_H
#define BASE_ARENA_H

#include <stddef.h>

struct arena_block;

struct arena {
	struct arena_block *first; /* newest */
	size_t used;		   /* of all blocks */
	size_t max;
};

void arena_init(struct arena *a, size_t max);
void arena_done(struct arena *a);
/* Frees all but the first block. */
void arena_reset(struct arena *a);

/* Zeroed, aligned for any type; NULL without memory or over the maximum. */
void *arena_alloc(struct arena *a, size_t n);
/* n elements of `size`, checked for overflow. */
void *arena_array(struct arena *a, size_t n, size_t size);
char *arena_strdup(struct arena *a, const char *s);
char *arena_strndup(struct arena *a, const char *s, size_t n); /* NUL-terminated */
__attribute__((format(printf, 2, 3))) char *arena_printf(struct arena *a, const char *fmt, ...);

#endif
