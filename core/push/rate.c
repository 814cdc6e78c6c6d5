/* SPDX-License-Identifier: MIT */
/* So much a second. */

#include "push/rate.h"

void rate_init(struct rate *r, int64_t per_second, int64_t now_us)
{
	*r = (struct rate){.per_second = per_second, .tokens = (double)per_second, .at_us = now_us};
}

static double filled(const struct rate *r, int64_t now_us)
{
	double tokens = r->tokens + (double)(now_us - r->at_us) * (double)r->per_second / 1e6;

	return tokens < (double)r->per_second ? tokens : (double)r->per_second;
}

int64_t rate_ready_us(const struct rate *r, int64_t now_us)
{
	double lack;

	if (r->per_second <= 0)
		return now_us;
	/* A whole token for what is counted by ones; any credit for bytes comes to the same. */
	lack = 1 - filled(r, now_us);
	return lack <= 0 ? now_us : now_us + (int64_t)(lack * 1e6 / (double)r->per_second) + 1;
}

void rate_spend(struct rate *r, int64_t amount, int64_t now_us)
{
	if (r->per_second <= 0)
		return;
	r->tokens = filled(r, now_us) - (double)amount;
	r->at_us = now_us;
}
