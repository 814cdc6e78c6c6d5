/* SPDX-License-Identifier: MIT */
/* The guard around a source instance: its life from create to destroy. */

#include <stdlib.h>
#include <string.h>

#include "plugin/guard.h"

/* ---- Create and destroy ---------------------------------------------------------- */

/*
 * A second instance of a plugin that allows one is refused and not made to wait:
 * the first may belong to the same thread.
 */
static int count_instance(struct source *s, struct error *err)
{
	unsigned *n = s->plugin->instances;

	if (!n || s->vtable->thread_model >= DEFSYNC_THREADS_PARALLEL)
		return 0;
	if (__atomic_add_fetch(n, 1, __ATOMIC_ACQ_REL) == 1) {
		s->counted = true;
		return 0;
	}
	__atomic_sub_fetch(n, 1, __ATOMIC_ACQ_REL);
	return error_set(err, ERR_CONFIG, "%s: plugin '%s' allows one instance at a time", s->where,
			 s->plugin->name);
}

static int create_instance(struct source *s, const struct defsync_options *options,
			   struct error *err)
{
	int32_t rc;

	if (count_instance(s, err) < 0)
		return -1;
	host_begin_call(s->host);
	rc = s->vtable->create(host_services(s->host), options, 0, &s->instance);
	s->created = rc == DEFSYNC_OK;
	if (guard_result(s, CALL_CREATE, rc, err) == 0)
		return 0;
	/* Before any I/O a wrong option is an error of the configuration. */
	if (rc == DEFSYNC_E_CONFIG && err->class == ERR_SOURCE)
		err->class = ERR_CONFIG;
	return -1;
}

struct source *source_create(const struct plugin *plugin, const struct defsync_options *options,
			     const char *where, struct log *log, struct error *err)
{
	struct error own = ERROR_INIT;
	struct source *s = calloc(1, sizeof(*s));

	if (!s) {
		error_nomem(err);
		return NULL;
	}
	s->plugin = plugin;
	s->vtable = &plugin->source;
	s->where = strdup(where);
	s->host = host_create(log, where);
	if (!s->where || !s->host) {
		error_nomem(&own);
		goto fail;
	}
	host_declare(s->host, &plugin->options, &plugin->table_options);
	if (create_instance(s, options, &own) < 0)
		goto fail;
	return s;

fail:
	guard_give(err, &own, -1);
	source_destroy(s);
	return NULL;
}

void source_destroy(struct source *s)
{
	if (!s)
		return;
	source_disconnect(s);
	if (s->created) {
		host_begin_call(s->host);
		s->vtable->destroy(s->instance);
	}
	if (s->counted)
		__atomic_sub_fetch(s->plugin->instances, 1, __ATOMIC_ACQ_REL);
	shapes_done(&s->shapes);
	host_destroy(s->host);
	free(s->where);
	free(s);
}

/* ---- Connect and disconnect -------------------------------------------------------- */

static void disconnect(struct source *s)
{
	host_begin_call(s->host);
	s->vtable->disconnect(s->instance);
	s->state = STATE_CREATED;
	/* A cancel stays in force until here, see defsync/source.h. */
	host_resume(s->host);
}

/* The plugin's disconnect is due after a failed connect too. */
int source_connect(struct source *s, struct error *err)
{
	struct error own = ERROR_INIT;
	int rc;

	if (guard_begin(s, CALL_CONNECT, &own) < 0)
		return guard_give(err, &own, -1);
	rc = guard_result(s, CALL_CONNECT, s->vtable->connect(s->instance, 0), &own);
	if (rc < 0)
		disconnect(s);
	else
		s->state = STATE_CONNECTED;
	return guard_give(err, &own, rc);
}

void source_disconnect(struct source *s)
{
	source_end(s);
	if (s->state != STATE_CREATED)
		disconnect(s);
}

/* ---- The rest ----------------------------------------------------------------------------- */

void source_cancel(struct source *s)
{
	host_cancel(s->host);
	s->vtable->cancel(s->instance);
}

const char *source_reason(const struct source *s)
{
	return host_reason(s->host);
}

struct host *source_host(struct source *s)
{
	return s->host;
}

const struct plugin *source_plugin(const struct source *s)
{
	return s->plugin;
}
