# SPDX-License-Identifier: MIT
# The postgres source: an archive, which the module and the tests are linked from.

postgres_plugin_sources = \
	plugins/sources/postgres/pg-ceiling.c \
	plugins/sources/postgres/pg-columns.c \
	plugins/sources/postgres/pg-connect.c \
	plugins/sources/postgres/pg-decode.c \
	plugins/sources/postgres/pg-discover.c \
	plugins/sources/postgres/pg-dsn.c \
	plugins/sources/postgres/pg-error.c \
	plugins/sources/postgres/pg-exec.c \
	plugins/sources/postgres/pg-fetch.c \
	plugins/sources/postgres/pg-filled.c \
	plugins/sources/postgres/pg-rows.c \
	plugins/sources/postgres/pg-table.c \
	plugins/sources/postgres/pg-token.c \
	plugins/sources/postgres/pg-types.c \
	plugins/sources/postgres/pg.h \
	plugins/sources/postgres/postgres.c

if ENABLE_POSTGRES
noinst_LIBRARIES += plugins/libsource-postgres.a
plugin_PROGRAMS += plugins/defsync-source-postgres.so
endif

plugins_libsource_postgres_a_SOURCES = $(postgres_plugin_sources)
plugins_libsource_postgres_a_CPPFLAGS = $(plugin_cppflags) $(POSTGRES_PLUGIN_CFLAGS)
plugins_libsource_postgres_a_CFLAGS = $(plugin_cflags)

plugins_defsync_source_postgres_so_SOURCES =
plugins_defsync_source_postgres_so_LINK = $(source_link)
plugins_defsync_source_postgres_so_LDADD = plugins/libsource-postgres.a plugins/libdefsync-common.a $(POSTGRES_PLUGIN_LIBS)
