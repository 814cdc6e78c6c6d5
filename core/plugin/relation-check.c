/* SPDX-License-Identifier: MIT */
/* The rules of relations, and the shapes that are remembered of them. */

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/limits.h"
#include "plugin/row-check.h"
#include "row/utf8.h"

#define RELATION_SIZE_MINOR_0                                                                      \
	(offsetof(struct defsync_relation, flags) + sizeof(((struct defsync_relation *)0)->flags))
#define COLUMN_SIZE_MINOR_0                                                                        \
	(offsetof(struct defsync_column, from) + sizeof(((struct defsync_column *)0)->from))

#define COLUMN_FLAGS_KNOWN                                                                         \
	(DEFSYNC_COLUMN_KEY | DEFSYNC_COLUMN_WATERMARK | DEFSYNC_COLUMN_NULLABLE |                 \
	 DEFSYNC_COLUMN_GENERATED | DEFSYNC_COLUMN_MASKED)

/* Not NULL, not longer than a name may be, UTF-8; the reason otherwise. */
static const char *name_fault(const char *name)
{
	size_t n;

	if (!name)
		return "is NULL";
	n = strnlen(name, LIMIT_NAME_BYTES + 1);
	if (n > LIMIT_NAME_BYTES)
		return "is too long";
	return utf8_valid_prefix(name, n) == n ? NULL : "is not UTF-8";
}

static int check_column(const struct defsync_column *c, uint32_t i, uint32_t n_from,
			struct error *err)
{
	const char *fault = name_fault(c->name);

	if (fault)
		return error_set(err, ERR_INTERNAL, "column %" PRIu32 ": name %s", i, fault);
	if (c->name[0] == '\0')
		return error_set(err, ERR_INTERNAL, "column %" PRIu32 ": name is empty", i);
	fault = name_fault(c->native_type);
	if (fault)
		return error_set(err, ERR_INTERNAL, "column '%s': native_type %s", c->name, fault);
	/* A column of NULLs alone has a type too, or ANY. */
	if ((c->type < DEFSYNC_BOOL || c->type > DEFSYNC_UUID) && c->type != DEFSYNC_ANY)
		return error_set(err, ERR_INTERNAL, "column '%s': unknown column type: %" PRIu32,
				 c->name, c->type);
	if (c->flags & ~COLUMN_FLAGS_KNOWN)
		return error_set(err, ERR_INTERNAL, "column '%s': unknown flags: 0x%" PRIx32,
				 c->name, c->flags);
	if (c->digits > 6)
		return error_set(err, ERR_INTERNAL, "column '%s': digits out of range: %" PRIu32,
				 c->name, c->digits);
	if (c->from > n_from)
		return error_set(err, ERR_INTERNAL,
				 "column '%s': from is %" PRIu32 ", at most %" PRIu32 " expected",
				 c->name, c->from, n_from);
	return 0;
}

static int compare_names(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static int check_unique(const struct defsync_relation *r, struct error *err)
{
	const char **names = calloc(r->n_columns, sizeof(*names));
	int rc = 0;

	if (!names)
		return error_nomem(err);
	for (uint32_t i = 0; i < r->n_columns; i++)
		names[i] = defsync_column_at(r, i)->name;
	qsort(names, r->n_columns, sizeof(*names), compare_names);
	for (uint32_t i = 1; i < r->n_columns && rc == 0; i++) {
		if (strcmp(names[i - 1], names[i]) == 0)
			rc =
			    error_set(err, ERR_INTERNAL, "two columns of one name: '%s'", names[i]);
	}
	free(names);
	return rc;
}

static int check_relation_head(const struct defsync_relation *r, struct error *err)
{
	const char *fault;

	if (!r)
		return error_set(err, ERR_INTERNAL, "relation is NULL");
	if (r->struct_size < RELATION_SIZE_MINOR_0)
		return error_set(err, ERR_INTERNAL,
				 "struct_size of the relation is %" PRIu32
				 ", expected at least %zu",
				 r->struct_size, RELATION_SIZE_MINOR_0);
	fault = name_fault(r->schema);
	if (fault)
		return error_set(err, ERR_INTERNAL, "schema of the relation %s", fault);
	fault = name_fault(r->name);
	if (fault)
		return error_set(err, ERR_INTERNAL, "name of the relation %s", fault);
	if (r->flags != 0)
		return error_set(err, ERR_INTERNAL, "unknown flags of the relation: 0x%" PRIx32,
				 r->flags);
	return 0;
}

int relation_check(const struct defsync_relation *r, uint32_t n_from, struct error *err)
{
	if (check_relation_head(r, err) < 0)
		return -1;
	if (r->n_columns == 0 || r->n_columns > LIMIT_COLUMNS)
		return error_set(err, ERR_INTERNAL,
				 "number of columns is %" PRIu32 "; 1 to %d are allowed",
				 r->n_columns, LIMIT_COLUMNS);
	if (!r->columns)
		return error_set(err, ERR_INTERNAL, "columns is NULL");
	if (r->column_size < COLUMN_SIZE_MINOR_0 ||
	    r->column_size % _Alignof(struct defsync_column) != 0)
		return error_set(err, ERR_INTERNAL,
				 "column_size is %" PRIu32 ", expected at least %zu",
				 r->column_size, COLUMN_SIZE_MINOR_0);
	for (uint32_t i = 0; i < r->n_columns; i++) {
		if (check_column(defsync_column_at(r, i), i, n_from, err) < 0)
			return -1;
	}
	return check_unique(r, err);
}

/* ---- Shapes ---------------------------------------------------------------------- */

static int shape_init(struct shape *shape, const struct defsync_relation *r, struct error *err)
{
	unsigned char *types = malloc(r->n_columns);

	if (!types)
		return error_nomem(err);
	for (uint32_t i = 0; i < r->n_columns; i++)
		types[i] = (unsigned char)defsync_column_at(r, i)->type;
	free(shape->types);
	*shape = (struct shape){.relation = r, .n_columns = r->n_columns, .types = types};
	return 0;
}

static int shape_is_known(struct shapes *s, const struct defsync_relation *relation)
{
	for (size_t i = 0; i < s->n; i++) {
		if (s->list[i].relation == relation) {
			s->last = i;
			return 1;
		}
	}
	return 0;
}

const struct shape *shapes_find_slow(struct shapes *s, const struct defsync_relation *relation,
				     struct error *err)
{
	size_t slot;

	if (shape_is_known(s, relation))
		return &s->list[s->last];
	if (relation_check(relation, s->n_from, err) < 0)
		return NULL;
	if (!s->list)
		s->list = calloc(SHAPES_MAX, sizeof(*s->list));
	if (!s->list) {
		error_nomem(err);
		return NULL;
	}
	slot = s->n < SHAPES_MAX ? s->n : s->turn;
	if (shape_init(&s->list[slot], relation, err) < 0)
		return NULL;
	if (s->n < SHAPES_MAX)
		s->n++;
	else
		s->turn = (s->turn + 1) % SHAPES_MAX;
	s->last = slot;
	return &s->list[slot];
}

void shapes_forget(struct shapes *s)
{
	for (size_t i = 0; i < s->n; i++) {
		free(s->list[i].types);
		s->list[i].types = NULL;
	}
	s->n = 0;
	s->last = 0;
	s->turn = 0;
}

void shapes_done(struct shapes *s)
{
	shapes_forget(s);
	free(s->list);
	s->list = NULL;
}
