/* SPDX-License-Identifier: MIT */
/*
 * The identity of a whole row, by which a repeat is recognised: the first 16
 * bytes of SHA-256 over the relation's column names and types and every cell's
 * type, length and bytes, before any transform.  A changed row has another
 * hash.  Collisions would lose rows, hence no weaker hash.
 */

#ifndef ROW_HASH_H
#define ROW_HASH_H

#include <defsync/plugin.h>

#include "base/buf.h"

#define ROW_HASH_BYTES 16

/* `scratch` is reused from row to row.  -1: no memory. */
int row_hash(const struct defsync_row *row, struct buf *scratch, unsigned char out[ROW_HASH_BYTES]);

/* For a bad row of which only the words are known. */
int row_hash_text(const char *p, size_t n, unsigned char out[ROW_HASH_BYTES]);

#endif
