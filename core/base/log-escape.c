/* SPDX-License-Identifier: MIT */
/* Texts of unknown origin on a terminal or in a JSON string. */

#include "base/log-escape.h"

/* Bytes of the well-formed character at p (Unicode table 3-7), or 0. */
static size_t utf8_len(const unsigned char *p, size_t n)
{
	unsigned char low = 0x80, high = 0xbf;
	size_t len, i;

	if (p[0] < 0x80)
		return 1;
	if (p[0] < 0xc2 || p[0] > 0xf4)
		return 0;
	len = p[0] < 0xe0 ? 2 : p[0] < 0xf0 ? 3 : 4;
	if (p[0] == 0xe0)
		low = 0xa0;
	else if (p[0] == 0xed)
		high = 0x9f;
	else if (p[0] == 0xf0)
		low = 0x90;
	else if (p[0] == 0xf4)
		high = 0x8f;
	if (n < len || p[1] < low || p[1] > high)
		return 0;
	for (i = 2; i < len; i++) {
		if (p[i] < 0x80 || p[i] > 0xbf)
			return 0;
	}
	return len;
}

/* C0, DEL and, in UTF-8, C1: a terminal obeys them. */
static int is_control(const unsigned char *p, size_t len)
{
	return (len == 1 && (p[0] < 0x20 || p[0] == 0x7f)) ||
	       (len == 2 && p[0] == 0xc2 && p[1] < 0xa0);
}

static char short_escape(unsigned char c)
{
	switch (c) {
	case '\n':
		return 'n';
	case '\r':
		return 'r';
	case '\t':
		return 't';
	default:
		return 0;
	}
}

static int add_escaped(struct buf *out, const unsigned char *p, size_t len)
{
	char c = short_escape(p[0]);
	size_t i;

	if (c) {
		char text[2] = {'\\', c};

		return buf_add(out, text, 2);
	}
	for (i = 0; i < len; i++) {
		if (buf_printf(out, "\\x%02x", p[i]) < 0)
			return -1;
	}
	return 0;
}

int log_escape_text(struct buf *out, const char *text, size_t n)
{
	const unsigned char *p = (const unsigned char *)text, *end = p + n;
	int r = 0;

	while (p < end && r == 0) {
		size_t len = utf8_len(p, (size_t)(end - p));

		if (len == 0 || is_control(p, len)) {
			len = len ? len : 1;
			r = add_escaped(out, p, len);
		} else {
			r = buf_add(out, p, len);
		}
		p += len;
	}
	return r;
}

static int add_json(struct buf *out, const unsigned char *p, size_t len)
{
	char c = short_escape(p[0]);

	if (len == 0)
		return buf_add_str(out, "\\ufffd");
	if (p[0] == '"' || p[0] == '\\')
		c = (char)p[0];
	if (c) {
		char text[2] = {'\\', c};

		return buf_add(out, text, 2);
	}
	if (is_control(p, len))
		return buf_printf(out, "\\u%04x", len == 1 ? p[0] : p[1]);
	return buf_add(out, p, len);
}

int log_escape_json(struct buf *out, const char *text, size_t n)
{
	const unsigned char *p = (const unsigned char *)text, *end = p + n;
	int r = 0;

	while (p < end && r == 0) {
		size_t len = utf8_len(p, (size_t)(end - p));

		r = add_json(out, p, len);
		p += len ? len : 1;
	}
	return r;
}
