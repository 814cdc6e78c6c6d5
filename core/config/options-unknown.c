/* SPDX-License-Identifier: MIT */
/* Keys that nobody knows, and what may have been meant. */

#include <stdlib.h>

#include "base/suggest.h"
#include "config/options.h"

#define LISTED_MAX 40 /* names in a message */

struct names {
	const char **items;
	size_t n;
};

static int names_collect(struct names *names, const struct option_table *const *tables,
			 size_t n_tables, const char *const *more, size_t n_more)
{
	size_t i, k, total = n_more;

	for (i = 0; i < n_tables; i++)
		total += tables[i]->n;
	names->n = 0;
	names->items = malloc((total + 1) * sizeof(*names->items));
	if (!names->items)
		return -1;
	for (i = 0; i < n_tables; i++) {
		for (k = 0; k < tables[i]->n; k++)
			names->items[names->n++] = option_at(tables[i], k)->name;
	}
	for (i = 0; i < n_more; i++)
		names->items[names->n++] = more[i];
	return 0;
}

static void report(const struct tree *entry, const struct names *names, struct problems *problems)
{
	const char *near = suggest(entry->key, names->items, names->n);
	struct buf list;
	size_t i;

	if (near) {
		problems_add_key(problems, entry, "unknown key: '%.64s'; did you mean '%s'?",
				 entry->key, near);
		return;
	}
	buf_init(&list, 4096);
	for (i = 0; i < names->n && i < LISTED_MAX; i++)
		(void)buf_printf(&list, "%s%s", i ? ", " : "", names->items[i]);
	problems_add_key(problems, entry, "unknown key: '%.64s'; known here: %s%s", entry->key,
			 names->n ? buf_str(&list) : "none", names->n > LISTED_MAX ? ", ..." : "");
	buf_done(&list);
}

void options_unknown(struct tree *map, const struct option_table *const *tables, size_t n_tables,
		     const char *const *more_names, size_t n_more, struct problems *problems)
{
	const struct tree *entry;
	struct names names;

	if (!map || map->kind != TREE_MAP)
		return;
	if (names_collect(&names, tables, n_tables, more_names, n_more) < 0) {
		problems_add(problems, map, "out of memory");
		return;
	}
	for (entry = map->first; entry; entry = entry->next) {
		if (!entry->used)
			report(entry, &names, problems);
	}
	free(names.items);
}
