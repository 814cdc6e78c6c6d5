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

void push_no_memory(struct push *p, struct batch *b)
{
	push_fail(p, ERR_NOMEM, b->lane->where, "out of memory", "run again");
	push_wait(p, b);
}

/* ---- Taken ---- */

void push_count_taken(struct push *p, struct batch *b, const struct push_answer *a, size_t rows)
{
	struct part *pt = b->part;
	struct lane *lane = b->lane;

	lane->rows_taken += rows;
	b->sent_rows += rows;
	b->sent_bytes += pt->raw_len;
	(void)snprintf(b->api_request_id, sizeof(b->api_request_id), "%s", a->reply->request_id);
	pthread_mutex_lock(&p->lock);
	if (rows > 0)
		lane->replaced = 1;
	lane->totals.bytes += pt->raw_len;
	p->totals.bytes += pt->raw_len;
	pthread_mutex_unlock(&p->lock);
}

/* The part is dealt with, whether all of its rows were taken or not. */
void push_part_done(struct push *p, struct batch *b)
{
	if (b->part->divided)
		bisect_accepted(&b->part->bisect);
	go_on(p, b);
}

void push_part_taken(struct push *p, struct batch *b, const struct push_answer *a)
{
	if (b->part->named != NULL) {
		push_names_fail(p, b);
		return;
	}
	push_count_taken(p, b, a, b->part->to - b->part->from);
	push_part_done(p, b);
}

/* ---- Convicted ---- */

int push_convict(struct push *p, struct batch *b, uint32_t row, enum row_reason reason, int status,
		 const char *text)
{
	struct row_fault fault;
	struct buf said;
	int rc = -1;

	/* The API may repeat the key. */
	buf_init(&said, (size_t)8 * LIMIT_MESSAGE_BYTES);
	if (buf_add_str(&said, text) == 0 && secrets_redact(log_secrets(p->log), &said) == 0) {
		(void)row_fault_set(&fault, reason, "%s", buf_str(&said));
		rc = batch_convict(b, row, &fault, status);
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
int push_too_many(struct push *p, struct batch *b, uint64_t more, const char *text)
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
	if (push_convict(p, b, b->part->from, reason, a->http->status, a->text) < 0)
		push_no_memory(p, b);
	else if (!push_too_many(p, b, 1, a->text))
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
	enum bisect_fate fate;

	if (pt->named != NULL) {
		push_names_hold(p, b);
		return;
	}
	fate = divide_refused(pt, b);
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
