/* SPDX-License-Identifier: MIT */
/* The longest finished prefix of a table's batches. */

#include "sync/prefix.h"

#include <stddef.h>

void prefix_init(struct prefix *p)
{
	p->next_seq = 0;
	p->waiting = NULL;
}

void prefix_add(struct prefix *p, struct batch *b)
{
	struct batch **at = &p->waiting;

	while (*at != NULL && (*at)->seq < b->seq)
		at = &(*at)->next;
	b->next = *at;
	*at = b;
}

struct batch *prefix_take(struct prefix *p)
{
	struct batch *b = p->waiting;

	if (b == NULL || b->seq != p->next_seq || b->outcome != BATCH_DELIVERED)
		return NULL;
	p->next_seq++;
	return prefix_drain(p);
}

struct batch *prefix_drain(struct prefix *p)
{
	struct batch *b = p->waiting;

	if (b != NULL) {
		p->waiting = b->next;
		b->next = NULL;
	}
	return b;
}
