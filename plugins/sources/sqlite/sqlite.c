/* SPDX-License-Identifier: MIT */
/* The sqlite source: options, life of an instance, and the table of its functions. */

#include <stdlib.h>
#include <string.h>

#include "sl.h"

static const struct defsync_option source_options[] = {
    {
	.name = "database",
	.type = DEFSYNC_OPTION_PATH,
	.flags = DEFSYNC_OPTION_REQUIRED,
	.help = "the database file; only ever read",
    },
    {
	.name = "busy_timeout",
	.type = DEFSYNC_OPTION_DURATION,
	.default_text = "5s",
	.min = 0,
	.max = 3600000,
	.help = "how long to wait for a lock of another process",
    },
    {
	.name = "max_snapshot",
	.type = DEFSYNC_OPTION_DURATION,
	.flags = DEFSYNC_OPTION_ADVANCED,
	.default_text = "60s",
	.min = 1,
	.max = 86400000,
	.help = "longest time that one read transaction is held",
    },
};

static const struct defsync_option table_options[] = {
    {
	.name = "types",
	.type = DEFSYNC_OPTION_MAP,
	.help = "column: type, to send a column as bool, int, double, decimal, text, bytes, json, "
		"date, timestamp, unix or unix_ms",
    },
};

static int32_t source_create(const struct defsync_host *host, const struct defsync_options *options,
			     uint32_t flags, void **ret_instance)
{
	struct sl_source *s;
	const char *path;

	if (flags)
		return defsync_fail(host, DEFSYNC_E_BUG, "create: unknown flags");
	path = host->option_string(host->ctx, options, "database");
	if (!path || !*path)
		return defsync_fail(host, DEFSYNC_E_CONFIG,
				    "'database' is missing; name the database file");
	s = calloc(1, sizeof(*s));
	if (!s)
		return defsync_fail(host, DEFSYNC_E_NOMEM, "out of memory");
	if (pthread_mutex_init(&s->lock, NULL) != 0) {
		free(s);
		return defsync_fail(host, DEFSYNC_E_NOMEM, "out of memory");
	}
	s->host = host;
	s->path = path;
	s->busy_ms = host->option_int(host->ctx, options, "busy_timeout");
	s->snapshot_ms = host->option_int(host->ctx, options, "max_snapshot");
	*ret_instance = s;
	return DEFSYNC_OK;
}

static void source_destroy(void *instance)
{
	struct sl_source *s = instance;

	if (!s)
		return;
	sl_disconnect(s);
	pthread_mutex_destroy(&s->lock);
	free(s);
}

static int32_t bad_flags(struct sl_source *s, const char *what)
{
	return defsync_fail(s->host, DEFSYNC_E_BUG, "%s: unknown flags", what);
}

static int32_t source_connect(void *instance, uint32_t flags)
{
	return flags ? bad_flags(instance, "connect") : sl_connect(instance);
}

static void source_disconnect(void *instance)
{
	sl_disconnect(instance);
}

static int32_t source_discover(void *instance, const char *pattern, uint32_t flags,
			       const struct defsync_table *const **ret_tables, uint32_t *ret_n)
{
	return flags ? bad_flags(instance, "discover")
		     : sl_discover(instance, pattern, ret_tables, ret_n);
}

static int32_t source_describe(void *instance, const struct defsync_request *request,
			       uint32_t flags, const struct defsync_table **ret_table)
{
	return flags ? bad_flags(instance, "describe") : sl_describe(instance, request, ret_table);
}

static int32_t source_extract(void *instance, const struct defsync_request *request, uint32_t flags,
			      void **ret_cursor)
{
	struct sl_cursor *c;
	int32_t rc;

	if (flags)
		return bad_flags(instance, "extract");
	rc = sl_extract(instance, request, &c);
	if (rc == DEFSYNC_OK)
		*ret_cursor = c;
	return rc;
}

static int32_t source_next(void *instance, void *cursor, uint32_t flags,
			   const struct defsync_row **ret_row)
{
	return flags ? bad_flags(instance, "next") : sl_next(instance, cursor, ret_row);
}

static int32_t source_pause(void *instance, void *cursor, uint32_t flags)
{
	return flags ? bad_flags(instance, "pause") : sl_pause(instance, cursor);
}

static void source_end(void *instance, void *cursor)
{
	sl_end(instance, cursor);
}

/* The flag is what counts: an interrupt between two statements has no effect. */
static void source_cancel(void *instance)
{
	struct sl_source *s = instance;

	atomic_store(&s->cancelled, 1);
	pthread_mutex_lock(&s->lock);
	if (s->db)
		sqlite3_interrupt(s->db);
	pthread_mutex_unlock(&s->lock);
}

static const struct defsync_source sqlite_source = {
    .struct_size = sizeof(struct defsync_source),
    .abi_minor = DEFSYNC_ABI_MINOR,
    .caps = DEFSYNC_CAP_RESUME | DEFSYNC_CAP_SNAPSHOT | DEFSYNC_CAP_CANCEL | DEFSYNC_CAP_DISCOVER |
	    DEFSYNC_CAP_KEYS,
    .thread_model = DEFSYNC_THREADS_PARALLEL,
    .option_size = sizeof(struct defsync_option),
    .options = source_options,
    .table_options = table_options,
    .n_options = sizeof(source_options) / sizeof(source_options[0]),
    .n_table_options = sizeof(table_options) / sizeof(table_options[0]),
    .name = "sqlite",
    .version = DEFSYNC_VERSION,
    .summary = "tables and views of a SQLite database file",
    .home = "",
    .create = source_create,
    .destroy = source_destroy,
    .connect = source_connect,
    .disconnect = source_disconnect,
    .discover = source_discover,
    .describe = source_describe,
    .extract = source_extract,
    .next = source_next,
    .end = source_end,
    .cancel = source_cancel,
    .pause = source_pause,
};

DEFSYNC_EXPORT const struct defsync_source *defsync_source_v1(void)
{
	return &sqlite_source;
}
