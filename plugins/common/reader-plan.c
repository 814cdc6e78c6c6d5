/* SPDX-License-Identifier: MIT */
/* From a request to a plan: which columns, in which order. */

#include <string.h>
#include <strings.h>

#include "common/reader-internal.h"

const struct reader_column *reader_plan_mark(const struct reader_plan *p)
{
	return &p->table.columns[p->watermark];
}

/* As it is spelled; else the only one that differs in case alone. */
static int find_column(const struct reader_table *t, const char *name)
{
	int i, found = -1;

	for (i = 0; i < t->n_columns; i++) {
		if (strcmp(t->columns[i].name, name) == 0)
			return i;
	}
	for (i = 0; i < t->n_columns; i++) {
		if (strcasecmp(t->columns[i].name, name) != 0)
			continue;
		if (found >= 0)
			return -1;
		found = i;
	}
	return found;
}

static int32_t fail_column(struct reader_source *s, const struct reader_plan *p, const char *what,
			   const char *name)
{
	return defsync_fail(s->host, DEFSYNC_E_CONFIG,
			    "'%s' has no column '%s', which is configured as %s; correct it",
			    p->table.from, name, what);
}

static int32_t choose_fields(struct reader_source *s, struct pool *pool, struct reader_plan *p)
{
	const struct defsync_request *r = p->request;
	int n = r->n_columns ? (int)r->n_columns : p->table.n_columns;
	int i;

	p->fields = pool_alloc(pool, (size_t)n, sizeof(*p->fields));
	if (!p->fields)
		return reader_fail_nomem(s);
	for (i = 0; i < n; i++) {
		p->fields[i] = r->n_columns ? find_column(&p->table, r->columns[i]) : i;
		if (p->fields[i] < 0)
			return fail_column(s, p, "column", r->columns[i]);
	}
	p->n_fields = n;
	return 0;
}

static int32_t add_key(struct reader_source *s, struct reader_plan *p, int column)
{
	const struct reader_column *c = &p->table.columns[column];
	int i;

	if (p->n_keys == READER_KEYS_MAX)
		return defsync_fail(s->host, DEFSYNC_E_CONFIG,
				    "the key of '%s' has more than %d columns; configure a "
				    "shorter 'key'",
				    p->table.from, READER_KEYS_MAX);
	for (i = 0; i < p->n_keys; i++) {
		if (p->keys[i] == column)
			return defsync_fail(s->host, DEFSYNC_E_CONFIG,
					    "the key of '%s' names '%s' twice; correct it",
					    p->table.from, c->name);
	}
	p->keys[p->n_keys++] = column;
	return 0;
}

static int32_t given_keys(struct reader_source *s, struct reader_plan *p)
{
	const struct defsync_request *r = p->request;
	int32_t rc = 0;
	uint32_t i;

	for (i = 0; i < r->n_keys && rc == 0; i++) {
		int column = find_column(&p->table, r->keys[i]);

		rc = column < 0 ? fail_column(s, p, "key", r->keys[i]) : add_key(s, p, column);
	}
	return rc;
}

static int32_t primary_key(struct reader_source *s, struct reader_plan *p)
{
	int32_t rc = 0;
	int place, i;

	for (place = 1; rc == 0; place++) {
		for (i = 0; i < p->table.n_columns && p->table.columns[i].pk != place; i++)
			;
		if (i == p->table.n_columns)
			break;
		rc = add_key(s, p, i);
	}
	return rc;
}

static int32_t choose_keys(struct reader_source *s, struct reader_plan *p)
{
	int32_t rc = p->request->n_keys ? given_keys(s, p) : primary_key(s, p);

	if (rc < 0 || p->n_keys == 0)
		return rc;
	/* Also of a primary key: rows of inheriting tables are not bound by it. */
	return s->dialect->is_unique(s, &p->table, p->keys, p->n_keys, &p->unique);
}

static int32_t choose_watermark(struct reader_source *s, struct reader_plan *p)
{
	const struct defsync_request *r = p->request;

	p->watermark = -1;
	if (r->mode == DEFSYNC_READ_SNAPSHOT || r->mode == DEFSYNC_READ_KEYS)
		return 0;
	if (r->mode != DEFSYNC_READ_INCREMENTAL)
		return defsync_fail(s->host, DEFSYNC_E_BUG, "this source cannot stream");
	if (!r->watermark)
		return 0;
	p->watermark = find_column(&p->table, r->watermark);
	return p->watermark < 0 ? fail_column(s, p, "watermark", r->watermark) : 0;
}

/* exact: where nothing else promises that equal in the order means equal. */
static const char *order_term(const struct reader_column *c, bool exact)
{
	if (exact && c->order_exact)
		return c->order_exact;
	return c->order ? c->order : c->quoted;
}

static void choose_order(struct reader_plan *p)
{
	int i;

	if (p->watermark >= 0) {
		p->mark_columns[0] = reader_plan_mark(p);
		p->mark_order[0] = order_term(p->mark_columns[0], true);
		p->n_mark = 1;
	}
	for (i = 0; i < p->n_keys; i++) {
		const struct reader_column *c = &p->table.columns[p->keys[i]];

		p->key_columns[i] = c;
		/* One term for both orders: a watermark is compared with one bound. */
		p->key_order[i] = order_term(c, !p->unique || p->keys[i] == p->watermark);
		if (p->keys[i] == p->watermark)
			continue;
		p->mark_columns[p->n_mark] = c;
		p->mark_order[p->n_mark++] = p->key_order[i];
	}
}

/* Where the result has the column: among the fields, or added behind them. */
static int result_cell(struct reader_plan *p, int column)
{
	int i;

	for (i = 0; i < p->n_columns; i++) {
		if (p->columns[i] == &p->table.columns[column])
			return i;
	}
	p->columns[p->n_columns] = &p->table.columns[column];
	return p->n_columns++;
}

static int32_t choose_result(struct reader_source *s, struct pool *pool, struct reader_plan *p)
{
	int i;

	p->columns = pool_alloc(pool, (size_t)p->n_fields + READER_ORDER_MAX, sizeof(*p->columns));
	if (!p->columns)
		return reader_fail_nomem(s);
	for (i = 0; i < p->n_fields; i++)
		p->columns[p->n_columns++] = &p->table.columns[p->fields[i]];
	p->watermark_cell = p->watermark < 0 ? -1 : result_cell(p, p->watermark);
	for (i = 0; i < p->n_keys; i++)
		p->key_cells[i] = result_cell(p, p->keys[i]);
	return 0;
}

int32_t reader_plan_make(struct reader_source *s, struct pool *pool,
			 const struct defsync_request *request, struct reader_plan *ret)
{
	struct reader_plan p = {.request = request};
	int32_t rc = s->dialect->load_table(s, pool, request, &p.table);

	if (rc < 0)
		return rc;
	rc = choose_fields(s, pool, &p);
	if (rc == 0)
		rc = choose_watermark(s, &p);
	if (rc == 0)
		rc = choose_keys(s, &p);
	if (rc == 0)
		rc = choose_result(s, pool, &p);
	if (rc == 0) {
		choose_order(&p);
		*ret = p;
	}
	return rc;
}

int32_t reader_plan_complete(struct reader_source *s, const struct reader_plan *p)
{
	const struct reader_column *mark = p->watermark < 0 ? NULL : reader_plan_mark(p);
	int i;

	if (p->request->mode == DEFSYNC_READ_INCREMENTAL && !mark)
		return defsync_fail(s->host, DEFSYNC_E_CONFIG,
				    "'%s' has no 'watermark'; name the column that grows with each "
				    "change",
				    p->table.from);
	if (mark && mark->kind == READER_NONE)
		return defsync_fail(
		    s->host, DEFSYNC_E_CONFIG,
		    "column '%s' of '%s' cannot be a watermark: it %s; name another", mark->name,
		    p->table.from, mark->refusal ? mark->refusal : "has no order");
	if (p->n_keys == 0)
		return defsync_fail(s->host, DEFSYNC_E_CONFIG,
				    "'%s' is a %s without a primary key; configure its 'key'",
				    p->table.from, p->table.kind);
	for (i = 0; i < p->n_keys; i++) {
		const struct reader_column *c = p->key_columns[i];

		if (c->key_refusal)
			return defsync_fail(s->host, DEFSYNC_E_CONFIG,
					    "column '%s' of '%s' cannot be part of a key: it %s; "
					    "configure another 'key'",
					    c->name, p->table.from, c->key_refusal);
	}
	return 0;
}

const char *reader_plan_missing(struct pool *pool, const struct reader_plan *p)
{
	const struct reader_column *c = reader_plan_mark(p);

	if (c->missing)
		return c->missing;
	return c->nullable ? pool_printf(pool, "%s IS NULL", c->quoted) : NULL;
}

bool reader_mark_is_key(const struct reader_plan *p)
{
	int i;

	for (i = 0; i < p->n_keys; i++) {
		if (p->keys[i] == p->watermark)
			return true;
	}
	return false;
}
