/* SPDX-License-Identifier: MIT */
/* The template that others copy: lines, resuming, refusals. */

#include "plugin-fixture.h"

#include <sys/stat.h>

#include "base/file.h"
#include "plugin/source.h"

struct fixture {
	struct plugin_fixture *base;
	char folder[64], path[96], checkpoint[256];
	struct source *source;
	const struct defsync_options *table_options;
};

static void write_file(struct fixture *f, const char *text, const char *mode)
{
	FILE *out = fopen(f->path, mode);

	assert_non_null(out);
	assert_int_equal(fputs(text, out) >= 0, 1);
	assert_int_equal(fclose(out), 0);
}

static int setup(void **state)
{
	struct fixture *f = calloc(1, sizeof(*f));
	const struct plugin *p;
	char yaml[128];

	assert_non_null(f);
	f->base = fixture_create();
	(void)snprintf(f->folder, sizeof(f->folder), "/tmp/defsync-template-XXXXXX");
	assert_non_null(mkdtemp(f->folder));
	(void)snprintf(f->path, sizeof(f->path), "%s/lines.txt", f->folder);
	(void)snprintf(yaml, sizeof(yaml), "folder: %s\n", f->folder);
	write_file(f, "one\n\nthree\n", "we");
	p = fixture_source(f->base, "template");
	f->table_options = fixture_options(f->base, &p->table_options, "max_line: 8");
	f->source = source_create(p, fixture_options(f->base, &p->options, yaml), "logs",
				  f->base->log, &f->base->err);
	assert_non_null(f->source);
	assert_int_equal(source_connect(f->source, &f->base->err), 0);
	*state = f;
	return 0;
}

static int teardown(void **state)
{
	struct fixture *f = *state;

	source_destroy(f->source);
	unlink(f->path);
	rmdir(f->folder);
	fixture_destroy(f->base);
	free(f);
	return 0;
}

static struct defsync_request request(struct fixture *f)
{
	return (struct defsync_request){
	    .struct_size = sizeof(struct defsync_request),
	    .mode = DEFSYNC_READ_INCREMENTAL,
	    .table = "lines.txt",
	    .lookback = -1,
	    .null_watermark = DEFSYNC_NULLS_ERROR,
	    .checkpoint = f->checkpoint,
	    .checkpoint_len = strlen(f->checkpoint),
	    .options = f->table_options,
	};
}

/* Reads at most `limit` rows, keeps the checkpoint, gives "LINE=TEXT " for each. */
static void reads(struct fixture *f, int64_t limit, const char *expected)
{
	struct defsync_request r = request(f);
	const struct defsync_row *row = NULL;
	char checkpoint[sizeof(f->checkpoint)];
	struct buf out;
	int rc;

	memcpy(checkpoint, f->checkpoint, sizeof(checkpoint));
	r.checkpoint = checkpoint;
	r.row_limit = limit;
	buf_init(&out, 1 << 16);
	if (source_extract(f->source, &r, &f->base->err) < 0)
		print_error("%s\n", error_text(&f->base->err));
	assert_false(error_is_set(&f->base->err));
	while ((rc = source_next(f->source, &row, &f->base->err)) != DEFSYNC_END) {
		assert_true(rc == DEFSYNC_ROW || rc == DEFSYNC_E_BAD_ROW);
		buf_printf(&out, "%d=%.*s%s ", (int)row->cells[0].v.i64,
			   (int)row->cells[1].v.data.len, (const char *)row->cells[1].v.data.ptr,
			   rc == DEFSYNC_ROW ? "" : "!");
		(void)snprintf(f->checkpoint, sizeof(f->checkpoint), "%.*s",
			       (int)row->checkpoint_len, row->checkpoint);
	}
	source_end(f->source);
	assert_string_equal(buf_str(&out), expected);
	buf_done(&out);
}

static void reads_and_resumes(void **state)
{
	struct fixture *f = *state;

	reads(f, 0, "1=one 2= 3=three ");
	reads(f, 0, "");
	/* A line that is not finished waits for its end. */
	write_file(f, "fo", "ae");
	reads(f, 0, "");
	write_file(f, "ur\nfive\n", "ae");
	reads(f, 0, "4=four 5=five ");
}

static void resumes_after_every_line(void **state)
{
	struct fixture *f = *state;

	reads(f, 1, "1=one ");
	reads(f, 1, "2= ");
	reads(f, 1, "3=three ");
	reads(f, 1, "");
}

static void a_long_line_is_one_bad_row(void **state)
{
	struct fixture *f = *state;

	write_file(f, "12345678\n123456789\nlast\n", "we");
	reads(f, 2, "1=12345678 2=12345678! ");
	reads(f, 0, "3=last ");
}

static void refuse(struct fixture *f, const char *checkpoint, const char *reason)
{
	struct defsync_request r = request(f);

	r.checkpoint = checkpoint;
	r.checkpoint_len = strlen(checkpoint);
	assert_int_equal(source_extract(f->source, &r, &f->base->err), -1);
	assert_fails(f->base, ERR_SOURCE, PARTS("logs: table 'lines.txt': ", reason));
}

static void refuses_foreign_checkpoints(void **state)
{
	struct fixture *f = *state;
	char other[300];

	refuse(f, "v2 x", "not of this plugin");
	refuse(f, "v1 device=1", "cannot be read");
	refuse(f, "v1 device=1 inode=2 line=3 offset=99999999999999999999", "cannot be read");
	refuse(f, "v1 device=1 inode=2 line=3 offset=-4", "cannot be read");
	refuse(f, "v1 device=1 inode=2 line=3 offset=4", "of another file");
	memset(other, 'x', sizeof(other));
	other[sizeof(other) - 1] = '\0';
	refuse(f, other, "not of this plugin");
	reads(f, 0, "1=one 2= 3=three ");
	(void)snprintf(other, sizeof(other), "%s0", f->checkpoint);
	refuse(f, other, "shorter than what was read");
	(void)snprintf(other, sizeof(other), "%s ", f->checkpoint);
	refuse(f, other, "cannot be read");
}

static void refuses_what_it_cannot_do(void **state)
{
	struct fixture *f = *state;
	struct defsync_request r = request(f);
	const struct defsync_table *table = NULL;

	assert_int_equal(source_describe(f->source, &r, &table, &f->base->err), 0);
	assert_string_equal(table->from, "lines.txt");
	r.table = "missing.txt";
	assert_int_equal(source_describe(f->source, &r, &table, &f->base->err), -1);
	assert_fails(f->base, ERR_SOURCE, PARTS("cannot open file", "missing.txt"));
	assert_int_equal(source_extract(f->source, &r, &f->base->err), -1);
	assert_fails(f->base, ERR_SOURCE, PARTS("cannot open file", "missing.txt"));
	r.table = "../lines.txt";
	assert_int_equal(source_extract(f->source, &r, &f->base->err), -1);
	assert_fails(f->base, ERR_SOURCE, PARTS("not the name of a file"));
	r.table = "..";
	assert_int_equal(source_extract(f->source, &r, &f->base->err), -1);
	assert_fails(f->base, ERR_SOURCE, PARTS("not a file"));
	r = request(f);
	r.filter = "text like 'a%'";
	assert_int_equal(source_extract(f->source, &r, &f->base->err), -1);
	assert_fails(f->base, ERR_SOURCE, PARTS("remove these options"));
	r = request(f);
	r.keys = (const char *const[]){"text"};
	r.n_keys = 1;
	assert_int_equal(source_extract(f->source, &r, &f->base->err), -1);
	assert_fails(f->base, ERR_SOURCE, PARTS("not the key of a file of lines: 'text'"));
	r.keys = (const char *const[]){"line"};
	assert_int_equal(source_extract(f->source, &r, &f->base->err), 0);
	source_end(f->source);
	r = request(f);
	r.mode = DEFSYNC_READ_STREAM;
	assert_int_equal(source_extract(f->source, &r, &f->base->err), -1);
	assert_fails(f->base, ERR_SOURCE, PARTS("incrementally only"));
}

static void stops_on_cancel(void **state)
{
	struct fixture *f = *state;
	struct defsync_request r = request(f);
	const struct defsync_row *row = NULL;

	assert_int_equal(source_extract(f->source, &r, &f->base->err), 0);
	assert_int_equal(source_next(f->source, &row, &f->base->err), DEFSYNC_ROW);
	source_cancel(f->source);
	assert_int_equal(source_next(f->source, &row, &f->base->err), -1);
	assert_fails(f->base, ERR_CANCELLED, PARTS("cancelled"));
}

#define T(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
	    T(reads_and_resumes),	   T(resumes_after_every_line),
	    T(a_long_line_is_one_bad_row), T(refuses_foreign_checkpoints),
	    T(refuses_what_it_cannot_do),  T(stops_on_cancel),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
