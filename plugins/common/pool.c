/* SPDX-License-Identifier: MIT */
/* Memory that is freed all at once, see pool.h. */

#include "common/pool.h"

#include <stdalign.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct pool_block {
	struct pool_block *next;
	alignas(max_align_t) char data[];
};

void *pool_alloc(struct pool *p, size_t n, size_t size)
{
	struct pool_block *b;

	if (size && n > (SIZE_MAX - sizeof(*b) - 1) / size)
		return NULL;
	b = calloc(1, sizeof(*b) + n * size + 1);
	if (!b)
		return NULL;
	b->next = p->first;
	p->first = b;
	return b->data;
}

char *pool_strdup(struct pool *p, const char *s)
{
	size_t len = strlen(s);
	char *copy = pool_alloc(p, len + 1, 1);

	if (copy)
		memcpy(copy, s, len);
	return copy;
}

char *pool_printf(struct pool *p, const char *fmt, ...)
{
	va_list ap;
	char *out;
	int n;

	va_start(ap, fmt);
	n = vsnprintf(NULL, 0, fmt, ap);
	va_end(ap);
	if (n < 0)
		return NULL;
	out = pool_alloc(p, (size_t)n + 1, 1);
	if (!out)
		return NULL;
	va_start(ap, fmt);
	(void)vsnprintf(out, (size_t)n + 1, fmt, ap);
	va_end(ap);
	return out;
}

void pool_done(struct pool *p)
{
	struct pool_block *b = p->first;

	while (b) {
		struct pool_block *next = b->next;

		free(b);
		b = next;
	}
	p->first = NULL;
}
