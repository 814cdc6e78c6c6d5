/* SPDX-License-Identifier: MIT */
/* The SQL of everything that is read from a table. */

#include <stdio.h>
#include <string.h>

#include "common/keyset.h"
#include "sl.h"

static void write_param(struct text *out, unsigned n, unsigned column, void *ctx)
{
	(void)column;
	(void)ctx;
	text_char(out, '?');
	text_int(out, n);
}

static const struct keyset_dialect dialect = {
    .param = write_param,
    .row_values = true,
    .numbered = true,
};

static int field_of(const struct sl_plan *p, int column)
{
	int i;

	for (i = 0; i < p->n_fields; i++) {
		if (p->fields[i].column == column)
			return i;
	}
	return -1;
}

/* The same walk for the list and for the places, so that they agree. */
static int hidden_column(const struct sl_plan *p, int column, int *next, struct text *list)
{
	int at = field_of(p, column);

	if (at >= 0)
		return at;
	if (list) {
		text_str(list, ", ");
		text_str(list,
			 column == SL_ROWID ? p->table.rowid : p->table.columns[column].quoted);
	}
	return (*next)++;
}

static void walk_hidden(const struct sl_plan *p, struct text *list, int *ret_watermark,
			int ret_keys[SL_KEYS_MAX])
{
	int next = p->n_fields, i;

	*ret_watermark = p->watermark < 0 ? -1 : hidden_column(p, p->watermark, &next, list);
	for (i = 0; i < p->n_keys; i++)
		ret_keys[i] = p->keys[i] == p->watermark
				  ? *ret_watermark
				  : hidden_column(p, p->keys[i], &next, list);
}

void sl_scan_columns(const struct sl_plan *p, int *ret_watermark, int ret_keys[SL_KEYS_MAX])
{
	walk_hidden(p, NULL, ret_watermark, ret_keys);
}

void sl_list_write(const struct sl_plan *p, struct text *out)
{
	int watermark, keys[SL_KEYS_MAX], i;

	for (i = 0; i < p->n_fields; i++) {
		text_str(out, i ? ", " : "");
		text_str(out, p->table.columns[p->fields[i].column].quoted);
	}
	walk_hidden(p, out, &watermark, keys);
}

static bool given(const struct sl_value *v)
{
	return v && v->cls != 0;
}

/* '+' keeps a load in the order of its key: no index of the watermark is used. */
static void write_compare(struct text *out, const struct sl_plan *p, const struct sl_scan *scan,
			  const char *what, unsigned param)
{
	text_str(out, scan->by_mark ? "" : "+");
	text_str(out, p->mark_order[0]);
	text_str(out, what);
	if (param)
		write_param(out, param, 0, NULL);
}

static const char *nulls_test(const struct sl_plan *p, const struct sl_scan *scan)
{
	if (p->watermark < 0)
		return NULL;
	if (scan->nulls)
		return " IS NULL";
	if (p->table.columns[p->watermark].not_null || p->watermark == p->table.alias ||
	    (scan->by_mark && scan->from != SL_FROM_START))
		return NULL;
	return " IS NOT NULL";
}

static int32_t bind_scan(struct sl_source *s, const struct sl_plan *p, const struct sl_scan *scan,
			 unsigned n_bound, sqlite3_stmt *stmt)
{
	int param = 0, rc = SQLITE_OK;
	unsigned i;

	for (i = 0; i < n_bound && rc == SQLITE_OK; i++)
		rc = sl_value_bind(&scan->values[i], stmt, ++param);
	if (given(scan->initial) && rc == SQLITE_OK)
		rc = sl_value_bind(scan->initial, stmt, ++param);
	if (given(scan->until) && rc == SQLITE_OK)
		rc = sl_value_bind(scan->until, stmt, ++param);
	if (rc != SQLITE_OK)
		return sl_fail(s, "cannot read", p->table.name);
	if (sqlite3_bind_parameter_count(stmt) != param)
		return defsync_fail(s->host, DEFSYNC_E_CONFIG,
				    "'where' of '%s' holds a parameter; write the value itself",
				    p->table.name);
	return 0;
}

struct scan_texts {
	struct text list, nulls, initial, until, sql;
};

static void scan_texts_init(struct scan_texts *t)
{
	text_init(&t->list, SL_SQL_MAX);
	text_init(&t->nulls, SL_SQL_MAX);
	text_init(&t->initial, SL_SQL_MAX);
	text_init(&t->until, SL_SQL_MAX);
	text_init(&t->sql, SL_SQL_MAX);
}

static void scan_texts_done(struct scan_texts *t)
{
	text_done(&t->list);
	text_done(&t->nulls);
	text_done(&t->initial);
	text_done(&t->until);
	text_done(&t->sql);
}

static bool scan_texts_ok(const struct scan_texts *t)
{
	return text_ok(&t->list) && text_ok(&t->nulls) && text_ok(&t->initial) &&
	       text_ok(&t->until) && text_ok(&t->sql);
}

static void write_scan(const struct sl_plan *p, const struct sl_scan *scan, struct scan_texts *t,
		       struct keyset_bound *bound)
{
	static const enum keyset_from from[] = {
	    [SL_FROM_START] = KEYSET_ALL,
	    [SL_FROM_PAST] = KEYSET_PAST,
	    [SL_FROM_BEHIND] = KEYSET_BEHIND,
	};
	const char *conditions[4] = {NULL, NULL, NULL, p->request->filter};
	struct keyset k = {
	    .table = p->table.quoted,
	    .order = scan->by_mark ? p->mark_order : p->key_order,
	    .n_order = (unsigned)(scan->by_mark ? p->n_mark : p->n_keys),
	    .from = from[scan->from],
	    .conditions = conditions,
	    .n_conditions = 4,
	};
	unsigned param = keyset_params(&dialect, k.from, k.n_order);

	sl_list_write(p, &t->list);
	k.select = text_get(&t->list);
	if (nulls_test(p, scan)) {
		write_compare(&t->nulls, p, scan, nulls_test(p, scan), 0);
		conditions[0] = text_get(&t->nulls);
	}
	if (given(scan->initial)) {
		write_compare(&t->initial, p, scan, " >= ", ++param);
		conditions[1] = text_get(&t->initial);
	}
	if (given(scan->until)) {
		write_compare(&t->until, p, scan, " < ", ++param);
		conditions[2] = text_get(&t->until);
	}
	keyset_build(&dialect, NULL, &k, &t->sql, bound);
}

int32_t sl_scan_prepare(struct sl_source *s, const struct sl_plan *p, const struct sl_scan *scan,
			sqlite3_stmt **ret_stmt)
{
	struct keyset_bound bound;
	struct scan_texts t;
	sqlite3_stmt *stmt = NULL;
	int32_t rc;

	scan_texts_init(&t);
	write_scan(p, scan, &t, &bound);
	if (scan_texts_ok(&t))
		rc = sl_prepare(s, text_get(&t.sql), p->table.name, &stmt);
	else
		rc = defsync_fail(s->host, DEFSYNC_E_CONFIG,
				  "the statement for '%s' is too long; shorten 'where'",
				  p->table.name);
	scan_texts_done(&t);
	if (rc == 0)
		rc = bind_scan(s, p, scan, bound.n_params, stmt);
	if (rc == 0)
		*ret_stmt = stmt;
	else
		sqlite3_finalize(stmt);
	return rc;
}

static void write_select(const struct sl_plan *p, const char *what, const char *condition,
			 const char *tail, struct text *out)
{
	text_str(out, "SELECT ");
	text_str(out, what);
	if (!condition)
		return;
	text_str(out, " FROM ");
	text_str(out, p->table.quoted);
	text_str(out, " WHERE (");
	text_str(out, condition);
	if (p->request->filter) {
		text_str(out, ") AND (");
		text_str(out, p->request->filter);
		text_char(out, '\n');
	}
	text_str(out, ") ");
	text_str(out, tail);
}

int32_t sl_select(struct sl_source *s, const struct sl_plan *p, const char *what,
		  const char *condition, const char *tail, const struct sl_value *param,
		  sqlite3_stmt **ret_stmt)
{
	struct text sql;
	int32_t rc;

	text_init(&sql, SL_SQL_MAX);
	write_select(p, what, condition, tail, &sql);
	rc = text_ok(&sql) ? sl_prepare(s, text_get(&sql), p->table.name, ret_stmt)
			   : sl_fail_nomem(s);
	text_done(&sql);
	if (rc == 0 && param && sl_value_bind(param, *ret_stmt, 1) != SQLITE_OK) {
		rc = sl_fail(s, "cannot read", p->table.name);
		sqlite3_finalize(*ret_stmt);
	}
	return rc;
}

int32_t sl_scalar(struct sl_source *s, const struct sl_plan *p, const char *what,
		  const char *condition, const char *tail, const struct sl_value *param,
		  struct sl_value *ret)
{
	sqlite3_stmt *stmt;
	int32_t rc = sl_select(s, p, what, condition, tail, param, &stmt);
	int step;

	if (rc < 0)
		return rc;
	step = sqlite3_step(stmt);
	sl_value_done(ret);
	if (step == SQLITE_ROW)
		rc = sl_value_read(ret, stmt, 0) ? 0 : sl_fail_nomem(s);
	else if (step != SQLITE_DONE)
		rc = sl_fail(s, "cannot read", p->table.name);
	sqlite3_finalize(stmt);
	return rc;
}
