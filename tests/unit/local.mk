# SPDX-License-Identifier: MIT
# Unit tests: one program each, from the file of the same name.

unit_tests = \
	tests/unit/test-base-arena \
	tests/unit/test-base-buf \
	tests/unit/test-base-clock \
	tests/unit/test-base-error \
	tests/unit/test-base-file \
	tests/unit/test-base-log \
	tests/unit/test-base-num \
	tests/unit/test-base-secrets \
	tests/unit/test-base-suggest

if HAVE_CMOCKA
check_PROGRAMS += $(unit_tests)
UNIT_TESTS = $(unit_tests)
endif

# What a program without flags of its own is linked with.
LDADD = $(CORE_LIBS) $(CMOCKA_LIBS)

VALGRIND_UNIT_TESTS =
