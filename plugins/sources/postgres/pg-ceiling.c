/* SPDX-License-Identifier: MIT */
/*
 * The ceiling: before the start of the oldest transaction that is open.  now() is
 * the start of a transaction, so whatever commits later and was stamped by it lies
 * above.  It is a proof only where all sessions are seen, and where it is the server
 * that fills the column.
 *
 * One statement, outside of a transaction: its own now() is older than its look at
 * the sessions.
 */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "pg.h"

/*
 * %s: which sessions, and whether all of them are seen.  A margin of a second, since a
 * session takes its start time a moment before it shows it.  What a prepared
 * transaction began is not told, only when it was prepared.
 */
static const char ceiling_sql[] =
    "WITH a AS (SELECT pid, application_name, state, xact_start FROM pg_catalog.pg_stat_activity "
    "WHERE datname = pg_catalog.current_database() AND pid <> pg_catalog.pg_backend_pid()%s), "
    "p AS (SELECT count(*) AS n, min(prepared) AS first FROM pg_catalog.pg_prepared_xacts WHERE "
    "database = pg_catalog.current_database()), "
    "h AS (SELECT * FROM a WHERE xact_start IS NOT NULL ORDER BY xact_start LIMIT 1), "
    /* Not the zone of this role, but the one that others have. */
    "o AS (SELECT s.setrole, s.setdatabase, pg_catalog.substr(c, 10) AS zone FROM "
    "pg_catalog.pg_db_role_setting AS "
    "s, pg_catalog.unnest(s.setconfig) AS c WHERE s.setdatabase IN (0, (SELECT oid FROM "
    "pg_catalog.pg_database WHERE datname = pg_catalog.current_database())) AND c ILIKE "
    "'timezone=%%'), "
    "z AS (SELECT coalesce((SELECT zone FROM o WHERE setrole = 0 ORDER BY setdatabase DESC LIMIT "
    "1), "
    "CASE WHEN $1::pg_catalog.bool OR EXISTS (SELECT 1 FROM o WHERE setrole <> 0 AND "
    "pg_catalog.pg_get_userbyid(setrole) = current_user) THEN NULL ELSE (SELECT reset_val FROM "
    "pg_catalog.pg_settings WHERE name = 'TimeZone') END) AS zone), "
    "t AS (SELECT least(pg_catalog.now(), h.xact_start, p.first - '5 min'::pg_catalog.interval, "
    "CASE WHEN pg_catalog.pg_is_in_recovery() THEN pg_catalog.pg_last_xact_replay_timestamp() END) "
    "- '1 s'::pg_catalog.interval AS c FROM p LEFT JOIN h ON true) "
    "SELECT (extract(epoch FROM t.c) * 1000000)::pg_catalog.int8, "
    /* The clock of a zone goes back once a year: the lowest that is still to come. */
    "(SELECT (extract(epoch FROM min(u.at AT TIME ZONE coalesce(z.zone, 'Etc/GMT+12'))) * "
    "1000000)::pg_catalog.int8 FROM "
    "(SELECT t.c AS at UNION ALL SELECT g FROM pg_catalog.generate_series("
    "pg_catalog.date_trunc('hour', t.c), t.c + '4 h'::pg_catalog.interval, '15 min') AS g "
    "WHERE g > t.c) AS u), "
    "(extract(epoch FROM pg_catalog.now() - t.c) * 1000)::pg_catalog.int8, %s, "
    "pg_catalog.pg_is_in_recovery(), p.n, "
    "pg_catalog.current_setting('track_activities') = 'on', "
    "(SELECT count(*) FROM a WHERE state = 'disabled'), z.zone, "
    "pg_catalog.quote_ident(current_user), h.pid, h.application_name, h.state, "
    "(extract(epoch FROM pg_catalog.now() - h.xact_start))::pg_catalog.int8 "
    "FROM t CROSS JOIN p CROSS JOIN z LEFT JOIN h ON true";

enum {
	AT_US,
	AT_LOCAL_US,
	AT_HELD_MS,
	AT_SEES_ALL,
	AT_RECOVERY,
	AT_PREPARED,
	AT_TRACKS,
	AT_DISABLED,
	AT_ZONE,
	AT_ROLE,
	AT_PID,
	AT_APPLICATION,
	AT_STATE,
	AT_AGE,
};

/* Which clock is the column's?  Not known: the one that is behind. */
static int64_t column_us(const struct reader_column *c, int64_t us, int64_t local_us)
{
	if (c->type == DEFSYNC_TIMESTAMP || pg_column_of(c)->utc)
		return us;
	if (c->server_time)
		return local_us;
	return us < local_us ? us : local_us;
}

static void add_reason(struct text *t, const char *reason)
{
	text_str(t, t->len ? ", and " : "");
	text_str(t, reason);
}

static void add_filler_reason(const struct reader_table *t, const struct reader_column *c,
			      struct text *out)
{
	char kind = ((const struct pg_table *)t->own)->kind;

	if (kind != 'r' && kind != 'p') {
		add_reason(out, "a ");
		text_str(out, t->kind);
		text_str(out, " does not tell how it is filled");
	} else if (!c->server_time) {
		add_reason(out, "'");
		text_str(out, c->name);
		text_str(out,
			 "' has neither now() as its default nor a BEFORE trigger that sets it "
			 "to now()");
	}
}

/* All that stands in the way of a proof, then what to do about the first. */
static void add_reasons(const PGresult *r, const struct reader_table *t,
			const struct reader_column *c, struct text *out)
{
	if (!pg_true(r, 0, AT_SEES_ALL))
		add_reason(out, "the sessions of other roles are not seen");
	if (pg_true(r, 0, AT_RECOVERY))
		add_reason(out, "the server is a standby, which does not know what is open at its "
				"primary");
	if (!pg_true(r, 0, AT_TRACKS) || pg_int(r, 0, AT_DISABLED, 0) > 0)
		add_reason(out, "track_activities is off");
	if (pg_int(r, 0, AT_PREPARED, 0) > 0)
		add_reason(out, "there are prepared transactions, whose start is not known");
	add_filler_reason(t, c, out);
	/* Each session stamps it by its own zone; a driver may have set another than UTC. */
	if (c->type != DEFSYNC_TIMESTAMP && !pg_column_of(c)->utc) {
		add_reason(out, "'");
		text_str(out, c->name);
		text_str(out, "' has no time zone, and sessions may differ in theirs");
	}
	if (!pg_true(r, 0, AT_SEES_ALL)) {
		text_str(out, "; GRANT pg_read_all_stats TO ");
		text_str(out, PQgetvalue(r, 0, AT_ROLE));
	}
}

/* Cut, not refused: it is for a log line. */
static void copy_text(const struct text *t, char *out, size_t size)
{
	(void)snprintf(out, size, "%s", text_get(t));
}

static void set_holder(const PGresult *r, struct reader_ceiling *ret)
{
	if (PQgetisnull(r, 0, AT_PID))
		return;
	(void)snprintf(ret->holder, sizeof(ret->holder), "pid %s (app '%.100s', %.40s) since %s s",
		       PQgetvalue(r, 0, AT_PID), PQgetvalue(r, 0, AT_APPLICATION),
		       PQgetvalue(r, 0, AT_STATE), PQgetvalue(r, 0, AT_AGE));
}

static void set_ceiling(const PGresult *r, const struct reader_table *t,
			const struct reader_column *c, struct reader_ceiling *ret)
{
	int64_t us = pg_int(r, 0, AT_US, INT64_MIN);
	struct text reason;

	text_init(&reason, 4096);
	add_reasons(r, t, c, &reason);
	ret->standing = reason.len ? READER_HEURISTIC : READER_PROVEN;
	ret->us = column_us(c, us, pg_int(r, 0, AT_LOCAL_US, us));
	ret->held_ms = pg_int(r, 0, AT_HELD_MS, 0);
	copy_text(&reason, ret->reason, sizeof(ret->reason));
	set_holder(r, ret);
	text_done(&reason);
}

int32_t pg_ceiling(struct reader_source *reader, const struct reader_table *t,
		   const struct reader_column *watermark, struct reader_ceiling *ret)
{
	struct pg_source *s = pg_of(reader);
	bool roles = s->version >= 100000;
	/* libpq hands that variable to the server. */
	const char *params[] = {getenv("PGTZ") ? "t" : "f"};
	struct pool pool = {0};
	const char *sql =
	    pool_printf(&pool, ceiling_sql, roles ? " AND backend_type <> 'autovacuum worker'" : "",
			roles ? "pg_catalog.pg_has_role(current_user, 'pg_read_all_stats', 'USAGE')"
			      : "pg_catalog.current_setting('is_superuser') = 'on'");
	PGresult *r = NULL;
	int32_t rc = sql ? pg_query(s, "asking for the open transactions for", t->from, false, sql,
				    1, params, &r)
			 : reader_fail_nomem(reader);

	if (rc == 0 && (PQntuples(r) != 1 || PQgetisnull(r, 0, AT_US)))
		rc = defsync_fail(reader->host, DEFSYNC_E_PERMANENT,
				  "'%s': the server does not tell the time", t->from);
	else if (rc == 0)
		set_ceiling(r, t, watermark, ret);
	PQclear(r);
	pool_done(&pool);
	return rc;
}
