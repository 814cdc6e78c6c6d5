/* SPDX-License-Identifier: MIT */
/*
 * Configuration files with what they must give: tests/suites/config/valid and
 * invalid hold NAME.yaml and NAME.expected (messages, then the model).
 * DEFSYNC_TEST_WRITE=1 rewrites the expectations.
 */

#define _GNU_SOURCE
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <dirent.h>
#include <errno.h>
#include <ftw.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "config/model.h"

#include <cmocka.h> /* last: its macro `fail` is the name of a host service */

static const struct defsync_option source_options[] = {
    {.name = "database", .type = DEFSYNC_OPTION_PATH, .help = "file"},
    {.name = "password", .type = DEFSYNC_OPTION_SECRET, .help = "password"},
    {.name = "port",
     .type = DEFSYNC_OPTION_INT,
     .default_text = "5432",
     .min = 1,
     .max = 65535,
     .help = "port"},
};
static const struct defsync_option table_options[] = {
    {.name = "types", .type = DEFSYNC_OPTION_MAP, .help = "types of columns"},
    {.name = "partition_of", .type = DEFSYNC_OPTION_STRING, .help = "parent"},
};
static const struct defsync_option transform_options[] = {
    {.name = "columns",
     .type = DEFSYNC_OPTION_LIST,
     .flags = DEFSYNC_OPTION_REQUIRED,
     .help = "columns to mask"},
    {.name = "salt", .type = DEFSYNC_OPTION_SECRET, .help = "salt"},
};
static const struct option_table source_table = OPTION_TABLE(source_options);
static const struct option_table table_table = OPTION_TABLE(table_options);
static const struct option_table transform_table = OPTION_TABLE(transform_options);

static void bind_all(struct config *c, struct secrets *secrets, struct problems *p)
{
	size_t i, k, m;

	for (i = 0; i < c->n_sources; i++) {
		struct config_source *s = &c->sources[i];

		config_bind_source(c, s, &source_table, &table_table, secrets, p);
		for (k = 0; k < s->n_tables; k++) {
			for (m = 0; m < s->tables[k].n_transforms; m++)
				config_bind_transform(c, &s->tables[k].transforms[m],
						      &transform_table, secrets, p);
		}
	}
	config_finish(c, p);
}

static void dump_list(struct buf *out, const char *name, const char *const *items, size_t n)
{
	size_t i;

	for (i = 0; i < n; i++)
		(void)buf_printf(out, "%s%s", i ? "," : name, items[i]);
}

static void dump_options(struct buf *out, const struct defsync_options *o, const char *list)
{
	uint32_t i;

	for (i = 0; i < options_count(o, list); i++)
		(void)buf_printf(out, " %s[%u]=%s", list, i, options_item(o, list, i));
}

static void dump_table(struct buf *out, const struct config_table *t)
{
	size_t i;

	(void)buf_printf(out, "  %s -> %s %s read=%u nulls=%u lookback=%" PRId64, t->from, t->to,
			 config_mode_name(t->mode), t->read_mode, t->null_watermark, t->lookback);
	dump_list(out, " key=", t->key, t->n_key);
	dump_list(out, " include=", t->include, t->n_include);
	dump_list(out, " exclude=", t->exclude, t->n_exclude);
	(void)buf_printf(out, "%s%s", t->watermark ? " watermark=" : "",
			 t->watermark ? t->watermark : "");
	(void)buf_printf(out, "%s%s", t->where ? " where=" : "", t->where ? t->where : "");
	(void)buf_printf(out, "%s%s", t->initial ? " initial=" : "", t->initial ? t->initial : "");
	(void)buf_add_str(out, t->decimals_as_number ? " decimals=number" : "");
	if (t->detect_deletes)
		(void)buf_printf(out, " deletes=%" PRId64 "ms,%" PRId64 "%%", t->detect_every_ms,
				 t->detect_max_percent);
	dump_options(out, t->options, "types");
	for (i = 0; i < t->n_transforms; i++) {
		(void)buf_printf(out, " | %s", t->transforms[i].name);
		dump_options(out, t->transforms[i].options, "columns");
	}
	(void)buf_add_char(out, '\n');
}

static const char *or_none(const char *text)
{
	return text != NULL ? text : "-";
}

static void dump(struct buf *out, const struct config *c)
{
	size_t i, k;

	(void)buf_printf(out, "api %s key=%s http=%d onprem=%d\n", c->api.url,
			 c->api.key ? c->api.key : "-", c->api.allow_http, c->api.onprem);
	(void)buf_printf(out,
			 "push rows=%" PRId64 " bytes=%" PRId64 " in_flight=%" PRId64
			 " memory=%" PRId64 " wait=%d retry_for=%" PRId64,
			 c->push.batch_rows, c->push.batch_bytes, c->push.in_flight, c->push.memory,
			 c->push.wait, c->push.retry_for_ms);
	dump_options(out, c->push.tags, "tags");
	(void)buf_printf(out,
			 "\nmore compression=%d level=%" PRId64 " rejected=%" PRId64 ",%" PRId64
			 "%% requests=%" PRId64 "/s bytes=%" PRId64 "/s\n",
			 (int)c->push.compression, c->push.compression_level,
			 c->push.max_rejected_rows, c->push.max_rejected_percent,
			 c->push.max_requests_per_second, c->push.max_bytes_per_second);
	(void)buf_printf(out, "store %s recent=%" PRId64 " ledger=%" PRId64 "\n", c->store_path,
			 c->store_recent_max, c->store_ledger_ms);
	(void)buf_printf(out, "dlq max=%" PRId64 " sqs=%s endpoint=%s region=%s\n",
			 c->dlq_max_bytes, or_none(c->sqs_url), or_none(c->sqs_endpoint),
			 or_none(c->sqs_region));
	dump_list(out, "plugins ", c->plugin_path, c->n_plugin_path);
	(void)buf_add_str(out, c->n_plugin_path ? "\n" : "");
	for (i = 0; i < c->n_sources; i++) {
		const struct config_source *s = &c->sources[i];

		(void)buf_printf(
		    out, "source %s %s every=%" PRId64 " database=%s port=%" PRId64 "\n", s->name,
		    s->plugin, s->every_ms,
		    options_string(s->options, "database") ? options_string(s->options, "database")
							   : "-",
		    options_int(s->options, "port"));
		for (k = 0; k < s->n_tables; k++)
			dump_table(out, &s->tables[k]);
	}
}

/* Messages and model of one file. */
static void outcome(const char *path, struct buf *out)
{
	const struct config_overrides overrides = {.store_path = NULL};
	struct secrets *secrets = secrets_create();
	struct problems *p = problems_create();
	struct config *c = config_load(path, &overrides, secrets, p);
	const char *text;
	size_t i;

	if (c)
		bind_all(c, secrets, p);
	for (i = 0; (text = problems_warning(p, i)) != NULL; i++)
		(void)buf_printf(out, "warning: %s\n", text);
	for (i = 0; (text = problems_text(p, i)) != NULL; i++)
		(void)buf_printf(out, "%s\n", text);
	if (c && problems_count(p) == 0)
		dump(out, c);
	config_destroy(c);
	problems_destroy(p);
	secrets_destroy(secrets);
}

struct fixture {
	char *start; /* where the test was started */
	char folder[64];
};

/* ---- The folders -------------------------------------------------------------------- */

/* DEFSYNC_TEST_SRCDIR is relative to where the test was started. */
static char *source_folder(const char *start, const char *name)
{
	const char *top = getenv("DEFSYNC_TEST_SRCDIR");
	char *path;

	top = top ? top : ".";
	assert_true(asprintf(&path, "%s%s%s/tests/suites/config/%s", *top == '/' ? "" : start,
			     *top == '/' ? "" : "/", top, name) > 0);
	return path;
}

static int is_case(const struct dirent *entry)
{
	size_t n = strlen(entry->d_name);

	return n > 5 && strcmp(entry->d_name + n - 5, ".yaml") == 0;
}

/* With a mode of our own: a check-out may have any. */
static void copy_here(const char *folder, const char *name)
{
	struct error err = ERROR_INIT;
	char *from = file_join(folder, name);
	struct buf text;

	buf_init(&text, 4 << 20);
	assert_int_equal(file_read(from, 4 << 20, &text, &err), 0);
	assert_int_equal(file_replace(name, text.data ? text.data : "", text.len, 0600, &err), 0);
	buf_done(&text);
	free(from);
}

static void compare(const char *folder, const char *name, const struct buf *got)
{
	struct error err = ERROR_INIT;
	char *file, *path;
	struct buf expected;

	assert_true(asprintf(&file, "%.*s.expected", (int)strlen(name) - 5, name) > 0);
	path = file_join(folder, file);
	if (getenv("DEFSYNC_TEST_WRITE"))
		assert_int_equal(
		    file_replace(path, got->data ? got->data : "", got->len, 0644, &err), 0);
	buf_init(&expected, 1 << 20);
	if (file_read(path, 1 << 20, &expected, &err) < 0)
		fail_msg("%s", error_text(&err));
	if (expected.len != got->len ||
	    (got->len && memcmp(expected.data, got->data, got->len) != 0))
		fail_msg("%s\n--- expected\n%s--- got\n%.*s", name, buf_str(&expected),
			 (int)got->len, got->data ? got->data : "");
	buf_done(&expected);
	free(path);
	free(file);
}

static void run_folder(const char *start, const char *name, int valid)
{
	char *folder = source_folder(start, name);
	struct dirent **entries;
	int i, n = scandir(folder, &entries, is_case, alphasort);

	assert_true(n > 0);
	for (i = 0; i < n; i++)
		copy_here(folder, entries[i]->d_name);
	for (i = 0; i < n; i++) {
		struct buf got;

		/* the others are included by these */
		if (strncmp(entries[i]->d_name, "part-", 5) != 0) {
			buf_init(&got, 1 << 20);
			outcome(entries[i]->d_name, &got);
			compare(folder, entries[i]->d_name, &got);
			/* the model begins with "api", messages with the file's name */
			assert_int_equal(memmem(got.data, got.len, "\napi ", 5) != NULL ||
					     strncmp(got.data, "api ", 4) == 0,
					 valid);
			buf_done(&got);
		}
		free(entries[i]);
	}
	free(entries);
	free(folder);
}

static void test_valid(void **state)
{
	const struct fixture *f = *state;

	run_folder(f->start, "valid", 1);
}

static void test_invalid(void **state)
{
	const struct fixture *f = *state;

	run_folder(f->start, "invalid", 0);
}

/* ---- Set-up ---------------------------------------------------------------------------- */

static int remove_one(const char *path, const struct stat *st, int flag, struct FTW *ftw)
{
	(void)st;
	(void)flag;
	(void)ftw;
	return remove(path);
}

static int setup(void **state)
{
	struct fixture *f = calloc(1, sizeof(*f));

	if (!f)
		return -1;
	(void)snprintf(f->folder, sizeof(f->folder), "/tmp/defsync-suite-XXXXXX");
	f->start = getcwd(NULL, 0);
	*state = f;
	(void)setenv("SUITE_NAME", "from-environment", 1);
	(void)setenv("SUITE_EMPTY", "", 1);
	(void)setenv("SUITE_PORT", "6000", 1);
	(void)setenv("STATE_DIRECTORY", "/var/lib/defsync", 1);
	(void)unsetenv("SUITE_UNSET");
	(void)unsetenv("DEFINITE_API_KEY");
	(void)unsetenv("DLQ_URL");
	return f->start && mkdtemp(f->folder) && chdir(f->folder) == 0 ? 0 : -1;
}

static int teardown(void **state)
{
	struct fixture *f = *state;
	int r = chdir(f->start);

	r |= nftw(f->folder, remove_one, 8, FTW_DEPTH | FTW_PHYS);
	free(f->start);
	free(f);
	return r;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test_setup_teardown(test_valid, setup, teardown),
	    cmocka_unit_test_setup_teardown(test_invalid, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
