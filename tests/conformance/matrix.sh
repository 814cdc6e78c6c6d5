#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# What each source passes, as a table: matrix.sh [FOLDER | FILE...], from what the tests
# test-conformance-NAME.sh printed last (FOLDER/*.log, or the given files).

cd "${DEFSYNC_BUILDDIR:-.}" || exit 1
[ $# -gt 0 ] || set -- tests/conformance
if [ -d "$1" ]; then
	set -- "$1"/test-conformance-*.log
fi
cat "$@" | awk '
	/^# matrix / {
		source = $3
		if (!(source in known)) {
			known[source] = 1
			sources[++n_sources] = source
		}
		for (i = 4; i <= NF; i++) {
			split($i, part, "=")
			if (!(part[1] in seen)) {
				seen[part[1]] = 1
				checks[++n_checks] = part[1]
			}
			word[source, part[1]] = part[2]
		}
	}
	END {
		if (n_sources == 0) {
			print "matrix.sh: no results" > "/dev/stderr"
			exit 1
		}
		printf "%-20s", "check"
		for (s = 1; s <= n_sources; s++)
			printf " %-10s", sources[s]
		print ""
		for (c = 1; c <= n_checks; c++) {
			printf "%-20s", checks[c]
			for (s = 1; s <= n_sources; s++) {
				w = word[sources[s], checks[c]]
				printf " %-10s", w == "" ? "-" : w
			}
			print ""
		}
	}' | sed 's/ *$//'
