/* SPDX-License-Identifier: MIT */
/* Facts and counters of a plugin instance, bounded in number. */

#include <stdlib.h>
#include <string.h>

#include "base/limits.h"
#include "plugin/facts.h"

static struct fact *find(struct fact *list, size_t n, const char *name)
{
	for (size_t i = 0; i < n; i++) {
		if (strcmp(list[i].name, name) == 0)
			return &list[i];
	}
	return NULL;
}

/* The entry of that name, made when there is room; NULL otherwise. */
static struct fact *find_or_add(struct fact **list, size_t *n, const char *name)
{
	struct fact *found = find(*list, *n, name);

	if (found)
		return found;
	if (*n >= LIMIT_FACTS || strnlen(name, LIMIT_NAME_BYTES) == LIMIT_NAME_BYTES)
		return NULL;
	if (!*list)
		*list = calloc(LIMIT_FACTS, sizeof(**list));
	if (!*list)
		return NULL;
	found = &(*list)[*n];
	found->name = strdup(name);
	if (!found->name)
		return NULL;
	(*n)++;
	return found;
}

static void done_list(struct fact *list, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		free(list[i].name);
		free(list[i].value);
	}
	free(list);
}

void facts_done(struct facts *f)
{
	done_list(f->facts, f->n_facts);
	done_list(f->counters, f->n_counters);
	memset(f, 0, sizeof(*f));
}

void facts_set(struct facts *f, const char *name, const char *value, size_t len)
{
	struct fact *fact = find_or_add(&f->facts, &f->n_facts, name);
	char *copy = fact ? strndup(value, len) : NULL;

	if (!copy)
		return;
	free(fact->value);
	fact->value = copy;
}

void facts_count(struct facts *f, const char *name, uint64_t n)
{
	struct fact *fact = find_or_add(&f->counters, &f->n_counters, name);

	if (fact)
		fact->n += n;
}

const char *facts_get(const struct facts *f, const char *name)
{
	const struct fact *fact = find(f->facts, f->n_facts, name);

	return fact ? fact->value : NULL;
}

void facts_counters(const struct facts *f, void (*each)(void *ctx, const char *name, uint64_t n),
		    void *ctx)
{
	for (size_t i = 0; i < f->n_counters; i++)
		each(ctx, f->counters[i].name, f->counters[i].n);
}
