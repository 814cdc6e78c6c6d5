/* SPDX-License-Identifier: MIT */
/* The inside of JSON strings. */

#include <stdint.h>
#include <string.h>

#ifdef __SSE2__
#include <emmintrin.h>
#endif

#include "row/encoder.h"
#include "row/json-string.h"
#include "row/utf8.h"

/* Input bytes for which json_add_escaped takes room at once. */
#define PIECE 4096

static int is_plain(unsigned char c)
{
	return c >= 0x20 && c < 0x80 && c != '"' && c != '\\';
}

static const char short_escapes[128] = {
    ['\b'] = 'b', ['\t'] = 't', ['\n'] = 'n',  ['\f'] = 'f',
    ['\r'] = 'r', ['"'] = '"',	['\\'] = '\\',
};

/* The byte or sequence at *p, which is not plain; NULL when it is not UTF-8. */
static char *escape_one(char *out, const unsigned char **p, const unsigned char *end)
{
	static const char hex[] = "0123456789abcdef";
	unsigned char c = **p;
	size_t i, n;

	if (c >= 0x80) {
		n = utf8_sequence(*p, (size_t)(end - *p));
		for (i = 0; i < n; i++)
			*out++ = (char)(*p)[i];
		*p += n;
		return n > 0 ? out : NULL;
	}
	*p += 1;
	*out++ = '\\';
	if (short_escapes[c]) {
		*out++ = short_escapes[c];
		return out;
	}
	memcpy(out, "u00", 3);
	out[3] = hex[c >> 4];
	out[4] = hex[c & 15];
	return out + 5;
}

/* Byte by byte; *p is left at `end` or at what is not UTF-8. */
static char *escape_bytes(char *out, const unsigned char **p, const unsigned char *end)
{
	while (*p < end) {
		char *next;

		if (is_plain(**p)) {
			*out++ = (char)*(*p)++;
			continue;
		}
		next = escape_one(out, p, end);
		if (!next)
			break;
		out = next;
	}
	return out;
}

char *json_escape_scalar(char *out, const char *text, size_t n, size_t *ret_used)
{
	const unsigned char *p = (const unsigned char *)text;

	out = escape_bytes(out, &p, p + n);
	*ret_used = (size_t)((const char *)p - text);
	return out;
}

size_t json_plain_run_scalar(const unsigned char *p, size_t n)
{
	size_t i = 0;

	while (i < n && is_plain(p[i]))
		i++;
	return i;
}

#ifdef __SSE2__

/* One bit for each byte that is not plain; as signed bytes, 0x80..0xff are below 0x20 too. */
static unsigned special_mask(__m128i v)
{
	__m128i low = _mm_cmplt_epi8(v, _mm_set1_epi8(0x20));
	__m128i quote = _mm_cmpeq_epi8(v, _mm_set1_epi8('"'));
	__m128i backslash = _mm_cmpeq_epi8(v, _mm_set1_epi8('\\'));

	return (unsigned)_mm_movemask_epi8(_mm_or_si128(low, _mm_or_si128(quote, backslash)));
}

/* Fewer than 16 bytes, when all are plain, in loads and stores that overlap; else 0. */
static inline int copy_plain_tail(char *out, const unsigned char *p, size_t n)
{
	uint64_t a, b;
	uint32_t c, d;

	if (n >= 8) {
		memcpy(&a, p, 8);
		memcpy(&b, p + n - 8, 8);
		if (special_mask(_mm_set_epi64x((int64_t)b, (int64_t)a)) != 0)
			return 0;
		memcpy(out, &a, 8);
		memcpy(out + n - 8, &b, 8);
		return 1;
	}
	if (n >= 4) {
		memcpy(&c, p, 4);
		memcpy(&d, p + n - 4, 4);
		a = (uint64_t)d << 32 | c;
		if (special_mask(_mm_set_epi64x((int64_t)a, (int64_t)a)) != 0)
			return 0;
		memcpy(out, &c, 4);
		memcpy(out + n - 4, &d, 4);
		return 1;
	}
	if (n == 0)
		return 1;
	if (!is_plain(p[0]) || !is_plain(p[n / 2]) || !is_plain(p[n - 1]))
		return 0;
	out[n / 2] = (char)p[n / 2];
	out[n - 1] = (char)p[n - 1];
	out[0] = (char)p[0];
	return 1;
}

/* From the first block on that is not all plain; *p as escape_bytes. */
static char *escape_blocks(char *out, const unsigned char **text, const unsigned char *end)
{
	const unsigned char *p = *text;

	while (end - p >= 16) {
		__m128i v = _mm_loadu_si128((const __m128i *)(const void *)p);
		unsigned mask = special_mask(v);
		size_t plain = mask == 0 ? 16 : (size_t)__builtin_ctz(mask);
		char *next;

		_mm_storeu_si128((__m128i *)(void *)out, v);
		p += plain;
		out += plain;
		if (mask == 0)
			continue;
		next = escape_one(out, &p, end);
		if (!next)
			break;
		out = next;
	}
	*text = p;
	if (copy_plain_tail(out, p, (size_t)(end - p))) {
		*text = end;
		return out + (end - p);
	}
	return escape_bytes(out, text, end);
}

char *json_escape(char *out, const char *text, size_t n, size_t *ret_used)
{
	const unsigned char *p = (const unsigned char *)text;

	out = escape_blocks(out, &p, p + n);
	*ret_used = (size_t)((const char *)p - text);
	return out;
}

__attribute__((noinline)) static char *quote_rest(char *out, const unsigned char *p, size_t n)
{
	const unsigned char *end = p + n;

	out = escape_blocks(out, &p, end);
	*out++ = '"';
	return p == end ? out : NULL;
}

/* Most texts are plain and short: no call and no frame for them. */
char *json_quote(char *out, const char *text, size_t n)
{
	const unsigned char *p = (const unsigned char *)text;

	*out++ = '"';
	while (n >= 16) {
		__m128i v = _mm_loadu_si128((const __m128i *)(const void *)p);

		if (special_mask(v) != 0)
			return quote_rest(out, p, n);
		_mm_storeu_si128((__m128i *)(void *)out, v);
		p += 16;
		out += 16;
		n -= 16;
	}
	if (!copy_plain_tail(out, p, n))
		return quote_rest(out, p, n);
	out[n] = '"';
	return out + n + 1;
}

size_t json_plain_run(const unsigned char *p, size_t n)
{
	size_t at = 0;

	while (n - at >= 16) {
		unsigned mask =
		    special_mask(_mm_loadu_si128((const __m128i *)(const void *)(p + at)));

		if (mask != 0)
			return at + (size_t)__builtin_ctz(mask);
		at += 16;
	}
	return at + json_plain_run_scalar(p + at, n - at);
}

#else

char *json_escape(char *out, const char *p, size_t n, size_t *ret_used)
{
	return json_escape_scalar(out, p, n, ret_used);
}

char *json_quote(char *out, const char *text, size_t n)
{
	size_t used;

	*out++ = '"';
	out = json_escape_scalar(out, text, n, &used);
	*out++ = '"';
	return used == n ? out : NULL;
}

size_t json_plain_run(const unsigned char *p, size_t n)
{
	return json_plain_run_scalar(p, n);
}

#endif

int json_add_escaped(struct buf *out, const char *p, size_t n, size_t *ret_used)
{
	size_t at = 0, used = 1;

	/* A sequence that a piece cuts in two begins the next one; none twice. */
	while (at < n && used > 0) {
		size_t piece = n - at < PIECE ? n - at : PIECE;

		if (buf_reserve(out, JSON_ESCAPE_ROOM(piece)) < 0)
			return -1;
		out->len = (size_t)(json_escape(buf_end(out), p + at, piece, &used) - out->data);
		at += used;
	}
	*ret_used = at;
	return 0;
}

int json_add_string(struct buf *out, const char *p, size_t n)
{
	static const char replacement[] = "\xef\xbf\xbd";
	size_t start = out->len;
	size_t used;
	int failed = buf_add_char(out, '"') < 0;

	while (!failed && n > 0) {
		failed = json_add_escaped(out, p, n, &used) < 0;
		if (failed)
			break;
		p += used;
		n -= used;
		if (n > 0) {
			failed = buf_add(out, replacement, 3) < 0;
			p++;
			n--;
		}
	}
	if (failed || buf_add_char(out, '"') < 0) {
		out->len = start;
		return -1;
	}
	return 0;
}
