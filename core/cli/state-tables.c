/* SPDX-License-Identifier: MIT */
/* The tables of a store, copied. */

#include "cli/state-tables.h"

#include <stdlib.h>
#include <string.h>

#include "base/limits.h"
#include "cli/output.h"

#define KNOWN_MAX 20

static int copy_table(struct store_table *to, const struct store_table *from)
{
	*to = *from;
	to->source = strdup(from->source);
	to->table = strdup(from->table);
	to->target = strdup(from->target);
	to->phase = strdup(from->phase);
	to->checkpoint = strdup(from->checkpoint);
	if (to->source != NULL && to->table != NULL && to->target != NULL && to->phase != NULL &&
	    to->checkpoint != NULL)
		return 0;
	store_table_done(to);
	return -1;
}

static int add_table(void *ctx, const struct store_table *table)
{
	struct state_tables *t = ctx;

	if (t->n == t->cap) {
		size_t cap = t->cap == 0 ? 16 : t->cap * 2;
		struct store_table *grown = realloc(t->items, cap * sizeof(*grown));

		if (grown == NULL)
			return -1;
		t->items = grown;
		t->cap = cap;
	}
	if (copy_table(&t->items[t->n], table) < 0)
		return -1;
	t->n++;
	return 0;
}

int state_tables_load(struct state_tables *t, struct store *store, struct error *err)
{
	*t = (struct state_tables){0};
	if (store_tables(store, add_table, t, err) < 0)
		return error_nomem(err); /* keeps the store's reason, if there is one */
	return 0;
}

void state_tables_done(struct state_tables *t)
{
	for (size_t i = 0; i < t->n; i++)
		store_table_done(&t->items[i]);
	free(t->items);
	*t = (struct state_tables){0};
}

size_t state_tables_match(const struct state_tables *t, const char *text,
			  const struct store_table **ret)
{
	size_t n = 0;

	for (size_t i = 0; i < t->n; i++) {
		const struct store_table *s = &t->items[i];

		if (context_table_is(text, s->source, s->table, s->target) && n++ == 0)
			*ret = s;
	}
	return n;
}

static int fail_unknown(const struct state_tables *t, const char *text, struct error *err)
{
	struct buf b;
	int rc = 0;

	buf_init(&b, OUTPUT_MAX);
	for (size_t i = 0; i < t->n && i < KNOWN_MAX; i++)
		rc |= buf_printf(&b, "%s%s.%s", i > 0 ? ", " : "; there are: ", t->items[i].source,
				 t->items[i].table);
	if (t->n > KNOWN_MAX)
		rc |= buf_add_str(&b, ", ...");
	if (rc == 0 && buf_str(&b) != NULL)
		error_set(err, ERR_USAGE, "no such table in the store: '%s'%s", text, b.data);
	else
		error_nomem(err);
	buf_done(&b);
	return -1;
}

const struct store_table *state_tables_find(const struct state_tables *t, const char *text,
					    struct error *err)
{
	const struct store_table *found = NULL;
	size_t n = state_tables_match(t, text, &found);

	if (n == 1)
		return found;
	if (n == 0)
		fail_unknown(t, text, err);
	else
		error_set(err, ERR_USAGE,
			  "more than one table has the name: '%s'; say SOURCE.FROM, or the target",
			  text);
	return NULL;
}

int state_tables_filter(const struct state_tables *t, const char *text, const char **source,
			const char **table, struct error *err)
{
	const struct store_table *found = NULL;
	size_t n = state_tables_match(t, text, &found);

	if (n == 0)
		return fail_unknown(t, text, err);
	/* The same `from` in several sources: --source tells them apart. */
	if (n > 1 && strcmp(found->table, text) != 0)
		return error_set(err, ERR_USAGE,
				 "--table: more than one table has the name: '%s'; say SOURCE.FROM",
				 text);
	if (n == 1 && *source == NULL)
		*source = found->source;
	*table = found->table;
	return 0;
}

int state_check_checkpoint(const char *text, struct error *err)
{
	size_t n = strlen(text);

	if (n == 0 || n > LIMIT_CHECKPOINT_BYTES)
		return error_set(err, ERR_USAGE,
				 "checkpoint is empty or over %d bytes; see defsync state show",
				 LIMIT_CHECKPOINT_BYTES);
	for (size_t i = 0; i < n; i++)
		if (text[i] < 0x20 || text[i] > 0x7e)
			return error_set(err, ERR_USAGE,
					 "checkpoint is not printable ASCII at byte %zu", i + 1);
	return 0;
}

json_t *state_table_json(const struct store_table *t)
{
	json_t *o = json_object();
	int rc = 0;

	rc |= output_put(o, "source", output_json_string(NULL, t->source));
	rc |= output_put(o, "table", output_json_string(NULL, t->table));
	rc |= output_put(o, "target", output_json_string(NULL, t->target));
	rc |= output_put(o, "phase", output_json_string(NULL, t->phase));
	rc |= output_put(o, "checkpoint", output_json_string(NULL, t->checkpoint));
	rc |= output_put(o, "updated_at", output_json_time(t->updated_us));
	if (rc == 0)
		return o;
	json_decref(o);
	return NULL;
}
