/* SPDX-License-Identifier: MIT */
/*
 * A list on stdout of however many lines, an item at a time: {"NAME": [...]} or
 * a table, whose columns are as wide as it takes for each stretch of lines.
 *
 *	listing_begin(&l, &columns, json, err);
 *	per item: listing_json(&l, json), or grid_add(listing_row(&l), text) for each column
 *	rc = listing_end(&l, rc);
 *
 * Works as, or inside of, an `each` callback: what fails there is in `err`, and
 * listing_end says so.
 */

#ifndef CLI_LISTING_H
#define CLI_LISTING_H

#include "cli/output.h"

struct listing_columns {
	const char *name; /* of the list in JSON */
	const char *const *headers;
	const char *align; /* as of a grid */
	size_t n;
};

struct listing {
	const struct listing_columns *columns;
	int json;
	size_t n; /* items so far */
	struct grid grid;
	struct error *err;
};

int listing_begin(struct listing *l, const struct listing_columns *columns, int json,
		  struct error *err);
/* Prints and frees it; NULL is an error: no memory. */
int listing_json(struct listing *l, json_t *item_take);
/* A row begins.  A failure shows at the end. */
struct grid *listing_row(struct listing *l);
/* rc of what called back; -1 with a reason in err when anything failed. */
int listing_end(struct listing *l, int rc);

#endif
