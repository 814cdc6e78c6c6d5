#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Every row of the shop arrives exactly once, value for value, over several runs
# with updates, inserts and ties between them.

. "$(dirname "$0")/../lib/functions.sh"
. "$TESTS_DIR/lib/runs.sh"
needs sqlite3 jq curl

tables="customers orders order_items"
history=$TEST_DIR/history

# Each version of each row that a run has to deliver is added to the history once.
add_versions() {
	local table
	for table in $tables; do
		source_rows "$SHOP_DB" "$table" >"$TEST_DIR/now"
		touch "$history.$table.last"
		LC_ALL=C comm -13 "$history.$table.last" "$TEST_DIR/now" >>"$history.$table"
		cp "$TEST_DIR/now" "$history.$table.last"
	done
}

check_history() {
	local table
	for table in $tables; do
		LC_ALL=C sort "$history.$table" >"$TEST_DIR/expected.rows"
		landed_rows "bronze.$table" >"$TEST_DIR/landed.rows"
		same_rows "$TEST_DIR/expected.rows" "$TEST_DIR/landed.rows" "$1: $table"
	done
}

sample_shop "$SHOP_DB" "${CUSTOMERS:-2000}"
receiver_start
PUSH="batch_rows: 700, retry_for: 10s" shop_config

add_versions
run
run_is 0 "the first run is done"
check_history "all rows, once"

run
run_is 0 "a run without changes is done"
check_history "nothing twice"
is "$(defsync status --config "$CONFIG" --json | jq '[.tables[].last_run.rows_pushed] | add')" 0 \
	"and nothing was pushed"

for round in 1 2 3; do
	shop_change "$SHOP_DB" "$round"
	add_versions
	run --report "$TEST_DIR/report.json"
	run_is 0 "the run after change $round is done"
	check_history "only what changed in round $round"
	is "$(jq '[.tables[] | .rows_read == .rows_pushed + .rows_filtered + .rows_dead_lettered
		+ .rows_repeated and .rows_pushed > 0 and .status == "done"] | all' "$TEST_DIR/report.json")" true \
		"the books of round $round balance"
done

is "$(ledger_rows)" "$(cat "$history".customers "$history".orders "$history".order_items | wc -l)" \
	"the ledger's rows are those of the history"
is "$(dead_letters)" 0 "no dead letters"
done_testing
