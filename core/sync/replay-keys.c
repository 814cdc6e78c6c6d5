/* SPDX-License-Identifier: MIT */
/*
 * Dead letters whose rows are read again by their key.
 *
 * One key at a time: rows then come in the order of the letters, which batches
 * need, and no value has to be compared to tell whose row it is.
 */

#include <stdlib.h>
#include <string.h>

#include "sync/letter-key.h"
#include "sync/replay.h"

/* The column that comes out with the cells of column i, or NULL. */
static const struct defsync_column *carried(const struct defsync_relation *out,
					    const uint32_t *from, uint32_t i)
{
	for (uint32_t k = 0; k < out->n_columns; k++) {
		if (from[k] == i + 1)
			return defsync_column_at(out, k);
	}
	return NULL;
}

static void learn_columns(struct replay *r, const struct defsync_relation *in,
			  const struct defsync_relation *out, const uint32_t *from)
{
	for (uint32_t i = 0; i < in->n_columns; i++) {
		const struct defsync_column *c = defsync_column_at(in, i), *to;

		if (!(c->flags & DEFSYNC_COLUMN_KEY))
			continue;
		to = carried(out, from, i);
		if (to == NULL || r->n_key == LETTER_KEY_MAX) {
			r->key_hidden = 1;
			return;
		}
		r->in_key[r->n_key] = c->name;
		r->out_key[r->n_key++] = to->name;
	}
}

/* What the transforms make of the key.  Names live while the source is connected. */
static int learn_key(struct replay *r, const struct defsync_request *q, struct error *err)
{
	struct table_run *t = r->t;
	const struct defsync_relation *out;
	const struct defsync_table *table;
	uint32_t *from;

	if (chain_is_empty(t->chain) || !(t->plugin->has & PLUGIN_HAS_DESCRIBE))
		return 0;
	if (source_describe(t->source, q, &table, err) < 0 ||
	    chain_origins(t->chain, table->relation, &out, &from, err) < 0)
		return -1;
	learn_columns(r, table->relation, out, from);
	free(from);
	return 0;
}

/* Connected once there is a first key to ask for. */
static int need_source(struct replay *r, struct error *err)
{
	struct defsync_request q;

	if (r->request.mode == DEFSYNC_READ_KEYS)
		return 0;
	if (reader_connect(r->t, &q, err) < 0 || learn_key(r, &q, err) < 0)
		return -1;
	r->request = (struct defsync_request){
	    .struct_size = sizeof(r->request),
	    .mode = DEFSYNC_READ_KEYS,
	    .table = q.table,
	    .columns = q.columns,
	    .n_columns = q.n_columns,
	    .lookback = q.lookback,
	    .null_watermark = q.null_watermark,
	    .checkpoint = "",
	    .options = q.options,
	    .cell_size = sizeof(struct defsync_cell),
	};
	return 0;
}

/* Gives the rows of the open cursor on; 1 when there was one, 0 none, -1 error. */
static int take_rows(struct table_run *t, struct error *err)
{
	const struct defsync_row *row;
	int found = 0;

	for (;;) {
		int rc;

		row = NULL;
		rc = source_next(t->source, &row, err);
		if (rc == DEFSYNC_END)
			return found;
		found = 1;
		if (rc == DEFSYNC_ROW)
			rc = reader_take(t, row, err);
		else if (rc == DEFSYNC_E_BAD_ROW)
			rc = reader_take_bad(t, row, err);
		if (rc < 0)
			return -1;
	}
}

static int fetch(struct replay *r, struct letter *l, const struct letter_key *k, int of_source,
		 struct error *err)
{
	struct table_run *t = r->t;
	int rc;

	r->request.keys = k->names;
	r->request.n_keys = (uint32_t)k->n;
	r->request.lookup = k->cells;
	r->request.n_lookup = 1;
	if (source_extract(t->source, &r->request, err) < 0)
		return -1;
	t->letter = l->id;
	t->letter_key = letters_text(&r->letters, l->key);
	t->letter_of_source = of_source;
	t->letter_strange = 0;
	rc = take_rows(t, err);
	source_end(t->source);
	if (rc < 0)
		return -1;
	l->fate = rc == 0 ? LETTER_GONE : t->letter_strange ? LETTER_CHANGED : LETTER_TAKEN;
	return 0;
}

/*
 * The key in the source's words: 1 when the letter has it so, 0 when it has it as the
 * target does, -1 when it has neither.
 */
static int in_words_of_source(const struct replay *r, struct letter_key *k)
{
	const struct push_target *target = &r->t->target;

	if (r->n_key == 0)
		return target->n_key == 0 || letter_key_order(k, target->key, target->n_key) == 0
			   ? 0
			   : -1;
	if (letter_key_order(k, r->in_key, r->n_key) == 0)
		return 1;
	if (letter_key_order(k, r->out_key, r->n_key) < 0)
		return -1;
	for (size_t i = 0; i < k->n; i++)
		k->names[i] = r->in_key[i];
	return 0;
}

int replay_by_key(struct replay *r, size_t i, struct error *err)
{
	struct letter *l = &r->letters.items[i];
	const struct letter *same = letters_same_key(&r->letters, i);
	struct table_run *t = r->t;
	struct letter_key k;
	int rc;

	if (same != NULL) {
		/* The row as it is now has just been read. */
		l->fate = same->fate;
		t->letter = l->id;
		return l->fate == LETTER_TAKEN ? reader_take_repeat(t, err) : 0;
	}
	l->fate = LETTER_NO_KEY;
	if (letter_key_read(&k, letters_text(&r->letters, l->key)) < 0)
		return 0;
	rc = need_source(r, err);
	if (rc == 0 && r->key_hidden) {
		l->fate = LETTER_CHANGED;
	} else if (rc == 0) {
		int of_source = in_words_of_source(r, &k);

		rc = of_source < 0 ? 0 : fetch(r, l, &k, of_source, err);
	}
	letter_key_done(&k);
	return rc;
}
