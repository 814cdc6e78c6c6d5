/* SPDX-License-Identifier: MIT */
/* The shape of a plan's rows, as the host sees it. */

#include <string.h>

#include "sl.h"

static bool is_key(const struct sl_plan *p, int column)
{
	int i;

	for (i = 0; i < p->n_keys; i++) {
		if (p->keys[i] == column)
			return true;
	}
	return false;
}

static void fill_column(const struct sl_plan *p, const struct sl_field *f,
			struct defsync_column *ret)
{
	const struct sl_column *c = &p->table.columns[f->column];
	bool is_rowid = f->column == p->table.alias && f->rule == SL_AS_STORED;

	*ret = (struct defsync_column){
	    .name = c->name,
	    .native_type = c->declared,
	    /* Of all columns this one alone cannot hold what its declaration does not say. */
	    .type = is_rowid ? DEFSYNC_INT64 : sl_rule_type(f->rule),
	    .flags = (is_key(p, f->column) ? DEFSYNC_COLUMN_KEY : 0) |
		     (f->column == p->watermark ? DEFSYNC_COLUMN_WATERMARK : 0) |
		     (c->not_null || f->column == p->table.alias ? 0 : DEFSYNC_COLUMN_NULLABLE) |
		     (c->generated ? DEFSYNC_COLUMN_GENERATED : 0),
	    .digits = f->rule == SL_TIMESTAMP || f->rule == SL_UNIX_MS ? 6 : 0,
	};
}

static bool same_column(const struct defsync_column *a, const struct defsync_column *b)
{
	return strcmp(a->name, b->name) == 0 && strcmp(a->native_type, b->native_type) == 0 &&
	       a->type == b->type && a->flags == b->flags && a->digits == b->digits;
}

static bool same_relation(const struct defsync_relation *a, const struct defsync_relation *b)
{
	uint32_t i;

	if (a->n_columns != b->n_columns || strcmp(a->name, b->name) != 0)
		return false;
	for (i = 0; i < a->n_columns; i++) {
		if (!same_column(&a->columns[i], &b->columns[i]))
			return false;
	}
	return true;
}

/* Strings of the plan may live shorter than the relation. */
static int32_t keep_strings(struct sl_source *s, struct pool *pool, struct defsync_relation *r,
			    struct defsync_column *columns)
{
	bool complete;
	uint32_t i;

	r->name = pool_strdup(pool, r->name);
	complete = r->name != NULL;
	for (i = 0; i < r->n_columns && complete; i++) {
		columns[i].name = pool_strdup(pool, columns[i].name);
		columns[i].native_type = pool_strdup(pool, columns[i].native_type);
		complete = columns[i].name && columns[i].native_type;
	}
	return complete ? 0 : sl_fail_nomem(s);
}

/*
 * Relations of rows live until disconnect: one of the same shape is used again,
 * so that a connection that reads for weeks does not grow.
 */
int32_t sl_relation_make(struct sl_source *s, struct pool *pool, struct sl_plan *p)
{
	struct pool scratch = {0};
	struct defsync_relation *r;
	struct defsync_column *columns;
	int32_t rc;
	int i;

	columns = pool_alloc(&scratch, (size_t)p->n_fields, sizeof(*columns));
	if (!columns)
		return sl_fail_nomem(s);
	for (i = 0; i < p->n_fields; i++)
		fill_column(p, &p->fields[i], &columns[i]);
	if (s->last_relation && pool == &s->relations &&
	    same_relation(s->last_relation,
			  &(struct defsync_relation){.name = p->table.name,
						     .columns = columns,
						     .n_columns = (uint32_t)p->n_fields})) {
		p->relation = s->last_relation;
		pool_done(&scratch);
		return 0;
	}
	r = pool_alloc(pool, 1, sizeof(*r));
	if (r)
		r->columns = pool_alloc(pool, (size_t)p->n_fields, sizeof(*columns));
	if (!r || !r->columns) {
		pool_done(&scratch);
		return sl_fail_nomem(s);
	}
	memcpy((void *)(uintptr_t)r->columns, columns, (size_t)p->n_fields * sizeof(*columns));
	pool_done(&scratch);
	r->struct_size = sizeof(*r);
	r->column_size = sizeof(*columns);
	r->schema = "";
	r->name = p->table.name;
	r->n_columns = (uint32_t)p->n_fields;
	rc = keep_strings(s, pool, r, (struct defsync_column *)(uintptr_t)r->columns);
	p->relation = r;
	if (rc == 0 && pool == &s->relations)
		s->last_relation = r;
	return rc;
}
