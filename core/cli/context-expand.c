/* SPDX-License-Identifier: MIT */
/*
 * Patterns of tables: `from: public.*` with `to: bronze.*` stands for each table
 * that the source has and the pattern fits, but for those that are excluded or
 * listed by themselves.
 */

#include <fnmatch.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/limits.h"
#include "cli/context.h"
#include "plugin/source.h"

/* A table after expansion, and the one of the configuration that it comes from. */
struct grown {
	struct config_table table;
	const struct context_table *origin;
};

struct expansion {
	struct context *c;
	struct config_source *of;
	struct source *source; /* connected once there is a pattern */
	struct grown *list;
	size_t n, cap;
};

static int add(struct expansion *x, const struct config_table *table,
	       const struct context_table *origin, struct error *err)
{
	if (x->n == x->cap) {
		size_t cap = x->cap == 0 ? 32 : x->cap * 2;
		struct grown *more = reallocarray(x->list, cap, sizeof(*more));

		if (more == NULL)
			return error_nomem(err);
		x->list = more;
		x->cap = cap;
	}
	x->list[x->n++] = (struct grown){*table, origin};
	return 0;
}

static int is_listed(const struct config_source *s, const char *from)
{
	for (size_t i = 0; i < s->n_tables; i++)
		if (!config_table_is_pattern(&s->tables[i]) && strcmp(s->tables[i].from, from) == 0)
			return 1;
	return 0;
}

static int is_left_out(const struct config_table *pattern, const struct defsync_table *t)
{
	for (size_t i = 0; i < pattern->n_leave_out; i++)
		if (fnmatch(pattern->leave_out[i], t->from, 0) == 0 ||
		    fnmatch(pattern->leave_out[i], t->relation->name, 0) == 0)
			return 1;
	return 0;
}

/* "bronze.*" and "orders": "bronze.orders". */
static const char *target_of(struct expansion *x, const struct config_table *pattern,
			     const char *name)
{
	const char *star = strchr(pattern->to, '*');

	return arena_printf(&x->c->config->arena, "%.*s%s%s", (int)(star - pattern->to),
			    pattern->to, name, star + 1);
}

static int check_target(const struct expansion *x, const struct config_table *t, struct error *err)
{
	if (strlen(t->to) > LIMIT_NAME_BYTES || !config_is_target(t->to))
		return error_set(err, ERR_CONFIG,
				 "%s: table '%s' gives no name of a target: '%s'; list it with a "
				 "'to' of its own",
				 x->of->name, t->from, t->to);
	for (size_t i = 0; i < x->n; i++) {
		const struct config_table *other = &x->list[i].table;

		if (strcasecmp(other->to, t->to) == 0)
			return error_set(err, ERR_CONFIG,
					 "%s: tables '%s' and '%s' have the same target: '%s'; "
					 "exclude one, or list it with a 'to' of its own",
					 x->of->name, other->from, t->from, t->to);
	}
	return 0;
}

static int add_match(struct expansion *x, const struct context_table *origin,
		     const struct defsync_table *found, struct error *err)
{
	struct config_table t = *origin->table;

	if (is_listed(x->of, found->from) || is_left_out(origin->table, found))
		return 0;
	t.from = arena_strdup(&x->c->config->arena, found->from);
	t.to = target_of(x, origin->table, found->relation->name);
	if (t.from == NULL || t.to == NULL)
		return error_nomem(err);
	return check_target(x, &t, err) < 0 ? -1 : add(x, &t, origin, err);
}

static int connect_source(struct expansion *x, const struct plugin *plugin, struct error *err)
{
	if (x->source != NULL)
		return 0;
	x->source = source_create(plugin, x->of->options, x->of->name, x->c->cli->log, err);
	return x->source == NULL ? -1 : source_connect(x->source, err);
}

static int add_pattern(struct expansion *x, const struct context_table *origin, struct error *err)
{
	const struct defsync_table *const *found;
	size_t before = x->n;
	uint32_t n;

	if (connect_source(x, origin->plugin, err) < 0 ||
	    source_discover(x->source, origin->table->from, &found, &n, err) < 0)
		return -1;
	for (uint32_t i = 0; i < n; i++) {
		if (add_match(x, origin, found[i], err) < 0)
			return -1;
	}
	if (x->n > before)
		return 0;
	return error_set(err, ERR_CONFIG,
			 "%s: no table fits: '%s'; see what there is with defsync discover",
			 x->of->name, origin->table->from);
}

/* ---- The configuration's and the context's lists ---- */

static const struct plugin **copy_transforms(const struct context_table *t)
{
	size_t n = t->table->n_transforms + 1;
	const struct plugin **copy = calloc(n, sizeof(*copy));

	if (copy != NULL && t->transforms != NULL)
		memcpy(copy, t->transforms, n * sizeof(*copy));
	return copy;
}

static int replace_source(struct expansion *x, struct context_table *out, size_t *n,
			  struct error *err)
{
	struct config_table *tables = arena_array(&x->c->config->arena, x->n + 1, sizeof(*tables));

	if (tables == NULL)
		return error_nomem(err);
	for (size_t i = 0; i < x->n; i++) {
		const struct grown *g = &x->list[i];
		struct context_table *t = &out[(*n)++];

		tables[i] = g->table;
		*t = (struct context_table){.table = &tables[i], .plugin = g->origin->plugin};
		t->transforms = copy_transforms(g->origin);
		if (t->transforms == NULL)
			return error_nomem(err);
	}
	x->of->tables = tables;
	x->of->n_tables = x->n;
	return 0;
}

static int expand_source(struct expansion *x, struct error *err)
{
	struct context *c = x->c;

	for (size_t i = 0; i < c->n_tables; i++) {
		const struct context_table *t = &c->tables[i];
		int rc;

		if (t->table->source != x->of)
			continue;
		rc = config_table_is_pattern(t->table) ? add_pattern(x, t, err)
						       : add(x, t->table, t, err);
		if (rc < 0)
			return -1;
	}
	return 0;
}

static void free_tables(struct context_table *tables, size_t n)
{
	for (size_t i = 0; i < n; i++)
		free(tables[i].transforms);
	free(tables);
}

/* The context's list with this source's tables in place of those that it had. */
static int splice(struct expansion *x, struct error *err)
{
	struct context *c = x->c;
	struct context_table *out = calloc(c->n_tables + x->n + 1, sizeof(*out));
	const struct config_source *of = x->of;
	size_t n = 0, i = 0;

	if (out == NULL)
		return error_nomem(err);
	for (; i < c->n_tables && c->tables[i].table->source != of; i++) {
		out[n++] = c->tables[i];
		c->tables[i].transforms = NULL;
	}
	if (replace_source(x, out, &n, err) < 0) {
		free_tables(out, n);
		return -1;
	}
	for (; i < c->n_tables; i++) {
		if (c->tables[i].table->source == of)
			continue;
		out[n++] = c->tables[i];
		c->tables[i].transforms = NULL;
	}
	free_tables(c->tables, c->n_tables);
	c->tables = out;
	c->n_tables = n;
	return 0;
}

static int has_pattern(const struct config_source *s)
{
	for (size_t i = 0; i < s->n_tables; i++)
		if (config_table_is_pattern(&s->tables[i]))
			return 1;
	return 0;
}

int context_expand(struct context *c, struct config_source *source, struct error *err)
{
	struct expansion x = {.c = c, .of = source};
	int rc;

	if (!has_pattern(source))
		return 0;
	rc = expand_source(&x, err);
	if (rc == 0)
		rc = splice(&x, err);
	source_destroy(x.source);
	free(x.list);
	return rc;
}

int context_expand_all(struct context *c, struct error *err)
{
	for (size_t i = 0; i < c->config->n_sources; i++)
		if (context_expand(c, &c->config->sources[i], err) < 0)
			return -1;
	return 0;
}
