#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# The manual pages are clean mdoc.

. "$(dirname "$0")/lib.sh"
needs mandoc

mapfile -t pages < <(sources '\.[1-9]' | grep '^man/')
if [ ${#pages[@]} = 0 ]; then
	echo "1..0 # SKIP no manual pages"
	exit 0
fi
point "manual pages are clean" "$(mandoc -Tlint -Wwarning "${pages[@]}" 2>&1)"
finish
