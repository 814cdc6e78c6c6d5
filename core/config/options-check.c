/* SPDX-License-Identifier: MIT */
/* Is a table of options itself sound?  A plugin's table comes from a stranger. */

#include <string.h>

#include "base/limits.h"
#include "config/option-value.h"

#define KNOWN_FLAGS (DEFSYNC_OPTION_REQUIRED | DEFSYNC_OPTION_DEPRECATED | DEFSYNC_OPTION_ADVANCED)

static int is_option_name(const char *s)
{
	size_t n = strspn(s, "abcdefghijklmnopqrstuvwxyz0123456789_");

	return n > 0 && n <= 64 && s[n] == '\0' && s[0] >= 'a' && s[0] <= 'z';
}

static int is_help(const char *s)
{
	size_t n = s ? strlen(s) : 0;

	return n > 0 && s[n - 1] != '.' && !strpbrk(s, "\r\n\t");
}

static int takes_range(uint32_t type)
{
	return type == DEFSYNC_OPTION_INT || type == DEFSYNC_OPTION_DURATION ||
	       type == DEFSYNC_OPTION_SIZE;
}

static int check_values(const struct defsync_option *o, struct error *err)
{
	const char *p = o->values, *name;
	int n, any = 0;

	if (o->type != DEFSYNC_OPTION_ENUM) {
		if (!p)
			return 0;
		return error_set(err, ERR_INTERNAL, "option '%s': only an enum has values",
				 o->name);
	}
	while ((n = option_enum_next(&p, &name)) >= 0) {
		if (n == 0)
			return error_set(err, ERR_INTERNAL, "option '%s': empty value", o->name);
		any = 1;
	}
	return any ? 0 : error_set(err, ERR_INTERNAL, "option '%s': enum without values", o->name);
}

static int check_default(const struct defsync_option *o, struct error *err)
{
	struct option_value v = {.option = o};
	struct buf why;
	int r;

	if (!o->default_text)
		return 0;
	if (o->flags & DEFSYNC_OPTION_REQUIRED)
		return error_set(err, ERR_INTERNAL, "option '%s': required and with a default",
				 o->name);
	if (o->type == DEFSYNC_OPTION_SECRET || o->type == DEFSYNC_OPTION_MAP)
		return error_set(err, ERR_INTERNAL, "option '%s': a %s has no default", o->name,
				 option_type_name(o->type));
	buf_init(&why, LIMIT_MESSAGE_BYTES);
	r = option_value_parse(o, o->default_text, &v, &why);
	if (r < 0)
		(void)error_set(err, ERR_INTERNAL, "option '%s': default: %s", o->name,
				buf_str(&why));
	buf_done(&why);
	return r;
}

static int check_option(const struct defsync_option *o, struct error *err)
{
	if (!o->name || !is_option_name(o->name))
		return error_set(err, ERR_INTERNAL, "option name: '%.64s'; must be [a-z][a-z0-9_]*",
				 o->name ? o->name : "");
	if (strcmp(option_type_name(o->type), "unknown") == 0)
		return error_set(err, ERR_INTERNAL, "option '%s': unknown type %u", o->name,
				 o->type);
	if (o->flags & ~KNOWN_FLAGS)
		return error_set(err, ERR_INTERNAL, "option '%s': unknown flags 0x%x", o->name,
				 o->flags);
	if (option_has_range(o) && (!takes_range(o->type) || o->min > o->max))
		return error_set(err, ERR_INTERNAL, "option '%s': wrong range", o->name);
	if (!is_help(o->help))
		return error_set(err, ERR_INTERNAL,
				 "option '%s': help must be one line without a full stop", o->name);
	if (check_values(o, err) < 0)
		return -1;
	return check_default(o, err);
}

int option_table_check(const struct option_table *table, struct error *err)
{
	size_t i;

	if (table->n == 0)
		return 0;
	if (!table->options || table->n > LIMIT_OPTIONS)
		return error_set(err, ERR_INTERNAL, "table of %zu options; the limit is %d",
				 table->n, LIMIT_OPTIONS);
	if (table->stride < sizeof(struct defsync_option) ||
	    table->stride % _Alignof(struct defsync_option) != 0)
		return error_set(err, ERR_INTERNAL, "table of options: wrong element size %zu",
				 table->stride);
	for (i = 0; i < table->n; i++) {
		const struct defsync_option *o = option_at(table, i);

		if (check_option(o, err) < 0)
			return -1;
		if (option_find(table, o->name) != o)
			return error_set(err, ERR_INTERNAL, "option '%s' is declared twice",
					 o->name);
	}
	return 0;
}
