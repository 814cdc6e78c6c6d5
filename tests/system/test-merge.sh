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

# Without key: the table's own is used, also when the first rows of a run are repeats.
sqlite3 "$SHOP_DB" "CREATE TABLE own (n INTEGER PRIMARY KEY, v INTEGER, updated_at TEXT NOT NULL);
	WITH RECURSIVE s(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM s WHERE i < 50)
	INSERT INTO own SELECT i, i, strftime('%Y-%m-%d %H:%M:%f', 'now', '-30 seconds') FROM s;"
new_store
TABLE="mode: merge" table_config own updated_at
sed -i 's/key: id, //' "$CONFIG"
for round in 1 2 3; do
	run
	run_is 0 "the table's own key, run $round"
	compare_landed "$SHOP_DB" own bronze.own "the table's own key, run $round: rows"
	sqlite3 "$SHOP_DB" "UPDATE own SET v = v + 1, updated_at = strftime('%Y-%m-%d %H:%M:%f', 'now') WHERE n % 7 = $round"
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
