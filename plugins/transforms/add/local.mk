# SPDX-License-Identifier: MIT
# The add transform: an archive, which the module is linked from.

add_plugin_sources = \
	plugins/transforms/add/ad-bind.c \
	plugins/transforms/add/ad-eval.c \
	plugins/transforms/add/ad-parse.c \
	plugins/transforms/add/ad.h \
	plugins/transforms/add/add.c

if ENABLE_ADD
noinst_LIBRARIES += plugins/libtransform-add.a
plugin_PROGRAMS += plugins/defsync-transform-add.so
endif

plugins_libtransform_add_a_SOURCES = $(add_plugin_sources)
plugins_libtransform_add_a_CPPFLAGS = $(plugin_cppflags)
plugins_libtransform_add_a_CFLAGS = $(plugin_cflags)

plugins_defsync_transform_add_so_SOURCES =
plugins_defsync_transform_add_so_LINK = $(transform_link)
plugins_defsync_transform_add_so_LDADD = plugins/libtransform-add.a plugins/libdefsync-reshape.a
