# SPDX-License-Identifier: MIT
# The filter transform: an archive, which the module is linked from.

filter_plugin_sources = \
	plugins/transforms/filter/filter.c \
	plugins/transforms/filter/fl-bind.c \
	plugins/transforms/filter/fl-compare.c \
	plugins/transforms/filter/fl-eval.c \
	plugins/transforms/filter/fl-like.c \
	plugins/transforms/filter/fl-list.c \
	plugins/transforms/filter/fl-number.c \
	plugins/transforms/filter/fl-parse.c \
	plugins/transforms/filter/fl.h

if ENABLE_FILTER
noinst_LIBRARIES += plugins/libtransform-filter.a
plugin_PROGRAMS += plugins/defsync-transform-filter.so
endif

plugins_libtransform_filter_a_SOURCES = $(filter_plugin_sources)
plugins_libtransform_filter_a_CPPFLAGS = $(plugin_cppflags)
plugins_libtransform_filter_a_CFLAGS = $(plugin_cflags)

plugins_defsync_transform_filter_so_SOURCES =
plugins_defsync_transform_filter_so_LINK = $(transform_link)
plugins_defsync_transform_filter_so_LDADD = plugins/libtransform-filter.a plugins/libdefsync-reshape.a
