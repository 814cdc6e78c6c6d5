/* SPDX-License-Identifier: MIT */
/* The push engine's own data, shared by its files only. */

#ifndef PUSH_INTERNAL_H
#define PUSH_INTERNAL_H

#include <pthread.h>

#include "push/push.h"

/* A first-in, first-out list of batches. */
struct fifo {
	struct batch *first, **last;
};

struct lane {
	struct lane *next;
	struct push *push;
	const struct push_target *target;
	const char *where;
	void *user;

	/* Under push.lock. */
	struct fifo queue; /* submitted, not sent yet */
	uint64_t next_seq;
	size_t pending;	   /* submitted and not released */
	unsigned sending;  /* started and not delivered */
	int delivered_any; /* append: more than one at a time from now on */
	struct push_totals totals;
};

/* Repeated complaints are rate limited and end with a word of recovery. */
struct complaint {
	unsigned failures;
	int64_t since_us, last_us;
};

struct push {
	struct push_settings settings;
	struct log *log;
	struct http *http; /* the sender thread's, but for http_wakeup */
	pthread_t thread;
	int started;

	/*
	 * One lock for all below; never held over I/O or a call into another
	 * part.  room: readers wait for memory; ended: the committer waits.
	 */
	pthread_mutex_t lock;
	pthread_cond_t room, ended;
	struct lane *lanes;
	struct lane *turn; /* the lane after the one that was served last */
	struct batch *pool;
	struct fifo finished;
	size_t held_bytes, held_batches; /* submitted and not released */
	unsigned window;		 /* started and not released */
	int wake;			 /* the committer shall look around */
	int stopping;
	int64_t stop_at_us; /* then requests under way are cut */
	struct error failure;
	struct push_totals totals;

	/* The sender thread's alone. */
	struct batch *waiting; /* for their time to be tried again */
	struct sending *under_way;
	int64_t hold_until_us; /* Retry-After: nobody sends before */
	unsigned odd_in_a_row;
	struct complaint complaint;
};

void fifo_init(struct fifo *f);
void fifo_add(struct fifo *f, struct batch *b);
struct batch *fifo_take(struct fifo *f);

/* The thread; arg is the engine. */
void *push_sender(void *arg);

/* With the lock held: why it stops, and from when on requests are cut. */
void push_begin_stop(struct push *p, int64_t grace_ms);

#endif
