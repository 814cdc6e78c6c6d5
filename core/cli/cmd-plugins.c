/* SPDX-License-Identifier: MIT */
/* defsync plugins: what there is; defsync plugins NAME: options and abilities. */

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "cli/context.h"
#include "cli/output.h"
#include "cli/plugin-facts.h"
#include "plugin/search.h"

static const struct arg_option plugins_options[] = {
    {.name = "json", .help = "print JSON"},
};

/* A plugin file of the search path. */
struct found {
	enum plugin_kind kind;
	char *name, *path;
};

struct listing {
	struct found *items;
	size_t n, cap;
	int failed;
};

static int grow(struct listing *l)
{
	size_t cap = l->cap == 0 ? 16 : l->cap * 2;
	struct found *grown = realloc(l->items, cap * sizeof(*grown));

	if (grown == NULL)
		return -1;
	l->items = grown;
	l->cap = cap;
	return 0;
}

static void note_file(void *ctx, enum plugin_kind kind, const char *name, const char *path)
{
	struct listing *l = ctx;
	struct found f = {.kind = kind};

	if (l->failed || (l->n == l->cap && grow(l) < 0)) {
		l->failed = 1;
		return;
	}
	f.name = strdup(name);
	f.path = strdup(path);
	l->items[l->n++] = f;
	l->failed = f.name == NULL || f.path == NULL;
}

static void free_listing(struct listing *l)
{
	for (size_t i = 0; i < l->n; i++) {
		free(l->items[i].name);
		free(l->items[i].path);
	}
	free(l->items);
}

static const struct plugin *load(struct loader *loader, enum plugin_kind kind, const char *name,
				 struct error *err)
{
	return kind == PLUGIN_SOURCE ? loader_source(loader, name, err)
				     : loader_transform(loader, name, err);
}

/*
 * The plugin of a file; NULL with the reason.  Another folder, earlier in the
 * search path, may have one of the same name.
 */
static const struct plugin *load_found(struct loader *loader, const struct found *f,
				       struct error *why)
{
	const struct plugin *p = load(loader, f->kind, f->name, why);

	if (p == NULL || strcmp(p->path, f->path) == 0)
		return p;
	error_set(why, ERR_CONFIG, "not used: '%s' comes first", p->path);
	return NULL;
}

/* ---- the list ---- */

static void add_row(struct grid *g, struct loader *loader, const struct found *f)
{
	struct error why = ERROR_INIT;
	const struct plugin *p = load_found(loader, f, &why);

	grid_add(g, f->name);
	grid_add(g, plugin_kind_name(f->kind));
	grid_add(g, p != NULL ? p->version : "");
	grid_add(g, p != NULL ? p->summary : error_text(&why));
	error_done(&why);
}

static int list_text(struct loader *loader, const struct listing *l, struct error *err)
{
	static const char *const headers[] = {"NAME", "KIND", "VERSION", "SUMMARY"};
	struct grid g;
	struct buf b;
	int rc;

	buf_init(&b, OUTPUT_MAX);
	grid_init(&g, headers, "llll", sizeof(headers) / sizeof(headers[0]));
	for (size_t i = 0; i < l->n; i++)
		add_row(&g, loader, &l->items[i]);
	rc = grid_print(&g, &b) < 0 ? error_nomem(err) : output_write(&b, err);
	grid_done(&g);
	buf_done(&b);
	return rc;
}

static json_t *found_json(struct loader *loader, const struct found *f)
{
	struct error why = ERROR_INIT;
	const struct plugin *p = load_found(loader, f, &why);
	json_t *o = json_object();
	int rc = 0;

	rc |= output_put(o, "name", output_json_string(NULL, f->name));
	rc |= output_put(o, "kind", output_json_string(NULL, plugin_kind_name(f->kind)));
	rc |= output_put(o, "path", output_json_string(NULL, f->path));
	rc |= output_put(o, "version", output_json_string(NULL, p != NULL ? p->version : ""));
	rc |= output_put(o, "summary", output_json_string(NULL, p != NULL ? p->summary : ""));
	rc |= output_put(o, "error", output_json_string(NULL, p == NULL ? error_text(&why) : ""));
	error_done(&why);
	if (rc == 0)
		return o;
	json_decref(o);
	return NULL;
}

static int list_json(struct loader *loader, const struct listing *l, struct error *err)
{
	json_t *o = json_object(), *list = json_array();
	int rc = output_put(o, "plugins", list);

	for (size_t i = 0; rc == 0 && i < l->n; i++)
		rc = json_array_append_new(list, found_json(loader, &l->items[i]));
	if (rc == 0)
		return output_json_take(o, err);
	json_decref(o);
	return error_nomem(err);
}

static int list_plugins(struct loader *loader, int json, struct error *err)
{
	struct listing l = {0};
	int rc;

	loader_list(loader, note_file, &l);
	if (l.failed)
		rc = error_nomem(err);
	else
		rc = json ? list_json(loader, &l, err) : list_text(loader, &l, err);
	free_listing(&l);
	return rc;
}

/* ---- one ---- */

static int show_plugin(struct loader *loader, const char *name, int json, struct error *err)
{
	struct error why[2] = {ERROR_INIT, ERROR_INIT};
	const struct plugin *p = loader_source(loader, name, &why[0]);
	struct buf b;
	int rc;

	if (p == NULL)
		p = loader_transform(loader, name, &why[1]);
	if (p == NULL)
		error_move(err, &why[0]);
	error_done(&why[0]);
	error_done(&why[1]);
	if (p == NULL)
		return -1;
	if (json)
		return output_json_take(plugin_facts_json(p), err);
	buf_init(&b, OUTPUT_MAX);
	rc = plugin_facts_text(p, &b) < 0 ? error_nomem(err) : output_write(&b, err);
	buf_done(&b);
	return rc;
}

/*
 * The configuration is read for its plugin_path alone, and what else is wrong
 * with it does not matter here; but a file that was asked for has to be there.
 */
static int open_loader(struct context *c, struct error *err)
{
	static const struct config_overrides none;
	const char *path = config_find(c->cli->config_path, NULL);

	if (path != NULL)
		c->config = config_load(path, &none, c->secrets, c->problems);
	if (c->config == NULL && c->cli->config_path != NULL)
		return problems_report(c->problems, c->cli->log, err) < 0 ? -1 : error_nomem(err);
	c->loader = c->config == NULL ? loader_create(c->cli->log, NULL, 0)
				      : loader_create(c->cli->log, c->config->plugin_path,
						      c->config->n_plugin_path);
	return c->loader == NULL ? error_nomem(err) : 0;
}

static int plugins_run(struct cli *cli, const struct args *args, struct error *err)
{
	int json = args_has(args, "json");
	struct context c;
	int rc = context_init(&c, cli, err);

	if (rc == 0)
		rc = open_loader(&c, err);
	if (rc == 0)
		rc = args->n_words == 0 ? list_plugins(c.loader, json, err)
					: show_plugin(c.loader, args->words[0], json, err);
	context_done(&c);
	return rc;
}

const struct command command_plugins = {
    .name = "plugins",
    .usage = "[NAME | FILE]",
    .summary = "list the plugins, or show the options and abilities of one",
    .options = ARG_TABLE(plugins_options),
    .max_words = 1,
    .run = plugins_run,
};
