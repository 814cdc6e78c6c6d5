/* SPDX-License-Identifier: MIT */
/* The SQL of everything that is read from a table. */

#include <string.h>

#include "common/reader-internal.h"

/* A keyset's bound may name a column twice; then `initial` and `until`. */
#define PARAMS_MAX (2 * KEYSET_COLUMNS + 2)

struct params {
	const struct defsync_cell *cells[PARAMS_MAX];
	const struct reader_column *columns[PARAMS_MAX];
	unsigned n;
};

static void add_param(struct params *p, const struct reader_value *v, const struct reader_column *c)
{
	p->cells[p->n] = &v->cell;
	p->columns[p->n++] = c;
}

/* Checks repeat the filter for each of their questions. */
static int32_t fail_long(struct reader_source *s, const struct reader_plan *p)
{
	const char *filter = p->request->filter;

	if (!filter || strlen(filter) < READER_SQL_MAX / 32)
		return reader_fail_nomem(s);
	return defsync_fail(s->host, DEFSYNC_E_CONFIG,
			    "the statement for '%s' is too long; shorten 'where'", p->table.from);
}

static int32_t open_statement(struct reader_source *s, const struct reader_plan *p,
			      const struct text *sql, const struct params *params,
			      const struct reader_column *const *columns, unsigned n_columns,
			      bool stream)
{
	const struct reader_statement st = {
	    .sql = text_get(sql),
	    .params = params->cells,
	    .param_columns = params->columns,
	    .n_params = params->n,
	    .columns = columns,
	    .n_columns = n_columns,
	    .stream = stream,
	    .subject = p->table.from,
	};

	return text_ok(sql) ? s->dialect->open(s, &st) : fail_long(s, p);
}

static void add_list(const struct reader_plan *p, struct text *out)
{
	int i;

	for (i = 0; i < p->n_columns; i++) {
		text_str(out, i ? ", " : "");
		text_str(out,
			 p->columns[i]->select ? p->columns[i]->select : p->columns[i]->quoted);
	}
}

void reader_add_filter(const struct reader_plan *p, struct text *out)
{
	if (!p->request->filter)
		return;
	text_str(out, " AND (");
	text_str(out, p->request->filter);
	/* A line of its own: the condition may end in a -- comment. */
	text_str(out, "\n)");
}

/* "(condition)" for rows that have a watermark; nothing where all have one. */
static void add_present(const struct reader_plan *p, bool bounded, struct text *out)
{
	const struct reader_column *c = reader_plan_mark(p);

	if (c->present) {
		text_str(out, c->present);
	} else if (c->nullable && !bounded) {
		text_str(out, c->quoted);
		text_str(out, " IS NOT NULL");
	}
}

static void add_compare(struct reader_source *s, const struct reader_plan *p, const char *operator,
			unsigned n, struct text *out)
{
	const struct reader_column *c[] = {reader_plan_mark(p)};

	text_str(out, p->mark_order[0]);
	text_str(out, operator);
	s->dialect->keyset.param(out, n, 0, (void *)c);
}

/* ---- A page ---------------------------------------------------------------------- */

struct scan_texts {
	struct pool pool;
	struct text list, rows, initial, until, sql;
};

static void scan_texts_init(struct scan_texts *t)
{
	struct text *texts[] = {&t->list, &t->rows, &t->initial, &t->until, &t->sql};
	size_t i;

	t->pool = (struct pool){0};
	for (i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
		text_init(texts[i], READER_SQL_MAX);
}

static void scan_texts_done(struct scan_texts *t)
{
	text_done(&t->list);
	text_done(&t->rows);
	text_done(&t->initial);
	text_done(&t->until);
	text_done(&t->sql);
	pool_done(&t->pool);
}

/* Which rows at all: with a watermark, or without. */
static void add_rows(const struct reader_plan *p, const struct reader_scan *scan,
		     struct scan_texts *t)
{
	const char *missing;

	if (p->watermark < 0)
		return;
	if (!scan->nulls) {
		add_present(p, scan->by_mark && scan->from != READER_FROM_START, &t->rows);
		return;
	}
	missing = reader_plan_missing(&t->pool, p);
	if (missing)
		text_str(&t->rows, missing);
	else
		t->rows.failed = true;
}

static void write_scan(struct reader_source *s, const struct reader_plan *p,
		       const struct reader_scan *scan, struct scan_texts *t, struct params *params)
{
	static const enum keyset_from from[] = {
	    [READER_FROM_START] = KEYSET_ALL,
	    [READER_FROM_PAST] = KEYSET_PAST,
	    [READER_FROM_BEHIND] = KEYSET_BEHIND,
	};
	const struct keyset_dialect *dialect = &s->dialect->keyset;
	const struct reader_column *const *columns =
	    scan->by_mark ? p->mark_columns : p->key_columns;
	const char *conditions[4] = {NULL, NULL, NULL, p->request->filter};
	struct keyset k = {
	    .table = p->table.sql,
	    .order = scan->by_mark ? p->mark_order : p->key_order,
	    .n_order = (unsigned)(scan->by_mark ? p->n_mark : p->n_keys),
	    .from = from[scan->from],
	    .conditions = conditions,
	    .n_conditions = 4,
	    .limit = scan->limit,
	    .offset = scan->offset,
	};
	unsigned n = keyset_params(dialect, k.from, k.n_order), i;
	struct keyset_bound bound;

	add_list(p, &t->list);
	k.select = text_get(&t->list);
	add_rows(p, scan, t);
	if (t->rows.len)
		conditions[0] = text_get(&t->rows);
	if (reader_given(scan->initial)) {
		add_compare(s, p, " >= ", ++n, &t->initial);
		conditions[1] = text_get(&t->initial);
	}
	if (reader_given(scan->until)) {
		add_compare(s, p, " < ", ++n, &t->until);
		conditions[2] = text_get(&t->until);
	}
	keyset_build(dialect, (void *)(uintptr_t)columns, &k, &t->sql, &bound);
	for (i = 0; i < bound.n_params; i++)
		add_param(params, &scan->values[bound.columns[i]], columns[bound.columns[i]]);
	if (conditions[1])
		add_param(params, scan->initial, reader_plan_mark(p));
	if (conditions[2])
		add_param(params, scan->until, reader_plan_mark(p));
}

int32_t reader_scan_open(struct reader_source *s, const struct reader_plan *p,
			 const struct reader_scan *scan)
{
	struct params params = {.n = 0};
	struct scan_texts t;
	int32_t rc;

	scan_texts_init(&t);
	write_scan(s, p, scan, &t, &params);
	if (text_ok(&t.list) && text_ok(&t.rows) && text_ok(&t.initial) && text_ok(&t.until))
		rc =
		    open_statement(s, p, &t.sql, &params, p->columns, (unsigned)p->n_columns, true);
	else
		rc = fail_long(s, p);
	scan_texts_done(&t);
	return rc;
}

int32_t reader_key_open(struct reader_source *s, const struct reader_plan *p,
			const struct reader_value *values)
{
	struct params params = {.n = 0};
	struct text sql;
	int32_t rc;
	int i;

	text_init(&sql, READER_SQL_MAX);
	text_str(&sql, "SELECT ");
	add_list(p, &sql);
	text_str(&sql, " FROM ");
	text_str(&sql, p->table.sql);
	for (i = 0; i < p->n_keys; i++) {
		text_str(&sql, i ? " AND " : " WHERE ");
		text_str(&sql, p->key_order[i]);
		text_str(&sql, " = ");
		s->dialect->keyset.param(&sql, (unsigned)i + 1, (unsigned)i,
					 (void *)(uintptr_t)p->key_columns);
		add_param(&params, &values[i], p->key_columns[i]);
	}
	rc = open_statement(s, p, &sql, &params, p->columns, (unsigned)p->n_columns, true);
	text_done(&sql);
	return rc;
}

/* ---- Single values ------------------------------------------------------------------- */

static int32_t fail_value(struct reader_source *s, const struct reader_plan *p)
{
	return defsync_fail(s->host, DEFSYNC_E_PERMANENT,
			    "'%s': the database did not answer a question about its watermark",
			    p->table.from);
}

int32_t reader_counts(struct reader_source *s, const struct reader_plan *p, const struct text *sql,
		      int n, int64_t *ret)
{
	static const struct reader_column *const none[READER_ORDER_MAX];
	struct defsync_cell cells[READER_ORDER_MAX];
	const struct params params = {.n = 0};
	int32_t rc = open_statement(s, p, sql, &params, none, (unsigned)n, false);
	int bad = -1, i;

	if (rc < 0)
		return rc;
	rc = s->dialect->fetch(s, cells, &bad);
	if (rc == DEFSYNC_END || (rc == DEFSYNC_ROW && bad >= 0))
		rc = fail_value(s, p);
	for (i = 0; rc == DEFSYNC_ROW && i < n; i++)
		ret[i] = cells[i].type == DEFSYNC_NULL ? 0 : cells[i].v.i64;
	s->dialect->close(s);
	return rc < 0 ? rc : 0;
}

int32_t reader_count(struct reader_source *s, const struct reader_plan *p, const char *condition,
		     int64_t *ret)
{
	struct text sql;
	int32_t rc;

	text_init(&sql, READER_SQL_MAX);
	text_str(&sql, "SELECT count(*) FROM ");
	text_str(&sql, p->table.sql);
	text_str(&sql, " WHERE (");
	text_str(&sql, condition);
	text_char(&sql, ')');
	reader_add_filter(p, &sql);
	rc = reader_counts(s, p, &sql, 1, ret);
	text_done(&sql);
	return rc;
}

static void write_newest(struct reader_source *s, const struct reader_plan *p,
			 const struct reader_value *bound, struct text *sql, struct text *where)
{
	const struct reader_column *c = reader_plan_mark(p);

	text_str(sql, "SELECT ");
	text_str(sql, c->select ? c->select : c->quoted);
	text_str(sql, " FROM ");
	text_str(sql, p->table.sql);
	add_present(p, reader_given(bound), where);
	if (where->len) {
		text_str(sql, " WHERE (");
		text_str(sql, text_get(where));
		text_char(sql, ')');
	} else {
		text_str(sql, " WHERE 1 = 1");
	}
	if (reader_given(bound)) {
		text_str(sql, " AND ");
		add_compare(s, p, " < ", 1, sql);
	}
	reader_add_filter(p, sql);
	text_str(sql, " ORDER BY ");
	text_str(sql, p->mark_order[0]);
	text_str(sql, " DESC LIMIT 1");
}

static int32_t fetch_newest(struct reader_source *s, const struct reader_plan *p,
			    struct reader_value *ret)
{
	const struct reader_column *c = reader_plan_mark(p);
	struct defsync_cell cell = {0};
	int bad = -1;
	int32_t rc = s->dialect->fetch(s, &cell, &bad);

	if (rc == DEFSYNC_END)
		reader_value_done(ret);
	else if (rc == DEFSYNC_ROW && (bad >= 0 || cell.type != c->type))
		return defsync_fail(s->host, DEFSYNC_E_CONFIG,
				    "watermark '%s' of '%s' holds a value that is not %s; "
				    "correct it",
				    c->name, p->table.from, c->native_type);
	else if (rc == DEFSYNC_ROW && !reader_value_set(ret, &cell))
		return reader_fail_nomem(s);
	return rc < 0 ? rc : 0;
}

int32_t reader_newest(struct reader_source *s, const struct reader_plan *p,
		      const struct reader_value *bound, struct reader_value *ret)
{
	const struct reader_column *const columns[] = {reader_plan_mark(p)};
	struct params params = {.n = 0};
	struct text sql, where;
	int32_t rc;

	text_init(&sql, READER_SQL_MAX);
	text_init(&where, READER_SQL_MAX);
	write_newest(s, p, bound, &sql, &where);
	if (reader_given(bound))
		add_param(&params, bound, columns[0]);
	rc = text_ok(&where) ? open_statement(s, p, &sql, &params, columns, 1, false)
			     : fail_long(s, p);
	if (rc >= 0) {
		rc = fetch_newest(s, p, ret);
		s->dialect->close(s);
	}
	text_done(&where);
	text_done(&sql);
	return rc;
}
