/* SPDX-License-Identifier: MIT */
/* What the tests of the store share: a temporary folder, short calls, bytes of files. */

#ifndef TESTS_STORE_FIXTURE_H
#define TESTS_STORE_FIXTURE_H

/* Before cmocka, whose macro `fail` is a member of the plugin interface. */
#include "base/clock.h"
#include "store/store.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <dirent.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#define MAYBE __attribute__((unused)) static

#define COUNT_OF(a) (sizeof(a) / sizeof((a)[0]))
#define ENDED_BY_KILL (-SIGKILL)

struct folder {
	char path[64];
	char db[96];
	char marker[112];
	char lock[112];
};

MAYBE void remove_tree(const char *path)
{
	DIR *dir = opendir(path);
	struct dirent *entry;

	while (dir != NULL && (entry = readdir(dir)) != NULL) {
		char inner[512];

		if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0)
			continue;
		(void)snprintf(inner, sizeof(inner), "%s/%s", path, entry->d_name);
		if (unlink(inner) < 0)
			remove_tree(inner);
	}
	if (dir != NULL)
		(void)closedir(dir);
	(void)rmdir(path);
}

MAYBE void folder_names(struct folder *f)
{
	(void)snprintf(f->db, sizeof(f->db), "%s/s.db", f->path);
	(void)snprintf(f->marker, sizeof(f->marker), "%s.initialized", f->db);
	(void)snprintf(f->lock, sizeof(f->lock), "%s.lock", f->db);
}

MAYBE int folder_setup(void **state)
{
	struct folder *f = calloc(1, sizeof(*f));

	(void)snprintf(f->path, sizeof(f->path), "/tmp/defsync-store-XXXXXX");
	if (mkdtemp(f->path) == NULL)
		return -1;
	folder_names(f);
	*state = f;
	return 0;
}

MAYBE int folder_teardown(void **state)
{
	struct folder *f = *state;

	remove_tree(f->path);
	free(f);
	return 0;
}

MAYBE const struct store_limits roomy = {.recent_max = 5000000, .dlq_max_bytes = 1000000000};

MAYBE struct store *open_as(const char *path, enum store_access access,
			    const struct store_limits *limits)
{
	struct error err = ERROR_INIT;
	struct store *s = store_open(path, access, limits, NULL, &err);

	if (s == NULL)
		print_error("%s\n", error_text(&err));
	error_done(&err);
	return s;
}

MAYBE struct store *must_open(const struct folder *f)
{
	struct store *s = open_as(f->db, STORE_WRITE, &roomy);

	assert_non_null(s);
	return s;
}

/* The store must refuse, with this class and with this in its text. */
MAYBE void assert_refused(const char *path, enum store_access access, enum error_class class,
			  const char *words)
{
	struct error err = ERROR_INIT;
	struct store *s = store_open(path, access, &roomy, NULL, &err);

	if (s != NULL || err.class != class || strstr(error_text(&err), words) == NULL)
		print_error("wanted class %d, '%s'; got %d, %s\n", (int)class, words,
			    (int)err.class, error_text(&err));
	assert_null(s);
	assert_int_equal(err.class, class);
	assert_non_null(strstr(error_text(&err), words));
	error_done(&err);
}

MAYBE void assert_error(struct error *err, enum error_class class, const char *words)
{
	if (err->class != class || strstr(error_text(err), words) == NULL)
		print_error("wanted class %d, '%s'; got %d, %s\n", (int)class, words,
			    (int)err->class, error_text(err));
	assert_int_equal(err->class, class);
	assert_non_null(strstr(error_text(err), words));
	error_done(err);
}

MAYBE int64_t table_id(struct store *s, const char *table)
{
	struct store_table t;
	int64_t id;

	assert_int_equal(store_table(s, "shop", table, "bronze.t", &t, NULL), 0);
	id = t.id;
	store_table_done(&t);
	return id;
}

/* A step with a run of its own; the caller fills in the rest. */
MAYBE struct store_step step_of(struct store *s, const char *table)
{
	struct store_step step = {.table_id = table_id(s, table)};

	assert_int_equal(store_run_number(s, &step.run_no, NULL), 0);
	assert_int_equal(store_run_begin(s, step.table_id, step.run_no, "run", &step.run_row, NULL),
			 0);
	return step;
}

MAYBE void step_checkpoint(struct store_step *step, const char *checkpoint)
{
	step->checkpoint = checkpoint;
	step->checkpoint_len = checkpoint != NULL ? strlen(checkpoint) : 0;
	step->phase = "load";
}

MAYBE void assert_checkpoint(struct store *s, const char *table, const char *checkpoint)
{
	struct store_table t;

	assert_int_equal(store_table_find(s, "shop", table, &t, NULL), 1);
	assert_string_equal(t.checkpoint, checkpoint);
	store_table_done(&t);
}

MAYBE int64_t dead_count(struct store *s)
{
	int64_t n = -1, bytes;

	assert_int_equal(store_dead_count(s, NULL, &n, &bytes, NULL), 0);
	return n;
}

MAYBE char *read_bytes(const char *path, size_t *ret_n)
{
	FILE *file = fopen(path, "rb");
	char *p;
	long n;

	if (file == NULL)
		return NULL;
	(void)fseek(file, 0, SEEK_END);
	n = ftell(file);
	rewind(file);
	p = malloc((size_t)n + 1);
	assert_int_equal(fread(p, 1, (size_t)n, file), (size_t)n);
	(void)fclose(file);
	*ret_n = (size_t)n;
	return p;
}

MAYBE void write_bytes(const char *path, const void *p, size_t n)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);

	assert_true(fd >= 0);
	assert_int_equal(write(fd, p, n), (ssize_t)n);
	assert_int_equal(close(fd), 0);
}

/* Exit code of a child, or the negative signal. */
MAYBE int child_result(pid_t pid)
{
	int status;

	assert_int_equal(waitpid(pid, &status, 0), pid);
	return WIFSIGNALED(status) ? -WTERMSIG(status) : WEXITSTATUS(status);
}

#endif
