/* SPDX-License-Identifier: MIT */
/* defsync preview: the first rows that the next run would send. */

#include "cli/job.h"

#define PREVIEW_ROWS 5
#define PREVIEW_ROWS_MAX 1000000

static const struct arg_option preview_options[] = {
    {.name = "rows", .value = "N", .letter = 'n', .help = "so many rows; default 5"},
};

static int preview_run(struct cli *cli, const struct args *args, struct error *err)
{
	struct run_settings settings = job_settings();
	struct job j;
	int code = -1;

	settings.sink = RUN_STDOUT;
	settings.row_limit = PREVIEW_ROWS;
	if (args_int(args, "rows", 1, PREVIEW_ROWS_MAX, &settings.row_limit, err) < 0) {
		error_prefix(err, "preview");
		return -1;
	}
	if (job_open(&j, cli, args, args->words[0], &settings, err) == 0)
		code = job_execute(&j, err);
	/* To stop at N rows is what was asked for. */
	if (code == error_exit_code(ERR_LIMIT))
		code = 0;
	job_done(&j);
	return code;
}

const struct command command_preview = {
    .name = "preview",
    .usage = "TABLE [-n N]",
    .summary = "print the first rows that the next run would send, as JSON Lines",
    .details = "Begins where the last run ended, or at the beginning when there was none. "
	       "Nothing is sent\nor stored. TABLE is a table's from, its to, or source.from.\n",
    .options = ARG_TABLE(preview_options),
    .more_options = &command_store_options,
    .min_words = 1,
    .max_words = 1,
    .run = preview_run,
};
