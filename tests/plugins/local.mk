# SPDX-License-Identifier: MIT
# Plugins for tests only; never installed.  -rpath makes libtool build a shared
# module all the same.

fake_ldflags = $(module_ldflags) -rpath /nowhere
EXTRA_DIST += tests/plugins/fake-base.h

check_LTLIBRARIES += \
	tests/plugins/defsync-source-fake_badoptions.la \
	tests/plugins/defsync-source-fake_caps.la \
	tests/plugins/defsync-source-fake_liar.la \
	tests/plugins/defsync-source-fake_loadfail.la \
	tests/plugins/defsync-source-fake_minimal.la \
	tests/plugins/defsync-transform-fake_minor.la \
	tests/plugins/defsync-source-fake_missing.la \
	tests/plugins/defsync-source-fake_name.la \
	tests/plugins/defsync-source-fake_noentry.la \
	tests/plugins/defsync-source-fake_rows.la \
	tests/plugins/defsync-source-fake_short.la \
	tests/plugins/defsync-transform-fake_tee.la \
	tests/plugins/defsync-source-fake_v2.la

tests_plugins_defsync_source_fake_badoptions_la_SOURCES = tests/plugins/fake_badoptions.c
tests_plugins_defsync_source_fake_badoptions_la_LDFLAGS = $(fake_ldflags)

tests_plugins_defsync_source_fake_caps_la_SOURCES = tests/plugins/fake_caps.c
tests_plugins_defsync_source_fake_caps_la_LDFLAGS = $(fake_ldflags)

tests_plugins_defsync_source_fake_liar_la_SOURCES = tests/plugins/fake_liar.c
tests_plugins_defsync_source_fake_liar_la_LDFLAGS = $(fake_ldflags)

tests_plugins_defsync_source_fake_loadfail_la_SOURCES = tests/plugins/fake_loadfail.c
tests_plugins_defsync_source_fake_loadfail_la_LDFLAGS = $(fake_ldflags)

tests_plugins_defsync_source_fake_minimal_la_SOURCES = tests/plugins/fake_minimal.c
tests_plugins_defsync_source_fake_minimal_la_LDFLAGS = $(fake_ldflags)

tests_plugins_defsync_transform_fake_minor_la_SOURCES = tests/plugins/fake_minor.c
tests_plugins_defsync_transform_fake_minor_la_LDFLAGS = $(fake_ldflags)

tests_plugins_defsync_source_fake_missing_la_SOURCES = tests/plugins/fake_missing.c
tests_plugins_defsync_source_fake_missing_la_LDFLAGS = $(fake_ldflags)

tests_plugins_defsync_source_fake_name_la_SOURCES = tests/plugins/fake_name.c
tests_plugins_defsync_source_fake_name_la_LDFLAGS = $(fake_ldflags)

tests_plugins_defsync_source_fake_noentry_la_SOURCES = tests/plugins/fake_noentry.c
tests_plugins_defsync_source_fake_noentry_la_LDFLAGS = $(fake_ldflags)

tests_plugins_defsync_source_fake_rows_la_SOURCES = tests/plugins/fake_rows.c
tests_plugins_defsync_source_fake_rows_la_LDFLAGS = $(fake_ldflags)

tests_plugins_defsync_source_fake_short_la_SOURCES = tests/plugins/fake_short.c
tests_plugins_defsync_source_fake_short_la_LDFLAGS = $(fake_ldflags)

tests_plugins_defsync_transform_fake_tee_la_SOURCES = tests/plugins/fake_tee.c
tests_plugins_defsync_transform_fake_tee_la_LDFLAGS = $(fake_ldflags)

tests_plugins_defsync_source_fake_v2_la_SOURCES = tests/plugins/fake_v2.c
tests_plugins_defsync_source_fake_v2_la_LDFLAGS = $(fake_ldflags)

# The source that others copy: built and tested here, so that it cannot rot.
check_LTLIBRARIES += tests/plugins/defsync-source-template.la
tests_plugins_defsync_source_template_la_SOURCES = plugins/template/template.c
tests_plugins_defsync_source_template_la_LDFLAGS = $(fake_ldflags)
