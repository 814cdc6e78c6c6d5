# SPDX-License-Identifier: MIT
# The plugin interface against its frozen forms.

abi_tests = tests/abi/test-abi-layout tests/abi/test-abi-load

if HAVE_CMOCKA
check_PROGRAMS += $(abi_tests)
ABI_TESTS = $(abi_tests)
endif

test_plugins += \
	tests/plugins/defsync-source-abi_about.so \
	tests/plugins/defsync-source-abi_old.so \
	tests/plugins/defsync-source-abi_keys.so \
	tests/plugins/defsync-source-abi_pause.so \
	tests/plugins/defsync-source-abi_new.so

tests_plugins_defsync_source_abi_old_so_SOURCES = tests/abi/abi_old.c
tests_plugins_defsync_source_abi_old_so_CPPFLAGS = -I$(srcdir)/tests/abi/1.0
tests_plugins_defsync_source_abi_old_so_CFLAGS = $(plugin_cflags)
tests_plugins_defsync_source_abi_old_so_LINK = $(module_link)
tests_plugins_defsync_source_abi_old_so_LDADD =

tests_plugins_defsync_source_abi_keys_so_SOURCES = tests/abi/abi_keys.c
tests_plugins_defsync_source_abi_keys_so_CPPFLAGS = -I$(srcdir)/tests/abi/1.1
tests_plugins_defsync_source_abi_keys_so_CFLAGS = $(plugin_cflags)
tests_plugins_defsync_source_abi_keys_so_LINK = $(module_link)
tests_plugins_defsync_source_abi_keys_so_LDADD =

tests_plugins_defsync_source_abi_pause_so_SOURCES = tests/abi/abi_pause.c
tests_plugins_defsync_source_abi_pause_so_CPPFLAGS = -I$(srcdir)/tests/abi/1.2
tests_plugins_defsync_source_abi_pause_so_CFLAGS = $(plugin_cflags)
tests_plugins_defsync_source_abi_pause_so_LINK = $(module_link)
tests_plugins_defsync_source_abi_pause_so_LDADD =

tests_plugins_defsync_source_abi_about_so_SOURCES = tests/abi/abi_about.c
tests_plugins_defsync_source_abi_about_so_CPPFLAGS = -I$(srcdir)/tests/abi/1.3
tests_plugins_defsync_source_abi_about_so_CFLAGS = $(plugin_cflags)
tests_plugins_defsync_source_abi_about_so_LINK = $(module_link)
tests_plugins_defsync_source_abi_about_so_LDADD =

tests_plugins_defsync_source_abi_new_so_SOURCES = tests/abi/abi_new.c
tests_plugins_defsync_source_abi_new_so_CFLAGS = $(plugin_cflags)
tests_plugins_defsync_source_abi_new_so_LINK = $(module_link)
tests_plugins_defsync_source_abi_new_so_LDADD =

EXTRA_DIST += \
	tests/abi/README.md \
	tests/abi/1.0/defsync/plugin.h \
	tests/abi/1.0/defsync/source.h \
	tests/abi/1.0/defsync/transform.h \
	tests/abi/1.0/defsync/version.h \
	tests/abi/1.1/defsync/plugin.h \
	tests/abi/1.1/defsync/source.h \
	tests/abi/1.1/defsync/transform.h \
	tests/abi/1.1/defsync/version.h \
	tests/abi/1.2/defsync/plugin.h \
	tests/abi/1.2/defsync/source.h \
	tests/abi/1.2/defsync/transform.h \
	tests/abi/1.2/defsync/version.h \
	tests/abi/1.3/defsync/plugin.h \
	tests/abi/1.3/defsync/source.h \
	tests/abi/1.3/defsync/transform.h \
	tests/abi/1.3/defsync/version.h
