# shellcheck shell=bash
# SPDX-License-Identifier: MIT
# What the style checks share.  Sourced; leaves the caller in the source folder.

cd "$(dirname "${BASH_SOURCE[0]}")/../.." || exit 1

points=0
failures=0

# in_git: whether this folder is the top of a work tree, and not an unpacked
# tarball inside one.
in_git() {
	[ "$(git rev-parse --show-toplevel 2>/dev/null)" = "$(pwd -P)" ]
}

# sources PATTERN...: the project's files whose path ends so, one a line.
sources() {
	local all pattern
	if in_git; then
		all=$(git ls-files)
	else
		all=$(find . -path './build*' -prune -o -path ./_build -prune -o -path ./_inst -prune -o \
			-type f ! -path ./config.h -print | sed 's,^\./,,')
	fi
	for pattern in "$@"; do
		grep -E "(^|/)[^/]*${pattern}\$" <<<"$all"
	done | while read -r file; do
		[ -f "$file" ] && echo "$file"
	done | LC_ALL=C sort -u
}

# point NAME FINDINGS: one TAP point; any text in FINDINGS fails it.
point() {
	points=$((points + 1))
	if [ -z "$2" ]; then
		echo "ok $points - $1"
	else
		failures=$((failures + 1))
		echo "not ok $points - $1"
		echo "# ${2//$'\n'/$'\n# '}"
	fi
}

finish() {
	echo "1..$points"
	[ "$failures" = 0 ]
	exit
}

# needs PROGRAM...: skips the whole check when one is missing.
needs() {
	local program
	for program in "$@"; do
		command -v "$program" >/dev/null && continue
		echo "1..0 # SKIP $program is not installed"
		exit 0
	done
}

# code FILE...: "FILE:LINE:TEXT" of each line that is left without comments,
# string and character constants; continued lines are joined.
code() {
	perl -0777 -ne '
		s{(/\*.*?\*/|//[^\n]*)|("(?:\\.|[^"\\\n])*"|\x27(?:\\.|[^\x27\\\n])*\x27)}
		 {my $c = $1 // ""; defined $2 ? "\"\"" : $c =~ s/[^\n]//gr}gse;
		s{((?:[^\n]*\\\n)+[^\n]*)}
		 {my $c = $1; my $n = ($c =~ s/\\\n/ /g); $c . "\n" x $n}ge;
		my $line = 0;
		for (split /\n/) {
			$line++;
			print "$ARGV:$line:$_\n" if /\S/;
		}' "$@"
}
