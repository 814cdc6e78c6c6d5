#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# dlq export: every letter with its row, digit by digit, in little memory; a file
# is there when all is in it.

. "$(dirname "$0")/../lib/functions.sh"
. "$TESTS_DIR/lib/runs.sh"
needs sqlite3 jq curl

BAD=300

# Rows that are too deep, over two lines, with numbers that double precision loses;
# one that is not UTF-8.
sqlite3 -bail "$SHOP_DB" "
	CREATE TABLE odd (id INTEGER PRIMARY KEY, note TEXT, extra TEXT, updated_at TEXT NOT NULL);
	WITH n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < $BAD)
	INSERT INTO odd SELECT i, printf('%.*c', 20000, 'x'), '[[[[[[[[[[12345678901234567890,' || char(10) ||
		'0.12345678901234567890]]]]]]]]]]', '2024-01-01 00:00:00' FROM n;
	UPDATE odd SET note = CAST(x'61ff62' AS TEXT), extra = '{}' WHERE id = 2;
	INSERT INTO odd VALUES ($BAD + 1, 'fine', '{}', '2024-01-02 00:00:00');"
receiver_start
TABLE="types: { extra: json }" table_config odd updated_at
run
run_is 7 "a run with bad rows"
like "$(tail -1 "$TEST_DIR/err")" "^defsync: run: warning: $BAD rows went to the dead letters; .*defsync dlq list$" \
	"its last line says how many, and what to do"

export_to() {
	defsync dlq export --config "$CONFIG" "$@" >"$TEST_DIR/lines" 2>"$TEST_DIR/err"
}

ok "export" export_to
is "$(wc -l <"$TEST_DIR/lines")" $BAD "a line a letter"
is "$(jq -cs 'map(.id) == (map(.id) | sort) and (map(.id) | unique | length) == '$BAD "$TEST_DIR/lines")" true \
	"in order of ids, each once"
defsync dlq list --config "$CONFIG" --json >"$TEST_DIR/list.json"
is "$(jq -cs 'map(del(.payload))' "$TEST_DIR/lines")" "$(jq -c .dead_letters "$TEST_DIR/list.json")" \
	"each is the object of dlq list, but for the payload"
is "$(jq -cs '.[0].payload | [.id, (.note | length), (.extra | flatten | length)]' "$TEST_DIR/lines")" \
	'[1,20000,2]' "the row is nested"
digits='12345678901234567890, 0\.12345678901234567890\]'
like "$(head -1 "$TEST_DIR/lines" | cut -c20000-)" "$digits" "its numbers keep every digit"
id=$(jq -s '.[0].id' "$TEST_DIR/lines")
like "$(defsync dlq show "$id" --json --config "$CONFIG" | cut -c20000-)" "$digits" "also those of dlq show"
like "$(jq -c 'select(.reason == "bad_utf8") | .payload' "$TEST_DIR/lines")" 'Yf9i' \
	"bytes that are no text are there in base64"

# --- filters ---

lines() {
	export_to "$@"
	wc -l <"$TEST_DIR/lines"
}
is "$(lines --reason bad_utf8) $(lines --reason too_deep)" "1 $((BAD - 1))" "--reason"
is "$(lines --table odd) $(lines --source other)" "$BAD 0" "--table, --source"
is "$(lines --id "$id") $(lines --id 999999)" "1 0" "--id"
is "$(lines --before 0s) $(lines --before 1h)" "$BAD 0" "--before"

# --- a file ---

export_to
ok "to a file" defsync dlq export --config "$CONFIG" --output "$TEST_DIR/dead.jsonl"
ok "the same" cmp "$TEST_DIR/lines" "$TEST_DIR/dead.jsonl"
is "$(stat -c %a "$TEST_DIR/dead.jsonl")" 600 "for its owner only"
is "$(defsync dlq export --config "$CONFIG" -o - | cmp - "$TEST_DIR/lines" && echo same)" same "- is stdout"
not_ok "a folder that is not there" defsync dlq export --config "$CONFIG" -o "$TEST_DIR/no/file"
(
	ulimit -f 100
	trap '' XFSZ
	defsync dlq export --config "$CONFIG" -o "$TEST_DIR/dead.jsonl" 2>"$TEST_DIR/err"
)
is $? 11 "no room for the file"
like "$(cat "$TEST_DIR/err")" "cannot write '.*dead.jsonl'" "is said"
ok "the former file is there" cmp "$TEST_DIR/lines" "$TEST_DIR/dead.jsonl"
is "$(find "$TEST_DIR" -maxdepth 1 -name 'dead.jsonl*' | wc -l)" 1 "and nothing else"
if [ -e /dev/full ]; then
	defsync dlq export --config "$CONFIG" >/dev/full 2>"$TEST_DIR/err"
	is $? 1 "no room for the output"
	like "$(cat "$TEST_DIR/err")" "cannot write the output" "is said, too"
fi

# --- memory: 6 MB of letters, a line of 20 KB ---

if [ -z "$DEFSYNC_SANITIZERS" ] && command -v /usr/bin/time >/dev/null; then
	/usr/bin/time -f %M -o "$TEST_DIR/one" "$DEFSYNC" dlq export --config "$CONFIG" --id "$id" >/dev/null
	/usr/bin/time -f %M -o "$TEST_DIR/all" "$DEFSYNC" dlq export --config "$CONFIG" >/dev/null
	ok "all of them need hardly more memory than one" \
		test "$(tail -1 "$TEST_DIR/all")" -lt "$(($(tail -1 "$TEST_DIR/one") + 6000))"
else
	skip "all of them need hardly more memory than one" "needs /usr/bin/time and no sanitizers"
fi

done_testing
