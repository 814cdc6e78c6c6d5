# SPDX-License-Identifier: MIT
# Tests, all of them TAP: unit tests (cmocka), shell scripts and style checks.

include $(srcdir)/tests/receiver/local.mk
include $(srcdir)/tests/plugins/local.mk
include $(srcdir)/tests/unit/local.mk
include $(srcdir)/tests/abi/local.mk
include $(srcdir)/tests/conformance/local.mk
include $(srcdir)/tests/system/local.mk
include $(srcdir)/tests/style/local.mk
include $(srcdir)/tests/bench/local.mk

# By check_DATA, so that a choice of check_PROGRAMS does not leave them out.
EXTRA_PROGRAMS += $(test_plugins)
check_DATA = $(test_plugins)
CLEANFILES += $(test_plugins)

test_libs = \
	tests/lib/certs.sh \
	tests/lib/deletes.sh \
	tests/lib/functions.sh \
	tests/lib/npm.sh \
	tests/lib/packages.sh \
	tests/lib/run-test.sh \
	tests/lib/runs.sh \
	tests/lib/servers.sh \
	tests/lib/shop.sh \
	tests/lib/sqs.sh
test_suites = \
	tests/suites/config \
	tests/suites/transforms

test_npm = \
	tests/duckdb/package-lock.json \
	tests/duckdb/package.json \
	tests/duckdb/query.js \
	tests/sqs/package-lock.json \
	tests/sqs/package.json \
	tests/sqs/server.js

EXTRA_DIST += $(test_libs) $(test_suites) $(test_npm)

# What npm has put there.
clean-local:
	rm -rf tests/npm

# The longest first, so that no core idles at the end.
TESTS = $(CONFORMANCE_TESTS) $(SYSTEM_TESTS) $(STYLE_TESTS) $(UNIT_TESTS) $(ABI_TESTS)
TEST_EXTENSIONS = .sh
tap_driver = env AM_TAP_AWK='$(AWK)' $(SHELL) $(top_srcdir)/build-aux/tap-driver.sh
LOG_DRIVER = $(tap_driver)
SH_LOG_DRIVER = $(tap_driver)
LOG_COMPILER = $(BASH) $(srcdir)/tests/lib/run-test.sh
SH_LOG_COMPILER = $(LOG_COMPILER)

# Fresh memory is filled and freed memory overwritten, so that nothing leans on
# zeroes.  What the user sets wins.
AM_TESTS_ENVIRONMENT = \
	DEFSYNC='$(abs_builddir)/defsync'; \
	DEFSYNC_RECEIVER='$(abs_builddir)/defsync-receiver'; \
	DEFSYNC_PLUGINS='$(abs_builddir)/plugins'; \
	DEFSYNC_TEST_PLUGINS='$(abs_builddir)/tests/plugins'; \
	DEFSYNC_TEST_SRCDIR='$(abs_srcdir)'; \
	DEFSYNC_SRCDIR='$(abs_srcdir)'; \
	DEFSYNC_BUILDDIR='$(abs_builddir)'; \
	DEFSYNC_SANITIZERS='$(DS_SANITIZER_FLAGS)'; \
	CC='$(CC)'; \
	CMOCKA_MESSAGE_OUTPUT=TAP; \
	MALLOC_CHECK_=$${MALLOC_CHECK_-3}; \
	MALLOC_PERTURB_=$${MALLOC_PERTURB_-165}; \
	ASAN_OPTIONS=$${ASAN_OPTIONS-detect_stack_use_after_return=1:strict_string_checks=1}; \
	UBSAN_OPTIONS=$${UBSAN_OPTIONS-print_stacktrace=1}; \
	TSAN_OPTIONS=$${TSAN_OPTIONS-second_deadlock_stack=1}; \
	export DEFSYNC DEFSYNC_RECEIVER DEFSYNC_PLUGINS DEFSYNC_TEST_PLUGINS \
		DEFSYNC_TEST_SRCDIR DEFSYNC_SRCDIR DEFSYNC_BUILDDIR DEFSYNC_SANITIZERS CC \
		CMOCKA_MESSAGE_OUTPUT MALLOC_CHECK_ MALLOC_PERTURB_ ASAN_OPTIONS UBSAN_OPTIONS TSAN_OPTIONS;

# A few programs under valgrind; the sanitizers' builds see the rest.
VALGRIND_TESTS = $(VALGRIND_UNIT_TESTS)
check-valgrind: all $(VALGRIND_TESTS)
	DEFSYNC_TEST_VALGRIND=1 $(MAKE) $(AM_MAKEFLAGS) check-TESTS TESTS='$(VALGRIND_TESTS)'

check-style:
	$(MAKE) $(AM_MAKEFLAGS) check-TESTS TESTS='$(STYLE_TESTS)'

.PHONY: check-valgrind check-style
