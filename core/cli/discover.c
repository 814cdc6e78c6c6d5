/* SPDX-License-Identifier: MIT */
/* Tables that a source has, as text, as JSON and as the start of a configuration. */

#include "cli/discover.h"

#include <inttypes.h>
#include <string.h>

static const char *const type_names[] = {
    [DEFSYNC_NULL] = "null",	       [DEFSYNC_BOOL] = "bool",
    [DEFSYNC_INT64] = "int64",	       [DEFSYNC_UINT64] = "uint64",
    [DEFSYNC_DOUBLE] = "double",       [DEFSYNC_DECIMAL] = "decimal",
    [DEFSYNC_TEXT] = "text",	       [DEFSYNC_BYTES] = "bytes",
    [DEFSYNC_DATE] = "date",	       [DEFSYNC_TIME] = "time",
    [DEFSYNC_TIMESTAMP] = "timestamp", [DEFSYNC_TIMESTAMP_LOCAL] = "timestamp_local",
    [DEFSYNC_JSON] = "json",	       [DEFSYNC_UUID] = "uuid",
};

static const char *type_name(uint32_t type)
{
	return type < sizeof(type_names) / sizeof(type_names[0]) ? type_names[type] : "any";
}

static const char *const headers[] = {"TABLE", "KIND", "ROWS", "KEY", "WATERMARKS"};

void discovery_init(struct discovery *d, enum discovery_form form)
{
	*d = (struct discovery){.form = form, .tables = json_array()};
	buf_init(&d->yaml, OUTPUT_MAX);
	grid_init(&d->grid, headers, "llrll", sizeof(headers) / sizeof(headers[0]));
}

void discovery_done(struct discovery *d)
{
	grid_done(&d->grid);
	buf_done(&d->yaml);
	json_decref(d->tables);
}

static const struct defsync_candidate *candidate_at(const struct defsync_table *t, uint32_t i)
{
	return (const void *)((const char *)t->candidates + (size_t)i * t->candidate_size);
}

/* "id, line"; a separator between names. */
static int add_keys(struct buf *b, const struct defsync_relation *r, const char *separator)
{
	const char *before = "";
	int rc = 0;

	for (uint32_t i = 0; i < r->n_columns; i++) {
		const struct defsync_column *c = defsync_column_at(r, i);

		if (!(c->flags & DEFSYNC_COLUMN_KEY))
			continue;
		rc |= buf_printf(b, "%s%s", before, c->name);
		before = separator;
	}
	return rc;
}

/* ---- Text ---- */

/* "updated_at (indexed, default)"; those with an index first. */
static int add_candidates(struct buf *b, const struct defsync_table *t)
{
	const char *before = "";
	int rc = 0;

	for (int indexed = 1; indexed >= 0; indexed--) {
		for (uint32_t i = 0; i < t->n_candidates; i++) {
			const struct defsync_candidate *c = candidate_at(t, i);
			int known = c->filled != NULL && strcmp(c->filled, "unknown") != 0;

			if ((c->indexed != 0) != indexed)
				continue;
			rc |= buf_printf(b, "%s%s", before, c->column);
			if (indexed || known)
				rc |= buf_printf(b, " (%s%s%s)", indexed ? "indexed" : "",
						 indexed && known ? ", " : "",
						 known ? c->filled : "");
			before = ", ";
		}
	}
	return rc;
}

static void add_text(struct discovery *d, const struct config_source *s,
		     const struct defsync_table *t)
{
	struct buf keys, candidates;

	buf_init(&keys, OUTPUT_MAX);
	buf_init(&candidates, OUTPUT_MAX);
	if (add_keys(&keys, t->relation, ", ") < 0 || add_candidates(&candidates, t) < 0)
		d->failed = 1;
	grid_add_table(&d->grid, s->name, t->from);
	grid_add(&d->grid, t->kind);
	if (t->row_estimate >= 0)
		grid_add_u64(&d->grid, (uint64_t)t->row_estimate);
	else
		grid_add(&d->grid, "");
	grid_add(&d->grid, buf_str(&keys));
	grid_add(&d->grid, buf_str(&candidates));
	buf_done(&keys);
	buf_done(&candidates);
}

/* ---- JSON ---- */

static json_t *column_json(const struct defsync_column *c)
{
	json_t *o = json_object();
	int rc = 0;

	rc |= output_put(o, "name", output_json_string(NULL, c->name));
	rc |= output_put(o, "type", output_json_string(NULL, type_name(c->type)));
	rc |= output_put(o, "native_type", output_json_string(NULL, c->native_type));
	rc |= output_put(o, "nullable", json_boolean(c->flags & DEFSYNC_COLUMN_NULLABLE));
	rc |= output_put(o, "key", json_boolean(c->flags & DEFSYNC_COLUMN_KEY));
	rc |= output_put(o, "generated", json_boolean(c->flags & DEFSYNC_COLUMN_GENERATED));
	if (rc == 0)
		return o;
	json_decref(o);
	return NULL;
}

static json_t *columns_json(const struct defsync_relation *r)
{
	json_t *list = json_array();

	for (uint32_t i = 0; list != NULL && i < r->n_columns; i++) {
		if (json_array_append_new(list, column_json(defsync_column_at(r, i))) == 0)
			continue;
		json_decref(list);
		return NULL;
	}
	return list;
}

static json_t *candidate_json(const struct defsync_candidate *c)
{
	json_t *o = json_object();
	int rc = 0;

	rc |= output_put(o, "column", output_json_string(NULL, c->column));
	rc |= output_put(o, "indexed", json_boolean(c->indexed));
	rc |= output_put(o, "filled", output_json_string(NULL, c->filled));
	rc |= output_put(o, "note", output_json_string(NULL, c->note));
	if (rc == 0)
		return o;
	json_decref(o);
	return NULL;
}

static json_t *candidates_json(const struct defsync_table *t)
{
	json_t *list = json_array();

	for (uint32_t i = 0; list != NULL && i < t->n_candidates; i++) {
		if (json_array_append_new(list, candidate_json(candidate_at(t, i))) == 0)
			continue;
		json_decref(list);
		return NULL;
	}
	return list;
}

static void add_json(struct discovery *d, const struct config_source *s,
		     const struct defsync_table *t)
{
	json_t *o = json_object();
	json_t *rows = t->row_estimate >= 0 ? json_integer(t->row_estimate) : json_null();
	int rc = 0;

	rc |= output_put(o, "source", output_json_string(NULL, s->name));
	rc |= output_put(o, "from", output_json_string(NULL, t->from));
	rc |= output_put(o, "kind", output_json_string(NULL, t->kind));
	rc |= output_put(o, "row_estimate", rows);
	rc |= output_put(o, "columns", columns_json(t->relation));
	rc |= output_put(o, "watermarks", candidates_json(t));
	if (rc < 0 || json_array_append(d->tables, o) < 0)
		d->failed = 1;
	json_decref(o);
}

/* ---- YAML ---- */

/* Single quotes keep every name as it is. */
static int add_quoted(struct buf *b, const char *text)
{
	int rc = buf_add_char(b, '\'');

	for (; *text != '\0'; text++) {
		if (*text == '\'')
			rc |= buf_add_char(b, '\'');
		rc |= buf_add_char(b, *text);
	}
	return rc | buf_add_char(b, '\'');
}

static int add_list(struct buf *b, const struct defsync_relation *r)
{
	const char *before = ", key: [";
	int rc = 0;

	for (uint32_t i = 0; i < r->n_columns; i++) {
		const struct defsync_column *c = defsync_column_at(r, i);

		if (!(c->flags & DEFSYNC_COLUMN_KEY))
			continue;
		rc |= buf_add_str(b, before);
		rc |= add_quoted(b, c->name);
		before = ", ";
	}
	return before[2] == 'k' ? rc : rc | buf_add_char(b, ']');
}

/* The best: with an index and filled by the database; then with an index; then any. */
static const struct defsync_candidate *best_candidate(const struct defsync_table *t)
{
	const struct defsync_candidate *best = NULL;
	int best_worth = -1;

	for (uint32_t i = 0; i < t->n_candidates; i++) {
		const struct defsync_candidate *c = candidate_at(t, i);
		int known = c->filled != NULL && strcmp(c->filled, "unknown") != 0;
		int worth = (c->note == NULL ? 4 : 0) + (c->indexed ? 2 : 0) + known;

		if (worth <= best_worth)
			continue;
		best = c;
		best_worth = worth;
	}
	return best;
}

static void add_yaml(struct discovery *d, const struct config_source *s,
		     const struct defsync_table *t)
{
	const struct defsync_candidate *watermark = best_candidate(t);
	struct buf *b = &d->yaml;
	int rc = 0;

	if (d->last == NULL)
		rc |= buf_add_str(b, "sources:\n");
	if (d->last != s)
		rc |= buf_printf(b, "  %s:\n    plugin: %s\n    tables:\n", s->name, s->plugin);
	d->last = s;
	/* One a statement: the operands of | may be done in any order. */
	rc |= buf_add_str(b, "      - { from: ");
	rc |= add_quoted(b, t->from);
	rc |= buf_add_str(b, ", to: ");
	rc |= add_quoted(b, t->relation->name);
	if (watermark != NULL) {
		rc |= buf_add_str(b, ", watermark: ");
		rc |= add_quoted(b, watermark->column);
	} else if (!d->by_position) {
		rc |= buf_add_str(b, ", read: snapshot");
	}
	rc |= add_list(b, t->relation);
	rc |= buf_add_str(b, " }\n");
	if (rc < 0)
		d->failed = 1;
}

/* ---- All of them ---- */

void discovery_add(struct discovery *d, const struct config_source *source,
		   const struct defsync_table *table)
{
	switch (d->form) {
	case DISCOVERY_JSON:
		add_json(d, source, table);
		break;
	case DISCOVERY_YAML:
		add_yaml(d, source, table);
		break;
	case DISCOVERY_TEXT:
		add_text(d, source, table);
		break;
	}
}

static int print_text(struct discovery *d, struct error *err)
{
	struct buf b;
	int rc;

	buf_init(&b, OUTPUT_MAX);
	rc = grid_print(&d->grid, &b) < 0 ? error_nomem(err) : output_write(&b, err);
	buf_done(&b);
	return rc;
}

int discovery_print(struct discovery *d, struct error *err)
{
	json_t *o;

	if (d->failed)
		return error_nomem(err);
	if (d->form == DISCOVERY_TEXT)
		return print_text(d, err);
	if (d->form == DISCOVERY_YAML)
		return output_write(&d->yaml, err);
	o = json_object();
	if (output_put(o, "tables", json_incref(d->tables)) == 0)
		return output_json_take(o, err);
	json_decref(o);
	return error_nomem(err);
}
