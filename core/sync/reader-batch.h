/* SPDX-License-Identifier: MIT */
/*
 * The batch that a reader fills.  A row goes into it so:
 *
 *	reader_new_relation (once a shape) -> reader_need_batch -> reader_has_merge_key
 *	-> batch_begin_row -> the row's JSON at the end of the body -> reader_place_row
 *
 * Each of them may hand the batch on and open another; t->batch is the present one.
 * Internal to sync/; the reader thread's.
 */

#ifndef SYNC_READER_BATCH_H
#define SYNC_READER_BATCH_H

#include "sync/run-internal.h"

/* There is an open batch, which knows t->letter. */
int reader_need_batch(struct table_run *t, struct error *err);
/* Replay: no other row, and no other batch, is about this letter. */
void reader_forget_letter(struct table_run *t);

/* A new shape of rows: the batch before it is closed, so that it goes alone. */
int reader_new_relation(struct table_run *t, const struct defsync_relation *relation,
			struct error *err);
/* Merge: a row without key cannot be sent; then 0, and fault says so. */
int reader_has_merge_key(const struct table_run *t, const struct defsync_row *row,
			 struct row_fault *fault);
/* The row's object is at the end of the body: keep it there, or in a new batch. */
int reader_place_row(struct table_run *t, const struct defsync_row *row, size_t offset,
		     struct error *err);

#endif
