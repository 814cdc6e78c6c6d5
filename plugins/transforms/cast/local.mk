# SPDX-License-Identifier: MIT
# The cast transform: an archive, which the module is linked from.

cast_plugin_sources = \
	plugins/transforms/cast/cast.c \
	plugins/transforms/cast/ct-apart.c \
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
noinst_LIBRARIES += plugins/libtransform-cast.a
plugin_PROGRAMS += plugins/defsync-transform-cast.so
endif

plugins_libtransform_cast_a_SOURCES = $(cast_plugin_sources)
plugins_libtransform_cast_a_CPPFLAGS = $(plugin_cppflags)
plugins_libtransform_cast_a_CFLAGS = $(plugin_cflags)

plugins_defsync_transform_cast_so_SOURCES =
plugins_defsync_transform_cast_so_LINK = $(transform_link)
plugins_defsync_transform_cast_so_LDADD = plugins/libtransform-cast.a plugins/libdefsync-reshape.a
