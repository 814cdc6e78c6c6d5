# SPDX-License-Identifier: MIT
# The transforms, each an archive that its module is linked from, and what they share.

transform_common_sources = \
	plugins/common/base64.c plugins/common/base64.h \
	plugins/common/celltext.c plugins/common/celltext.h \
	plugins/common/decimal.c plugins/common/decimal.h \
	plugins/common/exprliteral.c plugins/common/exprliteral.h \
	plugins/common/exprtoken.c plugins/common/exprtoken.h \
	plugins/common/hex.c plugins/common/hex.h \
	plugins/common/iso.c plugins/common/iso.h \
	plugins/common/json.c plugins/common/json.h \
	plugins/common/number.c plugins/common/number.h \
	plugins/common/pool.c plugins/common/pool.h \
	plugins/common/reshape.c plugins/common/reshape.h \
	plugins/common/text.c plugins/common/text.h

noinst_LIBRARIES += plugins/libdefsync-reshape.a
plugins_libdefsync_reshape_a_SOURCES = $(transform_common_sources)
plugins_libdefsync_reshape_a_CPPFLAGS = $(plugin_cppflags)
plugins_libdefsync_reshape_a_CFLAGS = $(plugin_cflags)

include $(srcdir)/plugins/transforms/add/local.mk
include $(srcdir)/plugins/transforms/cast/local.mk
include $(srcdir)/plugins/transforms/columns/local.mk
include $(srcdir)/plugins/transforms/filter/local.mk
include $(srcdir)/plugins/transforms/flatten/local.mk
include $(srcdir)/plugins/transforms/mask/local.mk
