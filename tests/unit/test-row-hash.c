/* SPDX-License-Identifier: MIT */
/* A row's hash: its form is pinned, and rows that differ in anything differ in it. */

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "row/hash.h"

/* behind plugin.h: it defines a macro `fail` */
#include <cmocka.h>

#define N(array) (sizeof(array) / sizeof((array)[0]))

static const struct defsync_column columns[] = {
    {.name = "a", .type = DEFSYNC_TEXT},
    {.name = "b", .type = DEFSYNC_TEXT},
};
static const struct defsync_column renamed[] = {
    {.name = "a", .type = DEFSYNC_TEXT},
    {.name = "c", .type = DEFSYNC_TEXT},
};
static const struct defsync_column retyped[] = {
    {.name = "a", .type = DEFSYNC_TEXT},
    {.name = "b", .type = DEFSYNC_ANY},
};

static struct defsync_cell text(const char *s)
{
	struct defsync_cell cell = {.type = DEFSYNC_TEXT};

	cell.v.data.ptr = s;
	cell.v.data.len = strlen(s);
	return cell;
}

static struct defsync_cell number(uint32_t type, int64_t v)
{
	struct defsync_cell cell = {.type = type};

	cell.v.i64 = v;
	return cell;
}

static struct defsync_cell real(double v)
{
	struct defsync_cell cell = {.type = DEFSYNC_DOUBLE};

	cell.v.f64 = v;
	return cell;
}

struct hash {
	unsigned char bytes[ROW_HASH_BYTES];
};

static struct hash hash_of(const struct defsync_column *of, struct defsync_cell a,
			   struct defsync_cell b)
{
	const struct defsync_relation relation = {.struct_size = sizeof(relation),
						  .column_size = sizeof(*of),
						  .columns = of,
						  .n_columns = 2};
	const struct defsync_cell cells[] = {a, b};
	const struct defsync_row row = {.struct_size = sizeof(row),
					.relation = &relation,
					.cells = cells,
					.n_cells = 2,
					.cell_size = sizeof(cells[0])};
	struct hash hash;
	struct buf scratch;

	buf_init(&scratch, 1000000);
	assert_int_equal(row_hash(&row, &scratch, hash.bytes), 0);
	buf_done(&scratch);
	return hash;
}

/*
 * What is in stores must go on matching.  Made with Python:
 * sha256(b"\1" + u32(2) + u32(2) + data("a") + u32(6) + data("b") + u32(6)
 *        + u32(6) + data("x") + u32(2) + u64(258)).digest()[:16],
 * data(s) = u64(len(s)) + b"\1" + s, little endian.
 */
static void test_form(void **state)
{
	static const unsigned char pinned[ROW_HASH_BYTES] = {0xcb, 0xbe, 0xee, 0x0b, 0xf6, 0xfb,
							     0xdb, 0xd0, 0x0d, 0xd2, 0x35, 0x10,
							     0x72, 0x0f, 0x78, 0xb8};
	struct hash hash = hash_of(columns, text("x"), number(DEFSYNC_INT64, 258));

	(void)state;
	assert_memory_equal(hash.bytes, pinned, sizeof(pinned));
}

static void test_all_differ(void **state)
{
	const struct hash hashes[] = {
	    hash_of(columns, text("x"), text("y")),
	    hash_of(renamed, text("x"), text("y")),
	    hash_of(retyped, text("x"), text("y")),
	    hash_of(columns, text("y"), text("x")),
	    hash_of(columns, text("xy"), text("")),
	    hash_of(columns, text(""), text("xy")),
	    hash_of(columns, text(""), text("")),
	    hash_of(columns, text("x"), number(DEFSYNC_NULL, 0)),
	    hash_of(columns, text("x"), text("NULL")),
	    hash_of(columns, text("x"), number(DEFSYNC_INT64, 0)),
	    hash_of(columns, text("x"), number(DEFSYNC_INT64, -1)),
	    hash_of(columns, text("x"), number(DEFSYNC_INT64, 1)),
	    hash_of(columns, text("x"), number(DEFSYNC_BOOL, 1)),
	    hash_of(columns, text("x"), number(DEFSYNC_DATE, 1)),
	    hash_of(columns, text("x"), number(DEFSYNC_TIME, 1)),
	    hash_of(columns, text("x"), number(DEFSYNC_TIMESTAMP, 1)),
	    hash_of(columns, text("x"), number(DEFSYNC_TIMESTAMP_LOCAL, 1)),
	    hash_of(columns, text("x"), number(DEFSYNC_UINT64, 1)),
	    hash_of(columns, text("x"), text("1")),
	    hash_of(columns, text("x"), real(0.0)),
	    hash_of(columns, text("x"), real(-0.0)),
	    hash_of(columns, text("x"), real(1.0)),
	    hash_of(columns, text("x"), real((double)INFINITY)),
	};
	size_t i, j;

	(void)state;
	for (i = 0; i < N(hashes); i++) {
		for (j = 0; j < i; j++)
			assert_memory_not_equal(&hashes[i], &hashes[j], sizeof(hashes[i]));
	}
}

/* Bytes beyond what the type uses, other strides and addresses do not count. */
static void test_same(void **state)
{
	struct wide {
		struct defsync_cell cell;
		uint64_t more;
	} cells[2] = {{text("x"), 1}, {number(DEFSYNC_NULL, 99), 2}};
	char *copy = strdup("x");
	struct hash expected = hash_of(columns, text("x"), number(DEFSYNC_NULL, 0)), hash;
	const struct defsync_relation relation = {.struct_size = sizeof(relation),
						  .column_size = sizeof(columns[0]),
						  .columns = columns,
						  .n_columns = 2};
	struct defsync_row row = {.struct_size = sizeof(row),
				  .op = DEFSYNC_OP_UPDATE,
				  .relation = &relation,
				  .cells = &cells[0].cell,
				  .n_cells = 2,
				  .cell_size = sizeof(cells[0])};
	struct buf scratch;

	(void)state;
	assert_non_null(copy);
	cells[0].cell.v.data.ptr = copy;
	buf_init(&scratch, 1000);
	assert_int_equal(row_hash(&row, &scratch, hash.bytes), 0);
	assert_memory_equal(&hash, &expected, sizeof(hash));
	buf_done(&scratch);
	free(copy);
}

/* A value of megabytes needs no room for itself, and its last byte counts. */
static void test_long(void **state)
{
	size_t n = 3000000;
	char *big = malloc(n + 1);
	struct hash one, other;

	(void)state;
	assert_non_null(big);
	memset(big, 'x', n);
	big[n] = '\0';
	one = hash_of(columns, text(big), text(""));
	big[n - 1] = 'y';
	other = hash_of(columns, text(big), text(""));
	assert_memory_not_equal(&one, &other, sizeof(one));
	free(big);
}

static void test_no_room(void **state)
{
	const struct defsync_relation relation = {.struct_size = sizeof(relation),
						  .column_size = sizeof(columns[0]),
						  .columns = columns,
						  .n_columns = 2};
	const struct defsync_cell cells[] = {text("x"), text("y")};
	const struct defsync_row row = {.struct_size = sizeof(row),
					.relation = &relation,
					.cells = cells,
					.n_cells = 2,
					.cell_size = sizeof(cells[0])};
	struct hash hash;
	struct buf scratch;
	size_t max;

	(void)state;
	for (max = 0; max < 65; max++) {
		buf_init(&scratch, max);
		assert_int_equal(row_hash(&row, &scratch, hash.bytes), -1);
		buf_done(&scratch);
	}
	buf_init(&scratch, max);
	assert_int_equal(row_hash(&row, &scratch, hash.bytes), 0);
	buf_done(&scratch);
}

static void test_text(void **state)
{
	/* SHA-256 of "abc" and of nothing, FIPS 180-4 */
	static const unsigned char abc[] = {0xba, 0x78, 0x16, 0xbf, 0x8f, 0x01, 0xcf, 0xea,
					    0x41, 0x41, 0x40, 0xde, 0x5d, 0xae, 0x22, 0x23};
	static const unsigned char none[] = {0xe3, 0xb0, 0xc4, 0x42, 0x98, 0xfc, 0x1c, 0x14,
					     0x9a, 0xfb, 0xf4, 0xc8, 0x99, 0x6f, 0xb9, 0x24};
	struct hash hash;

	(void)state;
	assert_int_equal(row_hash_text("abc", 3, hash.bytes), 0);
	assert_memory_equal(hash.bytes, abc, sizeof(abc));
	assert_int_equal(row_hash_text(NULL, 0, hash.bytes), 0);
	assert_memory_equal(hash.bytes, none, sizeof(none));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_form),    cmocka_unit_test(test_all_differ),
	    cmocka_unit_test(test_same),    cmocka_unit_test(test_long),
	    cmocka_unit_test(test_no_room), cmocka_unit_test(test_text),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
