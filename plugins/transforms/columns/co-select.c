/* SPDX-License-Identifier: MIT */
/* Which columns there are, under which names, and in which order. */

#include <inttypes.h>
#include <string.h>
#include <strings.h>

#include "co.h"

bool co_matches(const char *pattern, const char *name)
{
	const char *star = NULL, *from = NULL;

	/* Only the last star has to be tried anew: those before it took the least. */
	while (*name) {
		if (*pattern == '*') {
			star = pattern++;
			from = name;
		} else if (*pattern == *name) {
			pattern++;
			name++;
		} else if (star) {
			pattern = star + 1;
			name = ++from;
		} else {
			return false;
		}
	}
	while (*pattern == '*')
		pattern++;
	return *pattern == '\0';
}

static int32_t nothing(const struct co *c, const struct defsync_relation *in, const char *name,
		       const char *option)
{
	if (strchr(name, '*'))
		return defsync_fail(c->host, DEFSYNC_E_CONFIG,
				    "no column of '%s' matches '%s'; check %s", in->name, name,
				    option);
	return reshape_missing(c->host, in, name, option);
}

/* ---- keep, drop -------------------------------------------------------------------------- */

static bool listed(const struct co_list *list, const char *name)
{
	uint32_t i;

	for (i = 0; i < list->n; i++) {
		if (co_matches(list->items[i], name))
			return true;
	}
	return false;
}

/* Each of the list has to be there: a slip in `drop` would send what must not be sent. */
static int32_t check_list(const struct co *c, const struct defsync_relation *in,
			  const struct co_list *list, const char *option)
{
	uint32_t i, k;

	for (i = 0; i < list->n && !c->lenient; i++) {
		for (k = 0; k < in->n_columns; k++) {
			if (co_matches(list->items[i], defsync_column_at(in, k)->name))
				break;
		}
		if (k == in->n_columns)
			return nothing(c, in, list->items[i], option);
	}
	return DEFSYNC_OK;
}

int32_t co_select(struct co *c, const struct defsync_relation *in, struct co_columns *cols)
{
	int32_t rc = check_list(c, in, &c->keep, "keep");
	uint32_t i;

	if (rc == DEFSYNC_OK)
		rc = check_list(c, in, &c->drop, "drop");
	if (rc < 0)
		return rc;
	cols->list = pool_alloc(&c->reshape.pool, (size_t)in->n_columns + 1, sizeof(*cols->list));
	if (!cols->list)
		return reshape_nomem(c->host);
	for (i = 0; i < in->n_columns; i++) {
		const char *name = pool_strdup(&c->reshape.pool, defsync_column_at(in, i)->name);

		if (!name)
			return reshape_nomem(c->host);
		if ((c->keep.n > 0 && !listed(&c->keep, name)) || listed(&c->drop, name))
			continue;
		cols->list[cols->n++] = (struct co_column){.from = i, .was = name, .name = name};
	}
	return DEFSYNC_OK;
}

/* ---- rename ---------------------------------------------------------------------------------- */

/* By the names of the input, so that two columns can change places. */
int32_t co_rename(struct co *c, const struct defsync_relation *in, struct co_columns *cols)
{
	uint32_t i, k;

	for (i = 0; i < c->n_renames; i++) {
		const struct co_pair *pair = &c->renames[i];

		for (k = 0; k < cols->n && strcmp(cols->list[k].was, pair->from) != 0; k++)
			;
		if (k < cols->n)
			cols->list[k].name = pair->to;
		else if (c->lenient)
			continue;
		else if (reshape_column(in, pair->from) >= 0)
			return defsync_fail(c->host, DEFSYNC_E_CONFIG,
					    "'%s' of '%s' is left out and renamed; take it out of "
					    "rename, or look into keep and drop",
					    pair->from, in->name);
		else
			return reshape_missing(c->host, in, pair->from, "rename");
	}
	return DEFSYNC_OK;
}

/* ---- duplicates ------------------------------------------------------------------------------- */

/* The API folds case. */
static bool same(const char *a, const char *b)
{
	return strcasecmp(a, b) == 0;
}

/* The first of equal names keeps it, so that those to be numbered are here too. */
static bool is_taken(const struct co_columns *cols, const char *name)
{
	uint32_t i;

	for (i = 0; i < cols->n; i++) {
		if (same(cols->list[i].name, name))
			return true;
	}
	return false;
}

/* How many in front of column i had its name. */
static uint32_t count_before(const char *const *before, uint32_t i)
{
	uint32_t k, n = 0;

	for (k = 0; k < i; k++)
		n += same(before[k], before[i]);
	return n;
}

static int32_t number_one(struct co *c, struct co_columns *cols, const char *const *before,
			  uint32_t i)
{
	uint32_t number = count_before(before, i) + 1;
	const char *name;

	if (number == 1)
		return DEFSYNC_OK;
	do {
		name = co_numbered(&c->reshape.pool, before[i], number++, c->max_length);
		if (!name)
			return reshape_nomem(c->host);
	} while (is_taken(cols, name));
	cols->list[i].name = name;
	return DEFSYNC_OK;
}

static int32_t number_all(struct co *c, const struct defsync_relation *in, struct co_columns *cols)
{
	const char **before = pool_alloc(&c->reshape.pool, (size_t)cols->n + 1, sizeof(*before));
	int32_t rc = DEFSYNC_OK;
	uint32_t i, n = 0;

	if (!before)
		return reshape_nomem(c->host);
	for (i = 0; i < cols->n; i++)
		before[i] = cols->list[i].name;
	for (i = 0; i < cols->n && rc == DEFSYNC_OK; i++) {
		rc = number_one(c, cols, before, i);
		n += cols->list[i].name != before[i];
	}
	if (rc == DEFSYNC_OK && n > 0)
		defsync_log(c->host, DEFSYNC_LOG_INFO,
			    "names of '%s' that would be equal were numbered: %" PRIu32, in->name,
			    n);
	return rc;
}

int32_t co_distinct(struct co *c, const struct defsync_relation *in, struct co_columns *cols)
{
	uint32_t i, k;

	if (c->number)
		return number_all(c, in, cols);
	for (i = 0; i < cols->n; i++) {
		for (k = 0; k < i; k++) {
			if (same(cols->list[i].name, cols->list[k].name))
				return defsync_fail(c->host, DEFSYNC_E_CONFIG,
						    "'%s' and '%s' of '%s' would both be '%s'; "
						    "rename one, or set duplicates to number",
						    cols->list[k].was, cols->list[i].was, in->name,
						    cols->list[i].name);
		}
	}
	return DEFSYNC_OK;
}

/* ---- order -------------------------------------------------------------------------------------- */

int32_t co_order(struct co *c, const struct defsync_relation *in, struct co_columns *cols)
{
	size_t room = (size_t)cols->n + 1;
	struct co_column *sorted = pool_alloc(&c->reshape.pool, room, sizeof(*sorted));
	bool *placed = pool_alloc(&c->reshape.pool, room, sizeof(*placed));
	uint32_t i, k, n = 0;

	if (!sorted || !placed)
		return reshape_nomem(c->host);
	/* Behind the list, whatever is left: as if it ended in '*'. */
	for (i = 0; i <= c->order.n; i++) {
		const char *pattern = i < c->order.n ? c->order.items[i] : "*";
		bool found = i == c->order.n || c->lenient;

		for (k = 0; k < cols->n; k++) {
			if (!co_matches(pattern, cols->list[k].name))
				continue;
			found = true;
			if (!placed[k])
				sorted[n++] = cols->list[k];
			placed[k] = true;
		}
		if (!found)
			return nothing(c, in, pattern, "order, which has the names that come out");
	}
	cols->list = sorted;
	return DEFSYNC_OK;
}
