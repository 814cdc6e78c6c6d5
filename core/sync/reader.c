/* SPDX-License-Identifier: MIT */
/* The reader thread of a table: connects, reads since the checkpoint, hands rows on. */

#include <stdlib.h>
#include <string.h>

#include "sync/deletes.h"

#define MAX_WAIT_MS 1000

/* ---- The request ---- */

static int is_named(const char *const *names, size_t n, const char *name)
{
	for (size_t i = 0; i < n; i++) {
		if (strcmp(names[i], name) == 0)
			return 1;
	}
	return 0;
}

/* exclude: the columns have to be known first. */
static int subtract_columns(struct table_run *t, const struct defsync_relation *relation,
			    struct error *err)
{
	const struct config_table *c = t->config;

	t->columns = calloc((size_t)relation->n_columns + 1, sizeof(*t->columns));
	if (t->columns == NULL)
		return error_nomem(err);
	for (size_t i = 0; i < c->n_exclude; i++) {
		uint32_t at = 0;

		while (at < relation->n_columns &&
		       strcmp(defsync_column_at(relation, at)->name, c->exclude[i]) != 0)
			at++;
		if (at == relation->n_columns)
			return error_set(err, ERR_SOURCE,
					 "%s: no such column: '%s'; check columns.exclude",
					 t->where, c->exclude[i]);
	}
	for (uint32_t i = 0; i < relation->n_columns; i++) {
		const char *name = defsync_column_at(relation, i)->name;

		/* Relations live until disconnect, longer than the request. */
		if (!is_named(c->exclude, c->n_exclude, name))
			t->columns[t->n_columns++] = name;
	}
	return 0;
}

static void fill_request(const struct table_run *t, struct defsync_request *q)
{
	const struct config_table *c = t->config;
	const struct run_settings *s = &t->run->settings;
	int resume = t->has_stored && !s->full_refresh && !run_is_range(s) &&
		     t->stored.checkpoint[0] != '\0';

	*q = (struct defsync_request){
	    .struct_size = sizeof(*q),
	    .mode = c->read_mode,
	    .table = c->from,
	    .columns = t->columns != NULL ? t->columns : c->include,
	    .n_columns = (uint32_t)(t->columns != NULL ? t->n_columns : c->n_include),
	    .keys = c->key,
	    .n_keys = (uint32_t)c->n_key,
	    .watermark = c->watermark,
	    .filter = c->where,
	    .initial = s->since != NULL ? s->since : c->initial,
	    .until = s->until,
	    .lookback = c->lookback,
	    .null_watermark = c->null_watermark,
	    .checkpoint = resume ? t->stored.checkpoint : "",
	    .checkpoint_len = resume ? strlen(t->stored.checkpoint) : 0,
	    /* One more, to know whether there is more.  Repeats, of an unknown number, do not count. */
	    .row_limit = s->row_limit > 0 && t->stored.recent == 0 ? s->row_limit + 1 : 0,
	    .max_wait_ms = MAX_WAIT_MS,
	    .options = c->options,
	};
}

int reader_connect(struct table_run *t, struct defsync_request *q, struct error *err)
{
	const struct defsync_table *table;

	if (source_connect(t->source, err) < 0)
		return -1;
	fill_request(t, q);
	if (t->config->n_exclude > 0) {
		if (source_describe(t->source, q, &table, err) < 0 ||
		    subtract_columns(t, table->relation, err) < 0)
			return -1;
		fill_request(t, q);
	}
	return 0;
}

static int begin(struct table_run *t, struct defsync_request *q, struct error *err)
{
	return reader_connect(t, q, err) < 0 ? -1 : source_extract(t->source, q, err);
}

/* ---- Acknowledgements ---- */

/* Tells the source what the committer has made durable meanwhile. */
static int pass_ack(struct table_run *t, struct error *err)
{
	struct buf ack;
	int rc;

	pthread_mutex_lock(&t->lock);
	ack = t->ack;
	buf_init(&t->ack, LIMIT_CHECKPOINT_BYTES + 1);
	pthread_mutex_unlock(&t->lock);
	rc = ack.len > 0 ? source_ack(t->source, ack.data, ack.len, err) : 0;
	buf_done(&ack);
	return rc;
}

/* ---- The loop ---- */

static int limit_reached(const struct table_run *t)
{
	int64_t limit = t->run->settings.row_limit;

	return limit > 0 && t->fresh >= (uint64_t)limit;
}

/* The source had nothing at present: time to look around. */
#define STEP_IDLE 2

/* 1: go on, STEP_IDLE, 0: the end, -1 error. */
static int step(struct table_run *t, struct error *err)
{
	const struct defsync_row *row = NULL;
	int rc = source_next(t->source, &row, err);

	switch (rc) {
	case DEFSYNC_ROW:
		if (limit_reached(t) && row->op != DEFSYNC_OP_CHECKPOINT) {
			t->limited = 1;
			return 0;
		}
		return reader_take(t, row, err) < 0 ? -1 : 1;
	case DEFSYNC_E_BAD_ROW:
		if (limit_reached(t)) {
			t->limited = 1;
			return 0;
		}
		return reader_take_bad(t, row, err) < 0 ? -1 : 1;
	case DEFSYNC_IDLE:
		return reader_flush(t, err) < 0 ? -1 : STEP_IDLE;
	case DEFSYNC_END:
		t->at_end = 1;
		return 0;
	default:
		return -1;
	}
}

/* So long a batch may wait for room before the source is asked to let go. */
#define PAUSE_AFTER_MS 2000

/*
 * A slow API must not hold a snapshot of the database.  No row is in hand here: the
 * source is free to end its statement.
 */
static int wait_for_room(struct table_run *t, struct error *err)
{
	int rc = t->sink->settle(t, PAUSE_AFTER_MS, err);

	if (rc <= 0)
		return rc;
	if (source_pause(t->source, err) < 0)
		return -1;
	return t->sink->settle(t, -1, err);
}

int reader_drain(struct table_run *t, struct error *err)
{
	return reader_flush(t, err) < 0 ? -1 : t->sink->settle(t, -1, err);
}

/* Rows between two looks at what the committer and the user want. */
#define LOOK_EVERY 1024

static int read_all(struct table_run *t, struct error *err)
{
	int rc = 1;

	for (unsigned n = 1; rc > 0; n++) {
		rc = step(t, err);
		if (rc > 0 && t->parked != NULL && wait_for_room(t, err) < 0)
			rc = -1;
		if (rc <= 0 || (n % LOOK_EVERY != 0 && rc != STEP_IDLE))
			continue;
		if (atomic_load_explicit(&t->run->stop, memory_order_relaxed))
			return error_set(err, ERR_CANCELLED, "%s: stopped", t->where);
		if (t->lane != NULL && push_lane_failure(t->run->push, t->lane, NULL))
			return error_set(err, ERR_CANCELLED, "%s: stopped", t->where);
		if (t->plugin->has & PLUGIN_HAS_ACK)
			rc = pass_ack(t, err) < 0 ? -1 : 1;
	}
	if (rc < 0)
		return -1;
	if (reader_drain(t, err) < 0) {
		/* What was read last did not get through: not the end. */
		t->at_end = t->limited = 0;
		return -1;
	}
	return 0;
}

/* The last acknowledgements come while the committer is still at work. */
static int wait_for_acks(struct table_run *t, struct error *err)
{
	if (!(t->plugin->has & PLUGIN_HAS_ACK) || t->lane == NULL)
		return 0;
	while (push_lane_pending(t->run->push, t->lane) > 0 &&
	       !atomic_load_explicit(&t->run->stop, memory_order_relaxed) &&
	       !push_failure(t->run->push, NULL) &&
	       !push_lane_failure(t->run->push, t->lane, NULL)) {
		struct timespec pause = {.tv_nsec = 5000000};

		(void)nanosleep(&pause, NULL);
	}
	return pass_ack(t, err);
}

void reader_finish(struct table_run *t, struct error *err)
{
	if (t->batch != NULL)
		t->sink->discard(t, t->batch);
	if (t->parked != NULL)
		t->sink->discard(t, t->parked);
	t->batch = t->parked = NULL;
	source_end(t->source);
	source_disconnect(t->source);
	if (error_is_set(err))
		table_run_fail(t, err);
	error_done(err);
	pthread_mutex_lock(&t->lock);
	t->reader_done = 1;
	pthread_mutex_unlock(&t->lock);
	t->sink->end(t);
}

void *reader_main(void *arg)
{
	struct table_run *t = arg;
	struct defsync_request request;
	struct error err = ERROR_INIT;

	if (deletes_open(t, &err) == 0 && begin(t, &request, &err) == 0 && read_all(t, &err) == 0 &&
	    wait_for_acks(t, &err) == 0)
		(void)deletes_pass(t, &request, &err);
	reader_finish(t, &err);
	return NULL;
}
