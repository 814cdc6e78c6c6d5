# SPDX-License-Identifier: MIT
# What all plugins share: the compiler's and linker's flags and the helpers for SQL sources.
# A plugin is a shared object that is linked like a program, from an archive that the
# tests are linked from too.  All go to plugins/, so that the build tree has one folder.

plugin_cppflags = $(PUBLIC_CPPFLAGS) -I$(srcdir)/plugins
plugin_cflags = $(COMMON_CFLAGS) -fPIC
module_link = $(CCLD) $(COMMON_CFLAGS) $(CFLAGS) -fPIC -shared $(DS_LDFLAGS) $(DS_MODULE_LDFLAGS) \
	$(LDFLAGS) -o $@
plugin_link = $(module_link) -Wl,--version-script=$(srcdir)/plugins/plugins.syms
# The entry is what the linker takes the archive's members for.
source_link = $(plugin_link) -Wl,-u,defsync_source_v1
transform_link = $(plugin_link) -Wl,-u,defsync_transform_v1

EXTRA_DIST += plugins/plugins.syms

# For third parties to copy; tests/plugins builds it.
templatedir = $(pkgdatadir)/template
dist_template_DATA = \
	plugins/template/Makefile \
	plugins/template/README.md \
	plugins/template/template.c

plugin_common_sources = \
	plugins/common/base64.c plugins/common/base64.h \
	plugins/common/checkpoint-read.c \
	plugins/common/checkpoint-sum.h \
	plugins/common/checkpoint.c plugins/common/checkpoint.h \
	plugins/common/decimal.c plugins/common/decimal.h \
	plugins/common/hex.c plugins/common/hex.h \
	plugins/common/ident.c plugins/common/ident.h \
	plugins/common/iso.c plugins/common/iso.h \
	plugins/common/keyset.c plugins/common/keyset.h \
	plugins/common/number.c plugins/common/number.h \
	plugins/common/pool.c plugins/common/pool.h \
	plugins/common/reader-ceiling.c \
	plugins/common/reader-checkpoint.c \
	plugins/common/reader-checks.c \
	plugins/common/reader-cursor.c \
	plugins/common/reader-describe.c \
	plugins/common/reader-extract.c \
	plugins/common/reader-findings.c \
	plugins/common/reader-internal.h \
	plugins/common/reader-keys.c \
	plugins/common/reader-plan.c \
	plugins/common/reader-position.c \
	plugins/common/reader-query.c \
	plugins/common/reader-relation.c \
	plugins/common/reader-row.c \
	plugins/common/reader-time.c \
	plugins/common/reader-value.c \
	plugins/common/reader.c plugins/common/reader.h \
	plugins/common/text.c plugins/common/text.h

noinst_LIBRARIES += plugins/libdefsync-common.a
plugins_libdefsync_common_a_SOURCES = $(plugin_common_sources)
plugins_libdefsync_common_a_CPPFLAGS = $(plugin_cppflags)
plugins_libdefsync_common_a_CFLAGS = $(plugin_cflags)

include $(srcdir)/plugins/sources/sqlite/local.mk
include $(srcdir)/plugins/sources/postgres/local.mk
include $(srcdir)/plugins/sources/mysql/local.mk
include $(srcdir)/plugins/sources/csv/local.mk
include $(srcdir)/plugins/transforms/local.mk
