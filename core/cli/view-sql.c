/* SPDX-License-Identifier: MIT */
/* The SQL of the current-state view, see view-sql.h. */

#include "cli/view-sql.h"

#include <string.h>
#include <strings.h>

/* Schema and name of "schema.name"; len 0 where there is no schema. */
struct parts {
	const char *schema, *name;
	size_t schema_len;
};

static struct parts split(const char *text)
{
	const char *dot = strrchr(text, '.');

	if (dot == NULL)
		return (struct parts){.schema = "", .name = text};
	return (struct parts){.schema = text, .schema_len = (size_t)(dot - text), .name = dot + 1};
}

static struct parts parts_of_view(const struct view *v)
{
	struct parts p = split(v->name != NULL ? v->name : split(v->target).name);

	if (p.schema_len == 0) {
		p.schema = v->schema;
		p.schema_len = strlen(v->schema);
	}
	return p;
}

static int add_quoted(struct buf *out, const char *p, size_t n)
{
	int rc = buf_add_char(out, '"');

	for (size_t i = 0; i < n; i++) {
		if (p[i] == '"')
			rc |= buf_add_char(out, '"');
		rc |= buf_add_char(out, p[i]);
	}
	return rc | buf_add_char(out, '"');
}

static int add_name(struct buf *out, const struct parts *p)
{
	int rc = 0;

	if (p->schema_len > 0) {
		rc |= add_quoted(out, p->schema, p->schema_len);
		rc |= buf_add_char(out, '.');
	}
	return rc | add_quoted(out, p->name, strlen(p->name));
}

int view_is_target(const struct view *v)
{
	const struct parts view = parts_of_view(v), target = split(v->target);

	return view.schema_len == target.schema_len &&
	       strncasecmp(view.schema, target.schema, view.schema_len) == 0 &&
	       strcasecmp(view.name, target.name) == 0;
}

static int add_newest(const struct view *v, struct buf *out)
{
	int rc = buf_add_str(out, "  QUALIFY row_number() OVER (\n    PARTITION BY ");

	for (size_t i = 0; i < v->n_keys; i++) {
		rc |= buf_add_str(out, i > 0 ? ", " : "");
		rc |= add_quoted(out, v->keys[i], strlen(v->keys[i]));
	}
	return rc | buf_add_str(out, "\n    ORDER BY _cdc_ts DESC NULLS LAST, "
				     "_cdc_seq DESC NULLS LAST\n  ) = 1\n");
}

int view_sql(const struct view *v, struct buf *out)
{
	const struct parts view = parts_of_view(v), target = split(v->target);
	int rc = 0;

	if (view.schema_len > 0) {
		rc |= buf_add_str(out, "CREATE SCHEMA IF NOT EXISTS ");
		rc |= add_quoted(out, view.schema, view.schema_len);
		rc |= buf_add_str(out, ";\n");
	}
	rc |= buf_add_str(out, "CREATE OR REPLACE VIEW ");
	rc |= add_name(out, &view);
	rc |= buf_add_str(out, " AS\nSELECT * EXCLUDE (_cdc_op, _cdc_ts, _cdc_seq)\nFROM (\n"
			       "  SELECT *\n  FROM ");
	rc |= add_name(out, &target);
	rc |= buf_add_str(out, "\n");
	rc |= add_newest(v, out);
	return rc | buf_add_str(out, ")\nWHERE _cdc_op IS DISTINCT FROM 'd';\n");
}
