# SPDX-License-Identifier: MIT
# The postgres source: an archive, which the module and the tests are linked from.

postgres_plugin_sources = \
	plugins/sources/postgres/postgres.c

if ENABLE_POSTGRES
noinst_LTLIBRARIES += plugins/libsource-postgres.la
plugin_LTLIBRARIES += plugins/defsync-source-postgres.la
endif

plugins_libsource_postgres_la_SOURCES = $(postgres_plugin_sources)
plugins_libsource_postgres_la_CPPFLAGS = $(plugin_cppflags) $(POSTGRES_PLUGIN_CFLAGS)
plugins_libsource_postgres_la_CFLAGS = $(COMMON_CFLAGS)
plugins_libsource_postgres_la_LIBADD = plugins/libdefsync-common.la

plugins_defsync_source_postgres_la_SOURCES =
plugins_defsync_source_postgres_la_LDFLAGS = $(plugin_ldflags)
plugins_defsync_source_postgres_la_LIBADD = plugins/libsource-postgres.la $(POSTGRES_PLUGIN_LIBS)
