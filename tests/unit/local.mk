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
	tests/unit/test-base-suggest \
	tests/unit/test-cli-args \
	tests/unit/test-plugin-chain \
	tests/unit/test-plugin-host \
	tests/unit/test-plugin-loader \
	tests/unit/test-plugin-source \
	tests/unit/test-push-backoff \
	tests/unit/test-push-batch \
	tests/unit/test-push-classify \
	tests/unit/test-push-engine \
	tests/unit/test-push-reply \
	tests/unit/test-row-base64 \
	tests/unit/test-row-hash \
	tests/unit/test-row-json-check \
	tests/unit/test-row-json-string \
	tests/unit/test-row-time \
	tests/unit/test-row-utf8 \
	tests/unit/test-store-commit \
	tests/unit/test-store-damage \
	tests/unit/test-store-dead \
	tests/unit/test-store-open \
	tests/unit/test-store-recent \
	tests/unit/test-sync-key \
	tests/unit/test-sync-prefix

unit_headers = \
	tests/unit/plugin-fixture.h \
	tests/unit/store-fixture.h

EXTRA_DIST += $(unit_headers)

if HAVE_CMOCKA
check_PROGRAMS += $(unit_tests)
UNIT_TESTS = $(unit_tests)
endif

# What a program without flags of its own is linked with.
LDADD = $(CORE_LIBS) $(CMOCKA_LIBS)

VALGRIND_UNIT_TESTS =
