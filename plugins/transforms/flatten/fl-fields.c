/* SPDX-License-Identifier: MIT */
/* The declared fields: paths as a tree, and the columns that they become. */

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "fl.h"

/* ---- The tree ---------------------------------------------------------------------------- */

static int compare(const char *a, size_t a_len, const char *b, size_t b_len)
{
	int order = memcmp(a, b, a_len < b_len ? a_len : b_len);

	return order ? order : (a_len > b_len) - (a_len < b_len);
}

static int compare_nodes(const void *a, const void *b)
{
	const struct fl_node *x = *(struct fl_node *const *)a, *y = *(struct fl_node *const *)b;

	return compare(x->key, x->len, y->key, y->len);
}

const struct fl_node *fl_child(const struct fl_node *node, const char *key, size_t len)
{
	uint32_t low = 0, high = node->n_children;

	while (low < high) {
		uint32_t middle = low + (high - low) / 2;
		const struct fl_node *child = node->sorted[middle];
		int order = compare(key, len, child->key, child->len);

		if (order == 0)
			return child;
		if (order < 0)
			high = middle;
		else
			low = middle + 1;
	}
	return NULL;
}

/*
 * The child of that name, made when there is none; its path are the first bytes of
 * `path`.  NULL without memory.
 */
static struct fl_node *grow(struct pool *pool, struct fl_node *parent, const char *key,
			    const char *path, size_t path_len)
{
	struct fl_node *n;

	for (n = parent->first; n; n = n->next) {
		if (strcmp(n->key, key) == 0)
			return n;
	}
	n = pool_alloc(pool, 1, sizeof(*n));
	if (!n)
		return NULL;
	*n = (struct fl_node){
	    .key = pool_strdup(pool, key),
	    .len = strlen(key),
	    .next = parent->first,
	    .field = FL_NO_FIELD,
	    .path = pool_printf(pool, "%.*s", (int)path_len, path),
	};
	parent->first = n;
	parent->n_children++;
	return n->key && n->path ? n : NULL;
}

/* Numbers the nodes, each in front of its children, and sorts these.  At most 10 deep. */
static bool finish(struct pool *pool, struct fl_node *node, uint32_t *slots)
{
	struct fl_node *n;
	uint32_t i = 0;

	node->slot = (*slots)++;
	node->sorted = pool_alloc(pool, (size_t)node->n_children + 1, sizeof(*node->sorted));
	if (!node->sorted)
		return false;
	for (n = node->first; n; n = n->next) {
		node->sorted[i++] = n;
		if (!finish(pool, n, slots))
			return false;
	}
	qsort((void *)node->sorted, i, sizeof(*node->sorted), compare_nodes);
	node->end = *slots;
	return true;
}

/* ---- Paths ---------------------------------------------------------------------------------- */

static int32_t bad_path(const struct fl *f, const char *path, const char *why)
{
	return defsync_fail(f->host, DEFSYNC_E_CONFIG, "fields: '%s' %s", path, why);
}

/*
 * The next part of a path to `out`, which has room for all of it; moves *p behind its
 * dot.  "\." and "\\" are a dot and a backslash of a name.  Why it is none, or NULL.
 */
static const char *next_part(const char **p, char *out)
{
	size_t n = 0;

	for (; **p && **p != '.'; (*p)++) {
		if (**p == '\\' && *++*p != '.' && **p != '\\')
			return "has a backslash in front of neither a dot nor a backslash";
		out[n++] = **p;
	}
	out[n] = '\0';
	if (n == 0 || (**p == '.' && (*p)[1] == '\0'))
		return "has a part without a name";
	*p += **p == '.';
	return NULL;
}

static int32_t read_path(struct fl *f, const char *path, struct fl_field *field, uint32_t index)
{
	struct pool *pool = &f->reshape.pool;
	struct fl_node *node = &f->root;
	char *part = pool_alloc(pool, strlen(path) + 1, 1);
	const char *p = path, *why;
	uint32_t n = 0;

	field->name = "";
	if (!part)
		return reshape_nomem(f->host);
	do {
		why = next_part(&p, part);
		if (!why && n == FL_PARTS_MAX)
			why = "has more than 10 parts; declare what is in front of them as json";
		if (why)
			return bad_path(f, path, why);
		node = grow(pool, node, part, path, (size_t)(p - path) - (*p != '\0'));
		field->name =
		    pool_printf(pool, "%s%s%s", field->name, n > 0 ? f->separator : "", part);
		if (!node || !field->name)
			return reshape_nomem(f->host);
		n++;
	} while (*p);
	if (node->field != FL_NO_FIELD)
		return bad_path(f, path, "is there twice");
	node->field = index;
	field->node = node;
	return DEFSYNC_OK;
}

/* "path=type"; the host lets no path have a '='. */
static int32_t read_field(struct fl *f, const char *item, uint32_t index)
{
	char *path = pool_strdup(&f->reshape.pool, item);
	char *equal = path ? strchr(path, '=') : NULL;

	if (!path)
		return reshape_nomem(f->host);
	if (!equal)
		return defsync_fail(f->host, DEFSYNC_E_BUG, "fields: not a pair: '%s'", item);
	*equal = '\0';
	if (!fl_type_from_name(equal + 1, &f->fields[index].type))
		return defsync_fail(f->host, DEFSYNC_E_CONFIG,
				    "fields: no such type for '%s': '%s'; take %s", path, equal + 1,
				    fl_type_names());
	return read_path(f, path, &f->fields[index], index);
}

int32_t fl_read_fields(struct fl *f, const struct defsync_options *options)
{
	uint32_t n = f->host->option_count(f->host->ctx, options, "fields"), i, slots = 0;
	struct pool *pool = &f->reshape.pool;
	int32_t rc = DEFSYNC_OK;

	if (n == 0)
		return defsync_fail(
		    f->host, DEFSYNC_E_CONFIG,
		    "'fields' is missing; say what the columns are to be, as "
		    "fields: { status: text, customer.name: text, total: decimal }");
	if (n > FL_FIELDS_MAX)
		return defsync_fail(f->host, DEFSYNC_E_CONFIG,
				    "fields: %" PRIu32 " of them, the most are %d", n,
				    FL_FIELDS_MAX);
	f->fields = pool_alloc(pool, n, sizeof(*f->fields));
	if (!f->fields)
		return reshape_nomem(f->host);
	f->n_fields = n;
	f->root = (struct fl_node){.key = "", .field = FL_NO_FIELD, .path = ""};
	for (i = 0; i < n && rc == DEFSYNC_OK; i++)
		rc = read_field(f, f->host->option_item(f->host->ctx, options, "fields", i), i);
	if (rc < 0)
		return rc;
	if (!finish(pool, &f->root, &slots))
		return reshape_nomem(f->host);
	f->values = pool_alloc(pool, slots, sizeof(*f->values));
	return f->values ? DEFSYNC_OK : reshape_nomem(f->host);
}

/* ---- Columns ---------------------------------------------------------------------------------- */

/* The places of the JSON columns, in the order of the option. */
static int32_t find_columns(struct fl *f, const struct defsync_relation *in, struct fl_use *uses)
{
	uint32_t i;

	for (i = 0; i < f->n_columns; i++) {
		int64_t at = reshape_column(in, f->columns[i]);
		const struct defsync_column *c;

		if (at < 0)
			return reshape_missing(f->host, in, f->columns[i], "columns");
		c = defsync_column_at(in, (uint32_t)at);
		if (c->type != DEFSYNC_JSON && c->type != DEFSYNC_TEXT && c->type != DEFSYNC_ANY)
			return defsync_fail(
			    f->host, DEFSYNC_E_CONFIG,
			    "column '%s' of '%s' is of type '%s'; flatten takes JSON, and "
			    "text that holds it",
			    f->columns[i], in->name, c->native_type);
		uses[i] = (struct fl_use){.in = (uint32_t)at, .name = f->columns[i]};
	}
	return DEFSYNC_OK;
}

static struct defsync_column *add_column(struct fl *f, struct reshape_plan *p,
					 const struct defsync_column *of, const char *name,
					 enum fl_type type)
{
	struct defsync_column *c =
	    reshape_add(&f->reshape, p, name, fl_type_name(type), fl_type_cell(type));

	if (!c)
		return NULL;
	c->flags |= of->flags & DEFSYNC_COLUMN_MASKED;
	c->digits = type == FL_TIMESTAMP ? 6 : 0;
	return c;
}

static int32_t add_fields(struct fl *f, const struct defsync_relation *in, struct reshape_plan *p,
			  struct fl_use *use)
{
	const struct defsync_column *of = defsync_column_at(in, use->in);
	uint32_t i;

	if (f->keep)
		(void)reshape_keep(p, use->in);
	use->first = p->out.n_columns;
	for (i = 0; i < f->n_fields; i++) {
		const struct fl_field *field = &f->fields[i];
		const char *name = f->prefix ? pool_printf(&f->reshape.pool, "%s%s%s", of->name,
							   f->separator, field->name)
					     : field->name;

		if (!name)
			return reshape_nomem(f->host);
		if (!add_column(f, p, of, name, field->type))
			return DEFSYNC_E_NOMEM;
	}
	if (f->rest && !add_column(f, p, of, f->rest, FL_JSON))
		return DEFSYNC_E_NOMEM;
	return DEFSYNC_OK;
}

int32_t fl_plan(struct fl *f, const struct defsync_relation *in,
		const struct defsync_relation **ret_out)
{
	struct fl_use *uses = pool_alloc(&f->reshape.pool, f->n_columns, sizeof(*uses));
	struct reshape_plan *p;
	uint32_t i, k;
	int32_t rc;

	if (!uses)
		return reshape_nomem(f->host);
	rc = find_columns(f, in, uses);
	if (rc < 0)
		return rc;
	p = reshape_begin(&f->reshape, in, in->n_columns + f->n_columns * (f->n_fields + 1));
	if (!p)
		return DEFSYNC_E_NOMEM;
	p->detail = uses;
	for (i = 0; i < in->n_columns && rc == DEFSYNC_OK; i++) {
		for (k = 0; k < f->n_columns && uses[k].in != i; k++)
			;
		if (k < f->n_columns)
			rc = add_fields(f, in, p, &uses[k]);
		else
			(void)reshape_keep(p, i);
	}
	return rc < 0 ? rc : reshape_end(&f->reshape, p, ret_out);
}
