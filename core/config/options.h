/* SPDX-License-Identifier: MIT */
/*
 * The engine behind every option table, the core's and the plugins': reads a
 * map of the configuration against a table of struct defsync_option, checks
 * types and ranges, fills in defaults.
 *
 * Values live in the arena.  Getters take declared names only; asking for
 * another one is a bug and answers NULL or 0 after a message on `log`, if any.
 */

#ifndef CONFIG_OPTIONS_H
#define CONFIG_OPTIONS_H

#include <defsync/plugin.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/secrets.h"
#include "config/problems.h"
#include "config/tree.h"

/* A table with its stride, as it comes from a plugin. */
struct option_table {
	const struct defsync_option *options;
	size_t n;
	size_t stride;
};

#define OPTION_TABLE(array)                                                                        \
	{                                                                                          \
		(array), sizeof(array) / sizeof((array)[0]), sizeof((array)[0])                    \
	}

const struct defsync_option *option_at(const struct option_table *table, size_t i);
const struct defsync_option *option_find(const struct option_table *table, const char *name);
/* "string", "duration" ...; never NULL. */
const char *option_type_name(uint32_t type);

/*
 * Is the table itself sound: names, types, ranges, defaults that parse, help?
 * For what a plugin declares.  -1 with ERR_INTERNAL.
 */
int option_table_check(const struct option_table *table, struct error *err);

/*
 * Reads the entries of `map` (may be NULL) that the table names; marks them as
 * used.  A list where one string is expected, a range, a missing required
 * option: problems.  Secrets go to `secrets`.  PATH options are joined with
 * `folder` unless absolute.  NULL only without memory; with problems the set
 * holds what could be read.
 */
struct defsync_options *options_read(const struct option_table *table, struct tree *map,
				     const char *folder, struct arena *arena,
				     struct secrets *secrets, struct problems *problems);

/*
 * A problem for each entry of `map` that nobody used, with the nearest name of
 * the tables.
 */
void options_unknown(struct tree *map, const struct option_table *const *tables, size_t n_tables,
		     const char *const *more_names, size_t n_more, struct problems *problems);

int options_is_set(const struct defsync_options *o, const char *name); /* not by its default */
const char *options_string(const struct defsync_options *o, const char *name);
int64_t options_int(const struct defsync_options *o, const char *name);
double options_double(const struct defsync_options *o, const char *name);
uint32_t options_count(const struct defsync_options *o, const char *name);
const char *options_item(const struct defsync_options *o, const char *name, uint32_t i);

/* Lines of help: name, type, default, range, text.  `indent` spaces before each. */
int options_help(const struct option_table *table, int indent, struct buf *out);

#endif
