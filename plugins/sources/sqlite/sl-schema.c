/* SPDX-License-Identifier: MIT */
/* What the schema says about a table: its columns, its rowid, its indexes. */

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "common/ident.h"
#include "sl.h"

static char *quoted(struct pool *pool, const char *schema, const char *name)
{
	struct text t;
	char *out = NULL;

	text_init(&t, SL_SQL_MAX);
	text_str(&t, schema);
	ident_quote(&t, name, '"');
	if (text_ok(&t))
		out = pool_strdup(pool, text_get(&t));
	text_done(&t);
	return out;
}

/* 1 found, 0 not there, or an error. */
static int32_t find_table(struct sl_source *s, struct pool *pool, const char *name,
			  struct sl_table *ret)
{
	static const char sql[] = "SELECT name, type = 'view' FROM main.sqlite_schema "
				  "WHERE type IN ('table', 'view') AND name = ?1 COLLATE NOCASE";
	sqlite3_stmt *stmt;
	int32_t rc = sl_prepare(s, sql, name, &stmt);
	int step;

	if (rc < 0)
		return rc;
	(void)sqlite3_bind_text(stmt, 1, name, -1, SQLITE_STATIC);
	step = sqlite3_step(stmt);
	if (step == SQLITE_ROW) {
		ret->name = pool_strdup(pool, (const char *)sqlite3_column_text(stmt, 0));
		ret->view = sqlite3_column_int(stmt, 1) != 0;
		ret->quoted = ret->name ? quoted(pool, "\"main\".", ret->name) : NULL;
		rc = ret->quoted ? 1 : sl_fail_nomem(s);
	} else if (step != SQLITE_DONE) {
		rc = sl_fail(s, "cannot read", name);
	}
	sqlite3_finalize(stmt);
	return rc;
}

/* The name as it stands, since it may hold dots; then as SQL would read it. */
static int32_t resolve(struct sl_source *s, struct pool *pool, const char *from,
		       struct sl_table *ret)
{
	char *parts[IDENT_PARTS];
	int32_t rc = find_table(s, pool, from, ret);
	size_t n, i;

	if (rc != 0)
		return rc < 0 ? rc : 0;
	n = ident_split(from, '"', parts);
	if (n == 1)
		rc = find_table(s, pool, parts[0], ret);
	else if (n == 2 && strcasecmp(parts[0], "main") == 0)
		rc = find_table(s, pool, parts[1], ret);
	for (i = 0; i < n; i++)
		free(parts[i]);
	if (rc == 0)
		return defsync_fail(s->host, DEFSYNC_E_CONFIG,
				    "no such table or view: '%s' in '%s'; see 'defsync discover'",
				    from, s->path);
	return rc < 0 ? rc : 0;
}

static int32_t fill_column(struct sl_source *s, struct pool *pool, const struct sl_table *t,
			   sqlite3_stmt *stmt, struct sl_column *c)
{
	const char *declared = (const char *)sqlite3_column_text(stmt, 1);
	const char *fallback = (const char *)sqlite3_column_text(stmt, 3);
	const char *collation = NULL;

	c->name = pool_strdup(pool, (const char *)sqlite3_column_text(stmt, 0));
	c->quoted = c->name ? quoted(pool, "", c->name) : NULL;
	c->declared = pool_strdup(pool, declared ? declared : "");
	c->fallback = fallback ? pool_strdup(pool, fallback) : NULL;
	c->not_null = sqlite3_column_int(stmt, 2) != 0;
	c->pk = sqlite3_column_int(stmt, 4);
	c->generated = sqlite3_column_int(stmt, 5) != 0;
	if (!t->view && c->name)
		(void)sqlite3_table_column_metadata(s->db, "main", t->name, c->name, NULL,
						    &collation, NULL, NULL, NULL);
	c->collation = pool_strdup(pool, collation ? collation : "BINARY");
	return c->quoted && c->declared && c->collation ? 0 : sl_fail_nomem(s);
}

static int32_t load_columns(struct sl_source *s, struct pool *pool, struct sl_table *t)
{
	/* hidden 1: columns of virtual tables that SELECT * leaves out. */
	static const char sql[] =
	    "SELECT name, type, \"notnull\", dflt_value, pk, hidden IN (2, 3), count(*) OVER () "
	    "FROM pragma_table_xinfo(?1, 'main') WHERE hidden <> 1 ORDER BY cid";
	sqlite3_stmt *stmt;
	int32_t rc = sl_prepare(s, sql, t->name, &stmt);
	int step = SQLITE_DONE;

	if (rc < 0)
		return rc;
	(void)sqlite3_bind_text(stmt, 1, t->name, -1, SQLITE_STATIC);
	while (rc == 0 && (step = sqlite3_step(stmt)) == SQLITE_ROW) {
		if (!t->columns)
			t->columns = pool_alloc(pool, (size_t)sqlite3_column_int(stmt, 6),
						sizeof(*t->columns));
		rc = t->columns ? fill_column(s, pool, t, stmt, &t->columns[t->n_columns++])
				: sl_fail_nomem(s);
	}
	if (rc == 0 && step != SQLITE_DONE)
		rc = sl_fail(s, "cannot read", t->name);
	sqlite3_finalize(stmt);
	if (rc == 0 && t->n_columns == 0)
		rc = defsync_fail(s->host, DEFSYNC_E_CONFIG, "'%s' has no columns", t->name);
	return rc;
}

/* pragma_table_list would say it too, but only since SQLite 3.37. */
static bool selects_rowid(struct sl_source *s, const struct sl_table *t)
{
	sqlite3_stmt *stmt = NULL;
	struct text sql;
	bool ok = false;

	text_init(&sql, SL_SQL_MAX);
	text_str(&sql, "SELECT ");
	text_str(&sql, t->rowid);
	text_str(&sql, " FROM ");
	text_str(&sql, t->quoted);
	if (text_ok(&sql))
		ok = sqlite3_prepare_v2(s->db, text_get(&sql), -1, &stmt, NULL) == SQLITE_OK;
	sqlite3_finalize(stmt);
	text_done(&sql);
	return ok;
}

/*
 * Is the single key column the rowid itself?  Only when declared exactly INTEGER,
 * and not for the quirk INTEGER PRIMARY KEY DESC, which has an index of its own.
 */
static int32_t find_alias(struct sl_source *s, struct sl_table *t)
{
	sqlite3_stmt *stmt;
	int32_t rc;
	int i, key = -1, n = 0;

	for (i = 0; i < t->n_columns; i++) {
		if (t->columns[i].pk) {
			key = i;
			n++;
		}
	}
	if (n != 1 || !t->has_rowid || strcasecmp(t->columns[key].declared, "INTEGER") != 0)
		return 0;
	rc = sl_prepare(s, "SELECT 1 FROM pragma_index_list(?1, 'main') WHERE origin = 'pk'",
			t->name, &stmt);
	if (rc < 0)
		return rc;
	(void)sqlite3_bind_text(stmt, 1, t->name, -1, SQLITE_STATIC);
	if (sqlite3_step(stmt) == SQLITE_DONE)
		t->alias = key;
	sqlite3_finalize(stmt);
	return 0;
}

int32_t sl_table_load(struct sl_source *s, struct pool *pool, const char *from,
		      struct sl_table *ret)
{
	static const char *const names[] = {"rowid", "_rowid_", "oid"};
	struct sl_table t = {.alias = -1};
	int32_t rc = resolve(s, pool, from, &t);
	size_t i;

	if (rc == 0)
		rc = load_columns(s, pool, &t);
	if (rc < 0)
		return rc;
	for (i = 0; i < 3 && !t.view && !t.rowid; i++) {
		if (sl_table_column(&t, names[i]) < 0)
			t.rowid = names[i];
	}
	if (t.rowid)
		t.has_rowid = selects_rowid(s, &t);
	rc = find_alias(s, &t);
	if (rc == 0)
		*ret = t;
	return rc;
}

/* Names of columns are equal without regard to ASCII case, as in SQLite. */
int sl_table_column(const struct sl_table *t, const char *name)
{
	int i;

	for (i = 0; i < t->n_columns; i++) {
		if (sqlite3_stricmp(t->columns[i].name, name) == 0)
			return i;
	}
	return -1;
}
