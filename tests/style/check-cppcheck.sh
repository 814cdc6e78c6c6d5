#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Static analysis.

. "$(dirname "$0")/lib.sh"
needs cppcheck

mapfile -t files < <(sources '\.c' | grep -E '^(core|plugins)/')
point "cppcheck finds nothing" "$(cppcheck --quiet --std=c11 --language=c -j 2 --inline-suppr \
	--enable=warning,performance,portability --suppress=missingIncludeSystem \
	--template='{file}:{line}: {severity}: {message} [{id}]' \
	-Icore -Iinclude -Iplugins "-I${DEFSYNC_BUILDDIR:-.}/include" '-DDEFSYNC_PLUGIN_DIR="/p"' \
	"${files[@]}" 2>&1)"
finish
