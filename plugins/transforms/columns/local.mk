# SPDX-License-Identifier: MIT
# The columns transform: an archive, which the module is linked from.

columns_plugin_sources = \
	plugins/transforms/columns/co-names.c \
	plugins/transforms/columns/co-select.c \
	plugins/transforms/columns/co.h \
	plugins/transforms/columns/columns.c

if ENABLE_COLUMNS
noinst_LTLIBRARIES += plugins/libtransform-columns.la
plugin_LTLIBRARIES += plugins/defsync-transform-columns.la
endif

plugins_libtransform_columns_la_SOURCES = $(columns_plugin_sources)
plugins_libtransform_columns_la_CPPFLAGS = $(plugin_cppflags)
plugins_libtransform_columns_la_CFLAGS = $(COMMON_CFLAGS)
plugins_libtransform_columns_la_LIBADD = plugins/libdefsync-reshape.la

plugins_defsync_transform_columns_la_SOURCES =
plugins_defsync_transform_columns_la_LDFLAGS = $(plugin_ldflags)
plugins_defsync_transform_columns_la_LIBADD = plugins/libtransform-columns.la
