/* SPDX-License-Identifier: MIT */
/* The shape of a plan's rows, as the host sees it. */

#include <string.h>

#include "common/reader-internal.h"

static bool is_key(const struct reader_plan *p, int column)
{
	int i;

	for (i = 0; i < p->n_keys; i++) {
		if (p->keys[i] == column)
			return true;
	}
	return false;
}

static void fill_column(const struct reader_plan *p, int column, struct defsync_column *ret)
{
	const struct reader_column *c = &p->table.columns[column];

	*ret = (struct defsync_column){
	    .name = c->name,
	    .native_type = c->native_type,
	    .type = c->type,
	    .flags = (is_key(p, column) ? DEFSYNC_COLUMN_KEY : 0) |
		     (column == p->watermark ? DEFSYNC_COLUMN_WATERMARK : 0) |
		     (c->nullable ? DEFSYNC_COLUMN_NULLABLE : 0) |
		     (c->generated ? DEFSYNC_COLUMN_GENERATED : 0),
	    .digits = c->digits,
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

	if (a->n_columns != b->n_columns || strcmp(a->name, b->name) != 0 ||
	    strcmp(a->schema, b->schema) != 0)
		return false;
	for (i = 0; i < a->n_columns; i++) {
		if (!same_column(&a->columns[i], &b->columns[i]))
			return false;
	}
	return true;
}

/* Strings of the plan may live shorter than the relation. */
static struct defsync_relation *copy_relation(struct pool *pool,
					      const struct defsync_relation *from)
{
	struct defsync_relation *r = pool_alloc(pool, 1, sizeof(*r));
	struct defsync_column *columns = pool_alloc(pool, from->n_columns, sizeof(*columns));
	uint32_t i;

	if (!r || !columns)
		return NULL;
	*r = *from;
	r->columns = columns;
	r->schema = pool_strdup(pool, from->schema);
	r->name = pool_strdup(pool, from->name);
	for (i = 0; i < r->n_columns; i++) {
		columns[i] = from->columns[i];
		columns[i].name = pool_strdup(pool, columns[i].name);
		columns[i].native_type = pool_strdup(pool, columns[i].native_type);
		if (!columns[i].name || !columns[i].native_type)
			return NULL;
	}
	return r->schema && r->name ? r : NULL;
}

/*
 * Relations of rows live until disconnect: one of the same shape is used again,
 * so that a connection that reads for weeks does not grow.
 */
int32_t reader_relation_make(struct reader_source *s, struct pool *pool, struct reader_plan *p)
{
	bool of_rows = pool == &s->relations;
	struct pool scratch = {0};
	struct defsync_column *columns =
	    pool_alloc(&scratch, (size_t)p->n_fields, sizeof(*columns));
	struct defsync_relation now = {
	    .struct_size = sizeof(now),
	    .column_size = sizeof(*columns),
	    .schema = p->table.schema ? p->table.schema : "",
	    .name = p->table.name,
	    .columns = columns,
	    .n_columns = (uint32_t)p->n_fields,
	};
	int i;

	if (!columns)
		return reader_fail_nomem(s);
	for (i = 0; i < p->n_fields; i++)
		fill_column(p, p->fields[i], &columns[i]);
	if (of_rows && s->last_relation && same_relation(s->last_relation, &now))
		p->relation = s->last_relation;
	else
		p->relation = copy_relation(pool, &now);
	pool_done(&scratch);
	if (!p->relation)
		return reader_fail_nomem(s);
	if (of_rows)
		s->last_relation = p->relation;
	return 0;
}
