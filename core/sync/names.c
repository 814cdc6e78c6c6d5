/* SPDX-License-Identifier: MIT */
/* Names that the API would not take, see names.h. */

#include "sync/names.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define SHOWN 200

/* By what is kept of them; then those that are equal, as a whole, are neighbours. */
static int compare(const void *a, const void *b)
{
	const char *x = *(const char *const *)a, *y = *(const char *const *)b;
	int rc = strncasecmp(x, y, NAMES_KEPT_BYTES);

	return rc != 0 ? rc : strcasecmp(x, y);
}

static int is_blank(const char *name)
{
	return name[strspn(name, " \t\r\n\f\v")] == '\0';
}

/* One name, and the one before it in order; 1: something is wrong. */
static int look(const char *name, const char *before, struct name_finding *f)
{
	*f = (struct name_finding){.name = name, .other = before};
	if (is_blank(name))
		f->problem = NAME_EMPTY;
	else if (before != NULL && strcasecmp(name, before) == 0)
		f->problem = NAME_EQUAL;
	else if (before != NULL && strncasecmp(name, before, NAMES_KEPT_BYTES) == 0)
		f->problem = NAME_CUT;
	else if (strlen(name) > NAMES_KEPT_BYTES)
		f->problem = NAME_LONG;
	else
		return 0;
	return 1;
}

int names_check(const struct defsync_relation *relation, struct name_finding **ret, size_t *ret_n)
{
	size_t n = relation->n_columns;
	const char **names = calloc(n + 1, sizeof(*names));
	struct name_finding *found = calloc(n + 1, sizeof(*found));

	*ret_n = 0;
	if (names == NULL || found == NULL) {
		free(names);
		free(found);
		return -1;
	}
	for (uint32_t i = 0; i < n; i++)
		names[i] = defsync_column_at(relation, i)->name;
	qsort(names, n, sizeof(*names), compare);
	for (size_t i = 0; i < n; i++)
		*ret_n += (size_t)look(names[i], i > 0 ? names[i - 1] : NULL, &found[*ret_n]);
	free(names);
	*ret = found;
	return 0;
}

int name_is_fatal(const struct name_finding *f)
{
	return f->problem != NAME_LONG;
}

int name_add_text(const struct name_finding *f, struct buf *out)
{
	int rc;

	switch (f->problem) {
	case NAME_EMPTY:
		rc = buf_printf(out, "a column has no name: '%.*s'", SHOWN, f->name);
		break;
	case NAME_EQUAL:
		rc = buf_printf(
		    out, "two columns are one to the API, which does not mind case: '%.*s', '%.*s'",
		    SHOWN, f->other, SHOWN, f->name);
		break;
	case NAME_CUT:
		rc = buf_printf(out, "two columns have the same first %d bytes: '%.*s', '%.*s'",
				NAMES_KEPT_BYTES, SHOWN, f->other, SHOWN, f->name);
		break;
	default:
		rc = buf_printf(out,
				"the name of a column is longer than %d bytes, it may be cut: "
				"'%.*s'",
				NAMES_KEPT_BYTES, SHOWN, f->name);
		break;
	}
	return rc < 0 || buf_str(out) == NULL ? -1 : 0;
}

static int refuse(const struct name_finding *f, const char *where, struct error *err)
{
	struct buf text;

	buf_init(&text, (size_t)8 * SHOWN);
	if (name_add_text(f, &text) < 0)
		(void)error_nomem(err);
	else
		(void)error_set(err, ERR_SOURCE, "%s: %s; " NAMES_HINT, where, text.data);
	buf_done(&text);
	return -1;
}

int names_refuse(const struct defsync_relation *relation, const char *where, struct error *err)
{
	struct name_finding *found;
	size_t n, i = 0;
	int rc = 0;

	if (names_check(relation, &found, &n) < 0)
		return error_nomem(err);
	while (i < n && !name_is_fatal(&found[i]))
		i++;
	if (i < n)
		rc = refuse(&found[i], where, err);
	free(found);
	return rc;
}
