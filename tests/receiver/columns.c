/* SPDX-License-Identifier: MIT */
/* The columns of one landing table, typed by their first non-null value. */

#define _GNU_SOURCE

#include "columns.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Below SQLite's own limit on the columns of a table and of a statement. */
#define COLUMNS_MAX 1500

struct column {
	char *name;
	enum column_type type;
	uint64_t last_row; /* that had a value for it */
};

struct columns {
	sqlite3 *db;
	char *table;
	struct column *items;
	size_t n;
	size_t cap;
	uint64_t row;  /* number of the one being checked, from 1 */
	json_t *index; /* lower-case name to position */
};

/* What is declared in SQL; the affinities leave every kept value as it is. */
static const struct {
	const char *name;
	const char *declared;
} types[] = {
    [COLUMN_ANY] = {"ANY", ""},
    [COLUMN_BOOLEAN] = {"BOOLEAN", "BOOLEAN"},
    [COLUMN_INTEGER] = {"INTEGER", "INTEGER"},
    [COLUMN_REAL] = {"REAL", "REAL"},
    [COLUMN_TEXT] = {"TEXT", "TEXT"},
    [COLUMN_JSON] = {"JSON", "JSON TEXT"},
};

static enum column_type type_by_name(const char *name)
{
	for (size_t i = 0; i < sizeof(types) / sizeof(*types); i++)
		if (name && strcmp(types[i].name, name) == 0)
			return (enum column_type)i;
	return COLUMN_ANY;
}

static enum column_type type_of(const json_t *value)
{
	switch (json_typeof(value)) {
	case JSON_TRUE:
	case JSON_FALSE:
		return COLUMN_BOOLEAN;
	case JSON_INTEGER:
		return COLUMN_INTEGER;
	case JSON_REAL:
		return COLUMN_REAL;
	case JSON_STRING:
		return COLUMN_TEXT;
	default:
		return COLUMN_JSON;
	}
}

static int fits(enum column_type type, const json_t *value)
{
	enum column_type own = type_of(value);

	if (type == own || type == COLUMN_JSON)
		return 1;
	if (type == COLUMN_REAL && own == COLUMN_INTEGER) {
		json_int_t n = json_integer_value(value);

		return n >= -(1LL << 53) && n <= 1LL << 53;
	}
	return 0;
}

/* For the index; NULL without memory. */
static char *fold(const char *name)
{
	char *copy = strdup(name);

	for (char *p = copy; p && *p; p++)
		if (*p >= 'A' && *p <= 'Z')
			*p = (char)(*p - 'A' + 'a');
	return copy;
}

static int add(struct columns *c, const char *name, enum column_type type)
{
	char *folded = fold(name);
	int rc = -1;

	if (c->n == c->cap) {
		size_t cap = c->cap ? c->cap * 2 : 16;
		struct column *items = reallocarray(c->items, cap, sizeof(*items));

		if (!items)
			goto out;
		c->items = items;
		c->cap = cap;
	}
	c->items[c->n] = (struct column){.name = strdup(name), .type = type};
	if (folded && c->items[c->n].name &&
	    json_object_set_new_nocheck(c->index, folded, json_integer((json_int_t)c->n)) == 0) {
		c->n++;
		rc = 0;
	} else {
		free(c->items[c->n].name);
	}
out:
	free(folded);
	return rc;
}

struct columns *columns_load(sqlite3 *db, const char *table)
{
	struct columns *c = calloc(1, sizeof(*c));
	sqlite3_stmt *stmt = NULL;
	int rc = SQLITE_ERROR;

	if (!c)
		return NULL;
	c->db = db;
	c->table = strdup(table);
	c->index = json_object();
	if (c->table && c->index &&
	    sqlite3_prepare_v2(db,
			       "SELECT name, type FROM _receiver_columns WHERE target = ? "
			       "ORDER BY rowid",
			       -1, &stmt, NULL) == SQLITE_OK &&
	    sqlite3_bind_text(stmt, 1, table, -1, SQLITE_STATIC) == SQLITE_OK) {
		while ((rc = sqlite3_step(stmt)) == SQLITE_ROW)
			if (add(c, (const char *)sqlite3_column_text(stmt, 0),
				type_by_name((const char *)sqlite3_column_text(stmt, 1))) < 0)
				break;
	}
	sqlite3_finalize(stmt);
	if (rc == SQLITE_DONE)
		return c;
	columns_destroy(c);
	return NULL;
}

void columns_destroy(struct columns *c)
{
	if (!c)
		return;
	for (size_t i = 0; i < c->n; i++)
		free(c->items[i].name);
	free(c->items);
	json_decref(c->index);
	free(c->table);
	free(c);
}

size_t columns_count(const struct columns *c)
{
	return c->n;
}

const char *columns_name(const struct columns *c, size_t i)
{
	return c->items[i].name;
}

enum column_type columns_type(const struct columns *c, size_t i)
{
	return c->items[i].type;
}

int columns_find(const struct columns *c, const char *name, size_t *ret_index)
{
	const json_t *at = json_object_get(c->index, name);

	/* Most names are in lower case already. */
	if (!at) {
		char *folded = fold(name);

		at = folded ? json_object_get(c->index, folded) : NULL;
		free(folded);
	}
	if (!at)
		return -1;
	*ret_index = (size_t)json_integer_value(at);
	return 0;
}

static int add_to_table(struct columns *c, const char *name, enum column_type type)
{
	char *sql =
	    sqlite3_mprintf("ALTER TABLE \"%w\" ADD COLUMN \"%w\" %s;"
			    "INSERT INTO _receiver_columns VALUES (%Q, %Q, %Q)",
			    c->table, name, types[type].declared, c->table, name, types[type].name);
	int rc = sql ? sqlite3_exec(c->db, sql, NULL, NULL, NULL) : SQLITE_NOMEM;

	sqlite3_free(sql);
	return rc == SQLITE_OK ? add(c, name, type) : -1;
}

/* Why a column cannot be added under this name; `fresh` holds the row's others. */
static char *name_fault(const char *name, json_t *fresh)
{
	char *folded = fold(name);
	char *reason = NULL;
	int rc = 0;

	if (!folded)
		return strdup("out of memory");
	if (*name == '\0')
		reason = strdup("a column has no name");
	else if (strcmp(folded, "_raw") == 0 || strcmp(folded, "_seq") == 0)
		rc = asprintf(&reason, "the column '%s' is the receiver's own", name);
	else if (json_object_get(fresh, folded))
		rc = asprintf(&reason, "the column '%s' comes twice but for case", name);
	else
		rc = json_object_set_new_nocheck(fresh, folded, json_true());
	free(folded);
	return rc < 0 ? strdup("out of memory") : reason;
}

static char *value_fault(struct columns *c, size_t at, const char *name, const json_t *value)
{
	struct column *column = &c->items[at];
	char *reason = NULL;
	int rc = 0;

	if (column->last_row == c->row)
		rc = asprintf(&reason, "the column '%s' comes twice but for case", name);
	else if (!fits(column->type, value))
		rc = asprintf(&reason, "the column '%s' is %s, the value is %s", name,
			      types[column->type].name, types[type_of(value)].name);
	column->last_row = c->row;
	return rc < 0 ? strdup("out of memory") : reason;
}

/* How many columns the row would add, or -1 with the reason that it cannot land. */
static int check_row(struct columns *c, const json_t *row, char **ret_reason)
{
	json_t *fresh = json_object();
	char *reason = NULL;
	const char *name;
	json_t *value;
	int n;

	c->row++;
	json_object_foreach((json_t *)row, name, value)
	{
		size_t at;

		if (json_is_null(value))
			continue;
		if (columns_find(c, name, &at) == 0)
			reason = value_fault(c, at, name, value);
		else
			reason = name_fault(name, fresh);
		if (reason)
			break;
	}
	n = (int)json_object_size(fresh);
	json_decref(fresh);
	if (!reason && c->n + (size_t)n > COLUMNS_MAX)
		reason = strdup("the table has too many columns");
	*ret_reason = reason;
	return reason ? -1 : n;
}

int columns_fit(struct columns *c, const json_t *row, int *ret_added, char **ret_reason)
{
	const char *name;
	json_t *value;
	int fresh = check_row(c, row, ret_reason);

	if (fresh < 0)
		return 0;
	*ret_added = fresh > 0;
	if (fresh == 0)
		return 1;
	json_object_foreach((json_t *)row, name, value)
	{
		size_t at;

		if (!json_is_null(value) && columns_find(c, name, &at) < 0 &&
		    add_to_table(c, name, type_of(value)) < 0)
			return -1;
	}
	return 1;
}

static int bind_json(sqlite3_stmt *stmt, int at, const json_t *value)
{
	char *text = json_dumps(value, JSON_COMPACT | JSON_ENCODE_ANY);
	int rc = text ? sqlite3_bind_text(stmt, at, text, -1, SQLITE_TRANSIENT) : SQLITE_NOMEM;

	free(text);
	return rc;
}

int columns_bind(sqlite3_stmt *stmt, int at, enum column_type type, const json_t *value)
{
	enum column_type form = type == COLUMN_JSON ? COLUMN_JSON : type_of(value);
	int rc;

	switch (form) {
	case COLUMN_BOOLEAN:
		rc = sqlite3_bind_int(stmt, at, json_is_true(value));
		break;
	case COLUMN_INTEGER:
		rc = sqlite3_bind_int64(stmt, at, json_integer_value(value));
		break;
	case COLUMN_REAL:
		rc = sqlite3_bind_double(stmt, at, json_real_value(value));
		break;
	case COLUMN_TEXT:
		rc = sqlite3_bind_text64(stmt, at, json_string_value(value),
					 json_string_length(value), SQLITE_STATIC, SQLITE_UTF8);
		break;
	default:
		rc = bind_json(stmt, at, value);
		break;
	}
	return rc == SQLITE_OK ? 0 : -1;
}
