/* SPDX-License-Identifier: MIT */
/* The run of many tables: starts readers, commits, stops, ends. */

#include "sync/run.h"

#include <poll.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "sync/run-internal.h"

#define TICK_MS 100
#define PROGRESS_US (10 * INT64_C(1000000))
#define MAX_TABLES_DEFAULT 2

/* ---- Life ---- */

static int read_tags(struct run *r, struct error *err)
{
	const struct defsync_options *tags = r->config->push.tags;
	uint32_t n = tags != NULL ? options_count(tags, "tags") : 0;

	r->tags = calloc((size_t)n + 1, sizeof(*r->tags));
	if (r->tags == NULL)
		return error_nomem(err);
	for (uint32_t i = 0; i < n; i++)
		r->tags[r->n_tags++] = options_item(tags, "tags", i);
	return 0;
}

static int init_sync(struct run *r)
{
	pthread_condattr_t attr;
	int rc;

	if (pthread_mutex_init(&r->out_lock, NULL) != 0)
		return -1;
	rc = pthread_condattr_init(&attr);
	if (rc == 0)
		rc = pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
	if (rc == 0)
		rc = pthread_cond_init(&r->local_ended, &attr);
	(void)pthread_condattr_destroy(&attr);
	if (rc != 0)
		(void)pthread_mutex_destroy(&r->out_lock);
	return rc == 0 ? 0 : -1;
}

struct run *run_create(const struct config *config, const struct run_settings *settings,
		       struct store *store, struct log *log, struct error *err)
{
	struct run *r = calloc(1, sizeof(*r));

	if (r == NULL || init_sync(r) < 0) {
		free(r);
		(void)error_nomem(err);
		return NULL;
	}
	r->config = config;
	r->settings = *settings;
	r->store = store;
	r->log = log;
	if (r->settings.max_tables <= 0)
		r->settings.max_tables = MAX_TABLES_DEFAULT;
	if (random_uuid(r->id) < 0) {
		(void)error_set(err, ERR_INTERNAL, "run: no random numbers from the system");
		run_destroy(r);
		return NULL;
	}
	if (read_tags(r, err) < 0) {
		run_destroy(r);
		return NULL;
	}
	return r;
}

void run_destroy(struct run *r)
{
	if (r == NULL)
		return;
	forward_destroy(r->forward);
	push_destroy(r->push);
	for (size_t i = 0; i < r->n_tables; i++)
		table_run_destroy(r->tables[i]);
	free(r->tables);
	free(r->tags);
	error_done(&r->failure);
	(void)pthread_cond_destroy(&r->local_ended);
	(void)pthread_mutex_destroy(&r->out_lock);
	free(r);
}

int run_add_table(struct run *r, const struct config_table *table, const struct plugin *plugin,
		  const struct plugin *const *transforms, struct error *err)
{
	struct table_run **more;

	if (run_is_range(&r->settings) && table->watermark == NULL)
		return error_set(err, ERR_CONFIG,
				 "%s.%s: --since and --until need a 'watermark', which the table "
				 "has not; leave it out with --table",
				 table->source->name, table->from);
	more = reallocarray(r->tables, r->n_tables + 1, sizeof(*more));
	if (more == NULL)
		return error_nomem(err);
	r->tables = more;
	r->tables[r->n_tables] = table_run_create(r, table, plugin, transforms, err);
	if (r->tables[r->n_tables] == NULL)
		return -1;
	r->n_tables++;
	return 0;
}

/* ---- Before the first row ---- */

static void fill_http(const struct config *c, struct http_config *http)
{
	*http = (struct http_config){
	    .url = c->api.url,
	    .key = c->api.key,
	    .ca_file = c->api.ca_file,
	    .client_cert = c->api.client_cert,
	    .client_key = c->api.client_key,
	    .pinned_key = c->api.pinned_key,
	    .proxy = c->api.proxy,
	    .allow_http = c->api.allow_http,
	    .connect_timeout_ms = c->push.connect_timeout_ms,
	    .timeout_ms = c->push.timeout_ms,
	};
}

static void fill_push(const struct config *c, struct push_settings *s)
{
	static const enum push_compression compressions[COMPRESSIONS] = {
	    [COMPRESSION_NONE] = PUSH_PLAIN,
	    [COMPRESSION_GZIP] = PUSH_GZIP,
	    [COMPRESSION_AUTO] = PUSH_GZIP_AUTO,
	};

	*s = (struct push_settings){
	    .in_flight = (unsigned)c->push.in_flight,
	    .memory = (size_t)c->push.memory,
	    .retry_for_ms = c->push.retry_for_ms,
	    .compression = compressions[c->push.compression],
	    .compression_level = (int)c->push.compression_level,
	    .max_rejected_rows = c->push.max_rejected_rows,
	    .max_rejected_percent = c->push.max_rejected_percent,
	    .max_requests_per_second = c->push.max_requests_per_second,
	    .max_bytes_per_second = c->push.max_bytes_per_second,
	};
	fill_http(c, &s->http);
}

static int start_push(struct run *r, struct error *err)
{
	struct push_settings s;

	fill_push(r->config, &s);
	if (learnt_load(r, &s.learned, err) < 0)
		return -1;
	if (s.http.key == NULL)
		return error_set(err, ERR_CONFIG,
				 "api.key: there is no API key; set api.key, "
				 "api.key_file or DEFINITE_API_KEY");
	r->push = push_create(&s, r->log, err);
	if (r->push == NULL)
		return -1;
	for (size_t i = 0; i < r->n_tables; i++) {
		struct table_run *t = r->tables[i];

		t->lane = push_lane(r->push, &t->target, t->where, t, err);
		if (t->lane == NULL)
			return -1;
	}
	return push_start(r->push, err);
}

/* Replace mode: a load that begins replaces; one that goes on, and changes, are appended. */
static int begins_anew(const struct table_run *t)
{
	return t->stored.checkpoint[0] == '\0' || (t->config->read_mode == DEFSYNC_READ_SNAPSHOT &&
						   strcmp(t->stored.phase, "done") == 0);
}

/* First of all threads: it reads the environment. */
static int start_forward(struct run *r, struct error *err)
{
	if (r->config->sqs_url == NULL)
		return 0;
	r->forward = forward_create(r->store, r->config, r->log, err);
	return r->forward == NULL ? -1 : forward_start(r->forward, err);
}

/* What there is of the table; a record of another target is another table's. */
static int find_stored(struct run *r, struct table_run *t, int any_target, struct error *err)
{
	int rc =
	    store_table_find(r->store, t->config->source->name, t->config->from, &t->stored, err);

	t->has_stored = rc > 0;
	if (rc > 0 && !any_target && strcmp(t->stored.target, t->config->to) != 0) {
		store_table_done(&t->stored);
		t->has_stored = 0;
	}
	return rc < 0 ? -1 : 0;
}

static int load_stored(struct run *r, struct table_run *t, struct error *err)
{
	if (r->settings.replay != NULL)
		t->target.replace = 0;
	if (r->settings.sink != RUN_PUSH || r->settings.replay != NULL)
		return find_stored(r, t, r->settings.sink != RUN_PUSH, err);
	if (store_table(r->store, t->config->source->name, t->config->from, t->config->to,
			&t->stored, err) < 0)
		return -1;
	t->has_stored = 1;
	if (r->settings.full_refresh) {
		t->stored.recent = 0;
		if (store_table_reset(r->store, t->stored.id, err) < 0)
			return -1;
		t->stored.checkpoint[0] = '\0';
	}
	if (!begins_anew(t) || run_is_range(&r->settings))
		t->target.replace = 0;
	return 0;
}

static int prepare(struct run *r, struct error *err)
{
	r->started_us = clock_wall_us();
	for (size_t i = 0; r->store != NULL && i < r->n_tables; i++) {
		struct table_run *t = r->tables[i];

		if (load_stored(r, t, err) < 0 || gate_open(t, err) < 0)
			return -1;
		if (t->config->cdc_columns && t->has_stored &&
		    store_cdc_us(r->store, t->stored.id, &t->cdc_floor_us, err) < 0)
			return -1;
	}
	if (r->settings.sink != RUN_PUSH)
		return 0;
	if (store_run_number(r->store, &r->run_no, err) < 0 || start_forward(r, err) < 0)
		return -1;
	return start_push(r, err);
}

/* ---- Readers ---- */

/* Some client libraries allow one instance at a time in the process. */
static int may_start(const struct run *r, const struct table_run *t)
{
	int running = 0, same = 0;

	for (size_t i = 0; i < r->n_tables; i++) {
		const struct table_run *o = r->tables[i];

		if (o->state != TABLE_RUNNING)
			continue;
		running++;
		same += o->plugin == t->plugin;
	}
	if (running >= r->settings.max_tables)
		return 0;
	return same == 0 || t->plugin->source.thread_model >= DEFSYNC_THREADS_PARALLEL;
}

static int start_table(struct run *r, struct table_run *t, struct error *err)
{
	int rc;

	if (r->settings.sink == RUN_PUSH && r->settings.replay == NULL &&
	    store_run_begin(r->store, t->stored.id, r->run_no, r->id, &t->run_row, err) < 0)
		return -1;
	t->started_us = t->ended_us = t->progress_us = clock_mono_us();
	if (table_run_open(t, err) < 0) {
		/* This table's failure alone. */
		table_run_fail(t, err);
		t->state = TABLE_ENDED;
		run_conclude(r, t);
		return 0;
	}
	rc = pthread_create(&t->thread, NULL,
			    r->settings.replay != NULL ? replay_main : reader_main, t);
	if (rc != 0)
		return error_set_errno(err, ERR_INTERNAL, rc, "run: cannot start a thread");
	t->state = TABLE_RUNNING;
	return 0;
}

static void start_tables(struct run *r)
{
	struct error err = ERROR_INIT;

	for (size_t i = 0; i < r->n_tables; i++) {
		struct table_run *t = r->tables[i];

		if (t->state != TABLE_WAITING || r->stopped || !may_start(r, t))
			continue;
		if (start_table(r, t, &err) < 0) {
			error_move(&r->failure, &err);
			break;
		}
	}
	error_done(&err);
}

/* ---- Stopping ---- */

static int asked_to_stop(struct run *r)
{
	struct pollfd fd = {.fd = r->settings.stop_fd, .events = POLLIN};

	if (atomic_load(&r->stop))
		return 1;
	return fd.fd >= 0 && poll(&fd, 1, 0) > 0;
}

/* Once: readers stop reading; requests under way get `grace_ms`. */
static void stop_all(struct run *r, int64_t grace_ms)
{
	if (r->stopped)
		return;
	r->stopped = 1;
	atomic_store(&r->stop, 1);
	for (size_t i = 0; i < r->n_tables; i++) {
		if (r->tables[i]->state == TABLE_RUNNING)
			source_cancel(r->tables[i]->source);
	}
	if (r->push != NULL)
		push_stop(r->push, grace_ms);
	if (r->forward != NULL)
		forward_stop(r->forward, grace_ms);
}

void run_stop(struct run *r)
{
	atomic_store(&r->stop, 1);
}

static void look_for_trouble(struct run *r)
{
	if (r->push != NULL && push_failure(r->push, &r->failure))
		stop_all(r, r->settings.grace_ms);
	else if (r->forward != NULL && forward_failure(r->forward, &r->failure))
		stop_all(r, r->settings.grace_ms);
	else if (error_is_set(&r->failure))
		stop_all(r, 0);
	else if (!r->stopped && asked_to_stop(r)) {
		log_write(r->log, LOG_INFO, NULL, "stopping: finishing the requests under way");
		r->asked = 1;
		stop_all(r, r->settings.grace_ms);
	}
}

/* ---- Ends ---- */

static int reader_is_done(struct table_run *t)
{
	int done;

	pthread_mutex_lock(&t->lock);
	done = t->reader_done;
	pthread_mutex_unlock(&t->lock);
	return done;
}

/* Nothing of it is under way any more; what is left stands behind a gap. */
static int is_over(const struct run *r, struct table_run *t)
{
	if (t->state != TABLE_RUNNING || !reader_is_done(t))
		return 0;
	return t->lane == NULL || push_lane_pending(r->push, t->lane) == t->n_waiting;
}

static void end_tables(struct run *r)
{
	for (size_t i = 0; i < r->n_tables; i++) {
		struct table_run *t = r->tables[i];
		struct batch *b;

		if (!is_over(r, t))
			continue;
		(void)pthread_join(t->thread, NULL);
		while ((b = prefix_drain(&t->prefix)) != NULL) {
			t->unsent++;
			t->n_waiting--;
			push_release(r->push, b);
		}
		t->state = TABLE_ENDED;
		t->ended_us = clock_mono_us();
		run_conclude(r, t);
		table_run_close(t);
	}
}

static int any_left(const struct run *r)
{
	for (size_t i = 0; i < r->n_tables; i++) {
		if (r->tables[i]->state == TABLE_RUNNING ||
		    (r->tables[i]->state == TABLE_WAITING && !r->stopped))
			return 1;
	}
	return 0;
}

static void progress(struct run *r)
{
	int64_t now = clock_mono_us();

	for (size_t i = 0; i < r->n_tables; i++) {
		struct table_run *t = r->tables[i];

		if (t->state != TABLE_RUNNING || t->lane == NULL ||
		    now - t->progress_us < PROGRESS_US)
			continue;
		t->progress_us = now;
		log_write(r->log, LOG_INFO, t->where, "%llu rows pushed so far",
			  (unsigned long long)t->counts.pushed);
	}
}

/* A moment, or until a table of a local sink ends. */
static void wait_local(struct run *r)
{
	int64_t until_us = clock_mono_us() + TICK_MS * 1000;
	struct timespec until = {.tv_sec = (time_t)(until_us / 1000000),
				 .tv_nsec = (long)(until_us % 1000000) * 1000};

	pthread_mutex_lock(&r->out_lock);
	if (!r->local_end)
		(void)pthread_cond_timedwait(&r->local_ended, &r->out_lock, &until);
	r->local_end = 0;
	pthread_mutex_unlock(&r->out_lock);
}

/* What is in the outbox goes before the run ends, or stays for the next one. */
static void finish_forward(struct run *r)
{
	int64_t left = 0;

	if (r->forward == NULL)
		return;
	while (!forward_drain(r->forward, TICK_MS))
		look_for_trouble(r);
	look_for_trouble(r);
	forward_destroy(r->forward);
	r->forward = NULL;
	if (!error_is_set(&r->failure) && store_outbox_count(r->store, &left, &r->failure) == 0 &&
	    left > 0)
		(void)error_set(&r->failure, ERR_CANCELLED,
				"dlq: stopped before all dead letters were forwarded: %lld stay in "
				"the store; run again",
				(long long)left);
}

int run_execute(struct run *r, struct error *err)
{
	if (prepare(r, err) < 0)
		return -1;
	while (any_left(r)) {
		look_for_trouble(r);
		start_tables(r);
		if (r->push != NULL)
			commit_batches(r, push_collect(r->push, TICK_MS));
		else
			wait_local(r);
		learnt_save(r, LEARNED_LIMIT);
		end_tables(r);
		progress(r);
	}
	learnt_save(r, LEARNED_MORE | LEARNED_LIMIT);
	/* A refusal may have come with the last batch of the last table. */
	look_for_trouble(r);
	finish_forward(r);
	if (error_is_set(&r->failure))
		log_failure(r->log, NULL, &r->failure);
	return 0;
}
