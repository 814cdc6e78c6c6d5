/* SPDX-License-Identifier: MIT */
/* Structure of a JSON text without its values. */

#include "scan.h"

#include <string.h>

struct cursor {
	const char *p;
	const char *end;
};

static int is_space(char c)
{
	return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

static void skip_space(struct cursor *c)
{
	while (c->p < c->end && is_space(*c->p))
		c->p++;
}

struct slice scan_trim(struct slice text)
{
	while (text.len > 0 && is_space(text.at[0])) {
		text.at++;
		text.len--;
	}
	while (text.len > 0 && is_space(text.at[text.len - 1]))
		text.len--;
	return text;
}

/* From the opening quote to behind the closing one. */
static int skip_string(struct cursor *c)
{
	const char *p = c->p + 1;

	while (p < c->end) {
		const char *quote = memchr(p, '"', (size_t)(c->end - p));
		const char *q = quote;

		if (!quote)
			return -1;
		/* An odd number of backslashes before it escapes the quote. */
		while (q > p && q[-1] == '\\')
			q--;
		p = quote + 1;
		if ((quote - q) % 2 == 0) {
			c->p = p;
			return 0;
		}
	}
	return -1;
}

static int skip_nested(struct cursor *c, unsigned *ret_depth)
{
	unsigned depth = 0;
	unsigned deepest = 0;

	while (c->p < c->end) {
		char ch = *c->p;

		if (ch == '"') {
			if (skip_string(c) < 0)
				return -1;
			continue;
		}
		c->p++;
		if (ch == '{' || ch == '[') {
			if (++depth > deepest)
				deepest = depth;
		} else if ((ch == '}' || ch == ']') && --depth == 0) {
			*ret_depth = deepest;
			return 0;
		}
	}
	return -1;
}

static int skip_scalar(struct cursor *c)
{
	const char *start = c->p;

	while (c->p < c->end && !is_space(*c->p) && !strchr(",:]}[{\"", *c->p))
		c->p++;
	return c->p == start ? -1 : 0;
}

static int skip_value(struct cursor *c, struct slice *ret_value, unsigned *ret_depth)
{
	const char *start = c->p;
	unsigned depth = 0;
	int rc;

	if (c->p >= c->end)
		return -1;
	if (*c->p == '"')
		rc = skip_string(c);
	else if (*c->p == '{' || *c->p == '[')
		rc = skip_nested(c, &depth);
	else
		rc = skip_scalar(c);
	if (rc < 0)
		return -1;
	*ret_value = (struct slice){.at = start, .len = (size_t)(c->p - start)};
	*ret_depth = depth;
	return 0;
}

static int skip_key(struct cursor *c, struct slice *ret_key)
{
	const char *start = c->p;

	if (c->p >= c->end || *c->p != '"' || skip_string(c) < 0)
		return -1;
	*ret_key = (struct slice){.at = start, .len = (size_t)(c->p - start)};
	skip_space(c);
	if (c->p >= c->end || *c->p != ':')
		return -1;
	c->p++;
	skip_space(c);
	return 0;
}

/* Behind a value: 1 another follows, 0 that was the last, -1 malformed. */
static int next_item(struct cursor *c, char closing)
{
	char ch;

	skip_space(c);
	if (c->p >= c->end)
		return -1;
	ch = *c->p++;
	skip_space(c);
	if (ch == ',')
		return 1;
	return ch == closing ? 0 : -1;
}

int scan_walk(struct slice text, scan_visit visit, void *ctx)
{
	struct slice body = scan_trim(text);
	struct cursor c = {.p = body.at, .end = body.at + body.len};
	char closing;
	int more = 1;

	if (body.len < 2 || (*c.p != '{' && *c.p != '['))
		return -1;
	closing = *c.p++ == '{' ? '}' : ']';
	skip_space(&c);
	if (*c.p == closing) {
		c.p++;
		more = 0;
	}
	while (more == 1) {
		struct slice key = {0};
		struct slice value;
		unsigned depth;
		int rc;

		if ((closing == '}' && skip_key(&c, &key) < 0) ||
		    skip_value(&c, &value, &depth) < 0)
			return -1;
		rc = visit(ctx, key, value, depth);
		if (rc)
			return rc;
		more = next_item(&c, closing);
	}
	return more == 0 && c.p == c.end ? 0 : -1;
}
