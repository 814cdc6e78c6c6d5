/* SPDX-License-Identifier: MIT */
/* Patterns: each file once, late ones too, and more than a checkpoint can name. */

#include "csv-fixture.h"

#define NOON 1700000000L

static void put_file(struct fixture *f, const char *name, int id, long time)
{
	char text[64];

	(void)snprintf(text, sizeof(text), "id\n%d\n", id);
	cf_write(f, name, text);
	cf_touch(f, name, time);
}

static void make_folder(struct fixture *f, const char *name)
{
	char path[256];

	cf_path(f, name, path);
	assert_int_equal(mkdir(path, 0700), 0);
}

static void test_each_once(void **state)
{
	struct fixture *f = *state;
	char *at = NULL;

	make_folder(f, "2024");
	make_folder(f, "2025");
	cf_expect(f, "20*/o-*.csv", &at, "");
	assert_null(at);
	put_file(f, "2024/o-2.csv", 2, NOON);
	put_file(f, "2024/o-1.csv", 1, NOON);
	put_file(f, "2025/o-0.csv", 3, NOON + 1);
	put_file(f, "2025/x.csv", 9, NOON);
	put_file(f, "o-5.csv", 9, NOON);
	cf_expect(f, "20*/o-*.csv", &at, "1;2;3");
	cf_expect(f, "20*/o-*.csv", &at, "");
	/* Older than all that was read. */
	put_file(f, "2025/o-late.csv", 4, NOON - 1000);
	cf_expect(f, "20*/o-*.csv", &at, "4");
	/* The same size, name and first bytes, at another time: another file. */
	put_file(f, "2025/o-0.csv", 5, NOON + 5);
	cf_expect(f, "20*/o-*.csv", &at, "5");
	cf_remove(f, "2024/o-2.csv");
	cf_expect(f, "20*/o-*.csv", &at, "");
	free(at);
}

static void test_positions(void **state)
{
	struct fixture *f = *state;
	struct defsync_request q = cf_request("*.csv");
	struct reading r;

	put_file(f, "a.csv", 1, NOON);
	put_file(f, "b.csv", 2, NOON);
	r = fx_read(f, &q);
	cf_assert_rows(f, &r, "1;2");
	assert_string_equal(r.rows[1].position, "b.csv line 2");
	fx_done(&r);
}

/* Columns go by name; other columns are another relation; configured ones must be there. */
static void test_other_headers(void **state)
{
	static const char *const columns[] = {"b", "a"};
	struct fixture *f = *state;
	struct defsync_request q = cf_request("*.csv");
	struct reading r;

	cf_write(f, "1.csv", "a,b\n1,2\n");
	cf_write(f, "2.csv", "b,a\n3,4\n");
	cf_write(f, "3.csv", "a,b,c\n5,6,7\n");
	cf_touch(f, "1.csv", NOON);
	cf_touch(f, "2.csv", NOON);
	cf_touch(f, "3.csv", NOON);
	r = fx_read(f, &q);
	cf_assert_rows(f, &r, "1|2;3|4;5|6|7");
	fx_done(&r);
	q.columns = columns;
	q.n_columns = 2;
	r = fx_read(f, &q);
	cf_assert_rows(f, &r, "2|1;3|4;6|5");
	fx_done(&r);
	cf_write(f, "4.csv", "a,c\n");
	r = fx_read(f, &q);
	fx_assert_fails(f, &r, DEFSYNC_E_CONFIG, "'4.csv' has no column 'b'");
}

static void test_every_checkpoint(void **state)
{
	struct fixture *f = *state;
	struct defsync_request q = cf_request("*.csv");
	int i;

	for (i = 0; i < 5; i++) {
		char name[32], text[64];

		(void)snprintf(name, sizeof(name), "%d.csv", i);
		(void)snprintf(text, sizeof(text), "id\n%d1\n%d2\n%d3\n", i, i, i);
		cf_write(f, name, text);
		cf_touch(f, name, NOON - i);
	}
	assert_int_equal(fx_check_resume(f, &q), 16);
	fx_option(f, "layout", "append");
	assert_int_equal(fx_check_resume(f, &q), 16);
	q.mode = DEFSYNC_READ_SNAPSHOT;
	assert_int_equal(fx_check_resume(f, &q), 16);
}

/* A checkpoint in the middle of one file, and an older file comes before the rest. */
static void test_late_beside_half(void **state)
{
	struct fixture *f = *state;
	struct defsync_request q = cf_request("*.csv");
	struct reading r;
	char *at;

	cf_write(f, "b.csv", "id\n1\n2\n3\n");
	cf_touch(f, "b.csv", NOON);
	r = fx_read(f, &q);
	at = strdup(r.rows[0].checkpoint);
	fx_done(&r);
	put_file(f, "a.csv", 9, NOON - 100);
	fx_from(&q, at);
	r = fx_read(f, &q);
	cf_assert_rows(f, &r, "2;3;9");
	fx_done(&r);
	/* The half one is another now: it is read whole. */
	cf_touch(f, "b.csv", NOON + 1);
	r = fx_read(f, &q);
	cf_assert_rows(f, &r, "9;1;2;3");
	fx_done(&r);
	free(at);
}

static void test_growing_files(void **state)
{
	struct fixture *f = *state;
	char *at = NULL;

	fx_option(f, "layout", "append");
	cf_write(f, "o.csv", "id,t\n1,a\n");
	cf_write(f, "p.csv", "id,t\n2,b\n3,c");
	cf_touch(f, "o.csv", NOON);
	cf_touch(f, "p.csv", NOON);
	cf_expect(f, "*.csv*", &at, "1|a;2|b;3|c");
	cf_append(f, "o.csv", "4,d\n");
	cf_append(f, "p.csv", "cc\n");
	cf_expect(f, "*.csv*", &at, "4|d;3|ccc");
	cf_rename(f, "o.csv", "o.csv.1");
	cf_append(f, "o.csv.1", "5,e\n");
	cf_write(f, "o.csv", "id,t\n6,f\n");
	cf_touch(f, "o.csv.1", NOON + 1);
	cf_expect(f, "*.csv*", &at, "5|e;6|f");
	cf_expect(f, "*.csv*", &at, "");
	free(at);
}

static void write_on(void *arg)
{
	cf_append(arg, "b.csv", "3\n");
}

/* Still being written: left to the next run, the others are read. */
static void test_unsettled(void **state)
{
	struct fixture *f = *state;
	char *at = NULL;

	fx_option(f, "partial_timeout", "20");
	put_file(f, "a.csv", 1, NOON);
	cf_write(f, "b.csv", "id\n2\n");
	f->host.waiting = write_on;
	f->host.waiting_arg = f;
	cf_expect(f, "*.csv", &at, "1");
	f->host.waiting = NULL;
	put_file(f, "c.csv", 4, NOON);
	cf_expect(f, "*.csv", &at, "4;2;3");
	cf_expect(f, "*.csv", &at, "");
	free(at);
}

static void put_many(struct fixture *f, int first, int n, long time)
{
	int i;

	for (i = first; i < first + n; i++) {
		char name[32];

		(void)snprintf(name, sizeof(name), "f%04d.csv", i);
		put_file(f, name, i, time + i);
	}
}

static size_t count(struct fixture *f, char **checkpoint)
{
	struct defsync_request q = cf_request("*.csv");
	struct reading r;
	size_t n;

	fx_from(&q, *checkpoint);
	r = fx_read(f, &q);
	if (r.rc != DEFSYNC_END)
		fail_msg("%s", f->host.text);
	n = fx_rows(&r);
	free(*checkpoint);
	*checkpoint = fx_last(&r);
	assert_non_null(*checkpoint);
	fx_done(&r);
	return n;
}

/* The older ones are below the floor, and that is held against what is there. */
static void test_more_than_fit(void **state)
{
	struct fixture *f = *state;
	char *at = NULL;
	int i;

	put_many(f, 0, 600, NOON);
	assert_int_equal(count(f, &at), 600);
	assert_non_null(strstr(at, ";floor="));
	assert_int_equal(count(f, &at), 0);
	put_many(f, 600, 10, NOON);
	assert_int_equal(count(f, &at), 10);
	assert_int_equal(count(f, &at), 0);
	/* Permissions change the inodes only. */
	for (i = 0; i < 5; i++) {
		char name[32], path[256];

		(void)snprintf(name, sizeof(name), "f%04d.csv", i);
		cf_path(f, name, path);
		assert_int_equal(chmod(path, 0640), 0);
	}
	assert_int_equal(count(f, &at), 0);
	/* Older than the floor, and new. */
	put_file(f, "late.csv", 7000, NOON - 1000);
	f->host.warnings = 0;
	assert_int_equal(count(f, &at), 1);
	assert_int_equal(f->host.warnings, 1);
	assert_int_equal(count(f, &at), 0);
	/* Old ones are removed. */
	for (i = 0; i < 100; i++) {
		char name[32];

		(void)snprintf(name, sizeof(name), "f%04d.csv", i);
		cf_remove(f, name);
	}
	assert_int_equal(count(f, &at), 0);
	put_file(f, "late2.csv", 7001, NOON - 1000);
	assert_int_equal(count(f, &at), 1);
	assert_int_equal(count(f, &at), 0);
	free(at);
}

/* Each run is stopped in the middle: all the same each file comes once. */
static void test_more_than_fit_in_pieces(void **state)
{
	struct fixture *f = *state;
	struct defsync_request q = cf_request("*.csv");
	char *at = NULL;
	char *seen = calloc(500, 1);
	size_t total = 0, i;
	int run;

	assert_non_null(seen);
	put_many(f, 0, 500, NOON);
	q.row_limit = 37;
	for (run = 0; run < 30 && total < 500; run++) {
		struct reading r;

		fx_from(&q, at);
		r = fx_read(f, &q);
		assert_int_equal(r.rc, DEFSYNC_END);
		for (i = 0; i < r.n; i++) {
			if (r.rows[i].op == DEFSYNC_OP_CHECKPOINT)
				continue;
			assert_int_equal(seen[strtol(r.rows[i].text, NULL, 10)]++, 0);
			total++;
		}
		free(at);
		at = fx_last(&r);
		fx_done(&r);
	}
	assert_int_equal(total, 500);
	assert_int_equal(count(f, &at), 0);
	free(at);
	free(seen);
}

/* A whole folder that is moved in has files with old inodes: they are not passed over. */
static void test_moved_in(void **state)
{
	struct fixture *f = *state;
	struct defsync_request q = cf_request("*/*.csv");
	struct reading r;
	char *at;
	int i;

	make_folder(f, "a");
	make_folder(f, "x");
	make_folder(f, "x/y");
	for (i = 0; i < 3; i++) {
		char name[32];

		(void)snprintf(name, sizeof(name), "x/y/%d.csv", i);
		put_file(f, name, i, NOON - 1000 + i);
	}
	for (i = 0; i < 300; i++) {
		char name[32];

		(void)snprintf(name, sizeof(name), "a/%d.csv", i);
		put_file(f, name, i, NOON + i);
	}
	r = fx_read(f, &q);
	assert_int_equal(fx_rows(&r), 300);
	at = fx_last(&r);
	fx_done(&r);
	cf_rename(f, "x/y", "y");
	cf_expect_fails(f, "*/*.csv", at, DEFSYNC_E_CONFIG, "3 files appeared among those");
	for (i = 0; i < 3; i++) {
		char name[32];

		(void)snprintf(name, sizeof(name), "y/%d.csv", i);
		cf_touch(f, name, NOON + 1000);
	}
	cf_expect(f, "*/*.csv", &at, "0;1;2");
	free(at);
}

static void test_growing_more_than_fit(void **state)
{
	struct fixture *f = *state;
	char *at = NULL;

	fx_option(f, "layout", "append");
	put_many(f, 0, 200, NOON);
	assert_int_equal(count(f, &at), 200);
	assert_int_equal(count(f, &at), 0);
	cf_append(f, "f0199.csv", "7\n");
	assert_int_equal(count(f, &at), 1);
	assert_int_equal(count(f, &at), 0);
	free(at);
}

static void test_outside(void **state)
{
	struct fixture *f = *state;
	char path[256];
	char *at = NULL;

	put_file(f, "a.csv", 1, NOON);
	make_folder(f, "in");
	put_file(f, "in/b", 2, NOON + 1);
	cf_path(f, "l.csv", path);
	assert_int_equal(symlink("in/b", path), 0);
	cf_path(f, "m.csv", path);
	assert_int_equal(symlink("/etc/passwd", path), 0);
	cf_path(f, "n.csv", path);
	assert_int_equal(symlink("nothing", path), 0);
	cf_expect(f, "*.csv", &at, "1;2");
	assert_int_equal(f->host.warnings, 1);
	free(at);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, cf_setup, cf_teardown)
	const struct CMUnitTest tests[] = {
	    TEST(test_each_once),
	    TEST(test_positions),
	    TEST(test_other_headers),
	    TEST(test_every_checkpoint),
	    TEST(test_late_beside_half),
	    TEST(test_growing_files),
	    TEST(test_unsettled),
	    TEST(test_more_than_fit),
	    TEST(test_more_than_fit_in_pieces),
	    TEST(test_moved_in),
	    TEST(test_growing_more_than_fit),
	    TEST(test_outside),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
