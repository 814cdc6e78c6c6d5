#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Every header compiles alone; the public ones also as C99 and as C++11.

. "$(dirname "$0")/lib.sh"
read -r -a cc <<<"${CC:-cc}"
needs "${cc[0]}"

build=${DEFSYNC_BUILDDIR:-.}
public_flags=(-fsyntax-only -Wall -Wextra -Werror -Iinclude "-I$build/include")

alone() {
	printf '#include "%s"\n#include "%s"\nextern int unused;\n' "$1" "$1"
}

failing=
while read -r header; do
	out=$(alone "${header#core/}" | "${cc[@]}" -std=gnu11 "${public_flags[@]}" -Icore -x c - 2>&1) ||
		failing+="$header: $(head -n 2 <<<"$out")"$'\n'
done < <(sources '\.h' | grep '^core/')
point "the core's headers compile alone" "$failing"

failing=
while read -r header; do
	out=$(alone "${header#plugins/}" |
		"${cc[@]}" -std=gnu11 "${public_flags[@]}" -Iplugins -x c - 2>&1) ||
		failing+="$header: $(head -n 2 <<<"$out")"$'\n'
done < <(sources '\.h' | grep '^plugins/')
point "the plugins' headers compile alone" "$failing"

# public NAME COMPILER FLAG...
public() {
	local name=$1 header out failing=
	shift
	for header in plugin source transform version; do
		out=$(alone "defsync/$header.h" | "$@" "${public_flags[@]}" - 2>&1) ||
			failing+="$header.h: $(head -n 2 <<<"$out")"$'\n'
	done
	point "the public headers compile as $name" "$failing"
}

public C99 "${cc[@]}" -std=c99 -pedantic -x c
if command -v c++ >/dev/null; then
	public C++11 c++ -std=c++11 -pedantic -x c++
else
	points=$((points + 1))
	echo "ok $points # SKIP no C++ compiler"
fi
finish
