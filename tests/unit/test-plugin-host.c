/* SPDX-License-Identifier: MIT */
/* The services that a plugin gets, and what the core learns through them. */

#include "plugin-fixture.h"

#include <pthread.h>

#include "base/clock.h"
#include "base/limits.h"
#include "plugin/host.h"

struct fixture {
	struct plugin_fixture *base;
	struct host *host;
	const struct defsync_host *s; /* services */
};

static int setup(void **state)
{
	struct fixture *f = calloc(1, sizeof(*f));

	assert_non_null(f);
	f->base = fixture_create();
	f->host = host_create(f->base->log, "shop");
	assert_non_null(f->host);
	f->s = host_services(f->host);
	*state = f;
	return 0;
}

static int teardown(void **state)
{
	struct fixture *f = *state;

	host_destroy(f->host);
	fixture_destroy(f->base);
	free(f);
	return 0;
}

static void is_complete(void **state)
{
	struct fixture *f = *state;
	const struct defsync_host *s = f->s;

	assert_int_equal(s->struct_size, sizeof(*s));
	assert_int_equal(s->abi_minor, DEFSYNC_ABI_MINOR);
	assert_true(s->log && s->log_enabled && s->fail && s->cancelled && s->wait);
	assert_true(s->now_mono_us && s->now_wall_us && s->secret && s->report && s->count);
	assert_true(s->option_is_set && s->option_string && s->option_int && s->option_double);
	assert_true(s->option_count && s->option_item);
	assert_true(s->now_mono_us(s->ctx) <= s->now_mono_us(s->ctx));
	assert_true(s->now_wall_us(s->ctx) > INT64_C(1600000000000000));
}

static void logs_with_the_source(void **state)
{
	struct fixture *f = *state;
	char *log;

	f->s->log(f->s->ctx, DEFSYNC_LOG_WARN, "careful %s %n");
	f->s->log(f->s->ctx, 99, "very low");
	f->s->log(f->s->ctx, DEFSYNC_LOG_WARN, NULL);
	log = fixture_log(f->base);
	assert_contains(log, "shop");
	assert_contains(log, "careful %s %n");
	assert_contains(log, "very low");
	free(log);
	assert_true(f->s->log_enabled(f->s->ctx, DEFSYNC_LOG_DEBUG));
	log_set(f->base->log, LOG_WARN, LOG_TEXT);
	assert_false(f->s->log_enabled(f->s->ctx, DEFSYNC_LOG_INFO));
	assert_false(f->s->log_enabled(f->s->ctx, 99));
	/* A level below the known ones is an error's. */
	assert_true(f->s->log_enabled(f->s->ctx, 0));
}

static void secrets_are_taken_out(void **state)
{
	struct fixture *f = *state;
	char *log;

	f->s->secret(f->s->ctx, "hunter22zzz", 8);
	f->s->secret(f->s->ctx, NULL, 8);
	f->s->log(f->s->ctx, DEFSYNC_LOG_ERROR, "password is hunter22");
	log = fixture_log(f->base);
	assert_null(strstr(log, "hunter22"));
	assert_contains(log, "[redacted]");
	free(log);
}

/* ---- Failures ------------------------------------------------------------------- */

static const struct {
	int32_t rc;
	enum error_class class;
} classes[] = {
    {DEFSYNC_E_TRANSIENT, ERR_TEMPORARY},
    {DEFSYNC_E_CONFIG, ERR_SOURCE},
    {DEFSYNC_E_AUTH, ERR_SOURCE},
    {DEFSYNC_E_PERMANENT, ERR_SOURCE},
    {DEFSYNC_E_BAD_ROW, ERR_SOURCE},
    {DEFSYNC_E_STALE_CHECKPOINT, ERR_SOURCE},
    {DEFSYNC_E_CANCELLED, ERR_CANCELLED},
    {DEFSYNC_E_NOMEM, ERR_NOMEM},
    {DEFSYNC_E_BUG, ERR_INTERNAL},
    {-10, ERR_SOURCE},
    {INT32_MIN, ERR_SOURCE},
    {INT32_MIN + 1, ERR_SOURCE},
    {DEFSYNC_OK, ERR_NONE},
    {DEFSYNC_ROW, ERR_INTERNAL},
};

static void maps_classes(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(classes) / sizeof(classes[0]); i++)
		assert_int_equal(host_error_class(classes[i].rc), classes[i].class);
}

static void the_first_failure_wins(void **state)
{
	struct fixture *f = *state;
	struct error err = ERROR_INIT;

	host_begin_call(f->host);
	assert_string_equal(host_reason(f->host), "");
	f->s->fail(f->s->ctx, DEFSYNC_E_TRANSIENT, 7, "57P01", "server gone: 'db'");
	f->s->fail(f->s->ctx, DEFSYNC_E_BUG, 8, "00000", "cleaning up failed");
	assert_string_equal(host_reason(f->host), "server gone: 'db'");
	assert_int_equal(host_failure(f->host, DEFSYNC_E_TRANSIENT, "connect", &err), -1);
	assert_int_equal(err.class, ERR_TEMPORARY);
	assert_int_equal(err.vendor_code, 7);
	assert_string_equal(err.sqlstate, "57P01");
	assert_string_equal(error_text(&err), "server gone: 'db'");
	error_done(&err);
	/* Not carried over to the next call. */
	host_begin_call(f->host);
	assert_string_equal(host_reason(f->host), "");
	assert_int_equal(host_failure(f->host, DEFSYNC_E_AUTH, "extract", &err), -1);
	assert_int_equal(err.vendor_code, 0);
	assert_string_equal(err.sqlstate, "");
	assert_contains(error_text(&err), "extract failed with class -3");
	error_done(&err);
	assert_int_equal(host_failure(f->host, DEFSYNC_E_AUTH, "extract", NULL), -1);
	/* Two classes speak for themselves. */
	assert_int_equal(host_failure(f->host, DEFSYNC_E_CANCELLED, "extract", &err), -1);
	assert_string_equal(error_text(&err), "extract was cancelled");
	error_done(&err);
	assert_int_equal(host_failure(f->host, DEFSYNC_E_NOMEM, "extract", &err), -1);
	assert_null(strstr(error_text(&err), "gave no reason"));
	error_done(&err);
}

static void keeps_what_the_caller_has(void **state)
{
	struct fixture *f = *state;
	struct error err = ERROR_INIT;

	error_set(&err, ERR_LIMIT, "first");
	host_begin_call(f->host);
	f->s->fail(f->s->ctx, DEFSYNC_E_BUG, 8, NULL, "second");
	host_failure(f->host, DEFSYNC_E_BUG, "next", &err);
	assert_int_equal(err.class, ERR_LIMIT);
	assert_int_equal(err.vendor_code, 0);
	error_done(&err);
}

static void bounds_texts(void **state)
{
	struct fixture *f = *state;
	char text[3 * LIMIT_MESSAGE_BYTES];

	/* A character of two bytes lies across the limit. */
	memset(text, 'a', sizeof(text));
	memcpy(text + LIMIT_MESSAGE_BYTES - 1, "\xc3\xa9", 2);
	text[sizeof(text) - 1] = '\0';
	host_begin_call(f->host);
	f->s->fail(f->s->ctx, DEFSYNC_E_BUG, 0, "toolong", text);
	assert_int_equal(strlen(host_reason(f->host)), LIMIT_MESSAGE_BYTES - 1);
	host_begin_call(f->host);
	f->s->fail(f->s->ctx, DEFSYNC_E_BUG, 0, NULL, NULL);
	assert_string_equal(host_reason(f->host), "");
}

/* ---- Cancelling -------------------------------------------------------------------- */

static void *cancel_soon(void *arg)
{
	usleep(20000);
	host_cancel(arg);
	return NULL;
}

static void wait_ends_on_cancel(void **state)
{
	struct fixture *f = *state;
	int64_t start = clock_mono_us();
	pthread_t thread;

	assert_int_equal(f->s->wait(f->s->ctx, 10), DEFSYNC_OK);
	assert_true(clock_mono_us() - start >= 10000);
	/* Over the end of a second at least once. */
	assert_int_equal(f->s->wait(f->s->ctx, 999), DEFSYNC_OK);
	assert_int_equal(f->s->wait(f->s->ctx, 0), DEFSYNC_OK);
	assert_int_equal(f->s->wait(f->s->ctx, -5), DEFSYNC_OK);
	assert_false(f->s->cancelled(f->s->ctx));
	start = clock_mono_us();
	assert_int_equal(pthread_create(&thread, NULL, cancel_soon, f->host), 0);
	assert_int_equal(f->s->wait(f->s->ctx, INT64_MAX), DEFSYNC_E_CANCELLED);
	assert_true(clock_mono_us() - start < 10000000);
	pthread_join(thread, NULL);
	assert_true(f->s->cancelled(f->s->ctx));
	assert_true(host_is_cancelled(f->host));
	assert_int_equal(f->s->wait(f->s->ctx, 100000), DEFSYNC_E_CANCELLED);
	host_resume(f->host);
	assert_false(f->s->cancelled(f->s->ctx));
	assert_int_equal(f->s->wait(f->s->ctx, 1), DEFSYNC_OK);
}

/* ---- Facts and counters ---------------------------------------------------------------- */

struct sum {
	size_t names;
	uint64_t zero_dates;
};

static void add_counter(void *ctx, const char *name, uint64_t n)
{
	struct sum *s = ctx;

	s->names++;
	if (strcmp(name, "zero_dates") == 0)
		s->zero_dates = n;
}

static void keeps_facts_and_counters(void **state)
{
	struct fixture *f = *state;
	struct sum sum = {0};
	char name[32];

	assert_null(host_fact(f->host, "ceiling"));
	f->s->report(f->s->ctx, "ceiling", "none");
	f->s->report(f->s->ctx, "ceiling", "proven");
	f->s->report(f->s->ctx, NULL, "x");
	f->s->report(f->s->ctx, "phase", NULL);
	assert_string_equal(host_fact(f->host, "ceiling"), "proven");
	assert_null(host_fact(f->host, "phase"));
	f->s->count(f->s->ctx, "zero_dates", 2);
	f->s->count(f->s->ctx, "zero_dates", 3);
	f->s->count(f->s->ctx, NULL, 3);
	/* Names are bounded, what is known goes on counting. */
	for (int i = 0; i < 10 * LIMIT_FACTS; i++) {
		(void)snprintf(name, sizeof(name), "n%d", i);
		f->s->count(f->s->ctx, name, 1);
		f->s->report(f->s->ctx, name, "v");
	}
	f->s->count(f->s->ctx, "zero_dates", 1);
	host_counters(f->host, add_counter, &sum);
	assert_int_equal(sum.names, LIMIT_FACTS);
	assert_int_equal(sum.zero_dates, 6);
	f->s->report(f->s->ctx, "ceiling", "heuristic");
	assert_string_equal(host_fact(f->host, "ceiling"), "heuristic");
}

/* ---- Options ------------------------------------------------------------------------------ */

static const struct defsync_option options[] = {
    {.name = "count", .type = DEFSYNC_OPTION_INT, .default_text = "3", .help = "Count"},
    {.name = "name", .type = DEFSYNC_OPTION_STRING, .help = "Name"},
    {.name = "ratio", .type = DEFSYNC_OPTION_DOUBLE, .default_text = "0.5", .help = "Ratio"},
    {.name = "list", .type = DEFSYNC_OPTION_LIST, .help = "List"},
};

static void gives_declared_options(void **state)
{
	struct fixture *f = *state;
	struct option_table table = OPTION_TABLE(options);
	const struct defsync_options *o =
	    fixture_options(f->base, &table, "name: x\nlist: [a, b]\n");
	const struct defsync_host *s = f->s;

	/* Without tables every name may be asked for. */
	assert_int_equal(s->option_int(s->ctx, o, "count"), 3);
	host_declare(f->host, NULL, &table);
	assert_int_equal(s->option_int(s->ctx, o, "count"), 3);
	assert_false(s->option_is_set(s->ctx, o, "count"));
	assert_true(s->option_is_set(s->ctx, o, "name"));
	assert_string_equal(s->option_string(s->ctx, o, "name"), "x");
	assert_true(s->option_double(s->ctx, o, "ratio") == 0.5);
	assert_int_equal(s->option_count(s->ctx, o, "list"), 2);
	assert_string_equal(s->option_item(s->ctx, o, "list", 1), "b");
	assert_null(s->option_item(s->ctx, o, "list", 2));
	assert_null(s->option_string(s->ctx, NULL, "name"));
	assert_null(host_undeclared(f->host));
	assert_int_equal(s->option_int(s->ctx, o, "colour"), 0);
	assert_null(s->option_string(s->ctx, o, NULL));
	assert_string_equal(host_undeclared(f->host), "colour");
}

#define T(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
	    T(is_complete),
	    T(logs_with_the_source),
	    T(secrets_are_taken_out),
	    T(maps_classes),
	    T(the_first_failure_wins),
	    T(keeps_what_the_caller_has),
	    T(bounds_texts),
	    T(wait_ends_on_cancel),
	    T(keeps_facts_and_counters),
	    T(gives_declared_options),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
