/* SPDX-License-Identifier: MIT */
/* Configuration files: who may write them, includes, the whole model. */

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/file.h"
#include "base/limits.h"
#include "config/build.h"

#define CONFIG_ARENA_MAX ((size_t)256 << 20)

struct config *config_create(void)
{
	struct config *c = calloc(1, sizeof(*c));

	if (!c)
		return NULL;
	arena_init(&c->arena, CONFIG_ARENA_MAX);
	c->folder = "";
	return c;
}

void config_destroy(struct config *config)
{
	if (!config)
		return;
	arena_done(&config->arena);
	free(config);
}

int config_build(struct build *b)
{
	config_build_sections(b);
	config_build_sources(b);
	if (!b->no_memory)
		config_check(b);
	return b->no_memory ? -1 : 0;
}

/* ---- Files ------------------------------------------------------------------------ */

struct loading {
	struct build *b;
	const char *files[LIMIT_CONFIG_INCLUDES + 1]; /* resolved paths, each once */
	size_t n_files;
};

static void check_mode(struct loading *l, const char *path)
{
	const struct tree at = {.file = path};
	struct stat st;

	if (stat(path, &st) < 0)
		return; /* reading it says why */
	if (S_ISREG(st.st_mode) && (st.st_mode & (S_IWGRP | S_IWOTH)))
		problems_add(l->b->problems, &at,
			     "others can write this file (mode %04o); chmod go-w '%s'",
			     (unsigned)(st.st_mode & 07777), path);
}

/* `at`: the place that names the file, or NULL for the first one. */
static int remember(struct loading *l, const char *path, const struct tree *at)
{
	char *resolved = realpath(path, NULL);
	const char *copy;
	size_t i;

	if (!resolved) {
		problems_add(l->b->problems, at, "cannot open '%s': %s", path, strerror(errno));
		return -1;
	}
	copy = arena_strdup(&l->b->config->arena, resolved);
	free(resolved);
	if (!copy) {
		l->b->no_memory = 1;
		return -1;
	}
	for (i = 0; i < l->n_files; i++) {
		if (strcmp(l->files[i], copy) == 0) {
			problems_add(
			    l->b->problems, at,
			    "include: file is there already: '%s'; it is included twice, or "
			    "by itself",
			    path);
			return -1;
		}
	}
	if (l->n_files == LIMIT_CONFIG_INCLUDES + 1) {
		problems_add(l->b->problems, at, "include: more than %d files",
			     LIMIT_CONFIG_INCLUDES);
		return -1;
	}
	l->files[l->n_files++] = copy;
	return 0;
}

static struct tree *read_file(struct loading *l, const char *path, const struct tree *at)
{
	struct tree *root;

	if (remember(l, path, at) < 0)
		return NULL;
	check_mode(l, path);
	root = tree_read(path, &l->b->config->arena, l->b->problems);
	if (root && root->kind != TREE_MAP) {
		problems_add(l->b->problems, root, "a map 'name: value' is expected here");
		return NULL;
	}
	return root;
}

static void merge(struct loading *l, struct tree *into, struct tree *from)
{
	struct tree **end = &into->first;
	struct tree *entry, *next;

	while (*end)
		end = &(*end)->next;
	for (entry = from->first; entry; entry = next) {
		struct tree *other = tree_get(into, entry->key);

		next = entry->next;
		entry->next = NULL;
		if (strcmp(entry->key, "include") == 0)
			continue;
		if (other) {
			other->used = 0;
			problems_add_key(l->b->problems, entry,
					 "key is there twice: '%s'; first in %s:%u", entry->key,
					 other->file, other->key_line);
			continue;
		}
		*end = entry;
		end = &entry->next;
		into->n++;
	}
}

static void include_all(struct loading *l, struct tree *root, struct tree *file, const char *path);

static void include_one(struct loading *l, struct tree *root, const char *folder,
			const struct tree *at)
{
	struct arena *arena = &l->b->config->arena;
	const char *path = at->text;
	struct tree *file;

	if (at->kind != TREE_SCALAR || *path == '\0') {
		problems_add(l->b->problems, at, "include: the path of a file is expected here");
		return;
	}
	if (*path == '~' || strstr(path, "$(")) {
		problems_add(l->b->problems, at, "include: '~' and '$()' are not expanded: '%s'",
			     path);
		return;
	}
	if (*path != '/' && strcmp(folder, ".") != 0)
		path = arena_printf(arena, "%s/%s", folder, path);
	if (!path) {
		l->b->no_memory = 1;
		return;
	}
	file = read_file(l, path, at);
	if (!file)
		return;
	include_all(l, root, file, path);
	merge(l, root, file);
}

/* The files that `file`, which is at `path`, includes, into root. */
static void include_all(struct loading *l, struct tree *root, struct tree *file, const char *path)
{
	struct tree *include = tree_get(file, "include");
	const struct tree *item;
	char *folder;

	if (!include || include->kind == TREE_NULL)
		return;
	if (include->kind == TREE_MAP) {
		problems_add(l->b->problems, include, "include: a list of files is expected here");
		return;
	}
	folder = file_dirname(path);
	if (!folder) {
		l->b->no_memory = 1;
		return;
	}
	if (include->kind == TREE_SCALAR) {
		include_one(l, root, folder, include);
	} else {
		for (item = include->first; item; item = item->next)
			include_one(l, root, folder, item);
	}
	free(folder);
}

static const char *folder_of(struct arena *arena, const char *path)
{
	char *folder = file_dirname(path);
	const char *copy = NULL;

	if (folder)
		copy = strcmp(folder, ".") == 0 ? "" : arena_strdup(arena, folder);
	free(folder);
	return copy;
}

struct config *config_load(const char *path, const struct config_overrides *overrides,
			   struct secrets *secrets, struct problems *problems)
{
	static const struct config_overrides none = {.api_url = NULL};
	struct config *c = config_create();
	struct build b = {c, overrides ? overrides : &none, secrets, problems, 0};
	struct loading l = {.b = &b};

	if (!c)
		return NULL;
	problems_file(problems, path);
	c->path = arena_strdup(&c->arena, path);
	c->folder = c->path ? folder_of(&c->arena, path) : NULL;
	if (!c->folder)
		goto fail;
	c->root = read_file(&l, c->path, NULL);
	if (!c->root)
		goto fail;
	include_all(&l, c->root, c->root, c->path);
	if (config_build(&b) < 0)
		goto fail;
	return c;
fail:
	/* never without a reason */
	if (problems_count(problems) == 0)
		problems_add(problems, NULL, "out of memory");
	config_destroy(c);
	return NULL;
}
