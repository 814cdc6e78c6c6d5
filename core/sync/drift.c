/* SPDX-License-Identifier: MIT */
/* Columns then and now, see drift.h. */

#include "sync/drift.h"

#include <jansson.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/limits.h"
#include "row/encoder.h"

#define ARENA_MAX ((size_t)4 * LIMIT_COLUMNS * LIMIT_NAME_BYTES)

/* So much of a name or type is shown. */
#define SHOWN 200

static const char *const json_types[] = {"any", "boolean", "integer", "float", "string", "json"};

#define JSON_TYPES (sizeof(json_types) / sizeof(json_types[0]))

/* As encoder.h has it. */
const char *drift_json_type(uint32_t type, int decimals_as_number)
{
	switch (type) {
	case DEFSYNC_NULL: /* never a value */
	case DEFSYNC_ANY:
		return "any";
	case DEFSYNC_BOOL:
		return "boolean";
	case DEFSYNC_INT64:
		return "integer";
	case DEFSYNC_DOUBLE:
		return "float";
	case DEFSYNC_DECIMAL:
		return decimals_as_number ? "float" : "string";
	case DEFSYNC_JSON:
		return "json";
	default:
		return "string";
	}
}

/* ---- Shapes ---- */

static int shape_init(struct shape *s, size_t n, struct error *err)
{
	*s = (struct shape){0};
	arena_init(&s->arena, ARENA_MAX);
	s->columns = arena_array(&s->arena, n + 1, sizeof(*s->columns));
	return s->columns != NULL ? 0 : error_nomem(err);
}

void shape_done(struct shape *s)
{
	arena_done(&s->arena);
	*s = (struct shape){0};
}

/* json is one of json_types. */
static int add_column(struct shape *s, const char *name, const char *json, const char *native,
		      int gone)
{
	struct shape_column *c = &s->columns[s->n];

	*c = (struct shape_column){
	    .name = arena_strdup(&s->arena, name),
	    .json = json,
	    .native = arena_strdup(&s->arena, native != NULL ? native : ""),
	    .gone = gone,
	};
	if (c->name == NULL || c->native == NULL)
		return -1;
	s->n++;
	return 0;
}

int shape_of(struct shape *s, const struct defsync_relation *relation, int decimals_as_number,
	     struct error *err)
{
	int rc = shape_init(s, relation->n_columns, err);

	for (uint32_t i = 0; rc == 0 && i < relation->n_columns; i++) {
		const struct defsync_column *c = defsync_column_at(relation, i);

		if (add_column(s, c->name, drift_json_type(c->type, decimals_as_number),
			       c->native_type, 0) < 0)
			rc = error_nomem(err);
	}
	if (rc < 0)
		shape_done(s);
	return rc;
}

/* Mostly the columns stand as they stood: the search begins behind the last find. */
static const struct shape_column *find(const struct shape *s, const char *name, size_t *at)
{
	for (size_t i = 0; i < s->n; i++) {
		size_t k = (*at + i) % s->n;

		if (strcasecmp(s->columns[k].name, name) == 0) {
			*at = k + 1;
			return &s->columns[k];
		}
	}
	return NULL;
}

int shape_keep_gone(struct shape *s, const struct shape *before, struct error *err)
{
	size_t own = s->n, at = 0;
	struct shape_column *more =
	    arena_array(&s->arena, s->n + before->n + 1, sizeof(*s->columns));
	struct shape present = *s;

	if (more == NULL)
		return error_nomem(err);
	memcpy(more, s->columns, own * sizeof(*more));
	s->columns = more;
	for (size_t i = 0; i < before->n && s->n < LIMIT_COLUMNS; i++) {
		const struct shape_column *c = &before->columns[i];

		if (find(&present, c->name, &at) == NULL &&
		    add_column(s, c->name, c->json, c->native, 1) < 0)
			return error_nomem(err);
	}
	return 0;
}

/* ---- As text: [["id","integer","bigint"],["old","string","text","gone"]] ---- */

static int add_string(struct buf *out, const char *before, const char *text)
{
	return buf_add_str(out, before) < 0 || json_add_string(out, text, strlen(text)) < 0 ? -1
											    : 0;
}

int shape_add_text(const struct shape *s, struct buf *out)
{
	int rc = buf_add_char(out, '[');

	for (size_t i = 0; i < s->n; i++) {
		const struct shape_column *c = &s->columns[i];

		rc |= add_string(out, i > 0 ? ",[" : "[", c->name);
		rc |= add_string(out, ",", c->json);
		rc |= add_string(out, ",", c->native);
		rc |= buf_add_str(out, c->gone ? ",\"gone\"]" : "]");
	}
	rc |= buf_add_char(out, ']');
	return rc < 0 || buf_str(out) == NULL ? -1 : 0;
}

static const char *known_json_type(const json_t *value)
{
	const char *text = json_string_value(value);

	for (size_t i = 0; text != NULL && i < JSON_TYPES; i++) {
		if (strcmp(json_types[i], text) == 0)
			return json_types[i];
	}
	return NULL;
}

/* 1 without memory, -1 when it is no column. */
static int read_column(struct shape *s, const json_t *item)
{
	const char *name = json_string_value(json_array_get(item, 0));
	const char *json = known_json_type(json_array_get(item, 1));
	const char *native = json_string_value(json_array_get(item, 2));

	if (name == NULL || json == NULL || native == NULL)
		return -1;
	return add_column(s, name, json, native, json_array_size(item) > 3) < 0 ? 1 : 0;
}

static int read_columns(struct shape *s, const json_t *list, struct error *err)
{
	size_t n = json_array_size(list);
	int rc = json_is_array(list) ? 0 : -1;

	if (shape_init(s, n, err) < 0)
		return -1;
	for (size_t i = 0; rc == 0 && i < n; i++)
		rc = read_column(s, json_array_get(list, i));
	if (rc == 0)
		return 0;
	shape_done(s);
	return rc > 0
		   ? error_nomem(err)
		   : error_set(err, ERR_STORE,
			       "store: its list of a table's columns is damaged; accept those of "
			       "the table with defsync run --accept-schema");
}

int shape_parse(struct shape *s, const char *text, struct error *err)
{
	json_t *list = json_loads(text, JSON_ALLOW_NUL, NULL);
	int rc = read_columns(s, list, err);

	json_decref(list);
	return rc;
}

/* ---- The difference ---- */

static void add_change(struct drift *d, enum drift_kind kind, const struct shape_column *was,
		       const struct shape_column *is)
{
	d->changes[d->n++] = (struct drift_change){kind, was, is};
	d->n_conflicts += kind == DRIFT_CONFLICT;
}

static int conflict(const struct shape_column *was, const struct shape_column *is)
{
	return strcmp(was->json, "any") != 0 && strcmp(is->json, "any") != 0 &&
	       strcmp(was->json, is->json) != 0;
}

static void compare_column(struct drift *d, const struct shape_column *was,
			   const struct shape_column *is)
{
	if (was == NULL)
		add_change(d, DRIFT_NEW, NULL, is);
	else if (conflict(was, is))
		add_change(d, DRIFT_CONFLICT, was, is);
	else if (was->gone)
		add_change(d, DRIFT_NEW, was, is);
	else if (strcmp(was->json, is->json) != 0 || strcmp(was->native, is->native) != 0)
		add_change(d, DRIFT_RETYPED, was, is);
}

int drift_compare(const struct shape *known, const struct shape *now, struct drift *ret)
{
	size_t at = 0;

	*ret = (struct drift){0};
	ret->changes = calloc(known->n + now->n + 1, sizeof(*ret->changes));
	if (ret->changes == NULL)
		return -1;
	for (size_t i = 0; i < now->n; i++)
		compare_column(ret, find(known, now->columns[i].name, &at), &now->columns[i]);
	at = 0;
	for (size_t i = 0; i < known->n; i++) {
		const struct shape_column *was = &known->columns[i];

		if (!was->gone && find(now, was->name, &at) == NULL)
			add_change(ret, DRIFT_DROPPED, was, NULL);
	}
	return 0;
}

void drift_done(struct drift *d)
{
	free(d->changes);
	*d = (struct drift){0};
}

/* ---- In words ---- */

/* "numeric(12,2)", what it is sent as where the source has no word for it. */
static const char *type_of(const struct shape_column *c)
{
	return c->native[0] != '\0' ? c->native : c->json;
}

/* Types of one name differ in what is sent. */
static int add_both(const struct drift_change *c, struct buf *out)
{
	const char *was = type_of(c->was), *is = type_of(c->is);

	if (strcmp(c->was->json, c->is->json) == 0)
		return buf_printf(out, "was %.*s and is %.*s now", SHOWN, was, SHOWN, is);
	return buf_printf(out, "was %.*s, sent as %s, and is %.*s now, sent as %s", SHOWN, was,
			  c->was->json, SHOWN, is, c->is->json);
}

int drift_add_text(const struct drift_change *c, struct buf *out)
{
	const struct shape_column *any = c->is != NULL ? c->is : c->was;
	int rc = buf_printf(out, "the column '%.*s' ", SHOWN, any->name);

	switch (c->kind) {
	case DRIFT_NEW:
		rc |= buf_printf(out, c->was != NULL ? "is there again: %.*s" : "is new: %.*s",
				 SHOWN, type_of(c->is));
		break;
	case DRIFT_DROPPED:
		rc |= buf_printf(out, "is no more, it was %.*s", SHOWN, type_of(c->was));
		break;
	case DRIFT_RETYPED:
	case DRIFT_CONFLICT:
		rc |= add_both(c, out);
		break;
	}
	return rc < 0 || buf_str(out) == NULL ? -1 : 0;
}
