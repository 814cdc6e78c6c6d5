/* SPDX-License-Identifier: MIT */
/* SQL and PL/pgSQL in tokens: a word inside of a text or a comment is none. */

#include <ctype.h>
#include <string.h>
#include <strings.h>

#include "pg.h"

static bool is_name(char c)
{
	return isalnum((unsigned char)c) || c == '_' || (c & 0x80);
}

/* Comments of this kind can stand inside of each other. */
static const char *skip_block(const char *p)
{
	int depth = 0;

	do {
		int step = p[0] == '/' && p[1] == '*' ? 1 : p[0] == '*' && p[1] == '/' ? -1 : 0;

		depth += step;
		p += step ? 2 : 1;
	} while (*p && depth);
	return p;
}

static const char *skip_blanks(const char *p)
{
	for (;;) {
		if (isspace((unsigned char)*p))
			p++;
		else if (p[0] == '-' && p[1] == '-')
			p += strcspn(p, "\r\n");
		else if (p[0] == '/' && p[1] == '*')
			p = skip_block(p);
		else
			return p;
	}
}

/* Behind the closing quote, which is doubled inside. */
static const char *skip_quoted(const char *p, bool escapes)
{
	char quote = *p++;

	for (; *p; p++) {
		if (escapes && *p == '\\' && p[1])
			p++;
		else if (*p == quote && p[1] == quote)
			p++;
		else if (*p == quote)
			return p + 1;
	}
	return p;
}

/* $tag$ text $tag$; NULL: it is none. */
static const char *skip_dollars(const char *p)
{
	const char *end = p + 1, *q;
	size_t len;

	while (is_name(*end))
		end++;
	if (*end != '$' || isdigit((unsigned char)p[1]))
		return NULL;
	len = (size_t)(end - p) + 1;
	for (q = p + len; *q; q++) {
		if (strncmp(q, p, len) == 0)
			return q + len;
	}
	return q;
}

static const char *skip_text(const char *p)
{
	if (*p == '\'')
		return skip_quoted(p, false);
	if ((*p == 'e' || *p == 'E') && p[1] == '\'')
		return skip_quoted(p + 1, true);
	return *p == '$' ? skip_dollars(p) : NULL;
}

void pg_token_next(struct pg_token *t)
{
	const char *p = skip_blanks(t->text + t->len), *end = skip_text(p);

	t->text = p;
	t->kind = PG_TOKEN_SIGN;
	if (end) {
		t->kind = PG_TOKEN_TEXT;
	} else if (is_name(*p)) {
		t->kind = PG_TOKEN_WORD;
		for (end = p; is_name(*end) || *end == '$'; end++)
			;
	} else if (*p == '"') {
		t->kind = PG_TOKEN_NAME;
		end = skip_quoted(p, false);
	} else if (!*p) {
		t->kind = PG_TOKEN_END;
		end = p;
	} else {
		end = p + (p[0] == ':' && (p[1] == ':' || p[1] == '=') ? 2 : 1);
	}
	t->len = (size_t)(end - p);
}

struct pg_token pg_token_first(const char *sql)
{
	struct pg_token t = {.text = sql};

	pg_token_next(&t);
	return t;
}

bool pg_token_is(const struct pg_token *t, const char *what)
{
	if (t->kind == PG_TOKEN_END || t->kind == PG_TOKEN_NAME)
		return false;
	return strlen(what) == t->len && strncasecmp(what, t->text, t->len) == 0;
}

bool pg_token_names(const struct pg_token *t, const char *name)
{
	size_t i, n = strlen(name), at = 0;

	if (t->kind == PG_TOKEN_WORD) {
		/* A word is in lower case, and so has to be the name. */
		for (i = 0; i < n; i++) {
			if (name[i] != (char)tolower((unsigned char)name[i]))
				return false;
		}
		return pg_token_is(t, name);
	}
	if (t->kind != PG_TOKEN_NAME)
		return false;
	for (i = 1; i + 1 < t->len; i++) {
		if (at == n || t->text[i] != name[at++])
			return false;
		i += t->text[i] == '"';
	}
	return at == n;
}
