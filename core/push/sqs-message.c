/* SPDX-License-Identifier: MIT */
/* Dead letters as the body of a message. */

#define _GNU_SOURCE /* memmem */
#include "push/sqs-message.h"

#include <inttypes.h>
#include <string.h>

#include "base/limits.h"
#include "row/encoder.h"
#include "row/json-check.h"

/* A longer row does not fit, whatever it becomes. */
#define SCRATCH_MAX ((size_t)6 * LIMIT_SQS_BYTES + 4096)

void sqs_message_init(struct sqs_message *m)
{
	m->n = 0;
	buf_init(&m->body, LIMIT_SQS_BYTES + 1);
	buf_init(&m->tail, (size_t)16 * LIMIT_MESSAGE_BYTES);
	buf_init(&m->row, SCRATCH_MAX);
	buf_init(&m->target, LIMIT_SQS_BYTES);
}

void sqs_message_done(struct sqs_message *m)
{
	buf_done(&m->body);
	buf_done(&m->tail);
	buf_done(&m->row);
	buf_done(&m->target);
}

void sqs_message_reset(struct sqs_message *m)
{
	m->n = 0;
	buf_reset(&m->body);
	buf_reset(&m->tail);
	buf_reset(&m->row);
	buf_reset(&m->target);
}

/* ---- Pieces of JSON ---- */

/*
 * In JSON only U+FFFE and U+FFFF are left of what SQS refuses: control characters
 * are escaped, surrogates are not UTF-8.  They stand in strings.
 */
static int add_json(struct buf *out, const char *p, size_t n)
{
	while (n > 0) {
		const char *at = memmem(p, n, "\xef\xbf", 2);
		size_t before;

		if (at == NULL || n - (size_t)(at - p) < 3)
			return buf_add(out, p, n);
		before = (size_t)(at - p);
		if ((unsigned char)at[2] < 0xbe) { /* any other one that begins so */
			if (buf_add(out, p, before + 3) < 0)
				return -1;
		} else if (buf_add(out, p, before) < 0 ||
			   buf_add_str(out, (unsigned char)at[2] == 0xbe ? "\\ufffe" : "\\uffff") <
			       0) {
			return -1;
		}
		p += before + 3;
		n -= before + 3;
	}
	return 0;
}

/* As a string; `scratch` is used. */
static int add_text(struct buf *out, struct buf *scratch, const char *p, size_t n)
{
	size_t start = scratch->len;
	int rc = -1;

	if (json_add_string(scratch, p, n) == 0)
		rc = add_json(out, scratch->data + start, scratch->len - start);
	scratch->len = start;
	return rc;
}

static int is_json(const char *p, size_t n)
{
	int depth = json_check(p, n, JSON_CHECK_DEPTH);

	return depth >= 0 && depth <= JSON_CHECK_DEPTH;
}

/* The row as it will stand in the message; longer than the message when it is too large. */
static int write_row(struct buf *row, const struct dead_letter *d)
{
	struct buf text;
	int rc;

	buf_reset(row);
	if (d->payload_len > LIMIT_SQS_BYTES)
		return buf_add(row, d->payload, LIMIT_SQS_BYTES + 1);
	if (is_json(d->payload, d->payload_len))
		return add_json(row, d->payload, d->payload_len);
	buf_init(&text, SCRATCH_MAX);
	rc = add_text(row, &text, d->payload, d->payload_len);
	buf_done(&text);
	return rc;
}

static int write_placeholder(struct buf *row, const struct dead_letter *d)
{
	buf_reset(row);
	return buf_printf(
	    row,
	    "\"row of %zu bytes is too large for SQS; it is in the store: defsync dlq "
	    "show %" PRId64 "\"",
	    d->payload_len, d->id);
}

/* ---- The message ---- */

static int write_tail(struct buf *tail, struct buf *scratch, const char *error)
{
	buf_reset(tail);
	buf_reset(scratch);
	return buf_add_str(tail, "],\"error\":") < 0 ||
		       add_text(tail, scratch, error, strlen(error)) < 0 ||
		       buf_add_char(tail, '}') < 0
		   ? -1
		   : 0;
}

static int begin(struct sqs_message *m, const char *target, const char *error)
{
	buf_reset(&m->body);
	buf_reset(&m->row);
	buf_reset(&m->target);
	return buf_add_str(&m->target, target) < 0 || buf_str(&m->target) == NULL ||
		       buf_add_str(&m->body, "{\"table\":") < 0 ||
		       add_text(&m->body, &m->row, target, strlen(target)) < 0 ||
		       buf_add_str(&m->body, ",\"rows\":[") < 0 ||
		       write_tail(&m->tail, &m->row, error) < 0
		   ? -1
		   : 0;
}

static const char *error_of(const struct dead_letter *d)
{
	return d->message != NULL && d->message[0] != '\0' ? d->message : d->reason;
}

/* Does it belong with those that are in it?  `tail_of` is scratch. */
static int is_same(struct sqs_message *m, const struct dead_letter *d, struct buf *tail_of)
{
	if (m->target.len != strlen(d->target) ||
	    memcmp(m->target.data, d->target, m->target.len) != 0)
		return 0;
	if (write_tail(tail_of, &m->row, error_of(d)) < 0)
		return -1;
	return tail_of->len == m->tail.len && memcmp(tail_of->data, m->tail.data, m->tail.len) == 0;
}

static int fits(const struct sqs_message *m)
{
	return m->body.len + (m->n > 0) + m->row.len + m->tail.len <= LIMIT_SQS_BYTES;
}

static int add(struct sqs_message *m, const struct dead_letter *d)
{
	if (m->n == 0 && begin(m, d->target, error_of(d)) < 0)
		return -1;
	if (write_row(&m->row, d) < 0)
		return -1;
	if (!fits(m) && m->n > 0)
		return 0;
	if (!fits(m) && write_placeholder(&m->row, d) < 0)
		return -1;
	if ((m->n > 0 && buf_add_char(&m->body, ',') < 0) ||
	    buf_add(&m->body, m->row.data, m->row.len) < 0)
		return -1;
	m->ids[m->n++] = d->id;
	return 1;
}

int sqs_message_add(struct sqs_message *m, const struct dead_letter *d, struct error *err)
{
	struct buf tail;
	int rc = 1;

	if (m->n == LIMIT_SQS_ROWS)
		return 0;
	if (m->n > 0) {
		buf_init(&tail, (size_t)16 * LIMIT_MESSAGE_BYTES);
		rc = is_same(m, d, &tail);
		buf_done(&tail);
	}
	if (rc > 0)
		rc = add(m, d);
	return rc < 0 ? error_nomem(err) : rc;
}

int sqs_message_end(struct sqs_message *m, struct error *err)
{
	return buf_add(&m->body, m->tail.data, m->tail.len) < 0 ? error_nomem(err) : 0;
}
