/* SPDX-License-Identifier: MIT */
/*
 * The committer's work: finished batches to their tables' prefixes, and what is
 * new in these to the store, in one transaction.  Only then are the batches
 * released and the sources told.
 */

#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/failpoint.h"
#include "sync/run-internal.h"

static struct table_run *table_of(const struct batch *b)
{
	return lane_user(b->lane);
}

/* ---- From a batch to a step of the store ---- */

static void fill_dead(const struct table_run *t, const struct batch *b, struct dead_letter *out)
{
	int64_t now = clock_wall_us();

	for (size_t i = 0; i < b->n_dead; i++) {
		const struct batch_dead *d = &b->dead[i];
		const char *notes = b->notes.data;

		out[i] = (struct dead_letter){
		    .run_id = t->run_row,
		    .source = t->config->source->name,
		    .table = t->config->from,
		    .target = t->config->to,
		    .mode = t->target.merge ? "merge" : "append",
		    .key = notes + d->key,
		    .position = notes + d->position,
		    .reason = row_reason_name(d->reason),
		    .status = d->status,
		    .message = notes + d->message,
		    .payload = notes + d->payload,
		    .payload_len = d->payload_len,
		    .first_seen_us = now,
		    .attempts = 1,
		};
	}
}

/* What was confirmed, with the keys between which it lies: two texts in `text`. */
static void fill_ledger(const struct table_run *t, const struct batch *b, struct buf *text,
			struct store_ledger *out)
{
	size_t last = 0;

	buf_reset(text);
	if (batch_key_json(b, 0, text) == 0 && buf_add_char(text, '\0') == 0) {
		last = text->len;
		(void)batch_key_json(b, b->n_rows - 1, text);
	}
	(void)buf_str(text);
	*out = (struct store_ledger){
	    .run_no = t->run->run_no,
	    .key_first = text->len > 0 ? text->data : "",
	    .key_last = last > 0 && text->len > last ? text->data + last : "",
	    .request_id = b->api_request_id,
	    .rows = b->sent_rows,
	    .bytes = b->sent_bytes,
	};
}

static void fill_step(const struct table_run *t, const struct batch *b,
		      const struct dead_letter *dead, struct store_step *step)
{
	*step = (struct store_step){
	    .table_id = t->stored.id,
	    .run_row = t->run_row,
	    .run_no = t->run->run_no,
	    .checkpoint = b->checkpoint.len > 0 ? b->checkpoint.data : NULL,
	    .checkpoint_len = b->checkpoint.len,
	    .phase = b->phase,
	    .sweep = b->sweep,
	    .add = b->counts,
	    .dead = dead,
	    .n_dead = b->n_dead,
	    .hashes = (const unsigned char(*)[ROW_HASH_BYTES])b->hashes,
	    .n_hashes = b->n_hashes,
	};
	step->add.bytes = b->sent_bytes;
}

/* What a step of the store refers to. */
struct step_parts {
	struct store_ledger ledger;
	struct buf keys;
};

static void add_ledger(const struct table_run *t, const struct batch *b, struct step_parts *parts,
		       struct store_step *step)
{
	if (b->sent_rows == 0)
		return;
	fill_ledger(t, b, &parts->keys, &parts->ledger);
	step->ledger = &parts->ledger;
}

static struct step_parts *make_parts(size_t n)
{
	struct step_parts *parts = calloc(n, sizeof(*parts));

	for (size_t i = 0; parts != NULL && i < n; i++)
		buf_init(&parts[i].keys, (size_t)4 * LIMIT_BATCH_BYTES);
	return parts;
}

static void free_parts(struct step_parts *parts, size_t n)
{
	for (size_t i = 0; parts != NULL && i < n; i++)
		buf_done(&parts[i].keys);
	free(parts);
}

static int commit_list(struct run *r, struct batch *const *list, size_t n, struct error *err)
{
	struct store_step *steps = calloc(n, sizeof(*steps));
	struct step_parts *parts = make_parts(n);
	struct dead_letter *dead = NULL;
	size_t n_dead = 0, at = 0;
	int rc = -1;

	for (size_t i = 0; i < n; i++)
		n_dead += list[i]->n_dead;
	if (n_dead > 0)
		dead = calloc(n_dead, sizeof(*dead));
	if (steps == NULL || parts == NULL || (n_dead > 0 && dead == NULL)) {
		(void)error_nomem(err);
		goto out;
	}
	for (size_t i = 0; i < n; i++) {
		struct table_run *t = table_of(list[i]);

		if (list[i]->n_dead > 0)
			fill_dead(t, list[i], dead + at);
		fill_step(t, list[i], list[i]->n_dead > 0 ? dead + at : NULL, &steps[i]);
		add_ledger(t, list[i], &parts[i], &steps[i]);
		at += list[i]->n_dead;
	}
	if (failpoint("before_commit") != 0)
		(void)error_set(err, ERR_STORE, "store: failpoint before_commit");
	else
		rc = store_commit(r->store, steps, n, err);
	if (rc == 0 && n_dead > 0 && r->forward != NULL)
		forward_signal(r->forward);
	for (size_t i = 0; rc == 0 && i < n; i++)
		table_of(list[i])->hashes_dropped += steps[i].ret_hashes_dropped;
out:
	free_parts(parts, n);
	free(dead);
	free(steps);
	return rc;
}

/* ---- After the commit ---- */

/* The batch is durable: the table's books, and the word for its source. */
static void settle(struct table_run *t, const struct batch *b)
{
	store_counts_add(&t->counts, &b->counts);
	if (b->checkpoint.len == 0)
		return;
	memcpy(t->phase, b->phase, sizeof(t->phase));
	buf_reset(&t->checkpoint);
	(void)buf_add(&t->checkpoint, b->checkpoint.data, b->checkpoint.len);
	pthread_mutex_lock(&t->lock);
	buf_reset(&t->ack);
	(void)buf_add(&t->ack, b->checkpoint.data, b->checkpoint.len);
	pthread_mutex_unlock(&t->lock);
}

/* ---- Prefixes ---- */

/* A batch that was not sent ends its table's prefix for good. */
static void sort_in(struct run *r, struct batch *list)
{
	while (list != NULL) {
		struct batch *b = list;

		list = b->next;
		b->next = NULL;
		if (b->outcome == BATCH_UNSENT) {
			table_of(b)->unsent++;
			push_release(r->push, b);
			continue;
		}
		prefix_add(&table_of(b)->prefix, b);
		table_of(b)->n_waiting++;
	}
}

/* All that stands at the head of a prefix; the array is malloc'd. */
static int take_prefixes(struct run *r, struct batch ***ret_list, size_t *ret_n)
{
	size_t most = 0, n = 0;
	struct batch **list;
	struct batch *b;

	for (size_t i = 0; i < r->n_tables; i++)
		most += r->tables[i]->n_waiting;
	*ret_n = 0;
	*ret_list = NULL;
	if (most == 0)
		return 0;
	list = calloc(most, sizeof(struct batch *));
	if (list == NULL)
		return -1;
	for (size_t i = 0; i < r->n_tables; i++) {
		while ((b = prefix_take(&r->tables[i]->prefix)) != NULL) {
			r->tables[i]->n_waiting--;
			list[n++] = b;
		}
	}
	*ret_list = list;
	*ret_n = n;
	return 0;
}

static void fail_run(struct run *r, struct error *err)
{
	r->commit_failed = 1;
	error_move(&r->failure, err);
	push_stop(r->push, 0);
}

void commit_batches(struct run *r, struct batch *batches)
{
	struct error err = ERROR_INIT;
	struct batch **list;
	size_t n;

	sort_in(r, batches);
	if (take_prefixes(r, &list, &n) < 0) {
		(void)error_nomem(&err);
		fail_run(r, &err);
		return;
	}
	if (n == 0)
		goto out;
	/* After a failed commit nothing is written any more: the rows come again. */
	if (!r->commit_failed && commit_list(r, list, n, &err) < 0)
		fail_run(r, &err);
	(void)failpoint("after_commit");
	for (size_t i = 0; i < n; i++) {
		if (r->commit_failed)
			table_of(list[i])->unsent++;
		else
			settle(table_of(list[i]), list[i]);
		push_release(r->push, list[i]);
	}
out:
	free(list);
	error_done(&err);
}
