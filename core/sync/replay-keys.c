/* SPDX-License-Identifier: MIT */
/*
 * Dead letters whose rows are read again by their key.
 *
 * One key at a time: rows then come in the order of the letters, which batches
 * need, and no value has to be compared to tell whose row it is.
 */

#include <string.h>

#include "sync/letter-key.h"
#include "sync/replay.h"

/* Connected once there is a first key to ask for. */
static int need_source(struct replay *r, struct error *err)
{
	struct defsync_request q;

	if (r->request.mode == DEFSYNC_READ_KEYS)
		return 0;
	if (reader_connect(r->t, &q, err) < 0)
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

static int fetch(struct replay *r, struct letter *l, const struct letter_key *k, struct error *err)
{
	struct table_run *t = r->t;
	int rc;

	if (need_source(r, err) < 0)
		return -1;
	r->request.keys = k->names;
	r->request.n_keys = (uint32_t)k->n;
	r->request.lookup = k->cells;
	r->request.n_lookup = 1;
	if (source_extract(t->source, &r->request, err) < 0)
		return -1;
	t->letter = l->id;
	t->letter_key = letters_text(&r->letters, l->key);
	t->letter_strange = 0;
	rc = take_rows(t, err);
	source_end(t->source);
	if (rc < 0)
		return -1;
	l->fate = rc == 0 ? LETTER_GONE : t->letter_strange ? LETTER_CHANGED : LETTER_TAKEN;
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
	rc = 0;
	if (t->target.n_key == 0 || letter_key_order(&k, t->target.key, t->target.n_key) == 0)
		rc = fetch(r, l, &k, err);
	letter_key_done(&k);
	return rc;
}
