/* SPDX-License-Identifier: MIT */
/*
 * From the text of an expression to its tree:
 *
 *	expression:  'text' | number | TRUE | FALSE | NULL | column
 *	             | function "(" [ expression { "," expression } ] ")"
 */

#include <string.h>

#include "ad.h"

struct parser {
	struct expr e;
	struct ad_node **texts;
};

struct function {
	const char *name;
	enum ad_kind kind;
	const char *about; /* for host->about */
};

static struct ad_node *parse_expression(struct parser *p);

static const struct function *find_function(const struct expr *e)
{
	static const struct function functions[] = {
	    {"now", AD_NOW, NULL},
	    {"source", AD_ABOUT, DEFSYNC_ABOUT_SOURCE},
	    {"table", AD_ABOUT, DEFSYNC_ABOUT_TABLE},
	    {"target", AD_ABOUT, DEFSYNC_ABOUT_TARGET},
	    {"run_id", AD_ABOUT, DEFSYNC_ABOUT_RUN_ID},
	    {"version", AD_ABOUT, DEFSYNC_ABOUT_VERSION},
	    {"coalesce", AD_COALESCE, NULL},
	    {"concat", AD_CONCAT, NULL},
	};
	size_t i;

	for (i = 0; i < sizeof(functions) / sizeof(functions[0]); i++) {
		if (expr_is(e, functions[i].name))
			return &functions[i];
	}
	return NULL;
}

/* ---- Functions ------------------------------------------------------------------------------ */

/* The list of arguments behind "(", and ")". */
static bool parse_arguments(struct parser *p, struct ad_node *node)
{
	struct ad_node **last = &node->args;

	for (;;) {
		*last = parse_expression(p);
		if (!*last)
			return false;
		last = &(*last)->next;
		if (expr_is(&p->e, ")"))
			return expr_next(&p->e);
		if (!expr_is(&p->e, ","))
			return expr_expected(&p->e, "',' or ')'");
		if (!expr_next(&p->e))
			return false;
	}
}

/* The text that concat fills for each row, freed with the instance. */
static bool make_text(struct parser *p, struct ad_node *node)
{
	node->text = pool_alloc(p->e.pool, 1, sizeof(*node->text));
	if (!node->text)
		return expr_nomem(&p->e);
	text_init(node->text, AD_TEXT_MAX);
	node->next_text = *p->texts;
	*p->texts = node;
	return true;
}

static bool parse_function(struct parser *p, const struct function *f, struct ad_node *node)
{
	node->kind = f->kind;
	node->name = f->about;
	node->function = f->name;
	/* The name, and the parenthesis. */
	if (!expr_enter(&p->e) || !expr_next(&p->e) || !expr_next(&p->e))
		return false;
	if (f->kind == AD_CONCAT && !make_text(p, node))
		return false;
	if (f->kind == AD_COALESCE || f->kind == AD_CONCAT) {
		if (!parse_arguments(p, node))
			return false;
	} else if (!expr_is(&p->e, ")")) {
		return expr_expected(&p->e, "')'");
	} else if (!expr_next(&p->e)) {
		return false;
	}
	expr_leave(&p->e);
	return true;
}

/* ---- Expressions ------------------------------------------------------------------------------ */

static bool is_call(const struct expr *e)
{
	const char *p = e->next;

	while (*p == ' ' || *p == '\t' || *p == '\n' || *p == '\r')
		p++;
	return e->kind == EXPR_NAME && *p == '(';
}

static bool read_expression(struct parser *p, struct ad_node *node)
{
	const struct function *f;

	if (is_call(&p->e)) {
		f = find_function(&p->e);
		if (!f)
			return expr_fail(&p->e, p->e.at, "no such function: '%.64s'", p->e.value);
		return parse_function(p, f, node);
	}
	if (expr_is_literal(&p->e)) {
		node->kind = AD_LITERAL;
		node->literal = expr_take_literal(&p->e);
		return node->literal != NULL;
	}
	if (p->e.kind != EXPR_NAME && p->e.kind != EXPR_QUOTED)
		return expr_expected(&p->e, "a value");
	node->kind = AD_COLUMN;
	node->name = p->e.value;
	node->quoted = p->e.kind == EXPR_QUOTED;
	return expr_next(&p->e);
}

static struct ad_node *parse_expression(struct parser *p)
{
	struct ad_node *node = pool_alloc(p->e.pool, 1, sizeof(*node));

	if (!node) {
		(void)expr_nomem(&p->e);
		return NULL;
	}
	node->at = p->e.at;
	return read_expression(p, node) ? node : NULL;
}

int32_t ad_parse(const struct defsync_host *host, struct pool *pool, struct ad_column *column,
		 struct ad_node **texts)
{
	struct parser p = {.texts = texts};

	if (expr_begin(&p.e, host, pool, column->option, column->text)) {
		if (p.e.kind == EXPR_END)
			(void)expr_fail(
			    &p.e, 0, "nothing is written; a column of nulls is \"null\" in quotes");
		else
			column->root = parse_expression(&p);
	}
	(void)expr_end(&p.e, "the end");
	return p.e.rc;
}

void ad_texts_done(struct ad_node *texts)
{
	for (; texts; texts = texts->next_text)
		text_done(texts->text);
}
