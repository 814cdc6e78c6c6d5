/* SPDX-License-Identifier: MIT */
/* Single rows of a batch: what is superseded, what is refused, and how they are counted. */

#include "push/batch.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char *const key_names[] = {"id"};
static const struct push_target target = {
    .table = "bronze.m", .merge = 1, .key = key_names, .n_key = 1};
static const struct batch_limits limits = {.rows = 50000, .bytes = 1000000};

static int set_up(void **state)
{
	struct batch *b = batch_create();

	assert_int_equal(batch_open(b, &target, NULL), 0);
	*state = b;
	return 0;
}

static int tear_down(void **state)
{
	batch_destroy(*state);
	return 0;
}

/* One row that comes out of the present row of the source. */
static void put(struct batch *b, const char *object, int key)
{
	size_t at;

	assert_int_equal(batch_begin_row(b, &at), 0);
	assert_int_equal(buf_add_str(&b->body, object), 0);
	assert_int_equal(batch_row_done(b, at, &limits), 1);
	if (key >= 0)
		assert_int_equal(batch_row_key(b, (uint64_t)key % 3, &key, sizeof(key)), 0);
}

/* The row of the source is dealt with, as sync does it. */
static void count(struct batch *b, uint64_t *counter)
{
	(*counter)++;
	if (counter == &b->counts.pushed)
		batch_row_counted(b);
	b->counts.read++;
}

static void put_counted(struct batch *b, const char *object, int key)
{
	put(b, object, key);
	count(b, &b->counts.pushed);
}

static void convict(struct batch *b, size_t i)
{
	struct row_fault fault = {.reason = ROW_REJECTED, .text = "no"};

	assert_int_equal(batch_convict(b, i, &fault, 422), 0);
}

static void assert_counts(const struct batch *b, uint64_t pushed, uint64_t filtered, uint64_t dead)
{
	const struct store_counts *c = &b->counts;

	if (c->pushed != pushed || c->filtered != filtered || c->dead != dead)
		fail_msg("%d pushed, %d filtered, %d dead", (int)c->pushed, (int)c->filtered,
			 (int)c->dead);
	assert_int_equal(c->read, c->pushed + c->filtered + c->dead);
}

static void assert_rows(struct batch *b, const char *expected)
{
	assert_int_equal(batch_close(b, NULL), 0);
	assert_string_equal(buf_str(&b->body) + b->prefix_len, expected);
}

/* ---- The last one wins ---- */

static void superseded_rows_go(void **state)
{
	struct batch *b = *state;

	put_counted(b, "{\"id\":1,\"v\":\"one\"}", 1);
	put_counted(b, "{\"id\":2}", 2);
	put_counted(b, "{\"id\":4,\"v\":\"\"}", 4);
	put_counted(b, "{\"id\":1}", 1);
	put_counted(b, "{\"id\":3}", 3);
	put_counted(b, "{\"id\":1,\"v\":\"three\"}", 1);
	assert_int_equal(b->n_dropped, 2);
	assert_counts(b, 4, 2, 0);
	assert_rows(b, "{\"id\":2},{\"id\":4,\"v\":\"\"},{\"id\":3},{\"id\":1,\"v\":\"three\"}]}");
	assert_int_equal(b->n_rows, 4);
	for (size_t i = 0; i < b->n_rows; i++) {
		assert_int_equal(b->body.data[b->rows[i].offset], '{');
		assert_int_equal(b->body.data[b->rows[i].offset + b->rows[i].len - 1], '}');
	}
}

static void all_but_the_last_go(void **state)
{
	struct batch *b = *state;
	char row[32];

	for (int i = 0; i < 5000; i++) {
		(void)snprintf(row, sizeof(row), "{\"id\":7,\"v\":%d}", i);
		put_counted(b, row, 7);
	}
	assert_counts(b, 1, 4999, 0);
	assert_rows(b, "{\"id\":7,\"v\":4999}]}");
}

/* Every third of many: the others stay byte for byte, in their order. */
static void the_rest_stays(void **state)
{
	struct batch *b = *state;
	struct buf expected;
	char row[64];

	buf_init(&expected, 1000000);
	for (int i = 0; i < 3000; i++) {
		(void)snprintf(row, sizeof(row), "{\"id\":%d,\"v\":\"%.*s\"}", i, i % 20,
			       "aaaaaaaaaaaaaaaaaaaa");
		put_counted(b, row, i);
		if (i % 3 != 0)
			assert_int_equal(buf_printf(&expected, "%s,", row), 0);
	}
	for (int i = 0; i < 3000; i += 3) {
		(void)snprintf(row, sizeof(row), "{\"id\":%d}", i);
		put_counted(b, row, i);
		assert_int_equal(buf_printf(&expected, i < 2997 ? "%s," : "%s]}", row), 0);
	}
	assert_counts(b, 3000, 1000, 0);
	assert_rows(b, buf_str(&expected));
	buf_done(&expected);
}

/* ---- Groups: several rows out of one ---- */

static void a_group_is_filtered_as_a_whole(void **state)
{
	struct batch *b = *state;

	put(b, "{\"id\":1}", 1);
	put_counted(b, "{\"id\":2}", 2);
	put_counted(b, "{\"id\":2}", 2);
	assert_counts(b, 2, 0, 0);
	put_counted(b, "{\"id\":1}", 1);
	assert_counts(b, 2, 1, 0);
	assert_rows(b, "{\"id\":2},{\"id\":1}]}");
}

/* A row that supersedes one out of the same row changes no count. */
static void within_a_group(void **state)
{
	struct batch *b = *state;

	put(b, "{\"id\":1}", 1);
	put_counted(b, "{\"id\":1,\"v\":2}", 1);
	assert_counts(b, 1, 0, 0);
	assert_rows(b, "{\"id\":1,\"v\":2}]}");
	convict(b, 0);
	assert_counts(b, 0, 0, 1);
}

static void a_group_is_dead_once(void **state)
{
	struct batch *b = *state;

	put_counted(b, "{\"id\":1}", -1);
	put(b, "{\"id\":2}", -1);
	put(b, "{\"id\":3}", -1);
	put_counted(b, "{\"id\":4}", -1);
	put_counted(b, "{\"id\":5}", -1);
	assert_rows(b, "{\"id\":1},{\"id\":2},{\"id\":3},{\"id\":4},{\"id\":5}]}");
	convict(b, 2);
	assert_counts(b, 2, 0, 1);
	convict(b, 1);
	convict(b, 3);
	assert_counts(b, 2, 0, 1);
	assert_int_equal(b->n_dead, 3);
	convict(b, 4);
	assert_counts(b, 1, 0, 2);
}

/* The last row of a group was superseded: the others still stand for it. */
static void the_rest_of_a_group_is_counted(void **state)
{
	struct batch *b = *state;

	put_counted(b, "{\"id\":9}", 9);
	put(b, "{\"id\":1}", 1);
	put(b, "{\"id\":2}", 2);
	put_counted(b, "{\"id\":3}", 3);
	put_counted(b, "{\"id\":3,\"v\":2}", 3);
	assert_counts(b, 3, 0, 0);
	assert_rows(b, "{\"id\":9},{\"id\":1},{\"id\":2},{\"id\":3,\"v\":2}]}");
	convict(b, 1);
	assert_counts(b, 2, 0, 1);
	convict(b, 2);
	assert_counts(b, 2, 0, 1);
}

/* A row of the source that is dead already is not counted again. */
static void dead_before(void **state)
{
	struct batch *b = *state;

	put(b, "{\"id\":1}", -1);
	count(b, &b->counts.dead);
	put_counted(b, "{\"id\":2}", -1);
	assert_rows(b, "{\"id\":1},{\"id\":2}]}");
	convict(b, 0);
	assert_counts(b, 1, 0, 1);
}

/* The source's row is counted in the batch that holds the last of what came out of it. */
static void over_the_border_of_a_batch(void **state)
{
	struct batch *b = *state, *next = batch_create();
	size_t at;

	put_counted(b, "{\"id\":1}", -1);
	put(b, "{\"id\":2}", -1);
	assert_int_equal(batch_begin_row(b, &at), 0);
	assert_int_equal(buf_add_str(&b->body, "{\"id\":3}"), 0);
	assert_int_equal(batch_open(next, &target, NULL), 0);
	assert_int_equal(batch_move_row(b, at, next), 0);
	count(next, &next->counts.pushed);
	put_counted(next, "{\"id\":4}", -1);
	assert_rows(b, "{\"id\":1},{\"id\":2}]}");
	assert_rows(next, "{\"id\":3},{\"id\":4}]}");
	convict(b, 1);
	assert_counts(b, 1, 0, 0);
	convict(b, 0);
	assert_counts(b, 0, 0, 1);
	convict(next, 0);
	assert_counts(next, 1, 0, 1);
	batch_destroy(next);
}

/* ---- Dead letters ---- */

static void a_refused_row_is_kept(void **state)
{
	struct row_fault fault = {.reason = ROW_REJECTED, .text = "'total': not a number"};
	static const char row[] = "{\"id\":17,\"total\":\"x\"}";
	struct batch *b = *state;
	const char *notes;

	assert_int_equal(batch_add_key_name(b, "id"), 0);
	put_counted(b, "{\"id\":16}", 16);
	put_counted(b, row, 17);
	assert_int_equal(batch_close(b, NULL), 0);
	assert_int_equal(batch_convict(b, 1, &fault, 422), 0);
	assert_int_equal(b->n_dead, 1);
	notes = b->notes.data;
	assert_int_equal(b->dead[0].reason, ROW_REJECTED);
	assert_int_equal(b->dead[0].status, 422);
	assert_int_equal(b->dead[0].letter, 0);
	assert_string_equal(notes + b->dead[0].key, "{\"id\":17}");
	assert_string_equal(notes + b->dead[0].message, fault.text);
	assert_string_equal(notes + b->dead[0].position, "");
	assert_string_equal(notes + b->dead[0].payload, row);
	assert_int_equal(b->dead[0].payload_len, strlen(row));
}

static void keys_as_json(void **state)
{
	static const struct {
		const char *names[3];
		const char *row, *key;
	} cases[] = {
	    {{NULL}, "{\"id\":1}", ""},
	    {{"id"}, "{\"a\":2,\"id\":1,\"b\":3}", "{\"id\":1}"},
	    {{"b", "a"}, "{\"a\":\"x\",\"c\":[1],\"b\":\"y\"}", "{\"b\":\"y\",\"a\":\"x\"}"},
	    {{"id"}, "{\"id\":9223372036854775807}", "{\"id\":9223372036854775807}"},
	    {{"id"}, "{\"id\":\"18446744073709551615\"}", "{\"id\":\"18446744073709551615\"}"},
	    {{"id"}, "{\"id\":null}", "{\"id\":null}"},
	    {{"id"}, "{\"id\":0.5}", "{\"id\":0.5}"},
	    {{"id"}, "{\"id\":\"a\\\"b\\\\\\n\"}", "{\"id\":\"a\\\"b\\\\\\n\"}"},
	    {{"id"}, "{\"id\":\"caf\303\251\"}", "{\"id\":\"caf\303\251\"}"},
	    /* A NUL in the key, or anywhere else in the row. */
	    {{"id"}, "{\"id\":\"a\\u0000b\"}", "{\"id\":\"a\\u0000b\"}"},
	    {{"id"}, "{\"id\":1,\"v\":\"\\u0000\"}", "{\"id\":1}"},
	    /* Renamed by a transform: what is there. */
	    {{"id", "gone"}, "{\"id\":1}", "{\"id\":1}"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct batch *b = batch_create();
		struct buf key;

		buf_init(&key, 1000);
		assert_int_equal(batch_open(b, &target, NULL), 0);
		put(b, "{}", -1);
		put(b, cases[i].row, -1);
		for (size_t n = 0; cases[i].names[n] != NULL; n++)
			assert_int_equal(batch_add_key_name(b, cases[i].names[n]), 0);
		assert_int_equal(batch_key_json(b, 1, &key), 0);
		assert_string_equal(buf_str(&key), cases[i].key);
		buf_done(&key);
		batch_destroy(b);
	}
}

/* Replay: the letter that the row was, by its group. */
static void letters_are_found(void **state)
{
	static const struct {
		int64_t id;
		int rows;
	} letters[] = {{11, 1}, {12, 0}, {14, 2}, {20, 1}, {21, 0}};
	static const int64_t expected[] = {11, 14, 14, 20, 0};
	struct batch *b = *state;

	for (size_t i = 0; i < sizeof(letters) / sizeof(letters[0]); i++) {
		b->letter = letters[i].id;
		assert_int_equal(batch_note_letter(b), 0);
		for (int n = 0; n < letters[i].rows; n++)
			put(b, "{}", -1);
		count(b, letters[i].rows > 0 ? &b->counts.pushed : &b->counts.filtered);
	}
	b->letter = 0;
	put_counted(b, "{}", -1);
	assert_rows(b, "{},{},{},{},{}]}");
	for (size_t i = 0; i < b->n_rows; i++) {
		convict(b, i);
		assert_int_equal(b->dead[i].letter, expected[i]);
	}
	assert_counts(b, 0, 2, 4);
}

#define ROWS_TEST(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
	    ROWS_TEST(superseded_rows_go),
	    ROWS_TEST(all_but_the_last_go),
	    ROWS_TEST(the_rest_stays),
	    ROWS_TEST(a_group_is_filtered_as_a_whole),
	    ROWS_TEST(within_a_group),
	    ROWS_TEST(a_group_is_dead_once),
	    ROWS_TEST(the_rest_of_a_group_is_counted),
	    ROWS_TEST(dead_before),
	    ROWS_TEST(over_the_border_of_a_batch),
	    ROWS_TEST(a_refused_row_is_kept),
	    cmocka_unit_test(keys_as_json),
	    ROWS_TEST(letters_are_found),
	};

	return cmocka_run_group_tests_name("push-batch-rows", tests, NULL, NULL);
}
