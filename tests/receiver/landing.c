/* SPDX-License-Identifier: MIT */
/* Where rows land: batches and rows in SQLite. */

#include "landing.h"

#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "columns.h"

struct landing {
	sqlite3 *db;
	/* Of the batch under way. */
	const struct stream_request *request;
	int64_t seq;
	struct columns *columns;
	sqlite3_stmt *insert; /* for the columns as they are; NULL after one was added */
	sqlite3_stmt *erase;
};

static const char schema[] =
    "PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL;"
    "CREATE TABLE IF NOT EXISTS _receiver_batches ("
    "seq INTEGER PRIMARY KEY, at TEXT NOT NULL, request_id TEXT NOT NULL, target TEXT NOT NULL,"
    "mode TEXT NOT NULL, \"rows\" INTEGER NOT NULL, rejected INTEGER NOT NULL,"
    "bytes INTEGER NOT NULL, config TEXT NOT NULL);"
    "CREATE TABLE IF NOT EXISTS _receiver_columns ("
    "target TEXT NOT NULL, name TEXT NOT NULL COLLATE NOCASE, type TEXT NOT NULL,"
    "PRIMARY KEY (target, name));";

/* Runs a statement made by sqlite3_mprintf and frees its text. */
static int run_take(sqlite3 *db, char *sql)
{
	int rc = sql ? sqlite3_exec(db, sql, NULL, NULL, NULL) : SQLITE_NOMEM;

	sqlite3_free(sql);
	return rc == SQLITE_OK ? 0 : -1;
}

struct landing *landing_open(const char *path, char **ret_error)
{
	struct landing *l = calloc(1, sizeof(*l));

	if (!l)
		return NULL;
	if (sqlite3_open_v2(path, &l->db,
			    SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_FULLMUTEX,
			    NULL) != SQLITE_OK ||
	    sqlite3_busy_timeout(l->db, 10000) != SQLITE_OK ||
	    sqlite3_exec(l->db, schema, NULL, NULL, NULL) != SQLITE_OK) {
		*ret_error = strdup(l->db ? sqlite3_errmsg(l->db) : "out of memory");
		landing_close(l);
		return NULL;
	}
	return l;
}

static void end_batch(struct landing *l)
{
	sqlite3_finalize(l->insert);
	sqlite3_finalize(l->erase);
	columns_destroy(l->columns);
	l->insert = l->erase = NULL;
	l->columns = NULL;
	l->request = NULL;
}

void landing_close(struct landing *l)
{
	if (!l)
		return;
	end_batch(l);
	sqlite3_close(l->db);
	free(l);
}

const char *landing_error(struct landing *l)
{
	return sqlite3_errmsg(l->db);
}

int64_t landing_last_seq(struct landing *l)
{
	sqlite3_stmt *stmt = NULL;
	int64_t seq = 0;

	if (sqlite3_prepare_v2(l->db, "SELECT max(seq) FROM _receiver_batches", -1, &stmt, NULL) ==
		SQLITE_OK &&
	    sqlite3_step(stmt) == SQLITE_ROW)
		seq = sqlite3_column_int64(stmt, 0);
	sqlite3_finalize(stmt);
	return seq;
}

int landing_begin(struct landing *l, const struct stream_request *request, int64_t seq)
{
	end_batch(l);
	l->request = request;
	l->seq = seq;
	if (sqlite3_exec(l->db, "BEGIN IMMEDIATE", NULL, NULL, NULL) != SQLITE_OK)
		return -1;
	if (run_take(l->db, sqlite3_mprintf("CREATE TABLE IF NOT EXISTS \"%w\" "
					    "(_seq INTEGER NOT NULL, _raw TEXT NOT NULL)",
					    request->table)) < 0)
		return -1;
	l->columns = columns_load(l->db, request->table);
	if (!l->columns)
		return -1;
	if (request->mode == MODE_REPLACE)
		return run_take(l->db, sqlite3_mprintf("DELETE FROM \"%w\"", request->table));
	return 0;
}

/* The statement for the columns as they are now: _seq, _raw, then theirs in order. */
static int prepare_insert(struct landing *l)
{
	sqlite3_str *sql = sqlite3_str_new(l->db);
	size_t n = columns_count(l->columns);
	char *text;
	int rc;

	sqlite3_str_appendf(sql, "INSERT INTO \"%w\" (_seq, _raw", l->request->table);
	for (size_t i = 0; i < n; i++)
		sqlite3_str_appendf(sql, ", \"%w\"", columns_name(l->columns, i));
	sqlite3_str_appendall(sql, ") VALUES (?, ?");
	for (size_t i = 0; i < n; i++)
		sqlite3_str_appendall(sql, ", ?");
	sqlite3_str_appendall(sql, ")");
	text = sqlite3_str_finish(sql);
	rc = text ? sqlite3_prepare_v2(l->db, text, -1, &l->insert, NULL) : SQLITE_NOMEM;
	sqlite3_free(text);
	return rc == SQLITE_OK ? 0 : -1;
}

/* The index makes an upsert of many rows linear; its name has to be one a key. */
static int prepare_erase(struct landing *l)
{
	const json_t *key = l->request->key;
	sqlite3_str *names = sqlite3_str_new(l->db);
	sqlite3_str *where = sqlite3_str_new(l->db);
	char *name_list;
	char *condition;
	char *sql = NULL;
	size_t i;
	json_t *name;
	int rc = -1;

	json_array_foreach(key, i, name)
	{
		sqlite3_str_appendf(names, "%s\"%w\"", i ? ", " : "", json_string_value(name));
		sqlite3_str_appendf(where, "%s\"%w\" = ?", i ? " AND " : "",
				    json_string_value(name));
	}
	name_list = sqlite3_str_finish(names);
	condition = sqlite3_str_finish(where);
	if (name_list && condition) {
		rc = run_take(l->db, sqlite3_mprintf("CREATE INDEX IF NOT EXISTS \"%w key %w\" "
						     "ON \"%w\" (%s)",
						     l->request->table, name_list,
						     l->request->table, name_list));
		sql = sqlite3_mprintf("DELETE FROM \"%w\" WHERE %s", l->request->table, condition);
	}
	if (rc == 0)
		rc = sql && sqlite3_prepare_v2(l->db, sql, -1, &l->erase, NULL) == SQLITE_OK ? 0
											     : -1;
	sqlite3_free(sql);
	sqlite3_free(condition);
	sqlite3_free(name_list);
	return rc;
}

static int step(sqlite3_stmt *stmt)
{
	int rc = sqlite3_step(stmt);

	sqlite3_reset(stmt);
	sqlite3_clear_bindings(stmt);
	return rc == SQLITE_DONE ? 0 : -1;
}

static int erase_key(struct landing *l, const json_t *row)
{
	size_t i;
	json_t *name;

	if (!l->erase && prepare_erase(l) < 0)
		return -1;
	json_array_foreach(l->request->key, i, name)
	{
		size_t at;

		if (columns_find(l->columns, json_string_value(name), &at) < 0 ||
		    columns_bind(l->erase, (int)i + 1, columns_type(l->columns, at),
				 json_object_get(row, json_string_value(name))) < 0)
			return -1;
	}
	return step(l->erase);
}

static int insert_row(struct landing *l, const json_t *row, struct slice text)
{
	const char *name;
	json_t *value;

	if (!l->insert && prepare_insert(l) < 0)
		return -1;
	if (sqlite3_bind_int64(l->insert, 1, l->seq) != SQLITE_OK ||
	    sqlite3_bind_text64(l->insert, 2, text.at, text.len, SQLITE_STATIC, SQLITE_UTF8) !=
		SQLITE_OK)
		return -1;
	json_object_foreach((json_t *)row, name, value)
	{
		size_t at;

		if (json_is_null(value))
			continue;
		if (columns_find(l->columns, name, &at) < 0 ||
		    columns_bind(l->insert, (int)at + 3, columns_type(l->columns, at), value) < 0)
			return -1;
	}
	return step(l->insert);
}

int landing_put(struct landing *l, const json_t *row, struct slice text, char **ret_reason)
{
	int added = 0;
	int rc = columns_fit(l->columns, row, &added, ret_reason);

	if (rc <= 0)
		return rc;
	if (added) {
		sqlite3_finalize(l->insert);
		l->insert = NULL;
	}
	if (l->request->mode == MODE_MERGE && erase_key(l, row) < 0)
		return -1;
	return insert_row(l, row, text) < 0 ? -1 : 1;
}

int landing_commit(struct landing *l, const struct landed_batch *batch)
{
	char *config = json_dumps(l->request->config, JSON_COMPACT);
	int rc = -1;

	if (config)
		rc = run_take(
		    l->db, sqlite3_mprintf("INSERT INTO _receiver_batches VALUES "
					   "(%lld, %Q, %Q, %Q, %Q, %lld, %lld, %lld, %Q)",
					   (long long)l->seq, batch->at, batch->request_id,
					   l->request->table, request_mode_name(l->request->mode),
					   (long long)batch->rows, (long long)batch->rejected,
					   (long long)batch->bytes, config));
	free(config);
	if (rc == 0 && sqlite3_exec(l->db, "COMMIT", NULL, NULL, NULL) != SQLITE_OK)
		rc = -1;
	end_batch(l);
	return rc;
}

void landing_rollback(struct landing *l)
{
	end_batch(l);
	if (!sqlite3_get_autocommit(l->db))
		sqlite3_exec(l->db, "ROLLBACK", NULL, NULL, NULL);
}
