/* SPDX-License-Identifier: MIT */
/* A row and the tree: true, false or unknown. */

#include "fl.h"

struct look {
	const struct fl_columns *columns;
	const struct defsync_row *row;
};

static enum fl_truth eval(const struct fl_node *node, const struct look *l);

static enum fl_truth negate(enum fl_truth t)
{
	return t == FL_UNKNOWN ? FL_UNKNOWN : t == FL_TRUE ? FL_FALSE : FL_TRUE;
}

static enum fl_truth truth(bool b)
{
	return b ? FL_TRUE : FL_FALSE;
}

static enum fl_truth both(enum fl_truth a, enum fl_truth b)
{
	if (a == FL_FALSE || b == FL_FALSE)
		return FL_FALSE;
	return a == FL_UNKNOWN || b == FL_UNKNOWN ? FL_UNKNOWN : FL_TRUE;
}

/* ---- Operands ------------------------------------------------------------------------------ */

static const struct defsync_cell *cell_of(const struct fl_operand *o, const struct look *l)
{
	return defsync_cell_at(l->row, l->columns->at[o->slot]);
}

/* A literal as what it is compared with. */
static const struct defsync_cell *side_of(const struct fl_operand *o,
					  const struct fl_operand *other, const struct look *l)
{
	if (!o->literal)
		return cell_of(o, l);
	if (other->literal)
		return &o->literal->as[o->literal->type];
	return fl_literal_for(o->literal, cell_of(other, l)->type);
}

static enum fl_truth compare(const struct fl_operand *a, const struct fl_operand *b,
			     unsigned accepts, const struct look *l)
{
	unsigned order = fl_compare(side_of(a, b, l), side_of(b, a, l));

	return order ? truth((order & accepts) != 0) : FL_UNKNOWN;
}

static enum fl_truth eval_value(const struct fl_operand *o, const struct look *l)
{
	const struct defsync_cell *c =
	    o->literal ? &o->literal->as[o->literal->type] : cell_of(o, l);

	return c->type == DEFSYNC_BOOL ? truth(c->v.i64 != 0) : FL_UNKNOWN;
}

static enum fl_truth eval_in(const struct fl_node *node, const struct look *l)
{
	const struct fl_operand *first = node->operands, *o;
	enum fl_truth all = FL_FALSE;

	if (node->sorted) {
		const struct defsync_cell *c = cell_of(first, l);

		if (c->type == node->sorted->type)
			return truth(fl_list_has(node, c));
	}
	for (o = first->next; o; o = o->next) {
		enum fl_truth t = compare(first, o, FL_EQUAL, l);

		if (t == FL_TRUE)
			return FL_TRUE;
		if (t == FL_UNKNOWN)
			all = FL_UNKNOWN;
	}
	return all;
}

static enum fl_truth eval_between(const struct fl_operand *first, const struct look *l)
{
	return both(compare(first, first->next, FL_GREATER | FL_EQUAL, l),
		    compare(first, first->next->next, FL_LESS | FL_EQUAL, l));
}

static enum fl_truth eval_like(const struct fl_node *node, const struct look *l)
{
	const struct defsync_cell *c = cell_of(node->operands, l);

	if (c->type != DEFSYNC_TEXT)
		return FL_UNKNOWN;
	return truth(fl_pattern_matches(&node->pattern, c->v.data.ptr, c->v.data.len));
}

/* ---- Conditions ------------------------------------------------------------------------------ */

/* The part that decides, or unknown when one was. */
static enum fl_truth eval_parts(const struct fl_node *node, enum fl_truth decides,
				const struct look *l)
{
	enum fl_truth all = negate(decides);
	const struct fl_node *part;

	for (part = node->part; part; part = part->next) {
		enum fl_truth t = eval(part, l);

		if (t == decides)
			return t;
		if (t == FL_UNKNOWN)
			all = t;
	}
	return all;
}

static enum fl_truth eval_plain(const struct fl_node *node, const struct look *l)
{
	switch (node->kind) {
	case FL_AND:
		return eval_parts(node, FL_FALSE, l);
	case FL_OR:
		return eval_parts(node, FL_TRUE, l);
	case FL_NOT:
		return negate(eval(node->part, l));
	case FL_IS:
		return truth(eval(node->part, l) == node->want);
	case FL_VALUE:
		return eval_value(node->operands, l);
	case FL_COMPARE:
		return compare(node->operands, node->operands->next, node->accepts, l);
	case FL_IN:
		return eval_in(node, l);
	case FL_BETWEEN:
		return eval_between(node->operands, l);
	case FL_LIKE:
		return eval_like(node, l);
	case FL_IS_NULL:
		return truth(cell_of(node->operands, l)->type == DEFSYNC_NULL);
	}
	return FL_UNKNOWN;
}

static enum fl_truth eval(const struct fl_node *node, const struct look *l)
{
	enum fl_truth t = eval_plain(node, l);

	return node->negated ? negate(t) : t;
}

enum fl_truth fl_eval(const struct fl_node *node, const struct fl_columns *columns,
		      const struct defsync_row *row)
{
	const struct look l = {columns, row};

	return eval(node, &l);
}
