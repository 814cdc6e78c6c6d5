# SPDX-License-Identifier: MIT
# The sqlite source.

sqlite_plugin_sources =

if ENABLE_SQLITE
plugin_LTLIBRARIES += plugins/defsync-source-sqlite.la
endif

plugins_defsync_source_sqlite_la_SOURCES = $(sqlite_plugin_sources)
plugins_defsync_source_sqlite_la_CPPFLAGS = $(plugin_cppflags) $(SQLITE_PLUGIN_CFLAGS)
plugins_defsync_source_sqlite_la_CFLAGS = $(COMMON_CFLAGS)
plugins_defsync_source_sqlite_la_LDFLAGS = $(plugin_ldflags)
plugins_defsync_source_sqlite_la_LIBADD = plugins/libdefsync-common.la $(SQLITE_PLUGIN_LIBS)
