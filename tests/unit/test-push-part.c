/* SPDX-License-Identifier: MIT */
/* The bytes of a part of a batch: envelope, a slice of rows, the end; when they change. */

#include "push/part.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>

#include "push/batch.h"
#include "push/gzip.h"

#define ROWS 10
#define ROW "{\"id\":%d}"
#define ROW_LEN 8

static const struct push_target target = {.table = "bronze.a", .wait = 1};

#define APPEND "{\"config\":{\"table\":\"bronze.a\",\"mode\":\"append\",\"wait\":true},\"data\":["
#define REPLACE "{\"config\":{\"table\":\"bronze.a\",\"mode\":\"replace\",\"wait\":true},\"data\":["

struct fixture {
	struct batch *b;
	struct part *pt;
	struct part_rules rules;
	struct buf text;
};

static int set_up(void **state)
{
	struct fixture *f = calloc(1, sizeof(*f));
	struct batch_limits limits = {.rows = 100, .bytes = 100000};
	size_t at;

	f->b = batch_create();
	assert_int_equal(batch_open(f->b, &target, NULL), 0);
	for (int i = 0; i < ROWS; i++) {
		assert_int_equal(batch_begin_row(f->b, &at), 0);
		assert_int_equal(buf_printf(&f->b->body, ROW, i), 0);
		assert_int_equal(batch_row_done(f->b, at, &limits), 1);
	}
	assert_int_equal(batch_close(f->b, NULL), 0);
	f->pt = part_create(f->b);
	f->rules = (struct part_rules){.target = &target, .max_bytes = SIZE_MAX};
	buf_init(&f->text, 100000);
	*state = f;
	return 0;
}

static int tear_down(void **state)
{
	struct fixture *f = *state;

	part_destroy(f->pt);
	batch_destroy(f->b);
	gzip_destroy(f->rules.gzip);
	buf_done(&f->text);
	free(f);
	return 0;
}

/* envelope + rows [from, to) + ]} */
static const char *expected(struct fixture *f, const char *envelope, int from, int to)
{
	buf_reset(&f->text);
	assert_int_equal(buf_add_str(&f->text, envelope), 0);
	for (int i = from; i < to; i++)
		assert_int_equal(buf_printf(&f->text, i > from ? "," ROW : ROW, i), 0);
	assert_int_equal(buf_add_str(&f->text, "]}"), 0);
	return buf_str(&f->text);
}

static void assert_bytes(struct fixture *f, const char *envelope, int from, int to)
{
	const char *text = expected(f, envelope, from, to);

	assert_int_equal(f->pt->from, from);
	assert_int_equal(f->pt->to, to);
	assert_int_equal(f->pt->gzip, 0);
	assert_int_equal(f->pt->len, f->text.len);
	assert_int_equal(f->pt->raw_len, f->text.len);
	assert_memory_equal(f->pt->bytes, text, f->text.len);
}

static void assert_packed(struct fixture *f, const char *envelope, int from, int to)
{
	const char *text = expected(f, envelope, from, to);
	char out[1000];
	z_stream z = {.next_in = (Bytef *)(uintptr_t)f->pt->bytes,
		      .avail_in = (uInt)f->pt->len,
		      .next_out = (Bytef *)out,
		      .avail_out = sizeof(out)};

	assert_int_equal(f->pt->gzip, 1);
	assert_int_equal(f->pt->raw_len, f->text.len);
	assert_int_equal(inflateInit2(&z, 15 + 16), Z_OK);
	assert_int_equal(inflate(&z, Z_FINISH), Z_STREAM_END);
	assert_int_equal(z.total_out, f->text.len);
	assert_memory_equal(out, text, f->text.len);
	(void)inflateEnd(&z);
}

static void prepare(struct fixture *f)
{
	assert_int_equal(part_prepare(f->pt, f->b, &f->rules, NULL), 0);
	assert_int_equal(f->pt->ready, 1);
	assert_int_equal(strlen(f->pt->request_id), RANDOM_UUID_TEXT - 1);
}

/* ---- Tests ---- */

static void the_whole_is_the_batch(void **state)
{
	struct fixture *f = *state;

	prepare(f);
	assert_int_equal(part_is_whole(f->pt, f->b), 1);
	assert_ptr_equal(f->pt->bytes, f->b->body.data);
	assert_bytes(f, APPEND, 0, ROWS);
	assert_int_equal(part_next(f->pt), 0);
	part_destroy(NULL);
}

static void every_slice(void **state)
{
	struct fixture *f = *state;

	for (uint32_t from = 0; from < ROWS; from++) {
		for (uint32_t to = from + 1; to <= ROWS; to++) {
			f->pt->from = from;
			f->pt->to = to;
			f->pt->ready = 0;
			prepare(f);
			assert_bytes(f, APPEND, (int)from, (int)to);
		}
	}
}

static void a_retry_is_the_same(void **state)
{
	struct fixture *f = *state;
	char id[RANDOM_UUID_TEXT];
	const char *bytes;

	prepare(f);
	memcpy(id, f->pt->request_id, sizeof(id));
	bytes = f->pt->bytes;
	f->pt->attempts = 3;
	f->pt->first_failure_us = 17;
	/* What was learnt meanwhile does not change it. */
	f->rules.replace = 1;
	f->rules.max_bytes = 1;
	f->rules.gzip = gzip_create(1);
	prepare(f);
	assert_ptr_equal(f->pt->bytes, bytes);
	assert_string_equal(f->pt->request_id, id);
	assert_int_equal(f->pt->attempts, 3);
	assert_int_equal(f->pt->first_failure_us, 17);
	assert_bytes(f, APPEND, 0, ROWS);
}

static void a_new_range_is_another_request(void **state)
{
	struct fixture *f = *state;
	char id[RANDOM_UUID_TEXT];

	prepare(f);
	memcpy(id, f->pt->request_id, sizeof(id));
	f->pt->attempts = 3;
	f->pt->first_failure_us = 17;
	f->pt->not_before_us = 17;
	f->pt->divided = 1;
	bisect_init_refused(&f->pt->bisect, ROWS);
	assert_int_equal(part_next(f->pt), 1);
	prepare(f);
	assert_bytes(f, APPEND, 0, 5);
	assert_string_not_equal(f->pt->request_id, id);
	assert_int_equal(f->pt->attempts, 0);
	assert_int_equal(f->pt->first_failure_us, 0);
	assert_int_equal(f->pt->not_before_us, 0);
	bisect_accepted(&f->pt->bisect);
	assert_int_equal(part_next(f->pt), 1);
	prepare(f);
	assert_bytes(f, APPEND, 5, 7);
}

/* Each part is at most so large, alone if it must; all rows come once, in order. */
static void parts_fit(void **state)
{
	struct fixture *f = *state;

	for (size_t rows = 0; rows <= ROWS; rows++) {
		size_t max = strlen(APPEND) + rows * (ROW_LEN + 1) - 1 + 2;
		uint32_t next = 0;

		part_destroy(f->pt);
		f->pt = part_create(f->b);
		f->rules.max_bytes = max;
		do {
			prepare(f);
			assert_int_equal(f->pt->from, next);
			next = f->pt->to;
			assert_bytes(f, APPEND, (int)f->pt->from, (int)f->pt->to);
			assert_true(f->pt->len <= max || f->pt->to - f->pt->from == 1);
			assert_int_equal(f->pt->divided, rows < ROWS);
			if (f->pt->divided)
				bisect_accepted(&f->pt->bisect);
		} while (part_next(f->pt));
		assert_int_equal(next, ROWS);
		assert_int_equal(f->pt->bisect.requests, 0);
	}
}

static void replacing(void **state)
{
	struct fixture *f = *state;

	f->rules.replace = 1;
	prepare(f);
	assert_bytes(f, REPLACE, 0, ROWS);
	/* Only the first part: the rest is appended. */
	part_destroy(f->pt);
	f->pt = part_create(f->b);
	f->pt->divided = 1;
	bisect_init_refused(&f->pt->bisect, ROWS);
	assert_int_equal(part_next(f->pt), 1);
	prepare(f);
	assert_bytes(f, REPLACE, 0, 5);
	bisect_accepted(&f->pt->bisect);
	f->rules.replace = 0;
	assert_int_equal(part_next(f->pt), 1);
	prepare(f);
	assert_bytes(f, APPEND, 5, 7);
}

static void compressed(void **state)
{
	struct fixture *f = *state;

	f->rules.gzip = gzip_create(6);
	prepare(f);
	assert_packed(f, APPEND, 0, ROWS);
	/* The reader did it before. */
	assert_int_equal(gzip_pack(f->rules.gzip, f->b->body.data, f->b->body.len, &f->b->packed),
			 0);
	f->pt->ready = 0;
	prepare(f);
	assert_ptr_equal(f->pt->bytes, f->b->packed.data);
	assert_packed(f, APPEND, 0, ROWS);
	/* But with another envelope, or other rows. */
	f->rules.replace = 1;
	f->pt->ready = 0;
	prepare(f);
	assert_packed(f, REPLACE, 0, ROWS);
	f->rules.replace = 0;
	f->pt->from = 3;
	f->pt->ready = 0;
	prepare(f);
	assert_packed(f, APPEND, 3, ROWS);
}

static void plain_in_spite_of_it(void **state)
{
	struct fixture *f = *state;

	f->rules.gzip = gzip_create(6);
	assert_int_equal(gzip_pack(f->rules.gzip, f->b->body.data, f->b->body.len, &f->b->packed),
			 0);
	f->pt->plain = 1;
	prepare(f);
	assert_bytes(f, APPEND, 0, ROWS);
	/* No compressor: what the reader made is not used either. */
	gzip_destroy(f->rules.gzip);
	f->rules.gzip = NULL;
	f->pt->plain = 0;
	f->pt->ready = 0;
	prepare(f);
	assert_bytes(f, APPEND, 0, ROWS);
}

#define PART_TEST(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
	    PART_TEST(the_whole_is_the_batch),
	    PART_TEST(every_slice),
	    PART_TEST(a_retry_is_the_same),
	    PART_TEST(a_new_range_is_another_request),
	    PART_TEST(parts_fit),
	    PART_TEST(replacing),
	    PART_TEST(compressed),
	    PART_TEST(plain_in_spite_of_it),
	};

	return cmocka_run_group_tests_name("push-part", tests, NULL, NULL);
}
