/* SPDX-License-Identifier: MIT */
/* The store's handle: opening, with all that is refused, and closing. */

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "store/store-internal.h"

#define BUSY_MS 5000
#define LAST_RUN_BYTES_MAX (1024 * 1024)

char *store_default_path(void)
{
	static const char name[] = "defsync/defsync.db";
	const char *state = getenv("XDG_STATE_HOME");
	const char *home = getenv("HOME");
	char *folder, *path;

	if (geteuid() == 0)
		return strdup("/var/lib/defsync/defsync.db");
	/* The specification has relative paths ignored. */
	if (state != NULL && state[0] == '/')
		return file_join(state, name);
	folder = file_join(home != NULL && home[0] == '/' ? home : "/", ".local/state");
	if (folder == NULL)
		return NULL;
	path = file_join(folder, name);
	free(folder);
	return path;
}

const char *store_path(const struct store *s)
{
	return s->path;
}

static int mutex_init(struct store *s, struct error *err)
{
	pthread_mutexattr_t attr;

	if (pthread_mutexattr_init(&attr) != 0)
		return error_nomem(err);
	(void)pthread_mutexattr_settype(&attr, PTHREAD_MUTEX_RECURSIVE);
	s->mutex_ready = pthread_mutex_init(&s->mutex, &attr) == 0;
	(void)pthread_mutexattr_destroy(&attr);
	return s->mutex_ready ? 0 : error_nomem(err);
}

static struct store *create(const char *path, enum store_access access,
			    const struct store_limits *limits, struct log *log, struct error *err)
{
	struct store *s = calloc(1, sizeof(*s));

	if (s == NULL) {
		(void)error_nomem(err);
		return NULL;
	}
	s->access = access;
	s->limits = limits != NULL ? *limits
				   : (struct store_limits){.recent_max = INT64_MAX,
							   .dlq_max_bytes = INT64_MAX};
	s->log = log;
	s->lock_fd = -1;
	arena_init(&s->last, LAST_RUN_BYTES_MAX);
	s->path = strdup(path);
	if (s->path == NULL)
		(void)error_nomem(err);
	else if (mutex_init(s, err) == 0)
		return s;
	store_close(s);
	return NULL;
}

/* Bytes of the log that a killed run left, 0 without. */
static int64_t log_bytes(const struct store *s)
{
	struct stat st;
	char *path = sqlite3_mprintf("%s-wal", s->file);
	int64_t n = path != NULL && lstat(path, &st) == 0 ? (int64_t)st.st_size : 0;

	sqlite3_free(path);
	return n;
}

static int connect(struct store *s, struct error *err)
{
	/* The handle's own mutex serialises; NOFOLLOW closes the gap after lstat. */
	int flags = SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_NOFOLLOW |
		    (s->access == STORE_WRITE ? SQLITE_OPEN_READWRITE : SQLITE_OPEN_READONLY);
	int code = sqlite3_open_v2(s->file, &s->db, flags, NULL);

	if (code != SQLITE_OK)
		return store_sqlite_error(
		    s, code, s->db != NULL ? sqlite3_errmsg(s->db) : sqlite3_errstr(code), err);
	(void)sqlite3_extended_result_codes(s->db, 1);
	(void)sqlite3_busy_timeout(s->db, BUSY_MS);
	(void)sqlite3_db_config(s->db, SQLITE_DBCONFIG_DEFENSIVE, 1, NULL);
	(void)sqlite3_db_config(s->db, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, NULL);
	return 0;
}

static int no_store_yet(struct store *s, struct error *err)
{
	return error_set(err, ERR_STORE, "store: no store at '%s' yet; run 'defsync run' first",
			 s->path);
}

/* The file is there and may be opened: what is in it? */
static int open_contents(struct store *s, int64_t size, struct error *err)
{
	/* Asked before SQLite looks at the log and perhaps removes it. */
	int has_log = log_bytes(s) > 0;
	int fresh = 0;

	if (connect(s, err) < 0 || store_identify(s, &fresh, err) < 0)
		return -1;
	if (fresh && s->access == STORE_READ)
		return no_store_yet(s, err);
	if (fresh && store_marker_exists(s))
		return store_damaged(s, err, "it is empty but was initialised");
	if (fresh && store_schema_create(s, err) < 0)
		return -1;
	if (store_pragmas(s, err) < 0 || (!fresh && store_probe(s, size, !has_log, err) < 0))
		return -1;
	if (store_schema_upgrade(s, err) < 0)
		return -1;
	s->ready = 1;
	if (s->access == STORE_WRITE)
		store_files_warn(s, fresh);
	return s->access == STORE_WRITE && !store_marker_exists(s) ? store_marker_write(s, err) : 0;
}

static int load_totals(struct store *s, struct error *err)
{
	int64_t n;

	if (sql_numbers(s, SQL_RECENT_TOTAL, SQL_NO_ARGS, &s->recent_total, 1, err) < 0)
		return -1;
	return store_dead_count(s, NULL, &n, &s->dead_bytes, err);
}

static int open_store(struct store *s, struct error *err)
{
	int64_t size = -1;

	if (store_files_init(s, err) < 0)
		return -1;
	if (s->access == STORE_WRITE && store_lock(s, err) < 0)
		return -1;
	if (store_files_check(s, &size, err) < 0)
		return -1;
	if (size <= 0 && s->access == STORE_READ)
		return no_store_yet(s, err);
	if (size < 0 && store_file_create(s, err) < 0)
		return -1;
	if (open_contents(s, size, err) < 0)
		return -1;
	return load_totals(s, err);
}

struct store *store_open(const char *path, enum store_access access,
			 const struct store_limits *limits, struct log *log, struct error *err)
{
	struct store *s = create(path, access, limits, log, err);

	if (s == NULL)
		return NULL;
	if (open_store(s, err) == 0)
		return s;
	store_close(s);
	return NULL;
}

/* Claims that no commit has taken along, then the log into the database. */
static void settle(struct store *s)
{
	struct error err = ERROR_INIT;

	if (s->ready && !s->broken && !sqlite3_get_autocommit(s->db) && sql_end(s, 0, &err) < 0 &&
	    s->log != NULL)
		log_failure(s->log, "store", &err);
	/* What is damaged, or not ours, stays as it was found. */
	if (s->ready && !s->broken)
		(void)sqlite3_wal_checkpoint_v2(s->db, NULL, SQLITE_CHECKPOINT_TRUNCATE, NULL,
						NULL);
	else
		(void)sqlite3_db_config(s->db, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, NULL);
	error_done(&err);
}

void store_close(struct store *s)
{
	if (s == NULL)
		return;
	if (s->db != NULL) {
		if (s->access == STORE_WRITE)
			settle(s);
		sql_finalize_all(s);
		(void)sqlite3_close_v2(s->db);
	}
	memo_drop_all(s);
	store_unlock(s);
	if (s->mutex_ready)
		(void)pthread_mutex_destroy(&s->mutex);
	arena_done(&s->last);
	free(s->path);
	free(s->folder);
	free(s->file);
	free(s->lock_path);
	free(s->marker_path);
	free(s);
}
