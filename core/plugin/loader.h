/* SPDX-License-Identifier: MIT */
/*
 * Plugins by name: the search path, the checks before and after dlopen, the
 * host's own copy of the vtable.
 *
 *	loader_create(log, path...) -> loader_source("sqlite") -> ... -> loader_destroy
 *
 * A name is looked for as FOLDER/defsync-source-NAME.so in each folder of the
 * search path; a text with a slash is a path itself.  Files and folders that
 * others than root and the running user may write are refused.  Objects are
 * loaded RTLD_NOW|RTLD_LOCAL and never unloaded.  Callbacks that a plugin does
 * not offer are filled with defaults, so nobody tests for NULL.
 *
 * One thread, before any reader thread starts.
 */

#ifndef PLUGIN_LOADER_H
#define PLUGIN_LOADER_H

#include <defsync/source.h>
#include <defsync/transform.h>

#include "base/buf.h"
#include "base/log.h"
#include "config/options.h"

enum plugin_kind {
	PLUGIN_SOURCE,
	PLUGIN_TRANSFORM
};

struct plugin {
	enum plugin_kind kind;
	const char *name;
	const char *path;
	const char *version, *summary, *home;
	uint32_t abi_minor; /* of the header that it was built with */
	uint64_t has;	    /* bits PLUGIN_HAS_x: which optional callbacks are its own */
	struct option_table options;
	struct option_table table_options; /* sources */
	struct defsync_source source;	   /* min-copied, defaults filled in */
	struct defsync_transform transform;
	/*
	 * Instances that exist, counted by the guards for
	 * DEFSYNC_THREADS_ONE_INSTANCE; NULL: not counted.  Atomic access only.
	 */
	unsigned *instances;
};

#define PLUGIN_HAS_DISCOVER 1u
#define PLUGIN_HAS_DESCRIBE 2u
#define PLUGIN_HAS_ACK 4u
#define PLUGIN_HAS_CANCEL 8u
#define PLUGIN_HAS_LOAD 16u
#define PLUGIN_HAS_PAUSE 32u

struct loader;

/*
 * Searched in this order: the folders of $DEFSYNC_PLUGINS (separated by ':'), the
 * installed folder, then `path`.
 */
struct loader *loader_create(struct log *log, const char *const *path, size_t n_path);
void loader_destroy(struct loader *l); /* does not unload */

/* The plugin (owned by the loader), or NULL with ERR_CONFIG that lists what was searched. */
const struct plugin *loader_source(struct loader *l, const char *name, struct error *err);
const struct plugin *loader_transform(struct loader *l, const char *name, struct error *err);

/* Calls `each` with kind, name and path of every plugin file in the search path, without loading. */
void loader_list(struct loader *l,
		 void (*each)(void *ctx, enum plugin_kind kind, const char *name, const char *path),
		 void *ctx);

/*
 * The checks on an entry struct alone: copies, fills defaults, validates.  p->path
 * names the plugin in messages.  Its strings and option tables are borrowed.
 */
int plugin_adopt_source(struct plugin *p, const struct defsync_source *theirs, struct error *err);
int plugin_adopt_transform(struct plugin *p, const struct defsync_transform *theirs,
			   struct error *err);

#endif
