/* SPDX-License-Identifier: MIT */
/* What rows come out of one file: dialects, headers, bad rows, encodings, compression. */

#include "csv-fixture.h"

#include <zlib.h>

static struct reading read_all(struct fixture *f, const char *from)
{
	const struct defsync_request q = cf_request(from);

	return fx_read(f, &q);
}

static void expect_rows(struct fixture *f, const char *from, const char *rows)
{
	struct reading r = read_all(f, from);

	cf_assert_rows(f, &r, rows);
	fx_done(&r);
}

static void test_plain(void **state)
{
	struct fixture *f = *state;
	struct reading r;

	cf_write(f, "o.csv", "\xef\xbb\xbfid,name\r\n1,\"a, \"\"b\"\"\"\r\n\r\n2,\n3,\"\"\n");
	r = read_all(f, "o.csv");
	cf_assert_rows(f, &r, "1|a, \"b\";2|NULL;3|");
	assert_string_equal(r.rows[0].position, "line 2");
	assert_string_equal(r.rows[2].position, "line 5");
	assert_string_equal(f->host.phase, "incremental");
	assert_string_equal(f->host.ceiling, "none");
	fx_done(&r);
}

static void test_options(void **state)
{
	struct fixture *f = *state;

	cf_option(f, "delimiter", "\\t");
	cf_option(f, "comment", "#");
	cf_option(f, "null", "\\N");
	cf_option(f, "null", "-");
	cf_option(f, "skip_lines", "2");
	cf_option(f, "header", "a");
	cf_option(f, "header", "b");
	cf_option(f, "trim", "1");
	cf_write(f, "o.txt", "an \"odd\nbeginning\n# no\tdata\n1\t\\N\n - \t\"-\"\n");
	expect_rows(f, "o.txt", "1|NULL;NULL|-");
}

static void test_numbered_columns(void **state)
{
	struct fixture *f = *state;
	const struct defsync_table *table;
	const struct defsync_request q = cf_request("o.csv");

	cf_option(f, "header", "false");
	cf_write(f, "o.csv", "1,2\n3,4\n");
	expect_rows(f, "o.csv", "1|2;3|4");
	assert_int_equal(f->source->describe(f->instance, &q, 0, &table), 0);
	assert_string_equal(table->relation->columns[1].name, "column2");
}

static void test_bad_rows(void **state)
{
	static const char text[] =
	    "id,n,t\n1,2,x\n3\n4,5,6,7\nx,1,y\n6,\"7\"8,z\n7,\0,b\n8,9,\"c\n";
	static const struct {
		const char *position, *reason;
	} bad[] = {
	    {"line 3", "line 3: 1 fields, 3 columns are expected"},
	    {"line 4", "line 4: 4 fields, 3 columns are expected"},
	    {"line 5", "line 5: column 'id' is no int"},
	    {"line 6", "line 6: text behind the closing quote of column 'n'"},
	    {"line 7", "line 7: a NUL byte in column 'n'"},
	    {"line 8", "line 8: the quote opened in column 't' is not closed within the file"},
	};
	struct fixture *f = *state;
	struct reading r;
	size_t i, k = 0;

	cf_option(f, "types", "id=int");
	cf_put(f, "o.csv", "we", text, sizeof(text) - 1);
	r = read_all(f, "o.csv");
	assert_int_equal(r.rc, DEFSYNC_END);
	assert_int_equal(fx_rows(&r), 7);
	assert_string_equal(r.rows[0].text, "1|2|x");
	assert_string_equal(r.rows[1].text, "3|NULL|NULL");
	assert_string_equal(r.rows[3].text, "x|1|y");
	assert_string_equal(r.rows[4].text, "6|\"7\"8|z");
	for (i = 0; i < r.n; i++) {
		if (r.rows[i].rc != DEFSYNC_E_BAD_ROW)
			continue;
		assert_string_equal(r.rows[i].position, bad[k].position);
		assert_string_equal(r.rows[i].reason, bad[k].reason);
		assert_non_null(r.rows[i].checkpoint);
		k++;
	}
	assert_int_equal(k, sizeof(bad) / sizeof(bad[0]));
	fx_done(&r);
}

/* Longer than the window, than max_record, and without any line end. */
static void test_long_records(void **state)
{
	struct fixture *f = *state;
	size_t n = 700000;
	char *text = malloc(n + 64);
	struct reading r;

	assert_non_null(text);
	cf_write(f, "o.csv", "a,b\n");
	memset(text, 'x', n);
	text[0] = '"';
	text[n / 2] = '\n';
	memcpy(text + n, "\",1\n", 4);
	cf_put(f, "o.csv", "ae", text, n + 4);
	cf_append(f, "o.csv", "2,3\n");
	r = read_all(f, "o.csv");
	assert_int_equal(fx_rows(&r), 2);
	assert_int_equal(strlen(r.rows[0].text), n + 1);
	assert_string_equal(r.rows[1].position, "line 4");
	fx_done(&r);

	cf_option(f, "max_record", "100000");
	r = read_all(f, "o.csv");
	/* The line with the quote, the rest as a line of its own, then the next. */
	assert_int_equal(r.rc, DEFSYNC_END);
	assert_int_equal(fx_rows(&r), 3);
	assert_int_equal(r.rows[0].rc, DEFSYNC_E_BAD_ROW);
	assert_non_null(strstr(r.rows[0].reason, "line 2: the quote opened in column 'a'"));
	assert_non_null(strstr(r.rows[1].reason, "line 3: the record is longer"));
	assert_string_equal(r.rows[2].text, "2|3");
	assert_string_equal(r.rows[2].position, "line 4");
	fx_done(&r);
	free(text);
}

static void test_headers(void **state)
{
	static const struct {
		const char *text, *part;
	} rows[] = {
	    {"a,b,a\n1,2,3\n", "two columns have the name 'a'"},
	    {"a,,c\n", "column 2 has no name"},
	    {"a,\"b\n", "column 2 has a quote that is not closed"},
	    {"a,\"b\"c\n", "column 2 has text behind"},
	    {"a,\xff\n", "not UTF-8"},
	    {"\xff\xfe", "utf-16"},
	};
	struct fixture *f = *state;
	size_t i;

	cf_option(f, "layout", "files");
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		cf_write(f, "o.csv", rows[i].text);
		cf_expect_fails(f, "o.csv", NULL, DEFSYNC_E_CONFIG, rows[i].part);
	}
	cf_write(f, "o.csv", "");
	expect_rows(f, "o.csv", "");
	cf_write(f, "o.csv", "a,b");
	expect_rows(f, "o.csv", "");
}

static void test_columns(void **state)
{
	static const char *const columns[] = {"c", "a"};
	static const char *const missing[] = {"a", "x"};
	static const char *const keys[] = {"a"};
	struct fixture *f = *state;
	struct defsync_request q = cf_request("o.csv");
	const struct defsync_table *table;
	struct reading r;

	cf_write(f, "o.csv", "a,b,c\n1,2,3\n");
	q.columns = columns;
	q.n_columns = 2;
	q.keys = keys;
	q.n_keys = 1;
	r = fx_read(f, &q);
	cf_assert_rows(f, &r, "3|1");
	fx_done(&r);
	assert_int_equal(f->source->describe(f->instance, &q, 0, &table), 0);
	assert_int_equal(table->relation->n_columns, 2);
	assert_int_equal(table->relation->columns[1].flags,
			 DEFSYNC_COLUMN_KEY | DEFSYNC_COLUMN_NULLABLE);
	assert_int_equal(table->row_estimate, 1);
	q.columns = missing;
	r = fx_read(f, &q);
	fx_assert_fails(f, &r, DEFSYNC_E_CONFIG, "has no column 'x'");
	q.n_columns = 1;
	q.keys = missing + 1;
	r = fx_read(f, &q);
	fx_assert_fails(f, &r, DEFSYNC_E_CONFIG, "configured as key");
}

static void test_refused(void **state)
{
	struct fixture *f = *state;
	struct defsync_request q;
	struct reading r;

	cf_write(f, "o.csv", "a\n1\n");
	q = cf_request("o.csv");
	q.filter = "a = 1";
	r = fx_read(f, &q);
	fx_assert_fails(f, &r, DEFSYNC_E_CONFIG, "'where'");
	q = cf_request("o.csv");
	q.watermark = "a";
	r = fx_read(f, &q);
	fx_assert_fails(f, &r, DEFSYNC_E_CONFIG, "'watermark'");
	q = cf_request("o.csv");
	q.lookback = 5;
	r = fx_read(f, &q);
	fx_assert_fails(f, &r, DEFSYNC_E_CONFIG, "'lookback'");
	q = cf_request("o.csv");
	q.mode = DEFSYNC_READ_STREAM;
	r = fx_read(f, &q);
	fx_assert_fails(f, &r, DEFSYNC_E_BUG, "streams");
	cf_option(f, "types", "a=integer");
	cf_expect_fails(f, "o.csv", NULL, DEFSYNC_E_CONFIG, "unknown type");
	cf_option(f, "delimiter", "\"");
	cf_expect_fails(f, "o.csv", NULL, DEFSYNC_E_CONFIG, "delimiter and quote are the same");
}

static void test_row_limit(void **state)
{
	struct fixture *f = *state;
	struct defsync_request q = cf_request("o.csv");
	struct reading r;

	cf_write(f, "o.csv", "a\n1\n2\n3\n");
	q.row_limit = 2;
	r = fx_read(f, &q);
	cf_assert_rows(f, &r, "1;2");
	assert_int_equal(r.n, 2);
	fx_done(&r);
}

static void put_utf16(struct fixture *f, const char *name, const char *text, int big, int mark)
{
	char out[512];
	size_t n = 0, i;

	for (i = 0; i < strlen(text) + (size_t)mark; i++) {
		unsigned c = mark && i == 0 ? 0xfeff : (unsigned char)text[i - (size_t)mark];

		/* A place holder for a pair of surrogates, U+1F600. */
		if (c == '@') {
			memcpy(out + n, big ? "\xd8\x3d\xde\x00" : "\x3d\xd8\x00\xde", 4);
			n += 4;
			continue;
		}
		out[n++] = (char)(big ? c >> 8 : c);
		out[n++] = (char)(big ? c : c >> 8);
	}
	cf_put(f, name, "we", out, n);
}

static void test_encodings(void **state)
{
	struct fixture *f = *state;

	fx_option(f, "encoding", "latin1");
	cf_write(f, "o.csv",
		 "a,stra\xdf"
		 "e\n\xe4,\x80\n");
	expect_rows(f, "o.csv", "\xc3\xa4|\xc2\x80");
	fx_option(f, "encoding", "windows-1252");
	/* 0x81 is no character: it becomes a byte that no text can hold. */
	cf_write(f, "o.csv", "a\n\x80\n\x81x\n");
	expect_rows(f, "o.csv", "\xe2\x82\xac;\xffx");
	fx_option(f, "encoding", "utf-16");
	put_utf16(f, "o.csv", "a,b\r\n@,\"x\ny\"\r\n", 0, 1);
	expect_rows(f, "o.csv", "\xf0\x9f\x98\x80|x\ny");
	put_utf16(f, "o.csv", "a,b\n@,2\n", 1, 1);
	expect_rows(f, "o.csv", "\xf0\x9f\x98\x80|2");
	put_utf16(f, "o.csv", "a,b\n@,2\n", 1, 0);
	cf_expect_fails(f, "o.csv", NULL, DEFSYNC_E_CONFIG, "no byte order mark");
	fx_option(f, "encoding", "utf-16be");
	expect_rows(f, "o.csv", "\xf0\x9f\x98\x80|2");
	fx_option(f, "encoding", "utf-16le");
	put_utf16(f, "o.csv", "a\n1\n", 0, 1);
	expect_rows(f, "o.csv", "1");
}

static void put_gzip(struct fixture *f, const char *name, const char *mode, const char *text)
{
	char path[256];
	gzFile file;

	cf_path(f, name, path);
	file = gzopen(path, mode);
	assert_non_null(file);
	assert_int_equal(gzwrite(file, text, (unsigned)strlen(text)), (int)strlen(text));
	assert_int_equal(gzclose(file), Z_OK);
}

static void test_gzip(void **state)
{
	struct fixture *f = *state;
	char path[256];

	put_gzip(f, "o.csv.gz", "wbe", "a,b\n1,2\n");
	put_gzip(f, "o.csv.gz", "abe", "3,4\n5,6");
	expect_rows(f, "o.csv.gz", "1|2;3|4;5|6");
	cf_append(f, "o.csv.gz", "rest");
	f->host.warnings = 0;
	expect_rows(f, "o.csv.gz", "1|2;3|4;5|6");
	assert_true(f->host.warnings > 0);
	cf_path(f, "o.csv.gz", path);
	assert_int_equal(truncate(path, 20), 0);
	cf_expect_fails(f, "o.csv.gz", NULL, DEFSYNC_E_TRANSIENT, "ends within");
	cf_write(f, "o.csv.gz", "a,b\n1,2\n3,4\n5,6\n7,8\n");
	cf_expect_fails(f, "o.csv.gz", NULL, DEFSYNC_E_PERMANENT, "cannot be unpacked");
	fx_option(f, "compression", "none");
	expect_rows(f, "o.csv.gz", "1|2;3|4;5|6;7|8");
}

static void test_cancel(void **state)
{
	struct fixture *f = *state;
	const struct defsync_request q = cf_request("o.csv");
	struct reading r;

	cf_write(f, "o.csv", "a\n1\n");
	f->source->cancel(f->instance);
	r = fx_read(f, &q);
	assert_int_equal(r.rc, DEFSYNC_E_CANCELLED);
	fx_done(&r);
	fx_reconnect(f);
	expect_rows(f, "o.csv", "1");
}

static void test_describe(void **state)
{
	struct fixture *f = *state;
	const struct defsync_request q = cf_request("o.csv");
	const struct defsync_table *const *tables;
	const struct defsync_table *table;
	uint32_t n, i;
	int seen = 0;

	cf_option(f, "types", "7=int");
	cf_write(f, "o.csv", "7,b\nzzsecret,2\n1\n");
	cf_write(f, "p.csv", "a,b\n1,2\n");
	cf_write(f, "q.csv", "a,a\n1,2\n");
	assert_int_equal(f->source->describe(f->instance, &q, 0, &table), 0);
	assert_string_equal(table->kind, "file");
	for (i = 0; i < table->n_findings; i++) {
		assert_null(strstr(table->findings[i].text, "zzsecret"));
		seen += strcmp(table->findings[i].code, "header-is-data") == 0 ||
			strcmp(table->findings[i].code, "fields-differ") == 0 ||
			strcmp(table->findings[i].code, "type-does-not-fit") == 0;
	}
	assert_int_equal(seen, 3);
	f->options[1].name = NULL;
	plugin_host_begin(&f->host);
	assert_int_equal(f->source->discover(f->instance, NULL, 0, &tables, &n), 0);
	assert_int_equal(f->host.fails, 0);
	assert_int_equal(n, 2);
	assert_int_equal(f->source->discover(f->instance, "p*", 0, &tables, &n), 0);
	assert_int_equal(n, 1);
	assert_string_equal(tables[0]->from, "p.csv");
	assert_int_equal(tables[0]->row_estimate, 1);
	/* Names of targets, each its own. */
	cf_write(f, "p q.1.csv", "a,b\n1,2\n");
	cf_write(f, "p_q.1.csv", "a,b\n1,2\n");
	assert_int_equal(f->source->discover(f->instance, "p*", 0, &tables, &n), 0);
	assert_int_equal(n, 3);
	assert_string_equal(tables[0]->relation->name, "p");
	assert_string_equal(tables[1]->relation->name, "p_q_1");
	assert_string_equal(tables[2]->relation->name, "p_q_1_3");
}

/* A text that stands for null is no value that does not fit. */
static void test_describe_nulls(void **state)
{
	struct fixture *f = *state;
	const struct defsync_request q = cf_request("o.csv");
	const struct defsync_table *table;

	cf_option(f, "types", "b=int");
	cf_option(f, "null", "NA");
	cf_write(f, "o.csv", "a,b\nx,NA\n");
	assert_int_equal(f->source->describe(f->instance, &q, 0, &table), 0);
	assert_int_equal(table->n_findings, 0);
	cf_write(f, "o.csv", "a,b\nx,\"NA\"\n");
	assert_int_equal(f->source->describe(f->instance, &q, 0, &table), 0);
	assert_int_equal(table->n_findings, 1);
}

static void test_discover_many(void **state)
{
	struct fixture *f = *state;
	const struct defsync_table *const *tables;
	char name[32];
	uint32_t n;
	int i;

	for (i = 0; i < 1001; i++) {
		(void)snprintf(name, sizeof(name), "m%04d.csv", i);
		cf_write(f, name, "a,b\n");
	}
	assert_int_equal(f->source->discover(f->instance, NULL, 0, &tables, &n), 0);
	assert_int_equal(n, 1000);
	assert_int_equal(f->host.warnings, 1);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, cf_setup, cf_teardown)
	const struct CMUnitTest tests[] = {
	    TEST(test_plain),	  TEST(test_options),	     TEST(test_numbered_columns),
	    TEST(test_bad_rows),  TEST(test_long_records),   TEST(test_headers),
	    TEST(test_columns),	  TEST(test_refused),	     TEST(test_row_limit),
	    TEST(test_encodings), TEST(test_gzip),	     TEST(test_cancel),
	    TEST(test_describe),  TEST(test_describe_nulls), TEST(test_discover_many),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
