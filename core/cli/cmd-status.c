/* SPDX-License-Identifier: MIT */
/* defsync status: how far each table is, and how its last run went. */

#include <string.h>

#include "base/clock.h"
#include "base/num.h"
#include "cli/output.h"
#include "cli/report.h"
#include "cli/state-tables.h"

static const struct arg_option status_options[] = {
    {.name = "json", .help = "print JSON"},
};

/* What is printed of one table. */
struct table_status {
	const struct store_table *table;
	int has_run;
	struct store_run run;
	int64_t dead;
	json_t *drift; /* [{"at","change"}]: of the last run that saw changes of the columns */
	int64_t drift_run;
	int64_t lag_us; /* since all that was there then was delivered; -1 never */
};

/*
 * A run that went through had nothing more to read, also when the checkpoint did
 * not move; otherwise what counts is when the checkpoint moved last.
 */
static int64_t lag_of(const struct table_status *s, int64_t now_us)
{
	int64_t since = s->table->checkpoint[0] != '\0' ? s->table->updated_us : 0;

	if (s->has_run && strcmp(s->run.status, "done") == 0 && s->run.ended_us > since)
		since = s->run.ended_us;
	if (since == 0)
		return -1;
	return now_us > since ? now_us - since : 0;
}

static int add_drift(void *ctx, const struct store_drift *d)
{
	struct table_status *s = ctx;
	json_t *o = json_object();
	int rc = 0;

	rc |= output_put(o, "at", output_json_time(d->at_us));
	rc |= output_put(o, "change", output_json_string(NULL, d->change));
	s->drift_run = d->run_no;
	if (rc == 0 && json_array_append(s->drift, o) == 0)
		rc = 0;
	else
		rc = -1;
	json_decref(o);
	return rc;
}

static void status_done(struct table_status *s)
{
	json_decref(s->drift);
	s->drift = NULL;
}

static int read_status(struct store *store, const struct store_table *t, struct table_status *s,
		       struct error *err)
{
	const struct dead_filter filter = {.source = t->source, .table = t->table};
	int64_t bytes;
	int rc;

	*s = (struct table_status){.table = t, .drift = json_array()};
	if (s->drift == NULL)
		return error_nomem(err);
	if (store_dead_count(store, &filter, &s->dead, &bytes, err) < 0 ||
	    store_drift_last(store, t->id, add_drift, s, err) < 0)
		return -1;
	rc = store_run_last(store, t->id, &s->run, err);
	if (rc < 0)
		return -1;
	s->has_run = rc;
	s->lag_us = lag_of(s, clock_wall_us());
	return 0;
}

/* ---- JSON ---- */

static int64_t run_duration_us(const struct store_run *run)
{
	return run->ended_us > run->started_us ? run->ended_us - run->started_us : 0;
}

static const char *change_at(const struct table_status *s, size_t i)
{
	return json_string_value(json_object_get(json_array_get(s->drift, i), "change"));
}

/* The changes of the last run: those that are kept, when they are its own. */
static json_t *own_drift_json(const struct table_status *s)
{
	json_t *list = json_array();

	for (size_t i = 0; s->drift_run == s->run.run_no && i < json_array_size(s->drift); i++)
		(void)json_array_append_new(list, json_string(change_at(s, i)));
	return list;
}

static json_t *last_run_json(const struct table_status *s)
{
	const struct run_table_result row = {
	    .source = s->table->source,
	    .table = s->table->table,
	    .target = s->table->target,
	    .status = s->run.status,
	    .counts = s->run.counts,
	    .duration_us = run_duration_us(&s->run),
	    .phase = s->run.phase,
	    .checkpoint = s->table->checkpoint,
	    .ceiling = s->run.ceiling,
	    .error = s->run.error,
	};
	json_t *o;

	if (!s->has_run)
		return json_null();
	o = report_table_json(&row, NULL);
	if (o != NULL && output_put(o, "drift", own_drift_json(s)) == 0 &&
	    output_put(o, "run_id", output_json_string(NULL, s->run.run_id)) == 0 &&
	    output_put(o, "started_at", output_json_time(s->run.started_us)) == 0)
		return o;
	json_decref(o);
	return NULL;
}

static json_t *status_json(const struct table_status *s)
{
	json_t *o = state_table_json(s->table);
	json_t *lag = s->lag_us < 0 ? json_null() : json_real((double)(s->lag_us / 1000) / 1000.0);
	int rc = 0;

	rc |= output_put(o, "lag_seconds", lag);
	rc |= output_put(o, "dead_letters", json_integer(s->dead));
	rc |= output_put(o, "drift", json_incref(s->drift));
	rc |= output_put(o, "last_run", last_run_json(s));
	if (rc == 0)
		return o;
	json_decref(o);
	return NULL;
}

static int print_json(struct store *store, const struct state_tables *tables, struct error *err)
{
	json_t *o = json_object(), *list = json_array();
	int rc = output_put(o, "tables", list);

	for (size_t i = 0; rc == 0 && i < tables->n; i++) {
		struct table_status s;

		rc = read_status(store, &tables->items[i], &s, err);
		if (rc == 0)
			rc = json_array_append_new(list, status_json(&s));
		status_done(&s);
	}
	if (rc == 0)
		return output_json_take(o, err);
	json_decref(o);
	return error_nomem(err);
}

/* ---- text ---- */

/* Whole seconds, but for a moment ago. */
static int64_t shown_lag_ms(const struct table_status *s)
{
	int64_t ms = s->lag_us / 1000;

	return ms < 1000 ? ms : ms / 1000 * 1000;
}

static void add_row(struct grid *g, const struct table_status *s)
{
	char text[32];

	grid_add(g, s->table->source);
	grid_add(g, s->table->table);
	grid_add(g, s->table->target);
	grid_add(g, s->table->phase);
	grid_add(g, s->has_run ? s->run.status : "");
	grid_add_u64(g, s->has_run ? s->run.counts.pushed : 0);
	grid_add(g, s->lag_us < 0 ? "" : num_format_duration(shown_lag_ms(s), text));
	grid_add_u64(g, (uint64_t)s->dead);
	grid_add(g, s->has_run ? s->run.error : "");
}

/* When the columns changed last, below the table. */
static int add_changes(struct buf *b, const struct table_status *s)
{
	size_t n = json_array_size(s->drift);
	int rc = 0;

	for (size_t i = 0; i < n; i++) {
		const json_t *at = json_object_get(json_array_get(s->drift, i), "at");

		rc |= buf_printf(b, "%s.%s, %s: ", s->table->source, s->table->table,
				 json_string_value(at));
		rc |= output_add_clean(b, change_at(s, i));
		rc |= buf_add_char(b, '\n');
	}
	return rc < 0 ? -1 : 0;
}

static int print_text(struct store *store, const struct state_tables *tables, struct error *err)
{
	static const char *const headers[] = {"SOURCE", "TABLE", "TARGET", "PHASE", "LAST RUN",
					      "PUSHED", "LAG",	 "DEAD",   "ERROR"};
	struct grid g;
	struct buf b, changes;
	int rc = 0;

	buf_init(&b, OUTPUT_MAX);
	buf_init(&changes, OUTPUT_MAX);
	grid_init(&g, headers, "lllllrrrl", sizeof(headers) / sizeof(headers[0]));
	for (size_t i = 0; rc == 0 && i < tables->n; i++) {
		struct table_status s;

		rc = read_status(store, &tables->items[i], &s, err);
		if (rc == 0)
			add_row(&g, &s);
		if (rc == 0 && add_changes(&changes, &s) < 0)
			rc = error_nomem(err);
		status_done(&s);
	}
	if (rc == 0 && (grid_print(&g, &b) < 0 || buf_add(&b, changes.data, changes.len) < 0))
		rc = error_nomem(err);
	if (rc == 0)
		rc = output_write(&b, err);
	grid_done(&g);
	buf_done(&changes);
	buf_done(&b);
	return rc;
}

static int status_run(struct cli *cli, const struct args *args, struct error *err)
{
	struct state_tables tables = {0};
	struct store *store = NULL;
	struct context c;
	int rc = context_init(&c, cli, err);

	if (rc == 0)
		store = context_store_only(&c, args, CONTEXT_READ, err);
	rc = store == NULL ? -1 : state_tables_load(&tables, store, err);
	if (rc == 0)
		rc = args_has(args, "json") ? print_json(store, &tables, err)
					    : print_text(store, &tables, err);
	state_tables_done(&tables);
	store_close(store);
	context_done(&c);
	return rc;
}

const struct command command_status = {
    .name = "status",
    .usage = "[OPTION]...",
    .summary = "show how far each table is and how its last run went",
    .details = "Works beside a run, and without a configuration when the store is found.\n",
    .options = ARG_TABLE(status_options),
    .more_options = &command_store_options,
    .run = status_run,
};
