#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# The forms of run: --limit, --dry-run, --stdout, --full-refresh, --source, --table,
# preview, columns, where, and the form without a configuration file.

. "$(dirname "$0")/../lib/functions.sh"
. "$TESTS_DIR/lib/runs.sh"
needs sqlite3 jq curl

numbers_db 1000
receiver_start
PUSH="batch_rows: 100" table_config numbers updated_at

run --dry-run
run_is 0 "--dry-run"
is "$(ledger_rows 2>/dev/null || echo 0)" 0 "sends nothing"
not_ok "and stores nothing" test -e "$STORE"

run --stdout
run_is 0 "--stdout"
is "$(jq -s 'length' "$TEST_DIR/out")" 1000 "prints every row as a line of JSON"
is "$(head -1 "$TEST_DIR/out")" '{"id":1,"half":0,"updated_at":"2024-01-01 00:00:00"}' "as it would be sent"
not_ok "and stores nothing" test -e "$STORE"

is "$(defsync preview numbers -n 3 --config "$CONFIG" 2>/dev/null | jq -s 'length')" 3 "preview -n 3"

run --limit 250
run_is 10 "--limit: exit status 10"
is "$(ledger_rows)" 250 "no more than the limit is sent"
run --limit 250
run_is 10 "and again"
run
run_is 0 "the rest follows"
compare_landed "$SHOP_DB" numbers bronze.numbers "every row, once"
run --limit 1000 --full-refresh
run_is 0 "a limit that is just enough: exit status 0"
is "$(ledger_rows)" 2000 "--full-refresh sends everything again"

run --table nothing
run_is 2 "an unknown table: exit status 2"
run --source nothing
run_is 2 "an unknown source: exit status 2"
run --source sqlite --table numbers
run_is 0 "all sources of a plugin"

new_store
TABLE="columns: { exclude: [half] }, where: 'id <= 5'" table_config numbers updated_at
run --stdout
is "$(head -1 "$TEST_DIR/out")" '{"id":1,"updated_at":"2024-01-01 00:00:00"}' "columns.exclude"
is "$(jq -s 'length' "$TEST_DIR/out")" 5 "where"
TABLE="columns: { include: [updated_at, id] }" table_config numbers updated_at
run --stdout --limit 1
is "$(head -1 "$TEST_DIR/out")" '{"updated_at":"2024-01-01 00:00:00","id":1}' "columns.include, in its order"
TABLE="columns: { exclude: [nope] }" table_config numbers updated_at
run
run_is 4 "an unknown column: exit status 4"
like "$(cat "$TEST_DIR/err")" "nope" "and is named"
table_config nope updated_at
run
run_is 4 "a missing table: exit status 4"
table_config numbers nope
run
run_is 4 "a missing watermark: exit status 4"

# Rows of this moment are read again in each run: they must not use up the limit.
sqlite3 -bail "$SHOP_DB" "CREATE TABLE recent (id INTEGER PRIMARY KEY, updated_at TEXT NOT NULL DEFAULT CURRENT_TIMESTAMP);
	INSERT INTO recent (id) VALUES (1), (2), (3), (4), (5), (6)"
new_store
table_config recent updated_at
statuses=
for _ in 1 2 3 4; do
	run --limit 2
	statuses+=" $STATUS"
done
is "$statuses" " 10 10 0 0" "--limit goes on beyond rows that are read again"
is "$(landed 'SELECT count(*), count(DISTINCT id) FROM "bronze.recent"')" "6|6" "each comes once"

receiver_start --name second
DEFINITE_API_KEY=$RECEIVER_KEY defsync run --source sqlite --set "database=$SHOP_DB" \
	--table numbers:bronze.numbers:updated_at:id --api-url "$RECEIVER_URL" --store "$TEST_DIR/adhoc/s.db" \
	>"$TEST_DIR/out" 2>"$TEST_DIR/err"
STATUS=$?
run_is 0 "without a configuration file"
compare_landed "$SHOP_DB" numbers bronze.numbers "every row arrives"
done_testing
