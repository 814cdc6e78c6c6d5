/* SPDX-License-Identifier: MIT */
/*
 * The replay of a table's dead letters: the reader's part.  Letters are taken in
 * the order of their ids; each commit deletes those whose rows were delivered, so
 * that an interrupted replay goes on where it was.
 *
 * Appended rows go out as they are stored (replay-stored.c).  Merged rows are read
 * again from the source by their key (replay-keys.c): what is stored may be older
 * than what the target has by now, and must not overwrite it.
 *
 * A letter is named by table_run.letter while its row is taken, see reader-row.c.
 * Internal to sync/; all of it belongs to the reader thread, but for replay_destroy.
 */

#ifndef SYNC_REPLAY_H
#define SYNC_REPLAY_H

#include "sync/letter-key.h"
#include "sync/letters.h"
#include "sync/run-internal.h"

/* Names of key columns, as a relation of their own; lives as long as the table's run. */
struct key_shape {
	struct key_shape *next;
	struct defsync_relation relation;
	struct defsync_column *columns;
	struct defsync_cell *cells; /* the values of one row, as JSON text */
	size_t n;
};

struct replay {
	struct table_run *t;
	struct letters letters;
	uint64_t fates[LETTER_FATES];
	int64_t first[LETTER_FATES]; /* the id of the first of them */
	uint64_t local[ROW_REASONS]; /* of LETTER_LOCAL, by reason */
	uint64_t other_mode;
	struct key_shape *shapes;
	/*
	 * Behind transforms: the key's columns as the source and as the target has them.
	 * n_key 0: without transforms, or not known.
	 */
	const char *in_key[LETTER_KEY_MAX], *out_key[LETTER_KEY_MAX];
	size_t n_key;
	int key_hidden;			/* the target's key says nothing of the source's */
	struct defsync_request request; /* by key; connected when mode is set */
};

/* Takes the row of letter i; 0, or -1 with err: the table's replay ends. */
int replay_by_key(struct replay *r, size_t i, struct error *err);
int replay_as_stored(struct replay *r, size_t i, struct error *err);

void replay_destroy(struct replay *r); /* NULL is allowed */

#endif
