/* SPDX-License-Identifier: MIT */
/*
 * What an API was seen to take: the size of bodies and compression.  Pure; kept
 * in the store from run to run (store_host).
 */

#ifndef PUSH_LEARN_H
#define PUSH_LEARN_H

#include <stddef.h>

struct learned {
	size_t accepted; /* the largest body that was taken, 0 none */
	size_t refused;	 /* the smallest one that was too large, 0 none */
	unsigned taken;	 /* bodies, since one was refused or a larger one was tried */
	int gzip;	 /* 1 taken, 0 refused, -1 not known */
	/* Since this was last cleared by its owner: LEARNED_x. */
	int changed;
};

#define LEARNED_MORE 1	/* worth keeping some time */
#define LEARNED_LIMIT 2 /* worth keeping now: it cost a refusal */

void learn_accepted(struct learned *l, size_t bytes);
/* A body of several rows was too large. */
void learn_refused(struct learned *l, size_t bytes);
void learn_gzip(struct learned *l, int taken);

/* The size to aim at, at most `configured`. */
size_t learned_target(const struct learned *l, size_t configured);

#endif
