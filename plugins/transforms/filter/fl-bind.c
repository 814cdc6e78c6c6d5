/* SPDX-License-Identifier: MIT */
/* An expression and a relation: where its columns are, and whether their types fit. */

#include <stdio.h>
#include <string.h>

#include "fl.h"

struct binding {
	const struct fl_expression *x;
	const struct defsync_relation *in;
	const struct fl_columns *columns;
	struct expr e; /* for messages */
};

/* ---- Columns ------------------------------------------------------------------------------ */

static bool find_column(struct binding *b, const struct fl_operand *o)
{
	uint32_t i;

	for (i = 0; i < b->in->n_columns; i++) {
		if (strcmp(defsync_column_at(b->in, i)->name, o->column) == 0) {
			b->columns->at[o->slot] = i;
			return true;
		}
	}
	return expr_fail(&b->e, o->at, "no such column in '%s': '%.200s'%s", b->in->name, o->column,
			 o->quoted ? "; texts stand in single quotes" : "");
}

static bool find_columns(struct binding *b)
{
	const struct fl_operand *o;

	for (o = b->x->columns; o; o = o->next_column) {
		if (!find_column(b, o))
			return false;
	}
	return true;
}

static uint32_t type_of(const struct binding *b, const struct fl_operand *o)
{
	if (o->literal)
		return o->literal->type;
	return defsync_column_at(b->in, b->columns->at[o->slot])->type;
}

/* ---- Types --------------------------------------------------------------------------------- */

static void describe(const struct binding *b, const struct fl_operand *o, char *out, size_t size)
{
	uint32_t type = type_of(b, o);

	if (o->literal && expr_is_number(type))
		(void)snprintf(out, size, "%s, a number", o->literal->shown);
	else if (o->literal)
		(void)snprintf(out, size, "%s, a %s", o->literal->shown, expr_type_name(type));
	else
		(void)snprintf(out, size, "'%.200s', which is %s", o->column, expr_type_name(type));
}

/* How a value of that column's type is written. */
static const char *advice(uint32_t type)
{
	switch (type) {
	case DEFSYNC_TEXT:
		return "; texts stand in single quotes";
	case DEFSYNC_DATE:
		return "; a date is written '2024-01-31'";
	case DEFSYNC_TIME:
		return "; a time is written '10:00:00'";
	case DEFSYNC_TIMESTAMP:
		return "; a timestamp is written '2024-01-31T10:00:00Z'";
	case DEFSYNC_TIMESTAMP_LOCAL:
		return "; a timestamp without zone is written '2024-01-31T10:00:00'";
	case DEFSYNC_UUID:
		return "; a uuid is 32 hexadecimal digits in single quotes";
	case DEFSYNC_BOOL:
		return "; write true or false";
	case DEFSYNC_BYTES:
	case DEFSYNC_JSON:
		return "; only 'is null' can be asked of it";
	default:
		return expr_is_number(type) ? "; numbers stand without quotes" : "";
	}
}

static bool mismatch(struct binding *b, const struct fl_operand *a, const struct fl_operand *o)
{
	const struct fl_operand *column = a->literal ? o : a;
	bool one = (a->literal == NULL) != (o->literal == NULL);
	char left[DEFSYNC_TEXT_MAX / 2], right[DEFSYNC_TEXT_MAX / 2];
	uint32_t type = type_of(b, column);

	describe(b, a, left, sizeof(left));
	describe(b, o, right, sizeof(right));
	return expr_fail(&b->e, a->at, "%s, cannot be compared with %s%s", left, right,
			 one ? advice(type) : "");
}

static bool fits(const struct binding *b, const struct fl_operand *a, const struct fl_operand *o)
{
	uint32_t type = type_of(b, a);

	if (a->literal && !o->literal)
		return fits(b, o, a);
	if (!a->literal && o->literal && type != DEFSYNC_ANY)
		return fl_literal_for(o->literal, type)->type != DEFSYNC_NULL;
	return fl_comparable(type, type_of(b, o));
}

static bool check_operands(struct binding *b, const struct fl_node *node)
{
	const struct fl_operand *first = node->operands, *o;

	for (o = first->next; o; o = o->next) {
		if (!fits(b, first, o))
			return mismatch(b, first, o);
	}
	return true;
}

static bool check_type(struct binding *b, const struct fl_operand *o, uint32_t wanted,
		       const char *what)
{
	char words[DEFSYNC_TEXT_MAX / 2];
	uint32_t type = type_of(b, o);

	if (type == wanted || type == DEFSYNC_ANY)
		return true;
	describe(b, o, words, sizeof(words));
	return expr_fail(&b->e, o->at, "%s, %s", words, what);
}

static bool check_node(struct binding *b, const struct fl_node *node);

static bool check_parts(struct binding *b, const struct fl_node *node)
{
	const struct fl_node *part;

	for (part = node->part; part; part = part->next) {
		if (!check_node(b, part))
			return false;
	}
	return true;
}

static bool check_node(struct binding *b, const struct fl_node *node)
{
	switch (node->kind) {
	case FL_VALUE:
		return check_type(b, node->operands, DEFSYNC_BOOL, "is neither true nor false");
	case FL_LIKE:
		return check_type(b, node->operands, DEFSYNC_TEXT,
				  "cannot be compared with a pattern");
	case FL_COMPARE:
	case FL_IN:
	case FL_BETWEEN:
		return check_operands(b, node);
	default:
		return check_parts(b, node);
	}
}

int32_t fl_bind(const struct defsync_host *host, struct pool *pool, const struct fl_expression *x,
		const struct defsync_relation *in, struct fl_columns **ret)
{
	struct fl_columns *columns = pool_alloc(pool, 1, sizeof(*columns));
	struct binding b = {.x = x, .in = in, .columns = columns};

	b.e = (struct expr){.host = host, .pool = pool, .option = x->option, .text = x->text};
	if (columns)
		columns->at = pool_alloc(pool, x->n_slots, sizeof(*columns->at));
	if (!columns || !columns->at) {
		(void)expr_nomem(&b.e);
		return b.e.rc;
	}
	columns->in = in;
	if (find_columns(&b) && check_node(&b, x->root))
		*ret = columns;
	return b.e.rc;
}
