/* SPDX-License-Identifier: MIT */
/*
 * The rules of relations and rows, checked on everything that a plugin hands
 * over.  A relation is checked once and remembered by its pointer as a shape; a
 * row then costs one pass over its cells.
 *
 *	shapes_find(&shapes, relation) -> shape_check_row(shape, row) ...
 *	shapes_forget                    when the pointers lose their meaning
 *	shapes_done
 *
 * Broken rules are errors of class ERR_INTERNAL whose text names the rule.
 */

#ifndef PLUGIN_ROW_CHECK_H
#define PLUGIN_ROW_CHECK_H

#include <defsync/source.h>

#include "base/error.h"

/* A relation that has been found sound. */
struct shape {
	const struct defsync_relation *relation;
	uint32_t n_columns;
	unsigned char *types; /* one a column, DEFSYNC_ANY included */
};

#define SHAPES_MAX 64 /* remembered at a time; beyond it the oldest goes */

/* Zeroed is empty. */
struct shapes {
	struct shape *list;
	size_t n;
	size_t last;	 /* found last */
	size_t turn;	 /* to be replaced next when full */
	uint32_t n_from; /* as of relation_check: 0 for a source */
};

/* The relation's shape, checked now if it is new; NULL with err. Lives until the next call. */
const struct shape *shapes_find_slow(struct shapes *s, const struct defsync_relation *relation,
				     struct error *err);
static inline const struct shape *shapes_find(struct shapes *s,
					      const struct defsync_relation *relation,
					      struct error *err)
{
	if (s->n > 0 && s->list[s->last].relation == relation)
		return &s->list[s->last];
	return shapes_find_slow(s, relation, err);
}
void shapes_forget(struct shapes *s);
void shapes_done(struct shapes *s);

/* The relation alone, made from one of n_from columns, 0 for a source's. */
int relation_check(const struct defsync_relation *relation, uint32_t n_from, struct error *err);

/* One answer of discover or describe, its relation included. */
int table_check(const struct defsync_table *table, struct error *err);

/* The cells of a row of that shape, stride included. */
int shape_check_cells(const struct shape *shape, const struct defsync_cell *cells, uint32_t n_cells,
		      uint32_t cell_size, struct error *err);

/*
 * All of a row, its relation included.  A row of DEFSYNC_OP_CHECKPOINT needs no
 * relation.  is_bad: it came with DEFSYNC_E_BAD_ROW, and its cells may be of any
 * type.
 */
int row_check(struct shapes *s, const struct defsync_row *row, int is_bad, struct error *err);

#endif
