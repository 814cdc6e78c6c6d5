/* SPDX-License-Identifier: MIT */
/* The errors of a configuration, all of them at once, in file order. */

#define _GNU_SOURCE
#include "config/problems.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/limits.h"
#include "config/tree.h"

struct problem {
	char *text; /* with its place in front */
	size_t place_len;
	size_t rank; /* of the file, in the order in which they turned up */
	unsigned line, column;
};

struct list {
	struct problem *items;
	size_t n;
	size_t total; /* with those beyond the limit */
};

struct problems {
	struct list errors, warnings;
	char **files;
	size_t n_files;
};

struct place {
	const char *file; /* or NULL */
	unsigned line, column;
};

struct problems *problems_create(void)
{
	return calloc(1, sizeof(struct problems));
}

static void list_done(struct list *l)
{
	size_t i;

	for (i = 0; i < l->n; i++)
		free(l->items[i].text);
	free(l->items);
}

void problems_destroy(struct problems *p)
{
	size_t i;

	if (!p)
		return;
	list_done(&p->errors);
	list_done(&p->warnings);
	for (i = 0; i < p->n_files; i++)
		free(p->files[i]);
	free(p->files);
	free(p);
}

/* What has no place comes last. */
static size_t file_rank(struct problems *p, const char *file)
{
	char **files;
	size_t i;

	if (!file)
		return SIZE_MAX;
	for (i = 0; i < p->n_files; i++) {
		if (strcmp(p->files[i], file) == 0)
			return i;
	}
	files = realloc(p->files, (p->n_files + 1) * sizeof(*files));
	if (!files)
		return SIZE_MAX;
	p->files = files;
	files[i] = strdup(file);
	if (!files[i])
		return SIZE_MAX;
	p->n_files++;
	return i;
}

void problems_file(struct problems *p, const char *path)
{
	(void)file_rank(p, path);
}

static int comes_after(const struct problem *a, const struct problem *b)
{
	if (a->rank != b->rank)
		return a->rank > b->rank;
	if (a->line != b->line)
		return a->line > b->line;
	return a->column > b->column;
}

static void list_insert(struct list *l, struct problem problem)
{
	struct problem *items = realloc(l->items, (l->n + 1) * sizeof(*items));
	size_t i;

	if (!items) {
		free(problem.text);
		return;
	}
	l->items = items;
	for (i = l->n; i > 0 && comes_after(&items[i - 1], &problem); i--)
		items[i] = items[i - 1];
	items[i] = problem;
	l->n++;
}

static int format_place(char **ret, const struct place *at)
{
	if (!at->file)
		return asprintf(ret, "%s", "");
	if (at->line == 0) /* the command line */
		return asprintf(ret, "%s", at->file);
	return asprintf(ret, "%s:%u:%u", at->file, at->line, at->column);
}

__attribute__((format(printf, 4, 0))) static void add(struct problems *p, struct list *l,
						      const struct place *at, const char *fmt,
						      va_list ap)
{
	struct problem problem = {.line = at->line, .column = at->column};
	char *place = NULL, *text = NULL;

	l->total++;
	if (l->n >= LIMIT_CONFIG_ERRORS)
		return;
	if (format_place(&place, at) < 0)
		return;
	if (vasprintf(&text, fmt, ap) >= 0) {
		problem.rank = file_rank(p, at->file);
		problem.place_len = strlen(place);
		if (asprintf(&problem.text, "%s%s%s", place, *place ? ": " : "", text) >= 0)
			list_insert(l, problem);
		free(text);
	}
	free(place);
}

static struct place place_of(const struct tree *at)
{
	if (!at)
		return (struct place){0};
	return (struct place){at->file, at->line, at->column};
}

void problems_add(struct problems *p, const struct tree *at, const char *fmt, ...)
{
	struct place place = place_of(at);
	va_list ap;

	va_start(ap, fmt);
	add(p, &p->errors, &place, fmt, ap);
	va_end(ap);
}

void problems_add_key(struct problems *p, const struct tree *at, const char *fmt, ...)
{
	struct place place = place_of(at);
	va_list ap;

	if (at && at->key_line > 0) {
		place.line = at->key_line;
		place.column = at->key_column;
	}
	va_start(ap, fmt);
	add(p, &p->errors, &place, fmt, ap);
	va_end(ap);
}

void problems_warn(struct problems *p, const struct tree *at, const char *fmt, ...)
{
	struct place place = place_of(at);
	va_list ap;

	va_start(ap, fmt);
	add(p, &p->warnings, &place, fmt, ap);
	va_end(ap);
}

size_t problems_count(const struct problems *p)
{
	return p->errors.total;
}

static const char *list_text(const struct list *l, size_t i)
{
	return i < l->n ? l->items[i].text : NULL;
}

const char *problems_text(const struct problems *p, size_t i)
{
	return list_text(&p->errors, i);
}

const char *problems_warning(const struct problems *p, size_t i)
{
	return list_text(&p->warnings, i);
}

static void print(const struct list *l, struct log *log, enum log_level level)
{
	size_t i;

	for (i = 0; i < l->n; i++) {
		const struct problem *problem = &l->items[i];
		char *where = strndup(problem->text, problem->place_len);
		const char *text = problem->text + problem->place_len;

		if (problem->place_len > 0 && where)
			log_write(log, level, where, "%s", text + 2);
		else
			log_write(log, level, NULL, "%s", problem->text);
		free(where);
	}
	if (l->total > l->n)
		log_write(log, level, NULL, "%zu more of these are not shown", l->total - l->n);
}

int problems_report(struct problems *p, struct log *log, struct error *err)
{
	size_t n = p->errors.total;

	print(&p->warnings, log, LOG_WARN);
	print(&p->errors, log, LOG_ERROR);
	if (n == 0)
		return 0;
	return error_set(err, ERR_CONFIG, "%zu error%s in %s", n, n == 1 ? "" : "s",
			 p->n_files > 0 ? p->files[0] : "the configuration");
}
