/* SPDX-License-Identifier: MIT */
/* How run and dlq replay say what came out. */

#ifndef CLI_PUBLISH_H
#define CLI_PUBLISH_H

#include "cli/job.h"

#define PUBLISH_RUN (-1) /* no replay */

/*
 * By --json, --quiet and --report; left: dead letters of a replay that are still
 * there.  failure may be "".  -1 with err when that was not possible.
 */
int publish(const struct job *j, const struct args *args, int64_t started_us, int code,
	    const char *failure, int64_t left, struct error *err);

#endif
