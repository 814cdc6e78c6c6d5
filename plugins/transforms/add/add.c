/* SPDX-License-Identifier: MIT */
/* The add transform: options, life of an instance, and the table of its functions. */

#include <stdlib.h>
#include <string.h>

#include "ad.h"
#include "common/reshape.h"

struct add {
	const struct defsync_host *host;
	struct reshape reshape;
	struct ad_column *columns; /* in the order of the option */
	uint32_t n_columns;
	struct ad_node *texts;
	bool replace;
};

/* Detail of a plan: of the output's columns those that are made, in its order. */
struct made {
	struct made *next;
	uint32_t at;
	const struct ad_column *column;
	struct ad_value *value;
};

static const struct defsync_option options[] = {
    {
	.name = "columns",
	.type = DEFSYNC_OPTION_MAP,
	.flags = DEFSYNC_OPTION_REQUIRED,
	.help = "the columns to add, each with an expression",
    },
    {
	.name = "replace",
	.type = DEFSYNC_OPTION_BOOL,
	.default_text = "false",
	.help = "whether a column that has the name already is replaced",
    },
};

/* ---- Life ---------------------------------------------------------------------------------- */

/* "NAME=expression" */
static struct ad_column *read_column(struct add *a, const char *item)
{
	struct pool *pool = &a->reshape.pool;
	struct ad_column *c = pool_alloc(pool, 1, sizeof(*c));
	size_t n = strcspn(item, "=");
	const char *text = item[n] ? item + n + 1 : "";

	if (!c)
		return NULL;
	c->name = pool_printf(pool, "%.*s", (int)n, item);
	c->text = pool_strdup(pool, text);
	c->option = pool_printf(pool, "columns: '%.*s'", n < 200 ? (int)n : 200, item);
	return c->name && c->text && c->option ? c : NULL;
}

static int32_t read_columns(struct add *a, const struct defsync_options *o)
{
	const struct defsync_host *host = a->host;
	struct ad_column **last = &a->columns;
	uint32_t i, n = host->option_count(host->ctx, o, "columns");
	int32_t rc;

	for (i = 0; i < n; i++) {
		*last = read_column(a, host->option_item(host->ctx, o, "columns", i));
		if (!*last)
			return reshape_nomem(host);
		rc = ad_parse(host, &a->reshape.pool, *last, &a->texts);
		if (rc < 0)
			return rc;
		last = &(*last)->next;
		a->n_columns++;
	}
	if (n == 0)
		return defsync_fail(host, DEFSYNC_E_CONFIG, "columns: none is named");
	return DEFSYNC_OK;
}

static void add_destroy(void *instance)
{
	struct add *a = instance;

	if (!a)
		return;
	ad_texts_done(a->texts);
	reshape_done(&a->reshape);
	free(a);
}

static int32_t add_create(const struct defsync_host *host, const struct defsync_options *o,
			  uint32_t flags, void **ret_instance)
{
	struct add *a;
	int32_t rc;

	if (flags)
		return defsync_fail(host, DEFSYNC_E_BUG, "create: unknown flags");
	a = calloc(1, sizeof(*a));
	if (!a)
		return reshape_nomem(host);
	a->host = host;
	a->replace = host->option_int(host->ctx, o, "replace") != 0;
	reshape_init(&a->reshape, host);
	rc = read_columns(a, o);
	if (rc < 0) {
		add_destroy(a);
		return rc;
	}
	*ret_instance = a;
	return DEFSYNC_OK;
}

/* ---- Relations ------------------------------------------------------------------------------ */

static const struct ad_column *find_column(const struct add *a, const char *name)
{
	const struct ad_column *c;

	for (c = a->columns; c && strcmp(c->name, name) != 0; c = c->next)
		;
	return c;
}

static struct made *make_column(struct add *a, struct reshape_plan *p, const struct ad_column *c,
				int32_t *ret_rc)
{
	struct made *made = pool_alloc(&a->reshape.pool, 1, sizeof(*made));
	struct defsync_column *column;
	struct ad_value *v = NULL;

	*ret_rc = made ? ad_bind(a->host, &a->reshape.pool, c, p->in, &v) : reshape_nomem(a->host);
	if (*ret_rc < 0)
		return NULL;
	made->at = p->out.n_columns;
	made->column = c;
	made->value = v;
	/* A null by itself is of no type; some column type it must be. */
	column = reshape_add(&a->reshape, p, c->name, v->native_type,
			     v->type == DEFSYNC_NULL ? DEFSYNC_TEXT : v->type);
	if (!column) {
		*ret_rc = DEFSYNC_E_NOMEM;
		return NULL;
	}
	column->digits = v->digits;
	if (v->masked)
		column->flags |= DEFSYNC_COLUMN_MASKED;
	return made;
}

/* All columns of the input, one that is replaced in its place, then the new ones. */
static int32_t fill_plan(struct add *a, struct reshape_plan *p)
{
	struct made *first = NULL, **last = &first;
	const struct ad_column *c;
	int32_t rc = DEFSYNC_OK;
	uint32_t i;

	for (i = 0; i < p->in->n_columns; i++) {
		const char *name = defsync_column_at(p->in, i)->name;

		c = find_column(a, name);
		if (!c) {
			(void)reshape_keep(p, i);
			continue;
		}
		if (!a->replace)
			return defsync_fail(a->host, DEFSYNC_E_CONFIG,
					    "columns: '%s' has a column of that name already: "
					    "'%s'; replace: true puts the new one in its place",
					    p->in->name, name);
		*last = make_column(a, p, c, &rc);
		if (!*last)
			return rc;
		last = &(*last)->next;
	}
	for (c = a->columns; c; c = c->next) {
		if (reshape_column(p->in, c->name) >= 0)
			continue;
		*last = make_column(a, p, c, &rc);
		if (!*last)
			return rc;
		last = &(*last)->next;
	}
	p->detail = first;
	return DEFSYNC_OK;
}

static int32_t add_relation(void *instance, const struct defsync_relation *in, uint32_t flags,
			    const struct defsync_relation **ret_out)
{
	struct add *a = instance;
	struct reshape_plan *p;
	int32_t rc;

	if (flags)
		return defsync_fail(a->host, DEFSYNC_E_BUG, "relation: unknown flags");
	p = reshape_begin(&a->reshape, in, in->n_columns + a->n_columns);
	if (!p)
		return DEFSYNC_E_NOMEM;
	rc = fill_plan(a, p);
	return rc < 0 ? rc : reshape_end(&a->reshape, p, ret_out);
}

/* ---- Rows -------------------------------------------------------------------------------------- */

static int32_t fail_row(const struct add *a, const struct made *m, const struct ad_look *look)
{
	if (look->nomem)
		return reshape_nomem(a->host);
	return defsync_fail(a->host, DEFSYNC_E_BAD_ROW, "%s: '%.200s'", look->fault,
			    m->column->name);
}

static int32_t add_apply(void *instance, const struct defsync_row *row, uint32_t flags,
			 defsync_emit emit, void *emit_ctx)
{
	struct add *a = instance;
	struct reshape_plan *p = reshape_find(&a->reshape, row->relation);
	struct ad_look look = {.row = row};
	const struct made *m;

	if (flags || !p)
		return defsync_fail(a->host, DEFSYNC_E_BUG, "apply: %s",
				    flags ? "unknown flags" : "a row of an unknown relation");
	/* One time for all that is made of a row. */
	look.now_us = a->host->now_wall_us(a->host->ctx);
	reshape_cells(p, row);
	for (m = p->detail; m; m = m->next) {
		if (!ad_eval(m->value, &look, &p->cells[m->at]))
			return fail_row(a, m, &look);
	}
	return reshape_emit(p, emit, emit_ctx);
}

static const struct defsync_transform add_transform = {
    .struct_size = sizeof(struct defsync_transform),
    .abi_minor = DEFSYNC_ABI_MINOR,
    .option_size = sizeof(struct defsync_option),
    .options = options,
    .n_options = sizeof(options) / sizeof(options[0]),
    .name = "add",
    .version = DEFSYNC_VERSION,
    .summary = "adds columns of constants, of other columns and of what is known about a run",
    .home = "",
    .create = add_create,
    .destroy = add_destroy,
    .relation = add_relation,
    .apply = add_apply,
};

DEFSYNC_EXPORT const struct defsync_transform *defsync_transform_v1(void)
{
	return &add_transform;
}
