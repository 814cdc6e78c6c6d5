/* SPDX-License-Identifier: MIT */
/*
 * The guard around a source instance: the only way in which the core calls a
 * source.  It keeps the legal order of calls, turns results into error objects
 * and checks every row and relation it is handed (shape, types, pointers, sizes,
 * checkpoint), so that a bad plugin gets an error that names plugin, table and
 * rule.  What is wrong with the data (UTF-8, too large) is found by the encoder.
 *
 * Threads as in defsync/source.h; source_cancel from any.
 */

#ifndef PLUGIN_SOURCE_H
#define PLUGIN_SOURCE_H

#include "plugin/host.h"
#include "plugin/loader.h"

struct source;

/* `where` is the source's configured name. */
struct source *source_create(const struct plugin *plugin, const struct defsync_options *options,
			     const char *where, struct log *log, struct error *err);
/* Ends a cursor and disconnects if need be; NULL is allowed. */
void source_destroy(struct source *s);

int source_connect(struct source *s, struct error *err);
void source_disconnect(struct source *s);

int source_discover(struct source *s, const char *pattern,
		    const struct defsync_table *const **ret_tables, uint32_t *ret_n,
		    struct error *err);
int source_describe(struct source *s, const struct defsync_request *request,
		    const struct defsync_table **ret_table, struct error *err);

/* One cursor at a time. */
int source_extract(struct source *s, const struct defsync_request *request, struct error *err);
/*
 * DEFSYNC_ROW, DEFSYNC_END, DEFSYNC_IDLE; DEFSYNC_E_BAD_ROW with the reason in
 * source_reason (*ret_row may be NULL); any other error: -1 and err.
 */
int source_next(struct source *s, const struct defsync_row **ret_row, struct error *err);
/* Between two calls of next: lets go of snapshots.  Nothing at the end of a cursor. */
int source_pause(struct source *s, struct error *err);
void source_end(struct source *s);

int source_ack(struct source *s, const char *checkpoint, size_t len, struct error *err);

void source_cancel(struct source *s);
const char *source_reason(const struct source *s);
struct host *source_host(struct source *s);
const struct plugin *source_plugin(const struct source *s);

#endif
