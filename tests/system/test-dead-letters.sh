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
done_testing
