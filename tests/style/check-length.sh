#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Files and functions stay short.  A function's length is the number of lines
# from the brace that opens it to the one that closes it, both in column 0.

. "$(dirname "$0")/lib.sh"

max_file=500
max_function=100
max_median=15

mapfile -t files < <(sources '\.[ch]' | grep -E '^(core|plugins|include)/')

functions() {
	awk '
		FNR == 1 { start = 0; name = "" }
		/^{/ { start = FNR; next }
		/^}/ && start { print FNR - start + 1, FILENAME ":" start ": " name; start = 0; next }
		!start && /^[A-Za-z_].*\(/ { name = $0 }
	' "${files[@]}" | sort -n
}

lengths=$(functions)
point "files have at most $max_file lines" \
	"$(wc -l "${files[@]}" | awk -v max=$max_file '$2 != "total" && $1 > max')"
point "functions have at most $max_function lines" \
	"$(awk -v max=$max_function '$1 > max' <<<"$lengths")"
median=$(awk '{ n[NR] = $1 } END { print n[int((NR + 1) / 2)] + 0 }' <<<"$lengths")
point "the median function has at most $max_median lines" \
	"$([ "$median" -le $max_median ] || echo "it has $median")"
echo "# $(wc -l <<<"$lengths") functions in ${#files[@]} files, median $median lines," \
	"longest $(tail -n 1 <<<"$lengths")"
finish
