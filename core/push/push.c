/* SPDX-License-Identifier: MIT */
/* The push engine as the committer sees it: lanes, their batches back, totals. */

#include "push/push.h"

#include <errno.h>
#include <stdlib.h>
#include <time.h>

#include "base/clock.h"
#include "push/push-internal.h"

void fifo_init(struct fifo *f)
{
	f->first = NULL;
	f->last = &f->first;
}

void fifo_add(struct fifo *f, struct batch *b)
{
	b->next = NULL;
	*f->last = b;
	f->last = &b->next;
}

struct batch *fifo_take(struct fifo *f)
{
	struct batch *b = f->first;

	if (b == NULL)
		return NULL;
	f->first = b->next;
	if (f->first == NULL)
		f->last = &f->first;
	b->next = NULL;
	return b;
}

/* ---- Life ---- */

/* Waits use the monotonic clock: a step of the wall clock must not matter. */
static int init_sync(struct push *p)
{
	pthread_condattr_t attr;
	int rc;

	if (pthread_mutex_init(&p->lock, NULL) != 0)
		return -1;
	if (pthread_condattr_init(&attr) != 0)
		goto fail_lock;
	rc = pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
	if (rc != 0 || pthread_cond_init(&p->room, &attr) != 0)
		goto fail_attr;
	if (pthread_cond_init(&p->ended, &attr) != 0)
		goto fail_room;
	(void)pthread_condattr_destroy(&attr);
	return 0;
fail_room:
	(void)pthread_cond_destroy(&p->room);
fail_attr:
	(void)pthread_condattr_destroy(&attr);
fail_lock:
	(void)pthread_mutex_destroy(&p->lock);
	return -1;
}

struct push *push_create(const struct push_settings *settings, struct log *log, struct error *err)
{
	struct push *p = calloc(1, sizeof(*p));

	if (p == NULL || init_sync(p) < 0) {
		free(p);
		(void)error_nomem(err);
		return NULL;
	}
	p->settings = *settings;
	p->log = log;
	p->learned = settings->learned;
	p->learned.changed = 0;
	fifo_init(&p->finished);
	fifo_init(&p->waiting);
	limit_init(&p->limit, settings->in_flight);
	p->http = http_create(&p->settings.http, p->settings.in_flight, err);
	if (p->http == NULL) {
		push_destroy(p);
		return NULL;
	}
	return p;
}

int push_start(struct push *p, struct error *err)
{
	int rc = pthread_create(&p->thread, NULL, push_sender, p);

	if (rc != 0)
		return error_set_errno(err, ERR_INTERNAL, rc, "push: cannot start a thread");
	p->started = 1;
	return 0;
}

static void destroy_batches(struct batch *b)
{
	while (b != NULL) {
		struct batch *next = b->next;

		batch_destroy(b);
		b = next;
	}
}

void push_destroy(struct push *p)
{
	if (p == NULL)
		return;
	if (p->started) {
		push_stop(p, 0);
		(void)pthread_join(p->thread, NULL);
	}
	destroy_batches(p->finished.first);
	destroy_batches(p->pool);
	while (p->lanes != NULL) {
		struct lane *next = p->lanes->next;

		destroy_batches(p->lanes->queue.first);
		gzip_destroy(p->lanes->gzip);
		error_done(&p->lanes->failure);
		free(p->lanes);
		p->lanes = next;
	}
	http_destroy(p->http);
	gzip_destroy(p->gzip);
	error_done(&p->failure);
	(void)pthread_cond_destroy(&p->ended);
	(void)pthread_cond_destroy(&p->room);
	(void)pthread_mutex_destroy(&p->lock);
	free(p);
}

struct lane *push_lane(struct push *p, const struct push_target *target, const char *where,
		       void *user, struct error *err)
{
	struct lane *lane = calloc(1, sizeof(*lane));

	if (lane == NULL) {
		(void)error_nomem(err);
		return NULL;
	}
	lane->push = p;
	lane->target = target;
	lane->where = where;
	lane->user = user;
	fifo_init(&lane->queue);
	lane->next = p->lanes;
	p->lanes = lane;
	return lane;
}

void *lane_user(const struct lane *lane)
{
	return lane->user;
}

const struct push_target *lane_target(const struct lane *lane)
{
	return lane->target;
}

/* ---- Committer ---- */

/* As the conditions take it. */
struct timespec push_time_in(int64_t ms)
{
	int64_t us = clock_mono_us() + ms * 1000;

	return (struct timespec){.tv_sec = (time_t)(us / 1000000),
				 .tv_nsec = (long)(us % 1000000) * 1000};
}

struct batch *push_collect(struct push *p, int64_t timeout_ms)
{
	struct timespec until = push_time_in(timeout_ms);
	struct batch *list;
	int rc = 0;

	pthread_mutex_lock(&p->lock);
	while (p->finished.first == NULL && !p->wake && rc != ETIMEDOUT)
		rc = pthread_cond_timedwait(&p->ended, &p->lock, &until);
	list = p->finished.first;
	fifo_init(&p->finished);
	p->wake = 0;
	pthread_mutex_unlock(&p->lock);
	return list;
}

void push_release(struct push *p, struct batch *b)
{
	part_destroy(b->part); /* the pool holds no bytes that no budget counts */
	b->part = NULL;
	pthread_mutex_lock(&p->lock);
	p->held_bytes -= b->held;
	p->held_batches--;
	b->lane->pending--;
	if (b->started)
		p->window--;
	b->next = p->pool;
	p->pool = b;
	pthread_cond_broadcast(&p->room);
	pthread_mutex_unlock(&p->lock);
	http_wakeup(p->http);
}

size_t push_lane_pending(struct push *p, struct lane *lane)
{
	size_t n;

	pthread_mutex_lock(&p->lock);
	n = lane->pending;
	pthread_mutex_unlock(&p->lock);
	return n;
}

int push_failure(struct push *p, struct error *err)
{
	int failed;

	pthread_mutex_lock(&p->lock);
	failed = error_is_set(&p->failure);
	if (failed && err != NULL && !error_is_set(err))
		(void)error_copy(err, &p->failure);
	pthread_mutex_unlock(&p->lock);
	return failed;
}

int push_lane_failure(struct push *p, struct lane *lane, struct error *err)
{
	int failed;

	pthread_mutex_lock(&p->lock);
	failed = lane->stopped;
	if (failed && err != NULL && !error_is_set(err))
		(void)error_copy(err, &lane->failure);
	pthread_mutex_unlock(&p->lock);
	return failed;
}

int push_lane_replaced(struct push *p, struct lane *lane)
{
	int replaced;

	pthread_mutex_lock(&p->lock);
	replaced = lane->replaced;
	pthread_mutex_unlock(&p->lock);
	return replaced;
}

size_t push_batch_bytes(struct push *p, size_t configured)
{
	size_t bytes;

	pthread_mutex_lock(&p->lock);
	bytes = learned_target(&p->learned, configured);
	pthread_mutex_unlock(&p->lock);
	return bytes;
}

int push_learned(struct push *p, int changed, struct learned *ret)
{
	int is_new;

	pthread_mutex_lock(&p->lock);
	is_new = (p->learned.changed & changed) != 0;
	if (is_new) {
		*ret = p->learned;
		p->learned.changed = 0;
	}
	pthread_mutex_unlock(&p->lock);
	return is_new;
}

void push_begin_stop(struct push *p, int64_t grace_ms)
{
	int64_t at = clock_mono_us() + grace_ms * 1000;

	if (!p->stopping || at < p->stop_at_us)
		p->stop_at_us = at;
	p->stopping = 1;
	p->wake = 1;
	pthread_cond_broadcast(&p->room);
	pthread_cond_signal(&p->ended);
}

void push_stop(struct push *p, int64_t grace_ms)
{
	pthread_mutex_lock(&p->lock);
	push_begin_stop(p, grace_ms);
	pthread_mutex_unlock(&p->lock);
	http_wakeup(p->http);
}

void push_totals(struct push *p, struct push_totals *ret)
{
	pthread_mutex_lock(&p->lock);
	*ret = p->totals;
	ret->in_flight = p->window;
	ret->queued_bytes = p->held_bytes;
	pthread_mutex_unlock(&p->lock);
}

void lane_totals(struct push *p, struct lane *lane, struct push_totals *ret)
{
	pthread_mutex_lock(&p->lock);
	*ret = lane->totals;
	ret->in_flight = lane->sending;
	pthread_mutex_unlock(&p->lock);
}
