/* SPDX-License-Identifier: MIT */
/* The command line against tables of options. */

#include "cli/args.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/num.h"
#include "base/suggest.h"

/* The tables of one call, for the functions below. */
struct arg_tables {
	const struct arg_table *tables;
	size_t n;
};

int args_init(struct args *a, int argc, char **argv, struct error *err)
{
	*a = (struct args){.argc = argc, .argv = argv, .next = 1};
	a->words = calloc((size_t)argc + 1, sizeof(*a->words));
	return a->words == NULL ? error_nomem(err) : 0;
}

void args_done(struct args *a)
{
	free(a->values);
	free(a->words);
	*a = (struct args){0};
}

static const struct arg_option *find_letter(const struct arg_tables *t, char letter)
{
	for (size_t i = 0; i < t->n; i++)
		for (size_t k = 0; k < t->tables[i].n; k++)
			if (t->tables[i].options[k].letter == letter)
				return &t->tables[i].options[k];
	return NULL;
}

static const struct arg_option *find_long(const struct arg_tables *t, const char *name, size_t len)
{
	for (size_t i = 0; i < t->n; i++)
		for (size_t k = 0; k < t->tables[i].n; k++) {
			const struct arg_option *o = &t->tables[i].options[k];

			if (strlen(o->name) == len && memcmp(o->name, name, len) == 0)
				return o;
		}
	return NULL;
}

static const char *nearest_long(const struct arg_tables *t, const char *name, size_t len)
{
	const char *nearest = NULL;
	const char **names;
	size_t n = 0, total = 0;
	char *word;

	for (size_t i = 0; i < t->n; i++)
		total += t->tables[i].n;
	word = strndup(name, len);
	names = calloc(total + 1, sizeof(*names));
	if (word != NULL && names != NULL) {
		for (size_t i = 0; i < t->n; i++)
			for (size_t k = 0; k < t->tables[i].n; k++)
				names[n++] = t->tables[i].options[k].name;
		nearest = suggest(word, names, n);
	}
	free(names);
	free(word);
	return nearest;
}

static int unknown_long(const struct arg_tables *t, const char *name, size_t len, struct error *err)
{
	const char *nearest = nearest_long(t, name, len);

	if (nearest != NULL)
		return error_set(err, ERR_USAGE, "unknown option: '--%.*s'; did you mean '--%s'",
				 (int)len, name, nearest);
	return error_set(err, ERR_USAGE, "unknown option: '--%.*s'; see --help", (int)len, name);
}

static int add_value(struct args *a, const struct arg_option *option, const char *text,
		     struct error *err)
{
	if (a->n_values == a->cap_values) {
		size_t cap = a->cap_values == 0 ? 16 : a->cap_values * 2;
		struct arg_value *grown = realloc(a->values, cap * sizeof(*grown));

		if (grown == NULL)
			return error_nomem(err);
		a->values = grown;
		a->cap_values = cap;
	}
	a->values[a->n_values++] = (struct arg_value){.option = option, .text = text};
	return 0;
}

/* The argument behind an option, for its value. */
static const char *take_next(struct args *a)
{
	return a->next < a->argc ? a->argv[a->next++] : NULL;
}

static int parse_long(struct args *a, const struct arg_tables *t, const char *arg,
		      struct error *err)
{
	const char *name = arg + 2;
	size_t len = strcspn(name, "=");
	const char *text = name[len] == '=' ? name + len + 1 : NULL;
	const struct arg_option *o = find_long(t, name, len);

	if (o == NULL)
		return unknown_long(t, name, len, err);
	if (o->value == NULL && text != NULL)
		return error_set(err, ERR_USAGE, "option takes no value: '--%s'", o->name);
	if (o->value != NULL && text == NULL) {
		text = take_next(a);
		if (text == NULL)
			return error_set(err, ERR_USAGE, "value missing: '--%s'; --%s %s", o->name,
					 o->name, o->value);
	}
	return add_value(a, o, text, err);
}

static int parse_short(struct args *a, const struct arg_tables *t, const char *arg,
		       struct error *err)
{
	for (const char *p = arg + 1; *p != '\0'; p++) {
		const struct arg_option *o = find_letter(t, *p);
		const char *text;

		if (o == NULL)
			return error_set(err, ERR_USAGE, "unknown option: '-%c'; see --help", *p);
		if (o->value == NULL) {
			if (add_value(a, o, NULL, err) < 0)
				return -1;
			continue;
		}
		text = p[1] != '\0' ? p + 1 : take_next(a);
		if (text == NULL)
			return error_set(err, ERR_USAGE, "value missing: '-%c'; -%c %s", *p, *p,
					 o->value);
		return add_value(a, o, text, err);
	}
	return 0;
}

int args_parse(struct args *a, const struct arg_table *tables, size_t n_tables,
	       enum args_extent extent, struct error *err)
{
	const struct arg_tables t = {.tables = tables, .n = n_tables};
	int only_words = 0;

	while (a->next < a->argc) {
		const char *arg = a->argv[a->next++];
		int rc = 0;

		if (only_words || arg[0] != '-' || arg[1] == '\0') {
			a->words[a->n_words++] = arg;
			if (extent == ARGS_ONE_WORD)
				return 0;
		} else if (strcmp(arg, "--") == 0) {
			only_words = 1;
		} else if (arg[1] == '-') {
			rc = parse_long(a, &t, arg, err);
		} else {
			rc = parse_short(a, &t, arg, err);
		}
		if (rc < 0)
			return -1;
	}
	return 0;
}

static int is_named(const struct arg_value *v, const char *name)
{
	return strcmp(v->option->name, name) == 0;
}

int args_has(const struct args *a, const char *name)
{
	return args_count(a, name) > 0;
}

const char *args_value(const struct args *a, const char *name)
{
	const char *text = NULL;

	for (size_t i = 0; i < a->n_values; i++)
		if (is_named(&a->values[i], name))
			text = a->values[i].text;
	return text;
}

size_t args_count(const struct args *a, const char *name)
{
	size_t n = 0;

	for (size_t i = 0; i < a->n_values; i++)
		n += is_named(&a->values[i], name) ? 1 : 0;
	return n;
}

const char *args_item(const struct args *a, const char *name, size_t i)
{
	for (size_t k = 0; k < a->n_values; k++)
		if (is_named(&a->values[k], name) && i-- == 0)
			return a->values[k].text;
	return NULL;
}

int args_int(const struct args *a, const char *name, int64_t min, int64_t max, int64_t *ret,
	     struct error *err)
{
	const char *text = args_value(a, name);

	if (text == NULL || num_parse_i64(text, min, max, ret) == 0)
		return 0;
	if (max == INT64_MAX)
		return error_set(err, ERR_USAGE, "--%s: not a number from %" PRId64 " up: '%s'",
				 name, min, text);
	return error_set(err, ERR_USAGE, "--%s: not a number from %" PRId64 " to %" PRId64 ": '%s'",
			 name, min, max, text);
}

const char **args_list(const struct args *a, const char *name, size_t *ret_n)
{
	size_t n = args_count(a, name);
	const char **list = calloc(n + 1, sizeof(*list));

	if (list == NULL)
		return NULL;
	for (size_t i = 0, k = 0; i < a->n_values; i++)
		if (is_named(&a->values[i], name))
			list[k++] = a->values[i].text;
	*ret_n = n;
	return list;
}
