#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Every tracked file is named in a build fragment; one that is not would be
# missing from the tarball.

. "$(dirname "$0")/lib.sh"
if ! in_git; then
	echo "1..0 # SKIP not a git work tree"
	exit 0
fi

mapfile -t fragments < <(sources 'local\.mk' 'Makefile\.am' 'configure\.ac')
point "every file is in the build's lists" "$(
	sources '' | grep -vE '^(\.gitignore|m4/.*|.*local\.mk|configure\.ac|Makefile\.am)$' |
		while read -r file; do
			grep -qF -e "${file%.in}" /dev/null "${fragments[@]}" || echo "$file"
		done)"
finish
