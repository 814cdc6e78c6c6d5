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
noinst_LIBRARIES += plugins/libtransform-mask.a
plugin_PROGRAMS += plugins/defsync-transform-mask.so
endif

plugins_libtransform_mask_a_SOURCES = $(mask_plugin_sources)
plugins_libtransform_mask_a_CPPFLAGS = $(plugin_cppflags) $(MASK_PLUGIN_CFLAGS)
plugins_libtransform_mask_a_CFLAGS = $(plugin_cflags)

plugins_defsync_transform_mask_so_SOURCES =
plugins_defsync_transform_mask_so_LINK = $(transform_link)
plugins_defsync_transform_mask_so_LDADD = plugins/libtransform-mask.a plugins/libdefsync-reshape.a $(MASK_PLUGIN_LIBS)
