/* SPDX-License-Identifier: MIT */
/* defsync state show, set, reset: checkpoints by hand. */

#include <string.h>

#include "base/clock.h"
#include "cli/output.h"
#include "cli/state-tables.h"

static const struct arg_option show_options[] = {
    {.name = "json", .help = "print JSON"},
};

static const struct arg_option set_options[] = {
    {.name = "phase",
     .value = "PHASE",
     .help = "load, incremental or stream; default: as it is, or incremental"},
};

static const struct arg_option reset_options[] = {
    {.name = "all", .help = "reset every table of the store"},
};

/* ---- what the three begin and end with ---- */

struct state_command {
	struct context context;
	struct store *store;
	struct state_tables tables;
};

static int open_state(struct state_command *s, struct cli *cli, const struct args *args,
		      enum context_access access, struct error *err)
{
	*s = (struct state_command){0};
	if (context_init(&s->context, cli, err) < 0)
		return -1;
	s->store = context_store_only(&s->context, args, access, err);
	return s->store == NULL ? -1 : state_tables_load(&s->tables, s->store, err);
}

static void close_state(struct state_command *s)
{
	state_tables_done(&s->tables);
	store_close(s->store);
	context_done(&s->context);
}

/* ---- show ---- */

static int print_json(const struct state_tables *t, const struct store_table *only,
		      struct error *err)
{
	json_t *o = json_object(), *list = json_array();
	int rc = output_put(o, "tables", list);

	for (size_t i = 0; rc == 0 && i < t->n; i++)
		if (only == NULL || only == &t->items[i])
			rc = json_array_append_new(list, state_table_json(&t->items[i]));
	if (rc == 0)
		return output_json_take(o, err);
	json_decref(o);
	return error_nomem(err);
}

static void add_row(struct grid *g, const struct store_table *t)
{
	char time[CLOCK_TEXT_MAX] = "";

	if (t->updated_us != 0)
		clock_format(t->updated_us, time);
	grid_add(g, t->source);
	grid_add(g, t->table);
	grid_add(g, t->target);
	grid_add(g, t->phase);
	grid_add(g, time);
	grid_add(g, t->checkpoint);
}

static int print_text(const struct state_tables *t, const struct store_table *only,
		      struct error *err)
{
	static const char *const headers[] = {"SOURCE", "TABLE",   "TARGET",
					      "PHASE",	"UPDATED", "CHECKPOINT"};
	struct grid g;
	struct buf b;
	int rc;

	buf_init(&b, OUTPUT_MAX);
	grid_init(&g, headers, "llllll", sizeof(headers) / sizeof(headers[0]));
	for (size_t i = 0; i < t->n; i++)
		if (only == NULL || only == &t->items[i])
			add_row(&g, &t->items[i]);
	rc = grid_print(&g, &b) < 0 ? error_nomem(err) : output_write(&b, err);
	grid_done(&g);
	buf_done(&b);
	return rc;
}

static int show_run(struct cli *cli, const struct args *args, struct error *err)
{
	const struct store_table *only = NULL;
	struct state_command s;
	int rc = open_state(&s, cli, args, CONTEXT_READ, err);

	if (rc == 0 && args->n_words > 0) {
		only = state_tables_find(&s.tables, args->words[0], err);
		rc = only == NULL ? -1 : 0;
	}
	if (rc == 0)
		rc = args_has(args, "json") ? print_json(&s.tables, only, err)
					    : print_text(&s.tables, only, err);
	close_state(&s);
	return rc;
}

/* ---- set ---- */

/* A table that is configured and has never run; 1 found. */
static int find_configured(const struct config *config, const char *text,
			   const struct config_table **ret)
{
	size_t n = 0;

	for (size_t i = 0; config != NULL && i < config->n_sources; i++)
		for (size_t k = 0; k < config->sources[i].n_tables; k++) {
			const struct config_table *t = &config->sources[i].tables[k];

			if (context_table_is(text, config->sources[i].name, t->from, t->to) &&
			    n++ == 0)
				*ret = t;
		}
	return n == 1;
}

/* The row of a table, made when the configuration alone knows it. */
static int want_table(struct state_command *s, const char *text, struct store_table *ret,
		      struct error *err)
{
	const struct store_table *found = NULL;
	const struct config_table *t;

	if (state_tables_match(&s->tables, text, &found) == 0 &&
	    find_configured(s->context.config, text, &t))
		return store_table(s->store, t->source->name, t->from, t->to, ret, err);
	found = state_tables_find(&s->tables, text, err);
	if (found == NULL)
		return -1;
	return store_table(s->store, found->source, found->table, found->target, ret, err);
}

static int set_checkpoint(struct state_command *s, const struct args *args, struct error *err)
{
	const char *phase = args_value(args, "phase");
	struct store_table t;
	int rc;

	if (state_check_checkpoint(args->words[1], err) < 0 ||
	    want_table(s, args->words[0], &t, err) < 0)
		return -1;
	if (phase == NULL)
		phase = t.phase[0] != '\0' ? t.phase : "incremental";
	rc = store_table_set(s->store, t.id, args->words[1], phase, err);
	if (rc == 0)
		log_write(s->context.cli->log, LOG_INFO, "state", "%s.%s: checkpoint set", t.source,
			  t.table);
	store_table_done(&t);
	return rc;
}

static int set_run(struct cli *cli, const struct args *args, struct error *err)
{
	static const char *const phases[] = {"load", "incremental", "stream"};
	const char *phase = args_value(args, "phase");
	struct state_command s;
	int known = phase == NULL;
	int rc;

	for (size_t i = 0; i < sizeof(phases) / sizeof(phases[0]) && !known; i++)
		known = strcmp(phase, phases[i]) == 0;
	if (!known)
		return error_set(err, ERR_USAGE, "--phase: not load, incremental or stream: '%s'",
				 phase);
	rc = open_state(&s, cli, args, CONTEXT_MAKE, err);
	if (rc == 0)
		rc = set_checkpoint(&s, args, err);
	close_state(&s);
	return rc;
}

/* ---- reset ---- */

static int reset_table(struct state_command *s, const struct store_table *t, struct error *err)
{
	if (store_table_reset(s->store, t->id, err) < 0)
		return -1;
	log_write(s->context.cli->log, LOG_INFO, "state",
		  "%s.%s: reset, the next run reads all of it", t->source, t->table);
	return 0;
}

static int reset_tables(struct state_command *s, const char *text, struct error *err)
{
	const struct store_table *only = NULL;
	int rc = 0;

	if (text != NULL) {
		only = state_tables_find(&s->tables, text, err);
		return only == NULL ? -1 : reset_table(s, only, err);
	}
	for (size_t i = 0; rc == 0 && i < s->tables.n; i++)
		rc = reset_table(s, &s->tables.items[i], err);
	return rc;
}

static int reset_run(struct cli *cli, const struct args *args, struct error *err)
{
	struct state_command s;
	int rc;

	if (args_has(args, "all") == (args->n_words > 0))
		return error_set(err, ERR_USAGE, "state reset: give one of TABLE and --all");
	rc = open_state(&s, cli, args, CONTEXT_CHANGE, err);
	if (rc == 0)
		rc = reset_tables(&s, args->n_words > 0 ? args->words[0] : NULL, err);
	close_state(&s);
	return rc;
}

const struct command command_state_show = {
    .group = "state",
    .name = "state show",
    .usage = "[TABLE]",
    .summary = "show the checkpoints",
    .options = ARG_TABLE(show_options),
    .more_options = &command_store_options,
    .max_words = 1,
    .run = show_run,
};

const struct command command_state_set = {
    .group = "state",
    .name = "state set",
    .usage = "TABLE CHECKPOINT [--phase PHASE]",
    .summary = "set a checkpoint by hand",
    .details = "The checkpoint is the text that state show prints, made by the table's plugin. "
	       "Rows before it\nare not read any more.\n",
    .options = ARG_TABLE(set_options),
    .more_options = &command_store_options,
    .min_words = 2,
    .max_words = 2,
    .run = set_run,
};

const struct command command_state_reset = {
    .group = "state",
    .name = "state reset",
    .usage = "TABLE | --all",
    .summary = "forget a checkpoint, so that the next run reads all of the table",
    .options = ARG_TABLE(reset_options),
    .more_options = &command_store_options,
    .max_words = 1,
    .run = reset_run,
};
