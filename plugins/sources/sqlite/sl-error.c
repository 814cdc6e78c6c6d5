/* SPDX-License-Identifier: MIT */
/* SQLite's result codes as classes, with what to do. */

#include "sl.h"

struct meaning {
	int code; /* extended or primary */
	int32_t error_class;
	const char *todo;
};

/* Extended codes first: the first match of either kind wins. */
static const struct meaning meanings[] = {
    {SQLITE_READONLY_DIRECTORY, DEFSYNC_E_AUTH,
     "; the database is in WAL mode and its folder is not writable: let this user write there, or "
     "have the application keep the database open"},
    {SQLITE_IOERR_NOMEM, DEFSYNC_E_NOMEM, ""},
    {SQLITE_IOERR_CORRUPTFS, DEFSYNC_E_PERMANENT, "; check the file system"},
    {SQLITE_BUSY, DEFSYNC_E_TRANSIENT,
     "; another process holds the lock: run again, or raise 'busy_timeout'"},
    {SQLITE_LOCKED, DEFSYNC_E_TRANSIENT, "; run again"},
    {SQLITE_PROTOCOL, DEFSYNC_E_TRANSIENT, "; run again"},
    {SQLITE_SCHEMA, DEFSYNC_E_TRANSIENT, "; the schema changes: run again"},
    {SQLITE_IOERR, DEFSYNC_E_TRANSIENT, "; check the disk and run again"},
    {SQLITE_FULL, DEFSYNC_E_TRANSIENT, "; make room for temporary files (SQLITE_TMPDIR)"},
    {SQLITE_CORRUPT, DEFSYNC_E_PERMANENT,
     "; check it with PRAGMA integrity_check and restore a backup"},
    {SQLITE_NOTADB, DEFSYNC_E_PERMANENT,
     "; the file is damaged, encrypted or not of SQLite: correct 'database'"},
    {SQLITE_CANTOPEN, DEFSYNC_E_PERMANENT, "; check the file, its -wal and -shm and the folder"},
    {SQLITE_PERM, DEFSYNC_E_AUTH, "; let this user read the file"},
    {SQLITE_READONLY, DEFSYNC_E_AUTH,
     "; the database needs recovery or its WAL files cannot be written: let this user write the "
     "file, its -wal and -shm, or open it once with the application"},
    {SQLITE_AUTH, DEFSYNC_E_AUTH, ""},
    {SQLITE_NOMEM, DEFSYNC_E_NOMEM, ""},
    {SQLITE_INTERRUPT, DEFSYNC_E_CANCELLED, ""},
    {SQLITE_ERROR, DEFSYNC_E_CONFIG, "; check the table, its columns and 'where'"},
};

static const struct meaning *find_meaning(int extended)
{
	static const struct meaning other = {0, DEFSYNC_E_PERMANENT, ""};
	size_t i;

	for (i = 0; i < sizeof(meanings) / sizeof(meanings[0]); i++) {
		if (meanings[i].code == extended || meanings[i].code == (extended & 0xff))
			return &meanings[i];
	}
	return &other;
}

int32_t sl_fail(struct sl_source *s, const char *doing, const char *subject)
{
	int code = sqlite3_extended_errcode(s->db);
	const struct meaning *m = find_meaning(code);

	if (sl_is_cancelled(s))
		return defsync_fail(s->host, DEFSYNC_E_CANCELLED, "cancelled");
	return defsync_fail_vendor(s->host, m->error_class, code, NULL, "%s '%s': %s%s", doing,
				   subject, sqlite3_errmsg(s->db), m->todo);
}

int32_t sl_fail_nomem(struct sl_source *s)
{
	return defsync_fail(s->host, DEFSYNC_E_NOMEM, "out of memory");
}
