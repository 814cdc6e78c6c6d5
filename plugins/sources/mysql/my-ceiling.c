/* SPDX-License-Identifier: MIT */
/*
 * The ceiling: the oldest start of what may still commit.  A statement takes its time
 * when it starts, possibly long before InnoDB counts its transaction, for it may wait
 * for a lock; hence also the process list, and before the transactions: what it misses,
 * because it is done, the list of transactions has.
 *
 * Never a proof: times that applications set, and a transaction whose first statement
 * waited, are not seen.  The look-back covers them.
 */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "my.h"

#define SECOND_US INT64_C(1000000)
/* Both lists round to seconds. */
#define MARGIN_US (2 * SECOND_US)

/* One row of one statement; *ret_there false without one. */
static int32_t one_row(struct my_source *s, const struct text *sql, MYSQL_RES **ret_res,
		       MYSQL_ROW *ret_row)
{
	int32_t rc = my_query(s, "its transactions", sql, ret_res);

	if (rc == 0)
		*ret_row = mysql_fetch_row(*ret_res);
	return rc;
}

static int32_t read_now(struct my_source *s, int64_t *ret_us)
{
	struct text sql;
	MYSQL_RES *res = NULL;
	MYSQL_ROW row = NULL;
	int32_t rc;

	text_init(&sql, 256);
	text_str(&sql, "SELECT CAST(UNIX_TIMESTAMP(NOW(6)) * 1000000 AS SIGNED)");
	rc = one_row(s, &sql, &res, &row);
	if (rc == 0 && row && row[0])
		*ret_us = strtoll(row[0], NULL, 10);
	mysql_free_result(res);
	text_done(&sql);
	return rc;
}

/* ---- Who is at work --------------------------------------------------------------------- */

static const char process_sql[] =
    "SELECT ID, USER, COMMAND, TIME, STATE FROM information_schema.PROCESSLIST "
    "WHERE ID <> CONNECTION_ID() AND USER NOT IN ('system user', 'event_scheduler') AND COMMAND "
    "NOT IN ('Sleep', 'Daemon', 'Binlog Dump', 'Binlog Dump GTID', 'Slave_IO', 'Slave_SQL', "
    "'Slave_worker') AND TIME IS NOT NULL ORDER BY TIME DESC LIMIT 1";

static const char replica_sql[] =
    "SELECT COUNT(*) FROM information_schema.PROCESSLIST WHERE COMMAND IN ('Slave_IO', "
    "'Slave_SQL', 'Slave_worker') OR (USER = 'system user' AND COMMAND IN ('Connect', 'Query'))";

static int32_t running_statement(struct my_source *s, int64_t now_us, struct my_oldest *o)
{
	struct text sql;
	MYSQL_RES *res = NULL;
	MYSQL_ROW row = NULL;
	int32_t rc;

	text_init(&sql, 2048);
	text_str(&sql, process_sql);
	rc = one_row(s, &sql, &res, &row);
	if (rc == 0 && row && row[3]) {
		int64_t seconds = strtoll(row[3], NULL, 10);

		if (seconds < 0)
			seconds = 0;
		o->us = now_us - seconds * SECOND_US;
		(void)snprintf(o->who, sizeof(o->who),
			       "connection %.20s of '%.60s' (%.30s, %.40s) since %lld s",
			       my_text(row[0]), my_text(row[1]), my_text(row[2]), my_text(row[4]),
			       (long long)seconds);
	}
	mysql_free_result(res);
	text_done(&sql);
	return rc;
}

static int32_t look_for_replica(struct my_source *s, struct my_oldest *o)
{
	struct text sql;
	MYSQL_RES *res = NULL;
	MYSQL_ROW row = NULL;
	int32_t rc;

	text_init(&sql, 1024);
	text_str(&sql, replica_sql);
	rc = one_row(s, &sql, &res, &row);
	o->replica = rc == 0 && row && strcmp(my_text(row[0]), "0") != 0;
	mysql_free_result(res);
	text_done(&sql);
	return rc;
}

/* ---- Clusters --------------------------------------------------------------------------- */

const char *my_cluster_of(const char *wsrep_on, const char *wsrep_address, const char *group_name)
{
	/* "gcomm://" begins a cluster; others join later. */
	if ((strcasecmp(wsrep_on, "ON") == 0 || strcmp(wsrep_on, "1") == 0) && *wsrep_address)
		return "Galera";
	return *group_name ? "group replication" : NULL;
}

static int32_t look_for_cluster(struct my_source *s, struct my_oldest *o)
{
	static const char *const names[] = {"wsrep_on", "wsrep_cluster_address",
					    "group_replication_group_name"};
	const char *values[] = {"", "", ""};
	struct text sql;
	MYSQL_RES *res = NULL;
	MYSQL_ROW row;
	int32_t rc;
	size_t i;

	text_init(&sql, 256);
	text_str(&sql, "SHOW GLOBAL VARIABLES WHERE Variable_name IN ('wsrep_on', "
		       "'wsrep_cluster_address', 'group_replication_group_name')");
	rc = my_query(s, "its cluster", &sql, &res);
	text_done(&sql);
	while (rc == 0 && (row = mysql_fetch_row(res))) {
		for (i = 0; i < 3; i++) {
			if (strcasecmp(my_text(row[0]), names[i]) == 0)
				values[i] = my_text(row[1]);
		}
	}
	o->cluster = my_cluster_of(values[0], values[1], values[2]);
	mysql_free_result(res);
	return rc;
}

/* ---- The column's clock --------------------------------------------------------------------- */

/*
 * A column without a zone holds what the clock of its writers showed, as a rule that of
 * the server.  While that clock is about to go back, the time an hour ago will come again.
 */
static int32_t to_column_clock(struct my_source *s, struct reader_ceiling *c)
{
	struct defsync_cell cell = {.type = DEFSYNC_TIMESTAMP, .v.i64 = c->us};
	struct text sql, utc;
	MYSQL_RES *res = NULL;
	MYSQL_ROW row = NULL;
	int64_t local;
	bool zoned;
	int32_t rc;

	text_init(&utc, 64);
	text_init(&sql, 1024);
	reader_value_print(&cell, &utc);
	text_str(&sql, "SELECT LEAST(CONVERT_TZ(u, '+00:00', z), CONVERT_TZ(u + INTERVAL 1 HOUR, "
		       "'+00:00', z) - INTERVAL 1 HOUR), z FROM (SELECT CAST('");
	text_str(&sql, text_get(&utc));
	text_str(&sql, "' AS DATETIME(6)) AS u, @@GLOBAL.time_zone AS z) AS t");
	rc = one_row(s, &sql, &res, &row);
	if (rc == 0 && (!row || !row[0] || !my_time_parse(row[0], strlen(row[0]), &local, &zoned)))
		rc = defsync_fail(my_host(s), DEFSYNC_E_PERMANENT,
				  "the server cannot convert times to its zone '%s'; load its time "
				  "zone tables, or set its time_zone to SYSTEM or an offset",
				  row ? my_text(row[1]) : "");
	if (rc == 0 && local != c->us)
		defsync_log(my_host(s), DEFSYNC_LOG_DEBUG,
			    "times without a zone are taken as those of the server's, '%s'",
			    my_text(row[1]));
	if (rc == 0)
		c->us = local;
	mysql_free_result(res);
	text_done(&sql);
	text_done(&utc);
	return rc;
}

/* ---- The whole ----------------------------------------------------------------------------- */

/* MySQL rounds fractions up: a stored time may lie half a tick ahead. */
static int64_t tick_us(const struct reader_column *c)
{
	int64_t tick = SECOND_US;
	uint32_t i;

	if (c->type == DEFSYNC_DATE)
		return 0;
	for (i = 0; i < c->digits && i < 6; i++)
		tick /= 10;
	return tick;
}

/* 'user'@'host', as GRANT wants it. */
static int32_t add_account(struct my_source *s, struct reader_ceiling *c)
{
	size_t n = strlen(c->reason);
	struct text sql;
	MYSQL_RES *res = NULL;
	MYSQL_ROW row = NULL;
	int32_t rc;

	text_init(&sql, 256);
	text_str(&sql, "SELECT CONCAT(QUOTE(SUBSTRING_INDEX(CURRENT_USER(), '@', 1)), '@', "
		       "QUOTE(SUBSTRING_INDEX(CURRENT_USER(), '@', -1)))");
	rc = one_row(s, &sql, &res, &row);
	if (rc == 0 && row)
		(void)snprintf(c->reason + n, sizeof(c->reason) - n, "%s", my_text(row[0]));
	mysql_free_result(res);
	text_done(&sql);
	return rc;
}

/* Without transactions a statement's rows are there when it is over. */
bool my_engine_is_seen(const char *engine)
{
	static const char *const seen[] = {"InnoDB", "MyISAM", "MRG_MyISAM", "Aria",
					   "MEMORY", "CSV",    "ARCHIVE",    "SEQUENCE"};
	size_t i;

	for (i = 0; i < sizeof(seen) / sizeof(seen[0]); i++) {
		if (strcasecmp(seen[i], engine) == 0)
			return true;
	}
	return *engine == '\0';
}

/* Nothing where all is as it can be: the manual says what remains. */
static int32_t give_reason(struct my_source *s, const struct my_oldest *o, enum my_seen seen,
			   const char *engine, struct reader_ceiling *c)
{
	if (seen == MY_SEEN_DENIED) {
		(void)snprintf(
		    c->reason, sizeof(c->reason),
		    "'%.60s' may not see transactions of others, and rows of those that "
		    "stay open for longer than 'lookback' are lost; GRANT PROCESS ON *.* "
		    "TO ",
		    s->config.user);
		return add_account(s, c);
	}
	if (seen == MY_SEEN_OLD)
		(void)snprintf(
		    c->reason, sizeof(c->reason),
		    "another session reads the server's list of transactions so often that it "
		    "stays old, and rows of transactions that stay open for longer than "
		    "'lookback' are lost; have INNODB_TRX read once in a second at most, as a "
		    "rule by a monitor");
	else if (!my_engine_is_seen(engine))
		(void)snprintf(c->reason, sizeof(c->reason),
			       "transactions of the engine %.60s are not seen, and may commit "
			       "late; set 'lookback' above the longest of them",
			       engine);
	else if (o->cluster)
		(void)snprintf(
		    c->reason, sizeof(c->reason),
		    "the server is one of several (%s), whose open transactions are not seen here "
		    "and may commit late; set 'lookback' above the longest of them",
		    o->cluster);
	else if (o->replica)
		(void)snprintf(c->reason, sizeof(c->reason),
			       "the server applies changes of another, with the times of that one; "
			       "set 'lookback' above the lag between them");
	else if (o->detached)
		(void)snprintf(
		    c->reason, sizeof(c->reason),
		    "there is a transaction without a session, whose start is not known; "
		    "see XA RECOVER");
	return 0;
}

int32_t my_ceiling(struct reader_source *r, const struct reader_table *t,
		   const struct reader_column *watermark, struct reader_ceiling *ret)
{
	struct my_source *s = my_source_of(r);
	struct reader_ceiling c = {.standing = READER_HEURISTIC};
	struct my_oldest o = {.us = INT64_MAX};
	enum my_seen seen = MY_SEEN_OLD;
	int64_t now_us = 0;
	int32_t rc = read_now(s, &now_us);

	if (rc == 0)
		rc = look_for_replica(s, &o);
	if (rc == 0)
		rc = look_for_cluster(s, &o);
	if (rc == 0)
		rc = running_statement(s, now_us, &o);
	/* Behind the statements; it begins and ends a transaction of its own. */
	if (rc == 0)
		rc = my_transactions(s, now_us, &o, &seen);
	if (rc < 0)
		return rc;
	c.us = now_us;
	if (o.us < now_us) {
		c.us = o.us;
		c.held_ms = (now_us - o.us) / 1000;
		(void)snprintf(c.holder, sizeof(c.holder), "%s", o.who);
	}
	rc = give_reason(s, &o, seen, ((const struct my_table *)t->own)->engine, &c);
	c.us -= MARGIN_US + tick_us(watermark);
	if (rc == 0 && watermark->type != DEFSYNC_TIMESTAMP)
		rc = to_column_clock(s, &c);
	if (rc == 0)
		*ret = c;
	return rc;
}
