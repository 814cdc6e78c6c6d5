/* SPDX-License-Identifier: MIT */
/* Preparing and running statements. */

#include <string.h>

#include "sl.h"

/* A second statement, or a parameter, can only come from the configured filter. */
static bool one_statement(const char *tail)
{
	return tail[strspn(tail, " \t\r\n")] == '\0';
}

int32_t sl_prepare(struct sl_source *s, const char *sql, const char *subject,
		   sqlite3_stmt **ret_stmt)
{
	sqlite3_stmt *stmt = NULL;
	const char *tail;

	if (sl_is_cancelled(s))
		return defsync_fail(s->host, DEFSYNC_E_CANCELLED, "cancelled");
	if (sqlite3_prepare_v2(s->db, sql, -1, &stmt, &tail) != SQLITE_OK)
		return sl_fail(s, "cannot read", subject);
	if (!stmt || !one_statement(tail) || !sqlite3_stmt_readonly(stmt)) {
		sqlite3_finalize(stmt);
		return defsync_fail(s->host, DEFSYNC_E_CONFIG,
				    "'where' of '%s' is not one condition; correct it", subject);
	}
	*ret_stmt = stmt;
	return 0;
}

int32_t sl_exec(struct sl_source *s, const char *sql, const char *subject)
{
	if (sqlite3_exec(s->db, sql, NULL, NULL, NULL) != SQLITE_OK)
		return sl_fail(s, "cannot read", subject);
	return 0;
}
