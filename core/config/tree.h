/* SPDX-License-Identifier: MIT */
/*
 * A YAML file as a tree of scalars, lists and maps with their places, read
 * through libyaml.  No tags, no anchors or aliases, no merge keys, one document,
 * no duplicate keys; `${...}` is expanded in scalars (expand.h).
 *
 * Nodes live in the arena that was given.
 */

#ifndef CONFIG_TREE_H
#define CONFIG_TREE_H

#include <stddef.h>

#include "base/arena.h"
#include "config/problems.h"

enum tree_kind {
	TREE_NULL, /* `key:` without a value, ~ or null */
	TREE_SCALAR,
	TREE_LIST,
	TREE_MAP
};

struct tree {
	enum tree_kind kind;
	int quoted; /* the scalar stood in quotes: "" is then not null */
	int secret; /* came from ${file:}, ${credential:} or a variable: EXPAND_x of expand.h */
	int broken; /* its text could not be expanded; there is a problem already */
	const char *file;
	unsigned line, column; /* from 1; line 0: `file` is an option of the command line */
	const char *text;      /* SCALAR */
	const char *key;       /* of a map's entry: its name */
	unsigned key_line, key_column;
	struct tree *first; /* children of a list or map, in order */
	struct tree *next;
	size_t n;
	int used; /* set by those who read it, for the check of unknown keys */
};

/*
 * Reads a file; NULL when it cannot be read or parsed (the reasons are in
 * `problems`).  An empty file is an empty map.
 */
struct tree *tree_read(const char *path, struct arena *arena, struct problems *problems);
/* The same from memory; `name` stands for the path in messages. */
struct tree *tree_parse(const char *text, size_t len, const char *name, struct arena *arena,
			struct problems *problems);

/* The entry of a map, marked as used; NULL when it is not there or `map` is no map. */
struct tree *tree_get(struct tree *map, const char *key);

#endif
