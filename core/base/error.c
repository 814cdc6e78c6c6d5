/* SPDX-License-Identifier: MIT */
/* The error object. */

#define _GNU_SOURCE
#include "base/error.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const struct {
	const char *name;
	const char *text; /* where the real one could not be kept */
	int exit_code;
} classes[ERR_CLASSES] = {
    [ERR_NONE] = {"none", "", 0},
    [ERR_INTERNAL] = {"internal", "internal error", 1},
    [ERR_NOMEM] = {"nomem", "out of memory", 1},
    [ERR_USAGE] = {"usage", "wrong usage", 2},
    [ERR_CONFIG] = {"config", "wrong configuration", 3},
    [ERR_SOURCE] = {"source", "the source failed", 4},
    [ERR_API] = {"api", "the API refuses", 5},
    [ERR_TEMPORARY] = {"temporary", "temporary failure", 6},
    [ERR_LOCKED] = {"locked", "another run holds the lock", 8},
    [ERR_STORE] = {"store", "the store is not usable", 9},
    [ERR_LIMIT] = {"limit", "stopped early by a limit", 10},
    [ERR_FULL] = {"full", "no space left", 11},
    [ERR_CANCELLED] = {"cancelled", "cancelled", 1},
};

static enum error_class known_class(enum error_class class)
{
	return class > ERR_NONE && class < ERR_CLASSES ? class : ERR_INTERNAL;
}

int error_vset(struct error *err, enum error_class class, const char *fmt, va_list ap)
{
	if (!err || err->class != ERR_NONE)
		return -1;
	err->class = known_class(class);
	if (vasprintf(&err->text, fmt, ap) < 0)
		err->text = NULL;
	return -1;
}

int error_set(struct error *err, enum error_class class, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	(void)error_vset(err, class, fmt, ap);
	va_end(ap);
	return -1;
}

/* Replaces the text by "BEFORE: AFTER"; without memory it stays. */
static void error_join(struct error *err, const char *before, const char *after)
{
	char *text;

	if (asprintf(&text, "%s: %s", before, after) < 0)
		return;
	free(err->text);
	err->text = text;
}

int error_set_errno(struct error *err, enum error_class class, int errnum, const char *fmt, ...)
{
	char reason[128];
	va_list ap;

	if (!err || err->class != ERR_NONE)
		return -1;
	va_start(ap, fmt);
	(void)error_vset(err, class, fmt, ap);
	va_end(ap);
	error_join(err, error_text(err), strerror_r(errnum, reason, sizeof(reason)));
	return -1;
}

int error_nomem(struct error *err)
{
	/* no text: there may be no memory for one */
	if (err && err->class == ERR_NONE)
		err->class = ERR_NOMEM;
	return -1;
}

void error_prefix(struct error *err, const char *fmt, ...)
{
	char *prefix;
	va_list ap;
	int n;

	if (!err || err->class == ERR_NONE)
		return;
	va_start(ap, fmt);
	n = vasprintf(&prefix, fmt, ap);
	va_end(ap);
	if (n < 0)
		return;
	error_join(err, prefix, error_text(err));
	free(prefix);
}

const char *error_text(const struct error *err)
{
	if (err->text)
		return err->text;
	return err->class == ERR_NONE ? "" : classes[known_class(err->class)].text;
}

void error_move(struct error *to, struct error *from)
{
	if (to && to->class == ERR_NONE) {
		*to = *from;
		from->text = NULL;
	}
	error_done(from);
}

int error_copy(struct error *to, const struct error *from)
{
	if (!to || to->class != ERR_NONE)
		return 0;
	*to = *from;
	if (!from->text)
		return 0;
	to->text = strdup(from->text);
	return to->text ? 0 : -1;
}

void error_done(struct error *err)
{
	if (!err)
		return;
	free(err->text);
	*err = (struct error)ERROR_INIT;
}

int error_exit_code(enum error_class class)
{
	return class == ERR_NONE ? 0 : classes[known_class(class)].exit_code;
}

const char *error_class_name(enum error_class class)
{
	return class == ERR_NONE ? classes[ERR_NONE].name : classes[known_class(class)].name;
}
