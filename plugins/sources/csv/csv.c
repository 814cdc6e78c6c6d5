/* SPDX-License-Identifier: MIT */
/* The csv source: life of an instance, and the table of its functions. */

#include <stdlib.h>

#include "cv.h"

static int32_t source_create(const struct defsync_host *host, const struct defsync_options *options,
			     uint32_t flags, void **ret_instance)
{
	struct cv_source *s;
	const char *path;

	if (flags)
		return defsync_fail(host, DEFSYNC_E_BUG, "create: unknown flags");
	path = host->option_string(host->ctx, options, "path");
	if (!path || !*path)
		return defsync_fail(host, DEFSYNC_E_CONFIG,
				    "'path' is missing; name the folder of the files");
	s = calloc(1, sizeof(*s));
	if (!s)
		return defsync_fail(host, DEFSYNC_E_NOMEM, "out of memory");
	s->host = host;
	s->options = options;
	s->path = path;
	*ret_instance = s;
	return DEFSYNC_OK;
}

static void source_disconnect(void *instance)
{
	struct cv_source *s = instance;

	free(s->root);
	free(s->only);
	s->root = s->only = NULL;
	pool_done(&s->relations);
	pool_done(&s->described);
	s->last_relation = NULL;
	atomic_store(&s->cancelled, 0);
}

static void source_destroy(void *instance)
{
	if (!instance)
		return;
	source_disconnect(instance);
	free(instance);
}

static int32_t bad_flags(struct cv_source *s, const char *what)
{
	return defsync_fail(s->host, DEFSYNC_E_BUG, "%s: unknown flags", what);
}

static int32_t source_connect(void *instance, uint32_t flags)
{
	return flags ? bad_flags(instance, "connect") : cv_connect(instance);
}

static int32_t source_discover(void *instance, const char *pattern, uint32_t flags,
			       const struct defsync_table *const **ret_tables, uint32_t *ret_n)
{
	return flags ? bad_flags(instance, "discover")
		     : cv_discover(instance, pattern, ret_tables, ret_n);
}

static int32_t source_describe(void *instance, const struct defsync_request *request,
			       uint32_t flags, const struct defsync_table **ret_table)
{
	return flags ? bad_flags(instance, "describe") : cv_describe(instance, request, ret_table);
}

static int32_t source_extract(void *instance, const struct defsync_request *request, uint32_t flags,
			      void **ret_cursor)
{
	struct cv_cursor *c;
	int32_t rc;

	if (flags)
		return bad_flags(instance, "extract");
	rc = cv_extract(instance, request, &c);
	if (rc == DEFSYNC_OK)
		*ret_cursor = c;
	return rc;
}

static int32_t source_next(void *instance, void *cursor, uint32_t flags,
			   const struct defsync_row **ret_row)
{
	return flags ? bad_flags(instance, "next") : cv_next(instance, cursor, ret_row);
}

static void source_end(void *instance, void *cursor)
{
	cv_end(instance, cursor);
}

static void source_cancel(void *instance)
{
	struct cv_source *s = instance;

	atomic_store(&s->cancelled, 1);
}

static const struct defsync_source csv_source = {
    .struct_size = sizeof(struct defsync_source),
    .abi_minor = DEFSYNC_ABI_MINOR,
    .caps = DEFSYNC_CAP_RESUME | DEFSYNC_CAP_SNAPSHOT | DEFSYNC_CAP_CANCEL | DEFSYNC_CAP_DISCOVER |
	    DEFSYNC_CAP_POSITION,
    .thread_model = DEFSYNC_THREADS_PARALLEL,
    .option_size = sizeof(struct defsync_option),
    .options = cv_source_options,
    .table_options = cv_table_options,
    .n_options = CV_OPTIONS + 1,
    .n_table_options = CV_OPTIONS,
    .name = "csv",
    .version = DEFSYNC_VERSION,
    .summary = "files of comma separated values, one or many to a table",
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
};

DEFSYNC_EXPORT const struct defsync_source *defsync_source_v1(void)
{
	return &csv_source;
}
