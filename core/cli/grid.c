/* SPDX-License-Identifier: MIT */
/* Text tables: columns as wide as their widest cell. */

#include <stdlib.h>
#include <string.h>

#include "base/num.h"
#include "cli/output.h"

void grid_init(struct grid *g, const char *const *headers, const char *align, size_t n_columns)
{
	*g = (struct grid){.align = align, .n_columns = n_columns};
	for (size_t i = 0; i < n_columns; i++)
		grid_add(g, headers[i]);
}

static char *clean_copy(const char *text)
{
	struct buf b;
	char *copy = NULL;

	buf_init(&b, OUTPUT_MAX);
	if (output_add_clean(&b, text) == 0)
		copy = buf_take(&b);
	buf_done(&b);
	return copy;
}

static int grow(struct grid *g)
{
	size_t cap = g->cap_cells == 0 ? 64 : g->cap_cells * 2;
	char **grown = realloc(g->cells, cap * sizeof(*grown));

	if (grown == NULL)
		return -1;
	g->cells = grown;
	g->cap_cells = cap;
	return 0;
}

void grid_add(struct grid *g, const char *text)
{
	char *cell = g->failed ? NULL : clean_copy(text != NULL && text[0] != '\0' ? text : "-");

	if (cell == NULL || (g->n_cells == g->cap_cells && grow(g) < 0)) {
		free(cell);
		g->failed = 1;
		return;
	}
	g->cells[g->n_cells++] = cell;
}

void grid_add_u64(struct grid *g, uint64_t n)
{
	char text[24];

	*num_write_u64(text, n) = '\0';
	grid_add(g, text);
}

void grid_add_table(struct grid *g, const char *source, const char *table)
{
	struct buf name;

	buf_init(&name, OUTPUT_MAX);
	if (buf_printf(&name, "%s.%s", source, table) < 0)
		g->failed = 1;
	else
		grid_add(g, buf_str(&name));
	buf_done(&name);
}

/* Characters, not bytes; wide ones are not told apart. */
static size_t cell_width(const char *cell)
{
	size_t n = 0;

	for (const char *p = cell; *p != '\0'; p++)
		n += ((unsigned char)*p & 0xc0) != 0x80 ? 1 : 0;
	return n;
}

static size_t column_width(const struct grid *g, size_t column)
{
	size_t widest = 0;

	for (size_t i = column; i < g->n_cells; i += g->n_columns) {
		size_t width = cell_width(g->cells[i]);

		widest = width > widest ? width : widest;
	}
	return widest;
}

static int add_spaces(struct buf *b, size_t n)
{
	return buf_printf(b, "%*s", (int)n, "");
}

static int print_cell(const struct grid *g, size_t i, size_t width, struct buf *b)
{
	size_t column = i % g->n_columns;
	size_t pad = width - cell_width(g->cells[i]);
	int last = column + 1 == g->n_columns;
	int right = g->align[column] == 'r';
	int rc = 0;

	if (right)
		rc |= add_spaces(b, pad);
	rc |= buf_add_str(b, g->cells[i]);
	if (!right && !last)
		rc |= add_spaces(b, pad);
	rc |= buf_add_str(b, last ? "\n" : "  ");
	return rc;
}

int grid_print(const struct grid *g, struct buf *b)
{
	size_t *widths = calloc(g->n_columns, sizeof(*widths));
	int rc = g->failed || widths == NULL ? -1 : 0;

	for (size_t i = 0; rc == 0 && i < g->n_columns; i++)
		widths[i] = column_width(g, i);
	for (size_t i = 0; rc == 0 && i < g->n_cells; i++)
		rc = print_cell(g, i, widths[i % g->n_columns], b);
	free(widths);
	return rc;
}

void grid_done(struct grid *g)
{
	for (size_t i = 0; i < g->n_cells; i++)
		free(g->cells[i]);
	free(g->cells);
	*g = (struct grid){0};
}
