/* SPDX-License-Identifier: MIT */
/*
 * One table as its source describes it now, and what its transforms make of it, for
 * commands that need no rows.
 */

#ifndef CLI_DESCRIBE_H
#define CLI_DESCRIBE_H

#include "cli/context.h"
#include "plugin/chain.h"
#include "plugin/source.h"

/* How describe is asked about the table. */
struct defsync_request describe_request(const struct config_table *t);

struct described {
	struct source *source;
	struct chain *chain;
	const struct defsync_relation *in, *out; /* until described_done */
};

/* Connects.  0, or -1 with err; described_done in any case. */
int described_open(struct described *d, const struct context_table *t, struct log *log,
		   struct error *err);
void described_done(struct described *d);

#endif
