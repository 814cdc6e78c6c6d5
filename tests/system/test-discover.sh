#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# What a source has, patterns of tables, and ranges that are sent again.  TAP.

. "$(dirname "$0")/../lib/functions.sh"
. "$TESTS_DIR/lib/runs.sh"
needs sqlite3 jq curl

sqlite3 -bail "$SHOP_DB" "
	CREATE TABLE orders (id INTEGER PRIMARY KEY, note TEXT, day TEXT, updated_at TEXT DEFAULT CURRENT_TIMESTAMP);
	CREATE INDEX orders_updated ON orders (updated_at, id);
	CREATE TABLE people (id INTEGER PRIMARY KEY, name TEXT NOT NULL, updated_at TEXT NOT NULL);
	CREATE TABLE tmp_work (id INTEGER PRIMARY KEY, updated_at TEXT NOT NULL);
	INSERT INTO orders VALUES (1, 'a', 'mon', '2024-01-01 10:00:00'), (2, 'b', 'tue', '2024-01-02 10:00:00'),
		(3, 'c', 'wed', '2024-01-03 10:00:00'), (4, 'd', 'wed', '2024-01-03 10:00:00');
	INSERT INTO people VALUES (7, 'Ana', '2024-01-01 00:00:00');"

discover() {
	defsync discover --source sqlite --set "database=$SHOP_DB" "$@"
}

discover --json >"$TEST_DIR/found"
is "$?" 0 "discover needs no configuration"
is "$(jq -c '[.tables[] | [.source, .from, .kind, .row_estimate]]' "$TEST_DIR/found")" \
	'[["sqlite","orders","table",4],["sqlite","people","table",7],["sqlite","tmp_work","table",0]]' \
	"all tables are there"
is "$(jq -c '[.tables[0].columns[] | [.name, .native_type, .key, .nullable]]' "$TEST_DIR/found")" \
	'[["id","INTEGER",true,false],["note","TEXT",false,true],["day","TEXT",false,true],["updated_at","TEXT",false,true]]' \
	"with their columns"
is "$(jq -c '[.tables[0].watermarks[] | [.column, .indexed, .filled]]' "$TEST_DIR/found")" \
	'[["id",true,"unknown"],["updated_at",true,"default"]]' "and what can be a watermark"
like "$(discover 'o*')" 'sqlite\.orders +table +4 +id +.*updated_at \(indexed, default\)' "as text, by a pattern"
discover --yaml >"$TEST_DIR/yaml"
like "$(cat "$TEST_DIR/yaml")" "from: 'orders', to: 'orders', watermark: 'updated_at', key: \['id'\]" \
	"as YAML with the best watermark"
{
	base_config
	sed 's,^    plugin:.*,&\n    database: '"$SHOP_DB," "$TEST_DIR/yaml"
} >"$CONFIG"
chmod 600 "$CONFIG"
defsync check --config "$CONFIG" --no-network >"$TEST_DIR/out" 2>&1
is "$?" 0 "which is a configuration" || diag <"$TEST_DIR/out"
discover --json --yaml >/dev/null 2>&1
is "$?" 2 "one form at a time"

# --- files --------------------------------------------------------------------

mkdir "$TEST_DIR/in" "$TEST_DIR/in/2024"
printf 'id,note\n1,a\n' | tee "$TEST_DIR/in/orders 1.2.csv" "$TEST_DIR/in/2024/people.csv" >/dev/null
defsync discover --source csv --set "path=$TEST_DIR/in" --yaml >"$TEST_DIR/yaml"
is "$(sed -n 's/.*from: \(.*\), to: \([^, ]*\).*/\1 \2/p' "$TEST_DIR/yaml")" \
	$'\'orders 1.2.csv\' \'orders_1_2\'\n\'2024/people.csv\' \'2024_people\'' 'files have targets'
{
	base_config
	sed 's,^    plugin:.*,&\n    path: '"$TEST_DIR/in," "$TEST_DIR/yaml"
} >"$CONFIG"
defsync check --config "$CONFIG" --no-network >"$TEST_DIR/out" 2>&1
is "$?" 0 "which is a configuration, too" || diag <"$TEST_DIR/out"

is "$(grep -c 'read: snapshot' "$CONFIG")" 0 "and does not read files anew in each run"

# --- patterns -----------------------------------------------------------------

receiver_start
pattern_config() {
	{
		base_config
		cat <<-EOT
			sources:
			  shop:
			    plugin: sqlite
			    database: ${SHOP_DB}
			    tables:
			      - { from: "$1", to: "$2", exclude: [tmp_*], watermark: updated_at }
			      - { from: people, to: bronze.persons, watermark: updated_at }
		EOT
	} >"$CONFIG"
	chmod 600 "$CONFIG"
}

pattern_config '*' 'bronze.*'
run --report "$TEST_DIR/report.json"
run_is 0 "a pattern of tables"
is "$(jq -c '[.tables[] | [.table, .target, .rows_pushed]] | sort' "$TEST_DIR/report.json")" \
	'[["orders","bronze.orders",4],["people","bronze.persons",1]]' \
	"without those that are excluded or listed by themselves"
sqlite3 "$SHOP_DB" "CREATE TABLE later (id INTEGER PRIMARY KEY, updated_at TEXT);
	INSERT INTO later VALUES (1, '2024-01-01 00:00:00')"
run --report "$TEST_DIR/report.json"
run_is 0 "the next run"
is "$(jq -c '[.tables[] | [.table, .rows_pushed]] | sort' "$TEST_DIR/report.json")" \
	'[["later",1],["orders",0],["people",0]]' "finds a new table, and where the others were"
run --table later
run_is 0 "one of them by its name"
pattern_config 'nothing*' 'bronze.*'
run
run_is 3 "a pattern that fits nothing"
like "$(cat "$TEST_DIR/err")" "no table fits: 'nothing\*'" "is said"
pattern_config '*' 'bronze.orders_*_*'
run
run_is 3 "two stars in a target"
pattern_config orders bronze.orders
run
run_is 3 "exclude without a pattern"

# --- ranges -------------------------------------------------------------------

new_store
table_config orders updated_at
run
run_is 0 "all rows"
before=$(state orders checkpoint)
run --since '2024-01-02 10:00:00' --until '2024-01-03 10:00:00' --report "$TEST_DIR/report.json"
run_is 0 "a range"
is "$(jq -c '.tables[0] | [.rows_read, .rows_pushed, .rows_repeated]' "$TEST_DIR/report.json")" '[1,1,0]' \
	"only its rows, though they were delivered"
is "$(state orders checkpoint)" "$before" "the checkpoint stays"
run --since '2024-01-03' --report "$TEST_DIR/report.json"
is "$(jq -c '.tables[0].rows_pushed' "$TEST_DIR/report.json")" 2 "without an end"
run --until '2024-01-02' --report "$TEST_DIR/report.json"
is "$(jq -c '.tables[0].rows_pushed' "$TEST_DIR/report.json")" 1 "without a beginning"
run --report "$TEST_DIR/report.json"
is "$(jq -c '.tables[0] | [.rows_pushed, .rows_read - .rows_repeated]' "$TEST_DIR/report.json")" '[0,0]' \
	"the next run goes on where it was"
is "$(landed 'SELECT count(*) FROM "bronze.orders"')" 12 "all that was sent has come"
run --since x --full-refresh
run_is 2 "a range excludes a full refresh"
run --since yesterday
run_is 4 "a range in another form than the watermark's"
sed -i 's/watermark: updated_at/read: snapshot/' "$CONFIG"
run --since 2024-01-01
run_is 3 "a range of a table without a watermark"
done_testing
