/* SPDX-License-Identifier: MIT */
/*
 * Bodies as gzip: libdeflate where it is there (more than twice as fast as zlib at
 * the low levels), else zlib.  One object belongs to one thread at a time.
 */

#ifndef PUSH_GZIP_H
#define PUSH_GZIP_H

#include <stddef.h>

#include "base/buf.h"

struct gzip;

/* level 1 .. 9; NULL without memory. */
struct gzip *gzip_create(int level);
void gzip_destroy(struct gzip *g); /* NULL is allowed */

/* Replaces out's contents with the n bytes as one gzip member; -1 no memory. */
int gzip_pack(struct gzip *g, const void *p, size_t n, struct buf *out);

#endif
