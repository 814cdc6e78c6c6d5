/* SPDX-License-Identifier: MIT */
/* The files ~/.aws/credentials and ~/.aws/config: sections with "name = value". */

#include <string.h>
#include <strings.h>

#include "push/aws.h"

struct span {
	const char *p;
	size_t n;
};

static int is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\r';
}

static struct span trim(struct span s)
{
	while (s.n > 0 && is_blank(s.p[0])) {
		s.p++;
		s.n--;
	}
	while (s.n > 0 && is_blank(s.p[s.n - 1]))
		s.n--;
	return s;
}

static int span_is(struct span s, const char *text)
{
	return s.n == strlen(text) && memcmp(s.p, text, s.n) == 0;
}

/* Takes a line off the text, without its line feed. */
static struct span take_line(struct span *rest)
{
	const char *end = memchr(rest->p, '\n', rest->n);
	struct span line = {rest->p, end != NULL ? (size_t)(end - rest->p) : rest->n};
	size_t used = end != NULL ? line.n + 1 : line.n;

	rest->p += used;
	rest->n -= used;
	return line;
}

/* "[default]", in the config file also "[profile NAME]"; NAME may be quoted there. */
static int is_section(const struct aws_profile *p, struct span line)
{
	static const char word[] = "profile";
	const char *end = memchr(line.p, ']', line.n);
	struct span name;

	if (end == NULL)
		return 0;
	name = trim((struct span){line.p + 1, (size_t)(end - line.p) - 1});
	if (!p->config)
		return span_is(name, p->name);
	if (span_is(name, "default"))
		return strcmp(p->name, "default") == 0;
	if (name.n <= sizeof(word) || memcmp(name.p, word, sizeof(word) - 1) != 0 ||
	    !is_blank(name.p[sizeof(word) - 1]))
		return 0;
	name = trim((struct span){name.p + sizeof(word) - 1, name.n - (sizeof(word) - 1)});
	if (name.n >= 2 && (name.p[0] == '"' || name.p[0] == '\'') &&
	    name.p[name.n - 1] == name.p[0])
		name = (struct span){name.p + 1, name.n - 2};
	return span_is(name, p->name);
}

/* A comment begins with # or ; behind a blank. */
static struct span value_of(struct span s)
{
	for (size_t i = 1; i < s.n; i++) {
		if ((s.p[i] == '#' || s.p[i] == ';') && is_blank(s.p[i - 1])) {
			s.n = i;
			break;
		}
	}
	return trim(s);
}

/* "name = value" with this name: 1 and the value. */
static int is_property(struct span line, const char *key, struct span *ret)
{
	const char *equal = memchr(line.p, '=', line.n);
	struct span name;
	size_t at;

	if (equal == NULL)
		return 0;
	at = (size_t)(equal - line.p);
	name = trim((struct span){line.p, at});
	if (name.n != strlen(key) || strncasecmp(name.p, key, name.n) != 0)
		return 0;
	*ret = value_of((struct span){line.p + at + 1, line.n - at - 1});
	return 1;
}

/* With key NULL: is the section there at all?  The last of several values counts. */
static int look_up(const struct aws_profile *p, const char *key, struct span *ret)
{
	struct span rest = {p->text, p->len};
	int in = 0, inner = 0, found = 0;

	while (rest.n > 0) {
		struct span raw = take_line(&rest);
		struct span line = trim(raw);

		if (line.n == 0 || line.p[0] == '#' || line.p[0] == ';')
			continue;
		if (line.p[0] == '[') {
			in = is_section(p, line);
			found |= in && key == NULL;
			inner = 0;
			continue;
		}
		/* Indented lines below a property belong to it: "s3 =". */
		if (inner && is_blank(raw.p[0]))
			continue;
		inner = 1;
		if (in && key != NULL && is_property(line, key, ret))
			found = 1;
	}
	return found;
}

int aws_profile_get(const struct aws_profile *p, const char *key, const char **ret, size_t *ret_len)
{
	struct span value = {NULL, 0};

	if (!look_up(p, key, &value) || value.n == 0)
		return 0;
	*ret = value.p;
	*ret_len = value.n;
	return 1;
}

int aws_profile_is_there(const struct aws_profile *p)
{
	struct span none;

	return look_up(p, NULL, &none);
}
