/* SPDX-License-Identifier: MIT */
/* Opening the store: what it makes, what it refuses, who holds the lock. */

#include "store-fixture.h"

#include <sqlite3.h>

#define OTHER_UID 65534

static void test_fresh(void **state)
{
	struct folder *f = *state;
	static const char *const suffixes[] = {"", "-wal", "-shm", ".lock", ".initialized"};
	char path[200], inner[80];
	struct store *s;
	struct stat st;

	(void)snprintf(inner, sizeof(inner), "%s/a/b", f->path);
	(void)snprintf(f->db, sizeof(f->db), "%s/s.db", inner);
	(void)umask(0);
	s = must_open(f);
	assert_string_equal(store_path(s), f->db);
	assert_int_equal(table_id(s, "orders"), 1);
	assert_int_equal(stat(inner, &st), 0);
	assert_int_equal(st.st_mode & 0777, 0700);
	for (size_t i = 0; i < COUNT_OF(suffixes); i++) {
		(void)snprintf(path, sizeof(path), "%s%s", f->db, suffixes[i]);
		assert_int_equal(stat(path, &st), 0);
		assert_int_equal(st.st_mode & 0777, 0600);
	}
	store_close(s);
	s = must_open(f);
	assert_int_equal(table_id(s, "orders"), 1);
	store_close(s);
	(void)umask(022);
}

/* ---- What is refused ------------------------------------------------------------ */

static void make_sound(const struct folder *f)
{
	struct store *s = must_open(f);

	(void)table_id(s, "orders");
	store_close(s);
}

static void sql(const struct folder *f, const char *text)
{
	sqlite3 *db;

	assert_int_equal(sqlite3_open(f->db, &db), SQLITE_OK);
	assert_int_equal(sqlite3_exec(db, text, NULL, NULL, NULL), SQLITE_OK);
	assert_int_equal(sqlite3_close(db), SQLITE_OK);
}

static void make_link(const struct folder *f)
{
	char other[128];

	make_sound(f);
	(void)snprintf(other, sizeof(other), "%s.real", f->db);
	assert_int_equal(rename(f->db, other), 0);
	assert_int_equal(symlink(other, f->db), 0);
}

static void make_dangling(const struct folder *f)
{
	assert_int_equal(symlink("/nowhere/at/all", f->db), 0);
}

static void make_hard_link(const struct folder *f)
{
	char other[128];

	make_sound(f);
	(void)snprintf(other, sizeof(other), "%s.other", f->db);
	assert_int_equal(link(f->db, other), 0);
}

static void make_folder(const struct folder *f)
{
	assert_int_equal(mkdir(f->db, 0700), 0);
}

static void make_fifo(const struct folder *f)
{
	assert_int_equal(mkfifo(f->db, 0600), 0);
}

static void make_world(const struct folder *f)
{
	make_sound(f);
	assert_int_equal(chmod(f->db, 0602), 0);
}

static void make_group(const struct folder *f)
{
	make_sound(f);
	assert_int_equal(chmod(f->db, 0660), 0);
}

static void make_foreign(const struct folder *f)
{
	sql(f, "PRAGMA application_id = 7; CREATE TABLE t(a)");
	assert_int_equal(chmod(f->db, 0600), 0);
}

static void make_foreign_plain(const struct folder *f)
{
	sql(f, "PRAGMA journal_mode = WAL; CREATE TABLE t(a)");
	assert_int_equal(chmod(f->db, 0600), 0);
}

static void make_newer(const struct folder *f)
{
	make_sound(f);
	sql(f, "PRAGMA user_version = 3");
}

static void make_no_version(const struct folder *f)
{
	make_sound(f);
	sql(f, "PRAGMA user_version = 0");
}

static void make_no_index(const struct folder *f)
{
	make_sound(f);
	sql(f, "DROP INDEX runs_by_table");
}

static void make_no_table(const struct folder *f)
{
	make_sound(f);
	sql(f, "DROP TABLE tables");
}

static void make_edited(const struct folder *f)
{
	make_sound(f);
	sql(f, "UPDATE tables SET source = 'shoq'");
}

static void make_text(const struct folder *f)
{
	static const char words[] =
	    "this is a letter to my aunt, not a database; it is long enough "
	    "to be looked at by anybody who opens it with the wrong tool";

	write_bytes(f->db, words, sizeof(words));
}

static void make_zeros(const struct folder *f)
{
	static const char zeros[8192];

	write_bytes(f->db, zeros, sizeof(zeros));
}

static void make_zeros_marked(const struct folder *f)
{
	make_sound(f);
	make_zeros(f);
}

static void make_empty(const struct folder *f)
{
	make_sound(f);
	write_bytes(f->db, "", 0);
}

static void make_emptied(const struct folder *f)
{
	make_sound(f);
	assert_int_equal(unlink(f->db), 0);
	sql(f, "VACUUM");
	assert_int_equal(chmod(f->db, 0600), 0);
}

static void make_missing(const struct folder *f)
{
	make_sound(f);
	assert_int_equal(unlink(f->db), 0);
}

static void make_cut(const struct folder *f)
{
	struct stat st;

	make_sound(f);
	assert_int_equal(stat(f->db, &st), 0);
	assert_int_equal(truncate(f->db, st.st_size - 1), 0);
}

static void make_tail(const struct folder *f)
{
	size_t n;
	char *p;

	make_sound(f);
	p = read_bytes(f->db, &n);
	p[n] = 'x';
	write_bytes(f->db, p, n + 1);
	free(p);
}

static void make_lock_link(const struct folder *f)
{
	assert_int_equal(symlink("/nowhere", f->lock), 0);
}

static const struct refusal {
	const char *name;
	void (*make)(const struct folder *f);
	const char *words;
	int not_when_reading;
} refusals[] = {
    {"link", make_link, "is a symbolic link", 0},
    {"dangling link", make_dangling, "is a symbolic link", 0},
    {"hard link", make_hard_link, "more than one hard link", 0},
    {"folder", make_folder, "is a directory", 0},
    {"fifo", make_fifo, "is not a regular file", 0},
    {"world", make_world, "written by others than its owner", 0},
    {"group", make_group, "written by others than its owner", 0},
    {"foreign", make_foreign, "another program (application id 7)", 0},
    {"foreign plain", make_foreign_plain, "is not a defsync store", 0},
    {"newer", make_newer, "written by a newer defsync: format 3", 0},
    {"no version", make_no_version, "is damaged: no format 0", 0},
    {"no index", make_no_index, "is damaged: runs_by_table: not there", 0},
    {"no table", make_no_table, "is damaged", 0},
    {"edited", make_edited, "is not what was written", 0},
    {"text", make_text, "is damaged: file is not a database", 0},
    {"zeros", make_zeros, "is damaged: file is not a database", 0},
    {"zeros, marked", make_zeros_marked, "restore it from a backup", 0},
    {"empty", make_empty, "is empty but was initialised", 0},
    {"emptied", make_emptied, "is empty but was initialised", 1},
    {"missing", make_missing, "is missing but was initialised; restore it, or remove '", 0},
    {"cut", make_cut, "is damaged: cut off at", 0},
    {"tail", make_tail, "is damaged: cut off at", 0},
    {"lock is a link", make_lock_link, "cannot lock", 1},
};

static void refuse_one(const struct refusal *r)
{
	struct folder *f;
	size_t before_n = 0, after_n = 0;
	char *before, *after;
	struct stat st;
	void *state;
	int regular;

	print_message("  %s\n", r->name);
	assert_int_equal(folder_setup(&state), 0);
	f = state;
	r->make(f);
	regular = lstat(f->db, &st) == 0 && S_ISREG(st.st_mode);
	before = regular ? read_bytes(f->db, &before_n) : NULL;
	assert_refused(f->db, STORE_WRITE, ERR_STORE, r->words);
	assert_refused(f->db, STORE_WRITE, ERR_STORE, f->db);
	if (!r->not_when_reading)
		assert_refused(f->db, STORE_READ, ERR_STORE, r->words);
	after = regular ? read_bytes(f->db, &after_n) : NULL;
	assert_int_equal(before_n, after_n);
	if (regular)
		assert_memory_equal(before, after, before_n);
	else
		assert_int_equal(lstat(f->db, &st) == 0,
				 r->make != make_missing && r->make != make_lock_link);
	free(before);
	free(after);
	(void)folder_teardown(&state);
}

static void test_refusals(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT_OF(refusals); i++)
		refuse_one(&refusals[i]);
}

static void test_owner(void **state)
{
	struct folder *f = *state;
	struct store *s;

	if (geteuid() != 0)
		skip();
	make_sound(f);
	assert_int_equal(chown(f->db, OTHER_UID, OTHER_UID), 0);
	assert_refused(f->db, STORE_WRITE, ERR_STORE, "belongs to user");
	s = open_as(f->db, STORE_READ, NULL);
	assert_non_null(s);
	store_close(s);
}

/* In a child without privileges: the words that its error has. */
static int refused_as_other(const struct folder *f, enum store_access access, const char *words)
{
	struct error err = ERROR_INIT;
	pid_t pid = fork();
	int found;

	if (pid > 0)
		return child_result(pid);
	if (setgid(OTHER_UID) < 0 || setuid(OTHER_UID) < 0)
		_exit(2);
	found = store_open(f->db, access, &roomy, NULL, &err) == NULL && err.class == ERR_STORE &&
		strstr(error_text(&err), words) != NULL;
	if (!found)
		(void)fprintf(stderr, "got: %s\n", error_text(&err));
	error_done(&err);
	_exit(found ? 0 : 1);
}

static void test_no_access(void **state)
{
	struct folder *f = *state;

	if (geteuid() != 0)
		skip();
	assert_int_equal(chmod(f->path, 0755), 0);
	assert_int_equal(refused_as_other(f, STORE_WRITE, "cannot lock"), 0);
	assert_int_equal(refused_as_other(f, STORE_WRITE, "Permission denied"), 0);
	make_sound(f);
	assert_int_equal(refused_as_other(f, STORE_READ, "belongs to user"), 0);
	/* The file is theirs, the folder is not: WAL cannot work there. */
	assert_int_equal(chown(f->db, OTHER_UID, OTHER_UID), 0);
	assert_int_equal(refused_as_other(f, STORE_READ, "cannot read"), 0);
	assert_int_equal(chmod(f->path, 0700), 0);
	assert_int_equal(refused_as_other(f, STORE_READ, "Permission denied"), 0);
	assert_int_equal(refused_as_other(f, STORE_WRITE, "Permission denied"), 0);
}

/* ---- What is accepted --------------------------------------------------------------- */

static void test_read(void **state)
{
	struct folder *f = *state;
	struct store *s, *reader;
	char deep[128];

	(void)snprintf(deep, sizeof(deep), "%s/not/there.db", f->path);
	assert_refused(deep, STORE_READ, ERR_STORE, "yet; run 'defsync run' first");
	assert_refused(f->db, STORE_READ, ERR_STORE, "yet; run 'defsync run' first");
	assert_int_not_equal(access(f->lock, F_OK), 0);
	s = must_open(f);
	(void)table_id(s, "orders");
	reader = open_as(f->db, STORE_READ, NULL);
	assert_non_null(reader);
	assert_checkpoint(reader, "orders", "");
	assert_int_equal(store_table_set(s, 1, "c1", "load", NULL), 0);
	assert_checkpoint(reader, "orders", "c1");
	assert_int_equal(store_table_set(reader, 1, "c2", "load", NULL), -1);
	store_close(reader);
	store_close(s);
	reader = open_as(f->db, STORE_READ, NULL);
	assert_non_null(reader);
	assert_checkpoint(reader, "orders", "c1");
	store_close(reader);
}

/* An interrupted first start: an empty file, or a store without its marker. */
static void test_unmarked(void **state)
{
	struct folder *f = *state;
	struct store *s;

	write_bytes(f->db, "", 0);
	assert_refused(f->db, STORE_READ, ERR_STORE, "yet");
	store_close(must_open(f));
	assert_int_equal(unlink(f->marker), 0);
	s = must_open(f);
	store_close(s);
	assert_int_equal(access(f->marker, F_OK), 0);
	/* Started over as the message says. */
	assert_int_equal(unlink(f->marker), 0);
	assert_int_equal(unlink(f->db), 0);
	store_close(must_open(f));
}

static void test_names(void **state)
{
	struct folder *f = *state;
	char path[700], link_path[128];
	struct store *s;

	(void)snprintf(path, sizeof(path), "%s/", f->path);
	assert_refused(path, STORE_WRITE, ERR_STORE, "not a file name");
	assert_refused("", STORE_WRITE, ERR_STORE, "not a file name");
	(void)snprintf(path, sizeof(path), "%s/%0200d/%0200d/%0200d", f->path, 1, 1, 1);
	assert_refused(path, STORE_WRITE, ERR_STORE, "path longer than");
	/* A folder may be a link. */
	(void)snprintf(link_path, sizeof(link_path), "%s/linked", f->path);
	assert_int_equal(symlink(f->path, link_path), 0);
	(void)snprintf(path, sizeof(path), "%s/s.db", link_path);
	s = open_as(path, STORE_WRITE, &roomy);
	assert_non_null(s);
	store_close(s);
	store_close(must_open(f));
}

static void expect_default(const char *xdg, const char *home, const char *expected)
{
	char *path;

	(void)(xdg != NULL ? setenv("XDG_STATE_HOME", xdg, 1) : unsetenv("XDG_STATE_HOME"));
	(void)(home != NULL ? setenv("HOME", home, 1) : unsetenv("HOME"));
	path = store_default_path();
	if (strcmp(path, expected) != 0)
		_exit(1);
	free(path);
}

static void test_default_path(void **state)
{
	pid_t pid = fork();

	(void)state;
	if (pid > 0) {
		assert_int_equal(child_result(pid), 0);
		return;
	}
	if (geteuid() == 0) {
		expect_default("/x", "/h", "/var/lib/defsync/defsync.db");
		if (setuid(OTHER_UID) < 0)
			_exit(2);
	}
	expect_default("/x", "/h", "/x/defsync/defsync.db");
	expect_default(NULL, "/h", "/h/.local/state/defsync/defsync.db");
	expect_default("", "/h", "/h/.local/state/defsync/defsync.db");
	expect_default("relative", "/h", "/h/.local/state/defsync/defsync.db");
	_exit(0);
}

/* ---- The lock ------------------------------------------------------------------------ */

static pid_t hold_in_child(const struct folder *f)
{
	int ready[2];
	char c;
	pid_t pid;

	assert_int_equal(pipe(ready), 0);
	pid = fork();
	if (pid == 0) {
		struct store *s = store_open(f->db, STORE_WRITE, &roomy, NULL, NULL);

		(void)alarm(60); /* if the test fails before its kill */
		(void)!write(ready[1], s != NULL ? "y" : "n", 1);
		for (;;)
			(void)pause();
	}
	assert_int_equal(read(ready[0], &c, 1), 1);
	assert_int_equal(c, 'y');
	(void)close(ready[0]);
	(void)close(ready[1]);
	return pid;
}

static void test_lock(void **state)
{
	struct folder *f = *state;
	char words[64];
	pid_t pid = hold_in_child(f);
	struct store *s;

	(void)snprintf(words, sizeof(words), "another run holds the lock: pid %ld on ", (long)pid);
	assert_refused(f->db, STORE_WRITE, ERR_LOCKED, words);
	assert_refused(f->db, STORE_WRITE, ERR_LOCKED, " since 20");
	s = open_as(f->db, STORE_READ, NULL);
	assert_non_null(s);
	store_close(s);
	assert_int_equal(kill(pid, SIGKILL), 0);
	assert_int_equal(child_result(pid), ENDED_BY_KILL);
	s = must_open(f);
	assert_refused(f->db, STORE_WRITE, ERR_LOCKED, "another run holds the lock: pid ");
	/* What the file says is for the message only, and not trusted. */
	write_bytes(f->lock, "\033[2J\n", 5);
	assert_refused(f->db, STORE_WRITE, ERR_LOCKED, "holds the lock: ?[2J: '");
	write_bytes(f->lock, "", 0);
	assert_refused(f->db, STORE_WRITE, ERR_LOCKED, "unknown process");
	store_close(s);
	store_close(must_open(f));
}

/* A store of format 1, as the version before wrote it. */
static void make_format_1(const struct folder *f)
{
	make_sound(f);
	sql(f, "DROP TABLE shapes; DROP TABLE drifts; DROP TABLE key_journal; DROP TABLE keys;"
	       " DROP TABLE key_passes; PRAGMA user_version = 1");
}

static int64_t number(const struct folder *f, const char *text)
{
	sqlite3_stmt *stmt;
	sqlite3 *db;
	int64_t n;

	assert_int_equal(sqlite3_open(f->db, &db), SQLITE_OK);
	assert_int_equal(sqlite3_prepare_v2(db, text, -1, &stmt, NULL), SQLITE_OK);
	assert_int_equal(sqlite3_step(stmt), SQLITE_ROW);
	n = sqlite3_column_int64(stmt, 0);
	(void)sqlite3_finalize(stmt);
	assert_int_equal(sqlite3_close(db), SQLITE_OK);
	return n;
}

/* Readers leave it as it is, a writer brings it up; what was in it stays. */
static void test_older(void **state)
{
	struct folder *f = *state;
	struct store *s;

	make_format_1(f);
	s = open_as(f->db, STORE_READ, &roomy);
	assert_non_null(s);
	store_close(s);
	assert_int_equal(number(f, "PRAGMA user_version"), 1);
	s = must_open(f);
	assert_int_equal(table_id(s, "orders"), 1);
	store_close(s);
	assert_int_equal(number(f, "PRAGMA user_version"), 2);
	assert_int_equal(
	    number(f, "SELECT count(*) FROM shapes, drifts, keys, key_journal, key_passes"), 0);
	store_close(must_open(f));
	/* One that lacks what its format has is damaged all the same. */
	sql(f, "DROP TABLE shapes");
	assert_refused(f->db, STORE_WRITE, ERR_STORE, "is damaged: shapes");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test_setup_teardown(test_fresh, folder_setup, folder_teardown),
	    cmocka_unit_test(test_refusals),
	    cmocka_unit_test_setup_teardown(test_owner, folder_setup, folder_teardown),
	    cmocka_unit_test_setup_teardown(test_no_access, folder_setup, folder_teardown),
	    cmocka_unit_test_setup_teardown(test_read, folder_setup, folder_teardown),
	    cmocka_unit_test_setup_teardown(test_unmarked, folder_setup, folder_teardown),
	    cmocka_unit_test_setup_teardown(test_names, folder_setup, folder_teardown),
	    cmocka_unit_test(test_default_path),
	    cmocka_unit_test_setup_teardown(test_lock, folder_setup, folder_teardown),
	    cmocka_unit_test_setup_teardown(test_older, folder_setup, folder_teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
