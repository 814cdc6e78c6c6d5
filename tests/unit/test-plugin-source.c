/* SPDX-License-Identifier: MIT */
/* The guard: order of calls, results, and the rules of rows. */

#include "plugin-fixture.h"

#include <pthread.h>

#include "base/clock.h"
#include "base/file.h"
#include "plugin/row-check.h"
#include "plugin/source.h"

static struct source *make(struct plugin_fixture *f, const char *plugin, const char *yaml)
{
	const struct plugin *p = fixture_source(f, plugin);
	struct source *s =
	    source_create(p, fixture_options(f, &p->options, yaml), "shop", f->log, &f->err);

	if (!s)
		print_error("%s\n", error_text(&f->err));
	assert_non_null(s);
	return s;
}

static struct source *make_connected(struct plugin_fixture *f, const char *plugin, const char *yaml)
{
	struct source *s = make(f, plugin, yaml);

	assert_int_equal(source_connect(s, &f->err), 0);
	return s;
}

static struct defsync_request request(const char *checkpoint)
{
	return (struct defsync_request){
	    .struct_size = sizeof(struct defsync_request),
	    .mode = DEFSYNC_READ_INCREMENTAL,
	    .table = "orders",
	    .lookback = -1,
	    .null_watermark = DEFSYNC_NULLS_ERROR,
	    .checkpoint = checkpoint,
	    .checkpoint_len = checkpoint ? strlen(checkpoint) : 0,
	    .max_wait_ms = 1,
	};
}

static struct source *make_reading(struct plugin_fixture *f, const char *plugin, const char *yaml)
{
	/* It has to live until the cursor's end. */
	static struct defsync_request r;
	struct source *s = make_connected(f, plugin, yaml);

	r = request(NULL);
	assert_int_equal(source_extract(s, &r, &f->err), 0);
	return s;
}

/* ---- The straight way -------------------------------------------------------------- */

static void reads_rows(void **state)
{
	struct plugin_fixture *f = *state;
	struct source *s = make_reading(f, "fake_rows", "rows: 5\nties: 2\n");
	const struct defsync_row *row = NULL;

	for (int64_t n = 1; n <= 5; n++) {
		assert_int_equal(source_next(s, &row, &f->err), DEFSYNC_ROW);
		assert_int_equal(row->cells[0].v.i64, n);
		/* In the middle of a tie there is no safe point. */
		assert_int_equal(row->checkpoint_len > 0, n == 2 || n == 4 || n == 5);
	}
	assert_int_equal(source_next(s, &row, &f->err), DEFSYNC_END);
	source_end(s);
	assert_string_equal(host_fact(source_host(s), DEFSYNC_REPORT_CEILING), "none");
	assert_int_equal(source_ack(s, "v1 orders 5", 11, &f->err), 0);
	assert_string_equal(host_fact(source_host(s), "acknowledged"), "v1 orders 5");
	assert_string_equal(source_plugin(s)->name, "fake_rows");
	source_destroy(s);
}

static void resumes(void **state)
{
	struct plugin_fixture *f = *state;
	struct source *s = make_connected(f, "fake_rows", "rows: 5");
	struct defsync_request r = request("v1 orders 3");
	const struct defsync_row *row = NULL;

	assert_int_equal(source_extract(s, &r, &f->err), 0);
	assert_int_equal(source_next(s, &row, &f->err), DEFSYNC_ROW);
	assert_int_equal(row->cells[0].v.i64, 4);
	source_end(s);
	r = request("v1 customers 3");
	assert_int_equal(source_extract(s, &r, &f->err), -1);
	assert_fails(f, ERR_SOURCE, PARTS("shop: table 'orders': checkpoint of another table"));
	/* After a failed extract another one is legal. */
	r = request(NULL);
	assert_int_equal(source_extract(s, &r, &f->err), 0);
	source_destroy(s);
}

static void follows_the_shape(void **state)
{
	struct plugin_fixture *f = *state;
	struct source *s =
	    make_reading(f, "fake_rows", "rows: 4\nsecond_at: 3\nreread_from: 3\nsweep: true");
	const struct defsync_row *row = NULL;
	static const uint32_t n_cells[] = {14, 14, 2, 2};

	for (size_t i = 0; i < 4; i++) {
		assert_int_equal(source_next(s, &row, &f->err), DEFSYNC_ROW);
		assert_int_equal(row->n_cells, n_cells[i]);
		assert_int_equal(row->flags, i >= 2 ? DEFSYNC_ROW_REREAD : 0);
	}
	assert_int_equal(source_next(s, &row, &f->err), DEFSYNC_ROW);
	assert_int_equal(row->op, DEFSYNC_OP_CHECKPOINT);
	assert_int_equal(row->flags, DEFSYNC_ROW_SWEEP);
	assert_int_equal(source_next(s, &row, &f->err), DEFSYNC_END);
	source_destroy(s);
}

static void a_bad_row_costs_one_row(void **state)
{
	struct plugin_fixture *f = *state;
	struct source *s = make_reading(f, "fake_rows", "rows: 3\nbad_row_at: 2\ndelete_at: 3");
	const struct defsync_row *row = NULL;

	assert_int_equal(source_next(s, &row, &f->err), DEFSYNC_ROW);
	assert_int_equal(source_next(s, &row, &f->err), DEFSYNC_E_BAD_ROW);
	assert_string_equal(source_reason(s), "value out of form: 'price'");
	assert_int_equal(row->cells[0].v.i64, 2);
	assert_int_equal(source_next(s, &row, &f->err), DEFSYNC_ROW);
	assert_int_equal(row->op, DEFSYNC_OP_DELETE);
	assert_string_equal(source_reason(s), "");
	assert_int_equal(source_next(s, &row, &f->err), DEFSYNC_END);
	assert_false(error_is_set(&f->err));
	source_destroy(s);
}

static void streams(void **state)
{
	struct plugin_fixture *f = *state;
	struct source *s = make_connected(f, "fake_rows", "rows: 1");
	struct defsync_request r = request(NULL);
	const struct defsync_row *row = NULL;

	r.mode = DEFSYNC_READ_STREAM;
	assert_int_equal(source_extract(s, &r, &f->err), 0);
	assert_int_equal(source_next(s, &row, &f->err), DEFSYNC_ROW);
	assert_int_equal(source_next(s, &row, &f->err), DEFSYNC_IDLE);
	assert_int_equal(source_next(s, &row, &f->err), DEFSYNC_IDLE);
	source_cancel(s);
	assert_int_equal(source_next(s, &row, &f->err), -1);
	assert_fails(f, ERR_CANCELLED, PARTS("shop: table 'orders': cancelled"));
	source_destroy(s);
}

/* ---- By key ---------------------------------------------------------------- */

/* A request for these two ids; it has to live until the cursor's end. */
static struct defsync_request by_key(struct defsync_cell cells[2], int64_t first, int64_t second)
{
	static const char *const keys[] = {"id"};
	struct defsync_request r = request(NULL);

	cells[0] = (struct defsync_cell){.type = DEFSYNC_INT64, .v = {.i64 = first}};
	cells[1] = (struct defsync_cell){.type = DEFSYNC_INT64, .v = {.i64 = second}};
	r.mode = DEFSYNC_READ_KEYS;
	r.keys = keys;
	r.n_keys = 1;
	r.lookup = cells;
	r.n_lookup = 2;
	r.cell_size = sizeof(cells[0]);
	return r;
}

static void reads_by_key(void **state)
{
	struct plugin_fixture *f = *state;
	struct source *s = make_connected(f, "fake_rows", "rows: 5");
	struct defsync_cell cells[2];
	struct defsync_request r = by_key(cells, 4, 9);
	const struct defsync_row *row = NULL;

	assert_int_equal(source_extract(s, &r, &f->err), 0);
	assert_int_equal(source_next(s, &row, &f->err), DEFSYNC_ROW);
	assert_int_equal(row->cells[0].v.i64, 4);
	assert_int_equal(source_next(s, &row, &f->err), DEFSYNC_END);
	source_destroy(s);
}

static void refuses_keys_without_the_promise(void **state)
{
	struct plugin_fixture *f = *state;
	struct source *s = make_connected(f, "fake_liar", "");
	struct defsync_cell cells[2];
	struct defsync_request r = by_key(cells, 1, 2);

	assert_int_equal(source_extract(s, &r, &f->err), -1);
	assert_fails(
	    f, ERR_CONFIG,
	    PARTS("shop: table 'orders': plugin 'fake_liar' cannot read rows by their key"));
	source_destroy(s);
}

static void checks_the_keys(void **state)
{
	struct plugin_fixture *f = *state;
	struct source *s = make_connected(f, "fake_rows", "rows: 5");
	struct defsync_cell cells[2];
	struct defsync_request r;

	for (int i = 0; i < 6; i++) {
		r = by_key(cells, 1, 2);
		r.lookup = i == 0 ? NULL : cells;
		r.n_lookup = i == 1 ? 0 : 2;
		r.n_keys = i == 2 ? 0 : 1;
		r.cell_size = i == 3 ? 8 : sizeof(cells[0]);
		cells[1].type = i == 4 ? DEFSYNC_NULL : i == 5 ? DEFSYNC_DECIMAL : DEFSYNC_INT64;
		assert_int_equal(source_extract(s, &r, &f->err), -1);
		assert_fails(f, ERR_INTERNAL, PARTS("shop: table 'orders': ", "key"));
	}
	source_destroy(s);
}

static void refuses_checkpoints_with_keys(void **state)
{
	struct plugin_fixture *f = *state;
	struct source *s = make_connected(f, "fake_rows", "rows: 5\nsweep: true");
	struct defsync_cell cells[2];
	struct defsync_request r = by_key(cells, 4, 5);
	const struct defsync_row *row = NULL;

	assert_int_equal(source_extract(s, &r, &f->err), 0);
	assert_int_equal(source_next(s, &row, &f->err), -1);
	assert_fails(f, ERR_INTERNAL, PARTS("row 1: a checkpoint with a row"));
	source_destroy(s);
}

static void tells_what_is_there(void **state)
{
	struct plugin_fixture *f = *state;
	struct source *s = make_connected(f, "fake_rows", "");
	struct defsync_request r = request(NULL);
	const struct defsync_table *const *tables = NULL;
	const struct defsync_table *table = NULL;
	uint32_t n = 0;

	assert_int_equal(source_discover(s, NULL, &tables, &n, &f->err), 0);
	assert_int_equal(n, 1);
	assert_string_equal(tables[0]->from, "fake.rows");
	assert_int_equal(source_describe(s, &r, &table, &f->err), 0);
	assert_int_equal(table->n_findings, 1);
	r.table = "missing";
	assert_int_equal(source_describe(s, &r, &table, &f->err), -1);
	assert_fails(f, ERR_SOURCE, PARTS("shop: table 'missing': no such table: 'missing'"));
	source_destroy(s);
}

static void defaults_are_quiet_or_clear(void **state)
{
	struct plugin_fixture *f = *state;
	struct source *s = make_reading(f, "fake_minimal", "");
	struct defsync_request r = request(NULL);
	const struct defsync_table *const *tables = NULL;
	const struct defsync_table *table = NULL;
	const struct defsync_row *row = NULL;
	uint32_t n = 0;

	assert_int_equal(source_next(s, &row, &f->err), DEFSYNC_END);
	source_end(s);
	assert_int_equal(source_ack(s, "x", 1, &f->err), 0);
	source_cancel(s);
	assert_int_equal(source_discover(s, NULL, &tables, &n, &f->err), -1);
	assert_fails(f, ERR_CONFIG, PARTS("plugin 'fake_minimal' does not offer discover"));
	assert_int_equal(source_describe(s, &r, &table, &f->err), -1);
	assert_fails(f, ERR_CONFIG, PARTS("does not offer describe"));
	source_destroy(s);
}

/* ---- Order of calls --------------------------------------------------------------------- */

static void refuses_calls_out_of_order(void **state)
{
	struct plugin_fixture *f = *state;
	struct source *s = make(f, "fake_rows", "rows: 0");
	struct defsync_request r = request(NULL);
	const struct defsync_table *const *tables = NULL;
	const struct defsync_table *table = NULL;
	const struct defsync_row *row = NULL;
	uint32_t n = 0;

	assert_int_equal(source_discover(s, NULL, &tables, &n, &f->err), -1);
	assert_fails(f, ERR_INTERNAL, PARTS("discover called before connect"));
	assert_int_equal(source_next(s, &row, &f->err), -1);
	assert_fails(f, ERR_INTERNAL, PARTS("plugin 'fake_rows': next called before connect"));
	assert_int_equal(source_extract(s, &r, &f->err), -1);
	assert_fails(f, ERR_INTERNAL, PARTS("extract called before connect"));
	assert_int_equal(source_ack(s, "x", 1, &f->err), -1);
	assert_fails(f, ERR_INTERNAL, PARTS("ack called before connect"));
	source_end(s);
	source_disconnect(s);
	assert_int_equal(source_connect(s, &f->err), 0);
	assert_int_equal(source_connect(s, &f->err), -1);
	assert_fails(f, ERR_INTERNAL, PARTS("connect called without a cursor"));
	assert_int_equal(source_next(s, &row, &f->err), -1);
	assert_fails(f, ERR_INTERNAL, PARTS("next called without a cursor"));
	assert_int_equal(source_extract(s, &r, &f->err), 0);
	assert_int_equal(source_extract(s, &r, &f->err), -1);
	assert_fails(f, ERR_INTERNAL, PARTS("extract called while a cursor is open"));
	assert_int_equal(source_describe(s, &r, &table, &f->err), -1);
	assert_fails(f, ERR_INTERNAL, PARTS("describe called while a cursor is open"));
	assert_int_equal(source_ack(s, "x", 1, &f->err), 0);
	assert_int_equal(source_next(s, &row, &f->err), DEFSYNC_END);
	assert_int_equal(source_next(s, &row, &f->err), -1);
	assert_fails(f, ERR_INTERNAL, PARTS("next called after the cursor's end"));
	/* The last one without an error object. */
	assert_int_equal(source_next(s, &row, NULL), -1);
	source_destroy(s);
	source_destroy(NULL);
}

static void makes_every_call_once(void **state)
{
	struct plugin_fixture *f = *state;
	char path[] = "/tmp/defsync-calls-XXXXXX", yaml[128];
	int fd = mkstemp(path);
	const struct defsync_row *row = NULL;
	struct source *s;
	struct buf calls;

	assert_true(fd >= 0);
	(void)snprintf(yaml, sizeof(yaml), "rows: 1\ncalls_file: %s\n", path);
	s = make_reading(f, "fake_rows", yaml);
	assert_int_equal(source_next(s, &row, &f->err), DEFSYNC_ROW);
	/* Neither end nor disconnect by the caller. */
	source_destroy(s);
	(void)snprintf(yaml, sizeof(yaml), "fail_in: connect\ncalls_file: %s\n", path);
	s = make(f, "fake_rows", yaml);
	assert_int_equal(source_connect(s, &f->err), -1);
	fixture_clear_error(f);
	source_disconnect(s);
	source_destroy(s);
	buf_init(&calls, 4096);
	assert_int_equal(file_read(path, 4096, &calls, NULL), 0);
	assert_string_equal(buf_str(&calls), "create\nconnect\nextract\nend\ndisconnect\ndestroy\n"
					     "create\nconnect\ndisconnect\ndestroy\n");
	buf_done(&calls);
	unlink(path);
	close(fd);
}

static void one_instance_means_one(void **state)
{
	struct plugin_fixture *f = *state;
	struct source *first = make(f, "fake_minimal", "");
	const struct plugin *p = fixture_source(f, "fake_minimal");

	assert_null(source_create(p, NULL, "shop", f->log, &f->err));
	assert_fails(f, ERR_CONFIG, PARTS("plugin 'fake_minimal' allows one instance at a time"));
	source_destroy(first);
	source_destroy(make(f, "fake_minimal", ""));
	/* Others may have as many as they like. */
	first = make(f, "fake_rows", "");
	source_destroy(make(f, "fake_rows", ""));
	source_destroy(first);
}

/* ---- Failures ------------------------------------------------------------------------------ */

static const struct {
	const char *call;
	int fail_class;
	enum error_class class;
} failures[] = {
    {"create", DEFSYNC_E_CONFIG, ERR_CONFIG},
    {"create", DEFSYNC_E_NOMEM, ERR_NOMEM},
    {"create", DEFSYNC_E_PERMANENT, ERR_SOURCE},
    {"connect", DEFSYNC_E_TRANSIENT, ERR_TEMPORARY},
    {"connect", DEFSYNC_E_CONFIG, ERR_SOURCE},
    {"connect", DEFSYNC_E_AUTH, ERR_SOURCE},
    {"connect", DEFSYNC_E_BUG, ERR_INTERNAL},
    {"connect", DEFSYNC_E_BAD_ROW, ERR_INTERNAL},
    {"discover", DEFSYNC_E_PERMANENT, ERR_SOURCE},
    {"describe", DEFSYNC_E_CONFIG, ERR_SOURCE},
    {"extract", DEFSYNC_E_STALE_CHECKPOINT, ERR_SOURCE},
    {"extract", DEFSYNC_E_CANCELLED, ERR_CANCELLED},
    {"extract", -77, ERR_SOURCE},
    {"next", DEFSYNC_E_TRANSIENT, ERR_TEMPORARY},
    {"next", DEFSYNC_E_NOMEM, ERR_NOMEM},
    {"next", DEFSYNC_E_BUG, ERR_INTERNAL},
    {"next", -77, ERR_SOURCE},
    {"ack", DEFSYNC_E_TRANSIENT, ERR_TEMPORARY},
};

/* Goes as far as it gets: 0, or -1 from the call that failed. */
static int go_through(struct source *s, struct error *err)
{
	struct defsync_request r = request(NULL);
	const struct defsync_table *const *tables = NULL;
	const struct defsync_table *table = NULL;
	const struct defsync_row *row = NULL;
	uint32_t n = 0;
	int rc;

	if (source_connect(s, err) < 0 || source_discover(s, NULL, &tables, &n, err) < 0 ||
	    source_describe(s, &r, &table, err) < 0 || source_extract(s, &r, err) < 0)
		return -1;
	do {
		rc = source_next(s, &row, err);
	} while (rc == DEFSYNC_ROW);
	if (rc != DEFSYNC_END)
		return -1;
	source_end(s);
	return source_ack(s, "v1 orders 1", 11, err);
}

static void maps_failures(void **state)
{
	struct plugin_fixture *f = *state;
	const struct plugin *p = fixture_source(f, "fake_rows");

	for (size_t i = 0; i < sizeof(failures) / sizeof(failures[0]); i++) {
		const struct defsync_options *o;
		struct source *s;
		char yaml[64];

		(void)snprintf(yaml, sizeof(yaml), "rows: 1\nfail_in: %s\nfail_class: %d\n",
			       failures[i].call, failures[i].fail_class);
		o = fixture_options(f, &p->options, yaml);
		s = source_create(p, o, "shop", f->log, &f->err);
		if (s)
			assert_int_equal(go_through(s, &f->err), -1);
		assert_int_equal(f->err.class, failures[i].class);
		assert_int_equal(strncmp(error_text(&f->err), "shop: ", 6), 0);
		if (failures[i].fail_class != DEFSYNC_E_BAD_ROW) {
			assert_contains(error_text(&f->err), "made-up failure");
			assert_int_equal(f->err.vendor_code, 1234);
			assert_string_equal(f->err.sqlstate, "57P01");
		}
		fixture_clear_error(f);
		source_destroy(s);
	}
}

static void asks_for_a_reason(void **state)
{
	struct plugin_fixture *f = *state;
	struct source *s = make(f, "fake_rows", "fail_in: connect\nfail_class: -100");

	assert_int_equal(source_connect(s, &f->err), -1);
	assert_fails(f, ERR_TEMPORARY, PARTS("shop: connect failed", "gave no reason"));
	/* As often as wanted. */
	assert_int_equal(source_connect(s, NULL), -1);
	assert_int_equal(source_connect(s, &f->err), -1);
	assert_fails(f, ERR_TEMPORARY, PARTS("shop: connect failed"));
	source_destroy(s);
}

static void *cancel_soon(void *arg)
{
	usleep(20000);
	source_cancel(arg);
	return NULL;
}

static void cancels_from_another_thread(void **state)
{
	struct plugin_fixture *f = *state;
	struct source *s = make_reading(f, "fake_rows", "sleep_ms: 60000");
	const struct defsync_row *row = NULL;
	int64_t start = clock_mono_us();
	pthread_t thread;

	assert_int_equal(pthread_create(&thread, NULL, cancel_soon, s), 0);
	assert_int_equal(source_next(s, &row, &f->err), -1);
	pthread_join(thread, NULL);
	assert_true(clock_mono_us() - start < 30000000);
	assert_fails(f, ERR_CANCELLED, PARTS("cancelled while waiting"));
	/* In force until disconnect. */
	source_end(s);
	assert_true(host_is_cancelled(source_host(s)));
	source_disconnect(s);
	assert_false(host_is_cancelled(source_host(s)));
	source_destroy(s);
}

/* ---- Lies -------------------------------------------------------------------------------------- */

static const struct {
	const char *lie;
	const char *rule;
} row_lies[] = {
    {"row_null", "without a row"},
    {"row_size", "struct_size of the row is 40"},
    {"row_op", "unknown op: 6"},
    {"row_op_0", "unknown op: 0"},
    {"row_flags", "unknown flags: 0x4"},
    {"row_reserved", "reserved of the row is not 0"},
    {"row_sweep", "flag SWEEP without OP_CHECKPOINT"},
    {"relation_null", "relation is NULL"},
    {"relation_size", "struct_size of the relation is 8"},
    {"relation_schema", "schema of the relation is NULL"},
    {"relation_name", "name of the relation is NULL"},
    {"relation_flags", "unknown flags of the relation: 0x1"},
    {"no_columns", "number of columns is 0"},
    {"many_columns", "number of columns is 4097"},
    {"columns_null", "columns is NULL"},
    {"column_size", "column_size is 8"},
    {"column_stride", "column_size is 36"},
    {"column_name_null", "column 1: name is NULL"},
    {"column_name_empty", "column 1: name is empty"},
    {"column_name_utf8", "column 1: name is not UTF-8"},
    {"column_name_long", "column 1: name is too long"},
    {"column_twice", "two columns of one name: 'id'"},
    {"column_native", "column 'flag': native_type is NULL"},
    {"column_type", "column 'flag': unknown column type: 14"},
    {"column_type_null", "column 'flag': unknown column type: 0"},
    {"column_flags", "column 'flag': unknown flags: 0x20"},
    {"column_digits", "column 'flag': digits out of range: 7"},
    {"column_from", "column 'flag': from is 1, at most 0 expected"},
    {"cells_fewer", "number of cells is 3, of columns 4"},
    {"cells_more", "number of cells is 5, of columns 4"},
    {"cells_null", "cells is NULL"},
    {"cell_size", "cell_size is 16"},
    {"cell_stride", "cell_size is 28"},
    {"cell_type", "column 'name': unknown cell type: 14"},
    {"cell_type_any", "column 'name': unknown cell type: 255"},
    {"cell_type_other", "column 'name': cell type 7 differs from the column's type 6"},
    {"cell_reserved", "column 'id': reserved is not 0"},
    {"bool_2", "column 'flag': boolean is neither 0 nor 1: 2"},
    {"bool_negative", "column 'flag': boolean is neither 0 nor 1: -1"},
    {"text_null", "column 'name': NULL pointer with a length of 3"},
    {"text_huge", "column 'name': cell of 2147483648 bytes"},
    {"uuid_short", "column 'uid': UUID of 15 bytes"},
    {"uuid_null", "column 'uid': NULL pointer"},
    {"checkpoint_long", "checkpoint of 4097 bytes"},
    {"checkpoint_null", "checkpoint is NULL"},
    {"checkpoint_binary", "checkpoint is not printable ASCII"},
    {"checkpoint_latin", "checkpoint is not printable ASCII"},
    {"position_long", "position of 513 bytes"},
    {"position_null", "position is NULL"},
    {"mark_empty", "OP_CHECKPOINT without a checkpoint"},
    {"mark_bad", "BAD_ROW with OP_CHECKPOINT"},
    {"mark_cells", "OP_CHECKPOINT with 1 cells"},
    {"mark_reread", "flag REREAD on OP_CHECKPOINT"},
    {"mark_relation", "number of columns is 0"},
};

static void names_each_broken_rule_of_rows(void **state)
{
	struct plugin_fixture *f = *state;

	for (size_t i = 0; i < sizeof(row_lies) / sizeof(row_lies[0]); i++) {
		const struct defsync_row *row = NULL;
		struct source *s;
		char yaml[64];

		(void)snprintf(yaml, sizeof(yaml), "lie: %s\n", row_lies[i].lie);
		s = make_reading(f, "fake_liar", yaml);
		if (source_next(s, &row, &f->err) != -1)
			print_error("not seen: %s\n", row_lies[i].lie);
		assert_null(row);
		assert_fails(
		    f, ERR_INTERNAL,
		    PARTS("shop: plugin 'fake_liar': table 'orders': row 1: ", row_lies[i].rule));
		/* The cursor is over. */
		assert_int_equal(source_next(s, &row, NULL), -1);
		source_destroy(s);
	}
}

static const struct {
	const char *lie, *call, *rule;
} call_lies[] = {
    {"connect_odd", "connect", "returned 1, which it may not"},
    {"discover_odd", "discover", "returned 1, which it may not"},
    {"tables_null", "discover", "3 tables at NULL"},
    {"table_size", "discover", "table 0: struct_size of the table is 8"},
    {"table_kind", "discover", "table 0: kind or from of the table is NULL"},
    {"table_relation", "discover", "table 0: relation is NULL"},
    {"candidates_null", "discover", "candidates is NULL with 1 entries"},
    {"candidate_size", "discover", "stride of candidates is 8"},
    {"candidate_column", "discover", "candidate 0: column or filled is NULL"},
    {"findings_null", "discover", "findings is NULL with 1 entries"},
    {"finding_level", "discover", "finding 0: unknown level: 4"},
    {"finding_text", "discover", "finding 0: code or text is NULL"},
    {"table_null", "describe", "table is NULL"},
    {"describe_odd", "describe", "returned -5, which it may not"},
    {"extract_odd", "extract", "returned 1, which it may not"},
    {"extract_bad_row", "extract", "returned -5, which it may not"},
    {"next_ok", "next", "returned 0, which it may not"},
    {"next_odd", "next", "returned 99, which it may not"},
    {"next_idle", "next", "returned 3, which it may not"},
    {"next_bug", "next", "cursor of another instance"},
    {"ack_odd", "ack", "returned 10, which it may not"},
};

static void names_each_broken_rule_of_calls(void **state)
{
	struct plugin_fixture *f = *state;

	for (size_t i = 0; i < sizeof(call_lies) / sizeof(call_lies[0]); i++) {
		struct source *s;
		char yaml[64], call[32];

		(void)snprintf(yaml, sizeof(yaml), "lie: %s\n", call_lies[i].lie);
		(void)snprintf(call, sizeof(call), "%s: ", call_lies[i].call);
		s = make(f, "fake_liar", yaml);
		if (go_through(s, &f->err) != -1)
			print_error("not seen: %s\n", call_lies[i].lie);
		assert_fails(f, ERR_INTERNAL,
			     PARTS("shop: plugin 'fake_liar': ", call, call_lies[i].rule));
		source_destroy(s);
	}
}

static void names_broken_rules_of_create(void **state)
{
	struct plugin_fixture *f = *state;
	const struct plugin *p = fixture_source(f, "fake_liar");

	assert_null(source_create(p, fixture_options(f, &p->options, "lie: undeclared"), "shop",
				  f->log, &f->err));
	assert_fails(f, ERR_INTERNAL,
		     PARTS("plugin 'fake_liar': create: ", "does not declare: 'colour'"));
	assert_null(source_create(p, fixture_options(f, &p->options, "lie: create_odd"), "shop",
				  f->log, &f->err));
	assert_fails(f, ERR_INTERNAL, PARTS("create: returned 2, which it may not"));
}

static void the_truth_passes(void **state)
{
	struct plugin_fixture *f = *state;
	struct source *s = make(f, "fake_liar", "");
	const struct defsync_row *row = NULL;

	assert_int_equal(go_through(s, &f->err), 0);
	source_destroy(s);
	/* A mark alone may do without cells. */
	s = make_reading(f, "fake_liar", "lie: mark");
	assert_int_equal(source_next(s, &row, &f->err), DEFSYNC_ROW);
	assert_int_equal(row->op, DEFSYNC_OP_CHECKPOINT);
	source_destroy(s);
}

/* ---- Shapes ------------------------------------------------------------------------------------- */

#define N_RELATIONS (SHAPES_MAX + 5)

static void remembers_relations(void **state)
{
	struct plugin_fixture *f = *state;
	static struct defsync_column columns[N_RELATIONS];
	static struct defsync_relation relations[N_RELATIONS];
	struct shapes shapes = {0};
	const struct shape *shape;

	for (int round = 0; round < 2; round++) {
		for (uint32_t i = 0; i < N_RELATIONS; i++) {
			columns[i] = (struct defsync_column){"c", "", 1 + i % 13, 0, 0, 0};
			relations[i] = (struct defsync_relation){
			    sizeof(relations[0]), sizeof(columns[0]), "", "r", &columns[i], 1, 0};
			shape = shapes_find(&shapes, &relations[i], &f->err);
			assert_non_null(shape);
			assert_ptr_equal(shape->relation, &relations[i]);
			assert_int_equal(shape->types[0], 1 + i % 13);
		}
	}
	assert_int_equal(shapes.n, SHAPES_MAX);
	/* A known one is not looked at again, one that fell out or was forgotten is. */
	for (uint32_t i = 0; i < N_RELATIONS; i++)
		columns[i].name = "";
	assert_non_null(shapes_find(&shapes, &relations[N_RELATIONS - 1], &f->err));
	assert_non_null(shapes_find(&shapes, &relations[N_RELATIONS - 9], &f->err));
	assert_null(shapes_find(&shapes, &relations[0], &f->err));
	assert_fails(f, ERR_INTERNAL, PARTS("column 0: name is empty"));
	shapes_forget(&shapes);
	assert_null(shapes_find(&shapes, &relations[N_RELATIONS - 9], &f->err));
	shapes_done(&shapes);
}

#define T(name) cmocka_unit_test_setup_teardown(name, fixture_setup, fixture_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
	    T(reads_rows),
	    T(resumes),
	    T(follows_the_shape),
	    T(a_bad_row_costs_one_row),
	    T(streams),
	    T(reads_by_key),
	    T(refuses_keys_without_the_promise),
	    T(checks_the_keys),
	    T(refuses_checkpoints_with_keys),
	    T(tells_what_is_there),
	    T(defaults_are_quiet_or_clear),
	    T(refuses_calls_out_of_order),
	    T(makes_every_call_once),
	    T(one_instance_means_one),
	    T(maps_failures),
	    T(asks_for_a_reason),
	    T(cancels_from_another_thread),
	    T(names_each_broken_rule_of_rows),
	    T(names_each_broken_rule_of_calls),
	    T(names_broken_rules_of_create),
	    T(the_truth_passes),
	    T(remembers_relations),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
