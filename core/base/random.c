/* SPDX-License-Identifier: MIT */
/* Random numbers from the kernel. */

#include "base/random.h"

#include <errno.h>
#include <sys/random.h>

int random_bytes(void *p, size_t n)
{
	unsigned char *at = p;

	while (n > 0) {
		ssize_t got = getrandom(at, n, 0);

		if (got < 0 && errno == EINTR)
			continue;
		if (got <= 0)
			return -1;
		at += got;
		n -= (size_t)got;
	}
	return 0;
}

uint64_t random_u64(void)
{
	uint64_t v;

	return random_bytes(&v, sizeof(v)) < 0 ? 0 : v;
}

int random_uuid(char out[RANDOM_UUID_TEXT])
{
	static const char hex[] = "0123456789abcdef";
	unsigned char raw[16];
	size_t at = 0;

	if (random_bytes(raw, sizeof(raw)) < 0)
		return -1;
	raw[6] = (unsigned char)((raw[6] & 0x0f) | 0x40);
	raw[8] = (unsigned char)((raw[8] & 0x3f) | 0x80);
	for (size_t i = 0; i < sizeof(raw); i++) {
		if (i == 4 || i == 6 || i == 8 || i == 10)
			out[at++] = '-';
		out[at++] = hex[raw[i] >> 4];
		out[at++] = hex[raw[i] & 0x0f];
	}
	out[at] = '\0';
	return 0;
}
