/* SPDX-License-Identifier: MIT */
/* Indexes: what orders fast, and what tells rows apart. */

#include "sl.h"

/* Columns of every whole index; name is NULL for an expression. */
static const char indexes_sql[] =
    "SELECT l.name, l.\"unique\", x.name, x.coll, x.seqno FROM pragma_index_list(?1, 'main') AS l, "
    "pragma_index_xinfo(l.name, 'main') AS x WHERE NOT l.partial AND x.key ORDER BY l.seq, x.seqno";

static bool is_column(const struct sl_table *t, int column, const char *name)
{
	return name && sl_table_column(t, name) == column;
}

int32_t sl_table_indexed(struct sl_source *s, const struct sl_table *t, int column, bool *ret)
{
	sqlite3_stmt *stmt;
	bool found = column == t->alias || column == SL_ROWID;
	int32_t rc;
	int step = SQLITE_DONE;

	rc = sl_prepare(s, indexes_sql, t->name, &stmt);
	if (rc < 0)
		return rc;
	(void)sqlite3_bind_text(stmt, 1, t->name, -1, SQLITE_STATIC);
	while (!found && (step = sqlite3_step(stmt)) == SQLITE_ROW)
		found = sqlite3_column_int(stmt, 4) == 0 &&
			is_column(t, column, (const char *)sqlite3_column_text(stmt, 2));
	if (!found && step != SQLITE_DONE)
		rc = sl_fail(s, "cannot read", t->name);
	else
		*ret = found;
	sqlite3_finalize(stmt);
	return rc;
}

static bool contains(const int *columns, int n, int column)
{
	int i;

	for (i = 0; i < n; i++) {
		if (columns[i] == column)
			return true;
	}
	return false;
}

/*
 * An index that compares as the column does: under another collation rows could
 * differ in the index and be equal in the order in which we read.
 */
static bool column_of_unique(const struct sl_table *t, sqlite3_stmt *stmt, const int *columns,
			     int n)
{
	const char *name = (const char *)sqlite3_column_text(stmt, 2);
	const char *collation = (const char *)sqlite3_column_text(stmt, 3);
	int column = name ? sl_table_column(t, name) : -1;

	return column >= 0 && contains(columns, n, column) && collation &&
	       sqlite3_stricmp(collation, t->columns[column].collation) == 0;
}

/* Rows come ordered by index: true when one unique index lies within the columns. */
static bool any_unique(sqlite3_stmt *stmt, const struct sl_table *t, const int *columns, int n,
		       int *ret_step)
{
	bool fits = false;
	int step;

	while ((step = sqlite3_step(stmt)) == SQLITE_ROW) {
		if (sqlite3_column_int(stmt, 4) == 0) {
			if (fits)
				break;
			fits = sqlite3_column_int(stmt, 1) != 0;
		}
		fits = fits && column_of_unique(t, stmt, columns, n);
	}
	*ret_step = step;
	return fits;
}

int32_t sl_table_unique(struct sl_source *s, const struct sl_table *t, const int *columns,
			int n_columns, bool *ret)
{
	sqlite3_stmt *stmt;
	int32_t rc;
	int step;

	/* Rows with NULL in the key are refused elsewhere, so UNIQUE is enough. */
	if (contains(columns, n_columns, SL_ROWID) ||
	    (t->alias >= 0 && contains(columns, n_columns, t->alias))) {
		*ret = true;
		return 0;
	}
	rc = sl_prepare(s, indexes_sql, t->name, &stmt);
	if (rc < 0)
		return rc;
	(void)sqlite3_bind_text(stmt, 1, t->name, -1, SQLITE_STATIC);
	*ret = any_unique(stmt, t, columns, n_columns, &step);
	if (step != SQLITE_DONE && step != SQLITE_ROW)
		rc = sl_fail(s, "cannot read", t->name);
	sqlite3_finalize(stmt);
	return rc;
}
