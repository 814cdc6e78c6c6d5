/* SPDX-License-Identifier: MIT */
/* One option's value and its text form.  For the options-x.c files only. */

#ifndef CONFIG_OPTION_VALUE_H
#define CONFIG_OPTION_VALUE_H

#include "config/options.h"

struct option_value {
	const struct defsync_option *option;
	int set;	  /* not by its default */
	int64_t i;	  /* INT, BOOL, DURATION, SIZE */
	double d;	  /* DOUBLE */
	const char *text; /* as written; NULL: not set */
	const char **items;
	uint32_t n_items;
};

struct defsync_options {
	size_t n;
	struct option_value values[];
};

/*
 * Reads one scalar's text into *v, which keeps the pointer.  -1: what is wrong
 * with it is appended to `why`, without the option's name; a secret is not shown.
 */
int option_value_parse(const struct defsync_option *o, const char *text, struct option_value *v,
		       struct buf *why);

/* "1 to 64", "0ms to 7d": the range in the option's units, appended. */
int option_range(const struct defsync_option *o, struct buf *out);
static inline int option_has_range(const struct defsync_option *o)
{
	return o->min != 0 || o->max != 0;
}

/* The next of "a|b|c": its length, or -1 at the end.  Begin with *p = values. */
int option_enum_next(const char **p, const char **ret_start);

#endif
