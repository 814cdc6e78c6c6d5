/* SPDX-License-Identifier: MIT */
/* The thread that forwards dead letters to AWS SQS. */

#include "sync/forward.h"

#include <inttypes.h>
#include <pthread.h>
#include <stdlib.h>
#include <time.h>

#include "base/clock.h"
#include "base/failpoint.h"
#include "base/random.h"
#include "push/backoff.h"
#include "push/complaint.h"
#include "push/sqs-message.h"
#include "push/sqs.h"

#define WHERE "dlq"

struct forward {
	struct store *store;
	struct log *log;
	struct sqs *sqs;
	int64_t retry_for_ms;
	pthread_t thread;
	int started;

	/* One lock for all below; never held over I/O or a call into another part. */
	pthread_mutex_t lock;
	pthread_cond_t wake;  /* the thread waits: for letters, or out of a pause */
	pthread_cond_t quiet; /* forward_drain waits */
	int more;	      /* there may be letters in the outbox */
	int idle;	      /* the thread waits for letters */
	int ended;
	int stopping;
	int64_t stop_at_us;
	struct error failure;

	/* The thread's alone. */
	struct sqs_message message;
	struct error unreadable; /* of a letter that was being added */
	struct complaint complaint;
	uint64_t sent;
};

/* ---- Waiting ---- */

/* With the lock held; wakes up at until_us, too. */
static void wait_for(struct forward *f, pthread_cond_t *cond, int64_t until_us)
{
	struct timespec until = {.tv_sec = (time_t)(until_us / 1000000),
				 .tv_nsec = (long)(until_us % 1000000) * 1000};

	(void)pthread_cond_timedwait(cond, &f->lock, &until);
}

/* With the lock held: is the time of the thread up? */
static int is_over(const struct forward *f, int64_t now_us)
{
	return f->stopping && now_us >= f->stop_at_us;
}

/* Until there may be letters: 1; 0 when the thread is to end. */
static int await_letters(struct forward *f)
{
	int found;

	pthread_mutex_lock(&f->lock);
	while (!f->more && !is_over(f, clock_mono_us())) {
		f->idle = 1;
		(void)pthread_cond_broadcast(&f->quiet);
		if (f->stopping)
			wait_for(f, &f->wake, f->stop_at_us);
		else
			(void)pthread_cond_wait(&f->wake, &f->lock);
	}
	found = f->more && !is_over(f, clock_mono_us());
	if (found)
		f->more = f->idle = 0;
	pthread_mutex_unlock(&f->lock);
	return found;
}

/* 0 when it was told to stop, before or meanwhile. */
static int pause_for(struct forward *f, int64_t ms)
{
	int64_t until_us = clock_mono_us() + ms * 1000;
	int go_on;

	pthread_mutex_lock(&f->lock);
	while (!f->stopping && clock_mono_us() < until_us)
		wait_for(f, &f->wake, until_us);
	go_on = !f->stopping;
	pthread_mutex_unlock(&f->lock);
	return go_on;
}

/* ---- One message ---- */

static int take_letter(void *ctx, const struct dead_letter *d)
{
	struct forward *f = ctx;

	return sqs_message_add(&f->message, d, &f->unreadable) != 1;
}

/* The letters at the head of the outbox that make one message: how many, or -1. */
static int64_t read_message(struct forward *f, struct error *err)
{
	sqs_message_reset(&f->message);
	if (store_outbox_each(f->store, LIMIT_SQS_ROWS, take_letter, f, err) < 0)
		return -1;
	if (error_is_set(&f->unreadable)) {
		error_move(err, &f->unreadable);
		return -1;
	}
	if (f->message.n > 0 && sqs_message_end(&f->message, err) < 0)
		return -1;
	return (int64_t)f->message.n;
}

static int send_once(struct forward *f, struct error *err)
{
	const struct sqs_message *m = &f->message;

	return sqs_send(f->sqs, m->body.data, m->body.len, m->target.data, m->ids[0], err);
}

/* How long to wait before the next try, in ms; -1 when the budget is spent. */
static int64_t pause_after(const struct forward *f, unsigned attempts, int64_t first_failure_us)
{
	int64_t pause = backoff_ms(attempts, 0, random_u64());
	int64_t left;

	if (f->retry_for_ms < 0)
		return pause;
	left = f->retry_for_ms - (clock_mono_us() - first_failure_us) / 1000;
	if (left <= 0)
		return -1;
	return pause < left ? pause : left;
}

/* 1 confirmed; 0 told to stop; -1 with err. */
static int send_message(struct forward *f, struct error *err)
{
	struct error why = ERROR_INIT;
	int64_t first_us = 0;

	for (unsigned attempts = 1;; attempts++) {
		unsigned failures;
		int64_t pause;

		if (send_once(f, &why) == 0) {
			complaint_end(&f->complaint, clock_mono_us(), f->log, WHERE);
			return 1;
		}
		if (why.class == ERR_CANCELLED) {
			error_done(&why);
			return 0;
		}
		if (first_us == 0)
			first_us = clock_mono_us();
		pause = why.class == ERR_TEMPORARY ? pause_after(f, attempts, first_us) : -1;
		if (pause < 0) {
			error_move(err, &why);
			return -1;
		}
		failures = complaint_add(&f->complaint, clock_mono_us());
		if (failures > 0)
			log_write(f->log, LOG_WARN, WHERE, "%s; trying again (failure %u)",
				  error_text(&why), failures);
		error_done(&why);
		if (!pause_for(f, pause))
			return 0;
	}
}

/* ---- The thread ---- */

/* All there is: 1; 0 told to stop; -1 with err. */
static int send_all(struct forward *f, struct error *err)
{
	for (;;) {
		int64_t n = read_message(f, err);
		int rc;

		if (n <= 0)
			return n < 0 ? -1 : 1;
		rc = send_message(f, err);
		if (rc <= 0)
			return rc;
		(void)failpoint("after_forward");
		if (store_outbox_done(f->store, f->message.ids, f->message.n, err) < 0)
			return -1;
		f->sent += f->message.n;
		log_write(f->log, LOG_DEBUG, WHERE, "forwarded %zu dead letters, %zu bytes",
			  f->message.n, f->message.body.len);
	}
}

/* What is to be known beside the reason: nothing is lost. */
static void fail(struct forward *f, struct error *err)
{
	enum error_class class = err->class;
	struct error why = ERROR_INIT;
	int64_t left = 0;

	if (class != ERR_STORE && store_outbox_count(f->store, &left, NULL) == 0)
		(void)error_set(&why, class,
				"%s; %" PRId64 " dead letters stay in the store, the next run "
				"forwards them first",
				error_text(err), left);
	else
		error_move(&why, err);
	pthread_mutex_lock(&f->lock);
	error_move(&f->failure, &why);
	pthread_mutex_unlock(&f->lock);
	error_done(&why);
}

static void *forward_main(void *arg)
{
	struct forward *f = arg;
	struct error err = ERROR_INIT;
	int rc = 1;

	while (rc > 0 && await_letters(f))
		rc = send_all(f, &err);
	if (rc < 0)
		fail(f, &err);
	error_done(&err);
	if (f->sent > 0)
		log_write(f->log, LOG_INFO, WHERE, "%" PRIu64 " dead letters forwarded to SQS",
			  f->sent);
	pthread_mutex_lock(&f->lock);
	f->ended = 1;
	(void)pthread_cond_broadcast(&f->quiet);
	pthread_mutex_unlock(&f->lock);
	return NULL;
}

/* ---- The object ---- */

static int init_sync(struct forward *f)
{
	pthread_condattr_t attr;
	int rc;

	if (pthread_condattr_init(&attr) != 0)
		return -1;
	rc = pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
	if (rc != 0 || pthread_mutex_init(&f->lock, NULL) != 0)
		goto fail_attr;
	if (pthread_cond_init(&f->wake, &attr) != 0)
		goto fail_lock;
	if (pthread_cond_init(&f->quiet, &attr) != 0)
		goto fail_wake;
	(void)pthread_condattr_destroy(&attr);
	return 0;
fail_wake:
	(void)pthread_cond_destroy(&f->wake);
fail_lock:
	(void)pthread_mutex_destroy(&f->lock);
fail_attr:
	(void)pthread_condattr_destroy(&attr);
	return -1;
}

struct forward *forward_create(struct store *store, const struct config *config, struct log *log,
			       struct error *err)
{
	const struct sqs_config sqs = {
	    .url = config->sqs_url,
	    .endpoint = config->sqs_endpoint,
	    .region = config->sqs_region,
	    .proxy = config->api.proxy,
	    .allow_http = config->api.allow_http,
	    .connect_timeout_ms = config->push.connect_timeout_ms,
	    .timeout_ms = config->push.timeout_ms,
	    .secrets = log_secrets(log),
	};
	struct forward *f = calloc(1, sizeof(*f));

	if (f == NULL || init_sync(f) < 0) {
		free(f);
		(void)error_nomem(err);
		return NULL;
	}
	f->store = store;
	f->log = log;
	f->retry_for_ms = config->push.retry_for_ms;
	f->more = 1;
	sqs_message_init(&f->message);
	f->sqs = sqs_create(&sqs, err);
	if (f->sqs == NULL) {
		forward_destroy(f);
		return NULL;
	}
	return f;
}

int forward_start(struct forward *f, struct error *err)
{
	int rc = pthread_create(&f->thread, NULL, forward_main, f);

	if (rc != 0)
		return error_set_errno(err, ERR_INTERNAL, rc, "dlq: cannot start a thread");
	f->started = 1;
	return 0;
}

void forward_destroy(struct forward *f)
{
	if (f == NULL)
		return;
	if (f->started) {
		pthread_mutex_lock(&f->lock);
		f->stopping = 1;
		f->stop_at_us = 0;
		(void)pthread_cond_broadcast(&f->wake);
		pthread_mutex_unlock(&f->lock);
		sqs_cut(f->sqs);
		(void)pthread_join(f->thread, NULL);
	}
	sqs_destroy(f->sqs);
	sqs_message_done(&f->message);
	error_done(&f->unreadable);
	error_done(&f->failure);
	(void)pthread_cond_destroy(&f->quiet);
	(void)pthread_cond_destroy(&f->wake);
	(void)pthread_mutex_destroy(&f->lock);
	free(f);
}

/* ---- From other threads ---- */

void forward_signal(struct forward *f)
{
	pthread_mutex_lock(&f->lock);
	f->more = 1;
	f->idle = 0;
	(void)pthread_cond_broadcast(&f->wake);
	pthread_mutex_unlock(&f->lock);
}

void forward_stop(struct forward *f, int64_t grace_ms)
{
	pthread_mutex_lock(&f->lock);
	if (!f->stopping) {
		f->stopping = 1;
		f->stop_at_us = clock_mono_us() + grace_ms * 1000;
	}
	(void)pthread_cond_broadcast(&f->wake);
	pthread_mutex_unlock(&f->lock);
}

int forward_drain(struct forward *f, int64_t timeout_ms)
{
	int64_t until_us = clock_mono_us() + timeout_ms * 1000;
	int done;

	pthread_mutex_lock(&f->lock);
	for (;;) {
		int64_t now = clock_mono_us();

		done = f->ended || (f->idle && !f->more) || is_over(f, now);
		if (done || now >= until_us)
			break;
		wait_for(f, &f->quiet,
			 f->stopping && f->stop_at_us < until_us ? f->stop_at_us : until_us);
	}
	pthread_mutex_unlock(&f->lock);
	return done;
}

int forward_failure(struct forward *f, struct error *err)
{
	int failed;

	pthread_mutex_lock(&f->lock);
	failed = error_is_set(&f->failure);
	if (failed)
		(void)error_copy(err, &f->failure);
	pthread_mutex_unlock(&f->lock);
	return failed;
}
