#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# detect_deletes: rows that are gone from a source without a log are sent once, with
# _cdc_op d; none is invented; a killed pass loses none; doubtful numbers are refused.
#
# DEFSYNC_DELETES_ROWS: of the large table (default 100,000; one in 1,000 is deleted).

. "$(dirname "$0")/../lib/functions.sh"
. "$TESTS_DIR/lib/runs.sh"
needs sqlite3 jq curl

rows=${DEFSYNC_DELETES_ROWS:-100000}

# deletes_config TABLE [LINE...]: one table with detect_deletes, EVERY or in each run.
deletes_config() {
	local table=$1 line
	shift
	{
		base_config
		cat <<-EOT
			sources:
			  shop:
			    plugin: sqlite
			    database: ${SHOP_DB}
			    tables:
			      - from: ${table}
			        to: bronze.${table}
			        watermark: updated_at
			        cdc_columns: true
			        detect_deletes: ${EVERY:-every 0s}
		EOT
		for line in "$@"; do
			printf '        %s\n' "$line"
		done
	} >"$CONFIG"
	chmod 600 "$CONFIG"
}

# sql SQL: in the source.
sql() {
	sqlite3 -bail "$SHOP_DB" "$1"
}

# gone TABLE [KEY]: keys of the rows that landed as deleted, with how often, "3 5*2".
gone() {
	landed "SELECT k || CASE WHEN n > 1 THEN '*' || n ELSE '' END FROM (
		SELECT ${2:-id} AS k, count(*) AS n FROM \"bronze.$1\" WHERE _cdc_op = 'd' GROUP BY k)
		ORDER BY k" | paste -sd' '
}

# note NAME: a number of the last run's summary, or 0.
note() {
	sed -nE "s/.*: done: .*[;,] $1 ([0-9]+).*/\1/p" "$TEST_DIR/err" | grep . || echo 0
}

# fresh TABLE_SQL: another source, nothing read yet.
fresh() {
	rm -f "$SHOP_DB" "$SHOP_DB-wal" "$SHOP_DB-shm"
	sql "$1"
	new_store
}

# items N: a table of N rows with a text column.
items() {
	fresh "CREATE TABLE ${2:-items} (id INTEGER PRIMARY KEY, v TEXT, updated_at TEXT NOT NULL);
		WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < $1)
		INSERT INTO ${2:-items} SELECT i, 'v' || i, strftime('%Y-%m-%d %H:%M:%S', 1704067200 + i, 'unixepoch') FROM n;"
}

receiver_start

# --- the course of things ---

items 300
deletes_config items
run
run_is 0 "first pass"
like "$(cat "$TEST_DIR/err")" "first pass: 300 keys are known from now on" "it takes over what there is"
is "$(gone items)" "" "and finds nothing"
run
run_is 0 "nothing changed"
is "$(gone items) $(note keys_listed)" " 0" "nothing is looked up"
sql "DELETE FROM items WHERE id IN (7, 8, 250)"
run
run_is 0 "three are deleted"
is "$(gone items)" "7 8 250" "and sent as deleted"
is "$(note deleted)" 3 "the run says how many"
like "$(cat "$TEST_DIR/err")" "300 rows read, 3 pushed, .* 297 repeated" "the books count them"
is "$(landed "SELECT count(*) FROM \"bronze.items\" WHERE _cdc_op = 'd' AND v IS NULL AND updated_at IS NULL")" 3 \
	"what is not the key is null"
run
is "$(gone items)" "7 8 250" "once"

# Deleted, inserted again, deleted again; and one that came and went between two passes.
sql "INSERT INTO items VALUES (7, 'again', strftime('%Y-%m-%d %H:%M:%S', 'now'));"
run
run_is 0 "inserted again"
is "$(gone items)" "7 8 250" "it is not deleted"
sql "DELETE FROM items WHERE id = 7;
	INSERT INTO items VALUES (1000, 'short', strftime('%Y-%m-%d %H:%M:%S', 'now'));
	DELETE FROM items WHERE id = 1000;"
run
run_is 0 "deleted again"
is "$(gone items)" "7*2 8 250" "and sent again; a row that nobody saw is not"
is "$(landed "SELECT _cdc_op FROM \"bronze.items\" WHERE id = 7 ORDER BY _cdc_ts, _cdc_seq" | paste -sd' ')" \
	"c d u d" "in its order"

# --- the interval ---

EVERY="every 24h" deletes_config items
sql "DELETE FROM items WHERE id = 20"
run
run_is 0 "the interval is not over"
is "$(gone items)" "7*2 8 250" "no pass"
sqlite3 "$STORE" "UPDATE key_passes SET at_us = at_us - 86400000000"
run
is "$(gone items)" "7*2 8 20 250" "a pass a day later"
run --full-refresh
run_is 0 "a full refresh"
deletes_config items
sql "DELETE FROM items WHERE id = 21"
run
is "$(gone items)" "7*2 8 20 21 250" "after it a deletion is still found"

# Turned off and on again: what was read meanwhile is not known, so it begins anew.
sed -i '/detect_deletes/d' "$CONFIG"
run
is "$(sqlite3 "$STORE" "SELECT (SELECT count(*) FROM keys) + (SELECT count(*) FROM key_passes) + (SELECT count(*) FROM key_journal)")" 0 \
	"without the option no key is kept"
deletes_config items
run
like "$(cat "$TEST_DIR/err")" "first pass: 295 keys" "with it again a first pass"

# --- refusals ---

sql "DELETE FROM items WHERE id > 100"
run
run_is 4 "two thirds are gone: exit status 4"
like "$(cat "$TEST_DIR/err")" "detect_deletes: .* of 295 known keys are gone .*detect_deletes_max: 100%" "it says what to do"
is "$(gone items)" "7*2 8 20 21 250" "nothing is sent"
deletes_config items 'detect_deletes_max: 100%'
run
run_is 0 "accepted"
is "$(note deleted)" 199 "they are sent"

sed 's/cdc_columns: true/cdc_columns: false/' "$CONFIG" >"$CONFIG.new" && cat "$CONFIG.new" >"$CONFIG"
run
run_is 3 "without cdc_columns: exit status 3"
like "$(cat "$TEST_DIR/err")" ":[0-9]+:[0-9]+: detect_deletes: .*cdc_columns: true" "at its place"
for line in 'read: snapshot|read: incremental' 'mode: replace|use append or merge' \
	'detect_deletes_max: half|no percentage' 'columns: { exclude: [id] }|columns of the key'; do
	deletes_config items 'key: id' "${line%|*}"
	run
	run_is 3 "refused: ${line%|*}"
	like "$(cat "$TEST_DIR/err")" "${line#*|}" "because"
done
EVERY=24h deletes_config items
run
run_is 3 "an interval without every"
like "$(cat "$TEST_DIR/err")" "write it like 'every 24h'" "is no interval"

mkdir "$TEST_DIR/csv"
echo "id,v" >"$TEST_DIR/csv/a.csv"
deletes_config a.csv
sed -i "s|plugin: sqlite|plugin: csv|; s|database: .*|path: $TEST_DIR/csv|; s|to: bronze.a.csv|to: bronze.a|; /watermark/d" "$CONFIG"
run
run_is 3 "a source without lookups"
like "$(cat "$TEST_DIR/err")" "plugin 'csv' cannot list and look up keys, which detect_deletes needs" "is refused"

fresh "CREATE TABLE loose (a INTEGER, updated_at TEXT NOT NULL); INSERT INTO loose VALUES (1, '2024-01-01')"
deletes_config loose
run
run_is 3 "a table without key"
like "$(cat "$TEST_DIR/err")" "detect_deletes needs a key" "is refused"
defsync check --config "$CONFIG" >"$TEST_DIR/out" 2>&1
is $? 3 "check says so"
like "$(cat "$TEST_DIR/out")" "detect_deletes needs a key" "too"

# --- keys ---

fresh "CREATE TABLE pairs (a TEXT, b INTEGER, v TEXT, updated_at TEXT NOT NULL, PRIMARY KEY (a, b));
	INSERT INTO pairs SELECT c.column1, n.column1, 'x', '2024-01-01 00:00:00'
	FROM (VALUES ('ä'), ('it''s \"q\"'), ('17'), ('')) c, (VALUES (1), (2), (3)) n;"
deletes_config pairs
run
sql "DELETE FROM pairs WHERE b = 2"
run
run_is 0 "a key of two columns"
is "$(gone pairs "a || '/' || b" | tr -d '\n')" '/2 17/2 it'"'"'s "q"/2 ä/2' "texts and numbers"

fresh "CREATE TABLE names (id TEXT COLLATE NOCASE PRIMARY KEY, v TEXT, updated_at TEXT NOT NULL);
	INSERT INTO names VALUES ('abc', 'x', '2024-01-01'), ('def', 'x', '2024-01-01'), ('ghi', 'x', '2024-01-01');"
deletes_config names
run
sql "UPDATE names SET id = 'ABC' WHERE id = 'abc'; DELETE FROM names WHERE id = 'def'"
run
run_is 0 "a key in other letters"
is "$(gone names)" "def" "is not gone"
run
is "$(note keys_listed)" 0 "and known by its new letters"

# Lookups do not find these keys: the list has the last word.
items 300 stamps
deletes_config stamps "types: { id: unix_ms }"
run
sql "DELETE FROM stamps WHERE id IN (50, 51)"
run
run_is 0 "keys that cannot be looked up"
is "$(gone stamps)" "1970-01-01T00:00:00.050000Z 1970-01-01T00:00:00.051000Z" "no other is gone"
like "$(cat "$TEST_DIR/err")" "keys cannot be looked up: their rows count as there" "the run says so"

# Rows that are never read are looked around for once only.
items 20000 late
deletes_config late "initial: '2024-01-01 05:00:00'"
run
sql "INSERT INTO late SELECT 100000 + id, v, '2023-01-01 00:00:00' FROM late"
run
run_is 0 "rows below the watermark"
is "$(gone late)" "" "are nothing deleted"
run
is "$(note keys_listed)" 0 "and known from then on"
sql "DELETE FROM late WHERE id = 5"
run
is "$(gone late)" 5 "a deletion beside them is found"

# --- where, transforms, dead letters ---

items 200 parts
deletes_config parts "where: id % 2 = 0" "columns: { exclude: [v] }" \
	"transforms:" "  - columns: { drop: [updated_at] }"
run
run_is 0 "a part of the rows"
is "$(landed 'SELECT count(*) FROM "bronze.parts"')" 100 "is read"
sql "DELETE FROM parts WHERE id IN (3, 4, 5, 6)"
run
is "$(gone parts)" "4 6" "deletions of that part are found, with the columns that there are"

fresh "CREATE TABLE bad (id INTEGER PRIMARY KEY, v TEXT, updated_at TEXT NOT NULL);
	INSERT INTO bad VALUES (1, CAST(x'ff' AS TEXT), '2024-01-01'), (2, 'b', '2024-01-01'), (3, 'c', '2024-01-01')"
deletes_config bad
run
run_is 7 "a row in the dead letters"
sql "DELETE FROM bad WHERE id < 3"
run
is "$(gone bad)" "1 2" "is known, too"

# Merge: the target's row says that it is deleted.
items 50 merged
deletes_config merged "mode: merge" "key: id"
run
sql "DELETE FROM merged WHERE id = 9"
run
run_is 0 "merge"
is "$(landed "SELECT count(*), sum(_cdc_op = 'd') FROM \"bronze.merged\"")" "50|1" "the row is replaced"

# --- kills ---

items 2000 killed
PUSH="batch_rows: 50" deletes_config killed
run
expected=
for point in deletes_list=kill@1000 deletes_lookup=kill@1 deletes_send=kill@120 before_commit=kill@2 \
	after_commit=kill@2 deletes_send=kill@199; do
	first=$(sql "SELECT min(id) FROM killed")
	sql "DELETE FROM killed WHERE id < $first + 200"
	expected=$(sql "SELECT count(*) FROM killed")
	DEFSYNC_FAILPOINT=$point run
	is "$STATUS" 137 "killed at $point" || diag <"$TEST_DIR/err"
	run
	run_is 0 "the next run"
	is "$(landed "SELECT count(DISTINCT id) FROM \"bronze.killed\" WHERE _cdc_op = 'd'")" $((2000 - expected)) \
		"no deletion is lost"
	is "$(landed "SELECT count(*) FROM \"bronze.killed\" WHERE _cdc_op = 'd' AND id >= $first + 200")" 0 \
		"none is invented"
	run
	is "$(note deleted)" 0 "and all are known"
done

# --- stopped, refused by the API ---

sql "INSERT INTO killed VALUES (9000, 'new', strftime('%Y-%m-%d %H:%M:%S', 'now'));
	DELETE FROM killed WHERE id IN (1500, 1501)"
before=$(state killed checkpoint)
DEFSYNC_FAILPOINT=deletes_list=delay:20 defsync_start run --config "$CONFIG"
# moved: what was read is committed, the pass is under way.
moved() {
	[ "$(state killed checkpoint)" != "$before" ]
}
wait_until 10 moved
stop_process "$DEFSYNC_PID" TERM
is $? 143 "a signal in a pass"
is "$(landed 'SELECT count(*) FROM "bronze.killed" WHERE id IN (1500, 1501) AND _cdc_op = '"'d'")" 0 "ends it"
sed -i "s/key: $RECEIVER_KEY/key: another-key/" "$CONFIG"
run
run_is 5 "a key that the API refuses"
sed -i "s/key: another-key/key: $RECEIVER_KEY/" "$CONFIG"
run
run_is 0 "the next run"
is "$(note deleted)" 2 "finds what is gone"

# --- many ---

items "$rows" many
EVERY="every 24h" deletes_config many
run
run_is 0 "$rows rows"
sql "DELETE FROM many WHERE id % 1000 = 500"
sqlite3 "$STORE" "UPDATE key_passes SET at_us = at_us - 86400000000"
run
run_is 0 "one in a thousand is deleted"
is "$(landed "SELECT count(*), min(id % 1000), max(id % 1000) FROM \"bronze.many\" WHERE _cdc_op = 'd'")" \
	"$((rows / 1000))|500|500" "all are found"
listed=$(note keys_listed)
diag "$listed of $rows keys were listed again for $((rows / 1000)) deletions"
[ "$listed" -gt 0 ] && [ $((listed * 50)) -lt "$rows" ]
result $? "less than 2 % of the keys are listed again"
done_testing
