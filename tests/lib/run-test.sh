#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Runs one test for automake's TAP driver and smooths what it would misread:
#   - cmocka 1.1.5 writes a skipped test as "not ok N # SKIP";
#   - an exit status that only repeats failures already told by TAP is dropped;
#   - exit status 77 without a plan means that the whole test was skipped;
#   - a test that hangs is ended after DEFSYNC_TEST_TIMEOUT seconds.
# With DEFSYNC_TEST_VALGRIND=1 the test, a program, runs under valgrind.

limit=${DEFSYNC_TEST_TIMEOUT:-300}
wrapper=()
if [ "${DEFSYNC_TEST_VALGRIND:-0}" != 0 ]; then
	wrapper=(valgrind --quiet --leak-check=full --errors-for-leak-kinds=definite
		--keep-debuginfo=yes --error-exitcode=99)
fi

{
	timeout --kill-after=10 "$limit" "${wrapper[@]}" "$@"
	echo "run-test.sh: exit status $?"
} | awk -v limit="$limit" '
	/^run-test\.sh: exit status [0-9]+$/ { status = $4; next }
	/^not ok [0-9]+ (- )?# *[Ss][Kk][Ii][Pp]/ { sub(/^not /, "") }
	/^not ok/ && !/# *TODO/ { failed++ }
	/^1\.\.[0-9]+/ { planned = 1 }
	{ print; fflush() }
	END {
		if (status == 77 && !planned) {
			print "1..0 # SKIP exit status 77"
			exit 0
		}
		if (status == 124 || status == 137)
			print "# ended by a signal or after " limit " s"
		if (failed && status < 124)
			exit 0
		exit status
	}'
