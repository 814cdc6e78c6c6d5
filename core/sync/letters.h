/* SPDX-License-Identifier: MIT */
/*
 * Dead letters of one table, copied out of the store page by page in the order of
 * their ids, so that the store is free while their rows are sent.
 *
 *	letters_open(&l, store, filter, target, with_payload, err)
 *	while ((rc = letters_next(&l, err)) > 0) ... l.items, l.n
 *	letters_done(&l)
 *
 * Letters that come after letters_open are not among them, so that a row which is
 * refused again is not taken up again.
 */

#ifndef SYNC_LETTERS_H
#define SYNC_LETTERS_H

#include "row/fault.h"
#include "store/store.h"

/* What became of a letter. */
enum letter_fate {
	LETTER_OPEN,
	LETTER_TAKEN, /* its row is on the way, or a dead letter again */
	/* It stays as it is: */
	LETTER_LOCAL,	/* the row as stored is what failed, before the API saw it */
	LETTER_UNDONE,	/* what is stored is the row before its transforms */
	LETTER_EMPTY,	/* nothing of the row is stored */
	LETTER_LARGE,	/* more than a request may be */
	LETTER_NO_KEY,	/* no key, or none to read by */
	LETTER_GONE,	/* no row has its key any more */
	LETTER_CHANGED, /* a transform gave the row another key */
	LETTER_FATES
};

/* Texts are offsets into letters.text, each NUL-terminated. */
struct letter {
	int64_t id;
	enum row_reason reason;
	int merge; /* the mode that it was to be sent in */
	size_t key, position, payload;
	size_t payload_len; /* of the store's; the text is empty when it is too large */
	enum letter_fate fate;
};

struct letters {
	struct store *store;
	struct dead_filter filter;
	const char *target;
	int with_payload;
	int64_t last_id; /* of all pages */
	struct letter *items;
	size_t n, cap;
	struct buf text;
	int nomem;
};

/* The filter's source and table are this table's; all strings are borrowed. */
int letters_open(struct letters *l, struct store *store, const struct dead_filter *filter,
		 const char *target, int with_payload, struct error *err);
/* 1 with a page of at least one, 0 behind the last one, -1 error. */
int letters_next(struct letters *l, struct error *err);
void letters_done(struct letters *l);

static inline const char *letters_text(const struct letters *l, size_t offset)
{
	return l->text.data + offset;
}

/* The first one of the page, before number i, that has the same key; NULL: none. */
const struct letter *letters_same_key(const struct letters *l, size_t i);

#endif
