/* SPDX-License-Identifier: MIT */
/* The batch that a reader fills: opened, cut, handed on; merge keys. */

#include "sync/reader-batch.h"

#include <stdlib.h>
#include <string.h>

/* ---- The open batch ---- */

int reader_need_batch(struct table_run *t, struct error *err)
{
	if (t->batch != NULL) {
		t->batch->letter = t->letter;
		return 0;
	}
	t->batch = t->sink->open(t, err);
	if (t->batch == NULL)
		return -1;
	t->batch->letter = t->letter;
	/* The API may have shown meanwhile that it takes less. */
	t->limits.bytes = (size_t)t->run->config->push.batch_bytes;
	if (t->lane != NULL)
		t->limits.bytes = push_batch_bytes(t->run->push, t->limits.bytes);
	return 0;
}

void reader_forget_letter(struct table_run *t)
{
	t->letter = 0;
	t->batch->letter = 0;
}

/* Messages about single rows of the batch name their keys. */
static int note_key_names(struct table_run *t, struct batch *b)
{
	for (size_t i = 0; b->n_rows > 0 && i < t->key.n; i++) {
		if (batch_add_key_name(b, t->key.columns[i].name) < 0)
			return -1;
	}
	return 0;
}

int reader_flush(struct table_run *t, struct error *err)
{
	struct batch *b = t->batch;
	const char *phase;

	if (b == NULL)
		return 0;
	t->batch = NULL;
	if (batch_is_empty(b)) {
		t->sink->discard(t, b);
		return 0;
	}
	if (note_key_names(t, b) < 0) {
		t->sink->discard(t, b);
		return error_nomem(err);
	}
	t->superseded += b->n_dropped;
	b->cdc_us = t->cdc != NULL ? cdc_last_us(t->cdc) : 0;
	phase = host_fact(source_host(t->source), DEFSYNC_REPORT_PHASE);
	batch_set_phase(b, phase != NULL ? phase : "");
	return t->sink->give(t, b, err);
}

/* ---- Key columns ---- */

/* Merge mode: the key column's name, from the configuration or the source. */
static int learn_merge_key(struct table_run *t, const struct defsync_relation *relation,
			   struct error *err)
{
	const struct config_table *c = t->config;
	int changed = !chain_is_empty(t->chain);

	if (changed && t->in_relation != NULL && !key_is_whole(t->in_relation, relation)) {
		(void)key_torn("merge", err);
		error_prefix(err, "%s", t->where);
		return -1;
	}
	/* What a transform has renamed is flagged still, and another may have its name. */
	if (key_relation(&t->key, relation, c->key, changed ? 0 : c->n_key, err) < 0)
		return -1;
	if (t->key.n == 0)
		return error_set(err, ERR_SOURCE,
				 "%s: merge needs a key and the table has none; name "
				 "one in key:",
				 t->where);
	if (t->key.n > 1 && !t->run->config->api.onprem)
		return error_set(err, ERR_SOURCE,
				 "%s: merge takes one key column and the table's key has %zu; name "
				 "one in key:, or use mode: append",
				 t->where, t->key.n);
	if (t->target.key != NULL)
		return 0;
	t->key_names = calloc(t->key.n + 1, sizeof(*t->key_names));
	if (t->key_names == NULL)
		return error_nomem(err);
	/* Copies: they are sent with batches that outlive the source's connection. */
	for (size_t i = 0; i < t->key.n; i++) {
		t->key_names[i] = strdup(t->key.columns[i].name);
		if (t->key_names[i] == NULL)
			return error_nomem(err);
	}
	t->target.key = (const char *const *)t->key_names;
	t->target.n_key = t->key.n;
	/* A batch that holds no row yet was opened without the key. */
	return reader_flush(t, err);
}

int reader_new_relation(struct table_run *t, const struct defsync_relation *relation,
			struct error *err)
{
	if (t->key.of != NULL && t->batch != NULL && t->batch->n_rows > 0 &&
	    reader_flush(t, err) < 0)
		return -1;
	if (t->target.merge)
		return learn_merge_key(t, relation, err);
	return key_relation(&t->key, relation, NULL, 0, err);
}

int reader_has_merge_key(const struct table_run *t, const struct defsync_row *row,
			 struct row_fault *fault)
{
	const char *null = key_null_column(&t->key, row);

	if (null == NULL)
		return 1;
	(void)row_fault_set(fault, ROW_KEY_NULL, "column '%s': the key is null", null);
	return 0;
}

/* Merge: the row that was placed last takes the place of one with the same key. */
static int place_merge_key(struct table_run *t, const struct defsync_row *row, struct error *err)
{
	const struct buf *bytes = &t->key_bytes;

	if (!t->target.merge)
		return 0;
	if (key_bytes(&t->key, row, &t->key_bytes) < 0 ||
	    batch_row_key(t->batch, key_hash(bytes->data, bytes->len), bytes->data, bytes->len) < 0)
		return error_nomem(err);
	return 0;
}

/* The batch is full without the row at its end: that goes to a new one. */
static int move_row(struct table_run *t, size_t offset, struct error *err)
{
	struct batch *full = t->batch;
	struct batch *fresh;
	int rc;

	t->batch = NULL;
	fresh = t->sink->open(t, err);
	if (fresh == NULL) {
		t->sink->discard(t, full);
		return -1;
	}
	if (batch_move_row(full, offset, fresh) < 0) {
		t->sink->discard(t, full);
		t->sink->discard(t, fresh);
		return error_nomem(err);
	}
	t->batch = full;
	rc = reader_flush(t, err);
	t->batch = fresh;
	return rc;
}

int reader_place_row(struct table_run *t, const struct defsync_row *row, size_t offset,
		     struct error *err)
{
	int rc = batch_row_done(t->batch, offset, &t->limits);

	if (rc < 0)
		return error_nomem(err);
	if (rc == 0 && move_row(t, offset, err) < 0)
		return -1;
	return place_merge_key(t, row, err);
}
