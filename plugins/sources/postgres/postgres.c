/* SPDX-License-Identifier: MIT */
/* The postgres source: options, life of an instance, and the table of its functions. */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "pg.h"

static const struct defsync_option source_options[] = {
    {
	.name = "dsn",
	.type = DEFSYNC_OPTION_SECRET,
	.help = "postgresql://user:password@host:port/database, or keyword=value pairs",
    },
    {
	.name = "host",
	.type = DEFSYNC_OPTION_STRING,
	.help = "name or address of the server, or the folder of its socket",
    },
    {
	.name = "port",
	.type = DEFSYNC_OPTION_INT,
	.min = 1,
	.max = 65535,
	.help = "port of the server, 5432 if nothing else is said",
    },
    {
	.name = "database",
	.type = DEFSYNC_OPTION_STRING,
	.help = "name of the database",
    },
    {
	.name = "user",
	.type = DEFSYNC_OPTION_STRING,
	.help = "role to log in as",
    },
    {
	.name = "password",
	.type = DEFSYNC_OPTION_SECRET,
	.help = "password of the role",
    },
    {
	.name = "password_file",
	.type = DEFSYNC_OPTION_PATH,
	.help = "file that holds the password in its first line",
    },
    {
	.name = "sslmode",
	.type = DEFSYNC_OPTION_ENUM,
	.values = "disable|allow|prefer|require|verify-ca|verify-full",
	.help = "how TLS is used; verify-full, and prefer on this machine itself",
    },
    {
	.name = "sslrootcert",
	.type = DEFSYNC_OPTION_PATH,
	.help = "certificates of the authorities that the server's has to come from",
    },
    {
	.name = "sslcert",
	.type = DEFSYNC_OPTION_PATH,
	.help = "certificate to log in with",
    },
    {
	.name = "sslkey",
	.type = DEFSYNC_OPTION_PATH,
	.help = "private key of sslcert",
    },
    {
	.name = "connect_timeout",
	.type = DEFSYNC_OPTION_DURATION,
	.default_text = "10s",
	.min = 1,
	.max = 3600000,
	.help = "how long to wait for a connection",
    },
    {
	.name = "statement_timeout",
	.type = DEFSYNC_OPTION_DURATION,
	.default_text = "0s",
	.min = 0,
	.max = 2147483000,
	.help = "longest time of one statement; 0s: none",
    },
    {
	.name = "lock_timeout",
	.type = DEFSYNC_OPTION_DURATION,
	.default_text = "10s",
	.min = 0,
	.max = 2147483000,
	.help = "how long to wait for a lock of another session; 0s: without end",
    },
    {
	.name = "application_name",
	.type = DEFSYNC_OPTION_STRING,
	.help = "name of the session at the server",
    },
    {
	.name = "max_snapshot",
	.type = DEFSYNC_OPTION_DURATION,
	.flags = DEFSYNC_OPTION_ADVANCED,
	.default_text = "60s",
	.min = 1,
	.max = 86400000,
	.help = "longest time that one snapshot is held",
    },
    {
	.name = "page_rows",
	.type = DEFSYNC_OPTION_INT,
	.flags = DEFSYNC_OPTION_ADVANCED,
	.default_text = "200000",
	.min = 0,
	.max = 1000000000,
	.help = "rows of one statement; 0: all",
    },
};

static const struct defsync_option table_options[] = {
    {
	.name = "query",
	.type = DEFSYNC_OPTION_STRING,
	.help = "a SELECT that is read instead of a table",
    },
};

static const struct reader_dialect dialect = {
    .format = "postgres1",
    .quote = '"',
    .keyset = {.param = pg_param, .row_values = true, .numbered = true},
    .load_table = pg_load_table,
    .is_unique = pg_is_unique,
    .is_indexed = pg_is_indexed,
    .parse = pg_parse,
    .ceiling = pg_ceiling,
    .begin = pg_begin,
    .rollback = pg_rollback,
    .open = pg_open,
    .fetch = pg_fetch,
    .close = pg_close,
    .findings = pg_findings,
};

static const char *given(const struct defsync_host *host, const struct defsync_options *options,
			 const char *name)
{
	const char *value = host->option_string(host->ctx, options, name);

	return value && *value ? value : NULL;
}

static void read_options(struct pg_source *s, const struct defsync_host *host,
			 const struct defsync_options *options)
{
	int64_t port = host->option_int(host->ctx, options, "port");

	if (port)
		(void)snprintf(s->port, sizeof(s->port), "%d", (int)port);
	s->target = (struct pg_target){
	    .dsn = given(host, options, "dsn"),
	    .host = given(host, options, "host"),
	    .port = port ? s->port : NULL,
	    .database = given(host, options, "database"),
	    .user = given(host, options, "user"),
	    .password = given(host, options, "password"),
	    .sslmode = given(host, options, "sslmode"),
	    .sslrootcert = given(host, options, "sslrootcert"),
	    .sslcert = given(host, options, "sslcert"),
	    .sslkey = given(host, options, "sslkey"),
	    .application_name = given(host, options, "application_name"),
	};
	/* The variable of the vendor's documentation, where nothing else says which server. */
	if (!s->target.dsn && !s->target.host && !s->target.database && !s->target.user)
		s->target.dsn = getenv("POSTGRES_DSN");
	s->password_file = given(host, options, "password_file");
	s->connect_ms = host->option_int(host->ctx, options, "connect_timeout");
	s->statement_ms = host->option_int(host->ctx, options, "statement_timeout");
	s->lock_ms = host->option_int(host->ctx, options, "lock_timeout");
	s->reader.max_snapshot_ms = host->option_int(host->ctx, options, "max_snapshot");
	s->reader.page_rows = host->option_int(host->ctx, options, "page_rows");
}

/* What can be said without the server. */
static int32_t check_options(struct pg_source *s, const struct defsync_host *host)
{
	struct pg_conninfo c;
	struct text reason;
	int32_t rc = 0;

	if (s->target.password && s->password_file)
		return defsync_fail(host, DEFSYNC_E_CONFIG,
				    "both password and password_file are given; keep one");
	text_init(&reason, DEFSYNC_TEXT_MAX);
	if (!pg_conninfo_make(&s->target, NULL, &c, &reason))
		rc = defsync_fail(host, DEFSYNC_E_CONFIG, "%s", text_get(&reason));
	else if (c.password)
		host->secret(host->ctx, c.password, strlen(c.password));
	pg_conninfo_done(&c);
	text_done(&reason);
	return rc;
}

static void source_destroy(void *instance)
{
	struct pg_source *s = instance;

	if (!s)
		return;
	pg_disconnect(s);
	close(s->wake);
	free(s);
}

static int32_t source_create(const struct defsync_host *host, const struct defsync_options *options,
			     uint32_t flags, void **ret_instance)
{
	struct pg_source *s;
	int32_t rc;

	if (flags)
		return defsync_fail(host, DEFSYNC_E_BUG, "create: unknown flags");
	s = calloc(1, sizeof(*s));
	if (!s)
		return defsync_fail(host, DEFSYNC_E_NOMEM, "out of memory");
	s->wake = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (s->wake < 0) {
		free(s);
		return defsync_fail(host, DEFSYNC_E_NOMEM, "out of file descriptors");
	}
	reader_init(&s->reader, host, &dialect);
	read_options(s, host, options);
	rc = check_options(s, host);
	if (rc < 0) {
		source_destroy(s);
		return rc;
	}
	*ret_instance = s;
	return DEFSYNC_OK;
}

static int32_t bad_flags(struct pg_source *s, const char *what)
{
	return defsync_fail(s->reader.host, DEFSYNC_E_BUG, "%s: unknown flags", what);
}

static int32_t source_connect(void *instance, uint32_t flags)
{
	return flags ? bad_flags(instance, "connect") : pg_connect(instance);
}

static void source_disconnect(void *instance)
{
	pg_disconnect(instance);
}

static int32_t source_discover(void *instance, const char *pattern, uint32_t flags,
			       const struct defsync_table *const **ret_tables, uint32_t *ret_n)
{
	return flags ? bad_flags(instance, "discover")
		     : pg_discover(instance, pattern, ret_tables, ret_n);
}

static int32_t source_describe(void *instance, const struct defsync_request *request,
			       uint32_t flags, const struct defsync_table **ret_table)
{
	return flags ? bad_flags(instance, "describe")
		     : reader_describe(instance, request, ret_table);
}

static int32_t source_extract(void *instance, const struct defsync_request *request, uint32_t flags,
			      void **ret_cursor)
{
	struct reader_cursor *c;
	int32_t rc;

	if (flags)
		return bad_flags(instance, "extract");
	rc = reader_extract(instance, request, &c);
	if (rc == DEFSYNC_OK)
		*ret_cursor = c;
	return rc;
}

static int32_t source_next(void *instance, void *cursor, uint32_t flags,
			   const struct defsync_row **ret_row)
{
	return flags ? bad_flags(instance, "next") : reader_next(instance, cursor, ret_row);
}

static void source_end(void *instance, void *cursor)
{
	reader_end(instance, cursor);
}

static int32_t source_pause(void *instance, void *cursor, uint32_t flags)
{
	return flags ? bad_flags(instance, "pause") : reader_pause(instance, cursor);
}

/* Whoever waits for the server is woken and gives up the statement himself. */
static void source_cancel(void *instance)
{
	struct pg_source *s = instance;
	const uint64_t one = 1;

	atomic_store(&s->reader.cancelled, 1);
	(void)!write(s->wake, &one, sizeof(one));
}

static const struct defsync_source postgres_source = {
    .struct_size = sizeof(struct defsync_source),
    .abi_minor = DEFSYNC_ABI_MINOR,
    .caps = DEFSYNC_CAP_RESUME | DEFSYNC_CAP_GAPLESS | DEFSYNC_CAP_SNAPSHOT | DEFSYNC_CAP_CANCEL |
	    DEFSYNC_CAP_DISCOVER | DEFSYNC_CAP_KEYS,
    .thread_model = DEFSYNC_THREADS_PARALLEL,
    .option_size = sizeof(struct defsync_option),
    .options = source_options,
    .table_options = table_options,
    .n_options = sizeof(source_options) / sizeof(source_options[0]),
    .n_table_options = sizeof(table_options) / sizeof(table_options[0]),
    .name = "postgres",
    .version = DEFSYNC_VERSION,
    .summary = "tables and views of a PostgreSQL database",
    .home = "",
    .create = source_create,
    .destroy = source_destroy,
    .connect = source_connect,
    .disconnect = source_disconnect,
    .discover = source_discover,
    .describe = source_describe,
    .extract = source_extract,
    .next = source_next,
    .end = source_end,
    .cancel = source_cancel,
    .pause = source_pause,
};

DEFSYNC_EXPORT const struct defsync_source *defsync_source_v1(void)
{
	return &postgres_source;
}
