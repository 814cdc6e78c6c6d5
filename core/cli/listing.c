/* SPDX-License-Identifier: MIT */
/* Lists on stdout, an item at a time. */

#include "cli/listing.h"

#define ROWS_AT_A_TIME 500 /* that share their column widths */

static int print_text(const struct listing *l, const char *before, const char *name,
		      const char *after)
{
	struct buf b;
	int rc;

	buf_init(&b, OUTPUT_MAX);
	rc = buf_printf(&b, "%s%s%s", before, name, after) < 0 ? error_nomem(l->err)
							       : output_write(&b, l->err);
	buf_done(&b);
	return rc;
}

static void begin_grid(struct listing *l)
{
	grid_init(&l->grid, l->columns->headers, l->columns->align, l->columns->n);
}

static int flush_grid(struct listing *l)
{
	struct buf b;
	int rc;

	buf_init(&b, OUTPUT_MAX);
	rc = grid_print(&l->grid, &b) < 0 ? error_nomem(l->err) : output_write(&b, l->err);
	buf_done(&b);
	grid_done(&l->grid);
	return rc;
}

int listing_begin(struct listing *l, const struct listing_columns *columns, int json,
		  struct error *err)
{
	*l = (struct listing){.columns = columns, .json = json, .err = err};
	if (json)
		return print_text(l, "{\"", columns->name, "\": [");
	begin_grid(l);
	return 0;
}

int listing_json(struct listing *l, json_t *item_take)
{
	struct buf b;
	int rc;

	buf_init(&b, OUTPUT_MAX);
	rc = item_take == NULL || buf_add_str(&b, l->n > 0 ? ",\n" : "") < 0
		 ? error_nomem(l->err)
		 : output_json_text(item_take, &b, l->err);
	if (rc == 0) {
		b.len--; /* the newline: a comma may follow */
		rc = output_write(&b, l->err);
	}
	buf_done(&b);
	json_decref(item_take);
	l->n++;
	return rc;
}

struct grid *listing_row(struct listing *l)
{
	if (l->n > 0 && l->n % ROWS_AT_A_TIME == 0) {
		(void)flush_grid(l);
		begin_grid(l);
	}
	l->n++;
	return &l->grid;
}

int listing_end(struct listing *l, int rc)
{
	if (error_is_set(l->err))
		rc = -1;
	if (rc == 0)
		rc = l->json ? print_text(l, "]}", "", "\n") : flush_grid(l);
	grid_done(&l->grid);
	return rc;
}
