/* SPDX-License-Identifier: MIT */
/* The filter transform: options, life of an instance, and the table of its functions. */

#include <stdlib.h>

#include "common/reshape.h"
#include "fl.h"

struct filter {
	const struct defsync_host *host;
	struct pool pool;
	struct fl_expression expression;
	bool drop; /* true rows are left out, not kept */
	struct fl_columns *relations, *last;
};

static const struct defsync_option options[] = {
    {
	.name = "keep",
	.type = DEFSYNC_OPTION_STRING,
	.help = "expression; rows for which it is not true are left out",
    },
    {
	.name = "drop",
	.type = DEFSYNC_OPTION_STRING,
	.help = "expression; rows for which it is true are left out; instead of keep",
    },
};

/* Exactly one of the two. */
static int32_t read_options(struct filter *f, const struct defsync_options *o)
{
	const struct defsync_host *host = f->host;
	const char *keep = host->option_string(host->ctx, o, "keep");
	const char *drop = host->option_string(host->ctx, o, "drop");

	if (keep && drop)
		return defsync_fail(host, DEFSYNC_E_CONFIG,
				    "both 'keep' and 'drop'; one of them says it all");
	if (!keep && !drop)
		return defsync_fail(host, DEFSYNC_E_CONFIG,
				    "'keep' is missing; it says which rows are kept");
	f->drop = drop != NULL;
	f->expression.option = drop ? "drop" : "keep";
	f->expression.text = pool_strdup(&f->pool, drop ? drop : keep);
	return f->expression.text ? DEFSYNC_OK : reshape_nomem(host);
}

static void filter_destroy(void *instance)
{
	struct filter *f = instance;

	if (!f)
		return;
	pool_done(&f->pool);
	free(f);
}

static int32_t filter_create(const struct defsync_host *host, const struct defsync_options *o,
			     uint32_t flags, void **ret_instance)
{
	struct filter *f;
	int32_t rc;

	if (flags)
		return defsync_fail(host, DEFSYNC_E_BUG, "create: unknown flags");
	f = calloc(1, sizeof(*f));
	if (!f)
		return reshape_nomem(host);
	f->host = host;
	rc = read_options(f, o);
	if (rc == DEFSYNC_OK)
		rc = fl_parse(host, &f->pool, &f->expression);
	if (rc < 0) {
		filter_destroy(f);
		return rc;
	}
	*ret_instance = f;
	return DEFSYNC_OK;
}

static int32_t filter_relation(void *instance, const struct defsync_relation *in, uint32_t flags,
			       const struct defsync_relation **ret_out)
{
	struct filter *f = instance;
	struct fl_columns *columns = NULL;
	int32_t rc;

	if (flags)
		return defsync_fail(f->host, DEFSYNC_E_BUG, "relation: unknown flags");
	rc = fl_bind(f->host, &f->pool, &f->expression, in, &columns);
	if (rc < 0)
		return rc;
	columns->next = f->relations;
	f->relations = f->last = columns;
	*ret_out = in;
	return DEFSYNC_OK;
}

static const struct fl_columns *find_columns(struct filter *f, const struct defsync_relation *in)
{
	struct fl_columns *c;

	if (f->last && f->last->in == in)
		return f->last;
	for (c = f->relations; c && c->in != in; c = c->next)
		;
	if (c)
		f->last = c;
	return c;
}

/* A deletion passes: its columns may be empty, and the target must not keep the row. */
static int32_t filter_apply(void *instance, const struct defsync_row *row, uint32_t flags,
			    defsync_emit emit, void *emit_ctx)
{
	struct filter *f = instance;
	const struct fl_columns *columns;
	bool met;

	(void)emit;
	(void)emit_ctx;
	if (flags)
		return defsync_fail(f->host, DEFSYNC_E_BUG, "apply: unknown flags");
	if (row->op == DEFSYNC_OP_DELETE)
		return DEFSYNC_PASS;
	columns = find_columns(f, row->relation);
	if (!columns)
		return defsync_fail(f->host, DEFSYNC_E_BUG, "a row of an unknown relation");
	met = fl_eval(f->expression.root, columns, row) == FL_TRUE;
	return met != f->drop ? DEFSYNC_PASS : DEFSYNC_FILTERED;
}

static const struct defsync_transform filter_transform = {
    .struct_size = sizeof(struct defsync_transform),
    .abi_minor = DEFSYNC_ABI_MINOR,
    .option_size = sizeof(struct defsync_option),
    .options = options,
    .n_options = sizeof(options) / sizeof(options[0]),
    .name = "filter",
    .version = DEFSYNC_VERSION,
    .summary = "leaves rows out, by an expression over their columns",
    .home = "",
    .create = filter_create,
    .destroy = filter_destroy,
    .relation = filter_relation,
    .apply = filter_apply,
};

DEFSYNC_EXPORT const struct defsync_transform *defsync_transform_v1(void)
{
	return &filter_transform;
}
