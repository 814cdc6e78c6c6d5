/* SPDX-License-Identifier: MIT */
/* The mysql source: options, life of an instance, and the table of its functions. */

#include <stdlib.h>
#include <string.h>

#include "my.h"

static const struct defsync_option source_options[] = {
    {
	.name = "dsn",
	.type = DEFSYNC_OPTION_SECRET,
	.help = "mysql://user:password@host:port/database?ssl_mode=...; the options below win over "
		"its parts",
    },
    {
	.name = "host",
	.type = DEFSYNC_OPTION_STRING,
	.help = "name or address of the server",
    },
    {
	.name = "port",
	.type = DEFSYNC_OPTION_INT,
	.min = 1,
	.max = 65535,
	.help = "port of the server, 3306 when not set",
    },
    {
	.name = "socket",
	.type = DEFSYNC_OPTION_PATH,
	.help = "the server's local socket, instead of host and port",
    },
    {
	.name = "database",
	.type = DEFSYNC_OPTION_STRING,
	.help = "the database of tables that are named without one",
    },
    {
	.name = "user",
	.type = DEFSYNC_OPTION_STRING,
	.help = "user of the server",
    },
    {
	.name = "password",
	.type = DEFSYNC_OPTION_SECRET,
	.help = "password of the user",
    },
    {
	.name = "password_file",
	.type = DEFSYNC_OPTION_PATH,
	.help = "file whose first line is the password",
    },
    {
	.name = "ssl_mode",
	.type = DEFSYNC_OPTION_ENUM,
	.values = "verify_identity|verify_ca|required|disabled",
	.help = "how the server proves itself; verify_identity when not set, except for loopback "
		"and sockets",
    },
    {
	.name = "ssl_ca",
	.type = DEFSYNC_OPTION_PATH,
	.help = "certificates of the authorities to trust, PEM; else those of the system",
    },
    {
	.name = "ssl_cert",
	.type = DEFSYNC_OPTION_PATH,
	.help = "certificate to log in with, PEM",
    },
    {
	.name = "ssl_key",
	.type = DEFSYNC_OPTION_PATH,
	.help = "private key of ssl_cert, PEM",
    },
    {
	.name = "connect_timeout",
	.type = DEFSYNC_OPTION_DURATION,
	.default_text = "10s",
	.min = 1000,
	.max = 600000,
	.help = "how long to wait for a connection",
    },
    {
	.name = "read_timeout",
	.type = DEFSYNC_OPTION_DURATION,
	.default_text = "15m",
	.min = 0,
	.max = 86400000,
	.help = "how long to wait for rows of the server; 0 is for ever",
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
	.default_text = "50000",
	.min = 1,
	.max = 100000000,
	.help = "rows that one statement asks for",
    },
};

static const struct defsync_option table_options[] = {
    {
	.name = "tinyint1",
	.type = DEFSYNC_OPTION_ENUM,
	.default_text = "number",
	.values = "number|bool",
	.help = "what columns declared as tinyint(1) are sent as",
    },
};

/* "?" */
static void write_param(struct text *out, unsigned n, unsigned column, void *ctx)
{
	(void)n;
	(void)column;
	(void)ctx;
	text_char(out, '?');
}

static const struct reader_dialect dialect = {
    .format = "mysql1",
    .quote = '`',
    .keyset = {.param = write_param},
    .load_table = my_load_table,
    .is_unique = my_is_unique,
    .is_indexed = my_is_indexed,
    .parse = my_parse,
    .ceiling = my_ceiling,
    .begin = my_begin,
    .rollback = my_rollback,
    .open = my_open,
    .fetch = my_fetch,
    .close = my_close,
    .findings = my_findings,
};

/* Before any thread: the library's own set-up is not safe among several. */
static int32_t source_load(const struct defsync_host *host, uint32_t flags)
{
	if (flags)
		return defsync_fail(host, DEFSYNC_E_BUG, "load: unknown flags");
	if (mysql_library_init(0, NULL, NULL) != 0)
		return defsync_fail(host, DEFSYNC_E_PERMANENT,
				    "the MySQL client library cannot be initialised");
	return 0;
}

static void source_destroy(void *instance)
{
	struct my_source *s = instance;

	if (!s)
		return;
	my_disconnect(s);
	my_dsn_done(&s->dsn);
	pthread_mutex_destroy(&s->lock);
	free(s);
}

static int32_t source_create(const struct defsync_host *host, const struct defsync_options *options,
			     uint32_t flags, void **ret_instance)
{
	struct my_source *s;
	int32_t rc;

	if (flags)
		return defsync_fail(host, DEFSYNC_E_BUG, "create: unknown flags");
	s = calloc(1, sizeof(*s));
	if (!s)
		return defsync_fail(host, DEFSYNC_E_NOMEM, "out of memory");
	if (pthread_mutex_init(&s->lock, NULL) != 0) {
		free(s);
		return defsync_fail(host, DEFSYNC_E_NOMEM, "out of memory");
	}
	reader_init(&s->reader, host, &dialect);
	rc = my_options_read(s, options);
	if (rc < 0)
		source_destroy(s);
	else
		*ret_instance = s;
	return rc;
}

static int32_t bad_flags(struct my_source *s, const char *what)
{
	return defsync_fail(my_host(s), DEFSYNC_E_BUG, "%s: unknown flags", what);
}

static int32_t source_connect(void *instance, uint32_t flags)
{
	return flags ? bad_flags(instance, "connect") : my_connect(instance);
}

static void source_disconnect(void *instance)
{
	my_disconnect(instance);
}

static int32_t source_discover(void *instance, const char *pattern, uint32_t flags,
			       const struct defsync_table *const **ret_tables, uint32_t *ret_n)
{
	return flags ? bad_flags(instance, "discover")
		     : my_discover(instance, pattern, ret_tables, ret_n);
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

static int32_t source_pause(void *instance, void *cursor, uint32_t flags)
{
	return flags ? bad_flags(instance, "pause") : reader_pause(instance, cursor);
}

static void source_end(void *instance, void *cursor)
{
	reader_end(instance, cursor);
}

static void source_cancel(void *instance)
{
	my_cancel(instance);
}

static const struct defsync_source mysql_source = {
    .struct_size = sizeof(struct defsync_source),
    .abi_minor = DEFSYNC_ABI_MINOR,
    .caps = DEFSYNC_CAP_RESUME | DEFSYNC_CAP_SNAPSHOT | DEFSYNC_CAP_CANCEL | DEFSYNC_CAP_DISCOVER |
	    DEFSYNC_CAP_KEYS,
    .thread_model = DEFSYNC_THREADS_PARALLEL,
    .option_size = sizeof(struct defsync_option),
    .options = source_options,
    .table_options = table_options,
    .n_options = sizeof(source_options) / sizeof(source_options[0]),
    .n_table_options = sizeof(table_options) / sizeof(table_options[0]),
    .name = "mysql",
    .version = DEFSYNC_VERSION,
    .summary = "tables and views of a MySQL or MariaDB server",
    .home = "",
    .load = source_load,
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
	return &mysql_source;
}
