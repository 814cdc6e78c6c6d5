/* SPDX-License-Identifier: MIT */
/* Relations between the options of a table and between tables. */

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "config/build.h"

static int is_excluded(const struct config_table *t, const char *column)
{
	size_t i;

	for (i = 0; i < t->n_exclude; i++) {
		if (strcmp(t->exclude[i], column) == 0)
			return 1;
	}
	return 0;
}

static const struct tree *place_of(const struct config_table *t, const char *key)
{
	struct tree *node = tree_get(t->node, key);

	return node ? node : t->node;
}

static void check_replace(struct build *b, const struct config_table *t)
{
	if (t->mode == MODE_REPLACE && !b->config->api.onprem)
		problems_add(b->problems, place_of(t, "mode"),
			     "mode: replace needs 'api.flavor: onprem', the cloud's API does not "
			     "have it; use append or merge");
}

static void check_merge(struct build *b, const struct config_table *t)
{
	size_t i;

	if (t->mode != MODE_MERGE)
		return;
	if (t->n_key > 1 && !b->config->api.onprem)
		problems_add(
		    b->problems, tree_get(t->node, "key"),
		    "key: %zu columns; the API merges by one column, use 'mode: append' or a "
		    "column that holds them all",
		    t->n_key);
	for (i = 0; i < t->n_key; i++) {
		if (is_excluded(t, t->key[i]))
			problems_add(b->problems, tree_get(t->node, "columns"),
				     "exclude: column is the key of the merge: '%.64s'", t->key[i]);
	}
}

/* Tables sorted, since a file may list some ten thousand. */

static int by_from(const void *a, const void *b)
{
	const struct config_table *x = *(const struct config_table *const *)a;
	const struct config_table *y = *(const struct config_table *const *)b;
	int r = x->source == y->source ? 0 : x->source < y->source ? -1 : 1;

	if (r == 0)
		r = strcmp(x->from, y->from);
	return r != 0 ? r : x < y ? -1 : x > y;
}

/* Names of targets are not case sensitive. */
static int by_target(const void *a, const void *b)
{
	const struct config_table *x = *(const struct config_table *const *)a;
	const struct config_table *y = *(const struct config_table *const *)b;
	int r = strcasecmp(x->to, y->to);

	if (r == 0)
		r = x->source == y->source ? 0 : x->source < y->source ? -1 : 1;
	return r != 0 ? r : x < y ? -1 : x > y;
}

static void check_from(struct build *b, struct config_table **tables, size_t n)
{
	size_t i;

	qsort(tables, n, sizeof(*tables), by_from);
	for (i = 1; i < n; i++) {
		const struct config_table *t = tables[i], *before = tables[i - 1];

		if (t->source == before->source && strcmp(t->from, before->from) == 0)
			problems_add(b->problems, place_of(t, "from"),
				     "from: table is there twice: '%.64s'; first in line %u",
				     t->from, place_of(before, "from")->line);
	}
}

/* Replacing takes away what others have brought. */
static void check_target(struct build *b, const struct config_table *first,
			 const struct config_table *t)
{
	unsigned line = place_of(first, "to")->line;

	if (t->mode != first->mode)
		problems_add(b->problems, place_of(t, "to"),
			     "to: target takes both %s and %s: '%.64s'; the other is in line %u",
			     config_mode_name(first->mode), config_mode_name(t->mode), t->to, line);
	else if (t->mode == MODE_REPLACE)
		problems_add(b->problems, place_of(t, "to"),
			     "to: target is replaced by two tables: '%.64s'; the other is in line "
			     "%u",
			     t->to, line);
}

static void check_targets(struct build *b, struct config_table **tables, size_t n)
{
	size_t i, first = 0;

	qsort(tables, n, sizeof(*tables), by_target);
	for (i = 1; i < n; i++) {
		const struct config_table *t = tables[i];

		if (strcasecmp(t->to, tables[first]->to) != 0)
			first = i;
		else
			check_target(b, tables[first], t);
	}
}

static size_t collect(struct build *b, struct config_table **tables)
{
	struct config *c = b->config;
	size_t i, k, n = 0;

	for (i = 0; i < c->n_sources; i++) {
		for (k = 0; k < c->sources[i].n_tables; k++) {
			struct config_table *t = &c->sources[i].tables[k];

			check_merge(b, t);
			check_replace(b, t);
			if (t->from && t->to)
				tables[n++] = t;
		}
	}
	return n;
}

void config_check(struct build *b)
{
	struct config *c = b->config;
	struct config_table **tables;
	size_t i, n = 0;

	for (i = 0; i < c->n_sources; i++)
		n += c->sources[i].n_tables;
	tables = arena_array(&c->arena, n, sizeof(struct config_table *));
	if (!tables) {
		b->no_memory = 1;
		return;
	}
	n = collect(b, tables);
	check_from(b, tables, n);
	check_targets(b, tables, n);
}
