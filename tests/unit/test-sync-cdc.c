/* SPDX-License-Identifier: MIT */
/* Change columns. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include "row-fixture.h"
#include "sync/cdc.h"

#include <cmocka.h>

static void operations(void **state)
{
	static const struct {
		uint32_t op;
		int deleted, loading;
		char want;
	} cases[] = {
	    {DEFSYNC_OP_READ, 0, 1, 'c'},   {DEFSYNC_OP_READ, 0, 0, 'u'},
	    {DEFSYNC_OP_READ, 1, 1, 'd'},   {DEFSYNC_OP_READ, 1, 0, 'd'},
	    {DEFSYNC_OP_INSERT, 0, 0, 'c'}, {DEFSYNC_OP_INSERT, 1, 0, 'd'},
	    {DEFSYNC_OP_UPDATE, 0, 1, 'u'}, {DEFSYNC_OP_UPDATE, 1, 0, 'd'},
	    {DEFSYNC_OP_DELETE, 0, 1, 'd'}, {DEFSYNC_OP_DELETE, 0, 0, 'd'},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		assert_int_equal(cdc_op(cases[i].op, cases[i].deleted, cases[i].loading),
				 cases[i].want);
}

/* What is read behind a load in the same run has changed since it began. */
static void loading(void **state)
{
	int saw = 0;

	(void)state;
	assert_true(cdc_is_loading("load", 0, &saw));
	assert_false(cdc_is_loading("incremental", 0, &saw));
	saw = 0;
	assert_true(cdc_is_loading("load", 1, &saw)); /* a load that goes on */
	saw = 0;
	assert_true(cdc_is_loading("incremental", 0, &saw)); /* without a load before it */
	assert_false(cdc_is_loading("incremental", 1, &saw));
	assert_true(cdc_is_loading("snapshot", 0, &saw));
	assert_false(cdc_is_loading("snapshot", 1, &saw));
	assert_true(cdc_is_loading(NULL, 0, &saw));
	assert_false(cdc_is_loading("stream", 0, &saw));
}

static const struct defsync_column columns[] = {
    {"id", "integer", DEFSYNC_INT64, DEFSYNC_COLUMN_KEY, 0, 0},
};

static int64_t ts_of(const struct defsync_row *row)
{
	return defsync_cell_at(row, row->n_cells - 2)->v.i64;
}

static void rows(void **state)
{
	const struct defsync_relation one = relation_of(columns, 1), two = relation_of(columns, 1);
	const struct defsync_cell cell = cell_i64(DEFSYNC_INT64, 7);
	struct defsync_row in = row_of(&one, &cell), other = row_of(&two, &cell);
	const struct defsync_row *out;
	const struct defsync_relation *relation;
	struct error err = ERROR_INIT;
	struct cdc *c = cdc_create(12, 1000);

	(void)state;
	in.source_time_us = 5000;
	other.source_time_us = 4000;
	out = cdc_row(c, &in, 'c', &err);
	assert_int_equal(out->n_cells, 4);
	assert_int_equal(out->relation->n_columns, 4);
	assert_string_equal(defsync_column_at(out->relation, 1)->name, "_cdc_op");
	assert_memory_equal(defsync_cell_at(out, 1)->v.data.ptr, "c", 1);
	assert_int_equal(ts_of(out), 5000);
	assert_memory_equal(defsync_cell_at(out, 3)->v.data.ptr, "0000000012-000000000001", 23);
	relation = out->relation;
	/* Another shape; a time that went back. */
	out = cdc_row(c, &other, 'd', &err);
	assert_ptr_not_equal(out->relation, relation);
	assert_int_equal(ts_of(out), 5000);
	assert_memory_equal(defsync_cell_at(out, 1)->v.data.ptr, "d", 1);
	assert_memory_equal(defsync_cell_at(out, 3)->v.data.ptr, "0000000012-000000000002", 23);
	out = cdc_row(c, &in, 'u', &err);
	assert_ptr_equal(out->relation, relation);
	cdc_destroy(c);
	/* Not before what an earlier run gave. */
	c = cdc_create(13, 9000);
	assert_int_equal(ts_of(cdc_row(c, &in, 'u', &err)), 9000);
	in.source_time_us = DEFSYNC_TIME_NONE;
	assert_true(ts_of(cdc_row(c, &in, 'u', &err)) > INT64_C(1700000000000000));
	cdc_destroy(c);
}

static void names(void **state)
{
	static const struct defsync_column taken[] = {{.name = "id", .type = DEFSYNC_INT64},
						      {.name = "_CDC_Seq", .type = DEFSYNC_TEXT}};
	const struct defsync_relation relation = relation_of(taken, 2);
	const struct defsync_cell cells[2] = {{0}};
	const struct defsync_row row = row_of(&relation, cells);
	struct error err = ERROR_INIT;
	struct cdc *c = cdc_create(1, 0);

	(void)state;
	assert_int_equal(cdc_check(&relation, &err), -1);
	assert_int_equal(err.class, ERR_CONFIG);
	assert_non_null(strstr(error_text(&err), "'_CDC_Seq'"));
	error_done(&err);
	assert_null(cdc_row(c, &row, 'c', &err));
	error_done(&err);
	cdc_destroy(c);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(operations),
	    cmocka_unit_test(loading),
	    cmocka_unit_test(rows),
	    cmocka_unit_test(names),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
