/* SPDX-License-Identifier: MIT */
/* What `defsync check` says about a table of this server, beside what is said of all. */

#include <string.h>
#include <strings.h>

#include "my.h"

/* Reads the whole column, which only `check` does. */
static int32_t zero_parts(struct my_source *s, const struct reader_table *t,
			  const struct reader_column *c, void *list)
{
	struct text sql;
	MYSQL_RES *res = NULL;
	int32_t rc;

	if (c->type == DEFSYNC_TIMESTAMP)
		return 0;
	text_init(&sql, READER_SQL_MAX);
	text_str(&sql, "SELECT 1 FROM ");
	text_str(&sql, t->sql);
	text_str(&sql, " WHERE ");
	text_str(&sql, c->present);
	text_str(&sql, " AND (MONTH(");
	text_str(&sql, c->quoted);
	text_str(&sql, ") = 0 OR DAY(");
	text_str(&sql, c->quoted);
	text_str(&sql, ") = 0) LIMIT 1");
	rc = my_query(s, t->name, &sql, &res);
	text_done(&sql);
	if (rc == 0 && mysql_num_rows(res) > 0)
		reader_find(
		    list, DEFSYNC_FINDING_ERROR, "zero-parts", NULL,
		    "watermark '%s' holds dates whose month or day is zero, which are never "
		    "read or end a run",
		    c->name);
	mysql_free_result(res);
	return rc;
}

int32_t my_findings(struct reader_source *r, const struct reader_table *t,
		    const struct reader_column *watermark, void *list)
{
	const struct my_table *own = t->own;

	if (t->no_snapshots)
		reader_find(
		    list, DEFSYNC_FINDING_WARN, "no-snapshots", "ALTER TABLE ... ENGINE = InnoDB;",
		    "'%s' is of the engine %s, which has no snapshots: rows that move while "
		    "it is read may be missed until their next change",
		    t->name, own->engine);
	if (!watermark || watermark->kind != READER_TIME)
		return 0;
	reader_find(
	    list, DEFSYNC_FINDING_NOTE, "ceiling-limits", NULL,
	    "times that applications set themselves, and statements that waited for a lock, "
	    "are covered by 'lookback' only");
	if (watermark->type == DEFSYNC_TIMESTAMP_LOCAL)
		reader_find(list, DEFSYNC_FINDING_NOTE, "watermark-without-zone", NULL,
			    "watermark '%s' has no zone: its values are taken as times of the "
			    "server's zone",
			    watermark->name);
	return zero_parts(my_source_of(r), t, watermark, list);
}
