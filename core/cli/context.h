/* SPDX-License-Identifier: MIT */
/*
 * What a command needs before it can work: the configuration, its plugins, the
 * tables that the command line selects, the store.
 *
 *	context_init(&c, cli, err);
 *	context_open(&c, args, err)      the file or the ad hoc options, plugins
 *	context_select(&c, args, err)    --source, --table
 *	context_done(&c);
 */

#ifndef CLI_CONTEXT_H
#define CLI_CONTEXT_H

#include "cli/command.h"
#include "config/model.h"
#include "plugin/loader.h"
#include "push/http.h"
#include "store/store.h"

/* A table with the plugins that it needs. */
struct context_table {
	const struct config_table *table;
	const struct plugin *plugin;
	const struct plugin **transforms; /* behind them the filter of deleted_when, or NULL */
	int selected;
};

struct context {
	struct cli *cli;
	struct secrets *secrets; /* of the log */
	struct problems *problems;
	struct config *config;
	struct loader *loader;
	int adhoc;
	struct context_table *tables; /* of all sources, in their order */
	size_t n_tables;
};

int context_init(struct context *c, struct cli *cli, struct error *err);
void context_done(struct context *c);

/* The two below and the report of all problems at once. */
int context_open(struct context *c, const struct args *args, struct error *err);
/* The same where sources need not list tables. */
int context_open_sources(struct context *c, const struct args *args, struct error *err);
/*
 * The file, or --set with --source and --table; also --api-url --api-ca-file
 * --store.  -1 when there is nothing to read; what is wrong inside is collected
 * in `problems`, and `config` is NULL when nothing could be made of it.
 */
int context_load(struct context *c, const struct args *args, struct error *err);
/* Loads plugins, reads their options; what is wrong is collected. */
int context_bind(struct context *c, struct error *err);

/*
 * Puts the tables that the source has in place of those whose `to` has a '*';
 * connects to it when there is such a one.  context_select and context_select_one
 * do it for the sources that they are about.
 */
int context_expand(struct context *c, struct config_source *source, struct error *err);
int context_expand_all(struct context *c, struct error *err);

/*
 * Marks the tables that --source and --table name, all of them without options.
 * A source is meant by its name or, when no source has that name, by its plugin;
 * a table by `from`, `to` or source.from.  ERR_USAGE when a name fits nothing.
 */
int context_select(struct context *c, const struct args *args, struct error *err);
/* The one table that the text names; ERR_USAGE when it is none or more than one. */
int context_select_one(struct context *c, const char *text, struct error *err);
/* Does the text name this source, or its plugin? */
int context_source_is(const struct context *c, const char *text, const struct config_source *s);
/* Is it one of those that --source means?  Without the option, and without a file, all are. */
int context_source_wanted(const struct context *c, const struct args *args,
			  const struct config_source *s);
/* Does the text name this table? */
int context_table_is(const char *text, const char *source, const char *from, const char *to);

/* The configured or the default one; NULL with err. */
struct store *context_open_store(const struct context *c, enum store_access access,
				 struct error *err);
/* For reading; *ret_store is NULL when there is no database yet. */
int context_open_store_if_there(const struct context *c, struct store **ret_store,
				struct error *err);

enum context_access {
	CONTEXT_READ,
	CONTEXT_CHANGE, /* takes the lock; there has to be a store */
	CONTEXT_MAKE	/* takes the lock; makes a store */
};

/*
 * The store alone, for commands that look at it: --store, else what the
 * configuration says, else the default.  Problems of the configuration's other
 * parts are of no concern here.
 */
struct store *context_store_only(struct context *c, const struct args *args,
				 enum context_access access, struct error *err);

/* What the configuration says about the API. */
struct http_config context_http(const struct config *config);

#endif
