/* SPDX-License-Identifier: MIT */
/*
 * What commands print on stdout: text that cannot steer a terminal, tables, and
 * JSON.  Each write is checked; a full disk or closed pipe is an error.
 */

#ifndef CLI_OUTPUT_H
#define CLI_OUTPUT_H

#include <jansson.h>
#include <stdint.h>
#include <stdio.h>

#include "base/buf.h"
#include "base/error.h"
#include "base/secrets.h"

#define OUTPUT_MAX ((size_t)256 * 1024 * 1024)

/* Writes to stdout and flushes. */
int output_write(struct buf *b, struct error *err);
int output_write_to(FILE *f, struct buf *b, struct error *err);
/* Prints and frees the value; NULL is an error: no memory. */
int output_json_take(json_t *json, struct error *err);
/* As text, indented, with a newline at the end. */
int output_json_text(const json_t *json, struct buf *b, struct error *err);
/* All on one line, without a newline. */
int output_json_line(const json_t *json, struct buf *b, struct error *err);

/* One line without control characters; bytes that are not UTF-8 become '?'. */
int output_add_clean(struct buf *b, const char *text);

/* ---- JSON values and objects ---- */

/* Text without secrets; "" and NULL become null; NULL: no memory. */
json_t *output_json_string(struct secrets *secrets, const char *text);
/* UTC time, or null for 0. */
json_t *output_json_time(int64_t us);
/* Adds and takes the value: 0, or -1 when it is NULL or without memory. */
int output_put(json_t *object, const char *name, json_t *value_take);

/* ---- Text tables ---- */

/*
 * Columns as wide as their widest cell.  `align` has 'l' or 'r' for each.
 *
 *	grid_init(&g, headers, "lrr", 3); grid_add(&g, text) for each cell ...;
 *	grid_print(&g, &b); grid_done(&g);
 */
struct grid {
	const char *align;
	size_t n_columns;
	char **cells; /* the headers first, then row by row */
	size_t n_cells, cap_cells;
	int failed; /* no memory; grid_print says so */
};

void grid_init(struct grid *g, const char *const *headers, const char *align, size_t n_columns);
void grid_add(struct grid *g, const char *text);
void grid_add_u64(struct grid *g, uint64_t n);
/* "source.table" */
void grid_add_table(struct grid *g, const char *source, const char *table);
int grid_print(const struct grid *g, struct buf *b);
void grid_done(struct grid *g);

#endif
