/* SPDX-License-Identifier: MIT */
/*
 * Failures that repeat are told now and then, not each time, and end with a word
 * of recovery.  One object a subject; zeroed at first.
 */

#ifndef PUSH_COMPLAINT_H
#define PUSH_COMPLAINT_H

#include <stdint.h>

#include "base/log.h"

struct complaint {
	unsigned failures;
	int64_t since_us, last_us;
};

/* One more failure: how many there were when this one is to be told, else 0. */
unsigned complaint_add(struct complaint *c, int64_t now_us);

/* It works again: says so when something was told. */
void complaint_end(struct complaint *c, int64_t now_us, struct log *log, const char *where);

#endif
