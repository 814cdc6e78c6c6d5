/* SPDX-License-Identifier: MIT */
/* defsync state batches: what the API has confirmed, newest first. */

#include "base/clock.h"
#include "cli/listing.h"
#include "cli/state-tables.h"

#define LINES_DEFAULT 20

static const struct arg_option batches_options[] = {
    {.name = "source", .value = "NAME", .help = "only those of this source"},
    {.name = "table",
     .value = "TABLE",
     .help = "only those of this table: its from, its to, or source.from"},
    {.name = "limit", .value = "N", .letter = 'n', .help = "at most N batches; default: 20"},
    {.name = "json", .help = "print JSON"},
};

static const char *const headers[] = {"AT",    "TABLE", "TARGET", "RUN",    "ROWS",
				      "BYTES", "FIRST", "LAST",	  "REQUEST"};

static const struct listing_columns columns = {
    .name = "batches",
    .headers = headers,
    .align = "lllrrrlll",
    .n = sizeof(headers) / sizeof(headers[0]),
};

static json_t *batch_json(const struct store_ledger *l)
{
	json_t *o = json_object();
	int rc = 0;

	rc |= output_put(o, "at", output_json_time(l->at_us));
	rc |= output_put(o, "source", output_json_string(NULL, l->source));
	rc |= output_put(o, "table", output_json_string(NULL, l->table));
	rc |= output_put(o, "target", output_json_string(NULL, l->target));
	rc |= output_put(o, "run_no", json_integer(l->run_no));
	rc |= output_put(o, "rows", json_integer((json_int_t)l->rows));
	rc |= output_put(o, "bytes", json_integer((json_int_t)l->bytes));
	rc |= output_put(o, "key_first", output_json_string(NULL, l->key_first));
	rc |= output_put(o, "key_last", output_json_string(NULL, l->key_last));
	rc |= output_put(o, "request_id", output_json_string(NULL, l->request_id));
	if (rc == 0)
		return o;
	json_decref(o);
	return NULL;
}

static void add_row(struct grid *g, const struct store_ledger *l)
{
	char at[CLOCK_TEXT_MAX];

	clock_format(l->at_us, at);
	grid_add(g, at);
	grid_add_table(g, l->source, l->table);
	grid_add(g, l->target);
	grid_add_u64(g, (uint64_t)l->run_no);
	grid_add_u64(g, l->rows);
	grid_add_u64(g, l->bytes);
	grid_add(g, l->key_first);
	grid_add(g, l->key_last);
	grid_add(g, l->request_id);
}

static int print_batch(void *ctx, const struct store_ledger *l)
{
	struct listing *out = ctx;

	if (out->json)
		return listing_json(out, batch_json(l));
	add_row(listing_row(out), l);
	return 0;
}

static int read_filter(const struct args *args, const struct state_tables *tables,
		       struct ledger_filter *f, struct error *err)
{
	const char *table = args_value(args, "table");

	*f = (struct ledger_filter){.source = args_value(args, "source"), .max = LINES_DEFAULT};
	if (args_int(args, "limit", 1, INT64_MAX, &f->max, err) < 0)
		return -1;
	if (table == NULL)
		return 0;
	return state_tables_filter(tables, table, &f->source, &f->table, err);
}

static int print_batches(struct store *store, const struct ledger_filter *f, int json,
			 struct error *err)
{
	struct listing out;

	if (listing_begin(&out, &columns, json, err) < 0)
		return -1;
	return listing_end(&out, store_ledger_each(store, f, print_batch, &out, err));
}

static int batches_run(struct cli *cli, const struct args *args, struct error *err)
{
	struct state_tables tables = {0};
	struct store *store = NULL;
	struct ledger_filter filter;
	struct context c;
	int rc = context_init(&c, cli, err);

	if (rc == 0)
		store = context_store_only(&c, args, CONTEXT_READ, err);
	rc = store == NULL ? -1 : state_tables_load(&tables, store, err);
	if (rc == 0)
		rc = read_filter(args, &tables, &filter, err);
	if (rc == 0)
		rc = print_batches(store, &filter, args_has(args, "json"), err);
	state_tables_done(&tables);
	store_close(store);
	context_done(&c);
	return rc;
}

const struct command command_state_batches = {
    .group = "state",
    .name = "state batches",
    .usage = "[OPTION]...",
    .summary = "list the batches that the API has confirmed, newest first",
    .options = ARG_TABLE(batches_options),
    .more_options = &command_store_options,
    .run = batches_run,
};
