/* SPDX-License-Identifier: MIT */
/* The table of commands and the way from argv to one of them. */

#include "cli/command.h"

#include <string.h>

#include "base/suggest.h"
#include "cli/help.h"

static const struct command *const commands[] = {
    &command_run,	   &command_check,	  &command_discover,	  &command_preview,
    &command_status,	   &command_state_show,	  &command_state_set,	  &command_state_reset,
    &command_state_export, &command_state_import, &command_state_batches, &command_dlq_list,
    &command_dlq_show,	   &command_dlq_export,	  &command_dlq_replay,	  &command_dlq_purge,
    &command_view,	   &command_plugins,	  &command_version,	  &command_help,
};

#define N_COMMANDS (sizeof(commands) / sizeof(commands[0]))

static const struct arg_option global_options[] = {
    {.name = "config",
     .value = "FILE",
     .help = "configuration; default: $DEFSYNC_CONFIG, ./defsync.yaml, /etc/defsync/defsync.yaml"},
    {.name = "verbose", .letter = 'v', .help = "say more on stderr"},
    {.name = "quiet", .letter = 'q', .help = "only errors on stderr, no summary"},
    {.name = "log-format", .value = "text|json", .help = "form of the lines on stderr"},
    {.name = "help", .letter = 'h', .help = "show help and exit"},
    {.name = "version", .help = "show the version and exit"},
};

static const struct arg_option store_options[] = {
    {.name = "store", .value = "FILE", .help = "instead of store.path"},
};

const struct arg_table command_store_options = ARG_TABLE(store_options);
const struct arg_table command_globals = ARG_TABLE(global_options);

const struct command *command_at(size_t i)
{
	return i < N_COMMANDS ? commands[i] : NULL;
}

static int is_in_group(const struct command *c, const char *group)
{
	return c->group != NULL && strcmp(c->group, group) == 0;
}

/* "show" of "state show". */
static const char *second_word(const struct command *c)
{
	return c->name + strlen(c->group) + 1;
}

const struct command *command_find(const char *name, const char *sub)
{
	for (size_t i = 0; i < N_COMMANDS; i++) {
		const struct command *c = commands[i];

		if (sub == NULL && strcmp(c->name, name) == 0)
			return c;
		if (sub != NULL && is_in_group(c, name) && strcmp(second_word(c), sub) == 0)
			return c;
	}
	return NULL;
}

int command_is_group(const char *name)
{
	for (size_t i = 0; i < N_COMMANDS; i++)
		if (is_in_group(commands[i], name))
			return 1;
	return 0;
}

/* What can stand behind the group, or first when it is NULL. */
static size_t known_words(const char *group, const char *names[N_COMMANDS])
{
	size_t n = 0;

	for (size_t i = 0; i < N_COMMANDS; i++) {
		const struct command *c = commands[i];

		if (group != NULL && is_in_group(c, group))
			names[n++] = second_word(c);
		else if (group == NULL)
			names[n++] = c->group != NULL ? c->group : c->name;
	}
	return n;
}

int command_unknown(const char *group, const char *word, struct error *err)
{
	const char *names[N_COMMANDS];
	size_t n = known_words(group, names);
	const char *nearest;

	nearest = suggest(word, names, n);
	if (nearest != NULL)
		return error_set(err, ERR_USAGE, "unknown command: '%s%s%s'; did you mean '%s'",
				 group != NULL ? group : "", group != NULL ? " " : "", word,
				 nearest);
	return error_set(err, ERR_USAGE, "unknown command: '%s%s%s'; see defsync --help",
			 group != NULL ? group : "", group != NULL ? " " : "", word);
}

/* ---- from argv to a command ---- */

/* What the global options say; called again after each part of the line. */
static int read_globals(struct cli *cli, const struct args *a, struct error *err)
{
	const char *format = args_value(a, "log-format");

	cli->config_path = args_value(a, "config");
	cli->verbose = args_has(a, "verbose");
	cli->quiet = args_has(a, "quiet");
	if (format != NULL && strcmp(format, "text") != 0 && strcmp(format, "json") != 0)
		return error_set(err, ERR_USAGE, "--log-format: not text or json: '%s'", format);
	cli->log_format = format != NULL && format[0] == 'j' ? LOG_JSON : LOG_TEXT;
	log_set(cli->log,
		cli->quiet     ? LOG_ERROR
		: cli->verbose ? LOG_DEBUG
			       : LOG_INFO,
		cli->log_format);
	return 0;
}

static int parse_globals(struct cli *cli, struct args *a, struct error *err)
{
	if (args_parse(a, &command_globals, 1, ARGS_ONE_WORD, err) < 0) {
		(void)read_globals(cli, a, NULL);
		return -1;
	}
	return read_globals(cli, a, err);
}

static int check_words(const struct command *c, const struct args *a, struct error *err)
{
	if (a->n_words < c->min_words)
		return error_set(err, ERR_USAGE, "argument missing; defsync %s %s", c->name,
				 c->usage);
	if (a->n_words > c->max_words)
		return error_set(err, ERR_USAGE, "argument too many: '%s'; defsync %s %s",
				 a->words[c->max_words], c->name, c->usage);
	return 0;
}

static int run_command(struct cli *cli, const struct command *c, struct args *a, struct error *err)
{
	const struct arg_table none = {0};
	const struct arg_table tables[] = {c->options, c->more_options ? *c->more_options : none,
					   command_globals};
	int rc;

	a->n_words = 0;
	rc = args_parse(a, tables, sizeof(tables) / sizeof(tables[0]), ARGS_ALL, err);
	if (read_globals(cli, a, err) < 0)
		rc = -1;
	if (rc == 0 && args_has(a, "help"))
		return help_command(c, err);
	if (rc == 0 && check_words(c, a, err) == 0)
		return c->run(cli, a, err);
	error_prefix(err, "%s", c->name);
	return -1;
}

static int run_group(struct cli *cli, const char *group, struct args *a, struct error *err)
{
	const struct command *c;

	a->n_words = 0;
	if (parse_globals(cli, a, err) < 0)
		return -1;
	if (a->n_words == 0) {
		if (args_has(a, "help"))
			return help_group(group, err);
		return error_set(err, ERR_USAGE,
				 "command missing behind '%s'; see defsync %s --help", group,
				 group);
	}
	c = command_find(group, a->words[0]);
	if (c == NULL)
		return command_unknown(group, a->words[0], err);
	return run_command(cli, c, a, err);
}

static int dispatch(struct cli *cli, struct args *a, struct error *err)
{
	const struct command *c;

	if (parse_globals(cli, a, err) < 0)
		return -1;
	if (a->n_words == 0 && args_has(a, "version"))
		return run_command(cli, &command_version, a, err);
	if (a->n_words == 0 && args_has(a, "help"))
		return help_overview(err);
	if (a->n_words == 0)
		return error_set(err, ERR_USAGE, "command missing; see defsync --help");
	if (command_is_group(a->words[0]))
		return run_group(cli, a->words[0], a, err);
	c = command_find(a->words[0], NULL);
	if (c == NULL)
		return command_unknown(NULL, a->words[0], err);
	return run_command(cli, c, a, err);
}

int command_main(int argc, char **argv, struct log *log)
{
	struct cli cli = {.log = log};
	struct error err = ERROR_INIT;
	struct args args;
	int code = -1;

	if (args_init(&args, argc, argv, &err) == 0)
		code = dispatch(&cli, &args, &err);
	if (code < 0) {
		log_failure(log, NULL, &err);
		code = error_exit_code(err.class);
	}
	args_done(&args);
	error_done(&err);
	return code;
}
