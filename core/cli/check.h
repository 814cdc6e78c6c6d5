/* SPDX-License-Identifier: MIT */
/*
 * What defsync check has found out: a list of items.
 *
 *	check_init -> check_item, check_failure ... -> check_print -> check_done
 */

#ifndef CLI_CHECK_H
#define CLI_CHECK_H

#include <jansson.h>

#include "cli/context.h"

enum check_level {
	CHECK_OK,
	CHECK_WARN,
	CHECK_ERROR
};

struct check {
	struct secrets *secrets;
	json_t *items;		/* NULL: no memory */
	enum error_class first; /* class of the first error */
	int failed;		/* no memory for an item */
};

void check_init(struct check *k, struct cli *cli);
void check_done(struct check *k);

/* where: "source shop"; hint: what to do, or NULL. */
__attribute__((format(printf, 6, 7))) void check_item(struct check *k, enum check_level level,
						      enum error_class class, const char *where,
						      const char *hint, const char *fmt, ...);
/* The same with the finding's stable code. */
void check_finding(struct check *k, enum check_level level, const char *where, const char *code,
		   const char *text, const char *hint);
void check_failure(struct check *k, const char *where, const struct error *why);

int check_has_errors(const struct check *k);
int check_exit_code(const struct check *k);
int check_print(struct check *k, int json, struct error *err);

/* ---- the stages ---- */

/* Connects to each source of a selected table and describes its tables. */
void check_sources(struct check *k, const struct context *c);
void check_api(struct check *k, const struct config *config);

#endif
