/* SPDX-License-Identifier: MIT */
/* Records: dialects, faults, and that neither windows nor processors change them. */

#include "csv-fixture.h"

#include "cv-parse.h"
#include "cv-scan.h"

#define ROOM 8

static const struct cv_dialect rfc = {
    .delimiter = ',', .quote = '"', .escape = ',', .comment = '\n', .quoting = true};

/* With a sentinel behind, in memory of just that size. */
static char *window(const char *text, size_t len)
{
	char *p = malloc(len + CV_PAD);

	assert_non_null(p);
	memcpy(p, text, len);
	memset(p + len, 0, CV_PAD);
	p[len] = '\n';
	return p;
}

static const char *const faults[] = {
    [CV_FINE] = "",	      [CV_NUL] = "NUL",	      [CV_AFTER_QUOTE] = "AFTER",
    [CV_OPEN_QUOTE] = "OPEN", [CV_TOO_LONG] = "LONG",
};

/* "[a][b]'c'": plain and quoted fields; FAULT@field:line; one line a record. */
static void describe(const struct cv_dialect *d, const struct cv_record *r, FILE *out)
{
	uint32_t i;

	if (r->comment) {
		(void)fprintf(out, "#\n");
		return;
	}
	for (i = 0; i < r->n && i < r->room; i++) {
		char *text = malloc(r->fields[i].len + 1);
		size_t len = r->fields[i].len;

		assert_non_null(text);
		memcpy(text, r->fields[i].ptr, len);
		if (r->fields[i].escaped)
			len = cv_unescape(d, text, len, r->fields[i].quoted);
		(void)fputs(r->fields[i].quoted ? "'" : "[", out);
		(void)fwrite(text, 1, len, out);
		(void)fputs(r->fields[i].quoted ? "'" : "]", out);
		free(text);
	}
	if (r->n > r->room)
		(void)fprintf(out, "+%u", (unsigned)(r->n - r->room));
	if (r->fault != CV_FINE)
		(void)fprintf(out, "%s@%u:%d", faults[r->fault], (unsigned)r->fault_field,
			      (int)r->fault_line);
	(void)fprintf(out, " %d\n", (int)r->lines);
}

/* As a reader does it, with windows of `step` bytes more at a time. */
static char *parse_all(const struct cv_dialect *d, const char *text, size_t len, size_t step)
{
	struct cv_field fields[ROOM];
	struct cv_record r = {.fields = fields, .room = ROOM};
	size_t pos = 0, end = 0, out_len = 0;
	char *out = NULL;
	FILE *f = open_memstream(&out, &out_len);

	assert_non_null(f);
	while (pos < len) {
		char *w;
		bool last;

		end = end + step < len ? end + step : len;
		w = window(text + pos, end - pos);
		last = end == len;
		for (;;) {
			char *p = w;
			char *data_end = w + (end - pos);

			if (p == data_end)
				break;
			if (!cv_parse(d, p, data_end, last, &r)) {
				if (!last)
					break;
				assert_true(cv_parse_cut(p, data_end, true, &r));
			}
			describe(d, &r, f);
			assert_true(r.end > p && r.text_end <= r.end && r.end <= data_end);
			pos += (size_t)(r.end - p);
			memmove(w, r.end, (size_t)(data_end - r.end) + CV_PAD);
		}
		free(w);
	}
	assert_int_equal(fclose(f), 0);
	return out;
}

static void test_records(void **state)
{
	static const struct cv_dialect semicolon = {.delimiter = ';',
						    .quote = '\'',
						    .escape = ';',
						    .comment = '#',
						    .quoting = true,
						    .commenting = true,
						    .trim = true};
	static const struct cv_dialect backslash = {.delimiter = ',',
						    .quote = '"',
						    .escape = '\\',
						    .comment = '\n',
						    .quoting = true,
						    .escaping = true};
	static const struct cv_dialect tab = {
	    .delimiter = '\t', .quote = '\n', .escape = '\t', .comment = '\n'};
	static const struct {
		const struct cv_dialect *d;
		const char *text;
		size_t len;
		const char *records;
	} rows[] = {
#define ROW(d, text, records) {d, text, sizeof(text) - 1, records}
	    ROW(&rfc, "a,b\n1,2\n", "[a][b] 1\n[1][2] 1\n"),
	    ROW(&rfc, "a,b\r\nc,d\re,f\n\n", "[a][b] 1\n[c][d] 1\n[e][f] 1\n[] 1\n"),
	    ROW(&rfc, "a,b", "[a][b] 0\n"),
	    ROW(&rfc, "a,\n,\n", "[a][] 1\n[][] 1\n"),
	    ROW(&rfc, "\"a\",\"b,\"\"c\"\"\",\"\"\n", "'a''b,\"c\"''' 1\n"),
	    ROW(&rfc, "\"two\nlines\r\n\",x\ny\n", "'two\nlines\r\n'[x] 3\n[y] 1\n"),
	    ROW(&rfc, "5\" pipe,\"x\"\n", "[5\" pipe]'x' 1\n"),
	    ROW(&rfc, "\"a\"b,c\nd\n", "[\"a\"b][c]AFTER@0:0 1\n[d] 1\n"),
	    ROW(&rfc, "x,\"a\" ,c\n", "[x][\"a\" ][c]AFTER@1:0 1\n"),
	    ROW(&rfc, "\"a\nb\"c,d\n", "[\"a\nb\"c][d]AFTER@0:1 2\n"),
	    ROW(&rfc, "a,b\0c\nd\n", "[a][b\0c]NUL@1:0 1\n[d] 1\n"),
	    ROW(&rfc, "a,\"\0\"\nd\n", "[a]'\0'NUL@1:0 1\n[d] 1\n"),
	    ROW(&rfc, "a,\"b\nc,d\ne", "[a][\"b]OPEN@1:0 1\n[c][d] 1\n[e] 0\n"),
	    ROW(&rfc, "\"a\nb\",\"c\nd\n", "'a\nb'[\"c]OPEN@1:1 2\n[d] 1\n"),
	    ROW(&rfc, "1,2,3,4,5,6,7,8,9,10\n", "[1][2][3][4][5][6][7][8]+2 1\n"),
	    ROW(&rfc, "tab\there,\x01\n", "[tab\there][\x01] 1\n"),
	    ROW(&rfc, "#a,b\n", "[#a][b] 1\n"),
	    ROW(&rfc, "a,b\r", "[a][b] 1\n"),
	    ROW(&rfc, "\"a\"\r\n\"b\"", "'a' 1\n'b' 0\n"),
	    ROW(&semicolon, "# no; 'x\na;b\n", "#\n[a][b] 1\n"),
	    ROW(&semicolon, "  a b ;\t'c ' ; \n", "[a b]'c '[] 1\n"),
	    ROW(&semicolon, "'it''s';\"x\"\n", "'it's'[\"x\"] 1\n"),
	    ROW(&backslash, "a\\,b,\"c\\\"d\",\\N\n", "[a,b]'c\"d'[N] 1\n"),
	    ROW(&backslash, "a\\\nb,c\n\"\\\n\"\n", "[a\nb][c] 2\n'\n' 2\n"),
	    ROW(&backslash, "\"a\"\"b\\\\\",c\\", "'a\"b\\'[c\\] 0\n"),
	    ROW(&tab, "a\t\"b\tc\n\t\n", "[a][\"b][c] 1\n[][] 1\n"),
#undef ROW
	};
	size_t i, step;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		/* At once, and with every place of a window's end. */
		for (step = rows[i].len; step > 0; step--) {
			char *got = parse_all(rows[i].d, rows[i].text, rows[i].len, step);

			if (strcmp(got, rows[i].records) != 0)
				fail_msg("row %zu, step %zu: %s", i, step, got);
			free(got);
		}
	}
}

/* A line without end is no record until it is cut, and that needs a line end too. */
static void test_cut(void **state)
{
	struct cv_field fields[ROOM];
	struct cv_record r = {.fields = fields, .room = ROOM};
	char *w = window("a,\"b\nc", 6);

	(void)state;
	assert_false(cv_parse(&rfc, w, w + 6, false, &r));
	assert_ptr_equal(r.open, w + 2);
	assert_true(cv_parse_cut(w, w + 6, false, &r));
	assert_int_equal(r.end - w, 5);
	assert_false(cv_parse(&rfc, w + 5, w + 6, false, &r));
	assert_null(r.open);
	assert_false(cv_parse_cut(w + 5, w + 6, false, &r));
	free(w);
}

static void test_scan_twins(void **state)
{
	static const char alphabet[] = "ab,\"\n\r\t\\\0\x80\xff;z";
	unsigned seed = 1, round;

	(void)state;
	for (round = 0; round < 20000; round++) {
		size_t len = round % 70, i;
		char *w = malloc(len + CV_PAD);

		assert_non_null(w);
		for (i = 0; i < len; i++) {
			seed = seed * 1103515245 + 12345;
			w[i] = round % 3 ? 'x' : alphabet[seed / 65536 % (sizeof(alphabet) - 1)];
		}
		if (len)
			w[seed / 7 % len] = alphabet[seed / 65536 % (sizeof(alphabet) - 1)];
		memset(w + len, 0, CV_PAD);
		w[len] = '\n';
		for (i = 0; i <= len; i++) {
			assert_ptr_equal(cv_scan_plain(w + i, ',', '\\'),
					 cv_scan_plain_scalar(w + i, ',', '\\'));
			assert_ptr_equal(cv_scan_quoted(w + i, '"', '\xff'),
					 cv_scan_quoted_scalar(w + i, '"', '\xff'));
		}
		free(w);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_records),
	    cmocka_unit_test(test_cut),
	    cmocka_unit_test(test_scan_twins),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
