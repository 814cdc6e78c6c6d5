/* SPDX-License-Identifier: MIT */
/*
 * The SQL of the current-state view over a table with change columns, for DuckDB and
 * DuckLake.  Pure.
 *
 * Of each key the newest row is taken first and deleted ones are left out afterwards:
 * the other way round a deleted row would come back as the version before it.  Rows
 * from before the change columns were turned on have none and are the oldest.
 */

#ifndef CLI_VIEW_SQL_H
#define CLI_VIEW_SQL_H

#include "base/buf.h"

struct view {
	const char *target;	 /* "bronze.orders" or "orders" */
	const char *schema;	 /* of the view, where its name has none; "": none */
	const char *name;	 /* NULL: the target's; may be "schema.name" */
	const char *const *keys; /* at least one */
	size_t n_keys;
};

/* Would the view have the name of the table itself? */
int view_is_target(const struct view *v);
/* -1 without memory. */
int view_sql(const struct view *v, struct buf *out);

#endif
