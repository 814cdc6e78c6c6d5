/* SPDX-License-Identifier: MIT */
/*
 * The errors of a configuration, all of them at once, in file order:
 * "FILE:LINE:COLUMN: what is wrong: 'subject'; what to do".
 */

#ifndef CONFIG_PROBLEMS_H
#define CONFIG_PROBLEMS_H

#include "base/error.h"
#include "base/log.h"

struct problems;
struct tree;

struct problems *problems_create(void);
void problems_destroy(struct problems *p);

/* The main file: its problems come first, and it is named at the end. */
void problems_file(struct problems *p, const char *path);

/* at: the place, or NULL for none.  Beyond LIMIT_CONFIG_ERRORS only counted. */
__attribute__((format(printf, 3, 4))) void problems_add(struct problems *p, const struct tree *at,
							const char *fmt, ...);
/* At the key of a map's entry instead of at its value. */
__attribute__((format(printf, 3, 4))) void problems_add_key(struct problems *p,
							    const struct tree *at, const char *fmt,
							    ...);
/* A remark that does not refuse the configuration. */
__attribute__((format(printf, 3, 4))) void problems_warn(struct problems *p, const struct tree *at,
							 const char *fmt, ...);
size_t problems_count(const struct problems *p);
/* Text of problem i, for tests. */
const char *problems_text(const struct problems *p, size_t i);
const char *problems_warning(const struct problems *p, size_t i);
/* Prints warnings and errors; 0 without errors, else -1 with ERR_CONFIG ("3 errors in FILE"). */
int problems_report(struct problems *p, struct log *log, struct error *err);

#endif
