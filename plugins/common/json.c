/* SPDX-License-Identifier: MIT */
/* A scanner of JSON, see json.h. */

#include <string.h>

#include "common/hex.h"
#include "common/json.h"

void json_start(struct json_scan *s, const char *ptr, size_t len)
{
	*s = (struct json_scan){.start = ptr, .p = ptr, .end = len ? ptr + len : ptr};
}

static void skip_space(struct json_scan *s)
{
	while (s->p < s->end && (*s->p == ' ' || *s->p == '\n' || *s->p == '\r' || *s->p == '\t'))
		s->p++;
}

static bool take(struct json_scan *s, char c)
{
	if (s->p >= s->end || *s->p != c)
		return false;
	s->p++;
	return true;
}

static bool take_digits(struct json_scan *s)
{
	const char *start = s->p;

	while (s->p < s->end && *s->p >= '0' && *s->p <= '9')
		s->p++;
	return s->p > start;
}

static bool take_number(struct json_scan *s)
{
	(void)take(s, '-');
	/* A digit behind the 0 is then found to be no delimiter. */
	if (!take(s, '0') && !take_digits(s))
		return false;
	if (take(s, '.') && !take_digits(s))
		return false;
	if (take(s, 'e') || take(s, 'E')) {
		if (!take(s, '+'))
			(void)take(s, '-');
		return take_digits(s);
	}
	return true;
}

static bool take_word(struct json_scan *s, const char *word)
{
	size_t n = strlen(word);

	if ((size_t)(s->end - s->p) < n || memcmp(s->p, word, n) != 0)
		return false;
	s->p += n;
	return true;
}

/* ---- Strings --------------------------------------------------------------------------- */

/* Four hexadecimal digits at p; -1 when they are none. */
static int hex4(const char *p)
{
	int value = 0, i;

	for (i = 0; i < 4; i++) {
		int digit = hex_value(p[i]);

		if (digit < 0)
			return -1;
		value = value << 4 | digit;
	}
	return value;
}

static int take_unit(struct json_scan *s)
{
	int unit = s->end - s->p < 4 ? -1 : hex4(s->p);

	if (unit >= 0)
		s->p += 4;
	return unit;
}

/* Behind \u: one code unit, or a whole surrogate pair; half of one is no character. */
static bool take_unicode(struct json_scan *s)
{
	int unit = take_unit(s);

	if (unit < 0 || (unit >= 0xdc00 && unit <= 0xdfff))
		return false;
	if (unit < 0xd800 || unit > 0xdbff)
		return true;
	if (!take(s, '\\') || !take(s, 'u'))
		return false;
	unit = take_unit(s);
	return unit >= 0xdc00 && unit <= 0xdfff;
}

/* Behind the backslash. */
static bool take_escape(struct json_scan *s)
{
	if (take(s, 'u'))
		return take_unicode(s);
	if (s->p >= s->end || *s->p == '\0' || !strchr("\"\\/bfnrt", *s->p))
		return false;
	s->p++;
	return true;
}

#define ONES UINT64_C(0x0101010101010101)
#define HIGHS (ONES << 7)

/* Has any of the eight bytes a 0?  (May say so of none only when one has.) */
static uint64_t zeros(uint64_t v)
{
	return (v - ONES) & ~v & HIGHS;
}

/* To the first byte that does not stand for itself, eight at a time. */
static void skip_plain(struct json_scan *s)
{
	const char *p = s->p;

	while (s->end - p >= 8) {
		uint64_t v, control;

		memcpy(&v, p, sizeof(v));
		control = (v - ONES * 0x20) & ~v & HIGHS;
		if (control | zeros(v ^ ONES * '"') | zeros(v ^ ONES * '\\'))
			break;
		p += 8;
	}
	while (p < s->end && *p != '"' && *p != '\\' && (unsigned char)*p >= 0x20)
		p++;
	s->p = p;
}

static bool take_string(struct json_scan *s, bool *ret_escaped)
{
	bool escaped = false;

	if (!take(s, '"'))
		return false;
	for (;;) {
		skip_plain(s);
		if (take(s, '"'))
			break;
		if (!take(s, '\\') || !take_escape(s))
			return false;
		escaped = true;
	}
	*ret_escaped = escaped;
	return true;
}

/* The character as UTF-8; 0xd800 to 0xdfff do not come here. */
static size_t put_character(uint32_t c, char *out)
{
	if (c < 0x80) {
		out[0] = (char)c;
		return 1;
	}
	if (c < 0x800) {
		out[0] = (char)(0xc0 | c >> 6);
		out[1] = (char)(0x80 | (c & 0x3f));
		return 2;
	}
	if (c < 0x10000) {
		out[0] = (char)(0xe0 | c >> 12);
		out[1] = (char)(0x80 | (c >> 6 & 0x3f));
		out[2] = (char)(0x80 | (c & 0x3f));
		return 3;
	}
	out[0] = (char)(0xf0 | c >> 18);
	out[1] = (char)(0x80 | (c >> 12 & 0x3f));
	out[2] = (char)(0x80 | (c >> 6 & 0x3f));
	out[3] = (char)(0x80 | (c & 0x3f));
	return 4;
}

/* Behind "\u"; the place behind what was read. */
static const char *put_unicode(const char *p, char *out, size_t *n)
{
	uint32_t c = (uint32_t)hex4(p);

	p += 4;
	if (c >= 0xd800 && c <= 0xdbff) {
		c = 0x10000 + ((c - 0xd800) << 10) + ((uint32_t)hex4(p + 2) - 0xdc00);
		p += 6;
	}
	*n += put_character(c, out + *n);
	return p;
}

static char plain_escape(char c)
{
	switch (c) {
	case 'b':
		return '\b';
	case 'f':
		return '\f';
	case 'n':
		return '\n';
	case 'r':
		return '\r';
	case 't':
		return '\t';
	default:
		return c;
	}
}

size_t json_unescape(const struct json_value *v, char *out)
{
	const char *p = v->ptr + 1, *end = v->ptr + v->len - 1;
	size_t n = 0;

	while (p < end) {
		const char *escape = memchr(p, '\\', (size_t)(end - p));
		size_t plain = (size_t)((escape ? escape : end) - p);

		memcpy(out + n, p, plain);
		n += plain;
		if (!escape)
			break;
		p = escape + 2;
		if (escape[1] == 'u')
			p = put_unicode(p, out, &n);
		else
			out[n++] = plain_escape(escape[1]);
	}
	return n;
}

/* ---- Values ------------------------------------------------------------------------------ */

enum json_kind json_peek(struct json_scan *s)
{
	skip_space(s);
	if (s->p >= s->end)
		return JSON_NONE;
	switch (*s->p) {
	case '{':
		return JSON_OBJECT;
	case '[':
		return JSON_ARRAY;
	case '"':
		return JSON_STRING;
	case 't':
	case 'f':
		return JSON_BOOL;
	case 'n':
		return JSON_NULL;
	default:
		return *s->p == '-' || (*s->p >= '0' && *s->p <= '9') ? JSON_NUMBER : JSON_NONE;
	}
}

static bool take_scalar(struct json_scan *s, enum json_kind kind, bool *ret_escaped)
{
	switch (kind) {
	case JSON_STRING:
		return take_string(s, ret_escaped);
	case JSON_NUMBER:
		return take_number(s);
	case JSON_NULL:
		return take_word(s, "null");
	case JSON_BOOL:
		return take_word(s, *s->p == 't' ? "true" : "false");
	default:
		return false;
	}
}

/* A name and its colon. */
static bool take_name(struct json_scan *s, bool *ret_escaped)
{
	skip_space(s);
	if (!take_string(s, ret_escaped))
		return false;
	skip_space(s);
	return take(s, ':');
}

/* Inside of an array or object that is passed over: a bit a level, an object or not. */
struct levels {
	uint64_t objects;
	uint32_t depth; /* of brackets that are open */
};

static bool in_object(const struct levels *l)
{
	return l->objects >> (l->depth - 1) & 1;
}

/* Behind a value: 1 another one follows, 0 all brackets are closed, -1 neither. */
static int after_value(struct json_scan *s, struct levels *l)
{
	bool escaped;

	while (l->depth > 0) {
		skip_space(s);
		if (take(s, ','))
			return !in_object(l) || take_name(s, &escaped) ? 1 : -1;
		if (!take(s, in_object(l) ? '}' : ']'))
			return -1;
		l->depth--;
	}
	return 0;
}

/* At an opening bracket: as after_value. */
static int open_bracket(struct json_scan *s, struct levels *l)
{
	bool object = *s->p == '{', escaped;
	uint64_t bit;

	if (s->depth + l->depth >= JSON_DEPTH_MAX) {
		s->too_deep = true;
		return -1;
	}
	bit = UINT64_C(1) << l->depth++;
	l->objects = object ? l->objects | bit : l->objects & ~bit;
	s->p++;
	skip_space(s);
	if (take(s, object ? '}' : ']')) {
		l->depth--;
		return after_value(s, l);
	}
	return !object || take_name(s, &escaped) ? 1 : -1;
}

static bool skip_nested(struct json_scan *s)
{
	struct levels l = {0};
	int more = open_bracket(s, &l);

	while (more > 0) {
		enum json_kind kind = json_peek(s);
		bool escaped;

		if (kind == JSON_OBJECT || kind == JSON_ARRAY)
			more = open_bracket(s, &l);
		else
			more = take_scalar(s, kind, &escaped) ? after_value(s, &l) : -1;
	}
	return more == 0;
}

bool json_next(struct json_scan *s, struct json_value *ret)
{
	struct json_value v = {.kind = json_peek(s)};
	bool ok;

	v.ptr = s->p;
	if (v.kind == JSON_OBJECT || v.kind == JSON_ARRAY)
		ok = skip_nested(s);
	else
		ok = take_scalar(s, v.kind, &v.escaped);
	v.len = (size_t)(s->p - v.ptr);
	if (ok)
		*ret = v;
	return ok;
}

bool json_enter(struct json_scan *s)
{
	skip_space(s);
	if (s->depth >= JSON_DEPTH_MAX) {
		s->too_deep = true;
		return false;
	}
	if (!take(s, '{'))
		return false;
	s->depth++;
	s->fresh = true;
	return true;
}

int json_member(struct json_scan *s, struct json_value *ret_name)
{
	struct json_value name = {.kind = JSON_STRING};
	bool first = s->fresh;

	s->fresh = false;
	skip_space(s);
	if (take(s, '}')) {
		s->depth--;
		return 0;
	}
	if (!first && !take(s, ','))
		return -1;
	skip_space(s);
	name.ptr = s->p;
	if (!take_string(s, &name.escaped))
		return -1;
	name.len = (size_t)(s->p - name.ptr);
	skip_space(s);
	if (!take(s, ':'))
		return -1;
	*ret_name = name;
	return 1;
}

bool json_finish(struct json_scan *s)
{
	skip_space(s);
	return s->p == s->end;
}
