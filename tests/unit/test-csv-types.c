/* SPDX-License-Identifier: MIT */
/* Texts as values of the configured types. */

#include "csv-fixture.h"

#include "cv.h"

static void test_values(void **state)
{
	static const struct {
		const char *type, *text, *cell; /* NULL: does not fit */
	} rows[] = {
	    {"text", "x", "x"},
	    {"int", "42", "42"},
	    {"int", "-9223372036854775808", "-9223372036854775808"},
	    {"int", "9223372036854775807", "9223372036854775807"},
	    {"int", "9223372036854775808", NULL},
	    {"int", "-9223372036854775809", NULL},
	    {"int", "+007", "7"},
	    {"int", "1.0", NULL},
	    {"int", "1 ", NULL},
	    {"int", "", NULL},
	    {"int", "-", NULL},
	    {"int", "1e3", NULL},
	    {"double", "1.5", "1.5d"},
	    {"double", "-.5e-1", "-0.050000000000000003d"},
	    {"double", "1.", "1d"},
	    {"double", "1e400", NULL},
	    {"double", "nan", NULL},
	    {"double", "inf", NULL},
	    {"double", "0x10", NULL},
	    {"double", "1e", NULL},
	    {"double", ".", NULL},
	    {"double", "1,5", NULL},
	    {"decimal", "00012.3400", "00012.3400n"},
	    {"decimal", "+1", "1n"},
	    {"decimal", "-1.50", "-1.50n"},
	    {"decimal", "1e3", NULL},
	    {"decimal", ".5", NULL},
	    {"decimal", "5.", NULL},
	    {"decimal", "1,000", NULL},
	    {"bool", "TRUE", "1b"},
	    {"bool", "y", "1b"},
	    {"bool", "0", "0b"},
	    {"bool", "No", "0b"},
	    {"bool", "2", NULL},
	    {"bool", "tru", NULL},
	    {"date", "2024-02-29", "19782D"},
	    {"date", "2023-02-29", NULL},
	    {"date", "2024-04-31", NULL},
	    {"date", "2024-01-01 00:00:00", NULL},
	    {"date", "01.02.2024", NULL},
	    {"timestamp", "1970-01-01T00:00:01Z", "1000000T"},
	    {"timestamp", "1970-01-01 01:00:00.25+01:00", "250000T"},
	    {"timestamp", "1970-01-01 00:00:01", "1000000T"},
	    {"timestamp", "1970-01-01", NULL},
	    {"timestamp", "1970-01-01T00:00:00.1234567Z", NULL},
	    {"timestamp", "1970-13-01T00:00:00Z", NULL},
	    {"json", "{\"a\":1}", "{\"a\":1}j"},
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct defsync_cell cell = {0};
		enum cv_type type;
		bool fits;

		assert_true(cv_type_from_name(rows[i].type, strlen(rows[i].type), &type));
		fits = cv_type_read(type, rows[i].text, strlen(rows[i].text), &cell);
		if (fits != (rows[i].cell != NULL))
			fail_msg("%s '%s': %d", rows[i].type, rows[i].text, fits);
		if (fits) {
			char *got = fx_cell(&cell);

			assert_int_equal(cell.type, cv_type_cell(type));
			assert_string_equal(got, rows[i].cell);
			free(got);
		}
	}
}

static void test_names(void **state)
{
	enum cv_type type;

	(void)state;
	assert_false(cv_type_from_name("integer", 7, &type));
	assert_false(cv_type_from_name("", 0, &type));
	for (type = CV_TEXT; type <= CV_JSON; type++)
		assert_non_null(strstr(cv_type_names(), cv_type_name(type)));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_values),
	    cmocka_unit_test(test_names),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
