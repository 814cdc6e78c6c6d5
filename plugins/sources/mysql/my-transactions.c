/* SPDX-License-Identifier: MIT */
/*
 * Which transactions are open, and since when.  INNODB_TRX is answered from a cache
 * that is renewed only when nobody has read it for 0.1 s: whoever reads it more often
 * keeps it old without limit, and an open transaction is not in it.  So the statement
 * that asks carries a mark and runs in a transaction of its own: where the list shows
 * it, the list was made while it ran.  Else the monitor's text tells, which has no
 * cache, but a limit of its length.
 */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "my.h"

#define SECOND_US INT64_C(1000000)
#define NO_PROCESS 1227

/* ---- The list ----------------------------------------------------------------------- */

/*
 * trx_started is in the zone of the server's process, whatever the session's.  When
 * clocks go back, the earlier of the two instants is taken.
 */
static const char list_begin[] =
    "SELECT UNIX_TIMESTAMP(IF(CONVERT_TZ(u - INTERVAL 1 HOUR, '+00:00', 'SYSTEM') = trx_started, "
    "u - INTERVAL 1 HOUR, u)), thread, detached, seen, own FROM (SELECT trx_started, "
    "trx_mysql_thread_id AS thread, trx_mysql_thread_id = CONNECTION_ID() AS own, "
    "CONVERT_TZ(trx_started, 'SYSTEM', '+00:00') AS u, "
    "MAX(trx_mysql_thread_id = 0) OVER () AS detached, MAX(trx_mysql_thread_id = CONNECTION_ID() "
    "AND LOCATE('";
static const char list_end[] = "', COALESCE(trx_query, '')) > 0) OVER () AS seen FROM "
			       "information_schema.INNODB_TRX) AS t ORDER BY own, trx_started "
			       "LIMIT 1";

static bool is_one(const char *value)
{
	return strcmp(my_text(value), "1") == 0;
}

static void note(const char *thread, int64_t us, int64_t now_us, struct my_oldest *o)
{
	if (us >= o->us)
		return;
	o->us = us;
	(void)snprintf(o->who, sizeof(o->who),
		       "the transaction of connection %.20s, open since %lld s", thread,
		       (long long)((now_us - us) / SECOND_US));
}

static enum my_seen note_list(MYSQL_ROW row, int64_t now_us, struct my_oldest *o)
{
	if (!row)
		return MY_SEEN_OLD;
	o->detached = is_one(row[2]);
	if (!is_one(row[4]))
		note(my_text(row[1]), strtoll(my_text(row[0]), NULL, 10) * SECOND_US, now_us, o);
	return is_one(row[3]) ? MY_SEEN_ALL : MY_SEEN_OLD;
}

static int32_t query_list(struct my_source *s, const struct text *sql, int64_t now_us,
			  struct my_oldest *o, enum my_seen *ret)
{
	MYSQL_RES *res = NULL;

	if (!text_ok(sql))
		return reader_fail_nomem(&s->reader);
	if (mysql_query(s->db, text_get(sql)) == 0)
		res = mysql_store_result(s->db);
	if (!res && mysql_errno(s->db) == NO_PROCESS) {
		*ret = MY_SEEN_DENIED;
		return 0;
	}
	if (!res)
		return my_fail(s, "cannot ask the server about", "its transactions");
	*ret = note_list(mysql_fetch_row(res), now_us, o);
	mysql_free_result(res);
	return 0;
}

/* In a transaction that ends before the snapshot of the reading begins. */
static int32_t read_list(struct my_source *s, int64_t now_us, struct my_oldest *o,
			 enum my_seen *ret)
{
	struct text sql;
	int32_t rc = my_begin(&s->reader);

	text_init(&sql, 2048);
	text_str(&sql, list_begin);
	text_str(&sql, "defsync ");
	text_int(&sql, now_us);
	text_char(&sql, '.');
	text_int(&sql, (int64_t)++s->lists);
	text_str(&sql, list_end);
	if (rc == 0)
		rc = query_list(s, &sql, now_us, o, ret);
	my_rollback(&s->reader);
	text_done(&sql);
	return rc;
}

/* ---- The monitor's text ------------------------------------------------------------------ */

static const char *find(const char *text, size_t len, const char *words)
{
	size_t n = strlen(words), i;

	for (i = 0; i + n <= len; i++) {
		if (memcmp(text + i, words, n) == 0)
			return text + i;
	}
	return NULL;
}

static const char begins[] = "\n---TRANSACTION ";

/* ", ACTIVE 17 sec", ", ACTIVE (PREPARED) 17 sec": 1; ", not started": 0; else -1. */
static int state_of(const char *line, size_t len, int64_t *ret_seconds)
{
	static const char active[] = ", ACTIVE ", prepared[] = "(PREPARED) ";
	const char *p = find(line, len, active);
	char *end;

	if (!p)
		return find(line, len, ", not started") ? 0 : -1;
	p += sizeof(active) - 1;
	if (strncmp(p, prepared, sizeof(prepared) - 1) == 0)
		p += sizeof(prepared) - 1;
	*ret_seconds = (int64_t)strtoull(p, &end, 10);
	return end == p || strncmp(end, " sec", 4) != 0 || *ret_seconds < 0 ? -1 : 1;
}

static unsigned long thread_of(const char *text, size_t len)
{
	static const char words[] = " thread id ";
	const char *p = find(text, len, words);

	return p ? strtoul(p + sizeof(words) - 1, NULL, 10) : 0;
}

/*
 * A transaction about to be over is not waited for here: whoever asks does it again.
 * Texts of statements may look like lines of the monitor: they can only make it older.
 */
bool my_monitor_read(const char *text, struct my_monitor *ret)
{
	const char *list = strstr(text, "\nLIST OF TRANSACTIONS FOR EACH SESSION:"), *p;

	*ret = (struct my_monitor){.seconds = -1};
	if (!list || strstr(list, "\n... truncated...") ||
	    !strstr(list, "\nEND OF INNODB MONITOR OUTPUT"))
		return false;
	for (p = strstr(list, begins); p;) {
		const char *next = strstr(p + 1, begins);
		size_t len = next ? (size_t)(next - p) : strlen(p);
		int64_t seconds = 0;
		int state = state_of(p, strcspn(p + 1, "\n") + 1, &seconds);

		if (state < 0)
			return false;
		if (state > 0) {
			unsigned long thread = thread_of(p, len);

			/* Threads of the server have no number either, and end soon. */
			ret->detached =
			    ret->detached || (thread == 0 && (find(p, len, "(PREPARED)") ||
							      find(p, len, "recovered trx")));
			if (seconds > ret->seconds) {
				ret->seconds = seconds;
				ret->thread = thread;
			}
		}
		p = next;
	}
	return true;
}

static void note_monitor(const struct my_monitor *m, int64_t now_us, struct my_oldest *o)
{
	char thread[24];

	o->detached = m->detached;
	(void)snprintf(thread, sizeof(thread), "%lu", m->thread);
	if (m->seconds >= 0 && m->seconds < now_us / SECOND_US)
		note(thread, now_us - m->seconds * SECOND_US, now_us, o);
}

/* A server or proxy that does not have it is one with the list alone. */
static int32_t read_monitor(struct my_source *s, int64_t now_us, struct my_oldest *o,
			    enum my_seen *ret)
{
	struct my_monitor m;
	MYSQL_RES *res = NULL;
	MYSQL_ROW row;

	if (mysql_query(s->db, "SHOW ENGINE INNODB STATUS") == 0)
		res = mysql_store_result(s->db);
	if (!res)
		return my_error_class(mysql_errno(s->db)) == DEFSYNC_E_TRANSIENT ||
			       reader_is_cancelled(&s->reader)
			   ? my_fail(s, "cannot ask the server about", "its transactions")
			   : 0;
	row = mysql_num_fields(res) >= 3 ? mysql_fetch_row(res) : NULL;
	if (row && my_monitor_read(my_text(row[2]), &m)) {
		note_monitor(&m, now_us, o);
		*ret = MY_SEEN_ALL;
	}
	mysql_free_result(res);
	return 0;
}

/* ---- Both ------------------------------------------------------------------------------------ */

int32_t my_transactions(struct my_source *s, int64_t now_us, struct my_oldest *o, enum my_seen *ret)
{
	static const int64_t waits_ms[] = {120, 250, 500, 1000};
	const size_t n = sizeof(waits_ms) / sizeof(waits_ms[0]);
	int32_t rc = 0;
	size_t i;

	*ret = MY_SEEN_OLD;
	for (i = 0; rc == 0; i++) {
		rc = read_list(s, now_us, o, ret);
		if (rc == 0 && *ret == MY_SEEN_OLD) {
			defsync_log(my_host(s), DEFSYNC_LOG_DEBUG,
				    "the list of transactions is old: others read it too often");
			rc = read_monitor(s, now_us, o, ret);
		}
		if (rc < 0 || *ret != MY_SEEN_OLD || i == n)
			break;
		if (my_host(s)->wait(my_host(s)->ctx, waits_ms[i]) != DEFSYNC_OK)
			rc = defsync_fail(my_host(s), DEFSYNC_E_CANCELLED, "cancelled");
	}
	return rc;
}
