/* SPDX-License-Identifier: MIT */
/*
 * The sender thread: starts requests as window, lanes and Retry-After allow,
 * applies verdicts, and ends when it is told to or when the API refuses.
 */

#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/num.h"
#include "base/random.h"
#include "push/backoff.h"
#include "push/classify.h"
#include "push/push-internal.h"

#define POLL_MS 1000
#define COMPLAIN_US (30 * INT64_C(1000000))
/* When the API refuses one request, those under way may still end. */
#define REFUSED_GRACE_MS 5000

/* A batch whose request is under way. */
struct sending {
	struct sending *next;
	struct batch *batch;
	struct http_reply *reply;
};

/* ---- The end of a batch ---- */

static void finish(struct push *p, struct batch *b, enum batch_outcome outcome)
{
	struct lane *lane = b->lane;

	pthread_mutex_lock(&p->lock);
	b->outcome = outcome;
	if (b->started)
		lane->sending--;
	if (outcome == BATCH_DELIVERED) {
		lane->delivered_any = 1;
		lane->totals.bytes += b->body.len;
		p->totals.bytes += b->body.len;
	}
	fifo_add(&p->finished, b);
	pthread_cond_signal(&p->ended);
	pthread_mutex_unlock(&p->lock);
}

/* ---- Complaints ---- */

/* Returns the number of failures when this one is to be printed. */
static unsigned complain(struct complaint *c, int64_t now_us)
{
	if (c->failures++ == 0)
		c->since_us = now_us;
	else if (now_us - c->last_us < COMPLAIN_US)
		return 0;
	c->last_us = now_us;
	return c->failures;
}

static void recovered(struct push *p)
{
	char took[32];

	if (p->complaint.failures == 0)
		return;
	log_write(p->log, LOG_INFO, "push", "recovered after %u failures in %s",
		  p->complaint.failures,
		  num_format_duration((clock_mono_us() - p->complaint.since_us) / 1000, took));
	memset(&p->complaint, 0, sizeof(p->complaint));
}

/* ---- Verdicts ---- */

/* "the API key is refused: status 401: 'no such key' (request req_1)" */
static void describe(const struct http_reply *http, const struct reply *reply,
		     const struct ruling *ruling, struct buf *out)
{
	(void)buf_add_str(out, ruling->what);
	if (http->curl_code != 0)
		(void)buf_printf(out, ": %s", http->curl_text);
	else
		(void)buf_printf(out, ": status %d", http->status);
	if (http->curl_code == 0 && reply->message[0] != '\0')
		(void)buf_printf(out, ": '%s'", reply->message);
	if (reply->request_id[0] != '\0')
		(void)buf_printf(out, " (request %s)", reply->request_id);
}

static void stop_with(struct push *p, enum error_class class, const char *where, const char *text,
		      const char *todo)
{
	pthread_mutex_lock(&p->lock);
	(void)error_set(&p->failure, class, "push: %s: %s; %s", where, text, todo);
	push_begin_stop(p, REFUSED_GRACE_MS);
	pthread_mutex_unlock(&p->lock);
}

static void put_waiting(struct push *p, struct batch *b)
{
	b->next = p->waiting;
	p->waiting = b;
}

static void count_retry(struct push *p, struct lane *lane)
{
	pthread_mutex_lock(&p->lock);
	lane->totals.retries++;
	p->totals.retries++;
	pthread_mutex_unlock(&p->lock);
}

/* The budget is spent, or will be before the server wants to be asked again. */
static void give_up(struct push *p, const struct batch *b, const char *text, int64_t ask_ms)
{
	char budget[32], again[32];
	char todo[160];

	(void)snprintf(todo, sizeof(todo), "nothing is lost, run again%s%s",
		       ask_ms > 0 ? " in " : "",
		       ask_ms > 0 ? num_format_duration(ask_ms, again) : "");
	(void)num_format_duration(p->settings.retry_for_ms, budget);
	log_write(p->log, LOG_DEBUG, b->lane->where, "gave up after %u tries, retry_for is %s",
		  b->attempts, budget);
	stop_with(p, ERR_TEMPORARY, b->lane->where, text, todo);
}

static void retry(struct push *p, struct batch *b, const struct http_reply *http, const char *text)
{
	int64_t now = clock_mono_us();
	int64_t asked = retry_after_ms(http->retry_after, clock_wall_us());
	int64_t pause = backoff_ms(b->attempts, asked, random_u64());
	int64_t spent_ms;
	unsigned failures = complain(&p->complaint, now);

	if (b->first_failure_us == 0)
		b->first_failure_us = now;
	spent_ms = (now - b->first_failure_us) / 1000;
	put_waiting(p, b);
	if (p->settings.retry_for_ms >= 0 &&
	    (spent_ms >= p->settings.retry_for_ms || asked > p->settings.retry_for_ms - spent_ms)) {
		give_up(p, b, text, asked);
		return;
	}
	count_retry(p, b->lane);
	b->not_before_us = now + pause * 1000;
	if (asked > 0 && b->not_before_us > p->hold_until_us)
		p->hold_until_us = b->not_before_us;
	if (failures > 0)
		log_write(p->log, LOG_WARN, b->lane->where, "%s; trying again (failure %u)", text,
			  failures);
}

/* What this answer means, with the engine's own history. */
static struct ruling judge(struct push *p, const struct batch *b, const struct http_reply *http,
			   struct reply *reply)
{
	struct answer a = {
	    .curl_code = http->curl_code,
	    .status = http->status,
	    .sent_rows = b->n_rows,
	    .is_json = http->is_json,
	    .attempts = b->attempts,
	    .odd_in_a_row = p->odd_in_a_row,
	    .reply = reply,
	};
	struct ruling ruling;

	reply_parse(http->body.data, http->body.len, reply);
	ruling = classify(&a);
	p->odd_in_a_row = ruling.odd ? p->odd_in_a_row + 1 : 0;
	return ruling;
}

static void apply(struct push *p, struct batch *b, const struct http_reply *http)
{
	struct reply reply;
	struct ruling ruling = judge(p, b, http, &reply);
	struct buf text;

	if (ruling.verdict == VERDICT_DELIVERED) {
		log_write(p->log, LOG_DEBUG, b->lane->where,
			  "delivered %zu rows, %zu bytes in %lld ms, request %s", b->n_rows,
			  b->body.len, (long long)(http->elapsed_us / 1000), reply.request_id);
		recovered(p);
		finish(p, b, BATCH_DELIVERED);
		return;
	}
	buf_init(&text, (size_t)4 * LIMIT_MESSAGE_BYTES);
	describe(http, &reply, &ruling, &text);
	if (ruling.verdict == VERDICT_RETRY) {
		retry(p, b, http, buf_str(&text) != NULL ? text.data : ruling.what);
	} else {
		put_waiting(p, b);
		stop_with(p, ruling.class, b->lane->where,
			  buf_str(&text) != NULL ? text.data : ruling.what,
			  ruling.todo != NULL ? ruling.todo
					      : "nothing was moved; mend it and run again");
	}
	buf_done(&text);
}

/* ---- Sending ---- */

static int start(struct push *p, struct batch *b)
{
	struct sending *s = calloc(1, sizeof(*s));
	struct error err = ERROR_INIT;

	if (s == NULL ||
	    http_post(p->http, b->body.data, b->body.len, b->request_id, s, &s->reply, &err) < 0) {
		if (s == NULL)
			(void)error_nomem(&err);
		free(s);
		put_waiting(p, b);
		stop_with(p, err.class, b->lane->where, error_text(&err), "run again");
		error_done(&err);
		return -1;
	}
	s->batch = b;
	s->next = p->under_way;
	p->under_way = s;
	b->attempts++;
	pthread_mutex_lock(&p->lock);
	b->lane->totals.requests++;
	p->totals.requests++;
	pthread_mutex_unlock(&p->lock);
	return 0;
}

/* With the lock held: may this lane send another batch now? */
static int lane_may_send(const struct lane *lane)
{
	if (lane->queue.first == NULL)
		return 0;
	return lane->sending == 0 || (!lane->target->merge && lane->delivered_any);
}

/* The next batch by turns of the lanes, or NULL. */
static struct batch *next_new(struct push *p)
{
	struct batch *b = NULL;
	struct lane *lane, *first;

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

/* A waiting batch whose time has come, or NULL; *next_us: when the next one's has. */
static struct batch *next_waiting(struct push *p, int64_t now, int64_t *next_us)
{
	for (struct batch **at = &p->waiting; *at != NULL; at = &(*at)->next) {
		struct batch *b = *at;

		if (b->not_before_us <= now) {
			*at = b->next;
			b->next = NULL;
			return b;
		}
		if (b->not_before_us < *next_us)
			*next_us = b->not_before_us;
	}
	return NULL;
}

static int is_stopping(struct push *p, int64_t *ret_stop_at_us)
{
	int stopping;

	pthread_mutex_lock(&p->lock);
	stopping = p->stopping;
	*ret_stop_at_us = p->stop_at_us;
	pthread_mutex_unlock(&p->lock);
	return stopping;
}

/* Starts what may start; how long to sleep at most, in ms. */
static int64_t send_due(struct push *p)
{
	int64_t now = clock_mono_us();
	int64_t next_us = now + POLL_MS * 1000;
	int64_t stop_at_us;
	struct batch *b;

	if (is_stopping(p, &stop_at_us))
		return stop_at_us > now ? (stop_at_us - now) / 1000 + 1 : 0;
	if (p->hold_until_us > now)
		return p->hold_until_us < next_us ? (p->hold_until_us - now) / 1000 + 1 : POLL_MS;
	while ((b = next_waiting(p, now, &next_us)) != NULL || (b = next_new(p)) != NULL) {
		if (start(p, b) < 0)
			return 0;
	}
	return (next_us - now) / 1000 + 1;
}

static void forget(struct push *p, struct sending *s)
{
	struct sending **at = &p->under_way;

	while (*at != s)
		at = &(*at)->next;
	*at = s->next;
	free(s);
}

static void take_replies(struct push *p)
{
	struct http_reply *reply;

	while ((reply = http_next_done(p->http)) != NULL) {
		struct sending *s = reply->user;

		apply(p, s->batch, reply);
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
		finish(p, s->batch, BATCH_UNSENT);
		forget(p, s);
	}
	while ((b = p->waiting) != NULL) {
		p->waiting = b->next;
		finish(p, b, BATCH_UNSENT);
	}
	for (struct lane *lane = p->lanes; lane != NULL; lane = lane->next) {
		for (;;) {
			pthread_mutex_lock(&p->lock);
			b = fifo_take(&lane->queue);
			pthread_mutex_unlock(&p->lock);
			if (b == NULL)
				break;
			finish(p, b, BATCH_UNSENT);
		}
	}
}

void *push_sender(void *arg)
{
	struct push *p = arg;
	struct error err = ERROR_INIT;
	int64_t stop_at_us;

	for (;;) {
		int64_t sleep_ms = send_due(p);

		if (is_stopping(p, &stop_at_us) &&
		    (p->under_way == NULL || clock_mono_us() >= stop_at_us))
			break;
		if (http_poll(p->http, sleep_ms, &err) < 0) {
			stop_with(p, err.class, "http", error_text(&err), "run again");
			break;
		}
		take_replies(p);
	}
	drain(p);
	error_done(&err);
	return NULL;
}
