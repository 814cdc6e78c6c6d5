# SPDX-License-Identifier: MIT
# The csv source: an archive, which the module and the tests are linked from.

csv_plugin_sources = \
	plugins/sources/csv/csv.c

if ENABLE_CSV
noinst_LTLIBRARIES += plugins/libsource-csv.la
plugin_LTLIBRARIES += plugins/defsync-source-csv.la
endif

plugins_libsource_csv_la_SOURCES = $(csv_plugin_sources)
plugins_libsource_csv_la_CPPFLAGS = $(plugin_cppflags) $(CSV_PLUGIN_CFLAGS)
plugins_libsource_csv_la_CFLAGS = $(COMMON_CFLAGS)
plugins_libsource_csv_la_LIBADD = plugins/libdefsync-common.la

plugins_defsync_source_csv_la_SOURCES =
plugins_defsync_source_csv_la_LDFLAGS = $(plugin_ldflags)
plugins_defsync_source_csv_la_LIBADD = plugins/libsource-csv.la $(CSV_PLUGIN_LIBS)
