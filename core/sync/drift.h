/* SPDX-License-Identifier: MIT */
/*
 * The columns that a table is sent with, and how they differ from those that it was
 * sent with before.  Names are told apart as the API does it: A to Z count as a to z.
 *
 *	shape_parse(&known, text)              what the store has
 *	shape_of(&now, relation, ...)          what comes out of the transforms
 *	drift_compare(&known, &now, &drift)
 *	drift_add_text(change, &buf)           one line each
 *	shape_keep_gone, shape_add_text        what the store is to have
 *
 * Only what a column is sent as can be at odds with the target's column: integer ->
 * float too, which DuckLake does not do by itself.
 */

#ifndef SYNC_DRIFT_H
#define SYNC_DRIFT_H

#include <defsync/plugin.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/error.h"

struct shape_column {
	const char *name;
	const char *json;   /* drift_json_type */
	const char *native; /* the source's words, or "" */
	int gone;	    /* sent before, not at present: the target still has it */
};

struct shape {
	struct arena arena;
	struct shape_column *columns;
	size_t n;
};

enum drift_kind {
	DRIFT_NEW,
	DRIFT_DROPPED,
	DRIFT_RETYPED, /* and sent as before */
	DRIFT_CONFLICT /* sent as another JSON type */
};

struct drift_change {
	enum drift_kind kind;
	const struct shape_column *was, *is; /* NULL: there is none */
};

struct drift {
	struct drift_change *changes;
	size_t n, n_conflicts;
};

/*
 * "boolean", "integer", "float", "string" or "json"; "any" where the values decide, which
 * is never at odds with anything.
 */
const char *drift_json_type(uint32_t type, int decimals_as_number);

/* Each -1 with err; shape_done is due only after 0. */
int shape_parse(struct shape *s, const char *text, struct error *err);
/* Column i of the shape is that of the relation. */
int shape_of(struct shape *s, const struct defsync_relation *relation, int decimals_as_number,
	     struct error *err);
/* Columns of `before` that s has not are put behind those of s, as gone. */
int shape_keep_gone(struct shape *s, const struct shape *before, struct error *err);
int shape_add_text(const struct shape *s, struct buf *out);
void shape_done(struct shape *s);

/* Points into both shapes.  -1 without memory. */
int drift_compare(const struct shape *known, const struct shape *now, struct drift *ret);
void drift_done(struct drift *d);
int drift_add_text(const struct drift_change *c, struct buf *out);

#endif
