/* SPDX-License-Identifier: MIT */
/*
 * From the text of an expression to its tree:
 *
 *	condition:  both { OR both }
 *	both:       negation { AND negation }
 *	negation:   NOT negation | predicate
 *	predicate:  "(" condition ")" [ IS [NOT] TRUE | FALSE | NULL ]
 *	            operand [ test ]
 */

#include "fl.h"

struct parser {
	struct expr e;
	struct fl_expression *x;
	struct fl_operand *last_column;
};

static struct fl_node *parse_condition(struct parser *p);

/* ---- Nodes ------------------------------------------------------------------------------- */

static struct fl_node *new_node(struct parser *p, enum fl_kind kind)
{
	struct fl_node *node = pool_alloc(p->e.pool, 1, sizeof(*node));

	if (!node) {
		(void)expr_nomem(&p->e);
		return NULL;
	}
	node->kind = kind;
	node->at = p->e.at;
	return node;
}

/* Reads the word when it is that one. */
static bool accept(struct parser *p, const char *word)
{
	return p->e.rc == DEFSYNC_OK && expr_is(&p->e, word) && expr_next(&p->e);
}

static bool want(struct parser *p, const char *word, const char *expected)
{
	if (p->e.rc < 0)
		return false;
	return expr_is(&p->e, word) ? expr_next(&p->e) : expr_expected(&p->e, expected);
}

/* ---- Operands ---------------------------------------------------------------------------- */

static bool is_reserved(const struct expr *e)
{
	static const char *const words[] = {"and",     "or", "not",  "in",   "like",  "escape",
					    "between", "is", "null", "true", "false", NULL};

	return e->kind == EXPR_NAME && expr_is_one_of(e, words);
}

static bool read_column(struct parser *p, struct fl_operand *o)
{
	o->column = p->e.value;
	o->quoted = p->e.kind == EXPR_QUOTED;
	o->slot = p->x->n_slots++;
	if (p->last_column)
		p->last_column->next_column = o;
	else
		p->x->columns = o;
	p->last_column = o;
	return expr_next(&p->e);
}

static bool read_literal(struct parser *p, struct fl_operand *o)
{
	if (expr_is(&p->e, "null"))
		return expr_fail(&p->e, o->at,
				 "nothing is true of null; 'is null' and 'is not null' ask for it");
	o->literal = expr_take_literal(&p->e);
	return o->literal != NULL;
}

static struct fl_operand *parse_operand(struct parser *p)
{
	struct fl_operand *o;
	bool column = (p->e.kind == EXPR_NAME && !is_reserved(&p->e)) || p->e.kind == EXPR_QUOTED;
	bool ok;

	if (p->e.rc < 0)
		return NULL;
	if (!column && !expr_is_literal(&p->e)) {
		(void)expr_expected(&p->e, "a value");
		return NULL;
	}
	o = pool_alloc(p->e.pool, 1, sizeof(*o));
	if (!o) {
		(void)expr_nomem(&p->e);
		return NULL;
	}
	o->at = p->e.at;
	ok = column ? read_column(p, o) : read_literal(p, o);
	return ok ? o : NULL;
}

/* ---- Tests of an operand ------------------------------------------------------------------- */

static unsigned accepted_orders(const struct expr *e)
{
	static const struct {
		const char *sign;
		unsigned accepts;
	} signs[] = {
	    {"=", FL_EQUAL},
	    {"==", FL_EQUAL},
	    {"!=", FL_LESS | FL_GREATER},
	    {"<>", FL_LESS | FL_GREATER},
	    {"<", FL_LESS},
	    {"<=", FL_LESS | FL_EQUAL},
	    {">", FL_GREATER},
	    {">=", FL_GREATER | FL_EQUAL},
	};
	size_t i;

	for (i = 0; i < sizeof(signs) / sizeof(signs[0]); i++) {
		if (expr_is(e, signs[i].sign))
			return signs[i].accepts;
	}
	return 0;
}

static bool parse_compare(struct parser *p, struct fl_node *node, unsigned accepts)
{
	node->kind = FL_COMPARE;
	node->accepts = accepts;
	if (!expr_next(&p->e))
		return false;
	node->operands->next = parse_operand(p);
	return node->operands->next != NULL;
}

static bool parse_in(struct parser *p, struct fl_node *node)
{
	struct fl_operand *last = node->operands;

	node->kind = FL_IN;
	if (!want(p, "(", "'(' and a list"))
		return false;
	do {
		last->next = parse_operand(p);
		last = last->next;
	} while (last && accept(p, ","));
	if (!last || !want(p, ")", "',' or ')'"))
		return false;
	return fl_list_sort(p->e.pool, node) || expr_nomem(&p->e);
}

static bool parse_between(struct parser *p, struct fl_node *node)
{
	struct fl_operand *low, *high;

	node->kind = FL_BETWEEN;
	low = parse_operand(p);
	if (!low || !want(p, "and", "'and' of between"))
		return false;
	high = parse_operand(p);
	node->operands->next = low;
	low->next = high;
	return high != NULL;
}

static bool parse_escape(struct parser *p, int *ret_escape)
{
	if (!accept(p, "escape"))
		return p->e.rc == DEFSYNC_OK;
	if (p->e.kind != EXPR_TEXT)
		return expr_expected(&p->e, "a character in single quotes");
	if (p->e.value_len != 1)
		return expr_fail(&p->e, p->e.at, "escape takes one ASCII character");
	*ret_escape = (unsigned char)p->e.value[0];
	return expr_next(&p->e);
}

static bool parse_like(struct parser *p, struct fl_node *node)
{
	const char *pattern = p->e.value;
	size_t n = p->e.value_len;
	int escape = -1;

	node->kind = FL_LIKE;
	if (!node->operands->column)
		return expr_fail(&p->e, node->operands->at, "like compares a column");
	if (p->e.kind != EXPR_TEXT)
		return expr_expected(&p->e, "a pattern in single quotes");
	node->at = p->e.at;
	if (!expr_next(&p->e) || !parse_escape(p, &escape))
		return false;
	return fl_pattern_read(&p->e, node->at, pattern, n, escape, &node->pattern);
}

/* Behind `is`; FL_UNKNOWN stands for null. */
static bool parse_is(struct parser *p, struct fl_node *node)
{
	node->negated = accept(p, "not");
	if (accept(p, "null"))
		node->want = FL_UNKNOWN;
	else if (accept(p, "true"))
		node->want = FL_TRUE;
	else if (accept(p, "false"))
		node->want = FL_FALSE;
	else
		return p->e.rc == DEFSYNC_OK &&
		       expr_expected(&p->e, node->negated ? "null, true or false"
							  : "null, true, false or 'not'");
	return p->e.rc == DEFSYNC_OK;
}

/* `a is null` looks at the column, `a is true` at the column as a condition. */
static struct fl_node *parse_is_operand(struct parser *p, struct fl_node *value)
{
	struct fl_node *node = new_node(p, FL_IS);

	if (!node || !parse_is(p, node))
		return NULL;
	node->at = value->at;
	if (!value->operands->column) {
		(void)expr_fail(&p->e, value->at, "'is' looks at a column");
		return NULL;
	}
	if (node->want == FL_UNKNOWN) {
		value->kind = FL_IS_NULL;
		value->negated = node->negated;
		return value;
	}
	node->part = value;
	return node;
}

static bool parse_list_test(struct parser *p, struct fl_node *node)
{
	if (accept(p, "in"))
		return parse_in(p, node);
	if (accept(p, "like"))
		return parse_like(p, node);
	if (accept(p, "between"))
		return parse_between(p, node);
	return p->e.rc == DEFSYNC_OK && expr_expected(&p->e, "'in', 'like' or 'between'");
}

static bool ends_condition(const struct expr *e)
{
	return e->kind == EXPR_END || expr_is(e, ")") || expr_is(e, "and") || expr_is(e, "or");
}

static bool parse_test(struct parser *p, struct fl_node *node)
{
	unsigned accepts = accepted_orders(&p->e);

	if (accepts)
		return parse_compare(p, node, accepts);
	node->negated = accept(p, "not");
	if (node->negated || expr_is(&p->e, "in") || expr_is(&p->e, "like") ||
	    expr_is(&p->e, "between"))
		return parse_list_test(p, node);
	return ends_condition(&p->e) || expr_expected(&p->e, "a comparison such as '='");
}

/* ---- Conditions ---------------------------------------------------------------------------- */

static struct fl_node *parse_parentheses(struct parser *p)
{
	struct fl_node *inner, *is;

	if (!expr_enter(&p->e) || !expr_next(&p->e))
		return NULL;
	inner = parse_condition(p);
	if (!inner || !want(p, ")", "'and', 'or' or ')'"))
		return NULL;
	expr_leave(&p->e);
	if (!expr_is(&p->e, "is"))
		return inner;
	is = new_node(p, FL_IS);
	if (!is || !accept(p, "is") || !parse_is(p, is))
		return NULL;
	is->part = inner;
	return is;
}

static struct fl_node *parse_predicate(struct parser *p)
{
	struct fl_node *node;

	if (p->e.rc < 0)
		return NULL;
	if (expr_is(&p->e, "("))
		return parse_parentheses(p);
	node = new_node(p, FL_VALUE);
	if (!node)
		return NULL;
	node->operands = parse_operand(p);
	if (!node->operands)
		return NULL;
	if (accept(p, "is"))
		return parse_is_operand(p, node);
	return p->e.rc == DEFSYNC_OK && parse_test(p, node) ? node : NULL;
}

static struct fl_node *parse_negation(struct parser *p)
{
	struct fl_node *node;

	if (p->e.rc < 0)
		return NULL;
	if (!expr_is(&p->e, "not"))
		return parse_predicate(p);
	node = new_node(p, FL_NOT);
	if (!node || !expr_enter(&p->e) || !expr_next(&p->e))
		return NULL;
	node->part = parse_negation(p);
	expr_leave(&p->e);
	return node->part ? node : NULL;
}

/* Parts with a word between them; the part itself where there is one only. */
static struct fl_node *parse_joined(struct parser *p, enum fl_kind kind, const char *word,
				    struct fl_node *(*part)(struct parser *p))
{
	struct fl_node *first = part(p), *node, *last = first;

	if (!first || !expr_is(&p->e, word))
		return first;
	node = new_node(p, kind);
	if (!node)
		return NULL;
	node->part = first;
	while (last && accept(p, word)) {
		last->next = part(p);
		last = last->next;
	}
	return last && p->e.rc == DEFSYNC_OK ? node : NULL;
}

static struct fl_node *parse_both(struct parser *p)
{
	return parse_joined(p, FL_AND, "and", parse_negation);
}

static struct fl_node *parse_condition(struct parser *p)
{
	return parse_joined(p, FL_OR, "or", parse_both);
}

int32_t fl_parse(const struct defsync_host *host, struct pool *pool, struct fl_expression *x)
{
	struct parser p = {.x = x};

	if (expr_begin(&p.e, host, pool, x->option, x->text))
		x->root = parse_condition(&p);
	(void)expr_end(&p.e, "'and', 'or' or the end");
	return p.e.rc;
}
