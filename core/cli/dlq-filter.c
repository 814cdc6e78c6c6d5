/* SPDX-License-Identifier: MIT */
/* Which dead letters a command is about. */

#include "cli/dlq-filter.h"

#include <string.h>

#include "base/clock.h"
#include "base/num.h"
#include "base/suggest.h"
#include "cli/output.h"
#include "row/fault.h"

static const struct arg_option filter_options[] = {
    {.name = "source", .value = "NAME", .help = "only those of this source"},
    {.name = "table",
     .value = "TABLE",
     .help = "only those of this table: its from, its to, or source.from"},
    {.name = "reason", .value = "REASON", .help = "only those with this reason"},
    {.name = "id", .value = "ID", .help = "only this one"},
    {.name = "before", .value = "AGE", .help = "only those older than AGE: 90s, 12h, 7d"},
    {.name = "store", .value = "FILE", .help = "instead of store.path"},
};

const struct arg_table dlq_filter_options = ARG_TABLE(filter_options);

int dlq_open(struct dlq_command *d, struct cli *cli, const struct args *args,
	     enum context_access access, struct error *err)
{
	*d = (struct dlq_command){0};
	if (context_init(&d->context, cli, err) < 0)
		return -1;
	d->store = context_store_only(&d->context, args, access, err);
	return d->store == NULL ? -1 : state_tables_load(&d->tables, d->store, err);
}

void dlq_close(struct dlq_command *d)
{
	state_tables_done(&d->tables);
	store_close(d->store);
	context_done(&d->context);
}

/* ---- the filter ---- */

static int check_reason(const char *text, struct error *err)
{
	const char *names[ROW_REASONS];
	const char *nearest;
	size_t n = 0;

	for (int i = ROW_OK + 1; i < ROW_REASONS; i++)
		names[n++] = row_reason_name((enum row_reason)i);
	for (size_t i = 0; i < n; i++)
		if (strcmp(names[i], text) == 0)
			return 0;
	nearest = suggest(text, names, n);
	if (nearest != NULL)
		return error_set(err, ERR_USAGE,
				 "--reason: no such reason: '%s'; did you mean '%s'", text,
				 nearest);
	return error_set(err, ERR_USAGE, "--reason: no such reason: '%s'; see defsync(1)", text);
}

static int read_age(const char *text, int64_t *ret_before_us, struct error *err)
{
	int64_t ms, now = clock_wall_us();

	if (num_parse_duration(text, &ms) < 0 || ms > now / 1000)
		return error_set(err, ERR_USAGE,
				 "--before: not an age such as 90s, 12h or 7d: '%s'", text);
	*ret_before_us = now - ms * 1000;
	return 0;
}

int dlq_read_filter(struct dlq_command *d, const struct args *args, struct error *err)
{
	const char *table = args_value(args, "table");
	const char *age = args_value(args, "before");

	d->filter.source = args_value(args, "source");
	d->filter.reason = args_value(args, "reason");
	if (d->filter.reason != NULL && check_reason(d->filter.reason, err) < 0)
		return -1;
	if (args_int(args, "id", 1, INT64_MAX, &d->filter.id, err) < 0)
		return -1;
	if (age != NULL && read_age(age, &d->filter.before_us, err) < 0)
		return -1;
	if (table == NULL)
		return 0;
	return state_tables_filter(&d->tables, table, &d->filter.source, &d->filter.table, err);
}

int dlq_has_filter(const struct args *args)
{
	return args_has(args, "source") || args_has(args, "table") || args_has(args, "reason") ||
	       args_has(args, "id") || args_has(args, "before");
}
