/* SPDX-License-Identifier: MIT */
/* Names of columns made of their names. */

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "co.h"

/* ---- Case ------------------------------------------------------------------------------ */

static bool is_upper(char c)
{
	return c >= 'A' && c <= 'Z';
}

static bool is_lower(char c)
{
	return c >= 'a' && c <= 'z';
}

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static char lower(char c)
{
	return is_upper(c) ? (char)(c + ('a' - 'A')) : c;
}

/* Of a word: letters, digits, and whatever lies outside of ASCII. */
static bool in_word(char c)
{
	return is_upper(c) || is_lower(c) || is_digit(c) || (unsigned char)c >= 0x80;
}

/*
 * Does a word begin at name[i], within letters?  orderId: order, Id.  HTTPServer: HTTP,
 * Server.  Beside letters outside of ASCII, whose case is not known, none does.
 */
static bool word_begins(const char *name, size_t i)
{
	if (i == 0 || !is_upper(name[i]))
		return false;
	if (is_lower(name[i - 1]) || is_digit(name[i - 1]))
		return true;
	return is_upper(name[i - 1]) && is_lower(name[i + 1]);
}

/* Underscores at the beginning are kept: _id, __v. */
static void put_snake(const char *name, char *out)
{
	bool gap = false;
	size_t i = 0, n = 0, words;

	while (name[i] == '_')
		out[n++] = name[i++];
	words = n;
	for (; name[i]; i++) {
		if (!in_word(name[i])) {
			gap = true;
			continue;
		}
		if ((gap || word_begins(name, i)) && n > words)
			out[n++] = '_';
		gap = false;
		out[n++] = lower(name[i]);
	}
	out[n > words ? n : 0] = '\0';
}

static void put_lower(const char *name, char *out)
{
	while (*name)
		*out++ = lower(*name++);
	*out = '\0';
}

const char *co_case(struct pool *pool, enum co_case letters, const char *name, uint32_t place)
{
	char *out;

	if (letters == CO_KEEP)
		return name;
	/* At most one underscore a character. */
	out = pool_alloc(pool, strlen(name) + 1, 2);
	if (!out)
		return NULL;
	if (letters == CO_LOWER)
		put_lower(name, out);
	else
		put_snake(name, out);
	return out[0] ? out : pool_printf(pool, "column_%" PRIu32, place);
}

/* ---- Length ------------------------------------------------------------------------------ */

/* Up to max bytes of it, whole characters. */
static size_t cut(const char *name, size_t max)
{
	size_t n = strlen(name);

	if (n <= max)
		return n;
	for (n = max; n > 0 && ((unsigned char)name[n] & 0xc0) == 0x80; n--)
		;
	return n;
}

/* FNV-1a: the manual names it, so that others can find the names too. */
static uint32_t hash(const char *name)
{
	uint32_t h = UINT32_C(2166136261);

	for (; *name; name++)
		h = (h ^ (unsigned char)*name) * UINT32_C(16777619);
	return h;
}

const char *co_shorten(struct pool *pool, const char *name, size_t max)
{
	if (max == 0 || strlen(name) <= max)
		return name;
	return pool_printf(pool, "%.*s_%08" PRIx32, (int)cut(name, max - CO_SUFFIX), name,
			   hash(name));
}

const char *co_numbered(struct pool *pool, const char *name, uint32_t number, size_t max)
{
	char suffix[16];
	size_t n = strlen(name), more;

	more = (size_t)snprintf(suffix, sizeof(suffix), "_%" PRIu32, number);
	if (max > 0)
		n = cut(name, max - more);
	return pool_printf(pool, "%.*s%s", (int)n, name, suffix);
}
