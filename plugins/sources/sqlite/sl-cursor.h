/* SPDX-License-Identifier: MIT */
/* The state of one reading, for sl-extract.c, sl-cursor.c and sl-row.c. */

#ifndef SQLITE_SL_CURSOR_H
#define SQLITE_SL_CURSOR_H

#include "common/checkpoint.h"
#include "sl.h"

#define SL_POSITION_MAX 500

enum sl_stage {
	SL_STAGE_NULLS, /* rows without a watermark, in every run */
	SL_STAGE_MAIN,
	SL_STAGE_OVER,
};

struct sl_cursor {
	struct pool pool;
	struct sl_plan plan;
	struct sl_mark mark;
	struct sl_position at;	 /* where it began */
	struct sl_value ceiling; /* cls 0: none */
	struct sl_value until;
	enum sl_stage stage;
	sqlite3_stmt *stmt;
	bool on_row;
	int64_t rows;
	int64_t snapshot_us; /* when the read transaction began */
	bool suspended;	     /* no transaction; it goes on behind `previous` */
	uint32_t lookup;     /* DEFSYNC_READ_KEYS: the key that is read */
	bool bound;	     /* and whether the statement has it */

	/* Columns of the statement. */
	int watermark; /* -1: none */
	int keys[SL_KEYS_MAX];

	/* Of the row now read, borrowed: looked up once, needed four times. */
	int bad_field; /* whose value does not fit its type, or -1 */
	struct sl_value mark_value;
	struct sl_value key_values[SL_KEYS_MAX];
	/* The order of the present stage: into the values above. */
	const struct sl_value *order[SL_KEYS_MAX + 1];
	int n_order;

	/* The last row, where rows can be equal in the order: see sl-row.c. */
	struct sl_value previous[SL_KEYS_MAX + 1];
	bool has_previous;

	/* Two buffers: a checkpoint that does not fit must not spoil the last good one. */
	struct checkpoint_writer writers[2];
	int writer;
	const char *safe; /* the last one given, or NULL */
	size_t safe_len;

	struct defsync_cell *cells;
	char **scratch;			 /* a field, or NULL */
	char *position;			 /* SL_POSITION_MAX */
	const char *labels[SL_KEYS_MAX]; /* "id=", " line=" */
	size_t label_lens[SL_KEYS_MAX];
	struct defsync_row row;
};

/* sl-cursor.c */
int32_t sl_cursor_open(struct sl_source *s, struct sl_cursor *c);
/* A new read transaction behind `values` (order columns); NULL: behind the row now read. */
int32_t sl_cursor_renew(struct sl_source *s, struct sl_cursor *c, const struct sl_value *values);
/*
 * Ends the read transaction behind the row now read, until sl_cursor_resume.  Not
 * where rows may share a place: the rest of them would be left out.
 */
int32_t sl_cursor_suspend(struct sl_source *s, struct sl_cursor *c);
int32_t sl_cursor_resume(struct sl_source *s, struct sl_cursor *c);
bool sl_cursor_is_old(struct sl_source *s, const struct sl_cursor *c);
/* SQLITE_ROW with cells and values, SQLITE_DONE, or an error class. */
int32_t sl_cursor_step(struct sl_source *s, struct sl_cursor *c);
/* Ends statement and transaction, so that nobody waits for them. */
void sl_cursor_release(struct sl_source *s, struct sl_cursor *c);
void sl_cursor_close(struct sl_source *s, struct sl_cursor *c);

/* sl-keys.c: instead of sl_cursor_open and of the stages. */
int32_t sl_keys_open(struct sl_source *s, struct sl_cursor *c);
int32_t sl_keys_next(struct sl_source *s, struct sl_cursor *c, const struct defsync_row **ret_row);

/* sl-row.c: once a cursor. */
int32_t sl_place_prepare(struct sl_source *s, struct sl_cursor *c);
/* Cells and values of the statement's row. */
int32_t sl_row_read(struct sl_source *s, struct sl_cursor *c);
/* All else of the row.  DEFSYNC_ROW, DEFSYNC_E_BAD_ROW, or an error. */
int32_t sl_row_fill(struct sl_source *s, struct sl_cursor *c);
/* Is the previous row's place a new one, which the order tells from this row's? */
bool sl_row_differs(const struct sl_cursor *c);
/* The last safe position, for the end. */
void sl_row_last(struct sl_cursor *c);

#endif
