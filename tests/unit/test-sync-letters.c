/* SPDX-License-Identifier: MIT */
/* Dead letters in pages, and their keys as a source is asked for them. */

#include "store-fixture.h"

#include "sync/letter-key.h"
#include "sync/letters.h"

static struct dead_letter letter_of(const char *target, const char *key, const char *payload,
				    size_t n)
{
	return (struct dead_letter){
	    .source = "shop",
	    .table = "orders",
	    .target = target,
	    .mode = "merge",
	    .key = key,
	    .reason = "rejected",
	    .payload = payload,
	    .payload_len = n,
	    .first_seen_us = 1,
	    .attempts = 1,
	};
}

static void add(struct store *s, const struct dead_letter *d, size_t n)
{
	struct store_step step = step_of(s, "orders");

	step.dead = d;
	step.n_dead = n;
	assert_int_equal(store_commit(s, &step, 1, NULL), 0);
}

static const struct dead_filter orders = {.source = "shop", .table = "orders"};

static void test_pages(void **state)
{
	struct folder *f = *state;
	struct store *s = must_open(f);
	struct dead_letter *d = calloc(2500, sizeof(*d));
	struct letters l;
	int64_t last = 0, n = 0;
	int pages = 0;

	assert_non_null(d);
	for (size_t i = 0; i < 2500; i++)
		d[i] = letter_of(i % 10 == 3 ? "bronze.else" : "bronze.t", "{\"id\":1}", "{}", 2);
	add(s, d, 2500);
	assert_int_equal(letters_open(&l, s, &orders, "bronze.t", 1, NULL), 0);
	/* Those that come later are not taken up. */
	add(s, d, 10);
	while (letters_next(&l, NULL) > 0) {
		pages++;
		assert_true(l.n > 0 && l.n <= 1000);
		for (size_t i = 0; i < l.n; i++, n++) {
			assert_true(l.items[i].id > last);
			last = l.items[i].id;
			assert_string_equal(letters_text(&l, l.items[i].payload), "{}");
			assert_true(l.items[i].merge);
			assert_int_equal(l.items[i].reason, ROW_REJECTED);
		}
	}
	assert_int_equal(n, 2250);
	assert_int_equal(pages, 3);
	assert_int_equal(last, 2500);
	assert_int_equal(letters_next(&l, NULL), 0);
	letters_done(&l);
	free(d);
	store_close(s);
}

/* Pages are cut by bytes; a row that no request can hold is named and not carried. */
static void test_large(void **state)
{
	struct folder *f = *state;
	struct store *s = must_open(f);
	size_t large = LIMIT_BATCH_BYTES + 1, half = (size_t)3 * 1024 * 1024;
	char *text = malloc(large);
	struct letters l;

	assert_non_null(text);
	memset(text, 'x', large);
	const struct dead_letter d[] = {
	    letter_of("bronze.t", "", text, half),
	    letter_of("bronze.t", "", text, half),
	    letter_of("bronze.t", "", text, half),
	    letter_of("bronze.t", "", text, large),
	};
	add(s, d, 4);
	assert_int_equal(letters_open(&l, s, &orders, "bronze.t", 1, NULL), 0);
	assert_int_equal(letters_next(&l, NULL), 1);
	assert_int_equal(l.n, 2);
	assert_int_equal(strlen(letters_text(&l, l.items[1].payload)), half);
	assert_int_equal(letters_next(&l, NULL), 1);
	assert_int_equal(l.n, 2);
	assert_int_equal(l.items[1].payload_len, large);
	assert_string_equal(letters_text(&l, l.items[1].payload), "");
	assert_int_equal(letters_next(&l, NULL), 0);
	letters_done(&l);
	/* Without payloads they are all small. */
	assert_int_equal(letters_open(&l, s, &orders, "bronze.t", 0, NULL), 0);
	assert_int_equal(letters_next(&l, NULL), 1);
	assert_int_equal(l.n, 4);
	assert_int_equal(l.items[0].payload_len, half);
	letters_done(&l);
	free(text);
	store_close(s);
}

static void test_filter_and_keys(void **state)
{
	static const char *const keys[] = {"{\"id\":1}", "{\"id\":2}", "", "{\"id\":1}", ""};
	struct folder *f = *state;
	struct store *s = must_open(f);
	struct dead_filter one = orders;
	struct dead_letter d[5];
	struct letters l;

	for (size_t i = 0; i < 5; i++)
		d[i] = letter_of("bronze.t", keys[i], "{}", 2);
	add(s, d, 5);
	assert_int_equal(letters_open(&l, s, &orders, "bronze.t", 0, NULL), 0);
	assert_int_equal(letters_next(&l, NULL), 1);
	assert_int_equal(l.n, 5);
	assert_null(letters_same_key(&l, 0));
	assert_null(letters_same_key(&l, 1));
	assert_ptr_equal(letters_same_key(&l, 3), &l.items[0]);
	/* Letters without a key are not one row. */
	assert_null(letters_same_key(&l, 4));
	letters_done(&l);
	one.id = 2;
	assert_int_equal(letters_open(&l, s, &one, "bronze.t", 0, NULL), 0);
	assert_int_equal(letters_next(&l, NULL), 1);
	assert_int_equal(l.n, 1);
	assert_int_equal(l.items[0].id, 2);
	assert_int_equal(letters_next(&l, NULL), 0);
	letters_done(&l);
	store_close(s);
}

static const struct {
	const char *text;
	int rc;
	size_t n;
	uint32_t type; /* of the first */
} key_cases[] = {
    {"{\"id\":17}", 0, 1, DEFSYNC_INT64},
    {"{\"id\":\"17\"}", 0, 1, DEFSYNC_TEXT},
    {"{\"id\":1.5}", 0, 1, DEFSYNC_DOUBLE},
    {"{\"id\":true}", 0, 1, DEFSYNC_BOOL},
    {"{\"a\":\"x\",\"b\":2}", 0, 2, DEFSYNC_TEXT},
    {"{\"id\":9223372036854775807}", 0, 1, DEFSYNC_INT64},
    {"", -1, 0, 0},
    {"{}", -1, 0, 0},
    {"17", -1, 0, 0},
    {"[17]", -1, 0, 0},
    {"{\"id\":null}", -1, 0, 0},
    {"{\"id\":{\"$base64\":\"/w==\"}}", -1, 0, 0},
    {"{\"a\":1,\"b\":null}", -1, 0, 0},
    {"{\"id\":99999999999999999999}", -1, 0, 0},
    {"{\"id\":1} x", -1, 0, 0},
};

static void test_key_forms(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT_OF(key_cases); i++) {
		struct letter_key k;

		if (letter_key_read(&k, key_cases[i].text) != key_cases[i].rc)
			fail_msg("%s", key_cases[i].text);
		assert_int_equal(k.n, key_cases[i].n);
		if (k.n > 0)
			assert_int_equal(k.cells[0].type, key_cases[i].type);
		letter_key_done(&k);
	}
}

static void test_key_order(void **state)
{
	static const char *const good[] = {"b", "c", "a"};
	static const char *const bad[] = {"b", "c", "d"};
	struct letter_key k;

	(void)state;
	assert_int_equal(letter_key_read(&k, "{\"a\":1,\"b\":2,\"c\":3}"), 0);
	assert_int_equal(letter_key_order(&k, good, 2), -1);
	assert_int_equal(letter_key_order(&k, bad, 3), -1);
	assert_int_equal(letter_key_order(&k, good, 3), 0);
	assert_string_equal(k.names[0], "b");
	assert_int_equal(k.cells[0].v.i64, 2);
	assert_int_equal(k.cells[1].v.i64, 3);
	assert_string_equal(k.names[2], "a");
	assert_int_equal(k.cells[2].v.i64, 1);
	letter_key_done(&k);
}

#define T(name) cmocka_unit_test_setup_teardown(name, folder_setup, folder_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
	    T(test_pages),
	    T(test_large),
	    T(test_filter_and_keys),
	    cmocka_unit_test(test_key_forms),
	    cmocka_unit_test(test_key_order),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
