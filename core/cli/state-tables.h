/* SPDX-License-Identifier: MIT */
/*
 * The tables of a store, copied, so that other calls to the store can be made
 * while one looks at them.
 */

#ifndef CLI_STATE_TABLES_H
#define CLI_STATE_TABLES_H

#include <jansson.h>

#include "cli/context.h"

struct state_tables {
	struct store_table *items; /* by source and table */
	size_t n, cap;
};

int state_tables_load(struct state_tables *t, struct store *store, struct error *err);
void state_tables_done(struct state_tables *t);

/* The one that the text names; NULL with ERR_USAGE when it is none or more than one. */
const struct store_table *state_tables_find(const struct state_tables *t, const char *text,
					    struct error *err);
/* How many the text names; *ret is the first. */
size_t state_tables_match(const struct state_tables *t, const char *text,
			  const struct store_table **ret);

/*
 * A table's name as a filter: *source, unless it is given already, and *table
 * become those of the store.  The same `from` in several sources means all.
 */
int state_tables_filter(const struct state_tables *t, const char *text, const char **source,
			const char **table, struct error *err);

/* Can it be one: printable ASCII of at most LIMIT_CHECKPOINT_BYTES? ERR_USAGE. */
int state_check_checkpoint(const char *text, struct error *err);

/* {"source","table","target","phase","checkpoint","updated_at"}; NULL without memory. */
json_t *state_table_json(const struct store_table *t);

#endif
