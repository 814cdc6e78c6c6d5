/* SPDX-License-Identifier: MIT */
/* defsync view: the SQL of a table's current-state view. */

#include <stdlib.h>
#include <string.h>

#include "cli/context.h"
#include "cli/describe.h"
#include "cli/output.h"
#include "cli/view-sql.h"
#include "sync/key.h"

static const struct arg_option view_options[] = {
    {.name = "name", .value = "NAME", .help = "of the view; default: the target's"},
    {.name = "schema", .value = "NAME", .help = "of the view; default: silver"},
    {.name = "key",
     .value = "COLUMN",
     .repeated = 1,
     .help = "column of the key in the target; by default those of the source"},
};

static const struct context_table *selected(const struct context *c)
{
	for (size_t i = 0; i < c->n_tables; i++) {
		if (c->tables[i].selected)
			return &c->tables[i];
	}
	return NULL;
}

/* The key's columns as they are named where they land.  NULL with err; the caller frees. */
static const char **keys_of(const struct described *d, size_t *ret_n, struct error *err)
{
	const char **keys = calloc((size_t)d->out->n_columns + 1, sizeof(*keys));

	*ret_n = 0;
	if (keys == NULL) {
		(void)error_nomem(err);
		return NULL;
	}
	for (uint32_t i = 0; i < d->out->n_columns; i++) {
		const struct defsync_column *c = defsync_column_at(d->out, i);

		if (c->flags & DEFSYNC_COLUMN_KEY)
			keys[(*ret_n)++] = c->name;
	}
	return keys;
}

static int print_view(const struct view *v, struct error *err)
{
	struct buf b;
	int rc;

	if (v->n_keys == 0)
		return error_set(err, ERR_CONFIG,
				 "view: the table has no key, without which its rows cannot be "
				 "told apart: '%s'; name one in key: or with --key",
				 v->target);
	if (view_is_target(v))
		return error_set(err, ERR_USAGE,
				 "view: would have the name of the table itself: '%s'; give "
				 "another one with --name or --schema",
				 v->target);
	buf_init(&b, OUTPUT_MAX);
	rc = view_sql(v, &b) < 0 ? error_nomem(err) : output_write(&b, err);
	buf_done(&b);
	return rc;
}

static int print_described(struct view *v, const struct context_table *t, struct cli *cli,
			   struct error *err)
{
	struct described d;
	const char **keys = NULL;
	int rc = described_open(&d, t, cli->log, err);

	if (rc == 0 && !key_is_whole(d.in, d.out)) {
		(void)key_torn("the view", err);
		error_prefix(err, "%s", t->table->from);
		rc = -1;
	}
	if (rc == 0)
		keys = keys_of(&d, &v->n_keys, err);
	if (keys != NULL) {
		v->keys = keys;
		rc = print_view(v, err);
	}
	free(keys);
	described_done(&d);
	return keys == NULL ? -1 : rc;
}

static int view_table(const struct context_table *t, const struct args *args, struct cli *cli,
		      struct error *err)
{
	const struct config_table *c = t->table;
	struct view v = {
	    .target = c->to,
	    .schema = args_has(args, "schema") ? args_value(args, "schema") : "silver",
	    .name = args_value(args, "name"),
	};
	int rc;

	if (!c->cdc_columns)
		return error_set(err, ERR_CONFIG,
				 "view: the table has no change columns: '%s'; set cdc_columns: "
				 "true",
				 c->from);
	if (args_has(args, "key")) {
		const char **keys = args_list(args, "key", &v.n_keys);

		if (keys == NULL)
			return error_nomem(err);
		v.keys = keys;
		rc = print_view(&v, err);
		free(keys);
		return rc;
	}
	if (c->n_key == 0 || c->n_transforms > 0)
		return print_described(&v, t, cli, err);
	v.keys = c->key;
	v.n_keys = c->n_key;
	return print_view(&v, err);
}

static int view_run(struct cli *cli, const struct args *args, struct error *err)
{
	struct context c;
	int rc = -1;

	if (context_init(&c, cli, err) == 0 && context_open(&c, args, err) == 0 &&
	    context_select_one(&c, args->words[0], err) == 0)
		rc = view_table(selected(&c), args, cli, err);
	context_done(&c);
	return rc;
}

const struct command command_view = {
    .name = "view",
    .usage = "TABLE",
    .summary = "print the SQL of the view of a table's current state, for DuckDB",
    .details = "The table needs cdc_columns. Of each key the newest row is taken, then those "
	       "that are\ndeleted are left out. The source is asked for the key, unless the "
	       "configuration or\n--key has it. TABLE is a table's from, its to, or "
	       "source.from.\n",
    .options = ARG_TABLE(view_options),
    .min_words = 1,
    .max_words = 1,
    .run = view_run,
};
