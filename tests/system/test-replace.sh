#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# mode: replace of the on-prem API: a load from the beginning replaces the target, by
# its first request; everything else is appended.

. "$(dirname "$0")/../lib/functions.sh"
. "$TESTS_DIR/lib/runs.sh"
needs sqlite3 jq curl

numbers_db 3000
receiver_start --flavor onprem
PUSH="batch_rows: 500" TABLE="mode: replace" table_config numbers updated_at "flavor: onprem"

# modes_are EXPECTED NAME: of the requests since the last call, in order.
seen=0
modes_are() {
	is "$(ledger "SELECT group_concat(mode, ' ') FROM (SELECT mode FROM l
		WHERE request_id IS NOT NULL AND seq > $seen ORDER BY seq)")" "$1" "$2"
	seen=$(ledger "SELECT max(seq) FROM l")
}

run
run_is 0 "the first load"
modes_are "replace append append append append append" "only its first request replaces"
compare_landed "$SHOP_DB" numbers bronze.numbers "the target is the table"

sqlite3 "$SHOP_DB" "INSERT INTO numbers VALUES (3001, 1, datetime('now'))"
run
run_is 0 "a run of changes"
modes_are append "appends"

sqlite3 "$SHOP_DB" "DELETE FROM numbers WHERE id % 2"
run --full-refresh
run_is 0 "a full refresh"
modes_are "replace append append" "replaces"
compare_landed "$SHOP_DB" numbers bronze.numbers "the deleted rows are gone"

# Without a watermark each run is a load.
sed -i 's/watermark: updated_at, /read: snapshot, /' "$CONFIG"
new_store
for n in 1 2; do
	sqlite3 "$SHOP_DB" "DELETE FROM numbers WHERE id % 20 = $n * 2"
	run
	run_is 0 "without watermark, run $n"
	compare_landed "$SHOP_DB" numbers bronze.numbers "without watermark, run $n: the target is the table"
done

# A load that was interrupted goes on and does not replace what it sent.
receiver_stop
receiver_scenario '{"rules": [{"match": {"from": 3}, "action": {"status": 401}}]}'
receiver_start --flavor onprem --scenario "$SCENARIO"
PUSH="batch_rows: 500, in_flight: 1" TABLE="mode: replace" table_config numbers updated_at "flavor: onprem"
new_store
run
run_is 5 "interrupted after two requests"
receiver_scenario '{"rules": []}'
receiver_reload
run
run_is 0 "resumed"
compare_landed "$SHOP_DB" numbers bronze.numbers "resumed: the target is the table"

# The rows of the first request that are refused are no reason to append.
sqlite3 "$SHOP_DB" "DELETE FROM numbers WHERE id > 1000"
receiver_stop
receiver_scenario '{"rules": [{"match": {"row_contains": "\"id\":6,"}, "action": {"status": 400}}]}'
receiver_start --flavor onprem --scenario "$SCENARIO"
PUSH="batch_rows: 500" TABLE="mode: replace" table_config numbers updated_at "flavor: onprem"
new_store
seen=$(ledger "SELECT coalesce(max(seq), 0) FROM l")
run
run_is 7 "a refused row"
is "$(ledger "SELECT count(*) FROM l WHERE request_id IS NOT NULL AND mode = 'replace' AND seq > $seen")" 1 \
	"one request replaces"
sqlite3 "$SHOP_DB" "DELETE FROM numbers WHERE id = 6"
compare_landed "$SHOP_DB" numbers bronze.numbers "the target is the table without that row"

# So do merge keys of several columns, which is the on-prem API's, too.
sqlite3 "$SHOP_DB" "CREATE TABLE pair (a INTEGER, b TEXT, v INTEGER, updated_at TEXT NOT NULL, PRIMARY KEY (a, b));
	WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 100)
	INSERT INTO pair SELECT i / 10, i % 10, i, datetime('2024-01-01', i || ' minutes') FROM n;"
TABLE="mode: merge" table_config pair updated_at "flavor: onprem"
sed -i 's/key: id, /key: [a, b], /' "$CONFIG"
is "$(exit_status defsync check --config "$CONFIG")" 0 "merge by two columns: check finds no fault"
run
run_is 0 "merge by two columns"
sqlite3 "$SHOP_DB" "UPDATE pair SET v = v + 1, updated_at = datetime('now') WHERE a = 3"
run
run_is 0 "merge by two columns: changes"
compare_landed "$SHOP_DB" pair bronze.pair "merge by two columns: the target is the table"

PUSH="batch_rows: 500" TABLE="mode: replace" table_config numbers updated_at "flavor: cloud"
run
run_is 3 "mode: replace is refused for the cloud's API"
done_testing
