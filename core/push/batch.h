/* SPDX-License-Identifier: MIT */
/*
 * A batch: one request's body with what has to be known about its rows.
 *
 * A reader fills it (batch_open, rows into `body`, batch_row_done for each,
 * batch_note_x for what is not sent), batch_close freezes the bytes.  From then
 * on the sender owns it until it is finished, then the committer.
 *
 * Rows are in read order.  The batch covers a stretch of the table: rows in its
 * body, and rows before, between and after them that were filtered, recognised
 * as repeats or found faulty.  Its checkpoint is the last safe point of the
 * stretch.
 */

#ifndef PUSH_BATCH_H
#define PUSH_BATCH_H

#include <stdint.h>

#include "base/buf.h"
#include "base/error.h"
#include "row/fault.h"
#include "row/hash.h"
#include "store/store.h"

/* Where a table's rows go; lives for the run. */
struct push_target {
	const char *table; /* of the API: "bronze.orders" */
	int merge;
	int replace; /* the first rows that are taken replace the table, the others follow */
	const char *const *key;
	size_t n_key;
	int wait;
	const char *const *tags; /* "name=value" */
	size_t n_tags;
};

struct batch_row {
	uint32_t offset; /* of the object in body */
	uint32_t len;
	uint32_t group; /* rows that came out of one row of the source have the same one */
	uint32_t flags; /* BATCH_ROW_x */
};

#define BATCH_ROW_COUNTED 1u /* the last of its group, which counts as pushed in this batch */
#define BATCH_ROW_DROPPED 2u /* merge: a later row has the same key; not sent */

/* Merge: a key in the body. */
struct batch_key {
	uint64_t hash;
	uint32_t at, len; /* its bytes in key_bytes */
	uint32_t row;	  /* that has it: the last one */
};

/* Limits at which a batch is closed. */
struct batch_limits {
	size_t rows;
	size_t bytes; /* of the whole body */
};

/* A row that goes to the dead letters; strings are offsets into batch.notes. */
struct batch_dead {
	enum row_reason reason;
	int status;
	uint32_t key, position, message, payload; /* offsets, each NUL-terminated */
	uint32_t payload_len;
	int64_t letter; /* replay: the dead letter that the row was; 0 none */
};

/* Replay: a dead letter whose row is dealt with in this batch. */
struct batch_letter {
	int64_t id;
	uint32_t group; /* of its rows in the body, if it has any */
};

#define BATCH_API_ID_MAX 128

enum batch_outcome {
	BATCH_OPEN,
	BATCH_DELIVERED, /* every row is confirmed, or there was none */
	BATCH_UNSENT	 /* the run ended before: not confirmed, nothing may move */
};

struct batch {
	struct batch *next; /* of the list that holds it */
	struct lane *lane;
	uint64_t seq; /* within the lane, from 0, without gaps */

	struct buf body;
	size_t prefix_len; /* of the envelope before the first row */
	struct batch_row *rows;
	size_t n_rows, cap_rows;

	struct buf notes; /* texts of dead letters */
	struct batch_dead *dead;
	size_t n_dead, cap_dead;
	unsigned char (*hashes)[ROW_HASH_BYTES]; /* rows marked REREAD */
	size_t n_hashes, cap_hashes;
	struct batch_letter *letters; /* replay: by id */
	size_t n_letters, cap_letters;
	struct buf
	    keys_known; /* detect_deletes: changes of the known keys, as the store has them */
	int64_t letter; /* replay: of the row that is being taken; set by the reader */
	struct buf checkpoint; /* empty: no safe point in this stretch */
	char phase[16];
	int sweep;
	int64_t cdc_us; /* the largest _cdc_ts so far; 0: no change columns */
	unsigned shape; /* number of the columns of its last row, see sync/gate.h; 0 none */
	struct store_counts counts; /* in rows of the source; pushed counts once delivered */

	/* Merge: the keys in the body, and an open-addressed table of them. */
	struct batch_key *keys;
	size_t n_keys, cap_keys;
	uint32_t *slots; /* index in keys + 1; 0 free */
	size_t cap_slots;
	struct buf key_bytes;
	size_t n_dropped;

	/* Names of the rows' key columns, each NUL-terminated, for messages. */
	struct buf key_names;
	size_t n_key_names;

	/* The engine's. */
	struct buf packed; /* the body as gzip; empty: it is sent as it is */
	size_t held;	   /* bytes that count against the memory budget */
	int started;	   /* holds a place in the window */
	struct part *part; /* what of it is being sent; NULL before the first request */
	enum batch_outcome outcome;

	/* What was confirmed, for the ledger. */
	uint64_t sent_rows, sent_bytes;
	char api_request_id[BATCH_API_ID_MAX];
};

struct part;

struct batch *batch_create(void);
void batch_destroy(struct batch *b);

/* Empties it and writes the envelope. */
int batch_open(struct batch *b, const struct push_target *target, struct error *err);
/* {"config":{...},"data":[ with mode replace, or the target's usual one. */
int batch_add_envelope(struct buf *out, const struct push_target *target, int replace);

/*
 * A row's object was appended at `offset` (after batch_begin_row, which writes
 * the comma).  1: taken; 0: the body is over the limit with it, and it was not
 * the first: the batch is to be closed and the row moved with batch_move_row;
 * -1 no memory.
 */
int batch_begin_row(struct batch *b, size_t *ret_offset);
int batch_row_done(struct batch *b, size_t offset, const struct batch_limits *limits);
/* Takes back what batch_begin_row wrote. */
void batch_cancel_row(struct batch *b, size_t offset);
/* The row that did not fit, from the tail of `from` to the empty batch `to`. */
int batch_move_row(struct batch *from, size_t offset, struct batch *to);
int batch_is_full(const struct batch *b, const struct batch_limits *limits);

int batch_note_dead(struct batch *b, const struct row_fault *fault, const char *key,
		    const char *position, size_t position_len, const char *payload,
		    size_t payload_len);
int batch_note_hash(struct batch *b, const unsigned char hash[ROW_HASH_BYTES]);
/* A change of the known keys: STORE_KEY_x and the key's text. */
int batch_note_key(struct batch *b, char change, const char *key, size_t len);
/* Replay: the row of b->letter is dealt with. */
int batch_note_letter(struct batch *b);
/* The last one counts. */
int batch_note_checkpoint(struct batch *b, const char *checkpoint, size_t len);
/* The phase that goes with the checkpoint; cut at 15 bytes. */
void batch_set_phase(struct batch *b, const char *phase);

/* One more name of the key columns of the rows in the body. */
int batch_add_key_name(struct batch *b, const char *name);

/* ---- batch-rows.c ---- */

/*
 * The last row of the body has this key; an earlier one with it is dropped, and
 * counted as filtered instead of pushed.  -1 no memory.
 */
int batch_row_key(struct batch *b, uint64_t hash, const void *key, size_t len);

/* A row came out of the source's row that is counted next: it counts as pushed here. */
void batch_row_counted(struct batch *b);

/*
 * Row i is refused: a dead letter with the row as payload, counted as dead instead
 * of pushed.  -1 no memory.
 */
int batch_convict(struct batch *b, size_t i, const struct row_fault *fault, int status);

/* {"id":17}: the key of row i in the body, as JSON; nothing without key columns. */
int batch_key_json(const struct batch *b, size_t i, struct buf *out);

/* ---- The end ---- */

/* Takes the dropped rows out and writes ]}: the bytes do not change any more. */
int batch_close(struct batch *b, struct error *err);
/* Bytes that it holds, for the memory budget. */
size_t batch_memory(const struct batch *b);
/* Nothing sent, noted or counted: not worth handing on. */
int batch_is_empty(const struct batch *b);

#endif
