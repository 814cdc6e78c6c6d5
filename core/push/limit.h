/* SPDX-License-Identifier: MIT */
/*
 * How many requests may be under way: additive increase, multiplicative decrease
 * between 1 and the configured number.  Pure: time and latency are given.
 *
 * It grows by one for each round of answers that came while all places were taken
 * and at no worse than the usual latency.  A sign of overload (429, 503, a time-out, a broken
 * connection) halves it, an unusual latency takes a tenth; both at most once a
 * round trip, since all requests of one moment see the same trouble.
 */

#ifndef PUSH_LIMIT_H
#define PUSH_LIMIT_H

#include <stdint.h>

struct limit {
	unsigned max;
	double value;
	double mean_us, deviation_us; /* of latency per request, moving */
	unsigned samples;
	int64_t settled_us; /* answers to requests that began before are not looked at */
};

void limit_init(struct limit *l, unsigned max);
/* Places now: 1 .. max. */
unsigned limit_places(const struct limit *l);
/* An acknowledgement; under_way: requests when it came, with this one. */
void limit_on_success(struct limit *l, int64_t began_us, int64_t now_us, unsigned under_way);
void limit_on_overload(struct limit *l, int64_t began_us, int64_t now_us);

#endif
