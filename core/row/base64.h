/* SPDX-License-Identifier: MIT */
/* Base64 by RFC 4648, section 4, with padding. */

#ifndef ROW_BASE64_H
#define ROW_BASE64_H

#include <stddef.h>

/* Characters for n bytes; n must be below SIZE_MAX / 4 * 3. */
static inline size_t base64_size(size_t n)
{
	return n / 3 * 4 + (n % 3 ? 4 : 0);
}

/* base64_size(n) characters, no NUL; the end. */
char *base64_write(char *out, const void *p, size_t n);

#endif
