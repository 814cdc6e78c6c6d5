/* SPDX-License-Identifier: MIT */
/* Option tables: are they sound, reading, getters, help. */

#define _GNU_SOURCE
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/limits.h"
#include "config/model.h"
#include "config/options.h"

#include <setjmp.h>

#include <cmocka.h>

#define N(array) (sizeof(array) / sizeof((array)[0]))

struct fixture {
	struct arena arena;
	struct problems *problems;
	struct secrets *secrets;
};

static int setup(void **state)
{
	struct fixture *f = calloc(1, sizeof(*f));

	if (!f)
		return -1;
	arena_init(&f->arena, 8 << 20);
	f->problems = problems_create();
	f->secrets = secrets_create();
	*state = f;
	return f->problems && f->secrets ? 0 : -1;
}

static int teardown(void **state)
{
	struct fixture *f = *state;

	problems_destroy(f->problems);
	secrets_destroy(f->secrets);
	arena_done(&f->arena);
	free(f);
	return 0;
}

/* ---- Tables -------------------------------------------------------------------- */

static void test_sound_tables(void **state)
{
	static const struct defsync_option bad[] = {
	    {.name = NULL, .type = DEFSYNC_OPTION_STRING, .help = "x"},
	    {.name = "", .type = DEFSYNC_OPTION_STRING, .help = "x"},
	    {.name = "Upper", .type = DEFSYNC_OPTION_STRING, .help = "x"},
	    {.name = "1st", .type = DEFSYNC_OPTION_STRING, .help = "x"},
	    {.name = "a-b", .type = DEFSYNC_OPTION_STRING, .help = "x"},
	    {.name = "a", .type = 0, .help = "x"},
	    {.name = "a", .type = 13, .help = "x"},
	    {.name = "a", .type = UINT32_MAX, .help = "x"},
	    {.name = "a", .type = DEFSYNC_OPTION_STRING, .flags = 8, .help = "x"},
	    {.name = "a", .type = DEFSYNC_OPTION_STRING},
	    {.name = "a", .type = DEFSYNC_OPTION_STRING, .help = ""},
	    {.name = "a", .type = DEFSYNC_OPTION_STRING, .help = "Full stop."},
	    {.name = "a", .type = DEFSYNC_OPTION_STRING, .help = "two\nlines"},
	    {.name = "a", .type = DEFSYNC_OPTION_STRING, .min = 1, .max = 2, .help = "x"},
	    {.name = "a", .type = DEFSYNC_OPTION_INT, .min = 2, .max = 1, .help = "x"},
	    {.name = "a", .type = DEFSYNC_OPTION_INT, .default_text = "x", .help = "x"},
	    {.name = "a",
	     .type = DEFSYNC_OPTION_INT,
	     .default_text = "0",
	     .min = 1,
	     .max = 2,
	     .help = "x"},
	    {.name = "a", .type = DEFSYNC_OPTION_ENUM, .help = "x"},
	    {.name = "a", .type = DEFSYNC_OPTION_ENUM, .values = "", .help = "x"},
	    {.name = "a", .type = DEFSYNC_OPTION_ENUM, .values = "a||b", .help = "x"},
	    {.name = "a",
	     .type = DEFSYNC_OPTION_ENUM,
	     .values = "a|b",
	     .default_text = "c",
	     .help = "x"},
	    {.name = "a", .type = DEFSYNC_OPTION_STRING, .values = "a|b", .help = "x"},
	    {.name = "a", .type = DEFSYNC_OPTION_SECRET, .default_text = "pass", .help = "x"},
	    {.name = "a",
	     .type = DEFSYNC_OPTION_INT,
	     .flags = DEFSYNC_OPTION_REQUIRED,
	     .default_text = "1",
	     .help = "x"},
	};
	static const struct defsync_option twice[] = {
	    {.name = "a", .type = DEFSYNC_OPTION_INT, .help = "x"},
	    {.name = "a", .type = DEFSYNC_OPTION_INT, .help = "x"},
	};
	struct option_table table = {NULL, 0, sizeof(struct defsync_option)};
	struct error err = ERROR_INIT;
	size_t i;

	(void)state;
	assert_int_equal(option_table_check(&table, &err), 0);
	for (i = 0; i < N(bad); i++) {
		table = (struct option_table){&bad[i], 1, sizeof(bad[0])};
		if (option_table_check(&table, &err) != -1)
			fail_msg("table %zu is not refused", i);
		assert_int_equal(err.class, ERR_INTERNAL);
		error_done(&err);
	}
	table = (struct option_table){twice, 2, sizeof(twice[0])};
	assert_int_equal(option_table_check(&table, &err), -1);
	assert_non_null(strstr(error_text(&err), "twice"));
	error_done(&err);
	table = (struct option_table){twice, 1, sizeof(twice[0]) - 8};
	assert_int_equal(option_table_check(&table, NULL), -1);
	table = (struct option_table){twice, 1, sizeof(twice[0]) + 1};
	assert_int_equal(option_table_check(&table, NULL), -1);
	table = (struct option_table){twice, LIMIT_OPTIONS + 1, sizeof(twice[0])};
	assert_int_equal(option_table_check(&table, NULL), -1);
	table = (struct option_table){NULL, 1, sizeof(twice[0])};
	assert_int_equal(option_table_check(&table, NULL), -1);
}

static void test_own_tables(void **state)
{
	const struct config_section *sections;
	size_t i, n;

	(void)state;
	sections = config_sections(&n);
	assert_true(n >= 7);
	for (i = 0; i < n; i++) {
		struct error err = ERROR_INIT;

		if (option_table_check(&sections[i].table, &err) < 0)
			fail_msg("%s: %s", sections[i].name, error_text(&err));
	}
}

/* ---- Reading --------------------------------------------------------------------- */

/* Larger than what we know, as a later plugin's. */
struct later_option {
	struct defsync_option option;
	void *more;
};

static const struct later_option later[] = {
    {{.name = "text", .type = DEFSYNC_OPTION_STRING, .help = "x"}, NULL},
    {{.name = "count",
      .type = DEFSYNC_OPTION_INT,
      .default_text = "7",
      .min = -5,
      .max = 100,
      .help = "x"},
     NULL},
    {{.name = "on", .type = DEFSYNC_OPTION_BOOL, .default_text = "yes", .help = "x"}, NULL},
    {{.name = "time", .type = DEFSYNC_OPTION_DURATION, .default_text = "2m", .help = "x"}, NULL},
    {{.name = "size", .type = DEFSYNC_OPTION_SIZE, .min = 1, .max = INT64_MAX, .help = "x"}, NULL},
    {{.name = "choice",
      .type = DEFSYNC_OPTION_ENUM,
      .values = "red|green|blue",
      .default_text = "red",
      .help = "x"},
     NULL},
    {{.name = "list", .type = DEFSYNC_OPTION_LIST, .default_text = "all", .help = "x"}, NULL},
    {{.name = "map", .type = DEFSYNC_OPTION_MAP, .help = "x"}, NULL},
    {{.name = "path", .type = DEFSYNC_OPTION_PATH, .default_text = "here", .help = "x"}, NULL},
    {{.name = "password", .type = DEFSYNC_OPTION_SECRET, .help = "x"}, NULL},
    {{.name = "ratio", .type = DEFSYNC_OPTION_DOUBLE, .default_text = "0.5", .help = "x"}, NULL},
    {{.name = "must",
      .type = DEFSYNC_OPTION_IDENTIFIER,
      .flags = DEFSYNC_OPTION_REQUIRED,
      .help = "a name"},
     NULL},
    {{.name = "old",
      .type = DEFSYNC_OPTION_INT,
      .flags = DEFSYNC_OPTION_DEPRECATED,
      .help = "use count"},
     NULL},
};
static const struct option_table later_table = {&later[0].option, N(later), sizeof(later[0])};

static struct defsync_options *read_text(struct fixture *f, const char *text)
{
	struct tree *map = tree_parse(text, strlen(text), "f", &f->arena, f->problems);

	assert_non_null(map);
	return options_read(&later_table, map, "/etc/defsync", &f->arena, f->secrets, f->problems);
}

static void test_defaults(void **state)
{
	struct fixture *f = *state;
	struct defsync_options *o = read_text(f, "must: a\ntext: ~\n");

	assert_int_equal(problems_count(f->problems), 0);
	assert_int_equal(option_table_check(&later_table, NULL), 0);
	assert_null(options_string(o, "text"));
	assert_int_equal(options_int(o, "count"), 7);
	assert_int_equal(options_int(o, "on"), 1);
	assert_int_equal(options_int(o, "time"), 120000);
	assert_int_equal(options_int(o, "size"), 0);
	assert_string_equal(options_string(o, "choice"), "red");
	assert_int_equal(options_count(o, "list"), 1);
	assert_string_equal(options_item(o, "list", 0), "all");
	assert_int_equal(options_count(o, "map"), 0);
	assert_string_equal(options_string(o, "path"), "/etc/defsync/here");
	assert_true(options_double(o, "ratio") == 0.5);
	assert_true(options_is_set(o, "must"));
	assert_false(options_is_set(o, "count"));
	assert_false(options_is_set(o, "text"));
	/* names that nobody declared */
	assert_null(options_string(o, "none"));
	assert_int_equal(options_int(o, "none"), 0);
	assert_null(options_item(o, "list", 1));
	assert_null(options_string(NULL, "text"));
}

static void test_values(void **state)
{
	struct fixture *f = *state;
	struct defsync_options *o =
	    read_text(f, "must: a\ntext: ''\ncount: \"-5\"\non: off\ntime: 5\nsize: 4MB\n"
			 "choice: blue\nlist: [a, 'b']\nmap: { x: 1, y: ~ }\npath: /abs\n"
			 "password: hunter2\nratio: 1e3\nold: 1\n");
	struct buf b;

	assert_int_equal(problems_count(f->problems), 0);
	assert_string_equal(options_string(o, "text"), "");
	assert_int_equal(options_int(o, "count"), -5);
	assert_int_equal(options_int(o, "on"), 0);
	assert_int_equal(options_int(o, "time"), 5000);
	assert_int_equal(options_int(o, "size"), 4000000);
	assert_string_equal(options_string(o, "choice"), "blue");
	assert_int_equal(options_count(o, "list"), 2);
	assert_string_equal(options_item(o, "list", 1), "b");
	assert_string_equal(options_item(o, "map", 0), "x=1");
	assert_string_equal(options_item(o, "map", 1), "y=");
	assert_string_equal(options_string(o, "path"), "/abs");
	assert_true(options_double(o, "ratio") == 1000);
	assert_true(options_is_set(o, "text"));
	assert_string_equal(problems_warning(f->problems, 0),
			    "f:13:6: old is deprecated: use count");
	buf_init(&b, 100);
	assert_int_equal(buf_add_str(&b, "it is hunter2"), 0);
	assert_int_equal(secrets_redact(f->secrets, &b), 0);
	assert_string_equal(buf_str(&b), "it is [redacted]");
	buf_done(&b);
}

static void test_wrong_values(void **state)
{
	static const struct {
		const char *text, *message;
	} rows[] = {
	    {"x: 1", "f:1:1: 'must' is missing; a name"},
	    {"must: ''", "f:1:7: must: empty name: ''; write a name or leave the option out"},
	    {"must: a\ncount: 101", "f:2:8: count: out of range: '101'; must be -5 to 100"},
	    {"must: a\ncount: 1.0", "f:2:8: count: no whole number: '1.0'; write digits only"},
	    {"must: a\nsize: 0", "f:2:7: size: out of range: '0'; must be 1B or more"},
	    {"must: a\ntime: 99999999999999999999",
	     "f:2:7: time: no duration: '99999999999999999999'; "
	     "write it like 250ms, 90s, 15m, 24h or 7d"},
	    {"must: a\nchoice: pink",
	     "f:2:9: choice: unknown value: 'pink'; must be red, green or blue"},
	    {"must: a\nratio: nan", "f:2:8: ratio: no number: 'nan'; write it like 0.5 or 1e6"},
	    {"must: a\npassword: ''",
	     "f:2:11: password: empty secret; set it or leave the option out"},
	    {"must: a\npassword: \"hunter2\\nx\"",
	     "f:2:11: password: line break in a secret; it must be one line"},
	    {"must: a\npassword: [hunter2]",
	     "f:2:11: password: one value is expected here, of type secret"},
	    {"must: a\npath: $(id)",
	     "f:2:7: path: '~' and '$()' are not expanded: '$(id)'; write the whole path"},
	    {"must: a\ncount: aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
	     "f:2:8: count: no whole number: "
	     "'aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa...'; write digits "
	     "only"},
	};
	struct fixture *f = *state;
	size_t i;

	for (i = 0; i < N(rows); i++) {
		struct problems *before = f->problems;

		f->problems = problems_create();
		assert_non_null(read_text(f, rows[i].text));
		assert_string_equal(problems_text(f->problems, 0), rows[i].message);
		assert_int_equal(problems_count(f->problems), 1);
		problems_destroy(f->problems);
		f->problems = before;
	}
}

static void test_unknown(void **state)
{
	static const char *const more[] = {"extra"};
	const struct option_table *tables[] = {&later_table};
	struct fixture *f = *state;
	const char text[] = "must: a\nextr: 1\nqqqqqq: 2\n";
	struct tree *map = tree_parse(text, strlen(text), "f", &f->arena, f->problems);

	assert_non_null(options_read(&later_table, map, NULL, &f->arena, f->secrets, f->problems));
	options_unknown(map, tables, 1, more, 1, f->problems);
	options_unknown(NULL, tables, 1, more, 1, f->problems);
	assert_int_equal(problems_count(f->problems), 2);
	assert_string_equal(problems_text(f->problems, 0),
			    "f:2:1: unknown key: 'extr'; did you mean 'extra'?");
	assert_memory_equal(problems_text(f->problems, 1),
			    "f:3:1: unknown key: 'qqqqqq'; known here: text,", 47);
}

static void test_help(void **state)
{
	struct buf out;

	(void)state;
	buf_init(&out, 10000);
	assert_int_equal(options_help(&later_table, 2, &out), 0);
	assert_non_null(strstr(buf_str(&out), "  count     x (int, default 7, -5 to 100)\n"));
	assert_non_null(strstr(buf_str(&out), "  choice    x (red|green|blue, default red)\n"));
	assert_non_null(strstr(buf_str(&out), "  must      a name (identifier, required)\n"));
	assert_non_null(strstr(buf_str(&out), "  old       use count (int, deprecated)\n"));
	buf_done(&out);
	buf_init(&out, 20);
	assert_int_equal(options_help(&later_table, 2, &out), -1);
	buf_done(&out);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_sound_tables),
	    cmocka_unit_test(test_own_tables),
	    TEST(test_defaults),
	    TEST(test_values),
	    TEST(test_wrong_values),
	    TEST(test_unknown),
	    cmocka_unit_test(test_help),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
