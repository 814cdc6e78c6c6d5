/* SPDX-License-Identifier: MIT */
/* The forms in which a secret turns up in texts: URL, base64 and JSON escaped. */

#include "base/secrets-forms.h"

#include <stdint.h>

static int form_raw(const char *p, size_t n, struct buf *out)
{
	return buf_add(out, p, n);
}

static int is_unreserved(unsigned char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
	       memchr("-._~", c, 4) != NULL;
}

static int form_url(const char *p, size_t n, const char *hex, struct buf *out)
{
	size_t i;

	for (i = 0; i < n; i++) {
		unsigned char c = (unsigned char)p[i];
		char escaped[3] = {'%', hex[c >> 4], hex[c & 15]};

		if (buf_add(out, is_unreserved(c) ? p + i : escaped, is_unreserved(c) ? 1 : 3) < 0)
			return -1;
	}
	return 0;
}

static int form_url_upper(const char *p, size_t n, struct buf *out)
{
	return form_url(p, n, "0123456789ABCDEF", out);
}

static int form_url_lower(const char *p, size_t n, struct buf *out)
{
	return form_url(p, n, "0123456789abcdef", out);
}

static int form_json_char(char c, int slash, struct buf *out)
{
	static const char named[] = "\"\"\\\\\bb\ff\nn\rr\tt//";
	size_t i;

	for (i = 0; i < sizeof(named) - 1; i += 2) {
		if (c == named[i] && (c != '/' || slash)) {
			char escaped[2] = {'\\', named[i + 1]};

			return buf_add(out, escaped, 2);
		}
	}
	if ((unsigned char)c < 0x20)
		return buf_printf(out, "\\u%04x", (unsigned char)c);
	return buf_add_char(out, c);
}

static int form_json_with(const char *p, size_t n, int slash, struct buf *out)
{
	size_t i;

	for (i = 0; i < n; i++) {
		if (form_json_char(p[i], slash, out) < 0)
			return -1;
	}
	return 0;
}

static int form_json(const char *p, size_t n, struct buf *out)
{
	return form_json_with(p, n, 0, out);
}

static int form_json_slash(const char *p, size_t n, struct buf *out)
{
	return form_json_with(p, n, 1, out);
}

#define BASE64 "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"
static const char base64_standard[] = BASE64 "+/";
static const char base64_url[] = BASE64 "-_";

/* Six bits of the secret from `bit` on; bits outside of it are 0. */
static unsigned six_bits(const char *p, size_t n, size_t bit)
{
	unsigned v = 0;
	size_t i;

	for (i = bit; i < bit + 6; i++) {
		unsigned b = i / 8 < n ? ((unsigned char)p[i / 8] >> (7 - i % 8)) & 1u : 0;

		v = v << 1 | b;
	}
	return v;
}

/* Characters of six bits from the bit `first` on, the last one only if it is whole or `partial`. */
static int form_base64(const char *p, size_t n, const char *alphabet, size_t first, int partial,
		       struct buf *out)
{
	size_t bit, bits = n * 8;

	for (bit = first; partial ? bit < bits : bit + 6 <= bits; bit += 6) {
		if (buf_add_char(out, alphabet[six_bits(p, n, bit)]) < 0)
			return -1;
	}
	return 0;
}

/* The whole value alone, without padding. */
static int form_base64_whole(const char *p, size_t n, struct buf *out)
{
	return form_base64(p, n, base64_standard, 0, 1, out);
}

static int form_base64_url_whole(const char *p, size_t n, struct buf *out)
{
	return form_base64(p, n, base64_url, 0, 1, out);
}

/*
 * Inside of something longer ("user:password"): what precedes the secret ends at
 * one of three places of a group, so that its first whole character begins at bit
 * 0, 4 or 2.
 */
static int form_base64_0(const char *p, size_t n, struct buf *out)
{
	return form_base64(p, n, base64_standard, 0, 0, out);
}

static int form_base64_1(const char *p, size_t n, struct buf *out)
{
	return form_base64(p, n, base64_standard, 4, 0, out);
}

static int form_base64_2(const char *p, size_t n, struct buf *out)
{
	return form_base64(p, n, base64_standard, 2, 0, out);
}

const secret_form secret_forms[SECRET_FORMS] = {
    form_raw,	       form_url_upper,	      form_url_lower, form_json,     form_json_slash,
    form_base64_whole, form_base64_url_whole, form_base64_0,  form_base64_1, form_base64_2,
};
