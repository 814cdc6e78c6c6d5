/* SPDX-License-Identifier: MIT */
/*
 * The columns of one landing table, typed by their first non-null value.
 *
 * Types: BOOLEAN, INTEGER (64 bits), REAL, TEXT, JSON (objects and arrays).
 * A column takes values of its own type; REAL also takes integers that a double
 * holds exactly, JSON takes anything.  Names are equal without regard to ASCII
 * case, as in SQLite and DuckDB.  Loaded anew for a batch, inside its transaction.
 */

#ifndef RECEIVER_COLUMNS_H
#define RECEIVER_COLUMNS_H

#include <jansson.h>
#include <sqlite3.h>

enum column_type {
	COLUMN_ANY,
	COLUMN_BOOLEAN,
	COLUMN_INTEGER,
	COLUMN_REAL,
	COLUMN_TEXT,
	COLUMN_JSON
};

struct columns;

struct columns *columns_load(sqlite3 *db, const char *table);
void columns_destroy(struct columns *c);

size_t columns_count(const struct columns *c);
const char *columns_name(const struct columns *c, size_t i);
enum column_type columns_type(const struct columns *c, size_t i);
int columns_find(const struct columns *c, const char *name, size_t *ret_index);

/*
 * Makes room for a row: 1 it fits, *ret_added says whether columns were added;
 * 0 it does not, *ret_reason (to be freed) says why and no column was added;
 * -1 the database failed.
 */
int columns_fit(struct columns *c, const json_t *row, int *ret_added, char **ret_reason);

/* Binds a value in the form that a column of this type keeps; the value must outlive the step. */
int columns_bind(sqlite3_stmt *stmt, int at, enum column_type type, const json_t *value);

#endif
