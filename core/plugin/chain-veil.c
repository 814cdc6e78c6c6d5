/* SPDX-License-Identifier: MIT */
/*
 * What may be seen of a row that does not come out of the chain.  The stages that it
 * did not go through could have masked what it has, so only those columns are shown
 * whose cells each of them carries on, by whatever name.
 */

#include <stdlib.h>

#include "plugin/stage.h"

void veils_free(struct veil *v)
{
	while (v) {
		struct veil *next = v->next;

		free(v->columns);
		free(v->from);
		free(v->cells);
		free(v);
		v = next;
	}
}

/*
 * Through all stages from `stage` on: *ret_marks has, for each column that comes out,
 * 1 + the place of the column that went in, or 0; the caller frees it.
 */
static int trace(struct chain *c, size_t stage, const struct defsync_relation *of,
		 const struct defsync_relation **ret_out, uint32_t **ret_marks, struct error *err)
{
	uint32_t *marks = calloc((size_t)of->n_columns + 1, sizeof(*marks));
	const struct defsync_relation *at = of;

	if (!marks)
		return error_nomem(err);
	for (uint32_t i = 0; i < of->n_columns; i++)
		marks[i] = i + 1;
	for (; stage < c->n_stages; stage++) {
		const struct mapping *m = stage_relation(c, &c->stages[stage], at, err);
		uint32_t *next = m ? calloc((size_t)m->out->n_columns + 1, sizeof(*next)) : NULL;

		if (!next) {
			free(marks);
			return error_is_set(err) ? -1 : error_nomem(err);
		}
		for (uint32_t k = 0; k < m->out->n_columns; k++) {
			uint32_t from = m->out == at ? k + 1 : stage_origin(at, m->out, k);

			next[k] = from > 0 ? marks[from - 1] : 0;
		}
		free(marks);
		marks = next;
		at = m->out;
	}
	*ret_marks = marks;
	*ret_out = at;
	return 0;
}

int chain_origins(struct chain *c, const struct defsync_relation *in,
		  const struct defsync_relation **ret_out, uint32_t **ret_from, struct error *err)
{
	struct error own = ERROR_INIT;
	int rc = trace(c, 0, in, ret_out, ret_from, &own);

	error_move(err, &own);
	return rc;
}

static int is_marked(const uint32_t *marks, uint32_t n, uint32_t i)
{
	for (uint32_t k = 0; k < n; k++) {
		if (marks[k] == i + 1)
			return 1;
	}
	return 0;
}

static void choose(struct veil *v, const uint32_t *marks, uint32_t n)
{
	for (uint32_t i = 0; i < v->of->n_columns; i++) {
		const struct defsync_column *c = defsync_column_at(v->of, i);

		if (is_marked(marks, n, i)) {
			v->columns[v->relation.n_columns] = *c;
			v->from[v->relation.n_columns++] = i;
		} else if (c->flags & DEFSYNC_COLUMN_KEY) {
			v->hides_key = 1;
		}
	}
	/* A part of a key is none. */
	for (uint32_t i = 0; v->hides_key && i < v->relation.n_columns; i++)
		v->columns[i].flags &= ~DEFSYNC_COLUMN_KEY;
}

static struct veil *veil_alloc(const struct defsync_relation *of, size_t stage)
{
	struct veil *v = calloc(1, sizeof(*v));
	size_t most = (size_t)of->n_columns + 1;

	if (!v)
		return NULL;
	v->of = of;
	v->stage = stage;
	v->columns = calloc(most, sizeof(*v->columns));
	v->from = calloc(most, sizeof(*v->from));
	v->cells = calloc(most, sizeof(*v->cells));
	v->relation = (struct defsync_relation){
	    .struct_size = sizeof(v->relation),
	    .column_size = sizeof(*v->columns),
	    .schema = of->schema,
	    .name = of->name,
	    .columns = v->columns,
	};
	if (v->columns && v->from && v->cells)
		return v;
	veils_free(v);
	return NULL;
}

static struct veil *make_veil(struct chain *c, size_t stage, const struct defsync_relation *of,
			      struct error *err)
{
	struct veil *v = veil_alloc(of, stage);
	const struct defsync_relation *out = NULL;
	uint32_t *marks = NULL;

	if (!v) {
		error_nomem(err);
		return NULL;
	}
	if (trace(c, stage, of, &out, &marks, err) < 0) {
		veils_free(v);
		return NULL;
	}
	choose(v, marks, out->n_columns);
	free(marks);
	v->next = c->veils;
	c->veils = v;
	return v;
}

static struct veil *find_veil(struct chain *c, size_t stage, const struct defsync_relation *of,
			      struct error *err)
{
	struct error own = ERROR_INIT;
	struct veil *v = c->veils;

	while (v && (v->of != of || v->stage != stage))
		v = v->next;
	if (!v)
		v = make_veil(c, stage, of, &own);
	if (!v)
		error_move(err, &own);
	return v;
}

static const struct defsync_row *veiled(struct chain *c, size_t stage,
					const struct defsync_row *row, struct error *err)
{
	struct veil *v = find_veil(c, stage, row->relation, err);

	if (!v)
		return NULL;
	for (uint32_t i = 0; i < v->relation.n_columns; i++)
		v->cells[i] = *defsync_cell_at(row, v->from[i]);
	c->seen = (struct defsync_row){
	    .struct_size = sizeof(c->seen),
	    .op = row->op,
	    .relation = &v->relation,
	    .cells = v->cells,
	    .n_cells = v->relation.n_columns,
	    .cell_size = sizeof(*v->cells),
	    .source_time_us = row->source_time_us,
	    .position = v->hides_key ? "" : row->position,
	    .position_len = v->hides_key ? 0 : row->position_len,
	};
	return &c->seen;
}

const struct defsync_row *chain_refused(struct chain *c, struct error *err)
{
	return veiled(c, c->refused_by, c->refused, err);
}

const struct defsync_row *chain_veil(struct chain *c, const struct defsync_row *row,
				     struct error *err)
{
	return c->n_stages == 0 ? row : veiled(c, 0, row, err);
}
