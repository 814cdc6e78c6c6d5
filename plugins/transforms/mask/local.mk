# SPDX-License-Identifier: MIT
# The mask transform: an archive, which the module is linked from.

mask_plugin_sources = \
	plugins/transforms/mask/mask.c \
	plugins/transforms/mask/mk-apply.c \
	plugins/transforms/mask/mk-digest.c \
	plugins/transforms/mask/mk-options.c \
	plugins/transforms/mask/mk-relation.c \
	plugins/transforms/mask/mk.h

if ENABLE_MASK
noinst_LTLIBRARIES += plugins/libtransform-mask.la
plugin_LTLIBRARIES += plugins/defsync-transform-mask.la
endif

plugins_libtransform_mask_la_SOURCES = $(mask_plugin_sources)
plugins_libtransform_mask_la_CPPFLAGS = $(plugin_cppflags) $(MASK_PLUGIN_CFLAGS)
plugins_libtransform_mask_la_CFLAGS = $(COMMON_CFLAGS)
plugins_libtransform_mask_la_LIBADD = plugins/libdefsync-reshape.la

plugins_defsync_transform_mask_la_SOURCES =
plugins_defsync_transform_mask_la_LDFLAGS = $(plugin_ldflags)
plugins_defsync_transform_mask_la_LIBADD = plugins/libtransform-mask.la $(MASK_PLUGIN_LIBS)
