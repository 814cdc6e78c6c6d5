/* SPDX-License-Identifier: MIT */
/* Texts, bytes and UUIDs. */

#include "common/celltext.h"
#include "common/hex.h"
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

static void add_hex(struct text *out, const void *ptr, size_t n)
{
	char *room = text_room(out, 2 * n);

	if (!room)
		return;
	(void)hex_write(room, ptr, n);
	text_filled(out, 2 * n);
}

static const char *read_hex(struct text *out, const char *p, size_t n)
{
	char *room;

	if (n % 2)
		return "has an odd number of hexadecimal digits";
	room = text_room(out, n / 2);
	if (!room)
		return ct_no_memory;
	if (!hex_read(p, n / 2, room))
		return "is not of hexadecimal digits";
	text_filled(out, n / 2);
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

CT_CONVERT(ct_text_to_uuid)
{
	unsigned char bytes[16];

	if (!hex_uuid_read(in->v.data.ptr, in->v.data.len, bytes))
		return "is no UUID";
	text_add(j->out, (const char *)bytes, sizeof(bytes));
	return ct_give(j, out);
}
