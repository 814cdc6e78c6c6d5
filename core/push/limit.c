/* SPDX-License-Identifier: MIT */
/* How many requests may be under way. */

#include "push/limit.h"

/* The mean follows by so much; an answer this many deviations above it is slow. */
#define FOLLOW 0.2
#define SLOW_DEVIATIONS 3.0
/* Before so many answers nothing is known about the usual. */
#define SAMPLES_MIN 8
/* Jitter below this is no sign of anything. */
#define SLOW_FLOOR_US 50000

#define SLOW_FACTOR 0.9
#define OVERLOAD_FACTOR 0.5

void limit_init(struct limit *l, unsigned max)
{
	*l = (struct limit){.max = max > 0 ? max : 1};
	/* A short run has no time to grow from one. */
	l->value = l->max > 2 ? 2 : l->max;
}

unsigned limit_places(const struct limit *l)
{
	return (unsigned)l->value;
}

static void lower(struct limit *l, double factor, int64_t now_us)
{
	l->value *= factor;
	if (l->value < 1)
		l->value = 1;
	l->settled_us = now_us;
}

static int is_slow(const struct limit *l, double us)
{
	double margin = SLOW_DEVIATIONS * l->deviation_us;

	if (margin < SLOW_FLOOR_US)
		margin = SLOW_FLOOR_US;
	return l->samples >= SAMPLES_MIN && us > l->mean_us + margin;
}

static void follow(struct limit *l, double us)
{
	double off = us > l->mean_us ? us - l->mean_us : l->mean_us - us;

	if (l->samples++ == 0) {
		l->mean_us = us;
		l->deviation_us = us / 2;
		return;
	}
	l->mean_us += FOLLOW * (us - l->mean_us);
	l->deviation_us += FOLLOW * (off - l->deviation_us);
}

void limit_on_success(struct limit *l, int64_t began_us, int64_t now_us, unsigned under_way)
{
	double us = (double)(now_us - began_us);
	int slow = is_slow(l, us);

	follow(l, us);
	if (began_us < l->settled_us)
		return;
	if (slow)
		lower(l, SLOW_FACTOR, now_us);
	else if (under_way >= limit_places(l))
		l->value += 1 / l->value;
	if (l->value > l->max)
		l->value = l->max;
}

void limit_on_overload(struct limit *l, int64_t began_us, int64_t now_us)
{
	if (began_us >= l->settled_us)
		lower(l, OVERLOAD_FACTOR, now_us);
}
