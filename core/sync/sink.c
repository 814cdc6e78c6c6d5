/* SPDX-License-Identifier: MIT */
/* Where a reader's batches go: to the push engine, or to a stream or nowhere. */

#include <stdio.h>

#include "sync/run-internal.h"

/* ---- The push engine ---- */

static struct batch *push_sink_open(struct table_run *t, struct error *err)
{
	return push_batch(t->run->push, t->lane, err);
}

static int push_sink_settle(struct table_run *t, int64_t ms, struct error *err)
{
	int rc;

	if (t->parked == NULL)
		return 0;
	rc = push_submit(t->run->push, t->parked, ms, err);
	if (rc == PUSH_NO_ROOM)
		return 1;
	t->parked = NULL;
	return rc;
}

/* Parks what does not fit, so that the reader is not held while it has a row in hand. */
static int push_sink_give(struct table_run *t, struct batch *b, struct error *err)
{
	if (push_sink_settle(t, -1, err) < 0 || push_close(t->run->push, b, err) < 0) {
		push_discard(t->run->push, b);
		return -1;
	}
	t->parked = b;
	return push_sink_settle(t, 0, err) < 0 ? -1 : 0;
}

static void push_sink_discard(struct table_run *t, struct batch *b)
{
	push_discard(t->run->push, b);
}

static void push_sink_end(struct table_run *t)
{
	push_lane_end(t->run->push, t->lane);
}

const struct sink_ops sink_push = {
    .open = push_sink_open,
    .give = push_sink_give,
    .settle = push_sink_settle,
    .discard = push_sink_discard,
    .end = push_sink_end,
};

/* ---- Dry run and standard output ---- */

static struct batch *local_sink_open(struct table_run *t, struct error *err)
{
	struct batch *b = t->local;

	t->local = NULL;
	if (b == NULL)
		b = batch_create();
	if (b == NULL) {
		(void)error_nomem(err);
		return NULL;
	}
	if (batch_open(b, &t->target, err) < 0) {
		batch_destroy(b);
		return NULL;
	}
	return b;
}

static void local_sink_discard(struct table_run *t, struct batch *b)
{
	batch_destroy(t->local);
	t->local = b;
}

static int write_rows(FILE *out, const struct batch *b)
{
	for (size_t i = 0; i < b->n_rows; i++) {
		const struct batch_row *row = &b->rows[i];

		if (fwrite(b->body.data + row->offset, 1, row->len, out) != row->len ||
		    putc('\n', out) == EOF)
			return -1;
	}
	return fflush(out) == 0 ? 0 : -1;
}

static int local_sink_give(struct table_run *t, struct batch *b, struct error *err)
{
	struct run *r = t->run;
	int rc = batch_close(b, err);

	if (rc == 0 && r->settings.sink == RUN_STDOUT) {
		pthread_mutex_lock(&r->out_lock);
		rc = write_rows(r->settings.out, b);
		pthread_mutex_unlock(&r->out_lock);
	}
	for (size_t i = 0; i < b->n_dead; i++)
		log_write(r->log, LOG_WARN, t->where, "would go to the dead letters: %s: %s",
			  row_reason_name(b->dead[i].reason), b->notes.data + b->dead[i].message);
	if (rc == 0) {
		store_counts_add(&t->counts, &b->counts);
		t->counts.bytes += b->body.len - b->prefix_len - 2;
	}
	local_sink_discard(t, b);
	return rc == 0 ? 0
		       : error_set(err, ERR_INTERNAL, "%s: the rows cannot be written to stdout",
				   t->where);
}

static int local_sink_settle(struct table_run *t, int64_t ms, struct error *err)
{
	(void)t;
	(void)ms;
	(void)err;
	return 0;
}

static void local_sink_end(struct table_run *t)
{
	struct run *r = t->run;

	pthread_mutex_lock(&r->out_lock);
	r->local_end = 1;
	pthread_cond_signal(&r->local_ended);
	pthread_mutex_unlock(&r->out_lock);
}

const struct sink_ops sink_local = {
    .open = local_sink_open,
    .give = local_sink_give,
    .settle = local_sink_settle,
    .discard = local_sink_discard,
    .end = local_sink_end,
};
