/* SPDX-License-Identifier: MIT */
/* A relation with some of its columns left out, and rows of it.  The reader thread's. */

#ifndef SYNC_PROJECT_H
#define SYNC_PROJECT_H

#include <defsync/plugin.h>

struct project;

/* keep[i]: column i stays.  `of` must live as long.  NULL without memory. */
struct project *project_create(const struct defsync_relation *of, const unsigned char *keep);
void project_destroy(struct project *p); /* NULL is allowed */

const struct defsync_relation *project_relation(const struct project *p);
/* A row of `of`, until the next call. */
const struct defsync_row *project_row(struct project *p, const struct defsync_row *row);

#endif
