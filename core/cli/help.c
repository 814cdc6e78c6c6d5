/* SPDX-License-Identifier: MIT */
/* Help texts, made from the tables. */

#include "cli/help.h"

#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "cli/output.h"
#include "config/model.h"

#define HELP_MAX (1024 * 1024)
#define HELP_COLUMN 26 /* where the texts begin */

struct exit_code {
	const char *code;
	const char *text;
};

/* DESIGN section 11; the man page says the same, a test compares. */
static const struct exit_code exit_codes[] = {
    {"0", "done"},
    {"1", "unexpected"},
    {"2", "usage"},
    {"3", "configuration"},
    {"4", "source: log-in, grants, missing table or column, stale checkpoint"},
    {"5", "the API refuses: key, URL, TLS, schema"},
    {"6", "temporary, nothing lost, run again"},
    {"7", "done, some rows are in the dead letters"},
    {"8", "another run holds the lock"},
    {"9", "store damaged or foreign"},
    {"10", "stopped early by a limit, more to do"},
    {"11", "store or dead letters full, nothing lost"},
    {"128+n", "stopped by signal n, drained"},
};

/* Two columns; a long left side gets a line of its own. */
static int add_pair(struct buf *b, const char *left, const char *right)
{
	if (strlen(left) + 4 > HELP_COLUMN)
		return buf_printf(b, "  %s\n%*s%s\n", left, HELP_COLUMN, "", right);
	return buf_printf(b, "  %-*s%s\n", HELP_COLUMN - 2, left, right);
}

static int add_option(struct buf *b, const struct arg_option *o)
{
	struct buf left;
	int rc = 0;

	buf_init(&left, 1024);
	if (o->letter != 0)
		rc |= buf_printf(&left, "-%c, ", o->letter);
	else
		rc |= buf_add_str(&left, "    ");
	rc |= buf_printf(&left, "--%s", o->name);
	if (o->value != NULL)
		rc |= buf_printf(&left, " %s", o->value);
	if (o->repeated)
		rc |= buf_add_str(&left, " ...");
	if (rc == 0)
		rc = buf_str(&left) == NULL ? -1 : add_pair(b, left.data, o->help);
	buf_done(&left);
	return rc;
}

static int add_options(struct buf *b, const struct arg_table *t)
{
	int rc = 0;

	for (size_t i = 0; i < t->n; i++)
		rc |= add_option(b, &t->options[i]);
	return rc;
}

static int add_globals(struct buf *b)
{
	return buf_add_str(b, "\nGlobal options:\n") < 0 ? -1 : add_options(b, &command_globals);
}

static int add_own_options(struct buf *b, const struct command *c)
{
	int rc = 0;

	if (c->options.n == 0 && c->more_options == NULL)
		return 0;
	rc |= buf_add_str(b, "\nOptions:\n");
	rc |= add_options(b, &c->options);
	if (c->more_options != NULL)
		rc |= add_options(b, c->more_options);
	return rc;
}

static int print_help(struct buf *b, int rc, struct error *err)
{
	rc = rc < 0 ? error_nomem(err) : output_write(b, err);
	buf_done(b);
	return rc;
}

static int add_usage(struct buf *b, const struct command *c)
{
	const char *gap = c->usage[0] != '\0' ? " " : "";

	return buf_printf(b, "defsync %s%s%s\n", c->name, gap, c->usage);
}

int help_overview(struct error *err)
{
	const struct command *c;
	struct buf b;
	int rc;

	buf_init(&b, HELP_MAX);
	rc = buf_add_str(&b, "defsync pushes the rows that changed in databases and files to an "
			     "ingest API\n\nUsage: defsync [OPTION]... COMMAND [ARGUMENT]...\n"
			     "\nCommands:\n");
	for (size_t i = 0; (c = command_at(i)) != NULL; i++)
		rc |= add_pair(&b, c->name, c->summary);
	rc |= add_globals(&b);
	rc |= buf_add_str(&b, "\nExit codes:\n");
	for (size_t i = 0; i < sizeof(exit_codes) / sizeof(exit_codes[0]); i++)
		rc |= add_pair(&b, exit_codes[i].code, exit_codes[i].text);
	rc |= buf_add_str(&b, "\nMore: defsync help COMMAND, defsync help config, "
			      "defsync plugins NAME, defsync(1), defsync.yaml(5)\n");
	return print_help(&b, rc, err);
}

int help_group(const char *group, struct error *err)
{
	const struct command *c;
	struct buf b;
	int rc;

	buf_init(&b, HELP_MAX);
	rc = buf_printf(&b, "Usage: defsync %s COMMAND [ARGUMENT]...\n\nCommands:\n", group);
	for (size_t i = 0; (c = command_at(i)) != NULL; i++)
		if (c->group != NULL && strcmp(c->group, group) == 0)
			rc |= add_pair(&b, c->name, c->summary);
	rc |= add_globals(&b);
	return print_help(&b, rc, err);
}

int help_command(const struct command *c, struct error *err)
{
	struct buf b;
	int rc;

	buf_init(&b, HELP_MAX);
	rc = buf_add_str(&b, "Usage: ");
	rc |= add_usage(&b, c);
	rc |= buf_printf(&b, "\n%s\n", c->summary);
	if (c->details != NULL)
		rc |= buf_printf(&b, "\n%s", c->details);
	rc |= add_own_options(&b, c);
	rc |= add_globals(&b);
	return print_help(&b, rc, err);
}

int help_config(struct error *err)
{
	size_t n;
	const struct config_section *sections = config_sections(&n);
	struct buf b;
	int rc;

	buf_init(&b, HELP_MAX);
	rc = buf_add_str(&b, "Keys of the configuration, see defsync.yaml(5); a source and its "
			     "tables also take the options of\nthe plugin, see defsync plugins "
			     "NAME\n");
	for (size_t i = 0; i < n; i++) {
		const char *name = sections[i].name;

		rc |= buf_printf(&b, "\n%s%s:\n", name[0] != '\0' ? "section " : "top level", name);
		rc |= options_help(&sections[i].table, 2, &b);
	}
	return print_help(&b, rc, err);
}

/* ---- the command ---- */

static int help_run(struct cli *cli, const struct args *args, struct error *err)
{
	const char *name = args->n_words > 0 ? args->words[0] : NULL;
	const char *sub = args->n_words > 1 ? args->words[1] : NULL;
	const struct command *c;

	(void)cli;
	if (name == NULL)
		return help_overview(err);
	if (strcmp(name, "config") == 0 && sub == NULL)
		return help_config(err);
	if (command_is_group(name) && sub == NULL)
		return help_group(name, err);
	c = command_find(name, sub);
	if (c == NULL && command_is_group(name))
		return command_unknown(name, sub, err);
	if (c == NULL)
		return command_unknown(NULL, name, err);
	return help_command(c, err);
}

const struct command command_help = {
    .name = "help",
    .usage = "[COMMAND | config]",
    .summary = "show help: of all, of one command, or of the configuration's keys",
    .max_words = 2,
    .run = help_run,
};
