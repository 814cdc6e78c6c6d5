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

/* Replay: letters are noted in the order of their ids, each once. */
static int compare_letter(const void *id, const void *letter)
{
	int64_t x = *(const int64_t *)id, y = ((const struct batch_letter *)letter)->id;

	return x < y ? -1 : x > y;
}

/*
 * The letter that a dead row replaces, which is noted in `again`; 0: it is a new
 * one.  Of several rows that came out of one letter only the first replaces it.
 */
static int64_t replaced_letter(const struct batch *b, int64_t letter, unsigned char *again)
{
	const struct batch_letter *at = NULL;

	if (letter != 0 && b->n_letters > 0)
		at =
		    bsearch(&letter, b->letters, b->n_letters, sizeof(*b->letters), compare_letter);
	if (at == NULL)
		return letter;
	if (again[at - b->letters])
		return 0;
	again[at - b->letters] = 1;
	return letter;
}

/* The letters that are done with; how many. */
static size_t fill_settled(const struct batch *b, const unsigned char *again, int64_t *out)
{
	size_t n = 0;

	for (size_t i = 0; i < b->n_letters; i++) {
		if (!again[i])
			out[n++] = b->letters[i].id;
	}
	return n;
}

static void fill_dead(const struct table_run *t, const struct batch *b, unsigned char *again,
		      struct dead_letter *out)
{
	int64_t now = clock_wall_us();

	for (size_t i = 0; i < b->n_dead; i++) {
		const struct batch_dead *d = &b->dead[i];
		const char *notes = b->notes.data;

		out[i] = (struct dead_letter){
		    .id = replaced_letter(b, d->letter, again),
		    .run_id = t->run_row,
		    .source = t->config->source->name,
		    .table = t->config->from,
		    .target = t->config->to,
		    .mode = config_mode_name(t->config->mode),
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

static void fill_step(const struct table_run *t, const struct batch *b, struct store_step *step)
{
	*step = (struct store_step){
	    .table_id = t->stored.id,
	    .run_row = t->run_row,
	    .run_no = t->run->run_no,
	    .checkpoint = b->checkpoint.len > 0 ? b->checkpoint.data : NULL,
	    .checkpoint_len = b->checkpoint.len,
	    .phase = b->phase,
	    .sweep = b->sweep,
	    .cdc_us = b->cdc_us,
	    .add = b->counts,
	    .hashes = (const unsigned char(*)[ROW_HASH_BYTES])b->hashes,
	    .n_hashes = b->n_hashes,
	    .keys = b->keys_known.data,
	    .keys_len = b->keys_known.len,
	};
	step->add.bytes = b->sent_bytes;
}

/* What a step of the store refers to. */
struct step_parts {
	struct store_ledger ledger;
	struct buf keys;
	struct dead_letter *dead;
	int64_t *settled;
	const char **changes; /* of columns */
	unsigned char *again; /* of each letter: it is among the dead once more */
};

static int make_part(struct step_parts *p, const struct batch *b)
{
	buf_init(&p->keys, (size_t)4 * LIMIT_BATCH_BYTES);
	p->dead = calloc(b->n_dead + 1, sizeof(*p->dead));
	p->settled = calloc(b->n_letters + 1, sizeof(*p->settled));
	p->again = calloc(b->n_letters + 1, sizeof(*p->again));
	return p->dead != NULL && p->settled != NULL && p->again != NULL ? 0 : -1;
}

static void free_parts(struct step_parts *parts, size_t n)
{
	for (size_t i = 0; parts != NULL && i < n; i++) {
		buf_done(&parts[i].keys);
		free(parts[i].dead);
		free(parts[i].settled);
		free((void *)parts[i].changes);
		free(parts[i].again);
	}
	free(parts);
}

static void add_ledger(const struct table_run *t, const struct batch *b, struct step_parts *parts,
		       struct store_step *step)
{
	/* Without a record, as after a replay into a store that has lost it, there is no place. */
	if (b->sent_rows == 0 || t->stored.id == 0)
		return;
	fill_ledger(t, b, &parts->keys, &parts->ledger);
	step->ledger = &parts->ledger;
}

static void add_letters(const struct table_run *t, const struct batch *b, struct step_parts *parts,
			struct store_step *step)
{
	fill_dead(t, b, parts->again, parts->dead);
	step->dead = parts->dead;
	step->n_dead = b->n_dead;
	step->settled = parts->settled;
	step->n_settled = fill_settled(b, parts->again, parts->settled);
}

/* Rows of other columns than before are in the target. */
static int add_shape(struct table_run *t, const struct batch *b, struct step_parts *parts,
		     struct store_step *step, struct error *err)
{
	if (b->shape == 0 || b->sent_rows == 0)
		return 0;
	if (gate_due(t, b->shape, &parts->changes, &step->n_changes, &step->shape) < 0)
		return error_nomem(err);
	step->changes = parts->changes;
	return 0;
}

/*
 * A load that replaces and of which nothing was taken has not begun: were its
 * checkpoint to move, the next run would append to the old rows.
 */
static void hold_back(struct run *r, struct batch *b)
{
	const struct table_run *t = table_of(b);

	if (t->target.replace && !push_lane_replaced(r->push, b->lane))
		buf_reset(&b->checkpoint);
}

static int commit_list(struct run *r, struct batch *const *list, size_t n, struct error *err)
{
	struct store_step *steps = calloc(n, sizeof(*steps));
	struct step_parts *parts = calloc(n, sizeof(*parts));
	size_t n_dead = 0;
	int rc = -1;

	if (steps == NULL || parts == NULL) {
		(void)error_nomem(err);
		goto out;
	}
	for (size_t i = 0; i < n; i++) {
		struct table_run *t = table_of(list[i]);

		if (make_part(&parts[i], list[i]) < 0) {
			(void)error_nomem(err);
			goto out;
		}
		fill_step(t, list[i], &steps[i]);
		add_letters(t, list[i], &parts[i], &steps[i]);
		add_ledger(t, list[i], &parts[i], &steps[i]);
		if (add_shape(t, list[i], &parts[i], &steps[i], err) < 0)
			goto out;
		n_dead += list[i]->n_dead;
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
	for (size_t i = 0; i < n; i++)
		hold_back(r, list[i]);
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
