/* SPDX-License-Identifier: MIT */
/* The rows of the open statement: of a COPY in binary form, or of a result. */

#include <string.h>

#include "pg.h"

static int32_t fail_protocol(struct pg_source *s)
{
	s->broken = true;
	return defsync_fail(s->reader.host, DEFSYNC_E_PERMANENT,
			    "reading '%s': the server sent what is no row in binary form",
			    s->rows.subject);
}

/* A value that cannot be given: the row goes to the dead letters with this. */
static void bad_value(struct pg_source *s, unsigned i, const char *reason, int *ret_bad)
{
	const struct reader_column *c = s->rows.columns[i];

	if (*ret_bad >= 0)
		return;
	*ret_bad = (int)i;
	(void)defsync_fail(s->reader.host, DEFSYNC_E_BAD_ROW, "column '%s': %s",
			   c ? c->name : "count", reason);
}

static const struct defsync_cell null_cell = {.type = DEFSYNC_NULL};

/* The rare ends of a decoding. */
__attribute__((cold, noinline)) static int32_t odd_value(struct pg_source *s, unsigned i,
							 enum pg_decoded how,
							 struct defsync_cell *cell, int *ret_bad)
{
	const struct reader_column *c = s->rows.columns[i];
	/* In a key no value may be sent as null, which would be the same for several rows. */
	bool key = c && pg_column_of(c)->key;

	*cell = null_cell;
	switch (how) {
	case PG_NOT_FINITE:
		if (key)
			bad_value(s, i, "the key holds NaN or an infinity", ret_bad);
		else
			s->rows.not_finite++;
		return 0;
	case PG_INFINITE:
		if (key)
			bad_value(s, i, "the key holds an infinite time", ret_bad);
		else
			s->rows.infinite++;
		return 0;
	case PG_OUT_OF_RANGE:
		bad_value(s, i, "the time is beyond the year 294246", ret_bad);
		return 0;
	case PG_NOMEM:
		return reader_fail_nomem(&s->reader);
	default:
		bad_value(s, i, "the server sent a value that is not of the column's type",
			  ret_bad);
		return 0;
	}
}

static inline int32_t set_cell(struct pg_source *s, unsigned i, const char *ptr, size_t len,
			       struct defsync_cell *cell, int *ret_bad)
{
	const struct reader_column *c = s->rows.columns[i];
	enum pg_decoded how =
	    pg_decode(ptr, len, c ? (enum pg_wire)c->wire : PG_INT8, &s->rows.scratch, cell);

	return __builtin_expect(how == PG_OK, 1) ? 0 : odd_value(s, i, how, cell, ret_bad);
}

static int32_t fetch_result(struct pg_source *s, struct defsync_cell *cells, int *ret_bad)
{
	struct pg_rows *r = &s->rows;
	int row = r->next++;
	int32_t rc = 0;
	unsigned i;

	if (row >= PQntuples(r->result))
		return DEFSYNC_END;
	for (i = 0; i < r->n_columns && rc == 0; i++) {
		int column = (int)i;

		if (PQgetisnull(r->result, row, column))
			cells[i] = null_cell;
		else
			rc = set_cell(s, i, PQgetvalue(r->result, row, column),
				      (size_t)PQgetlength(r->result, row, column), &cells[i],
				      ret_bad);
	}
	return rc < 0 ? rc : DEFSYNC_ROW;
}

static inline uint32_t get_u32(const char *p)
{
	uint32_t v;

	memcpy(&v, p, sizeof(v));
	return __builtin_bswap32(v);
}

/* Signature, flags, and an extension whose length precedes it. */
static size_t header_length(const char *p, size_t len)
{
	static const char signature[11] = {'P',	 'G',	     'C',  'O',	 'P', 'Y',
					   '\n', (char)0xff, '\r', '\n', '\0'};
	size_t extension;

	if (len < 19 || memcmp(p, signature, sizeof(signature)) != 0)
		return 0;
	extension = get_u32(p + 15);
	return extension > len - 19 ? 0 : 19 + extension;
}

/* DEFSYNC_ROW, DEFSYNC_END at the trailer, or an error. */
static int32_t read_tuple(struct pg_source *s, const char *p, size_t len,
			  struct defsync_cell *cells, int *ret_bad)
{
	const struct pg_rows *r = &s->rows;
	const char *end = p + len;
	int32_t rc = 0;
	unsigned i;
	uint16_t n;

	if (len < 2)
		return fail_protocol(s);
	memcpy(&n, p, sizeof(n));
	n = __builtin_bswap16(n);
	p += 2;
	if (n == 0xffff)
		return DEFSYNC_END;
	if (n != r->n_columns)
		return fail_protocol(s);
	for (i = 0; i < n && rc == 0; i++) {
		uint32_t size;

		if (end - p < 4)
			return fail_protocol(s);
		size = get_u32(p);
		p += 4;
		if (size == UINT32_MAX) {
			cells[i] = null_cell;
			continue;
		}
		if (size > (size_t)(end - p))
			return fail_protocol(s);
		rc = set_cell(s, i, p, size, &cells[i], ret_bad);
		p += size;
	}
	return rc < 0 ? rc : DEFSYNC_ROW;
}

/* The end of the COPY: how it went. */
static int32_t finish_copy(struct pg_source *s)
{
	PGresult *r = NULL;
	int32_t rc = DEFSYNC_END;

	s->rows.ended = true;
	if (pg_await(s, &r) < 0)
		return pg_fail_connection(s, "reading", s->rows.subject);
	if (PQresultStatus(r) != PGRES_COMMAND_OK)
		rc = pg_fail_result(s, "reading", s->rows.subject, r);
	PQclear(r);
	return rc;
}

/* The next message into s->rows.message, its length, or DEFSYNC_END as 0. */
static int32_t next_message(struct pg_source *s, int *ret_len)
{
	struct pg_rows *r = &s->rows;

	PQfreemem(r->message);
	r->message = NULL;
	for (;;) {
		int32_t rc;

		*ret_len = PQgetCopyData(s->conn, &r->message, 1);
		if (*ret_len > 0)
			return DEFSYNC_ROW;
		if (*ret_len == -1)
			return finish_copy(s);
		if (*ret_len < 0)
			return pg_fail_connection(s, "reading", r->subject);
		rc = pg_wait(s, false, -1);
		if (rc == DEFSYNC_E_CANCELLED)
			return pg_fail_cancelled(s);
		if (rc < 0 || !PQconsumeInput(s->conn))
			return pg_fail_connection(s, "reading", r->subject);
	}
}

static int32_t fetch_copy(struct pg_source *s, struct defsync_cell *cells, int *ret_bad)
{
	struct pg_rows *r = &s->rows;

	for (;;) {
		size_t head = 0;
		int32_t rc;
		int len;

		rc = next_message(s, &len);
		if (rc != DEFSYNC_ROW)
			return rc;
		if (!r->began) {
			head = header_length(r->message, (size_t)len);
			if (!head)
				return fail_protocol(s);
			r->began = true;
			if (head == (size_t)len)
				continue;
		}
		rc = read_tuple(s, r->message + head, (size_t)len - head, cells, ret_bad);
		if (rc != DEFSYNC_END)
			return rc;
	}
}

int32_t pg_fetch(struct reader_source *reader, struct defsync_cell *cells, int *ret_bad)
{
	struct pg_source *s = pg_of(reader);
	int bad = -1;
	int32_t rc;

	pg_scratch_rewind(&s->rows.scratch);
	if (s->rows.ended)
		return DEFSYNC_END;
	rc = s->rows.copy ? fetch_copy(s, cells, &bad) : fetch_result(s, cells, &bad);
	if (bad >= 0)
		*ret_bad = bad;
	return rc;
}
