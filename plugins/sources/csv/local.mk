# SPDX-License-Identifier: MIT
# The csv source: an archive, which the module and the tests are linked from.

csv_plugin_sources = \
	plugins/sources/csv/cv-copy.c \
	plugins/sources/csv/cv-cursor.h \
	plugins/sources/csv/cv-decode.c \
	plugins/sources/csv/cv-describe.c \
	plugins/sources/csv/cv-extract.c \
	plugins/sources/csv/cv-file.c \
	plugins/sources/csv/cv-format.c \
	plugins/sources/csv/cv-grow.c \
	plugins/sources/csv/cv-header.c \
	plugins/sources/csv/cv-list.c \
	plugins/sources/csv/cv-list.h \
	plugins/sources/csv/cv-match.c \
	plugins/sources/csv/cv-next.c \
	plugins/sources/csv/cv-parse.c \
	plugins/sources/csv/cv-parse.h \
	plugins/sources/csv/cv-path.c \
	plugins/sources/csv/cv-row.c \
	plugins/sources/csv/cv-scan.h \
	plugins/sources/csv/cv-shape.c \
	plugins/sources/csv/cv-state.c \
	plugins/sources/csv/cv-state.h \
	plugins/sources/csv/cv-stream.c \
	plugins/sources/csv/cv-types.c \
	plugins/sources/csv/cv.h \
	plugins/sources/csv/csv.c

if ENABLE_CSV
noinst_LIBRARIES += plugins/libsource-csv.a
plugin_PROGRAMS += plugins/defsync-source-csv.so
endif

plugins_libsource_csv_a_SOURCES = $(csv_plugin_sources)
plugins_libsource_csv_a_CPPFLAGS = $(plugin_cppflags) $(CSV_PLUGIN_CFLAGS)
plugins_libsource_csv_a_CFLAGS = $(plugin_cflags)

plugins_defsync_source_csv_so_SOURCES =
plugins_defsync_source_csv_so_LINK = $(source_link)
plugins_defsync_source_csv_so_LDADD = plugins/libsource-csv.a plugins/libdefsync-common.a $(CSV_PLUGIN_LIBS)
