/* SPDX-License-Identifier: MIT */
/*
 * Opening the file, read only and with everything off that a hostile database
 * could use.  The file itself is never opened by other means than SQLite's: the
 * close of a second descriptor would drop the locks of all connections of this
 * process (POSIX advisory locks).
 */

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "sl.h"

bool sl_is_cancelled(const struct sl_source *s)
{
	return atomic_load_explicit(&s->cancelled, memory_order_relaxed) != 0;
}

static int on_progress(void *ctx)
{
	return sl_is_cancelled(ctx);
}

/* In place of sqlite3_busy_timeout, whose sleep cannot be ended. */
static int on_busy(void *ctx, int n)
{
	struct sl_source *s = ctx;
	int64_t now = s->host->now_mono_us(s->host->ctx);
	int64_t left;

	if (n == 0)
		s->busy_since_us = now;
	left = s->busy_ms - (now - s->busy_since_us) / 1000;
	if (left <= 0 || sl_is_cancelled(s))
		return 0;
	if (left > 50)
		left = n < 10 ? 1 + n * 4 : 50;
	return s->host->wait(s->host->ctx, left) == DEFSYNC_OK && !sl_is_cancelled(s);
}

static int32_t fail_path(struct sl_source *s, int error)
{
	switch (error) {
	case ENOENT:
	case ENOTDIR:
		return defsync_fail(s->host, DEFSYNC_E_CONFIG,
				    "cannot open '%s': no such file; correct 'database'", s->path);
	case EACCES:
		return defsync_fail(
		    s->host, DEFSYNC_E_AUTH,
		    "cannot open '%s': permission denied; let user %lu read the file "
		    "and its folder",
		    s->path, (unsigned long)geteuid());
	default:
		return defsync_fail(s->host, DEFSYNC_E_TRANSIENT, "cannot open '%s': %s", s->path,
				    strerror(error));
	}
}

static int32_t check_file(struct sl_source *s, struct stat *ret)
{
	if (stat(s->path, ret) != 0)
		return fail_path(s, errno);
	if (S_ISDIR(ret->st_mode))
		return defsync_fail(s->host, DEFSYNC_E_CONFIG,
				    "cannot open '%s': is a directory; name the database file",
				    s->path);
	if (!S_ISREG(ret->st_mode))
		return defsync_fail(s->host, DEFSYNC_E_CONFIG,
				    "cannot open '%s': not a regular file; correct 'database'",
				    s->path);
	if (faccessat(AT_FDCWD, s->path, R_OK, AT_EACCESS) != 0)
		return fail_path(s, errno);
	return 0;
}

/* A relative name in front of which nothing is special: "file:x", ":memory:". */
static int open_file(struct sl_source *s)
{
	struct text name;
	sqlite3 *db = NULL;
	int rc = SQLITE_NOMEM;

	text_init(&name, 1 << 20);
	text_str(&name, s->path[0] == '/' ? "" : "./");
	text_str(&name, s->path);
	if (text_ok(&name))
		rc = sqlite3_open_v2(
		    text_get(&name), &db,
		    SQLITE_OPEN_READONLY | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_PRIVATECACHE, NULL);
	text_done(&name);
	pthread_mutex_lock(&s->lock);
	s->db = db;
	pthread_mutex_unlock(&s->lock);
	return rc;
}

static void harden(struct sl_source *s)
{
	static const int off[] = {SQLITE_DBCONFIG_ENABLE_LOAD_EXTENSION,
				  SQLITE_DBCONFIG_TRUSTED_SCHEMA, SQLITE_DBCONFIG_DQS_DML};
	size_t i;

	for (i = 0; i < sizeof(off) / sizeof(off[0]); i++)
		(void)sqlite3_db_config(s->db, off[i], 0, NULL);
	(void)sqlite3_db_config(s->db, SQLITE_DBCONFIG_DEFENSIVE, 1, NULL);
	(void)sqlite3_extended_result_codes(s->db, 1);
	(void)sqlite3_busy_handler(s->db, on_busy, s);
	sqlite3_progress_handler(s->db, 2000, on_progress, s);
}

/* SQLite says only that it cannot open the -shm file. */
static int32_t fail_first_read(struct sl_source *s)
{
	int code = sqlite3_extended_errcode(s->db) & 0xff;
	const char *slash = strrchr(s->path, '/');
	struct text folder;
	bool writable;

	text_init(&folder, 1 << 20);
	text_add(&folder, s->path, slash ? (size_t)(slash - s->path) + 1 : 0);
	text_char(&folder, '.');
	writable = faccessat(AT_FDCWD, text_get(&folder), W_OK, AT_EACCESS) == 0;
	text_done(&folder);
	if ((code == SQLITE_CANTOPEN || code == SQLITE_READONLY) && !writable &&
	    !sl_is_cancelled(s))
		return defsync_fail_vendor(
		    s->host, DEFSYNC_E_AUTH, sqlite3_extended_errcode(s->db), NULL,
		    "cannot open '%s': %s: it is in WAL mode and its folder is not writable for "
		    "user "
		    "%lu, who has to make the -shm file there; let that user write to the folder, "
		    "or "
		    "have the application keep the database open",
		    s->path, sqlite3_errmsg(s->db), (unsigned long)geteuid());
	return sl_fail(s, "cannot open", s->path);
}

/*
 * The inode is the identity.  Not the device: its number changes over reboots
 * and between containers for one and the same file (LVM, overlay, network).
 */
int32_t sl_check_identity(struct sl_source *s)
{
	int moved = 0;
	int rc = sqlite3_file_control(s->db, "main", SQLITE_FCNTL_HAS_MOVED, &moved);

	if (rc == SQLITE_OK && !moved)
		return 0;
	return defsync_fail(s->host, DEFSYNC_E_TRANSIENT,
			    "'%s' was replaced or removed while it was being read; run again",
			    s->path);
}

int32_t sl_connect(struct sl_source *s)
{
	static const char settings[] = "PRAGMA query_only=1; PRAGMA trusted_schema=0; "
				       "PRAGMA cell_size_check=1; PRAGMA mmap_size=0;";
	struct stat st;
	int32_t rc;

	if (sl_is_cancelled(s))
		return defsync_fail(s->host, DEFSYNC_E_CANCELLED, "cancelled");
	rc = check_file(s, &st);
	if (rc < 0)
		return rc;
	if (open_file(s) != SQLITE_OK)
		return s->db ? sl_fail(s, "cannot open", s->path) : sl_fail_nomem(s);
	harden(s);
	/* The first read of the file. */
	if (sqlite3_exec(s->db, settings, NULL, NULL, NULL) != SQLITE_OK ||
	    sqlite3_exec(s->db, "SELECT count(*) FROM main.sqlite_schema", NULL, NULL, NULL) !=
		SQLITE_OK)
		return fail_first_read(s);
	if (stat(s->path, &st) != 0)
		return fail_path(s, errno);
	s->inode = (uint64_t)st.st_ino;
	return sl_check_identity(s);
}

void sl_disconnect(struct sl_source *s)
{
	sqlite3 *db;

	pthread_mutex_lock(&s->lock);
	db = s->db;
	s->db = NULL;
	pthread_mutex_unlock(&s->lock);
	(void)sqlite3_close(db);
	pool_done(&s->relations);
	pool_done(&s->described);
	s->last_relation = NULL;
	atomic_store(&s->cancelled, 0);
}
