#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Shell scripts pass shellcheck.

. "$(dirname "$0")/lib.sh"
needs shellcheck

mapfile -t scripts < <(sources '\.sh')
scripts+=(.ci/run run-defsync.in)
# SC1090, SC1091: sourced by a computed path.
point "shell scripts are clean" \
	"$(shellcheck --severity=style --exclude=SC1090,SC1091 --format=gcc "${scripts[@]}" 2>&1)"
finish
