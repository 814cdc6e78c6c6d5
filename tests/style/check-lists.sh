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
# A file is listed by its path, without .c (a program's name) or .in (made by
# configure), or by a folder that holds it.
point "every file is in the build's lists" "$(
	sources '' | grep -vE '^(\.gitignore|m4/.*|.*local\.mk|configure\.ac|Makefile\.am)$' |
		awk '
			FILENAME != "-" {
				gsub(/[][(),]/, " ")
				for (i = 1; i <= NF; i++)
					listed[$i] = 1
				next
			}
			{
				path = $0
				sub(/\.(c|in)$/, "", path)
				if ($0 in listed)
					next
				while (path != "" && !(path in listed))
					if (!sub(/\/[^\/]*$/, "", path))
						path = ""
				if (path == "")
					print
			}' "${fragments[@]}" -)"
finish
