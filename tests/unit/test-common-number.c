/* SPDX-License-Identifier: MIT */
/* Texts as numbers: what fits, what would be lost. */

#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "common/number.h"

#define N(array) (sizeof(array) / sizeof((array)[0]))

static struct number parsed(const char *text)
{
	struct number n;

	if (!number_parse(text, strlen(text), &n))
		print_error("'%s' is no number\n", text);
	assert_true(number_parse(text, strlen(text), &n));
	return n;
}

static void what_is_no_number(void **state)
{
	static const char *const texts[] = {"",	   "+",	  "-",	".",  "e1",  "1e",  "1e+", "1.e",
					    "0x1", "1,5", "1 ", " 1", "inf", "nan", "--1", "1.2.3"};
	struct number n;

	(void)state;
	for (size_t i = 0; i < N(texts); i++)
		assert_false(number_parse(texts[i], strlen(texts[i]), &n));
	assert_false(number_parse(NULL, 0, &n));
}

static void whole_numbers(void **state)
{
	static const struct {
		const char *text;
		int shift;
		int fits;
		int64_t value;
		int cut;
	} cases[] = {
	    {"0", 0, 1, 0, 0},
	    {"-0.00", 0, 1, 0, 0},
	    {"+17", 0, 1, 17, 0},
	    {"17.5", 0, 1, 17, 1},
	    {"-17.5", 0, 1, -17, 1},
	    {"17.000", 0, 1, 17, 0},
	    {".5", 0, 1, 0, 1},
	    {"0.001", 3, 1, 1, 0},
	    {"0.0015", 3, 1, 1, 1},
	    {"1.5e3", 0, 1, 1500, 0},
	    {"15e-1", 0, 1, 1, 1},
	    {"1500e-2", 0, 1, 15, 0},
	    {"9223372036854775807", 0, 1, INT64_MAX, 0},
	    {"9223372036854775808", 0, 0, 0, 0},
	    {"-9223372036854775808", 0, 1, INT64_MIN, 0},
	    {"-9223372036854775809", 0, 0, 0, 0},
	    {"18446744073709551616", 0, 0, 0, 0},
	    {"9223372036854.775807", 6, 1, INT64_MAX, 0},
	    {"9223372036854.775808", 6, 0, 0, 0},
	    {"1e18", 0, 1, 1000000000000000000, 0},
	    {"1e19", 0, 0, 0, 0},
	    {"1e999999999999999999999", 0, 0, 0, 0},
	    {"1e-999999999999999999999", 0, 1, 0, 1},
	    {"0e999999999999999999999", 0, 1, 0, 0},
	};

	(void)state;
	for (size_t i = 0; i < N(cases); i++) {
		struct number n = parsed(cases[i].text);
		int64_t v = 0;
		bool cut = false;

		assert_int_equal(number_int64(&n, cases[i].shift, &v, &cut), cases[i].fits);
		if (!cases[i].fits)
			continue;
		assert_int_equal(v, cases[i].value);
		assert_int_equal(cut, cases[i].cut);
	}
}

static void unsigned_numbers(void **state)
{
	struct number n = parsed("18446744073709551615");
	uint64_t v = 0;
	bool cut;

	(void)state;
	assert_true(number_uint64(&n, 0, &v, &cut));
	assert_true(v == UINT64_MAX && !cut);
	n = parsed("18446744073709551616");
	assert_false(number_uint64(&n, 0, &v, &cut));
	n = parsed("-1");
	assert_false(number_uint64(&n, 0, &v, &cut));
	n = parsed("-0.5");
	assert_true(number_uint64(&n, 0, &v, &cut));
	assert_true(v == 0 && cut);
}

static void doubles(void **state)
{
	static const struct {
		const char *text;
		double value;
		int exact;
	} cases[] = {
	    {"0", 0, 1},
	    {"0.1", 0.1, 1},
	    {"-1.50", -1.5, 1},
	    {"0.10000000000000001", 0.1, 1}, /* as %.17g has it */
	    {"0.1000000000000000055511151231257827", 0.1, 1},
	    {"0.10000000000000000001", 0.1, 0},
	    {"9007199254740993", 9007199254740992.0, 0},
	    {"9007199254740992", 9007199254740992.0, 1},
	    {"1.7976931348623157e308", 1.7976931348623157e308, 1},
	    {"5e-324", 5e-324, 1},
	    {"1e-400", 0, 0},
	    {"100000000000000000000000", 1e23, 1},
	};
	struct number n = parsed("1e309");
	double v;
	bool exact;

	(void)state;
	assert_false(number_double(&n, &v, &exact));
	for (size_t i = 0; i < N(cases); i++) {
		n = parsed(cases[i].text);
		assert_true(number_double(&n, &v, &exact));
		if (v != cases[i].value || exact != cases[i].exact)
			print_error("%s\n", cases[i].text);
		assert_true(v == cases[i].value);
		assert_int_equal(exact, cases[i].exact);
	}
}

static void written_out(void **state)
{
	static const char *const cases[][3] = {
	    {"007.50", "7.50", "7.5"},
	    {"+1", "1", "1"},
	    {".5", "0.5", "0.5"},
	    {"5.", "5", "5"},
	    {"-0.0", "0.0", "0"},
	    {"0", "0", "0"},
	    {"1.5e-3", "0.0015", "0.0015"},
	    {"1.50e1", "15.0", "15"},
	    {"-1.25E+4", "-12500", "-12500"},
	    {"100", "100", "100"},
	    {"0e5", "0", "0"},
	    {"0.00e1", "0.00", "0"},
	};
	struct number n;
	char out[NUMBER_SIZE];

	(void)state;
	for (size_t i = 0; i < N(cases); i++) {
		n = parsed(cases[i][0]);
		for (int shorten = 0; shorten < 2; shorten++) {
			size_t len = number_write(&n, shorten, out);

			assert_int_equal(len, strlen(cases[i][1 + shorten]));
			assert_memory_equal(out, cases[i][1 + shorten], len);
		}
	}
	n = parsed("1e999");
	assert_int_equal(number_write(&n, false, out), 1000);
	n = parsed("1e1000");
	assert_int_equal(number_write(&n, false, out), 0);
	n = parsed("1e-1001");
	assert_int_equal(number_write(&n, false, out), 0);
}

static void plain_integers(void **state)
{
	int64_t v = 0;

	(void)state;
	assert_true(number_plain_int("-9223372036854775808", 20, &v) && v == INT64_MIN);
	assert_true(number_plain_int("+12", 3, &v) && v == 12);
	assert_false(number_plain_int("9223372036854775808", 19, &v));
	assert_false(number_plain_int("1.0", 3, &v));
	assert_false(number_plain_int("-", 1, &v));
	assert_false(number_plain_int("", 0, &v));
}

static void truth_values(void **state)
{
	int64_t v = 5;

	(void)state;
	assert_true(number_bool("TRUE", 4, &v) && v == 1);
	assert_true(number_bool("n", 1, &v) && v == 0);
	assert_false(number_bool("yesno", 5, &v));
	assert_false(number_bool("", 0, &v));
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
	    cmocka_unit_test(what_is_no_number), cmocka_unit_test(whole_numbers),
	    cmocka_unit_test(unsigned_numbers),	 cmocka_unit_test(doubles),
	    cmocka_unit_test(written_out),	 cmocka_unit_test(plain_integers),
	    cmocka_unit_test(truth_values),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
