# SPDX-License-Identifier: MIT
# Checks of the sources themselves.

style_tests = \
	tests/style/check-banned.sh \
	tests/style/check-binaries.sh \
	tests/style/check-clang.sh \
	tests/style/check-cppcheck.sh \
	tests/style/check-format.sh \
	tests/style/check-headers.sh \
	tests/style/check-layers.sh \
	tests/style/check-length.sh \
	tests/style/check-lists.sh \
	tests/style/check-man.sh \
	tests/style/check-shell.sh \
	tests/style/check-spdx.sh

STYLE_TESTS = $(style_tests)
EXTRA_DIST += $(style_tests) tests/style/lib.sh
