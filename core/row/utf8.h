/* SPDX-License-Identifier: MIT */
/* UTF-8 by RFC 3629: no overlong forms, no surrogates, nothing above U+10FFFF. */

#ifndef ROW_UTF8_H
#define ROW_UTF8_H

#include <stddef.h>

/* Bytes of the longest valid prefix: n when all of it is valid. */
size_t utf8_valid_prefix(const void *p, size_t n);

/* Length of the valid sequence at p (1 to 4), or 0. */
size_t utf8_sequence(const unsigned char *p, size_t n);

#endif
