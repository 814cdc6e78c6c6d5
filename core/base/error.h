/* SPDX-License-Identifier: MIT */
/*
 * The error object: what went wrong, for one caller up the stack.
 *
 *	struct error err = ERROR_INIT;
 *	if (file_read(path, max, &buf, &err) < 0) {
 *		log_error(log, "%s", error_text(&err));
 *		code = error_exit_code(err.class);
 *	}
 *	error_done(&err);
 *
 * A function that can fail returns 0 or -1 and fills the object that it was
 * given; NULL is allowed.  The first error wins: a second one, from cleaning up,
 * leaves the object as it is.  A function either returns an error or logs it.
 *
 * Text: "WHERE: WHAT: 'SUBJECT'; WHAT TO DO", lower case, no full stop.
 */

#ifndef BASE_ERROR_H
#define BASE_ERROR_H

#include <stdarg.h>
#include <stdint.h>

enum error_class {
	ERR_NONE = 0,
	ERR_INTERNAL, /* a bug of ours or of a plugin, books that do not balance */
	ERR_NOMEM,
	ERR_USAGE,
	ERR_CONFIG,
	ERR_SOURCE,    /* needs an operator: log-in, grants, missing table, stale checkpoint */
	ERR_API,       /* the API refuses: key, URL, TLS, schema */
	ERR_TEMPORARY, /* nothing lost, run again */
	ERR_LOCKED,
	ERR_STORE, /* damaged, foreign, not writable */
	ERR_LIMIT, /* stopped early by a limit, more to do */
	ERR_FULL,  /* store or DLQ full */
	ERR_CANCELLED,
	ERR_CLASSES
};

struct error {
	enum error_class class;
	int64_t vendor_code; /* of a client library, or 0 */
	char sqlstate[6];    /* or "" */
	char *text;	     /* owned; NULL: a static text of the class */
};

#define ERROR_INIT                                                                                 \
	{                                                                                          \
		ERR_NONE, 0, "", 0                                                                 \
	}

/* Always -1, so that `return error_set(...)` reads well. */
__attribute__((format(printf, 3, 4))) int error_set(struct error *err, enum error_class class,
						    const char *fmt, ...);
__attribute__((format(printf, 3, 0))) int error_vset(struct error *err, enum error_class class,
						     const char *fmt, va_list ap);
/* The same with ": strerror(errnum)" at the end. */
__attribute__((format(printf, 4, 5))) int error_set_errno(struct error *err, enum error_class class,
							  int errnum, const char *fmt, ...);
int error_nomem(struct error *err);

/* Puts "PREFIX: " before the text. */
__attribute__((format(printf, 2, 3))) void error_prefix(struct error *err, const char *fmt, ...);

/* Never NULL; "" without an error.  Lives until the object changes. */
const char *error_text(const struct error *err);
static inline int error_is_set(const struct error *err)
{
	return err->class != ERR_NONE;
}

/* Moves the error; `to` keeps what it has, `from` is empty afterwards. */
void error_move(struct error *to, struct error *from);
int error_copy(struct error *to, const struct error *from);
void error_done(struct error *err);

/* Exit code of DESIGN section 11; the name as in JSON logs: "api", "temporary". */
int error_exit_code(enum error_class class);
const char *error_class_name(enum error_class class);

#endif
