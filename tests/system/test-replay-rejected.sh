#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# dlq replay of rows that the API refused: once it takes them they are delivered once
# each, also when the replay is killed; what it refuses again stays, and merged rows
# never go back to an older state.

. "$(dirname "$0")/../lib/functions.sh"
. "$TESTS_DIR/lib/runs.sh"
needs sqlite3 jq curl

replay() {
	defsync dlq replay --config "$CONFIG" "$@" >"$TEST_DIR/out" 2>"$TEST_DIR/err" </dev/null
	STATUS=$?
}

letters() {
	defsync dlq list --config "$CONFIG" --json |
		jq -r '[.dead_letters[] | "\(.key) \(.reason) \(.attempts)"] | join(",")'
}

# refuse TEXT...: rows with one of these; without any, the API takes everything.
refuse() {
	local text rules=
	for text in "$@"; do
		rules+="${rules:+,}{\"match\":{\"row_contains\":\"$text\"},\"action\":{\"status\":422}}"
	done
	receiver_scenario "{\"rules\":[$rules]}"
	[ -z "${RECEIVER_PID:-}" ] || receiver_reload
}

notes_db() {
	rm -f "$SHOP_DB" "$SHOP_DB-wal" "$SHOP_DB-shm"
	sqlite3 -bail "$SHOP_DB" "
		CREATE TABLE notes (id INTEGER PRIMARY KEY, note TEXT, updated_at TEXT NOT NULL);
		WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < $1)
		INSERT INTO notes SELECT i, CASE WHEN i % $2 = 0 THEN 'POISON' ELSE 'fine' END || i,
			strftime('%Y-%m-%d %H:%M:%S', 1704067200 + i, 'unixepoch') FROM n;"
}

refuse POISON
receiver_start --scenario "$SCENARIO"

# --- merge: the newest row, whatever the letter holds ---

notes_db 100 50
PUSH="batch_rows: 30, compression: none" TABLE="mode: merge" table_config notes updated_at
run
run_is 7 "two of a hundred rows are refused"
is "$(letters)" '{"id":50} rejected 1,{"id":100} rejected 1' "with their keys"

# 50 is refused once more in a newer state: two letters of one key.
sqlite3 "$SHOP_DB" "UPDATE notes SET note = 'POISON again', updated_at = '2024-02-01 00:00:00' WHERE id = 50"
run
run_is 7 "a newer state of one of them is refused, too"
is "$(letters)" '{"id":50} rejected 1,{"id":100} rejected 1,{"id":50} rejected 1' "and has a letter of its own"

# It is then delivered in a third one, from which it must not fall back.
sqlite3 "$SHOP_DB" "UPDATE notes SET note = 'good', updated_at = '2024-02-02 00:00:00' WHERE id = 50"
run
run_is 0 "a third one is delivered"
replay --json
run_is 7 "a replay while the API still refuses one of them"
is "$(letters)" '{"id":100} rejected 2' "which stays, tried twice; both letters of the other are gone"
is "$(jq -c '.tables[0] | [.rows_read, .rows_pushed, .rows_dead_lettered, .rows_repeated]' "$TEST_DIR/out")" \
	'[3,1,1,1]' "the books: the second letter of a key is a repeat"
is "$(landed 'SELECT note FROM "bronze.notes" WHERE id = 50')" good "the target has the newest state"
refuse
replay
run_is 0 "once the API takes it, the replay is done"
compare_landed "$SHOP_DB" notes bronze.notes "the target is as the source"
replay
like "$STATUS $(cat "$TEST_DIR/err")" "^0 .*nothing to replay" "and a second one finds nothing"

# Stale rows overwrite newer ones only when that is asked for.
refuse POISON
sqlite3 "$SHOP_DB" "UPDATE notes SET note = 'POISON old', updated_at = '2024-03-01 00:00:00' WHERE id = 7"
run
refuse
sqlite3 "$SHOP_DB" "UPDATE notes SET note = 'new', updated_at = '2024-03-02 00:00:00' WHERE id = 7"
run
replay --as-is
run_is 0 "--as-is in merge mode"
is "$(landed 'SELECT note FROM "bronze.notes" WHERE id = 7')" "POISON old" "sends the row as it was"
is "$(dead_letters)" 0 "and is done with it"

# --- append: as stored ---

rows=2000
notes_db "$rows" 4
new_store
refuse POISON
PUSH="batch_rows: 500, in_flight: 2, compression: none, max_rejected: 100%" TABLE="mode: append" \
	table_config notes updated_at
sed -i 's/bronze.notes/bronze.log/' "$CONFIG"
run
run_is 7 "a quarter of the rows is refused"
is "$(dead_letters)" $((rows / 4)) "each is kept"
# What is stored goes out, not what the source has by now.
sqlite3 "$SHOP_DB" "UPDATE notes SET note = 'changed' WHERE id = 4; DELETE FROM notes WHERE id = 8"
replay --id 1
run_is 7 "refused again"
like "$(letters)" '"id":4\} rejected 2' "it is tried twice, and keeps its key"

# Killed at any moment, it goes on.
sed -i 's/batch_rows: 500/batch_rows: 20/' "$CONFIG"
receiver_scenario '{"rules":[{"action":{"delay_ms":300}}]}'
receiver_reload
some_landed() {
	[ "$(receiver_stat rows)" -gt "$1" ]
}
for i in 1 2 3; do
	before=$(receiver_stat rows)
	defsync_start dlq replay --config "$CONFIG"
	wait_until 20 some_landed $((before + 30 * i))
	stop_process "$DEFSYNC_PID" KILL
done
left=$(dead_letters)
[ "$left" -lt $((rows / 4)) ] && [ "$left" -gt 0 ]
result $? "three killed replays got some way: $left of $((rows / 4)) are left"
refuse
replay
run_is 0 "the fourth completes"
is "$(dead_letters)" 0 "no letter is left"
is "$(landed 'SELECT count(DISTINCT id) FROM "bronze.log"')" "$rows" "every row has arrived"
repeats=$(landed 'SELECT count(*) - count(DISTINCT id) FROM "bronze.log"')
[ "$repeats" -le $((3 * 2 * 20)) ]
result $? "repeated are at most the batches under way: $repeats rows"
is "$(landed 'SELECT note FROM "bronze.log" WHERE id = 4 LIMIT 1')" POISON4 "as it was stored"

# --- an API that fails otherwise ---

notes_db 10 5
new_store
sed -i 's/bronze.log/bronze.last/' "$CONFIG"
refuse POISON
run
run_is 7 "two letters"
receiver_scenario '{"rules":[{"action":{"status":401}}]}'
receiver_reload
replay
run_is 5 "a refused key: exit status 5"
is "$(letters)" '{"id":5} rejected 1,{"id":10} rejected 1' "nothing has moved, nothing was tried"
sed -i 's/batch_rows/retry_for: 1s, batch_rows/' "$CONFIG"
receiver_scenario '{"rules":[{"action":{"status":503}}]}'
receiver_reload
replay
run_is 6 "an API that is away: exit status 6"
is "$(letters)" '{"id":5} rejected 1,{"id":10} rejected 1' "nothing has moved"
refuse
replay
run_is 0 "and when it is back, all is delivered"
is "$(landed 'SELECT count(*) FROM "bronze.last"')" 10 "once each"
done_testing
