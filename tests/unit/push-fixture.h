/* SPDX-License-Identifier: MIT */
/*
 * What the tests of the push engine share: the real receiver, an engine and its
 * batches.  $DEFSYNC_RECEIVER names the receiver; without it the tests skip.
 */

#ifndef TESTS_PUSH_FIXTURE_H
#define TESTS_PUSH_FIXTURE_H

/* Before cmocka, whose macro `fail` is a member of the plugin interface. */
#include "base/clock.h"
#include "base/file.h"
#include "base/secrets.h"
#include "push/push.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <jansson.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#define MAYBE __attribute__((unused)) static

static const char *const key_names[] = {"id"};
MAYBE const struct push_target append_target = {.table = "bronze.a", .wait = 1};
MAYBE const struct push_target other_target = {.table = "bronze.b", .wait = 1};
MAYBE const struct push_target merge_target = {
    .table = "bronze.m", .merge = 1, .key = key_names, .n_key = 1, .wait = 1};

struct fixture {
	char folder[64];
	char port_file[96], scenario[96], ledger[96];
	const char *path; /* of the endpoint */
	pid_t receiver;
	char url[96];
	struct log *log;
};

/* ---- The receiver ---- */

#define ARGS_MAX 32

MAYBE void run_receiver(const struct fixture *f, const char *const *more)
{
	const char *program = getenv("DEFSYNC_RECEIVER");
	const char *args[ARGS_MAX] = {program,	    "--listen", "127.0.0.1:0", "--port-file",
				      f->port_file, "--key",	"test-key",    "--scenario",
				      f->scenario,  "--quiet",	NULL};
	size_t n = 10;

	for (size_t i = 0; more[i] != NULL && n + 1 < ARGS_MAX; i++)
		args[n++] = more[i];
	args[n] = NULL;
	(void)execv(program, (char *const *)(uintptr_t)args);
	_exit(127);
}

/* `more`: further options, up to NULL. */
MAYBE void start_receiver(struct fixture *f, const char *scenario, const char *const *more)
{
	struct buf text;
	FILE *file;

	(void)unlink(f->port_file);
	file = fopen(f->scenario, "we");
	assert_non_null(file);
	assert_true(fputs(scenario, file) >= 0);
	assert_int_equal(fclose(file), 0);
	f->receiver = fork();
	if (f->receiver == 0)
		run_receiver(f, more);
	buf_init(&text, 64);
	for (int i = 0; i < 1000 && text.len == 0; i++) {
		(void)usleep(5000);
		(void)file_read(f->port_file, 32, &text, NULL);
	}
	assert_true(text.len > 0);
	(void)snprintf(f->url, sizeof(f->url), "http://127.0.0.1:%d%s",
		       (int)strtol(buf_str(&text), NULL, 10), f->path);
	buf_done(&text);
}

MAYBE void stop_receiver(struct fixture *f)
{
	if (f->receiver <= 0)
		return;
	(void)kill(f->receiver, SIGTERM);
	(void)waitpid(f->receiver, NULL, 0);
	f->receiver = 0;
}

MAYBE int set_up(void **state)
{
	struct fixture *f = calloc(1, sizeof(*f));

	assert_non_null(f);
	(void)snprintf(f->folder, sizeof(f->folder), "/tmp/test-push.XXXXXX");
	assert_non_null(mkdtemp(f->folder));
	(void)snprintf(f->port_file, sizeof(f->port_file), "%s/port", f->folder);
	(void)snprintf(f->scenario, sizeof(f->scenario), "%s/scenario.json", f->folder);
	(void)snprintf(f->ledger, sizeof(f->ledger), "%s/ledger", f->folder);
	f->path = "/v2/stream";
	f->log = log_create(STDERR_FILENO, LOG_ERROR, LOG_TEXT);
	*state = f;
	return 0;
}

MAYBE int tear_down(void **state)
{
	struct fixture *f = *state;

	stop_receiver(f);
	log_destroy(f->log);
	(void)unlink(f->port_file);
	(void)unlink(f->scenario);
	(void)unlink(f->ledger);
	(void)rmdir(f->folder);
	free(f);
	return 0;
}

/* The ledger's lines: of rows (row not NULL), or of batches. */
MAYBE json_t *read_ledger(const struct fixture *f, int rows)
{
	json_t *list = json_array(), *line;
	FILE *file = fopen(f->ledger, "re");

	while (file != NULL && (line = json_loadf(file, JSON_DISABLE_EOF_CHECK, NULL)) != NULL) {
		if ((json_object_get(line, "row") != NULL) == rows)
			(void)json_array_append(list, line);
		json_decref(line);
	}
	if (file != NULL)
		(void)fclose(file);
	return list;
}

/* ---- The engine ---- */

MAYBE struct push_settings push_defaults(const struct fixture *f)
{
	return (struct push_settings){
	    .http = {.url = f->url,
		     .key = "test-key",
		     .connect_timeout_ms = 2000,
		     .timeout_ms = 10000},
	    .in_flight = 4,
	    .memory = 10000000,
	    .retry_for_ms = 30000,
	    .compression_level = 1,
	    .max_rejected_rows = 20,
	    .max_rejected_percent = 5,
	    .learned = {.gzip = -1},
	};
}

/* One engine, whose batches are kept when they end. */
#define SCENE_BATCHES 64

struct scene {
	struct fixture *f;
	struct push_settings settings;
	struct push *push;
	struct lane *lane, *other;
	struct batch *ended[SCENE_BATCHES]; /* as they ended */
	int n;
};

/* The rows that landed, in the order in which they did: [from, to) but those of `but`, up to -1. */
MAYBE void assert_landed(const struct scene *s, int from, int to, const int *but)
{
	json_t *rows = read_ledger(s->f, 1);
	size_t at = 0;

	for (int id = from; id < to; id++) {
		json_t *data;

		if (but != NULL && *but == id) {
			but++;
			continue;
		}
		data = json_object_get(json_array_get(rows, at++), "data");
		assert_int_equal(json_integer_value(json_object_get(data, "id")), id);
	}
	assert_int_equal(json_array_size(rows), at);
	json_decref(rows);
}

/* Starts a receiver with a ledger; the settings may be changed before scene_open. */
MAYBE void scene_begin(struct scene *s, struct fixture *f, const char *scenario,
		       const char *const *more)
{
	const char *args[ARGS_MAX] = {"--ledger", f->ledger, "--ledger-rows"};
	size_t n = 3;

	for (size_t i = 0; more != NULL && more[i] != NULL; i++)
		args[n++] = more[i];
	start_receiver(f, scenario, args);
	*s = (struct scene){.f = f, .settings = push_defaults(f)};
}

/* other: the target of a second lane, or NULL. */
MAYBE void scene_open(struct scene *s, const struct push_target *target,
		      const struct push_target *other)
{
	s->push = push_create(&s->settings, s->f->log, NULL);
	assert_non_null(s->push);
	s->lane = push_lane(s->push, target, "shop.first", s, NULL);
	assert_non_null(s->lane);
	if (other != NULL)
		s->other = push_lane(s->push, other, "shop.second", s, NULL);
	assert_int_equal(push_start(s->push, NULL), 0);
}

MAYBE void scene_close(struct scene *s)
{
	for (int i = 0; i < s->n; i++)
		push_release(s->push, s->ended[i]);
	push_destroy(s->push);
}

/* Rows with the ids [first, first + n); those of `poison`, up to -1, hold POISON. */
MAYBE int submit_rows(struct scene *s, struct lane *lane, int first, int n, const int *poison)
{
	static const struct batch_limits limits = {.rows = 50000, .bytes = 10000000};
	struct batch *b = push_batch(s->push, lane, NULL);
	size_t at;

	if (b == NULL)
		return -1;
	for (int id = first; id < first + n; id++) {
		int bad = poison != NULL && *poison == id;

		assert_int_equal(batch_begin_row(b, &at), 0);
		assert_int_equal(buf_printf(&b->body, "{\"id\":%d,\"v\":\"%s\"}", id,
					    bad ? "POISON" : "as it is"),
				 0);
		assert_int_equal(batch_row_done(b, at, &limits), 1);
		b->counts.pushed++;
		batch_row_counted(b);
		b->counts.read++;
		poison += bad;
	}
	assert_int_equal(batch_add_key_name(b, "id"), 0);
	return push_close(s->push, b, NULL) < 0 ? -1 : push_submit(s->push, b, -1, NULL);
}

/* Until so many batches have ended in all. */
MAYBE void wait_ended(struct scene *s, int total)
{
	int64_t until = clock_mono_us() + 60 * INT64_C(1000000);

	while (s->n < total) {
		struct batch *b = push_collect(s->push, 1000), *next;

		assert_true(clock_mono_us() < until);
		for (; b != NULL; b = next) {
			next = b->next;
			assert_true(s->n < SCENE_BATCHES);
			s->ended[s->n++] = b;
		}
	}
}

/* Runs the tests, or skips them. */
MAYBE int run_push_tests(const char *name, const struct CMUnitTest *tests, size_t n)
{
	int rc;

	if (getenv("DEFSYNC_RECEIVER") == NULL) {
		(void)puts("1..0 # SKIP DEFSYNC_RECEIVER is not set");
		return 77;
	}
	(void)signal(SIGPIPE, SIG_IGN);
	if (http_global_init(NULL) < 0)
		return 99;
	rc = _cmocka_run_group_tests(name, tests, n, NULL, NULL);
	http_global_done();
	return rc;
}

#define PUSH_TEST(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)

#endif
