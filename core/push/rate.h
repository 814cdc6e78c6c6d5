/* SPDX-License-Identifier: MIT */
/*
 * So much a second: a bucket that fills at the rate and holds one second's
 * worth.  What is larger than it goes into debt, so that it can go at all.  Pure.
 */

#ifndef PUSH_RATE_H
#define PUSH_RATE_H

#include <stdint.h>

struct rate {
	int64_t per_second; /* 0: no limit */
	double tokens;
	int64_t at_us; /* for which tokens holds */
};

void rate_init(struct rate *r, int64_t per_second, int64_t now_us);
/* From when on something may go; at most now_us when it may at once. */
int64_t rate_ready_us(const struct rate *r, int64_t now_us);
/* It goes. */
void rate_spend(struct rate *r, int64_t amount, int64_t now_us);

#endif
