/* SPDX-License-Identifier: MIT */
/* defsync discover: what the sources have, and what of it can be a watermark. */

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "cli/context.h"
#include "cli/discover.h"
#include "plugin/source.h"

static const struct arg_option discover_options[] = {
    {.name = "source",
     .value = "NAME",
     .repeated = 1,
     .help = "only this source, or all sources of this plugin"},
    {.name = "json", .help = "print JSON, with all columns"},
    {.name = "yaml", .help = "print the tables as a configuration lists them"},
    {.name = "set",
     .value = "NAME=VALUE",
     .repeated = 1,
     .help = "option of the source when there is no configuration file"},
};

static int visit(struct discovery *d, const struct context *c, const struct config_source *s,
		 const char *pattern, struct error *err)
{
	const struct plugin *plugin = loader_source(c->loader, s->plugin, err);
	const struct defsync_table *const *tables;
	struct source *source;
	uint32_t n;
	int rc = -1;

	if (plugin == NULL)
		return -1;
	d->by_position =
	    ((plugin->source.caps | plugin->source.caps_required) & DEFSYNC_CAP_POSITION) != 0;
	source = source_create(plugin, s->options, s->name, c->cli->log, err);
	if (source != NULL && source_connect(source, err) == 0 &&
	    source_discover(source, pattern, &tables, &n, err) == 0) {
		for (uint32_t i = 0; i < n; i++)
			discovery_add(d, s, tables[i]);
		rc = 0;
	}
	source_destroy(source);
	return rc;
}

/* A typing error is not to pass because another value is right. */
static int check_sources(const struct context *c, const struct args *args, struct error *err)
{
	for (size_t i = 0; !c->adhoc && i < args_count(args, "source"); i++) {
		const char *text = args_item(args, "source", i);
		size_t k = 0;

		while (k < c->config->n_sources &&
		       !context_source_is(c, text, &c->config->sources[k]))
			k++;
		if (k == c->config->n_sources)
			return error_set(err, ERR_USAGE, "discover: no such source: '%s'", text);
	}
	return 0;
}

static int visit_all(struct discovery *d, const struct context *c, const struct args *args,
		     struct error *err)
{
	const char *pattern = args->n_words > 0 ? args->words[0] : NULL;

	if (check_sources(c, args, err) < 0)
		return -1;
	for (size_t i = 0; i < c->config->n_sources; i++) {
		const struct config_source *s = &c->config->sources[i];

		if (context_source_wanted(c, args, s) && visit(d, c, s, pattern, err) < 0)
			return -1;
	}
	return 0;
}

static enum discovery_form form_of(const struct args *args)
{
	if (args_has(args, "yaml"))
		return DISCOVERY_YAML;
	return args_has(args, "json") ? DISCOVERY_JSON : DISCOVERY_TEXT;
}

static int discover_run(struct cli *cli, const struct args *args, struct error *err)
{
	struct discovery d;
	struct context c;
	int rc;

	if (args_has(args, "yaml") && args_has(args, "json"))
		return error_set(err, ERR_USAGE,
				 "discover: --yaml and --json exclude each other; leave one out");
	discovery_init(&d, form_of(args));
	rc = context_init(&c, cli, err);
	if (rc == 0)
		rc = context_open_sources(&c, args, err);
	if (rc == 0)
		rc = visit_all(&d, &c, args, err);
	if (rc == 0)
		rc = discovery_print(&d, err);
	discovery_done(&d);
	context_done(&c);
	return rc;
}

const struct command command_discover = {
    .name = "discover",
    .usage = "[OPTION]... [PATTERN]",
    .summary = "list the tables that the sources have, with keys and possible watermarks",
    .details =
	"PATTERN is one for the names of tables, as in 'public.*'. Of the columns that could be a\n"
	"watermark those with an index come first; --yaml prints a start for the configuration. "
	"No\n"
	"tables need be configured:\n\n"
	"  defsync discover --source sqlite --set database=shop.db --yaml\n",
    .options = ARG_TABLE(discover_options),
    .max_words = 1,
    .run = discover_run,
};
