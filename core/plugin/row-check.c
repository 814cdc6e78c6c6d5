/* SPDX-License-Identifier: MIT */
/*
 * The rules of rows.  The pass over the cells only finds out which cell is wrong;
 * what is wrong with it is worked out afterwards, off the hot path.
 */

#include <inttypes.h>
#include <string.h>

#include "base/limits.h"
#include "plugin/row-check.h"

#define ROW_SIZE_MINOR_0                                                                           \
	(offsetof(struct defsync_row, position_len) +                                              \
	 sizeof(((struct defsync_row *)0)->position_len))
#define CELL_SIZE_MINOR_0 24

#define ROW_FLAGS_KNOWN (DEFSYNC_ROW_REREAD | DEFSYNC_ROW_SWEEP)

/* ---- Cells ------------------------------------------------------------------- */

enum cell_kind {
	KIND_SCALAR, /* any bits will do */
	KIND_BOOL,
	KIND_DATA,
	KIND_UUID
};

static const unsigned char cell_kinds[] = {
    [DEFSYNC_NULL] = KIND_SCALAR,      [DEFSYNC_BOOL] = KIND_BOOL,
    [DEFSYNC_INT64] = KIND_SCALAR,     [DEFSYNC_UINT64] = KIND_SCALAR,
    [DEFSYNC_DOUBLE] = KIND_SCALAR,    [DEFSYNC_DECIMAL] = KIND_DATA,
    [DEFSYNC_TEXT] = KIND_DATA,	       [DEFSYNC_BYTES] = KIND_DATA,
    [DEFSYNC_DATE] = KIND_SCALAR,      [DEFSYNC_TIME] = KIND_SCALAR,
    [DEFSYNC_TIMESTAMP] = KIND_SCALAR, [DEFSYNC_TIMESTAMP_LOCAL] = KIND_SCALAR,
    [DEFSYNC_JSON] = KIND_DATA,	       [DEFSYNC_UUID] = KIND_UUID,
};

#define N_CELL_KINDS (sizeof(cell_kinds) / sizeof(cell_kinds[0]))

static inline int cell_value_is_sound(const struct defsync_cell *c)
{
	switch (cell_kinds[c->type]) {
	case KIND_BOOL:
		return (uint64_t)c->v.i64 <= 1;
	case KIND_DATA:
		return c->v.data.len <= LIMIT_CELL_BYTES &&
		       (c->v.data.ptr != NULL || c->v.data.len == 0);
	case KIND_UUID:
		return c->v.data.len == 16 && c->v.data.ptr != NULL;
	default:
		return 1;
	}
}

static inline int cell_is_sound(const struct defsync_cell *c, unsigned want)
{
	if (c->type >= N_CELL_KINDS || c->reserved != 0)
		return 0;
	if (c->type != want && c->type != DEFSYNC_NULL && want != DEFSYNC_ANY)
		return 0;
	return cell_value_is_sound(c);
}

/* The first cell that breaks a rule; n when none does. */
static uint32_t first_bad_cell(const unsigned char *types, const void *cells, uint32_t n,
			       uint32_t stride)
{
	const char *p = cells;

	for (uint32_t i = 0; i < n; i++, p += stride) {
		if (!cell_is_sound((const struct defsync_cell *)(const void *)p, types[i]))
			return i;
	}
	return n;
}

__attribute__((cold, noinline)) static int explain_cell(const char *name, unsigned want,
							const struct defsync_cell *c,
							struct error *err)
{
	if (c->type >= N_CELL_KINDS)
		return error_set(err, ERR_INTERNAL, "column '%s': unknown cell type: %" PRIu32,
				 name, c->type);
	if (c->reserved != 0)
		return error_set(err, ERR_INTERNAL, "column '%s': reserved is not 0", name);
	if (c->type != want && c->type != DEFSYNC_NULL && want != DEFSYNC_ANY)
		return error_set(err, ERR_INTERNAL,
				 "column '%s': cell type %" PRIu32
				 " differs from the column's type %u",
				 name, c->type, want);
	if (c->type == DEFSYNC_BOOL)
		return error_set(err, ERR_INTERNAL,
				 "column '%s': boolean is neither 0 nor 1: %" PRId64, name,
				 c->v.i64);
	if (c->type == DEFSYNC_UUID && c->v.data.len != 16)
		return error_set(err, ERR_INTERNAL, "column '%s': UUID of %zu bytes, not 16", name,
				 c->v.data.len);
	if (c->v.data.len > LIMIT_CELL_BYTES)
		return error_set(err, ERR_INTERNAL,
				 "column '%s': cell of %zu bytes; the limit is %d", name,
				 c->v.data.len, LIMIT_CELL_BYTES);
	return error_set(err, ERR_INTERNAL, "column '%s': NULL pointer with a length of %zu", name,
			 c->v.data.len);
}

/* `types`: what each column's cells may be. */
static int check_cells(const struct shape *shape, const unsigned char *types,
		       const struct defsync_cell *cells, uint32_t n_cells, uint32_t cell_size,
		       struct error *err)
{
	uint32_t bad;

	if (n_cells != shape->n_columns)
		return error_set(err, ERR_INTERNAL,
				 "number of cells is %" PRIu32 ", of columns %" PRIu32, n_cells,
				 shape->n_columns);
	if (cell_size < CELL_SIZE_MINOR_0 || cell_size % _Alignof(struct defsync_cell) != 0)
		return error_set(err, ERR_INTERNAL,
				 "cell_size is %" PRIu32 ", expected at least %d", cell_size,
				 CELL_SIZE_MINOR_0);
	if (!cells)
		return error_set(err, ERR_INTERNAL, "cells is NULL");
	bad = first_bad_cell(types, cells, n_cells, cell_size);
	if (bad == n_cells)
		return 0;
	return explain_cell(defsync_column_at(shape->relation, bad)->name, types[bad],
			    (const struct defsync_cell *)(const void *)((const char *)cells +
									(size_t)bad * cell_size),
			    err);
}

int shape_check_cells(const struct shape *shape, const struct defsync_cell *cells, uint32_t n_cells,
		      uint32_t cell_size, struct error *err)
{
	return check_cells(shape, shape->types, cells, n_cells, cell_size, err);
}

/* ---- The rest of a row ---------------------------------------------------------- */

/*
 * Bytes 0x20 to 0x7e, eight at a time: below 0x20 the subtraction sets the top
 * bit, 0x7f gets it from the addition, the others have it.  Borrow and carry
 * leave a byte only when it is bad itself.
 */
static int is_printable(const char *p, size_t n)
{
	const uint64_t ones = UINT64_C(0x0101010101010101);
	uint64_t bad = 0;

	for (; n >= 8; p += 8, n -= 8) {
		uint64_t x;

		memcpy(&x, p, sizeof(x));
		bad |= (x - ones * 0x20) | (x + ones) | x;
	}
	for (; n > 0; p++, n--) {
		unsigned char c = (unsigned char)*p;

		if (c < 0x20 || c > 0x7e)
			return 0;
	}
	return (bad & ones * 0x80) == 0;
}

static int check_checkpoint(const struct defsync_row *row, struct error *err)
{
	if (row->checkpoint_len > LIMIT_CHECKPOINT_BYTES)
		return error_set(err, ERR_INTERNAL, "checkpoint of %zu bytes; the limit is %d",
				 row->checkpoint_len, LIMIT_CHECKPOINT_BYTES);
	if (!row->checkpoint)
		return error_set(err, ERR_INTERNAL, "checkpoint is NULL with a length of %zu",
				 row->checkpoint_len);
	if (!is_printable(row->checkpoint, row->checkpoint_len))
		return error_set(err, ERR_INTERNAL, "checkpoint is not printable ASCII");
	return 0;
}

static int check_position(const struct defsync_row *row, struct error *err)
{
	if (row->position_len > LIMIT_POSITION_BYTES)
		return error_set(err, ERR_INTERNAL, "position of %zu bytes; the limit is %d",
				 row->position_len, LIMIT_POSITION_BYTES);
	if (row->position_len > 0 && !row->position)
		return error_set(err, ERR_INTERNAL, "position is NULL with a length of %zu",
				 row->position_len);
	return 0;
}

static int check_head(const struct defsync_row *row, struct error *err)
{
	if (row->struct_size < ROW_SIZE_MINOR_0)
		return error_set(err, ERR_INTERNAL,
				 "struct_size of the row is %" PRIu32 ", expected at least %zu",
				 row->struct_size, ROW_SIZE_MINOR_0);
	if (row->op < DEFSYNC_OP_READ || row->op > DEFSYNC_OP_CHECKPOINT)
		return error_set(err, ERR_INTERNAL, "unknown op: %" PRIu32, row->op);
	if (row->flags & ~ROW_FLAGS_KNOWN)
		return error_set(err, ERR_INTERNAL, "unknown flags: 0x%" PRIx32, row->flags);
	if (row->reserved != 0)
		return error_set(err, ERR_INTERNAL, "reserved of the row is not 0");
	if (row->checkpoint_len > 0 && check_checkpoint(row, err) < 0)
		return -1;
	return check_position(row, err);
}

static int check_checkpoint_row(struct shapes *s, const struct defsync_row *row, struct error *err)
{
	if (row->checkpoint_len == 0)
		return error_set(err, ERR_INTERNAL, "OP_CHECKPOINT without a checkpoint");
	if (row->n_cells != 0)
		return error_set(err, ERR_INTERNAL, "OP_CHECKPOINT with %" PRIu32 " cells",
				 row->n_cells);
	if (row->flags & DEFSYNC_ROW_REREAD)
		return error_set(err, ERR_INTERNAL, "flag REREAD on OP_CHECKPOINT");
	if (row->relation && !shapes_find(s, row->relation, err))
		return -1;
	return 0;
}

int row_check(struct shapes *s, const struct defsync_row *row, int is_bad, struct error *err)
{
	/* The very fault of a bad row may be a value that its column cannot have. */
	static const unsigned char any[LIMIT_COLUMNS] = {[0 ... LIMIT_COLUMNS - 1] = DEFSYNC_ANY};
	const struct shape *shape;

	if (check_head(row, err) < 0)
		return -1;
	if (row->op == DEFSYNC_OP_CHECKPOINT && is_bad)
		return error_set(err, ERR_INTERNAL, "BAD_ROW with OP_CHECKPOINT, which is no row");
	if (row->op == DEFSYNC_OP_CHECKPOINT)
		return check_checkpoint_row(s, row, err);
	if (row->flags & DEFSYNC_ROW_SWEEP)
		return error_set(err, ERR_INTERNAL, "flag SWEEP without OP_CHECKPOINT");
	shape = shapes_find(s, row->relation, err);
	if (!shape)
		return -1;
	return check_cells(shape, is_bad ? any : shape->types, row->cells, row->n_cells,
			   row->cell_size, err);
}
