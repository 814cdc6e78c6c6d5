# SPDX-License-Identifier: MIT
# The columns transform: an archive, which the module is linked from.

columns_plugin_sources = \
	plugins/transforms/columns/co-names.c \
	plugins/transforms/columns/co-select.c \
	plugins/transforms/columns/co.h \
	plugins/transforms/columns/columns.c

if ENABLE_COLUMNS
noinst_LIBRARIES += plugins/libtransform-columns.a
plugin_PROGRAMS += plugins/defsync-transform-columns.so
endif

plugins_libtransform_columns_a_SOURCES = $(columns_plugin_sources)
plugins_libtransform_columns_a_CPPFLAGS = $(plugin_cppflags)
plugins_libtransform_columns_a_CFLAGS = $(plugin_cflags)

plugins_defsync_transform_columns_so_SOURCES =
plugins_defsync_transform_columns_so_LINK = $(transform_link)
plugins_defsync_transform_columns_so_LDADD = plugins/libtransform-columns.a plugins/libdefsync-reshape.a
