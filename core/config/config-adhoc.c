/* SPDX-License-Identifier: MIT */
/*
 * A source from the command line: put into the same tree as a file's, so that
 * there is one set of checks.
 */

#define _GNU_SOURCE
#include <stdlib.h>
#include <string.h>

#include "config/build.h"
#include "config/expand.h"

struct making {
	struct build *b;
	struct arena *arena;
};

/* file: the option that messages name. */
static struct tree *make(struct making *m, enum tree_kind kind, const char *file, const char *key,
			 const char *text)
{
	struct tree *node = arena_alloc(m->arena, sizeof(*node));

	if (!node) {
		m->b->no_memory = 1;
		return NULL;
	}
	*node = (struct tree){.kind = kind, .file = file, .key = key, .text = text};
	return node;
}

static struct tree *append(struct tree *parent, struct tree *child)
{
	struct tree **end;

	if (!parent || !child)
		return NULL;
	for (end = &parent->first; *end; end = &(*end)->next)
		;
	*end = child;
	parent->n++;
	return child;
}

static char *copy_n(struct making *m, const char *p, size_t n)
{
	char *text = arena_strndup(m->arena, p, n);

	if (!text)
		m->b->no_memory = 1;
	return text;
}

/* ---- --set ------------------------------------------------------------------------- */

static int is_reference(const char *p)
{
	return strncmp(p, "${", 2) == 0;
}

/* What every user of the machine could read in the list of processes. */
static int shows_password(const char *value)
{
	const char *p;
	size_t len;

	if (config_url_password(value, &p, &len) && !is_reference(p))
		return 1;
	p = strcasestr(value, "password=");
	return p && p[9] != '\0' && p[9] != ' ' && !is_reference(p + 9);
}

static int is_reserved(const char *name)
{
	return strcmp(name, "plugin") == 0 || strcmp(name, "tables") == 0 ||
	       strcmp(name, "defaults") == 0;
}

/* A name that is there already becomes a list. */
static void put(struct making *m, struct tree *source, struct tree *node)
{
	struct tree *before = tree_get(source, node->key);
	struct tree *first;

	if (!before) {
		(void)append(source, node);
		return;
	}
	if (before->kind != TREE_LIST) {
		first = make(m, before->kind, before->file, NULL, before->text);
		if (!first)
			return;
		first->secret = before->secret;
		first->broken = before->broken;
		before->kind = TREE_LIST;
		before->secret = before->broken = 0;
		before->text = NULL;
		(void)append(before, first);
	}
	before->used = 0;
	(void)append(before, node);
}

static void add_set(struct making *m, struct tree *source, const char *set)
{
	const char *equal = strchr(set, '=');
	struct tree *node = make(m, TREE_SCALAR, "--set", NULL, NULL);
	const char *text;

	if (!node)
		return;
	if (!equal || equal == set) {
		problems_add(m->b->problems, node, "no 'NAME=VALUE': '%.*s'",
			     (int)strcspn(set, "="), set);
		return;
	}
	node->key = copy_n(m, set, (size_t)(equal - set));
	text = copy_n(m, equal + 1, strlen(equal + 1));
	if (!node->key || !text)
		return;
	if (is_reserved(node->key)) {
		problems_add(m->b->problems, node, "not to be set: '%s'; use --source and --table",
			     node->key);
		return;
	}
	if (shows_password(text)) {
		problems_add(m->b->problems, node,
			     "%s: a password on the command line is seen by every user; use "
			     "password_file or an environment variable reference like --set "
			     "%s='${NAME}'",
			     node->key, node->key);
		node->broken = 1;
	} else {
		node->text = expand(text, node, m->arena, m->b->problems, &node->secret);
		node->broken = node->text == NULL;
	}
	put(m, source, node);
}

/* ---- --table ------------------------------------------------------------------------ */

static void add_text(struct making *m, struct tree *table, const char *key, const char *p, size_t n)
{
	const char *text = copy_n(m, p, n);

	if (text)
		(void)append(table, make(m, TREE_SCALAR, "--table", key, text));
}

static void add_keys(struct making *m, struct tree *table, const char *p)
{
	struct tree *list = append(table, make(m, TREE_LIST, "--table", "key", NULL));

	for (; list; p++) {
		size_t n = strcspn(p, ",");
		const char *text = copy_n(m, p, n);

		if (text)
			(void)append(list, make(m, TREE_SCALAR, "--table", NULL, text));
		p += n;
		if (*p == '\0')
			return;
	}
}

/*
 * FROM:TO:WATERMARK[:KEY[,KEY]]; no watermark means reading everything in each run,
 * if the plugin does not say otherwise later.
 */
static void add_table(struct making *m, struct tree *tables, const char *text)
{
	struct tree *table = make(m, TREE_MAP, "--table", NULL, NULL);
	const char *to = strchr(text, ':');
	const char *watermark = to ? strchr(to + 1, ':') : NULL;
	const char *key;

	if (!table)
		return;
	if (!watermark) {
		problems_add(m->b->problems, table,
			     "no 'FROM:TO:WATERMARK[:KEY]': '%.128s'; leave WATERMARK empty, "
			     "'FROM:TO:', for files, or to read everything in each run",
			     text);
		return;
	}
	(void)append(tables, table);
	key = strchr(watermark + 1, ':');
	add_text(m, table, "from", text, (size_t)(to - text));
	add_text(m, table, "to", to + 1, (size_t)(watermark - to) - 1);
	if (watermark[1] == '\0' || key == watermark + 1)
		add_text(m, table, "read", "snapshot", 8);
	else
		add_text(m, table, "watermark", watermark + 1, strcspn(watermark + 1, ":"));
	if (key && strchr(key + 1, ':'))
		problems_add(m->b->problems, table, "more than four parts: '%.128s'", text);
	else if (key && key[1] != '\0')
		add_keys(m, table, key + 1);
}

static struct tree *make_tree(struct making *m, const struct config_adhoc *adhoc)
{
	struct tree *root = make(m, TREE_MAP, "command line", NULL, NULL);
	struct tree *sources = append(root, make(m, TREE_MAP, "--source", "sources", NULL));
	struct tree *source = NULL, *tables;
	const char *plugin = copy_n(m, adhoc->plugin, strlen(adhoc->plugin));
	size_t i;

	if (plugin)
		source = append(sources, make(m, TREE_MAP, "--source", plugin, NULL));
	(void)append(source, make(m, TREE_SCALAR, "--source", "plugin", plugin));
	for (i = 0; i < adhoc->n_sets && source; i++)
		add_set(m, source, adhoc->sets[i]);
	tables = append(source, make(m, TREE_LIST, "--table", "tables", NULL));
	for (i = 0; i < adhoc->n_tables && tables; i++)
		add_table(m, tables, adhoc->tables[i]);
	return root;
}

struct config *config_adhoc(const struct config_adhoc *adhoc,
			    const struct config_overrides *overrides, struct secrets *secrets,
			    struct problems *problems)
{
	static const struct config_overrides none = {.api_url = NULL};
	struct config *c = config_create();
	struct build b = {c, overrides ? overrides : &none, secrets, problems, 0};
	struct making m = {.b = &b};

	if (!c)
		return NULL;
	m.arena = &c->arena;
	c->root = make_tree(&m, adhoc);
	if (!b.no_memory && config_build(&b) == 0)
		return c;
	if (problems_count(problems) == 0)
		problems_add(problems, NULL, "out of memory");
	config_destroy(c);
	return NULL;
}
