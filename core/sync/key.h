/* SPDX-License-Identifier: MIT */
/*
 * The key columns of a table's rows: for merge mode (none NULL, none twice in a
 * batch) and as JSON for the dead letters.  One thread.
 */

#ifndef SYNC_KEY_H
#define SYNC_KEY_H

#include <defsync/plugin.h>

#include "base/buf.h"
#include "base/error.h"
#include "row/encoder.h"

struct row_key {
	const struct defsync_relation *of; /* for which the rest holds */
	uint32_t *index;		   /* of each key column in the relation */
	size_t n;
	struct defsync_relation relation; /* the key columns alone */
	struct defsync_column *columns;
	struct defsync_cell *cells;
};

void key_init(struct row_key *k);
void key_done(struct row_key *k);

/*
 * Finds the key columns in this relation: the named ones, or those that the
 * source flags when n is 0.  ERR_SOURCE when a named one is not there.
 */
int key_relation(struct row_key *k, const struct defsync_relation *relation,
		 const char *const *names, size_t n, struct error *err);

/*
 * Behind transforms: does what comes out for `in` have its whole key, by whatever names
 * and perhaps hashed?  A part of a key, or a masked one, would make rows one.
 */
int key_is_whole(const struct defsync_relation *in, const struct defsync_relation *out);
/* ERR_CONFIG that says so and what to do, for `what`: "merge", "the view". */
int key_torn(const char *what, struct error *err);

/* The first key column that is NULL in this row, or NULL. */
const char *key_null_column(const struct row_key *k, const struct defsync_row *row);
/* The key's cells as bytes, in place of what `out` holds: equal for equal keys.  -1 no memory. */
int key_bytes(const struct row_key *k, const struct defsync_row *row, struct buf *out);
uint64_t key_hash(const void *bytes, size_t n);

/* {"id":17} appended; nothing without key columns. */
int key_json(struct row_key *k, const struct defsync_row *row, struct encoder *lenient,
	     struct buf *out);

#endif
