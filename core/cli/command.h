/* SPDX-License-Identifier: MIT */
/*
 * The commands: one table from which dispatch, help, the check of the man page
 * and the completion come.  A command of two words ("state show") belongs to the
 * group that its first word names.
 */

#ifndef CLI_COMMAND_H
#define CLI_COMMAND_H

#include <stddef.h>

#include "base/error.h"
#include "base/log.h"
#include "cli/args.h"

/* What the global options say, for every command. */
struct cli {
	struct log *log;
	const char *config_path; /* --config, or NULL */
	int verbose, quiet;
	enum log_format log_format;
};

struct command {
	const char *group;   /* NULL, or the first word of the name */
	const char *name;    /* "run", "state show" */
	const char *usage;   /* what follows the name: "[TABLE]" */
	const char *summary; /* one line, no full stop */
	const char *details; /* paragraphs and examples of its help, or NULL */
	struct arg_table options;
	const struct arg_table *more_options; /* that commands share, or NULL */
	unsigned min_words, max_words;	      /* behind the name */
	/*
	 * The exit code, or -1 with an error that the caller prints.  The words
	 * of `args` are those behind the name.
	 */
	int (*run)(struct cli *cli, const struct args *args, struct error *err);
};

const struct command *command_at(size_t i); /* NULL behind the last one */
/* sub may be NULL; NULL when there is no such command. */
const struct command *command_find(const char *name, const char *sub);
/* Is it the first word of commands of two words? */
int command_is_group(const char *name);
/* ERR_USAGE with the nearest name; always -1. */
int command_unknown(const char *group, const char *word, struct error *err);

extern const struct arg_table command_globals;
extern const struct arg_table command_store_options; /* --store */

/* Parses, runs, prints the error; the exit code. */
int command_main(int argc, char **argv, struct log *log);

extern const struct command command_run;
extern const struct command command_check;
extern const struct command command_discover;
extern const struct command command_preview;
extern const struct command command_status;
extern const struct command command_state_show;
extern const struct command command_state_set;
extern const struct command command_state_reset;
extern const struct command command_state_export;
extern const struct command command_state_import;
extern const struct command command_state_batches;
extern const struct command command_dlq_list;
extern const struct command command_dlq_show;
extern const struct command command_dlq_export;
extern const struct command command_dlq_replay;
extern const struct command command_dlq_purge;
extern const struct command command_view;
extern const struct command command_plugins;
extern const struct command command_version;
extern const struct command command_help;

#endif
