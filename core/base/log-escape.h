/* SPDX-License-Identifier: MIT */
/* Texts of unknown origin on a terminal or in a JSON string.  For log.c only. */

#ifndef BASE_LOG_ESCAPE_H
#define BASE_LOG_ESCAPE_H

#include "base/buf.h"

/* Control characters as \n, \x1b; bytes that are no UTF-8 as \xff. */
int log_escape_text(struct buf *out, const char *p, size_t n);
/* The inside of a JSON string; bytes that are no UTF-8 as U+FFFD. */
int log_escape_json(struct buf *out, const char *p, size_t n);

#endif
