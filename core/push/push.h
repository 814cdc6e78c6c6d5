/* SPDX-License-Identifier: MIT */
/*
 * The push engine: a bounded queue of closed batches and one thread that sends
 * them, retries, divides them, finds the rows that the API refuses, and stops.
 *
 *	push_create -> push_lane (per table) -> threads:
 *	  reader    push_batch, fill, push_close, push_submit ... push_lane_end
 *	  committer push_collect -> (commit in the store) -> push_release
 *	-> push_stop -> push_destroy
 *
 * A batch holds its place in the window of `in_flight` until it is released,
 * that is until its commit: after a kill at most in_flight batches are repeated.
 * The bytes of batches between submit and release never pass `memory` (one batch
 * may always go).  Lanes: merge sends one batch at a time; append sends its first
 * batch alone, then up to in_flight over all lanes, fewer while the API is
 * overloaded.  A batch that is divided has one request under way at a time, its
 * rows from first to last.
 */

#ifndef PUSH_PUSH_H
#define PUSH_PUSH_H

#include <stdint.h>

#include "base/log.h"
#include "push/batch.h"
#include "push/http.h"
#include "push/learn.h"

enum push_compression {
	PUSH_PLAIN,
	PUSH_GZIP,
	PUSH_GZIP_AUTO /* until the API refuses it */
};

struct push_settings {
	struct http_config http;
	unsigned in_flight;
	size_t memory;
	int64_t retry_for_ms; /* negative: without end */
	enum push_compression compression;
	int compression_level; /* 1 .. 9 */
	/* A lane stops once so many of its rows are rejected: the larger of both. */
	int64_t max_rejected_rows, max_rejected_percent;
	int64_t max_requests_per_second, max_bytes_per_second; /* 0: no limit */
	int64_t watchdog_ms;	/* no progress for so long is an error; 0: a time that fits */
	struct learned learned; /* by earlier runs */
};

struct push;
struct lane;

struct push *push_create(const struct push_settings *settings, struct log *log, struct error *err);
int push_start(struct push *p, struct error *err);
/* Joins the thread; batches that are still held are freed. */
void push_destroy(struct push *p);

/* A table's way to the API; `user` comes back with its batches. Before push_start. */
struct lane *push_lane(struct push *p, const struct push_target *target, const char *where,
		       void *user, struct error *err);
void *lane_user(const struct lane *lane);
const struct push_target *lane_target(const struct lane *lane);

/* ---- readers ---- */

/* An opened batch; NULL with ERR_NOMEM, or ERR_CANCELLED once the engine stops. */
struct batch *push_batch(struct push *p, struct lane *lane, struct error *err);
/* Nothing is added any more: makes the bytes that are sent. */
int push_close(struct push *p, struct batch *b, struct error *err);
/*
 * Hands a closed batch over.  Waits for room, at most wait_ms or, when that is
 * negative, without end: 0 taken, PUSH_NO_ROOM still the caller's, -1 with
 * ERR_CANCELLED once the engine stops, and the batch is discarded.
 */
#define PUSH_NO_ROOM 1
int push_submit(struct push *p, struct batch *b, int64_t wait_ms, struct error *err);
/* Gives an unused batch back. */
void push_discard(struct push *p, struct batch *b);
/* No more batches from this lane; wakes the committer. */
void push_lane_end(struct push *p, struct lane *lane);

/* ---- committer ---- */

/*
 * The finished batches (a list by `next`; outcome DELIVERED or UNSENT), in the
 * order in which they ended; NULL after timeout_ms, or when a lane has ended.
 */
struct batch *push_collect(struct push *p, int64_t timeout_ms);
void push_release(struct push *p, struct batch *b);
/* Batches of this lane that were submitted and not released. */
size_t push_lane_pending(struct push *p, struct lane *lane);

/*
 * Why the engine stopped by itself (key refused, budget spent): 1 and a copy in
 * err, 0 when it did not.
 */
int push_failure(struct push *p, struct error *err);
/* Why this lane alone stopped (too many of its rows are rejected), likewise. */
int push_lane_failure(struct push *p, struct lane *lane, struct error *err);

/*
 * Takes no more batches.  Requests under way get grace_ms, then they are cut;
 * what was not confirmed comes out as UNSENT.
 */
void push_stop(struct push *p, int64_t grace_ms);

/* Replace: were rows taken, so that the target holds the new ones alone? */
int push_lane_replaced(struct push *p, struct lane *lane);

/* The size at which to close a batch: `configured`, or what the API is known to take. */
size_t push_batch_bytes(struct push *p, size_t configured);
/* What was learnt, if it changed so since the last time: 1; else 0. */
int push_learned(struct push *p, int changed, struct learned *ret);

/* Totals since the start, for progress and reports. */
struct push_totals {
	uint64_t requests, retries, bytes;
	unsigned in_flight;
	unsigned places; /* requests that may be under way at present */
	size_t queued_bytes;
};
void push_totals(struct push *p, struct push_totals *ret);
void lane_totals(struct push *p, struct lane *lane, struct push_totals *ret);

#endif
