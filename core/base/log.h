/* SPDX-License-Identifier: MIT */
/*
 * Messages to the operator, on stderr: plain lines "defsync: ..." or one JSON
 * object a line ({"time","level","source","table","message", "code"}).
 * Control characters are escaped and secrets taken out at this one place.
 * A line is written with one write(2); a closed or full stderr is ignored.
 * All calls from any thread.
 */

#ifndef BASE_LOG_H
#define BASE_LOG_H

#include <stdarg.h>

#include "base/error.h"
#include "base/secrets.h"

enum log_level {
	LOG_ERROR = 1, /* the numbers of DEFSYNC_LOG_x */
	LOG_WARN = 2,
	LOG_INFO = 3,
	LOG_DEBUG = 4
};

enum log_format {
	LOG_TEXT,
	LOG_JSON
};

struct log;

struct log *log_create(int fd, enum log_level level, enum log_format format);
void log_destroy(struct log *log); /* NULL is allowed */
void log_set(struct log *log, enum log_level level, enum log_format format);
/* The registry lives in the log; never NULL. */
struct secrets *log_secrets(struct log *log);
int log_enabled(const struct log *log, enum log_level level);

/* `where` names the subject, "shop.orders" or "plugin sqlite"; NULL: none. */
__attribute__((format(printf, 4, 5))) void log_write(struct log *log, enum log_level level,
						     const char *where, const char *fmt, ...);
/* An error object: level error, with its class as code. */
void log_failure(struct log *log, const char *where, const struct error *err);

#endif
