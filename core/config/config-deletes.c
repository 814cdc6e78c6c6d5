/* SPDX-License-Identifier: MIT */
/* detect_deletes of a table, and what it needs of the table's other options. */

#include <defsync/source.h>
#include <string.h>

#include "base/num.h"
#include "config/build.h"

#define EVERY "every "

static int is_named(const char *const *names, size_t n, const char *name)
{
	for (size_t i = 0; i < n; i++) {
		if (strcmp(names[i], name) == 0)
			return 1;
	}
	return 0;
}

/* "every 24h" */
static int read_interval(const char *text, int64_t *ret_ms)
{
	size_t n = strlen(EVERY);

	if (strncmp(text, EVERY, n) != 0 || num_parse_duration(text + n, ret_ms) < 0)
		return -1;
	return *ret_ms >= 0 ? 0 : -1;
}

/* "50%" */
static int read_percent(const char *text, int64_t *ret)
{
	char digits[4];
	size_t n = strlen(text);

	if (n < 2 || n > sizeof(digits) || text[n - 1] != '%')
		return -1;
	memcpy(digits, text, n - 1);
	digits[n - 1] = '\0';
	return num_parse_i64(digits, 0, 100, ret);
}

static void check_key(struct build *b, const struct config_table *t, const struct tree *at)
{
	for (size_t i = 0; i < t->n_key; i++) {
		if (is_named(t->exclude, t->n_exclude, t->key[i]) ||
		    (t->n_include > 0 && !is_named(t->include, t->n_include, t->key[i])))
			problems_add(b->problems, at,
				     "detect_deletes: needs the columns of the key, one is left "
				     "out: '%.64s'; see 'columns'",
				     t->key[i]);
	}
}

static void check_needs(struct build *b, const struct config_table *t, const struct tree *at)
{
	if (!t->cdc_columns)
		problems_add(b->problems, at,
			     "detect_deletes: sets _cdc_op, which needs 'cdc_columns: true'");
	if (t->read_mode != DEFSYNC_READ_INCREMENTAL)
		problems_add(b->problems, at,
			     "detect_deletes: needs 'read: incremental', which a snapshot is not");
	if (t->mode == MODE_REPLACE)
		problems_add(
		    b->problems, at,
		    "detect_deletes: 'mode: replace' leaves no deleted rows; use append or "
		    "merge");
	check_key(b, t, at);
}

void config_build_deletes(struct build *b, struct config_table *t, const struct defsync_options *o)
{
	const char *every = options_string(o, "detect_deletes");
	const char *most = options_string(o, "detect_deletes_max");
	const struct tree *at = tree_get(t->node, "detect_deletes");

	if (read_percent(most, &t->detect_max_percent) < 0)
		problems_add(b->problems, tree_get(t->node, "detect_deletes_max"),
			     "detect_deletes_max: no percentage: '%.64s'; write it like 50%%",
			     most);
	if (!every)
		return;
	t->detect_deletes = 1;
	if (read_interval(every, &t->detect_every_ms) < 0)
		problems_add(b->problems, at,
			     "detect_deletes: no interval: '%.64s'; write it like 'every 24h'",
			     every);
	check_needs(b, t, at);
}
