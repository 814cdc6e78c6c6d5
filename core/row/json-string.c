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

/* What stands for a byte; text and length are copied together, as one word. */
struct escape {
	char text[7];
	unsigned char len;
};

/* Those of plain bytes are empty and never used. */
static const struct escape escapes[0x80] = {
    {"\\u0000", 6}, {"\\u0001", 6}, {"\\u0002", 6},	 {"\\u0003", 6},       {"\\u0004", 6},
    {"\\u0005", 6}, {"\\u0006", 6}, {"\\u0007", 6},	 {"\\b", 2},	       {"\\t", 2},
    {"\\n", 2},	    {"\\u000b", 6}, {"\\f", 2},		 {"\\r", 2},	       {"\\u000e", 6},
    {"\\u000f", 6}, {"\\u0010", 6}, {"\\u0011", 6},	 {"\\u0012", 6},       {"\\u0013", 6},
    {"\\u0014", 6}, {"\\u0015", 6}, {"\\u0016", 6},	 {"\\u0017", 6},       {"\\u0018", 6},
    {"\\u0019", 6}, {"\\u001a", 6}, {"\\u001b", 6},	 {"\\u001c", 6},       {"\\u001d", 6},
    {"\\u001e", 6}, {"\\u001f", 6}, ['"'] = {"\\\"", 2}, ['\\'] = {"\\\\", 2},
};

static inline char *copy_sequence(char *out, const unsigned char **p, const unsigned char *end)
{
	size_t i, n = utf8_sequence(*p, (size_t)(end - *p));

	if (n == 0)
		return NULL;
	if (end - *p >= 4) {
		memcpy(out, *p, 4);
	} else {
		for (i = 0; i < n; i++)
			out[i] = (char)(*p)[i];
	}
	*p += n;
	return out + n;
}

/* The byte or sequence at *p, which is not plain; NULL when it is not UTF-8. */
static inline char *escape_one(char *out, const unsigned char **p, const unsigned char *end)
{
	unsigned char c = **p;

	if (c >= 0x80)
		return copy_sequence(out, p, end);
	*p += 1;
	memcpy(out, &escapes[c], sizeof(escapes[c]));
	return out + escapes[c].len;
}

char *json_escape_scalar(char *out, const char *text, size_t n, size_t *ret_used)
{
	const unsigned char *p = (const unsigned char *)text;
	const unsigned char *end = p + n;

	while (p < end) {
		char *next;

		if (is_plain(*p)) {
			*out++ = (char)*p++;
			continue;
		}
		next = escape_one(out, &p, end);
		if (!next)
			break;
		out = next;
	}
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

/*
 * Until p reaches `stop` or what is not UTF-8.  Whole blocks are read, also at
 * stop - 1; what lies from `end` on does not count.
 */
static inline char *escape_run(char *out, const unsigned char **text, const unsigned char *stop,
			       const unsigned char *end)
{
	const unsigned char *p = *text;

	while (p < stop) {
		size_t left = end - p < 16 ? (size_t)(end - p) : 16;
		__m128i v = _mm_loadu_si128((const __m128i *)(const void *)p);
		unsigned mask = special_mask(v) & ((1u << left) - 1);
		size_t plain = mask == 0 ? left : (size_t)__builtin_ctz(mask);
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
	return out;
}

/* The whole blocks where they are, what is left over from a copy with room behind it. */
static char *escape_blocks(char *out, const unsigned char **text, const unsigned char *end)
{
	unsigned char rest[2 * 16] = {0};
	const unsigned char *p = rest;
	size_t left;

	if (end - *text > 15) {
		const unsigned char *stop = end - 15;

		out = escape_run(out, text, stop, end);
		if (*text < stop)
			return out;
	}
	left = (size_t)(end - *text);
	memcpy(rest, *text, left);
	out = escape_run(out, &p, rest + left, rest + left);
	*text += p - rest;
	return out;
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
