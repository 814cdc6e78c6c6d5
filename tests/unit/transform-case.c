/* SPDX-License-Identifier: MIT */
/* Cells and columns of the cases of transforms. */

#define _GNU_SOURCE
#include "plugin-fixture.h"

#include <math.h>
#include <time.h>

#include "transform-case.h"

static const struct {
	const char *name;
	uint32_t type;
} types[] = {
    {"null", DEFSYNC_NULL},	{"bool", DEFSYNC_BOOL},
    {"int64", DEFSYNC_INT64},	{"uint64", DEFSYNC_UINT64},
    {"double", DEFSYNC_DOUBLE}, {"decimal", DEFSYNC_DECIMAL},
    {"text", DEFSYNC_TEXT},	{"bytes", DEFSYNC_BYTES},
    {"date", DEFSYNC_DATE},	{"time", DEFSYNC_TIME},
    {"json", DEFSYNC_JSON},	{"timestamp", DEFSYNC_TIMESTAMP},
    {"uuid", DEFSYNC_UUID},	{"timestamp_local", DEFSYNC_TIMESTAMP_LOCAL},
    {"any", DEFSYNC_ANY},
};

static const struct {
	const char *name;
	uint32_t flag;
} flags[] = {
    {"key", DEFSYNC_COLUMN_KEY},	   {"watermark", DEFSYNC_COLUMN_WATERMARK},
    {"nullable", DEFSYNC_COLUMN_NULLABLE}, {"generated", DEFSYNC_COLUMN_GENERATED},
    {"masked", DEFSYNC_COLUMN_MASKED},
};

#define N(array) (sizeof(array) / sizeof((array)[0]))

static uint32_t type_of(const char *name)
{
	for (size_t i = 0; i < N(types); i++) {
		if (strcmp(types[i].name, name) == 0)
			return types[i].type;
	}
	print_error("no such type: '%s'\n", name);
	assert_true(0);
	return 0;
}

/* ---- Columns --------------------------------------------------------------------------- */

static void read_flag(struct defsync_column *c, const char *word)
{
	if (sscanf(word, "digits=%u", &c->digits) == 1)
		return;
	for (size_t i = 0; i < N(flags); i++) {
		if (strcmp(flags[i].name, word) == 0) {
			c->flags |= flags[i].flag;
			return;
		}
	}
	print_error("no such flag: '%s'\n", word);
	assert_true(0);
}

/* The name may hold spaces: it ends at the last word that is a type. */
static void read_column(struct defsync_column *c, const char *text, struct arena *arena)
{
	char *copy = arena_strdup(arena, text), *word, *save = NULL;
	char *space = strrchr(copy, '|');

	if (!space)
		space = strchr(copy, ' ');
	assert_non_null(space);
	*space = '\0';
	c->name = copy;
	word = strtok_r(space + 1, " ", &save);
	assert_non_null(word);
	c->type = type_of(word);
	c->native_type = word;
	while ((word = strtok_r(NULL, " ", &save)) != NULL)
		read_flag(c, word);
}

struct defsync_relation *case_relation(const char *name, const struct tree *columns,
				       struct arena *arena)
{
	struct defsync_relation *r = arena_alloc(arena, sizeof(*r));
	struct defsync_column *c = arena_array(arena, columns->n, sizeof(*c));
	uint32_t i = 0;

	assert_non_null(r);
	assert_non_null(c);
	memset(c, 0, columns->n * sizeof(*c));
	for (const struct tree *t = columns->first; t; t = t->next)
		read_column(&c[i++], t->text, arena);
	*r = (struct defsync_relation){
	    .struct_size = sizeof(*r),
	    .column_size = sizeof(*c),
	    .schema = "",
	    .name = name,
	    .columns = c,
	    .n_columns = i,
	};
	return r;
}

void case_describe(const struct defsync_relation *r, int made, struct buf *out)
{
	for (uint32_t i = 0; i < r->n_columns; i++) {
		const struct defsync_column *c = defsync_column_at(r, i);

		(void)buf_printf(out, "%s%s%c", i ? "; " : "", c->name,
				 strchr(c->name, ' ') ? '|' : ' ');
		for (size_t k = 0; k < N(types); k++) {
			if (types[k].type == c->type)
				(void)buf_add_str(out, types[k].name);
		}
		for (size_t k = 0; k < N(flags); k++) {
			if (c->flags & flags[k].flag)
				(void)buf_printf(out, " %s", flags[k].name);
		}
		if (made && c->from == 0)
			(void)buf_add_str(out, " made");
		if (c->digits)
			(void)buf_printf(out, " digits=%u", c->digits);
	}
}

/* ---- Cells ------------------------------------------------------------------------------ */

static int64_t micros_of(const char *text)
{
	struct tm tm = {0};
	const char *rest = strptime(text, "%Y-%m-%d", &tm);
	double fraction = 0;

	assert_non_null(rest);
	if (*rest == 'T')
		rest = strptime(rest, "T%H:%M:%S", &tm);
	assert_non_null(rest);
	if (*rest == '.')
		fraction = strtod(rest, NULL);
	return (int64_t)timegm(&tm) * 1000000 + (int64_t)(fraction * 1e6 + 0.5);
}

static void set_bytes(struct defsync_cell *c, const char *hex, struct arena *arena)
{
	unsigned char *p = arena_alloc(arena, strlen(hex) + 1);
	size_t n = 0;
	unsigned byte;

	for (; *hex; hex += *hex == '-' ? 1 : 2) {
		if (*hex == '-')
			continue;
		assert_int_equal(sscanf(hex, "%2x", &byte), 1);
		p[n++] = (unsigned char)byte;
	}
	c->v.data.ptr = p;
	c->v.data.len = n;
}

static void set_text(struct defsync_cell *c, const json_t *v, struct arena *arena)
{
	size_t n = json_string_length(v);
	char *p = arena_alloc(arena, n + 1);

	memcpy(p, json_string_value(v), n);
	c->v.data.ptr = p;
	c->v.data.len = n;
}

static double double_of(const json_t *v)
{
	return json_is_string(v) ? strtod(json_string_value(v), NULL) : json_number_value(v);
}

static void read_cell(struct defsync_cell *c, uint32_t type, const json_t *v, struct arena *arena)
{
	const char *text = json_string_value(v);

	*c = (struct defsync_cell){.type = json_is_null(v) ? DEFSYNC_NULL : type};
	switch (c->type) {
	case DEFSYNC_NULL:
		break;
	case DEFSYNC_BOOL:
		c->v.i64 = json_is_true(v);
		break;
	case DEFSYNC_INT64:
	case DEFSYNC_TIME:
		c->v.i64 = json_integer_value(v);
		break;
	case DEFSYNC_UINT64:
		c->v.u64 = strtoull(text, NULL, 10);
		break;
	case DEFSYNC_DOUBLE:
		c->v.f64 = double_of(v);
		break;
	case DEFSYNC_DATE:
		c->v.i64 = micros_of(text) / INT64_C(86400000000);
		break;
	case DEFSYNC_TIMESTAMP:
	case DEFSYNC_TIMESTAMP_LOCAL:
		c->v.i64 = micros_of(text);
		break;
	case DEFSYNC_BYTES:
	case DEFSYNC_UUID:
		set_bytes(c, text, arena);
		break;
	default:
		assert_true(json_is_string(v));
		set_text(c, v, arena);
	}
}

struct defsync_cell *case_cells(const struct defsync_relation *r, const char *json,
				struct arena *arena)
{
	struct defsync_cell *cells = arena_array(arena, r->n_columns, sizeof(*cells));
	json_error_t why;
	json_t *list = json_loads(json, JSON_ALLOW_NUL, &why);

	if (!list || json_array_size(list) != r->n_columns)
		print_error("not %u cells: %s %s\n", r->n_columns, json, list ? "" : why.text);
	assert_int_equal(json_array_size(list), r->n_columns);
	for (uint32_t i = 0; i < r->n_columns; i++) {
		uint32_t type = defsync_column_at(r, i)->type;
		const json_t *v = json_array_get(list, i);
		const char *key = type == DEFSYNC_ANY && json_is_object(v)
				      ? json_object_iter_key(json_object_iter((json_t *)v))
				      : NULL;

		if (key)
			read_cell(&cells[i], type_of(key), json_object_get(v, key), arena);
		else
			read_cell(&cells[i], type, v, arena);
	}
	json_decref(list);
	return cells;
}
