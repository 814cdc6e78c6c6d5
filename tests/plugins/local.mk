# SPDX-License-Identifier: MIT
# Plugins for tests only; never installed.

EXTRA_DIST += tests/plugins/fake-base.h

test_plugins = \
	tests/plugins/defsync-source-fake_badoptions.so \
	tests/plugins/defsync-source-fake_caps.so \
	tests/plugins/defsync-source-fake_liar.so \
	tests/plugins/defsync-source-fake_loadfail.so \
	tests/plugins/defsync-source-fake_minimal.so \
	tests/plugins/defsync-transform-fake_minor.so \
	tests/plugins/defsync-source-fake_missing.so \
	tests/plugins/defsync-source-fake_name.so \
	tests/plugins/defsync-source-fake_noentry.so \
	tests/plugins/defsync-source-fake_rows.so \
	tests/plugins/defsync-source-fake_short.so \
	tests/plugins/defsync-transform-fake_tee.so \
	tests/plugins/defsync-source-fake_v2.so

tests_plugins_defsync_source_fake_badoptions_so_SOURCES = tests/plugins/fake_badoptions.c
tests_plugins_defsync_source_fake_badoptions_so_CFLAGS = $(plugin_cflags)
tests_plugins_defsync_source_fake_badoptions_so_LINK = $(module_link)
tests_plugins_defsync_source_fake_badoptions_so_LDADD =

tests_plugins_defsync_source_fake_caps_so_SOURCES = tests/plugins/fake_caps.c
tests_plugins_defsync_source_fake_caps_so_CFLAGS = $(plugin_cflags)
tests_plugins_defsync_source_fake_caps_so_LINK = $(module_link)
tests_plugins_defsync_source_fake_caps_so_LDADD =

tests_plugins_defsync_source_fake_liar_so_SOURCES = tests/plugins/fake_liar.c
tests_plugins_defsync_source_fake_liar_so_CFLAGS = $(plugin_cflags)
tests_plugins_defsync_source_fake_liar_so_LINK = $(module_link)
tests_plugins_defsync_source_fake_liar_so_LDADD =

tests_plugins_defsync_source_fake_loadfail_so_SOURCES = tests/plugins/fake_loadfail.c
tests_plugins_defsync_source_fake_loadfail_so_CFLAGS = $(plugin_cflags)
tests_plugins_defsync_source_fake_loadfail_so_LINK = $(module_link)
tests_plugins_defsync_source_fake_loadfail_so_LDADD =

tests_plugins_defsync_source_fake_minimal_so_SOURCES = tests/plugins/fake_minimal.c
tests_plugins_defsync_source_fake_minimal_so_CFLAGS = $(plugin_cflags)
tests_plugins_defsync_source_fake_minimal_so_LINK = $(module_link)
tests_plugins_defsync_source_fake_minimal_so_LDADD =

tests_plugins_defsync_transform_fake_minor_so_SOURCES = tests/plugins/fake_minor.c
tests_plugins_defsync_transform_fake_minor_so_CFLAGS = $(plugin_cflags)
tests_plugins_defsync_transform_fake_minor_so_LINK = $(module_link)
tests_plugins_defsync_transform_fake_minor_so_LDADD =

tests_plugins_defsync_source_fake_missing_so_SOURCES = tests/plugins/fake_missing.c
tests_plugins_defsync_source_fake_missing_so_CFLAGS = $(plugin_cflags)
tests_plugins_defsync_source_fake_missing_so_LINK = $(module_link)
tests_plugins_defsync_source_fake_missing_so_LDADD =

tests_plugins_defsync_source_fake_name_so_SOURCES = tests/plugins/fake_name.c
tests_plugins_defsync_source_fake_name_so_CFLAGS = $(plugin_cflags)
tests_plugins_defsync_source_fake_name_so_LINK = $(module_link)
tests_plugins_defsync_source_fake_name_so_LDADD =

tests_plugins_defsync_source_fake_noentry_so_SOURCES = tests/plugins/fake_noentry.c
tests_plugins_defsync_source_fake_noentry_so_CFLAGS = $(plugin_cflags)
tests_plugins_defsync_source_fake_noentry_so_LINK = $(module_link)
tests_plugins_defsync_source_fake_noentry_so_LDADD =

tests_plugins_defsync_source_fake_rows_so_SOURCES = tests/plugins/fake_rows.c
tests_plugins_defsync_source_fake_rows_so_CFLAGS = $(plugin_cflags)
tests_plugins_defsync_source_fake_rows_so_LINK = $(module_link)
tests_plugins_defsync_source_fake_rows_so_LDADD =

tests_plugins_defsync_source_fake_short_so_SOURCES = tests/plugins/fake_short.c
tests_plugins_defsync_source_fake_short_so_CFLAGS = $(plugin_cflags)
tests_plugins_defsync_source_fake_short_so_LINK = $(module_link)
tests_plugins_defsync_source_fake_short_so_LDADD =

tests_plugins_defsync_transform_fake_tee_so_SOURCES = tests/plugins/fake_tee.c
tests_plugins_defsync_transform_fake_tee_so_CFLAGS = $(plugin_cflags)
tests_plugins_defsync_transform_fake_tee_so_LINK = $(module_link)
tests_plugins_defsync_transform_fake_tee_so_LDADD =

tests_plugins_defsync_source_fake_v2_so_SOURCES = tests/plugins/fake_v2.c
tests_plugins_defsync_source_fake_v2_so_CFLAGS = $(plugin_cflags)
tests_plugins_defsync_source_fake_v2_so_LINK = $(module_link)
tests_plugins_defsync_source_fake_v2_so_LDADD =

# The source that others copy: built and tested here, so that it cannot rot.
test_plugins += tests/plugins/defsync-source-template.so
tests_plugins_defsync_source_template_so_SOURCES = plugins/template/template.c
tests_plugins_defsync_source_template_so_CFLAGS = $(plugin_cflags)
tests_plugins_defsync_source_template_so_LINK = $(module_link)
tests_plugins_defsync_source_template_so_LDADD =
