/* SPDX-License-Identifier: MIT */
/*
 * The longest finished prefix of a table's batches, in read order.  Batches end
 * in any order; prefix_take gives them back in theirs, and never one behind a gap.
 */

#ifndef SYNC_PREFIX_H
#define SYNC_PREFIX_H

#include <stdint.h>

#include "push/batch.h"

struct prefix {
	uint64_t next_seq;
	struct batch *waiting; /* by seq */
};

void prefix_init(struct prefix *p);
/* Takes a finished batch. */
void prefix_add(struct prefix *p, struct batch *b);
/* The next batch of the prefix if it is delivered, else NULL. */
struct batch *prefix_take(struct prefix *p);
/* Any batch that waits, prefix or not: for the clean-up at the end of a run. */
struct batch *prefix_drain(struct prefix *p);

#endif
