/* SPDX-License-Identifier: MIT */
/* The store of a command. */

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "cli/context.h"
#include "config/tree.h"

/* Without a configuration: the defaults of store.recent_max, dlq.max_bytes, store.ledger. */
static const struct store_limits default_limits = {
    .recent_max = 5000000,
    .dlq_max_bytes = 1000000000,
    .ledger_ms = INT64_C(30) * 86400000,
};

/* malloc'd; NULL with err. */
static char *store_path_of(const struct config *config, struct error *err)
{
	char *path = config != NULL && config->store_path != NULL ? strdup(config->store_path)
								  : store_default_path();

	if (path == NULL)
		error_nomem(err);
	return path;
}

static struct store_limits limits_of(const struct config *config)
{
	if (config == NULL)
		return default_limits;
	return (struct store_limits){
	    .recent_max = config->store_recent_max,
	    .dlq_max_bytes = config->dlq_max_bytes,
	    .ledger_ms = config->store_ledger_ms,
	    .outbox = config->sqs_url != NULL,
	};
}

struct store *context_open_store(const struct context *c, enum store_access access,
				 struct error *err)
{
	const struct store_limits limits = limits_of(c->config);
	struct store *store;
	char *path = store_path_of(c->config, err);

	if (path == NULL)
		return NULL;
	store = store_open(path, access, &limits, c->cli->log, err);
	free(path);
	return store;
}

static int is_missing(const char *path)
{
	struct stat st;

	return stat(path, &st) < 0 && (errno == ENOENT || errno == ENOTDIR);
}

int context_open_store_if_there(const struct context *c, struct store **ret_store,
				struct error *err)
{
	char *path = store_path_of(c->config, err);
	int missing;

	if (path == NULL)
		return -1;
	missing = is_missing(path);
	free(path);
	if (missing) {
		*ret_store = NULL;
		return 0;
	}
	*ret_store = context_open_store(c, STORE_READ, err);
	return *ret_store == NULL ? -1 : 0;
}

/* Is it certain which store the configuration means, whatever else is wrong with it? */
static int is_store_known(struct tree *root)
{
	struct tree *section = tree_get(root, "store");
	struct tree *path =
	    section != NULL && section->kind == TREE_MAP ? tree_get(section, "path") : NULL;

	if (path != NULL)
		return path->kind == TREE_SCALAR && !path->broken;
	/* A file that could not be included may have had it, a misspelt key may mean it. */
	return section == NULL && tree_get(root, "include") == NULL;
}

/*
 * Reads the configuration for its store section.  An unset variable elsewhere,
 * usual in the shell of an operator, must not keep `status` from working.
 */
static int load_for_store(struct context *c, const struct args *args, struct error *err)
{
	const struct config_overrides overrides = {.store_path = args_value(args, "store")};
	const char *path = config_find(c->cli->config_path, NULL);

	if (path == NULL)
		return 0;
	c->config = config_load(path, &overrides, c->secrets, c->problems);
	if (c->config == NULL)
		return problems_report(c->problems, c->cli->log, err) < 0 ? -1 : error_nomem(err);
	if (problems_count(c->problems) == 0 || overrides.store_path != NULL ||
	    is_store_known(c->config->root))
		return 0;
	return problems_report(c->problems, c->cli->log, err);
}

/* The path that the command line or the configuration means; malloc'd, NULL with err. */
static char *find_store(struct context *c, const struct args *args, struct error *err)
{
	const char *given = args_value(args, "store");
	char *path;

	if (given == NULL || c->cli->config_path != NULL) {
		if (load_for_store(c, args, err) < 0)
			return NULL;
		return store_path_of(c->config, err);
	}
	path = strdup(given);
	if (path == NULL)
		error_nomem(err);
	return path;
}

struct store *context_store_only(struct context *c, const struct args *args,
				 enum context_access access, struct error *err)
{
	struct store *store = NULL;
	char *path = find_store(c, args, err);

	if (path != NULL) {
		const struct store_limits limits = limits_of(c->config);
		/* To open it for reading says what is missing, and makes nothing. */
		int read = access == CONTEXT_READ || (access == CONTEXT_CHANGE && is_missing(path));

		store =
		    store_open(path, read ? STORE_READ : STORE_WRITE, &limits, c->cli->log, err);
	}
	free(path);
	return store;
}
