/* SPDX-License-Identifier: MIT */
/* What of a batch is being sent. */

#include "push/part.h"

#include <stdlib.h>

#include "push/batch.h"
#include "push/gzip.h"
#include "push/named.h"

#define PART_MAX (2 * (size_t)LIMIT_BATCH_BYTES + 65536)
#define CLOSING 2 /* ]} */

struct part *part_create(const struct batch *b)
{
	struct part *pt = calloc(1, sizeof(*pt));

	if (pt == NULL)
		return NULL;
	pt->to = (uint32_t)b->n_rows;
	buf_init(&pt->body, PART_MAX);
	buf_init(&pt->packed, 2 * PART_MAX);
	return pt;
}

void part_destroy(struct part *pt)
{
	if (pt == NULL)
		return;
	buf_done(&pt->body);
	buf_done(&pt->packed);
	named_destroy(pt->named);
	free(pt);
}

int part_is_whole(const struct part *pt, const struct batch *b)
{
	return pt->from == 0 && pt->to == b->n_rows;
}

/* From the first byte of the first row to behind the last one. */
static size_t slice_len(const struct part *pt, const struct batch *b)
{
	const struct batch_row *last = &b->rows[pt->to - 1];

	return last->offset + last->len - b->rows[pt->from].offset;
}

/* What is known to be too large is not tried. */
static void fit(struct part *pt, const struct batch *b, size_t max_bytes)
{
	while (pt->to - pt->from > 1 && b->prefix_len + slice_len(pt, b) + CLOSING > max_bytes) {
		if (!pt->divided) {
			bisect_init(&pt->bisect, (uint32_t)b->n_rows);
			pt->divided = 1;
		}
		(void)bisect_split(&pt->bisect);
		(void)bisect_next(&pt->bisect, &pt->from, &pt->to);
	}
}

static int build(struct part *pt, const struct batch *b, const struct part_rules *rules)
{
	int rc;

	buf_reset(&pt->body);
	rc = rules->replace ? batch_add_envelope(&pt->body, rules->target, 1)
			    : buf_add(&pt->body, b->body.data, b->prefix_len);
	if (rc < 0 ||
	    buf_add(&pt->body, b->body.data + b->rows[pt->from].offset, slice_len(pt, b)) < 0)
		return -1;
	return buf_add_str(&pt->body, "]}");
}

static void use(struct part *pt, const struct buf *bytes, int gzip)
{
	pt->bytes = bytes->data;
	pt->len = bytes->len;
	pt->gzip = gzip;
}

static int choose_bytes(struct part *pt, const struct batch *b, const struct part_rules *rules)
{
	int own = rules->replace || !part_is_whole(pt, b);
	const struct buf *raw = own ? &pt->body : &b->body;

	if (own && build(pt, b, rules) < 0)
		return -1;
	pt->raw_len = raw->len;
	use(pt, raw, 0);
	if (rules->gzip == NULL || pt->plain)
		return 0;
	if (!own && b->packed.len > 0) {
		use(pt, &b->packed, 1);
		return 0;
	}
	if (gzip_pack(rules->gzip, raw->data, raw->len, &pt->packed) < 0)
		return -1;
	use(pt, &pt->packed, 1);
	return 0;
}

int part_prepare(struct part *pt, const struct batch *b, const struct part_rules *rules,
		 struct error *err)
{
	if (pt->ready)
		return 0;
	fit(pt, b, rules->max_bytes);
	if (choose_bytes(pt, b, rules) < 0)
		return error_nomem(err);
	if (random_uuid(pt->request_id) < 0)
		return error_set(err, ERR_INTERNAL, "push: no random numbers from the system");
	pt->attempts = 0;
	pt->first_failure_us = 0;
	pt->ready = 1;
	return 0;
}

int part_next(struct part *pt)
{
	pt->ready = 0;
	pt->not_before_us = 0;
	return pt->divided && bisect_next(&pt->bisect, &pt->from, &pt->to);
}
