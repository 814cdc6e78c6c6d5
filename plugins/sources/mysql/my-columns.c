/* SPDX-License-Identifier: MIT */
/* Columns: what they are declared as, and how they get their values. */

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "my.h"

#define TABLE_ACCESS_DENIED 1142

/* ---- What definitions and triggers say ------------------------------------ */

static int32_t query_about(struct my_source *s, const struct reader_table *t, const char *select,
			   const char *schema_column, const char *table_column, const char *rest,
			   MYSQL_RES **ret)
{
	struct text sql;
	int32_t rc;

	text_init(&sql, READER_SQL_MAX);
	text_str(&sql, select);
	text_str(&sql, " WHERE ");
	text_str(&sql, schema_column);
	text_str(&sql, " = ");
	my_literal(&sql, t->schema);
	text_str(&sql, " AND ");
	text_str(&sql, table_column);
	text_str(&sql, " = ");
	my_literal(&sql, t->name);
	text_str(&sql, rest);
	rc = my_query(s, t->name, &sql, ret);
	text_done(&sql);
	return rc;
}

/*
 * A column of MariaDB that was declared as JSON is a longtext with a check.  Checks in
 * information_schema are hidden from who may only SELECT; the table's own text is not.
 * It needs the whole table: where only some columns are granted, JSON is text.
 */
static int32_t load_definition(struct my_source *s, const struct reader_table *t, MYSQL_RES **ret)
{
	struct text sql;
	int32_t rc = 0;

	*ret = NULL;
	if (!s->mariadb || ((const struct my_table *)t->own)->view)
		return 0;
	text_init(&sql, READER_SQL_MAX);
	text_str(&sql, "SHOW CREATE TABLE ");
	text_str(&sql, t->sql);
	if (!text_ok(&sql))
		rc = reader_fail_nomem(&s->reader);
	else if (mysql_real_query(s->db, text_get(&sql), (unsigned long)sql.len) == 0)
		*ret = mysql_store_result(s->db);
	else if (mysql_errno(s->db) != TABLE_ACCESS_DENIED)
		rc = my_fail(s, "cannot ask the server about", t->name);
	text_done(&sql);
	return rc;
}

static int32_t load_triggers(struct my_source *s, const struct reader_table *t, MYSQL_RES **ret)
{
	return query_about(s, t, "SELECT ACTION_STATEMENT FROM information_schema.TRIGGERS",
			   "EVENT_OBJECT_SCHEMA", "EVENT_OBJECT_TABLE", "", ret);
}

/* The line of the column ends with the check, behind all that anyone can write in it. */
static bool is_json(const char *definition, const char *quoted)
{
	struct text begin, check;
	const char *line, *end;
	bool found = false;

	text_init(&begin, 1024);
	text_str(&begin, "\n  ");
	text_str(&begin, quoted);
	text_char(&begin, ' ');
	text_init(&check, 1024);
	text_str(&check, " CHECK (json_valid(");
	text_str(&check, quoted);
	text_str(&check, "))");
	line = strstr(definition, text_get(&begin));
	if (line && text_ok(&begin) && text_ok(&check)) {
		end = line + 1 + strcspn(line + 1, "\n");
		end -= end[-1] == ',';
		found = (size_t)(end - line) > check.len &&
			memcmp(end - check.len, text_get(&check), check.len) == 0;
	}
	text_done(&begin);
	text_done(&check);
	return found;
}

static bool mentions(const char *text, const char *name)
{
	size_t len = strlen(name);

	for (; *text; text++) {
		if (strncasecmp(text, name, len) == 0)
			return true;
	}
	return false;
}

static bool has_trigger(MYSQL_RES *triggers, const char *name)
{
	MYSQL_ROW row;

	mysql_data_seek(triggers, 0);
	while ((row = mysql_fetch_row(triggers))) {
		if (mentions(my_text(row[0]), name))
			return true;
	}
	return false;
}

static const char *filled_by(const char *fallback, const char *extra, bool trigger)
{
	bool by_default = strncasecmp(fallback, "current_timestamp", 17) == 0 ||
			  strncasecmp(fallback, "now(", 4) == 0;
	bool on_update = mentions(extra, "on update");

	if (by_default && on_update)
		return "default, on update";
	if (by_default)
		return "default";
	if (on_update)
		return "on update";
	if (mentions(extra, "auto_increment"))
		return "auto_increment";
	return trigger ? "trigger" : "unknown";
}

/* ---- Columns ------------------------------------------------------------------------------ */

enum place {
	NAME,
	COLUMN_TYPE,
	DATA_TYPE,
	NULLABLE,
	FALLBACK,
	EXTRA,
	DIGITS,
	COLLATION,
	CHARSET,
	OCTETS,
	GENERATION,
};

static const char columns_sql[] =
    "SELECT COLUMN_NAME, COLUMN_TYPE, DATA_TYPE, IS_NULLABLE, COLUMN_DEFAULT, EXTRA, "
    "DATETIME_PRECISION, COLLATION_NAME, CHARACTER_SET_NAME, CHARACTER_OCTET_LENGTH, "
    "GENERATION_EXPRESSION FROM information_schema.COLUMNS";

static bool fill_declared(struct pool *pool, MYSQL_ROW row, struct my_declared *d)
{
	d->data_type = pool_strdup(pool, my_text(row[DATA_TYPE]));
	d->column_type = pool_strdup(pool, my_text(row[COLUMN_TYPE]));
	d->collation = row[COLLATION] ? pool_strdup(pool, row[COLLATION]) : NULL;
	d->charset = row[CHARSET] ? pool_strdup(pool, row[CHARSET]) : NULL;
	d->octets = row[OCTETS] ? strtoll(row[OCTETS], NULL, 10) : -1;
	d->digits = row[DIGITS] ? (uint32_t)strtoul(row[DIGITS], NULL, 10) : 0;
	return d->data_type && d->column_type && (!row[COLLATION] || d->collation) &&
	       (!row[CHARSET] || d->charset);
}

struct loading {
	struct my_source *s;
	struct pool *pool;
	const struct defsync_request *request;
	const char *definition; /* SHOW CREATE TABLE, or "" */
	MYSQL_RES *triggers;
};

static bool wants_bool(const struct loading *l)
{
	return strcmp(reader_option(&l->s->reader, l->request, "tinyint1"), "bool") == 0;
}

static bool fill_column(const struct loading *l, MYSQL_ROW row, struct my_declared *d,
			struct reader_column *c)
{
	if (!fill_declared(l->pool, row, d))
		return false;
	c->name = pool_strdup(l->pool, my_text(row[NAME]));
	c->quoted = c->name ? my_quoted(l->pool, NULL, c->name) : NULL;
	if (!c->quoted)
		return false;
	d->json = is_json(l->definition, c->quoted);
	d->tinyint1_bool = wants_bool(l);
	d->mariadb = l->s->mariadb;
	c->native_type = d->json ? "json" : d->column_type;
	c->nullable = strcasecmp(my_text(row[NULLABLE]), "YES") == 0;
	c->generated = *my_text(row[GENERATION]) != '\0';
	c->filled = filled_by(my_text(row[FALLBACK]), my_text(row[EXTRA]),
			      has_trigger(l->triggers, c->name));
	c->server_time = strstr(c->filled, "default") || strcmp(c->filled, "on update") == 0;
	return my_type_apply(d, l->pool, c);
}

static int32_t fill_columns(const struct loading *l, MYSQL_RES *res, struct reader_table *t)
{
	struct my_table *own = t->own;
	size_t n = (size_t)mysql_num_rows(res), i;
	struct reader_column *columns = pool_alloc(l->pool, n + 1, sizeof(*columns));

	own->declared = pool_alloc(l->pool, n + 1, sizeof(*own->declared));
	if (!columns || !own->declared)
		return reader_fail_nomem(&l->s->reader);
	for (i = 0; i < n; i++) {
		if (!fill_column(l, mysql_fetch_row(res), &own->declared[i], &columns[i]))
			return reader_fail_nomem(&l->s->reader);
	}
	t->columns = columns;
	t->n_columns = (int)n;
	if (n == 0)
		return defsync_fail(my_host(l->s), DEFSYNC_E_AUTH,
				    "'%s' has no columns that '%s' may see; GRANT SELECT on it",
				    t->name, l->s->config.user);
	return 0;
}

int32_t my_columns_load(struct my_source *s, struct pool *pool,
			const struct defsync_request *request, struct reader_table *t)
{
	struct loading l = {.s = s, .pool = pool, .request = request};
	MYSQL_RES *definition = NULL, *res = NULL;
	MYSQL_ROW row = NULL;
	int32_t rc = load_definition(s, t, &definition);

	if (definition)
		row = mysql_fetch_row(definition);
	l.definition = row && row[1] ? row[1] : "";
	if (rc == 0)
		rc = load_triggers(s, t, &l.triggers);
	if (rc == 0)
		rc = query_about(s, t, columns_sql, "TABLE_SCHEMA", "TABLE_NAME",
				 " ORDER BY ORDINAL_POSITION", &res);
	if (rc == 0)
		rc = fill_columns(&l, res, t);
	mysql_free_result(res);
	mysql_free_result(definition);
	mysql_free_result(l.triggers);
	return rc;
}
