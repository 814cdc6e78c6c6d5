/* SPDX-License-Identifier: MIT */
/* What a plugin's entry struct must fulfil, and the host's own copy of it. */

#include <inttypes.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/limits.h"
#include "plugin/adopt.h"
#include "row/utf8.h"

/*
 * Sizes of the structs in ABI 1.0, the floor of struct_size.  They end at the
 * last member of minor 0 and not at sizeof, so that they stay when the structs
 * grow.
 */
#define SOURCE_SIZE_MINOR_0                                                                        \
	(offsetof(struct defsync_source, cancel) + sizeof(((struct defsync_source *)0)->cancel))
#define TRANSFORM_SIZE_MINOR_0                                                                     \
	(offsetof(struct defsync_transform, apply) + sizeof(((struct defsync_transform *)0)->apply))
#define OPTION_SIZE_MINOR_0                                                                        \
	(offsetof(struct defsync_option, help) + sizeof(((struct defsync_option *)0)->help))

#define NAME_BYTES 64 /* of a plugin's name; it is a part of a file name */

#define CAPS_KNOWN                                                                                 \
	(DEFSYNC_CAP_RESUME | DEFSYNC_CAP_GAPLESS | DEFSYNC_CAP_DELETES | DEFSYNC_CAP_SNAPSHOT |   \
	 DEFSYNC_CAP_STREAM | DEFSYNC_CAP_MULTI | DEFSYNC_CAP_NEEDS_ACK | DEFSYNC_CAP_CANCEL |     \
	 DEFSYNC_CAP_DISCOVER | DEFSYNC_CAP_KEYS | DEFSYNC_CAP_POSITION)

/* ---- Defaults of optional callbacks ---------------------------------------- */

static int32_t default_load(const struct defsync_host *host, uint32_t flags)
{
	(void)host;
	(void)flags;
	return DEFSYNC_OK;
}

/* The guard says that the plugin does not offer it: these have no host to tell. */
static int32_t default_discover(void *instance, const char *pattern, uint32_t flags,
				const struct defsync_table *const **ret_tables,
				uint32_t *ret_n_tables)
{
	(void)instance;
	(void)pattern;
	(void)flags;
	(void)ret_tables;
	(void)ret_n_tables;
	return DEFSYNC_E_CONFIG;
}

static int32_t default_describe(void *instance, const struct defsync_request *request,
				uint32_t flags, const struct defsync_table **ret_table)
{
	(void)instance;
	(void)request;
	(void)flags;
	(void)ret_table;
	return DEFSYNC_E_CONFIG;
}

static int32_t default_ack(void *instance, const char *checkpoint, size_t checkpoint_len,
			   uint32_t flags)
{
	(void)instance;
	(void)checkpoint;
	(void)checkpoint_len;
	(void)flags;
	return DEFSYNC_OK;
}

static void default_cancel(void *instance)
{
	(void)instance;
}

static int32_t default_pause(void *instance, void *cursor, uint32_t flags)
{
	(void)instance;
	(void)cursor;
	(void)flags;
	return DEFSYNC_OK;
}

static void fill_defaults(struct plugin *p)
{
	struct defsync_source *s = &p->source;

	p->has = (s->load ? PLUGIN_HAS_LOAD : 0) | (s->discover ? PLUGIN_HAS_DISCOVER : 0) |
		 (s->describe ? PLUGIN_HAS_DESCRIBE : 0) | (s->ack ? PLUGIN_HAS_ACK : 0) |
		 (s->cancel ? PLUGIN_HAS_CANCEL : 0) | (s->pause ? PLUGIN_HAS_PAUSE : 0);
	s->load = s->load ? s->load : default_load;
	s->discover = s->discover ? s->discover : default_discover;
	s->describe = s->describe ? s->describe : default_describe;
	s->ack = s->ack ? s->ack : default_ack;
	s->cancel = s->cancel ? s->cancel : default_cancel;
	s->pause = s->pause ? s->pause : default_pause;
}

/* ---- Checks ------------------------------------------------------------------ */

static const char *subject(const struct plugin *p)
{
	return p->path ? p->path : "plugin";
}

int plugin_name_is_valid(const char *name)
{
	size_t n = strnlen(name, NAME_BYTES + 1);

	if (n == 0 || n > NAME_BYTES || name[0] < 'a' || name[0] > 'z')
		return 0;
	return strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789_") == n;
}

/* One line of UTF-8 without control characters. */
static bool is_line(const char *text)
{
	size_t n;

	if (!text)
		return false;
	n = strnlen(text, LIMIT_MESSAGE_BYTES + 1);
	if (n > LIMIT_MESSAGE_BYTES || utf8_valid_prefix(text, n) != n)
		return false;
	for (size_t i = 0; i < n; i++) {
		if ((unsigned char)text[i] < 0x20 || text[i] == 0x7f)
			return false;
	}
	return true;
}

static int check_texts(const struct plugin *p, struct error *err)
{
	const struct {
		const char *member, *text;
	} lines[] = {{"version", p->version}, {"summary", p->summary}, {"home", p->home}};

	if (!p->name || !plugin_name_is_valid(p->name))
		return error_set(
		    err, ERR_INTERNAL,
		    "%s: the plugin's name is not of the form [a-z][a-z0-9_]*: '%.64s'", subject(p),
		    p->name ? p->name : "(null)");
	for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++) {
		if (!is_line(lines[i].text))
			return error_set(err, ERR_INTERNAL,
					 "%s: the plugin's %s is not one line of text", subject(p),
					 lines[i].member);
	}
	return 0;
}

static int check_options(const struct plugin *p, const char *what, const struct option_table *table,
			 struct error *err)
{
	if (table->n == 0)
		return 0;
	if (table->n > LIMIT_OPTIONS || !table->options)
		return error_set(err, ERR_INTERNAL, "%s: %s: %zu options at %s; at most %d",
				 subject(p), what, table->n, table->options ? "a table" : "NULL",
				 LIMIT_OPTIONS);
	if (table->stride < OPTION_SIZE_MINOR_0 ||
	    table->stride % _Alignof(struct defsync_option) != 0)
		return error_set(err, ERR_INTERNAL,
				 "%s: %s: option_size is %zu, expected at least %zu", subject(p),
				 what, table->stride, OPTION_SIZE_MINOR_0);
	if (option_table_check(table, err) < 0) {
		error_prefix(err, "%s: %s", subject(p), what);
		return -1;
	}
	return 0;
}

static int check_caps(const struct plugin *p, uint64_t required, struct error *err)
{
	uint64_t unknown = required & ~(uint64_t)CAPS_KNOWN;

	if (unknown == 0)
		return 0;
	return error_set(err, ERR_CONFIG,
			 "%s: the plugin requires capabilities that this defsync does not know: "
			 "0x%" PRIx64 "; it was built for ABI %d.%" PRIu32
			 ", this is %d.%d: update defsync",
			 subject(p), unknown, DEFSYNC_ABI_MAJOR, p->abi_minor, DEFSYNC_ABI_MAJOR,
			 DEFSYNC_ABI_MINOR);
}

static int check_size(const struct plugin *p, uint32_t size, size_t floor, struct error *err)
{
	if (size >= floor)
		return 0;
	return error_set(err, ERR_INTERNAL,
			 "%s: struct_size is %" PRIu32 ", expected at least %zu; the plugin is "
			 "damaged or was built with foreign headers",
			 subject(p), size, floor);
}

/* A callback that must be there, by the name that its author knows. */
struct required {
	const char *name;
	bool there;
};

static int check_required(const struct plugin *p, const struct required *callbacks, size_t n,
			  struct error *err)
{
	for (size_t i = 0; i < n; i++) {
		if (!callbacks[i].there)
			return error_set(err, ERR_INTERNAL,
					 "%s: required callback is missing: '%s'", subject(p),
					 callbacks[i].name);
	}
	return 0;
}

static int check_callbacks(const struct plugin *p, struct error *err)
{
	const struct defsync_source *s = &p->source;
	const struct required callbacks[] = {
	    {"create", s->create != NULL},   {"destroy", s->destroy != NULL},
	    {"connect", s->connect != NULL}, {"disconnect", s->disconnect != NULL},
	    {"extract", s->extract != NULL}, {"next", s->next != NULL},
	    {"end", s->end != NULL},
	};

	if (check_required(p, callbacks, sizeof(callbacks) / sizeof(callbacks[0]), err) < 0)
		return -1;
	if (s->caps & DEFSYNC_CAP_NEEDS_ACK && !s->ack)
		return error_set(err, ERR_INTERNAL,
				 "%s: the plugin promises NEEDS_ACK without a callback: 'ack'",
				 subject(p));
	return 0;
}

/* Values between the two known ones are free for later: they mean "not parallel". */
static int check_threads(const struct plugin *p, struct error *err)
{
	uint32_t model = p->source.thread_model;

	if (model >= DEFSYNC_THREADS_ONE_INSTANCE && model <= DEFSYNC_THREADS_PARALLEL)
		return 0;
	return error_set(err, ERR_INTERNAL, "%s: unknown thread_model: %" PRIu32, subject(p),
			 model);
}

/* ---- Adoption ------------------------------------------------------------------ */

static size_t min_size(size_t ours, uint32_t theirs)
{
	return theirs < ours ? theirs : ours;
}

int plugin_adopt_source(struct plugin *p, const struct defsync_source *theirs, struct error *err)
{
	struct defsync_source *s = &p->source;

	if (!theirs)
		return error_set(err, ERR_INTERNAL, "%s: %s returned NULL", subject(p),
				 DEFSYNC_SOURCE_SYMBOL);
	if (check_size(p, theirs->struct_size, SOURCE_SIZE_MINOR_0, err) < 0)
		return -1;
	memset(s, 0, sizeof(*s));
	memcpy(s, theirs, min_size(sizeof(*s), theirs->struct_size));
	p->kind = PLUGIN_SOURCE;
	p->abi_minor = s->abi_minor;
	p->name = s->name;
	p->version = s->version;
	p->summary = s->summary;
	p->home = s->home;
	p->options = (struct option_table){s->options, s->n_options, s->option_size};
	p->table_options =
	    (struct option_table){s->table_options, s->n_table_options, s->option_size};
	if (check_texts(p, err) < 0 || check_caps(p, s->caps_required, err) < 0 ||
	    check_callbacks(p, err) < 0 || check_threads(p, err) < 0 ||
	    check_options(p, "options", &p->options, err) < 0 ||
	    check_options(p, "table_options", &p->table_options, err) < 0)
		return -1;
	fill_defaults(p);
	return 0;
}

/* transform.h says why a transform of another minor is refused. */
static int check_same_minor(const struct plugin *p, struct error *err)
{
	if (p->abi_minor == DEFSYNC_ABI_MINOR)
		return 0;
	return error_set(
	    err, ERR_CONFIG,
	    "%s: the transform was built for ABI %d.%" PRIu32
	    ", this defsync has %d.%d; build it again with the headers of this defsync",
	    subject(p), DEFSYNC_ABI_MAJOR, p->abi_minor, DEFSYNC_ABI_MAJOR, DEFSYNC_ABI_MINOR);
}

int plugin_adopt_transform(struct plugin *p, const struct defsync_transform *theirs,
			   struct error *err)
{
	struct defsync_transform *t = &p->transform;

	if (!theirs)
		return error_set(err, ERR_INTERNAL, "%s: %s returned NULL", subject(p),
				 DEFSYNC_TRANSFORM_SYMBOL);
	if (check_size(p, theirs->struct_size, TRANSFORM_SIZE_MINOR_0, err) < 0)
		return -1;
	memset(t, 0, sizeof(*t));
	memcpy(t, theirs, min_size(sizeof(*t), theirs->struct_size));
	p->kind = PLUGIN_TRANSFORM;
	p->abi_minor = t->abi_minor;
	p->name = t->name;
	p->version = t->version;
	p->summary = t->summary;
	p->home = t->home;
	p->options = (struct option_table){t->options, t->n_options, t->option_size};
	p->table_options = (struct option_table){0};
	p->has = 0;
	const struct required callbacks[] = {
	    {"create", t->create != NULL},
	    {"destroy", t->destroy != NULL},
	    {"relation", t->relation != NULL},
	    {"apply", t->apply != NULL},
	};
	if (check_same_minor(p, err) < 0 || check_texts(p, err) < 0 ||
	    check_caps(p, t->caps_required, err) < 0 ||
	    check_required(p, callbacks, sizeof(callbacks) / sizeof(callbacks[0]), err) < 0)
		return -1;
	return check_options(p, "options", &p->options, err);
}
