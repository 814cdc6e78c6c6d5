/* SPDX-License-Identifier: MIT */
/* A record as a row: cells, what is wrong with it, position and checkpoint. */

#include <string.h>

#include "cv-cursor.h"

/* ---- Position and checkpoint -------------------------------------------------------- */

void cv_row_begin_file(struct cv_cursor *c)
{
	int n = 0;

	if (cv_is_pattern(c->q->table) || strcmp(c->file.name, c->q->table) != 0)
		n = snprintf(c->position, CV_POSITION_MAX, "%s ", c->file.name);
	n += snprintf(c->position + n, (size_t)(CV_POSITION_MAX - n), "line ");
	c->position_prefix = (size_t)n;
	c->row = (struct defsync_row){
	    .struct_size = sizeof(c->row),
	    .op = DEFSYNC_OP_READ,
	    .relation = c->shape.relation,
	    .cells = c->cells,
	    .n_cells = c->shape.n,
	    .cell_size = sizeof(struct defsync_cell),
	    .source_time_us = DEFSYNC_TIME_NONE,
	    .position = c->position,
	};
}

static void write_prefix(struct cv_cursor *c)
{
	size_t except = c->open ? c->jobs[c->job].known : CV_NOWHERE;

	if (c->open) {
		c->at.sync_raw = c->stream.decoder ? c->stream.sync_raw : 0;
		c->at.sync_base = c->stream.decoder ? c->stream.sync_base : 0;
	}
	cv_state_write(&c->writer, c->checkpoint, c->table, &c->format, &c->state, except,
		       c->open ? &c->at : NULL);
	c->prefix_is_old = false;
	c->prefix_sync = c->stream.sync_raw;
}

void cv_row_place(struct cv_cursor *c, int64_t line)
{
	char digits[24], *p = digits + sizeof(digits);
	size_t n;

	do
		*--p = (char)('0' + line % 10);
	while (line /= 10);
	n = (size_t)(digits + sizeof(digits) - p);
	memcpy(c->position + c->position_prefix, p, n);
	c->row.position_len = c->position_prefix + n;
	if (c->prefix_is_old || c->stream.sync_raw != c->prefix_sync)
		write_prefix(c);
	checkpoint_rewind(&c->writer);
	cv_place_write(&c->writer, c->at.done, c->at.line, c->at.tail);
	c->row.checkpoint_len = checkpoint_end(&c->writer);
	c->row.checkpoint = c->checkpoint;
}

void cv_row_state(struct cv_cursor *c)
{
	write_prefix(c);
	c->row = (struct defsync_row){
	    .struct_size = sizeof(c->row),
	    .op = DEFSYNC_OP_CHECKPOINT,
	    .relation = c->shape.relation,
	    .cell_size = sizeof(struct defsync_cell),
	    .source_time_us = DEFSYNC_TIME_NONE,
	    .position = "",
	    .checkpoint = c->checkpoint,
	    .checkpoint_len = checkpoint_end(&c->writer),
	};
}

/* ---- Cells ------------------------------------------------------------------------------ */

static const struct defsync_cell null_cell = {.type = DEFSYNC_NULL};

bool cv_is_null(const struct cv_format *f, const struct cv_field *field)
{
	uint32_t i;

	if (field->quoted)
		return false;
	if (field->len == 0)
		return true;
	for (i = 0; i < f->n_nulls; i++) {
		if (f->nulls[i].len == field->len &&
		    memcmp(f->nulls[i].ptr, field->ptr, field->len) == 0)
			return true;
	}
	return false;
}

static void text_cell(const struct cv_field *field, struct defsync_cell *ret)
{
	ret->type = DEFSYNC_TEXT;
	ret->reserved = 0;
	ret->v.data.ptr = field->ptr;
	ret->v.data.len = field->len;
}

/* The window is ours, and what was read is not looked at again: changed in place. */
static void unescape(const struct cv_cursor *c, struct cv_field *field)
{
	char *text = c->stream.buf + (field->ptr - c->stream.buf);

	field->len = (uint32_t)cv_unescape(&c->format.dialect, text, field->len, field->quoted);
	field->escaped = false;
}

/* False: the value does not fit its type; the cell is the text. */
static bool fill_cell(const struct cv_cursor *c, uint32_t i, struct defsync_cell *ret)
{
	struct cv_field *field = &c->record.fields[c->shape.fields[i]];
	enum cv_type type = c->shape.types[i];

	if (cv_is_null(&c->format, field)) {
		*ret = null_cell;
		return true;
	}
	if (field->escaped)
		unescape(c, field);
	if (type == CV_TEXT) {
		text_cell(field, ret);
		return true;
	}
	if (cv_type_read(type, field->ptr, field->len, ret))
		return true;
	text_cell(field, ret);
	return false;
}

/* All fields are text in their order: the common case, without its steps. */
static bool fill_as_is(const struct cv_cursor *c)
{
	const struct cv_field *field = c->record.fields;
	struct defsync_cell *cell = c->cells;
	uint32_t i;

	for (i = 0; i < c->shape.n; i++, field++, cell++) {
		if (field->escaped || c->format.n_nulls) {
			(void)fill_cell(c, i, cell);
			continue;
		}
		text_cell(field, cell);
		if (field->len == 0 && !field->quoted)
			*cell = null_cell;
	}
	return true;
}

/* As far as there are fields; of a bad row all as text. */
static void fill_bad(const struct cv_cursor *c)
{
	uint32_t i;

	for (i = 0; i < c->shape.n; i++) {
		uint32_t at = c->shape.fields[i];

		if (at < c->record.n && at < c->record.room)
			text_cell(&c->record.fields[at], &c->cells[i]);
		else
			c->cells[i] = null_cell;
	}
}

/* ---- What is wrong ---------------------------------------------------------------------------- */

static const char *column_name(const struct cv_cursor *c, uint32_t field)
{
	return field < c->header.n ? c->header.names[field] : "behind the last one";
}

static int32_t fail_fault(struct cv_source *s, const struct cv_cursor *c, int64_t line)
{
	const struct cv_record *r = &c->record;
	const char *column = column_name(c, r->fault_field);
	long long at = (long long)(line + r->fault_line);

	switch (r->fault) {
	case CV_NUL:
		return defsync_fail(s->host, DEFSYNC_E_BAD_ROW,
				    "line %lld: a NUL byte in column '%.128s'", at, column);
	case CV_AFTER_QUOTE:
		return defsync_fail(s->host, DEFSYNC_E_BAD_ROW,
				    "line %lld: text behind the closing quote of column '%.128s'",
				    at, column);
	case CV_OPEN_QUOTE:
		return defsync_fail(s->host, DEFSYNC_E_BAD_ROW,
				    "line %lld: the quote opened in column '%.128s' is not closed "
				    "within %s",
				    at, column, c->last ? "the file" : "'max_record'");
	default:
		return defsync_fail(s->host, DEFSYNC_E_BAD_ROW,
				    "line %lld: the record is longer than 'max_record', %zu bytes",
				    at, c->format.max_record);
	}
}

/* Without the value, which may be one that is masked on its way. */
static int32_t fail_value(struct cv_source *s, const struct cv_cursor *c, uint32_t i, int64_t line)
{
	return defsync_fail(s->host, DEFSYNC_E_BAD_ROW, "line %lld: column '%.128s' is no %s",
			    (long long)line, c->shape.relation->columns[i].name,
			    cv_type_name(c->shape.types[i]));
}

/* The first column whose value does not fit, or shape.n. */
static uint32_t fill_typed(const struct cv_cursor *c)
{
	uint32_t i, bad = c->shape.n;

	for (i = 0; i < c->shape.n; i++) {
		if (!fill_cell(c, i, &c->cells[i]) && bad == c->shape.n)
			bad = i;
	}
	return bad;
}

int32_t cv_row_fill(struct cv_source *s, struct cv_cursor *c)
{
	const struct cv_record *r = &c->record;
	/* The checkpoint is behind the row; with a tail the line is still the row's. */
	int64_t line = c->at.line - (c->at.tail ? 0 : r->lines);
	uint32_t bad;

	cv_row_place(c, line);
	if (r->fault != CV_FINE) {
		fill_bad(c);
		return fail_fault(s, c, line);
	}
	if (r->n != c->shape.n_fields) {
		fill_bad(c);
		return defsync_fail(s->host, DEFSYNC_E_BAD_ROW,
				    "line %lld: %u fields, %u columns are expected",
				    (long long)line, (unsigned)r->n, (unsigned)c->shape.n_fields);
	}
	if (c->shape.as_is && fill_as_is(c))
		return DEFSYNC_ROW;
	bad = fill_typed(c);
	return bad == c->shape.n ? DEFSYNC_ROW : fail_value(s, c, bad, line);
}

int32_t cv_row_too_long(struct cv_source *s, struct cv_cursor *c)
{
	int64_t line = c->at.line - 1;
	uint32_t i;

	cv_row_place(c, line);
	for (i = 0; i < c->shape.n; i++)
		c->cells[i] = null_cell;
	c->cells[0] =
	    (struct defsync_cell){.type = DEFSYNC_TEXT, .v.data = {text_get(&c->cut), c->cut.len}};
	return fail_fault(s, c, line);
}
