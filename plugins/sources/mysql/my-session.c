/* SPDX-License-Identifier: MIT */
/*
 * Settings of the session, so that no default of the server or the user changes what
 * values mean: set, then read back, since a proxy may swallow them.
 */

#include <stdlib.h>
#include <string.h>

#include "my.h"

#define WAIT_TIMEOUT_S 28800
/* Room for fifteen keys of MY_SORT_MAX, without which the server does not sort. */
#define SORT_BUFFER (8 * 1024 * 1024)

static void add_setting(struct text *out, const char *name, int64_t value)
{
	text_str(out, ", ");
	text_str(out, name);
	text_str(out, " = ");
	text_int(out, value);
}

static int32_t set_variables(struct my_source *s)
{
	int64_t read_s = (s->config.read_ms + 999) / 1000;
	struct text sql;
	int32_t rc;

	text_init(&sql, 2048);
	/* An empty mode: double quotes are texts, zero dates can be compared with. */
	text_str(&sql, "SET time_zone = '+00:00', sql_mode = '', autocommit = 1, "
		       "sql_auto_is_null = 0, sql_big_selects = 1, sql_select_limit = DEFAULT");
	/* Columns are looked up in SHOW CREATE TABLE by their quoted names. */
	add_setting(&sql, "sql_quote_show_create", 1);
	add_setting(&sql, "wait_timeout", WAIT_TIMEOUT_S);
	/* The server waits so long for a reader that is busy with sending. */
	add_setting(&sql, "net_write_timeout", s->reader.max_snapshot_ms / 1000 + 120);
	/* Left at 1024, equal beginnings would come in any order, and pages lose rows. */
	add_setting(&sql, "max_sort_length", MY_SORT_MAX);
	text_str(&sql, ", sort_buffer_size = GREATEST(@@SESSION.sort_buffer_size, ");
	text_int(&sql, SORT_BUFFER);
	text_char(&sql, ')');
	if (s->mariadb)
		add_setting(&sql, "max_statement_time", read_s);
	else
		add_setting(&sql, "max_execution_time", read_s * 1000);
	rc = text_ok(&sql) ? my_exec(s, "cannot set up the session with", text_get(&sql))
			   : reader_fail_nomem(&s->reader);
	text_done(&sql);
	return rc;
}

static const struct {
	const char *name, *value;
} expected[] = {
    {"time_zone", "+00:00"},
    {"sql_mode", ""},
    {"character_set_client", "utf8mb4"},
    {"character_set_results", "utf8mb4"},
    {"character_set_connection", "utf8mb4"},
    {"max_sort_length", "262144"},
    {"sql_quote_show_create", "1"},
    {"tx_isolation", "REPEATABLE-READ"},
    {"tx_read_only", "1"},
};

#define N_EXPECTED (sizeof(expected) / sizeof(expected[0]))

/* MySQL 8 has the names transaction_x only, older MariaDB those of tx_x. */
static void add_variable(struct text *sql, const char *name, bool mariadb)
{
	text_str(sql, "@@SESSION.");
	if (!mariadb && strncmp(name, "tx_", 3) == 0) {
		text_str(sql, "transaction_");
		name += 3;
	}
	text_str(sql, name);
}

static int32_t verify(struct my_source *s)
{
	struct text sql;
	MYSQL_RES *res = NULL;
	MYSQL_ROW row;
	int32_t rc;
	size_t i;

	text_init(&sql, 2048);
	text_str(&sql, "SELECT ");
	for (i = 0; i < N_EXPECTED; i++) {
		text_str(&sql, i ? ", " : "");
		add_variable(&sql, expected[i].name, s->mariadb);
	}
	rc = my_query(s, "the session", &sql, &res);
	text_done(&sql);
	if (rc < 0)
		return rc;
	row = mysql_fetch_row(res);
	for (i = 0; row && rc == 0 && i < N_EXPECTED; i++) {
		if (strcmp(my_text(row[i]), expected[i].value) != 0)
			rc = defsync_fail(
			    my_host(s), DEFSYNC_E_PERMANENT,
			    "the server keeps session variable '%s' at '%s' instead of '%s'; "
			    "connect to the server itself, or have the proxy pass settings on",
			    expected[i].name, my_text(row[i]), expected[i].value);
	}
	mysql_free_result(res);
	return rc;
}

int32_t my_session_begin(struct my_source *s)
{
	int32_t rc;

	s->mariadb = strstr(mysql_get_server_info(s->db), "MariaDB") != NULL;
	rc = set_variables(s);
	if (rc == 0)
		rc = my_exec(s, "cannot set up the session with",
			     "SET SESSION TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY");
	return rc < 0 ? rc : verify(s);
}

/*
 * A server's own number.  MariaDB before 10.10 has none: there, what tells servers of
 * one network apart.
 */
int32_t my_session_identity(struct my_source *s, struct text *out)
{
	static const char *const names[] = {"@@server_uuid", "@@server_uid",
					    "CONCAT_WS('/', @@hostname, @@port, @@server_id)"};
	size_t i;
	int32_t rc = 0;

	for (i = s->mariadb ? 1 : 0; i < 3; i++) {
		struct text sql;
		MYSQL_RES *res = NULL;
		MYSQL_ROW row;

		text_init(&sql, 256);
		text_str(&sql, "SELECT ");
		text_str(&sql, names[i]);
		/* An unknown variable is not an error to report as long as there is another. */
		if (i < 2 && mysql_query(s->db, text_get(&sql)) == 0)
			res = mysql_store_result(s->db);
		else if (i == 2)
			rc = my_query(s, "the server", &sql, &res);
		text_done(&sql);
		if (!res)
			continue;
		row = mysql_fetch_row(res);
		if (row && row[0] && *row[0])
			text_str(out, row[0]);
		mysql_free_result(res);
		if (out->len)
			break;
	}
	return rc;
}
