/* SPDX-License-Identifier: MIT */
/* The JSON of one row: where its fields are, and what is left of it. */

#include <stdlib.h>
#include <string.h>

#include "fl.h"

/* ---- Reasons, which name no value ---------------------------------------------------- */

static const char *kind_phrase(enum json_kind kind)
{
	static const char *const phrases[] = {
	    [JSON_NONE] = "nothing",	 [JSON_NULL] = "null",	     [JSON_BOOL] = "true or false",
	    [JSON_NUMBER] = "a number",	 [JSON_STRING] = "a string", [JSON_ARRAY] = "an array",
	    [JSON_OBJECT] = "an object",
	};

	return phrases[kind];
}

static int32_t not_json(const struct fl *f, const struct fl_use *use, const struct json_scan *s)
{
	if (s->too_deep)
		return defsync_fail(f->host, DEFSYNC_E_BAD_ROW,
				    "'%s' has JSON of more than %d levels", use->name,
				    JSON_DEPTH_MAX);
	return defsync_fail(f->host, DEFSYNC_E_BAD_ROW, "'%s' has no sound JSON, at byte %zu",
			    use->name, (size_t)(s->p - s->start) + 1);
}

static int32_t wrong_kind(const struct fl *f, const struct fl_use *use, const char *path,
			  enum json_kind kind, const char *wanted)
{
	return defsync_fail(f->host, DEFSYNC_E_BAD_ROW, "'%s'%s%s has %s, not %s", use->name,
			    *path ? ": " : "", path, kind_phrase(kind), wanted);
}

/* ---- Members --------------------------------------------------------------------------- */

static bool reserve(struct fl_space *space, size_t size)
{
	char *ptr;

	if (space->cap >= size)
		return true;
	ptr = malloc(size);
	if (!ptr)
		return false;
	free(space->ptr);
	space->ptr = ptr;
	space->cap = size;
	return true;
}

/* The node of a member, NULL when no path goes there; false: no memory. */
static bool find_node(struct fl *f, const struct fl_node *of, const struct json_value *name,
		      const struct fl_node **ret)
{
	if (!name->escaped) {
		*ret = fl_child(of, name->ptr + 1, name->len - 2);
		return true;
	}
	if (!reserve(&f->name, name->len))
		return false;
	*ret = fl_child(of, f->name.ptr, json_unescape(name, f->name.ptr));
	return true;
}

/* Of a name that is there twice, the last one counts, with all below it. */
static void forget(struct fl *f, const struct fl_node *node)
{
	memset(&f->values[node->slot], 0, (node->end - node->slot) * sizeof(*f->values));
}

/*
 * 1 and what was found below an object's node, 0 when that is no JSON, -1 without
 * memory.  Goes no deeper than paths do, ten levels; json_next passes over the rest.
 */
static int scan_object(struct fl *f, struct json_scan *s, const struct fl_node *of)
{
	struct json_value name, other;
	int more;

	if (!json_enter(s))
		return 0;
	while ((more = json_member(s, &name)) > 0) {
		const struct fl_node *node;
		struct json_value *v = &other;

		if (!find_node(f, of, &name, &node))
			return -1;
		if (node) {
			forget(f, node);
			v = &f->values[node->slot].json;
		}
		if (node && node->n_children > 0 && json_peek(s) == JSON_OBJECT) {
			const char *start = s->p;
			int rc = scan_object(f, s, node);

			if (rc <= 0)
				return rc;
			*v = (struct json_value){
			    .ptr = start, .len = (size_t)(s->p - start), .kind = JSON_OBJECT};
		} else if (!json_next(s, v)) {
			return 0;
		}
	}
	return more == 0;
}

/* ---- Fields -------------------------------------------------------------------------------- */

/*
 * On the way to a field there has to be an object, or nothing.  What is there instead,
 * unless it is in a column of its own; NULL: all is well.
 */
static const struct fl_node *blocked(const struct fl *f, const struct fl_node *node)
{
	uint32_t i;

	for (i = 0; i < node->n_children; i++) {
		const struct fl_node *child = node->sorted[i], *at = NULL;
		const struct fl_value *v = &f->values[child->slot];

		if (child->n_children == 0 || v->taken)
			continue;
		if (v->json.kind == JSON_OBJECT)
			at = blocked(f, child);
		else if (v->json.kind != JSON_NONE && v->json.kind != JSON_NULL)
			at = child;
		if (at)
			return at;
	}
	return NULL;
}

static bool reserve_fields(struct fl *f, struct fl_buffers *b)
{
	size_t room = 0;
	uint32_t i;

	for (i = 0; i < f->n_fields; i++)
		room += fl_room(f->fields[i].type, &f->values[f->fields[i].node->slot].json);
	b->used = 0;
	return reserve(&b->text, room);
}

/* The first field of another type, or NULL. */
static const struct fl_field *convert_fields(struct fl *f, struct fl_buffers *b,
					     struct defsync_cell *cells)
{
	const struct fl_field *wrong = NULL;
	uint32_t i;

	for (i = 0; i < f->n_fields; i++) {
		const struct fl_field *field = &f->fields[i];
		struct fl_value *v = &f->values[field->node->slot];

		if (v->json.kind == JSON_NONE)
			continue;
		v->taken =
		    v->json.kind == JSON_NULL || fl_convert(field->type, &v->json, b, &cells[i]);
		if (!v->taken && !wrong)
			wrong = field;
	}
	return wrong;
}

/* ---- The rest -------------------------------------------------------------------------------- */

static void add_name(struct text *out, const struct json_value *name)
{
	if (out->ptr[out->len - 1] != '{')
		text_char(out, ',');
	text_add(out, name->ptr, name->len);
	text_char(out, ':');
}

/* Is the value that is next none of the rest: of a column, or of a name that comes again? */
static bool is_passed(const struct fl *f, const struct fl_node *node, struct json_scan *s)
{
	const struct fl_value *v = node ? &f->values[node->slot] : NULL;

	if (!v)
		return false;
	return json_peek(s) == JSON_NULL || v->taken || v->json.ptr != s->p;
}

/*
 * The members that no field took; the text is known to be sound, so that false is no
 * memory.  An object that was looked into and of which nothing is left is left out;
 * `*ret_any`: something was written.
 */
static bool add_rest(struct fl *f, struct text *out, struct json_scan *s, const struct fl_node *of,
		     bool *ret_any)
{
	struct json_value name, v;

	*ret_any = false;
	if (!json_enter(s))
		return false;
	text_char(out, '{');
	while (text_ok(out) && json_member(s, &name) > 0) {
		size_t before = out->len;
		const struct fl_node *node;
		bool any = true;

		if (!find_node(f, of, &name, &node))
			return false;
		if (is_passed(f, node, s)) {
			(void)json_next(s, &v);
			continue;
		}
		add_name(out, &name);
		if (node && node->n_children > 0 && json_peek(s) == JSON_OBJECT) {
			if (!add_rest(f, out, s, node, &any))
				return false;
		} else if (json_next(s, &v)) {
			text_add(out, v.ptr, v.len);
		}
		if (!any)
			out->len = before;
		*ret_any = *ret_any || any;
	}
	text_char(out, '}');
	return text_ok(out);
}

static int32_t take_rest(struct fl *f, struct fl_buffers *b, const struct defsync_cell *json,
			 struct defsync_cell *ret)
{
	struct json_scan s;
	bool any;

	text_clear(&b->rest);
	json_start(&s, json->v.data.ptr, json->v.data.len);
	if (!add_rest(f, &b->rest, &s, &f->root, &any))
		return reshape_nomem(f->host);
	if (!any)
		return DEFSYNC_OK;
	ret->type = DEFSYNC_JSON;
	ret->v.data.ptr = b->rest.ptr;
	ret->v.data.len = b->rest.len;
	return DEFSYNC_OK;
}

/* ---- A column ---------------------------------------------------------------------------------- */

/* Where the reason is not to be told, the fields are null, and that is counted. */
static int32_t nulls(const struct fl *f)
{
	f->host->count(f->host->ctx, "flatten_nulls", 1);
	return DEFSYNC_OK;
}

static int32_t take_fields(struct fl *f, const struct fl_use *use, struct fl_buffers *b,
			   struct defsync_cell *cells)
{
	const struct fl_field *wrong;
	const struct fl_node *at;

	if (!reserve_fields(f, b))
		return reshape_nomem(f->host);
	wrong = convert_fields(f, b, cells);
	if (wrong && !f->lenient)
		return wrong_kind(f, use, wrong->node->path, f->values[wrong->node->slot].json.kind,
				  fl_type_phrase(wrong->type));
	at = blocked(f, &f->root);
	if (at && !f->lenient)
		return wrong_kind(f, use, at->path, f->values[at->slot].json.kind, "an object");
	return wrong || at ? nulls(f) : DEFSYNC_OK;
}

int32_t fl_column(struct fl *f, const struct fl_use *use, struct fl_buffers *b,
		  const struct defsync_cell *json, struct defsync_cell *cells)
{
	struct json_scan s;
	struct json_value other;
	enum json_kind kind;
	int rc;

	if (json->type == DEFSYNC_NULL)
		return DEFSYNC_OK;
	if (json->type != DEFSYNC_JSON && json->type != DEFSYNC_TEXT)
		return f->lenient ? nulls(f)
				  : defsync_fail(f->host, DEFSYNC_E_BAD_ROW,
						 "'%s' has neither JSON nor text", use->name);
	forget(f, &f->root);
	json_start(&s, json->v.data.ptr, json->v.data.len);
	kind = json_peek(&s);
	rc = kind == JSON_OBJECT ? scan_object(f, &s, &f->root) : json_next(&s, &other);
	if (rc < 0)
		return reshape_nomem(f->host);
	if (rc == 0 || !json_finish(&s))
		return f->lenient ? nulls(f) : not_json(f, use, &s);
	if (kind == JSON_NULL)
		return DEFSYNC_OK;
	if (kind != JSON_OBJECT)
		return f->lenient ? nulls(f) : wrong_kind(f, use, "", kind, "an object");
	rc = take_fields(f, use, b, cells);
	if (rc < 0 || !f->rest)
		return rc;
	return take_rest(f, b, json, &cells[f->n_fields]);
}
