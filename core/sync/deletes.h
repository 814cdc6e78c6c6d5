/* SPDX-License-Identifier: MIT */
/*
 * detect_deletes: rows that are gone from a source which keeps no log of it.
 *
 * The store knows the key of each row that was read (deletes_note; committed with the
 * row's batch).  A pass, behind the reading of a run, finds those that are gone:
 *
 *	1  what was read is committed, and the journal of keys folded into the set
 *	2  the source lists its keys; sums by bucket tell where the sets differ
 *	3  known keys of buckets that differ are looked up one by one: only one that the
 *	   source does not find is gone.  They are noted in the store, so that nothing is
 *	   sent before it is known how many they are
 *	4  where the keys that are gone do not explain the difference, the source lists its
 *	   keys once more, and one that is listed after all is not gone
 *	5  each becomes a DEFSYNC_OP_DELETE row, which goes the way of all rows; its key
 *	   leaves the set in the commit of its batch
 *
 * A pass that is killed costs repeats: what was not committed is found again.  The first
 * pass of a table only takes over the keys that the source has.
 *
 * Internal to sync/; all of it belongs to the reader thread, but for deletes_destroy
 * and deletes_counts.
 */

#ifndef SYNC_DELETES_H
#define SYNC_DELETES_H

#include "base/arena.h"
#include "sync/key-set.h"
#include "sync/letter-key.h"
#include "sync/run-internal.h"

#define DELETES_ASKED_MAX 256 /* keys of one request to the source */

/* A known key that is looked up. */
struct asked {
	char *text;
	unsigned char hash[ROW_HASH_BYTES];
	struct letter_key key; /* n is 0 when it cannot be asked for */
	int found;
};

struct deletes {
	struct table_run *t;
	struct encoder *encoder; /* of keys: whatever `decimals` says, no digit is lost */
	struct row_key key;	 /* of rows that are read */
	struct buf text;	 /* the key of the row in hand */
	const char *gone;	 /* of the row that is sent as deleted; NULL: it is none */

	/* The pass. */
	struct arena arena;		     /* names of columns */
	struct defsync_request request, ask; /* for the list, and for keys */
	const char **columns;		     /* of the key */
	size_t n_columns;
	struct buf columns_text; /* the same as JSON */
	/* Deleted rows: of the shape that the table's rows have. */
	struct defsync_relation relation;
	struct defsync_column *row_columns;
	struct defsync_cell *cells;
	uint32_t *places; /* of the key's columns */
	unsigned char uuid[LETTER_KEY_MAX][16];
	struct row_key listed_key; /* of what the source lists */
	struct key_set set;
	struct asked *asked;
	size_t n_asked;
	struct defsync_cell *lookup;
	struct buf changes, found;
	int64_t at_us;
	uint64_t known, seen, listed, gone_n, sent;
	unsigned char (*doubtful)[ROW_HASH_BYTES]; /* of keys not found but perhaps there: sorted */
	unsigned char *there;			   /* of each, whether it was listed after all */
	size_t n_doubtful, cap_doubtful;
	uint64_t unreadable; /* known keys that cannot be asked for */
	unsigned steps;
};

/* At the beginning of a run: t->deletes, if the table has the option and it is such a run. */
int deletes_open(struct table_run *t, struct error *err);
void deletes_destroy(struct deletes *d); /* NULL is allowed */

/* The row goes into the open batch, or what became of it is noted there: so is its key. */
int deletes_note(struct table_run *t, const struct defsync_row *row, struct error *err);
/* After the end of the reading: a pass, if it is time for one.  q: how the table was read. */
int deletes_pass(struct table_run *t, const struct defsync_request *q, struct error *err);
/* For the notes of the run. */
void deletes_counts(const struct deletes *d, void (*note)(void *ctx, const char *name, uint64_t n),
		    void *ctx);

/* deletes.c: -1 with ERR_CANCELLED when the run is to stop; looks now and then. */
int deletes_look(struct deletes *d, struct error *err);
/*
 * The key of a row as d->text, and its hash.  1; 0 when it has none that can be known;
 * -1 error.
 */
int deletes_key(struct deletes *d, struct row_key *key, const struct defsync_row *row,
		struct error *err);

/* deletes-scan.c: the key's columns and the shape of rows, from the source. */
int deletes_describe(struct deletes *d, const struct defsync_request *q, struct error *err);
/* The first pass: all keys that the source lists are known from now on. */
int deletes_seed(struct deletes *d, struct error *err);
/* d->text is the key. */
typedef int (*key_sink)(struct deletes *d, struct error *err);
/* All keys that the source lists; d->seen counts them. */
int deletes_list(struct deletes *d, key_sink sink, struct error *err);
/* A key for the set, which is not there or is known in other letters. */
int deletes_learn(struct deletes *d, char change, const char *text, struct error *err);
/* Hands on what was learnt; before, it is done in large portions only. */
int deletes_learnt(struct deletes *d, struct error *err);
/* Fills d->set with where the source's keys differ from those that are known. */
int deletes_compare(struct deletes *d, struct error *err);

/* deletes-lookup.c: known keys of buckets that differ; those that are gone to the store. */
int deletes_lookup(struct deletes *d, struct error *err);

/* deletes-verify.c: was a key that was not found listed?  Learns which keys the source has more. */
int deletes_verify(struct deletes *d, struct error *err);
int deletes_is_there(const struct deletes *d, const char *text);

/* deletes-send.c: a row for each key that was found to be gone. */
int deletes_send(struct deletes *d, struct error *err);

#endif
