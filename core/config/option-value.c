/* SPDX-License-Identifier: MIT */
/* The text forms of option values. */

#include "config/option-value.h"

#include <inttypes.h>
#include <string.h>

#include "base/num.h"

#define SHOWN_MAX 64 /* of a wrong value, in a message */

int option_enum_next(const char **p, const char **ret_start)
{
	size_t n;

	if (!*p)
		return -1;
	*ret_start = *p;
	n = strcspn(*p, "|");
	*p = (*p)[n] == '|' ? *p + n + 1 : NULL;
	return (int)n;
}

static int add_bound(const struct defsync_option *o, int64_t v, struct buf *out)
{
	char text[32];

	switch (o->type) {
	case DEFSYNC_OPTION_SIZE:
		return buf_add_str(out, num_format_size(v, text));
	case DEFSYNC_OPTION_DURATION:
		return buf_add_str(out, v == 0 ? "0" : num_format_duration(v, text));
	default:
		return buf_printf(out, "%" PRId64, v);
	}
}

int option_range(const struct defsync_option *o, struct buf *out)
{
	if (o->max == INT64_MAX) {
		if (add_bound(o, o->min, out) < 0)
			return -1;
		return buf_add_str(out, " or more");
	}
	if (add_bound(o, o->min, out) < 0 || buf_add_str(out, " to ") < 0)
		return -1;
	return add_bound(o, o->max, out);
}

/* "WHAT: 'text'; HINT", always -1. */
static int wrong(struct buf *why, const char *what, const char *text, const char *hint)
{
	size_t n = strnlen(text, SHOWN_MAX + 1);

	(void)buf_printf(why, "%s: '%.*s%s'; %s", what, SHOWN_MAX, text, n > SHOWN_MAX ? "..." : "",
			 hint);
	return -1;
}

static int check_range(const struct defsync_option *o, const char *text, int64_t v, struct buf *why)
{
	if (!option_has_range(o) || (v >= o->min && v <= o->max))
		return 0;
	(void)wrong(why, "out of range", text, "must be ");
	(void)option_range(o, why);
	return -1;
}

static int parse_int(const struct defsync_option *o, const char *text, struct option_value *v,
		     struct buf *why)
{
	if (num_parse_i64(text, INT64_MIN, INT64_MAX, &v->i) < 0)
		return wrong(why, "no whole number", text, "write digits only");
	return check_range(o, text, v->i, why);
}

static int parse_bool(const struct defsync_option *o, const char *text, struct option_value *v,
		      struct buf *why)
{
	int b;

	(void)o;
	if (num_parse_bool(text, &b) < 0)
		return wrong(why, "neither true nor false", text, "write true or false");
	v->i = b;
	return 0;
}

static int parse_duration(const struct defsync_option *o, const char *text, struct option_value *v,
			  struct buf *why)
{
	if (num_parse_duration(text, &v->i) < 0)
		return wrong(why, "no duration", text, "write it like 250ms, 90s, 15m, 24h or 7d");
	return check_range(o, text, v->i, why);
}

static int parse_size(const struct defsync_option *o, const char *text, struct option_value *v,
		      struct buf *why)
{
	if (num_parse_size(text, &v->i) < 0)
		return wrong(why, "no size", text, "write it like 500, 64KiB, 4MB or 1GB");
	return check_range(o, text, v->i, why);
}

static int parse_enum(const struct defsync_option *o, const char *text, struct option_value *v,
		      struct buf *why)
{
	const char *p = o->values, *name;
	int n, first = 1;

	while ((n = option_enum_next(&p, &name)) >= 0) {
		if (strlen(text) == (size_t)n && memcmp(text, name, (size_t)n) == 0) {
			v->text = text;
			return 0;
		}
	}
	(void)wrong(why, "unknown value", text, "must be ");
	for (p = o->values; (n = option_enum_next(&p, &name)) >= 0; first = 0)
		(void)buf_printf(why, "%s%.*s", first ? "" : p ? ", " : " or ", n, name);
	return -1;
}

static int parse_string(const struct defsync_option *o, const char *text, struct option_value *v,
			struct buf *why)
{
	(void)o;
	(void)why;
	v->text = text;
	return 0;
}

static int parse_path(const struct defsync_option *o, const char *text, struct option_value *v,
		      struct buf *why)
{
	if (*text == '\0')
		return wrong(why, "empty path", text, "write a path or leave the option out");
	if (*text == '~' || strstr(text, "$("))
		return wrong(why, "'~' and '$()' are not expanded", text, "write the whole path");
	return parse_string(o, text, v, why);
}

static int parse_identifier(const struct defsync_option *o, const char *text,
			    struct option_value *v, struct buf *why)
{
	if (*text == '\0')
		return wrong(why, "empty name", text, "write a name or leave the option out");
	return parse_string(o, text, v, why);
}

/* CR and LF would end an HTTP header; neither is in any password that was meant. */
static int parse_secret(const struct defsync_option *o, const char *text, struct option_value *v,
			struct buf *why)
{
	if (*text == '\0') {
		(void)buf_add_str(why, "empty secret; set it or leave the option out");
		return -1;
	}
	if (strpbrk(text, "\r\n")) {
		(void)buf_add_str(why, "line break in a secret; it must be one line");
		return -1;
	}
	return parse_string(o, text, v, why);
}

static int parse_double(const struct defsync_option *o, const char *text, struct option_value *v,
			struct buf *why)
{
	(void)o;
	if (num_parse_double(text, &v->d) < 0)
		return wrong(why, "no number", text, "write it like 0.5 or 1e6");
	return 0;
}

typedef int (*parse_function)(const struct defsync_option *o, const char *text,
			      struct option_value *v, struct buf *why);

static const struct {
	const char *name;
	parse_function parse;
} types[] = {
    [DEFSYNC_OPTION_STRING] = {"string", parse_string},
    [DEFSYNC_OPTION_INT] = {"int", parse_int},
    [DEFSYNC_OPTION_BOOL] = {"bool", parse_bool},
    [DEFSYNC_OPTION_DURATION] = {"duration", parse_duration},
    [DEFSYNC_OPTION_SIZE] = {"size", parse_size},
    [DEFSYNC_OPTION_ENUM] = {"enum", parse_enum},
    [DEFSYNC_OPTION_LIST] = {"list", parse_string},
    [DEFSYNC_OPTION_MAP] = {"map", parse_string},
    [DEFSYNC_OPTION_PATH] = {"path", parse_path},
    [DEFSYNC_OPTION_SECRET] = {"secret", parse_secret},
    [DEFSYNC_OPTION_IDENTIFIER] = {"identifier", parse_identifier},
    [DEFSYNC_OPTION_DOUBLE] = {"double", parse_double},
};

const char *option_type_name(uint32_t type)
{
	if (type >= sizeof(types) / sizeof(types[0]) || !types[type].name)
		return "unknown";
	return types[type].name;
}

int option_value_parse(const struct defsync_option *o, const char *text, struct option_value *v,
		       struct buf *why)
{
	v->text = text;
	return types[o->type].parse(o, text, v, why);
}
