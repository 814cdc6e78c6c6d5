/* SPDX-License-Identifier: MIT */
/* The columns transform: options, life of an instance, and the table of its functions. */

#include <stdlib.h>
#include <string.h>

#include "co.h"

static const struct defsync_option columns_options[] = {
    {
	.name = "keep",
	.type = DEFSYNC_OPTION_LIST,
	.help = "columns that stay, all others go; * stands for any text",
    },
    {
	.name = "drop",
	.type = DEFSYNC_OPTION_LIST,
	.help = "columns that go; * stands for any text",
    },
    {
	.name = "rename",
	.type = DEFSYNC_OPTION_MAP,
	.help = "new names, as \"old: new\"",
    },
    {
	.name = "case",
	.type = DEFSYNC_OPTION_ENUM,
	.default_text = "keep",
	.values = "keep|lower|snake",
	.help = "how names are written: snake makes order_id of orderId and Order ID",
    },
    {
	.name = "max_length",
	.type = DEFSYNC_OPTION_INT,
	.default_text = "0",
	.max = 10000,
	.help = "bytes of a name, 16 at least; longer ones are cut and end in a hash; 0: any",
    },
    {
	.name = "duplicates",
	.type = DEFSYNC_OPTION_ENUM,
	.default_text = "error",
	.values = "error|number",
	.help = "what becomes of names that would be equal but for their case",
    },
    {
	.name = "order",
	.type = DEFSYNC_OPTION_LIST,
	.help = "names, as they come out, that stand first; * stands for any text",
    },
    {
	.name = "if_missing",
	.type = DEFSYNC_OPTION_ENUM,
	.default_text = "error",
	.values = "error|ignore",
	.help = "what becomes of names in these options that no column has",
    },
};

/* ---- Options ----------------------------------------------------------------------------- */

static int32_t read_list(struct co *c, const struct defsync_options *o, const char *name,
			 struct co_list *ret)
{
	uint32_t n = c->host->option_count(c->host->ctx, o, name), i;

	ret->items = pool_alloc(&c->reshape.pool, (size_t)n + 1, sizeof(*ret->items));
	if (!ret->items)
		return reshape_nomem(c->host);
	for (i = 0; i < n; i++)
		ret->items[i] = c->host->option_item(c->host->ctx, o, name, i);
	ret->n = n;
	return DEFSYNC_OK;
}

/* "old=new"; the host lets no name have a '='. */
static int32_t read_pair(struct co *c, const char *item, struct co_pair *ret)
{
	char *text = pool_strdup(&c->reshape.pool, item);
	char *equal = text ? strchr(text, '=') : NULL;

	if (!text)
		return reshape_nomem(c->host);
	if (!equal)
		return defsync_fail(c->host, DEFSYNC_E_BUG, "rename: not a pair: '%s'", item);
	*equal = '\0';
	if (equal[1] == '\0')
		return defsync_fail(c->host, DEFSYNC_E_CONFIG, "rename: no new name for '%s'",
				    text);
	*ret = (struct co_pair){.from = text, .to = equal + 1};
	return DEFSYNC_OK;
}

static int32_t read_renames(struct co *c, const struct defsync_options *o)
{
	uint32_t n = c->host->option_count(c->host->ctx, o, "rename"), i;
	int32_t rc = DEFSYNC_OK;

	c->renames = pool_alloc(&c->reshape.pool, (size_t)n + 1, sizeof(*c->renames));
	if (!c->renames)
		return reshape_nomem(c->host);
	for (i = 0; i < n && rc == DEFSYNC_OK; i++)
		rc = read_pair(c, c->host->option_item(c->host->ctx, o, "rename", i),
			       &c->renames[i]);
	c->n_renames = n;
	return rc;
}

static int32_t read_max_length(struct co *c, const struct defsync_options *o)
{
	int64_t max = c->host->option_int(c->host->ctx, o, "max_length");

	if (max != 0 && max < CO_LENGTH_MIN)
		return defsync_fail(c->host, DEFSYNC_E_CONFIG,
				    "max_length is 0 or %d and more: names that are cut end in 9 "
				    "bytes that tell them apart",
				    CO_LENGTH_MIN);
	c->max_length = (size_t)max;
	return DEFSYNC_OK;
}

static bool option_is(const struct co *c, const struct defsync_options *o, const char *name,
		      const char *value)
{
	return strcmp(c->host->option_string(c->host->ctx, o, name), value) == 0;
}

static int32_t read_options(struct co *c, const struct defsync_options *o)
{
	int32_t rc = read_list(c, o, "keep", &c->keep);

	if (rc == DEFSYNC_OK)
		rc = read_list(c, o, "drop", &c->drop);
	if (rc == DEFSYNC_OK)
		rc = read_list(c, o, "order", &c->order);
	if (rc == DEFSYNC_OK)
		rc = read_renames(c, o);
	if (rc == DEFSYNC_OK)
		rc = read_max_length(c, o);
	if (option_is(c, o, "case", "lower"))
		c->letters = CO_LOWER;
	else if (option_is(c, o, "case", "snake"))
		c->letters = CO_SNAKE;
	c->number = option_is(c, o, "duplicates", "number");
	c->lenient = option_is(c, o, "if_missing", "ignore");
	return rc;
}

/* ---- Life ---------------------------------------------------------------------------------- */

static void columns_destroy(void *instance)
{
	struct co *c = instance;

	if (!c)
		return;
	reshape_done(&c->reshape);
	free(c);
}

static int32_t columns_create(const struct defsync_host *host,
			      const struct defsync_options *options, uint32_t flags,
			      void **ret_instance)
{
	struct co *c;
	int32_t rc;

	if (flags)
		return defsync_fail(host, DEFSYNC_E_BUG, "create: unknown flags");
	c = calloc(1, sizeof(*c));
	if (!c)
		return reshape_nomem(host);
	c->host = host;
	reshape_init(&c->reshape, host);
	rc = read_options(c, options);
	if (rc < 0)
		columns_destroy(c);
	else
		*ret_instance = c;
	return rc;
}

/* ---- Relations ----------------------------------------------------------------------------- */

static int32_t write_names(struct co *c, struct co_columns *cols)
{
	struct pool *pool = &c->reshape.pool;
	uint32_t i;

	for (i = 0; i < cols->n; i++) {
		struct co_column *col = &cols->list[i];

		col->name = co_case(pool, c->letters, col->name, col->from + 1);
		if (col->name)
			col->name = co_shorten(pool, col->name, c->max_length);
		if (!col->name)
			return reshape_nomem(c->host);
	}
	return DEFSYNC_OK;
}

static int32_t choose(struct co *c, const struct defsync_relation *in, struct co_columns *cols)
{
	int32_t rc = co_select(c, in, cols);

	if (rc == DEFSYNC_OK)
		rc = co_rename(c, in, cols);
	if (rc == DEFSYNC_OK)
		rc = write_names(c, cols);
	if (rc == DEFSYNC_OK)
		rc = co_distinct(c, in, cols);
	if (rc == DEFSYNC_OK)
		rc = co_order(c, in, cols);
	return rc;
}

static bool is_renamed(const struct co_column *col)
{
	return strcmp(col->was, col->name) != 0;
}

static bool is_changed(const struct defsync_relation *in, const struct co_columns *cols)
{
	uint32_t i;

	if (cols->n != in->n_columns)
		return true;
	for (i = 0; i < cols->n; i++) {
		if (cols->list[i].from != i || is_renamed(&cols->list[i]))
			return true;
	}
	return false;
}

static int32_t columns_relation(void *instance, const struct defsync_relation *in, uint32_t flags,
				const struct defsync_relation **ret_out)
{
	struct co *c = instance;
	struct co_columns cols = {0};
	struct reshape_plan *p;
	uint32_t i;
	int32_t rc;

	if (flags)
		return defsync_fail(c->host, DEFSYNC_E_BUG, "relation: unknown flags");
	rc = choose(c, in, &cols);
	if (rc < 0)
		return rc;
	if (!is_changed(in, &cols)) {
		*ret_out = in;
		return DEFSYNC_OK;
	}
	p = reshape_begin(&c->reshape, in, cols.n);
	if (!p)
		return DEFSYNC_E_NOMEM;
	for (i = 0; i < cols.n; i++) {
		struct defsync_column *column = reshape_keep(p, cols.list[i].from);

		column->name = cols.list[i].name;
	}
	return reshape_end(&c->reshape, p, ret_out);
}

static int32_t columns_apply(void *instance, const struct defsync_row *row, uint32_t flags,
			     defsync_emit emit, void *emit_ctx)
{
	struct co *c = instance;
	struct reshape_plan *p;

	if (flags)
		return defsync_fail(c->host, DEFSYNC_E_BUG, "apply: unknown flags");
	p = reshape_find(&c->reshape, row->relation);
	if (!p)
		return DEFSYNC_PASS;
	reshape_cells(p, row);
	return reshape_emit(p, emit, emit_ctx);
}

static const struct defsync_transform columns_transform = {
    .struct_size = sizeof(struct defsync_transform),
    .abi_minor = DEFSYNC_ABI_MINOR,
    .option_size = sizeof(struct defsync_option),
    .n_options = sizeof(columns_options) / sizeof(columns_options[0]),
    .options = columns_options,
    .name = "columns",
    .version = DEFSYNC_VERSION,
    .summary = "leaves columns out, renames and orders them",
    .home = "",
    .create = columns_create,
    .destroy = columns_destroy,
    .relation = columns_relation,
    .apply = columns_apply,
};

DEFSYNC_EXPORT const struct defsync_transform *defsync_transform_v1(void)
{
	return &columns_transform;
}
