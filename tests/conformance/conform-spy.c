/* SPDX-License-Identifier: MIT */
/* Between guard and plugin: keeps the class of each failure. */

#include <stdlib.h>

#include "conform.h"

/*
 * create is given nothing that could carry it.  There is one plugin in this program,
 * and one instance at a time.
 */
static struct defsync_source own;
static struct spy *last;

static int32_t keep(struct spy *spy, int32_t rc)
{
	if (rc < 0)
		spy->rc = rc;
	return rc;
}

static int32_t spy_create(const struct defsync_host *host, const struct defsync_options *options,
			  uint32_t flags, void **ret_instance)
{
	struct spy *spy = calloc(1, sizeof(*spy));

	if (spy == NULL)
		return DEFSYNC_E_NOMEM;
	spy->own = &own;
	/* Also when it fails, for its class: freed by the next one or at the exit. */
	free(last);
	last = spy;
	*ret_instance = spy;
	return keep(spy, own.create(host, options, flags, &spy->instance));
}

static void spy_destroy(void *instance)
{
	struct spy *spy = instance;

	own.destroy(spy->instance);
	spy->instance = NULL;
}

static int32_t spy_connect(void *instance, uint32_t flags)
{
	struct spy *spy = instance;

	return keep(spy, own.connect(spy->instance, flags));
}

static void spy_disconnect(void *instance)
{
	own.disconnect(((struct spy *)instance)->instance);
}

static int32_t spy_discover(void *instance, const char *pattern, uint32_t flags,
			    const struct defsync_table *const **ret_tables, uint32_t *ret_n)
{
	struct spy *spy = instance;

	return keep(spy, own.discover(spy->instance, pattern, flags, ret_tables, ret_n));
}

static int32_t spy_describe(void *instance, const struct defsync_request *request, uint32_t flags,
			    const struct defsync_table **ret_table)
{
	struct spy *spy = instance;

	return keep(spy, own.describe(spy->instance, request, flags, ret_table));
}

static int32_t spy_extract(void *instance, const struct defsync_request *request, uint32_t flags,
			   void **ret_cursor)
{
	struct spy *spy = instance;

	return keep(spy, own.extract(spy->instance, request, flags, ret_cursor));
}

static int32_t spy_next(void *instance, void *cursor, uint32_t flags,
			const struct defsync_row **ret_row)
{
	struct spy *spy = instance;
	int32_t rc = own.next(spy->instance, cursor, flags, ret_row);

	return rc == DEFSYNC_E_BAD_ROW ? rc : keep(spy, rc);
}

static void spy_end(void *instance, void *cursor)
{
	own.end(((struct spy *)instance)->instance, cursor);
}

static int32_t spy_ack(void *instance, const char *checkpoint, size_t len, uint32_t flags)
{
	struct spy *spy = instance;

	return keep(spy, own.ack(spy->instance, checkpoint, len, flags));
}

static void spy_cancel(void *instance)
{
	own.cancel(((struct spy *)instance)->instance);
}

static int32_t spy_pause(void *instance, void *cursor, uint32_t flags)
{
	struct spy *spy = instance;

	return keep(spy, own.pause(spy->instance, cursor, flags));
}

void spy_install(struct plugin *plugin)
{
	struct defsync_source *s = &plugin->source;

	own = *s;
	s->create = spy_create;
	s->destroy = spy_destroy;
	s->connect = spy_connect;
	s->disconnect = spy_disconnect;
	s->discover = spy_discover;
	s->describe = spy_describe;
	s->extract = spy_extract;
	s->next = spy_next;
	s->end = spy_end;
	s->ack = spy_ack;
	s->cancel = spy_cancel;
	s->pause = spy_pause;
}

struct spy *spy_last(void)
{
	return last;
}

const char *spy_class(const struct spy *spy)
{
	static const char *const names[] = {
	    [0] = "BROKEN",
	    [-DEFSYNC_E_TRANSIENT] = "TRANSIENT",
	    [-DEFSYNC_E_CONFIG] = "CONFIG",
	    [-DEFSYNC_E_AUTH] = "AUTH",
	    [-DEFSYNC_E_PERMANENT] = "PERMANENT",
	    [-DEFSYNC_E_BAD_ROW] = "BAD_ROW",
	    [-DEFSYNC_E_STALE_CHECKPOINT] = "STALE_CHECKPOINT",
	    [-DEFSYNC_E_CANCELLED] = "CANCELLED",
	    [-DEFSYNC_E_NOMEM] = "NOMEM",
	    [-DEFSYNC_E_BUG] = "BUG",
	};
	int32_t rc = spy != NULL ? spy->rc : 0;

	if (rc > 0 || rc <= -(int32_t)(sizeof(names) / sizeof(names[0])))
		return "UNKNOWN";
	return names[-rc];
}
