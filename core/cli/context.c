/* SPDX-License-Identifier: MIT */
/* The configuration and its plugins, for commands that read sources. */

#include "cli/context.h"

#include <stdlib.h>
#include <string.h>

int context_init(struct context *c, struct cli *cli, struct error *err)
{
	*c = (struct context){.cli = cli, .secrets = log_secrets(cli->log)};
	c->problems = problems_create();
	return c->problems == NULL ? error_nomem(err) : 0;
}

void context_done(struct context *c)
{
	for (size_t i = 0; i < c->n_tables; i++)
		free(c->tables[i].transforms);
	free(c->tables);
	loader_destroy(c->loader);
	config_destroy(c->config);
	problems_destroy(c->problems);
	*c = (struct context){0};
}

/* ---- loading ---- */

static int has_table_form(const struct args *args)
{
	for (size_t i = 0; i < args_count(args, "table"); i++)
		if (strchr(args_item(args, "table", i), ':') != NULL)
			return 1;
	return 0;
}

static int is_adhoc(const struct context *c, const struct args *args)
{
	return args_has(args, "set") || (c->cli->config_path == NULL && has_table_form(args));
}

static int load_adhoc(struct context *c, const struct args *args,
		      const struct config_overrides *overrides, struct error *err)
{
	struct config_adhoc adhoc = {.plugin = args_value(args, "source")};
	const char **sets, **tables;
	int rc = 0;

	if (c->cli->config_path != NULL)
		return error_set(err, ERR_USAGE,
				 "--set and --config exclude each other; leave one out");
	if (args_count(args, "source") != 1)
		return error_set(err, ERR_USAGE, "one --source PLUGIN is needed without a file");
	if (!args_has(args, "table") && !overrides->without_tables)
		return error_set(err, ERR_USAGE,
				 "--table FROM:TO:WATERMARK[:KEY] is needed without a file");
	c->adhoc = 1;
	sets = args_list(args, "set", &adhoc.n_sets);
	tables = args_list(args, "table", &adhoc.n_tables);
	if (sets == NULL || tables == NULL) {
		rc = error_nomem(err);
	} else {
		adhoc.sets = sets;
		adhoc.tables = tables;
		c->config = config_adhoc(&adhoc, overrides, c->secrets, c->problems);
	}
	free(sets);
	free(tables);
	return rc;
}

static int load_file(struct context *c, const struct config_overrides *overrides, struct error *err)
{
	const char *path = config_find(c->cli->config_path, err);

	if (path == NULL)
		return -1;
	c->config = config_load(path, overrides, c->secrets, c->problems);
	return 0;
}

static int load(struct context *c, const struct args *args, int without_tables, struct error *err)
{
	const struct config_overrides overrides = {
	    .without_tables = without_tables,
	    .api_url = args_value(args, "api-url"),
	    .api_ca_file = args_value(args, "api-ca-file"),
	    .store_path = args_value(args, "store"),
	};
	int rc;

	rc = is_adhoc(c, args) ? load_adhoc(c, args, &overrides, err)
			       : load_file(c, &overrides, err);
	if (rc == 0 && c->config == NULL && problems_count(c->problems) == 0)
		rc = error_nomem(err);
	return rc;
}

int context_load(struct context *c, const struct args *args, struct error *err)
{
	return load(c, args, 0, err);
}

/* ---- binding ---- */

static size_t count_tables(const struct config *config)
{
	size_t n = 0;

	for (size_t i = 0; i < config->n_sources; i++)
		n += config->sources[i].n_tables;
	return n;
}

/* The plugin, or NULL after a problem; `at` is the place for it. */
static const struct plugin *want_plugin(struct context *c, enum plugin_kind kind, const char *name,
					const struct tree *at)
{
	struct error why = ERROR_INIT;
	const struct plugin *p = kind == PLUGIN_SOURCE ? loader_source(c->loader, name, &why)
						       : loader_transform(c->loader, name, &why);

	if (p == NULL)
		problems_add(c->problems, at, "%s", error_text(&why));
	error_done(&why);
	return p;
}

/* 1 all there, 0 after a problem, -1 no memory. */
static int bind_transforms(struct context *c, struct config_table *table,
			   struct context_table *bound)
{
	int all = 1;

	bound->transforms = calloc(table->n_transforms + 1, sizeof(*bound->transforms));
	if (bound->transforms == NULL)
		return -1;
	for (size_t i = 0; i < table->n_transforms + (table->deleted != NULL); i++) {
		struct config_transform *t =
		    i < table->n_transforms ? &table->transforms[i] : table->deleted;
		const struct tree *at = t->node != NULL ? t->node : table->node;
		const struct plugin *p = want_plugin(c, PLUGIN_TRANSFORM, t->name, at);

		bound->transforms[i] = p;
		if (p == NULL)
			all = 0;
		else
			config_bind_transform(c->config, t, &p->options, c->secrets, c->problems);
	}
	return all;
}

/* FROM:TO: reads everything in each run, unless the source knows what is new by itself. */
static void read_by_position(struct config_source *source, const struct plugin *p)
{
	if (!((p->source.caps | p->source.caps_required) & DEFSYNC_CAP_POSITION))
		return;
	for (size_t i = 0; i < source->n_tables; i++)
		source->tables[i].read_mode = DEFSYNC_READ_INCREMENTAL;
}

static int bind_source(struct context *c, struct config_source *source)
{
	const struct plugin *p = want_plugin(c, PLUGIN_SOURCE, source->plugin, source->node);
	int all = p != NULL;

	if (p != NULL)
		config_bind_source(c->config, source, &p->options, &p->table_options, c->secrets,
				   c->problems);
	if (p != NULL && c->adhoc)
		read_by_position(source, p);
	for (size_t i = 0; i < source->n_tables; i++) {
		struct context_table *bound = &c->tables[c->n_tables++];
		int rc;

		*bound = (struct context_table){.table = &source->tables[i], .plugin = p};
		rc = bind_transforms(c, &source->tables[i], bound);
		if (rc < 0)
			return -1;
		all &= rc;
	}
	return all;
}

int context_bind(struct context *c, struct error *err)
{
	size_t n;
	int all = 1;

	if (c->config == NULL)
		return 0;
	c->loader = loader_create(c->cli->log, c->config->plugin_path, c->config->n_plugin_path);
	n = count_tables(c->config);
	c->tables = calloc(n + 1, sizeof(*c->tables));
	if (c->loader == NULL || c->tables == NULL)
		return error_nomem(err);
	for (size_t i = 0; i < c->config->n_sources; i++) {
		int rc = bind_source(c, &c->config->sources[i]);

		if (rc < 0)
			return error_nomem(err);
		all &= rc;
	}
	/* Without its plugin every option of a source would be unknown. */
	if (all)
		config_finish(c->config, c->problems);
	return 0;
}

int context_open(struct context *c, const struct args *args, struct error *err)
{
	if (context_load(c, args, err) < 0 || context_bind(c, err) < 0)
		return -1;
	return problems_report(c->problems, c->cli->log, err);
}

int context_open_sources(struct context *c, const struct args *args, struct error *err)
{
	if (load(c, args, 1, err) < 0 || context_bind(c, err) < 0)
		return -1;
	return problems_report(c->problems, c->cli->log, err);
}

struct http_config context_http(const struct config *config)
{
	return (struct http_config){
	    .url = config->api.url,
	    .key = config->api.key,
	    .ca_file = config->api.ca_file,
	    .client_cert = config->api.client_cert,
	    .client_key = config->api.client_key,
	    .pinned_key = config->api.pinned_key,
	    .proxy = config->api.proxy,
	    .allow_http = config->api.allow_http,
	    .connect_timeout_ms = config->push.connect_timeout_ms,
	    .timeout_ms = config->push.timeout_ms,
	};
}
