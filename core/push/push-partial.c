/* SPDX-License-Identifier: MIT */
/*
 * Batches of which the API took a part.  What it rejected is found by sending again
 * where that does no harm (merge); else by its names, once they are proven; else all
 * rows are recorded.
 */

#include <stdio.h>

#include "push/named.h"
#include "push/push-internal.h"

/* Of all rows of a batch: the text is kept with each. */
#define TEXT_MAX 256

/* Append: sending again would double the rows that were taken, so all are kept. */
static void record_all(struct push *p, struct batch *b, int status, uint64_t rejected,
		       const char *said)
{
	char text[TEXT_MAX];
	uint32_t n = b->part->to - b->part->from;

	(void)snprintf(text, sizeof(text),
		       "%llu of the %u rows of this batch were rejected, the others are delivered; "
		       "which is not known: %s",
		       (unsigned long long)rejected, n, said);
	for (uint32_t i = b->part->from; i < b->part->to; i++) {
		if (push_convict(p, b, i, ROW_PARTIAL, status, text) < 0) {
			push_no_memory(p, b);
			return;
		}
	}
	if (!push_too_many(p, b, rejected, text))
		push_part_done(p, b);
}

/* ---- Names ---- */

/* The range is that of the reply again. */
static struct named *take_named(struct part *pt)
{
	struct named *named = pt->named;

	pt->named = NULL;
	pt->from = named->from;
	pt->to = named->to;
	return named;
}

void push_names_hold(struct push *p, struct batch *b)
{
	struct named *named = take_named(b->part);
	int rc = 0;

	for (size_t i = 0; rc == 0 && i < named->rows.n; i++) {
		const struct reply_row *row = &named->rows.rows[i];

		rc = push_convict(p, b, named->from + row->index, ROW_REJECTED, named->status,
				  row->message[0] != '\0' ? row->message : named->text);
	}
	if (rc < 0)
		push_no_memory(p, b);
	else if (!push_too_many(p, b, named->rows.n, named->text))
		push_part_done(p, b);
	named_destroy(named);
}

void push_names_fail(struct push *p, struct batch *b)
{
	struct named *named = take_named(b->part);

	log_write(p->log, LOG_WARN, b->lane->where,
		  "the API names rows that it rejects, but takes one of them: how it counts is not "
		  "known");
	record_all(p, b, named->status, named->rows.n, named->text);
	named_destroy(named);
}

/* The last named row goes once more, alone. */
static void prove_names(struct push *p, struct batch *b, const struct push_answer *a,
			struct reply_rows *rows)
{
	struct part *pt = b->part;
	uint32_t last = rows->rows[rows->n - 1].index;
	struct named *named = named_create(rows, a->text);

	if (named == NULL) {
		push_no_memory(p, b);
		return;
	}
	named->from = pt->from;
	named->to = pt->to;
	named->status = a->http->status;
	pt->named = named;
	pt->from += last;
	pt->to = pt->from + 1;
	pt->ready = 0;
	pt->not_before_us = 0;
	push_wait(p, b);
}

/* ---- The answer ---- */

void push_part_rejected(struct push *p, struct batch *b, const struct push_answer *a)
{
	uint32_t n = b->part->to - b->part->from;
	uint64_t rejected = (uint64_t)a->reply->rejected_rows;
	struct reply_rows rows;

	/* Nothing was taken, or what was may be taken again. */
	if (rejected == n || b->lane->target->merge) {
		push_part_refused(p, b, a);
		return;
	}
	if (reply_rows_read(a->http->body.data, a->http->body.len, n, &rows) < 0) {
		push_no_memory(p, b);
		return;
	}
	push_count_taken(p, b, a, n - rejected);
	if (rows.n == rejected)
		prove_names(p, b, a, &rows);
	else
		record_all(p, b, a->http->status, rejected, a->text);
	reply_rows_done(&rows);
}
