/* SPDX-License-Identifier: MIT */
/* Sets of option values: lookups, and reading a map of the configuration. */

#include "config/options.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/file.h"
#include "base/limits.h"
#include "base/suggest.h"
#include "config/expand.h"
#include "config/option-value.h"

const struct defsync_option *option_at(const struct option_table *table, size_t i)
{
	return (const struct defsync_option *)(const void *)((const char *)table->options +
							     i * table->stride);
}

const struct defsync_option *option_find(const struct option_table *table, const char *name)
{
	size_t i;

	for (i = 0; i < table->n; i++) {
		if (strcmp(option_at(table, i)->name, name) == 0)
			return option_at(table, i);
	}
	return NULL;
}

/* ---- Getters ------------------------------------------------------------------ */

static const struct option_value *value_of(const struct defsync_options *o, const char *name)
{
	static const struct option_value none = {.text = NULL};
	size_t i;

	for (i = 0; o && i < o->n; i++) {
		if (strcmp(o->values[i].option->name, name) == 0)
			return &o->values[i];
	}
	return &none;
}

int options_is_set(const struct defsync_options *o, const char *name)
{
	return value_of(o, name)->set;
}

const char *options_string(const struct defsync_options *o, const char *name)
{
	return value_of(o, name)->text;
}

int64_t options_int(const struct defsync_options *o, const char *name)
{
	return value_of(o, name)->i;
}

double options_double(const struct defsync_options *o, const char *name)
{
	return value_of(o, name)->d;
}

uint32_t options_count(const struct defsync_options *o, const char *name)
{
	return value_of(o, name)->n_items;
}

const char *options_item(const struct defsync_options *o, const char *name, uint32_t i)
{
	const struct option_value *v = value_of(o, name);

	return i < v->n_items ? v->items[i] : NULL;
}

/* ---- Reading -------------------------------------------------------------------- */

struct reading {
	const char *folder;
	struct arena *arena;
	struct secrets *secrets;
	struct problems *problems;
	int no_memory;
};

static void add_secret(struct reading *r, const struct tree *node)
{
	if (node->text && secrets_add(r->secrets, node->text, strlen(node->text)) < 0)
		problems_add(r->problems, node,
			     "too many or too long secrets; the limits are %d and %d bytes",
			     LIMIT_SECRETS, LIMIT_SECRET_FILE_BYTES);
}

/* A literal one: others must not be able to see it. */
static void check_literal(struct reading *r, const struct defsync_option *o,
			  const struct tree *node)
{
	struct stat st;

	if (node->secret)
		return;
	if (node->line == 0)
		problems_add(r->problems, node,
			     "%s: a secret on the command line is seen by every user; write "
			     "'%s=${NAME}' with an environment variable, or ${file:PATH}",
			     o->name, o->name);
	else if (stat(node->file, &st) == 0 && (st.st_mode & S_IROTH))
		problems_warn(r->problems, node,
			      "%s: the file with this secret is readable by every user; chmod 600 "
			      "'%s'",
			      o->name, node->file);
}

static const char *join_folder(struct reading *r, const char *path)
{
	char *joined;
	const char *copy;

	if (*path == '/' || !r->folder || *r->folder == '\0' || strcmp(r->folder, ".") == 0)
		return path;
	joined = file_join(r->folder, path);
	copy = joined ? arena_strdup(r->arena, joined) : NULL;
	free(joined);
	if (!copy)
		r->no_memory = 1;
	return copy;
}

static void read_one(struct reading *r, struct option_value *v, const struct tree *node)
{
	const struct defsync_option *o = v->option;
	struct option_value value = *v;
	struct buf why;

	if (node->broken)
		return;
	if (node->kind != TREE_SCALAR) {
		problems_add(r->problems, node, "%s: one value is expected here, of type %s",
			     o->name, option_type_name(o->type));
		return;
	}
	if (o->type == DEFSYNC_OPTION_SECRET) {
		add_secret(r, node);
		check_literal(r, o, node);
	}
	buf_init(&why, LIMIT_MESSAGE_BYTES);
	if (option_value_parse(o, node->text, &value, &why) < 0) {
		problems_add(r->problems, node, "%s: %s", o->name, buf_str(&why));
	} else {
		*v = value;
		if (o->type == DEFSYNC_OPTION_PATH)
			v->text = join_folder(r, v->text);
	}
	buf_done(&why);
}

static void read_list(struct reading *r, struct option_value *v, const struct tree *node)
{
	const struct tree *child = node->kind == TREE_LIST ? node->first : node;
	size_t n = node->kind == TREE_LIST ? node->n : 1;

	if (node->broken)
		return;
	if (node->kind == TREE_MAP) {
		problems_add(r->problems, node, "%s: a list is expected here", v->option->name);
		return;
	}
	v->items = arena_array(r->arena, n, sizeof(*v->items));
	if (!v->items) {
		r->no_memory = 1;
		return;
	}
	for (v->n_items = 0; n > 0; n--, child = child->next) {
		if (child->kind != TREE_SCALAR)
			problems_add(r->problems, child, "%s: a text is expected here",
				     v->option->name);
		else if (!child->broken)
			v->items[v->n_items++] = child->text;
	}
}

static void read_map(struct reading *r, struct option_value *v, const struct tree *node)
{
	const struct tree *child;

	if (node->broken)
		return;
	if (node->kind != TREE_MAP) {
		problems_add(r->problems, node, "%s: a map 'name: text' is expected here",
			     v->option->name);
		return;
	}
	v->items = arena_array(r->arena, node->n, sizeof(*v->items));
	if (!v->items) {
		r->no_memory = 1;
		return;
	}
	for (child = node->first; child; child = child->next) {
		if (child->kind == TREE_LIST || child->kind == TREE_MAP) {
			problems_add(r->problems, child, "%s: a text is expected for '%s'",
				     v->option->name, child->key);
			continue;
		}
		if (strchr(child->key, '=')) {
			problems_add_key(r->problems, child, "%s: '=' in a name: '%s'",
					 v->option->name, child->key);
			continue;
		}
		v->items[v->n_items] = arena_printf(r->arena, "%s=%s", child->key,
						    child->kind == TREE_SCALAR ? child->text : "");
		if (!v->items[v->n_items])
			r->no_memory = 1;
		else
			v->n_items++;
	}
}

/* What came out of a file or credential is secret whatever its option's type. */
static void add_file_secrets(struct reading *r, const struct tree *node)
{
	const struct tree *child;

	if (node->secret == EXPAND_FILE)
		add_secret(r, node);
	if (node->kind != TREE_LIST && node->kind != TREE_MAP)
		return;
	for (child = node->first; child; child = child->next) {
		if (child->secret == EXPAND_FILE)
			add_secret(r, child);
	}
}

static void read_node(struct reading *r, struct option_value *v, const struct tree *node)
{
	add_file_secrets(r, node);
	if (v->option->flags & DEFSYNC_OPTION_DEPRECATED)
		problems_warn(r->problems, node, "%s is deprecated: %s", v->option->name,
			      v->option->help);
	v->set = 1;
	if (v->option->type == DEFSYNC_OPTION_LIST)
		read_list(r, v, node);
	else if (v->option->type == DEFSYNC_OPTION_MAP)
		read_map(r, v, node);
	else
		read_one(r, v, node);
}

static void set_default(struct reading *r, struct option_value *v)
{
	const struct defsync_option *o = v->option;
	struct buf why;

	if (!o->default_text)
		return;
	if (o->type == DEFSYNC_OPTION_LIST) {
		v->items = arena_array(r->arena, 1, sizeof(*v->items));
		if (v->items) {
			v->items[0] = o->default_text;
			v->n_items = 1;
		} else {
			r->no_memory = 1;
		}
		return;
	}
	/* option_table_check has seen that it parses */
	buf_init(&why, LIMIT_MESSAGE_BYTES);
	(void)option_value_parse(o, o->default_text, v, &why);
	buf_done(&why);
	if (o->type == DEFSYNC_OPTION_PATH)
		v->text = join_folder(r, v->text);
}

/* `method: null` without quotes, where that is one of the words. */
static struct tree *word_null(struct reading *r, const struct defsync_option *o, struct tree *node)
{
	struct tree *word;
	const char *p = o->values, *name;
	int n;

	if (!node || node->kind != TREE_NULL || o->type != DEFSYNC_OPTION_ENUM)
		return node;
	while ((n = option_enum_next(&p, &name)) >= 0) {
		if (n != 4 || memcmp(name, "null", 4) != 0)
			continue;
		word = arena_alloc(r->arena, sizeof(*word));
		if (!word) {
			r->no_memory = 1;
			return node;
		}
		*word = *node;
		word->kind = TREE_SCALAR;
		word->text = "null";
		return word;
	}
	return node;
}

struct defsync_options *options_read(const struct option_table *table, struct tree *map,
				     const char *folder, struct arena *arena,
				     struct secrets *secrets, struct problems *problems)
{
	struct reading r = {folder, arena, secrets, problems, 0};
	struct defsync_options *o;
	size_t i;

	o = arena_alloc(arena, sizeof(*o) + table->n * sizeof(o->values[0]));
	if (!o)
		return NULL;
	o->n = table->n;
	for (i = 0; i < table->n; i++) {
		struct option_value *v = &o->values[i];
		struct tree *node;

		v->option = option_at(table, i);
		set_default(&r, v);
		node = word_null(&r, v->option, tree_get(map, v->option->name));
		if (node && node->kind != TREE_NULL)
			read_node(&r, v, node);
		else if (v->option->flags & DEFSYNC_OPTION_REQUIRED)
			problems_add(problems, node ? node : map, "'%s' is missing; %s",
				     v->option->name, v->option->help);
	}
	return r.no_memory ? NULL : o;
}
