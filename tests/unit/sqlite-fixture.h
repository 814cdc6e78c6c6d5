/* SPDX-License-Identifier: MIT */
/* What the tests of the sqlite source share: a folder with a database. */

#ifndef UNIT_SQLITE_FIXTURE_H
#define UNIT_SQLITE_FIXTURE_H

#include "source-fixture.h"

#include <sqlite3.h>

static inline void fx_sql_at(const char *path, const char *sql)
{
	sqlite3 *db = NULL;
	char *message = NULL;

	assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
	if (sqlite3_exec(db, sql, NULL, NULL, &message) != SQLITE_OK)
		fail_msg("%s: %s", sql, message);
	sqlite3_close(db);
}

static inline void fx_sql(struct fixture *f, const char *sql)
{
	fx_sql_at(f->path, sql);
}

static inline int fx_setup(void **state)
{
	struct fixture *f = calloc(1, sizeof(*f));

	assert_non_null(f);
	(void)snprintf(f->folder, sizeof(f->folder), "/tmp/defsync-sqlite-XXXXXX");
	assert_non_null(mkdtemp(f->folder));
	(void)snprintf(f->path, sizeof(f->path), "%s/shop.db", f->folder);
	fx_option(f, "database", f->path);
	fx_option(f, "busy_timeout", "200");
	fx_option(f, "max_snapshot", "60000");
	plugin_host_init(&f->host, f->options);
	f->source = defsync_source_v1();
	fx_create(f);
	*state = f;
	return 0;
}

static inline int fx_teardown(void **state)
{
	static const char *const ends[] = {"", "-wal", "-shm", "-journal"};
	struct fixture *f = *state;
	char name[128];
	size_t i;

	f->source->destroy(f->instance);
	plugin_host_done(&f->host);
	for (i = 0; i < 4; i++) {
		(void)snprintf(name, sizeof(name), "%s%s", f->path, ends[i]);
		(void)unlink(name);
	}
	assert_int_equal(rmdir(f->folder), 0);
	free(f);
	return 0;
}

#endif
