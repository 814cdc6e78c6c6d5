/* SPDX-License-Identifier: MIT */
/* A file that is rotated when little of it was known. */

#include <stdbool.h>

#include "csv-fixture.h"

/* Seen with its header alone, or empty; then filled, copied, emptied and filled again. */
static void begun_alike(struct fixture *f, const char *first, const char *copy, const char *rows)
{
	char *at = NULL;

	/* Older generations, which the first run does not read. */
	cf_write(f, "o.csv.7", "id,t\n-7,old\n");
	cf_touch(f, "o.csv.7", 1000000);
	cf_write(f, "o.csv", first);
	cf_touch(f, "o.csv", 2000000);
	cf_expect(f, "o.csv", &at, rows);
	cf_write(f, copy, "id,t\n1,a\n2,b\n");
	cf_write(f, "o_returns.csv", "id,t\n-1,x\n");
	cf_write(f, "o.csv", "id,t\n3,c\n");
	cf_expect(f, "o.csv", &at, *rows ? "2|b;3|c" : "1|a;2|b;3|c");
	cf_expect(f, "o.csv", &at, "");
	/* And once more, with nothing but the header in the new one. */
	cf_rename(f, copy, "o.csv.2");
	cf_append(f, "o.csv", "4,d\n");
	cf_write(f, copy, "id,t\n3,c\n4,d\n");
	cf_write(f, "o.csv", "id,t\n");
	cf_expect(f, "o.csv", &at, "4|d");
	cf_append(f, "o.csv", "5,e\n");
	cf_expect(f, "o.csv", &at, "5|e");
	/* A backup of what is there is no former content. */
	cf_write(f, "o.csv.bak", "id,t\n5,e\n");
	cf_append(f, "o.csv", "6,f\n");
	cf_expect(f, "o.csv", &at, "6|f");
	assert_int_equal(f->host.warnings, 0);
	free(at);
	cf_remove(f, "o.csv.2");
	cf_remove(f, "o.csv.bak");
	cf_remove(f, copy);
}

static void test_copied_and_begun_alike(void **state)
{
	struct fixture *f = *state;

	begun_alike(f, "id,t\n", "o.csv.1", "");
	begun_alike(f, "", "o.csv-20240131", "");
	begun_alike(f, "id,t\n1,a\n", "o.csv.1", "1|a");
}

/* The same with renamed files. */
static void test_renamed_and_begun_alike(void **state)
{
	static const char *const firsts[] = {"", "id", "id,t\n"};
	struct fixture *f = *state;
	size_t i;

	cf_write(f, "o.csv.7", "id,t\n-7,old\n");
	cf_touch(f, "o.csv.7", 1000000);
	for (i = 0; i < sizeof(firsts) / sizeof(firsts[0]); i++) {
		char *at = NULL;

		cf_write(f, "o.csv", firsts[i]);
		cf_expect(f, "o.csv", &at, "");
		cf_write(f, "o.csv", "id,t\n1,a\n2,b\n");
		cf_rename(f, "o.csv", "o.csv.1");
		/* Not there yet. */
		if (i == 0)
			cf_expect(f, "o.csv", &at, "1|a;2|b");
		cf_write(f, "o.csv", "id,t\n3,c\n");
		cf_expect(f, "o.csv", &at, i ? "1|a;2|b;3|c" : "3|c");
		cf_expect(f, "o.csv", &at, "");
		free(at);
	}
}

/* One that another table's file looks like: its rows are not this one's. */
static void test_other_table(void **state)
{
	static const char *const names[] = {"o-2023.csv", "o2.csv", "o-20240131.csv", "o.1.csv"};
	struct fixture *f = *state;
	size_t i;

	for (i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		char *at = NULL;

		cf_write(f, "o.csv", "id,t\n");
		cf_expect(f, "o.csv", &at, "");
		cf_append(f, "o.csv", "1,a\n");
		cf_write(f, names[i], "id,t\n8,x\n9,y\n");
		plugin_host_forget(&f->host);
		cf_expect(f, "o.csv", &at, "1|a");
		assert_int_equal(f->host.warnings, 1);
		assert_non_null(strstr(f->host.logged, "does not tell a copy"));
		cf_append(f, "o.csv", "2,b\n");
		cf_append(f, names[i], "10,z\n");
		cf_expect(f, "o.csv", &at, "2|b");
		cf_remove(f, names[i]);
		free(at);
	}
}

/* The file was replaced: what has a day in its name is its former content. */
static void test_dated(void **state)
{
	static const struct {
		const char *name;
		bool taken;
	} cases[] = {
	    {"o-20240131.csv", true},	 {"o-2024-01-31T10:00.csv", true},
	    {"o.1.csv", true},		 {"o.csv.1", true},
	    {"o.csv_2", true},		 {"o-2023.csv", false},
	    {"o.1234.csv", false},	 {"o2.csv", false},
	    {"o.csv2", false},		 {"o-returns.csv", false},
	    {"o-20240131-x.csv", false}, {"o.csv.x", false},
	    {"o-20240131.csv.x", false},
	};
	struct fixture *f = *state;
	size_t i, alike;

	for (i = 0; i < 2 * sizeof(cases) / sizeof(cases[0]); i++) {
		const char *name = cases[i / 2].name;
		bool taken = cases[i / 2].taken;
		char *at = NULL;

		/* Begun again alike, and with another header. */
		alike = i % 2;
		cf_write(f, "o.csv", "id,t\n");
		cf_expect(f, "o.csv", &at, "");
		cf_write(f, name, "id,t\n1,a\n");
		cf_write(f, "new", alike ? "id,t\n2,b\n" : "t,id\nb,2\n");
		cf_rename(f, "new", "o.csv");
		plugin_host_forget(&f->host);
		cf_expect(f, "o.csv", &at,
			  alike	  ? taken ? "1|a;2|b" : "2|b"
			  : taken ? "1|a;b|2"
				  : "b|2");
		if (taken && !strstr(f->host.logged, "has the former content of 'o.csv'"))
			fail_msg("%s is not told", name);
		cf_remove(f, name);
		free(at);
	}
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, cf_setup, cf_teardown)
	const struct CMUnitTest tests[] = {
	    TEST(test_copied_and_begun_alike),
	    TEST(test_renamed_and_begun_alike),
	    TEST(test_other_table),
	    TEST(test_dated),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
