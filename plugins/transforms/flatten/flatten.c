/* SPDX-License-Identifier: MIT */
/* The flatten transform: options, life of an instance, and the table of its functions. */

#include <stdlib.h>
#include <string.h>

#include "fl.h"

static const struct defsync_option flatten_options[] = {
    {
	.name = "columns",
	.type = DEFSYNC_OPTION_LIST,
	.flags = DEFSYNC_OPTION_REQUIRED,
	.help = "columns with JSON objects; each gives all fields",
    },
    {
	.name = "fields",
	.type = DEFSYNC_OPTION_MAP,
	.help = "columns to make, as \"customer.name: text\": path in the object and type",
    },
    {
	.name = "separator",
	.type = DEFSYNC_OPTION_STRING,
	.default_text = "_",
	.help = "between the parts of a new column's name",
    },
    {
	.name = "prefix",
	.type = DEFSYNC_OPTION_BOOL,
	.default_text = "true",
	.help = "whether the names of new columns begin with that of the JSON column",
    },
    {
	.name = "keep",
	.type = DEFSYNC_OPTION_BOOL,
	.default_text = "false",
	.help = "whether the JSON column stays, in front of its fields",
    },
    {
	.name = "rest",
	.type = DEFSYNC_OPTION_IDENTIFIER,
	.help = "name of a JSON column for the members that no field took",
    },
    {
	.name = "on_error",
	.type = DEFSYNC_OPTION_ENUM,
	.default_text = "dead_letter",
	.values = "dead_letter|make_null",
	.help = "what becomes of rows with a value of another type than declared, or no JSON",
    },
};

/* ---- Options ------------------------------------------------------------------------------ */

static int32_t read_columns(struct fl *f, const struct defsync_options *o)
{
	uint32_t n = f->host->option_count(f->host->ctx, o, "columns"), i, k;

	if (n == 0)
		return defsync_fail(f->host, DEFSYNC_E_CONFIG,
				    "'columns' is empty; name the columns with JSON");
	f->columns = pool_alloc(&f->reshape.pool, n, sizeof(*f->columns));
	f->buffers = pool_alloc(&f->reshape.pool, n, sizeof(*f->buffers));
	if (!f->columns || !f->buffers)
		return reshape_nomem(f->host);
	for (i = 0; i < n; i++) {
		f->columns[i] = f->host->option_item(f->host->ctx, o, "columns", i);
		text_init(&f->buffers[i].rest, SIZE_MAX / 4);
		for (k = 0; k < i; k++) {
			if (strcmp(f->columns[k], f->columns[i]) == 0)
				return defsync_fail(f->host, DEFSYNC_E_CONFIG,
						    "columns: '%s' is there twice", f->columns[i]);
		}
	}
	f->n_columns = n;
	return DEFSYNC_OK;
}

static int32_t read_options(struct fl *f, const struct defsync_options *o)
{
	const struct defsync_host *h = f->host;
	int32_t rc = read_columns(f, o);

	if (rc < 0)
		return rc;
	f->separator = h->option_string(h->ctx, o, "separator");
	f->rest = h->option_string(h->ctx, o, "rest");
	f->prefix = h->option_int(h->ctx, o, "prefix") != 0;
	f->keep = h->option_int(h->ctx, o, "keep") != 0;
	f->lenient = strcmp(h->option_string(h->ctx, o, "on_error"), "make_null") == 0;
	if (f->n_columns > 1 && (f->rest || !f->prefix))
		return defsync_fail(h, DEFSYNC_E_CONFIG,
				    "%s is for one column, since names would be equal; take a "
				    "flatten for each column",
				    f->rest ? "rest" : "prefix: false");
	return fl_read_fields(f, o);
}

/* ---- Life ----------------------------------------------------------------------------------- */

static void flatten_destroy(void *instance)
{
	struct fl *f = instance;
	uint32_t i;

	if (!f)
		return;
	for (i = 0; i < f->n_columns; i++) {
		free(f->buffers[i].text.ptr);
		text_done(&f->buffers[i].rest);
	}
	free(f->name.ptr);
	reshape_done(&f->reshape);
	free(f);
}

static int32_t flatten_create(const struct defsync_host *host,
			      const struct defsync_options *options, uint32_t flags,
			      void **ret_instance)
{
	struct fl *f;
	int32_t rc;

	if (flags)
		return defsync_fail(host, DEFSYNC_E_BUG, "create: unknown flags");
	f = calloc(1, sizeof(*f));
	if (!f)
		return reshape_nomem(host);
	f->host = host;
	reshape_init(&f->reshape, host);
	rc = read_options(f, options);
	if (rc < 0)
		flatten_destroy(f);
	else
		*ret_instance = f;
	return rc;
}

/* ---- Rows ----------------------------------------------------------------------------------- */

static int32_t flatten_relation(void *instance, const struct defsync_relation *in, uint32_t flags,
				const struct defsync_relation **ret_out)
{
	struct fl *f = instance;

	return flags ? defsync_fail(f->host, DEFSYNC_E_BUG, "relation: unknown flags")
		     : fl_plan(f, in, ret_out);
}

static int32_t flatten_apply(void *instance, const struct defsync_row *row, uint32_t flags,
			     defsync_emit emit, void *emit_ctx)
{
	struct fl *f = instance;
	struct reshape_plan *p;
	const struct fl_use *uses;
	uint32_t i;

	if (flags)
		return defsync_fail(f->host, DEFSYNC_E_BUG, "apply: unknown flags");
	p = reshape_find(&f->reshape, row->relation);
	if (!p)
		return defsync_fail(f->host, DEFSYNC_E_BUG, "apply: a relation that is not known");
	uses = p->detail;
	reshape_cells(p, row);
	for (i = 0; i < f->n_columns; i++) {
		int32_t rc = fl_column(f, &uses[i], &f->buffers[i],
				       defsync_cell_at(row, uses[i].in), &p->cells[uses[i].first]);

		if (rc < 0)
			return rc;
	}
	return reshape_emit(p, emit, emit_ctx);
}

static const struct defsync_transform flatten_transform = {
    .struct_size = sizeof(struct defsync_transform),
    .abi_minor = DEFSYNC_ABI_MINOR,
    .option_size = sizeof(struct defsync_option),
    .n_options = sizeof(flatten_options) / sizeof(flatten_options[0]),
    .options = flatten_options,
    .name = "flatten",
    .version = DEFSYNC_VERSION,
    .summary = "makes columns of the members of JSON objects",
    .home = "",
    .create = flatten_create,
    .destroy = flatten_destroy,
    .relation = flatten_relation,
    .apply = flatten_apply,
};

DEFSYNC_EXPORT const struct defsync_transform *defsync_transform_v1(void)
{
	return &flatten_transform;
}
