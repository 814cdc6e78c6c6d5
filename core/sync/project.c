/* SPDX-License-Identifier: MIT */
/* Columns left out of rows, see project.h. */

#include "sync/project.h"

#include <stdlib.h>

struct project {
	struct defsync_relation relation;
	struct defsync_column *columns;
	uint32_t *from; /* of each column, its place in what it is made of */
	struct defsync_row row;
	struct defsync_cell *cells;
};

static void fill(struct project *p, const struct defsync_relation *of, const unsigned char *keep)
{
	uint32_t n = 0;

	for (uint32_t i = 0; i < of->n_columns; i++) {
		if (!keep[i])
			continue;
		p->columns[n] = *defsync_column_at(of, i);
		p->from[n++] = i;
	}
	p->relation = (struct defsync_relation){
	    .struct_size = sizeof(p->relation),
	    .column_size = sizeof(*p->columns),
	    .schema = of->schema,
	    .name = of->name,
	    .columns = p->columns,
	    .n_columns = n,
	};
}

struct project *project_create(const struct defsync_relation *of, const unsigned char *keep)
{
	size_t n = (size_t)of->n_columns + 1;
	struct project *p = calloc(1, sizeof(*p));

	if (p == NULL)
		return NULL;
	p->columns = calloc(n, sizeof(*p->columns));
	p->from = calloc(n, sizeof(*p->from));
	p->cells = calloc(n, sizeof(*p->cells));
	if (p->columns == NULL || p->from == NULL || p->cells == NULL) {
		project_destroy(p);
		return NULL;
	}
	fill(p, of, keep);
	return p;
}

void project_destroy(struct project *p)
{
	if (p == NULL)
		return;
	free(p->columns);
	free(p->from);
	free(p->cells);
	free(p);
}

const struct defsync_relation *project_relation(const struct project *p)
{
	return &p->relation;
}

const struct defsync_row *project_row(struct project *p, const struct defsync_row *row)
{
	for (uint32_t i = 0; i < p->relation.n_columns; i++)
		p->cells[i] = *defsync_cell_at(row, p->from[i]);
	p->row = *row;
	p->row.struct_size = sizeof(p->row);
	p->row.relation = &p->relation;
	p->row.cells = p->cells;
	p->row.n_cells = p->relation.n_columns;
	p->row.cell_size = sizeof(*p->cells);
	return &p->row;
}
