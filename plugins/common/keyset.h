/* SPDX-License-Identifier: MIT */
/*
 * SQL that reads a table in the order of some columns, from a position on:
 *
 *	SELECT list FROM table WHERE bound AND (condition) ... ORDER BY columns LIMIT n
 *
 * Pure: text in, text out.  What differs between databases is in the dialect.
 * Values are never spliced in: they are parameters.
 */

#ifndef COMMON_KEYSET_H
#define COMMON_KEYSET_H

#include "common/text.h"

/* Columns of an order: the watermark and the key. */
#define KEYSET_COLUMNS 32

struct keyset_dialect {
	/*
	 * Appends parameter number n (from 1) that is compared with column
	 * `column` of the order: "?3", "$3::timestamptz".
	 */
	void (*param)(struct text *out, unsigned n, unsigned column, void *ctx);
	/*
	 * Row values, (a, b) > (x, y), that the database can search an index
	 * for.  Without it the bound is written out, which MySQL needs:
	 * a >= x AND (a > x OR b > y).
	 */
	bool row_values;
	/*
	 * The same parameter may occur twice (?1, $1).  Without it every
	 * occurrence is a parameter of its own; see keyset_bound.
	 */
	bool numbered;
};

enum keyset_from {
	KEYSET_ALL,    /* from the beginning */
	KEYSET_AT,     /* first column >= the parameter */
	KEYSET_PAST,   /* first column > the parameter */
	KEYSET_BEHIND, /* (all columns of the order) > (as many parameters) */
};

struct keyset {
	const char *select; /* the list, SQL */
	const char *table;  /* SQL, quoted */
	/* The order, SQL expressions, quoted; at most KEYSET_COLUMNS. */
	const char *const *order;
	unsigned n_order;
	enum keyset_from from;
	/* Each is put in parentheses; NULL members are left out. */
	const char *const *conditions;
	unsigned n_conditions;
	int64_t limit;	/* 0: none */
	int64_t offset; /* rows to pass over; with a limit only */
};

/* Which column of the order each parameter of the bound stands for. */
struct keyset_bound {
	unsigned n_params;
	unsigned columns[2 * KEYSET_COLUMNS];
};

/*
 * Appends the statement.  The parameters of the bound are 1 to
 * ret_bound->n_params, in the order of the text; those of the conditions, with
 * numbers that the caller chose, come behind them (keyset_params).
 */
void keyset_build(const struct keyset_dialect *dialect, void *ctx, const struct keyset *k,
		  struct text *out, struct keyset_bound *ret_bound);
/* How many parameters the bound will have: to number those of the conditions. */
unsigned keyset_params(const struct keyset_dialect *dialect, enum keyset_from from,
		       unsigned n_order);

#endif
