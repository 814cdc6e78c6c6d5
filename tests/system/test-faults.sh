#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# An API that fails at every third request, in six ways: nothing is lost, in merge
# mode the target is the table, in append mode repeats are those of lost answers.
#
# DEFSYNC_FAULT_ROWS (200000), DEFSYNC_SEED.

. "$(dirname "$0")/../lib/functions.sh"
. "$TESTS_DIR/lib/runs.sh"
needs sqlite3 jq curl

ROWS=${DEFSYNC_FAULT_ROWS:-200000}
SEED=${DEFSYNC_SEED:-$RANDOM}
BATCH=2000
diag "DEFSYNC_SEED=$SEED"

receiver_scenario '{"rules": [
	{"match": {"probability": 0.06, "seed": '"$SEED"'1}, "action": {"status": 429}},
	{"match": {"probability": 0.06, "seed": '"$SEED"'2}, "action": {"status": 500}},
	{"match": {"probability": 0.05, "seed": '"$SEED"'3}, "action": {"reset": true}},
	{"match": {"probability": 0.05, "seed": '"$SEED"'4}, "action": {"accept_then_reset": true}},
	{"match": {"probability": 0.05, "seed": '"$SEED"'5}, "action": {"cut_after": 40}},
	{"match": {"probability": 0.05, "seed": '"$SEED"'6}, "action": {"slow_bytes_per_second": 2000}}]}'
numbers_db "$ROWS"
receiver_start --scenario "$SCENARIO"

# distinct: rows that landed, each counted once.
distinct() {
	landed "SELECT count(DISTINCT id) FROM \"bronze.numbers\""
}

PUSH="batch_rows: $BATCH, retry_for: 2m" table_config numbers updated_at
run
run_is 0 "append: the run is done"
is "$(distinct)" "$ROWS" "append: no row is lost"
# A repeat is the same request again, of which the answer was lost.
repeats=$(($(landed 'SELECT count(*) FROM "bronze.numbers"') - ROWS))
again=$(sed -n 's/.* taken=\([1-9][0-9]*\) .* \([0-9a-f-]\{36\}\)$/\2 \1/p' "$RECEIVER_LOG" |
	awk '{ if (seen[$1]++) n += $2 } END { print n + 0 }')
is "$repeats" "$again" "append: repeats ($repeats) are requests that came twice, their answers lost"
is "$(dead_letters)" 0 "append: nothing is dead-lettered"
summary=$(jq -c '.tables[0] | [.rows_read, .rows_pushed, .rows_dead_lettered]' <(
	defsync status --config "$CONFIG" --json | jq '{tables: [.tables[].last_run]}'))
is "$summary" "[$ROWS,$ROWS,0]" "append: the books balance"
retries=$(defsync status --config "$CONFIG" --json | jq '.tables[0].last_run.retries')
[ "$retries" -gt 0 ]
result $? "append: there were faults: $retries retries"

new_store
PUSH="batch_rows: $BATCH, retry_for: 2m" TABLE="mode: merge" table_config numbers updated_at
sed -i 's/bronze.numbers/bronze.merged/' "$CONFIG"
run
run_is 0 "merge: the run is done"
sqlite3 "$SHOP_DB" "UPDATE numbers SET half = half + 1000, updated_at = '2030-01-01 00:00:00' WHERE id % 10 = 3"
run
run_is 0 "merge: the changes, too"
compare_landed "$SHOP_DB" numbers bronze.merged "merge: the target is the table"
is "$(dead_letters)" 0 "merge: nothing is dead-lettered"

# Dead for the whole budget: what was confirmed stays, the next run goes on.
sqlite3 "$SHOP_DB" "UPDATE numbers SET half = half + 1, updated_at = '2031-01-01 00:00:00' WHERE id <= 9 * $BATCH"
receiver_scenario '{"rules": [{"match": {"from": 5}, "action": {"status": 503}}]}'
receiver_stop
receiver_start --scenario "$SCENARIO"
PUSH="batch_rows: $BATCH, retry_for: 1s" TABLE="mode: merge" table_config numbers updated_at
sed -i 's/bronze.numbers/bronze.merged/' "$CONFIG"
before=$(state numbers checkpoint)
run
run_is 6 "dead: exit status 6"
like "$(cat "$TEST_DIR/err")" "nothing is lost, run again" "dead: and says what to do"
after=$(state numbers checkpoint)
receiver_scenario '{"rules": []}'
receiver_reload
run
run_is 0 "alive again: the next run is done"
compare_landed "$SHOP_DB" numbers bronze.merged "alive again: the target is the table"
[ -n "$before" ] && [ -n "$after" ]
result $? "the checkpoint was there all the time"
done_testing
