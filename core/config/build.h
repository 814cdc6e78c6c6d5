/* SPDX-License-Identifier: MIT */
/* How the configuration is put together.  For the config-x.c files only. */

#ifndef CONFIG_BUILD_H
#define CONFIG_BUILD_H

#include "config/model.h"

struct build {
	struct config *config;
	const struct config_overrides *overrides; /* never NULL */
	struct secrets *secrets;
	struct problems *problems;
	int no_memory;
};

/* The tables by config_section's name; never NULL for a known one. */
const struct option_table *config_table_of(const char *section);
/* "source" and "table" without the entries that options_read cannot read: maps and lists of maps. */
extern const struct option_table config_source_scalars, config_table_scalars;

/* NULL without memory; `folder` and `path` as in struct config. */
struct config *config_create(void);
/* From the tree at config->root to the model: -1 without memory. */
int config_build(struct build *b);
/* Parts of it. */
void config_build_sections(struct build *b);
void config_build_dlq(struct build *b);
void config_build_sources(struct build *b);
/* detect_deletes of a table, and what it needs. */
void config_build_deletes(struct build *b, struct config_table *t, const struct defsync_options *o);
/* Relations between options and between tables. */
void config_check(struct build *b);

/* The map of that name; NULL when it is not there, empty or, after a problem, no map. */
struct tree *config_map(struct tree *parent, const char *name, struct problems *problems);

/* Values and map of a section of the file; NULL without memory. */
struct defsync_options *config_section_read(struct build *b, const char *name,
					    struct tree **ret_map);
void config_add_secret(struct build *b, const char *p, size_t n);

/* The password in "scheme://user:password@host": 1 when there is one that is not empty. */
int config_url_password(const char *url, const char **ret_start, size_t *ret_len);

#endif
