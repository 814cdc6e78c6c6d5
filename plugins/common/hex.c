/* SPDX-License-Identifier: MIT */
/* Hexadecimal digits, see hex.h. */

#include "common/hex.h"

/* Bytes in front of each hyphen of a UUID, and behind the last. */
static const unsigned char groups[] = {4, 2, 2, 2, 6};

#define N_GROUPS (sizeof(groups) / sizeof(groups[0]))

char *hex_write(char *out, const void *ptr, size_t n)
{
	static const char digits[] = "0123456789abcdef";
	const unsigned char *p = ptr;
	size_t i;

	for (i = 0; i < n; i++) {
		*out++ = digits[p[i] >> 4];
		*out++ = digits[p[i] & 15];
	}
	return out;
}

bool hex_read(const char *ptr, size_t n, void *out)
{
	unsigned char *bytes = out;
	size_t i;

	for (i = 0; i < n; i++) {
		int high = hex_value(ptr[2 * i]), low = hex_value(ptr[2 * i + 1]);

		if (high < 0 || low < 0)
			return false;
		bytes[i] = (unsigned char)(high << 4 | low);
	}
	return true;
}

void hex_uuid_write(char out[HEX_UUID], const void *bytes)
{
	const unsigned char *p = bytes;
	size_t i;

	for (i = 0; i < N_GROUPS; i++) {
		if (i)
			*out++ = '-';
		out = hex_write(out, p, groups[i]);
		p += groups[i];
	}
}

bool hex_uuid_read(const char *ptr, size_t len, unsigned char out[16])
{
	size_t i;

	if (len == 32)
		return hex_read(ptr, 16, out);
	if (len != HEX_UUID)
		return false;
	for (i = 0; i < N_GROUPS; i++) {
		if (i && *ptr++ != '-')
			return false;
		if (!hex_read(ptr, groups[i], out))
			return false;
		ptr += 2 * (size_t)groups[i];
		out += groups[i];
	}
	return true;
}
