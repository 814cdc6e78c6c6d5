/* SPDX-License-Identifier: MIT */
/*
 * Rows by their key, for the replay of dead letters: one statement, bound anew for
 * each key that is asked for.
 *
 * Keys come as JSON has them.  A bound value has no affinity, so the column's
 * decides: "17" finds 17 in an INTEGER column.  A BLOB was sent as base64, which
 * JSON does not tell from a text: a text that decodes is looked for as both.
 */

#include <string.h>

#include "common/base64.h"
#include "sl-cursor.h"

/* ---- The statement ------------------------------------------------------------ */

/* Each column has two parameters: the value, and its bytes or NULL, which equals nothing. */
static void write_condition(const struct sl_plan *p, struct text *out)
{
	int i;

	for (i = 0; i < p->n_keys; i++) {
		text_str(out, i ? " AND (" : "(");
		text_str(out, p->key_order[i]);
		text_str(out, " = ?");
		text_int(out, 2 * i + 1);
		text_str(out, " OR ");
		text_str(out, p->key_order[i]);
		text_str(out, " = ?");
		text_int(out, 2 * i + 2);
		text_char(out, ')');
	}
}

int32_t sl_keys_open(struct sl_source *s, struct sl_cursor *c)
{
	const struct sl_plan *p = &c->plan;
	struct text list, condition;
	int32_t rc;

	text_init(&list, SL_SQL_MAX);
	text_init(&condition, SL_SQL_MAX);
	sl_list_write(p, &list);
	write_condition(p, &condition);
	if (text_ok(&list) && text_ok(&condition))
		rc = sl_select(s, p, text_get(&list), text_get(&condition), "", NULL, &c->stmt);
	else
		rc = sl_fail_nomem(s);
	text_done(&condition);
	text_done(&list);
	sl_scan_columns(p, &c->watermark, c->keys);
	return rc;
}

static int bind_text(sqlite3_stmt *stmt, int param, const struct defsync_cell *cell)
{
	size_t len = cell->v.data.len;
	const char *ptr = len ? cell->v.data.ptr : "";
	int rc = sqlite3_bind_text64(stmt, param, ptr, len, SQLITE_STATIC, SQLITE_UTF8);
	unsigned char *bytes;
	int64_t n;

	if (rc != SQLITE_OK)
		return rc;
	bytes = sqlite3_malloc64(BASE64_ROOM(len));
	if (!bytes)
		return SQLITE_NOMEM;
	n = base64_read(ptr, len, bytes);
	if (n >= 0)
		return sqlite3_bind_blob64(stmt, param + 1, bytes, (uint64_t)n, sqlite3_free);
	sqlite3_free(bytes);
	return sqlite3_bind_null(stmt, param + 1);
}

static int bind_cell(sqlite3_stmt *stmt, int param, const struct defsync_cell *cell)
{
	int rc;

	switch (cell->type) {
	case DEFSYNC_BOOL:
	case DEFSYNC_INT64:
		rc = sqlite3_bind_int64(stmt, param, cell->v.i64);
		break;
	case DEFSYNC_DOUBLE:
		rc = sqlite3_bind_double(stmt, param, cell->v.f64);
		break;
	case DEFSYNC_TEXT:
		return bind_text(stmt, param, cell);
	default:
		return SQLITE_MISMATCH;
	}
	return rc != SQLITE_OK ? rc : sqlite3_bind_null(stmt, param + 1);
}

/* The values of the key that comes next. */
static int32_t bind_key(struct sl_source *s, struct sl_cursor *c)
{
	const struct defsync_request *r = c->plan.request;
	const char *p =
	    (const char *)r->lookup + (size_t)c->lookup * r->n_keys * (size_t)r->cell_size;
	uint32_t i;

	for (i = 0; i < r->n_keys; i++, p += r->cell_size) {
		int rc = bind_cell(c->stmt, 2 * (int)i + 1,
				   (const struct defsync_cell *)(const void *)p);

		if (rc == SQLITE_NOMEM)
			return sl_fail_nomem(s);
		if (rc != SQLITE_OK)
			return defsync_fail(s->host, DEFSYNC_E_BUG,
					    "a key of '%s' cannot be bound: %s", c->plan.table.name,
					    sqlite3_errstr(rc));
	}
	c->bound = true;
	return 0;
}

/* ---- Rows ----------------------------------------------------------------------- */

int32_t sl_keys_next(struct sl_source *s, struct sl_cursor *c, const struct defsync_row **ret_row)
{
	int32_t rc;

	while (c->lookup < c->plan.request->n_lookup) {
		rc = c->bound ? 0 : bind_key(s, c);
		if (rc == 0)
			rc = sl_cursor_step(s, c);
		if (rc == SQLITE_ROW) {
			rc = sl_row_fill(s, c);
			if (rc == DEFSYNC_ROW || rc == DEFSYNC_E_BAD_ROW)
				*ret_row = &c->row;
			return rc;
		}
		if (rc != SQLITE_DONE)
			return rc;
		(void)sqlite3_reset(c->stmt);
		c->bound = false;
		c->lookup++;
	}
	/* Read from a file that was replaced meanwhile, the rows are of no use. */
	rc = sl_check_identity(s);
	return rc < 0 ? rc : DEFSYNC_END;
}
