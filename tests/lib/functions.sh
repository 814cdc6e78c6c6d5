# shellcheck shell=bash
# SPDX-License-Identifier: MIT
# What shell tests share: TAP, clean-up, the receiver, the program under test.
# Sourced first:
#
#   . "$(dirname "$0")/../lib/functions.sh"
#
# The shop of rows and the comparison of what landed are in shop.sh, certificates
# in certs.sh, both sourced by this file.  The harness sets DEFSYNC,
# DEFSYNC_PLUGINS and DEFSYNC_RECEIVER; set DEFSYNC_TEST_KEEP to keep the folder.

TESTS_DIR=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
. "$TESTS_DIR/lib/certs.sh"
. "$TESTS_DIR/lib/shop.sh"

# --- TAP ---------------------------------------------------------------------

tap_points=0
tap_failures=0
tap_plan=

# plan N: how many points there will be; or done_testing at the end.
plan() {
	tap_plan=$1
	echo "1..$1"
}

# done_testing: the plan, and the exit status: 1 when a point failed.
done_testing() {
	[ -n "$tap_plan" ] || plan "$tap_points"
	[ "$tap_failures" = 0 ]
	exit
}

# skip_all REASON: the whole test does not apply here.
skip_all() {
	echo "1..0 # SKIP $*"
	tap_plan=0
	exit 0
}

# needs PROGRAM...: skips the whole test when one is missing.
needs() {
	local program
	for program in "$@"; do
		command -v "$program" >/dev/null || skip_all "$program is not installed"
	done
}

# diag TEXT..., or from standard input: comment lines.
diag() {
	if [ $# -gt 0 ]; then
		printf '%s\n' "$*"
	else
		cat
	fi | sed 's/^/# /'
}

# result STATUS NAME: one point.  Returns STATUS' truth.
result() {
	local status=$1
	shift
	tap_points=$((tap_points + 1))
	# A name with a hash would be read as a directive.
	if [ "$status" = 0 ]; then
		echo "ok $tap_points - ${*//#/\\#}"
	else
		tap_failures=$((tap_failures + 1))
		echo "not ok $tap_points - ${*//#/\\#}"
		return 1
	fi
}

# ok NAME COMMAND...: the command succeeds.  Its output is shown when it does not.
# It runs in this shell, so that it may set variables and wait for processes.
ok() {
	local name=$1 status
	shift
	"$@" >"$TEST_DIR/ok.out" 2>&1
	status=$?
	result "$status" "$name" || {
		diag "$*: exit status $status"
		diag <"$TEST_DIR/ok.out"
		return 1
	}
}

# not_ok NAME COMMAND...: the command fails.
not_ok() {
	local name=$1 status=0
	shift
	"$@" >"$TEST_DIR/ok.out" 2>&1 && status=1
	result "$status" "$name" || {
		diag "$*: succeeded"
		diag <"$TEST_DIR/ok.out"
		return 1
	}
}

# is GOT EXPECTED NAME: equal texts.
is() {
	[ "$1" = "$2" ]
	result $? "$3" || {
		diag "got:      $1
expected: $2"
		return 1
	}
}

# isnt GOT UNEXPECTED NAME: different texts.
isnt() {
	[ "$1" != "$2" ]
	result $? "$3" || {
		diag "got what should not be: $1"
		return 1
	}
}

# like GOT REGEX NAME: matches an extended regular expression (of bash).
like() {
	[[ $1 =~ $2 ]]
	result $? "$3" || {
		diag "got:        $1
no match of: $2"
		return 1
	}
}

# unlike GOT REGEX NAME
unlike() {
	[[ ! $1 =~ $2 ]]
	result $? "$3" || {
		diag "got:       $1
a match of: $2"
		return 1
	}
}

# skip NAME REASON: a point that does not apply here.
skip() {
	tap_points=$((tap_points + 1))
	echo "ok $tap_points - $1 # SKIP $2"
}

# --- clean-up ----------------------------------------------------------------

# A folder of its own for each test; the test does not change into it.
TEST_DIR=$(mktemp -d "${TMPDIR:-/tmp}/defsync-test.XXXXXX") || exit 1
test_pids=()
test_cleanups=()

# kill_at_exit PID: unless it was forgotten (stop_process) before.
kill_at_exit() {
	test_pids+=("$1")
}

# at_exit COMMAND...: run before the folder is removed, the latest first.
at_exit() {
	test_cleanups+=("$(printf '%q ' "$@")")
}

# stop_process PID [SIGNAL]: ends a process that this shell started, and waits for
# it.  Returns its exit status.
stop_process() {
	local kept=() pid status
	for pid in "${test_pids[@]}"; do
		[ "$pid" = "$1" ] || kept+=("$pid")
	done
	test_pids=("${kept[@]}")
	kill -"${2:-TERM}" "$1" 2>/dev/null
	wait "$1" 2>/dev/null
	status=$?
	return "$status"
}

test_clean_up() {
	local status=$? i
	trap - EXIT
	for ((i = ${#test_cleanups[@]} - 1; i >= 0; i--)); do
		eval "${test_cleanups[i]}"
	done
	for i in "${test_pids[@]}"; do
		kill -TERM "$i" 2>/dev/null
	done
	for i in "${test_pids[@]}"; do
		wait "$i" 2>/dev/null
	done
	if [ -n "${DEFSYNC_TEST_KEEP:-}" ]; then
		diag "kept: $TEST_DIR"
	else
		rm -rf "$TEST_DIR"
	fi
	if [ -z "$tap_plan" ]; then
		diag "the test ended without a plan, after point $tap_points"
		[ "$status" != 0 ] || status=1
	fi
	exit "$status"
}
trap test_clean_up EXIT
trap 'exit 129' HUP
trap 'exit 130' INT
trap 'exit 143' TERM

# wait_until SECONDS COMMAND...: polls until it succeeds; fails when the time is up.
wait_until() {
	local deadline=$((SECONDS + $1 + 1))
	shift
	until "$@" >/dev/null 2>&1; do
		[ "$SECONDS" -lt "$deadline" ] || return 1
		sleep 0.02
	done
}

# --- the receiver ------------------------------------------------------------

RECEIVER_PID=
RECEIVER_KEY=test-key
receiver_runs=0

# receiver_start [OPTION...]: with a database and a ledger in TEST_DIR that outlive
# it, unless --discard is among the options.  --name NAME keeps a second one apart.
# Sets RECEIVER_PID, RECEIVER_PORT, RECEIVER_ORIGIN, RECEIVER_URL, RECEIVER_DB, RECEIVER_LEDGER and
# RECEIVER_LOG.
receiver_start() {
	local name=receiver scheme=http path=/v2/stream keep=1 options=() port_file
	while [ $# -gt 0 ]; do
		case $1 in
		--name) name=$2 && shift ;;
		--discard | --no-database) keep=0 && options+=("$1") ;;
		--tls-cert) scheme=https && options+=("$1" "$2") && shift ;;
		--path) path=$2 && options+=("$1" "$2") && shift ;;
		--flavor)
			[ "$2" != onprem ] || path=/api/v1/stream
			options+=("$1" "$2")
			shift
			;;
		*) options+=("$1") ;;
		esac
		shift
	done
	RECEIVER_DB=$TEST_DIR/$name.db
	RECEIVER_LEDGER=$TEST_DIR/$name.ledger
	RECEIVER_LOG=$TEST_DIR/$name.log
	[ "$keep" = 0 ] || options+=(--database "$RECEIVER_DB" --ledger "$RECEIVER_LEDGER")
	receiver_runs=$((receiver_runs + 1))
	port_file=$TEST_DIR/$name.port.$receiver_runs
	DEFSYNC_RECEIVER_KEY=$RECEIVER_KEY "${DEFSYNC_RECEIVER:?is not set}" --exit-with-parent \
		--port-file "$port_file" "${options[@]}" </dev/null 2>>"$RECEIVER_LOG" &
	RECEIVER_PID=$!
	kill_at_exit "$RECEIVER_PID"
	if ! wait_until 20 receiver_settled "$port_file" || [ ! -s "$port_file" ]; then
		diag "the receiver does not start:"
		diag <"$RECEIVER_LOG"
		stop_process "$RECEIVER_PID"
		return 1
	fi
	RECEIVER_PORT=$(cat "$port_file")
	RECEIVER_ORIGIN=$scheme://127.0.0.1:$RECEIVER_PORT
	# shellcheck disable=SC2034 # for the tests
	RECEIVER_URL=$RECEIVER_ORIGIN$path
}

# receiver_settled PORT_FILE: it is ready, or it has ended.
receiver_settled() {
	[ -s "$1" ] || ! kill -0 "$RECEIVER_PID"
}

# receiver_stop: returns its exit status.
receiver_stop() {
	stop_process "$RECEIVER_PID"
}

# receiver_kill: by SIGKILL; the database and the ledger stay as they are.
receiver_kill() {
	stop_process "$RECEIVER_PID" KILL
}

# receiver_scenario JSON: writes the scenario file; start with --scenario
# "$SCENARIO", or send the running receiver HUP by receiver_reload.
SCENARIO=$TEST_DIR/scenario.json
receiver_scenario() {
	printf '%s\n' "$1" >"$SCENARIO"
}

# receiver_reload: the scenario is in force when this returns.
receiver_reload() {
	local before
	before=$(grep -c '^defsync-receiver: scenario: ' "$RECEIVER_LOG")
	kill -HUP "$RECEIVER_PID"
	wait_until 5 receiver_reloaded "$before"
}

receiver_reloaded() {
	[ "$(grep -c '^defsync-receiver: scenario: ' "$RECEIVER_LOG")" -gt "$1" ]
}

# receiver_stat NAME: requests, accepted, rows, bytes or peak_concurrency.
receiver_stat() {
	curl -sS --insecure "$RECEIVER_ORIGIN/_receiver/stats" |
		sed -n "s/.*\"$1\":\\([0-9]*\\).*/\\1/p"
}

# ledger SQL: the ledger's lines as table l(seq, request_id, target, mode, n, bytes,
# sha256, at, row, data); a batch's own line has a request_id.
ledger() {
	sqlite3 -bail :memory: "
		CREATE TABLE l AS SELECT json_extract(value, '\$.seq') AS seq,
			json_extract(value, '\$.request_id') AS request_id,
			json_extract(value, '\$.table') AS target, json_extract(value, '\$.mode') AS mode,
			json_extract(value, '\$.rows') AS n, json_extract(value, '\$.bytes') AS bytes,
			json_extract(value, '\$.sha256') AS sha256, json_extract(value, '\$.at') AS at,
			json_extract(value, '\$.row') AS row, json_extract(value, '\$.data') AS data
		FROM json_each('[' || replace(rtrim(CAST(readfile('$RECEIVER_LEDGER') AS TEXT),
			char(10)), char(10), ',') || ']');
		$1"
}

# ledger_rows: how many rows were accepted.
ledger_rows() {
	ledger "SELECT coalesce(sum(n), 0) FROM l WHERE request_id IS NOT NULL"
}

# ledger_rows_of TARGET
ledger_rows_of() {
	ledger "SELECT coalesce(sum(n), 0) FROM l WHERE request_id IS NOT NULL AND target = '$1'"
}

# landed SQL: a query on the receiver's database; tables are named "schema.table".
landed() {
	sqlite3 -bail "$RECEIVER_DB" "$1"
}

# --- the program under test --------------------------------------------------

# Nothing of the user's settings reaches it.
unset DEFSYNC_CONFIG DEFINITE_API_KEY POSTGRES_DSN DLQ_URL
unset http_proxy https_proxy all_proxy no_proxy HTTP_PROXY HTTPS_PROXY ALL_PROXY NO_PROXY
export HOME=$TEST_DIR XDG_STATE_HOME=$TEST_DIR/state

# defsync ARGUMENT...: the build's own, which finds its plugins by DEFSYNC_PLUGINS.
defsync() {
	"${DEFSYNC:?is not set}" "$@"
}

# defsync_start ARGUMENT...: in the background; sets DEFSYNC_PID, output in
# TEST_DIR/defsync.out and .err.
defsync_start() {
	"${DEFSYNC:?is not set}" "$@" >"$TEST_DIR/defsync.out" 2>"$TEST_DIR/defsync.err" </dev/null &
	DEFSYNC_PID=$!
	kill_at_exit "$DEFSYNC_PID"
}

# exit_status COMMAND...: prints it; the output goes to TEST_DIR/out and err.
exit_status() {
	local status
	"$@" >"$TEST_DIR/out" 2>"$TEST_DIR/err" </dev/null
	status=$?
	echo "$status"
}
