/* SPDX-License-Identifier: MIT */
/* Bodies, limits, the row that does not fit, notes and keys of a batch. */

#include "push/batch.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

static const char *const key_names[] = {"id"};
static const char *const tag_items[] = {"source=shop", "odd=a=\"b\"", "bare"};

static const struct push_target append_target = {.table = "bronze.orders", .wait = 1};
static const struct push_target merge_target = {
    .table = "bronze.\"x\"",
    .merge = 1,
    .key = key_names,
    .n_key = 1,
    .tags = tag_items,
    .n_tags = 3,
};

static int add_row(struct batch *b, const char *object, const struct batch_limits *limits,
		   size_t *ret_offset)
{
	assert_int_equal(batch_begin_row(b, ret_offset), 0);
	assert_int_equal(buf_add(&b->body, object, strlen(object)), 0);
	return batch_row_done(b, *ret_offset, limits);
}

static void assert_body(struct batch *b, const char *expected)
{
	assert_string_equal(buf_str(&b->body), expected);
}

static void bodies(void **state)
{
	struct batch_limits limits = {.rows = 10, .bytes = 1000};
	struct batch *b = batch_create();
	size_t at;

	(void)state;
	assert_int_equal(batch_open(b, &append_target, NULL), 0);
	assert_int_equal(batch_is_empty(b), 1);
	assert_int_equal(add_row(b, "{\"id\":1}", &limits, &at), 1);
	assert_int_equal(add_row(b, "{\"id\":2}", &limits, &at), 1);
	assert_int_equal(batch_is_empty(b), 0);
	assert_int_equal(batch_close(b, NULL), 0);
	assert_body(b,
		    "{\"config\":{\"table\":\"bronze.orders\",\"mode\":\"append\",\"wait\":true},"
		    "\"data\":[{\"id\":1},{\"id\":2}]}");
	assert_memory_equal(b->body.data + b->rows[1].offset, "{\"id\":2}", b->rows[1].len);

	assert_int_equal(batch_open(b, &merge_target, NULL), 0);
	assert_int_equal(batch_close(b, NULL), 0);
	assert_body(
	    b, "{\"config\":{\"table\":\"bronze.\\\"x\\\"\",\"mode\":\"merge\",\"primary_key\":"
	       "[\"id\"],\"wait\":false,\"tags\":{\"source\":\"shop\",\"odd\":\"a=\\\"b\\\"\","
	       "\"bare\":\"\"}},\"data\":[]}");
	batch_destroy(b);
}

static void cancelled_rows_leave_no_trace(void **state)
{
	struct batch_limits limits = {.rows = 10, .bytes = 1000};
	struct batch *b = batch_create();
	size_t at;

	(void)state;
	assert_int_equal(batch_open(b, &append_target, NULL), 0);
	assert_int_equal(batch_begin_row(b, &at), 0);
	assert_int_equal(buf_add_str(&b->body, "{half"), 0);
	batch_cancel_row(b, at);
	assert_int_equal(b->body.len, b->prefix_len);
	assert_int_equal(add_row(b, "{}", &limits, &at), 1);
	assert_int_equal(batch_begin_row(b, &at), 0);
	assert_int_equal(buf_add_str(&b->body, "{half"), 0);
	batch_cancel_row(b, at);
	assert_int_equal(batch_close(b, NULL), 0);
	assert_string_equal(buf_str(&b->body) + b->prefix_len, "{}]}");
	batch_destroy(b);
}

/* The body with ]} is at the limit to the byte; one byte less and the row moves on. */
static void the_byte_limit_is_exact(void **state)
{
	struct batch *b = batch_create(), *next = batch_create();
	struct batch_limits limits = {.rows = 10};
	size_t at;

	(void)state;
	for (int less = 0; less <= 1; less++) {
		assert_int_equal(batch_open(b, &append_target, NULL), 0);
		limits.bytes = b->prefix_len + strlen("{\"id\":1},{\"id\":2}]}") - (size_t)less;
		assert_int_equal(add_row(b, "{\"id\":1}", &limits, &at), 1);
		assert_int_equal(add_row(b, "{\"id\":2}", &limits, &at), !less);
		if (less) {
			assert_int_equal(batch_open(next, &append_target, NULL), 0);
			assert_int_equal(batch_move_row(b, at, next), 0);
			assert_int_equal(b->n_rows, 1);
			assert_int_equal(next->n_rows, 1);
			assert_memory_equal(next->body.data + next->rows[0].offset, "{\"id\":2}",
					    8);
		}
		assert_int_equal(batch_close(b, NULL), 0);
		assert_true(b->body.len <= limits.bytes);
	}
	/* A row that alone is over the limit goes alone. */
	limits.bytes = 5;
	assert_int_equal(batch_open(b, &append_target, NULL), 0);
	assert_int_equal(add_row(b, "{\"id\":1}", &limits, &at), 1);
	assert_int_equal(batch_is_full(b, &limits), 1);
	batch_destroy(b);
	batch_destroy(next);
}

static void rows_fill_a_batch(void **state)
{
	struct batch_limits limits = {.rows = 3, .bytes = 1000};
	struct batch *b = batch_create();
	size_t at;

	(void)state;
	assert_int_equal(batch_open(b, &append_target, NULL), 0);
	for (int i = 0; i < 3; i++) {
		assert_int_equal(batch_is_full(b, &limits), 0);
		assert_int_equal(add_row(b, "{}", &limits, &at), 1);
	}
	assert_int_equal(batch_is_full(b, &limits), 1);
	/* Rows that a transform adds to the last one do not pass the limit either. */
	assert_int_equal(add_row(b, "{}", &limits, &at), 0);
	batch_destroy(b);
}

static void notes_are_kept_and_cleared(void **state)
{
	static const unsigned char hash[ROW_HASH_BYTES] = {1, 2, 3};
	struct row_fault fault = {.reason = ROW_BAD_UTF8, .text = "column 'a'"};
	struct batch *b = batch_create();

	(void)state;
	assert_int_equal(batch_open(b, &append_target, NULL), 0);
	for (int i = 0; i < 200; i++)
		assert_int_equal(batch_note_dead(b, &fault, "{\"id\":1}", "id=1", 4, "{}", 2), 0);
	assert_int_equal(batch_note_hash(b, hash), 0);
	assert_int_equal(batch_note_checkpoint(b, "first", 5), 0);
	assert_int_equal(batch_note_checkpoint(b, "cp", 2), 0);
	batch_set_phase(b, "a phase with too long a name");
	assert_int_equal(b->n_dead, 200);
	assert_string_equal(b->notes.data + b->dead[199].key, "{\"id\":1}");
	assert_string_equal(b->notes.data + b->dead[199].position, "id=1");
	assert_string_equal(b->notes.data + b->dead[199].message, "column 'a'");
	assert_string_equal(b->notes.data + b->dead[199].payload, "{}");
	assert_int_equal(b->checkpoint.len, 2);
	assert_string_equal(b->phase, "a phase with to");
	assert_int_equal(batch_is_empty(b), 0);
	assert_int_equal(batch_open(b, &append_target, NULL), 0);
	assert_int_equal(batch_is_empty(b), 1);
	assert_int_equal(b->n_hashes, 0);
	batch_destroy(b);
}

static void keys_are_recognised(void **state)
{
	struct batch_limits limits = {.rows = 50000, .bytes = 1000000};
	size_t at;
	struct batch *b = batch_create();

	(void)state;
	assert_int_equal(batch_open(b, &merge_target, NULL), 0);
	for (uint64_t round = 0; round < 2; round++) {
		for (uint64_t k = 0; k < 20000; k++) {
			assert_int_equal(add_row(b, "{}", &limits, &at), 1);
			/* Few hashes: the bytes decide. */
			assert_int_equal(batch_row_key(b, k % 97, &k, sizeof(k)), 0);
		}
	}
	assert_int_equal(b->n_keys, 20000);
	assert_int_equal(b->n_dropped, 20000);
	assert_int_equal(batch_close(b, NULL), 0);
	assert_int_equal(b->n_rows, 20000);
	assert_int_equal(batch_open(b, &merge_target, NULL), 0);
	assert_int_equal(b->n_keys, 0);
	batch_destroy(b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(bodies),
	    cmocka_unit_test(cancelled_rows_leave_no_trace),
	    cmocka_unit_test(the_byte_limit_is_exact),
	    cmocka_unit_test(rows_fill_a_batch),
	    cmocka_unit_test(notes_are_kept_and_cleared),
	    cmocka_unit_test(keys_are_recognised),
	};

	return cmocka_run_group_tests_name("push-batch", tests, NULL, NULL);
}
