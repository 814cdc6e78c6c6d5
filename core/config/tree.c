/* SPDX-License-Identifier: MIT */
/* YAML as a tree with places. */

#define _GNU_SOURCE
#include "config/tree.h"

#include <stdlib.h>
#include <string.h>
#include <yaml.h>

#include "base/file.h"
#include "base/limits.h"
#include "config/expand.h"

struct reader {
	yaml_parser_t parser;
	yaml_event_t event; /* the current one */
	const char *file;
	struct arena *arena;
	struct problems *problems;
};

static int fail(struct reader *r, const struct tree *at, const char *text)
{
	problems_add(r->problems, at, "%s", text);
	return -1;
}

static int no_memory(struct reader *r)
{
	problems_add(r->problems, NULL, "%s: out of memory", r->file);
	return -1;
}

static struct tree place(const struct reader *r, size_t line, size_t column)
{
	return (struct tree){
	    .file = r->file, .line = (unsigned)line + 1, .column = (unsigned)column + 1};
}

/* ---- Errors of the parser ------------------------------------------------------ */

/* libyaml's reader gives an offset only. */
static struct tree place_of_offset(const struct reader *r, const char *text, size_t offset)
{
	size_t i, line = 0, column = 0;

	for (i = 0; i < offset; i++) {
		column++;
		if (text[i] == '\n') {
			line++;
			column = 0;
		}
	}
	return place(r, line, column);
}

/* The index counts characters, which is near enough for a hint. */
static const char *hint(const char *text, size_t len, size_t index)
{
	size_t start, end;

	if (index >= len)
		return "";
	if (text[index] == '\t')
		return "; indent with spaces, not with tabs";
	for (start = index; start > 0 && text[start - 1] != '\n'; start--)
		;
	for (end = index; end < len && text[end] != '\n'; end++)
		;
	if (memmem(text + start, end - start, "${", 2))
		return "; between braces or brackets write '${NAME}' in quotes";
	return "";
}

static void parser_problem(struct reader *r, const char *text, size_t len)
{
	const yaml_parser_t *p = &r->parser;
	const char *what = p->problem ? p->problem : "cannot be parsed";
	struct tree at;

	if (p->error == YAML_MEMORY_ERROR) {
		(void)no_memory(r);
		return;
	}
	if (p->error == YAML_READER_ERROR) {
		size_t offset = p->problem_offset < len ? p->problem_offset : len;

		at = place_of_offset(r, text, offset);
		problems_add(r->problems, &at, "no YAML: %s; the file must be plain UTF-8 text",
			     what);
		return;
	}
	at = place(r, p->problem_mark.line, p->problem_mark.column);
	problems_add(r->problems, &at, "no YAML: %s%s%s%s", p->context ? p->context : "",
		     p->context ? ", " : "", what, hint(text, len, p->problem_mark.index));
}

/* What libyaml would take or report badly. */
static int check_bytes(struct reader *r, const char *text, size_t len)
{
	const char *nul = len > 0 ? memchr(text, '\0', len) : NULL;
	struct tree at = place(r, 0, 0);

	if (len >= 3 && memcmp(text, "\xef\xbb\xbf", 3) == 0)
		return fail(r, &at, "byte order mark; save the file as UTF-8 without one");
	if (len >= 2 && (memcmp(text, "\xff\xfe", 2) == 0 || memcmp(text, "\xfe\xff", 2) == 0))
		return fail(r, &at, "UTF-16; save the file as UTF-8");
	if (nul) {
		at = place_of_offset(r, text, (size_t)(nul - text));
		return fail(r, &at, "NUL byte; this is no text file");
	}
	return 0;
}

/* ---- Events ---------------------------------------------------------------------- */

static int next_event(struct reader *r)
{
	yaml_event_delete(&r->event);
	return yaml_parser_parse(&r->parser, &r->event) ? 0 : -1;
}

static int check_plain(struct reader *r, const struct tree *at, const yaml_char_t *anchor,
		       const yaml_char_t *tag)
{
	if (anchor)
		return fail(r, at, "anchors and aliases are not supported; write the value out");
	if (tag)
		return fail(r, at, "tags are not supported; leave it out");
	return 0;
}

static struct tree *new_node(struct reader *r, enum tree_kind kind)
{
	struct tree *node = arena_alloc(r->arena, sizeof(*node));

	if (!node) {
		(void)no_memory(r);
		return NULL;
	}
	*node = place(r, r->event.start_mark.line, r->event.start_mark.column);
	node->kind = kind;
	return node;
}

static int is_null(const char *text)
{
	static const char *const words[] = {"", "~", "null", "Null", "NULL"};
	size_t i;

	for (i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
		if (strcmp(text, words[i]) == 0)
			return 1;
	}
	return 0;
}

static struct tree *read_scalar(struct reader *r)
{
	struct tree *node = new_node(r, TREE_SCALAR);
	const char *text, *value;

	if (!node ||
	    check_plain(r, node, r->event.data.scalar.anchor, r->event.data.scalar.tag) < 0)
		return NULL;
	text = arena_strndup(r->arena, (const char *)r->event.data.scalar.value,
			     r->event.data.scalar.length);
	if (!text) {
		(void)no_memory(r);
		return NULL;
	}
	if (strlen(text) != r->event.data.scalar.length) {
		(void)fail(r, node, "NUL character in a text");
		return NULL;
	}
	node->quoted = r->event.data.scalar.style != YAML_PLAIN_SCALAR_STYLE;
	node->text = text;
	if (!node->quoted && is_null(text)) {
		node->kind = TREE_NULL;
		return node;
	}
	value = expand(text, node, r->arena, r->problems, &node->secret);
	/* after a problem the text stands in, so that the other problems are found too */
	node->text = value ? value : text;
	node->broken = value == NULL;
	if (value != text && value && *value == '\0')
		node->kind = TREE_NULL; /* ${NAME:-}: not set */
	return node;
}

static int read_value(struct reader *r, int depth, struct tree **ret);

static void append(struct tree *parent, struct tree **last, struct tree *child)
{
	if (*last)
		(*last)->next = child;
	else
		parent->first = child;
	*last = child;
	parent->n++;
}

static int read_list(struct reader *r, int depth, struct tree *list)
{
	struct tree *last = NULL, *child;

	for (;;) {
		if (next_event(r) < 0)
			return -1;
		if (r->event.type == YAML_SEQUENCE_END_EVENT)
			return 0;
		if (read_value(r, depth + 1, &child) < 0)
			return -1;
		append(list, &last, child);
	}
}

static const char *read_key(struct reader *r, const struct tree *at)
{
	const char *key = NULL;

	if (r->event.type != YAML_SCALAR_EVENT)
		(void)fail(r, at, "a key must be a simple text");
	else if (check_plain(r, at, r->event.data.scalar.anchor, r->event.data.scalar.tag) < 0)
		;
	else if (r->event.data.scalar.length == 0)
		(void)fail(r, at, "empty key");
	else if (strlen((const char *)r->event.data.scalar.value) != r->event.data.scalar.length)
		(void)fail(r, at, "NUL character in a key");
	else if (strcmp((const char *)r->event.data.scalar.value, "<<") == 0)
		(void)fail(r, at, "merge keys are not supported; write the values out");
	else {
		key = arena_strdup(r->arena, (const char *)r->event.data.scalar.value);
		if (!key)
			(void)no_memory(r);
	}
	return key;
}

static int compare_keys(const void *a, const void *b)
{
	const struct tree *x = *(struct tree *const *)a, *y = *(struct tree *const *)b;
	int r = strcmp(x->key, y->key);

	if (r != 0)
		return r;
	if (x->key_line != y->key_line)
		return x->key_line < y->key_line ? -1 : 1;
	return x->key_column < y->key_column ? -1 : x->key_column > y->key_column;
}

/* Sorted, since a hostile file could have a hundred thousand keys. */
static int check_duplicates(struct reader *r, const struct tree *map)
{
	struct tree **entries, *child;
	size_t i = 0;

	if (map->n < 2)
		return 0;
	entries = malloc(map->n * sizeof(*entries));
	if (!entries)
		return no_memory(r);
	for (child = map->first; child; child = child->next)
		entries[i++] = child;
	qsort(entries, map->n, sizeof(*entries), compare_keys);
	for (i = 1; i < map->n; i++) {
		if (strcmp(entries[i - 1]->key, entries[i]->key) != 0)
			continue;
		problems_add_key(r->problems, entries[i],
				 "key is there twice: '%s'; first in line %u", entries[i]->key,
				 entries[i - 1]->key_line);
		entries[i]->used = 1; /* not an unknown key as well */
	}
	free(entries);
	return 0;
}

static int read_map(struct reader *r, int depth, struct tree *map)
{
	struct tree *last = NULL, *child;

	for (;;) {
		struct tree at;
		const char *key;

		if (next_event(r) < 0)
			return -1;
		if (r->event.type == YAML_MAPPING_END_EVENT)
			return check_duplicates(r, map);
		at = place(r, r->event.start_mark.line, r->event.start_mark.column);
		key = read_key(r, &at);
		if (!key || next_event(r) < 0 || read_value(r, depth + 1, &child) < 0)
			return -1;
		child->key = key;
		child->key_line = at.line;
		child->key_column = at.column;
		append(map, &last, child);
	}
}

static int read_collection(struct reader *r, int depth, struct tree **ret)
{
	int list = r->event.type == YAML_SEQUENCE_START_EVENT;
	struct tree *node = new_node(r, list ? TREE_LIST : TREE_MAP);
	int e;

	if (!node)
		return -1;
	if (list)
		e = check_plain(r, node, r->event.data.sequence_start.anchor,
				r->event.data.sequence_start.tag);
	else
		e = check_plain(r, node, r->event.data.mapping_start.anchor,
				r->event.data.mapping_start.tag);
	if (e == 0 && depth >= LIMIT_CONFIG_DEPTH)
		e = fail(r, node, "nested too deeply");
	if (e == 0)
		e = list ? read_list(r, depth, node) : read_map(r, depth, node);
	*ret = node;
	return e;
}

/* The value that begins with the current event. */
static int read_value(struct reader *r, int depth, struct tree **ret)
{
	struct tree at = place(r, r->event.start_mark.line, r->event.start_mark.column);

	switch (r->event.type) {
	case YAML_SCALAR_EVENT:
		*ret = read_scalar(r);
		return *ret ? 0 : -1;
	case YAML_SEQUENCE_START_EVENT:
	case YAML_MAPPING_START_EVENT:
		return read_collection(r, depth, ret);
	case YAML_ALIAS_EVENT:
		return fail(r, &at, "anchors and aliases are not supported; write the value out");
	default:
		return fail(r, &at, "no YAML: a value is missing");
	}
}

static int read_document(struct reader *r, struct tree **ret)
{
	struct tree at;

	/* the stream's start, then a document's or, in an empty file, the end */
	if (next_event(r) < 0 || next_event(r) < 0)
		return -1;
	if (r->event.type == YAML_STREAM_END_EVENT) {
		*ret = new_node(r, TREE_MAP);
		return *ret ? 0 : -1;
	}
	if (next_event(r) < 0 || read_value(r, 0, ret) < 0 || next_event(r) < 0 ||
	    next_event(r) < 0)
		return -1;
	at = place(r, r->event.start_mark.line, r->event.start_mark.column);
	if (r->event.type != YAML_STREAM_END_EVENT)
		return fail(r, &at, "a second document; a file holds one");
	if ((*ret)->kind == TREE_NULL)
		(*ret)->kind = TREE_MAP;
	return 0;
}

struct tree *tree_parse(const char *text, size_t len, const char *name, struct arena *arena,
			struct problems *problems)
{
	struct reader r = {.arena = arena, .problems = problems};
	struct tree *root = NULL;

	r.file = arena_strdup(arena, name);
	if (!r.file || !yaml_parser_initialize(&r.parser)) {
		problems_add(problems, NULL, "%s: out of memory", name);
		return NULL;
	}
	yaml_parser_set_encoding(&r.parser, YAML_UTF8_ENCODING);
	yaml_parser_set_input_string(&r.parser, (const unsigned char *)text, len);
	if (check_bytes(&r, text, len) < 0) {
		root = NULL;
	} else if (read_document(&r, &root) < 0) {
		if (r.parser.error != YAML_NO_ERROR)
			parser_problem(&r, text, len);
		root = NULL;
	}
	yaml_event_delete(&r.event);
	yaml_parser_delete(&r.parser);
	return root;
}

struct tree *tree_read(const char *path, struct arena *arena, struct problems *problems)
{
	struct error err = ERROR_INIT;
	struct tree *root = NULL;
	struct buf text;

	buf_init(&text, LIMIT_CONFIG_BYTES);
	if (file_read(path, LIMIT_CONFIG_BYTES, &text, &err) < 0)
		problems_add(problems, NULL, "%s", error_text(&err));
	else
		root = tree_parse(buf_str(&text), text.len, path, arena, problems);
	if (text.data)
		explicit_bzero(text.data, text.len);
	buf_done(&text);
	error_done(&err);
	return root;
}

struct tree *tree_get(struct tree *map, const char *key)
{
	struct tree *child;

	if (!map || map->kind != TREE_MAP)
		return NULL;
	for (child = map->first; child; child = child->next) {
		if (strcmp(child->key, key) == 0) {
			child->used = 1;
			return child;
		}
	}
	return NULL;
}
