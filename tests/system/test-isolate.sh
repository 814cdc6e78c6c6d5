#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# What the API refuses for the sake of some rows: the others arrive, these are kept
# with the API's words, and it costs few requests.

. "$(dirname "$0")/../lib/functions.sh"
. "$TESTS_DIR/lib/runs.sh"
needs sqlite3 jq curl

N=10000

# poisoned_db CONDITION: N rows, of which some have the text POISON in their note.
poisoned_db() {
	rm -f "$SHOP_DB"*
	sqlite3 -bail "$SHOP_DB" "
		CREATE TABLE notes (id INTEGER PRIMARY KEY, note TEXT NOT NULL, updated_at TEXT NOT NULL);
		WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < $N)
		INSERT INTO notes SELECT i, CASE WHEN $1 THEN 'POISON' ELSE 'fine' END || i,
			strftime('%Y-%m-%d %H:%M:%S', 1704067200 + i / 3, 'unixepoch') FROM n;
		CREATE INDEX notes_updated ON notes (updated_at, id);"
}

# scenario RULE...
scenario() {
	local IFS=,
	echo "{\"rules\": [$*]}" >"$SCENARIO"
}

# fresh: a new receiver with the scenario, nothing stored.
fresh() {
	[ -z "${RECEIVER_PID-}" ] || receiver_stop
	rm -f "$TEST_DIR"/receiver.db* "$TEST_DIR"/receiver.ledger
	receiver_start --scenario "$SCENARIO"
	new_store
	TABLE="mode: ${MODE:-append}" table_config notes updated_at
}

requests() {
	receiver_stat requests
}

# budget N K: 2k log2(n/k) + 3k + 2
budget() {
	awk "BEGIN { print int(2 * $2 * log($1 / $2) / log(2)) + 3 * $2 + 2 }"
}

REFUSE='{"match": {"row_contains": "POISON"}, "action": {"status": 422, "body": "{\"detail\": [{\"loc\": [\"body\"], \"msg\": \"poison is not food\", \"type\": \"v\"}]}"}}'

for k in 1 7 40; do
	poisoned_db "i % ($N / $k) = $((N / k / 3))"
	scenario "$REFUSE"
	fresh
	run
	run_is 7 "$k of $N rows are refused: done, with dead letters"
	is "$(dead_letters)" "$k" "$k: they are in the dead letters"
	is "$(landed "SELECT count(*) || ' ' || count(DISTINCT id) FROM \"bronze.notes\"")" \
		"$((N - k)) $((N - k))" "$k: all others landed, once"
	is "$(landed "SELECT count(*) FROM \"bronze.notes\" WHERE note LIKE 'POISON%'")" 0 "$k: none of them landed"
	[ "$(requests)" -le "$(budget $N $k)" ]
	result $? "$k: $(requests) requests, of $(budget $N $k) at most"
	run
	run_is 0 "$k: the next run finds nothing new"
done
is "$(defsync dlq list --config "$CONFIG" --json | jq -c '.dead_letters[0] | [.key, .reason, .status]')" \
	"[\"{\\\"id\\\":83}\",\"rejected\",422]" "the key, the reason and the status are kept"
like "$(defsync dlq list --config "$CONFIG" --json | jq -r '.dead_letters[0].message')" \
	"poison is not food" "so are the API's words"

# Transient errors convict nobody.
poisoned_db "i % 5000 = 17"
scenario '{"match": {"every": 3}, "action": {"status": 503}}' \
	'{"match": {"every": 7}, "action": {"reset": true}}' "$REFUSE"
fresh
run
run_is 7 "faults in between: done, with dead letters"
is "$(dead_letters)" 2 "faults in between: the guilty two"
is "$(landed 'SELECT count(*) FROM "bronze.notes"')" $((N - 2)) "faults in between: the others landed"

# Everything refused: that is not a matter of rows.
poisoned_db 1
scenario "$REFUSE"
fresh
run
run_is 5 "every row is refused: exit status 5"
is "$(dead_letters)" 0 "every row: nothing is dead-lettered"
is "$(state notes checkpoint)" "" "every row: the checkpoint has not moved"
like "$(cat "$TEST_DIR/err")" "refused every row.*poison is not food.*max_rejected" "every row: the API is quoted"

# Some rows of an accepted batch are rejected.
poisoned_db "i % 4000 = 17"
PARTIAL='{"match": {}, "action": {"reject_rows": {"containing": "POISON"}}}'
scenario "$PARTIAL"
MODE=merge fresh
run
run_is 7 "partial, merge: done, with dead letters"
is "$(dead_letters)" 3 "partial, merge: the guilty rows"
compare_rows=$(landed 'SELECT count(*) FROM "bronze.notes"')
is "$compare_rows" $((N - 3)) "partial, merge: the others landed, once"

sqlite3 "$SHOP_DB" "DELETE FROM notes WHERE id > 300"
fresh
run
run_is 7 "partial, append: done, with dead letters"
is "$(landed 'SELECT count(*) FROM "bronze.notes"')" 299 "partial, append: no row is sent twice"
is "$(defsync dlq list --config "$CONFIG" --json | jq -r '[.dead_letters[].reason] | unique[]')" partially_rejected \
	"partial, append: all rows of the batch are recorded"
is "$(dead_letters)" 300 "partial, append: all of them"

NAMES='{"match": {}, "times": 1, "action": {"reject_rows": {"containing": "fine18\""}, "patch": {"errors": [{"row": AT, "message": "no 18"}]}}}'
scenario "${NAMES/AT/17}" '{"match": {"row_contains": "fine18\""}, "action": {"status": 400}}'
fresh
run
run_is 7 "named: done, with dead letters"
is "$(defsync dlq list --config "$CONFIG" --json | jq -c '[.dead_letters[] | [.key, .message]]')" \
	'[["{\"id\":18}","no 18"]]' "named: the row that the API names is the only one"
is "$(landed 'SELECT count(*) FROM "bronze.notes"')" 299 "named: the others landed, once"

# An API that counts from 1 is not taken at its word.
scenario "${NAMES/AT/18}" '{"match": {"row_contains": "fine18\""}, "action": {"status": 400}}'
fresh
run
run_is 7 "named wrongly: done, with dead letters"
is "$(defsync dlq list --config "$CONFIG" --json | jq -r '[.dead_letters[].reason] | unique[]')" partially_rejected \
	"named wrongly: all rows are recorded"
is "$(dead_letters)" 300 "named wrongly: the guilty one among them"
done_testing
