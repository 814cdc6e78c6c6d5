# SPDX-License-Identifier: MIT
# The mysql source: an archive, which the module and the tests are linked from.

mysql_plugin_sources = \
	plugins/sources/mysql/mysql.c

if ENABLE_MYSQL
noinst_LTLIBRARIES += plugins/libsource-mysql.la
plugin_LTLIBRARIES += plugins/defsync-source-mysql.la
endif

plugins_libsource_mysql_la_SOURCES = $(mysql_plugin_sources)
plugins_libsource_mysql_la_CPPFLAGS = $(plugin_cppflags) $(MYSQL_PLUGIN_CFLAGS)
plugins_libsource_mysql_la_CFLAGS = $(COMMON_CFLAGS)
plugins_libsource_mysql_la_LIBADD = plugins/libdefsync-common.la

plugins_defsync_source_mysql_la_SOURCES =
plugins_defsync_source_mysql_la_LDFLAGS = $(plugin_ldflags)
plugins_defsync_source_mysql_la_LIBADD = plugins/libsource-mysql.la $(MYSQL_PLUGIN_LIBS)
