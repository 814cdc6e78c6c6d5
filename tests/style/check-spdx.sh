#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Every file names its licence; C files also say what they are for.

. "$(dirname "$0")/lib.sh"

mapfile -t c < <(sources '\.[ch]' '\.h\.in')
mapfile -t other < <(sources '\.sh' '\.m4' 'local\.mk' 'Makefile\.am' 'configure\.ac' 'run-defsync\.in' |
	grep -vE '^(aclocal|build-aux/)')

point "C files begin with the licence" "$(awk '
	FNR == 1 && $0 != "/* SPDX-License-Identifier: MIT */" { print FILENAME }' "${c[@]}")"
point "C files then say what they are for" "$(awk '
	FNR == 2 && $0 !~ /^\/\*/ { print FILENAME }' "${c[@]}")"
point "other sources name the licence" "$(awk '
	FNR <= 3 && /SPDX-License-Identifier: MIT/ { named[FILENAME] = 1 }
	END {
		for (i = 1; i < ARGC; i++)
			if (!(ARGV[i] in named))
				print ARGV[i]
	}' "${other[@]}")"
finish
