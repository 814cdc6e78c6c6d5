/* SPDX-License-Identifier: MIT */
/* The command line: forms of options, their mistakes, and where parsing stops. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "cli/args.h"

#define ARGV_MAX 8

static const struct arg_option command_options[] = {
    {.name = "table", .value = "TABLE", .repeated = 1, .help = "a list"},
    {.name = "limit", .value = "N", .letter = 'n', .help = "a number"},
    {.name = "dry-run", .help = "a flag"},
};

static const struct arg_option global_options[] = {
    {.name = "config", .value = "FILE", .help = "a value"},
    {.name = "verbose", .letter = 'v', .help = "a flag"},
    {.name = "quiet", .letter = 'q', .help = "a flag"},
};

static const struct arg_table tables[] = {
    ARG_TABLE(command_options),
    ARG_TABLE(global_options),
};

struct row {
	const char *argv[ARGV_MAX]; /* behind the program */
	const char *expected;	    /* "option=value ... | words", or the error */
};

/* Parses a row's arguments; the copies are freed by `done`. */
static int parse(struct args *a, const char *const *argv, enum args_extent extent,
		 struct error *err)
{
	static char *copy[ARGV_MAX + 1];
	int argc = 1;

	copy[0] = (char *)(uintptr_t) "defsync";
	for (; argc <= ARGV_MAX && argv[argc - 1] != NULL; argc++)
		copy[argc] = (char *)(uintptr_t)argv[argc - 1];
	assert_int_equal(args_init(a, argc, copy, err), 0);
	return args_parse(a, tables, 2, extent, err);
}

static void describe(const struct args *a, char *out, size_t size)
{
	size_t n = 0;

	for (size_t i = 0; i < a->n_values; i++) {
		const struct arg_value *v = &a->values[i];

		n += (size_t)snprintf(out + n, size - n, "%s%s%s ", v->option->name,
				      v->text != NULL ? "=" : "", v->text != NULL ? v->text : "");
	}
	n += (size_t)snprintf(out + n, size - n, "|");
	for (size_t i = 0; i < a->n_words; i++)
		n += (size_t)snprintf(out + n, size - n, " %s", a->words[i]);
}

static void check_rows(const struct row *rows, size_t n, enum args_extent extent)
{
	for (size_t i = 0; i < n; i++) {
		struct error err = ERROR_INIT;
		char got[512];
		struct args a;

		if (parse(&a, rows[i].argv, extent, &err) == 0) {
			describe(&a, got, sizeof(got));
		} else {
			assert_int_equal(err.class, ERR_USAGE);
			(void)snprintf(got, sizeof(got), "%s", error_text(&err));
		}
		assert_string_equal(got, rows[i].expected);
		args_done(&a);
		error_done(&err);
	}
}

static void test_forms(void **state)
{
	static const struct row rows[] = {
	    {{NULL}, "|"},
	    {{"a", "b"}, "| a b"},
	    {{"--table=x"}, "table=x |"},
	    {{"--table", "x"}, "table=x |"},
	    {{"--table="}, "table= |"},
	    {{"--table", ""}, "table= |"},
	    {{"--table=a=b"}, "table=a=b |"},
	    {{"--table", "x", "--table=y"}, "table=x table=y |"},
	    {{"--table", "--dry-run"}, "table=--dry-run |"},
	    {{"-n", "5"}, "limit=5 |"},
	    {{"-n5"}, "limit=5 |"},
	    {{"-n", "-5"}, "limit=-5 |"},
	    {{"-vqn5", "w"}, "verbose quiet limit=5 | w"},
	    {{"-vv"}, "verbose verbose |"},
	    {{"--dry-run", "w", "--config", "f", "x"}, "dry-run config=f | w x"},
	    {{"-"}, "| -"},
	    {{"-v", "--", "-q", "--table", "--"}, "verbose | -q --table --"},
	    {{""}, "| "},
	};

	(void)state;
	check_rows(rows, sizeof(rows) / sizeof(rows[0]), ARGS_ALL);
}

static void test_mistakes(void **state)
{
	static const struct row rows[] = {
	    {{"--tabel", "x"}, "unknown option: '--tabel'; did you mean '--table'"},
	    {{"--tabel=x"}, "unknown option: '--tabel'; did you mean '--table'"},
	    {{"--confg"}, "unknown option: '--confg'; did you mean '--config'"},
	    {{"--zzzzzz"}, "unknown option: '--zzzzzz'; see --help"},
	    {{"--tab", "x"}, "unknown option: '--tab'; see --help"},
	    {{"--"}, "|"},
	    {{"--=x"}, "unknown option: '--'; see --help"},
	    {{"-x"}, "unknown option: '-x'; see --help"},
	    {{"-vx"}, "unknown option: '-x'; see --help"},
	    {{"--table"}, "value missing: '--table'; --table TABLE"},
	    {{"-vn"}, "value missing: '-n'; -n N"},
	    {{"--dry-run=1"}, "option takes no value: '--dry-run'"},
	    {{"--dry-run="}, "option takes no value: '--dry-run'"},
	};

	(void)state;
	check_rows(rows, sizeof(rows) / sizeof(rows[0]), ARGS_ALL);
}

static void test_one_word(void **state)
{
	static const struct row rows[] = {
	    {{"-v", "run", "--unknown"}, "verbose | run"},
	    {{"--config", "f", "run", "-q"}, "config=f | run"},
	    {{"-v"}, "verbose |"},
	    {{"--", "-q", "x"}, "| -q"},
	};

	(void)state;
	check_rows(rows, sizeof(rows) / sizeof(rows[0]), ARGS_ONE_WORD);
}

static void test_goes_on(void **state)
{
	static const char *const argv[] = {"--config=a", "run", "--table", "t", "--config=b", NULL};
	struct error err = ERROR_INIT;
	struct args a;

	(void)state;
	assert_int_equal(parse(&a, argv, ARGS_ONE_WORD, &err), 0);
	assert_string_equal(args_value(&a, "config"), "a");
	assert_int_equal(args_parse(&a, tables, 2, ARGS_ALL, &err), 0);
	assert_string_equal(args_value(&a, "config"), "b");
	assert_string_equal(args_value(&a, "table"), "t");
	assert_int_equal(a.n_words, 1);
	args_done(&a);
}

static void test_getters(void **state)
{
	static const char *const argv[] = {"--table=a", "-v", "--table=b", "--limit=7", NULL};
	struct error err = ERROR_INIT;
	const char **list;
	struct args a;
	size_t n;

	(void)state;
	assert_int_equal(parse(&a, argv, ARGS_ALL, &err), 0);
	assert_int_equal(args_count(&a, "table"), 2);
	assert_string_equal(args_item(&a, "table", 0), "a");
	assert_string_equal(args_item(&a, "table", 1), "b");
	assert_null(args_item(&a, "table", 2));
	assert_string_equal(args_value(&a, "table"), "b");
	assert_true(args_has(&a, "verbose"));
	assert_null(args_value(&a, "verbose"));
	assert_false(args_has(&a, "quiet"));
	list = args_list(&a, "table", &n);
	assert_non_null(list);
	assert_int_equal(n, 2);
	assert_string_equal(list[1], "b");
	free(list);
	args_done(&a);
}

static void test_int(void **state)
{
	static const struct {
		const char *arg;
		int rc;
		int64_t expected;
	} rows[] = {
	    {"--limit=1", 0, 1},
	    {"--limit=10", 0, 10},
	    {"--limit=0", -1, 42},
	    {"--limit=11", -1, 42},
	    {"--limit=5x", -1, 42},
	    {"--limit=", -1, 42},
	    {"--verbose", 0, 42},
	    {"--limit=1e1", -1, 42},
	    {"--limit=99999999999999999999", -1, 42},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		const char *const argv[] = {rows[i].arg, NULL};
		struct error err = ERROR_INIT;
		int64_t got = 42;
		struct args a;

		assert_int_equal(parse(&a, argv, ARGS_ALL, &err), 0);
		assert_int_equal(args_int(&a, "limit", 1, 10, &got, &err), rows[i].rc);
		assert_int_equal(got, rows[i].expected);
		assert_int_equal(err.class, rows[i].rc == 0 ? ERR_NONE : ERR_USAGE);
		args_done(&a);
		error_done(&err);
	}
}

int main(void)
{
	const struct CMUnitTest all[] = {
	    cmocka_unit_test(test_forms),    cmocka_unit_test(test_mistakes),
	    cmocka_unit_test(test_one_word), cmocka_unit_test(test_goes_on),
	    cmocka_unit_test(test_getters),  cmocka_unit_test(test_int),
	};

	return cmocka_run_group_tests(all, NULL, NULL);
}
