/* SPDX-License-Identifier: MIT */
/* From the header of a file and the request to the columns of rows. */

#include <string.h>

#include "cv.h"

struct making {
	struct cv_source *s;
	struct pool *pool;
	const struct defsync_request *q;
	const struct cv_format *f;
	const struct cv_header *h;
	const char *name; /* of the file */
	uint32_t *fields;
	enum cv_type *types;
	uint32_t n;
};

/* h->n when it is not there. */
static uint32_t find_name(const struct cv_header *h, const char *name, size_t len)
{
	uint32_t i = 0;

	while (i < h->n && (strlen(h->names[i]) != len || memcmp(h->names[i], name, len) != 0))
		i++;
	return i;
}

static int32_t fail_column(const struct making *m, const char *what, const char *name, size_t len)
{
	return defsync_fail(m->s->host, DEFSYNC_E_CONFIG,
			    "'%s' has no column '%.*s', which is configured as %s; correct it",
			    m->name, (int)len, name, what);
}

static int32_t choose_fields(struct making *m)
{
	uint32_t i;

	m->n = m->q->n_columns ? m->q->n_columns : m->h->n;
	m->fields = pool_alloc(m->pool, m->n, sizeof(*m->fields));
	m->types = pool_alloc(m->pool, m->n, sizeof(*m->types));
	if (!m->fields || !m->types)
		return cv_fail_nomem(m->s);
	for (i = 0; i < m->n; i++) {
		const char *name = m->q->n_columns ? m->q->columns[i] : NULL;

		m->fields[i] = name ? find_name(m->h, name, strlen(name)) : i;
		if (m->fields[i] == m->h->n)
			return fail_column(m, "column", name, strlen(name));
	}
	return 0;
}

/* "amount=decimal" */
static int32_t apply_type(struct making *m, const char *item)
{
	const char *eq = strrchr(item, '=');
	size_t len = eq ? (size_t)(eq - item) : 0;
	enum cv_type type;
	uint32_t i, field;

	if (!eq || !cv_type_from_name(eq + 1, strlen(eq + 1), &type))
		return defsync_fail(m->s->host, DEFSYNC_E_CONFIG,
				    "types: unknown type in '%.128s'; use %s", item,
				    cv_type_names());
	field = find_name(m->h, item, len);
	/* Of many files older ones may not have it yet. */
	if (field == m->h->n && !cv_is_pattern(m->q->table))
		return fail_column(m, "a key of types", item, len);
	for (i = 0; i < m->n; i++) {
		if (m->fields[i] == field)
			m->types[i] = type;
	}
	return 0;
}

static int32_t apply_types(struct making *m)
{
	int32_t rc = 0;
	uint32_t i;

	for (i = 0; i < m->f->n_types && rc == 0; i++)
		rc = apply_type(m, m->f->types[i]);
	return rc;
}

static int32_t check_keys(const struct making *m)
{
	uint32_t i, k;

	for (i = 0; i < m->q->n_keys; i++) {
		const char *key = m->q->keys[i];

		for (k = 0; k < m->n && strcmp(m->h->names[m->fields[k]], key) != 0; k++)
			;
		if (k == m->n)
			return fail_column(m, "key", key, strlen(key));
	}
	return 0;
}

static bool is_key(const struct making *m, const char *name)
{
	uint32_t i;

	for (i = 0; i < m->q->n_keys; i++) {
		if (strcmp(m->q->keys[i], name) == 0)
			return true;
	}
	return false;
}

static void fill_column(const struct making *m, uint32_t i, struct defsync_column *ret)
{
	const char *name = m->h->names[m->fields[i]];

	*ret = (struct defsync_column){
	    .name = name,
	    .native_type = cv_type_name(m->types[i]),
	    .type = cv_type_cell(m->types[i]),
	    .flags = DEFSYNC_COLUMN_NULLABLE | (is_key(m, name) ? DEFSYNC_COLUMN_KEY : 0),
	    .digits = m->types[i] == CV_TIMESTAMP ? 6 : 0,
	};
}

static bool same_relation(const struct making *m, const struct defsync_relation *r)
{
	uint32_t i;

	if (!r || r->n_columns != m->n || strcmp(r->name, m->q->table) != 0)
		return false;
	for (i = 0; i < m->n; i++) {
		struct defsync_column c;

		fill_column(m, i, &c);
		if (strcmp(c.name, r->columns[i].name) != 0 || c.type != r->columns[i].type ||
		    c.flags != r->columns[i].flags)
			return false;
	}
	return true;
}

/* Its strings are its own: the header's may live shorter. */
static int32_t make_relation(const struct making *m, struct pool *pool,
			     const struct defsync_relation **ret)
{
	struct defsync_relation *r = pool_alloc(pool, 1, sizeof(*r));
	struct defsync_column *columns = pool_alloc(pool, m->n, sizeof(*columns));
	const char *name = pool_strdup(pool, m->q->table);
	uint32_t i;

	if (!r || !columns || !name)
		return cv_fail_nomem(m->s);
	for (i = 0; i < m->n; i++) {
		fill_column(m, i, &columns[i]);
		columns[i].name = pool_strdup(pool, columns[i].name);
		if (!columns[i].name)
			return cv_fail_nomem(m->s);
	}
	*r = (struct defsync_relation){
	    .struct_size = sizeof(*r),
	    .column_size = sizeof(*columns),
	    .schema = "",
	    .name = name,
	    .columns = columns,
	    .n_columns = m->n,
	};
	*ret = r;
	return 0;
}

static bool is_as_is(const struct making *m)
{
	uint32_t i = 0;

	while (i < m->n && m->fields[i] == i && m->types[i] == CV_TEXT)
		i++;
	return i == m->n && m->n == m->h->n;
}

int32_t cv_shape_make(struct cv_source *s, struct pool *pool, struct pool *relations,
		      const struct defsync_request *q, const struct cv_format *f,
		      const struct cv_header *h, const char *name, struct cv_shape *ret)
{
	struct making m = {.s = s, .pool = pool, .q = q, .f = f, .h = h, .name = name};
	const struct defsync_relation *r = NULL;
	int32_t rc = choose_fields(&m);

	if (rc == 0)
		rc = apply_types(&m);
	if (rc == 0)
		rc = check_keys(&m);
	if (rc < 0)
		return rc;
	/* The next file mostly has the same columns: one relation for all. */
	if (relations == &s->relations && same_relation(&m, s->last_relation))
		r = s->last_relation;
	else
		rc = make_relation(&m, relations, &r);
	if (rc < 0)
		return rc;
	if (relations == &s->relations)
		s->last_relation = r;
	*ret = (struct cv_shape){r, m.fields, m.types, m.n, h->n, is_as_is(&m)};
	return 0;
}
