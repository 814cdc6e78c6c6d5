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

# A long pause in the middle: what was delivered before it is kept.
fresh() {
	rm -f "$TEST_DIR/receiver".{db,db-wal,db-shm,ledger}
	receiver_start --scenario "$SCENARIO"
	PUSH="batch_rows: 100, in_flight: 1, retry_for: 15m${2:-}" table_config "$1" updated_at
	new_store
}
receiver_scenario '{"rules":[{"match":{"from":4},"action":{"status":503,"headers":{"Retry-After":"60"}}}]}'
fresh numbers
defsync_start run --config "$CONFIG"
wait_until 20 some_landed 4
wait_until 5 grep -q "trying again" "$TEST_DIR/defsync.err"
stopped_by TERM 15 "SIGTERM during a pause of a minute"
is "$(receiver_stat requests)" 4 "the pause was kept"
isnt "$(state numbers checkpoint)" "" "the batches before it are committed"
is "$(landed 'SELECT count(*) FROM "bronze.numbers"')" 300 "three of them"
receiver_scenario '{"rules":[]}'
receiver_reload
run
run_is 0 "the next run completes"
compare_landed "$SHOP_DB" numbers bronze.numbers "without a gap or a repeat"
receiver_stop

# In the middle of the search for the rows that the API refuses.
sqlite3 -bail "$SHOP_DB" "
	CREATE TABLE notes (id INTEGER PRIMARY KEY, note TEXT NOT NULL, updated_at TEXT NOT NULL);
	WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 1000)
	INSERT INTO notes SELECT i, CASE WHEN i % 10 = 7 THEN 'POISON' ELSE 'fine' END || i,
		strftime('%Y-%m-%d %H:%M:%S', 1704067200 + i / 3, 'unixepoch') FROM n;"
refuse='"match":{"row_contains":"POISON"},"action":{"status":422'
receiver_scenario "{\"rules\":[{$refuse,\"delay_ms\":50}},{\"action\":{\"delay_ms\":50}}]}"
fresh notes ", max_rejected: 100%"
defsync_start run --config "$CONFIG"
wait_until 20 some_landed 60
stopped_by TERM 15 "SIGTERM while bad rows are searched for"
before=$(dead_letters)
[ "$before" -lt 100 ]
result $? "not all of them were found: $before"
receiver_scenario "{\"rules\":[{$refuse}}]}"
receiver_reload
run
run_is 7 "the next run completes, with dead letters"
is "$(defsync dlq list --config "$CONFIG" --json | jq -r '.dead_letters[].key | fromjson.id' | sort -n | tr '\n' ' ')" \
	"$(seq 7 10 1000 | tr '\n' ' ')" "exactly the bad rows are dead-lettered, each once"
is "$(landed 'SELECT count(DISTINCT id) FROM "bronze.notes"')" 900 "all others landed"
repeats=$(($(landed 'SELECT count(*) FROM "bronze.notes"') - 900))
[ "$repeats" -le 90 ]
result $? "repeats ($repeats) are of the batch that was under way at most"
receiver_stop
done_testing
