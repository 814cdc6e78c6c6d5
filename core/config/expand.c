/* SPDX-License-Identifier: MIT */
/* Variables, files and credentials in a scalar. */

#include "config/expand.h"

#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/limits.h"
#include "config/tree.h"

struct expansion {
	const struct tree *at;
	struct arena *arena;
	struct problems *problems;
	struct buf out;
	int secret;
};

/* The newline that an editor puts at the end goes; others would end up in an HTTP header. */
static const char *one_line(const char *path, struct buf *text, const struct tree *at,
			    struct arena *arena, struct problems *problems)
{
	const char *copy;

	if (text->len > 0 && text->data[text->len - 1] == '\n')
		text->len--;
	if (text->len > 0 && text->data[text->len - 1] == '\r')
		text->len--;
	if (text->len == 0) {
		problems_add(problems, at, "file is empty: '%s'", path);
		return NULL;
	}
	if (memchr(text->data, '\n', text->len) || memchr(text->data, '\r', text->len) ||
	    memchr(text->data, '\0', text->len)) {
		problems_add(problems, at,
			     "file holds more than one line: '%s'; it must be the secret alone",
			     path);
		return NULL;
	}
	copy = arena_strndup(arena, text->data, text->len);
	if (!copy)
		problems_add(problems, at, "out of memory");
	return copy;
}

const char *expand_secret_file(const char *path, const struct tree *at, struct arena *arena,
			       struct problems *problems)
{
	struct error err = ERROR_INIT;
	const char *text = NULL;
	struct buf contents;

	if (*path == '~') {
		problems_add(problems, at, "'~' is not expanded: '%s'; write the whole path", path);
		return NULL;
	}
	buf_init(&contents, LIMIT_SECRET_FILE_BYTES);
	/* one allocation: growing would leave pieces behind that nobody wipes */
	if (buf_reserve(&contents, LIMIT_SECRET_FILE_BYTES) < 0)
		problems_add(problems, at, "out of memory");
	else if (file_read(path, LIMIT_SECRET_FILE_BYTES, &contents, &err) < 0)
		problems_add(problems, at, "%s", error_text(&err));
	else
		text = one_line(path, &contents, at, arena, problems);
	if (contents.data)
		explicit_bzero(contents.data, contents.cap);
	buf_done(&contents);
	error_done(&err);
	return text;
}

static int put(struct expansion *e, const char *p, size_t n)
{
	if (buf_add(&e->out, p, n) == 0)
		return 0;
	problems_add(e->problems, e->at, "value is too long; the limit is %d bytes",
		     LIMIT_CONFIG_BYTES);
	return -1;
}

static int put_file(struct expansion *e, const char *folder, const char *name)
{
	char *path = *name == '/' ? strdup(name) : file_join(folder, name);
	const char *text;

	if (!path) {
		problems_add(e->problems, e->at, "out of memory");
		return -1;
	}
	text = expand_secret_file(*name == '~' ? name : path, e->at, e->arena, e->problems);
	free(path);
	e->secret = EXPAND_FILE;
	return text ? put(e, text, strlen(text)) : -1;
}

/* Relative to the folder of the file that names it. */
static int expand_file(struct expansion *e, const char *path)
{
	int in_file = e->at && e->at->line > 0;
	char *folder = in_file ? file_dirname(e->at->file) : strdup(".");
	int r = -1;

	if (*path == '\0')
		problems_add(e->problems, e->at, "no path in '${file:}'");
	else if (folder)
		r = put_file(e, folder, path);
	free(folder);
	return r;
}

static int expand_credential(struct expansion *e, const char *name)
{
	const char *folder = getenv("CREDENTIALS_DIRECTORY");

	if (*name == '\0' || *name == '.' || strchr(name, '/')) {
		problems_add(e->problems, e->at, "no name of a credential: '%s'", name);
		return -1;
	}
	if (!folder || *folder != '/') {
		problems_add(e->problems, e->at,
			     "no credential: '%s'; CREDENTIALS_DIRECTORY is not set, see "
			     "LoadCredential= in systemd.exec(5)",
			     name);
		return -1;
	}
	return put_file(e, folder, name);
}

static size_t name_len(const char *s)
{
	static const char first[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz_";
	size_t n = strspn(s, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz_0123456789");

	return n > 0 && strchr(first, *s) ? n : 0;
}

static int expand_variable(struct expansion *e, char *text)
{
	const char *fallback = NULL, *value;
	size_t n = name_len(text);

	if (n > 0 && strncmp(text + n, ":-", 2) == 0)
		fallback = text + n + 2;
	if (n == 0 || (text[n] != '\0' && !fallback)) {
		problems_add(
		    e->problems, e->at,
		    "cannot expand '${%s}'; write ${NAME}, ${NAME:-default}, ${file:PATH}, "
		    "${credential:NAME}, or $$ for a dollar sign",
		    text);
		return -1;
	}
	if (fallback && strstr(fallback, "${")) {
		problems_add(e->problems, e->at, "a default cannot hold a variable: '%s'", text);
		return -1;
	}
	text[n] = '\0';
	value = getenv(text);
	if ((!value || *value == '\0') && !fallback) {
		problems_add(e->problems, e->at,
			     "variable is %s: '%s'; set it or write ${%s:-default}",
			     value ? "empty" : "not set", text, text);
		return -1;
	}
	if (e->secret == 0)
		e->secret = EXPAND_VARIABLE;
	if (!value || *value == '\0')
		value = fallback;
	return put(e, value, strlen(value));
}

/* What stands between the braces. */
static int expand_one(struct expansion *e, const char *p, size_t n)
{
	char *text = strndup(p, n);
	int r;

	if (!text) {
		problems_add(e->problems, e->at, "out of memory");
		return -1;
	}
	if (strncmp(text, "file:", 5) == 0)
		r = expand_file(e, text + 5);
	else if (strncmp(text, "credential:", 11) == 0)
		r = expand_credential(e, text + 11);
	else
		r = expand_variable(e, text);
	free(text);
	return r;
}

static int expand_all(struct expansion *e, const char *text)
{
	const char *dollar, *end;

	for (; (dollar = strchr(text, '$')) != NULL; text = end) {
		if (put(e, text, (size_t)(dollar - text)) < 0)
			return -1;
		end = dollar + 1;
		if (*end == '{') {
			end = strchr(dollar, '}');
			if (!end) {
				problems_add(e->problems, e->at,
					     "'${' without '}'; write $$ for a "
					     "dollar sign");
				return -1;
			}
			if (expand_one(e, dollar + 2, (size_t)(end - dollar) - 2) < 0)
				return -1;
			end++;
		} else {
			if (*end == '$')
				end++;
			if (put(e, "$", 1) < 0)
				return -1;
		}
	}
	return put(e, text, strlen(text));
}

const char *expand(const char *text, const struct tree *at, struct arena *arena,
		   struct problems *problems, int *ret_secret)
{
	struct expansion e = {.at = at, .arena = arena, .problems = problems};
	const char *result = NULL;

	if (!strchr(text, '$')) {
		*ret_secret = 0;
		return text;
	}
	buf_init(&e.out, LIMIT_CONFIG_BYTES);
	if (expand_all(&e, text) == 0) {
		result = arena_strndup(arena, e.out.data, e.out.len);
		if (!result)
			problems_add(problems, at, "out of memory");
	}
	if (e.out.data)
		explicit_bzero(e.out.data, e.out.len);
	buf_done(&e.out);
	if (result)
		*ret_secret = e.secret;
	return result;
}
