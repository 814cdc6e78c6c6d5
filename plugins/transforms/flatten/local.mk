# SPDX-License-Identifier: MIT
# The flatten transform: an archive, which the module is linked from.

flatten_plugin_sources = \
	plugins/transforms/flatten/fl-convert.c \
	plugins/transforms/flatten/fl-fields.c \
	plugins/transforms/flatten/fl-number.c \
	plugins/transforms/flatten/fl-row.c \
	plugins/transforms/flatten/fl.h \
	plugins/transforms/flatten/flatten.c

if ENABLE_FLATTEN
noinst_LTLIBRARIES += plugins/libtransform-flatten.la
plugin_LTLIBRARIES += plugins/defsync-transform-flatten.la
endif

plugins_libtransform_flatten_la_SOURCES = $(flatten_plugin_sources)
plugins_libtransform_flatten_la_CPPFLAGS = $(plugin_cppflags)
plugins_libtransform_flatten_la_CFLAGS = $(COMMON_CFLAGS)
plugins_libtransform_flatten_la_LIBADD = plugins/libdefsync-reshape.la

plugins_defsync_transform_flatten_la_SOURCES =
plugins_defsync_transform_flatten_la_LDFLAGS = $(plugin_ldflags)
plugins_defsync_transform_flatten_la_LIBADD = plugins/libtransform-flatten.la
