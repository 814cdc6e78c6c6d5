/* SPDX-License-Identifier: MIT */
/* Rows to JSON objects. */

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "row/base64.h"
#include "row/cell.h"
#include "row/encoder.h"
#include "row/json-string.h"

/* Fragments are copied in blocks of this size, beyond their end. */
#define BLOCK 32

/*
 * A row whose cells are all at most this long gets room for the worst case at
 * once, if that is no more than ROOM_AT_ONCE or there already.  Other rows are
 * put together in the scratch buffer, cell by cell, and copied.
 */
#define CELL_AT_ONCE ((size_t)64 * 1024)
#define ROOM_AT_ONCE ((size_t)256 * 1024)

/* A scratch buffer beyond this is not kept for the next row. */
#define SCRATCH_KEPT ((size_t)1024 * 1024)

/* What stands before a value: {"name": or ,"name": */
struct fragment {
	size_t offset; /* in names */
	size_t len;
};

struct encoder {
	struct encoder_policy policy; /* no size limits when lenient */
	struct encoder_counts counts;
	const struct defsync_relation *relation; /* borrowed; of the fragments */
	struct fragment *fragments;
	size_t cap_fragments;
	struct buf names; /* with a block to spare behind the last one */
	struct buf scratch;
};

struct encoder *encoder_create(const struct encoder_policy *policy)
{
	struct encoder *e = calloc(1, sizeof(*e));

	if (!e)
		return NULL;
	e->policy = *policy;
	if (policy->lenient)
		e->policy.max_row = e->policy.max_field = SIZE_MAX;
	buf_init(&e->names, SIZE_MAX);
	buf_init(&e->scratch, SIZE_MAX);
	return e;
}

void encoder_destroy(struct encoder *e)
{
	if (!e)
		return;
	free(e->fragments);
	buf_done(&e->names);
	buf_done(&e->scratch);
	free(e);
}

const struct encoder_counts *encoder_counts(const struct encoder *e)
{
	return &e->counts;
}

static int grow_fragments(struct encoder *e, size_t n)
{
	struct fragment *more;

	if (n <= e->cap_fragments)
		return 0;
	more = reallocarray(e->fragments, n, sizeof(*more));
	if (!more)
		return -1;
	e->fragments = more;
	e->cap_fragments = n;
	return 0;
}

static int add_fragment(struct encoder *e, uint32_t i, const char *name)
{
	size_t offset = e->names.len;

	if (buf_add_char(&e->names, i == 0 ? '{' : ',') < 0 ||
	    json_add_string(&e->names, name, strlen(name)) < 0 || buf_add_char(&e->names, ':') < 0)
		return -1;
	e->fragments[i] = (struct fragment){offset, e->names.len - offset};
	return 0;
}

static int add_fragments(struct encoder *e, const struct defsync_relation *relation)
{
	static const char block[BLOCK] = "";
	uint32_t i;

	if (grow_fragments(e, relation->n_columns) < 0)
		return -1;
	buf_reset(&e->names);
	for (i = 0; i < relation->n_columns; i++) {
		if (add_fragment(e, i, defsync_column_at(relation, i)->name) < 0)
			return -1;
	}
	if (buf_add(&e->names, block, sizeof(block)) < 0)
		return -1;
	e->names.len -= sizeof(block);
	return 0;
}

int encoder_relation(struct encoder *e, const struct defsync_relation *relation, struct error *err)
{
	if (relation == e->relation)
		return 0;
	e->relation = NULL;
	if (add_fragments(e, relation) < 0)
		return error_nomem(err);
	e->relation = relation;
	return 0;
}

void encoder_forget(struct encoder *e)
{
	e->relation = NULL;
}

/* Names are short: a call of memcpy with a variable size would cost more than the copy. */
static inline char *put_fragment(char *p, const char *from, size_t len)
{
	size_t at;

	memcpy(p, from, BLOCK);
	for (at = BLOCK; at < len; at += BLOCK)
		memcpy(p + at, from + at, BLOCK);
	return p + len;
}

static int refuse_field(struct row_fault *fault, const struct encoder *e, uint32_t i,
			const char *at_least, size_t n)
{
	return row_fault_set(
	    fault, ROW_FIELD_TOO_LARGE, "column '%.200s': %s%zu bytes as JSON, %zu are allowed",
	    defsync_column_at(e->relation, i)->name, at_least, n, e->policy.max_field);
}

static int refuse_row(struct row_fault *fault, const struct encoder *e, const char *at_least,
		      size_t n)
{
	return row_fault_set(fault, ROW_TOO_LARGE, "row: %s%zu bytes as JSON, %zu are allowed",
			     at_least, n, e->policy.max_row);
}

/* Room for the worst case of the whole row; SIZE_MAX with a cell too long for that. */
static size_t row_room(const struct encoder *e, const struct defsync_row *row)
{
	size_t data = 0;
	uint32_t i;

	for (i = 0; i < row->n_cells; i++) {
		const struct defsync_cell *cell = defsync_cell_at(row, i);

		if (!cell_has_data(cell))
			continue;
		if (cell->v.data.len > CELL_AT_ONCE)
			return SIZE_MAX;
		data += cell->v.data.len;
	}
	return e->names.len + CELL_ROOM(data) + row->n_cells * CELL_ROOM(0);
}

/* The buffer has the room. */
static int write_at_once(struct encoder *e, const struct defsync_row *row, struct buf *out,
			 struct row_fault *fault)
{
	struct cell_context context = {&e->policy, fault, e->counts};
	const struct fragment *fragments = e->fragments;
	const char *names = e->names.data;
	const char *cell = (const char *)row->cells;
	const char *column = (const char *)e->relation->columns;
	const size_t cell_size = row->cell_size, column_size = e->relation->column_size;
	const size_t max_field = e->policy.max_field;
	const uint32_t n_cells = row->n_cells;
	char *start = buf_end(out), *p = start;
	uint32_t i;

	for (i = 0; i < n_cells; i++) {
		char *value = put_fragment(p, names + fragments[i].offset, fragments[i].len);

		p = cell_write(value, (const void *)cell, (const void *)column, &context);
		if (!p)
			return -1;
		if ((size_t)(p - value) > max_field)
			return refuse_field(fault, e, i, "", (size_t)(p - value));
		cell += cell_size;
		column += column_size;
	}
	*p++ = '}';
	if ((size_t)(p - start) > e->policy.max_row)
		return refuse_row(fault, e, "", (size_t)(p - start));
	e->counts = context.counts;
	out->len += (size_t)(p - start);
	return 0;
}

/* A long text to the scratch buffer; -1 as encoder_row. */
static int add_long_text(struct encoder *e, const struct defsync_cell *cell, uint32_t i,
			 struct row_fault *fault)
{
	size_t start = e->scratch.len, used;

	if (buf_add_char(&e->scratch, '"') < 0 ||
	    json_add_escaped(&e->scratch, cell->v.data.ptr, cell->v.data.len, &used) < 0)
		return -1;
	if (used == cell->v.data.len)
		return buf_add_char(&e->scratch, '"');
	if (!e->policy.lenient) {
		(void)cell_fault_utf8(fault, defsync_column_at(e->relation, i), cell, used);
		return -1;
	}
	e->scratch.len = start;
	if (buf_reserve(&e->scratch, CELL_BASE64_ROOM(cell->v.data.len)) < 0)
		return -1;
	e->scratch.len =
	    (size_t)(cell_write_base64_object(buf_end(&e->scratch), cell) - e->scratch.data);
	return 0;
}

static int add_value(struct encoder *e, const struct defsync_cell *cell, uint32_t i,
		     struct cell_context *context)
{
	size_t n = cell_has_data(cell) ? cell->v.data.len : 0;
	char *p;

	/* No form is shorter than its data, but a decimal's with a megabyte of zeros. */
	if (n > e->policy.max_field)
		return refuse_field(context->fault, e, i, "at least ", n);
	if (cell->type == DEFSYNC_TEXT && n > CELL_AT_ONCE)
		return add_long_text(e, cell, i, context->fault);
	if (buf_reserve(&e->scratch, CELL_ROOM(n)) < 0)
		return -1;
	p = cell_write(buf_end(&e->scratch), cell, defsync_column_at(e->relation, i), context);
	if (!p)
		return -1;
	e->scratch.len = (size_t)(p - e->scratch.data);
	return 0;
}

static int add_cell(struct encoder *e, const struct defsync_cell *cell, uint32_t i,
		    struct cell_context *context)
{
	size_t start;

	if (buf_add(&e->scratch, e->names.data + e->fragments[i].offset, e->fragments[i].len) < 0)
		return -1;
	start = e->scratch.len;
	if (add_value(e, cell, i, context) < 0)
		return -1;
	if (e->scratch.len - start > e->policy.max_field)
		return refuse_field(context->fault, e, i, "", e->scratch.len - start);
	return 0;
}

/* Cell by cell, never much longer than what is allowed or than `out` can take. */
static int write_piecewise(struct encoder *e, const struct defsync_row *row, struct buf *out,
			   struct row_fault *fault)
{
	struct cell_context context = {&e->policy, fault, e->counts};
	uint32_t i;

	buf_reset(&e->scratch);
	for (i = 0; i < row->n_cells; i++) {
		const struct defsync_cell *cell = defsync_cell_at(row, i);

		if (cell_has_data(cell) && e->policy.lenient &&
		    cell->v.data.len > out->max - out->len)
			return -1;
		if (add_cell(e, cell, i, &context) < 0)
			return -1;
		if (e->scratch.len > e->policy.max_row)
			return refuse_row(fault, e, "at least ", e->scratch.len);
		if (e->scratch.len > out->max - out->len)
			return -1;
	}
	if (buf_add_char(&e->scratch, '}') < 0)
		return -1;
	if (e->scratch.len > e->policy.max_row)
		return refuse_row(fault, e, "", e->scratch.len);
	if (buf_add(out, e->scratch.data, e->scratch.len) < 0)
		return -1;
	e->counts = context.counts;
	return 0;
}

static int write_empty(const struct encoder *e, struct buf *out, struct row_fault *fault)
{
	if (e->policy.max_row < 2)
		return refuse_row(fault, e, "", 2);
	return buf_add(out, "{}", 2);
}

int encoder_row(struct encoder *e, const struct defsync_row *row, struct buf *out,
		struct row_fault *fault)
{
	size_t room;
	int r;

	fault->reason = ROW_OK;
	if (encoder_relation(e, row->relation, NULL) < 0)
		return -1;
	if (row->n_cells != e->relation->n_columns)
		return row_fault_set(fault, ROW_BAD_VALUE, "row: %u cells for %u columns",
				     row->n_cells, e->relation->n_columns);
	if (row->n_cells == 0)
		return write_empty(e, out, fault);
	room = row_room(e, row);
	if (room <= out->cap - out->len || (room <= ROOM_AT_ONCE && buf_reserve(out, room) == 0))
		return write_at_once(e, row, out, fault);
	r = write_piecewise(e, row, out, fault);
	if (e->scratch.cap > SCRATCH_KEPT)
		buf_done(&e->scratch);
	return r;
}
