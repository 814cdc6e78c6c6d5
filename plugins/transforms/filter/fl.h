/* SPDX-License-Identifier: MIT */
/*
 * The filter: an expression becomes a tree once, each relation gives the places of its
 * columns, and a row is answered by a walk over the tree, without memory.
 *
 *	fl_parse -> fl_bind for each relation -> fl_eval for each row
 */

#ifndef FL_H
#define FL_H

#include <stdbool.h>

#include <defsync/transform.h>

#include "common/exprliteral.h"
#include "common/pool.h"

/* One side of a comparison: a column or a value. */
struct fl_operand {
	struct fl_operand *next;	    /* of the same node */
	struct fl_operand *next_column;	    /* of the expression */
	const char *column;		    /* its name, or NULL */
	uint32_t slot;			    /* of fl_columns.at */
	bool quoted;			    /* "column" */
	const struct expr_literal *literal; /* or NULL */
	size_t at;			    /* place in the expression */
};

enum fl_kind {
	FL_AND,	    /* of all parts */
	FL_OR,	    /* of all parts */
	FL_NOT,	    /* of the part */
	FL_IS,	    /* is the part what `want` says? */
	FL_VALUE,   /* an operand that is true or false */
	FL_COMPARE, /* two operands, `accepts` */
	FL_IN,	    /* the first of the others */
	FL_BETWEEN, /* the first, from the second to the third */
	FL_LIKE,    /* the operand, `pattern` */
	FL_IS_NULL  /* the operand */
};

/* SQL's three values. */
enum fl_truth {
	FL_FALSE,
	FL_TRUE,
	FL_UNKNOWN
};

/* How two values stand to each other, as bits of fl_node.accepts; 0: not at all. */
#define FL_LESS 1u
#define FL_EQUAL 2u
#define FL_GREATER 4u

struct fl_unit {
	enum fl_unit_kind {
		FL_BYTE,
		FL_ONE,
		FL_MANY
	} kind; /* a byte, _ and % */
	char byte;
};

struct fl_pattern {
	struct fl_unit *units;
	size_t n;
};

struct fl_node {
	enum fl_kind kind;
	bool negated; /* not in, not like, not between, is not */
	unsigned accepts;
	enum fl_truth want;
	struct fl_node *part, *next; /* first of the parts; the next one of those */
	struct fl_operand *operands;
	struct fl_pattern pattern;
	struct defsync_cell *sorted; /* FL_IN: a long list of texts or integers, or NULL */
	uint32_t n_sorted;
	size_t at; /* place in the expression */
};

struct fl_expression {
	const char *option; /* "keep" or "drop" */
	const char *text;
	struct fl_node *root;
	struct fl_operand *columns; /* the first operand that is one */
	uint32_t n_slots;
};

/* Of a relation: the places of the expression's columns. */
struct fl_columns {
	struct fl_columns *next;
	const struct defsync_relation *in;
	uint32_t *at;
};

/* Sorts the list of `in` where that pays; false: no memory. */
bool fl_list_sort(struct pool *pool, struct fl_node *node);
/* Is the cell, of the sorted ones' type, one of them? */
bool fl_list_has(const struct fl_node *node, const struct defsync_cell *cell);

int32_t fl_parse(const struct defsync_host *host, struct pool *pool, struct fl_expression *x);
/* The pattern of `like`; false: the expression has failed. */
bool fl_pattern_read(struct expr *e, size_t at, const char *text, size_t n, int escape,
		     struct fl_pattern *ret);
bool fl_pattern_matches(const struct fl_pattern *p, const char *text, size_t n);

/* DEFSYNC_E_CONFIG: a column is missing or of a wrong type. */
int32_t fl_bind(const struct defsync_host *host, struct pool *pool, const struct fl_expression *x,
		const struct defsync_relation *in, struct fl_columns **ret);

/*
 * The literal as it is compared with values of a type; of type NULL: it is not.  An
 * integer stays one for doubles, which compares exactly.
 */
const struct defsync_cell *fl_literal_for(const struct expr_literal *l, uint32_t type);
/* May values of these types be compared? */
bool fl_comparable(uint32_t a, uint32_t b);
/* FL_LESS, FL_EQUAL or FL_GREATER; 0: NULL, NaN, or types that are not comparable. */
unsigned fl_compare(const struct defsync_cell *a, const struct defsync_cell *b);
/* The same for numbers of any two types, exactly. */
unsigned fl_compare_numbers(const struct defsync_cell *a, const struct defsync_cell *b);

enum fl_truth fl_eval(const struct fl_node *node, const struct fl_columns *columns,
		      const struct defsync_row *row);

#endif
