/* SPDX-License-Identifier: MIT */
/* Keyset SQL, see keyset.h. */

#include "common/keyset.h"

struct builder {
	const struct keyset_dialect *dialect;
	void *ctx;
	const struct keyset *k;
	struct text *out;
	struct keyset_bound *bound;
};

static void add_param(struct builder *b, unsigned column)
{
	unsigned n = b->bound->n_params;

	/* A numbered parameter that occurs again keeps its number. */
	if (b->dialect->numbered && n && b->bound->columns[n - 1] == column) {
		b->dialect->param(b->out, n, column, b->ctx);
		return;
	}
	b->bound->columns[n] = column;
	b->bound->n_params = n + 1;
	b->dialect->param(b->out, n + 1, column, b->ctx);
}

static void add_compare(struct builder *b, unsigned column, const char *operator)
{
	text_str(b->out, b->k->order[column]);
	text_str(b->out, operator);
	add_param(b, column);
}

/* a >= x AND (a > x OR (b >= y AND (b > y OR c > z))): a can be searched. */
static void add_expanded(struct builder *b)
{
	unsigned i, last = b->k->n_order - 1;

	for (i = 0; i < last; i++) {
		add_compare(b, i, " >= ");
		text_str(b->out, " AND (");
		add_compare(b, i, " > ");
		text_str(b->out, i + 1 < last ? " OR (" : " OR ");
	}
	add_compare(b, last, " > ");
	for (i = 0; i < last; i++)
		text_str(b->out, i + 1 < last ? "))" : ")");
}

static void add_row_value(struct builder *b)
{
	unsigned i;

	for (i = 0; i < b->k->n_order; i++) {
		text_str(b->out, i ? ", " : "(");
		text_str(b->out, b->k->order[i]);
	}
	for (i = 0; i < b->k->n_order; i++) {
		text_str(b->out, i ? ", " : ") > (");
		add_param(b, i);
	}
	text_char(b->out, ')');
}

static void add_bound(struct builder *b)
{
	switch (b->k->from) {
	case KEYSET_ALL:
		break;
	case KEYSET_AT:
		add_compare(b, 0, " >= ");
		break;
	case KEYSET_PAST:
		add_compare(b, 0, " > ");
		break;
	case KEYSET_BEHIND:
		if (b->k->n_order == 1)
			add_compare(b, 0, " > ");
		else if (b->dialect->row_values)
			add_row_value(b);
		else
			add_expanded(b);
		break;
	}
}

void keyset_build(const struct keyset_dialect *dialect, void *ctx, const struct keyset *k,
		  struct text *out, struct keyset_bound *ret_bound)
{
	struct builder b = {dialect, ctx, k, out, ret_bound};
	bool where = k->from != KEYSET_ALL;
	unsigned i;

	ret_bound->n_params = 0;
	if (k->n_order == 0 || k->n_order > KEYSET_COLUMNS) {
		out->failed = true;
		return;
	}
	text_str(out, "SELECT ");
	text_str(out, k->select);
	text_str(out, " FROM ");
	text_str(out, k->table);
	text_str(out, where ? " WHERE " : "");
	add_bound(&b);
	for (i = 0; i < k->n_conditions; i++) {
		if (!k->conditions[i])
			continue;
		text_str(out, where ? " AND (" : " WHERE (");
		text_str(out, k->conditions[i]);
		/* A line of its own: the condition may end in a -- comment. */
		text_str(out, "\n)");
		where = true;
	}
	for (i = 0; i < k->n_order; i++) {
		text_str(out, i ? ", " : " ORDER BY ");
		text_str(out, k->order[i]);
	}
	if (k->limit > 0) {
		text_str(out, " LIMIT ");
		text_int(out, k->limit);
		if (k->offset > 0) {
			text_str(out, " OFFSET ");
			text_int(out, k->offset);
		}
	}
}

unsigned keyset_params(const struct keyset_dialect *dialect, enum keyset_from from,
		       unsigned n_order)
{
	switch (from) {
	case KEYSET_ALL:
		return 0;
	case KEYSET_AT:
	case KEYSET_PAST:
		return 1;
	case KEYSET_BEHIND:
		break;
	}
	if (dialect->row_values || dialect->numbered)
		return n_order;
	return 2 * n_order - 1;
}
