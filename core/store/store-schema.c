/* SPDX-License-Identifier: MIT */
/*
 * What is in the database, and whether it is all there.
 *
 * Checked at each open: application_id and user_version, the very text of the
 * schema, the size against the page size, `tables` with its index by SQLite's
 * integrity_check and each of its records by a sum.  When writing and up to
 * PROBE_BYTES_MAX, all pages too (quick_check): it reads the whole file, which a
 * start should not do with gigabytes of dead letters.
 */

#include <string.h>

#include "store/store-internal.h"

#define PROBE_BYTES_MAX (INT64_C(8) << 20)

/*
 * The texts are compared with sqlite_schema: SQLite keeps them as they are from
 * the second word on.  No STRICT: it needs SQLite 3.37.  They never change: a later
 * version adds tables, which an older database gets when it is opened for writing.
 */
static const struct {
	const char *name;
	const char *sql;
	int since; /* the version that brought it */
} schema[] = {
    {"numbers", "CREATE TABLE numbers(name TEXT PRIMARY KEY, value INTEGER NOT NULL)", 1},
    {"tables",
     "CREATE TABLE tables(id INTEGER PRIMARY KEY, source TEXT NOT NULL, tbl TEXT NOT NULL,"
     " target TEXT NOT NULL, phase TEXT NOT NULL, checkpoint TEXT NOT NULL,"
     " generation INTEGER NOT NULL, updated_us INTEGER NOT NULL, recent INTEGER NOT NULL,"
     " sum INTEGER NOT NULL, UNIQUE(source, tbl, target))",
     1},
    {"recent",
     "CREATE TABLE recent(table_id INTEGER NOT NULL, hash BLOB NOT NULL, run_no INTEGER NOT NULL,"
     " n INTEGER NOT NULL, PRIMARY KEY(table_id, hash, run_no)) WITHOUT ROWID",
     1},
    {"dead_letters",
     "CREATE TABLE dead_letters(id INTEGER PRIMARY KEY AUTOINCREMENT, run_id INTEGER NOT NULL,"
     " source TEXT NOT NULL, tbl TEXT NOT NULL, target TEXT NOT NULL, mode TEXT NOT NULL,"
     " row_key TEXT NOT NULL, position TEXT NOT NULL, reason TEXT NOT NULL,"
     " status INTEGER NOT NULL, message TEXT NOT NULL, first_seen_us INTEGER NOT NULL,"
     " attempts INTEGER NOT NULL, bytes INTEGER NOT NULL, sum INTEGER NOT NULL,"
     " payload TEXT NOT NULL)",
     1},
    /* Covers counting with any filter, so that payloads are not read for it. */
    {"dead_letters_count",
     "CREATE INDEX dead_letters_count ON dead_letters(source, tbl, reason,"
     " first_seen_us, bytes)",
     1},
    {"runs",
     "CREATE TABLE runs(id INTEGER PRIMARY KEY, run_no INTEGER NOT NULL,"
     " run_id TEXT NOT NULL, table_id INTEGER NOT NULL, status TEXT NOT NULL,"
     " error TEXT NOT NULL, ceiling TEXT NOT NULL, phase TEXT NOT NULL,"
     " started_us INTEGER NOT NULL, ended_us INTEGER NOT NULL, read INTEGER NOT NULL,"
     " pushed INTEGER NOT NULL, filtered INTEGER NOT NULL, dead INTEGER NOT NULL,"
     " repeated INTEGER NOT NULL, requests INTEGER NOT NULL, retries INTEGER NOT NULL,"
     " bytes INTEGER NOT NULL)",
     1},
    {"runs_by_table", "CREATE INDEX runs_by_table ON runs(table_id, id)", 1},
    {"runs_by_number", "CREATE INDEX runs_by_number ON runs(run_no)", 1},
    {"ledger",
     "CREATE TABLE ledger(id INTEGER PRIMARY KEY, at_us INTEGER NOT NULL,"
     " run_no INTEGER NOT NULL, table_id INTEGER NOT NULL, key_first TEXT NOT NULL,"
     " key_last TEXT NOT NULL, request_id TEXT NOT NULL, rows INTEGER NOT NULL,"
     " bytes INTEGER NOT NULL)",
     1},
    {"ledger_by_time", "CREATE INDEX ledger_by_time ON ledger(at_us)", 1},
    /* Ids of dead_letters. */
    {"outbox", "CREATE TABLE outbox(id INTEGER PRIMARY KEY)", 1},
    {"hosts",
     "CREATE TABLE hosts(host TEXT PRIMARY KEY, accepted INTEGER NOT NULL,"
     " refused INTEGER NOT NULL, gzip INTEGER NOT NULL, updated_us INTEGER NOT NULL)"
     " WITHOUT ROWID",
     1},
    /* The columns that a table had when it was read last. */
    {"shapes",
     "CREATE TABLE shapes(table_id INTEGER PRIMARY KEY, columns TEXT NOT NULL,"
     " updated_us INTEGER NOT NULL)",
     2},
    {"drifts",
     "CREATE TABLE drifts(id INTEGER PRIMARY KEY, run_no INTEGER NOT NULL,"
     " table_id INTEGER NOT NULL, at_us INTEGER NOT NULL, change TEXT NOT NULL)",
     2},
    {"drifts_by_table", "CREATE INDEX drifts_by_table ON drifts(table_id, id)", 2},
    /* kind: of store-keys.c. */
    {"key_journal",
     "CREATE TABLE key_journal(id INTEGER PRIMARY KEY, table_id INTEGER NOT NULL,"
     " kind INTEGER NOT NULL, keys BLOB NOT NULL)",
     2},
    {"key_journal_by_table", "CREATE INDEX key_journal_by_table ON key_journal(table_id, kind)", 2},
    {"keys",
     "CREATE TABLE keys(table_id INTEGER NOT NULL, hash BLOB NOT NULL, key TEXT NOT NULL,"
     " PRIMARY KEY(table_id, hash)) WITHOUT ROWID",
     2},
    {"key_passes",
     "CREATE TABLE key_passes(table_id INTEGER PRIMARY KEY, at_us INTEGER NOT NULL,"
     " n INTEGER NOT NULL, columns TEXT NOT NULL)",
     2},
};

static int schema_error(struct store *s, struct error *err)
{
	return store_sqlite_error(s, sqlite3_extended_errcode(s->db), sqlite3_errmsg(s->db), err);
}

static int execute(struct store *s, const char *sql, struct error *err)
{
	return sqlite3_exec(s->db, sql, NULL, NULL, NULL) == SQLITE_OK ? 0 : schema_error(s, err);
}

/* The first column of the first row: a number, or through `into` a text. */
static int query(struct store *s, const char *sql, const char *arg, int64_t *ret_number,
		 struct buf *into, struct error *err)
{
	sqlite3_stmt *stmt = NULL;
	int rc = -1, code;

	if (sqlite3_prepare_v2(s->db, sql, -1, &stmt, NULL) != SQLITE_OK)
		return schema_error(s, err);
	if (arg != NULL)
		(void)sqlite3_bind_text(stmt, 1, arg, -1, SQLITE_STATIC);
	code = sqlite3_step(stmt);
	if (code != SQLITE_ROW && code != SQLITE_DONE) {
		(void)schema_error(s, err);
	} else if (into != NULL) {
		rc = buf_add_str(into, code == SQLITE_ROW ? sql_column_text(stmt, 0) : "");
		if (rc < 0 || buf_str(into) == NULL)
			rc = error_nomem(err);
	} else {
		*ret_number = code == SQLITE_ROW ? sqlite3_column_int64(stmt, 0) : 0;
		rc = 0;
	}
	(void)sqlite3_finalize(stmt);
	return rc;
}

int store_identify(struct store *s, int *ret_fresh, struct error *err)
{
	int64_t application = 0, version = 0, objects = 0;

	if (query(s, "PRAGMA application_id", NULL, &application, NULL, err) < 0 ||
	    query(s, "PRAGMA user_version", NULL, &version, NULL, err) < 0 ||
	    query(s, "SELECT count(*) FROM sqlite_master", NULL, &objects, NULL, err) < 0)
		return -1;
	*ret_fresh = application == 0 && version == 0 && objects == 0;
	if (*ret_fresh)
		return 0;
	if (application != STORE_APPLICATION_ID)
		return error_set(err, ERR_STORE,
				 "store: '%s' is not a defsync store: it is the SQLite database of "
				 "another program (application id %lld); set another store.path",
				 s->path, (long long)application);
	if (version > STORE_VERSION)
		return error_set(err, ERR_STORE,
				 "store: '%s' was written by a newer defsync: format %lld, this "
				 "one knows up to %d; install the newer version again",
				 s->path, (long long)version, STORE_VERSION);
	if (version < 1)
		return store_damaged(s, err, "no format %lld", (long long)version);
	s->version = (int)version;
	return 0;
}

/* What is newer than the version of the file, and the version. */
static int create_newer(struct store *s, struct error *err)
{
	char number[80];

	for (size_t i = 0; i < sizeof(schema) / sizeof(schema[0]); i++) {
		if (schema[i].since > s->version && execute(s, schema[i].sql, err) < 0)
			return -1;
	}
	(void)sqlite3_snprintf(sizeof(number), number,
			       "PRAGMA application_id = %d; PRAGMA user_version = %d",
			       STORE_APPLICATION_ID, STORE_VERSION);
	return execute(s, number, err);
}

static int create_in_one(struct store *s, struct error *err)
{
	if (execute(s, "BEGIN IMMEDIATE", err) < 0)
		return -1;
	if (create_newer(s, err) < 0) {
		(void)sqlite3_exec(s->db, "ROLLBACK", NULL, NULL, NULL);
		return -1;
	}
	if (execute(s, "COMMIT", err) < 0)
		return -1;
	s->version = STORE_VERSION;
	return 0;
}

/*
 * In one transaction and before the database becomes WAL, so that the file has
 * an identity as soon as it has contents.  auto_vacuum can only be set now.
 */
int store_schema_create(struct store *s, struct error *err)
{
	if (execute(s, "PRAGMA synchronous = FULL; PRAGMA auto_vacuum = INCREMENTAL", err) < 0)
		return -1;
	return create_in_one(s, err);
}

int store_schema_upgrade(struct store *s, struct error *err)
{
	int from = s->version;

	if (from >= STORE_VERSION || s->access == STORE_READ)
		return 0;
	if (create_in_one(s, err) < 0)
		return -1;
	if (s->log != NULL)
		log_write(s->log, LOG_INFO, "store",
			  "'%s' is now of format %d, it was of %d; an older defsync refuses it",
			  s->path, STORE_VERSION, from);
	return 0;
}

static int probe_text(struct store *s, const char *sql, const char *arg, const char *expected,
		      const char *what, struct error *err)
{
	struct buf text;
	int rc;

	buf_init(&text, 64 * 1024);
	rc = query(s, sql, arg, NULL, &text, err);
	if (rc == 0 && strcmp(buf_str(&text), expected) != 0)
		rc = store_damaged(s, err, "%s: %.300s", what,
				   text.len > 0 ? text.data : "not there");
	buf_done(&text);
	return rc;
}

static int probe_schema(struct store *s, struct error *err)
{
	for (size_t i = 0; i < sizeof(schema) / sizeof(schema[0]); i++) {
		if (schema[i].since > s->version)
			continue;
		if (probe_text(s, "SELECT sql FROM sqlite_master WHERE name = ?1", schema[i].name,
			       schema[i].sql, schema[i].name, err) < 0)
			return -1;
	}
	return 0;
}

/* Without a log that would complete it, the file has whole pages. */
static int probe_size(struct store *s, int64_t size, struct error *err)
{
	int64_t page = 0;

	if (query(s, "PRAGMA page_size", NULL, &page, NULL, err) < 0)
		return -1;
	if (page > 0 && size % page != 0)
		return store_damaged(s, err, "cut off at %lld bytes", (long long)size);
	return 0;
}

int store_probe(struct store *s, int64_t size, int whole, struct error *err)
{
	if (whole && probe_size(s, size, err) < 0)
		return -1;
	if (probe_schema(s, err) < 0 ||
	    probe_text(s, "PRAGMA integrity_check('tables')", NULL, "ok", "tables", err) < 0)
		return -1;
	if (s->access == STORE_WRITE && size <= PROBE_BYTES_MAX &&
	    probe_text(s, "PRAGMA quick_check(1)", NULL, "ok", "a page", err) < 0)
		return -1;
	return store_tables_verify(s, err);
}

int store_pragmas(struct store *s, struct error *err)
{
	struct buf mode;
	int rc;

	if (execute(s,
		    "PRAGMA synchronous = FULL; PRAGMA foreign_keys = OFF;"
		    " PRAGMA temp_store = MEMORY; PRAGMA cell_size_check = ON;"
		    " PRAGMA cache_size = -4096;"
		    " PRAGMA journal_size_limit = 16777216",
		    err) < 0)
		return -1;
	if (s->access == STORE_READ)
		return 0;
	buf_init(&mode, 64);
	rc = query(s, "PRAGMA journal_mode = WAL", NULL, NULL, &mode, err);
	if (rc == 0 && strcmp(buf_str(&mode), "wal") != 0)
		rc = error_set(err, ERR_STORE,
			       "store: no write-ahead log for '%s' (mode '%s'); put the store on a "
			       "local disk",
			       s->path, buf_str(&mode));
	buf_done(&mode);
	return rc;
}
