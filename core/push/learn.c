/* SPDX-License-Identifier: MIT */
/* What an API was seen to take. */

#include "push/learn.h"

/* After so many bodies that were taken, a larger one is tried: the limit may be gone. */
#define PROBE_AFTER 64

void learn_accepted(struct learned *l, size_t bytes)
{
	if (l->refused != 0)
		l->taken++;
	if (bytes <= l->accepted)
		return;
	if (l->taken >= PROBE_AFTER)
		l->taken = 0;
	l->accepted = bytes;
	l->changed |= LEARNED_MORE;
	/* The limit was raised, or the refusal had another cause. */
	if (l->refused != 0 && bytes >= l->refused)
		l->refused = 0;
}

void learn_refused(struct learned *l, size_t bytes)
{
	l->taken = 0;
	if (l->refused != 0 && bytes >= l->refused)
		return;
	l->refused = bytes;
	l->changed |= LEARNED_LIMIT;
	/* The limit was lowered. */
	if (l->accepted >= bytes)
		l->accepted = 0;
}

void learn_gzip(struct learned *l, int taken)
{
	if (l->gzip == taken)
		return;
	l->gzip = taken;
	l->changed |= taken ? LEARNED_MORE : LEARNED_LIMIT;
}

size_t learned_target(const struct learned *l, size_t configured)
{
	size_t target;

	if (l->refused == 0 || configured < l->refused)
		return configured;
	target = l->refused / 2;
	if (l->accepted > target)
		target = l->accepted;
	if (l->taken >= PROBE_AFTER)
		target *= 2;
	return target < configured ? target : configured;
}
