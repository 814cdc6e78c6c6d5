/* SPDX-License-Identifier: MIT */
/*
 * What the tests of sources share: an instance with a host of its own, and readings
 * kept as text.
 */

#ifndef UNIT_SOURCE_FIXTURE_H
#define UNIT_SOURCE_FIXTURE_H

#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

/* Before cmocka, whose macro fail is the name of a host's service. */
#include "plugin-host.h"

#include <cmocka.h>

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

struct fixture {
	char folder[64];
	char path[96];
	struct plugin_host host;
	struct plugin_host_option options[12];
	const struct defsync_source *source;
	void *instance;
};

/* One answer of next. */
struct got {
	int32_t rc;
	uint32_t op, flags;
	char *text; /* cells as "1|a|NULL" */
	char *checkpoint, *position;
	char *reason; /* of a bad row */
};

struct reading {
	int32_t rc; /* of extract, or the last of next */
	struct got *rows;
	size_t n;
};

static inline void fx_option(struct fixture *f, const char *name, const char *value)
{
	size_t i;

	for (i = 0; f->options[i].name; i++) {
		if (strcmp(f->options[i].name, name) == 0 && strcmp(name, "types") != 0)
			break;
	}
	assert_true(i < 11);
	f->options[i] = (struct plugin_host_option){name, value};
}

static inline void fx_connect(struct fixture *f)
{
	plugin_host_begin(&f->host);
	if (f->source->connect(f->instance, 0) != DEFSYNC_OK)
		fail_msg("connect: %s", f->host.text);
}

static inline void fx_reconnect(struct fixture *f)
{
	f->source->disconnect(f->instance);
	fx_connect(f);
}

static inline void fx_create(struct fixture *f)
{
	plugin_host_begin(&f->host);
	assert_int_equal(f->source->create(&f->host.services, NULL, 0, &f->instance), DEFSYNC_OK);
}

/* Borrowed texts do not end in NUL, so nothing may look for one, as strndup may. */
static inline char *fx_copy(const char *ptr, size_t len)
{
	char *out = malloc(len + 1);

	assert_non_null(out);
	if (len)
		memcpy(out, ptr, len);
	out[len] = '\0';
	return out;
}

static inline char *fx_cell(const struct defsync_cell *c)
{
	static const char hex[] = "0123456789abcdef";
	char *out = NULL;
	size_t i;

	switch (c->type) {
	case DEFSYNC_NULL:
		return strdup("NULL");
	case DEFSYNC_DOUBLE:
		assert_true(asprintf(&out, "%.17gd", c->v.f64) > 0);
		return out;
	case DEFSYNC_TEXT:
		return fx_copy(c->v.data.ptr, c->v.data.len);
	case DEFSYNC_DECIMAL:
		assert_true(
		    asprintf(&out, "%.*sn", (int)c->v.data.len, (const char *)c->v.data.ptr) > 0);
		return out;
	case DEFSYNC_JSON:
		assert_true(
		    asprintf(&out, "%.*sj", (int)c->v.data.len, (const char *)c->v.data.ptr) > 0);
		return out;
	case DEFSYNC_BYTES:
	case DEFSYNC_UUID:
		out = calloc(1, 2 * c->v.data.len + 3);
		assert_non_null(out);
		out[0] = 'x';
		for (i = 0; i < c->v.data.len; i++) {
			out[1 + 2 * i] = hex[((const unsigned char *)c->v.data.ptr)[i] >> 4];
			out[2 + 2 * i] = hex[((const unsigned char *)c->v.data.ptr)[i] & 15];
		}
		return out;
	default:
		assert_true(asprintf(&out, "%" PRId64 "%s", c->v.i64,
				     c->type == DEFSYNC_BOOL	    ? "b"
				     : c->type == DEFSYNC_DATE	    ? "D"
				     : c->type == DEFSYNC_TIMESTAMP ? "T"
								    : "") > 0);
		return out;
	}
}

static inline char *fx_row_text(const struct defsync_row *row)
{
	char *out = strdup("");
	uint32_t i;

	for (i = 0; i < row->n_cells; i++) {
		char *cell = fx_cell(defsync_cell_at(row, i)), *joined = NULL;

		assert_true(asprintf(&joined, "%s%s%s", out, i ? "|" : "", cell) >= 0);
		free(cell);
		free(out);
		out = joined;
	}
	return out;
}

static inline void fx_keep(struct reading *r, int32_t rc, const struct defsync_row *row)
{
	struct got g = {.rc = rc};
	size_t i;

	if (row) {
		assert_int_equal(row->struct_size, sizeof(*row));
		assert_true(row->relation || row->op == DEFSYNC_OP_CHECKPOINT);
		assert_true(row->op == DEFSYNC_OP_CHECKPOINT
				? row->n_cells == 0
				: row->n_cells == row->relation->n_columns);
		assert_true(row->checkpoint_len <= 4096 && row->position_len <= 512);
		for (i = 0; i < row->checkpoint_len; i++)
			assert_true(row->checkpoint[i] > 32 && row->checkpoint[i] < 127);
		g.op = row->op;
		g.flags = row->flags;
		g.text = fx_row_text(row);
		if (row->checkpoint_len)
			g.checkpoint = fx_copy(row->checkpoint, row->checkpoint_len);
		g.position = fx_copy(row->position, row->position_len);
	}
	/* Doubled at each power of two. */
	if ((r->n & (r->n - 1)) == 0)
		r->rows = realloc(r->rows, (r->n ? r->n * 2 : 1) * sizeof(*r->rows));
	assert_non_null(r->rows);
	r->rows[r->n++] = g;
}

/* Called between two rows, for what happens during a run. */
typedef void (*fx_between)(struct fixture *f, size_t n);

static inline struct reading fx_read_between(struct fixture *f, const struct defsync_request *q,
					     fx_between between)
{
	struct reading r = {0};
	void *cursor = NULL;

	plugin_host_begin(&f->host);
	r.rc = f->source->extract(f->instance, q, 0, &cursor);
	if (r.rc < 0) {
		assert_int_equal(f->host.fails, 1);
		assert_int_equal(f->host.error_class, r.rc);
		return r;
	}
	for (;;) {
		const struct defsync_row *row = NULL;

		if (between)
			between(f, r.n);
		plugin_host_begin(&f->host);
		r.rc = f->source->next(f->instance, cursor, 0, &row);
		assert_int_equal(f->host.fails, r.rc < 0);
		if (r.rc != DEFSYNC_ROW && r.rc != DEFSYNC_E_BAD_ROW)
			break;
		fx_keep(&r, r.rc, row);
		if (r.rc == DEFSYNC_E_BAD_ROW)
			r.rows[r.n - 1].reason = strdup(f->host.text);
		assert_true(r.n < 100000);
	}
	f->source->end(f->instance, cursor);
	return r;
}

static inline struct reading fx_read(struct fixture *f, const struct defsync_request *q)
{
	return fx_read_between(f, q, NULL);
}

static inline void fx_done(struct reading *r)
{
	size_t i;

	for (i = 0; i < r->n; i++) {
		free(r->rows[i].text);
		free(r->rows[i].checkpoint);
		free(r->rows[i].position);
		free(r->rows[i].reason);
	}
	free(r->rows);
	*r = (struct reading){0};
}

/* The last checkpoint of a reading; the caller frees. */
static inline char *fx_last(const struct reading *r)
{
	const char *last = NULL;
	size_t i;

	for (i = 0; i < r->n; i++) {
		if (r->rows[i].checkpoint)
			last = r->rows[i].checkpoint;
	}
	return last ? strdup(last) : NULL;
}

static inline void fx_from(struct defsync_request *q, const char *checkpoint)
{
	q->checkpoint = checkpoint;
	q->checkpoint_len = checkpoint ? strlen(checkpoint) : 0;
}

static inline size_t fx_rows(const struct reading *r)
{
	size_t i, n = 0;

	for (i = 0; i < r->n; i++)
		n += r->rows[i].op != DEFSYNC_OP_CHECKPOINT;
	return n;
}

static inline int fx_has(const struct reading *r, size_t n, const char *text)
{
	size_t i;

	for (i = 0; i < n; i++) {
		if (r->rows[i].op != DEFSYNC_OP_CHECKPOINT && strcmp(r->rows[i].text, text) == 0)
			return 1;
	}
	return 0;
}

/* "1,2,3": the first cell of each row; '*' behind a row to be read again. */
static inline char *fx_ids(const struct reading *r)
{
	char *out = strdup("");
	size_t i;

	for (i = 0; i < r->n; i++) {
		char *joined = NULL;

		if (r->rows[i].op == DEFSYNC_OP_CHECKPOINT)
			continue;
		assert_true(asprintf(&joined, "%s%s%.*s%s", out, *out ? "," : "",
				     (int)strcspn(r->rows[i].text, "|"), r->rows[i].text,
				     r->rows[i].flags & DEFSYNC_ROW_REREAD ? "*" : "") > 0);
		free(out);
		out = joined;
	}
	return out;
}

static inline void fx_assert_ids(struct fixture *f, const struct reading *r, const char *ids)
{
	char *got = fx_ids(r);

	if (r->rc != DEFSYNC_END)
		fail_msg("not at the end: %s", f->host.text);
	assert_string_equal(got, ids);
	free(got);
}

static inline void fx_assert_fails(struct fixture *f, struct reading *r, int32_t rc,
				   const char *part)
{
	assert_int_equal(r->rc, rc);
	assert_non_null(f->host.text);
	if (!strstr(f->host.text, part))
		fail_msg("'%s' is not in: %s", part, f->host.text);
	fx_done(r);
}

static inline struct defsync_request fx_request(const char *table, const char *watermark)
{
	return (struct defsync_request){
	    .struct_size = sizeof(struct defsync_request),
	    .mode = watermark ? DEFSYNC_READ_INCREMENTAL : DEFSYNC_READ_SNAPSHOT,
	    .table = table,
	    .watermark = watermark,
	    .lookback = -1,
	    .null_watermark = DEFSYNC_NULLS_ERROR,
	    .options = (const struct defsync_options *)"",
	};
}

/*
 * Stops after every row that carried a checkpoint and goes on from it: what was
 * delivered until then and what comes after must be all rows.  Returns how many
 * checkpoints there were.
 */
static inline size_t fx_check_resume(struct fixture *f, const struct defsync_request *q)
{
	struct reading all = fx_read(f, q);
	size_t i, k, n = 0;

	if (all.rc != DEFSYNC_END)
		fail_msg("%s", f->host.text);
	for (i = 0; i < all.n; i++) {
		struct defsync_request again = *q;
		struct reading rest;

		if (!all.rows[i].checkpoint)
			continue;
		n++;
		fx_from(&again, all.rows[i].checkpoint);
		rest = fx_read(f, &again);
		if (rest.rc != DEFSYNC_END)
			fail_msg("after row %zu: %s", i, f->host.text);
		for (k = 0; k < all.n; k++) {
			/* Behind the checkpoint; at the end, what was marked for it. */
			int due = k > i || (all.rows[i].op == DEFSYNC_OP_CHECKPOINT &&
					    all.rows[k].flags & DEFSYNC_ROW_REREAD);

			if (due && all.rows[k].op != DEFSYNC_OP_CHECKPOINT &&
			    !fx_has(&rest, rest.n, all.rows[k].text))
				fail_msg("row '%s' is lost after '%s'", all.rows[k].text,
					 all.rows[i].checkpoint);
		}
		fx_done(&rest);
	}
	fx_done(&all);
	return n;
}

#endif
