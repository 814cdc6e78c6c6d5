#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# A row that cannot be sent costs that row: it is kept with its reason, once.

. "$(dirname "$0")/../lib/functions.sh"
. "$TESTS_DIR/lib/runs.sh"
needs sqlite3 jq curl

sqlite3 -bail "$SHOP_DB" "
	CREATE TABLE odd (id INTEGER PRIMARY KEY, note TEXT, flag BOOLEAN, price DECIMAL(9,2), extra TEXT,
		updated_at TEXT NOT NULL);
	INSERT INTO odd VALUES
		(1, 'fine', 1, 1.5, '{\"a\":1}', '2024-01-01'),
		(2, CAST(x'61ff62' AS TEXT), 1, 1, '{}', '2024-01-02'),
		(3, printf('%.*c', 1000001, 'x'), 1, 1, '{}', '2024-01-03'),
		(4, 'deep', 1, 1, '[[[[[[[[[[1]]]]]]]]]]', '2024-01-04'),
		(5, 'json', 1, 1, '{broken', '2024-01-05'),
		(6, 'bool', 7, 1, '{}', '2024-01-06'),
		(7, 'decimal', 1, 'n/a', '{}', '2024-01-07'),
		(8, 'fine too', 0, NULL, NULL, datetime('now'));
	INSERT INTO odd SELECT 9, CAST(x'c0af' AS TEXT), 1, 1, '{}', datetime('now');
	UPDATE odd SET updated_at = updated_at || ' 00:00:00' WHERE id < 8;"
receiver_start
TABLE="types: { extra: json }" table_config odd updated_at
run
run_is 7 "the run is done, with dead letters"
is "$(landed 'SELECT group_concat(id) FROM (SELECT id FROM "bronze.odd" ORDER BY id)')" 1,8 "the good rows landed"
defsync dlq list --config "$CONFIG" --json >"$TEST_DIR/dlq.json"
is "$(jq -c '[.dead_letters[] | [.key, .reason]] | sort' "$TEST_DIR/dlq.json")" \
	'[["{\"id\":2}","bad_utf8"],["{\"id\":3}","field_too_large"],["{\"id\":4}","too_deep"],["{\"id\":5}","bad_json"],["{\"id\":6}","source"],["{\"id\":7}","source"],["{\"id\":9}","bad_utf8"]]' \
	"every bad row is there with its reason"
like "$(jq -r '.dead_letters[] | select(.reason == "bad_utf8") | .message' "$TEST_DIR/dlq.json" | head -1)" \
	"'note'.*ff" "the message names the column and the bytes"
like "$(cat "$TEST_DIR/out" "$TEST_DIR/err")" "defsync dlq list" "the summary says where they are"
id=$(jq -r '.dead_letters[] | select(.key == "{\"id\":2}") | .id' "$TEST_DIR/dlq.json")
like "$(defsync dlq show "$id" --config "$CONFIG" --json)" 'Yf9i' "the payload keeps the very bytes, in base64"

run
run_is 0 "a second run finds nothing new"
is "$(dead_letters)" 7 "and dead-letters nothing twice"
is "$(ledger_rows)" 2 "nor sends anything twice"

run --full-refresh
run_is 7 "a full refresh reads them again"
is "$(dead_letters)" 14 "and keeps them again"
defsync dlq purge --config "$CONFIG" --reason bad_utf8 >/dev/null
is "$(dead_letters)" 10 "purge by reason"
defsync dlq purge --config "$CONFIG" --yes >/dev/null
is "$(dead_letters)" 0 "purge of all"

# Full: the run stops, nothing is lost.
sed -i "1i dlq: { max_bytes: 1MB }" "$CONFIG"
new_store
before=$(ledger_rows)
run
run_is 11 "dead letters full: exit status 11"
is "$(state odd checkpoint)" "" "the checkpoint has not moved"
like "$(cat "$TEST_DIR/err")" "dead letters.*full.*;" "and says what to do"
receiver_stop

# Full of rows that the API refuses.
rm -f "$SHOP_DB"
sqlite3 -bail "$SHOP_DB" "
	CREATE TABLE notes (id INTEGER PRIMARY KEY, note TEXT NOT NULL, updated_at TEXT NOT NULL);
	WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 400)
	INSERT INTO notes SELECT i, CASE WHEN i % 4 = 3 THEN 'POISON' ELSE 'fine' END || printf('%.*c', 20000, 'x'),
		strftime('%Y-%m-%d %H:%M:%S', 1704067200 + i, 'unixepoch') FROM n;"
receiver_scenario '{"rules":[{"match":{"row_contains":"POISON"},"action":{"status":422}}]}'
receiver_start --name refusing --scenario "$SCENARIO"
PUSH="batch_rows: 50, in_flight: 1, max_rejected: 100%" table_config notes updated_at
sed -i "1i dlq: { max_bytes: 1MB }" "$CONFIG"
new_store
run
run_is 11 "full of refused rows: exit status 11"
like "$(cat "$TEST_DIR/err")" "dead letters.*full.*;" "full of refused rows: says what to do"
kept=$(dead_letters)
[ "$kept" -gt 0 ] && [ "$kept" -lt 100 ]
result $? "full of refused rows: those that fit are kept: $kept"
isnt "$(state notes checkpoint)" "" "full of refused rows: what was done before is committed"
run
run_is 11 "full of refused rows: as long as there is no room"
is "$(dead_letters)" "$kept" "full of refused rows: and nothing more is kept"
sed -i "s/max_bytes: 1MB/max_bytes: 100MB/" "$CONFIG"
run
run_is 7 "with room: done, with dead letters"
is "$(defsync dlq list --config "$CONFIG" --json | jq -r '.dead_letters[].key | fromjson.id' | sort -n | tr '\n' ' ')" \
	"$(seq 3 4 400 | tr '\n' ' ')" "with room: each refused row is kept once"
is "$(landed 'SELECT count(DISTINCT id) FROM "bronze.notes"')" 300 "with room: all others landed"
done_testing
