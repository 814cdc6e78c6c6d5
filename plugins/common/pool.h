/* SPDX-License-Identifier: MIT */
/*
 * Memory that is freed all at once: what a plugin hands to the host and keeps
 * until disconnect or the next describe.  Every function returns NULL when there
 * is no memory.
 */

#ifndef COMMON_POOL_H
#define COMMON_POOL_H

#include <stddef.h>

struct pool_block;

/* All zero is an empty pool. */
struct pool {
	struct pool_block *first;
};

/* Zeroed. */
void *pool_alloc(struct pool *p, size_t n, size_t size);
char *pool_strdup(struct pool *p, const char *s);
__attribute__((format(printf, 2, 3))) char *pool_printf(struct pool *p, const char *fmt, ...);
void pool_done(struct pool *p);

#endif
