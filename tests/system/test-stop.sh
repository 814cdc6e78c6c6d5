#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# SIGTERM: what is under way is finished, the prefix is kept, the exit
# code says what happened, and it takes no longer than five seconds.

. "$(dirname "$0")/../lib/functions.sh"
. "$TESTS_DIR/lib/runs.sh"
needs sqlite3 jq curl

numbers_db 5000
receiver_scenario '{"rules":[{"match":{"from":4},"action":{"delay_ms":1000}}]}'
receiver_start --scenario "$SCENARIO"
PUSH="batch_rows: 100, in_flight: 1" table_config numbers updated_at

some_landed() {
	[ "$(receiver_stat requests)" -ge "$1" ]
}

# stopped_by SIGNAL NUMBER NAME: of the run that was started.
stopped_by() {
	local started=$SECONDS
	stop_process "$DEFSYNC_PID" "$1"
	is "$?" "$((128 + $2))" "$3: exit status 128+$2" || diag <"$TEST_DIR/defsync.err"
	[ $((SECONDS - started)) -le 5 ]
	result $? "$3: within five seconds"
}

defsync_start run --config "$CONFIG"
wait_until 20 some_landed 5
stopped_by TERM 15 "SIGTERM while a request is slow"
isnt "$(state numbers checkpoint)" "" "what was delivered is kept"
receiver_scenario '{"rules":[]}'
receiver_reload
run
run_is 0 "the next run completes"
compare_landed "$SHOP_DB" numbers bronze.numbers "without a gap or a repeat"

receiver_scenario '{"rules":[{"match":{"from":1},"action":{"status":503,"headers":{"Retry-After":"20"}}}]}'
receiver_reload
new_store
before=$(receiver_stat requests)
defsync_start run --config "$CONFIG"
wait_until 20 some_landed $((before + 1))
stopped_by TERM 15 "SIGTERM during a long pause"
is "$(state numbers checkpoint)" "" "nothing has moved"

receiver_scenario '{"rules":[{"match":{"from":1},"action":{"delay_ms":30000}}]}'
receiver_reload
before=$(receiver_stat requests)
defsync_start run --config "$CONFIG"
wait_until 20 some_landed $((before + 1))
stopped_by TERM 15 "SIGTERM while the API hangs"
receiver_stop KILL
done_testing
