/* SPDX-License-Identifier: MIT */
/*
 * detect_deletes: known keys are looked up, many with one request.
 *
 * A row that comes back is told by its key's text.  Where one comes that nobody asked
 * for in these letters (another case in a column that does not mind, a column whose type
 * was changed), keys that seem to be gone are asked for once more, each alone: any row
 * is then its row, and the key is known by its new text from then on.
 */

#include <stdlib.h>
#include <string.h>

#include "base/failpoint.h"
#include "sync/deletes.h"

#define FOUND_BYTES ((size_t)256 * 1024) /* keys of deleted rows in one piece */

/* ---- Asking ------------------------------------------------------------------------------ */

static void forget_asked(struct deletes *d)
{
	for (size_t i = 0; i < d->n_asked; i++) {
		letter_key_done(&d->asked[i].key);
		free(d->asked[i].text);
	}
	d->n_asked = 0;
}

static struct asked *find_asked(struct deletes *d, const unsigned char *hash)
{
	for (size_t i = 0; i < d->n_asked; i++) {
		if (memcmp(d->asked[i].hash, hash, ROW_HASH_BYTES) == 0)
			return &d->asked[i];
	}
	return NULL;
}

static int open_lookup(struct deletes *d, const struct asked *list, size_t n, struct error *err)
{
	struct defsync_request *q = &d->ask;
	uint32_t cells = 0;

	*q = d->request;
	q->mode = DEFSYNC_READ_KEYS;
	q->filter = NULL;
	q->keys = d->columns;
	q->n_keys = (uint32_t)d->n_columns;
	q->lookup = d->lookup;
	q->n_lookup = 0;
	for (size_t i = 0; i < n; i++) {
		if (list[i].key.n == 0 || list[i].found)
			continue;
		memcpy(d->lookup + cells, list[i].key.cells, d->n_columns * sizeof(*d->lookup));
		cells += (uint32_t)d->n_columns;
		q->n_lookup++;
	}
	if (q->n_lookup == 0)
		return 0;
	key_done(&d->listed_key);
	return source_extract(d->t->source, q, err) < 0 ? -1 : 1;
}

/* 1 a row, with its key in d->text if *ret_key; 0 the end; -1 error. */
static int next_key(struct deletes *d, int *ret_key, struct error *err)
{
	const struct defsync_row *row = NULL;
	int rc = source_next(d->t->source, &row, err);

	if (rc == DEFSYNC_END)
		return 0;
	if (rc < 0 && rc != DEFSYNC_E_BAD_ROW)
		return -1;
	rc = row != NULL ? deletes_key(d, &d->listed_key, row, err) : 0;
	*ret_key = rc > 0;
	return rc < 0 || deletes_look(d, err) < 0 ? -1 : 1;
}

/* How many rows came that are none of those asked for; -1 error. */
static int read_answers(struct deletes *d, struct error *err)
{
	unsigned char hash[ROW_HASH_BYTES];
	int strange = 0, has_key, rc;

	while ((rc = next_key(d, &has_key, err)) > 0) {
		struct asked *a = NULL;

		if (has_key && row_hash_text(d->text.data, d->text.len, hash) < 0)
			return error_nomem(err);
		if (has_key)
			a = find_asked(d, hash);
		if (a != NULL)
			a->found = 1;
		else
			strange++;
	}
	return rc < 0 ? -1 : strange;
}

static int ask_all(struct deletes *d, struct error *err)
{
	int rc = open_lookup(d, d->asked, d->n_asked, err);

	if (rc <= 0)
		return rc;
	rc = read_answers(d, err);
	source_end(d->t->source);
	return rc;
}

/* ---- Another spelling -------------------------------------------------------------------- */

static int note_spelling(struct deletes *d, const struct asked *a, struct error *err)
{
	unsigned char hash[ROW_HASH_BYTES];
	const char *now = d->text.data;

	if (strcmp(now, a->text) == 0)
		return 0;
	if (row_hash_text(now, d->text.len, hash) < 0)
		return error_nomem(err);
	key_set_add(&d->set, a->hash);
	key_set_take(&d->set, hash);
	if (deletes_learn(d, STORE_KEY_GONE, a->text, err) < 0)
		return -1;
	return deletes_learn(d, STORE_KEY_KNOWN, now, err);
}

static int ask_one(struct deletes *d, struct asked *a, struct error *err)
{
	int rc = open_lookup(d, a, 1, err), has_key;

	if (rc <= 0)
		return rc;
	while ((rc = next_key(d, &has_key, err)) > 0) {
		if (!a->found && has_key && note_spelling(d, a, err) < 0) {
			rc = -1;
			break;
		}
		a->found = 1;
	}
	source_end(d->t->source);
	return rc;
}

static int ask_again(struct deletes *d, struct error *err)
{
	for (size_t i = 0; i < d->n_asked; i++) {
		if (!d->asked[i].found && ask_one(d, &d->asked[i], err) < 0)
			return -1;
	}
	return 0;
}

/* ---- Answers ---------------------------------------------------------------------------- */

static int flush_found(struct deletes *d, struct error *err)
{
	int rc = 0;

	if (d->found.len > 0)
		rc = store_keys_find(d->t->run->store, d->t->stored.id, d->found.data, d->found.len,
				     err);
	buf_reset(&d->found);
	return rc;
}

static int note_gone(struct deletes *d, struct error *err)
{
	for (size_t i = 0; i < d->n_asked; i++) {
		const struct asked *a = &d->asked[i];

		if (a->found || a->key.n == 0)
			continue;
		if (buf_add(&d->found, a->text, strlen(a->text) + 1) < 0)
			return error_nomem(err);
		key_set_add(&d->set, a->hash);
		d->gone_n++;
		if (d->found.len >= FOUND_BYTES && flush_found(d, err) < 0)
			return -1;
	}
	return 0;
}

static int ask(struct deletes *d, struct error *err)
{
	int strange = ask_all(d, err);

	if (strange < 0 || (strange > 0 && ask_again(d, err) < 0))
		return -1;
	if (note_gone(d, err) < 0 || deletes_learnt(d, err) < 0)
		return -1;
	forget_asked(d);
	(void)failpoint("deletes_lookup");
	return 0;
}

/* ---- Candidates ---------------------------------------------------------------------------- */

/* The keys of a bucket, as far as there is room to ask. */
static int take_candidate(void *ctx, const unsigned char *hash, const char *key)
{
	struct deletes *d = ctx;
	struct asked *a = &d->asked[d->n_asked];

	*a = (struct asked){.text = strdup(key)};
	memcpy(a->hash, hash, ROW_HASH_BYTES);
	d->n_asked++;
	return a->text == NULL;
}

/* Keys of other columns, from before the table's key was another one, are forgotten. */
static int read_keys(struct deletes *d, size_t from, struct error *err)
{
	for (size_t i = from; i < d->n_asked; i++) {
		struct asked *a = &d->asked[i];

		if (a->text == NULL)
			return error_nomem(err);
		d->listed++;
		if (letter_key_read(&a->key, a->text) < 0) {
			d->unreadable++;
			continue;
		}
		if (letter_key_order(&a->key, d->columns, d->n_columns) == 0)
			continue;
		letter_key_done(&a->key);
		key_set_add(&d->set, a->hash);
		if (deletes_learn(d, STORE_KEY_GONE, a->text, err) < 0)
			return -1;
	}
	return 0;
}

static int take_bucket(struct deletes *d, size_t bucket, struct error *err)
{
	unsigned char low[ROW_HASH_BYTES], high[ROW_HASH_BYTES];

	key_set_range(&d->set, bucket, low, high);
	for (;;) {
		size_t from = d->n_asked, room = DELETES_ASKED_MAX - from;
		int64_t n = store_keys_each(d->t->run->store, d->t->stored.id, low, high,
					    (int64_t)room, take_candidate, d, err);

		if (n < 0 || read_keys(d, from, err) < 0)
			return -1;
		if ((size_t)n < room)
			return 0;
		memcpy(low, d->asked[d->n_asked - 1].hash, sizeof(low));
		if (ask(d, err) < 0)
			return -1;
		if (!key_hash_next(low))
			return 0;
	}
}

int deletes_lookup(struct deletes *d, struct error *err)
{
	size_t bucket;

	d->asked = calloc(DELETES_ASKED_MAX, sizeof(*d->asked));
	d->lookup = calloc(DELETES_ASKED_MAX * d->n_columns, sizeof(*d->lookup));
	if (d->asked == NULL || d->lookup == NULL)
		return error_nomem(err);
	for (size_t at = 0; key_set_next(&d->set, at, &bucket); at = bucket + 1) {
		if (take_bucket(d, bucket, err) < 0 || deletes_look(d, err) < 0)
			return -1;
	}
	return ask(d, err) < 0 ? -1 : flush_found(d, err);
}
