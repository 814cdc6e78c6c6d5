/* SPDX-License-Identifier: MIT */
/* The words of expressions, see exprtoken.h. */

#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "common/exprtoken.h"

/* ---- Messages ------------------------------------------------------------------------- */

/* Characters of n bytes of UTF-8. */
static size_t count_characters(const char *p, size_t n)
{
	size_t count = 0;

	for (; n > 0; n--, p++)
		count += ((unsigned char)*p & 0xc0) != 0x80;
	return count;
}

/* "at character 5", or "at line 2, character 5" where it is not the first line. */
static void describe_place(const struct expr *e, size_t at, char *out, size_t size)
{
	size_t line = 1, begin = 0, i, character;

	for (i = 0; i < at; i++) {
		if (e->text[i] != '\n')
			continue;
		line++;
		begin = i + 1;
	}
	character = count_characters(e->text + begin, at - begin) + 1;
	if (line == 1)
		(void)snprintf(out, size, "at character %zu", character);
	else
		(void)snprintf(out, size, "at line %zu, character %zu", line, character);
}

bool expr_fail(struct expr *e, size_t at, const char *fmt, ...)
{
	char place[64], what[DEFSYNC_TEXT_MAX];
	va_list ap;

	if (e->rc < 0)
		return false;
	describe_place(e, at, place, sizeof(place));
	va_start(ap, fmt);
	(void)vsnprintf(what, sizeof(what), fmt, ap);
	va_end(ap);
	e->rc = defsync_fail(e->host, DEFSYNC_E_CONFIG, "%s: %s: %s", e->option, place, what);
	return false;
}

bool expr_nomem(struct expr *e)
{
	if (e->rc == DEFSYNC_OK)
		e->rc = defsync_fail(e->host, DEFSYNC_E_NOMEM, "no memory");
	return false;
}

/* So many of the n bytes that at most `max` are left and no character is cut. */
static size_t cut(const char *ptr, size_t n, size_t max)
{
	if (n <= max)
		return n;
	for (n = max; n > 0 && ((unsigned char)ptr[n] & 0xc0) == 0x80; n--)
		;
	return n;
}

char *expr_shown(struct pool *pool, const char *ptr, size_t n)
{
	size_t shown = cut(ptr, n, EXPR_SHOWN_MAX);

	return pool_printf(pool, "%.*s%s", (int)shown, ptr, shown < n ? "..." : "");
}

bool expr_expected(struct expr *e, const char *expected)
{
	const char *word = e->text + e->at;
	int shown = (int)cut(word, e->len, EXPR_SHOWN_MAX);
	const char *more = (size_t)shown < e->len ? "..." : "";

	if (e->kind == EXPR_END)
		return expr_fail(e, e->at, "%s is expected, not the end", expected);
	/* These have quotes of their own. */
	if (e->kind == EXPR_TEXT || e->kind == EXPR_QUOTED)
		return expr_fail(e, e->at, "%s is expected, not %.*s%s", expected, shown, word,
				 more);
	return expr_fail(e, e->at, "%s is expected, not '%.*s%s'", expected, shown, word, more);
}

/* ---- Characters ------------------------------------------------------------------------ */

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

/* All that is not ASCII is a letter. */
static bool is_letter(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' ||
	       (unsigned char)c >= 0x80;
}

static bool is_in_name(char c)
{
	return is_letter(c) || is_digit(c) || c == '$';
}

static const char *skip_spaces(const char *p)
{
	while (*p == ' ' || *p == '\t' || *p == '\n' || *p == '\r')
		p++;
	return p;
}

/* ---- Words ------------------------------------------------------------------------------ */

static bool take(struct expr *e, enum expr_kind kind, const char *end)
{
	e->kind = kind;
	e->len = (size_t)(end - (e->text + e->at));
	e->next = end;
	return true;
}

static bool take_name(struct expr *e, const char *p)
{
	const char *begin = p;
	char *copy;

	while (is_in_name(*p))
		p++;
	copy = pool_printf(e->pool, "%.*s", (int)(p - begin), begin);
	if (!copy)
		return expr_nomem(e);
	e->value = copy;
	e->value_len = (size_t)(p - begin);
	return take(e, EXPR_NAME, p);
}

static bool take_number(struct expr *e, const char *p)
{
	const char *begin = p;

	if (*p == '-' || *p == '+')
		p++;
	while (is_digit(*p))
		p++;
	if (*p == '.' && is_digit(p[1])) {
		for (p++; is_digit(*p); p++)
			;
	}
	if (*p == '.' || is_in_name(*p)) {
		while (*p == '.' || is_in_name(*p))
			p++;
		return expr_fail(e, e->at, "no number: '%.*s'; digits with a point are",
				 (int)cut(begin, (size_t)(p - begin), EXPR_SHOWN_MAX), begin);
	}
	return take(e, EXPR_NUMBER, p);
}

/* A quote in it is doubled. */
static bool take_quoted(struct expr *e, const char *p)
{
	char quote = *p, *out = pool_alloc(e->pool, strlen(p), 1);
	size_t n = 0;

	if (!out)
		return expr_nomem(e);
	for (p++; *p && (*p != quote || p[1] == quote); p++) {
		p += *p == quote;
		out[n++] = *p;
	}
	if (!*p)
		return expr_fail(e, e->at, "the quote that closes what begins here is missing");
	if (quote == '"' && n == 0)
		return expr_fail(e, e->at, "a name is empty; texts stand in single quotes");
	e->value = out;
	e->value_len = n;
	return take(e, quote == '"' ? EXPR_QUOTED : EXPR_TEXT, p + 1);
}

static bool take_sign(struct expr *e, const char *p)
{
	static const char *const signs[] = {"==", "!=", "<>", "<=", ">=", "=",
					    "<",  ">",	"(",  ")",  ","};
	size_t i, n;

	for (i = 0; i < sizeof(signs) / sizeof(signs[0]); i++) {
		n = strlen(signs[i]);
		if (strncmp(p, signs[i], n) == 0)
			return take(e, EXPR_SIGN, p + n);
	}
	return expr_fail(e, e->at, "'%c' has no meaning here", *p >= ' ' && *p < 0x7f ? *p : '?');
}

bool expr_next(struct expr *e)
{
	const char *p = skip_spaces(e->next);

	if (e->rc < 0)
		return false;
	e->at = (size_t)(p - e->text);
	e->value = NULL;
	e->value_len = 0;
	if (!*p)
		return take(e, EXPR_END, p);
	if (is_letter(*p))
		return take_name(e, p);
	if (is_digit(*p) || ((*p == '-' || *p == '+') && is_digit(p[1])))
		return take_number(e, p);
	if (*p == '\'' || *p == '"')
		return take_quoted(e, p);
	return take_sign(e, p);
}

bool expr_begin(struct expr *e, const struct defsync_host *host, struct pool *pool,
		const char *option, const char *text)
{
	size_t n = strlen(text);

	*e =
	    (struct expr){.host = host, .pool = pool, .option = option, .text = text, .next = text};
	if (n > EXPR_MAX) {
		e->rc = defsync_fail(host, DEFSYNC_E_CONFIG,
				     "%s: %zu bytes are too long, %d are not", option, n, EXPR_MAX);
		return false;
	}
	return expr_next(e);
}

bool expr_end(struct expr *e, const char *expected)
{
	if (e->rc < 0)
		return false;
	return e->kind == EXPR_END || expr_expected(e, expected);
}

bool expr_is(const struct expr *e, const char *word)
{
	if (e->kind != EXPR_NAME && e->kind != EXPR_SIGN)
		return false;
	return strlen(word) == e->len && strncasecmp(e->text + e->at, word, e->len) == 0;
}

bool expr_is_one_of(const struct expr *e, const char *const *words)
{
	for (; *words; words++) {
		if (expr_is(e, *words))
			return true;
	}
	return false;
}

bool expr_enter(struct expr *e)
{
	if (++e->depth > EXPR_DEPTH_MAX)
		return expr_fail(e, e->at, "nested more than %d deep", EXPR_DEPTH_MAX);
	return true;
}

void expr_leave(struct expr *e)
{
	e->depth--;
}
