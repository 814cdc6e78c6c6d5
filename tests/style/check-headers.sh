#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Every private header compiles alone; tests/abi sees to the public ones.

. "$(dirname "$0")/lib.sh"
read -r -a cc <<<"${CC:-cc}"
needs "${cc[0]}"

build=${DEFSYNC_BUILDDIR:-.}
flags=(-fsyntax-only -Wall -Wextra -Werror -Iinclude "-I$build/include")

alone() {
	printf '#include "%s"\n#include "%s"\nextern int unused;\n' "$1" "$1"
}

failing=
while read -r header; do
	out=$(alone "${header#core/}" | "${cc[@]}" -std=gnu11 "${flags[@]}" -Icore -x c - 2>&1) ||
		failing+="$header: $(head -n 2 <<<"$out")"$'\n'
done < <(sources '\.h' | grep '^core/')
point "the core's headers compile alone" "$failing"

# The client libraries' own; a plugin that cannot be built here is not looked at.
read -r -a clients <<<"$(for module in libpq mysqlclient libmariadb; do
	pkg-config --cflags "$module" 2>/dev/null
done | tr '\n' ' ')"

failing=
while read -r header; do
	out=$(alone "${header#plugins/}" |
		"${cc[@]}" -std=gnu11 "${flags[@]}" "${clients[@]}" -Iplugins -x c - 2>&1) ||
		grep -qE '(libpq-fe|mysql)\.h: No such file' <<<"$out" ||
		failing+="$header: $(head -n 2 <<<"$out")"$'\n'
done < <(sources '\.h' | grep '^plugins/')
point "the plugins' headers compile alone" "$failing"

finish
