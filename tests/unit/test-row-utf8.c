/* SPDX-License-Identifier: MIT */
/* UTF-8: every sequence of one to three bytes against a slow decoder. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "row/utf8.h"

static size_t encode(uint32_t c, unsigned char out[4])
{
	if (c < 0x80) {
		out[0] = (unsigned char)c;
		return 1;
	}
	if (c < 0x800) {
		out[0] = (unsigned char)(0xc0 | c >> 6);
		out[1] = (unsigned char)(0x80 | (c & 0x3f));
		return 2;
	}
	if (c < 0x10000) {
		out[0] = (unsigned char)(0xe0 | c >> 12);
		out[1] = (unsigned char)(0x80 | (c >> 6 & 0x3f));
		out[2] = (unsigned char)(0x80 | (c & 0x3f));
		return 3;
	}
	out[0] = (unsigned char)(0xf0 | c >> 18);
	out[1] = (unsigned char)(0x80 | (c >> 12 & 0x3f));
	out[2] = (unsigned char)(0x80 | (c >> 6 & 0x3f));
	out[3] = (unsigned char)(0x80 | (c & 0x3f));
	return 4;
}

/* Decodes whatever the first byte announces, and asks whether it encodes the same. */
static size_t slow_sequence(const unsigned char *p, size_t n)
{
	unsigned char again[4];
	uint32_t c;
	size_t len, i;

	if (n == 0)
		return 0;
	len = p[0] < 0x80 ? 1 : p[0] < 0xc0 ? 0 : p[0] < 0xe0 ? 2 : p[0] < 0xf0 ? 3 : 4;
	if (len == 0 || len > n || p[0] >= 0xf8)
		return 0;
	c = len == 1 ? p[0] : p[0] & (0x7fu >> len);
	for (i = 1; i < len; i++) {
		if (p[i] >> 6 != 2)
			return 0;
		c = c << 6 | (p[i] & 0x3f);
	}
	if (c > 0x10ffff || (c >= 0xd800 && c <= 0xdfff))
		return 0;
	return encode(c, again) == len && memcmp(again, p, len) == 0 ? len : 0;
}

static size_t slow_prefix(const unsigned char *p, size_t n)
{
	size_t at = 0, len;

	while (at < n && (len = slow_sequence(p + at, n - at)) > 0)
		at += len;
	return at;
}

static void check(const unsigned char *p, size_t n)
{
	/* the comparison is dear with 16 million of them */
	if (utf8_sequence(p, n) != slow_sequence(p, n) ||
	    utf8_valid_prefix(p, n) != slow_prefix(p, n))
		fail_msg("%02x %02x %02x %02x, %zu bytes", p[0], p[1], p[2], p[3], n);
}

static void test_short_sequences(void **state)
{
	unsigned char p[4] = {0};
	uint32_t i;

	(void)state;
	for (i = 0; i < 1u << 24; i++) {
		p[0] = (unsigned char)(i >> 16);
		p[1] = (unsigned char)(i >> 8);
		p[2] = (unsigned char)i;
		check(p, 3);
		if (p[2] == 0)
			check(p, 2);
		if (p[1] == 0 && p[2] == 0)
			check(p, 1);
	}
}

static void test_long_sequences(void **state)
{
	static const unsigned char edges[] = {0x00, 0x7f, 0x80, 0x8f, 0x90, 0x9f, 0xa0,
					      0xbf, 0xc0, 0xc2, 0xed, 0xf0, 0xf4, 0xff};
	unsigned char p[4];
	unsigned a, b, c, d;

	(void)state;
	for (a = 0; a < 256; a++) {
		for (b = 0; b < 256; b++) {
			for (c = 0; c < sizeof(edges); c++) {
				for (d = 0; d < sizeof(edges); d++) {
					p[0] = (unsigned char)a;
					p[1] = (unsigned char)b;
					p[2] = edges[c];
					p[3] = edges[d];
					check(p, 4);
				}
			}
		}
	}
}

static void test_every_code_point(void **state)
{
	unsigned char p[4];
	uint32_t c;

	(void)state;
	for (c = 0; c < 0x120000; c++) {
		size_t n = encode(c, p);
		int good = c <= 0x10ffff && (c < 0xd800 || c > 0xdfff);

		if (utf8_sequence(p, n) != (good ? n : 0))
			fail_msg("U+%04X", c);
		if (n > 1)
			assert_int_equal(utf8_sequence(p, n - 1), 0);
	}
}

/* A bad byte at each place of texts of each length, behind ASCII and behind other text. */
static void test_place(void **state)
{
	unsigned char text[80];
	size_t n, bad;

	(void)state;
	for (n = 1; n <= sizeof(text); n++) {
		for (bad = 0; bad < n; bad++) {
			memset(text, 'a', n);
			text[bad] = 0x80;
			assert_int_equal(utf8_valid_prefix(text, n), bad);
			if (bad >= 2) {
				memcpy(text + bad - 2, "\xc3\xa9", 2);
				assert_int_equal(utf8_valid_prefix(text, n), bad);
			}
			text[bad] = 'b';
			assert_int_equal(utf8_valid_prefix(text, n), n);
		}
	}
	assert_int_equal(utf8_valid_prefix(NULL, 0), 0);
	assert_int_equal(utf8_valid_prefix("a\0b", 3), 3);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_short_sequences),
	    cmocka_unit_test(test_long_sequences),
	    cmocka_unit_test(test_every_code_point),
	    cmocka_unit_test(test_place),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
