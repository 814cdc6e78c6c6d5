/* SPDX-License-Identifier: MIT */
/*
 * The words of expressions in options of transforms: names, "names", 'texts', numbers
 * and signs, with their places for messages.
 *
 *	expr_begin -> expr_is, expr_next ... -> expr_end
 *
 * expr_begin and expr_next read one word ahead.  What returns false has told the host
 * the reason and left its class in `rc`; a parser then only has to come to its end.
 */

#ifndef COMMON_EXPRTOKEN_H
#define COMMON_EXPRTOKEN_H

#include <stdarg.h>
#include <stdbool.h>

#include <defsync/plugin.h>

#include "common/pool.h"

#define EXPR_MAX 65536	   /* bytes of an expression */
#define EXPR_DEPTH_MAX 100 /* nested parentheses, functions and `not` */
#define EXPR_SHOWN_MAX 64  /* of a word, in messages */

enum expr_kind {
	EXPR_END,
	EXPR_NAME,   /* a bare word: a keyword or a name */
	EXPR_QUOTED, /* "name" */
	EXPR_TEXT,   /* 'text' */
	EXPR_NUMBER, /* [+-]digits[.digits] */
	EXPR_SIGN
};

struct expr {
	const struct defsync_host *host;
	struct pool *pool;
	const char *option; /* for messages: where the expression stands */
	const char *text;
	const char *next; /* behind the word */
	int32_t rc;
	unsigned depth;
	/* The word. */
	enum expr_kind kind;
	size_t at, len;	   /* its place in text, in bytes, and length as written */
	const char *value; /* TEXT, QUOTED and NAME: what is meant; of the pool */
	size_t value_len;
};

/* `option` and `text` must live as long as messages are made. */
bool expr_begin(struct expr *e, const struct defsync_host *host, struct pool *pool,
		const char *option, const char *text);
/* Refuses what is left; `expected` says what could have followed. */
bool expr_end(struct expr *e, const char *expected);
bool expr_next(struct expr *e);
/* Is it that sign, or that keyword in any case? */
bool expr_is(const struct expr *e, const char *word);
bool expr_is_one_of(const struct expr *e, const char *const *words);
/* One level deeper, and back. */
bool expr_enter(struct expr *e);
void expr_leave(struct expr *e);

/* Always false: "OPTION: at character N: EXPECTED is expected, not 'WORD'". */
bool expr_expected(struct expr *e, const char *expected);
/* Always false; `at` is a place in the text. */
__attribute__((format(printf, 3, 4))) bool expr_fail(struct expr *e, size_t at, const char *fmt,
						     ...);
bool expr_nomem(struct expr *e);
/* n bytes as a text that is not too long for a message; of the pool, or NULL. */
char *expr_shown(struct pool *pool, const char *ptr, size_t n);

#endif
