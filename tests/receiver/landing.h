/* SPDX-License-Identifier: MIT */
/*
 * Where rows land: one SQLite table a target, named "schema.table".
 *
 * A column is added with the type of its first non-null value; a value that
 * does not fit the type is refused with its row.  `_raw` keeps the row's bytes,
 * `_seq` the batch.  landing_begin, landing_put for each row, then
 * landing_commit or landing_rollback; the caller serialises all of it.
 */

#ifndef RECEIVER_LANDING_H
#define RECEIVER_LANDING_H

#include <jansson.h>
#include <stdint.h>

#include "request.h"

struct landing;

/* NULL: *ret_error says why; the caller frees it. */
struct landing *landing_open(const char *path, char **ret_error);
void landing_close(struct landing *l);

/* The highest sequence number of a batch in it, 0 when there is none. */
int64_t landing_last_seq(struct landing *l);

int landing_begin(struct landing *l, const struct stream_request *request, int64_t seq);

/* 1 stored; 0 the row is refused, *ret_reason to be freed; -1 the database failed. */
int landing_put(struct landing *l, const json_t *row, struct slice text, char **ret_reason);

struct landed_batch {
	const char *request_id;
	const char *at;
	size_t rows;
	size_t rejected;
	size_t bytes;
};

int landing_commit(struct landing *l, const struct landed_batch *batch);
void landing_rollback(struct landing *l);

/* Of the last failure. */
const char *landing_error(struct landing *l);

#endif
