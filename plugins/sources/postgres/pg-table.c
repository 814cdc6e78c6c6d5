/* SPDX-License-Identifier: MIT */
/* Which table `from` means, and what its indexes promise. */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/ident.h"
#include "pg.h"

static const char find_sql[] =
    "SELECT c.oid, n.nspname, c.relname, c.relkind, c.reltuples::pg_catalog.int8, "
    "pg_catalog.has_schema_privilege(n.oid, 'USAGE'), "
    "pg_catalog.has_table_privilege(c.oid, 'SELECT') OR "
    "pg_catalog.has_any_column_privilege(c.oid, 'SELECT'), "
    "pg_catalog.row_security_active(c.oid), pg_catalog.quote_ident(current_user), "
    "pg_catalog.quote_ident(n.nspname), pg_catalog.quote_ident(c.relname), c.relpages, "
    "(SELECT pg_catalog.string_agg((SELECT pg_catalog.string_agg(k.attnum::pg_catalog.text, ',') "
    "FROM pg_catalog.unnest(i.indkey) WITH ORDINALITY AS k(attnum, place) WHERE k.place <= i.%s), "
    "';') FROM pg_catalog.pg_index AS i WHERE i.indrelid = c.oid AND i.indisunique AND "
    "i.indisvalid "
    /* An index of a table does not speak for the tables that inherit from it. */
    "AND i.indpred IS NULL AND i.indexprs IS NULL AND NOT (c.relkind = 'r' AND c.relhassubclass)) "
    "FROM pg_catalog.pg_class AS c JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace "
    "WHERE c.relkind IN ('r', 'p', 'v', 'm', 'f') AND c.relname IN ($2::pg_catalog.name, "
    "pg_catalog.lower($2)::pg_catalog.name) AND CASE WHEN $1::pg_catalog.text IS NULL THEN "
    "pg_catalog.pg_table_is_visible(c.oid) ELSE n.nspname IN ($1::pg_catalog.name, "
    "pg_catalog.lower($1)::pg_catalog.name) END "
    "ORDER BY n.nspname = $1::pg_catalog.name DESC, c.relname = $2::pg_catalog.name DESC LIMIT 1";

enum {
	AT_OID,
	AT_SCHEMA,
	AT_NAME,
	AT_KIND,
	AT_ROWS,
	AT_USAGE,
	AT_SELECT,
	AT_ROW_SECURITY,
	AT_ROLE,
	AT_SCHEMA_QUOTED,
	AT_NAME_QUOTED,
	AT_PAGES,
	AT_UNIQUE,
};

static const char suggest_sql[] =
    "SELECT pg_catalog.quote_ident(n.nspname) || '.' || pg_catalog.quote_ident(c.relname) FROM "
    "pg_catalog.pg_class AS c JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace WHERE "
    "c.relkind IN ('r', 'p', 'v', 'm', 'f') AND n.nspname NOT LIKE 'pg\\_%' AND n.nspname <> "
    "'information_schema' AND (pg_catalog.strpos(pg_catalog.lower(c.relname), "
    "pg_catalog.lower($1)) > 0 OR pg_catalog.strpos(pg_catalog.lower($1), "
    "pg_catalog.lower(c.relname)) > 0) ORDER BY pg_catalog.abs(pg_catalog.length(c.relname::text) "
    "- pg_catalog.length($1)), 1 LIMIT 1";

static const char *kind_name(char kind)
{
	switch (kind) {
	case 'p':
		return "partitioned table";
	case 'v':
		return "view";
	case 'm':
		return "materialized view";
	case 'f':
		return "foreign table";
	default:
		return "table";
	}
}

static int32_t fail_missing(struct pg_source *s, const char *from, const char *name)
{
	char hint[200] = "";
	PGresult *r;
	int32_t rc = pg_query(s, "reading the catalog for", from, false, suggest_sql, 1, &name, &r);

	if (rc < 0)
		return rc;
	if (PQntuples(r) == 1)
		(void)snprintf(hint, sizeof(hint), "; did you mean '%.150s'?", PQgetvalue(r, 0, 0));
	PQclear(r);
	return defsync_fail(s->reader.host, DEFSYNC_E_CONFIG,
			    "'%s': there is no such table or view in database '%s'%s", from,
			    PQdb(s->conn), *hint ? hint : "; correct 'from'");
}

static int32_t check_grants(struct pg_source *s, const PGresult *r)
{
	const char *schema = PQgetvalue(r, 0, AT_SCHEMA_QUOTED), *role = PQgetvalue(r, 0, AT_ROLE);
	const char *name = PQgetvalue(r, 0, AT_NAME_QUOTED);

	if (!pg_true(r, 0, AT_USAGE))
		return defsync_fail_vendor(s->reader.host, DEFSYNC_E_AUTH, 0, "42501",
					   "cannot read '%s.%s': permission denied for schema %s; "
					   "GRANT USAGE ON SCHEMA %s TO %s",
					   schema, name, schema, schema, role);
	if (!pg_true(r, 0, AT_SELECT))
		return defsync_fail_vendor(s->reader.host, DEFSYNC_E_AUTH, 0, "42501",
					   "cannot read '%s.%s': permission denied; "
					   "GRANT SELECT ON %s.%s TO %s",
					   schema, name, schema, name, role);
	return 0;
}

static int32_t fill_table(struct pg_source *s, struct pool *pool, const PGresult *r,
			  struct reader_table *t)
{
	struct pg_table *own = pool_alloc(pool, 1, sizeof(*own));
	struct text sql;
	int64_t rows = pg_int(r, 0, AT_ROWS, -1);

	if (!own)
		return reader_fail_nomem(&s->reader);
	*own = (struct pg_table){
	    .oid = (uint32_t)pg_int(r, 0, AT_OID, 0),
	    .kind = *PQgetvalue(r, 0, AT_KIND),
	    .row_security = pg_true(r, 0, AT_ROW_SECURITY),
	    .schema = pool_strdup(pool, PQgetvalue(r, 0, AT_SCHEMA_QUOTED)),
	    .name = pool_strdup(pool, PQgetvalue(r, 0, AT_NAME_QUOTED)),
	    .role = pool_strdup(pool, PQgetvalue(r, 0, AT_ROLE)),
	    .unique = pool_strdup(pool, PQgetvalue(r, 0, AT_UNIQUE)),
	};
	text_init(&sql, READER_SQL_MAX);
	ident_quote(&sql, PQgetvalue(r, 0, AT_SCHEMA), '"');
	text_char(&sql, '.');
	ident_quote(&sql, PQgetvalue(r, 0, AT_NAME), '"');
	*t = (struct reader_table){
	    .schema = pool_strdup(pool, PQgetvalue(r, 0, AT_SCHEMA)),
	    .name = pool_strdup(pool, PQgetvalue(r, 0, AT_NAME)),
	    .kind = kind_name(own->kind),
	    .from = pool_printf(pool, "%s.%s", own->schema ? own->schema : "",
				own->name ? own->name : ""),
	    .sql = pool_strdup(pool, text_get(&sql)),
	    .identity = pool_printf(pool, "oid=%u", (unsigned)own->oid),
	    /* What is behind a foreign table need not have any. */
	    .no_snapshots = own->kind == 'f',
	    /* Before version 14 a table that was never analysed has 0, too. */
	    .row_estimate = rows > 0 || pg_int(r, 0, AT_PAGES, 0) > 0 ? rows : -1,
	    .own = own,
	};
	text_done(&sql);
	if (!own->schema || !own->name || !own->role || !own->unique || !t->schema || !t->name ||
	    !t->from || !t->sql || !t->identity)
		return reader_fail_nomem(&s->reader);
	return 0;
}

static int32_t find_table(struct pg_source *s, struct pool *pool, const char *from,
			  const char *schema, const char *name, struct reader_table *t)
{
	const char *params[] = {schema, name};
	const char *sql =
	    pool_printf(pool, find_sql, s->version >= 110000 ? "indnkeyatts" : "indnatts");
	PGresult *r;
	int32_t rc;

	if (!sql)
		return reader_fail_nomem(&s->reader);
	rc = pg_query(s, "reading the catalog for", from, false, sql, 2, params, &r);
	if (rc < 0)
		return rc;
	rc = PQntuples(r) == 1 ? check_grants(s, r) : fail_missing(s, from, name);
	if (rc == 0)
		rc = fill_table(s, pool, r, t);
	PQclear(r);
	return rc < 0 ? rc : pg_load_columns(s, pool, t);
}

static int32_t load_named(struct pg_source *s, struct pool *pool, const char *from,
			  struct reader_table *t)
{
	char *parts[IDENT_PARTS];
	size_t n = ident_split(from, '"', parts), i;
	int32_t rc;

	if (n == 0)
		return defsync_fail(s->reader.host, DEFSYNC_E_CONFIG,
				    "'%s' is no name of a table; write schema.table, with double "
				    "quotes around names that have dots",
				    from);
	if (n == 3 && strcmp(parts[0], PQdb(s->conn)) != 0)
		rc = defsync_fail(s->reader.host, DEFSYNC_E_CONFIG,
				  "'%s' is in another database than '%s', which is connected to; "
				  "configure a source for it",
				  from, PQdb(s->conn));
	else
		rc = find_table(s, pool, from, n > 1 ? parts[n - 2] : NULL, parts[n - 1], t);
	for (i = 0; i < n; i++)
		free(parts[i]);
	return rc;
}

int32_t pg_load_table(struct reader_source *reader, struct pool *pool,
		      const struct defsync_request *request, struct reader_table *ret)
{
	struct pg_source *s = pg_of(reader);
	const char *query = reader_option(reader, request, "query");
	int32_t rc = pg_usable(s, "reading", request->table);

	if (rc < 0)
		return rc;
	if (strchr(query, PG_MARK) || (request->filter && strchr(request->filter, PG_MARK)))
		return defsync_fail(
		    reader->host, DEFSYNC_E_CONFIG,
		    "'%s': 'where' and 'query' may not hold the control character 1",
		    request->table);
	if (*query)
		return pg_load_query(s, pool, request, query, ret);
	return load_named(s, pool, request->table, ret);
}

/* ---- Indexes ---------------------------------------------------------------------------- */

/* Are all numbers up to ';' or the end among those of the columns? */
static bool is_covered(const char **list, const struct reader_table *t, const int *columns, int n)
{
	bool covered = true;
	const char *p = *list;

	for (;;) {
		size_t len = strcspn(p, ",;");
		int64_t number = 0;
		int i = n;

		if (checkpoint_parse_int(p, len, &number)) {
			for (i = 0; i < n; i++) {
				if (pg_column_of(&t->columns[columns[i]])->number == number)
					break;
			}
		}
		covered = covered && i < n;
		p += len;
		if (*p != ',')
			break;
		p++;
	}
	*list = *p ? p + 1 : p;
	return covered;
}

int32_t pg_is_unique(struct reader_source *reader, const struct reader_table *t, const int *columns,
		     int n, bool *ret)
{
	const struct pg_table *own = t->own;
	const char *list = own->unique;
	int i;

	(void)reader;
	/* The columns are ours; this is the only call that tells which are of the key. */
	for (i = 0; i < n; i++)
		((struct pg_column *)(intptr_t)t->columns[columns[i]].wire_detail)->key = true;
	*ret = false;
	while (*list && !*ret)
		*ret = is_covered(&list, t, columns, n);
	return 0;
}

int32_t pg_is_indexed(struct reader_source *reader, const struct reader_table *t, int column,
		      bool *ret)
{
	(void)reader;
	*ret = pg_column_of(&t->columns[column])->indexed;
	return 0;
}
