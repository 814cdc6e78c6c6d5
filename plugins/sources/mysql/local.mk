# SPDX-License-Identifier: MIT
# The mysql source: an archive, which the module and the tests are linked from.

mysql_plugin_sources = \
	plugins/sources/mysql/my-catalog.c \
	plugins/sources/mysql/my-ceiling.c \
	plugins/sources/mysql/my-columns.c \
	plugins/sources/mysql/my-connect.c \
	plugins/sources/mysql/my-decode.c \
	plugins/sources/mysql/my-dial.c \
	plugins/sources/mysql/my-discover.c \
	plugins/sources/mysql/my-dsn.c \
	plugins/sources/mysql/my-error.c \
	plugins/sources/mysql/my-findings.c \
	plugins/sources/mysql/my-index.c \
	plugins/sources/mysql/my-options.c \
	plugins/sources/mysql/my-params.c \
	plugins/sources/mysql/my-parse.c \
	plugins/sources/mysql/my-query.c \
	plugins/sources/mysql/my-session.c \
	plugins/sources/mysql/my-statement.c \
	plugins/sources/mysql/my-time.c \
	plugins/sources/mysql/my-transactions.c \
	plugins/sources/mysql/my-types.c \
	plugins/sources/mysql/my.h \
	plugins/sources/mysql/mysql.c

if ENABLE_MYSQL
noinst_LIBRARIES += plugins/libsource-mysql.a
plugin_PROGRAMS += plugins/defsync-source-mysql.so
endif

plugins_libsource_mysql_a_SOURCES = $(mysql_plugin_sources)
plugins_libsource_mysql_a_CPPFLAGS = $(plugin_cppflags) $(MYSQL_PLUGIN_CFLAGS) $(MYSQL_FEATURES)
plugins_libsource_mysql_a_CFLAGS = $(plugin_cflags)

plugins_defsync_source_mysql_so_SOURCES =
plugins_defsync_source_mysql_so_LINK = $(source_link)
plugins_defsync_source_mysql_so_LDADD = plugins/libsource-mysql.a plugins/libdefsync-common.a $(MYSQL_PLUGIN_LIBS)
