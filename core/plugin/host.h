/* SPDX-License-Identifier: MIT */
/*
 * The services that a plugin instance gets (struct defsync_host), and what the
 * host learns through them: the reason of the last failure, facts and counters.
 * A host object belongs to one instance; cancel may come from any thread.
 */

#ifndef PLUGIN_HOST_H
#define PLUGIN_HOST_H

#include <defsync/plugin.h>

#include "base/error.h"
#include "base/log.h"
#include "config/options.h"

struct host;

/* `where` ("shop") is put before the plugin's messages; copied.  NULL without memory. */
struct host *host_create(struct log *log, const char *where);
void host_destroy(struct host *h); /* NULL is allowed */

const struct defsync_host *host_services(struct host *h);

/* What the plugin may ask about; any may be NULL.  The texts must live as long as the host. */
struct host_about {
	const char *source, *table, *target, *run_id;
};
void host_set_about(struct host *h, const struct host_about *about);

/*
 * The option tables whose names the plugin may ask for (either may be NULL); they
 * must live as long as the host.  Without tables every name may be asked for.
 */
void host_declare(struct host *h, const struct option_table *options,
		  const struct option_table *table_options);
/* The first name that was asked for without being declared: a bug; NULL: none. */
const char *host_undeclared(const struct host *h);

/* Before each call into the plugin: forgets the failure of the call before. */
void host_begin_call(struct host *h);
/*
 * After a call that returned the error `rc`: fills err with class and text; a
 * plugin that gave no reason gets a generic text naming `what` ("extract").
 * Returns -1.
 */
int host_failure(struct host *h, int32_t rc, const char *what, struct error *err);
/* The reason alone, for DEFSYNC_E_BAD_ROW; "" without one. */
const char *host_reason(const struct host *h);

/* Wakes wait() and makes cancelled() true, until host_resume. */
void host_cancel(struct host *h);
void host_resume(struct host *h);
int host_is_cancelled(const struct host *h);

/* The last value of a reported fact, or NULL; valid until it is reported again. */
const char *host_fact(const struct host *h, const char *name);
void host_counters(const struct host *h, void (*each)(void *ctx, const char *name, uint64_t n),
		   void *ctx);

/* DEFSYNC_E_x to the class of the error object. */
enum error_class host_error_class(int32_t rc);

#endif
