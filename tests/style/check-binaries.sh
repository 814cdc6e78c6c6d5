#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# What was built is hardened; plugins show their entry symbol only, and the
# program nothing to them.

. "$(dirname "$0")/lib.sh"
needs readelf
build=${DEFSYNC_BUILDDIR:-.}
if [ ! -x "$build/defsync" ]; then
	echo "1..0 # SKIP not built"
	exit 0
fi
if [ -n "${DEFSYNC_SANITIZERS:-}" ]; then
	echo "1..0 # SKIP built with sanitizers"
	exit 0
fi

# lacks FILE REGEX WHAT: says so when readelf does not find the regex.
lacks() {
	readelf --wide --file-header --program-headers --dynamic "$1" | grep -qE "$2" ||
		echo "$1 lacks $3"
}

# exports FILE: the names that the object itself defines and shows.
exports() {
	readelf --wide --dyn-syms "$1" | awk '$7 != "UND" && $5 == "GLOBAL" { print $8 }'
}

shopt -s nullglob
plugins=("$build"/plugins/defsync-*.so)
programs=("$build/defsync")
[ ! -x "$build/defsync-receiver" ] || programs+=("$build/defsync-receiver")

point "programs are position independent" "$(
	for file in "${programs[@]}"; do lacks "$file" 'Type: +DYN' PIE; done)"
point "relocations are read-only after start" "$(
	for file in "${programs[@]}" "${plugins[@]}"; do
		lacks "$file" 'GNU_RELRO' "-z relro"
		lacks "$file" 'BIND_NOW|FLAGS.*NOW' "-z now"
	done)"
point "the stack is not executable" "$(
	for file in "${programs[@]}" "${plugins[@]}"; do
		lacks "$file" 'GNU_STACK.* RW  ' "-z noexecstack"
	done)"
point "stacks are protected" "$(
	for file in "${programs[@]}" "${plugins[@]}"; do
		readelf --wide --symbols "$file" | grep -q __stack_chk_fail || echo "$file"
	done)"
point "plugins show their entry symbol only" "$(
	for file in "${plugins[@]}"; do
		exports "$file" | grep -vE '^defsync_(source|transform)_v1$' | sed "s,^,$file: ,"
	done)"
# Copies of the C library's own objects (stdout@GLIBC...) are none of ours.
point "the program shows nothing to plugins" "$(exports "$build/defsync" | grep -v @)"
finish
