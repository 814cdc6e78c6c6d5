/* SPDX-License-Identifier: MIT */
/* Plugins of an older and of a later minor run on this host. */

#include "../unit/plugin-fixture.h"

#include "base/buf.h"
#include "plugin/chain.h"
#include "plugin/source.h"
#include "row/encoder.h"

static struct source *make(struct plugin_fixture *f, const char *name, const char *yaml)
{
	const struct plugin *p = fixture_source(f, name);
	struct source *s =
	    source_create(p, fixture_options(f, &p->options, yaml), "shop", f->log, &f->err);

	assert_non_null(s);
	assert_int_equal(source_connect(s, &f->err), 0);
	return s;
}

/* Reads all rows and gives them as JSON, one after the other. */
static void read_rows(struct plugin_fixture *f, struct source *s, struct buf *out)
{
	static const struct encoder_policy policy = {
	    .max_row = 1000000, .max_field = 1000000, .max_depth = 10};
	const struct defsync_request request = {
	    .struct_size = sizeof(request),
	    .mode = DEFSYNC_READ_INCREMENTAL,
	    .table = "t",
	};
	struct encoder *e = encoder_create(&policy);
	const struct defsync_row *row = NULL;
	struct row_fault fault;
	int rc;

	assert_non_null(e);
	assert_int_equal(source_extract(s, &request, &f->err), 0);
	while ((rc = source_next(s, &row, &f->err)) == DEFSYNC_ROW) {
		assert_int_equal(encoder_relation(e, row->relation, &f->err), 0);
		assert_int_equal(encoder_row(e, row, out, &fault), 0);
	}
	if (rc != DEFSYNC_END)
		print_error("%s\n", error_text(&f->err));
	assert_int_equal(rc, DEFSYNC_END);
	encoder_destroy(e);
}

static void runs_a_plugin_of_1_0(void **state)
{
	struct plugin_fixture *f = *state;
	struct source *s = make(f, "abi_old", "rows: 2");
	struct buf json;

	buf_init(&json, 1 << 20);
	assert_int_equal(source_plugin(s)->abi_minor, 0);
	read_rows(f, s, &json);
	assert_string_equal(buf_str(&json),
			    "{\"id\":1,\"name\":\"old\"}{\"id\":2,\"name\":\"old\"}");
	source_destroy(s);
	buf_done(&json);
}

/* One of 1.1 gives rows by key; one of 1.0 is not even asked. */
static void reads_keys_since_1_1(void **state)
{
	static const char *const keys[] = {"id"};
	const struct defsync_cell cells[] = {{.type = DEFSYNC_INT64, .v = {.i64 = 4}},
					     {.type = DEFSYNC_INT64, .v = {.i64 = 7}}};
	const struct defsync_request request = {
	    .struct_size = sizeof(request),
	    .mode = DEFSYNC_READ_KEYS,
	    .table = "t",
	    .keys = keys,
	    .n_keys = 1,
	    .lookup = cells,
	    .n_lookup = 2,
	    .cell_size = sizeof(cells[0]),
	};
	struct plugin_fixture *f = *state;
	struct source *s = make(f, "abi_keys", "");
	const struct defsync_row *row = NULL;

	assert_int_equal(source_plugin(s)->abi_minor, 1);
	assert_int_equal(source_extract(s, &request, &f->err), 0);
	assert_int_equal(source_next(s, &row, &f->err), DEFSYNC_ROW);
	assert_int_equal(defsync_cell_at(row, 0)->v.i64, 7);
	assert_int_equal(source_next(s, &row, &f->err), DEFSYNC_END);
	source_destroy(s);
	s = make(f, "abi_old", "");
	assert_int_equal(source_extract(s, &request, &f->err), -1);
	assert_non_null(strstr(error_text(&f->err), "cannot read rows by their key"));
	source_destroy(s);
}

/* One of 1.2 is paused while it reads; the others do not have to know. */
static void pauses_since_1_2(void **state)
{
	const struct defsync_request request = {
	    .struct_size = sizeof(request), .mode = DEFSYNC_READ_INCREMENTAL, .table = "t"};
	struct plugin_fixture *f = *state;
	struct source *s = make(f, "abi_pause", "");
	const struct defsync_row *row = NULL;

	assert_int_equal(source_plugin(s)->abi_minor, 2);
	assert_int_equal(source_pause(s, &f->err), 0);
	assert_int_equal(source_extract(s, &request, &f->err), 0);
	assert_int_equal(source_next(s, &row, &f->err), DEFSYNC_ROW);
	assert_int_equal(defsync_cell_at(row, 0)->v.i64, 0);
	assert_int_equal(source_pause(s, &f->err), 0);
	assert_int_equal(source_next(s, &row, &f->err), DEFSYNC_ROW);
	assert_int_equal(defsync_cell_at(row, 0)->v.i64, 1);
	source_destroy(s);
	s = make(f, "abi_old", "rows: 2");
	assert_int_equal(source_extract(s, &request, &f->err), 0);
	assert_int_equal(source_next(s, &row, &f->err), DEFSYNC_ROW);
	assert_int_equal(source_pause(s, &f->err), 0);
	assert_int_equal(source_next(s, &row, &f->err), DEFSYNC_ROW);
	source_destroy(s);
}

/* One of 1.3 asks what is synced; a source is told of the program alone. */
static void asks_since_1_3(void **state)
{
	struct plugin_fixture *f = *state;
	struct source *s = make(f, "abi_about", "");
	struct buf json;

	buf_init(&json, 1 << 20);
	assert_int_equal(source_plugin(s)->abi_minor, 3);
	read_rows(f, s, &json);
	assert_string_equal(buf_str(&json), "{\"version\":\"" DEFSYNC_VERSION "\"}");
	source_destroy(s);
	buf_done(&json);
}

static void runs_a_plugin_of_a_later_minor(void **state)
{
	struct plugin_fixture *f = *state;
	struct source *s = make(f, "abi_new", "rows: 2\nlabel: x");
	struct buf json;

	buf_init(&json, 1 << 20);
	assert_int_equal(source_plugin(s)->abi_minor, DEFSYNC_ABI_MINOR + 7);
	read_rows(f, s, &json);
	assert_string_equal(buf_str(&json), "{\"id\":1,\"label\":\"x\",\"even\":false}"
					    "{\"id\":2,\"label\":\"x\",\"even\":true}");
	source_destroy(s);
	buf_done(&json);
}

static void discovers_by_stride(void **state)
{
	struct plugin_fixture *f = *state;
	struct source *s = make(f, "abi_new", "");
	const struct defsync_table *const *tables = NULL;
	uint32_t n = 0;

	assert_int_equal(source_discover(s, NULL, &tables, &n, &f->err), 0);
	assert_int_equal(n, 1);
	assert_string_equal(defsync_column_at(tables[0]->relation, 2)->name, "even");
	source_destroy(s);
}

/* The second option lies at the plugin's stride, not at ours. */
static void reads_options_by_stride(void **state)
{
	struct plugin_fixture *f = *state;
	const struct option_table *table = &fixture_source(f, "abi_new")->options;

	assert_true(table->stride > sizeof(struct defsync_option));
	assert_string_equal(option_at(table, 1)->name, "label");
	assert_ptr_equal(option_find(table, "label"), option_at(table, 1));
}

/* What a transform emits may have a larger stride too. */
static int count_row(void *ctx, const struct defsync_row *row)
{
	int *n = ctx;

	assert_int_equal(row->cell_size, sizeof(struct defsync_cell));
	assert_int_equal(defsync_cell_at(row, 0)->v.i64, 1);
	(*n)++;
	return 0;
}

static void transforms_rows_of_a_later_minor(void **state)
{
	struct plugin_fixture *f = *state;
	const struct plugin *tee = loader_transform(f->loader, "fake_tee", &f->err);
	struct source *s = make(f, "abi_new", "rows: 1");
	struct chain *c = chain_create(f->log, "shop.t", &(struct host_about){0});
	const struct defsync_request request = {.struct_size = sizeof(request), .table = "t"};
	const struct defsync_row *row = NULL;
	struct row_fault fault;
	int n = 0;

	assert_non_null(tee);
	assert_int_equal(chain_add(c, tee,
				   fixture_options(f, &tee->options, "action: emit\ncopies: 2"),
				   &f->err),
			 0);
	assert_int_equal(source_extract(s, &request, &f->err), 0);
	assert_int_equal(source_next(s, &row, &f->err), DEFSYNC_ROW);
	assert_int_equal(chain_apply(c, row, count_row, &n, &fault, &f->err), CHAIN_DONE);
	assert_int_equal(n, 2);
	chain_destroy(c);
	source_destroy(s);
}

#define T(name) cmocka_unit_test_setup_teardown(name, fixture_setup, fixture_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
	    T(runs_a_plugin_of_1_0),
	    T(reads_keys_since_1_1),
	    T(pauses_since_1_2),
	    T(asks_since_1_3),
	    T(runs_a_plugin_of_a_later_minor),
	    T(discovers_by_stride),
	    T(reads_options_by_stride),
	    T(transforms_rows_of_a_later_minor),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
