/* SPDX-License-Identifier: MIT */
/* Which rows of a refused batch are at fault: a stack of ranges, leftmost on top. */

#include "push/bisect.h"

#include <math.h>

static struct bisect_range *top(struct bisect *b)
{
	return &b->stack[b->depth - 1];
}

static void add(struct bisect *b, struct bisect_range r)
{
	b->stack[b->depth++] = r;
}

void bisect_init(struct bisect *b, uint32_t n)
{
	b->depth = 0;
	b->requests = 0;
	b->convicted = 0;
	b->rows = n;
	if (n > 0)
		add(b, (struct bisect_range){.to = n});
}

/* The top range becomes its two halves. */
static void halve(struct bisect *b, int refused)
{
	struct bisect_range r = *top(b);
	uint32_t middle = r.from + (r.to - r.from) / 2;
	uint8_t of_refused = refused != 0;

	*top(b) = (struct bisect_range){.from = middle, .to = r.to, .search = of_refused};
	add(b, (struct bisect_range){
		   .from = r.from, .to = middle, .left = of_refused, .search = of_refused});
}

void bisect_init_refused(struct bisect *b, uint32_t n)
{
	bisect_init(b, n);
	if (n > 0)
		(void)bisect_refused(b);
}

int bisect_next(struct bisect *b, uint32_t *ret_from, uint32_t *ret_to)
{
	if (b->depth == 0)
		return 0;
	while (top(b)->known_bad && top(b)->to - top(b)->from > 1)
		halve(b, 1);
	*ret_from = top(b)->from;
	*ret_to = top(b)->to;
	return 1;
}

void bisect_accepted(struct bisect *b)
{
	int was_left = top(b)->left;

	b->requests += top(b)->search || top(b)->confirm;
	b->depth--;
	if (was_left)
		top(b)->known_bad = 1;
}

enum bisect_fate bisect_refused(struct bisect *b)
{
	struct bisect_range *r = top(b);

	b->requests++;
	if (r->to - r->from > 1) {
		halve(b, 1);
		return BISECT_GO_ON;
	}
	if (!r->confirm) {
		r->confirm = 1;
		return BISECT_CONFIRM;
	}
	b->depth--;
	b->convicted++;
	return BISECT_CONVICTED;
}

enum bisect_fate bisect_split(struct bisect *b)
{
	struct bisect_range *r = top(b);

	if (r->to - r->from > 1) {
		halve(b, 0);
		return BISECT_GO_ON;
	}
	b->depth--;
	return BISECT_CONVICTED;
}

uint32_t bisect_budget(uint32_t n, uint32_t k)
{
	if (k == 0 || n == 0)
		return 2;
	if (k > n)
		k = n;
	return (uint32_t)(2.0 * k * log2((double)n / k)) + 3 * k + 2;
}

int bisect_over_budget(const struct bisect *b)
{
	return b->requests > bisect_budget(b->rows, b->convicted + 1);
}
