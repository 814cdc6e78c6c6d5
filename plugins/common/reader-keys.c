/* SPDX-License-Identifier: MIT */
/*
 * Rows by their key, for the replay of dead letters: one statement a key.
 *
 * Keys come as JSON has them and are converted by the dialect; a value that its
 * column cannot hold is in no row.  Bytes were sent as base64.
 */

#include <stdlib.h>
#include <string.h>

#include "common/base64.h"
#include "common/reader-internal.h"

static int32_t parse_bytes(struct reader_source *s, const struct defsync_cell *given,
			   struct reader_value *ret)
{
	struct defsync_cell cell = {.type = DEFSYNC_BYTES};
	unsigned char *bytes;
	int32_t rc = DEFSYNC_E_CONFIG;
	int64_t n;

	if (given->type != DEFSYNC_TEXT)
		return DEFSYNC_E_CONFIG;
	bytes = malloc(BASE64_ROOM(given->v.data.len));
	if (!bytes)
		return reader_fail_nomem(s);
	n = base64_read(given->v.data.ptr, given->v.data.len, bytes);
	cell.v.data.ptr = bytes;
	cell.v.data.len = n < 0 ? 0 : (size_t)n;
	if (n >= 0)
		rc = reader_value_set(ret, &cell) ? 0 : reader_fail_nomem(s);
	free(bytes);
	return rc;
}

/* ---- Keys --------------------------------------------------------------------- */

/* DEFSYNC_E_CONFIG: in no row. */
static int32_t parse_key(struct reader_source *s, struct reader_cursor *c)
{
	const struct defsync_request *r = c->plan.request;
	const char *p =
	    (const char *)r->lookup + (size_t)c->lookup * r->n_keys * (size_t)r->cell_size;
	int32_t rc = 0;
	int i;

	for (i = 0; i < c->plan.n_keys && rc == 0; i++, p += r->cell_size) {
		const struct defsync_cell *given = (const struct defsync_cell *)(const void *)p;
		const struct reader_column *column = c->plan.key_columns[i];

		rc = column->type == DEFSYNC_BYTES
			 ? parse_bytes(s, given, &c->lookup_values[i])
			 : s->dialect->parse(s, column, given, &c->lookup_values[i]);
	}
	return rc;
}

static int32_t open_key(struct reader_source *s, struct reader_cursor *c)
{
	int32_t rc = parse_key(s, c);

	if (rc == DEFSYNC_E_CONFIG)
		return DEFSYNC_END;
	if (rc == 0)
		rc = reader_key_open(s, &c->plan, c->lookup_values);
	c->is_open = rc >= 0;
	return rc < 0 ? rc : 0;
}

static int32_t fetch_row(struct reader_source *s, struct reader_cursor *c)
{
	int32_t rc;

	c->bad = -1;
	rc = s->dialect->fetch(s, c->cells, &c->bad);
	if (rc != DEFSYNC_ROW)
		return rc;
	reader_row_label(c);
	return c->bad < 0 ? DEFSYNC_ROW : DEFSYNC_E_BAD_ROW;
}

int32_t reader_keys_next(struct reader_source *s, struct reader_cursor *c,
			 const struct defsync_row **ret_row)
{
	while (c->lookup < c->plan.request->n_lookup) {
		int32_t rc = c->is_open ? 0 : open_key(s, c);

		if (rc == 0)
			rc = fetch_row(s, c);
		if (rc == DEFSYNC_ROW || rc == DEFSYNC_E_BAD_ROW)
			*ret_row = &c->row;
		if (rc != DEFSYNC_END)
			return rc;
		if (c->is_open)
			s->dialect->close(s);
		c->is_open = false;
		c->lookup++;
	}
	return DEFSYNC_END;
}
