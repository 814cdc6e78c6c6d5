/* SPDX-License-Identifier: MIT */
/* Which tables the command line means. */

#include <string.h>

#include "cli/context.h"
#include "cli/output.h"

#define KNOWN_MAX 20

int context_table_is(const char *text, const char *source, const char *from, const char *to)
{
	size_t n = strlen(source);

	return strcmp(text, from) == 0 || strcmp(text, to) == 0 ||
	       (strncmp(text, source, n) == 0 && text[n] == '.' && strcmp(text + n + 1, from) == 0);
}

static int is_source_name(const struct context *c, const char *text)
{
	for (size_t i = 0; i < c->config->n_sources; i++)
		if (strcmp(c->config->sources[i].name, text) == 0)
			return 1;
	return 0;
}

int context_source_is(const struct context *c, const char *text, const struct config_source *s)
{
	return strcmp(text, is_source_name(c, text) ? s->name : s->plugin) == 0;
}

static int table_fits(const char *text, const struct config_table *t)
{
	return context_table_is(text, t->source->name, t->from, t->to);
}

static int fits(const struct context *c, const char *option, const char *text,
		const struct config_table *t)
{
	return strcmp(option, "source") == 0 ? context_source_is(c, text, t->source)
					     : table_fits(text, t);
}

/* Does the table fit one value of the option, or are there none? */
static int is_wanted(const struct context *c, const struct args *args, const char *option,
		     const struct config_table *t)
{
	size_t n = args_count(args, option);

	for (size_t i = 0; i < n; i++)
		if (fits(c, option, args_item(args, option, i), t))
			return 1;
	return n == 0;
}

/* What is there, for a name that fits nothing. */
static int add_known(const struct context *c, struct buf *b)
{
	int rc = 0;

	for (size_t i = 0; i < c->n_tables; i++) {
		const struct config_table *t = c->tables[i].table;

		if (i == KNOWN_MAX)
			return rc | buf_add_str(b, ", ...");
		rc |= buf_printf(b, "%s%s.%s", i > 0 ? ", " : "", t->source->name, t->from);
	}
	return rc;
}

static int fail_unknown(const struct context *c, const char *option, const char *text,
			struct error *err)
{
	struct buf b;

	buf_init(&b, OUTPUT_MAX);
	if (add_known(c, &b) == 0 && buf_str(&b) != NULL)
		error_set(err, ERR_USAGE, "no such %s: '%s'; there are: %s", option, text, b.data);
	else
		error_nomem(err);
	buf_done(&b);
	return -1;
}

/* Each value has to fit a table, so that a typing error is not a run of nothing. */
static int check_values(const struct context *c, const struct args *args, const char *option,
			struct error *err)
{
	for (size_t i = 0; i < args_count(args, option); i++) {
		const char *text = args_item(args, option, i);
		int found = 0;

		for (size_t k = 0; k < c->n_tables && !found; k++)
			found = fits(c, option, text, c->tables[k].table);
		if (!found)
			return fail_unknown(c, option, text, err);
	}
	return 0;
}

int context_source_wanted(const struct context *c, const struct args *args,
			  const struct config_source *s)
{
	size_t given = args_count(args, "source");
	int wanted = given == 0 || c->adhoc;

	for (size_t i = 0; i < given && !wanted; i++)
		wanted = context_source_is(c, args_item(args, "source", i), s);
	return wanted;
}

static int expand_wanted(struct context *c, const struct args *args, struct error *err)
{
	for (size_t i = 0; i < c->config->n_sources; i++) {
		struct config_source *s = &c->config->sources[i];

		if (context_source_wanted(c, args, s) && context_expand(c, s, err) < 0)
			return -1;
	}
	return 0;
}

int context_select(struct context *c, const struct args *args, struct error *err)
{
	size_t n = 0;

	if (expand_wanted(c, args, err) < 0)
		return -1;

	/* Ad hoc, the same options say what there is. */
	if (!c->adhoc &&
	    (check_values(c, args, "source", err) < 0 || check_values(c, args, "table", err) < 0))
		return -1;
	for (size_t i = 0; i < c->n_tables; i++) {
		struct context_table *t = &c->tables[i];

		t->selected = c->adhoc || (is_wanted(c, args, "source", t->table) &&
					   is_wanted(c, args, "table", t->table));
		n += t->selected ? 1 : 0;
	}
	if (n == 0)
		return error_set(err, ERR_USAGE,
				 "no table is in both --source and --table; leave one out");
	return 0;
}

int context_select_one(struct context *c, const char *text, struct error *err)
{
	size_t n = 0;

	if (context_expand_all(c, err) < 0)
		return -1;
	for (size_t i = 0; i < c->n_tables; i++) {
		struct context_table *t = &c->tables[i];

		t->selected = table_fits(text, t->table);
		n += t->selected ? 1 : 0;
	}
	if (n == 0)
		return fail_unknown(c, "table", text, err);
	if (n > 1)
		return error_set(err, ERR_USAGE,
				 "more than one table has the name: '%s'; say "
				 "SOURCE.FROM",
				 text);
	return 0;
}
