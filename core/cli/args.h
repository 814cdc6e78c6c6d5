/* SPDX-License-Identifier: MIT */
/*
 * The command line against tables of options.
 *
 *	args_init(&a, argc, argv);
 *	args_parse(&a, globals, 1, ARGS_ONE_WORD, err)       up to the command
 *	args_parse(&a, both, 2, ARGS_ALL, err)               the rest
 *	args_value(&a, "table") ...
 *	args_done(&a);
 *
 * Forms: --name=value, --name value, --flag, -n value, -nvalue, -vq, "--" for the
 * end of the options, "-" is a word.  Long names are not abbreviated, so that a
 * new option never changes what a script means.  Of an option that is not
 * repeated the last value counts.  All strings belong to argv.
 */

#ifndef CLI_ARGS_H
#define CLI_ARGS_H

#include <stddef.h>
#include <stdint.h>

#include "base/error.h"

struct arg_option {
	const char *name;  /* long name without dashes */
	const char *value; /* what help calls the value, "FILE"; NULL: a flag */
	const char *help;  /* one line, no full stop */
	char letter;	   /* or 0 */
	int repeated;	   /* every value counts */
};

struct arg_table {
	const struct arg_option *options;
	size_t n;
};

#define ARG_TABLE(array)                                                                           \
	{                                                                                          \
		(array), sizeof(array) / sizeof((array)[0])                                        \
	}

struct arg_value {
	const struct arg_option *option;
	const char *text; /* NULL: a flag */
};

struct args {
	int argc;
	char **argv;
	int next; /* of argv, to be looked at */
	struct arg_value *values;
	size_t n_values, cap_values;
	const char **words; /* argc at most */
	size_t n_words;
};

enum args_extent {
	ARGS_ONE_WORD, /* stop behind the first word */
	ARGS_ALL
};

/* argv[0] is the program. */
int args_init(struct args *a, int argc, char **argv, struct error *err);
void args_done(struct args *a);

/* -1 with ERR_USAGE: unknown option (with the nearest name), value missing or not wanted. */
int args_parse(struct args *a, const struct arg_table *tables, size_t n_tables,
	       enum args_extent extent, struct error *err);

int args_has(const struct args *a, const char *name);
const char *args_value(const struct args *a, const char *name); /* the last one, or NULL */
size_t args_count(const struct args *a, const char *name);
const char *args_item(const struct args *a, const char *name, size_t i);

/* The value as a number of min to max; *ret is untouched when the option is not there. */
int args_int(const struct args *a, const char *name, int64_t min, int64_t max, int64_t *ret,
	     struct error *err);
/* The values of a repeated option as an array (free), NULL only without memory. */
const char **args_list(const struct args *a, const char *name, size_t *ret_n);

#endif
