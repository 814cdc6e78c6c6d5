/* SPDX-License-Identifier: MIT */
/* Hexadecimal digits, and UUIDs in them.  Pure. */

#ifndef COMMON_HEX_H
#define COMMON_HEX_H

#include <stdbool.h>
#include <stddef.h>

#define HEX_UUID 36 /* characters, with hyphens */

/* Of a digit in any case, or -1. */
static inline int hex_value(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

/* Two lower case digits for each of n bytes, to `out`; behind them. */
char *hex_write(char *out, const void *ptr, size_t n);
/* The bytes of 2 * n digits, to `out`. */
bool hex_read(const char *ptr, size_t n, void *out);

void hex_uuid_write(char out[HEX_UUID], const void *bytes);
/* 32 digits in any case, with all four hyphens or none. */
bool hex_uuid_read(const char *ptr, size_t len, unsigned char out[16]);

#endif
