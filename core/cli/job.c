/* SPDX-License-Identifier: MIT */
/* One pass over the selected tables: what run and preview share. */

#include "cli/job.h"

#include "cli/signals.h"

#define JOB_GRACE_MS 3000 /* so that a drain is over within 5 s, also with a dead API */
#define JOB_MAX_TABLES 4

struct run_settings job_settings(void)
{
	return (struct run_settings){
	    .sink = RUN_PUSH,
	    .out = stdout,
	    .grace_ms = JOB_GRACE_MS,
	    .max_tables = JOB_MAX_TABLES,
	    .stop_fd = -1,
	};
}

/* What a push needs, said before anything connects. */
static int check_api(const struct config *config, struct error *err)
{
	if (config->api.url == NULL)
		return error_set(err, ERR_CONFIG,
				 "api.url is not set; set it or give --api-url URL");
	if (http_check_url(config->api.url, config->api.allow_http, err) < 0)
		return -1;
	if (config->api.key == NULL)
		return error_set(err, ERR_CONFIG,
				 "api.key is not set; set it or the variable DEFINITE_API_KEY");
	return 0;
}

/* The store, locked, when rows are pushed; else the one there is, to read from. */
static int open_store(struct job *j, enum run_sink sink, struct error *err)
{
	if (sink != RUN_PUSH)
		return context_open_store_if_there(&j->context, &j->store, err);
	j->store = context_open_store(&j->context, STORE_WRITE, err);
	return j->store == NULL ? -1 : 0;
}

static int open_http(struct job *j, enum run_sink sink, struct error *err)
{
	if (sink != RUN_PUSH)
		return 0;
	if (check_api(j->context.config, err) < 0 || http_global_init(err) < 0)
		return -1;
	j->http_ready = 1;
	return 0;
}

static int add_tables(struct job *j, struct error *err)
{
	const struct context *c = &j->context;

	for (size_t i = 0; i < c->n_tables; i++) {
		const struct context_table *t = &c->tables[i];

		if (t->selected &&
		    run_add_table(j->run, t->table, t->plugin, t->transforms, err) < 0)
			return -1;
	}
	return 0;
}

static int select_tables(struct job *j, const struct args *args, const char *only,
			 struct error *err)
{
	return only != NULL ? context_select_one(&j->context, only, err)
			    : context_select(&j->context, args, err);
}

int job_acquire(struct job *j, const struct run_settings *settings, struct error *err)
{
	return open_http(j, settings->sink, err) < 0 ? -1 : open_store(j, settings->sink, err);
}

int job_prepare(struct job *j, struct run_settings *settings, struct error *err)
{
	settings->stop_fd = signals_open(err);
	if (settings->stop_fd < 0)
		return -1;
	j->run = run_create(j->context.config, settings, j->store, j->context.cli->log, err);
	return j->run == NULL ? -1 : add_tables(j, err);
}

int job_open(struct job *j, struct cli *cli, const struct args *args, const char *only,
	     struct run_settings *settings, struct error *err)
{
	*j = (struct job){0};
	if (context_init(&j->context, cli, err) < 0 || context_open(&j->context, args, err) < 0 ||
	    select_tables(j, args, only, err) < 0 || job_acquire(j, settings, err) < 0)
		return -1;
	return job_prepare(j, settings, err);
}

/* Did any table end otherwise than done, by a limit, or cut short? */
static int any_failed(const struct run *run)
{
	for (size_t i = 0; i < run_n_tables(run); i++) {
		struct run_table_result r;

		run_result(run, i, &r);
		if (r.class != ERR_NONE && r.class != ERR_LIMIT && r.class != ERR_CANCELLED)
			return 1;
	}
	return 0;
}

/*
 * A signal ends the run with 128+n when it cut something short; a worse error,
 * or a run that was through all the same, keeps its own code.
 */
static int exit_code_of(const struct run *run)
{
	int code = run_exit_code(run);
	int was_cut = code == error_exit_code(ERR_CANCELLED) || code == error_exit_code(ERR_LIMIT);

	if (!run_was_stopped(run) || !was_cut || signals_caught() == 0 || any_failed(run))
		return code;
	return 128 + signals_caught();
}

int job_execute(struct job *j, struct error *err)
{
	return run_execute(j->run, err) < 0 ? -1 : exit_code_of(j->run);
}

void job_done(struct job *j)
{
	run_destroy(j->run);
	store_close(j->store);
	if (j->http_ready)
		http_global_done();
	context_done(&j->context);
	*j = (struct job){0};
}
