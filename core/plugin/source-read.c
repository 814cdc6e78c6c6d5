/* SPDX-License-Identifier: MIT */
/* The guard around what a connected source tells: tables, rows, checkpoints. */

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "plugin/guard.h"

/* ---- What is there -------------------------------------------------------------------- */

static int not_offered(struct source *s, const char *call, struct error *err)
{
	return error_set(err, ERR_CONFIG, "%s: plugin '%s' does not offer %s", s->where,
			 s->plugin->name, call);
}

static int check_tables(const struct defsync_table *const *tables, uint32_t n, struct error *err)
{
	if (n > 0 && !tables)
		return error_set(err, ERR_INTERNAL, "%" PRIu32 " tables at NULL", n);
	for (uint32_t i = 0; i < n; i++) {
		if (table_check(tables[i], err) < 0) {
			error_prefix(err, "table %" PRIu32, i);
			return -1;
		}
	}
	return 0;
}

static int discover(struct source *s, const char *pattern,
		    const struct defsync_table *const **ret_tables, uint32_t *ret_n,
		    struct error *err)
{
	const struct defsync_table *const *tables = NULL;
	uint32_t n = 0;
	int32_t rc;

	if (guard_begin(s, CALL_DISCOVER, err) < 0)
		return -1;
	if (!(s->plugin->has & PLUGIN_HAS_DISCOVER))
		return not_offered(s, "discover", err);
	rc = s->vtable->discover(s->instance, pattern, 0, &tables, &n);
	if (guard_result(s, CALL_DISCOVER, rc, err) < 0)
		return -1;
	if (check_tables(tables, n, err) < 0)
		return guard_broken(s, CALL_DISCOVER, err);
	*ret_tables = tables;
	*ret_n = n;
	return 0;
}

int source_discover(struct source *s, const char *pattern,
		    const struct defsync_table *const **ret_tables, uint32_t *ret_n,
		    struct error *err)
{
	struct error own = ERROR_INIT;
	int rc = discover(s, pattern, ret_tables, ret_n, &own);

	return guard_give(err, &own, rc);
}

static int set_table(struct source *s, const struct defsync_request *request, struct error *err)
{
	char *table = strdup(request->table ? request->table : "");

	if (!table)
		return error_nomem(err);
	free(s->table);
	s->table = table;
	s->mode = request->mode;
	s->n_rows = 0;
	return 0;
}

static void clear_table(struct source *s)
{
	free(s->table);
	s->table = NULL;
	s->n_rows = 0;
}

static int describe(struct source *s, const struct defsync_request *request,
		    const struct defsync_table **ret_table, struct error *err)
{
	const struct defsync_table *table = NULL;
	int32_t rc;

	if (guard_begin(s, CALL_DESCRIBE, err) < 0)
		return -1;
	if (!(s->plugin->has & PLUGIN_HAS_DESCRIBE))
		return not_offered(s, "describe", err);
	if (set_table(s, request, err) < 0)
		return -1;
	rc = s->vtable->describe(s->instance, request, 0, &table);
	if (guard_result(s, CALL_DESCRIBE, rc, err) < 0)
		return -1;
	if (table_check(table, err) < 0)
		return guard_broken(s, CALL_DESCRIBE, err);
	*ret_table = table;
	return 0;
}

int source_describe(struct source *s, const struct defsync_request *request,
		    const struct defsync_table **ret_table, struct error *err)
{
	struct error own = ERROR_INIT;
	int rc = describe(s, request, ret_table, &own);

	/* A cursor has its own table; describe is legal only without one. */
	if (s->state == STATE_CONNECTED)
		clear_table(s);
	return guard_give(err, &own, rc);
}

/* ---- Reading ---------------------------------------------------------------------------- */

static int is_lookup_type(uint32_t type)
{
	return type == DEFSYNC_BOOL || type == DEFSYNC_INT64 || type == DEFSYNC_DOUBLE ||
	       type == DEFSYNC_TEXT;
}

/* What defsync/source.h promises to a plugin about `lookup`: ours to keep. */
static int check_lookup(const struct source *s, const struct defsync_request *q, struct error *err)
{
	const char *p = (const char *)q->lookup;

	if (!p || q->n_lookup == 0 || !q->keys || q->n_keys == 0 ||
	    q->cell_size < sizeof(struct defsync_cell) ||
	    q->cell_size % _Alignof(struct defsync_cell) != 0)
		return error_set(err, ERR_INTERNAL, "%s: table '%s': rows by key without keys",
				 s->where, q->table);
	for (uint64_t i = 0; i < (uint64_t)q->n_lookup * q->n_keys; i++, p += q->cell_size) {
		const struct defsync_cell *c = (const struct defsync_cell *)(const void *)p;

		if (!is_lookup_type(c->type))
			return error_set(err, ERR_INTERNAL,
					 "%s: table '%s': a key of type %" PRIu32, s->where,
					 q->table, c->type);
	}
	return 0;
}

static int check_request(const struct source *s, const struct defsync_request *q, struct error *err)
{
	if (q->mode != DEFSYNC_READ_KEYS)
		return 0;
	if (!((s->vtable->caps | s->vtable->caps_required) & DEFSYNC_CAP_KEYS))
		return error_set(err, ERR_CONFIG,
				 "%s: table '%s': plugin '%s' cannot read rows by their key",
				 s->where, q->table, s->plugin->name);
	return check_lookup(s, q, err);
}

static int extract(struct source *s, const struct defsync_request *request, struct error *err)
{
	void *cursor = NULL;
	int32_t rc;

	if (guard_begin(s, CALL_EXTRACT, err) < 0 || check_request(s, request, err) < 0 ||
	    set_table(s, request, err) < 0)
		return -1;
	rc = s->vtable->extract(s->instance, request, 0, &cursor);
	if (rc == DEFSYNC_OK) {
		s->cursor = cursor;
		s->state = STATE_READING;
	}
	if (guard_result(s, CALL_EXTRACT, rc, err) < 0) {
		source_end(s);
		return -1;
	}
	return 0;
}

int source_extract(struct source *s, const struct defsync_request *request, struct error *err)
{
	struct error own = ERROR_INIT;
	int rc = extract(s, request, &own);

	if (s->state == STATE_CONNECTED)
		clear_table(s);
	return guard_give(err, &own, rc);
}

static int take_row(struct source *s, int32_t rc, const struct defsync_row *row,
		    const struct defsync_row **ret_row, struct error *err)
{
	s->n_rows++;
	if (!row && rc == DEFSYNC_ROW) {
		error_set(err, ERR_INTERNAL, "next returned ROW without a row");
		return guard_broken(s, CALL_NEXT, err);
	}
	if (row && row_check(&s->shapes, row, rc == DEFSYNC_E_BAD_ROW, err) < 0)
		return guard_broken(s, CALL_NEXT, err);
	/* It would be a position of another reading. */
	if (row && s->mode == DEFSYNC_READ_KEYS &&
	    (row->op == DEFSYNC_OP_CHECKPOINT || row->checkpoint_len > 0)) {
		error_set(err, ERR_INTERNAL, "a checkpoint with a row that was read by its key");
		return guard_broken(s, CALL_NEXT, err);
	}
	*ret_row = row;
	return rc;
}

/* Everything but a row. */
static int take_result(struct source *s, int32_t rc, struct error *err)
{
	if (rc == DEFSYNC_END) {
		s->state = STATE_OVER;
		return rc;
	}
	if (rc == DEFSYNC_IDLE && s->mode == DEFSYNC_READ_STREAM)
		return rc;
	s->n_rows = 0; /* it is not about a row */
	if (rc < 0)
		return guard_failed(s, CALL_NEXT, rc, err);
	return guard_odd(s, CALL_NEXT, rc, err);
}

int source_next(struct source *s, const struct defsync_row **ret_row, struct error *err)
{
	const struct defsync_row *row = NULL;
	struct error own = ERROR_INIT;
	int32_t rc;
	int out;

	if (guard_begin(s, CALL_NEXT, &own) < 0)
		return guard_give(err, &own, -1);
	rc = s->vtable->next(s->instance, s->cursor, 0, &row);
	if (rc == DEFSYNC_ROW || rc == DEFSYNC_E_BAD_ROW)
		out = take_row(s, rc, row, ret_row, &own);
	else
		out = take_result(s, rc, &own);
	if (out == -1) {
		s->state = STATE_OVER;
		return guard_give(err, &own, -1);
	}
	return out;
}

static int pause_reading(struct source *s, struct error *err)
{
	int32_t rc;

	if (s->state != STATE_READING)
		return 0;
	if (guard_begin(s, CALL_PAUSE, err) < 0)
		return -1;
	rc = s->vtable->pause(s->instance, s->cursor, 0);
	s->n_rows = 0; /* it is not about a row */
	if (guard_result(s, CALL_PAUSE, rc, err) == 0)
		return 0;
	s->state = STATE_OVER;
	return -1;
}

int source_pause(struct source *s, struct error *err)
{
	struct error own = ERROR_INIT;
	int rc = pause_reading(s, &own);

	return guard_give(err, &own, rc);
}

void source_end(struct source *s)
{
	if (s->state != STATE_READING && s->state != STATE_OVER)
		return;
	host_begin_call(s->host);
	s->vtable->end(s->instance, s->cursor);
	s->cursor = NULL;
	s->state = STATE_CONNECTED;
	/* A plugin may use the same memory for the relation of its next cursor. */
	shapes_forget(&s->shapes);
	clear_table(s);
}

int source_ack(struct source *s, const char *checkpoint, size_t len, struct error *err)
{
	struct error own = ERROR_INIT;

	if (guard_begin(s, CALL_ACK, &own) < 0)
		return guard_give(err, &own, -1);
	return guard_give(
	    err, &own,
	    guard_result(s, CALL_ACK, s->vtable->ack(s->instance, checkpoint, len, 0), &own));
}
