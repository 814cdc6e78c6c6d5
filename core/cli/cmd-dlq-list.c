/* SPDX-License-Identifier: MIT */
/* defsync dlq list: the rows that could not be sent. */

#include "base/clock.h"
#include "base/num.h"
#include "cli/dlq-filter.h"
#include "cli/output.h"

#define LIST_CHUNK 500 /* lines of text that share their column widths */

static const struct arg_option list_options[] = {
    {.name = "json", .help = "print JSON"},
};

/* A letter at a time, however many there are. */
struct list_output {
	int json;
	size_t n;
	struct grid grid;
	struct error *err;
};

static void begin_grid(struct list_output *out)
{
	static const char *const headers[] = {"ID",	"TABLE",  "TARGET", "KEY",
					      "REASON", "STATUS", "SEEN",   "MESSAGE"};

	grid_init(&out->grid, headers, "rllllrll", sizeof(headers) / sizeof(headers[0]));
}

static int flush_grid(struct list_output *out)
{
	struct buf b;
	int rc;

	buf_init(&b, OUTPUT_MAX);
	rc = grid_print(&out->grid, &b) < 0 ? error_nomem(out->err) : output_write(&b, out->err);
	buf_done(&b);
	grid_done(&out->grid);
	return rc;
}

static int print_letter_json(struct list_output *out, const struct dead_letter *l)
{
	json_t *o = dlq_letter_json(l);
	struct buf b;
	int rc;

	buf_init(&b, OUTPUT_MAX);
	rc = o == NULL || buf_add_str(&b, out->n > 0 ? ",\n" : "") < 0
		 ? error_nomem(out->err)
		 : output_json_text(o, &b, out->err);
	if (rc == 0) {
		b.len--; /* the newline: a comma may follow */
		rc = output_write(&b, out->err);
	}
	buf_done(&b);
	json_decref(o);
	return rc;
}

static int print_letter_text(struct list_output *out, const struct dead_letter *l)
{
	char seen[CLOCK_TEXT_MAX];
	struct grid *g = &out->grid;
	char status[24] = "";
	struct buf name;

	if (out->n > 0 && out->n % LIST_CHUNK == 0) {
		if (flush_grid(out) < 0)
			return -1;
		begin_grid(out);
	}
	clock_format(l->first_seen_us, seen);
	if (l->status != 0)
		*num_write_i64(status, l->status) = '\0';
	buf_init(&name, OUTPUT_MAX);
	grid_add_u64(g, (uint64_t)l->id);
	grid_add(g, buf_printf(&name, "%s.%s", l->source, l->table) == 0 ? buf_str(&name) : "");
	grid_add(g, l->target);
	grid_add(g, l->key);
	grid_add(g, l->reason);
	grid_add(g, status);
	grid_add(g, seen);
	grid_add(g, l->message);
	buf_done(&name);
	return 0;
}

static int print_letter(void *ctx, const struct dead_letter *l)
{
	struct list_output *out = ctx;
	int rc = out->json ? print_letter_json(out, l) : print_letter_text(out, l);

	out->n++;
	return rc;
}

static int print_text(const char *text, struct error *err)
{
	struct buf b;
	int rc;

	buf_init(&b, OUTPUT_MAX);
	rc = buf_add_str(&b, text) < 0 ? error_nomem(err) : output_write(&b, err);
	buf_done(&b);
	return rc;
}

static int list_letters(struct dlq_command *d, int json, struct error *err)
{
	struct list_output out = {.json = json, .err = err};
	int rc;

	if (json && print_text("{\"dead_letters\": [", err) < 0)
		return -1;
	if (!json)
		begin_grid(&out);
	rc = store_dead_each(d->store, &d->filter, 0, print_letter, &out, err);
	if (rc != 0)
		rc = error_nomem(err); /* keeps a reason that is there */
	if (json)
		return rc == 0 ? print_text("]}\n", err) : -1;
	if (rc == 0)
		rc = flush_grid(&out);
	grid_done(&out.grid);
	return rc;
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
