/* SPDX-License-Identifier: MIT */
/* The tables and views there are. */

#include <fnmatch.h>
#include <string.h>
#include <strings.h>

#include "my.h"

bool my_pattern_fits(const char *pattern, const char *database, const char *schema,
		     const char *name)
{
	const char *dot = strchr(pattern, '.');
	char first[256];

	if (!dot)
		return database && strcmp(database, schema) == 0 && fnmatch(pattern, name, 0) == 0;
	if ((size_t)(dot - pattern) >= sizeof(first))
		return false;
	memcpy(first, pattern, (size_t)(dot - pattern));
	first[dot - pattern] = '\0';
	return fnmatch(first, schema, 0) == 0 && fnmatch(dot + 1, name, 0) == 0;
}

static int32_t list_tables(struct my_source *s, MYSQL_RES **ret)
{
	struct text sql;
	int32_t rc;

	text_init(&sql, 1024);
	text_str(&sql,
		 "SELECT TABLE_SCHEMA, TABLE_NAME, TABLE_TYPE FROM information_schema.TABLES WHERE "
		 "TABLE_SCHEMA NOT IN ('information_schema', 'performance_schema', 'mysql', "
		 "'sys') AND TABLE_TYPE <> 'SEQUENCE' ORDER BY 1, 2");
	rc = my_query(s, "its tables", &sql, ret);
	text_done(&sql);
	return rc;
}

/* Without a pattern: the connection's database, or all when it has none. */
static bool wanted(const struct my_source *s, const char *pattern, MYSQL_ROW row)
{
	const char *database = s->config.database;

	if (pattern)
		return my_pattern_fits(pattern, database, my_text(row[0]), my_text(row[1]));
	return !database || strcmp(database, my_text(row[0])) == 0;
}

/*
 * A view whose tables or definer are gone cannot even be described.  Preparing is what
 * a reader would do first, and runs nothing.  1: it can be read; 0: left out.
 */
static int32_t is_readable(struct my_source *s, const char *from)
{
	MYSQL_STMT *stmt = mysql_stmt_init(s->db);
	struct text sql;
	int32_t rc = 1;

	if (!stmt)
		return reader_fail_nomem(&s->reader);
	text_init(&sql, 2048);
	text_str(&sql, "SELECT * FROM ");
	text_str(&sql, from);
	if (!text_ok(&sql)) {
		rc = reader_fail_nomem(&s->reader);
	} else if (mysql_stmt_prepare(stmt, text_get(&sql), (unsigned long)sql.len) != 0) {
		int32_t error_class = my_error_class(mysql_stmt_errno(stmt));

		rc = 0;
		if (error_class != DEFSYNC_E_CONFIG && error_class != DEFSYNC_E_AUTH &&
		    error_class != DEFSYNC_E_PERMANENT)
			rc = my_fail_stmt(s, stmt, "cannot read", from);
		else
			/* A definer that is gone looks like a log-in that is refused. */
			defsync_log(my_host(s), DEFSYNC_LOG_WARN,
				    "view %s is left out: %s; correct the view or its definer",
				    from, mysql_stmt_error(stmt));
	}
	(void)mysql_stmt_close(stmt);
	text_done(&sql);
	return rc;
}

/* 1: filled; 0: left out, with a warning. */
static int32_t fill(struct my_source *s, const char *from, bool view, struct defsync_table *t)
{
	struct pool *pool = &s->reader.described;
	struct defsync_request request = {
	    .struct_size = sizeof(request), .mode = DEFSYNC_READ_SNAPSHOT, .table = from};
	struct reader_table table;
	int32_t rc = view ? is_readable(s, from) : 1;

	if (rc <= 0)
		return rc;
	rc = my_load_table(&s->reader, pool, &request, &table);
	if (rc == 0)
		rc = reader_table_make(&s->reader, pool, &table, t);
	return rc < 0 ? rc : 1;
}

int32_t my_discover(struct my_source *s, const char *pattern,
		    const struct defsync_table *const **ret_tables, uint32_t *ret_n)
{
	struct pool *pool = &s->reader.described;
	const struct defsync_table **tables;
	struct defsync_table *list;
	MYSQL_RES *res = NULL;
	MYSQL_ROW row;
	uint32_t n = 0;
	int32_t rc;

	pool_done(pool);
	rc = list_tables(s, &res);
	if (rc < 0)
		return rc;
	list = pool_alloc(pool, (size_t)mysql_num_rows(res) + 1, sizeof(*list));
	tables =
	    pool_alloc(pool, (size_t)mysql_num_rows(res) + 1, sizeof(const struct defsync_table *));
	if (!list || !tables)
		rc = reader_fail_nomem(&s->reader);
	while (rc >= 0 && (row = mysql_fetch_row(res))) {
		const char *from;

		if (!wanted(s, pattern, row))
			continue;
		from = my_quoted(pool, my_text(row[0]), my_text(row[1]));
		rc = from ? fill(s, from, strstr(my_text(row[2]), "VIEW") != NULL, &list[n])
			  : reader_fail_nomem(&s->reader);
		if (rc > 0) {
			tables[n] = &list[n];
			n++;
		}
	}
	mysql_free_result(res);
	if (rc < 0)
		return rc;
	*ret_tables = tables;
	*ret_n = n;
	return 0;
}
