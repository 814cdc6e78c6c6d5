/* SPDX-License-Identifier: MIT */
/* Help from the table of options. */

#include <string.h>

#include "config/option-value.h"

static int add_facts(const struct defsync_option *o, struct buf *out)
{
	if (buf_add_str(out,
			o->type == DEFSYNC_OPTION_ENUM ? o->values : option_type_name(o->type)) < 0)
		return -1;
	if ((o->flags & DEFSYNC_OPTION_REQUIRED) && buf_add_str(out, ", required") < 0)
		return -1;
	if ((o->flags & DEFSYNC_OPTION_DEPRECATED) && buf_add_str(out, ", deprecated") < 0)
		return -1;
	if (o->default_text && buf_printf(out, ", default %s", o->default_text) < 0)
		return -1;
	if (option_has_range(o) && (buf_add_str(out, ", ") < 0 || option_range(o, out) < 0))
		return -1;
	return 0;
}

int options_help(const struct option_table *table, int indent, struct buf *out)
{
	int width = 0;
	size_t i;

	for (i = 0; i < table->n; i++) {
		int n = (int)strlen(option_at(table, i)->name);

		width = n > width ? n : width;
	}
	for (i = 0; i < table->n; i++) {
		const struct defsync_option *o = option_at(table, i);

		if (buf_printf(out, "%*s%-*s  %s (", indent, "", width, o->name, o->help) < 0 ||
		    add_facts(o, out) < 0 || buf_add_str(out, ")\n") < 0)
			return -1;
	}
	return 0;
}
