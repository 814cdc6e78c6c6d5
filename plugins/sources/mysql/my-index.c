/* SPDX-License-Identifier: MIT */
/* Indexes: what orders fast, and what tells rows apart. */

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "my.h"

static void fill_part(const struct reader_table *t, MYSQL_ROW row, struct my_index_part *p)
{
	p->column = row[2] ? my_column_find(t, row[2]) : -1;
	p->seq = (unsigned)strtoul(my_text(row[1]), NULL, 10);
	p->unique = strcmp(my_text(row[3]), "0") == 0;
	p->prefix = row[4] != NULL;
	p->btree = strcasecmp(my_text(row[5]), "BTREE") == 0;
	p->ignored = strcasecmp(my_text(row[6]), "YES") == 0;
}

/* The number of a column in the key, from 1. */
static void set_primary(struct reader_table *t, const struct my_index_part *p)
{
	/* The columns are ours until the table is handed over. */
	struct reader_column *columns = (struct reader_column *)(uintptr_t)t->columns;

	if (p->column >= 0 && strcmp(p->index, "PRIMARY") == 0)
		columns[p->column].pk = (int)p->seq;
}

static int32_t fill_parts(struct my_source *s, struct pool *pool, MYSQL_RES *res,
			  struct reader_table *t)
{
	struct my_table *own = t->own;
	size_t n = (size_t)mysql_num_rows(res), i;

	own->parts = pool_alloc(pool, n + 1, sizeof(*own->parts));
	if (!own->parts)
		return reader_fail_nomem(&s->reader);
	for (i = 0; i < n; i++) {
		MYSQL_ROW row = mysql_fetch_row(res);

		own->parts[i].index = pool_strdup(pool, my_text(row[0]));
		if (!own->parts[i].index)
			return reader_fail_nomem(&s->reader);
		fill_part(t, row, &own->parts[i]);
		set_primary(t, &own->parts[i]);
	}
	own->n_parts = n;
	return 0;
}

/* MySQL calls an index invisible that MariaDB calls ignored; older servers know neither. */
static const char *ignored_of(struct my_source *s)
{
	unsigned long version = mysql_get_server_version(s->db);

	if (s->mariadb)
		return version >= 100600 ? "IGNORED" : "'NO'";
	return version >= 80000 ? "IF(IS_VISIBLE = 'NO', 'YES', 'NO')" : "'NO'";
}

int32_t my_indexes_load(struct my_source *s, struct pool *pool, struct reader_table *t)
{
	struct text sql;
	MYSQL_RES *res = NULL;
	int32_t rc;

	text_init(&sql, READER_SQL_MAX);
	text_str(&sql, "SELECT INDEX_NAME, SEQ_IN_INDEX, COLUMN_NAME, NON_UNIQUE, SUB_PART, "
		       "INDEX_TYPE, ");
	text_str(&sql, ignored_of(s));
	text_str(&sql, " FROM information_schema.STATISTICS WHERE TABLE_SCHEMA = ");
	my_literal(&sql, t->schema);
	text_str(&sql, " AND TABLE_NAME = ");
	my_literal(&sql, t->name);
	text_str(&sql, " ORDER BY INDEX_NAME, SEQ_IN_INDEX");
	rc = my_query(s, t->name, &sql, &res);
	text_done(&sql);
	if (rc == 0)
		rc = fill_parts(s, pool, res, t);
	mysql_free_result(res);
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
 * A unique index within the columns; one of a prefix promises even more.  Rows with NULL
 * in the key are refused elsewhere, so that UNIQUE is enough.
 */
static bool has_unique(const struct my_table *own, const int *columns, int n)
{
	size_t i, end;

	for (i = 0; i < own->n_parts; i = end) {
		bool fits = own->parts[i].unique;

		for (end = i;
		     end < own->n_parts && strcmp(own->parts[end].index, own->parts[i].index) == 0;
		     end++)
			fits = fits && own->parts[end].column >= 0 &&
			       contains(columns, n, own->parts[end].column);
		if (fits)
			return true;
	}
	return false;
}

int32_t my_is_unique(struct reader_source *r, const struct reader_table *t, const int *columns,
		     int n, bool *ret)
{
	/* The columns are ours; this is the only call that tells which are of the key. */
	struct reader_column *all = (struct reader_column *)(uintptr_t)t->columns;
	int i;

	(void)r;
	for (i = 0; i < n; i++) {
		struct reader_column *c = &all[columns[i]];

		if (c->wire == MY_WIRE_DATE || c->wire == MY_WIRE_DATETIME ||
		    c->wire == MY_WIRE_TIMESTAMP)
			c->wire_detail = MY_DETAIL_KEY;
	}
	*ret = has_unique(t->own, columns, n);
	return 0;
}

int32_t my_is_indexed(struct reader_source *r, const struct reader_table *t, int column, bool *ret)
{
	const struct my_table *own = t->own;
	bool found = false;
	size_t i;

	(void)r;
	for (i = 0; i < own->n_parts; i++) {
		const struct my_index_part *p = &own->parts[i];

		found = found || (p->seq == 1 && p->column == column && p->btree && !p->prefix &&
				  !p->ignored);
	}
	/* Ordered by an expression, no index helps. */
	*ret = own->view || (found && !t->columns[column].order && !t->columns[column].order_exact);
	return 0;
}
