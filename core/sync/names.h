/* SPDX-License-Identifier: MIT */
/*
 * Names of columns that the API would not take as they are: it does not tell A to Z
 * from a to z, and keeps 63 bytes.
 */

#ifndef SYNC_NAMES_H
#define SYNC_NAMES_H

#include <defsync/plugin.h>

#include "base/buf.h"
#include "base/error.h"

#define NAMES_KEPT_BYTES 63

/* What to do about any of them. */
#define NAMES_HINT                                                                                 \
	"rename it with the transform 'columns', whose options case: lower, max_length: 63 and "   \
	"duplicates: number do it for all"

enum name_problem {
	NAME_LONG,  /* it may be cut */
	NAME_EMPTY, /* or nothing but blanks; this and those below cannot be sent */
	NAME_EQUAL, /* but for the case of letters */
	NAME_CUT    /* the same when it is cut */
};

struct name_finding {
	enum name_problem problem;
	const char *name;
	const char *other; /* NAME_EQUAL, NAME_CUT: with which it is at odds */
};

/* Can rows not be sent with it? */
int name_is_fatal(const struct name_finding *f);
int name_add_text(const struct name_finding *f, struct buf *out);

/* The malloc'd findings, in the order of the names; -1 without memory. */
int names_check(const struct defsync_relation *relation, struct name_finding **ret, size_t *ret_n);
/* -1 with err when rows of this relation cannot be sent. */
int names_refuse(const struct defsync_relation *relation, const char *where, struct error *err);

#endif
