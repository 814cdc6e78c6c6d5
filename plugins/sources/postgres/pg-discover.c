/* SPDX-License-Identifier: MIT */
/* The tables and views there are, and what `check` should say of one. */

#include <fnmatch.h>
#include <string.h>

#include "pg.h"

/* Partitions are read by the table that they belong to. */
static const char list_sql[] =
    "SELECT pg_catalog.quote_ident(n.nspname) || '.' || pg_catalog.quote_ident(c.relname), "
    "n.nspname || '.' || c.relname, pg_catalog.quote_ident(c.relname), c.relname "
    "FROM pg_catalog.pg_class AS c JOIN "
    "pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace WHERE c.relkind IN ('r', 'p', 'v', "
    "'m', 'f') AND n.nspname NOT LIKE 'pg\\_%%' AND n.nspname <> 'information_schema' %s AND "
    "pg_catalog.has_schema_privilege(n.oid, 'USAGE') AND "
    "(pg_catalog.has_table_privilege(c.oid, 'SELECT') OR "
    "pg_catalog.has_any_column_privilege(c.oid, 'SELECT')) ORDER BY n.nspname, c.relname";

/* A pattern without a dot means the tables of any schema. */
static bool is_wanted(const char *pattern, const PGresult *r, int row)
{
	int name = pattern && strchr(pattern, '.') ? 0 : 2;

	return !pattern || fnmatch(pattern, PQgetvalue(r, row, name), 0) == 0 ||
	       fnmatch(pattern, PQgetvalue(r, row, name + 1), 0) == 0;
}

static int32_t fill_table(struct pg_source *s, struct pool *pool, const char *from,
			  struct defsync_table *ret)
{
	const struct defsync_request request = {
	    .struct_size = sizeof(request), .mode = DEFSYNC_READ_SNAPSHOT, .table = from};
	struct reader_table t;
	int32_t rc = pg_load_table(&s->reader, pool, &request, &t);

	return rc < 0 ? rc : reader_table_make(&s->reader, pool, &t, ret);
}

static int32_t fill_tables(struct pg_source *s, const char *pattern, const PGresult *r,
			   const struct defsync_table *const **ret_tables, uint32_t *ret_n)
{
	struct pool *pool = &s->reader.described;
	size_t max = (size_t)PQntuples(r) + 1;
	struct defsync_table *list = pool_alloc(pool, max, sizeof(*list));
	const struct defsync_table **tables =
	    pool_alloc(pool, max, sizeof(const struct defsync_table *));
	uint32_t n = 0;
	int32_t rc = 0;
	int i;

	if (!list || !tables)
		return reader_fail_nomem(&s->reader);
	for (i = 0; i < PQntuples(r) && rc == 0; i++) {
		if (!is_wanted(pattern, r, i))
			continue;
		rc = fill_table(s, pool, PQgetvalue(r, i, 0), &list[n]);
		tables[n] = &list[n];
		n += rc == 0;
	}
	if (rc < 0)
		return rc;
	*ret_tables = tables;
	*ret_n = n;
	return 0;
}

int32_t pg_discover(struct pg_source *s, const char *pattern,
		    const struct defsync_table *const **ret_tables, uint32_t *ret_n)
{
	const char *sql;
	PGresult *r;
	int32_t rc = pg_usable(s, "listing the tables of", s->where);

	if (rc < 0)
		return rc;
	pool_done(&s->reader.described);
	sql = pool_printf(&s->reader.described, list_sql,
			  s->version >= 100000 ? "AND NOT c.relispartition" : "");
	if (!sql)
		return reader_fail_nomem(&s->reader);
	rc = pg_query(s, "listing the tables of", s->where, false, sql, 0, NULL, &r);
	if (rc < 0)
		return rc;
	rc = fill_tables(s, pattern, r, ret_tables, ret_n);
	PQclear(r);
	return rc;
}

int32_t pg_findings(struct reader_source *reader, const struct reader_table *t,
		    const struct reader_column *watermark, void *list)
{
	const struct pg_table *own = t->own;

	(void)reader;
	if (own->row_security)
		reader_find(
		    list, DEFSYNC_FINDING_WARN, "row-security", NULL,
		    "row level security of '%s' hides the rows that its policies do not let "
		    "role %s see",
		    t->from, own->role);
	if (own->kind == 'f')
		reader_find(
		    list, DEFSYNC_FINDING_NOTE, "foreign-table", NULL,
		    "'%s' is read from another server, whose open transactions are not known "
		    "here",
		    t->from);
	if (own->kind == 'm')
		reader_find(list, DEFSYNC_FINDING_NOTE, "materialized-view", NULL,
			    "'%s' changes only when it is refreshed", t->from);
	if (watermark && watermark->order_exact)
		reader_find(
		    list, DEFSYNC_FINDING_NOTE, "watermark-collation", NULL,
		    "watermark '%s' is compared by its bytes (COLLATE \"C\"), which only an "
		    "index with that collation serves",
		    watermark->name);
	return 0;
}
