/* SPDX-License-Identifier: MIT */
/* From a request to a plan: which columns, in which order, by which rules. */

#include <string.h>

#include "sl.h"

const char *sl_plan_name(const struct sl_plan *p, int column)
{
	return column == SL_ROWID ? "rowid" : p->table.columns[column].name;
}

static int32_t fail_column(struct sl_source *s, const struct sl_plan *p, const char *what,
			   const char *name)
{
	return defsync_fail(s->host, DEFSYNC_E_CONFIG,
			    "'%s' has no column '%s', which is configured as %s; correct it",
			    p->table.name, name, what);
}

static int32_t choose_fields(struct sl_source *s, struct pool *pool, struct sl_plan *p)
{
	const struct defsync_request *r = p->request;
	int n = r->n_columns ? (int)r->n_columns : p->table.n_columns;
	int i;

	p->fields = pool_alloc(pool, (size_t)n, sizeof(*p->fields));
	if (!p->fields)
		return sl_fail_nomem(s);
	for (i = 0; i < n; i++) {
		int column = r->n_columns ? sl_table_column(&p->table, r->columns[i]) : i;

		if (column < 0)
			return fail_column(s, p, "column", r->columns[i]);
		p->fields[i] = (struct sl_field){
		    column, sl_rule_from_declared(p->table.columns[column].declared)};
	}
	p->n_fields = n;
	return 0;
}

/* Items of `types` are "column=type". */
static int32_t apply_type(struct sl_source *s, struct sl_plan *p, const char *item)
{
	const char *eq = strrchr(item, '=');
	enum sl_rule rule;
	bool known = false;
	int i;

	if (!eq || !sl_rule_from_name(eq + 1, &rule))
		return defsync_fail(s->host, DEFSYNC_E_CONFIG,
				    "types: unknown type in '%s'; use one of %s", item,
				    sl_rule_names());
	for (i = 0; i < p->table.n_columns; i++) {
		const char *name = p->table.columns[i].name;

		known = known || (strlen(name) == (size_t)(eq - item) &&
				  sqlite3_strnicmp(name, item, (int)(eq - item)) == 0);
	}
	if (!known)
		return defsync_fail(s->host, DEFSYNC_E_CONFIG,
				    "types: '%s' has no such column: '%.*s'; correct it",
				    p->table.name, (int)(eq - item), item);
	for (i = 0; i < p->n_fields; i++) {
		const char *name = p->table.columns[p->fields[i].column].name;

		if (strlen(name) == (size_t)(eq - item) &&
		    sqlite3_strnicmp(name, item, (int)(eq - item)) == 0)
			p->fields[i].rule = rule;
	}
	return 0;
}

static int32_t apply_types(struct sl_source *s, struct sl_plan *p)
{
	const struct defsync_host *host = s->host;
	const struct defsync_options *options = p->request->options;
	uint32_t i, n = options ? host->option_count(host->ctx, options, "types") : 0;
	int32_t rc = 0;

	for (i = 0; i < n && rc == 0; i++)
		rc = apply_type(s, p, host->option_item(host->ctx, options, "types", i));
	return rc;
}

static int32_t add_key(struct sl_source *s, struct sl_plan *p, int column)
{
	int i;

	if (p->n_keys == SL_KEYS_MAX)
		return defsync_fail(s->host, DEFSYNC_E_CONFIG,
				    "the key of '%s' has more than %d columns", p->table.name,
				    SL_KEYS_MAX);
	for (i = 0; i < p->n_keys; i++) {
		if (p->keys[i] == column)
			return defsync_fail(s->host, DEFSYNC_E_CONFIG,
					    "the key of '%s' names '%s' twice", p->table.name,
					    sl_plan_name(p, column));
	}
	p->keys[p->n_keys++] = column;
	return 0;
}

static int32_t given_keys(struct sl_source *s, struct sl_plan *p)
{
	const struct defsync_request *r = p->request;
	int32_t rc = 0;
	uint32_t i;

	for (i = 0; i < r->n_keys && rc == 0; i++) {
		int column = sl_table_column(&p->table, r->keys[i]);

		if (column < 0 && p->table.has_rowid && sqlite3_stricmp(r->keys[i], "rowid") == 0)
			column = SL_ROWID;
		rc = column == -1 ? fail_column(s, p, "key", r->keys[i]) : add_key(s, p, column);
	}
	return rc;
}

static int32_t primary_key(struct sl_source *s, struct sl_plan *p)
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

static int32_t choose_keys(struct sl_source *s, struct sl_plan *p)
{
	int32_t rc = p->request->n_keys ? given_keys(s, p) : primary_key(s, p);

	if (rc < 0)
		return rc;
	if (p->n_keys == 0 && p->table.has_rowid) {
		p->rowid_order = true;
		rc = add_key(s, p, SL_ROWID);
	}
	return rc < 0 ? rc : sl_table_unique(s, &p->table, p->keys, p->n_keys, &p->unique);
}

static int32_t choose_watermark(struct sl_source *s, struct sl_plan *p)
{
	const struct defsync_request *r = p->request;

	p->watermark = -1;
	if (r->mode == DEFSYNC_READ_SNAPSHOT || r->mode == DEFSYNC_READ_KEYS)
		return 0;
	if (r->mode != DEFSYNC_READ_INCREMENTAL)
		return defsync_fail(s->host, DEFSYNC_E_BUG, "this source cannot stream");
	if (!r->watermark)
		return 0;
	p->watermark = sl_table_column(&p->table, r->watermark);
	if (p->watermark < 0)
		return fail_column(s, p, "watermark", r->watermark);
	return 0;
}

/*
 * A column in the order.  Where nothing promises that the table's own collation
 * tells all values apart, BINARY does.
 */
static const char *order_term(struct pool *pool, const struct sl_plan *p, int column, bool binary)
{
	if (column == SL_ROWID)
		return p->table.rowid;
	if (binary && sqlite3_stricmp(p->table.columns[column].collation, "BINARY") != 0)
		return pool_printf(pool, "%s COLLATE BINARY", p->table.columns[column].quoted);
	/* A view's column may carry the collation of a table below it. */
	if (p->table.view)
		return pool_printf(pool, "%s COLLATE BINARY", p->table.columns[column].quoted);
	return p->table.columns[column].quoted;
}

static int32_t choose_order(struct sl_source *s, struct pool *pool, struct sl_plan *p)
{
	bool complete = true;
	int i;

	if (p->watermark >= 0) {
		p->mark_order[0] = order_term(pool, p, p->watermark, true);
		p->mark_columns[0] = p->watermark;
		complete = p->mark_order[0] != NULL;
		p->n_mark = 1;
	}
	for (i = 0; i < p->n_keys; i++) {
		p->key_order[i] = order_term(pool, p, p->keys[i], !p->unique);
		complete = complete && p->key_order[i];
		if (p->keys[i] == p->watermark)
			continue;
		p->mark_order[p->n_mark] = p->key_order[i];
		p->mark_columns[p->n_mark++] = p->keys[i];
	}
	return complete ? 0 : sl_fail_nomem(s);
}

int32_t sl_plan_make(struct sl_source *s, struct pool *pool, const struct defsync_request *request,
		     struct sl_plan *ret)
{
	struct sl_plan p = {.request = request};
	int32_t rc = sl_table_load(s, pool, request->table, &p.table);

	if (rc == 0)
		rc = choose_fields(s, pool, &p);
	if (rc == 0)
		rc = apply_types(s, &p);
	if (rc == 0)
		rc = choose_watermark(s, &p);
	if (rc == 0)
		rc = choose_keys(s, &p);
	if (rc == 0)
		rc = choose_order(s, pool, &p);
	if (rc == 0)
		*ret = p;
	return rc;
}

int32_t sl_plan_complete(struct sl_source *s, const struct sl_plan *p)
{
	if (p->request->mode == DEFSYNC_READ_INCREMENTAL && p->watermark < 0)
		return defsync_fail(s->host, DEFSYNC_E_CONFIG,
				    "'%s' has no 'watermark'; name the column that grows with each "
				    "change",
				    p->table.name);
	if (p->n_keys == 0)
		return defsync_fail(
		    s->host, DEFSYNC_E_CONFIG,
		    "'%s' is %s without a key that SQLite knows; configure its 'key'",
		    p->table.name, p->table.view ? "a view" : "a table");
	return 0;
}
