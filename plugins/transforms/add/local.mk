# SPDX-License-Identifier: MIT
# The add transform: an archive, which the module is linked from.

add_plugin_sources = \
	plugins/transforms/add/ad-bind.c \
	plugins/transforms/add/ad-eval.c \
	plugins/transforms/add/ad-parse.c \
	plugins/transforms/add/ad.h \
	plugins/transforms/add/add.c

if ENABLE_ADD
noinst_LTLIBRARIES += plugins/libtransform-add.la
plugin_LTLIBRARIES += plugins/defsync-transform-add.la
endif

plugins_libtransform_add_la_SOURCES = $(add_plugin_sources)
plugins_libtransform_add_la_CPPFLAGS = $(plugin_cppflags)
plugins_libtransform_add_la_CFLAGS = $(COMMON_CFLAGS)
plugins_libtransform_add_la_LIBADD = plugins/libdefsync-reshape.la

plugins_defsync_transform_add_la_SOURCES =
plugins_defsync_transform_add_la_LDFLAGS = $(plugin_ldflags)
plugins_defsync_transform_add_la_LIBADD = plugins/libtransform-add.la
