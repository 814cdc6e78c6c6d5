/* SPDX-License-Identifier: MIT */
/* The options of plugins, and keys that nobody knows. */

#include "config/build.h"

/* A plugin cannot have an option that the core has taken. */
static void check_clash(const struct option_table *core, const struct option_table *plugin,
			const struct config_source *source, struct problems *problems)
{
	size_t i;

	for (i = 0; i < plugin->n; i++) {
		const char *name = option_at(plugin, i)->name;

		if (option_find(core, name))
			problems_add(
			    problems, source->node,
			    "internal error: plugin '%s' declares an option that is defsync's "
			    "own: '%s'; tell its author",
			    source->plugin ? source->plugin : "", name);
	}
}

static const struct defsync_options *bind(struct config *config, const struct option_table *table,
					  struct tree *map, struct secrets *secrets,
					  struct problems *problems)
{
	const struct defsync_options *o;

	o = options_read(table, map, config->folder, &config->arena, secrets, problems);
	if (!o)
		problems_add(problems, map, "out of memory");
	return o;
}

/* Keys that one of the tables has are known, the rest is reported where it stands. */
static void check_defaults(struct tree *defaults, const struct option_table *const *known, size_t n,
			   struct problems *problems)
{
	struct tree *entry;
	size_t i;

	if (!defaults || defaults->kind != TREE_MAP)
		return;
	for (entry = defaults->first; entry; entry = entry->next) {
		for (i = 0; i < n; i++) {
			if (option_find(known[i], entry->key))
				entry->used = 1;
		}
	}
	options_unknown(defaults, known, n, NULL, 0, problems);
}

void config_bind_source(struct config *config, struct config_source *source,
			const struct option_table *options,
			const struct option_table *table_options, struct secrets *secrets,
			struct problems *problems)
{
	const struct option_table *of_source[] = {config_table_of("source"), options};
	const struct option_table *of_table[] = {config_table_of("table"), table_options};
	size_t i;

	check_clash(of_source[0], options, source, problems);
	check_clash(of_table[0], table_options, source, problems);
	source->options = bind(config, options, source->node, secrets, problems);
	options_unknown(source->node, of_source, 2, NULL, 0, problems);
	for (i = 0; i < source->n_tables; i++) {
		struct config_table *t = &source->tables[i];

		t->options = bind(config, table_options, t->node, secrets, problems);
		options_unknown(t->node, of_table, 2, NULL, 0, problems);
	}
	check_defaults(tree_get(source->node, "defaults"), of_table, 2, problems);
}

void config_bind_transform(struct config *config, struct config_transform *transform,
			   const struct option_table *options, struct secrets *secrets,
			   struct problems *problems)
{
	transform->options = bind(config, options, transform->node, secrets, problems);
	options_unknown(transform->node, &options, 1, NULL, 0, problems);
}

void config_finish(struct config *config, struct problems *problems)
{
	const struct option_table *top = config_table_of("");

	options_unknown(config->root, &top, 1, NULL, 0, problems);
}
