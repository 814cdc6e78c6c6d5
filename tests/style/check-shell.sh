#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Shell scripts pass shellcheck.

. "$(dirname "$0")/lib.sh"
needs shellcheck

mapfile -t scripts < <(sources '\.sh')
scripts+=(.ci/run run-defsync.in)
# SC1090, SC1091, SC2034: the libraries are sourced by a computed path, and use
# what is set for them.  SC2100 takes a name with a hyphen for a subtraction.
point "shell scripts are clean" "$(shellcheck --severity=warning --format=gcc \
	--exclude=SC1090,SC1091,SC2034,SC2100 "${scripts[@]}" 2>&1)"
finish
