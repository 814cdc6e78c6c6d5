/* SPDX-License-Identifier: MIT */
/*
 * What happens to one row: repeat, filtered, faulty or sent, and into which
 * batch it is counted.  A row is counted, and its checkpoint and hash noted, in
 * the batch that holds the last of what came out of it.
 */

#include <stdlib.h>
#include <string.h>

#include "base/secrets.h"
#include "sync/deletes.h"
#include "sync/reader-batch.h"

/* What became of the rows that came out of one row. */
struct fate {
	struct table_run *t;
	struct error *err;
	char op; /* with change columns */
	unsigned sent, dead;
};

/* ---- Encoders ---- */

static struct encoder *make_encoder(struct table_run *t, int lenient, struct error *err)
{
	size_t envelope = t->batch->prefix_len + 2;
	struct encoder_policy policy = {
	    .decimals = t->config->decimals_as_number ? DECIMALS_NUMBER : DECIMALS_STRING,
	    .max_row = LIMIT_BATCH_BYTES - envelope,
	    .max_field = LIMIT_FIELD_BYTES,
	    .max_depth = LIMIT_NESTING,
	    .lenient = lenient,
	};
	struct encoder *e = encoder_create(&policy);

	if (e == NULL)
		(void)error_nomem(err);
	return e;
}

static int need_encoder(struct table_run *t, struct encoder **e, int lenient, struct error *err)
{
	if (*e == NULL)
		*e = make_encoder(t, lenient, err);
	return *e != NULL ? 0 : -1;
}

/* ---- Dead letters ---- */

/* The row as JSON, as far as it can be written. */
static int write_payload(struct table_run *t, const struct defsync_row *row, struct error *err)
{
	struct row_fault fault;

	buf_reset(&t->payload);
	if (row == NULL)
		return 0;
	if (need_encoder(t, &t->lenient, 1, err) < 0 ||
	    encoder_relation(t->lenient, row->relation, err) < 0)
		return -1;
	if (encoder_row(t->lenient, row, &t->payload, &fault) < 0) {
		buf_reset(&t->payload);
		return error_set(err, ERR_FULL,
				 "%s: a row that cannot be sent is too large for the dead letters; "
				 "leave it out with where:",
				 t->where);
	}
	return 0;
}

/* Messages may repeat what a client library says: secrets are taken out. */
static void redact(struct table_run *t, struct row_fault *fault)
{
	struct buf text;

	buf_init(&text, sizeof(fault->text) * 8);
	if (buf_add_str(&text, fault->text) == 0 &&
	    secrets_redact(log_secrets(t->run->log), &text) == 0 && buf_str(&text) != NULL) {
		size_t n = text.len < sizeof(fault->text) - 1 ? text.len : sizeof(fault->text) - 1;

		memcpy(fault->text, text.data, n);
		fault->text[n] = '\0';
	}
	buf_done(&text);
}

/* The key columns of the row as JSON; nothing where it has none. */
static int write_key(struct table_run *t, struct row_key *key, const struct defsync_row *row,
		     struct error *err)
{
	buf_reset(&t->key_text);
	if (row == NULL) {
		if (t->letter_key != NULL && buf_add_str(&t->key_text, t->letter_key) < 0)
			return error_nomem(err);
		return 0;
	}
	if (need_encoder(t, &t->lenient, 1, err) < 0)
		return -1;
	if (key->of != row->relation && key_relation(key, row->relation, NULL, 0, err) < 0)
		return -1;
	if (key_json(key, row, t->lenient, &t->key_text) < 0)
		buf_reset(&t->key_text);
	return 0;
}

/* With the key and the payload that were written. */
static int add_letter(struct table_run *t, const struct defsync_row *row, struct row_fault *fault,
		      struct error *err)
{
	const char *position = row != NULL && row->position_len > 0 ? row->position : "";
	size_t position_len = row != NULL ? row->position_len : 0;

	redact(t, fault);
	if (batch_note_dead(t->batch, fault, buf_str(&t->key_text), position, position_len,
			    buf_str(&t->payload), t->payload.len) < 0)
		return error_nomem(err);
	reader_forget_letter(t);
	return 0;
}

static int note_dead(struct table_run *t, struct row_key *key, const struct defsync_row *row,
		     struct row_fault *fault, struct error *err)
{
	if (reader_need_batch(t, err) < 0 || write_payload(t, row, err) < 0 ||
	    write_key(t, key, row, err) < 0)
		return -1;
	return add_letter(t, row, fault, err);
}

/*
 * A transform refused what became of the row.  Its key is the source's, by which it can
 * be read again.
 */
static int note_refused(struct table_run *t, const struct defsync_row *row, struct row_fault *fault,
			struct error *err)
{
	const struct defsync_row *seen = chain_veil(t->chain, row, err);
	struct defsync_row placed;

	if (seen == NULL || reader_need_batch(t, err) < 0 ||
	    write_key(t, &t->in_key, seen, err) < 0)
		return -1;
	placed = *seen;
	seen = chain_refused(t->chain, err);
	if (seen == NULL || write_payload(t, seen, err) < 0)
		return -1;
	return add_letter(t, &placed, fault, err);
}

/*
 * The source could not give all of it; row may be NULL.  No transform has seen it, and
 * where fields are only counted, as in a file, they may stand in the wrong columns:
 * then nothing is shown of a row of which something is hidden.
 */
static int note_bad(struct table_run *t, const struct defsync_row *row, struct row_fault *fault,
		    struct error *err)
{
	const struct defsync_source *s = &t->plugin->source;
	int in_place = ((s->caps | s->caps_required) & DEFSYNC_CAP_KEYS) != 0;
	const struct defsync_row *seen = NULL;

	if (row != NULL) {
		seen = chain_veil(t->chain, row, err);
		if (seen == NULL)
			return -1;
	}
	if (row != NULL && seen->n_cells == row->n_cells)
		return note_dead(t, &t->in_key, row, fault, err);
	if (!chain_is_empty(t->chain))
		row_fault_veil(fault, row != NULL ? row->relation : NULL);
	if (seen == NULL || in_place)
		return note_dead(t, &t->in_key, seen, fault, err);
	if (reader_need_batch(t, err) < 0)
		return -1;
	buf_reset(&t->payload);
	buf_reset(&t->key_text);
	return add_letter(t, seen, fault, err);
}

/* ---- Sending ---- */

/*
 * Replay: a row that left the chain with another key may not be the one that the
 * letter is about, which then stays.
 */
static int check_letter(struct table_run *t, const struct defsync_row *row, struct error *err)
{
	const char *key;

	if (t->letter == 0 || t->letter_key == NULL || t->letter_of_source ||
	    chain_is_empty(t->chain))
		return 0;
	if (need_encoder(t, &t->lenient, 1, err) < 0)
		return -1;
	buf_reset(&t->key_text);
	if (key_json(&t->key, row, t->lenient, &t->key_text) < 0)
		buf_reset(&t->key_text);
	key = buf_str(&t->key_text);
	if (key == NULL)
		return error_nomem(err);
	if (strcmp(key, t->letter_key) == 0)
		return 0;
	t->letter_strange = 1;
	reader_forget_letter(t);
	return 0;
}

/* One row that comes out of the chain. */
static int send_row(struct fate *f, const struct defsync_row *row)
{
	struct table_run *t = f->t;
	struct row_fault fault = {.reason = ROW_OK};
	size_t offset;
	int rc = gate_row(t, &row, &fault, f->err);

	if (rc != 0) {
		f->dead += rc > 0;
		return rc < 0 ? -1 : note_dead(t, &t->in_key, row, &fault, f->err);
	}
	if (t->cdc != NULL)
		row = cdc_row(t->cdc, row, f->op, f->err);
	if (row == NULL)
		return -1;
	if (t->key.of != row->relation && reader_new_relation(t, row->relation, f->err) < 0)
		return -1;
	if (reader_need_batch(t, f->err) < 0 || need_encoder(t, &t->encoder, 0, f->err) < 0 ||
	    encoder_relation(t->encoder, row->relation, f->err) < 0 ||
	    check_letter(t, row, f->err) < 0)
		return -1;
	if (!t->target.merge || reader_has_merge_key(t, row, &fault)) {
		if (batch_begin_row(t->batch, &offset) < 0)
			return error_nomem(f->err);
		if (encoder_row(t->encoder, row, &t->batch->body, &fault) == 0) {
			f->sent++;
			if (reader_place_row(t, row, offset, f->err) < 0)
				return -1;
			t->batch->shape = t->gate.number;
			return 0;
		}
		batch_cancel_row(t->batch, offset);
		if (fault.reason == ROW_OK)
			return error_nomem(f->err);
	}
	f->dead++;
	return note_dead(t, &t->key, row, &fault, f->err);
}

static int chain_to_send(void *ctx, const struct defsync_row *row)
{
	return send_row(ctx, row);
}

/* ---- Change columns ---- */

static int note_true(void *ctx, const struct defsync_row *row)
{
	(void)row;
	*(int *)ctx = 1;
	return 0;
}

/* The checkpoint is the run's own: neither a replay nor a range begins anew. */
static int is_resumed(const struct table_run *t)
{
	const struct run_settings *s = &t->run->settings;

	return s->replay != NULL || run_is_range(s) ||
	       (t->has_stored && t->stored.checkpoint[0] != '\0' && !s->full_refresh);
}

/* What happened to the row.  -1 with err, or without one when the row itself is bad. */
static int find_op(struct table_run *t, const struct defsync_row *row, struct fate *f,
		   struct row_fault *fault)
{
	const char *phase = host_fact(source_host(t->source), DEFSYNC_REPORT_PHASE);
	int deleted = 0, loading;

	if (t->cdc == NULL)
		t->cdc = cdc_create(t->run->run_no, t->cdc_floor_us);
	if (t->cdc == NULL)
		return error_nomem(f->err);
	loading = cdc_is_loading(phase, is_resumed(t), &t->saw_load);
	if (t->deleted != NULL) {
		enum chain_result r =
		    chain_apply(t->deleted, row, note_true, &deleted, fault, f->err);

		if (r == CHAIN_FAILED || r == CHAIN_FAULT)
			return -1;
	}
	f->op = cdc_op(row->op, deleted, loading);
	return 0;
}

/* ---- Counting ---- */

/* The row is dealt with: its safe point and its count go to the open batch. */
static int settle(struct table_run *t, const struct defsync_row *row, const unsigned char *hash,
		  struct error *err)
{
	if (reader_need_batch(t, err) < 0)
		return -1;
	if (hash != NULL && batch_note_hash(t->batch, hash) < 0)
		return error_nomem(err);
	if (row != NULL && row->checkpoint_len > 0 && !run_is_range(&t->run->settings) &&
	    batch_note_checkpoint(t->batch, row->checkpoint, row->checkpoint_len) < 0)
		return error_nomem(err);
	if (t->letter != 0 && batch_note_letter(t->batch) < 0)
		return error_nomem(err);
	reader_forget_letter(t);
	return 0;
}

static int count(struct table_run *t, const struct defsync_row *row, uint64_t *counter,
		 struct error *err)
{
	/* Of a repeat the key was noted when it was delivered. */
	if (t->deletes != NULL && row != NULL && counter != &t->batch->counts.repeated &&
	    deletes_note(t, row, err) < 0)
		return -1;
	(*counter)++;
	if (counter == &t->batch->counts.pushed)
		batch_row_counted(t->batch);
	t->batch->counts.read++;
	t->read++;
	t->fresh += counter != &t->batch->counts.repeated;
	return batch_is_full(t->batch, &t->limits) ? reader_flush(t, err) : 0;
}

/* ---- Repeats ---- */

/*
 * 1: delivered by an earlier run; 0: not.  *ret_hash is set to `hash` when the
 * row will be read again and has to be remembered.  What says that a row is gone may
 * be equal to the row.
 */
static int is_repeat(struct table_run *t, const struct defsync_row *row, unsigned char *hash,
		     const unsigned char **ret_hash, struct error *err)
{
	int again = (row->flags & DEFSYNC_ROW_REREAD) != 0;
	int rc;

	*ret_hash = NULL;
	if (t->lane == NULL || t->run->settings.replay != NULL || run_is_range(&t->run->settings) ||
	    (!again && (t->stored.recent == 0 || row->op == DEFSYNC_OP_DELETE)))
		return 0;
	if (row_hash(row, &t->scratch, hash) < 0)
		return error_nomem(err);
	if (t->stored.recent > 0) {
		rc = store_claim(t->run->store, t->stored.id, t->run->run_no, hash, err);
		if (rc != 0)
			return rc; /* a claimed hash is kept by the store itself */
	}
	if (again)
		*ret_hash = hash;
	return 0;
}

/* ---- Rows ---- */

static int take_checkpoint(struct table_run *t, const struct defsync_row *row, struct error *err)
{
	if (settle(t, row, NULL, err) < 0)
		return -1;
	if ((row->flags & DEFSYNC_ROW_SWEEP) && !run_is_range(&t->run->settings))
		t->batch->sweep = 1;
	return 0;
}

/* Through the chain to the batch; which counter the row belongs to, NULL on failure. */
static uint64_t *deliver(struct table_run *t, const struct defsync_row *row, struct error *err)
{
	struct fate f = {.t = t, .err = err};
	struct row_fault fault = {.reason = ROW_OK};
	enum chain_result result = CHAIN_DONE;

	t->in_relation = row->relation;
	if (t->config->cdc_columns && find_op(t, row, &f, &fault) < 0) {
		if (error_is_set(err) || reader_need_batch(t, err) < 0)
			return NULL;
		return note_bad(t, row, &fault, err) < 0 ? NULL : &t->batch->counts.dead;
	}
	if (chain_is_empty(t->chain)) {
		if (send_row(&f, row) < 0)
			return NULL;
	} else {
		result = chain_apply(t->chain, row, chain_to_send, &f, &fault, err);
	}
	if (result == CHAIN_FAILED || error_is_set(err) || reader_need_batch(t, err) < 0)
		return NULL;
	if (result == CHAIN_FAULT)
		return note_refused(t, row, &fault, err) < 0 ? NULL : &t->batch->counts.dead;
	if (f.dead > 0)
		return &t->batch->counts.dead;
	return f.sent > 0 ? &t->batch->counts.pushed : &t->batch->counts.filtered;
}

int reader_take(struct table_run *t, const struct defsync_row *row, struct error *err)
{
	unsigned char hash[ROW_HASH_BYTES];
	const unsigned char *keep;
	uint64_t *counter;
	int rc;

	if (row->op == DEFSYNC_OP_CHECKPOINT)
		return take_checkpoint(t, row, err);
	rc = is_repeat(t, row, hash, &keep, err);
	if (rc < 0)
		return -1;
	if (rc > 0) {
		if (settle(t, row, NULL, err) < 0)
			return -1;
		return count(t, row, &t->batch->counts.repeated, err);
	}
	counter = deliver(t, row, err);
	if (counter == NULL || settle(t, row, keep, err) < 0)
		return -1;
	return count(t, row, counter, err);
}

int reader_take_bad(struct table_run *t, const struct defsync_row *row, struct error *err)
{
	struct row_fault fault;
	unsigned char hash[ROW_HASH_BYTES];
	const unsigned char *keep = NULL;
	int rc = 0;

	(void)row_fault_set(&fault, ROW_SOURCE, "%s", source_reason(t->source));
	if (row != NULL)
		rc = is_repeat(t, row, hash, &keep, err);
	if (rc < 0)
		return -1;
	if (rc == 0 && note_bad(t, row, &fault, err) < 0)
		return -1;
	if (settle(t, row, keep, err) < 0)
		return -1;
	return count(t, row, rc > 0 ? &t->batch->counts.repeated : &t->batch->counts.dead, err);
}

/* ---- Replay ---- */

/* 1: in the body, 0: it cannot be sent and fault says why, -1 error. */
static int send_json(struct table_run *t, const struct reader_json *j, struct row_fault *fault,
		     struct error *err)
{
	size_t most, offset;

	if (t->key.of != j->row.relation && reader_new_relation(t, j->row.relation, err) < 0)
		return -1;
	if (reader_need_batch(t, err) < 0)
		return -1;
	most = LIMIT_BATCH_BYTES - t->batch->prefix_len - 2;
	if (fault->reason == ROW_OK && j->len > most)
		(void)row_fault_set(fault, ROW_TOO_LARGE, "row: %zu bytes as JSON, %zu are allowed",
				    j->len, most);
	if (fault->reason != ROW_OK)
		return 0;
	if (t->target.merge && !reader_has_merge_key(t, &j->row, fault))
		return 0;
	if (batch_begin_row(t->batch, &offset) < 0 || buf_add(&t->batch->body, j->text, j->len) < 0)
		return error_nomem(err);
	return reader_place_row(t, &j->row, offset, err) < 0 ? -1 : 1;
}

int reader_take_json(struct table_run *t, const struct reader_json *j, struct row_fault *fault,
		     struct error *err)
{
	int rc = send_json(t, j, fault, err);

	if (rc < 0)
		return -1;
	if (rc == 0) {
		if (batch_note_dead(t->batch, fault, j->key, j->position, strlen(j->position),
				    j->text, j->len) < 0)
			return error_nomem(err);
		reader_forget_letter(t);
	}
	if (settle(t, NULL, NULL, err) < 0)
		return -1;
	return count(t, NULL, rc > 0 ? &t->batch->counts.pushed : &t->batch->counts.dead, err);
}

int reader_take_repeat(struct table_run *t, struct error *err)
{
	if (settle(t, NULL, NULL, err) < 0)
		return -1;
	return count(t, NULL, &t->batch->counts.repeated, err);
}
