/* SPDX-License-Identifier: MIT */
/* Change columns, see cdc.h. */

#include "sync/cdc.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/clock.h"

#define COLUMNS 3

static const struct defsync_column change_columns[COLUMNS] = {
    {.name = "_cdc_op", .native_type = "", .type = DEFSYNC_TEXT},
    {.name = "_cdc_ts", .native_type = "", .type = DEFSYNC_TIMESTAMP, .digits = 6},
    {.name = "_cdc_seq", .native_type = "", .type = DEFSYNC_TEXT},
};

/* What comes out for a relation that goes in. */
struct shape_with {
	struct shape_with *next;
	const struct defsync_relation *of;
	struct defsync_relation relation;
	struct defsync_column *columns;
	struct defsync_cell *cells;
};

struct cdc {
	int64_t run_no, last_us;
	uint64_t n;
	struct shape_with *shapes, *last;
	struct defsync_row row;
	char op;
	char seq[48];
};

/* ---- Decisions -------------------------------------------------------------------- */

char cdc_op(uint32_t row_op, int deleted, int loading)
{
	if (deleted || row_op == DEFSYNC_OP_DELETE)
		return CDC_DELETED;
	if (row_op == DEFSYNC_OP_INSERT)
		return CDC_CREATED;
	return loading && row_op == DEFSYNC_OP_READ ? CDC_CREATED : CDC_UPDATED;
}

int cdc_is_loading(const char *phase, int resumed, int *saw_load)
{
	if (phase != NULL && strcmp(phase, "load") == 0) {
		*saw_load = 1;
		return 1;
	}
	if (phase != NULL && strcmp(phase, "stream") == 0)
		return 0;
	/* Behind a load in the same run come the changes since it began. */
	return !resumed && !*saw_load;
}

int cdc_check(const struct defsync_relation *relation, struct error *err)
{
	for (uint32_t i = 0; i < relation->n_columns; i++) {
		const char *name = defsync_column_at(relation, i)->name;

		for (size_t k = 0; k < COLUMNS; k++) {
			if (strcasecmp(name, change_columns[k].name) == 0)
				return error_set(
				    err, ERR_CONFIG,
				    "cdc_columns: there is such a column already: '%s'; leave "
				    "it out with columns.exclude, rename it with the transform "
				    "'columns', or turn cdc_columns off",
				    name);
		}
	}
	return 0;
}

/* ---- Life ----------------------------------------------------------------------------- */

struct cdc *cdc_create(int64_t run_no, int64_t floor_us)
{
	struct cdc *c = calloc(1, sizeof(*c));

	if (c == NULL)
		return NULL;
	c->run_no = run_no;
	c->last_us = floor_us;
	return c;
}

void cdc_destroy(struct cdc *c)
{
	if (c == NULL)
		return;
	while (c->shapes != NULL) {
		struct shape_with *next = c->shapes->next;

		free(c->shapes->columns);
		free(c->shapes->cells);
		free(c->shapes);
		c->shapes = next;
	}
	free(c);
}

/* ---- Rows --------------------------------------------------------------------------------- */

static void fill_shape(struct shape_with *s, const struct defsync_relation *of)
{
	for (uint32_t i = 0; i < of->n_columns; i++)
		s->columns[i] = *defsync_column_at(of, i);
	memcpy(s->columns + of->n_columns, change_columns, sizeof(change_columns));
	s->of = of;
	s->relation = (struct defsync_relation){
	    .struct_size = sizeof(s->relation),
	    .column_size = sizeof(*s->columns),
	    .schema = of->schema,
	    .name = of->name,
	    .columns = s->columns,
	    .n_columns = of->n_columns + COLUMNS,
	};
}

static struct shape_with *add_shape(struct cdc *c, const struct defsync_relation *of,
				    struct error *err)
{
	size_t n = (size_t)of->n_columns + COLUMNS;
	struct shape_with *s;

	if (cdc_check(of, err) < 0)
		return NULL;
	s = calloc(1, sizeof(*s));
	if (s != NULL) {
		s->next = c->shapes;
		c->shapes = s;
		s->columns = calloc(n, sizeof(*s->columns));
		s->cells = calloc(n, sizeof(*s->cells));
	}
	if (s == NULL || s->columns == NULL || s->cells == NULL) {
		(void)error_nomem(err);
		return NULL;
	}
	fill_shape(s, of);
	return s;
}

static struct shape_with *find_shape(struct cdc *c, const struct defsync_relation *of,
				     struct error *err)
{
	struct shape_with *s = c->last;

	if (s != NULL && s->of == of)
		return s;
	for (s = c->shapes; s != NULL && s->of != of; s = s->next)
		;
	c->last = s != NULL ? s : add_shape(c, of, err);
	return c->last;
}

int64_t cdc_last_us(const struct cdc *c)
{
	return c->last_us;
}

/* Not below what was given before: clocks are put back. */
static int64_t time_of(struct cdc *c, const struct defsync_row *row)
{
	int64_t us = row->source_time_us;

	if (us == DEFSYNC_TIME_NONE)
		us = clock_wall_us();
	if (us > c->last_us)
		c->last_us = us;
	return c->last_us;
}

static void set_text(struct defsync_cell *cell, const char *p, size_t n)
{
	*cell = (struct defsync_cell){.type = DEFSYNC_TEXT, .v = {.data = {p, n}}};
}

const struct defsync_row *cdc_row(struct cdc *c, const struct defsync_row *row, char op,
				  struct error *err)
{
	struct shape_with *s = find_shape(c, row->relation, err);
	struct defsync_cell *change;
	int n;

	if (s == NULL)
		return NULL;
	for (uint32_t i = 0; i < row->n_cells; i++)
		s->cells[i] = *defsync_cell_at(row, i);
	change = s->cells + row->n_cells;
	c->op = op;
	n = snprintf(c->seq, sizeof(c->seq), "%010lld-%012llu", (long long)c->run_no,
		     (unsigned long long)++c->n);
	set_text(&change[0], &c->op, 1);
	change[1] = (struct defsync_cell){.type = DEFSYNC_TIMESTAMP, .v = {.i64 = time_of(c, row)}};
	set_text(&change[2], c->seq, (size_t)n);
	c->row = *row;
	c->row.struct_size = sizeof(c->row);
	c->row.relation = &s->relation;
	c->row.cells = s->cells;
	c->row.n_cells = s->relation.n_columns;
	c->row.cell_size = sizeof(*s->cells);
	return &c->row;
}
