# SPDX-License-Identifier: MIT
# The filter transform: an archive, which the module is linked from.

filter_plugin_sources = \
	plugins/transforms/filter/filter.c \
	plugins/transforms/filter/fl-bind.c \
	plugins/transforms/filter/fl-compare.c \
	plugins/transforms/filter/fl-eval.c \
	plugins/transforms/filter/fl-like.c \
	plugins/transforms/filter/fl-number.c \
	plugins/transforms/filter/fl-parse.c \
	plugins/transforms/filter/fl.h

if ENABLE_FILTER
noinst_LTLIBRARIES += plugins/libtransform-filter.la
plugin_LTLIBRARIES += plugins/defsync-transform-filter.la
endif

plugins_libtransform_filter_la_SOURCES = $(filter_plugin_sources)
plugins_libtransform_filter_la_CPPFLAGS = $(plugin_cppflags)
plugins_libtransform_filter_la_CFLAGS = $(COMMON_CFLAGS)
plugins_libtransform_filter_la_LIBADD = plugins/libdefsync-reshape.la

plugins_defsync_transform_filter_la_SOURCES =
plugins_defsync_transform_filter_la_LDFLAGS = $(plugin_ldflags)
plugins_defsync_transform_filter_la_LIBADD = plugins/libtransform-filter.la
