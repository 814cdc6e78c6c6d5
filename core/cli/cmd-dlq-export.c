/* SPDX-License-Identifier: MIT */
/* defsync dlq export: dead letters with their rows as JSON Lines. */

#include <string.h>

#include "base/file.h"
#include "cli/dlq-filter.h"
#include "cli/output.h"

#define EXPORT_MODE 0600       /* rows */
#define EXPORT_CHUNK (1 << 16) /* bytes that are written at once */

static const struct arg_option export_options[] = {
    {.name = "output",
     .value = "FILE",
     .letter = 'o',
     .help = "write FILE, mode 0600, instead of stdout; it is there when all is in it"},
};

struct export
{
	struct file_replacement file;
	int to_file;
	struct buf lines;
	struct error *err;
};

static int write_lines(struct export *x)
{
	int rc = x->to_file ? file_replacement_write(&x->file, x->lines.data, x->lines.len, x->err)
			    : output_write(&x->lines, x->err);

	buf_reset(&x->lines);
	return rc;
}

static int export_letter(void *ctx, const struct dead_letter *l)
{
	struct export *x = ctx;

	if (dlq_letter_text(l, 0, &x->lines, x->err) < 0)
		return -1;
	return x->lines.len >= EXPORT_CHUNK ? write_lines(x) : 0;
}

static int export_letters(struct export *x, struct dlq_command *d, struct error *err)
{
	if (store_dead_each(d->store, &d->filter, 1, export_letter, x, err) < 0 ||
	    error_is_set(err))
		return -1;
	return x->lines.len > 0 ? write_lines(x) : 0;
}

static int export_to(struct dlq_command *d, const char *path, struct error *err)
{
	struct export x = {.to_file = path != NULL && strcmp(path, "-") != 0, .err = err};
	int rc;

	if (x.to_file && file_replacement_open(&x.file, path, EXPORT_MODE, err) < 0)
		return -1;
	buf_init(&x.lines, OUTPUT_MAX);
	rc = export_letters(&x, d, err);
	buf_done(&x.lines);
	return x.to_file ? file_replacement_close(&x.file, rc, err) : rc;
}

static int export_run(struct cli *cli, const struct args *args, struct error *err)
{
	struct dlq_command d;
	int rc = dlq_open(&d, cli, args, CONTEXT_READ, err);

	if (rc == 0)
		rc = dlq_read_filter(&d, args, err);
	if (rc == 0)
		rc = export_to(&d, args_value(args, "output"), err);
	dlq_close(&d);
	return rc;
}

const struct command command_dlq_export = {
    .group = "dlq",
    .name = "dlq export",
    .usage = "[OPTION]...",
    .summary = "write dead letters with their rows as JSON Lines",
    .options = ARG_TABLE(export_options),
    .more_options = &dlq_filter_options,
    .run = export_run,
};
