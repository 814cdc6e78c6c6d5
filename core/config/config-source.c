/* SPDX-License-Identifier: MIT */
/* The sources. */

#include <string.h>

#include "config/build.h"
#include "config/config-table.h"

/* The name goes into "source.table", into metrics and into the store. */
static int is_source_name(const char *s)
{
	size_t n = strspn(s, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-");

	return n > 0 && n <= 64 && s[n] == '\0' && s[0] != '-';
}

static int is_plugin_name(const char *s)
{
	size_t n = strspn(s, "abcdefghijklmnopqrstuvwxyz0123456789_");

	return n > 0 && n <= 64 && s[n] == '\0' && s[0] >= 'a' && s[0] <= 'z';
}

static int append_copy(struct build *b, struct tree *map, const struct tree *entry)
{
	struct tree *copy = arena_alloc(&b->config->arena, sizeof(*copy));
	struct tree **end = &map->first;

	if (!copy) {
		b->no_memory = 1;
		return -1;
	}
	*copy = *entry;
	copy->next = NULL;
	/* what is unknown is reported once, in `defaults` */
	copy->used = 1;
	while (*end)
		end = &(*end)->next;
	*end = copy;
	map->n++;
	return 0;
}

static int has_key(const struct tree *map, const char *key)
{
	const struct tree *entry;

	for (entry = map->first; entry; entry = entry->next) {
		if (strcmp(entry->key, key) == 0)
			return 1;
	}
	return 0;
}

/* An entry without a value in the table keeps the default away. */
static int apply_defaults(struct build *b, const struct tree *defaults, struct tree *table)
{
	const struct tree *entry;

	for (entry = defaults ? defaults->first : NULL; entry; entry = entry->next) {
		if (!has_key(table, entry->key) && append_copy(b, table, entry) < 0)
			return -1;
	}
	return 0;
}

static struct tree *read_defaults(struct build *b, struct tree *node)
{
	static const char *const own[] = {"from", "to"};
	struct tree *defaults = config_map(node, "defaults", b->problems);
	const struct tree *entry;
	size_t i;

	for (i = 0; i < 2; i++) {
		entry = tree_get(defaults, own[i]);
		if (entry)
			problems_add_key(b->problems, entry,
					 "defaults: '%s' is different in each table", own[i]);
	}
	return defaults;
}

static void build_tables(struct build *b, struct config_source *source)
{
	struct tree *list = tree_get(source->node, "tables"), *item;
	const struct tree *defaults = read_defaults(b, source->node);

	if (!list || list->kind == TREE_NULL || (list->kind == TREE_LIST && list->n == 0)) {
		if (b->overrides->without_tables)
			return;
		problems_add(
		    b->problems, list ? list : source->node,
		    "'tables' is missing or empty; list what to read: - {from: ..., to: ...}");
		return;
	}
	if (list->kind != TREE_LIST) {
		problems_add(b->problems, list, "tables: a list is expected here");
		return;
	}
	source->tables = arena_array(&b->config->arena, list->n, sizeof(*source->tables));
	if (!source->tables) {
		b->no_memory = 1;
		return;
	}
	for (item = list->first; item; item = item->next) {
		struct config_table *table = &source->tables[source->n_tables];

		if (item->kind != TREE_MAP) {
			problems_add(b->problems, item,
				     "tables: a map {from: ..., to: ...} is expected "
				     "here");
			continue;
		}
		if (apply_defaults(b, defaults, item) < 0)
			return;
		table->source = source;
		table->node = item;
		source->n_tables++;
		config_build_table(b, table);
	}
}

static void build_source(struct build *b, struct config_source *source, struct tree *node)
{
	const struct defsync_options *o;

	source->name = node->key;
	source->node = node;
	o = options_read(&config_source_scalars, node, b->config->folder, &b->config->arena,
			 b->secrets, b->problems);
	if (!o) {
		b->no_memory = 1;
		return;
	}
	if (!is_source_name(source->name))
		problems_add_key(b->problems, node,
				 "name of a source: '%.64s'; only letters, digits, '_' and '-'",
				 source->name);
	source->plugin = options_string(o, "plugin");
	if (source->plugin && !is_plugin_name(source->plugin))
		problems_add(b->problems, tree_get(node, "plugin"),
			     "name of a plugin: '%.64s'; must be [a-z][a-z0-9_]*", source->plugin);
	source->every_ms = options_int(o, "every");
	build_tables(b, source);
}

void config_build_sources(struct build *b)
{
	struct config *c = b->config;
	struct tree *map = config_map(c->root, "sources", b->problems), *node;
	const struct tree *given = tree_get(c->root, "sources");

	if (!map || map->n == 0) {
		if (!given || given->kind == TREE_NULL || given->kind == TREE_MAP)
			problems_add(b->problems, given ? given : c->root,
				     "no 'sources'; name at least one");
		return;
	}
	c->sources = arena_array(&c->arena, map->n, sizeof(*c->sources));
	if (!c->sources) {
		b->no_memory = 1;
		return;
	}
	for (node = map->first; node && !b->no_memory; node = node->next) {
		if (node->kind != TREE_MAP) {
			problems_add(b->problems, node,
				     "source '%.64s': a map {plugin: ..., tables: ...} is expected "
				     "here",
				     node->key);
			continue;
		}
		build_source(b, &c->sources[c->n_sources++], node);
	}
}
