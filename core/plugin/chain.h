/* SPDX-License-Identifier: MIT */
/*
 * The transform chain of a table.  Empty, it costs nothing: the row that goes in
 * comes out.  All calls from one thread.
 *
 * Transforms know relations by their pointers, so a chain must not see rows of
 * two connections of a source: after a reconnect it is created anew.
 */

#ifndef PLUGIN_CHAIN_H
#define PLUGIN_CHAIN_H

#include "plugin/host.h"
#include "plugin/loader.h"
#include "row/fault.h"

struct chain;

/* about: what transforms may ask; its texts must live as long as the chain. */
/* where: before each message; "" none. */
struct chain *chain_create(struct log *log, const char *where, const struct host_about *about);
void chain_destroy(struct chain *c); /* NULL is allowed */
/* At the end.  `options` must live as long as the chain. */
int chain_add(struct chain *c, const struct plugin *plugin, const struct defsync_options *options,
	      struct error *err);
int chain_is_empty(const struct chain *c);
/* What messages call it in place of its transforms, for one that is no list of them. */
void chain_set_label(struct chain *c, const char *label);

/* The relation that comes out for one that goes in, which has to be sound. */
int chain_relation(struct chain *c, const struct defsync_relation *in,
		   const struct defsync_relation **ret_out, struct error *err);

/*
 * The same, and for each column that comes out 1 + the place of the column of `in`
 * whose cells it has, or 0 where they were made or hidden.  The caller frees *ret_from.
 */
int chain_origins(struct chain *c, const struct defsync_relation *in,
		  const struct defsync_relation **ret_out, uint32_t **ret_from, struct error *err);

/*
 * Called for each row that comes out; lives until it returns.  Not 0: stop.
 * The caller has the checkpoint of the row that went in: rows that a transform
 * made carry none and no flags, a row that passed is the one that went in.
 */
typedef int (*chain_sink)(void *ctx, const struct defsync_row *row);

enum chain_result {
	CHAIN_DONE,	/* 1..n rows went to the sink */
	CHAIN_FILTERED, /* deliberately left out, or replaced by no row */
	CHAIN_FAULT,	/* fault says why, chain_refused of what; the sink saw nothing of it */
	CHAIN_FAILED	/* err: the run of the table ends; no err: the sink stopped */
};
enum chain_result chain_apply(struct chain *c, const struct defsync_row *row, chain_sink sink,
			      void *ctx, struct row_fault *fault, struct error *err);

/*
 * What the dead letters may hold of a row that does not come out: the columns that the
 * transforms which are still to come would all carry on.  One that is masked, or made
 * into others, on the way is not among them; nor is a position that names a key which
 * is not.  Until the next call of the chain; NULL with err.
 *
 * chain_refused: after CHAIN_FAULT, the row as the transform got it that refused it.
 * chain_veil: a row that did not go in.
 */
const struct defsync_row *chain_refused(struct chain *c, struct error *err);
const struct defsync_row *chain_veil(struct chain *c, const struct defsync_row *row,
				     struct error *err);

#endif
