/* SPDX-License-Identifier: MIT */
/* defsync dlq replay: sends dead letters again, in a run over their tables. */

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "cli/dlq-filter.h"
#include "cli/publish.h"

static const struct arg_option replay_options[] = {
    {.name = "as-is", .help = "send what is stored, also where rows are merged or were faulty"},
    {.name = "json", .help = "print the result as JSON instead of a table"},
};

static const char replay_details[] =
    "Sends rows from the dead letters again, all of them without a filter; those that are\n"
    "delivered are deleted. Rows of tables in mode append go out as they are stored. Rows of\n"
    "tables in mode merge are read again from the source by their key, so that no older row\n"
    "overwrites a newer one; --as-is sends what is stored.\n";

/* Letters of a table that the configuration does not have. */
struct stranger {
	char *source, *table, *target;
	uint64_t n;
};

struct replay_command {
	struct job job;
	struct dlq_command dlq; /* for its filter; store and context are the job's */
	struct stranger *strangers;
	size_t n_strangers;
	int64_t n_known; /* letters of tables that the configuration has */
	int nomem;
};

/* ---- Which tables ---- */

static struct context_table *find_table(const struct context *c, const struct dead_letter *d)
{
	for (size_t i = 0; i < c->n_tables; i++) {
		const struct config_table *t = c->tables[i].table;

		if (strcmp(t->source->name, d->source) == 0 && strcmp(t->from, d->table) == 0 &&
		    strcmp(t->to, d->target) == 0)
			return &c->tables[i];
	}
	return NULL;
}

static int is_stranger(const struct stranger *s, const struct dead_letter *d)
{
	return strcmp(s->source, d->source) == 0 && strcmp(s->table, d->table) == 0 &&
	       strcmp(s->target, d->target) == 0;
}

static int add_stranger(struct replay_command *r, const struct dead_letter *d)
{
	struct stranger *more;

	for (size_t i = 0; i < r->n_strangers; i++) {
		if (is_stranger(&r->strangers[i], d)) {
			r->strangers[i].n++;
			return 0;
		}
	}
	more = reallocarray(r->strangers, r->n_strangers + 1, sizeof(*more));
	if (more == NULL)
		return -1;
	r->strangers = more;
	more += r->n_strangers++;
	*more = (struct stranger){strdup(d->source), strdup(d->table), strdup(d->target), 1};
	return more->source != NULL && more->table != NULL && more->target != NULL ? 0 : -1;
}

static int note_letter(void *ctx, const struct dead_letter *d)
{
	struct replay_command *r = ctx;
	struct context_table *t = find_table(&r->job.context, d);

	if (t == NULL) {
		r->nomem = add_stranger(r, d) < 0;
		return r->nomem;
	}
	t->selected = 1;
	r->n_known++;
	return 0;
}

static int select_tables(struct replay_command *r, struct error *err)
{
	if (context_expand_all(&r->job.context, err) < 0)
		return -1;
	if (store_dead_each(r->job.store, &r->dlq.filter, 0, note_letter, r, err) < 0)
		return -1;
	return r->nomem ? error_nomem(err) : 0;
}

static void say_strangers(const struct replay_command *r)
{
	for (size_t i = 0; i < r->n_strangers; i++) {
		const struct stranger *s = &r->strangers[i];

		log_write(r->job.context.cli->log, LOG_WARN, "dlq",
			  "%" PRIu64 " dead letters stay: the configuration has no table '%s.%s' "
			  "to '%s'; add it, or purge them",
			  s->n, s->source, s->table, s->target);
	}
}

/* ---- The replay ---- */

/* There has to be a store: replaying must not make one. */
static int check_store(const struct job *j, struct error *err)
{
	struct store *there;

	if (context_open_store_if_there(&j->context, &there, err) < 0)
		return -1;
	/* To open it for reading says what is missing. */
	if (there == NULL)
		there = context_open_store(&j->context, STORE_READ, err);
	if (there == NULL)
		return -1;
	store_close(there);
	return 0;
}

static int prepare(struct replay_command *r, struct cli *cli, const struct args *args,
		   struct run_settings *settings, struct error *err)
{
	struct job *j = &r->job;

	if (context_init(&j->context, cli, err) < 0 || context_open(&j->context, args, err) < 0 ||
	    check_store(j, err) < 0 || job_acquire(j, settings, err) < 0 ||
	    state_tables_load(&r->dlq.tables, j->store, err) < 0 ||
	    dlq_read_filter(&r->dlq, args, err) < 0 || select_tables(r, err) < 0)
		return -1;
	settings->replay = &r->dlq.filter;
	settings->as_is = args_has(args, "as-is");
	return r->n_known > 0 ? job_prepare(j, settings, err) : 0;
}

/* Letters that were left out for the configuration's sake, when nothing worse happened. */
static int exit_code_of(const struct replay_command *r, int code)
{
	if (r->n_strangers > 0 && (code == 0 || code == RUN_EXIT_DEAD_LETTERS))
		return error_exit_code(ERR_CONFIG);
	return code;
}

/* The exit code, or -1 with err. */
static int execute(struct replay_command *r, int64_t *ret_left, struct error *err)
{
	int code = 0;
	int64_t bytes;

	if (r->n_known > 0)
		code = job_execute(&r->job, err);
	else if (r->n_strangers == 0)
		log_write(r->job.context.cli->log, LOG_INFO, "dlq",
			  "nothing to replay: there are no such dead letters");
	if (code < 0)
		return -1;
	say_strangers(r);
	if (store_dead_count(r->job.store, &r->dlq.filter, ret_left, &bytes, err) < 0)
		return -1;
	return exit_code_of(r, code);
}

static void done(struct replay_command *r)
{
	for (size_t i = 0; i < r->n_strangers; i++) {
		free(r->strangers[i].source);
		free(r->strangers[i].table);
		free(r->strangers[i].target);
	}
	free(r->strangers);
	/* The run refers to the filter, which refers to these. */
	job_done(&r->job);
	state_tables_done(&r->dlq.tables);
}

static int replay_run(struct cli *cli, const struct args *args, struct error *err)
{
	int64_t started_us = clock_wall_us(), left = 0;
	struct error why = ERROR_INIT, unprinted = ERROR_INIT;
	struct run_settings settings = job_settings();
	struct replay_command r = {0};
	int code = -1;

	(void)err;
	if (prepare(&r, cli, args, &settings, &why) == 0)
		code = execute(&r, &left, &why);
	if (code < 0) {
		log_failure(cli->log, "dlq replay", &why);
		code = error_exit_code(why.class);
		left = PUBLISH_RUN;
	}
	if (publish(&r.job, args, started_us, code, error_text(&why), left, &unprinted) < 0) {
		log_failure(cli->log, "dlq replay", &unprinted);
		code = code == 0 ? error_exit_code(unprinted.class) : code;
	}
	error_done(&unprinted);
	error_done(&why);
	done(&r);
	return code;
}

const struct command command_dlq_replay = {
    .group = "dlq",
    .name = "dlq replay",
    .usage = "[OPTION]...",
    .summary = "send dead letters again",
    .details = replay_details,
    .options = ARG_TABLE(replay_options),
    .more_options = &dlq_filter_options,
    .run = replay_run,
};
