/* SPDX-License-Identifier: MIT */
/* Escaping: the vector code against its scalar twin, and pieces against the whole. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "row/encoder.h"
#include "row/json-string.h"

/* behind plugin.h: it defines a macro `fail` */
#include <cmocka.h>

static uint64_t seed = 1;

static uint32_t draw(uint32_t below)
{
	seed = seed * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
	return (uint32_t)(seed >> 33) % below;
}

/* Mostly plain, so that blocks without a special byte occur at each place. */
static void fill(char *p, size_t n, unsigned special)
{
	static const char *const pieces[] = {"\"",   "\\",	 "\n",		 "\x01",
					     "\x7f", "\xc3\xa9", "\xe2\x82\xac", "\xf0\x9f\x98\x80",
					     "\xff", "\x80"};
	size_t i = 0;

	while (i < n) {
		const char *piece;
		size_t len;

		if (special == 0 || draw(100) >= special) {
			p[i++] = (char)(' ' + draw(2) + 33 * draw(3));
			continue;
		}
		piece = pieces[draw(100) < 90 ? draw(8) : draw(10)];
		len = strlen(piece) < n - i ? strlen(piece) : n - i;
		memcpy(p + i, piece, len);
		i += len;
	}
}

static void compare(const char *text, size_t n)
{
	char *fast = malloc(JSON_ESCAPE_ROOM(n) + 2), *slow = malloc(JSON_ESCAPE_ROOM(n));
	size_t fast_used = 0, slow_used = 0, fast_len, slow_len, run = 0;
	char *end;

	assert_non_null(fast);
	assert_non_null(slow);
	fast_len = (size_t)(json_escape(fast, text, n, &fast_used) - fast);
	slow_len = (size_t)(json_escape_scalar(slow, text, n, &slow_used) - slow);
	assert_int_equal(fast_used, slow_used);
	assert_int_equal(fast_len, slow_len);
	assert_memory_equal(fast, slow, slow_len);

	end = json_quote(fast, text, n);
	assert_int_equal(end != NULL, slow_used == n);
	if (end) {
		assert_int_equal((size_t)(end - fast), slow_len + 2);
		assert_memory_equal(fast + 1, slow, slow_len);
		assert_true(fast[0] == '"' && end[-1] == '"');
	}
	while (run < n && text[run] >= 0x20 && text[run] != '"' && text[run] != '\\')
		run++;
	assert_int_equal(json_plain_run((const unsigned char *)text, n), run);
	assert_int_equal(json_plain_run_scalar((const unsigned char *)text, n), run);
	free(fast);
	free(slow);
}

/* The text ends with its allocation: a read beyond it is seen. */
static void test_twins(void **state)
{
	static const unsigned specials[] = {0, 3, 20, 100};
	size_t align, n, i;

	(void)state;
	for (align = 0; align < 16; align++) {
		for (n = 0; n <= 70; n++) {
			for (i = 0; i < 12; i++) {
				char *block = malloc(align + n + 1);

				assert_non_null(block);
				block = realloc(block, align + n > 0 ? align + n : 1);
				assert_non_null(block);
				fill(block + align, n, specials[i % 4]);
				compare(block + align, n);
				free(block);
			}
		}
	}
}

/* Each byte value at each place of a plain text. */
static void test_one_byte(void **state)
{
	char text[40];
	size_t n, at;
	int c;

	(void)state;
	for (n = 1; n <= sizeof(text); n += 3) {
		for (at = 0; at < n; at++) {
			for (c = 0; c < 256; c++) {
				memset(text, 'x', n);
				text[at] = (char)c;
				compare(text, n);
			}
		}
	}
}

static void test_forms(void **state)
{
	static const struct {
		const char *text, *json;
	} rows[] = {
	    {"", "\"\""},
	    {"plain", "\"plain\""},
	    {"a\"b\\c/d", "\"a\\\"b\\\\c/d\""},
	    {"\b\f\n\r\t\x01\x1f\x7f", "\"\\b\\f\\n\\r\\t\\u0001\\u001f\x7f\""},
	    {"caf\xc3\xa9 \xe2\x82\xac \xf0\x9f\x98\x80", "\"caf\xc3\xa9 \xe2\x82\xac "
							  "\xf0\x9f\x98\x80\""},
	    {"a\xff\x62", "\"a\xef\xbf\xbd\x62\""},
	    {"\xed\xa0\x80", "\"\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\""},
	    {"cut \xe2\x82", "\"cut \xef\xbf\xbd\xef\xbf\xbd\""},
	};
	struct buf out;
	size_t i;

	(void)state;
	buf_init(&out, 1000);
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		buf_reset(&out);
		assert_int_equal(json_add_string(&out, rows[i].text, strlen(rows[i].text)), 0);
		assert_string_equal(buf_str(&out), rows[i].json);
	}
	buf_reset(&out);
	assert_int_equal(json_add_string(&out, "a\0b", 3), 0);
	assert_string_equal(buf_str(&out), "\"a\\u0000b\"");
	buf_done(&out);
}

/* Sequences that a piece of 4096 bytes cuts in two, three or four. */
static void test_pieces(void **state)
{
	size_t n = 20000, shift, used, expected;
	char *text = malloc(n), *whole = malloc(JSON_ESCAPE_ROOM(n));
	struct buf out;

	(void)state;
	assert_non_null(text);
	assert_non_null(whole);
	buf_init(&out, 1000000);
	for (shift = 0; shift < 5; shift++) {
		size_t i;

		memset(text, 'x', n);
		for (i = shift; i + 4 <= n; i += 4)
			memcpy(text + i, "\xf0\x9f\x98\x80", 4);
		expected = (size_t)(json_escape(whole, text, n, &used) - whole);
		assert_int_equal(used, n);
		buf_reset(&out);
		assert_int_equal(json_add_escaped(&out, text, n, &used), 0);
		assert_int_equal(used, n);
		assert_int_equal(out.len, expected);
		assert_memory_equal(out.data, whole, expected);
	}
	text[9000] = (char)0xff;
	buf_reset(&out);
	assert_int_equal(json_add_escaped(&out, text, n, &used), 0);
	assert_in_range(used, 8997, 9000);
	buf_done(&out);
	free(text);
	free(whole);
}

static void test_no_room(void **state)
{
	struct buf out;
	size_t used;

	(void)state;
	buf_init(&out, 10);
	assert_int_equal(buf_add(&out, "ab", 2), 0);
	assert_int_equal(json_add_string(&out, "0123456789", 10), -1);
	assert_int_equal(out.len, 2);
	assert_int_equal(json_add_escaped(&out, "0123456789", 10, &used), -1);
	assert_int_equal(out.len, 2);
	buf_done(&out);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_twins),   cmocka_unit_test(test_one_byte),
	    cmocka_unit_test(test_forms),   cmocka_unit_test(test_pieces),
	    cmocka_unit_test(test_no_room),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
