/* SPDX-License-Identifier: MIT */
/* detect_deletes: the rows that say that others are gone. */

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/failpoint.h"
#include "sync/deletes.h"

#define UUID_TEXT 36

/* ---- From the text of a key to cells ---------------------------------------------------- */

static int read_uuid(const char *text, size_t len, unsigned char out[16])
{
	size_t digits = 0;

	if (len != UUID_TEXT)
		return -1;
	memset(out, 0, 16);
	for (size_t i = 0; i < len; i++) {
		const char *hex = "0123456789abcdef", *at;

		if (text[i] == '-')
			continue;
		at = memchr(hex, text[i], 16);
		if (at == NULL || digits == 32)
			return -1;
		out[digits / 2] = (unsigned char)(out[digits / 2] << 4 | (at - hex));
		digits++;
	}
	return digits == 32 ? 0 : -1;
}

static int read_unsigned(struct defsync_cell *c)
{
	char *end;
	uint64_t v;

	errno = 0;
	v = strtoull(c->v.data.ptr, &end, 10); /* jansson's texts end with a NUL */
	if (errno != 0 || c->v.data.len == 0 || *end != '\0')
		return -1;
	*c = (struct defsync_cell){.type = DEFSYNC_UINT64, .v = {.u64 = v}};
	return 0;
}

/* A value of JSON as the column's type has it: those that are texts there become what they were. */
static int fit_cell(struct deletes *d, size_t i, struct defsync_cell *c)
{
	uint32_t type = d->row_columns[d->places[i]].type;

	if (c->type == type || type == DEFSYNC_ANY)
		return 0;
	if (c->type != DEFSYNC_TEXT)
		return -1;
	switch (type) {
	case DEFSYNC_DECIMAL:
		c->type = DEFSYNC_DECIMAL;
		return 0;
	case DEFSYNC_UINT64:
		return read_unsigned(c);
	case DEFSYNC_UUID:
		if (read_uuid(c->v.data.ptr, c->v.data.len, d->uuid[i]) < 0)
			return -1;
		*c = (struct defsync_cell){.type = DEFSYNC_UUID, .v = {.data = {d->uuid[i], 16}}};
		return 0;
	default:
		return -1;
	}
}

/* -1: the column's type is another one by now. */
static int fill_cells(struct deletes *d, const struct letter_key *k)
{
	for (uint32_t i = 0; i < d->relation.n_columns; i++)
		d->cells[i] = (struct defsync_cell){.type = DEFSYNC_NULL};
	for (size_t i = 0; i < d->n_columns; i++) {
		struct defsync_cell c = k->cells[i];

		if (fit_cell(d, i, &c) < 0)
			return -1;
		d->cells[d->places[i]] = c;
	}
	return 0;
}

/* ---- Rows ---------------------------------------------------------------------------------- */

static int take_row(struct deletes *d, const char *text, struct error *err)
{
	const struct defsync_row row = {
	    .struct_size = sizeof(row),
	    .op = DEFSYNC_OP_DELETE,
	    .relation = &d->relation,
	    .cells = d->cells,
	    .n_cells = d->relation.n_columns,
	    .cell_size = sizeof(*d->cells),
	    .source_time_us = DEFSYNC_TIME_NONE,
	};
	int rc;

	d->gone = text;
	rc = reader_take(d->t, &row, err);
	d->gone = NULL;
	d->sent++;
	return rc;
}

static int send_key(struct deletes *d, const char *text, struct error *err)
{
	struct letter_key k;
	int rc = 0;

	if (letter_key_read(&k, text) < 0)
		return error_set(err, ERR_INTERNAL, "%s: a key that was read cannot be read again",
				 d->t->where);
	if (letter_key_order(&k, d->columns, d->n_columns) == 0 && fill_cells(d, &k) == 0)
		rc = take_row(d, text, err);
	else
		d->unreadable++;
	letter_key_done(&k);
	return rc;
}

static int send_piece(struct deletes *d, const struct buf *piece, struct error *err)
{
	const char *end = piece->data + piece->len;

	for (const char *p = piece->data; p < end; p += strlen(p) + 1) {
		(void)failpoint("deletes_send");
		if (deletes_is_there(d, p))
			continue;
		if (send_key(d, p, err) < 0 || deletes_look(d, err) < 0)
			return -1;
		if (d->t->parked != NULL && d->t->sink->settle(d->t, -1, err) < 0)
			return -1;
	}
	return 0;
}

int deletes_send(struct deletes *d, struct error *err)
{
	int64_t after = 0;
	int rc;

	while ((rc = store_keys_found(d->t->run->store, d->t->stored.id, &after, &d->found, err)) >
	       0) {
		if (send_piece(d, &d->found, err) < 0)
			return -1;
	}
	return rc < 0 ? -1 : reader_drain(d->t, err);
}
