/* SPDX-License-Identifier: MIT */
/* The model: search order, file modes, keys and stores, sources from the command line. */

#define _GNU_SOURCE
#include <ftw.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "config/model.h"
#include <defsync/source.h>

#include <setjmp.h>

#include <cmocka.h>

#define N(array) (sizeof(array) / sizeof((array)[0]))

struct fixture {
	char folder[64];
	char *start;
	struct problems *problems;
	struct secrets *secrets;
	struct config *config;
};

static int setup(void **state)
{
	struct fixture *f = calloc(1, sizeof(*f));

	if (!f)
		return -1;
	(void)snprintf(f->folder, sizeof(f->folder), "/tmp/defsync-model-XXXXXX");
	f->start = getcwd(NULL, 0);
	f->problems = problems_create();
	f->secrets = secrets_create();
	*state = f;
	(void)unsetenv("DEFSYNC_CONFIG");
	(void)unsetenv("DEFINITE_API_KEY");
	(void)unsetenv("DLQ_URL");
	(void)setenv("STATE_DIRECTORY", "/var/lib/a:/var/lib/b", 1);
	return mkdtemp(f->folder) && chdir(f->folder) == 0 ? 0 : -1;
}

static int remove_one(const char *path, const struct stat *st, int flag, struct FTW *ftw)
{
	(void)st;
	(void)flag;
	(void)ftw;
	return remove(path);
}

static int teardown(void **state)
{
	struct fixture *f = *state;
	int r = chdir(f->start);

	config_destroy(f->config);
	problems_destroy(f->problems);
	secrets_destroy(f->secrets);
	free(f->start);
	r |= nftw(f->folder, remove_one, 8, FTW_DEPTH | FTW_PHYS);
	free(f);
	return r;
}

static void put(const char *path, const char *text, mode_t mode)
{
	struct error err = ERROR_INIT;

	assert_int_equal(file_replace(path, text, strlen(text), mode, &err), 0);
}

static const struct defsync_option source_options[] = {
    {.name = "dsn", .type = DEFSYNC_OPTION_SECRET, .help = "dsn"},
    {.name = "database", .type = DEFSYNC_OPTION_PATH, .help = "file"},
    {.name = "files", .type = DEFSYNC_OPTION_LIST, .help = "files"},
};
static const struct option_table source_table = OPTION_TABLE(source_options);
static const struct option_table no_table = {NULL, 0, sizeof(struct defsync_option)};

static void reset(struct fixture *f)
{
	config_destroy(f->config);
	f->config = NULL;
	problems_destroy(f->problems);
	f->problems = problems_create();
}

static void load(struct fixture *f, const char *path)
{
	size_t i;

	reset(f);
	f->config = config_load(path, NULL, f->secrets, f->problems);
	for (i = 0; f->config && i < f->config->n_sources; i++)
		config_bind_source(f->config, &f->config->sources[i], &source_table, &no_table,
				   f->secrets, f->problems);
	if (f->config)
		config_finish(f->config, f->problems);
}

static void assert_problem(struct fixture *f, const char *part)
{
	const char *text = problems_text(f->problems, 0);

	if (!text || !strstr(text, part))
		fail_msg("'%s' lacks '%s'", text ? text : "(none)", part);
}

static void assert_redacted(struct fixture *f, const char *secret)
{
	struct buf b;

	buf_init(&b, 1000);
	assert_int_equal(buf_add_str(&b, secret), 0);
	assert_int_equal(secrets_redact(f->secrets, &b), 0);
	assert_null(strstr(buf_str(&b), secret));
	buf_done(&b);
}

#define SOURCE "sources: { s: { plugin: x, tables: [ { from: a, to: b } ] } }\n"

/* ---- Files ------------------------------------------------------------------------- */

static void test_search_order(void **state)
{
	struct error err = ERROR_INIT;

	(void)state;
	assert_string_equal(config_find("/given/x.yaml", &err), "/given/x.yaml");
	if (access("/etc/defsync/defsync.yaml", F_OK) != 0) {
		assert_null(config_find(NULL, &err));
		assert_int_equal(err.class, ERR_CONFIG);
		assert_non_null(strstr(error_text(&err), "/etc/defsync/defsync.yaml"));
		error_done(&err);
	}
	put("defsync.yaml", SOURCE, 0600);
	assert_string_equal(config_find(NULL, &err), "defsync.yaml");
	(void)setenv("DEFSYNC_CONFIG", "/variable.yaml", 1);
	assert_string_equal(config_find(NULL, &err), "/variable.yaml");
	assert_string_equal(config_find("given", &err), "given");
	(void)setenv("DEFSYNC_CONFIG", "", 1);
	assert_string_equal(config_find(NULL, &err), "defsync.yaml");
	assert_false(error_is_set(&err));
}

static void test_modes(void **state)
{
	struct fixture *f = *state;

	put("a.yaml", SOURCE, 0664);
	load(f, "a.yaml");
	assert_problem(f, "a.yaml: others can write this file (mode 0664); chmod go-w 'a.yaml'");
	put("a.yaml", "include: b.yaml\n" SOURCE, 0600);
	put("b.yaml", "push: {}\n", 0602);
	load(f, "a.yaml");
	assert_problem(f, "chmod go-w 'b.yaml'");
	load(f, "none.yaml");
	assert_null(f->config);
	assert_problem(f, "cannot open 'none.yaml': No such file");
	load(f, ".");
	assert_null(f->config);
	assert_problem(f, "Is a directory");
	put("a.yaml", "api: { key: abcdef }\n" SOURCE, 0644);
	load(f, "a.yaml");
	assert_int_equal(problems_count(f->problems), 0);
	assert_string_equal(
	    problems_warning(f->problems, 0),
	    "a.yaml:1:13: key: the file with this secret is readable by every user; "
	    "chmod 600 'a.yaml'");
	(void)setenv("DEFINITE_API_KEY", "fromenv", 1);
	put("a.yaml", "api: { key: '${DEFINITE_API_KEY}' }\n" SOURCE, 0644);
	load(f, "a.yaml");
	assert_null(problems_warning(f->problems, 0));
	assert_string_equal(f->config->api.key, "fromenv");
}

static void test_api_key(void **state)
{
	struct fixture *f = *state;

	put("a.yaml", SOURCE, 0600);
	load(f, "a.yaml");
	assert_null(f->config->api.key);
	(void)setenv("DEFINITE_API_KEY", "env-key-1", 1);
	load(f, "a.yaml");
	assert_string_equal(f->config->api.key, "env-key-1");
	assert_redacted(f, "env-key-1");
	(void)setenv("DEFINITE_API_KEY", "env\nkey", 1);
	load(f, "a.yaml");
	assert_problem(f, "DEFINITE_API_KEY: line break");
	put("key", "file-key-2\n", 0600);
	put("a.yaml", "api: { key_file: key }\n" SOURCE, 0600);
	load(f, "a.yaml");
	assert_int_equal(problems_count(f->problems), 0);
	assert_string_equal(f->config->api.key, "file-key-2");
	assert_redacted(f, "file-key-2");
	put("a.yaml", "api: { key_file: key, key: abcd }\n" SOURCE, 0600);
	load(f, "a.yaml");
	assert_problem(f, "both key and key_file");
	put("a.yaml", "api: { proxy: 'http://user:proxypass@h:1/' }\n" SOURCE, 0600);
	(void)unsetenv("DEFINITE_API_KEY");
	load(f, "a.yaml");
	assert_int_equal(problems_count(f->problems), 0);
	assert_redacted(f, "proxypass");
}

/* ---- The queue of dead letters ------------------------------------------------------- */

#define QUEUE "https://sqs.eu-west-1.amazonaws.com/1/q"

static void load_dlq(struct fixture *f, const char *dlq)
{
	char text[512];

	(void)snprintf(text, sizeof(text), "dlq: { %s }\n" SOURCE, dlq);
	put("a.yaml", text, 0600);
	load(f, "a.yaml");
}

static void test_queue(void **state)
{
	struct fixture *f = *state;

	load_dlq(f, "max_bytes: 1GB");
	assert_null(f->config->sqs_url);
	assert_null(f->config->sqs_endpoint);
	assert_null(f->config->sqs_region);
	(void)setenv("DLQ_URL", QUEUE, 1);
	load_dlq(f, "max_bytes: 1GB");
	assert_string_equal(f->config->sqs_url, QUEUE);
	put("a.yaml", SOURCE, 0600);
	load(f, "a.yaml");
	assert_string_equal(f->config->sqs_url, QUEUE);
	/* What is given wins, and empty means none. */
	load_dlq(f, "sqs_url: https://sqs.example/1/other");
	assert_string_equal(f->config->sqs_url, "https://sqs.example/1/other");
	load_dlq(f, "sqs_url: ''");
	assert_null(f->config->sqs_url);
	(void)setenv("DLQ_URL", "", 1);
	load_dlq(f, "max_bytes: 1GB");
	assert_null(f->config->sqs_url);
	assert_int_equal(problems_count(f->problems), 0);
	(void)setenv("DLQ_URL", "arn:aws:sqs:eu-west-1:1:q", 1);
	load_dlq(f, "max_bytes: 1GB");
	assert_problem(f, "DLQ_URL: no address: 'arn:aws:sqs:eu-west-1:1:q'; write https://");
	(void)unsetenv("DLQ_URL");
}

static const struct {
	const char *dlq;
	const char *part; /* of the problem; NULL: none */
} queues[] = {
    {"sqs_url: 'http://localhost:4566/0/q'", NULL},
    {"sqs_url: 'http://127.9.9.9/0/q'", NULL},
    {"sqs_url: 'http://[::1]:4566/0/q'", NULL},
    {"sqs_url: 'HTTPS://sqs.example:443/0/q?x'", NULL},
    {"sqs_url: 'http://128.0.0.1/0/q'", "sqs_url: the address is not encrypted"},
    {"sqs_url: 'http://localhost.example/0/q'", "the address is not encrypted"},
    {"sqs_url: 'http://[::2]/0/q'", "the address is not encrypted"},
    {"sqs_url: 'ftp://sqs.example/0/q'", "sqs_url: no address"},
    {"sqs_url: 'sqs.example/0/q'", "sqs_url: no address"},
    {"sqs_url: 'https:///0/q'", "sqs_url: no address"},
    {"sqs_url: 'https://:1/0/q'", "sqs_url: no address"},
    {"sqs_url: 'https://sqs.example:x/0/q'", "sqs_url: no address"},
    {"sqs_url: 'https://[::1/0/q'", "sqs_url: no address"},
    {"sqs_url: 'https://sqs.example/0/q q'", "sqs_url: no address"},
    {"sqs_url: 'https://sqs.example'", "the address names no queue"},
    {"sqs_url: 'https://sqs.example/'", "the address names no queue"},
    {"sqs_url: 'https://sqs.example?a=b'", "the address names no queue"},
    {"sqs_url: 'https://me:queuepass@sqs.example/0/q'", "holds a user or password; give AWS"},
    {"sqs_endpoint: 'https://sqs.example'", NULL},
    {"sqs_endpoint: 'https://sqs.example:8443/'", NULL},
    {"sqs_endpoint: 'http://sqs.example'", "sqs_endpoint: the address is not encrypted"},
    {"sqs_endpoint: 'https://sqs.example/x'", "an address without path is expected"},
    {"sqs_endpoint: 'https://sqs.example/?x'", "an address without path is expected"},
    {"sqs_region: us-gov-west-1", NULL},
    {"sqs_region: 'eu west'", "sqs_region: no name of a region: 'eu west'"},
};

static void test_queue_addresses(void **state)
{
	struct fixture *f = *state;

	for (size_t i = 0; i < N(queues); i++) {
		load_dlq(f, queues[i].dlq);
		if (queues[i].part != NULL)
			assert_problem(f, queues[i].part);
		else if (problems_count(f->problems) != 0)
			fail_msg("%s: %s", queues[i].dlq, problems_text(f->problems, 0));
		if (problems_count(f->problems) != 0)
			assert_null(strstr(problems_text(f->problems, 0), "queuepass"));
	}
	assert_redacted(f, "queuepass");
	put("a.yaml",
	    "api: { allow_http: true }\n"
	    "dlq: { sqs_url: 'http://h/q', sqs_endpoint: 'http://h' }\n" SOURCE,
	    0600);
	load(f, "a.yaml");
	assert_int_equal(problems_count(f->problems), 0);
}

/* ---- Rejected rows --------------------------------------------------------------------- */

static const struct {
	const char *text;
	int64_t rows, percent; /* -1: a problem */
} rejected[] = {
    {"0", 0, 0},
    {"100", 100, 0},
    {"1000000000", 1000000000, 0},
    {"5%", 20, 5},
    {"0%", 20, 0},
    {"100%", 20, 100},
    {"", -1, 0},
    {"%", -1, 0},
    {"-1", -1, 0},
    {"1000000001", -1, 0},
    {"101%", -1, 0},
    {"-5%", -1, 0},
    {"5.5%", -1, 0},
    {"5 %", -1, 0},
    {"5%%", -1, 0},
    {"12345678901234567890%", -1, 0},
    {"many", -1, 0},
};

static void test_max_rejected(void **state)
{
	struct fixture *f = *state;
	char text[256];

	put("a.yaml", SOURCE, 0600);
	load(f, "a.yaml");
	assert_int_equal(f->config->push.max_rejected_rows, 20);
	assert_int_equal(f->config->push.max_rejected_percent, 5);
	assert_int_equal(f->config->push.compression, COMPRESSION_AUTO);
	for (size_t i = 0; i < N(rejected); i++) {
		(void)snprintf(text, sizeof(text), "push: { max_rejected: '%s' }\n" SOURCE,
			       rejected[i].text);
		put("a.yaml", text, 0600);
		load(f, "a.yaml");
		if (rejected[i].rows < 0) {
			assert_problem(f,
				       "max_rejected: neither a number of rows nor a percentage");
			continue;
		}
		assert_int_equal(problems_count(f->problems), 0);
		assert_int_equal(f->config->push.max_rejected_rows, rejected[i].rows);
		assert_int_equal(f->config->push.max_rejected_percent, rejected[i].percent);
	}
}

static void test_paths_and_overrides(void **state)
{
	const struct config_overrides overrides = {
	    .api_url = "https://o/", .api_ca_file = "/ca.pem", .store_path = "/o/store.db"};
	struct fixture *f = *state;
	char *path = file_join(f->folder, "a.yaml");
	char expected[128];

	put("a.yaml", "api: { ca_file: ca.pem }\nstore: { path: s/x.db }\nplugin_path: p\n" SOURCE,
	    0600);
	load(f, path);
	(void)snprintf(expected, sizeof(expected), "%s/s/x.db", f->folder);
	assert_string_equal(f->config->store_path, expected);
	(void)snprintf(expected, sizeof(expected), "%s/p", f->folder);
	assert_string_equal(f->config->plugin_path[0], expected);
	assert_string_equal(f->config->path, path);
	reset(f);
	f->config = config_load(path, &overrides, f->secrets, f->problems);
	assert_string_equal(f->config->store_path, "/o/store.db");
	assert_string_equal(f->config->api.url, "https://o/");
	assert_string_equal(f->config->api.ca_file, "/ca.pem");
	put("a.yaml", SOURCE, 0600);
	load(f, path);
	assert_string_equal(f->config->store_path, "/var/lib/a/defsync.db");
	(void)unsetenv("STATE_DIRECTORY");
	load(f, path);
	if (geteuid() == 0)
		assert_string_equal(f->config->store_path, "/var/lib/defsync/defsync.db");
	free(path);
}

static void test_clash_with_core_option(void **state)
{
	static const struct defsync_option clash[] = {
	    {.name = "every", .type = DEFSYNC_OPTION_STRING, .help = "x"}};
	static const struct option_table table = OPTION_TABLE(clash);
	struct fixture *f = *state;

	put("a.yaml", SOURCE, 0600);
	f->config = config_load("a.yaml", NULL, f->secrets, f->problems);
	config_bind_source(f->config, &f->config->sources[0], &table, &no_table, f->secrets,
			   f->problems);
	assert_problem(
	    f, "internal error: plugin 'x' declares an option that is defsync's own: 'every'");
}

static void test_report(void **state)
{
	struct fixture *f = *state;
	struct error err = ERROR_INIT;
	struct log *log;
	char text[4096];
	int fds[2];
	ssize_t n;

	assert_int_equal(pipe(fds), 0);
	log = log_create(fds[1], LOG_INFO, LOG_TEXT);
	put("a.yaml", "include: b.yaml\npush: { batch_rows: 0 }\nx: 1\n" SOURCE, 0600);
	put("b.yaml", "y: 1\n", 0600);
	load(f, "a.yaml");
	assert_int_equal(problems_report(f->problems, log, &err), -1);
	assert_int_equal(err.class, ERR_CONFIG);
	assert_string_equal(error_text(&err), "3 errors in a.yaml");
	error_done(&err);
	n = read(fds[0], text, sizeof(text) - 1);
	text[n > 0 ? n : 0] = '\0';
	assert_memory_equal(text,
			    "defsync: a.yaml:2:21: batch_rows: out of range: '0'; must be 1 to "
			    "50000\ndefsync: a.yaml:3:1: unknown key: 'x'; ",
			    108);
	assert_non_null(strstr(text, "\ndefsync: b.yaml:1:1: unknown key: 'y'; "));
	put("a.yaml", SOURCE, 0600);
	load(f, "a.yaml");
	assert_int_equal(problems_report(f->problems, log, &err), 0);
	log_destroy(log);
	(void)close(fds[0]);
	(void)close(fds[1]);
}

/* ---- The command line ------------------------------------------------------------------ */

static void adhoc(struct fixture *f, const char *const *sets, size_t n_sets, const char *table)
{
	const struct config_adhoc a = {"sqlite", sets, n_sets, &table, table ? 1 : 0};
	const struct config_overrides overrides = {.api_url = "https://x/"};

	reset(f);
	f->config = config_adhoc(&a, &overrides, f->secrets, f->problems);
	assert_non_null(f->config);
	config_bind_source(f->config, &f->config->sources[0], &source_table, &no_table, f->secrets,
			   f->problems);
	config_finish(f->config, f->problems);
}

static void test_adhoc(void **state)
{
	static const char *const sets[] = {"database=shop.db", "dsn=${MODEL_DSN}", "files=a",
					   "files=b", "every=5m"};
	struct fixture *f = *state;
	const struct config_table *t;
	const struct config_source *s;

	(void)setenv("MODEL_DSN", "postgres://u:secretpw@h/d", 1);
	adhoc(f, sets, N(sets), "orders:bronze.orders:updated_at:id,line");
	if (problems_count(f->problems) > 0)
		fail_msg("%s", problems_text(f->problems, 0));
	s = &f->config->sources[0];
	t = &s->tables[0];
	assert_string_equal(s->name, "sqlite");
	assert_string_equal(s->plugin, "sqlite");
	assert_int_equal(s->every_ms, 300000);
	assert_string_equal(options_string(s->options, "database"), "shop.db");
	assert_string_equal(options_string(s->options, "dsn"), "postgres://u:secretpw@h/d");
	assert_int_equal(options_count(s->options, "files"), 2);
	assert_string_equal(options_item(s->options, "files", 1), "b");
	assert_redacted(f, "postgres://u:secretpw@h/d");
	assert_string_equal(t->from, "orders");
	assert_string_equal(t->to, "bronze.orders");
	assert_string_equal(t->watermark, "updated_at");
	assert_int_equal(t->read_mode, DEFSYNC_READ_INCREMENTAL);
	assert_int_equal(t->n_key, 2);
	assert_string_equal(t->key[1], "line");
	assert_string_equal(f->config->api.url, "https://x/");
	assert_null(f->config->path);
	adhoc(f, NULL, 0, "orders:orders:");
	assert_int_equal(problems_count(f->problems), 0);
	assert_int_equal(f->config->sources[0].tables[0].read_mode, DEFSYNC_READ_SNAPSHOT);
	assert_null(f->config->sources[0].tables[0].watermark);
	adhoc(f, NULL, 0, "orders:orders::id");
	assert_int_equal(f->config->sources[0].tables[0].read_mode, DEFSYNC_READ_SNAPSHOT);
	assert_string_equal(f->config->sources[0].tables[0].key[0], "id");
}

static void test_adhoc_problems(void **state)
{
	static const struct {
		const char *set, *table, *part;
	} rows[] = {
	    {"database", "a:b:c", "--set: no 'NAME=VALUE': 'database'"},
	    {"=x", "a:b:c", "--set: no 'NAME=VALUE'"},
	    {"databse=x", "a:b:c", "--set: unknown key: 'databse'; did you mean 'database'?"},
	    {"plugin=x", "a:b:c", "--set: not to be set: 'plugin'"},
	    {"database=${MODEL_UNSET}", "a:b:c", "--set: variable is not set: 'MODEL_UNSET'"},
	    {"every=soon", "a:b:c", "--set: every: no duration: 'soon'"},
	    {"dsn=host=x", "a:b:c", "--set: dsn: a secret on the command line"},
	    {"database=mysql://u:hidden@h/d", "a:b:c",
	     "use password_file or an environment variable"},
	    {"dsn=host=h password=hidden", "a:b:c", "use password_file or an environment variable"},
	    {"database=x", "a:b", "--table: no 'FROM:TO:WATERMARK[:KEY]': 'a:b'"},
	    {"database=x", "a", "--table: no 'FROM:TO:WATERMARK[:KEY]'"},
	    {"database=x", "a:b:c:d:e", "--table: more than four parts"},
	    {"database=x", ":b:c", "--table: from: empty name"},
	    {"database=x", "a::c", "--table: to: empty name"},
	    {"database=x", "a:x y:c", "--table: to: no name of a target: 'x y'"},
	    {"database=x", "a:b:c:k,,l", "--table: key: empty name of a column"},
	    {"database=x", NULL, "'tables' is missing or empty"},
	};
	struct fixture *f = *state;
	size_t i;

	(void)unsetenv("MODEL_UNSET");
	for (i = 0; i < N(rows); i++) {
		adhoc(f, &rows[i].set, 1, rows[i].table);
		assert_problem(f, rows[i].part);
		assert_null(strstr(problems_text(f->problems, 0), "hidden"));
	}
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
	    TEST(test_search_order),
	    TEST(test_modes),
	    TEST(test_api_key),
	    TEST(test_queue),
	    TEST(test_queue_addresses),
	    TEST(test_max_rejected),
	    TEST(test_paths_and_overrides),
	    TEST(test_clash_with_core_option),
	    TEST(test_report),
	    TEST(test_adhoc),
	    TEST(test_adhoc_problems),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
