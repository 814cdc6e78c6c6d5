/* SPDX-License-Identifier: MIT */
/* Texts, bytes and UUIDs. */

#include "common/base64.h"
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

static const char *read_base64(struct text *out, const char *p, size_t len)
{
	char *room = text_room(out, BASE64_ROOM(len));
	int64_t n;

	if (!room)
		return ct_no_memory;
	n = base64_read(p, len, room);
	if (n < 0)
		return "is no base64";
	text_filled(out, (size_t)n);
	return NULL;
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
