/* SPDX-License-Identifier: MIT */
/* Base64 as RFC 4648 has it: filled up, nothing between, no bits left over.  Pure. */

#ifndef COMMON_BASE64_H
#define COMMON_BASE64_H

#include <stddef.h>
#include <stdint.h>

/* Room that is enough for the bytes of so many letters. */
#define BASE64_ROOM(len) ((len) / 4 * 3 + 1)

/* The bytes, to `out`; how many, or -1: it is none. */
int64_t base64_read(const char *ptr, size_t len, void *out);

#endif
