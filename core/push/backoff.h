/* SPDX-License-Identifier: MIT */
/* When to try again.  Pure functions. */

#ifndef PUSH_BACKOFF_H
#define PUSH_BACKOFF_H

#include <stdint.h>

#define BACKOFF_BASE_MS 500
#define BACKOFF_CAP_MS 60000

/*
 * Full jitter: between 0 and min(cap, base * 2^(attempt-1)) by `random`, but not
 * less than what the server asked for (retry_after_ms, 0 none, capped at
 * LIMIT_RETRY_AFTER_MS).  attempt counts from 1: the tries so far.
 */
int64_t backoff_ms(unsigned attempt, int64_t retry_after_ms, uint64_t random);

/* Value of a Retry-After header: seconds or HTTP date; 0 when absent, past or garbage. */
int64_t retry_after_ms(const char *value, int64_t now_wall_us);

#endif
