/* SPDX-License-Identifier: MIT */
/*
 * The flatten transform: members of JSON objects as columns.
 *
 *	create:    fl_read_fields makes a tree of the paths
 *	relation:  fl_plan, for each JSON column its fields in the column's place
 *	apply:     fl_column finds the bytes of each field, fl_convert makes cells of them
 *
 * Cells point into the row's own JSON, or into the buffers of their column where the
 * text has to be another one.  These grow to the largest that was needed and stay.
 */

#ifndef FLATTEN_FL_H
#define FLATTEN_FL_H

#include "common/json.h"
#include "common/reshape.h"
#include "common/text.h"

#define FL_FIELDS_MAX 1000
#define FL_PARTS_MAX 10

#define FL_NO_FIELD UINT32_MAX

enum fl_type {
	FL_TEXT,
	FL_INT,
	FL_DOUBLE,
	FL_DECIMAL,
	FL_BOOL,
	FL_DATE,
	FL_TIMESTAMP,
	FL_JSON,
};

/* A part of paths, and those behind it. */
struct fl_node {
	const char *key;
	size_t len;
	struct fl_node *next, *first; /* siblings, children */
	struct fl_node **sorted;      /* children by key */
	uint32_t n_children;
	uint32_t field;	    /* whose path ends here, or FL_NO_FIELD */
	uint32_t slot, end; /* its value's place, and behind those of its children */
	const char *path;   /* to it, as in the option, for messages */
};

struct fl_field {
	enum fl_type type;
	const char *name; /* parts of the path, joined */
	const struct fl_node *node;
};

/* What a row has for a node. */
struct fl_value {
	struct json_value json; /* JSON_NONE: nothing */
	bool taken;		/* and is not of the rest */
};

/* Memory that grows when asked to; what it has then is lost. */
struct fl_space {
	char *ptr;
	size_t cap;
};

/* Of each JSON column; cells point into it until the row is emitted. */
struct fl_buffers {
	struct fl_space text; /* unescaped strings, decimals without exponent */
	size_t used;
	struct text rest;
};

/* A JSON column of a relation, and where its fields are in the output. */
struct fl_use {
	uint32_t in;
	uint32_t first;
	const char *name;
};

struct fl {
	const struct defsync_host *host;
	struct reshape reshape;
	const char **columns;
	uint32_t n_columns;
	struct fl_field *fields;
	uint32_t n_fields;
	struct fl_node root;
	struct fl_value *values; /* by slot */
	struct fl_buffers *buffers;
	struct fl_space name; /* of a member, unescaped */
	const char *separator, *rest;
	bool prefix, keep, lenient;
};

int32_t fl_read_fields(struct fl *f, const struct defsync_options *options);
const struct fl_node *fl_child(const struct fl_node *node, const char *key, size_t len);

bool fl_type_from_name(const char *name, enum fl_type *ret);
const char *fl_type_name(enum fl_type type);
const char *fl_type_names(void);
uint32_t fl_type_cell(enum fl_type type);
/* "a decimal", for messages. */
const char *fl_type_phrase(enum fl_type type);

int32_t fl_plan(struct fl *f, const struct defsync_relation *in,
		const struct defsync_relation **ret_out);

/* The cells of one JSON column, to cells[0] and on.  DEFSYNC_OK, or the row is bad. */
int32_t fl_column(struct fl *f, const struct fl_use *use, struct fl_buffers *b,
		  const struct defsync_cell *json, struct defsync_cell *cells);

/* Bytes that the cell may need in the buffer. */
size_t fl_room(enum fl_type type, const struct json_value *v);
/* False: it is of another type. */
bool fl_convert(enum fl_type type, const struct json_value *v, struct fl_buffers *b,
		struct defsync_cell *ret);

#endif
