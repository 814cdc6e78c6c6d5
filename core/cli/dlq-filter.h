/* SPDX-License-Identifier: MIT */
/* What the commands on dead letters share: the store, the filter, JSON. */

#ifndef CLI_DLQ_FILTER_H
#define CLI_DLQ_FILTER_H

#include <jansson.h>

#include "cli/context.h"
#include "cli/state-tables.h"

struct dlq_command {
	struct context context;
	struct store *store;
	struct state_tables tables; /* strings of the filter */
	struct dead_filter filter;
};

/* --source --table --reason --id --before, and --store. */
extern const struct arg_table dlq_filter_options;

/* dlq_close is due after a failure, too. */
int dlq_open(struct dlq_command *d, struct cli *cli, const struct args *args,
	     enum context_access access, struct error *err);
void dlq_close(struct dlq_command *d);

int dlq_read_filter(struct dlq_command *d, const struct args *args, struct error *err);
int dlq_has_filter(const struct args *args);

/* The object of DESIGN section 14; NULL without memory. */
json_t *dlq_letter_json(const struct dead_letter *l);
/*
 * The same with `payload`, as text: the row's own JSON, digit by digit, or a JSON
 * text should it be none.  On one line, or indented; a newline at the end.
 */
int dlq_letter_text(const struct dead_letter *l, int indented, struct buf *out, struct error *err);

#endif
