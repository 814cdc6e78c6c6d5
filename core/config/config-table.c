/* SPDX-License-Identifier: MIT */
/* One entry of a source's `tables`. */

#include "config/config-table.h"

#include <defsync/source.h>
#include <string.h>

#include "base/limits.h"
#include "base/num.h"

#define LOOKBACK_DEFAULT (-1)

int config_table_is_pattern(const struct config_table *t)
{
	return t->to != NULL && strchr(t->to, '*') != NULL;
}

int config_is_target(const char *s)
{
	int parts = 1;
	size_t n = 0;

	for (; *s; s++) {
		unsigned char c = (unsigned char)*s;

		if (c == '.') {
			if (n == 0)
				return 0;
			parts++;
			n = 0;
			continue;
		}
		if (c <= ' ' || c == 0x7f || strchr("\"'`;\\/,()[]{}*", c))
			return 0;
		n++;
	}
	return n > 0 && parts <= 2;
}

/* One '*', for the table's name. */
static int is_target_pattern(const char *s)
{
	char name[LIMIT_NAME_BYTES + 1];
	size_t n = strlen(s);
	char *star;

	if (n >= sizeof(name))
		return 1; /* another message's business */
	memcpy(name, s, n + 1);
	star = strchr(name, '*');
	*star = 'x';
	return config_is_target(name);
}

static void check_names(struct build *b, const struct config_table *t)
{
	struct tree *to = tree_get(t->node, "to"), *from = tree_get(t->node, "from");
	int fits = !t->to || (config_table_is_pattern(t) ? is_target_pattern(t->to)
							 : config_is_target(t->to));

	if (!fits)
		problems_add(b->problems, to,
			     "to: no name of a target: '%.64s'; write schema.table or "
			     "table",
			     t->to);
	if (t->to && strlen(t->to) > LIMIT_NAME_BYTES)
		problems_add(b->problems, to, "to: name is longer than %d bytes", LIMIT_NAME_BYTES);
	if (t->from && strlen(t->from) > LIMIT_NAME_BYTES)
		problems_add(b->problems, from, "from: name is longer than %d bytes",
			     LIMIT_NAME_BYTES);
}

static const char *const *items(struct build *b, const struct defsync_options *o, const char *name,
				size_t *ret_n)
{
	uint32_t i, n = options_count(o, name);
	const char **list;

	*ret_n = 0;
	if (n == 0)
		return NULL;
	list = arena_array(&b->config->arena, n, sizeof(*list));
	if (!list) {
		b->no_memory = 1;
		return NULL;
	}
	for (i = 0; i < n; i++)
		list[i] = options_item(o, name, i);
	*ret_n = n;
	return list;
}

static void check_columns(struct build *b, const char *option, const char *const *names, size_t n,
			  const struct tree *at)
{
	size_t i, k;

	for (i = 0; i < n; i++) {
		if (*names[i] == '\0')
			problems_add(b->problems, at, "%s: empty name of a column", option);
		for (k = 0; k < i; k++) {
			if (strcmp(names[i], names[k]) == 0) {
				problems_add(b->problems, at, "%s: column is there twice: '%.64s'",
					     option, names[i]);
				return;
			}
		}
		if (i >= LIMIT_COLUMNS) {
			problems_add(b->problems, at, "%s: more than %d columns", option,
				     LIMIT_COLUMNS);
			return;
		}
	}
}

static void read_columns(struct build *b, struct config_table *t)
{
	const struct option_table *table = config_table_of("columns");
	struct tree *map = config_map(t->node, "columns", b->problems);
	const struct defsync_options *o;

	if (!map)
		return;
	o = options_read(table, map, b->config->folder, &b->config->arena, b->secrets, b->problems);
	if (!o) {
		b->no_memory = 1;
		return;
	}
	options_unknown(map, &table, 1, NULL, 0, b->problems);
	t->include = items(b, o, "include", &t->n_include);
	t->exclude = items(b, o, "exclude", &t->n_exclude);
	check_columns(b, "include", t->include, t->n_include, map);
	check_columns(b, "exclude", t->exclude, t->n_exclude, map);
}

/* "5m" in ms, "300" in the watermark's own units. */
static void read_lookback(struct build *b, struct config_table *t, const struct defsync_options *o)
{
	const char *text = options_string(o, "lookback");

	t->lookback = LOOKBACK_DEFAULT;
	if (!text || num_parse_i64(text, 0, INT64_MAX, &t->lookback) == 0 ||
	    num_parse_duration(text, &t->lookback) == 0)
		return;
	problems_add(
	    b->problems, tree_get(t->node, "lookback"),
	    "lookback: neither duration nor number: '%.64s'; write it like 5m, or 1000 for "
	    "units of the watermark",
	    text);
}

/* ---- Transforms ------------------------------------------------------------------- */

static int is_transform_name(const char *s)
{
	size_t n = strspn(s, "abcdefghijklmnopqrstuvwxyz0123456789_");

	return n > 0 && n <= 64 && s[n] == '\0' && s[0] >= 'a' && s[0] <= 'z';
}

/* An empty map, so that messages have a place. */
static struct tree *no_options(struct build *b, const struct tree *item)
{
	struct tree *map = arena_alloc(&b->config->arena, sizeof(*map));

	if (!map) {
		b->no_memory = 1;
		return NULL;
	}
	*map = (struct tree){
	    .kind = TREE_MAP, .file = item->file, .line = item->line, .column = item->column};
	return map;
}

/* `- mask: { ... }` or `- flatten`. */
static void read_transform(struct build *b, struct config_table *t, struct tree *item)
{
	struct config_transform *transform = &t->transforms[t->n_transforms];
	struct tree *options = item->kind == TREE_MAP ? item->first : NULL;

	if (item->broken)
		return;
	if (item->kind == TREE_SCALAR) {
		transform->name = item->text;
	} else if (item->kind == TREE_MAP && item->n == 1) {
		transform->name = options->key;
	} else {
		problems_add(b->problems, item,
			     "transforms: one name, or one 'name: {options}', is expected here");
		return;
	}
	if (!is_transform_name(transform->name)) {
		problems_add(b->problems, item,
			     "name of a transform: '%.64s'; must be [a-z][a-z0-9_]*",
			     transform->name);
		return;
	}
	if (options && options->kind != TREE_MAP && options->kind != TREE_NULL) {
		problems_add(b->problems, options, "%s: a map of options is expected here",
			     transform->name);
		return;
	}
	transform->node = options && options->kind == TREE_MAP ? options : no_options(b, item);
	t->n_transforms++;
}

static void read_transforms(struct build *b, struct config_table *t)
{
	struct tree *list = tree_get(t->node, "transforms"), *item;

	if (!list || list->kind == TREE_NULL || list->broken)
		return;
	if (list->kind != TREE_LIST) {
		problems_add(b->problems, list, "transforms: a list is expected here");
		return;
	}
	t->transforms = arena_array(&b->config->arena, list->n, sizeof(*t->transforms));
	if (!t->transforms) {
		b->no_memory = 1;
		return;
	}
	for (item = list->first; item; item = item->next)
		read_transform(b, t, item);
}

/*
 * Deleted rows are those that the transform 'filter' would keep: its grammar, its
 * messages, its places in the file.
 */
static void read_deleted(struct build *b, struct config_table *t)
{
	struct tree *given = tree_get(t->node, "deleted_when");
	struct arena *arena = &b->config->arena;
	struct tree *map, *keep;

	if (!given || given->kind != TREE_SCALAR)
		return;
	map = arena_alloc(arena, sizeof(*map));
	keep = arena_alloc(arena, sizeof(*keep));
	t->deleted = arena_alloc(arena, sizeof(*t->deleted));
	if (!map || !keep || !t->deleted) {
		b->no_memory = 1;
		t->deleted = NULL;
		return;
	}
	*keep = *given;
	keep->key = "keep";
	keep->next = NULL;
	*map = *given;
	map->kind = TREE_MAP;
	map->text = NULL;
	map->first = keep;
	map->n = 1;
	*t->deleted = (struct config_transform){.name = "filter", .node = map};
	if (!t->cdc_columns)
		problems_add(b->problems, given,
			     "deleted_when: sets _cdc_op, which needs 'cdc_columns: true'");
}

/* ---- The table ---------------------------------------------------------------------- */

static uint32_t null_policy(const char *text)
{
	if (strcmp(text, "every_run") == 0)
		return DEFSYNC_NULLS_EVERY_RUN;
	return strcmp(text, "exclude") == 0 ? DEFSYNC_NULLS_EXCLUDE : DEFSYNC_NULLS_ERROR;
}

static const char *const mode_names[MODES] = {
    [MODE_APPEND] = "append",
    [MODE_MERGE] = "merge",
    [MODE_REPLACE] = "replace",
};

const char *config_mode_name(enum config_mode mode)
{
	return mode_names[mode];
}

/* The option table knows no others; those that it refused are appended. */
static enum config_mode mode_of(const char *text)
{
	int i = MODES - 1;

	while (i > 0 && strcmp(text, mode_names[i]) != 0)
		i--;
	return (enum config_mode)i;
}

static enum config_schema schema_of(const char *text)
{
	static const char *const names[SCHEMAS] = {
	    [SCHEMA_EVOLVE] = "evolve",
	    [SCHEMA_IGNORE] = "ignore",
	    [SCHEMA_FAIL] = "fail",
	    [SCHEMA_DEAD_LETTER] = "dead_letter",
	};
	int i = SCHEMAS - 1;

	while (i > 0 && strcmp(text, names[i]) != 0)
		i--;
	return (enum config_schema)i;
}

void config_build_table(struct build *b, struct config_table *t)
{
	const struct defsync_options *o;
	int snapshot;

	o = options_read(&config_table_scalars, t->node, b->config->folder, &b->config->arena,
			 b->secrets, b->problems);
	if (!o) {
		b->no_memory = 1;
		return;
	}
	t->from = options_string(o, "from");
	t->to = options_string(o, "to");
	t->mode = mode_of(options_string(o, "mode"));
	snapshot = strcmp(options_string(o, "read"), "snapshot") == 0;
	t->read_mode = snapshot ? DEFSYNC_READ_SNAPSHOT : DEFSYNC_READ_INCREMENTAL;
	t->watermark = options_string(o, "watermark");
	t->where = options_string(o, "where");
	t->initial = options_string(o, "initial");
	t->null_watermark = null_policy(options_string(o, "null_watermark"));
	t->decimals_as_number = strcmp(options_string(o, "decimals"), "number") == 0;
	t->schema = schema_of(options_string(o, "schema"));
	t->cdc_columns = options_int(o, "cdc_columns") != 0;
	t->key = items(b, o, "key", &t->n_key);
	t->leave_out = items(b, o, "exclude", &t->n_leave_out);
	if (t->n_leave_out > 0 && !config_table_is_pattern(t))
		problems_add(b->problems, tree_get(t->node, "exclude"),
			     "exclude: leaves out tables of a pattern, which has a '*' in 'to'; "
			     "columns are left out with 'columns: {exclude: [...]}'");
	check_columns(b, "key", t->key, t->n_key, tree_get(t->node, "key"));
	check_names(b, t);
	read_lookback(b, t, o);
	read_columns(b, t);
	read_transforms(b, t);
	read_deleted(b, t);
	config_build_deletes(b, t, o);
}
