/* SPDX-License-Identifier: MIT */
/* How each table of a run ended: status, books, record in the store, exit code. */

#include <string.h>

#include "base/clock.h"
#include "base/num.h"
#include "sync/run-internal.h"

/* From the most to the least severe; what is not listed is 0. */
static const enum error_class severity[] = {
    ERR_INTERNAL, ERR_NOMEM,  ERR_STORE, ERR_FULL,	ERR_CONFIG, ERR_API,
    ERR_SOURCE,	  ERR_LOCKED, ERR_USAGE, ERR_TEMPORARY, ERR_LIMIT,  ERR_CANCELLED,
};

static int rank(enum error_class class)
{
	for (size_t i = 0; i < sizeof(severity) / sizeof(severity[0]); i++) {
		if (severity[i] == class)
			return (int)(sizeof(severity) / sizeof(severity[0]) - i);
	}
	return 0;
}

/* Everything that was read is accounted for, and counted twice: by the reader and in batches. */
static void check_books(struct table_run *t)
{
	const struct store_counts *c = &t->counts;

	if (t->read == c->read && c->read == c->pushed + c->filtered + c->dead + c->repeated)
		return;
	(void)error_set(&t->error, ERR_INTERNAL,
			"%s: the books do not balance: %llu rows read, %llu pushed, %llu filtered, "
			"%llu dead-lettered, %llu repeated; report this as a bug",
			t->where, (unsigned long long)t->read, (unsigned long long)c->pushed,
			(unsigned long long)c->filtered, (unsigned long long)c->dead,
			(unsigned long long)c->repeated);
}

/* Fills in the error of a table that did not come to its end by itself. */
static void explain(struct run *r, struct table_run *t)
{
	struct error *e = &t->error;

	if (e->class == ERR_CANCELLED)
		error_done(e); /* the reason is the run's */
	if (error_is_set(e))
		return;
	if ((t->at_end || t->limited) && t->unsent == 0) {
		check_books(t);
		if (t->limited && !error_is_set(e))
			(void)error_set(e, ERR_LIMIT,
					"%s: stopped at the limit of rows; run again for more",
					t->where);
		return;
	}
	if (t->lane != NULL && push_lane_failure(r->push, t->lane, e))
		return;
	if (error_is_set(&r->failure))
		(void)error_copy(e, &r->failure);
	else if (t->limited && t->unsent == 0)
		(void)error_set(e, ERR_LIMIT,
				"%s: stopped at the limit of rows; run again for more", t->where);
	else
		(void)error_set(e, ERR_CANCELLED, "%s: stopped before the end; run again",
				t->where);
}

static const char *status_of(const struct table_run *t)
{
	switch (t->error.class) {
	case ERR_NONE:
		return "done";
	case ERR_LIMIT:
		return "partial";
	case ERR_CANCELLED:
		return "stopped";
	default:
		return "failed";
	}
}

/* It goes to the store, to reports and to stdout, which redact nothing themselves. */
static void redact(struct run *r, struct error *e)
{
	enum error_class class = e->class;
	struct buf text;

	if (!error_is_set(e))
		return;
	buf_init(&text, (size_t)64 * 1024);
	if (buf_add_str(&text, error_text(e)) == 0 &&
	    secrets_redact(log_secrets(r->log), &text) == 0 && buf_str(&text) != NULL) {
		error_done(e);
		(void)error_set(e, class, "%s", text.data);
	}
	buf_done(&text);
}

static void take_totals(struct run *r, struct table_run *t)
{
	struct push_totals totals;

	if (t->lane == NULL)
		return;
	lane_totals(r->push, t->lane, &totals);
	t->counts.requests = totals.requests;
	t->counts.retries = totals.retries;
	t->counts.bytes = totals.bytes;
}

/* A failure of the whole run is logged once, by run_execute. */
static void say(struct run *r, struct table_run *t)
{
	const struct store_counts *c = &t->counts;
	char took[32];

	if (error_is_set(&t->error) && !error_is_set(&r->failure) &&
	    t->error.class != ERR_CANCELLED && t->error.class != ERR_LIMIT)
		log_failure(r->log, NULL, &t->error);
	log_write(r->log, LOG_INFO, t->where,
		  "%s: %llu rows read, %llu pushed, %llu filtered, %llu dead-lettered, %llu "
		  "repeated in %s%s%s",
		  t->status, (unsigned long long)c->read, (unsigned long long)c->pushed,
		  (unsigned long long)c->filtered, (unsigned long long)c->dead,
		  (unsigned long long)c->repeated,
		  num_format_duration((t->ended_us - t->started_us) / 1000, took),
		  t->notes.len > 0 ? "; " : "", t->notes.len > 0 ? buf_str(&t->notes) : "");
}

static void record(struct run *r, const struct table_run *t)
{
	struct error err = ERROR_INIT;
	size_t left;
	struct store_run run = {
	    .id = t->run_row,
	    .run_no = r->run_no,
	    .run_id = r->id,
	    .status = t->status,
	    .error = error_text(&t->error),
	    .ceiling = t->ceiling,
	    .phase = t->phase,
	    .ended_us = clock_wall_us(),
	    .counts = t->counts,
	};

	if (r->settings.sink != RUN_PUSH || t->run_row == 0)
		return;
	left = gate_left(&t->gate);
	if (store_drift_add(r->store, t->stored.id, r->run_no,
			    t->gate.changes + t->gate.n_changes - left, left, &err) < 0 ||
	    store_run_end(r->store, &run, &err) < 0)
		error_move(&r->failure, &err);
	error_done(&err);
}

void run_conclude(struct run *r, struct table_run *t)
{
	/* The engine may have stopped meanwhile; its reason is the table's. */
	if (r->push != NULL)
		(void)push_failure(r->push, &r->failure);
	table_run_collect_facts(t);
	gate_conclude(t);
	take_totals(r, t);
	explain(r, t);
	redact(r, &t->error);
	t->status = status_of(t);
	if (t->hashes_dropped > 0)
		log_write(r->log, LOG_WARN, t->where,
			  "%llu rows will be sent again by the next run: more than "
			  "store.recent_max are to be remembered",
			  (unsigned long long)t->hashes_dropped);
	record(r, t);
	say(r, t);
}

/* ---- After the run ---- */

static const struct error *first_error(const struct run *r)
{
	const struct error *worst = &r->failure;

	for (size_t i = 0; i < r->n_tables; i++) {
		if (rank(r->tables[i]->error.class) > rank(worst->class))
			worst = &r->tables[i]->error;
	}
	return worst;
}

int run_exit_code(const struct run *r)
{
	const struct error *worst = first_error(r);
	uint64_t dead = 0;

	if (error_is_set(worst))
		return error_exit_code(worst->class);
	for (size_t i = 0; i < r->n_tables; i++) {
		if (r->tables[i]->state == TABLE_WAITING)
			return error_exit_code(ERR_CANCELLED);
		dead += r->tables[i]->counts.dead + r->tables[i]->letters_left;
	}
	return dead > 0 ? RUN_EXIT_DEAD_LETTERS : 0;
}

size_t run_n_tables(const struct run *r)
{
	return r->n_tables;
}

const char *run_id(const struct run *r)
{
	return r->id;
}

int64_t run_started_us(const struct run *r)
{
	return r->started_us;
}

int run_was_stopped(const struct run *r)
{
	return r->asked;
}

/* What of the store is still true when nothing was committed. */
static const char *checkpoint_of(struct table_run *t)
{
	if (t->checkpoint.len > 0)
		return buf_str(&t->checkpoint);
	return t->has_stored ? t->stored.checkpoint : "";
}

void run_result(const struct run *r, size_t i, struct run_table_result *ret)
{
	struct table_run *t = r->tables[i];
	const char *checkpoint = checkpoint_of(t);

	*ret = (struct run_table_result){
	    .source = t->config->source->name,
	    .table = t->config->from,
	    .target = t->config->to,
	    .status = t->status,
	    .counts = t->counts,
	    .duration_us = t->ended_us - t->started_us,
	    .phase = t->phase,
	    .checkpoint = checkpoint != NULL ? checkpoint : "",
	    .ceiling = t->ceiling[0] != '\0' ? t->ceiling : "none",
	    .class = t->error.class,
	    .error = error_text(&t->error),
	    .drift = t->gate.changes,
	    .n_drift = t->gate.n_changes,
	    .notes = t->notes.len > 0 ? buf_str(&t->notes) : "",
	};
}
