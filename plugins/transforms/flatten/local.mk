# SPDX-License-Identifier: MIT
# The flatten transform: an archive, which the module is linked from.

flatten_plugin_sources = \
	plugins/transforms/flatten/fl-convert.c \
	plugins/transforms/flatten/fl-fields.c \
	plugins/transforms/flatten/fl-row.c \
	plugins/transforms/flatten/fl.h \
	plugins/transforms/flatten/flatten.c

if ENABLE_FLATTEN
noinst_LIBRARIES += plugins/libtransform-flatten.a
plugin_PROGRAMS += plugins/defsync-transform-flatten.so
endif

plugins_libtransform_flatten_a_SOURCES = $(flatten_plugin_sources)
plugins_libtransform_flatten_a_CPPFLAGS = $(plugin_cppflags)
plugins_libtransform_flatten_a_CFLAGS = $(plugin_cflags)

plugins_defsync_transform_flatten_so_SOURCES =
plugins_defsync_transform_flatten_so_LINK = $(transform_link)
plugins_defsync_transform_flatten_so_LDADD = plugins/libtransform-flatten.a plugins/libdefsync-reshape.a
