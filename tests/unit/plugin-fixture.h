/* SPDX-License-Identifier: MIT */
/*
 * What the tests of plugins share: the fakes of $DEFSYNC_TEST_PLUGINS, a log that
 * can be read back, options from YAML text.
 */

#ifndef TESTS_PLUGIN_FIXTURE_H
#define TESTS_PLUGIN_FIXTURE_H

#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

/* The host's service has the name of cmocka's macro. */
#undef fail

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "config/tree.h"
#include "plugin/loader.h"

struct plugin_fixture {
	int log_fd;
	struct log *log;
	struct loader *loader;
	struct arena arena;
	struct problems *problems;
	struct error err;
};

static inline const char *fixture_folder(void)
{
	const char *folder = getenv("DEFSYNC_TEST_PLUGINS");

	return folder ? folder : "tests/plugins";
}

static inline void *fixture_create(void)
{
	struct plugin_fixture *f = calloc(1, sizeof(*f));
	const char *path[] = {fixture_folder()};

	assert_non_null(f);
	f->log_fd = memfd_create("log", MFD_CLOEXEC);
	f->log = log_create(f->log_fd, LOG_DEBUG, LOG_TEXT);
	assert_non_null(f->log);
	f->loader = loader_create(f->log, path, 1);
	assert_non_null(f->loader);
	f->problems = problems_create();
	arena_init(&f->arena, 16 << 20);
	return f;
}

static inline void fixture_destroy(struct plugin_fixture *f)
{
	error_done(&f->err);
	problems_destroy(f->problems);
	arena_done(&f->arena);
	loader_destroy(f->loader);
	log_destroy(f->log);
	close(f->log_fd);
	free(f);
}

static inline int fixture_setup(void **state)
{
	*state = fixture_create();
	return 0;
}

static inline int fixture_teardown(void **state)
{
	fixture_destroy(*state);
	return 0;
}

/* All that was logged; the caller frees it. */
static inline char *fixture_log(struct plugin_fixture *f)
{
	off_t size = lseek(f->log_fd, 0, SEEK_END);
	char *text = calloc(1, (size_t)size + 1);

	assert_non_null(text);
	assert_int_equal(pread(f->log_fd, text, (size_t)size, 0), size);
	return text;
}

static inline void fixture_clear_error(struct plugin_fixture *f)
{
	error_done(&f->err);
	f->err = (struct error)ERROR_INIT;
}

static inline const struct plugin *fixture_source(struct plugin_fixture *f, const char *name)
{
	const struct plugin *p = loader_source(f->loader, name, &f->err);

	if (!p)
		print_error("%s\n", error_text(&f->err));
	assert_non_null(p);
	return p;
}

/* "rows: 3" and so on, a line an option. */
static inline const struct defsync_options *fixture_options(struct plugin_fixture *f,
							    const struct option_table *table,
							    const char *yaml)
{
	struct tree *map = tree_parse(yaml, strlen(yaml), "test.yaml", &f->arena, f->problems);
	const struct defsync_options *o =
	    options_read(table, map, "/", &f->arena, log_secrets(f->log), f->problems);

	if (problems_count(f->problems) > 0)
		print_error("%s\n", problems_text(f->problems, 0));
	assert_int_equal(problems_count(f->problems), 0);
	assert_non_null(o);
	return o;
}

/* The text is in the string; both are shown when not. */
static inline void assert_contains(const char *text, const char *part)
{
	if (!strstr(text, part))
		print_error("'%s'\n  lacks '%s'\n", text, part);
	assert_non_null(strstr(text, part));
}

static inline void assert_fails(struct plugin_fixture *f, enum error_class class,
				const char *const *parts)
{
	if (f->err.class != class)
		print_error("%s\n", error_text(&f->err));
	assert_int_equal(f->err.class, class);
	for (; *parts; parts++)
		assert_contains(error_text(&f->err), *parts);
	fixture_clear_error(f);
}

#define PARTS(...) ((const char *const[]){__VA_ARGS__, NULL})

#endif
