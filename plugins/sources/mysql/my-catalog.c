/* SPDX-License-Identifier: MIT */
/* Which table `from` names, and what information_schema says about it. */

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "common/ident.h"
#include "my.h"

int my_column_find(const struct reader_table *t, const char *name)
{
	int i;

	/* As on the server, without regard to case. */
	for (i = 0; i < t->n_columns; i++) {
		if (strcasecmp(t->columns[i].name, name) == 0)
			return i;
	}
	return -1;
}

static bool fill_table(struct pool *pool, MYSQL_ROW row, struct reader_table *t)
{
	struct my_table *own = pool_alloc(pool, 1, sizeof(*own));

	if (!own)
		return false;
	own->view = strstr(my_text(row[2]), "VIEW") != NULL;
	own->engine = pool_strdup(pool, my_text(row[3]));
	t->no_snapshots = !own->view && strcasecmp(my_text(row[3]), "InnoDB") != 0;
	t->own = own;
	t->schema = pool_strdup(pool, my_text(row[0]));
	t->name = pool_strdup(pool, my_text(row[1]));
	t->kind = own->view				   ? "view"
		  : strstr(my_text(row[5]), "partitioned") ? "partitioned table"
							   : "table";
	t->row_estimate = row[4] ? strtoll(row[4], NULL, 10) : -1;
	if (!t->schema || !t->name || !own->engine)
		return false;
	t->sql = my_quoted(pool, t->schema, t->name);
	t->identity = pool_printf(pool, "%s.%s", t->schema, t->name);
	t->from = strpbrk(t->schema, ".`") || strpbrk(t->name, ".`") ? t->sql : t->identity;
	return t->sql && t->identity;
}

/* 1 found, 0 not there, or an error.  schema NULL: the connection's. */
static int32_t find_table(struct my_source *s, struct pool *pool, const char *schema,
			  const char *name, struct reader_table *t)
{
	struct text sql;
	MYSQL_RES *res = NULL;
	MYSQL_ROW row;
	int32_t rc;

	text_init(&sql, READER_SQL_MAX);
	text_str(&sql, "SELECT TABLE_SCHEMA, TABLE_NAME, TABLE_TYPE, ENGINE, TABLE_ROWS, "
		       "CREATE_OPTIONS FROM information_schema.TABLES WHERE TABLE_SCHEMA = ");
	if (schema)
		my_literal(&sql, schema);
	else
		text_str(&sql, "DATABASE()");
	text_str(&sql, " AND TABLE_NAME = ");
	my_literal(&sql, name);
	rc = my_query(s, name, &sql, &res);
	text_done(&sql);
	if (rc < 0)
		return rc;
	row = mysql_fetch_row(res);
	if (row)
		rc = fill_table(pool, row, t) ? 1 : reader_fail_nomem(&s->reader);
	mysql_free_result(res);
	return rc;
}

static int32_t fail_missing(struct my_source *s, const char *from)
{
	const char *database = s->config.database;

	if (!database && !strchr(from, '.'))
		return defsync_fail(my_host(s), DEFSYNC_E_CONFIG,
				    "no database for '%s'; set 'database', or write database.table",
				    from);
	return defsync_fail(my_host(s), DEFSYNC_E_CONFIG,
			    "no such table or view: '%s' in database '%s', or '%s' may not see it; "
			    "see 'defsync discover', or GRANT SELECT on it",
			    from, database ? database : "", s->config.user);
}

/* As SQL would read it; then the name as it stands, since it may hold dots. */
static int32_t resolve(struct my_source *s, struct pool *pool, const char *from,
		       struct reader_table *t)
{
	char *parts[IDENT_PARTS];
	size_t n = ident_split(from, '`', parts), i;
	int32_t rc = 0;

	if (n == 1)
		rc = find_table(s, pool, NULL, parts[0], t);
	else if (n == 2)
		rc = find_table(s, pool, parts[0], parts[1], t);
	for (i = 0; i < n; i++)
		free(parts[i]);
	if (rc == 0)
		rc = find_table(s, pool, NULL, from, t);
	if (rc == 0)
		return fail_missing(s, from);
	return rc < 0 ? rc : 0;
}

int32_t my_load_table(struct reader_source *r, struct pool *pool,
		      const struct defsync_request *request, struct reader_table *ret)
{
	struct my_source *s = my_source_of(r);
	struct reader_table t = {.row_estimate = -1};
	int32_t rc = resolve(s, pool, request->table, &t);

	if (rc == 0)
		rc = my_columns_load(s, pool, request, &t);
	if (rc == 0)
		rc = my_indexes_load(s, pool, &t);
	if (rc == 0)
		*ret = t;
	return rc;
}
