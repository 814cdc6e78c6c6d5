/* SPDX-License-Identifier: MIT */
/* Failures that repeat. */

#include "push/complaint.h"

#include "base/num.h"

#define PAUSE_US (30 * INT64_C(1000000))

unsigned complaint_add(struct complaint *c, int64_t now_us)
{
	if (c->failures++ == 0)
		c->since_us = now_us;
	else if (now_us - c->last_us < PAUSE_US)
		return 0;
	c->last_us = now_us;
	return c->failures;
}

void complaint_end(struct complaint *c, int64_t now_us, struct log *log, const char *where)
{
	char took[32];

	if (c->failures == 0)
		return;
	log_write(log, LOG_INFO, where, "recovered after %u failures in %s", c->failures,
		  num_format_duration((now_us - c->since_us) / 1000, took));
	*c = (struct complaint){0};
}
