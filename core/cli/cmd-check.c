/* SPDX-License-Identifier: MIT */
/* defsync check: everything that a run needs, tried without moving a row. */

#include <string.h>

#include "cli/check.h"
#include "cli/output.h"

static const struct arg_option check_options[] = {
    {.name = "source",
     .value = "NAME",
     .repeated = 1,
     .help = "only this source, or all sources of this plugin"},
    {.name = "table",
     .value = "TABLE",
     .repeated = 1,
     .help = "only this table: its from, its to, or source.from"},
    {.name = "no-network", .help = "leave the API out"},
    {.name = "json", .help = "print JSON"},
    {.name = "api-url", .value = "URL", .help = "instead of api.url"},
    {.name = "api-ca-file", .value = "FILE", .help = "instead of api.ca_file"},
    {.name = "set",
     .value = "NAME=VALUE",
     .repeated = 1,
     .help = "option of the source when there is no configuration file"},
};

/* ---- the stages before a source is asked ---- */

/* Each problem of the configuration an item; -1 when one is an error. */
static int add_problems(struct check *k, const struct context *c)
{
	size_t n = problems_count(c->problems);
	const char *text;

	for (size_t i = 0; i < n && (text = problems_text(c->problems, i)) != NULL; i++)
		check_item(k, CHECK_ERROR, ERR_CONFIG, "configuration", NULL, "%s", text);
	for (size_t i = 0; (text = problems_warning(c->problems, i)) != NULL; i++)
		check_item(k, CHECK_WARN, ERR_NONE, "configuration", NULL, "%s", text);
	return n > 0 ? -1 : 0;
}

static int load_configuration(struct check *k, struct context *c, const struct args *args,
			      struct error *err)
{
	struct error why = ERROR_INIT;
	int rc = context_load(c, args, &why);

	if (rc == 0)
		rc = context_bind(c, &why);
	if (error_is_set(&why) && why.class != ERR_CONFIG) {
		error_move(err, &why);
		return -1;
	}
	if (error_is_set(&why))
		check_failure(k, "configuration", &why);
	error_done(&why);
	if (add_problems(k, c) < 0 || rc < 0)
		return 0;
	check_item(k, CHECK_OK, ERR_NONE, "configuration", NULL, "%s, %zu tables",
		   c->config->path != NULL ? c->config->path : "from the command line",
		   c->n_tables);
	return 0;
}

static void add_plugin(struct check *k, const struct plugin *p)
{
	char title[128];

	(void)snprintf(title, sizeof(title), "plugin %.100s", p->name);
	check_item(k, CHECK_OK, ERR_NONE, title, NULL, "%s, %s", p->version, p->path);
}

/* Was the plugin's line printed for a table before this one? */
static int is_listed(const struct context *c, size_t i)
{
	for (size_t k = 0; k < i; k++)
		if (c->tables[k].selected && c->tables[k].plugin == c->tables[i].plugin)
			return 1;
	return 0;
}

static void add_plugins(struct check *k, const struct context *c)
{
	for (size_t i = 0; i < c->n_tables; i++)
		if (c->tables[i].selected && !is_listed(c, i))
			add_plugin(k, c->tables[i].plugin);
}

/* A source may have to be asked which tables a pattern means. */
static int select_tables(struct check *k, struct context *c, const struct args *args,
			 struct error *err)
{
	struct error why = ERROR_INIT;

	if (context_select(c, args, &why) == 0)
		return 0;
	if (why.class == ERR_USAGE || why.class == ERR_NOMEM) {
		error_move(err, &why);
		return -1;
	}
	check_failure(k, "tables", &why);
	error_done(&why);
	return 0;
}

static int check_all(struct check *k, struct context *c, const struct args *args, struct error *err)
{
	if (load_configuration(k, c, args, err) < 0)
		return -1;
	if (check_has_errors(k))
		return 0;
	if (select_tables(k, c, args, err) < 0)
		return -1;
	if (!check_has_errors(k)) {
		add_plugins(k, c);
		check_sources(k, c);
	}
	if (!args_has(args, "no-network"))
		check_api(k, c->config);
	return 0;
}

static int check_run(struct cli *cli, const struct args *args, struct error *err)
{
	struct context c;
	struct check k;
	int rc = context_init(&c, cli, err);

	check_init(&k, cli);
	if (rc == 0)
		rc = check_all(&k, &c, args, err);
	if (rc == 0)
		rc = check_print(&k, args_has(args, "json"), err);
	if (rc == 0)
		rc = check_exit_code(&k);
	check_done(&k);
	context_done(&c);
	return rc;
}

const struct command command_check = {
    .name = "check",
    .usage = "[OPTION]...",
    .summary = "try configuration, plugins, sources, tables and API without moving a row",
    .details = "Prints a line for each thing tried: ok, warn or error. The exit code is that of "
	       "the first error.\n",
    .options = ARG_TABLE(check_options),
    .run = check_run,
};
