/* SPDX-License-Identifier: MIT */
/* The services of the host for one plugin instance. */

#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/clock.h"
#include "base/limits.h"
#include "plugin/facts.h"
#include "plugin/host.h"
#include "row/utf8.h"

#define WAIT_MAX_MS (INT64_C(24) * 3600 * 1000)

struct host {
	struct defsync_host services;
	struct log *log;
	char *where;
	const struct option_table *tables[2];
	struct host_about about;
	atomic_int cancelled;

	/* Protects what follows: a plugin may call from threads of its own. */
	pthread_mutex_t lock;
	pthread_cond_t wake; /* signalled when `cancelled` is set */
	struct facts facts;
	char *undeclared;
	struct {
		int set;
		int64_t vendor_code;
		char sqlstate[6];
		char *text; /* NULL: none given, or no memory */
	} failure;
};

/* ---- Messages and failures ----------------------------------------------------- */

static enum log_level level_of(uint32_t level)
{
	if (level < DEFSYNC_LOG_ERROR)
		return LOG_ERROR;
	return level > DEFSYNC_LOG_DEBUG ? LOG_DEBUG : (enum log_level)level;
}

/* The part of a text that is kept: not beyond the limit, no half character. */
static int bounded(const char *text)
{
	size_t n = strnlen(text, LIMIT_MESSAGE_BYTES);

	if (n == LIMIT_MESSAGE_BYTES && text[n] != '\0') {
		size_t valid = utf8_valid_prefix(text, n);

		/* A text that is not UTF-8 at all is cut where it is. */
		if (n - valid < 4)
			n = valid;
	}
	return (int)n;
}

static void service_log(void *ctx, uint32_t level, const char *text)
{
	struct host *h = ctx;

	if (!text)
		return;
	log_write(h->log, level_of(level), h->where, "%.*s", bounded(text), text);
}

static int32_t service_log_enabled(void *ctx, uint32_t level)
{
	struct host *h = ctx;

	return log_enabled(h->log, level_of(level));
}

static void service_fail(void *ctx, int32_t error_class, int64_t vendor_code, const char *sqlstate,
			 const char *text)
{
	struct host *h = ctx;

	/* The class that the callback returns is the one that counts. */
	(void)error_class;
	pthread_mutex_lock(&h->lock);
	if (!h->failure.set) {
		h->failure.set = 1;
		h->failure.vendor_code = vendor_code;
		if (sqlstate)
			memcpy(h->failure.sqlstate, sqlstate, strnlen(sqlstate, 5));
		if (text && text[0] != '\0')
			h->failure.text = strndup(text, (size_t)bounded(text));
	}
	pthread_mutex_unlock(&h->lock);
}

static void service_secret(void *ctx, const char *ptr, size_t len)
{
	struct host *h = ctx;

	if (ptr && secrets_add(log_secrets(h->log), ptr, len) < 0)
		log_write(h->log, LOG_WARN, h->where,
			  "no room for another secret; it may appear in messages");
}

/* ---- Time and cancelling ---------------------------------------------------------- */

static int32_t service_cancelled(void *ctx)
{
	struct host *h = ctx;

	return atomic_load(&h->cancelled);
}

static struct timespec deadline_after(int64_t ms)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	t.tv_sec += (time_t)(ms / 1000);
	t.tv_nsec += (long)(ms % 1000) * 1000000;
	if (t.tv_nsec >= 1000000000) {
		t.tv_sec++;
		t.tv_nsec -= 1000000000;
	}
	return t;
}

static int32_t service_wait(void *ctx, int64_t ms)
{
	struct host *h = ctx;
	struct timespec deadline = deadline_after(ms < 0 ? 0 : ms > WAIT_MAX_MS ? WAIT_MAX_MS : ms);
	int rc = 0;

	pthread_mutex_lock(&h->lock);
	while (!atomic_load(&h->cancelled) && rc == 0)
		rc = pthread_cond_timedwait(&h->wake, &h->lock, &deadline);
	pthread_mutex_unlock(&h->lock);
	return atomic_load(&h->cancelled) ? DEFSYNC_E_CANCELLED : DEFSYNC_OK;
}

static int64_t service_now_mono_us(void *ctx)
{
	(void)ctx;
	return clock_mono_us();
}

static int64_t service_now_wall_us(void *ctx)
{
	(void)ctx;
	return clock_wall_us();
}

/* ---- Options ------------------------------------------------------------------------- */

static int is_declared(const struct host *h, const char *name)
{
	if (!h->tables[0] && !h->tables[1])
		return 1;
	for (size_t i = 0; i < 2; i++) {
		if (h->tables[i] && option_find(h->tables[i], name))
			return 1;
	}
	return 0;
}

/* May the set be asked for this name?  Remembers the first bug. */
static int may_ask(struct host *h, const struct defsync_options *options, const char *name)
{
	if (name && is_declared(h, name))
		return options != NULL;
	pthread_mutex_lock(&h->lock);
	if (!h->undeclared)
		h->undeclared = strndup(name ? name : "(null)", LIMIT_NAME_BYTES);
	pthread_mutex_unlock(&h->lock);
	return 0;
}

static int32_t service_option_is_set(void *ctx, const struct defsync_options *options,
				     const char *name)
{
	return may_ask(ctx, options, name) ? options_is_set(options, name) : 0;
}

static const char *service_option_string(void *ctx, const struct defsync_options *options,
					 const char *name)
{
	return may_ask(ctx, options, name) ? options_string(options, name) : NULL;
}

static int64_t service_option_int(void *ctx, const struct defsync_options *options,
				  const char *name)
{
	return may_ask(ctx, options, name) ? options_int(options, name) : 0;
}

static double service_option_double(void *ctx, const struct defsync_options *options,
				    const char *name)
{
	return may_ask(ctx, options, name) ? options_double(options, name) : 0;
}

static uint32_t service_option_count(void *ctx, const struct defsync_options *options,
				     const char *name)
{
	return may_ask(ctx, options, name) ? options_count(options, name) : 0;
}

static const char *service_option_item(void *ctx, const struct defsync_options *options,
				       const char *name, uint32_t i)
{
	if (!may_ask(ctx, options, name) || i >= options_count(options, name))
		return NULL;
	return options_item(options, name, i);
}

/* ---- Facts and counters ---------------------------------------------------------------- */

static void service_report(void *ctx, const char *name, const char *value)
{
	struct host *h = ctx;

	if (!name || !value)
		return;
	pthread_mutex_lock(&h->lock);
	facts_set(&h->facts, name, value, (size_t)bounded(value));
	pthread_mutex_unlock(&h->lock);
}

static void service_count(void *ctx, const char *name, uint64_t n)
{
	struct host *h = ctx;

	if (!name)
		return;
	pthread_mutex_lock(&h->lock);
	facts_count(&h->facts, name, n);
	pthread_mutex_unlock(&h->lock);
}

/* ---- What is synced ---------------------------------------------------------------------- */

static const char *service_about(void *ctx, const char *name)
{
	const struct host *h = ctx;
	const struct {
		const char *name, *text;
	} known[] = {
	    {DEFSYNC_ABOUT_SOURCE, h->about.source},  {DEFSYNC_ABOUT_TABLE, h->about.table},
	    {DEFSYNC_ABOUT_TARGET, h->about.target},  {DEFSYNC_ABOUT_RUN_ID, h->about.run_id},
	    {DEFSYNC_ABOUT_VERSION, DEFSYNC_VERSION},
	};

	for (size_t i = 0; name && i < sizeof(known) / sizeof(known[0]); i++) {
		if (strcmp(known[i].name, name) == 0)
			return known[i].text;
	}
	return NULL;
}

/* ---- The object ---------------------------------------------------------------------------- */

static const struct defsync_host service_table = {
    .struct_size = sizeof(struct defsync_host),
    .abi_minor = DEFSYNC_ABI_MINOR,
    .log = service_log,
    .log_enabled = service_log_enabled,
    .fail = service_fail,
    .cancelled = service_cancelled,
    .wait = service_wait,
    .now_mono_us = service_now_mono_us,
    .now_wall_us = service_now_wall_us,
    .option_is_set = service_option_is_set,
    .option_string = service_option_string,
    .option_int = service_option_int,
    .option_double = service_option_double,
    .option_count = service_option_count,
    .option_item = service_option_item,
    .secret = service_secret,
    .report = service_report,
    .count = service_count,
    .about = service_about,
};

/* The monotonic clock, since the wall clock may jump while a plugin sleeps. */
static int init_wake(pthread_cond_t *wake)
{
	pthread_condattr_t attr;
	int rc = pthread_condattr_init(&attr);

	if (rc != 0)
		return -1;
	rc = pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
	if (rc == 0)
		rc = pthread_cond_init(wake, &attr);
	pthread_condattr_destroy(&attr);
	return rc == 0 ? 0 : -1;
}

struct host *host_create(struct log *log, const char *where)
{
	struct host *h = calloc(1, sizeof(*h));

	if (!h)
		return NULL;
	h->where = strdup(where);
	if (!h->where)
		goto fail_where;
	if (pthread_mutex_init(&h->lock, NULL) != 0)
		goto fail_lock;
	if (init_wake(&h->wake) < 0)
		goto fail_wake;
	h->log = log;
	h->services = service_table;
	h->services.ctx = h;
	atomic_init(&h->cancelled, 0);
	return h;

fail_wake:
	pthread_mutex_destroy(&h->lock);
fail_lock:
	free(h->where);
fail_where:
	free(h);
	return NULL;
}

void host_destroy(struct host *h)
{
	if (!h)
		return;
	pthread_cond_destroy(&h->wake);
	pthread_mutex_destroy(&h->lock);
	facts_done(&h->facts);
	free(h->failure.text);
	free(h->undeclared);
	free(h->where);
	free(h);
}

const struct defsync_host *host_services(struct host *h)
{
	return &h->services;
}

void host_set_about(struct host *h, const struct host_about *about)
{
	h->about = *about;
}

void host_declare(struct host *h, const struct option_table *options,
		  const struct option_table *table_options)
{
	h->tables[0] = options;
	h->tables[1] = table_options;
}

const char *host_undeclared(const struct host *h)
{
	return h->undeclared;
}

/* ---- Failures, for the core ------------------------------------------------------------------ */

void host_begin_call(struct host *h)
{
	/* No lock: no call is under way, so no thread of the plugin may be here. */
	if (!h->failure.set)
		return;
	free(h->failure.text);
	memset(&h->failure, 0, sizeof(h->failure));
}

const char *host_reason(const struct host *h)
{
	return h->failure.text ? h->failure.text : "";
}

enum error_class host_error_class(int32_t rc)
{
	static const enum error_class classes[] = {
	    [-DEFSYNC_E_TRANSIENT] = ERR_TEMPORARY, [-DEFSYNC_E_CONFIG] = ERR_SOURCE,
	    [-DEFSYNC_E_AUTH] = ERR_SOURCE,	    [-DEFSYNC_E_PERMANENT] = ERR_SOURCE,
	    [-DEFSYNC_E_BAD_ROW] = ERR_SOURCE,	    [-DEFSYNC_E_STALE_CHECKPOINT] = ERR_SOURCE,
	    [-DEFSYNC_E_CANCELLED] = ERR_CANCELLED, [-DEFSYNC_E_NOMEM] = ERR_NOMEM,
	    [-DEFSYNC_E_BUG] = ERR_INTERNAL,
	};

	if (rc >= 0)
		return rc == DEFSYNC_OK ? ERR_NONE : ERR_INTERNAL;
	/* Unknown classes count as PERMANENT. */
	if (rc <= -(int32_t)(sizeof(classes) / sizeof(classes[0])))
		return ERR_SOURCE;
	return classes[-rc];
}

int host_failure(struct host *h, int32_t rc, const char *what, struct error *err)
{
	enum error_class class = host_error_class(rc);

	if (err && error_is_set(err))
		return -1;
	if (h->failure.text)
		error_set(err, class, "%s", h->failure.text);
	else if (class == ERR_NOMEM)
		error_nomem(err);
	else if (class == ERR_CANCELLED)
		error_set(err, class, "%s was cancelled", what);
	else
		error_set(err, class, "%s failed with class %d; the plugin gave no reason", what,
			  rc);
	if (err) {
		err->vendor_code = h->failure.vendor_code;
		memcpy(err->sqlstate, h->failure.sqlstate, sizeof(err->sqlstate));
	}
	return -1;
}

/* ---- Cancelling, for the core ------------------------------------------------------------------ */

void host_cancel(struct host *h)
{
	pthread_mutex_lock(&h->lock);
	atomic_store(&h->cancelled, 1);
	pthread_cond_broadcast(&h->wake);
	pthread_mutex_unlock(&h->lock);
}

void host_resume(struct host *h)
{
	atomic_store(&h->cancelled, 0);
}

int host_is_cancelled(const struct host *h)
{
	return atomic_load(&h->cancelled);
}

/* ---- What was reported, for the core -------------------------------------------------------------- */

const char *host_fact(const struct host *h, const char *name)
{
	return facts_get(&h->facts, name);
}

void host_counters(const struct host *h, void (*each)(void *ctx, const char *name, uint64_t n),
		   void *ctx)
{
	facts_counters(&h->facts, each, ctx);
}
