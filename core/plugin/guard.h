/* SPDX-License-Identifier: MIT */
/*
 * Inside of the guard, shared by source.c and source-read.c: the order of calls
 * and what becomes of their results.
 *
 *	guard_begin(s, CALL_X) -> the plugin's callback -> guard_result(s, rc)
 *
 * All of them write into an error object of the guard's own, never NULL; guard_give
 * hands it to the caller at the end.
 */

#ifndef PLUGIN_GUARD_H
#define PLUGIN_GUARD_H

#include <stdbool.h>

#include "plugin/row-check.h"
#include "plugin/source.h"

enum state {
	STATE_CREATED,
	STATE_CONNECTED,
	STATE_READING, /* a cursor is open */
	STATE_OVER     /* a cursor is open that has ended or failed */
};

enum call {
	CALL_CREATE,
	CALL_CONNECT,
	CALL_DISCOVER,
	CALL_DESCRIBE,
	CALL_EXTRACT,
	CALL_NEXT,
	CALL_PAUSE,
	CALL_ACK
};

struct source {
	const struct plugin *plugin;
	const struct defsync_source *vtable; /* of the plugin */
	struct host *host;
	char *where;
	void *instance;
	bool created;
	bool counted; /* in plugin->instances */
	enum state state;
	void *cursor;
	char *table;	      /* of the cursor */
	uint32_t mode;	      /* of the cursor, DEFSYNC_READ_x */
	uint64_t n_rows;      /* of the cursor, for messages */
	struct shapes shapes; /* of the cursor: forgotten with it */
};

/* Checks the order and makes ready for the call; -1 when it must not be made. */
int guard_begin(struct source *s, enum call call, struct error *err);
/* For all calls but next: 0 for OK, else -1 with an error that fits the call. */
int guard_result(struct source *s, enum call call, int32_t rc, struct error *err);
/* An error class that the plugin returned; -1. */
int guard_failed(struct source *s, enum call call, int32_t rc, struct error *err);
/* A rule that the plugin broke, already in err: puts who and where before it; -1. */
int guard_broken(struct source *s, enum call call, struct error *err);
/* A result that the call may not have; -1. */
int guard_odd(struct source *s, enum call call, int32_t rc, struct error *err);
/* Moves the guard's error to the caller's, which may be NULL; returns rc. */
int guard_give(struct error *to, struct error *own, int rc);

#endif
