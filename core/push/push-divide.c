/* SPDX-License-Identifier: MIT */
/*
 * Batches that are not taken as a whole: halves of what is too large, the search
 * for the rows that the API refuses, and the point at which that is no more a
 * matter of single rows.
 */

#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/secrets.h"
#include "push/push-internal.h"
#include "push/reply-rows.h"

/* Before a row is convicted it is sent once more, after this. */
#define CONFIRM_PAUSE_US 100000

/* ---- The next part ---- */

static void go_on(struct push *p, struct batch *b)
{
	if (part_next(b->part)) {
		push_wait(p, b);
		return;
	}
	push_finish(p, b, BATCH_DELIVERED);
}

static void no_memory(struct push *p, struct batch *b)
{
	push_fail(p, ERR_NOMEM, b->lane->where, "out of memory", "run again");
	push_wait(p, b);
}

/* ---- Taken ---- */

static void count_taken(struct push *p, struct batch *b, const struct push_answer *a, size_t rows)
{
	struct part *pt = b->part;
	struct lane *lane = b->lane;

	lane->rows_taken += rows;
	b->sent_rows += rows;
	b->sent_bytes += pt->raw_len;
	(void)snprintf(b->api_request_id, sizeof(b->api_request_id), "%s", a->reply->request_id);
	pthread_mutex_lock(&p->lock);
	lane->replaced = 1;
	lane->totals.bytes += pt->raw_len;
	p->totals.bytes += pt->raw_len;
	pthread_mutex_unlock(&p->lock);
}

/* The part is dealt with, whether all of its rows were taken or not. */
static void part_done(struct push *p, struct batch *b)
{
	if (b->part->divided)
		bisect_accepted(&b->part->bisect);
	go_on(p, b);
}

void push_part_taken(struct push *p, struct batch *b, const struct push_answer *a)
{
	count_taken(p, b, a, b->part->to - b->part->from);
	part_done(p, b);
}

/* ---- Convicted ---- */

static int convict(struct push *p, struct batch *b, uint32_t row, enum row_reason reason,
		   const struct push_answer *a, const char *text)
{
	struct row_fault fault;
	struct buf said;
	int rc = -1;

	/* The API may repeat the key. */
	buf_init(&said, (size_t)8 * LIMIT_MESSAGE_BYTES);
	if (buf_add_str(&said, text) == 0 && secrets_redact(log_secrets(p->log), &said) == 0) {
		(void)row_fault_set(&fault, reason, "%s", buf_str(&said));
		rc = batch_convict(b, row, &fault, a->http->status);
	}
	buf_done(&said);
	if (rc < 0)
		return -1;
	log_write(p->log, LOG_DEBUG, b->lane->where, "row %u of the batch is refused: %s", row,
		  text);
	return 0;
}

/* The largest number of rejected rows at which the lane still goes on, plus one. */
static uint64_t rejected_limit(const struct push *p, const struct lane *lane)
{
	uint64_t seen = lane->rows_taken + lane->rows_rejected;
	uint64_t share = seen / 100 * (uint64_t)p->settings.max_rejected_percent +
			 seen % 100 * (uint64_t)p->settings.max_rejected_percent / 100;
	uint64_t rows = (uint64_t)p->settings.max_rejected_rows;

	return share > rows ? share : rows;
}

/* The API refuses too much: that is not a matter of rows.  1 when the lane stopped. */
static int too_many(struct push *p, struct batch *b, uint64_t more, const char *text)
{
	struct lane *lane = b->lane;
	char what[2 * LIMIT_MESSAGE_BYTES];

	lane->rows_rejected += more;
	if (lane->rows_rejected < rejected_limit(p, lane))
		return 0;
	if (lane->rows_taken == 0)
		(void)snprintf(what, sizeof(what), "the API refused every row so far (%llu): %s",
			       (unsigned long long)lane->rows_rejected, text);
	else
		(void)snprintf(what, sizeof(what),
			       "the API refused %llu of %llu rows, the last one: %s",
			       (unsigned long long)lane->rows_rejected,
			       (unsigned long long)(lane->rows_taken + lane->rows_rejected), text);
	push_fail_lane(p, lane, what,
		       "mend what it says, or raise push.max_rejected; the rows of this batch "
		       "are read again by the next run");
	push_wait(p, b);
	return 1;
}

static void convict_current(struct push *p, struct batch *b, enum row_reason reason,
			    const struct push_answer *a)
{
	if (convict(p, b, b->part->from, reason, a, a->text) < 0)
		no_memory(p, b);
	else if (!too_many(p, b, 1, a->text))
		go_on(p, b);
}

/* ---- Too large ---- */

void push_part_too_large(struct push *p, struct batch *b, const struct push_answer *a)
{
	struct part *pt = b->part;

	/* Words of a message may be of something else than bytes. */
	if (pt->to - pt->from > 1 && a->http->status == 413) {
		pthread_mutex_lock(&p->lock);
		learn_refused(&p->learned, pt->raw_len);
		pthread_mutex_unlock(&p->lock);
	}
	if (!pt->divided) {
		bisect_init(&pt->bisect, (uint32_t)b->n_rows);
		pt->divided = 1;
	}
	if (bisect_split(&pt->bisect) == BISECT_CONVICTED)
		convict_current(p, b, ROW_TOO_LARGE, a);
	else
		go_on(p, b);
}

/* ---- Refused ---- */

static enum bisect_fate divide_refused(struct part *pt, const struct batch *b)
{
	if (pt->divided)
		return bisect_refused(&pt->bisect);
	pt->divided = 1;
	bisect_init_refused(&pt->bisect, (uint32_t)b->n_rows);
	return b->n_rows > 1 ? BISECT_GO_ON : BISECT_CONFIRM;
}

/* Batches are refused whose rows are taken one by one: not a matter of rows either. */
static void contradiction(struct push *p, struct batch *b, const struct push_answer *a)
{
	char what[2 * LIMIT_MESSAGE_BYTES];

	(void)snprintf(what, sizeof(what),
		       "the API refuses batches, but not single rows of them (%u requests for "
		       "%zu rows): %s",
		       b->part->bisect.requests, b->n_rows, a->text);
	push_fail_lane(p, b->lane, what, "mend what it says, or lower push.batch_rows");
	push_wait(p, b);
}

void push_part_refused(struct push *p, struct batch *b, const struct push_answer *a)
{
	struct part *pt = b->part;
	enum bisect_fate fate = divide_refused(pt, b);

	if (fate == BISECT_CONVICTED) {
		convict_current(p, b, ROW_REJECTED, a);
	} else if (bisect_over_budget(&pt->bisect)) {
		contradiction(p, b, a);
	} else if (fate == BISECT_CONFIRM) {
		/* The same bytes: the range did not change. */
		pt->attempts = 0;
		pt->first_failure_us = 0;
		pt->not_before_us = clock_mono_us() + CONFIRM_PAUSE_US;
		push_wait(p, b);
	} else {
		go_on(p, b);
	}
}

/* ---- Taken in part ---- */

/* The reply says which rows: these are convicted, the others were taken. */
static void reject_named(struct push *p, struct batch *b, const struct push_answer *a,
			 const struct reply_rows *rows)
{
	for (size_t i = 0; i < rows->n; i++) {
		const struct reply_row *row = &rows->rows[i];

		if (convict(p, b, b->part->from + row->index, ROW_REJECTED, a,
			    row->message[0] != '\0' ? row->message : a->text) < 0) {
			no_memory(p, b);
			return;
		}
	}
	count_taken(p, b, a, b->part->to - b->part->from - rows->n);
	if (!too_many(p, b, rows->n, a->text))
		part_done(p, b);
}

/* Append: sending again would double the rows that were taken, so all are kept. */
static void record_all(struct push *p, struct batch *b, const struct push_answer *a)
{
	char text[2 * LIMIT_MESSAGE_BYTES];
	uint32_t n = b->part->to - b->part->from;
	uint64_t rejected = (uint64_t)a->reply->rejected_rows;

	(void)snprintf(text, sizeof(text),
		       "%llu of the %u rows of this batch were rejected, the others are delivered; "
		       "which is not known: %s",
		       (unsigned long long)rejected, n, a->text);
	for (uint32_t i = b->part->from; i < b->part->to; i++) {
		if (convict(p, b, i, ROW_PARTIAL, a, text) < 0) {
			no_memory(p, b);
			return;
		}
	}
	count_taken(p, b, a, n - rejected);
	if (!too_many(p, b, rejected, text))
		part_done(p, b);
}

void push_part_rejected(struct push *p, struct batch *b, const struct push_answer *a)
{
	struct part *pt = b->part;
	uint32_t n = pt->to - pt->from;
	struct reply_rows rows;

	if (n == 1) {
		push_part_refused(p, b, a);
		return;
	}
	if (reply_rows_read(a->http->body.data, a->http->body.len, n, &rows) < 0) {
		no_memory(p, b);
		return;
	}
	if (rows.n == (uint64_t)a->reply->rejected_rows)
		reject_named(p, b, a, &rows);
	else if (b->lane->target->merge || a->reply->rejected_rows == (int64_t)n)
		push_part_refused(p, b, a);
	else
		record_all(p, b, a);
	reply_rows_done(&rows);
}
