/* SPDX-License-Identifier: MIT */
/* Files: whole reads, durable replacement, trust, folders. */

#define _GNU_SOURCE
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <fcntl.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"

struct fixture {
	char folder[64];
	struct buf text;
	struct error err;
};

static int setup(void **state)
{
	struct fixture *f = calloc(1, sizeof(*f));

	if (!f)
		return -1;
	(void)snprintf(f->folder, sizeof(f->folder), "/tmp/defsync-file-XXXXXX");
	buf_init(&f->text, 1 << 20);
	*state = f;
	return mkdtemp(f->folder) ? 0 : -1;
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
	int r = nftw(f->folder, remove_one, 8, FTW_DEPTH | FTW_PHYS);

	buf_done(&f->text);
	error_done(&f->err);
	free(f);
	return r;
}

static char *in(struct fixture *f, const char *name)
{
	char *path = file_join(f->folder, name);

	assert_non_null(path);
	return path;
}

static void put(const char *path, const char *text, mode_t mode)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);

	assert_true(fd >= 0);
	assert_int_equal(file_write_all(fd, text, strlen(text)), 0);
	assert_int_equal(fchmod(fd, mode), 0);
	assert_int_equal(close(fd), 0);
}

static void assert_error(struct fixture *f, enum error_class class, const char *part)
{
	assert_int_equal(f->err.class, class);
	if (!strstr(error_text(&f->err), part))
		fail_msg("'%s' lacks '%s'", error_text(&f->err), part);
	error_done(&f->err);
}

static void test_read(void **state)
{
	struct fixture *f = *state;
	char *path = in(f, "a"), *fifo = in(f, "fifo");

	put(path, "hello", 0600);
	assert_int_equal(buf_add_str(&f->text, ">"), 0);
	assert_int_equal(file_read(path, 5, &f->text, &f->err), 0);
	assert_string_equal(buf_str(&f->text), ">hello");
	assert_int_equal(file_read(path, 4, &f->text, &f->err), -1);
	assert_error(f, ERR_CONFIG, "limit is 4 bytes");
	assert_string_equal(buf_str(&f->text), ">hello");
	assert_int_equal(file_read(f->folder, 5, &f->text, &f->err), -1);
	assert_error(f, ERR_CONFIG, "Is a directory");
	assert_int_equal(file_read("/no/such/file", 5, &f->text, &f->err), -1);
	assert_error(f, ERR_CONFIG, "cannot open '/no/such/file': No such file");
	assert_int_equal(mkfifo(fifo, 0600), 0);
	assert_int_equal(file_read(fifo, 5, &f->text, &f->err), -1);
	assert_error(f, ERR_CONFIG, "not a regular file");
	assert_int_equal(file_read("/dev/zero", 5, &f->text, &f->err), -1);
	assert_error(f, ERR_CONFIG, "not a regular file");
	free(path);
	free(fifo);
}

static void test_read_long(void **state)
{
	struct fixture *f = *state;
	char *path = in(f, "long"), *text = malloc(100001);

	memset(text, 'x', 100000);
	text[100000] = '\0';
	put(path, text, 0600);
	assert_int_equal(file_read(path, 99999, &f->text, &f->err), -1);
	assert_error(f, ERR_CONFIG, "too long");
	assert_int_equal(f->text.len, 0);
	assert_int_equal(file_read(path, 100000, &f->text, &f->err), 0);
	assert_int_equal(f->text.len, 100000);
	free(text);
	free(path);
}

static void test_replace(void **state)
{
	struct fixture *f = *state;
	char *path = in(f, "report.json");
	struct stat st;

	put(path, "old", 0644);
	assert_int_equal(file_replace(path, "new text", 8, 0640, &f->err), 0);
	assert_int_equal(file_read(path, 100, &f->text, &f->err), 0);
	assert_string_equal(buf_str(&f->text), "new text");
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_mode & 07777, 0640);
	assert_int_equal(file_replace("/no/such/folder/x", "a", 1, 0600, &f->err), -1);
	assert_error(f, ERR_CONFIG, "cannot create '/no/such/folder/x'");
	/* a folder cannot be replaced, and nothing is left behind */
	assert_int_equal(unlink(path), 0);
	assert_int_equal(mkdir(path, 0700), 0);
	assert_int_equal(file_replace(path, "a", 1, 0600, &f->err), -1);
	assert_error(f, ERR_CONFIG, "cannot replace");
	assert_int_equal(rmdir(path), 0);
	assert_int_equal(rmdir(f->folder), 0);
	assert_int_equal(mkdir(f->folder, 0700), 0);
	free(path);
}

/* In pieces: the old file is there until the end, and stays when there is none. */
static void test_replacement(void **state)
{
	struct fixture *f = *state;
	char *path = in(f, "rows.jsonl");
	struct file_replacement r;
	struct stat st;

	put(path, "old", 0644);
	for (int rc = -1; rc <= 0; rc++) {
		assert_int_equal(file_replacement_open(&r, path, 0600, &f->err), 0);
		assert_int_equal(file_replacement_write(&r, "new ", 4, &f->err), 0);
		assert_int_equal(file_replacement_write(&r, "text", 4, &f->err), 0);
		buf_reset(&f->text);
		assert_int_equal(file_read(path, 100, &f->text, &f->err), 0);
		assert_string_equal(buf_str(&f->text), "old");
		assert_int_equal(file_replacement_close(&r, rc, &f->err), rc);
		buf_reset(&f->text);
		assert_int_equal(file_read(path, 100, &f->text, &f->err), 0);
		assert_string_equal(buf_str(&f->text), rc == 0 ? "new text" : "old");
	}
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_mode & 07777, 0600);
	/* nothing is left behind */
	assert_int_equal(unlink(path), 0);
	assert_int_equal(rmdir(f->folder), 0);
	assert_int_equal(mkdir(f->folder, 0700), 0);
	assert_int_equal(file_replacement_open(&r, "/no/such/folder/x", 0600, &f->err), -1);
	assert_error(f, ERR_CONFIG, "cannot create '/no/such/folder/x'");
	free(path);
}

static void test_trust(void **state)
{
	struct fixture *f = *state;
	char *path = in(f, "plugin.so"), *link = in(f, "link");

	put(path, "x", 0755);
	assert_int_equal(file_check_trusted(path, &f->err), 0);
	assert_int_equal(chmod(path, 0775), 0);
	assert_int_equal(file_check_trusted(path, &f->err), -1);
	assert_error(f, ERR_CONFIG, "mode 0775); chmod go-w");
	assert_int_equal(chmod(path, 0757), 0);
	assert_int_equal(file_check_trusted(path, &f->err), -1);
	assert_error(f, ERR_CONFIG, "mode 0757");
	assert_int_equal(chmod(path, 0755), 0);
	/* the folder, also by a link that leads there */
	assert_int_equal(chmod(f->folder, 0777), 0);
	assert_int_equal(file_check_trusted(path, &f->err), -1);
	assert_error(f, ERR_CONFIG, f->folder);
	assert_int_equal(chmod(f->folder, 0700), 0);
	assert_int_equal(symlink("/bin/sh", link), 0);
	assert_int_equal(file_check_trusted(link, &f->err), 0);
	assert_int_equal(chmod(f->folder, 0777), 0);
	assert_int_equal(file_check_trusted(link, &f->err), -1);
	assert_error(f, ERR_CONFIG, f->folder);
	assert_int_equal(chmod(f->folder, 0700), 0);
	assert_int_equal(file_check_trusted("/no/such/file", &f->err), -1);
	assert_error(f, ERR_CONFIG, "cannot examine");
	if (geteuid() == 0) {
		assert_int_equal(chown(path, 12345, 0), 0);
		assert_int_equal(file_check_trusted(path, &f->err), -1);
		assert_error(f, ERR_CONFIG, "owned by user 12345");
	}
	free(path);
	free(link);
}

static void test_folders(void **state)
{
	struct fixture *f = *state;
	char *deep = in(f, "a/b/c"), *file = in(f, "file"), *below = in(f, "file/x");
	struct stat st;

	assert_int_equal(file_make_folders(deep, 0700, &f->err), 0);
	assert_int_equal(stat(deep, &st), 0);
	assert_true(S_ISDIR(st.st_mode));
	assert_int_equal(file_make_folders(deep, 0700, &f->err), 0);
	put(file, "x", 0600);
	assert_int_equal(file_make_folders(file, 0700, &f->err), -1);
	assert_error(f, ERR_CONFIG, "cannot make folder");
	assert_int_equal(file_make_folders(below, 0700, &f->err), -1);
	assert_error(f, ERR_CONFIG, "Not a directory");
	free(deep);
	free(file);
	free(below);
}

static void test_paths(void **state)
{
	static const struct {
		const char *path, *folder;
	} rows[] = {{"a", "."}, {"a/b", "a"},  {"/a", "/"}, {"/a/b", "/a"},
		    {"/", "/"}, {"a//b", "a"}, {"", "."},   {"//a", "/"}};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		char *folder = file_dirname(rows[i].path);

		assert_string_equal(folder, rows[i].folder);
		free(folder);
	}
	{
		char *a = file_join("/a", "b"), *b = file_join("/", "b"), *c = file_join("", "b");

		assert_string_equal(a, "/a/b");
		assert_string_equal(b, "/b");
		assert_string_equal(c, "b");
		free(a);
		free(b);
		free(c);
	}
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
	    TEST(test_read),
	    TEST(test_read_long),
	    TEST(test_replace),
	    TEST(test_replacement),
	    TEST(test_trust),
	    TEST(test_folders),
	    cmocka_unit_test(test_paths),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
