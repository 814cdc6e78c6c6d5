/* SPDX-License-Identifier: MIT */
/* Key columns: by name, by flag, NULL, as JSON. */

#include "base/limits.h"
#include "sync/key.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

static const struct defsync_column columns[] = {
    {.name = "note", .native_type = "text", .type = DEFSYNC_ANY},
    {.name = "id", .native_type = "int", .type = DEFSYNC_INT64, .flags = DEFSYNC_COLUMN_KEY},
    {.name = "line", .native_type = "text", .type = DEFSYNC_TEXT, .flags = DEFSYNC_COLUMN_KEY},
};
static const struct defsync_relation relation = {
    .struct_size = sizeof(relation),
    .column_size = sizeof(columns[0]),
    .schema = "",
    .name = "t",
    .columns = columns,
    .n_columns = 3,
};

static struct defsync_row make_row(struct defsync_cell cells[3], int64_t id, const char *line)
{
	memset(cells, 0, 3 * sizeof(*cells));
	cells[1].type = DEFSYNC_INT64;
	cells[1].v.i64 = id;
	if (line != NULL) {
		cells[2].type = DEFSYNC_TEXT;
		cells[2].v.data.ptr = line;
		cells[2].v.data.len = strlen(line);
	}
	return (struct defsync_row){
	    .struct_size = sizeof(struct defsync_row),
	    .op = DEFSYNC_OP_READ,
	    .relation = &relation,
	    .cells = cells,
	    .n_cells = 3,
	    .cell_size = sizeof(*cells),
	};
}

static void flags_and_names(void **state)
{
	static const char *const named[] = {"line", "note"};
	static const char *const missing[] = {"nope"};
	struct error err = ERROR_INIT;
	struct row_key k;

	(void)state;
	key_init(&k);
	assert_int_equal(key_relation(&k, &relation, NULL, 0, &err), 0);
	assert_int_equal(k.n, 2);
	assert_string_equal(k.columns[0].name, "id");
	assert_int_equal(key_relation(&k, &relation, named, 2, &err), 0);
	assert_int_equal(k.index[0], 2);
	assert_int_equal(k.index[1], 0);
	assert_int_equal(key_relation(&k, &relation, missing, 1, &err), -1);
	assert_int_equal(err.class, ERR_SOURCE);
	assert_non_null(strstr(error_text(&err), "'nope'"));
	error_done(&err);
	key_done(&k);
}

/* By bytes; the hashes have to say the same. */
static int same_key(const struct row_key *k, const struct defsync_row *a,
		    const struct defsync_row *b)
{
	struct buf x, y;
	int same;

	buf_init(&x, 1024);
	buf_init(&y, 1024);
	assert_int_equal(key_bytes(k, a, &x), 0);
	assert_int_equal(key_bytes(k, b, &y), 0);
	same = x.len == y.len && memcmp(x.data, y.data, x.len) == 0;
	assert_int_equal(key_hash(x.data, x.len) == key_hash(y.data, y.len), same);
	buf_done(&x);
	buf_done(&y);
	return same;
}

static void nulls_and_hashes(void **state)
{
	struct defsync_cell a[3], b[3];
	struct defsync_row row_a = make_row(a, 1, "x"), row_b = make_row(b, 1, "x");
	struct row_key k;

	(void)state;
	key_init(&k);
	assert_int_equal(key_relation(&k, &relation, NULL, 0, NULL), 0);
	assert_null(key_null_column(&k, &row_a));
	assert_int_equal(same_key(&k, &row_a, &row_b), 1);
	row_b = make_row(b, 1, "y");
	assert_int_equal(same_key(&k, &row_a, &row_b), 0);
	row_b = make_row(b, 2, "x");
	assert_int_equal(same_key(&k, &row_a, &row_b), 0);
	row_b = make_row(b, 2, NULL);
	assert_string_equal(key_null_column(&k, &row_b), "line");
	key_done(&k);
}

static void as_json(void **state)
{
	struct encoder_policy policy = {
	    .max_row = 1000, .max_field = 1000, .max_depth = LIMIT_NESTING, .lenient = 1};
	struct encoder *lenient = encoder_create(&policy);
	struct defsync_cell cells[3];
	struct defsync_row row = make_row(cells, -7, "a\"b");
	struct row_key k;
	struct buf out;

	(void)state;
	buf_init(&out, 1000);
	key_init(&k);
	assert_int_equal(key_relation(&k, &relation, NULL, 0, NULL), 0);
	assert_int_equal(key_json(&k, &row, lenient, &out), 0);
	assert_string_equal(buf_str(&out), "{\"id\":-7,\"line\":\"a\\\"b\"}");
	key_done(&k);
	encoder_destroy(lenient);
	buf_done(&out);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(flags_and_names),
	    cmocka_unit_test(nulls_and_hashes),
	    cmocka_unit_test(as_json),
	};

	return cmocka_run_group_tests_name("sync-key", tests, NULL, NULL);
}
