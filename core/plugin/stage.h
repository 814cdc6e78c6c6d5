/* SPDX-License-Identifier: MIT */
/* Inside of the transform chain, shared by chain.c and chain-apply.c. */

#ifndef PLUGIN_STAGE_H
#define PLUGIN_STAGE_H

#include "base/arena.h"
#include "plugin/chain.h"
#include "plugin/row-check.h"

/* What a stage makes of a relation; both pointers live as long as the chain. */
struct mapping {
	const struct defsync_relation *in;
	const struct defsync_relation *out;
	int hides_key; /* a key column of `in` is not carried on */
};

/* What may be seen of rows of a relation that go no further than to a stage. */
struct veil {
	struct veil *next;
	const struct defsync_relation *of;
	size_t stage;
	struct defsync_relation relation; /* the columns that may */
	struct defsync_column *columns;
	uint32_t *from; /* their places in `of` */
	struct defsync_cell *cells;
	int hides_key;
};

struct stage {
	const struct plugin *plugin;
	void *instance;
	struct host *host;
	struct mapping *mappings;
	size_t n_mappings, cap_mappings;
	size_t last;	      /* mapping found last */
	struct shapes shapes; /* of output relations */
};

struct rows {
	const struct defsync_row **list;
	size_t n, cap;
};

struct chain {
	struct log *log;
	char *where;
	const char *label; /* or NULL */
	struct host_about about;
	struct stage *stages;
	size_t n_stages;
	struct arena arena;  /* reset with each input row */
	struct rows rows[2]; /* in and out of a stage, by turns */
	struct veil *veils;
	struct defsync_row seen; /* the row that was veiled last */
	/* After a fault: the row that was refused, and by which stage. */
	const struct defsync_row *refused;
	size_t refused_by;
};

/* Who and where before a text; -1.  err is the chain's own, never NULL. */
int stage_prefixed(const struct chain *c, const struct stage *st, struct error *err);
/* For a callback that answers OK or an error class: 0 or -1 with err. */
int stage_result(const struct chain *c, struct stage *st, const char *call, int32_t rc,
		 struct error *err);
/* What a stage makes of a relation, until the next call; asks the transform once for each pointer. */
const struct mapping *stage_relation(struct chain *c, struct stage *st,
				     const struct defsync_relation *in, struct error *err);
/* 1 + the column of `in` that column k of `out`, another relation, has its cells of; or 0. */
uint32_t stage_origin(const struct defsync_relation *in, const struct defsync_relation *out,
		      uint32_t k);
/* chain-veil.c */
void veils_free(struct veil *v);

#endif
