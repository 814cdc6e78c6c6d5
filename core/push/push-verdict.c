/* SPDX-License-Identifier: MIT */
/* What an answer leads to: retries with their budget, complaints, and the rest by verdict. */

#include <stdio.h>

#include "base/clock.h"
#include "base/num.h"
#include "base/random.h"
#include "push/backoff.h"
#include "push/push-internal.h"

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

/* ---- Retries ---- */

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
		  b->part->attempts, budget);
	push_fail(p, ERR_TEMPORARY, b->lane->where, text, todo);
}

/* How long until the same bytes are sent again; -1: not within the budget. */
static int64_t pause_ms(const struct push *p, struct part *pt, int64_t asked, int64_t now)
{
	int64_t spent_ms;

	if (pt->first_failure_us == 0)
		pt->first_failure_us = now;
	spent_ms = (now - pt->first_failure_us) / 1000;
	if (p->settings.retry_for_ms >= 0 &&
	    (spent_ms >= p->settings.retry_for_ms || asked > p->settings.retry_for_ms - spent_ms))
		return -1;
	return backoff_ms(pt->attempts, asked, random_u64());
}

static void retry(struct push *p, struct batch *b, const struct push_answer *a)
{
	struct part *pt = b->part;
	int64_t now = clock_mono_us();
	int64_t asked = retry_after_ms(a->http->retry_after, clock_wall_us());
	int64_t pause = pause_ms(p, pt, asked, now);
	unsigned failures = complaint_add(&p->complaint, now);

	if (a->ruling->overload)
		limit_on_overload(&p->limit, pt->began_us, now);
	if (pause < 0) {
		give_up(p, b, a->text, asked);
		push_wait(p, b);
		return;
	}
	count_retry(p, b->lane);
	pt->not_before_us = now + pause * 1000;
	if (asked > 0 && pt->not_before_us > p->hold_until_us)
		p->hold_until_us = pt->not_before_us;
	if (failures > 0)
		log_write(p->log, LOG_WARN, b->lane->where, "%s; trying again (failure %u)",
			  a->text, failures);
	push_wait(p, b);
}

/* ---- Compression that the API may not know ---- */

/*
 * A refusal may be of the compression: the same rows go once more without it.  Only
 * if these are taken it was.  If not, the rest of the batch goes plain, to be sure
 * that its rows are judged and nothing else, and nothing is learnt.
 */
static int is_gzip_suspect(struct push *p, const struct part *pt, const struct push_answer *a)
{
	int known;

	if (!pt->gzip || p->settings.compression != PUSH_GZIP_AUTO ||
	    a->ruling->verdict != VERDICT_ISOLATE)
		return 0;
	pthread_mutex_lock(&p->lock);
	known = p->learned.gzip;
	pthread_mutex_unlock(&p->lock);
	return a->http->status == 415 || (known != 1 && a->http->status >= 400);
}

static void try_plain(struct push *p, struct batch *b, const char *text)
{
	log_write(p->log, LOG_DEBUG, b->lane->where, "%s; trying without compression", text);
	b->part->plain = b->part->doubted = 1;
	b->part->ready = 0;
	b->part->not_before_us = 0;
	push_wait(p, b);
}

static void learn_from_taken(struct push *p, struct part *pt)
{
	int refused;

	pthread_mutex_lock(&p->lock);
	learn_accepted(&p->learned, pt->raw_len);
	refused = pt->doubted && p->learned.gzip != 0;
	if (pt->gzip)
		learn_gzip(&p->learned, 1);
	else if (refused)
		learn_gzip(&p->learned, 0);
	pthread_mutex_unlock(&p->lock);
	pt->doubted = 0;
	if (refused)
		log_write(p->log, LOG_INFO, "push",
			  "the API takes no compressed bodies: sending plain ones");
}

/* ---- Verdicts ---- */

/* What this answer means, with the engine's own history. */
static struct ruling judge(struct push *p, const struct part *pt, const struct http_reply *http,
			   struct reply *reply)
{
	struct answer a = {
	    .curl_code = http->curl_code,
	    .status = http->status,
	    .sent_rows = pt->to - pt->from,
	    .is_json = http->is_json,
	    .attempts = pt->attempts,
	    .odd_in_a_row = p->odd_in_a_row,
	    .reply = reply,
	};
	struct ruling ruling;

	reply_parse(http->body.data, http->body.len, reply);
	ruling = classify(&a);
	p->odd_in_a_row = ruling.odd ? p->odd_in_a_row + 1 : 0;
	return ruling;
}

static void taken(struct push *p, struct batch *b, const struct push_answer *a)
{
	const struct part *pt = b->part;

	log_write(p->log, LOG_DEBUG, b->lane->where,
		  "delivered %u rows, %zu bytes in %lld ms, request %s", pt->to - pt->from, pt->len,
		  (long long)(a->http->elapsed_us / 1000), a->reply->request_id);
	limit_on_success(&p->limit, pt->began_us, clock_mono_us(), p->n_under_way);
	learn_from_taken(p, b->part);
	push_part_taken(p, b, a);
}

static void refused(struct push *p, struct batch *b, const struct push_answer *a)
{
	if (is_gzip_suspect(p, b->part, a)) {
		try_plain(p, b, a->text);
		return;
	}
	b->part->doubted = 0;
	if (a->ruling->verdict == VERDICT_SPLIT)
		push_part_too_large(p, b, a);
	else if (a->ruling->verdict == VERDICT_PARTIAL)
		push_part_rejected(p, b, a);
	else
		push_part_refused(p, b, a);
}

static void stop(struct push *p, struct batch *b, const struct push_answer *a)
{
	push_fail(p, a->ruling->class, b->lane->where, a->text,
		  a->ruling->todo != NULL ? a->ruling->todo
					  : "nothing was moved; mend it and run again");
	push_wait(p, b);
}

void push_apply(struct push *p, struct batch *b, const struct http_reply *http)
{
	struct reply reply;
	struct ruling ruling = judge(p, b->part, http, &reply);
	struct push_answer a = {.http = http, .reply = &reply, .ruling = &ruling};
	struct buf text;

	buf_init(&text, (size_t)4 * LIMIT_MESSAGE_BYTES);
	describe(http, &reply, &ruling, &text);
	a.text = buf_str(&text) != NULL ? text.data : ruling.what;
	if (ruling.verdict != VERDICT_RETRY && ruling.verdict != VERDICT_STOP)
		complaint_end(&p->complaint, clock_mono_us(), p->log, "push");
	switch (ruling.verdict) {
	case VERDICT_DELIVERED:
		taken(p, b, &a);
		break;
	case VERDICT_RETRY:
		retry(p, b, &a);
		break;
	case VERDICT_STOP:
		stop(p, b, &a);
		break;
	case VERDICT_SPLIT:
	case VERDICT_ISOLATE:
	case VERDICT_PARTIAL:
		refused(p, b, &a);
		break;
	}
	buf_done(&text);
}
