# SPDX-License-Identifier: MIT
# The sqlite source: an archive, which the module and the tests are linked from.

sqlite_plugin_sources = \
	plugins/sources/sqlite/sl-ceiling.c \
	plugins/sources/sqlite/sl-checkpoint.c \
	plugins/sources/sqlite/sl-checks.c \
	plugins/sources/sqlite/sl-connect.c \
	plugins/sources/sqlite/sl-cursor.c plugins/sources/sqlite/sl-cursor.h \
	plugins/sources/sqlite/sl-decimal.c \
	plugins/sources/sqlite/sl-describe.c \
	plugins/sources/sqlite/sl-discover.c \
	plugins/sources/sqlite/sl-error.c \
	plugins/sources/sqlite/sl-extract.c \
	plugins/sources/sqlite/sl-findings.c \
	plugins/sources/sqlite/sl-index.c \
	plugins/sources/sqlite/sl-keys.c \
	plugins/sources/sqlite/sl-plan.c \
	plugins/sources/sqlite/sl-query.c \
	plugins/sources/sqlite/sl-relation.c \
	plugins/sources/sqlite/sl-row.c \
	plugins/sources/sqlite/sl-schema.c \
	plugins/sources/sqlite/sl-statement.c \
	plugins/sources/sqlite/sl-survey.c \
	plugins/sources/sqlite/sl-types.c \
	plugins/sources/sqlite/sl-value.c \
	plugins/sources/sqlite/sl-watermark.c \
	plugins/sources/sqlite/sl.h \
	plugins/sources/sqlite/sqlite.c

if ENABLE_SQLITE
noinst_LIBRARIES += plugins/libsource-sqlite.a
plugin_PROGRAMS += plugins/defsync-source-sqlite.so
endif

plugins_libsource_sqlite_a_SOURCES = $(sqlite_plugin_sources)
plugins_libsource_sqlite_a_CPPFLAGS = $(plugin_cppflags) $(SQLITE_PLUGIN_CFLAGS)
plugins_libsource_sqlite_a_CFLAGS = $(plugin_cflags)

plugins_defsync_source_sqlite_so_SOURCES =
plugins_defsync_source_sqlite_so_LINK = $(source_link)
plugins_defsync_source_sqlite_so_LDADD = plugins/libsource-sqlite.a plugins/libdefsync-common.a $(SQLITE_PLUGIN_LIBS)
