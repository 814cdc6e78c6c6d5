/* SPDX-License-Identifier: MIT */
/*
 * Checkpoints:
 *
 *	FORMAT;source=S;table=T;mark=W;key=K,K;phase=P[;settled=V][;initial=V][;at=V,V];sum=X
 *
 * Source and table are identities, not names.  All but `at` is the same for every
 * row of a cursor.  What a value looks like: reader-position.c.
 */

#include <stdlib.h>
#include <string.h>

#include "common/reader-internal.h"

#define RESET "load the table anew after 'defsync state reset'"

void reader_checkpoint_values(struct checkpoint_writer *w, const struct defsync_cell *const *values,
			      int n)
{
	int i;

	checkpoint_raw(w, ";at=", 4);
	for (i = 0; i < n; i++) {
		if (i)
			checkpoint_raw(w, ",", 1);
		reader_write_value(w, values[i]);
	}
}

bool reader_checkpoint_prefix(struct checkpoint_writer *w, char *buf, const struct reader_source *s,
			      const struct reader_plan *p, const struct reader_position *at)
{
	int i;

	checkpoint_begin(w, buf, s->dialect->format);
	checkpoint_field(w, "source", s->identity);
	checkpoint_field(w, "table", p->table.identity);
	checkpoint_field(w, "mark", p->watermark < 0 ? "" : reader_plan_mark(p)->name);
	checkpoint_name(w, "key");
	for (i = 0; i < p->n_keys; i++) {
		const char *name = p->key_columns[i]->name;

		if (i)
			checkpoint_raw(w, ",", 1);
		checkpoint_bytes(w, name, strlen(name));
	}
	checkpoint_field(w, "phase", reader_phase_name(at->phase));
	if (at->from == READER_FROM_PAST) {
		checkpoint_name(w, "settled");
		reader_write_value(w, &at->mark.cell);
	}
	if (at->phase == READER_PHASE_LOAD && reader_given(&at->initial)) {
		checkpoint_name(w, "initial");
		reader_write_value(w, &at->initial.cell);
	}
	checkpoint_keep(w);
	return !w->full;
}

/* ---- Reading ------------------------------------------------------------------ */

static bool read_values(const char *p, struct reader_position *ret)
{
	for (;;) {
		size_t len = strcspn(p, ",");

		if (ret->n_values == READER_ORDER_MAX ||
		    !reader_read_value(p, len, &ret->values[ret->n_values]))
			return false;
		ret->n_values++;
		if (!p[len])
			return true;
		p += len + 1;
	}
}

/* Is what the fields say possible for this plan? */
static bool consistent(const struct reader_plan *p, const struct reader_position *at)
{
	bool snapshot = at->phase == READER_PHASE_SNAPSHOT || at->phase == READER_PHASE_DONE;
	bool marked = reader_given(&at->mark), initial = reader_given(&at->initial);

	if (snapshot != (p->watermark < 0))
		return false;
	switch (at->phase) {
	case READER_PHASE_LOAD:
		return at->n_values == p->n_keys;
	case READER_PHASE_INCREMENTAL:
		return !initial &&
		       (at->from == READER_FROM_BEHIND ? at->n_values == p->n_mark && !marked
						       : at->n_values == 0);
	case READER_PHASE_SNAPSHOT:
		return at->n_values == p->n_keys && !marked && !initial;
	case READER_PHASE_DONE:
		return at->n_values == 0 && !marked && !initial;
	}
	return false;
}

static bool read_position(const struct checkpoint_reader *r, const struct reader_plan *p,
			  struct reader_position *ret)
{
	const char *settled = checkpoint_get(r, "settled");
	const char *initial = checkpoint_get(r, "initial");
	const char *at = checkpoint_get(r, "at");

	if (!reader_phase_parse(checkpoint_get(r, "phase"), &ret->phase))
		return false;
	if (settled) {
		ret->from = READER_FROM_PAST;
		if (!reader_read_value(settled, strlen(settled), &ret->mark))
			return false;
	}
	if (initial && !reader_read_value(initial, strlen(initial), &ret->initial))
		return false;
	if (at && !read_values(at, ret))
		return false;
	if (at && ret->phase == READER_PHASE_INCREMENTAL)
		ret->from = READER_FROM_BEHIND;
	return consistent(p, ret);
}

/* The column of the first value that is not of its column's type; NULL: all are. */
static const struct reader_column *other_type(const struct reader_plan *p,
					      const struct reader_position *at)
{
	const struct reader_column *const *columns =
	    at->phase == READER_PHASE_INCREMENTAL ? p->mark_columns : p->key_columns;
	const struct reader_value *marks[] = {&at->mark, &at->initial};
	int i;

	for (i = 0; i < at->n_values; i++) {
		if (at->values[i].cell.type != columns[i]->type)
			return columns[i];
	}
	for (i = 0; i < 2; i++) {
		if (reader_given(marks[i]) && marks[i]->cell.type != reader_plan_mark(p)->type)
			return reader_plan_mark(p);
	}
	return NULL;
}

static int32_t check_position(struct reader_source *s, const struct reader_plan *p,
			      const struct checkpoint_reader *r, struct reader_position *ret)
{
	const struct reader_column *column;

	if (!read_position(r, p, ret))
		return defsync_fail(s->host, DEFSYNC_E_STALE_CHECKPOINT,
				    "checkpoint: its position does not fit '%s'; " RESET,
				    p->table.from);
	column = other_type(p, ret);
	if (column)
		return defsync_fail(s->host, DEFSYNC_E_STALE_CHECKPOINT,
				    "checkpoint: column '%s' of '%s' was of another type, now "
				    "%s; " RESET,
				    column->name, p->table.from, column->native_type);
	return 0;
}

/* ---- Identity --------------------------------------------------------------------- */

/* The encoded value for a message; NULL without memory. */
static char *decoded(const char *value)
{
	size_t len = strlen(value);
	char *out = calloc(1, len + 1);

	if (out && !checkpoint_decode(value, len, out, &len))
		memcpy(out, value, strlen(value));
	return out;
}

/* One part of the identity; `is` in its encoded form. */
static int32_t compare_part(struct reader_source *s, const struct reader_plan *p,
			    const struct checkpoint_reader *r, const char *const part[2],
			    const char *is)
{
	const char *was = checkpoint_get(r, part[0]);
	char *a, *b;

	if (was && strcmp(was, is) == 0)
		return 0;
	a = decoded(was ? was : "");
	b = decoded(is);
	if (a && b)
		(void)defsync_fail(s->host, DEFSYNC_E_STALE_CHECKPOINT,
				   "checkpoint: is of another %s: '%s', now '%s' of '%s'; " RESET,
				   part[1], a, b, p->table.from);
	else
		(void)defsync_fail(s->host, DEFSYNC_E_STALE_CHECKPOINT,
				   "checkpoint: is of another %s; " RESET, part[1]);
	free(a);
	free(b);
	return DEFSYNC_E_STALE_CHECKPOINT;
}

int32_t reader_fail_names(struct reader_source *s, const struct reader_plan *p)
{
	return defsync_fail(s->host, DEFSYNC_E_CONFIG,
			    "the names of '%s' and its key are too long for a checkpoint; "
			    "configure a shorter 'key'",
			    p->table.from);
}

/* The same parts as a checkpoint made now would have. */
static int32_t compare_identity(struct reader_source *s, const struct reader_plan *p,
				const struct checkpoint_reader *r)
{
	static const char *const parts[][2] = {
	    {"source", "server or database"},
	    {"table", "table"},
	    {"mark", "watermark column"},
	    {"key", "key"},
	};
	const struct reader_position none = {.phase = READER_PHASE_DONE};
	struct checkpoint_reader now;
	struct checkpoint_writer w;
	char *buf = malloc(CHECKPOINT_MAX);
	int32_t rc = 0;
	size_t i, len = 0;

	if (buf && !reader_checkpoint_prefix(&w, buf, s, p, &none)) {
		free(buf);
		return reader_fail_names(s, p);
	}
	if (buf)
		len = checkpoint_end(&w);
	if (len == 0 || checkpoint_parse(&now, buf, len, s->dialect->format) != CHECKPOINT_OK) {
		free(buf);
		return reader_fail_nomem(s);
	}
	for (i = 0; i < sizeof(parts) / sizeof(parts[0]) && rc == 0; i++)
		rc = compare_part(s, p, r, parts[i], checkpoint_get(&now, parts[i][0]));
	checkpoint_reader_done(&now);
	free(buf);
	return rc;
}

int32_t reader_checkpoint_read(struct reader_source *s, const struct reader_plan *p,
			       struct reader_position *ret)
{
	const struct defsync_request *q = p->request;
	struct reader_position at = {0};
	struct checkpoint_reader r;
	int32_t rc;

	switch (checkpoint_parse(&r, q->checkpoint, q->checkpoint_len, s->dialect->format)) {
	case CHECKPOINT_OK:
		break;
	case CHECKPOINT_NOMEM:
		return reader_fail_nomem(s);
	case CHECKPOINT_FOREIGN:
		return defsync_fail(s->host, DEFSYNC_E_STALE_CHECKPOINT,
				    "checkpoint: was not made by this version of this kind of "
				    "source; " RESET);
	default:
		return defsync_fail(s->host, DEFSYNC_E_STALE_CHECKPOINT,
				    "checkpoint: is damaged; " RESET);
	}
	rc = compare_identity(s, p, &r);
	if (rc == 0)
		rc = check_position(s, p, &r, &at);
	checkpoint_reader_done(&r);
	if (rc == 0)
		*ret = at;
	else
		reader_position_done(&at);
	return rc;
}
