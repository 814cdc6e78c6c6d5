/* SPDX-License-Identifier: MIT */
/* Texts, bytes and UUIDs. */

#include <string.h>

#include "common/celltext.h"
#include "ct.h"

const char ct_no_memory[] = "no memory";

const char *ct_give(const struct ct_job *j, struct defsync_cell *out)
{
	if (!text_ok(j->out))
		return ct_no_memory;
	out->v.data.ptr = text_get(j->out);
	out->v.data.len = j->out->len;
	return NULL;
}

CT_CONVERT(ct_as_it_is)
{
	(void)j;
	out->v = in->v;
	return NULL;
}

CT_CONVERT(ct_to_text)
{
	celltext_add(j->out, in, j->digits);
	return ct_give(j, out);
}

/* ---- Hexadecimal digits --------------------------------------------------------------------- */

static int hex_value(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

static void add_hex(struct text *out, const unsigned char *p, size_t n)
{
	static const char hex[] = "0123456789abcdef";
	size_t i;

	for (i = 0; i < n; i++) {
		text_char(out, hex[p[i] >> 4]);
		text_char(out, hex[p[i] & 15]);
	}
}

static const char *read_hex(struct text *out, const char *p, size_t n)
{
	size_t i;

	if (n % 2)
		return "has an odd number of hexadecimal digits";
	for (i = 0; i < n; i += 2) {
		int high = hex_value(p[i]), low = hex_value(p[i + 1]);

		if (high < 0 || low < 0)
			return "is not of hexadecimal digits";
		text_char(out, (char)(high << 4 | low));
	}
	return NULL;
}

/* ---- Base64 ------------------------------------------------------------------------------------ */

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

/* As RFC 4648 has it: filled up, nothing between, no bits left over. */
static const char *read_base64(struct text *out, const char *p, size_t n)
{
	static const char not_base64[] = "is no base64";
	size_t end = n, i;
	unsigned held = 0, bits = 0;

	if (n % 4)
		return not_base64;
	while (end > 0 && n - end < 2 && p[end - 1] == '=')
		end--;
	for (i = 0; i < end; i++) {
		int v = base64_value(p[i]);

		if (v < 0)
			return not_base64;
		held = (held << 6 | (unsigned)v) & 0xffff;
		bits += 6;
		if (bits >= 8) {
			bits -= 8;
			text_char(out, (char)(held >> bits & 0xff));
		}
	}
	return held & ((1u << bits) - 1) ? not_base64 : NULL;
}

/* ---- Bytes --------------------------------------------------------------------------------------- */

CT_CONVERT(ct_bytes_to_text)
{
	switch (j->cast->bytes) {
	case CT_UTF8:
		return ct_as_it_is(j, in, out);
	case CT_HEX:
		add_hex(j->out, in->v.data.ptr, in->v.data.len);
		return ct_give(j, out);
	default:
		return ct_to_text(j, in, out);
	}
}

CT_CONVERT(ct_text_to_bytes)
{
	const char *why;

	if (j->cast->bytes == CT_UTF8)
		return ct_as_it_is(j, in, out);
	if (j->cast->bytes == CT_HEX)
		why = read_hex(j->out, in->v.data.ptr, in->v.data.len);
	else
		why = read_base64(j->out, in->v.data.ptr, in->v.data.len);
	return why ? why : ct_give(j, out);
}

CT_CONVERT(ct_bytes_to_uuid)
{
	out->v = in->v;
	(void)j;
	return in->v.data.len == 16 ? NULL : "has not 16 bytes";
}

/* 32 digits, or with all four hyphens. */
CT_CONVERT(ct_text_to_uuid)
{
	static const char not_uuid[] = "is no UUID";
	const char *p = in->v.data.ptr;
	char digits[32];
	size_t i, n = 0;

	if (in->v.data.len != 32 && in->v.data.len != 36)
		return not_uuid;
	for (i = 0; i < in->v.data.len; i++) {
		if (in->v.data.len == 36 && (i == 8 || i == 13 || i == 18 || i == 23)) {
			if (p[i] != '-')
				return not_uuid;
			continue;
		}
		digits[n++] = p[i];
	}
	if (read_hex(j->out, digits, sizeof(digits)))
		return not_uuid;
	return ct_give(j, out);
}
