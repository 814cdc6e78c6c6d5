/* SPDX-License-Identifier: MIT */
/* The tables and views there are. */

#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "common/ident.h"
#include "sl.h"

#define TABLE_LIST 3037000 /* the library has pragma_table_list */

/* Names first: the statement must not stay open over those of each table. */
static int32_t list_names(struct sl_source *s, const char *pattern, char ***ret, size_t *ret_n)
{
	static const char all[] =
	    "SELECT name, count(*) OVER () FROM main.sqlite_schema AS t WHERE type IN ('table', "
	    "'view') AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\' AND (?1 IS NULL OR name GLOB ?1) "
	    "AND ";
	/* Shadow tables of virtual ones are no one's data; an older library does not tell. */
	static const char shadows[] =
	    "name NOT IN (SELECT name FROM pragma_table_list WHERE schema = 'main' AND type = "
	    "'shadow') ORDER BY name";
	static const char names_of_shadows[] =
	    "NOT EXISTS (SELECT 1 FROM main.sqlite_schema AS v WHERE v.type = 'table' "
	    "AND v.sql LIKE 'CREATE VIRTUAL TABLE%' AND t.name GLOB v.name || '_*') ORDER BY name";
	char sql[sizeof(all) + sizeof(shadows) + sizeof(names_of_shadows)];
	sqlite3_stmt *stmt;
	char **names = NULL;
	size_t n = 0;
	int32_t rc;
	int step = SQLITE_DONE;

	(void)snprintf(sql, sizeof(sql), "%s%s", all,
		       sqlite3_libversion_number() >= TABLE_LIST ? shadows : names_of_shadows);
	rc = sl_prepare(s, sql, s->path, &stmt);
	if (rc < 0)
		return rc;
	(void)sqlite3_bind_text(stmt, 1, pattern, -1, SQLITE_STATIC);
	while (rc == 0 && (step = sqlite3_step(stmt)) == SQLITE_ROW) {
		if (!names)
			names = pool_alloc(&s->described, (size_t)sqlite3_column_int(stmt, 1),
					   sizeof(*names));
		if (names)
			names[n] =
			    pool_strdup(&s->described, (const char *)sqlite3_column_text(stmt, 0));
		if (!names || !names[n++])
			rc = sl_fail_nomem(s);
	}
	if (rc == 0 && step != SQLITE_DONE)
		rc = sl_fail(s, "cannot list the tables of", s->path);
	sqlite3_finalize(stmt);
	*ret = names;
	*ret_n = n;
	return rc;
}

/* A view over a table that is gone cannot even be described. */
static bool is_readable(struct sl_source *s, const char *name)
{
	sqlite3_stmt *stmt = NULL;
	struct text sql;
	bool ok;

	text_init(&sql, SL_SQL_MAX);
	text_str(&sql, "SELECT * FROM main.");
	ident_quote(&sql, name, '"');
	ok = text_ok(&sql) &&
	     sqlite3_prepare_v2(s->db, text_get(&sql), -1, &stmt, NULL) == SQLITE_OK;
	if (!ok)
		defsync_log(s->host, DEFSYNC_LOG_WARN, "'%s' is left out: %s", name,
			    sqlite3_errmsg(s->db));
	sqlite3_finalize(stmt);
	text_done(&sql);
	return ok;
}

static int32_t fill_table(struct sl_source *s, struct defsync_request *request,
			  struct defsync_table *t)
{
	struct defsync_candidate *candidates = NULL;
	struct sl_plan p;
	int32_t rc = sl_plan_make(s, &s->described, request, &p);

	if (rc == 0)
		rc = sl_relation_make(s, &s->described, &p);
	if (rc == 0)
		rc = sl_candidates_make(s, &s->described, &p.table, &candidates, &t->n_candidates);
	if (rc == 0)
		rc = sl_row_estimate(s, &p.table, &t->row_estimate);
	if (rc < 0)
		return rc;
	t->struct_size = sizeof(*t);
	t->candidate_size = sizeof(struct defsync_candidate);
	t->finding_size = sizeof(struct defsync_finding);
	t->relation = p.relation;
	t->kind = p.table.view ? "view" : "table";
	t->from = p.table.name;
	t->candidates = candidates;
	return 0;
}

int32_t sl_discover(struct sl_source *s, const char *pattern,
		    const struct defsync_table *const **ret_tables, uint32_t *ret_n)
{
	struct defsync_request request = {.struct_size = sizeof(request),
					  .mode = DEFSYNC_READ_SNAPSHOT};
	const struct defsync_table **tables;
	struct defsync_table *list;
	char **names = NULL;
	uint32_t n_tables = 0;
	size_t n = 0, i;
	int32_t rc = sl_check_identity(s);

	pool_done(&s->described);
	if (pattern && strncasecmp(pattern, "main.", 5) == 0)
		pattern += 5;
	if (rc == 0)
		rc = list_names(s, pattern, &names, &n);
	if (rc < 0)
		return rc;
	list = pool_alloc(&s->described, n + 1, sizeof(*list));
	tables = pool_alloc(&s->described, n + 1, sizeof(const struct defsync_table *));
	if (!list || !tables)
		return sl_fail_nomem(s);
	for (i = 0; i < n && rc == 0; i++) {
		if (!is_readable(s, names[i]))
			continue;
		request.table = names[i];
		tables[n_tables] = &list[n_tables];
		rc = fill_table(s, &request, &list[n_tables++]);
	}
	if (rc < 0)
		return rc;
	*ret_tables = tables;
	*ret_n = n_tables;
	return 0;
}
