/* SPDX-License-Identifier: MIT */
/* What was learnt about an API: kept across runs, for a week. */

#include "store-fixture.h"

#include <sqlite3.h>

#define HOST "api.example:443"
#define HOUR_US (INT64_C(3600) * 1000000)

static void test_round_trip(void **state)
{
	struct folder *f = *state;
	struct store *s = must_open(f);
	struct store_host h = {.host = HOST, .accepted = 5, .refused = 9, .gzip = -1}, got = {0};
	int64_t before = clock_wall_us();

	assert_int_equal(store_host_get(s, HOST, &got, NULL), 0);
	assert_null(got.host);
	assert_int_equal(store_host_set(s, &h, NULL), 0);
	h = (struct store_host){.host = "other.example:443", .gzip = 1};
	assert_int_equal(store_host_set(s, &h, NULL), 0);
	store_close(s);
	s = open_as(f->db, STORE_READ, &roomy);
	assert_int_equal(store_host_get(s, HOST, &got, NULL), 1);
	assert_string_equal(got.host, HOST);
	assert_int_equal(got.accepted, 5);
	assert_int_equal(got.refused, 9);
	assert_int_equal(got.gzip, -1);
	assert_true(got.updated_us >= before && got.updated_us <= clock_wall_us());
	assert_int_equal(store_host_get(s, "other.example:443", &got, NULL), 1);
	assert_int_equal(got.accepted, 0);
	assert_int_equal(got.gzip, 1);
	store_close(s);
}

static void test_replaces(void **state)
{
	struct store *s = must_open(*state);
	struct store_host h = {.host = HOST, .accepted = 5, .refused = 9, .gzip = 1}, got;

	assert_int_equal(store_host_set(s, &h, NULL), 0);
	h = (struct store_host){.host = HOST, .accepted = 7};
	assert_int_equal(store_host_set(s, &h, NULL), 0);
	assert_int_equal(store_host_get(s, HOST, &got, NULL), 1);
	assert_int_equal(got.accepted, 7);
	assert_int_equal(got.refused, 0);
	assert_int_equal(got.gzip, 0);
	store_close(s);
}

static const struct {
	int64_t age_us;
	int there;
} ages[] = {
    {0, 1},
    {6 * 24 * HOUR_US, 1},
    {7 * 24 * HOUR_US - HOUR_US, 1},
    {7 * 24 * HOUR_US + HOUR_US, 0},
    {400 * 24 * HOUR_US, 0},
    {-HOUR_US, 1},	    /* the clock went back a little */
    {-8 * 24 * HOUR_US, 0}, /* or was wrong */
};

static void make_old(const struct folder *f, int64_t age_us)
{
	char sql[80];
	sqlite3 *db;

	(void)snprintf(sql, sizeof(sql), "UPDATE hosts SET updated_us = %lld",
		       (long long)(clock_wall_us() - age_us));
	assert_int_equal(sqlite3_open(f->db, &db), SQLITE_OK);
	assert_int_equal(sqlite3_exec(db, sql, NULL, NULL, NULL), SQLITE_OK);
	(void)sqlite3_close(db);
}

static void test_age(void **state)
{
	struct folder *f = *state;
	struct store *s = must_open(f);
	const struct store_host h = {.host = HOST, .accepted = 5};
	struct store_host got;

	assert_int_equal(store_host_set(s, &h, NULL), 0);
	for (size_t i = 0; i < COUNT_OF(ages); i++) {
		make_old(f, ages[i].age_us);
		assert_int_equal(store_host_get(s, HOST, &got, NULL), ages[i].there);
	}
	/* Learnt anew. */
	assert_int_equal(store_host_set(s, &h, NULL), 0);
	assert_int_equal(store_host_get(s, HOST, &got, NULL), 1);
	store_close(s);
}

static void test_reading(void **state)
{
	struct folder *f = *state;
	const struct store_host h = {.host = HOST};
	struct error err = ERROR_INIT;
	struct store *s = must_open(f), *reader = open_as(f->db, STORE_READ, &roomy);

	assert_int_equal(store_host_set(reader, &h, &err), -1);
	assert_error(&err, ERR_INTERNAL, "opened for reading");
	store_close(reader);
	store_close(s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test_setup_teardown(test_round_trip, folder_setup, folder_teardown),
	    cmocka_unit_test_setup_teardown(test_replaces, folder_setup, folder_teardown),
	    cmocka_unit_test_setup_teardown(test_age, folder_setup, folder_teardown),
	    cmocka_unit_test_setup_teardown(test_reading, folder_setup, folder_teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
