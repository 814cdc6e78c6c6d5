/* SPDX-License-Identifier: MIT */
/* Loads plugin objects and keeps them, each file once. */

#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/file.h"
#include "plugin/adopt.h"
#include "plugin/host.h"
#include "plugin/loader.h"
#include "plugin/search.h"

#define MEMORY_MAX (16 * 1024 * 1024)
#define MAJOR_MAX 9 /* entry symbols that are looked for to explain a refusal */

/* An object that was opened, also when it was then refused: load runs once a process. */
struct loaded {
	struct plugin plugin;
	enum plugin_kind kind; /* as asked for */
	dev_t dev;
	ino_t ino;
	unsigned instances;
	struct host *host; /* for load; lives as long as the loader */
	struct error refused;
	struct loaded *next;
};

struct loader {
	struct arena arena;
	struct search search;
	struct log *log;
	struct loaded *first;
};

struct loader *loader_create(struct log *log, const char *const *path, size_t n_path)
{
	struct loader *l = calloc(1, sizeof(*l));

	if (!l)
		return NULL;
	l->log = log;
	arena_init(&l->arena, MEMORY_MAX);
	if (search_init(&l->search, path, n_path, &l->arena, NULL) < 0) {
		loader_destroy(l);
		return NULL;
	}
	return l;
}

void loader_destroy(struct loader *l)
{
	if (!l)
		return;
	for (struct loaded *at = l->first; at; at = at->next) {
		host_destroy(at->host);
		error_done(&at->refused);
	}
	arena_done(&l->arena);
	free(l);
}

/* ---- The entry symbol ------------------------------------------------------------ */

static const char *const symbols[] = {
    [PLUGIN_SOURCE] = DEFSYNC_SOURCE_SYMBOL,
    [PLUGIN_TRANSFORM] = DEFSYNC_TRANSFORM_SYMBOL,
};

static enum plugin_kind other_kind(enum plugin_kind kind)
{
	return kind == PLUGIN_SOURCE ? PLUGIN_TRANSFORM : PLUGIN_SOURCE;
}

/* "defsync_source_v3" when the object has it; for majors above ours. malloc'd. */
static char *newer_symbol(void *object, enum plugin_kind kind)
{
	for (int major = DEFSYNC_ABI_MAJOR + 1; major <= MAJOR_MAX; major++) {
		char *symbol;

		if (asprintf(&symbol, "defsync_%s_v%d", plugin_kind_name(kind), major) < 0)
			return NULL;
		if (dlsym(object, symbol))
			return symbol;
		free(symbol);
	}
	return NULL;
}

static int no_entry(void *object, enum plugin_kind kind, const char *path, struct error *err)
{
	char *newer = newer_symbol(object, kind);

	if (newer)
		error_set(err, ERR_CONFIG,
			  "'%s' is not a defsync %s: no %s (found %s: needs a newer defsync)", path,
			  plugin_kind_name(kind), symbols[kind], newer);
	else if (dlsym(object, symbols[other_kind(kind)]))
		error_set(err, ERR_CONFIG, "'%s' is not a defsync %s: no %s (it is a %s)", path,
			  plugin_kind_name(kind), symbols[kind],
			  plugin_kind_name(other_kind(kind)));
	else
		error_set(err, ERR_CONFIG, "'%s' is not a defsync %s: no %s", path,
			  plugin_kind_name(kind), symbols[kind]);
	free(newer);
	return -1;
}

/* ISO C has no conversion from an object pointer to a function; POSIX has this. */
static int adopt(struct plugin *p, void *symbol, struct error *err)
{
	union {
		void *object;
		defsync_source_entry source;
		defsync_transform_entry transform;
	} entry = {.object = symbol};

	if (p->kind == PLUGIN_SOURCE)
		return plugin_adopt_source(p, entry.source(), err);
	return plugin_adopt_transform(p, entry.transform(), err);
}

/* ---- One object --------------------------------------------------------------------- */

static int call_load(struct loader *l, struct loaded *new, struct error *err)
{
	struct plugin *p = &new->plugin;
	int32_t rc;

	if (p->kind != PLUGIN_SOURCE || !(p->has & PLUGIN_HAS_LOAD))
		return 0;
	new->host = host_create(l->log, p->name);
	if (!new->host)
		return error_nomem(err);
	host_begin_call(new->host);
	rc = p->source.load(host_services(new->host), 0);
	if (rc == DEFSYNC_OK)
		return 0;
	host_failure(new->host, rc, "load", err);
	error_prefix(err, "plugin '%s'", p->name);
	return -1;
}

/* dlopen runs the object's constructors: only after the file is known to be trusted. */
static void *open_object(const char *path, struct error *err)
{
	const char *why;
	void *object;

	if (file_check_trusted(path, err) < 0) {
		error_prefix(err, "plugin '%s' is not loaded", path);
		return NULL;
	}
	object = dlopen(path, RTLD_NOW | RTLD_LOCAL);
	if (object)
		return object;
	why = dlerror();
	error_set(err, ERR_CONFIG, "cannot load plugin '%s': %s", path,
		  why ? why : "unknown reason");
	return NULL;
}

static int examine_object(struct loader *l, struct loaded *new, void *object, struct error *err)
{
	struct plugin *p = &new->plugin;
	void *symbol = dlsym(object, symbols[p->kind]);

	if (!symbol)
		return no_entry(object, p->kind, p->path, err);
	if (adopt(p, symbol, err) < 0)
		return -1;
	return call_load(l, new, err);
}

static struct loaded *find_loaded(struct loader *l, enum plugin_kind kind, const struct stat *st)
{
	struct loaded *at = l->first;

	while (at && (at->dev != st->st_dev || at->ino != st->st_ino || at->kind != kind))
		at = at->next;
	return at;
}

static struct loaded *loaded_create(struct loader *l, enum plugin_kind kind, const char *path,
				    const struct stat *st, struct error *err)
{
	struct loaded *new = arena_alloc(&l->arena, sizeof(*new));

	if (new)
		new->plugin.path = arena_strdup(&l->arena, path);
	if (!new || !new->plugin.path) {
		error_nomem(err);
		return NULL;
	}
	new->kind = kind;
	new->plugin.kind = kind;
	new->plugin.instances = &new->instances;
	new->dev = st->st_dev;
	new->ino = st->st_ino;
	return new;
}

static struct loaded *load_file(struct loader *l, enum plugin_kind kind, const char *path,
				struct error *err)
{
	struct loaded *new;
	struct stat st;
	void *object;

	if (stat(path, &st) < 0) {
		error_set_errno(err, ERR_CONFIG, errno, "cannot examine plugin '%s'", path);
		return NULL;
	}
	new = find_loaded(l, kind, &st);
	if (new)
		return new;
	object = open_object(path, err);
	if (!object)
		return NULL;
	new = loaded_create(l, kind, path, &st, err);
	if (!new)
		return NULL;
	examine_object(l, new, object, &new->refused);
	new->next = l->first;
	l->first = new;
	return new;
}

/* ---- By name ------------------------------------------------------------------------- */

static int check_name(const struct plugin *p, const char *asked, struct error *err)
{
	if (strchr(asked, '/') || strcmp(asked, p->name) == 0)
		return 0;
	return error_set(err, ERR_CONFIG, "plugin '%s' calls itself '%s', not '%s'", p->path,
			 p->name, asked);
}

static const struct plugin *find(struct loader *l, enum plugin_kind kind, const char *name,
				 struct error *err)
{
	struct loaded *found;
	char *path = search_find(&l->search, kind, name, err);

	if (!path)
		return NULL;
	found = load_file(l, kind, path, err);
	free(path);
	if (!found)
		return NULL;
	if (error_is_set(&found->refused)) {
		error_copy(err, &found->refused);
		return NULL;
	}
	return check_name(&found->plugin, name, err) < 0 ? NULL : &found->plugin;
}

const struct plugin *loader_source(struct loader *l, const char *name, struct error *err)
{
	return find(l, PLUGIN_SOURCE, name, err);
}

const struct plugin *loader_transform(struct loader *l, const char *name, struct error *err)
{
	return find(l, PLUGIN_TRANSFORM, name, err);
}

void loader_list(struct loader *l,
		 void (*each)(void *ctx, enum plugin_kind kind, const char *name, const char *path),
		 void *ctx)
{
	search_each(&l->search, each, ctx);
}
