/* SPDX-License-Identifier: MIT */
/*
 * Columns that are added: each expression becomes a tree once, each relation gives it
 * types and places, and a row is answered by a walk over that.
 *
 *	ad_parse -> ad_bind for each relation -> ad_begin, ad_eval for each row
 */

#ifndef AD_H
#define AD_H

#include <stdbool.h>

#include <defsync/transform.h>

#include "common/exprliteral.h"
#include "common/pool.h"
#include "common/text.h"

/* Bytes of a text that concat puts together; what is longer is refused. */
#define AD_TEXT_MAX (16 * 1024 * 1024)

enum ad_kind {
	AD_LITERAL,
	AD_COLUMN,
	AD_NOW,
	AD_ABOUT, /* source(), table() ... */
	AD_COALESCE,
	AD_CONCAT
};

/* As it is written. */
struct ad_node {
	enum ad_kind kind;
	const struct expr_literal *literal;
	const char *name;	   /* of the column, or for host->about */
	const char *function;	   /* its name, or NULL */
	bool quoted;		   /* "column" */
	struct ad_node *args;	   /* first argument */
	struct ad_node *next;	   /* next argument of the same function */
	struct ad_node *next_text; /* next concat of the instance */
	struct text *text;	   /* CONCAT: what a row is put together in */
	size_t at;		   /* place in the expression */
};

/* A column to add. */
struct ad_column {
	struct ad_column *next;
	const char *name;
	const char *option; /* "columns: 'NAME'", for messages */
	const char *text;
	struct ad_node *root;
};

/* For one relation. */
struct ad_value {
	enum ad_kind kind;
	uint32_t type; /* of its cells; DEFSYNC_NULL: none but null */
	uint32_t digits;
	bool masked; /* DEFSYNC_COLUMN_MASKED */
	const char *native_type;
	uint32_t column;	  /* COLUMN: of the input */
	struct defsync_cell cell; /* LITERAL, ABOUT */
	struct text *text;	  /* CONCAT */
	struct ad_value *args, *next;
};

/* Of a row. */
struct ad_look {
	const struct defsync_row *row;
	int64_t now_us;
	const char *fault; /* why there is no value: NULL, or words */
	bool nomem;
};

/* *texts: the instance's list of texts, which ad_texts_done frees. */
int32_t ad_parse(const struct defsync_host *host, struct pool *pool, struct ad_column *column,
		 struct ad_node **texts);
void ad_texts_done(struct ad_node *texts);

/* DEFSYNC_E_CONFIG: a column is missing or of a wrong type. */
int32_t ad_bind(const struct defsync_host *host, struct pool *pool, const struct ad_column *column,
		const struct defsync_relation *in, struct ad_value **ret);

/* False: look->fault or look->nomem say why. */
bool ad_eval(const struct ad_value *v, struct ad_look *look, struct defsync_cell *ret);

#endif
