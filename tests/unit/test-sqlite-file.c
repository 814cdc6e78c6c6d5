/* SPDX-License-Identifier: MIT */
/* The sqlite source: files that cannot be read, are locked, replaced or damaged. */

#include "sqlite-fixture.h"

#include <fcntl.h>
#include <pthread.h>

#define NOBODY 65534

static void expect_connect(struct fixture *f, int32_t rc, const char *part)
{
	int32_t got;

	plugin_host_begin(&f->host);
	got = f->source->connect(f->instance, 0);
	if (got != rc || f->host.fails != 1 || !strstr(f->host.text, part))
		fail_msg("%d, %d fails: %s", got, f->host.fails,
			 f->host.text ? f->host.text : "no text");
	f->source->disconnect(f->instance);
}

static void write_file(const char *path, const void *ptr, size_t len)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);

	assert_true(fd >= 0);
	assert_int_equal(write(fd, ptr, len), (ssize_t)len);
	close(fd);
}

static void test_paths(void **state)
{
	struct fixture *f = *state;

	expect_connect(f, DEFSYNC_E_CONFIG, "no such file");
	assert_int_equal(mkdir(f->path, 0700), 0);
	expect_connect(f, DEFSYNC_E_CONFIG, "is a directory");
	rmdir(f->path);
	assert_int_equal(mkfifo(f->path, 0600), 0);
	expect_connect(f, DEFSYNC_E_CONFIG, "not a regular file");
	unlink(f->path);
	fx_option(f, "database", "/etc/passwd/x.db");
	f->source->destroy(f->instance);
	fx_create(f);
	expect_connect(f, DEFSYNC_E_CONFIG, "no such file");
}

/* Names that SQLite would take for something else. */
static void test_special_names(void **state)
{
	static const char *const names[] = {"file:x.db?mode=memory", ":memory:"};
	struct fixture *f = *state;
	char old[256], path[256];
	size_t i;

	assert_non_null(getcwd(old, sizeof(old)));
	assert_int_equal(chdir(f->folder), 0);
	for (i = 0; i < 2; i++) {
		struct defsync_request q = fx_request("t", NULL);
		struct reading r;

		fx_option(f, "database", names[i]);
		f->source->destroy(f->instance);
		fx_create(f);
		expect_connect(f, DEFSYNC_E_CONFIG, "no such file");
		(void)snprintf(path, sizeof(path), "%s/%s", f->folder, names[i]);
		fx_sql_at(path, "CREATE TABLE t(id INTEGER PRIMARY KEY); INSERT INTO t VALUES(7)");
		fx_connect(f);
		r = fx_read(f, &q);
		fx_assert_ids(f, &r, "7");
		fx_done(&r);
		f->source->disconnect(f->instance);
		unlink(path);
	}
	assert_int_equal(chdir(old), 0);
}

static void test_permission(void **state)
{
	struct fixture *f = *state;

	if (geteuid() != 0)
		skip();
	fx_sql(f, "CREATE TABLE t(id)");
	assert_int_equal(chmod(f->folder, 0711), 0);
	assert_int_equal(chmod(f->path, 0600), 0);
	assert_int_equal(seteuid(NOBODY), 0);
	expect_connect(f, DEFSYNC_E_AUTH, "permission denied");
	assert_int_equal(seteuid(0), 0);
}

/* In WAL mode even a reader needs the -shm file. */
static void test_wal_folder(void **state)
{
	struct fixture *f = *state;

	if (geteuid() != 0)
		skip();
	fx_sql(f, "PRAGMA journal_mode=WAL; CREATE TABLE t(id)");
	assert_int_equal(chmod(f->folder, 0755), 0);
	assert_int_equal(chmod(f->path, 0644), 0);
	assert_int_equal(seteuid(NOBODY), 0);
	expect_connect(f, DEFSYNC_E_AUTH, "WAL mode and its folder is not writable");
	assert_int_equal(seteuid(0), 0);
	fx_connect(f);
}

static void test_not_a_database(void **state)
{
	static const char text[] = "id;name\n1;a\n";
	struct fixture *f = *state;
	char big[8192];

	write_file(f->path, text, sizeof(text) - 1);
	expect_connect(f, DEFSYNC_E_PERMANENT, "not a database");
	memset(big, 'x', sizeof(big));
	write_file(f->path, big, sizeof(big));
	expect_connect(f, DEFSYNC_E_PERMANENT, "not a database");
	/* Nothing at all is an empty database to SQLite. */
	write_file(f->path, "", 0);
	fx_connect(f);
}

static char *read_file(const char *path, size_t *ret_len)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	char *buf = malloc(1 << 20);
	ssize_t n;

	assert_true(fd >= 0 && buf);
	n = read(fd, buf, 1 << 20);
	assert_true(n > 0);
	close(fd);
	*ret_len = (size_t)n;
	return buf;
}

/* Whatever the file holds: an end or an error with a reason, never a crash. */
static void read_damaged(struct fixture *f)
{
	struct defsync_request q = fx_request("t", "w");
	const struct defsync_table *table;

	plugin_host_begin(&f->host);
	if (f->source->connect(f->instance, 0) == DEFSYNC_OK) {
		struct reading r = fx_read(f, &q);

		fx_done(&r);
		q.mode = DEFSYNC_READ_SNAPSHOT;
		r = fx_read(f, &q);
		fx_done(&r);
		plugin_host_begin(&f->host);
		(void)f->source->describe(f->instance, &q, 0, &table);
	} else {
		assert_int_equal(f->host.fails, 1);
	}
	f->source->disconnect(f->instance);
}

static void test_damaged(void **state)
{
	struct fixture *f = *state;
	struct defsync_request q = fx_request("t", "w");
	struct reading r;
	unsigned seed = 7;
	char *good, *bad;
	size_t len, i;

	fx_sql(f,
	       "CREATE TABLE t(id INTEGER PRIMARY KEY, w INTEGER, x TEXT); CREATE INDEX i ON t(w);"
	       "WITH RECURSIVE n(i) AS (VALUES(1) UNION ALL SELECT i+1 FROM n WHERE i<500) "
	       "INSERT INTO t SELECT i, i, printf('%.60c', 'x') FROM n");
	good = read_file(f->path, &len);
	bad = malloc(len);
	assert_non_null(bad);
	for (i = 512; i < len; i += 1536) {
		write_file(f->path, good, i);
		read_damaged(f);
	}
	for (i = 0; i < 300; i++) {
		int k;

		memcpy(bad, good, len);
		for (k = 0; k < 8; k++)
			bad[(size_t)rand_r(&seed) % (i % 2 ? len : 300)] ^=
			    (char)(1 + rand_r(&seed) % 255);
		write_file(f->path, bad, len);
		read_damaged(f);
	}
	/* A page of zeros in the middle is said to be what it is. */
	memcpy(bad, good, len);
	memset(bad + 4096, 0, len - 4096);
	write_file(f->path, bad, len);
	fx_connect(f);
	r = fx_read(f, &q);
	fx_assert_fails(f, &r, DEFSYNC_E_PERMANENT, "malformed");
	free(good);
	free(bad);
}

static void test_locked(void **state)
{
	struct fixture *f = *state;
	struct defsync_request q = fx_request("t", "id");
	struct reading r;
	sqlite3 *db;

	fx_sql(f, "CREATE TABLE t(id INTEGER PRIMARY KEY); INSERT INTO t VALUES(1)");
	assert_int_equal(sqlite3_open(f->path, &db), SQLITE_OK);
	sqlite3_exec(db, "BEGIN EXCLUSIVE", NULL, NULL, NULL);
	expect_connect(f, DEFSYNC_E_TRANSIENT, "busy_timeout");
	sqlite3_exec(db, "COMMIT", NULL, NULL, NULL);
	fx_connect(f);
	sqlite3_exec(db, "BEGIN EXCLUSIVE", NULL, NULL, NULL);
	r = fx_read(f, &q);
	fx_assert_fails(f, &r, DEFSYNC_E_TRANSIENT, "locked");
	sqlite3_exec(db, "COMMIT", NULL, NULL, NULL);
	sqlite3_close(db);
	r = fx_read(f, &q);
	fx_assert_ids(f, &r, "1*");
	fx_done(&r);
}

static void replace(struct fixture *f)
{
	char copy[128];

	(void)snprintf(copy, sizeof(copy), "%s-copy", f->path);
	fx_sql_at(copy, "CREATE TABLE t(id INTEGER PRIMARY KEY); INSERT INTO t VALUES(99)");
	assert_int_equal(rename(copy, f->path), 0);
}

static void replace_at_two(struct fixture *f, size_t n)
{
	if (n == 2)
		replace(f);
}

static void test_replaced(void **state)
{
	struct fixture *f = *state;
	struct defsync_request q = fx_request("t", "id");
	struct reading r;

	fx_sql(f, "CREATE TABLE t(id INTEGER PRIMARY KEY); INSERT INTO t VALUES(1),(2),(3)");
	fx_connect(f);
	r = fx_read_between(f, &q, replace_at_two);
	/* No word that it is complete. */
	assert_int_equal(fx_rows(&r), r.n);
	fx_assert_fails(f, &r, DEFSYNC_E_TRANSIENT, "was replaced or removed");
	r = fx_read(f, &q);
	fx_assert_fails(f, &r, DEFSYNC_E_TRANSIENT, "was replaced or removed");
	fx_reconnect(f);
	r = fx_read(f, &q);
	fx_assert_ids(f, &r, "99*");
	fx_done(&r);
	unlink(f->path);
	r = fx_read(f, &q);
	fx_assert_fails(f, &r, DEFSYNC_E_TRANSIENT, "was replaced or removed");
}

/* A column that goes away is an error, not the text of its name. */
static void test_dropped_column(void **state)
{
	struct fixture *f = *state;
	struct defsync_request q = fx_request("t", NULL);
	const struct defsync_row *row;
	void *cursor;

	fx_sql(f, "PRAGMA journal_mode=WAL; CREATE TABLE t(id INTEGER PRIMARY KEY, x);"
		  "INSERT INTO t VALUES(1,2)");
	fx_connect(f);
	assert_int_equal(f->source->extract(f->instance, &q, 0, &cursor), DEFSYNC_OK);
	fx_sql(f, "ALTER TABLE t DROP COLUMN x");
	assert_true(f->source->next(f->instance, cursor, 0, &row) < 0);
	f->source->end(f->instance, cursor);
}

static void *cancel_soon(void *arg)
{
	struct fixture *f = arg;

	usleep(50000);
	f->source->cancel(f->instance);
	return NULL;
}

static int64_t now_ms(struct fixture *f)
{
	return f->host.services.now_mono_us(f->host.services.ctx) / 1000;
}

static void cancelled_read(struct fixture *f, struct defsync_request *q)
{
	int64_t begin = now_ms(f);
	struct reading r;
	pthread_t thread;

	assert_int_equal(pthread_create(&thread, NULL, cancel_soon, f), 0);
	r = fx_read(f, q);
	pthread_join(thread, NULL);
	fx_assert_fails(f, &r, DEFSYNC_E_CANCELLED, "cancelled");
	assert_true(now_ms(f) - begin < 5000);
	/* It stays in force until disconnect. */
	r = fx_read(f, q);
	fx_assert_fails(f, &r, DEFSYNC_E_CANCELLED, "cancelled");
}

static void test_cancel(void **state)
{
	struct fixture *f = *state;
	struct defsync_request q = fx_request("t", NULL);
	const struct defsync_row *row;
	struct reading r;
	void *cursor;
	sqlite3 *db;

	fx_option(f, "busy_timeout", "60000");
	f->source->destroy(f->instance);
	fx_create(f);
	fx_sql(f, "CREATE TABLE t(id INTEGER PRIMARY KEY); INSERT INTO t VALUES(1),(2)");
	/* In the middle of a statement that would take for ever. */
	fx_connect(f);
	q.filter = "id = (WITH RECURSIVE n(i) AS (VALUES(1) UNION ALL SELECT i+1 FROM n) "
		   "SELECT max(i) FROM n)";
	cancelled_read(f, &q);
	q.filter = NULL;
	fx_reconnect(f);
	r = fx_read(f, &q);
	fx_assert_ids(f, &r, "1,2");
	fx_done(&r);
	/* While it waits for a lock. */
	assert_int_equal(sqlite3_open(f->path, &db), SQLITE_OK);
	sqlite3_exec(db, "BEGIN EXCLUSIVE", NULL, NULL, NULL);
	cancelled_read(f, &q);
	sqlite3_close(db);
	/* Between two calls. */
	fx_reconnect(f);
	assert_int_equal(f->source->extract(f->instance, &q, 0, &cursor), DEFSYNC_OK);
	f->source->cancel(f->instance);
	assert_int_equal(f->source->next(f->instance, cursor, 0, &row), DEFSYNC_E_CANCELLED);
	f->source->end(f->instance, cursor);
	/* Before connect, and without a connection. */
	f->source->disconnect(f->instance);
	f->source->cancel(f->instance);
	expect_connect(f, DEFSYNC_E_CANCELLED, "cancelled");
	fx_connect(f);
}

/* Nothing is ever written: not by a filter, not beside the file. */
static void test_read_only(void **state)
{
	struct fixture *f = *state;
	struct defsync_request q = fx_request("t", "id");
	struct reading r;
	char *before, *after, journal[128];
	size_t len, len_after;

	fx_sql(f, "CREATE TABLE t(id INTEGER PRIMARY KEY); INSERT INTO t VALUES(1)");
	before = read_file(f->path, &len);
	fx_connect(f);
	r = fx_read(f, &q);
	fx_done(&r);
	q.filter = "load_extension('x') IS NULL";
	r = fx_read(f, &q);
	assert_int_equal(r.rc, DEFSYNC_E_CONFIG);
	fx_done(&r);
	f->source->disconnect(f->instance);
	after = read_file(f->path, &len_after);
	assert_int_equal(len, len_after);
	assert_memory_equal(before, after, len);
	(void)snprintf(journal, sizeof(journal), "%s-journal", f->path);
	assert_int_equal(access(journal, F_OK), -1);
	free(before);
	free(after);
}

#define T(test) cmocka_unit_test_setup_teardown(test, fx_setup, fx_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
	    T(test_paths),	    T(test_special_names), T(test_permission), T(test_wal_folder),
	    T(test_not_a_database), T(test_damaged),	   T(test_locked),     T(test_replaced),
	    T(test_dropped_column), T(test_cancel),	   T(test_read_only),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
