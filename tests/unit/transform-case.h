/* SPDX-License-Identifier: MIT */
/* The cells and columns of tests/suites/transforms, read from their texts. */

#ifndef TRANSFORM_CASE_H
#define TRANSFORM_CASE_H

#include <jansson.h>

#include <defsync/plugin.h>

#include "base/arena.h"
#include "base/buf.h"
#include "config/tree.h"

/* Fail the test on what cannot be read.  Results live in the arena. */
struct defsync_relation *case_relation(const char *name, const struct tree *columns,
				       struct arena *arena);
struct defsync_cell *case_cells(const struct defsync_relation *r, const char *json,
				struct arena *arena);
/*
 * The columns in the words that case_relation reads, separated by "; "; with `made`
 * behind those that are of no column of the input, where that is wanted.
 */
void case_describe(const struct defsync_relation *r, int made, struct buf *out);

#endif
