/* SPDX-License-Identifier: MIT */
/* Takes a batch in: checked, landed, and in the ledger. */

#define _GNU_SOURCE

#include "intake.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/time.h>
#include <time.h>

/* A reply names no more refused rows than that. */
#define ERRORS_MAX 100

/* The batch being taken in. */
struct taking {
	struct intake *in;
	const struct stream_request *request;
	const struct action *action;
	json_t *seen; /* merge keys */
	unsigned char *refused;
	struct taken taken;
	struct refusal *refusal;
};

void intake_init(struct intake *in, struct landing *landing, struct ledger *ledger)
{
	int64_t landed = landing ? landing_last_seq(landing) : 0;
	int64_t noted = ledger ? ledger_last_seq(ledger) : 0;

	pthread_mutex_init(&in->lock, NULL);
	in->landing = landing;
	in->ledger = ledger;
	in->seq = landed > noted ? landed : noted;
}

void intake_done(struct intake *in)
{
	landing_close(in->landing);
	ledger_close(in->ledger);
	pthread_mutex_destroy(&in->lock);
}

void taken_done(struct taken *taken)
{
	json_decref(taken->errors);
	taken->errors = NULL;
}

static void note_refused(struct taking *t, size_t index, const char *reason)
{
	json_t *text;

	t->refused[index] = 1;
	if (json_array_size(t->taken.errors) >= ERRORS_MAX)
		return;
	text = json_sprintf("row %zu: %s", index, reason ? reason : "refused");
	if (text)
		json_array_append_new(t->taken.errors, text);
}

static int scenario_rejects(const struct action *a, size_t index, struct slice text)
{
	size_t i;
	const json_t *value;

	if (!a)
		return 0;
	if (a->reject_holding &&
	    memmem(text.at, text.len, a->reject_holding, strlen(a->reject_holding)))
		return 1;
	json_array_foreach((json_t *)a->reject_rows, i, value)
	{
		if ((json_int_t)index == json_integer_value(value))
			return 1;
	}
	return 0;
}

static int database_failed(struct taking *t)
{
	return refuse(t->refusal, 500, NULL, "the receiver's database: %s",
		      landing_error(t->in->landing));
}

static int land(struct taking *t, const json_t *row, size_t index)
{
	char *reason = NULL;
	int rc = 1;

	if (t->in->landing)
		rc = landing_put(t->in->landing, row, t->request->rows[index].text, &reason);
	if (rc == 0)
		note_refused(t, index, reason);
	free(reason);
	t->taken.rows += rc == 1;
	return rc < 0 ? database_failed(t) : 0;
}

static int take_row(struct taking *t, size_t index)
{
	json_t *row = row_check(t->request, index, &t->in->contract, t->seen, t->refusal);
	int rc = 0;

	if (!row)
		return -1;
	if (scenario_rejects(t->action, index, t->request->rows[index].text))
		note_refused(t, index, "refused by the scenario");
	else
		rc = land(t, row, index);
	json_decref(row);
	return rc;
}

static int take_rows(struct taking *t)
{
	t->taken.sent = t->request->n_rows;
	if (t->in->discard) {
		t->taken.rows = t->request->n_rows;
		return 0;
	}
	if (t->in->landing && landing_begin(t->in->landing, t->request, t->in->seq + 1) < 0)
		return database_failed(t);
	for (size_t i = 0; i < t->request->n_rows; i++)
		if (take_row(t, i) < 0)
			return -1;
	return 0;
}

static void print_time(char *out, size_t size)
{
	struct timeval now;
	struct tm tm;
	size_t n;

	gettimeofday(&now, NULL);
	gmtime_r(&now.tv_sec, &tm);
	n = strftime(out, size, "%Y-%m-%dT%H:%M:%S", &tm);
	snprintf(out + n, size - n, ".%06dZ", (int)now.tv_usec);
}

/* Commits and writes the ledger.  A ledger in doubt ends the server. */
static int keep(struct taking *t, struct slice body, const char *request_id)
{
	struct intake *in = t->in;
	char at[40];

	print_time(at, sizeof(at));
	if (in->landing && !in->discard) {
		const struct landed_batch landed = {
		    .request_id = request_id,
		    .at = at,
		    .rows = t->taken.rows,
		    .rejected = t->taken.sent - t->taken.rows,
		    .bytes = body.len,
		};

		if (landing_commit(in->landing, &landed) < 0)
			return database_failed(t);
	}
	in->seq++;
	if (in->ledger) {
		const struct ledger_batch noted = {
		    .seq = in->seq,
		    .request_id = request_id,
		    .at = at,
		    .request = t->request,
		    .refused = t->refused,
		    .rows = t->taken.rows,
		    .body = body,
		};

		if (ledger_append(in->ledger, &noted) < 0) {
			refuse(t->refusal, 500, NULL, "the ledger: %s", strerror(errno));
			return -2;
		}
	}
	in->batches++;
	in->rows += t->taken.rows;
	in->bytes += body.len;
	t->taken.seq = in->seq;
	return 0;
}

int intake_take(struct intake *in, const struct stream_request *request, struct slice body,
		const char *request_id, const struct action *action, struct taken *ret_taken,
		struct refusal *ret_refusal)
{
	struct taking t = {
	    .in = in,
	    .request = request,
	    .action = action,
	    .seen = json_object(),
	    .refused = calloc(request->n_rows, 1),
	    .taken = {.errors = json_array()},
	    .refusal = ret_refusal,
	};
	int rc;

	pthread_mutex_lock(&in->lock);
	if (!t.seen || !t.refused || !t.taken.errors)
		rc = refuse(ret_refusal, 503, NULL, "out of memory");
	else
		rc = take_rows(&t);
	if (rc == 0 && t.taken.rows > 0)
		rc = keep(&t, body, request_id);
	if ((rc < 0 || t.taken.rows == 0) && in->landing)
		landing_rollback(in->landing);
	pthread_mutex_unlock(&in->lock);
	json_decref(t.seen);
	free(t.refused);
	if (rc == 0)
		*ret_taken = t.taken;
	else
		taken_done(&t.taken);
	return rc;
}
