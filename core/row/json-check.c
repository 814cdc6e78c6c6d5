/* SPDX-License-Identifier: MIT */
/* A strict JSON recogniser; one bit a level instead of recursion. */

#include <stdint.h>
#include <string.h>

#include "row/json-check.h"
#include "row/json-string.h"
#include "row/utf8.h"

struct scan {
	const unsigned char *p, *end;
	int depth;
	int deepest;
	uint64_t objects[JSON_CHECK_DEPTH / 64]; /* bit of a level: an object, not an array */
};

static int in_object(const struct scan *s)
{
	unsigned level = (unsigned)s->depth - 1;

	return (int)(s->objects[level / 64] >> (level % 64) & 1);
}

static void push(struct scan *s, int object)
{
	unsigned level = (unsigned)s->depth++;
	uint64_t bit = UINT64_C(1) << (level % 64);

	if (object)
		s->objects[level / 64] |= bit;
	else
		s->objects[level / 64] &= ~bit;
	if (s->depth > s->deepest)
		s->deepest = s->depth;
}

static void skip_space(struct scan *s)
{
	while (s->p < s->end && (*s->p == ' ' || *s->p == '\n' || *s->p == '\r' || *s->p == '\t'))
		s->p++;
}

/* 1 and past it when the next byte is c. */
static int take(struct scan *s, char c)
{
	if (s->p >= s->end || *s->p != (unsigned char)c)
		return 0;
	s->p++;
	return 1;
}

static int hex_value(unsigned char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	c |= 0x20;
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* Four hexadecimal digits; -1 when they are none. */
static int take_hex4(struct scan *s)
{
	int value = 0, i, digit;

	if (s->end - s->p < 4)
		return -1;
	for (i = 0; i < 4; i++) {
		digit = hex_value(*s->p++);
		if (digit < 0)
			return -1;
		value = value << 4 | digit;
	}
	return value;
}

/* Behind \u: one code unit, or a whole surrogate pair. */
static int take_unicode(struct scan *s)
{
	int unit = take_hex4(s);

	if (unit < 0 || (unit >= 0xdc00 && unit <= 0xdfff))
		return 0;
	if (unit < 0xd800 || unit > 0xdbff)
		return 1;
	if (!take(s, '\\') || !take(s, 'u'))
		return 0;
	unit = take_hex4(s);
	return unit >= 0xdc00 && unit <= 0xdfff;
}

/* Behind the backslash. */
static int take_escape(struct scan *s)
{
	if (take(s, 'u'))
		return take_unicode(s);
	if (s->p >= s->end || *s->p == '\0' || !strchr("\"\\/bfnrt", *s->p))
		return 0;
	s->p++;
	return 1;
}

static int take_string(struct scan *s)
{
	if (!take(s, '"'))
		return 0;
	for (;;) {
		size_t n;

		s->p += json_plain_run(s->p, (size_t)(s->end - s->p));
		if (take(s, '"'))
			return 1;
		if (take(s, '\\')) {
			if (!take_escape(s))
				return 0;
			continue;
		}
		if (s->p >= s->end || *s->p < 0x80)
			return 0;
		n = utf8_sequence(s->p, (size_t)(s->end - s->p));
		if (n == 0)
			return 0;
		s->p += n;
	}
}

static int take_digits(struct scan *s)
{
	const unsigned char *start = s->p;

	while (s->p < s->end && *s->p >= '0' && *s->p <= '9')
		s->p++;
	return s->p > start;
}

static int take_number(struct scan *s)
{
	(void)take(s, '-');
	/* A digit behind the 0 is then found to be no delimiter. */
	if (!take(s, '0') && !take_digits(s))
		return 0;
	if (take(s, '.') && !take_digits(s))
		return 0;
	if (take(s, 'e') || take(s, 'E')) {
		if (!take(s, '+'))
			(void)take(s, '-');
		return take_digits(s);
	}
	return 1;
}

static int take_word(struct scan *s, const char *word)
{
	size_t n = strlen(word);

	if ((size_t)(s->end - s->p) < n || memcmp(s->p, word, n) != 0)
		return 0;
	s->p += n;
	return 1;
}

static int take_scalar(struct scan *s)
{
	switch (*s->p) {
	case '"':
		return take_string(s);
	case 't':
		return take_word(s, "true");
	case 'f':
		return take_word(s, "false");
	case 'n':
		return take_word(s, "null");
	default:
		return take_number(s);
	}
}

static int take_member_name(struct scan *s)
{
	skip_space(s);
	if (!take_string(s))
		return 0;
	skip_space(s);
	return take(s, ':');
}

/* What follows a value: 1 another value, 0 the end of the text, -1 neither. */
static int next_value(struct scan *s)
{
	for (;;) {
		skip_space(s);
		if (s->depth == 0)
			return s->p == s->end ? 0 : -1;
		if (take(s, ','))
			return !in_object(s) || take_member_name(s) ? 1 : -1;
		if (!take(s, in_object(s) ? '}' : ']'))
			return -1;
		s->depth--;
	}
}

/* At an opening bracket: as next_value. */
static int enter(struct scan *s)
{
	int object = *s->p++ == '{';

	push(s, object);
	skip_space(s);
	if (take(s, object ? '}' : ']')) {
		s->depth--;
		return next_value(s);
	}
	return !object || take_member_name(s) ? 1 : -1;
}

int json_check(const char *p, size_t n, int max_depth)
{
	struct scan s;
	int limit = max_depth < JSON_CHECK_DEPTH ? max_depth : JSON_CHECK_DEPTH;
	int more = 1;

	if (n == 0)
		return -1;
	s.p = (const unsigned char *)p;
	s.end = s.p + n;
	s.depth = s.deepest = 0;
	while (more > 0) {
		skip_space(&s);
		if (s.p >= s.end)
			return -1;
		if (*s.p == '{' || *s.p == '[') {
			if (s.depth >= limit)
				return max_depth + 1;
			more = enter(&s);
		} else {
			more = take_scalar(&s) ? next_value(&s) : -1;
		}
	}
	return more < 0 ? -1 : s.deepest;
}
