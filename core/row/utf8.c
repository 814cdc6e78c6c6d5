/* SPDX-License-Identifier: MIT */
/* Validation of UTF-8, with blocks of ASCII skipped whole. */

#include <stdint.h>
#include <string.h>

#include "row/utf8.h"

#define HIGH_BITS UINT64_C(0x8080808080808080)

static int is_tail(unsigned char c)
{
	return (c & 0xc0) == 0x80;
}

/* RFC 3629, section 4: the second byte's range depends on the first. */
static size_t sequence3(const unsigned char *p, size_t n)
{
	unsigned char low = p[0] == 0xe0 ? 0xa0 : 0x80;
	unsigned char high = p[0] == 0xed ? 0x9f : 0xbf;

	return n >= 3 && p[1] >= low && p[1] <= high && is_tail(p[2]) ? 3 : 0;
}

static size_t sequence4(const unsigned char *p, size_t n)
{
	unsigned char low = p[0] == 0xf0 ? 0x90 : 0x80;
	unsigned char high = p[0] == 0xf4 ? 0x8f : 0xbf;

	return n >= 4 && p[1] >= low && p[1] <= high && is_tail(p[2]) && is_tail(p[3]) ? 4 : 0;
}

size_t utf8_sequence(const unsigned char *p, size_t n)
{
	if (n == 0)
		return 0;
	if (p[0] < 0x80)
		return 1;
	if (p[0] < 0xc2)
		return 0;
	if (p[0] < 0xe0)
		return n >= 2 && is_tail(p[1]) ? 2 : 0;
	if (p[0] < 0xf0)
		return sequence3(p, n);
	return p[0] <= 0xf4 ? sequence4(p, n) : 0;
}

static int is_ascii16(const unsigned char *p)
{
	uint64_t a, b;

	memcpy(&a, p, 8);
	memcpy(&b, p + 8, 8);
	return ((a | b) & HIGH_BITS) == 0;
}

size_t utf8_valid_prefix(const void *text, size_t n)
{
	const unsigned char *p = text;
	size_t at = 0, len;

	while (at < n) {
		if (n - at >= 16 && is_ascii16(p + at)) {
			at += 16;
			continue;
		}
		len = utf8_sequence(p + at, n - at);
		if (len == 0)
			break;
		at += len;
	}
	return at;
}
