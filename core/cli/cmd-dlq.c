/* SPDX-License-Identifier: MIT */
/* defsync dlq show, purge: one dead letter with its row; the end of some. */

#include <inttypes.h>
#include <string.h>

#include "base/clock.h"
#include "base/num.h"
#include "cli/dlq-filter.h"
#include "cli/output.h"

static const struct arg_option show_options[] = {
    {.name = "json", .help = "print JSON"},
};

static const struct arg_option purge_options[] = {
    {.name = "yes", .help = "purge all of them when there is no filter"},
};

/* ---- show ---- */

struct show_output {
	int json, found;
	struct error *err;
};

static int show_json(const struct dead_letter *l, struct error *err)
{
	struct buf b;
	int rc;

	buf_init(&b, OUTPUT_MAX);
	rc = dlq_letter_text(l, 1, &b, err);
	if (rc == 0)
		rc = output_write(&b, err);
	buf_done(&b);
	return rc;
}

static int add_line(struct buf *b, const char *name, const char *text)
{
	if (text == NULL || text[0] == '\0')
		return 0;
	if (buf_printf(b, "%-12s", name) < 0 || output_add_clean(b, text) < 0)
		return -1;
	return buf_add_char(b, '\n');
}

static int show_text(const struct dead_letter *l, struct error *err)
{
	char number[32], seen[CLOCK_TEXT_MAX];
	struct buf b;
	int rc = 0;

	buf_init(&b, OUTPUT_MAX);
	clock_format(l->first_seen_us, seen);
	*num_write_i64(number, l->id) = '\0';
	rc |= add_line(&b, "id", number);
	rc |= add_line(&b, "source", l->source);
	rc |= add_line(&b, "table", l->table);
	rc |= add_line(&b, "target", l->target);
	rc |= add_line(&b, "mode", l->mode);
	rc |= add_line(&b, "key", l->key);
	rc |= add_line(&b, "position", l->position);
	rc |= add_line(&b, "reason", l->reason);
	*num_write_i64(number, l->status) = '\0';
	rc |= add_line(&b, "status", l->status != 0 ? number : "");
	rc |= add_line(&b, "message", l->message);
	rc |= add_line(&b, "first seen", seen);
	*num_write_i64(number, l->attempts) = '\0';
	rc |= add_line(&b, "attempts", number);
	rc |= buf_add(&b, l->payload, l->payload_len);
	rc |= buf_add_char(&b, '\n');
	rc = rc < 0 ? error_nomem(err) : output_write(&b, err);
	buf_done(&b);
	return rc;
}

static int show_letter(void *ctx, const struct dead_letter *l)
{
	struct show_output *out = ctx;

	out->found = 1;
	return out->json ? show_json(l, out->err) : show_text(l, out->err);
}

static int show_one(struct dlq_command *d, const char *id, int json, struct error *err)
{
	struct show_output out = {.json = json, .err = err};

	if (num_parse_i64(id, 1, INT64_MAX, &d->filter.id) < 0)
		return error_set(err, ERR_USAGE, "not the id of a dead letter: '%s'", id);
	if (store_dead_each(d->store, &d->filter, 1, show_letter, &out, err) < 0 ||
	    error_is_set(err))
		return -1;
	if (!out.found)
		return error_set(err, ERR_USAGE, "no dead letter has the id: '%s'; see dlq list",
				 id);
	return 0;
}

static int show_run(struct cli *cli, const struct args *args, struct error *err)
{
	struct dlq_command d;
	int rc = dlq_open(&d, cli, args, CONTEXT_READ, err);

	if (rc == 0)
		rc = show_one(&d, args->words[0], args_has(args, "json"), err);
	dlq_close(&d);
	return rc;
}

/* ---- purge ---- */

static int purge_run(struct cli *cli, const struct args *args, struct error *err)
{
	struct dlq_command d;
	int64_t n = 0;
	int rc;

	if (!dlq_has_filter(args) && !args_has(args, "yes"))
		return error_set(err, ERR_USAGE,
				 "dlq purge: that would be all of them; give a "
				 "filter, or --yes");
	rc = dlq_open(&d, cli, args, CONTEXT_CHANGE, err);
	if (rc == 0)
		rc = dlq_read_filter(&d, args, err);
	if (rc == 0)
		rc = store_dead_purge(d.store, &d.filter, &n, err);
	if (rc == 0)
		log_write(cli->log, LOG_INFO, "dlq", "%" PRId64 " dead letters purged", n);
	dlq_close(&d);
	return rc;
}

const struct command command_dlq_show = {
    .group = "dlq",
    .name = "dlq show",
    .usage = "ID",
    .summary = "show one dead letter with its row",
    .options = ARG_TABLE(show_options),
    .more_options = &command_store_options,
    .min_words = 1,
    .max_words = 1,
    .run = show_run,
};

const struct command command_dlq_purge = {
    .group = "dlq",
    .name = "dlq purge",
    .usage = "[OPTION]...",
    .summary = "delete dead letters; their rows are not sent any more",
    .options = ARG_TABLE(purge_options),
    .more_options = &dlq_filter_options,
    .run = purge_run,
};
