/* SPDX-License-Identifier: MIT */
/* defsync dlq list: the rows that could not be sent. */

#include "base/clock.h"
#include "base/num.h"
#include "cli/dlq-filter.h"
#include "cli/listing.h"

static const struct arg_option list_options[] = {
    {.name = "json", .help = "print JSON"},
};

static const char *const headers[] = {"ID",	"TABLE",  "TARGET", "KEY",
				      "REASON", "STATUS", "SEEN",   "MESSAGE"};

static const struct listing_columns columns = {
    .name = "dead_letters",
    .headers = headers,
    .align = "rllllrll",
    .n = sizeof(headers) / sizeof(headers[0]),
};

static void add_row(struct grid *g, const struct dead_letter *l)
{
	char seen[CLOCK_TEXT_MAX];
	char status[24] = "";

	clock_format(l->first_seen_us, seen);
	if (l->status != 0)
		*num_write_i64(status, l->status) = '\0';
	grid_add_u64(g, (uint64_t)l->id);
	grid_add_table(g, l->source, l->table);
	grid_add(g, l->target);
	grid_add(g, l->key);
	grid_add(g, l->reason);
	grid_add(g, status);
	grid_add(g, seen);
	grid_add(g, l->message);
}

static int print_letter(void *ctx, const struct dead_letter *l)
{
	struct listing *out = ctx;

	if (out->json)
		return listing_json(out, dlq_letter_json(l));
	add_row(listing_row(out), l);
	return 0;
}

static int list_letters(struct dlq_command *d, int json, struct error *err)
{
	struct listing out;

	if (listing_begin(&out, &columns, json, err) < 0)
		return -1;
	return listing_end(&out, store_dead_each(d->store, &d->filter, 0, print_letter, &out, err));
}

static int list_run(struct cli *cli, const struct args *args, struct error *err)
{
	struct dlq_command d;
	int rc = dlq_open(&d, cli, args, CONTEXT_READ, err);

	if (rc == 0)
		rc = dlq_read_filter(&d, args, err);
	if (rc == 0)
		rc = list_letters(&d, args_has(args, "json"), err);
	dlq_close(&d);
	return rc;
}

const struct command command_dlq_list = {
    .group = "dlq",
    .name = "dlq list",
    .usage = "[OPTION]...",
    .summary = "list the dead letters: rows that could not be sent, with the reason",
    .options = ARG_TABLE(list_options),
    .more_options = &dlq_filter_options,
    .run = list_run,
};
