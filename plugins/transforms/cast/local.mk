# SPDX-License-Identifier: MIT
# The cast transform: an archive, which the module is linked from.

cast_plugin_sources = \
	plugins/transforms/cast/cast.c \
	plugins/transforms/cast/ct-apply.c \
	plugins/transforms/cast/ct-bytes.c \
	plugins/transforms/cast/ct-format.c \
	plugins/transforms/cast/ct-moment.c \
	plugins/transforms/cast/ct-number.c \
	plugins/transforms/cast/ct-options.c \
	plugins/transforms/cast/ct-print.c \
	plugins/transforms/cast/ct-relation.c \
	plugins/transforms/cast/ct-routes.c \
	plugins/transforms/cast/ct-time.c \
	plugins/transforms/cast/ct.h

if ENABLE_CAST
noinst_LTLIBRARIES += plugins/libtransform-cast.la
plugin_LTLIBRARIES += plugins/defsync-transform-cast.la
endif

plugins_libtransform_cast_la_SOURCES = $(cast_plugin_sources)
plugins_libtransform_cast_la_CPPFLAGS = $(plugin_cppflags)
plugins_libtransform_cast_la_CFLAGS = $(COMMON_CFLAGS)
plugins_libtransform_cast_la_LIBADD = plugins/libdefsync-reshape.la

plugins_defsync_transform_cast_la_SOURCES =
plugins_defsync_transform_cast_la_LDFLAGS = $(plugin_ldflags)
plugins_defsync_transform_cast_la_LIBADD = plugins/libtransform-cast.la
