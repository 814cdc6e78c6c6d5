/* SPDX-License-Identifier: MIT */
/* What `defsync check` says about a table of this server, beside what is said of all. */

#include <string.h>
#include <strings.h>

#include "my.h"

/* 'user'@'host', as GRANT wants it; "" without memory. */
static const char *account(struct my_source *s, struct pool *pool)
{
	struct text sql;
	MYSQL_RES *res = NULL;
	MYSQL_ROW row;
	const char *out = NULL;

	text_init(&sql, 256);
	text_str(&sql, "SELECT CONCAT('GRANT PROCESS ON *.* TO ', "
		       "QUOTE(SUBSTRING_INDEX(CURRENT_USER(), '@', 1)), '@', "
		       "QUOTE(SUBSTRING_INDEX(CURRENT_USER(), '@', -1)), ';')");
	if (my_query(s, "its user", &sql, &res) == 0 && (row = mysql_fetch_row(res)))
		out = pool_strdup(pool, my_text(row[0]));
	mysql_free_result(res);
	text_done(&sql);
	return out ? out : "";
}

static int32_t ceiling_findings(struct my_source *s, const struct reader_column *watermark,
				void *list)
{
	int32_t process = my_has_process(s);

	if (process < 0)
		return process;
	if (!process)
		reader_find(list, DEFSYNC_FINDING_WARN, "no-process",
			    account(s, &s->reader.described),
			    "'%s' may not see transactions of others: rows of those that stay open "
			    "for longer than 'lookback' are lost",
			    s->config.user);
	if (watermark->type == DEFSYNC_TIMESTAMP_LOCAL)
		reader_find(list, DEFSYNC_FINDING_NOTE, "watermark-without-zone", NULL,
			    "watermark '%s' has no zone: its values are taken as times of the "
			    "server's zone",
			    watermark->name);
	return 0;
}

int32_t my_findings(struct reader_source *r, const struct reader_table *t,
		    const struct reader_column *watermark, void *list)
{
	const struct my_table *own = t->own;

	if (!own->view && strcasecmp(own->engine, "InnoDB") != 0)
		reader_find(
		    list, DEFSYNC_FINDING_WARN, "no-snapshots", "ALTER TABLE ... ENGINE = InnoDB;",
		    "'%s' is of the engine %s, which has no snapshots: rows that move while "
		    "it is read may be missed until their next change",
		    t->name, own->engine);
	if (!watermark || watermark->kind != READER_TIME)
		return 0;
	return ceiling_findings(my_source_of(r), watermark, list);
}
