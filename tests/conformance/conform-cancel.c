/* SPDX-License-Identifier: MIT */
/* Cancel from another thread, while the source connects or reads. */

#include <errno.h>
#include <pthread.h>
#include <time.h>

#include "base/clock.h"
#include "conform.h"

struct canceller {
	struct source *source;
	int64_t after_ms;
	pthread_mutex_t lock;
	pthread_cond_t wake;
	int over;	      /* the reading has ended by itself */
	int64_t cancelled_us; /* 0: not yet */
};

static void *cancel_later(void *ctx)
{
	struct canceller *k = ctx;
	struct timespec until;
	int rc = 0;

	clock_gettime(CLOCK_MONOTONIC, &until);
	until.tv_nsec += k->after_ms % 1000 * 1000000;
	until.tv_sec += k->after_ms / 1000 + until.tv_nsec / 1000000000;
	until.tv_nsec %= 1000000000;
	pthread_mutex_lock(&k->lock);
	while (!k->over && rc != ETIMEDOUT)
		rc = pthread_cond_timedwait(&k->wake, &k->lock, &until);
	if (!k->over) {
		k->cancelled_us = clock_mono_us();
		source_cancel(k->source);
	}
	pthread_mutex_unlock(&k->lock);
	return NULL;
}

static int read_quietly(struct conform *c, struct error *err)
{
	const struct defsync_row *row;
	int rc;

	if (source_connect(c->source, err) < 0 || source_extract(c->source, &c->request, err) < 0)
		return -1;
	do {
		rc = source_next(c->source, &row, err);
		c->n_rows += rc != -1 && rc != DEFSYNC_END;
	} while (rc != -1 && rc != DEFSYNC_END);
	return rc == -1 ? -1 : 0;
}

static int run(struct conform *c, struct canceller *k, struct error *why, int64_t *ret_us)
{
	pthread_t thread;
	int rc;

	if (pthread_create(&thread, NULL, cancel_later, k) != 0)
		return error_set(why, ERR_INTERNAL, "cannot start a thread");
	rc = read_quietly(c, why);
	*ret_us = clock_mono_us();
	pthread_mutex_lock(&k->lock);
	k->over = 1;
	pthread_cond_signal(&k->wake);
	pthread_mutex_unlock(&k->lock);
	pthread_join(thread, NULL);
	return rc;
}

int action_cancel(struct conform *c, struct error *err)
{
	struct canceller k = {.lock = PTHREAD_MUTEX_INITIALIZER};
	pthread_condattr_t attr;
	struct error why = ERROR_INIT;
	int64_t ended_us = 0;
	int rc;

	if (args_int(c->args, "cancel-after", 0, 3600000, &k.after_ms, err) < 0)
		return -1;
	c->source = source_create(&c->plugin, c->options, "conform", c->log, err);
	c->spy = spy_last();
	if (c->source == NULL)
		return -1;
	k.source = c->source;
	pthread_condattr_init(&attr);
	pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
	pthread_cond_init(&k.wake, &attr);
	rc = run(c, &k, &why, &ended_us);
	if (k.cancelled_us == 0 && rc < 0)
		error_move(err, &why);
	else
		print_line("{\"cancelled\":%s,\"class\":\"%s\",\"latency_ms\":%lld,\"rows\":%llu}",
			   k.cancelled_us > 0 ? "true" : "false", rc < 0 ? spy_class(c->spy) : "",
			   k.cancelled_us > 0 ? (long long)(ended_us - k.cancelled_us) / 1000 : 0,
			   (unsigned long long)c->n_rows);
	rc = k.cancelled_us == 0 && rc < 0 ? -1 : 0;
	error_done(&why);
	pthread_cond_destroy(&k.wake);
	pthread_condattr_destroy(&attr);
	return rc;
}
