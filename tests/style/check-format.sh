#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Every C file is laid out as .clang-format says.  Version 14, for the layouts
# of versions differ.

. "$(dirname "$0")/lib.sh"
needs clang-format-14

mapfile -t files < <(sources '\.[ch]')
point "C files are formatted" \
	"$(clang-format-14 --dry-run -Werror "${files[@]}" 2>&1 | grep 'error:' | head -50)"
finish
