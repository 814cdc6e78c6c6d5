/* SPDX-License-Identifier: MIT */
/*
 * The sender thread: starts requests as window, lanes, limits and Retry-After
 * allow, takes the answers in, and ends when it is told to or when the API refuses.
 */

#include <stdio.h>
#include <stdlib.h>

#include "base/clock.h"
#include "base/failpoint.h"
#include "base/num.h"
#include "push/push-internal.h"

#define POLL_MS 1000
/* When the API refuses one request, those under way may still end. */
#define REFUSED_GRACE_MS 5000

/* A batch whose request is under way. */
struct sending {
	struct sending *next;
	struct batch *batch;
	struct http_reply *reply;
};

/* ---- Where a batch goes ---- */

void push_wait(struct push *p, struct batch *b)
{
	if (b->lane->stopped) /* set by this thread */
		push_finish(p, b, BATCH_UNSENT);
	else
		fifo_add(&p->waiting, b);
}

void push_finish(struct push *p, struct batch *b, enum batch_outcome outcome)
{
	struct lane *lane = b->lane;

	pthread_mutex_lock(&p->lock);
	b->outcome = outcome;
	if (b->started)
		lane->sending--;
	if (outcome == BATCH_DELIVERED)
		lane->delivered_any = 1;
	fifo_add(&p->finished, b);
	pthread_cond_signal(&p->ended);
	pthread_mutex_unlock(&p->lock);
}

void push_fail(struct push *p, enum error_class class, const char *where, const char *text,
	       const char *todo)
{
	pthread_mutex_lock(&p->lock);
	(void)error_set(&p->failure, class, "push: %s: %s; %s", where, text, todo);
	push_begin_stop(p, REFUSED_GRACE_MS);
	pthread_mutex_unlock(&p->lock);
}

static void finish_waiting_of(struct push *p, const struct lane *lane)
{
	struct fifo keep;
	struct batch *b;

	fifo_init(&keep);
	while ((b = fifo_take(&p->waiting)) != NULL) {
		if (b->lane == lane)
			push_finish(p, b, BATCH_UNSENT);
		else
			fifo_add(&keep, b);
	}
	while ((b = fifo_take(&keep)) != NULL)
		fifo_add(&p->waiting, b);
}

/* What was not sent yet comes out as such. */
static void finish_queue(struct push *p, struct lane *lane)
{
	struct batch *b;

	do {
		pthread_mutex_lock(&p->lock);
		b = fifo_take(&lane->queue);
		pthread_mutex_unlock(&p->lock);
		if (b != NULL)
			push_finish(p, b, BATCH_UNSENT);
	} while (b != NULL);
}

void push_fail_lane(struct push *p, struct lane *lane, const char *text, const char *todo)
{
	pthread_mutex_lock(&p->lock);
	(void)error_set(&lane->failure, ERR_API, "push: %s: %s; %s", lane->where, text, todo);
	lane->stopped = 1;
	p->wake = 1;
	pthread_cond_broadcast(&p->room);
	pthread_cond_signal(&p->ended);
	pthread_mutex_unlock(&p->lock);
	finish_waiting_of(p, lane);
	finish_queue(p, lane);
}

/* ---- Sending ---- */

static int need_gzip(struct push *p, struct gzip **ret, struct error *err)
{
	int auto_wanted;

	pthread_mutex_lock(&p->lock);
	auto_wanted = p->settings.compression == PUSH_GZIP_AUTO && p->learned.gzip != 0;
	pthread_mutex_unlock(&p->lock);
	*ret = NULL;
	if (p->settings.compression != PUSH_GZIP && !auto_wanted)
		return 0;
	if (p->gzip == NULL)
		p->gzip = gzip_create(p->settings.compression_level);
	*ret = p->gzip;
	return p->gzip != NULL ? 0 : error_nomem(err);
}

/* The bytes to send, as what is known of the API by now demands. */
static int prepare(struct push *p, struct batch *b, struct error *err)
{
	struct part_rules rules = {.target = b->lane->target};

	if (b->part == NULL)
		b->part = part_create(b);
	if (b->part == NULL)
		return error_nomem(err);
	pthread_mutex_lock(&p->lock);
	rules.replace = b->lane->target->replace && !b->lane->replaced;
	rules.max_bytes = learned_target(&p->learned, SIZE_MAX);
	pthread_mutex_unlock(&p->lock);
	if (need_gzip(p, &rules.gzip, err) < 0)
		return -1;
	return part_prepare(b->part, b, &rules, err);
}

static int post(struct push *p, struct batch *b, struct sending *s, struct error *err)
{
	const struct part *pt = b->part;
	struct http_body body = {.bytes = pt->bytes, .len = pt->len, .gzip = pt->gzip};

	return http_post(p->http, &body, pt->request_id, s, &s->reply, err);
}

static void count_request(struct push *p, struct batch *b, int64_t now)
{
	b->part->attempts++;
	b->part->began_us = now;
	p->n_under_way++;
	p->progress_us = now;
	rate_spend(&p->requests, 1, now);
	rate_spend(&p->bytes, (int64_t)b->part->len, now);
	pthread_mutex_lock(&p->lock);
	b->lane->totals.requests++;
	p->totals.requests++;
	p->totals.places = limit_places(&p->limit);
	pthread_mutex_unlock(&p->lock);
}

static int start(struct push *p, struct batch *b)
{
	struct sending *s = calloc(1, sizeof(*s));
	struct error err = ERROR_INIT;

	if (s == NULL)
		(void)error_nomem(&err);
	if (s == NULL || prepare(p, b, &err) < 0 || post(p, b, s, &err) < 0) {
		free(s);
		push_fail(p, err.class, b->lane->where, error_text(&err), "run again");
		push_wait(p, b);
		error_done(&err);
		return -1;
	}
	s->batch = b;
	s->next = p->under_way;
	p->under_way = s;
	count_request(p, b, clock_mono_us());
	return 0;
}

/* ---- Which batch is next ---- */

/* With the lock held: may this lane send another batch now? */
static int lane_may_send(const struct lane *lane)
{
	const struct push_target *t = lane->target;

	if (lane->queue.first == NULL)
		return 0;
	if (lane->sending == 0)
		return 1;
	return !t->merge && lane->delivered_any && (!t->replace || lane->replaced);
}

/* The next batch by turns of the lanes, or NULL. */
static struct batch *next_new(struct push *p)
{
	struct batch *b = NULL;
	struct lane *lane, *first;

	if (failpoint("push_stall") != 0)
		return NULL;
	pthread_mutex_lock(&p->lock);
	first = p->turn != NULL ? p->turn : p->lanes;
	lane = first;
	while (lane != NULL && !p->stopping && p->window < p->settings.in_flight) {
		if (lane_may_send(lane)) {
			b = fifo_take(&lane->queue);
			b->started = 1;
			lane->sending++;
			p->window++;
			p->turn = lane->next;
			break;
		}
		lane = lane->next != NULL ? lane->next : p->lanes;
		if (lane == first)
			break;
	}
	pthread_mutex_unlock(&p->lock);
	return b;
}

static int64_t not_before(const struct batch *b)
{
	return b->part != NULL ? b->part->not_before_us : 0;
}

/* A waiting batch whose time has come, or NULL; *next_us: when the next one's has. */
static struct batch *next_waiting(struct push *p, int64_t now, int64_t *next_us)
{
	struct batch *found = NULL, *b;
	struct fifo keep;

	fifo_init(&keep);
	while ((b = fifo_take(&p->waiting)) != NULL) {
		if (found == NULL && not_before(b) <= now) {
			found = b;
			continue;
		}
		/* One that is due waits for a place, not for the time. */
		if (not_before(b) > now && not_before(b) < *next_us)
			*next_us = not_before(b);
		fifo_add(&keep, b);
	}
	while ((b = fifo_take(&keep)) != NULL)
		fifo_add(&p->waiting, b);
	return found;
}

/* ---- When ---- */

static int is_stopping(struct push *p, int64_t *ret_stop_at_us)
{
	int stopping;

	pthread_mutex_lock(&p->lock);
	stopping = p->stopping;
	*ret_stop_at_us = p->stop_at_us;
	pthread_mutex_unlock(&p->lock);
	return stopping;
}

/* From when on the API or the user allows a request. */
static int64_t allowed_us(const struct push *p, int64_t now)
{
	int64_t requests = rate_ready_us(&p->requests, now);
	int64_t bytes = rate_ready_us(&p->bytes, now);
	int64_t at = requests > bytes ? requests : bytes;

	return at > p->hold_until_us ? at : p->hold_until_us;
}

static int has_work(struct push *p)
{
	int work = p->waiting.first != NULL || p->under_way != NULL;

	pthread_mutex_lock(&p->lock);
	for (const struct lane *lane = p->lanes; lane != NULL && !work; lane = lane->next)
		work = lane->queue.first != NULL;
	pthread_mutex_unlock(&p->lock);
	return work;
}

/* What cannot happen, and would hang the run if it did. */
static void watch(struct push *p, int64_t now)
{
	char took[32];
	char text[96];

	if (!has_work(p)) {
		p->progress_us = now;
		return;
	}
	if (now - p->progress_us < p->settings.watchdog_ms * 1000)
		return;
	(void)snprintf(text, sizeof(text), "no progress for %s although batches wait",
		       num_format_duration((now - p->progress_us) / 1000, took));
	push_fail(p, ERR_TEMPORARY, "watchdog", text, "nothing is lost, run again");
}

/* Starts what may start; how long to sleep at most, in ms. */
static int64_t send_due(struct push *p)
{
	int64_t now = clock_mono_us();
	int64_t next_us = now + POLL_MS * 1000;
	int64_t stop_at_us, at;
	struct batch *b;

	if (is_stopping(p, &stop_at_us))
		return stop_at_us > now ? (stop_at_us - now) / 1000 + 1 : 0;
	while (p->n_under_way < limit_places(&p->limit)) {
		at = allowed_us(p, now);
		if (at > now) {
			next_us = at < next_us ? at : next_us;
			p->progress_us = now; /* it waits on purpose */
			break;
		}
		b = next_waiting(p, now, &next_us);
		if (b == NULL)
			b = next_new(p);
		if (b == NULL)
			break;
		if (start(p, b) < 0)
			return 0;
	}
	if (p->waiting.first != NULL && p->under_way == NULL && next_us > now)
		p->progress_us = now; /* so does what is to be tried again */
	watch(p, now);
	return (next_us - now) / 1000 + 1;
}

/* ---- The thread ---- */

static void forget(struct push *p, struct sending *s)
{
	struct sending **at = &p->under_way;

	while (*at != s)
		at = &(*at)->next;
	*at = s->next;
	p->n_under_way--;
	free(s);
}

static void take_replies(struct push *p)
{
	struct http_reply *reply;

	while ((reply = http_next_done(p->http)) != NULL) {
		struct sending *s = reply->user;

		p->progress_us = clock_mono_us();
		push_apply(p, s->batch, reply);
		forget(p, s);
		http_done(p->http, reply);
	}
}

/* Everything that was not confirmed comes out as such. */
static void drain(struct push *p)
{
	struct batch *b;

	while (p->under_way != NULL) {
		struct sending *s = p->under_way;

		http_cancel(p->http, s->reply);
		push_finish(p, s->batch, BATCH_UNSENT);
		forget(p, s);
	}
	while ((b = fifo_take(&p->waiting)) != NULL)
		push_finish(p, b, BATCH_UNSENT);
	for (struct lane *lane = p->lanes; lane != NULL; lane = lane->next)
		finish_queue(p, lane);
}

/* More than any pause that is meant: a whole request, and the longest Retry-After. */
static int64_t watchdog_default(const struct push_settings *s)
{
	return s->http.connect_timeout_ms + s->http.timeout_ms + LIMIT_RETRY_AFTER_MS + 60000;
}

void *push_sender(void *arg)
{
	struct push *p = arg;
	struct error err = ERROR_INIT;
	int64_t now = clock_mono_us();
	int64_t stop_at_us;

	p->progress_us = now;
	if (p->settings.watchdog_ms <= 0)
		p->settings.watchdog_ms = watchdog_default(&p->settings);
	rate_init(&p->requests, p->settings.max_requests_per_second, now);
	rate_init(&p->bytes, p->settings.max_bytes_per_second, now);
	for (;;) {
		int64_t sleep_ms = send_due(p);

		if (is_stopping(p, &stop_at_us) &&
		    (p->under_way == NULL || clock_mono_us() >= stop_at_us))
			break;
		if (http_poll(p->http, sleep_ms, &err) < 0) {
			push_fail(p, err.class, "http", error_text(&err), "run again");
			break;
		}
		take_replies(p);
	}
	drain(p);
	error_done(&err);
	return NULL;
}
