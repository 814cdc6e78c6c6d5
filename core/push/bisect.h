/* SPDX-License-Identifier: MIT */
/*
 * Which rows of a refused batch are at fault: halves, in order, until single rows
 * are left.  Knows only numbers of rows; a pure state machine.
 *
 *	bisect_init(&b, n)
 *	while (bisect_next(&b, &from, &to)) {        send rows [from, to)
 *		bisect_accepted(&b) | bisect_split(&b) | bisect_refused(&b)
 *	}
 *
 * The right half of a refused range whose left half was accepted is known to be
 * refused and is not sent as a whole.  A single row that is refused comes once
 * more: only the second refusal convicts it.  k bad rows of n cost at most
 * bisect_budget(n, k) requests.
 */

#ifndef PUSH_BISECT_H
#define PUSH_BISECT_H

#include <stddef.h>
#include <stdint.h>

/* Halving 2^32 rows leaves at most one range a level, and both of the last. */
#define BISECT_DEPTH 34

struct bisect_range {
	uint32_t from, to;
	uint8_t left;	   /* the right sibling is the next range */
	uint8_t known_bad; /* some row of it is refused */
	uint8_t confirm;   /* a single row, refused once */
	uint8_t search;	   /* a part of a range that was refused */
};

struct bisect {
	struct bisect_range stack[BISECT_DEPTH];
	unsigned depth;
	uint32_t requests; /* that refusals cost: they, and what was sent because of them */
	uint32_t rows, convicted;
};

enum bisect_fate {
	BISECT_GO_ON,
	BISECT_CONFIRM, /* the same row once more, after a pause */
	BISECT_CONVICTED
};

void bisect_init(struct bisect *b, uint32_t n);
/* The first request was for all of it, and refused.  Instead of asking again. */
void bisect_init_refused(struct bisect *b, uint32_t n);
/* 1 with the range to send, 0 when nothing is left. */
int bisect_next(struct bisect *b, uint32_t *ret_from, uint32_t *ret_to);
void bisect_accepted(struct bisect *b);
enum bisect_fate bisect_refused(struct bisect *b);
/* Too large: halves, of which nothing is known.  A single row is convicted at once. */
enum bisect_fate bisect_split(struct bisect *b);

/*
 * The most requests that k bad rows of n may cost: 2k log2(n/k) + 3k + 2.  What is
 * sent in pieces only because of its size is not counted.
 */
uint32_t bisect_budget(uint32_t n, uint32_t k);
/* More than the next bad row could explain: batches are refused, but not their rows. */
int bisect_over_budget(const struct bisect *b);

#endif
