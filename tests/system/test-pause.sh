#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# A slow API does not hold a snapshot of the database: while batches wait for room,
# a WAL can be checkpointed to its end, and reading goes on afterwards.  TAP.

. "$(dirname "$0")/../lib/functions.sh"
. "$TESTS_DIR/lib/runs.sh"
needs sqlite3 jq curl

numbers_db 60000
is "$(sqlite3 "$SHOP_DB" 'PRAGMA journal_mode=WAL')" wal "the database has a WAL"
receiver_scenario '{"rules":[{"match":{"from":2,"to":2},"action":{"delay_ms":6000}}]}'
receiver_start --scenario "$SCENARIO"
PUSH="batch_rows: 1000, in_flight: 1, memory: 1MB, batch_bytes: 500KB" table_config numbers updated_at

# The first number is 1 while a reader is in the way.
wal_is_free() {
	sqlite3 "$SHOP_DB" "PRAGMA wal_checkpoint(TRUNCATE)" | grep -q '^0|'
}

second_came() {
	[ "$(receiver_stat requests)" -ge 2 ]
}

defsync_start run --config "$CONFIG"
wait_until 10 second_came
sqlite3 "$SHOP_DB" "UPDATE numbers SET half = -1 WHERE id = 1"
wal_is_free
isnt "$?" 0 "the snapshot is held at first"
wait_until 5 wal_is_free
result $? "it is let go while the API is slow"
is "$(receiver_stat requests)" 2 "which it still is"
wait "$DEFSYNC_PID"
is "$?" 0 "the run ends well" || diag <"$TEST_DIR/defsync.err"
is "$(landed 'SELECT count(*), count(DISTINCT id) FROM "bronze.numbers"')" "60000|60000" "each row came once"
done_testing
