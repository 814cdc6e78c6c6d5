/* SPDX-License-Identifier: MIT */
/* The push engine's own data, shared by its files only. */

#ifndef PUSH_INTERNAL_H
#define PUSH_INTERNAL_H

#include <pthread.h>
#include <time.h>

#include "push/classify.h"
#include "push/complaint.h"
#include "push/gzip.h"
#include "push/limit.h"
#include "push/part.h"
#include "push/push.h"
#include "push/rate.h"

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
	struct gzip *gzip; /* the reader's; NULL: nothing was compressed yet */

	/* The sender thread's alone. */
	uint64_t rows_taken, rows_rejected;

	/* Under push.lock. */
	struct fifo queue; /* submitted, not sent yet */
	uint64_t next_seq;
	size_t pending;	   /* submitted and not released */
	unsigned sending;  /* started and not delivered */
	int delivered_any; /* append: more than one at a time from now on */
	int replaced;	   /* replace: the target holds the new rows */
	int stopped;	   /* takes no more; failure says why */
	struct error failure;
	struct push_totals totals;
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
	struct learned learned;

	/* The sender thread's alone. */
	struct fifo waiting; /* for their time to be tried again, or for a place */
	struct sending *under_way;
	unsigned n_under_way;
	int64_t hold_until_us; /* Retry-After: nobody sends before */
	int64_t progress_us;   /* the last time that something happened, or had to wait */
	unsigned odd_in_a_row;
	struct complaint complaint;
	struct limit limit;
	struct rate requests, bytes;
	struct gzip *gzip; /* of parts; NULL: not needed yet */
};

void fifo_init(struct fifo *f);
void fifo_add(struct fifo *f, struct batch *b);
struct batch *fifo_take(struct fifo *f);

/* ---- push-send.c: the thread ---- */

/* arg is the engine. */
void *push_sender(void *arg);

void push_wait(struct push *p, struct batch *b);
void push_finish(struct push *p, struct batch *b, enum batch_outcome outcome);
/* Ends the run. */
void push_fail(struct push *p, enum error_class class, const char *where, const char *text,
	       const char *todo);
/* Ends the lane: what of it is not under way comes out as unsent. */
void push_fail_lane(struct push *p, struct lane *lane, const char *text, const char *todo);

/* ---- push-verdict.c: what an answer leads to ---- */

void push_apply(struct push *p, struct batch *b, const struct http_reply *http);

/* ---- push-divide.c: batches that are refused as a whole ---- */

/* The API's answer to the part of b that was sent. */
struct push_answer {
	const struct http_reply *http;
	const struct reply *reply;
	const struct ruling *ruling;
	const char *text; /* for messages: what the API said */
};

/* Every row of the part was taken. */
void push_part_taken(struct push *p, struct batch *b, const struct push_answer *a);
void push_part_too_large(struct push *p, struct batch *b, const struct push_answer *a);
void push_part_refused(struct push *p, struct batch *b, const struct push_answer *a);

/* Rows of the part were taken; which, is for the caller to know. */
void push_count_taken(struct push *p, struct batch *b, const struct push_answer *a, size_t rows);
/* The part is dealt with, whether all of its rows were taken or not. */
void push_part_done(struct push *p, struct batch *b);
/* A dead letter; -1 no memory. */
int push_convict(struct push *p, struct batch *b, uint32_t row, enum row_reason reason, int status,
		 const char *text);
/* The API refuses too much: that is not a matter of rows.  1 when the lane stopped. */
int push_too_many(struct push *p, struct batch *b, uint64_t more, const char *text);
void push_no_memory(struct push *p, struct batch *b);

/* ---- push-partial.c: batches of which a part was taken ---- */

/* The row that proves what the API named was refused, or taken. */
void push_names_hold(struct push *p, struct batch *b);
void push_names_fail(struct push *p, struct batch *b);
void push_part_rejected(struct push *p, struct batch *b, const struct push_answer *a);

/* ---- push.c ---- */

/* The time in ms from now, as the conditions take it. */
struct timespec push_time_in(int64_t ms);

/* With the lock held: why it stops, and from when on requests are cut. */
void push_begin_stop(struct push *p, int64_t grace_ms);

#endif
