/* SPDX-License-Identifier: MIT */
/*
 * The transform chain of a table.  Empty, it costs nothing: the row that goes in
 * comes out.  All calls from one thread.
 */

#ifndef PLUGIN_CHAIN_H
#define PLUGIN_CHAIN_H

#include "plugin/host.h"
#include "plugin/loader.h"
#include "row/fault.h"

struct chain;

struct chain *chain_create(struct log *log, const char *where);
void chain_destroy(struct chain *c);
int chain_add(struct chain *c, const struct plugin *plugin, const struct defsync_options *options,
	      struct error *err);
int chain_is_empty(const struct chain *c);

/* The relation that comes out for one that goes in. */
int chain_relation(struct chain *c, const struct defsync_relation *in,
		   const struct defsync_relation **ret_out, struct error *err);

/* Called for each row that comes out; lives until it returns.  Not 0: stop. */
typedef int (*chain_sink)(void *ctx, const struct defsync_row *row);

enum chain_result {
	CHAIN_DONE,	/* 0..n rows went to the sink */
	CHAIN_FILTERED, /* deliberately left out */
	CHAIN_FAULT,	/* fault says why; nothing of it went to the sink */
	CHAIN_FAILED	/* err: the run of the table ends */
};
enum chain_result chain_apply(struct chain *c, const struct defsync_row *row, chain_sink sink,
			      void *ctx, struct row_fault *fault, struct error *err);

#endif
