/* SPDX-License-Identifier: MIT */
/*
 * Forwards dead letters to AWS SQS: a thread that sends what stands in the
 * store's outbox and takes out what SQS has confirmed.  Letters that could not be
 * sent stay there, and in the store, for the next run.
 *
 *	forward_create -> forward_start -> forward_signal after each commit ...
 *	               -> forward_drain -> forward_destroy
 *
 * Failures that pass are retried for push.retry_for; when that is spent, or SQS
 * refuses, the thread ends and forward_failure tells why.
 */

#ifndef SYNC_FORWARD_H
#define SYNC_FORWARD_H

#include <stdint.h>

#include "base/log.h"
#include "config/model.h"
#include "store/store.h"

struct forward;

/* Reads environment and files of AWS: before threads. */
struct forward *forward_create(struct store *store, const struct config *config, struct log *log,
			       struct error *err);
/* What an earlier run left is sent first. */
int forward_start(struct forward *f, struct error *err);
/* Stops, cuts what is under way, and joins.  NULL is allowed. */
void forward_destroy(struct forward *f);

/* New dead letters are durable.  Any thread. */
void forward_signal(struct forward *f);
/* No more retries; requests get grace_ms from now, then they are cut.  Any thread; the first counts. */
void forward_stop(struct forward *f, int64_t grace_ms);

/* Waits for timeout_ms at most: 1 when it has ended, or all is sent; 0 when there is more to do. */
int forward_drain(struct forward *f, int64_t timeout_ms);
/* Why it ended by itself: 1 and a copy in err, 0 when it did not. */
int forward_failure(struct forward *f, struct error *err);

#endif
