/* SPDX-License-Identifier: MIT */
/* defsync run: one pass over the selected tables. */

#include <inttypes.h>

#include "base/clock.h"
#include "cli/publish.h"

static const struct arg_option run_options[] = {
    {.name = "source",
     .value = "NAME",
     .repeated = 1,
     .help = "only this source, or all sources of this plugin"},
    {.name = "table",
     .value = "TABLE",
     .repeated = 1,
     .help = "only this table: its from, its to, or source.from"},
    {.name = "full-refresh", .help = "read the tables from the beginning"},
    {.name = "accept-schema", .help = "the tables' columns are right as they are, see schema"},
    {.name = "since",
     .value = "WATERMARK",
     .help = "rows from this watermark on, whatever is delivered; no checkpoint moves"},
    {.name = "until", .value = "WATERMARK", .help = "rows below this watermark, likewise"},
    {.name = "limit", .value = "N", .letter = 'n', .help = "at most N rows of each table"},
    {.name = "dry-run", .help = "read, transform and count; nothing is sent or stored"},
    {.name = "stdout", .help = "rows as JSON Lines on stdout; nothing is sent or stored"},
    {.name = "report", .value = "FILE", .help = "write the result as JSON to FILE"},
    {.name = "json", .help = "print the result as JSON instead of a table"},
    {.name = "api-url", .value = "URL", .help = "instead of api.url"},
    {.name = "api-ca-file", .value = "FILE", .help = "instead of api.ca_file"},
    {.name = "store", .value = "FILE", .help = "instead of store.path"},
    {.name = "set",
     .value = "NAME=VALUE",
     .repeated = 1,
     .help = "option of the source when there is no configuration file"},
};

static const char run_details[] =
    "Reads what changed since the last run and pushes it. Without a configuration file, --source\n"
    "names a plugin, --set its options and --table FROM:TO:WATERMARK[:KEY[,KEY]] its tables; the "
    "key\nof the API comes from the variable DEFINITE_API_KEY:\n\n"
    "  defsync run --source sqlite --set database=shop.db \\\n"
    "      --table orders:bronze.orders:updated_at:id --api-url https://api.example/v2/stream\n";

static int read_settings(const struct args *args, struct run_settings *s, struct error *err)
{
	int dry = args_has(args, "dry-run");
	int print = args_has(args, "stdout");

	*s = job_settings();
	s->full_refresh = args_has(args, "full-refresh");
	s->accept_schema = args_has(args, "accept-schema");
	s->since = args_value(args, "since");
	s->until = args_value(args, "until");
	if (s->full_refresh && run_is_range(s))
		return error_set(err, ERR_USAGE,
				 "run: --full-refresh excludes --since and --until; leave one out");
	if (dry && print)
		return error_set(err, ERR_USAGE,
				 "run: --dry-run and --stdout exclude each other; leave one out");
	if (dry || print)
		s->sink = dry ? RUN_DRY : RUN_STDOUT;
	if (args_int(args, "limit", 1, INT64_MAX, &s->row_limit, err) == 0)
		return 0;
	error_prefix(err, "run");
	return -1;
}

static uint64_t count_dead(const struct run *run)
{
	struct run_table_result r;
	uint64_t n = 0;

	for (size_t i = 0; run != NULL && i < run_n_tables(run); i++) {
		run_result(run, i, &r);
		n += r.counts.dead;
	}
	return n;
}

/* The last line, also with --quiet: nothing else tells a cron job's reader what happened. */
static void say_dead(struct cli *cli, const struct run *run, enum run_sink sink)
{
	uint64_t n = count_dead(run);
	const char *rows = n == 1 ? "row" : "rows";

	if (n == 0)
		return;
	if (cli->quiet)
		log_set(cli->log, LOG_WARN, cli->log_format);
	if (sink == RUN_PUSH)
		log_write(cli->log, LOG_WARN, "run",
			  "%" PRIu64 " %s went to the dead letters; see which and why with "
			  "defsync dlq list",
			  n, rows);
	else
		log_write(cli->log, LOG_WARN, "run",
			  "%" PRIu64
			  " %s cannot be sent; a run would keep them in the dead letters",
			  n, rows);
	if (cli->quiet)
		log_set(cli->log, LOG_ERROR, cli->log_format);
}

static int run_run(struct cli *cli, const struct args *args, struct error *err)
{
	int64_t started_us = clock_wall_us();
	struct error why = ERROR_INIT, unprinted = ERROR_INIT;
	struct run_settings settings;
	struct job j;
	int code = -1;

	if (read_settings(args, &settings, err) < 0)
		return -1;
	if (job_open(&j, cli, args, NULL, &settings, &why) == 0)
		code = job_execute(&j, &why);
	if (code < 0) {
		log_failure(cli->log, NULL, &why);
		code = error_exit_code(why.class);
	}
	if (publish(&j, args, started_us, code, error_text(&why), PUBLISH_RUN, &unprinted) < 0) {
		log_failure(cli->log, "run", &unprinted);
		code = code == 0 ? error_exit_code(unprinted.class) : code;
	}
	say_dead(cli, j.run, settings.sink);
	error_done(&unprinted);
	error_done(&why);
	job_done(&j);
	return code;
}

const struct command command_run = {
    .name = "run",
    .usage = "[OPTION]...",
    .summary = "read what changed, push it, and exit",
    .details = run_details,
    .options = ARG_TABLE(run_options),
    .run = run_run,
};
