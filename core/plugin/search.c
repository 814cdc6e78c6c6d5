/* SPDX-License-Identifier: MIT */
/* The search path of plugins. */

#define _GNU_SOURCE
#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/file.h"
#include "base/limits.h"
#include "base/suggest.h"
#include "plugin/adopt.h"
#include "plugin/search.h"

#ifndef DEFSYNC_PLUGIN_DIR
#define DEFSYNC_PLUGIN_DIR "/usr/local/lib/defsync/plugins"
#endif

#define SUFFIX ".so"
#define NAMES_BYTES_MAX (64 * 1024) /* of all names and paths in one message */

static const struct {
	const char *name, *prefix;
} kinds[] = {
    [PLUGIN_SOURCE] = {"source", "defsync-source-"},
    [PLUGIN_TRANSFORM] = {"transform", "defsync-transform-"},
};

#define N_KINDS (sizeof(kinds) / sizeof(kinds[0]))

const char *plugin_kind_name(enum plugin_kind kind)
{
	return kinds[kind].name;
}

/* ---- Folders -------------------------------------------------------------------- */

static size_t count_parts(const char *list)
{
	size_t n = 1;

	for (; *list; list++)
		n += *list == ':';
	return n;
}

/* Empty parts of the list are left out: they do not mean the current folder. */
static int add_parts(struct search *s, const char *list, struct arena *arena)
{
	while (*list) {
		size_t n = strcspn(list, ":");
		char *folder = n > 0 ? arena_strndup(arena, list, n) : NULL;

		if (n > 0 && !folder)
			return -1;
		if (folder)
			s->folders[s->n_folders++] = folder;
		list += n + (list[n] == ':');
	}
	return 0;
}

int search_init(struct search *s, const char *const *path, size_t n_path, struct arena *arena,
		struct error *err)
{
	const char *list = secure_getenv("DEFSYNC_PLUGINS");

	s->n_folders = 0;
	s->folders =
	    arena_array(arena, (list ? count_parts(list) : 0) + 1 + n_path, sizeof(*s->folders));
	if (!s->folders || (list && add_parts(s, list, arena) < 0))
		return error_nomem(err);
	s->folders[s->n_folders++] = DEFSYNC_PLUGIN_DIR;
	for (size_t i = 0; i < n_path; i++) {
		char *folder = arena_strdup(arena, path[i]);

		if (!folder)
			return error_nomem(err);
		s->folders[s->n_folders++] = folder;
	}
	return 0;
}

/* ---- Files ------------------------------------------------------------------------ */

/* The plugin's kind and name in a file's name; NULL when it is none. malloc'd. */
static char *name_of_file(const char *file, enum plugin_kind *ret_kind)
{
	size_t len = strlen(file);

	if (len <= strlen(SUFFIX) || strcmp(file + len - strlen(SUFFIX), SUFFIX) != 0)
		return NULL;
	for (size_t i = 0; i < N_KINDS; i++) {
		size_t skip = strlen(kinds[i].prefix);
		char *name;

		if (strncmp(file, kinds[i].prefix, skip) != 0 || len < skip + strlen(SUFFIX))
			continue;
		name = strndup(file + skip, len - skip - strlen(SUFFIX));
		if (name && plugin_name_is_valid(name)) {
			*ret_kind = (enum plugin_kind)i;
			return name;
		}
		free(name);
	}
	return NULL;
}

static void each_in_folder(const char *folder,
			   void (*each)(void *ctx, enum plugin_kind kind, const char *name,
					const char *path),
			   void *ctx)
{
	struct dirent **entries;
	int n = scandir(folder, &entries, NULL, alphasort);

	for (int i = 0; i < n; i++) {
		enum plugin_kind kind = PLUGIN_SOURCE;
		char *name = name_of_file(entries[i]->d_name, &kind);
		char *path = name ? file_join(folder, entries[i]->d_name) : NULL;

		if (path)
			each(ctx, kind, name, path);
		free(path);
		free(name);
		free(entries[i]);
	}
	if (n >= 0)
		free(entries);
}

void search_each(const struct search *s,
		 void (*each)(void *ctx, enum plugin_kind kind, const char *name, const char *path),
		 void *ctx)
{
	for (size_t i = 0; i < s->n_folders; i++)
		each_in_folder(s->folders[i], each, ctx);
}

/* ---- Not found ---------------------------------------------------------------------- */

#define NAMES_MAX 256

struct available {
	enum plugin_kind kind;
	char *names[NAMES_MAX];
	size_t n;
};

static void add_available(void *ctx, enum plugin_kind kind, const char *name, const char *path)
{
	struct available *a = ctx;

	(void)path;
	if (kind != a->kind || a->n == NAMES_MAX)
		return;
	for (size_t i = 0; i < a->n; i++) {
		if (strcmp(a->names[i], name) == 0)
			return;
	}
	a->names[a->n] = strdup(name);
	if (a->names[a->n])
		a->n++;
}

static void add_list(struct buf *b, const char *head, char *const *names, size_t n)
{
	for (size_t i = 0; i < n; i++)
		buf_printf(b, "%s%s", i == 0 ? head : ", ", names[i]);
}

/* Lists what was searched, what there is, and the nearest of it. */
static void not_found(const struct search *s, enum plugin_kind kind, const char *name,
		      struct error *err)
{
	struct available a = {.kind = kind};
	struct buf text;
	const char *near;

	buf_init(&text, NAMES_BYTES_MAX);
	for (size_t i = 0; i < s->n_folders; i++)
		buf_printf(&text, "%s%s/%s%s%s", i == 0 ? "; searched: " : ", ", s->folders[i],
			   kinds[kind].prefix, name, SUFFIX);
	search_each(s, add_available, &a);
	if (a.n == 0)
		buf_printf(&text, "; no %s plugins are installed", kinds[kind].name);
	add_list(&text, "; available: ", a.names, a.n);
	near = suggest(name, (const char *const *)a.names, a.n);
	if (near)
		buf_printf(&text, "; did you mean '%s'?", near);
	error_set(err, ERR_CONFIG, "%s plugin not found: '%s'%s", kinds[kind].name, name,
		  buf_str(&text) ? buf_str(&text) : "");
	for (size_t i = 0; i < a.n; i++)
		free(a.names[i]);
	buf_done(&text);
}

/* ---- Finding -------------------------------------------------------------------------- */

/* 1 there, 0 not, -1 with err. */
static int is_file(const char *path, struct error *err)
{
	struct stat st;

	if (stat(path, &st) < 0) {
		if (errno == ENOENT || errno == ENOTDIR)
			return 0;
		return error_set_errno(err, ERR_CONFIG, errno, "cannot examine plugin '%s'", path);
	}
	if (!S_ISREG(st.st_mode))
		return error_set(err, ERR_CONFIG, "plugin is not a regular file: '%s'", path);
	return 1;
}

static char *find_path(const char *path, struct error *err)
{
	char *copy = NULL;

	switch (is_file(path, err)) {
	case 0:
		error_set(err, ERR_CONFIG, "plugin file not found: '%s'", path);
		break;
	case 1:
		copy = strdup(path);
		if (!copy)
			error_nomem(err);
		break;
	default:
		break;
	}
	return copy;
}

static char *candidate(const char *folder, enum plugin_kind kind, const char *name)
{
	char *file = NULL, *path = NULL;

	if (asprintf(&file, "%s%s%s", kinds[kind].prefix, name, SUFFIX) < 0)
		return NULL;
	path = file_join(folder, file);
	free(file);
	return path;
}

char *search_find(const struct search *s, enum plugin_kind kind, const char *name,
		  struct error *err)
{
	if (strchr(name, '/'))
		return find_path(name, err);
	if (!plugin_name_is_valid(name)) {
		error_set(err, ERR_CONFIG,
			  "not the name of a plugin: '%.64s'; use lower-case letters, digits and "
			  "_, or a path with a slash",
			  name);
		return NULL;
	}
	for (size_t i = 0; i < s->n_folders; i++) {
		char *path = candidate(s->folders[i], kind, name);
		int found;

		if (!path) {
			error_nomem(err);
			return NULL;
		}
		found = is_file(path, err);
		if (found > 0)
			return path;
		free(path);
		if (found < 0)
			return NULL;
	}
	not_found(s, kind, name, err);
	return NULL;
}
