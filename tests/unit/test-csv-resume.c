/* SPDX-License-Identifier: MIT */
/* A file over several runs: growing, rotated, truncated, replaced, cut in a line. */

#include "csv-fixture.h"

/* More than the fingerprint covers, so that files differ behind it. */
static char *many_rows(const char *name, int first, int n)
{
	char *out = NULL;
	size_t len = 0;
	FILE *f = open_memstream(&out, &len);
	int i;

	assert_non_null(f);
	for (i = first; i < first + n; i++)
		(void)fprintf(f, "%d,%s\n", i, name);
	assert_int_equal(fclose(f), 0);
	return out;
}

static void put_rows(struct fixture *f, const char *file, const char *name, int first, int n)
{
	char *rows = many_rows(name, first, n);

	cf_write(f, file, "id,name\n");
	cf_append(f, file, rows);
	free(rows);
}

static size_t count_rows(struct fixture *f, const char *from, char **checkpoint)
{
	struct defsync_request q = cf_request(from);
	struct reading r;
	size_t n;

	fx_from(&q, *checkpoint);
	r = fx_read(f, &q);
	if (r.rc != DEFSYNC_END)
		fail_msg("%s", f->host.text);
	n = fx_rows(&r);
	free(*checkpoint);
	*checkpoint = fx_last(&r);
	fx_done(&r);
	return n;
}

static void test_growing(void **state)
{
	struct fixture *f = *state;
	char *at = NULL;
	struct defsync_request q = cf_request("o.csv");
	struct reading r;

	cf_write(f, "o.csv", "id,t\n1,a\n");
	cf_expect(f, "o.csv", &at, "1|a");
	cf_expect(f, "o.csv", &at, "");
	cf_append(f, "o.csv", "2,\"b\nc\"\n3,d\n");
	fx_from(&q, at);
	r = fx_read(f, &q);
	cf_assert_rows(f, &r, "2|b\nc;3|d");
	assert_string_equal(r.rows[1].position, "line 5");
	free(at);
	at = fx_last(&r);
	fx_done(&r);
	cf_expect(f, "o.csv", &at, "");
	/* A blank line alone is no row, and is not looked at again. */
	cf_append(f, "o.csv", "\n");
	cf_expect(f, "o.csv", &at, "");
	cf_append(f, "o.csv", "4,e\n");
	cf_expect(f, "o.csv", &at, "4|e");
	free(at);
}

static void test_every_checkpoint(void **state)
{
	struct fixture *f = *state;
	struct defsync_request q = cf_request("o.csv");
	size_t i;
	char line[64];

	cf_write(f, "o.csv", "id,t\n");
	for (i = 0; i < 60; i++) {
		(void)snprintf(line, sizeof(line), i % 7 ? "%zu,x\r\n" : "%zu,\"y\n%zu\"\n", i, i);
		cf_append(f, "o.csv", line);
	}
	assert_int_equal(fx_check_resume(f, &q), 61);
	q.mode = DEFSYNC_READ_SNAPSHOT;
	assert_true(fx_check_resume(f, &q) > 60);
	q.mode = DEFSYNC_READ_INCREMENTAL;
	fx_option(f, "encoding", "utf-16le");
	cf_write(f, "o.csv", "");
	cf_put(f, "o.csv", "ae", "a\0\n\0", 4);
	for (i = 0; i < 20; i++)
		cf_put(f, "o.csv", "ae", (const char[]){(char)('a' + i), 0, '\n', 0}, 4);
	assert_int_equal(fx_check_resume(f, &q), 21);
}

/* In another encoding a far place is found without reading all before it. */
static void test_far_places(void **state)
{
	struct fixture *f = *state;
	struct defsync_request q = cf_request("o.csv");
	struct reading all;
	size_t i;

	fx_option(f, "encoding", "latin1");
	put_rows(f, "o.csv", "\xe4\xf6\xfc\xe4\xf6\xfc\xe4\xf6\xfc\xe4\xf6\xfc", 0, 20000);
	all = fx_read(f, &q);
	assert_int_equal(fx_rows(&all), 20000);
	assert_null(strstr(all.rows[19999].checkpoint, ",0,0;at="));
	for (i = 0; i < 20000; i += 3331) {
		struct reading rest;

		fx_from(&q, all.rows[i].checkpoint);
		rest = fx_read(f, &q);
		assert_int_equal(fx_rows(&rest), 19999 - i);
		assert_string_equal(rest.rows[0].text, all.rows[i + 1].text);
		assert_string_equal(rest.rows[0].position, all.rows[i + 1].position);
		fx_done(&rest);
	}
	fx_done(&all);
}

static void test_rotation(void **state)
{
	struct fixture *f = *state;
	char *at = NULL;

	put_rows(f, "o.csv", "first", 0, 500);
	assert_int_equal(count_rows(f, "o.csv", &at), 500);
	/* Written to until the last moment, then renamed. */
	cf_append(f, "o.csv", "500,late\n");
	cf_rename(f, "o.csv", "o.csv.1");
	cf_write(f, "o.csv", "id,name\n1000,new\n");
	cf_expect(f, "o.csv", &at, "500|late;1000|new");
	cf_expect(f, "o.csv", &at, "");
	/* A writer that still has the old one open. */
	cf_append(f, "o.csv", "1001,new\n");
	cf_append(f, "o.csv.1", "501,later\n");
	cf_expect(f, "o.csv", &at, "501|later;1001|new");
	cf_rename(f, "o.csv.1", "o.csv.2");
	cf_rename(f, "o.csv", "o.csv.1");
	/* The new one is not there yet. */
	cf_append(f, "o.csv.1", "1002,new\n");
	cf_expect(f, "o.csv", &at, "1002|new");
	cf_write(f, "o.csv", "id,name\n2000,x\n");
	cf_remove(f, "o.csv.2");
	cf_expect(f, "o.csv", &at, "2000|x");
	cf_expect(f, "o.csv", &at, "");
	free(at);
}

/* Short files of equal first lines: only the inode tells them apart. */
static void test_rotation_of_equals(void **state)
{
	struct fixture *f = *state;
	char *at = NULL;

	cf_write(f, "o.csv", "id,t\n1,start\n");
	cf_expect(f, "o.csv", &at, "1|start");
	cf_append(f, "o.csv", "2,rest\n");
	cf_rename(f, "o.csv", "o.csv.1");
	cf_write(f, "o.csv", "id,t\n1,start\n");
	cf_expect(f, "o.csv", &at, "2|rest;1|start");
	cf_expect(f, "o.csv", &at, "");
	free(at);
}

static void test_copy_and_truncate(void **state)
{
	struct fixture *f = *state;
	char *rows, *at = NULL;

	put_rows(f, "o.csv", "first", 0, 500);
	assert_int_equal(count_rows(f, "o.csv", &at), 500);
	put_rows(f, "o.csv.1", "first", 0, 510);
	/* The same inode with new content, longer than the old one. */
	rows = many_rows("second", 0, 900);
	cf_write(f, "o.csv", "id,name\n");
	cf_append(f, "o.csv", rows);
	free(rows);
	assert_int_equal(count_rows(f, "o.csv", &at), 910);
	assert_int_equal(f->host.warnings, 0);
	/* The copy is gone: said, and the new content is read. */
	cf_write(f, "o.csv", "id,name\n1,third\n");
	cf_remove(f, "o.csv.1");
	cf_expect(f, "o.csv", &at, "1|third");
	assert_int_equal(f->host.warnings, 1);
	/* Emptied, then written to again. */
	cf_write(f, "o.csv", "");
	cf_expect(f, "o.csv", &at, "");
	cf_write(f, "o.csv", "id,name\n1,fourth\n");
	cf_expect(f, "o.csv", &at, "1|fourth");
	free(at);
}

static void test_truncated(void **state)
{
	struct fixture *f = *state;
	char path[256], *at = NULL;

	put_rows(f, "o.csv", "first", 0, 500);
	assert_int_equal(count_rows(f, "o.csv", &at), 500);
	cf_path(f, "o.csv", path);
	assert_int_equal(truncate(path, 3000), 0);
	cf_expect_fails(f, "o.csv", at, DEFSYNC_E_STALE_CHECKPOINT, "was truncated");
	free(at);
}

/* A copy in place of the file, as after a restore: not read again. */
static void test_restored(void **state)
{
	struct fixture *f = *state;
	char *at = NULL;

	put_rows(f, "o.csv", "first", 0, 500);
	assert_int_equal(count_rows(f, "o.csv", &at), 500);
	put_rows(f, "copy", "first", 0, 501);
	cf_rename(f, "copy", "o.csv");
	assert_int_equal(count_rows(f, "o.csv", &at), 1);
	free(at);
}

static void test_partial_line(void **state)
{
	struct fixture *f = *state;
	char *at = NULL;

	cf_write(f, "o.csv", "id,t\n1,a\n2,b");
	/* Young: it would be waited for, and changes meanwhile in the test below. */
	cf_expect(f, "o.csv", &at, "1|a;2|b");
	cf_expect(f, "o.csv", &at, "");
	/* Only its line end was missing. */
	cf_append(f, "o.csv", "\r\n3,c");
	cf_expect(f, "o.csv", &at, "3|c");
	assert_int_equal(f->host.warnings, 0);
	/* It was not whole: sent again. */
	cf_append(f, "o.csv", "cc\n4,\"d\ne\"");
	cf_expect(f, "o.csv", &at, "3|ccc;4|d\ne");
	assert_int_equal(f->host.warnings, 1);
	cf_append(f, "o.csv", "\r");
	cf_expect(f, "o.csv", &at, "");
	cf_append(f, "o.csv", "\n5,f\n");
	cf_expect(f, "o.csv", &at, "5|f");
	assert_int_equal(f->host.warnings, 1);
	free(at);
}

/* Cut within a character at the end: no wrong character, and nothing read twice. */
static void cut_character(struct fixture *f, const char *encoding, const char *text, size_t len)
{
	char *at = NULL;
	size_t n;

	fx_option(f, "encoding", encoding);
	for (n = 1; n <= len; n++) {
		struct defsync_request q = cf_request("o.csv");
		struct reading r;

		cf_put(f, "o.csv", n == 1 ? "we" : "ae", text + n - 1, 1);
		/* A line that is not whole may be read as it is, and then again. */
		fx_from(&q, at);
		r = fx_read(f, &q);
		if (r.rc != DEFSYNC_END)
			fail_msg("%s, %zu bytes: %s", encoding, n, f->host.text);
		if (fx_rows(&r) && !fx_has(&r, r.n, "1") && !fx_has(&r, r.n, "2") &&
		    !fx_has(&r, r.n, "2\xc3\xa9") && !fx_has(&r, r.n, "2\xc3\xa9\xf0\x9f\x98\x80"))
			fail_msg("%s, %zu bytes: '%s'", encoding, n, r.rows[0].text);
		if (n == len)
			assert_true(fx_has(&r, r.n, "2\xc3\xa9\xf0\x9f\x98\x80"));
		free(at);
		at = fx_last(&r);
		fx_done(&r);
	}
	free(at);
}

static void test_cut_character(void **state)
{
	static const char le[] = "t\0\n\0"
				 "1\0\n\0"
				 "2\0\xe9\0\x3d\xd8\0\xde";
	static const char be[] = "\xfe\xff\0t\0\n"
				 "\0\x31\0\n"
				 "\0\x32\0\xe9\xd8\x3d\xde";
	static const char utf8[] = "t\n1\n2\xc3\xa9\xf0\x9f\x98\x80";

	cut_character(*state, "utf-16le", le, sizeof(le) - 1);
	cut_character(*state, "utf-16", be, sizeof(be));
	cut_character(*state, "utf-8", utf8, sizeof(utf8) - 1);
}

static void grow_meanwhile(struct fixture *f, size_t n)
{
	if (n == 1)
		cf_append(f, "o.csv", "bb");
}

/* It changed while it was waited for: it is left, and read when it is whole. */
static void test_partial_line_left(void **state)
{
	struct fixture *f = *state;
	struct defsync_request q = cf_request("o.csv");
	struct reading r;
	char *at;

	fx_option(f, "partial_timeout", "20");
	cf_write(f, "o.csv", "id,t\n1,a\n2,b");
	r = fx_read_between(f, &q, grow_meanwhile);
	cf_assert_rows(f, &r, "1|a");
	at = fx_last(&r);
	fx_done(&r);
	cf_append(f, "o.csv", "\n");
	cf_expect(f, "o.csv", &at, "2|bbb");
	free(at);
}

static void append_meanwhile(struct fixture *f, size_t n)
{
	if (n == 1)
		cf_append(f, "o.csv", "3,c\n4,d");
}

/* What comes after the beginning of the run is the next one's. */
static void test_size_at_start(void **state)
{
	struct fixture *f = *state;
	struct defsync_request q = cf_request("o.csv");
	struct reading r;
	char *at;

	cf_write(f, "o.csv", "id,t\n1,a\n2,b\n");
	r = fx_read_between(f, &q, append_meanwhile);
	cf_assert_rows(f, &r, "1|a;2|b");
	at = fx_last(&r);
	fx_done(&r);
	cf_expect(f, "o.csv", &at, "3|c;4|d");
	free(at);
}

static void shrink_meanwhile(struct fixture *f, size_t n)
{
	char path[256];

	cf_path(f, "o.csv", path);
	if (n == 1)
		assert_int_equal(truncate(path, 100), 0);
}

static void test_shrinks(void **state)
{
	struct fixture *f = *state;
	struct defsync_request q = cf_request("o.csv");
	struct reading r;

	put_rows(f, "o.csv", "a name that fills more than one window", 0, 20000);
	r = fx_read_between(f, &q, shrink_meanwhile);
	fx_assert_fails(f, &r, DEFSYNC_E_TRANSIENT, "became shorter");
}

static void test_checkpoints_refused(void **state)
{
	struct fixture *f = *state;
	char *at = NULL, *damaged;
	size_t i;

	cf_write(f, "o.csv", "id,t\n1,a\n");
	cf_write(f, "p.csv", "id,t\n1,a\n");
	cf_expect(f, "o.csv", &at, "1|a");
	damaged = strdup(at);
	for (i = 0; damaged[i]; i++) {
		damaged[i] ^= 1;
		cf_expect_fails(f, "o.csv", damaged, DEFSYNC_E_STALE_CHECKPOINT, "checkpoint: ");
		damaged[i] ^= 1;
	}
	cf_expect_fails(f, "p.csv", at, DEFSYNC_E_STALE_CHECKPOINT, "table was 'o.csv'");
	fx_option(f, "layout", "files");
	cf_expect_fails(f, "o.csv", at, DEFSYNC_E_STALE_CHECKPOINT, "layout was 'append'");
	fx_option(f, "layout", "append");
	fx_option(f, "encoding", "latin1");
	cf_expect_fails(f, "o.csv", at, DEFSYNC_E_STALE_CHECKPOINT, "encoding was 'utf-8'");
	free(damaged);
	free(at);
}

static void test_snapshot(void **state)
{
	struct fixture *f = *state;
	struct defsync_request q = cf_request("o.csv");
	int round;
	char *at = NULL;

	q.mode = DEFSYNC_READ_SNAPSHOT;
	cf_write(f, "o.csv", "id,t\n1,a\n2,b");
	for (round = 0; round < 2; round++) {
		struct reading r;

		fx_from(&q, at);
		r = fx_read(f, &q);
		cf_assert_rows(f, &r, "1|a;2|b");
		assert_string_equal(f->host.phase, "done");
		free(at);
		at = fx_last(&r);
		fx_done(&r);
	}
	cf_expect_fails(f, "o.csv", at, DEFSYNC_E_STALE_CHECKPOINT, "layout was");
	free(at);
}

static void test_no_file(void **state)
{
	struct fixture *f = *state;

	cf_expect_fails(f, "o.csv", NULL, DEFSYNC_E_CONFIG, "no such file");
	assert_int_equal(symlink("/etc/passwd", strcat(f->path, "/o.csv")), 0);
	cf_expect_fails(f, "o.csv", NULL, DEFSYNC_E_CONFIG, "leads out of the folder");
	assert_int_equal(unlink(f->path), 0);
	assert_int_equal(mkfifo(f->path, 0600), 0);
	cf_expect_fails(f, "o.csv", NULL, DEFSYNC_E_CONFIG, "not a regular file");
	cf_expect_fails(f, "../o.csv", NULL, DEFSYNC_E_CONFIG, "no name inside");
	cf_expect_fails(f, "/etc/passwd", NULL, DEFSYNC_E_CONFIG, "no name inside");
	cf_expect_fails(f, "a/../../b*", NULL, DEFSYNC_E_CONFIG, "no name inside");
	cf_expect_fails(f, "", NULL, DEFSYNC_E_CONFIG, "no name inside");
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, cf_setup, cf_teardown)
	const struct CMUnitTest tests[] = {
	    TEST(test_growing),
	    TEST(test_every_checkpoint),
	    TEST(test_far_places),
	    TEST(test_rotation),
	    TEST(test_rotation_of_equals),
	    TEST(test_copy_and_truncate),
	    TEST(test_truncated),
	    TEST(test_restored),
	    TEST(test_partial_line),
	    TEST(test_partial_line_left),
	    TEST(test_cut_character),
	    TEST(test_size_at_start),
	    TEST(test_shrinks),
	    TEST(test_checkpoints_refused),
	    TEST(test_snapshot),
	    TEST(test_no_file),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
