#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# The view of the current state, in a real DuckDB over what landed: equal to the source
# after a random history; and what defsync view refuses.

NPM_USER_HOME=$HOME
. "$(dirname "$0")/../lib/functions.sh"
. "$TESTS_DIR/lib/runs.sh"
. "$TESTS_DIR/lib/npm.sh"
needs sqlite3 jq
npm_needs duckdb

# view ARGUMENT...: defsync view with the configuration; sets STATUS; SQL in TEST_DIR/view.sql.
view() {
	defsync view --config "$CONFIG" "$@" >"$TEST_DIR/view.sql" 2>"$TEST_DIR/err"
	STATUS=$?
}

# in_view QUERY: over the view of what landed in bronze.orders.
in_view() {
	sqlite3 "$RECEIVER_DB" 'SELECT _raw FROM "bronze.orders" ORDER BY random()' >"$TEST_DIR/rows.json"
	node "$TESTS_DIR/duckdb/query.js" --packages "$NPM_PACKAGES" --rows "$TEST_DIR/rows.json" \
		--table bronze.orders --sql "$TEST_DIR/view.sql" --query "$1" 2>&1
}

# history SEED N: so many inserts, updates, deletions and inserts of what was deleted, as SQL.
history() {
	awk -v seed="$1" -v n="$2" 'BEGIN {
		srand(seed)
		now = "strftime(\"%Y-%m-%d %H:%M:%S\", \"now\")"
		gsub(/"/, "\047", now)
		print "BEGIN;"
		for (i = 0; i < n; i++) {
			id = int(rand() * 900)
			if (rand() < 0.35)
				printf "UPDATE orders SET deleted = 1, updated_at = %s WHERE id = %d;\n", now, id
			else
				printf "INSERT INTO orders VALUES (%d, \047v%d\047, 0, %s) ON CONFLICT (id) " \
					"DO UPDATE SET note = excluded.note, deleted = 0, updated_at = excluded.updated_at;\n",
					id, int(rand() * 1e9), now
		}
		print "COMMIT;"
	}'
}

sqlite3 "$SHOP_DB" "CREATE TABLE orders (id INTEGER PRIMARY KEY, note TEXT, deleted INTEGER NOT NULL,
	updated_at TEXT NOT NULL);"
receiver_start || exit 1
TABLE='cdc_columns: true, deleted_when: "deleted = 1"' table_config orders updated_at

# 10,000 changes in 20 runs.
failed=0
for round in $(seq 1 20); do
	history "$round$RANDOM" 500 | sqlite3 -bail "$SHOP_DB"
	run || failed=1
	[ "$STATUS" = 0 ] || failed=1
done
is "$failed" 0 "20 runs over 10,000 changes" || diag <"$TEST_DIR/err"
view orders
is "$STATUS" 0 "the view's SQL" || diag <"$TEST_DIR/err"
in_view 'SELECT id::VARCHAR AS id, note FROM silver.orders ORDER BY orders.id' >"$TEST_DIR/view.rows"
sqlite3 "$SHOP_DB" "SELECT json_object('id', CAST(id AS TEXT), 'note', note) FROM orders
	WHERE NOT deleted ORDER BY id" >"$TEST_DIR/source.rows"
cmp -s "$TEST_DIR/view.rows" "$TEST_DIR/source.rows" && [ -s "$TEST_DIR/source.rows" ]
result $? "the view is the table without its deleted rows" || {
	diff "$TEST_DIR/view.rows" "$TEST_DIR/source.rows" | head -8 | diag
}
landed=$(sqlite3 "$RECEIVER_DB" 'SELECT count(*) FROM "bronze.orders"')
[ "$landed" -gt 900 ]
result $? "though more versions landed than there are rows: $landed"
is "$(in_view 'SELECT column_name FROM (DESCRIBE silver.orders)' | jq -r .column_name | tr '\n' ' ')" \
	'id note deleted updated_at ' "without the change columns"
# Left out before the newest is found, a deleted row would be back as it was before.
sed 's/^  FROM .*/&\n  WHERE _cdc_op IS DISTINCT FROM '"'d'"'/' "$TEST_DIR/view.sql" >"$TEST_DIR/wrong.sql"
mv "$TEST_DIR/wrong.sql" "$TEST_DIR/view.sql"
in_view 'SELECT id::VARCHAR AS id, note FROM silver.orders ORDER BY orders.id' >"$TEST_DIR/wrong.rows"
cmp -s "$TEST_DIR/wrong.rows" "$TEST_DIR/source.rows"
isnt $? 0 "the other order would be wrong: the history has such rows"

# Rows of one reading have one time or more; the sequence tells versions of one time apart.
is "$(sqlite3 "$RECEIVER_DB" "SELECT count(*), count(DISTINCT _raw ->> '_cdc_seq') FROM \"bronze.orders\"")" \
	"$landed|$landed" "each version has a sequence of its own"
is "$(sqlite3 "$RECEIVER_DB" "SELECT group_concat(DISTINCT _raw ->> '_cdc_op') FROM
	(SELECT _raw FROM \"bronze.orders\" ORDER BY _raw ->> '_cdc_op')")" 'c,d,u' "all three operations"

# --- keys and names ---

sed -i 's/, key: id//' "$CONFIG"
view orders --name gold.now
like "$(cat "$TEST_DIR/view.sql")" 'VIEW "gold"."now"' "a name with a schema"
like "$(cat "$TEST_DIR/view.sql")" 'PARTITION BY "id"' "the key is the source's where none is configured"
sed -i 's/cdc_columns: true/&, transforms: [ { columns: { rename: { id: order_id } } } ]/' "$CONFIG"
view orders --schema s
like "$(cat "$TEST_DIR/view.sql")" 'PARTITION BY "order_id"' "or what a transform makes of it"
view orders --key a --key b
like "$(cat "$TEST_DIR/view.sql")" 'PARTITION BY "a", "b"' "or what is said"
view orders --schema bronze
is "$STATUS" 2 "not under the name of the table itself"
like "$(cat "$TEST_DIR/err")" "^defsync: view: would have the name of the table itself: 'bronze.orders'; .*--name" "and says so"
table_config orders updated_at
view orders
is "$STATUS" 3 "not without change columns"
like "$(cat "$TEST_DIR/err")" "view: the table has no change columns: 'orders'; set cdc_columns: true" "and says so"
sqlite3 "$SHOP_DB" "CREATE TABLE loose (n INTEGER, updated_at TEXT NOT NULL)"
TABLE='cdc_columns: true' table_config loose updated_at
sed -i 's/, key: id//' "$CONFIG"
view loose
is "$STATUS" 3 "not without a key"
like "$(cat "$TEST_DIR/err")" "view: the table has no key.*'bronze.loose'; name one in key: or with --key" "and says so"

# --- a column of their name ---

sqlite3 "$SHOP_DB" "CREATE TABLE taken (id INTEGER PRIMARY KEY, _CDC_op TEXT, updated_at TEXT NOT NULL);
	INSERT INTO taken VALUES (1, 'x', '2024-01-01');"
TABLE='cdc_columns: true' table_config taken updated_at
run
is "$STATUS" 3 "a column of their name: nothing is sent"
like "$(cat "$TEST_DIR/err")" "cdc_columns: there is such a column already: '_CDC_op'; leave it out" "and it is said what to do"
defsync check --config "$CONFIG" >"$TEST_DIR/out" 2>&1
is $? 3 "check says so too"
like "$(cat "$TEST_DIR/out")" "there is such a column already: '_CDC_op'" "in the same words"
sed -i 's/cdc_columns: true/deleted_when: "id = 1"/' "$CONFIG"
run
is "$STATUS" 3 "deleted_when alone"
like "$(cat "$TEST_DIR/err")" "defsync.yaml:[0-9]*:[0-9]*: deleted_when: sets _cdc_op, which needs 'cdc_columns: true'" "with its place"
sed -i 's/deleted_when: "id = 1"/cdc_columns: true, deleted_when: "id = ="/' "$CONFIG"
run
is "$STATUS" 3 "deleted_when that is no expression"
like "$(cat "$TEST_DIR/err")" "deleted_when: keep: at character 6" "with the place in it"
done_testing
