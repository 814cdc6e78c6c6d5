/* SPDX-License-Identifier: MIT */
/* Relations of transforms, see reshape.h. */

#include <string.h>

#include "common/reshape.h"

void reshape_init(struct reshape *r, const struct defsync_host *host)
{
	*r = (struct reshape){.host = host};
}

void reshape_done(struct reshape *r)
{
	pool_done(&r->pool);
	r->plans = r->last = NULL;
}

int32_t reshape_nomem(const struct defsync_host *host)
{
	return defsync_fail(host, DEFSYNC_E_NOMEM, "no memory");
}

/* ---- Making a plan ------------------------------------------------------------------- */

/* Names of the input live no longer than its source is connected. */
static bool copy_texts(struct reshape *r, struct defsync_column *columns,
		       const struct defsync_relation *in)
{
	uint32_t i;

	for (i = 0; i < in->n_columns; i++) {
		columns[i] = *defsync_column_at(in, i);
		columns[i].name = pool_strdup(&r->pool, columns[i].name);
		columns[i].native_type = pool_strdup(&r->pool, columns[i].native_type);
		columns[i].from = i + 1;
		if (!columns[i].name || !columns[i].native_type)
			return false;
	}
	return true;
}

struct reshape_plan *reshape_begin(struct reshape *r, const struct defsync_relation *in,
				   uint32_t max)
{
	struct reshape_plan *p = pool_alloc(&r->pool, 1, sizeof(*p));
	/* The input's columns lie behind those of the output, to be kept from. */
	size_t n = (size_t)max + in->n_columns;

	if (!p)
		goto nomem;
	p->in = in;
	p->max = max;
	p->columns = pool_alloc(&r->pool, n, sizeof(*p->columns));
	p->from = pool_alloc(&r->pool, (size_t)max + 1, sizeof(*p->from));
	p->cells = pool_alloc(&r->pool, (size_t)max + 1, sizeof(*p->cells));
	p->out = (struct defsync_relation){
	    .struct_size = sizeof(p->out),
	    .column_size = sizeof(*p->columns),
	    .schema = pool_strdup(&r->pool, in->schema),
	    .name = pool_strdup(&r->pool, in->name),
	    .columns = p->columns,
	};
	if (p->columns && p->from && p->cells && p->out.schema && p->out.name &&
	    copy_texts(r, p->columns + max, in))
		return p;
nomem:
	(void)reshape_nomem(r->host);
	return NULL;
}

struct defsync_column *reshape_keep(struct reshape_plan *p, uint32_t i)
{
	uint32_t at = p->out.n_columns++;

	p->columns[at] = p->columns[p->max + i];
	p->from[at] = i;
	return &p->columns[at];
}

void reshape_hide(struct defsync_column *c)
{
	c->flags |= DEFSYNC_COLUMN_MASKED;
	c->from = 0;
}

struct defsync_column *reshape_add(struct reshape *r, struct reshape_plan *p, const char *name,
				   const char *native_type, uint32_t type)
{
	struct defsync_column *c = &p->columns[p->out.n_columns];

	*c = (struct defsync_column){
	    .name = pool_strdup(&r->pool, name),
	    .native_type = pool_strdup(&r->pool, native_type),
	    .type = type,
	    .flags = DEFSYNC_COLUMN_NULLABLE,
	};
	if (!c->name || !c->native_type) {
		(void)reshape_nomem(r->host);
		return NULL;
	}
	p->from[p->out.n_columns++] = RESHAPE_MADE;
	return c;
}

static int32_t check_names(struct reshape *r, const struct reshape_plan *p)
{
	uint32_t i, k;

	for (i = 0; i < p->out.n_columns; i++) {
		const char *name = p->columns[i].name;

		if (name[0] == '\0')
			return defsync_fail(r->host, DEFSYNC_E_CONFIG,
					    "a column would have an empty name");
		for (k = 0; k < i; k++) {
			if (strcmp(p->columns[k].name, name) == 0)
				return defsync_fail(r->host, DEFSYNC_E_CONFIG,
						    "two columns would have one name: '%s'", name);
		}
	}
	return DEFSYNC_OK;
}

static uint32_t count_keys(const struct defsync_relation *r)
{
	uint32_t i, n = 0;

	for (i = 0; i < r->n_columns; i++)
		n += (defsync_column_at(r, i)->flags & DEFSYNC_COLUMN_KEY) != 0;
	return n;
}

/* A part of a key is none: rows that are equal in it may be different ones. */
static void drop_part_of_key(struct reshape_plan *p)
{
	uint32_t i;

	if (count_keys(&p->out) == count_keys(p->in))
		return;
	for (i = 0; i < p->out.n_columns; i++)
		p->columns[i].flags &= ~DEFSYNC_COLUMN_KEY;
}

int32_t reshape_end(struct reshape *r, struct reshape_plan *p,
		    const struct defsync_relation **ret_out)
{
	int32_t rc;

	if (p->out.n_columns == 0)
		return defsync_fail(r->host, DEFSYNC_E_CONFIG, "no column would be left of '%s'",
				    p->in->name);
	rc = check_names(r, p);
	if (rc < 0)
		return rc;
	drop_part_of_key(p);
	p->next = r->plans;
	r->plans = r->last = p;
	*ret_out = &p->out;
	return DEFSYNC_OK;
}

/* ---- Rows ------------------------------------------------------------------------------ */

void reshape_cells(struct reshape_plan *p, const struct defsync_row *row)
{
	uint32_t i;

	for (i = 0; i < p->out.n_columns; i++) {
		if (p->from[i] != RESHAPE_MADE)
			p->cells[i] = *defsync_cell_at(row, p->from[i]);
		else
			p->cells[i] = (struct defsync_cell){.type = DEFSYNC_NULL};
	}
}

int32_t reshape_emit(const struct reshape_plan *p, defsync_emit emit, void *emit_ctx)
{
	int32_t rc = emit(emit_ctx, p->cells, p->out.n_columns, sizeof(*p->cells));

	return rc < 0 ? rc : DEFSYNC_EMITTED;
}

/* ---- Columns ----------------------------------------------------------------------------- */

int64_t reshape_column(const struct defsync_relation *r, const char *name)
{
	uint32_t i;

	for (i = 0; i < r->n_columns; i++) {
		if (strcmp(defsync_column_at(r, i)->name, name) == 0)
			return i;
	}
	return -1;
}

int32_t reshape_missing(const struct defsync_host *host, const struct defsync_relation *r,
			const char *name, const char *option)
{
	return defsync_fail(host, DEFSYNC_E_CONFIG, "no such column in '%s': '%s'; check %s",
			    r->name, name, option);
}
