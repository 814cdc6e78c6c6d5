/* SPDX-License-Identifier: MIT */
/* The SQL of the store, and how it is run. */

#include <errno.h>
#include <limits.h>
#include <string.h>

#include "store/store-internal.h"

#define TABLE_COLUMNS                                                                              \
	"SELECT id, source, tbl, target, phase, checkpoint, generation, updated_us, recent, sum"   \
	" FROM tables"

/* The id as a range, so that it is looked up. */
#define DEAD_WHERE                                                                                 \
	" WHERE id BETWEEN ?1 AND ?2 AND (?3 IS NULL OR source = ?3)"                              \
	" AND (?4 IS NULL OR tbl = ?4) AND (?5 IS NULL OR reason = ?5)"                            \
	" AND first_seen_us < ?6"

/* Columns of enum in store-dead.c; payloads are read when ?N is true. */
#define DEAD_COLUMNS(with_payload)                                                                 \
	"SELECT d.id, d.run_id, d.source, d.tbl, d.target, d.mode, d.row_key, d.position,"         \
	" d.reason, d.status, d.message, d.first_seen_us, d.attempts, d.bytes, d.sum,"             \
	" CASE WHEN " with_payload " THEN d.payload END"

static const char *const statements[SQL_COUNT] = {
    [SQL_BEGIN] = "BEGIN IMMEDIATE",
    [SQL_COMMIT] = "COMMIT",
    [SQL_ROLLBACK] = "ROLLBACK",
    [SQL_TABLE_FIND] = TABLE_COLUMNS " WHERE source = ?1 AND tbl = ?2"
				     " ORDER BY updated_us DESC, id DESC LIMIT 1",
    [SQL_TABLE_FIND_TARGET] = TABLE_COLUMNS " WHERE source = ?1 AND tbl = ?2 AND target = ?3",
    [SQL_TABLE_BY_ID] = TABLE_COLUMNS " WHERE id = ?1",
    [SQL_TABLE_LIST] = TABLE_COLUMNS " ORDER BY source, tbl, target",
    [SQL_TABLE_ADD] = "INSERT INTO tables(source, tbl, target, phase, checkpoint, generation,"
		      " updated_us, recent, sum) VALUES(?1, ?2, ?3, '', '', 0, 0, 0, ?4)",
    /* The generation is a fence: another writer must not have moved it. */
    [SQL_TABLE_MOVE] = "UPDATE tables SET checkpoint = ?2, phase = ?3, generation = ?4,"
		       " updated_us = ?5, sum = ?6 WHERE id = ?1 AND generation = ?7",
    [SQL_TABLE_RECENT] = "UPDATE tables SET recent = max(recent + ?2, 0) WHERE id = ?1",
    [SQL_RUN_NUMBER] = "SELECT max(ifnull((SELECT value FROM numbers WHERE name = 'run_no'), 0),"
		       " ifnull((SELECT max(run_no) FROM runs), 0)) + 1",
    [SQL_RUN_NUMBER_SET] = "INSERT INTO numbers(name, value) VALUES('run_no', ?1)"
			   " ON CONFLICT(name) DO UPDATE SET value = excluded.value",
    [SQL_CDC_GET] = "SELECT ifnull(max(value), 0) FROM numbers WHERE name = 'cdc:' || ?1",
    [SQL_CDC_SET] = "INSERT INTO numbers(name, value) VALUES('cdc:' || ?1, ?2)"
		    " ON CONFLICT(name) DO UPDATE SET value = max(value, excluded.value)",
    [SQL_RUN_TRIM] = "DELETE FROM runs WHERE table_id = ?1 AND id <= (SELECT id FROM runs"
		     " WHERE table_id = ?1 ORDER BY id DESC LIMIT 1 OFFSET ?2)",
    [SQL_RUN_ABANDON] = "UPDATE runs SET status = 'failed', error = 'the run was killed'"
			" WHERE table_id = ?1 AND status = 'running'",
    [SQL_RUN_ADD] = "INSERT INTO runs(run_no, run_id, table_id, status, error, ceiling, phase,"
		    " started_us, ended_us, read, pushed, filtered, dead, repeated, requests,"
		    " retries, bytes) VALUES(?1, ?2, ?3, 'running', '', '', '', ?4, 0,"
		    " 0, 0, 0, 0, 0, 0, 0, 0)",
    [SQL_RUN_COUNT] = "UPDATE runs SET read = read + ?2, pushed = pushed + ?3,"
		      " filtered = filtered + ?4, dead = dead + ?5, repeated = repeated + ?6,"
		      " requests = requests + ?7, retries = retries + ?8, bytes = bytes + ?9"
		      " WHERE id = ?1",
    [SQL_RUN_END] = "UPDATE runs SET read = ?2, pushed = ?3, filtered = ?4, dead = ?5,"
		    " repeated = ?6, requests = ?7, retries = ?8, bytes = ?9, status = ?10,"
		    " error = ?11, ceiling = ?12, phase = ?13, ended_us = ?14 WHERE id = ?1",
    [SQL_RUN_LAST] = "SELECT r.id, r.run_no, r.run_id, t.source, t.tbl, t.target, r.status,"
		     " r.error, r.ceiling, r.phase, r.started_us, r.ended_us, r.read, r.pushed,"
		     " r.filtered, r.dead, r.repeated, r.requests, r.retries, r.bytes"
		     " FROM runs r JOIN tables t ON t.id = r.table_id WHERE r.table_id = ?1"
		     " ORDER BY r.id DESC LIMIT 1",
    [SQL_RECENT_FIND] = "SELECT run_no, n FROM recent WHERE table_id = ?1 AND hash = ?2"
			" AND run_no < ?3 ORDER BY run_no LIMIT 1",
    [SQL_RECENT_LESS] = "UPDATE recent SET n = n - 1 WHERE table_id = ?1 AND hash = ?2"
			" AND run_no = ?3",
    [SQL_RECENT_DROP] = "DELETE FROM recent WHERE table_id = ?1 AND hash = ?2 AND run_no = ?3",
    [SQL_RECENT_ADD] = "INSERT INTO recent(table_id, hash, run_no, n) VALUES(?1, ?2, ?3, 1)"
		       " ON CONFLICT(table_id, hash, run_no) DO UPDATE SET n = n + 1",
    [SQL_RECENT_EARLIER] = "SELECT hash, n FROM recent WHERE table_id = ?1 AND run_no < ?2",
    [SQL_RECENT_BOUND] = "SELECT recent FROM tables WHERE id = ?1",
    [SQL_RECENT_EARLIER_SUM] = "SELECT sum(n) FROM recent WHERE table_id = ?1 AND run_no < ?2",
    [SQL_RECENT_SWEEP] = "DELETE FROM recent WHERE table_id = ?1 AND run_no < ?2",
    [SQL_RECENT_CLEAR] = "DELETE FROM recent WHERE table_id = ?1",
    [SQL_RECENT_TOTAL] = "SELECT sum(recent) FROM tables",
    [SQL_DEAD_SIZE] = "SELECT bytes FROM dead_letters WHERE id = ?1",
    [SQL_DEAD_ADD] = "INSERT INTO dead_letters(run_id, source, tbl, target, mode, row_key,"
		     " position, reason, status, message, bytes, sum, payload, first_seen_us,"
		     " attempts) VALUES(?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14,"
		     " ?15, ?16)",
    /* Without a run of its own it stays with the one that made it. */
    [SQL_DEAD_REPLACE] = "UPDATE dead_letters SET run_id = CASE ?2 WHEN 0 THEN run_id ELSE ?2 END,"
			 " source = ?3, tbl = ?4, target = ?5, mode = ?6, row_key = ?7,"
			 " position = ?8, reason = ?9, status = ?10, message = ?11, bytes = ?12,"
			 " sum = ?13, payload = ?14, attempts = attempts + 1 WHERE id = ?1",
    [SQL_DEAD_SETTLE] = "DELETE FROM dead_letters WHERE id = ?1",
    [SQL_DEAD_LIST] = DEAD_COLUMNS("?7") " FROM dead_letters d" DEAD_WHERE " ORDER BY id",
    [SQL_DEAD_SUM] = "SELECT count(*), sum(bytes) FROM dead_letters" DEAD_WHERE,
    [SQL_DEAD_PURGE] = "DELETE FROM dead_letters" DEAD_WHERE,
    [SQL_DEAD_VACUUM] = "PRAGMA incremental_vacuum",
    [SQL_OUTBOX_ADD] = "INSERT INTO outbox(id) VALUES(?1)",
    [SQL_OUTBOX_DONE] = "DELETE FROM outbox WHERE id = ?1",
    /* After SQL_DEAD_PURGE, with its arguments. */
    [SQL_OUTBOX_PURGE] = "DELETE FROM outbox WHERE id BETWEEN ?1 AND ?2 AND NOT EXISTS"
			 " (SELECT 1 FROM dead_letters d WHERE d.id = outbox.id)",
    /* CROSS: the queue is walked, not the letters. */
    [SQL_OUTBOX_LIST] = DEAD_COLUMNS("1") " FROM outbox o CROSS JOIN dead_letters d"
					  " ON d.id = o.id ORDER BY o.id LIMIT ?1",
    [SQL_OUTBOX_COUNT] = "SELECT count(*) FROM outbox",
    [SQL_LEDGER_ADD] = "INSERT INTO ledger(at_us, run_no, table_id, key_first, key_last,"
		       " request_id, rows, bytes) VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
    [SQL_LEDGER_TRIM] = "DELETE FROM ledger WHERE id IN (SELECT id FROM ledger WHERE at_us < ?1"
			" ORDER BY at_us LIMIT ?2)",
    [SQL_LEDGER_LIST] = "SELECT l.at_us, l.run_no, t.source, t.tbl, t.target, l.key_first,"
			" l.key_last, l.request_id, l.rows, l.bytes FROM ledger l"
			" CROSS JOIN tables t ON t.id = l.table_id"
			" WHERE (?1 IS NULL OR t.source = ?1) AND (?2 IS NULL OR t.tbl = ?2)"
			" ORDER BY l.id DESC LIMIT ?3",
    [SQL_HOST_GET] = "SELECT accepted, refused, gzip, updated_us FROM hosts WHERE host = ?1",
    [SQL_HOST_SET] = "INSERT INTO hosts(host, accepted, refused, gzip, updated_us)"
		     " VALUES(?1, ?2, ?3, ?4, ?5) ON CONFLICT(host) DO UPDATE SET"
		     " accepted = excluded.accepted, refused = excluded.refused,"
		     " gzip = excluded.gzip, updated_us = excluded.updated_us",
    [SQL_SHAPE_GET] = "SELECT columns FROM shapes WHERE table_id = ?1",
    /* Later than each change that led to it, which is history then. */
    [SQL_SHAPE_SET] =
	"INSERT INTO shapes(table_id, columns, updated_us) VALUES(?1, ?2,"
	" max(?3, ifnull((SELECT max(at_us) + 1 FROM drifts WHERE table_id = ?1), 0)))"
	" ON CONFLICT(table_id) DO UPDATE SET columns = excluded.columns,"
	" updated_us = excluded.updated_us",
    [SQL_SHAPE_DROP] = "DELETE FROM shapes WHERE table_id = ?1",
    [SQL_DRIFT_ADD] =
	"INSERT INTO drifts(run_no, table_id, at_us, change) VALUES(?1, ?2,"
	" max(?3, ifnull((SELECT updated_us FROM shapes WHERE table_id = ?2), 0)), ?4)",
    [SQL_DRIFT_TRIM] = "DELETE FROM drifts WHERE table_id = ?1 AND id <= (SELECT id FROM drifts"
		       " WHERE table_id = ?1 ORDER BY id DESC LIMIT 1 OFFSET ?2)",
    [SQL_DRIFT_SEEN] = "SELECT 1 FROM drifts WHERE table_id = ?1 AND change = ?2 AND at_us >="
		       " ifnull((SELECT updated_us FROM shapes WHERE table_id = ?1), 0) LIMIT 1",
    [SQL_DRIFT_LAST] = "SELECT run_no, at_us, change FROM drifts WHERE table_id = ?1 AND run_no ="
		       " (SELECT run_no FROM drifts WHERE table_id = ?1 ORDER BY id DESC LIMIT 1)"
		       " ORDER BY id",
    [SQL_KEYS_JOURNAL_ADD] = "INSERT INTO key_journal(table_id, kind, keys) VALUES(?1, ?2, ?3)",
    [SQL_KEYS_JOURNAL_BYTES] = "SELECT sum(length(keys)) FROM key_journal WHERE table_id = ?1"
			       " AND kind = ?2",
    [SQL_KEYS_JOURNAL_LIST] = "SELECT id, keys FROM key_journal WHERE table_id = ?1 AND kind = ?2"
			      " AND id > ?3 ORDER BY id",
    [SQL_KEYS_JOURNAL_DROP] = "DELETE FROM key_journal WHERE table_id = ?1 AND kind = ?2"
			      " AND id <= ?3",
    [SQL_KEYS_JOURNAL_CLEAR] = "DELETE FROM key_journal WHERE table_id = ?1",
    [SQL_KEYS_ADD] = "INSERT INTO keys(table_id, hash, key) VALUES(?1, ?2, ?3)"
		     " ON CONFLICT(table_id, hash) DO NOTHING",
    [SQL_KEYS_DROP] = "DELETE FROM keys WHERE table_id = ?1 AND hash = ?2",
    [SQL_KEYS_LIST] = "SELECT hash, key FROM keys WHERE table_id = ?1 AND hash BETWEEN ?2 AND ?3"
		      " ORDER BY hash LIMIT ?4",
    /* The first of a table by its last: WITHOUT ROWID, there is no LIMIT for a DELETE. */
    [SQL_KEYS_TRIM] = "DELETE FROM keys WHERE table_id = ?1 AND hash <= ifnull((SELECT hash"
		      " FROM keys WHERE table_id = ?1 ORDER BY hash LIMIT 1 OFFSET ?2),"
		      " (SELECT max(hash) FROM keys WHERE table_id = ?1))",
    [SQL_KEYS_COUNT] = "INSERT INTO key_passes(table_id, at_us, n, columns) VALUES(?1, 0, ?2, '')"
		       " ON CONFLICT(table_id) DO UPDATE SET n = max(n + excluded.n, 0)",
    [SQL_KEYS_STATE] = "SELECT CASE WHEN ?2 IS NULL OR columns = ?2 THEN at_us ELSE 0 END, n"
		       " FROM key_passes WHERE table_id = ?1",
    [SQL_KEYS_PASSED] = "INSERT INTO key_passes(table_id, at_us, n, columns) VALUES(?1, ?2, 0, ?3)"
			" ON CONFLICT(table_id) DO UPDATE SET at_us = excluded.at_us,"
			" columns = excluded.columns",
    [SQL_KEYS_PASSES_DROP] = "DELETE FROM key_passes WHERE table_id = ?1",
};

int store_damaged(struct store *s, struct error *err, const char *fmt, ...)
{
	struct error why = ERROR_INIT;
	va_list ap;

	va_start(ap, fmt);
	(void)error_vset(&why, ERR_STORE, fmt, ap);
	va_end(ap);
	(void)error_set(err, ERR_STORE,
			"store: '%s' is damaged: %s; restore it from a backup, or move it and "
			"'%s' away to start over (every table will be loaded again)",
			s->path, error_text(&why), s->marker_path);
	error_done(&why);
	return -1;
}

static int disk_full(const struct store *s, int code)
{
	int system = s->db != NULL ? sqlite3_system_errno(s->db) : 0;

	return (code & 0xff) == SQLITE_FULL ||
	       ((code & 0xff) == SQLITE_IOERR && (system == ENOSPC || system == EDQUOT));
}

static int not_allowed(struct store *s, const char *message, struct error *err)
{
	char user[STORE_USER_MAX];
	const char *what = s->access == STORE_WRITE ? "write" : "read";

	return error_set(err, ERR_STORE,
			 "store: cannot %s '%s' as user %s: %s; its folder and the files "
			 "beside it must belong to that user",
			 what, s->path, store_user(user), message);
}

int store_sqlite_error(struct store *s, int code, const char *message, struct error *err)
{
	if (disk_full(s, code))
		return error_set(err, ERR_FULL,
				 "store: no space left for '%s': %s; free some and run again, "
				 "nothing is lost",
				 s->path, message);
	switch (code & 0xff) {
	case SQLITE_NOMEM:
		return error_nomem(err);
	case SQLITE_BUSY:
	case SQLITE_LOCKED:
		return error_set(err, ERR_TEMPORARY,
				 "store: another program holds '%s': %s; close it and run again",
				 s->path, message);
	case SQLITE_PERM:
	case SQLITE_READONLY:
	case SQLITE_CANTOPEN:
	case SQLITE_AUTH:
		return not_allowed(s, message, err);
	case SQLITE_IOERR:
		s->broken = 1;
		return error_set(err, ERR_STORE,
				 "store: input or output failed: '%s': %s (code %d): %s; check "
				 "the disk, then run again",
				 s->path, message, code, strerror(sqlite3_system_errno(s->db)));
	case SQLITE_CORRUPT:
	case SQLITE_NOTADB:
		s->broken = 1;
		return store_damaged(s, err, "%s", message);
	default:
		break;
	}
	/* While opening, it means that a table or a column is not there. */
	if ((code & 0xff) == SQLITE_ERROR && !s->ready)
		return store_damaged(s, err, "%s", message);
	return error_set(err, ERR_STORE, "store: failed: '%s': %s (code %d)", s->path, message,
			 code);
}

static int sql_fail(struct store *s, struct error *err)
{
	return store_sqlite_error(s, sqlite3_extended_errcode(s->db), sqlite3_errmsg(s->db), err);
}

static int bind(sqlite3_stmt *stmt, int i, const struct sql_arg *arg)
{
	if (arg->type == SQL_ARG_INT)
		return sqlite3_bind_int64(stmt, i, arg->i);
	if (arg->p == NULL)
		return sqlite3_bind_null(stmt, i);
	if (arg->type == SQL_ARG_TEXT)
		return sqlite3_bind_text64(stmt, i, arg->p, arg->n, SQLITE_STATIC, SQLITE_UTF8);
	return sqlite3_bind_blob64(stmt, i, arg->p, arg->n, SQLITE_STATIC);
}

/* A statement that is in use, by an outer call of the same kind, is not shared. */
static sqlite3_stmt *prepare(struct store *s, enum sql_id id, struct error *err)
{
	sqlite3_stmt *stmt = s->stmts[id];

	if (stmt != NULL && !sqlite3_stmt_busy(stmt))
		return stmt;
	if (sqlite3_prepare_v3(s->db, statements[id], -1,
			       stmt == NULL ? SQLITE_PREPARE_PERSISTENT : 0, &stmt,
			       NULL) != SQLITE_OK) {
		(void)sql_fail(s, err);
		return NULL;
	}
	if (s->stmts[id] == NULL)
		s->stmts[id] = stmt;
	return stmt;
}

sqlite3_stmt *sql_open(struct store *s, enum sql_id id, const struct sql_arg *args, size_t n,
		       struct error *err)
{
	sqlite3_stmt *stmt = prepare(s, id, err);

	if (stmt == NULL)
		return NULL;
	for (size_t i = 0; i < n; i++) {
		if (bind(stmt, (int)i + 1, &args[i]) != SQLITE_OK) {
			(void)sql_fail(s, err);
			sql_close(s, stmt);
			return NULL;
		}
	}
	return stmt;
}

int sql_step(struct store *s, sqlite3_stmt *stmt, struct error *err)
{
	switch (sqlite3_step(stmt)) {
	case SQLITE_ROW:
		return 1;
	case SQLITE_DONE:
		return 0;
	default:
		return sql_fail(s, err);
	}
}

void sql_close(struct store *s, sqlite3_stmt *stmt)
{
	if (stmt == NULL)
		return;
	for (size_t i = 0; i < SQL_COUNT; i++) {
		if (s->stmts[i] != stmt)
			continue;
		(void)sqlite3_reset(stmt);
		(void)sqlite3_clear_bindings(stmt);
		return;
	}
	(void)sqlite3_finalize(stmt);
}

int sql_run(struct store *s, enum sql_id id, const struct sql_arg *args, size_t n,
	    struct error *err)
{
	sqlite3_stmt *stmt = sql_open(s, id, args, n, err);
	int rc;

	if (stmt == NULL)
		return -1;
	do
		rc = sql_step(s, stmt, err);
	while (rc > 0);
	sql_close(s, stmt);
	return rc;
}

int sql_numbers(struct store *s, enum sql_id id, const struct sql_arg *args, size_t n, int64_t *ret,
		int ret_n, struct error *err)
{
	sqlite3_stmt *stmt = sql_open(s, id, args, n, err);
	int rc;

	if (stmt == NULL)
		return -1;
	rc = sql_step(s, stmt, err);
	for (int i = 0; rc >= 0 && i < ret_n; i++)
		ret[i] = rc > 0 ? sqlite3_column_int64(stmt, i) : 0;
	sql_close(s, stmt);
	return rc < 0 ? -1 : 0;
}

const char *sql_column_text(sqlite3_stmt *stmt, int column)
{
	const char *text = (const char *)sqlite3_column_text(stmt, column);

	return text != NULL ? text : "";
}

void sql_finalize_all(struct store *s)
{
	for (size_t i = 0; i < SQL_COUNT; i++) {
		(void)sqlite3_finalize(s->stmts[i]);
		s->stmts[i] = NULL;
	}
}

int sql_begin(struct store *s, struct error *err)
{
	if (s->broken)
		return error_set(err, ERR_STORE,
				 "store: nothing more is written to '%s' after an earlier failure; "
				 "run again",
				 s->path);
	if (s->access != STORE_WRITE)
		return error_set(err, ERR_INTERNAL, "store: '%s' was opened for reading", s->path);
	if (!sqlite3_get_autocommit(s->db))
		return 0;
	return sql_run(s, SQL_BEGIN, SQL_NO_ARGS, err);
}

static void rollback(struct store *s)
{
	struct error ignored = ERROR_INIT;

	/* Without a transaction SQLite has rolled back by itself. */
	if (!sqlite3_get_autocommit(s->db))
		(void)sql_run(s, SQL_ROLLBACK, SQL_NO_ARGS, &ignored);
	error_done(&ignored);
	memo_drop_all(s);
}

int sql_end(struct store *s, int rc, struct error *err)
{
	if (rc == 0)
		rc = sql_run(s, SQL_COMMIT, SQL_NO_ARGS, err);
	if (rc < 0)
		rollback(s);
	return rc;
}

uint64_t store_sum(uint64_t sum, const void *p, size_t n)
{
	const unsigned char *bytes = p;

	for (size_t i = 0; i < n; i++)
		sum = (sum ^ bytes[i]) * UINT64_C(0x100000001b3);
	return sum;
}

uint64_t store_sum_int(uint64_t sum, int64_t i)
{
	return store_sum(sum, &i, sizeof(i));
}

/* With the length, so that bytes cannot move from one text to the next. */
uint64_t store_sum_text(uint64_t sum, const char *text)
{
	size_t n = text != NULL ? strlen(text) : 0;

	return store_sum(store_sum_int(sum, (int64_t)n), text, n);
}
