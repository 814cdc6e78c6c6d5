#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# dlq replay of rows that failed before the API saw them: merged rows are read again
# by key as they are now, appended ones go out as stored and only when asked for;
# what is delivered is gone, what is not stays; a killed replay goes on.

. "$(dirname "$0")/../lib/functions.sh"
. "$TESTS_DIR/lib/runs.sh"
needs sqlite3 jq curl

# replay ARGUMENT...: sets STATUS; output in TEST_DIR/out and err.
replay() {
	defsync dlq replay --config "$CONFIG" "$@" >"$TEST_DIR/out" 2>"$TEST_DIR/err" </dev/null
	STATUS=$?
}

# letters: their keys and attempts, "{"id":1} 1,{"id":2} 3".
letters() {
	defsync dlq list --config "$CONFIG" --json |
		jq -r '[.dead_letters[] | "\(.key) \(.attempts)"] | join(",")'
}

# letter KEY: the id of the letter with that key.
letter() {
	defsync dlq list --config "$CONFIG" --json |
		jq -r ".dead_letters[] | select(.key == \"{\\\"id\\\":$1}\") | .id"
}

# result FIELD: of the one table of the last replay --json.
table_result() {
	jq -r ".tables[0].$1" "$TEST_DIR/out"
}

# odd_db: four rows that cannot be sent, two that can.
odd_db() {
	rm -f "$SHOP_DB" "$SHOP_DB-wal" "$SHOP_DB-shm"
	sqlite3 -bail "$SHOP_DB" "
		CREATE TABLE odd (id INTEGER PRIMARY KEY, note TEXT, v INTEGER, extra TEXT,
			updated_at TEXT NOT NULL);
		INSERT INTO odd VALUES
			(1, 'fine', 1, NULL, '2024-01-01 00:00:00'),
			(2, printf('%.*c', 1000001, 'x'), 1, NULL, '2024-01-02 00:00:00'),
			(3, 'a', 1, '{three', '2024-01-03 00:00:00'),
			(4, 'b', 1, '{four', '2024-01-04 00:00:00'),
			(5, 'c', 1, '{five', '2024-01-05 00:00:00'),
			(6, 'fine too', 1, NULL, '2024-01-06 00:00:00');"
}

receiver_scenario '{"rules":[]}'
receiver_start --scenario "$SCENARIO"

# --- merge: read again by key ---

odd_db
TABLE="mode: merge, types: { extra: json }" table_config odd updated_at
run
run_is 7 "four rows of six go to the dead letters"
is "$(letters)" '{"id":2} 1,{"id":3} 1,{"id":4} 1,{"id":5} 1' "with their keys"
checkpoint=$(state odd checkpoint)

# 2 is mended, and its watermark has not moved; 3 is as it was; 4 is gone; 5 has
# been mended and delivered meanwhile, and its letter is old.
sqlite3 -bail "$SHOP_DB" "
	UPDATE odd SET note = 'mended', v = 2 WHERE id = 2;
	DELETE FROM odd WHERE id = 4;
	UPDATE odd SET note = 'newest', v = 9, extra = NULL, updated_at = '2024-02-01 00:00:00' WHERE id = 5;"
run
run_is 0 "a run delivers the row whose watermark moved"
checkpoint=$(state odd checkpoint)
before=$(receiver_stat requests)
replay --json
run_is 7 "a replay of which some stay: exit status 7"
is "$(landed 'SELECT group_concat(id || note || v) FROM (SELECT * FROM "bronze.odd" WHERE id IN (2, 5) ORDER BY id)')" \
	"2mended2,5newest9" "rows are sent as the source has them now"
is "$(letters)" '{"id":3} 2,{"id":4} 1' "delivered letters are gone, the others stay; tries are counted"
is "$(table_result rows_read) $(table_result rows_pushed) $(table_result rows_dead_lettered) $(table_result rows_filtered)" \
	"3 2 1 0" "the books: a letter whose row is gone is not read"
is "$(jq .dead_letters_left "$TEST_DIR/out")" 2 "how many are left"
is "$(jq .exit_code "$TEST_DIR/out")" 7 "the report has the exit status"
like "$(cat "$TEST_DIR/err")" "1 dead letters stay, from $(letter 4) on: no row of the source has their key any more; purge" \
	"a key that is gone is said, and what to do"
is "$(state odd checkpoint)" "$checkpoint" "no checkpoint moves"
is "$(($(receiver_stat requests) - before))" 1 "in one request"

sqlite3 "$SHOP_DB" "UPDATE odd SET extra = NULL WHERE id = 3"
replay --id "$(letter 3)"
run_is 0 "all that fit the filter are delivered: exit status 0"
is "$(letters)" '{"id":4} 1' "the others are left alone"
like "$(cat "$TEST_DIR/out")" "TABLE.*shop.odd.*done.*no dead letter is left" "a summary as of a run"

# What is stored, when asked for: JSON that is none is a text there.
replay --as-is
run_is 0 "--as-is sends what is stored"
is "$(landed 'SELECT note || extra FROM "bronze.odd" WHERE id = 4')" "b{four" "the row that is gone"
is "$(dead_letters)" 0 "and no letter is left"
before=$(receiver_stat requests)
replay
run_is 0 "nothing to replay: exit status 0"
like "$(cat "$TEST_DIR/err")" "nothing to replay" "which is said"
is "$(receiver_stat requests)" "$before" "and nothing is sent"

# --- append: as stored ---

new_store
odd_db
sed -i 's/mode: merge/mode: append/; s/bronze.odd/bronze.log/' "$CONFIG"
run
run_is 7 "appended"
before=$(receiver_stat requests)
replay
run_is 7 "faulty rows are not sent as they are"
is "$(receiver_stat requests)" "$before" "there is no request"
like "$(cat "$TEST_DIR/err")" "4 dead letters stay, from 1 on: .*\(field_too_large 1, bad_json 3\); mend the rows.*--as-is" \
	"and it is said why"
is "$(letters)" '{"id":2} 1,{"id":3} 1,{"id":4} 1,{"id":5} 1' "they stay as they are"
replay --as-is --reason bad_json
run_is 0 "--as-is sends them"
is "$(landed 'SELECT group_concat(id) FROM (SELECT id FROM "bronze.log" ORDER BY id)')" 1,3,4,5,6 "once each"
replay --as-is --json
run_is 7 "what is too large stays too large"
is "$(letters)" '{"id":2} 2' "and is tried once more"
is "$(table_result rows_read) $(table_result rows_pushed) $(table_result rows_dead_lettered)" "1 0 1" "the books"
is "$(defsync dlq show 1 --config "$CONFIG" --json | jq '.payload.note | length')" 1000001 "the row is still whole"
like "$(defsync dlq show 1 --config "$CONFIG")" "column 'note': 1000003 bytes as JSON" "its reason is that of the last try"

# --- filters, unknown tables, usage ---

replay --source nope
run_is 0 "a filter that fits nothing"
replay --reason nope
run_is 2 "a reason that there is none of: exit status 2"
replay --table bronze.log --as-is
run_is 7 "by target"
replay --before 1h --as-is
run_is 0 "by age"
is "$(letters)" '{"id":2} 3' "only those that fit are tried"
sed -i 's/bronze.log/bronze.other/' "$CONFIG"
replay
run_is 3 "letters of a table that the configuration does not have: exit status 3"
like "$(cat "$TEST_DIR/err")" "1 dead letters stay: the configuration has no table 'shop.odd' to 'bronze.log'; add it, or purge" \
	"with a line that says so"
sed -i 's/^  key: .*//' "$CONFIG"
replay
run_is 3 "without the API's key: exit status 3"
rm -rf "$TEST_DIR/store"
replay --store "$TEST_DIR/nowhere.db"
isnt "$STATUS" 0 "without a store it fails"
[ ! -e "$TEST_DIR/nowhere.db" ]
result $? "and makes none"

# --- the lock, and a kill ---

rows=3000
batch=50
in_flight=2
numbers_db "$rows"
sqlite3 -bail "$SHOP_DB" "ALTER TABLE numbers ADD COLUMN note TEXT;
	UPDATE numbers SET note = CAST(x'ff' AS TEXT);"
PUSH="batch_rows: $batch, in_flight: $in_flight, compression: none" table_config numbers updated_at
run
run_is 7 "$rows dead letters"
receiver_scenario '{"rules":[{"action":{"delay_ms":20}}]}'
receiver_reload

some_landed() {
	[ "$(receiver_stat rows)" -gt "$1" ]
}
before=$(receiver_stat rows)
defsync_start dlq replay --config "$CONFIG" --as-is
wait_until 20 some_landed $((before + 300))
run
run_is 8 "a run beside a replay: exit status 8"
replay
run_is 8 "a replay beside a replay: exit status 8"
stop_process "$DEFSYNC_PID" KILL
is "$?" 137 "the replay is killed"
left=$(dead_letters)
[ "$left" -lt "$rows" ] && [ "$left" -gt 0 ]
result $? "what was delivered is gone: $left of $rows are left"
defsync_start dlq replay --config "$CONFIG" --as-is
wait_until 20 some_landed $((before + 1000))
stop_process "$DEFSYNC_PID" TERM
is "$?" 143 "SIGTERM drains: exit status 128+15"
receiver_scenario '{"rules":[]}'
receiver_reload
replay --as-is
run_is 0 "the next replay completes"
is "$(dead_letters)" 0 "no letter is left"
is "$(landed 'SELECT count(DISTINCT id) FROM "bronze.numbers"')" "$rows" "no row is lost"
repeats=$(landed "SELECT count(*) - count(DISTINCT id) FROM \"bronze.numbers\"")
[ "$repeats" -le $((batch * in_flight * 2)) ]
result $? "at most the batches under way are repeated: $repeats rows"
done_testing
