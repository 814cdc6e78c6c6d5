/* SPDX-License-Identifier: MIT */
/* Variables, files and credentials in scalars. */

#define _GNU_SOURCE
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "base/limits.h"
#include "config/expand.h"
#include "config/tree.h"

#include <setjmp.h>

#include <cmocka.h>

struct fixture {
	char folder[64], file[96];
	struct tree at;
	struct arena arena;
	struct problems *problems;
};

static int setup(void **state)
{
	struct fixture *f = calloc(1, sizeof(*f));

	if (!f)
		return -1;
	(void)snprintf(f->folder, sizeof(f->folder), "/tmp/defsync-expand-XXXXXX");
	if (!mkdtemp(f->folder))
		return -1;
	(void)snprintf(f->file, sizeof(f->file), "%s/defsync.yaml", f->folder);
	f->at = (struct tree){.file = f->file, .line = 3, .column = 4};
	arena_init(&f->arena, 8 << 20);
	f->problems = problems_create();
	(void)setenv("EXPAND_A", "aa", 1);
	(void)setenv("EXPAND_EMPTY", "", 1);
	(void)unsetenv("EXPAND_UNSET");
	(void)setenv("CREDENTIALS_DIRECTORY", f->folder, 1);
	*state = f;
	return f->problems ? 0 : -1;
}

static int teardown(void **state)
{
	struct fixture *f = *state;
	char path[128];

	(void)snprintf(path, sizeof(path), "%s/secret", f->folder);
	(void)unlink(path);
	problems_destroy(f->problems);
	arena_done(&f->arena);
	(void)rmdir(f->folder);
	free(f);
	return 0;
}

static const char *run(struct fixture *f, const char *text, int *ret_secret)
{
	return expand(text, &f->at, &f->arena, f->problems, ret_secret);
}

static void test_variables(void **state)
{
	static const struct {
		const char *text, *expected; /* NULL: refused */
		int secret;
	} rows[] = {
	    {"plain", "plain", 0},
	    {"", "", 0},
	    {"$", "$", 0},
	    {"a$b $(id) `x` ~", "a$b $(id) `x` ~", 0},
	    {"$$", "$", 0},
	    {"$${EXPAND_A}", "${EXPAND_A}", 0},
	    {"${EXPAND_A}", "aa", EXPAND_VARIABLE},
	    {"<${EXPAND_A}-${EXPAND_A}>", "<aa-aa>", EXPAND_VARIABLE},
	    {"${EXPAND_A:-b}", "aa", EXPAND_VARIABLE},
	    {"${EXPAND_UNSET:-b c}", "b c", EXPAND_VARIABLE},
	    {"${EXPAND_EMPTY:-b}", "b", EXPAND_VARIABLE},
	    {"${EXPAND_UNSET:-}", "", EXPAND_VARIABLE},
	    {"${EXPAND_UNSET:-a:-b}", "a:-b", EXPAND_VARIABLE},
	    {"${EXPAND_UNSET}", NULL, 0},
	    {"${EXPAND_EMPTY}", NULL, 0},
	    {"${EXPAND_A", NULL, 0},
	    {"${}", NULL, 0},
	    {"${1A}", NULL, 0},
	    {"${EXPAND-A}", NULL, 0},
	    {"${EXPAND_A:+x}", NULL, 0},
	    {"${EXPAND_UNSET:-${EXPAND_A}}", NULL, 0},
	    {"${FILE:x}", NULL, 0},
	};
	struct fixture *f = *state;
	size_t i, refused = 0;

	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		int secret = 0;
		const char *got = run(f, rows[i].text, &secret);

		if (rows[i].expected) {
			assert_string_equal(got ? got : "(refused)", rows[i].expected);
			assert_int_equal(secret, rows[i].secret);
		} else {
			assert_null(got);
			refused++;
		}
		assert_int_equal(problems_count(f->problems), refused);
	}
}

static void put(struct fixture *f, const char *text, size_t n)
{
	struct error err = ERROR_INIT;
	char path[128];

	(void)snprintf(path, sizeof(path), "%s/secret", f->folder);
	assert_int_equal(file_replace(path, text, n, 0600, &err), 0);
}

static void test_files(void **state)
{
	static const struct {
		const char *contents;
		size_t n;
		const char *expected; /* NULL: refused */
	} rows[] = {
	    {"s3cret", 6, "s3cret"},
	    {"s3cret\n", 7, "s3cret"},
	    {"s3cret\r\n", 8, "s3cret"},
	    {" s ", 3, " s "},
	    {"a\n\n", 3, NULL},
	    {"a\nb\n", 4, NULL},
	    {"a\rb", 3, NULL},
	    {"a\0b", 3, NULL},
	    {"", 0, NULL},
	    {"\n", 1, NULL},
	    {"${EXPAND_A}", 11, "${EXPAND_A}"},
	};
	struct fixture *f = *state;
	size_t i, refused = 0;

	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		static const char *const forms[] = {"${file:secret}", "${credential:secret}"};
		size_t k;

		put(f, rows[i].contents, rows[i].n);
		for (k = 0; k < 2; k++) {
			int secret = 0;
			const char *got = run(f, forms[k], &secret);

			if (rows[i].expected) {
				assert_string_equal(got ? got : "(refused)", rows[i].expected);
				assert_int_equal(secret, EXPAND_FILE);
			} else {
				assert_null(got);
				refused++;
			}
			assert_int_equal(problems_count(f->problems), refused);
		}
	}
}

static void test_refused_paths(void **state)
{
	static const char *const texts[] = {
	    "${file:}",		  "${file:none}",   "${file:~/x}",	  "${file:/dev/zero}",
	    "${file:/}",	  "${credential:}", "${credential:../x}", "${credential:a/secret}",
	    "${credential:none}",
	};
	struct fixture *f = *state;
	size_t i;
	int secret = 0;

	for (i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		assert_null(run(f, texts[i], &secret));
		assert_int_equal(problems_count(f->problems), i + 1);
	}
	(void)unsetenv("CREDENTIALS_DIRECTORY");
	assert_null(run(f, "${credential:secret}", &secret));
	assert_int_equal(problems_count(f->problems), i + 1);
}

static void test_long_values(void **state)
{
	struct fixture *f = *state;
	char *value = malloc(100001), *text = malloc(100000);
	int secret = 0, i;

	memset(value, 'x', 100000);
	value[100000] = '\0';
	put(f, value, LIMIT_SECRET_FILE_BYTES);
	assert_int_equal(strlen(run(f, "${file:secret}", &secret)), LIMIT_SECRET_FILE_BYTES);
	put(f, value, LIMIT_SECRET_FILE_BYTES + 1);
	assert_null(run(f, "${file:secret}", &secret));
	/* many times a long variable: over what one value may be */
	(void)setenv("EXPAND_LONG", value, 1);
	*text = '\0';
	for (i = 0; i < 20; i++)
		memcpy(text + i * 14, "${EXPAND_LONG}", 15);
	assert_null(run(f, text, &secret));
	assert_int_equal(problems_count(f->problems), 2);
	(void)unsetenv("EXPAND_LONG");
	free(text);
	free(value);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
	    TEST(test_variables),
	    TEST(test_files),
	    TEST(test_refused_paths),
	    TEST(test_long_values),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
