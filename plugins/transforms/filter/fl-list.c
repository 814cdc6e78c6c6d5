/* SPDX-License-Identifier: MIT */
/* Long lists of `in`: in order, so that a value is searched for, not met with each. */

#include <stdlib.h>

#include "fl.h"

#define LIST_MIN 16

/* Of a list of literals: TEXT or INT64 where all are, else NULL. */
static uint32_t type_of(const struct fl_operand *list, uint32_t *ret_n)
{
	const struct fl_operand *o;
	uint32_t type = list->literal ? list->literal->type : DEFSYNC_NULL;

	*ret_n = 0;
	for (o = list; o; o = o->next, ++*ret_n) {
		if (!o->literal || o->literal->type != type)
			return DEFSYNC_NULL;
	}
	return type == DEFSYNC_TEXT || type == DEFSYNC_INT64 ? type : DEFSYNC_NULL;
}

static int compare(const void *a, const void *b)
{
	unsigned order = fl_compare(a, b);

	return order == FL_LESS ? -1 : order == FL_GREATER;
}

bool fl_list_sort(struct pool *pool, struct fl_node *node)
{
	const struct fl_operand *list = node->operands->next, *o;
	uint32_t n, type = type_of(list, &n), i = 0;

	if (!node->operands->column || type == DEFSYNC_NULL || n < LIST_MIN)
		return true;
	node->sorted = pool_alloc(pool, n, sizeof(*node->sorted));
	if (!node->sorted)
		return false;
	node->n_sorted = n;
	for (o = list; o; o = o->next)
		node->sorted[i++] = o->literal->as[type];
	qsort(node->sorted, n, sizeof(*node->sorted), compare);
	return true;
}

bool fl_list_has(const struct fl_node *node, const struct defsync_cell *cell)
{
	return bsearch(cell, node->sorted, node->n_sorted, sizeof(*cell), compare) != NULL;
}
