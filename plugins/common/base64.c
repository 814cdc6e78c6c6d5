/* SPDX-License-Identifier: MIT */
/* Base64, see base64.h. */

#include "common/base64.h"

static int base64_value(char c)
{
	if (c >= 'A' && c <= 'Z')
		return c - 'A';
	if (c >= 'a' && c <= 'z')
		return c - 'a' + 26;
	if (c >= '0' && c <= '9')
		return c - '0' + 52;
	return c == '+' ? 62 : c == '/' ? 63 : -1;
}

int64_t base64_read(const char *ptr, size_t len, void *out)
{
	unsigned char *p = out;
	size_t end = len, i;
	unsigned held = 0, bits = 0;

	if (len % 4)
		return -1;
	while (end > 0 && len - end < 2 && ptr[end - 1] == '=')
		end--;
	for (i = 0; i < end; i++) {
		int v = base64_value(ptr[i]);

		if (v < 0)
			return -1;
		held = (held << 6 | (unsigned)v) & 0xffff;
		bits += 6;
		if (bits >= 8) {
			bits -= 8;
			*p++ = (unsigned char)(held >> bits);
		}
	}
	return held & ((1u << bits) - 1) ? -1 : p - (unsigned char *)out;
}
