/* SPDX-License-Identifier: MIT */
/* An expression and a relation: where its columns are, and of which type it is. */

#include <stdio.h>
#include <string.h>

#include "ad.h"
#include "common/reshape.h"

struct binding {
	const struct defsync_host *host;
	const struct defsync_relation *in;
	struct expr e; /* for messages and memory */
};

static struct ad_value *bind(struct binding *b, const struct ad_node *node);

/* What a database would call it. */
static const char *native_type(uint32_t type)
{
	switch (type) {
	case DEFSYNC_BOOL:
		return "boolean";
	case DEFSYNC_INT64:
		return "bigint";
	case DEFSYNC_DECIMAL:
		return "numeric";
	default:
		return "text";
	}
}

static bool bind_column(struct binding *b, const struct ad_node *node, struct ad_value *v)
{
	int64_t i = reshape_column(b->in, node->name);
	const struct defsync_column *c;

	if (i < 0)
		return expr_fail(&b->e, node->at, "no such column in '%s': '%.200s'%s", b->in->name,
				 node->name, node->quoted ? "; texts stand in single quotes" : "");
	c = defsync_column_at(b->in, (uint32_t)i);
	v->column = (uint32_t)i;
	v->type = c->type;
	v->digits = c->digits;
	v->native_type = c->native_type;
	v->masked = (c->flags & DEFSYNC_COLUMN_MASKED) != 0;
	return true;
}

static bool bind_about(struct binding *b, const struct ad_node *node, struct ad_value *v)
{
	const char *text = NULL;

	if (DEFSYNC_HAS(b->host, struct defsync_host, about))
		text = b->host->about(b->host->ctx, node->name);
	v->type = DEFSYNC_TEXT;
	v->native_type = native_type(v->type);
	if (text)
		v->cell = (struct defsync_cell){.type = DEFSYNC_TEXT,
						.v = {.data = {text, strlen(text)}}};
	return true;
}

static bool bind_literal(const struct ad_node *node, struct ad_value *v)
{
	v->type = node->literal->type;
	v->cell = node->literal->as[v->type];
	v->native_type = native_type(v->type);
	return true;
}

/* ---- Functions ------------------------------------------------------------------------------- */

static bool bind_arguments(struct binding *b, const struct ad_node *node, struct ad_value *v)
{
	struct ad_value **last = &v->args;
	const struct ad_node *arg;

	for (arg = node->args; arg; arg = arg->next) {
		*last = bind(b, arg);
		if (!*last)
			return false;
		v->masked = v->masked || (*last)->masked;
		last = &(*last)->next;
	}
	return true;
}

/* The argument that says of which type all are: one that is no literal, else the first. */
static const struct ad_value *leading(const struct ad_value *args)
{
	const struct ad_value *a, *found = NULL;

	for (a = args; a; a = a->next) {
		if (a->type == DEFSYNC_ANY)
			return a;
		if (a->type != DEFSYNC_NULL &&
		    (!found || (found->kind == AD_LITERAL && a->kind != AD_LITERAL)))
			found = a;
	}
	return found ? found : args;
}

static void describe(const struct ad_node *node, const struct ad_value *v, char *out, size_t size)
{
	if (node->kind == AD_LITERAL && expr_is_number(v->type))
		(void)snprintf(out, size, "%s, a number", node->literal->shown);
	else if (node->kind == AD_LITERAL)
		(void)snprintf(out, size, "%s, a %s", node->literal->shown,
			       expr_type_name(v->type));
	else if (node->kind == AD_COLUMN)
		(void)snprintf(out, size, "'%.200s', which is %s", node->name,
			       expr_type_name(v->type));
	else
		(void)snprintf(out, size, "%s(), which is %s", node->function,
			       expr_type_name(v->type));
}

/* Makes the argument one of v->type; a literal may be another than by itself. */
static bool adapt(struct binding *b, const struct ad_node *node, struct ad_value *arg,
		  const struct ad_value *v)
{
	char words[DEFSYNC_TEXT_MAX / 2];

	if (v->type == DEFSYNC_ANY || arg->type == v->type || arg->type == DEFSYNC_NULL)
		return true;
	if (node->kind == AD_LITERAL && node->literal->as[v->type].type != DEFSYNC_NULL) {
		arg->cell = node->literal->as[v->type];
		arg->type = v->type;
		return true;
	}
	describe(node, arg, words, sizeof(words));
	return expr_fail(&b->e, node->at,
			 "%s, cannot stand for %s; arguments of coalesce are of one type", words,
			 expr_type_name(v->type));
}

static bool bind_coalesce(struct binding *b, const struct ad_node *node, struct ad_value *v)
{
	const struct ad_node *arg_node = node->args;
	const struct ad_value *lead;
	struct ad_value *arg;

	if (!bind_arguments(b, node, v))
		return false;
	lead = leading(v->args);
	v->type = lead->type;
	v->native_type = lead->native_type;
	for (arg = v->args; arg; arg = arg->next, arg_node = arg_node->next) {
		if (!adapt(b, arg_node, arg, v))
			return false;
		if (arg->digits > v->digits)
			v->digits = arg->digits;
	}
	return true;
}

static bool bind_concat(struct binding *b, const struct ad_node *node, struct ad_value *v)
{
	v->type = DEFSYNC_TEXT;
	v->native_type = native_type(v->type);
	v->text = node->text;
	return bind_arguments(b, node, v);
}

/* ---- All --------------------------------------------------------------------------------------- */

static bool bind_kind(struct binding *b, const struct ad_node *node, struct ad_value *v)
{
	switch (node->kind) {
	case AD_LITERAL:
		return bind_literal(node, v);
	case AD_COLUMN:
		return bind_column(b, node, v);
	case AD_ABOUT:
		return bind_about(b, node, v);
	case AD_COALESCE:
		return bind_coalesce(b, node, v);
	case AD_CONCAT:
		return bind_concat(b, node, v);
	case AD_NOW:
		v->type = DEFSYNC_TIMESTAMP;
		v->digits = 6;
		v->native_type = "timestamp with time zone";
		return true;
	}
	return false;
}

static struct ad_value *bind(struct binding *b, const struct ad_node *node)
{
	struct ad_value *v = pool_alloc(b->e.pool, 1, sizeof(*v));

	if (!v) {
		(void)expr_nomem(&b->e);
		return NULL;
	}
	v->kind = node->kind;
	return bind_kind(b, node, v) ? v : NULL;
}

int32_t ad_bind(const struct defsync_host *host, struct pool *pool, const struct ad_column *column,
		const struct defsync_relation *in, struct ad_value **ret)
{
	struct binding b = {.host = host, .in = in};
	struct ad_value *v;

	b.e = (struct expr){
	    .host = host, .pool = pool, .option = column->option, .text = column->text};
	v = bind(&b, column->root);
	if (v)
		*ret = v;
	return b.e.rc;
}
