/* SPDX-License-Identifier: MIT */
/*
 * Where plugin files are: the folders of the search path and the files in them.
 * Loads nothing.
 */

#ifndef PLUGIN_SEARCH_H
#define PLUGIN_SEARCH_H

#include "base/arena.h"
#include "base/buf.h"
#include "plugin/loader.h"

struct search {
	const char **folders;
	size_t n_folders;
};

/* "source", "transform". */
const char *plugin_kind_name(enum plugin_kind kind);

/* $DEFSYNC_PLUGINS, the installed folder, then `path`; lives in the arena. */
int search_init(struct search *s, const char *const *path, size_t n_path, struct arena *arena,
		struct error *err);

/* The file of a name or the path itself; malloc'd.  NULL with err: what was searched. */
char *search_find(const struct search *s, enum plugin_kind kind, const char *name,
		  struct error *err);

/* Every plugin file, folder by folder, by name. */
void search_each(const struct search *s,
		 void (*each)(void *ctx, enum plugin_kind kind, const char *name, const char *path),
		 void *ctx);

#endif
