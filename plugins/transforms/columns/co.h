/* SPDX-License-Identifier: MIT */
/*
 * The columns transform: which columns there are, what they are called and how they
 * stand.  For each relation, in this order:
 *
 *	co_select (keep, drop) -> co_rename -> co_case, co_shorten -> co_distinct -> co_order
 *
 * Names and lists are of the reshape's pool.
 */

#ifndef COLUMNS_CO_H
#define COLUMNS_CO_H

#include "common/reshape.h"

/* Of max_length: '_' and eight digits, and something in front of them. */
#define CO_SUFFIX 9
#define CO_LENGTH_MIN 16

enum co_case {
	CO_KEEP,
	CO_LOWER,
	CO_SNAKE,
};

struct co_list {
	const char **items;
	uint32_t n;
};

struct co_pair {
	const char *from, *to;
};

struct co {
	const struct defsync_host *host;
	struct reshape reshape;
	struct co_list keep, drop, order;
	struct co_pair *renames;
	uint32_t n_renames;
	enum co_case letters;
	size_t max_length; /* 0: any */
	bool number;	   /* what would be equal */
	bool lenient;	   /* with names that do not exist */
};

/* A column on its way out. */
struct co_column {
	uint32_t from;	  /* place in the input */
	const char *was;  /* its name there */
	const char *name; /* as it is now */
};

struct co_columns {
	struct co_column *list;
	uint32_t n;
};

/* '*' stands for any text, all else for itself. */
bool co_matches(const char *pattern, const char *name);

/* These have told the host the reason when they do not return DEFSYNC_OK. */
int32_t co_select(struct co *c, const struct defsync_relation *in, struct co_columns *cols);
int32_t co_rename(struct co *c, const struct defsync_relation *in, struct co_columns *cols);
int32_t co_distinct(struct co *c, const struct defsync_relation *in, struct co_columns *cols);
int32_t co_order(struct co *c, const struct defsync_relation *in, struct co_columns *cols);

/*
 * Names made of names; NULL without memory.  `place`: from 1, for the name of what has
 * no letter or digit.
 */
const char *co_case(struct pool *pool, enum co_case letters, const char *name, uint32_t place);
const char *co_shorten(struct pool *pool, const char *name, size_t max);
/* name_N, its end cut to have room for that. */
const char *co_numbered(struct pool *pool, const char *name, uint32_t number, size_t max);

#endif
