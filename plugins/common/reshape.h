/* SPDX-License-Identifier: MIT */
/*
 * What a transform makes of relations.  One `struct reshape` an instance:
 *
 *	relation:  reshape_begin -> reshape_keep, reshape_add ... -> reshape_end
 *	apply:     reshape_find -> reshape_cells -> own cells -> emit
 *
 * All that it gives belongs to it and lives until reshape_done.  What returns a
 * result code has told the host the reason.
 */

#ifndef COMMON_RESHAPE_H
#define COMMON_RESHAPE_H

#include <stdbool.h>

#include <defsync/transform.h>

#include "common/pool.h"

/* In `from`: the column is not one of the input. */
#define RESHAPE_MADE UINT32_MAX

/* Of one input relation. */
struct reshape_plan {
	struct reshape_plan *next;
	const struct defsync_relation *in;
	struct defsync_relation out;
	struct defsync_column *columns; /* of out */
	uint32_t *from;			/* for each of these: the input's, or RESHAPE_MADE */
	struct defsync_cell *cells;	/* room for one row of out */
	void *detail;			/* the transform's own; from the pool */
	uint32_t max;
};

struct reshape {
	const struct defsync_host *host;
	struct pool pool;
	struct reshape_plan *plans, *last;
};

void reshape_init(struct reshape *r, const struct defsync_host *host);
void reshape_done(struct reshape *r);

/* For at most `max` columns.  NULL without memory. */
struct reshape_plan *reshape_begin(struct reshape *r, const struct defsync_relation *in,
				   uint32_t max);
/*
 * The input's column i behind those that are there; its name and type may be changed,
 * names to those of the pool.
 */
struct defsync_column *reshape_keep(struct reshape_plan *p, uint32_t i);
/* A column that was kept and whose values are hidden: says so. */
void reshape_hide(struct defsync_column *c);
/* A column of its own, nullable; name and native type are copied.  NULL without memory. */
struct defsync_column *reshape_add(struct reshape *r, struct reshape_plan *p, const char *name,
				   const char *native_type, uint32_t type);
/*
 * DEFSYNC_E_CONFIG when no column is left, a name is empty or two are equal, else the
 * plan is remembered for its input.  Where a column has lost DEFSYNC_COLUMN_KEY or is
 * left out, the key's other columns lose it too.
 */
int32_t reshape_end(struct reshape *r, struct reshape_plan *p,
		    const struct defsync_relation **ret_out);

/* The plan for rows of this relation; NULL: none was made, the rows pass. */
static inline struct reshape_plan *reshape_find(struct reshape *r,
						const struct defsync_relation *in)
{
	struct reshape_plan *p;

	if (r->last && r->last->in == in)
		return r->last;
	for (p = r->plans; p && p->in != in; p = p->next)
		;
	if (p)
		r->last = p;
	return p;
}

/* p->cells from the row: NULL where the column is made. */
void reshape_cells(struct reshape_plan *p, const struct defsync_row *row);
/* emit of p->cells; DEFSYNC_EMITTED or the error. */
int32_t reshape_emit(const struct reshape_plan *p, defsync_emit emit, void *emit_ctx);

/* The place of a column, or -1. */
int64_t reshape_column(const struct defsync_relation *r, const char *name);
/* DEFSYNC_E_CONFIG: no such column; `option` is where it is named. */
int32_t reshape_missing(const struct defsync_host *host, const struct defsync_relation *r,
			const char *name, const char *option);
int32_t reshape_nomem(const struct defsync_host *host);

#endif
