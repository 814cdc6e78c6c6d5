#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Merge mode: after each run the target holds the table as it is, value for value.

. "$(dirname "$0")/../lib/functions.sh"
. "$TESTS_DIR/lib/runs.sh"
needs sqlite3 jq curl

sample_shop "$SHOP_DB" 500
receiver_start
MODE=merge PUSH="batch_rows: 200" shop_config
for round in 0 1 2; do
	[ "$round" = 0 ] || shop_change "$SHOP_DB" "$round"
	run
	run_is 0 "run $round is done"
	for table in customers orders order_items; do
		compare_landed "$SHOP_DB" "$table" "bronze.$table" "run $round: $table"
	done
done

# A key that is NULL orders nothing: the table is refused before a row is sent.
sqlite3 "$SHOP_DB" "CREATE TABLE loose (id TEXT, v INTEGER, updated_at TEXT NOT NULL);
	INSERT INTO loose VALUES ('a', 1, '2024-01-01'), (NULL, 2, '2024-01-01'), ('b', 3, '2024-01-02');"
new_store
TABLE="mode: merge" table_config loose updated_at
run
run_is 4 "a NULL key: exit status 4"
like "$(cat "$TEST_DIR/err")" "NULL in the key column 'id'.*;" "and says what to do"

# Merge takes one key column.
sqlite3 "$SHOP_DB" "CREATE TABLE pair (a INTEGER, b INTEGER, updated_at TEXT NOT NULL, PRIMARY KEY (a, b));
	INSERT INTO pair VALUES (1, 1, '2024-01-01');"
TABLE="mode: merge" table_config pair updated_at
sed -i 's/key: id, //' "$CONFIG"
run
run_is 4 "a composite key: exit status 4"
like "$(cat "$TEST_DIR/err")" "merge takes one key column" "and says so"
done_testing
