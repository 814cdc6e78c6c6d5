/* SPDX-License-Identifier: MIT */
/*
 * Statements, and waiting for the server without missing a cancel: libpq's own
 * waits cannot be ended from another thread.
 */

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>

#include "pg.h"

#define ABANDON_MS 5000 /* for the server to answer a cancel */

int32_t pg_wait(struct pg_source *s, bool write, int64_t ms)
{
	struct pollfd fds[] = {
	    {.fd = PQsocket(s->conn), .events = (short)(write ? POLLOUT | POLLIN : POLLIN)},
	    {.fd = s->wake, .events = POLLIN},
	};
	int n = poll(fds, 2, ms < 0 ? -1 : ms > 3600000 ? 3600000 : (int)ms);

	if (reader_is_cancelled(&s->reader))
		return DEFSYNC_E_CANCELLED;
	if (n < 0 && errno == EINTR)
		return 0;
	return n > 0 ? 0 : DEFSYNC_E_TRANSIENT;
}

static int32_t next_result(struct pg_source *s, PGresult **ret)
{
	while (PQisBusy(s->conn)) {
		int32_t rc = pg_wait(s, false, -1);

		if (rc < 0)
			return rc;
		if (!PQconsumeInput(s->conn))
			return DEFSYNC_E_TRANSIENT;
	}
	*ret = PQgetResult(s->conn);
	return 0;
}

/* The first error, else the last result; a COPY ends it where it begins. */
int32_t pg_await(struct pg_source *s, PGresult **ret)
{
	PGresult *kept = NULL, *r = NULL;
	int32_t rc;

	while ((rc = next_result(s, &r)) == 0 && r) {
		if (kept && PQresultStatus(kept) == PGRES_FATAL_ERROR) {
			PQclear(r);
			continue;
		}
		PQclear(kept);
		kept = r;
		if (PQresultStatus(r) == PGRES_COPY_OUT)
			break;
	}
	if (rc < 0) {
		PQclear(kept);
		return rc;
	}
	if (!kept)
		return DEFSYNC_E_TRANSIENT;
	*ret = kept;
	return 0;
}

int32_t pg_usable(struct pg_source *s, const char *doing, const char *subject)
{
	if (reader_is_cancelled(&s->reader))
		return pg_fail_cancelled(s);
	if (s->conn && !s->broken)
		return 0;
	return defsync_fail(s->reader.host, DEFSYNC_E_TRANSIENT,
			    "%s '%s': the connection to the server is lost; run again", doing,
			    subject);
}

int32_t pg_query_raw(struct pg_source *s, bool binary, const char *sql, int n_params,
		     const char *const *params, PGresult **ret)
{
	int32_t rc = pg_usable(s, "asking", s->where);

	if (rc < 0)
		return rc;
	if (!PQsendQueryParams(s->conn, sql, n_params, NULL, params, NULL, NULL, binary) ||
	    pg_await(s, ret) < 0)
		return pg_fail_connection(s, "asking", s->where);
	return 0;
}

int32_t pg_query(struct pg_source *s, const char *doing, const char *subject, bool binary,
		 const char *sql, int n_params, const char *const *params, PGresult **ret)
{
	PGresult *r;
	int32_t rc = pg_query_raw(s, binary, sql, n_params, params, &r);

	if (rc < 0)
		return rc;
	if (PQresultStatus(r) == PGRES_TUPLES_OK) {
		*ret = r;
		return 0;
	}
	rc = pg_fail_result(s, doing, subject, r);
	PQclear(r);
	return rc;
}

int32_t pg_command(struct pg_source *s, const char *doing, const char *sql)
{
	PGresult *r = NULL;
	int32_t rc = pg_usable(s, doing, s->where);
	ExecStatusType status;

	if (rc < 0)
		return rc;
	if (!PQsendQuery(s->conn, sql) || pg_await(s, &r) < 0)
		return pg_fail_connection(s, doing, s->where);
	status = PQresultStatus(r);
	if (status != PGRES_COMMAND_OK && status != PGRES_TUPLES_OK)
		rc = pg_fail_result(s, doing, s->where, r);
	PQclear(r);
	return rc;
}

/* ---- Giving up ----------------------------------------------------------------------- */

static void send_cancel(struct pg_source *s)
{
	PGcancel *cancel = PQgetCancel(s->conn);
	char words[256];

	if (!cancel)
		return;
	if (!PQcancel(cancel, words, sizeof(words)))
		defsync_log(s->reader.host, DEFSYNC_LOG_DEBUG,
			    "the server did not take a cancel: %.200s", words);
	PQfreeCancel(cancel);
}

/* Reads what comes; false: nothing came in time. */
static bool drain_some(struct pg_source *s, int64_t deadline_us)
{
	int64_t left = deadline_us - s->reader.host->now_mono_us(s->reader.host->ctx);
	struct pollfd fd = {.fd = PQsocket(s->conn), .events = POLLIN};

	if (left <= 0 || poll(&fd, 1, (int)(left / 1000) + 1) <= 0)
		return false;
	return PQconsumeInput(s->conn) == 1;
}

static bool drain(struct pg_source *s, int64_t deadline_us)
{
	for (;;) {
		PGresult *r;
		bool copying;

		while (PQisBusy(s->conn)) {
			if (!drain_some(s, deadline_us))
				return false;
		}
		r = PQgetResult(s->conn);
		if (!r)
			return true;
		copying = PQresultStatus(r) == PGRES_COPY_OUT;
		PQclear(r);
		while (copying) {
			char *message = NULL;
			int n = PQgetCopyData(s->conn, &message, 1);

			PQfreemem(message);
			if (n < -1 || (n == 0 && !drain_some(s, deadline_us)))
				return false;
			copying = n >= 0;
		}
	}
}

void pg_abandon(struct pg_source *s)
{
	int64_t now = s->reader.host->now_mono_us(s->reader.host->ctx);

	if (!s->conn || s->broken || PQtransactionStatus(s->conn) != PQTRANS_ACTIVE)
		return;
	send_cancel(s);
	/* In a hurry the rest is left to the end of the connection. */
	if (reader_is_cancelled(&s->reader) || !drain(s, now + ABANDON_MS * INT64_C(1000)))
		s->broken = true;
}

/* ---- Results --------------------------------------------------------------------------- */

const char *pg_text(const PGresult *r, int row, int column)
{
	return PQgetisnull(r, row, column) ? NULL : PQgetvalue(r, row, column);
}

bool pg_true(const PGresult *r, int row, int column)
{
	const char *v = pg_text(r, row, column);

	return v && v[0] == 't';
}

int64_t pg_int(const PGresult *r, int row, int column, int64_t if_null)
{
	const char *v = pg_text(r, row, column);
	int64_t n;

	return v && checkpoint_parse_int(v, strlen(v), &n) ? n : if_null;
}
