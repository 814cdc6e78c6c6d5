/* SPDX-License-Identifier: MIT */
/* Base64 by RFC 4648. */

#include <stdint.h>

#include "row/base64.h"

static const char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

static char *write4(char *out, uint32_t v)
{
	out[0] = alphabet[v >> 18 & 63];
	out[1] = alphabet[v >> 12 & 63];
	out[2] = alphabet[v >> 6 & 63];
	out[3] = alphabet[v & 63];
	return out + 4;
}

char *base64_write(char *out, const void *bytes, size_t n)
{
	const unsigned char *p = bytes;

	for (; n >= 3; n -= 3, p += 3)
		out = write4(out, (uint32_t)p[0] << 16 | (uint32_t)p[1] << 8 | p[2]);
	if (n == 0)
		return out;
	out = write4(out, (uint32_t)p[0] << 16 | (n == 2 ? (uint32_t)p[1] << 8 : 0));
	out[-1] = '=';
	if (n == 1)
		out[-2] = '=';
	return out;
}
