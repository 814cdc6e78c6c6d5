# shellcheck shell=bash
# SPDX-License-Identifier: MIT
# Configurations of the sample shop, and what a run left behind.  Sourced after
# functions.sh.

SHOP_DB=$TEST_DIR/shop.db
CONFIG=$TEST_DIR/defsync.yaml
STORE=$TEST_DIR/store/defsync.db

# base_config [API_LINE...]: api, push and store for the running receiver.
base_config() {
	cat <<-EOT
		api:
		  url: ${RECEIVER_URL}
		  key: ${RECEIVER_KEY}
	EOT
	local line
	for line in "$@"; do
		printf '  %s\n' "$line"
	done
	cat <<-EOT
		store: { path: ${STORE} }
		push: { ${PUSH:-retry_for: 30s} }
	EOT
}

# shop_config [API_LINE...]: all three tables of the shop, appended; MODE=merge to merge.
shop_config() {
	{
		base_config "$@"
		cat <<-EOT
			sources:
			  shop:
			    plugin: sqlite
			    database: ${SHOP_DB}
			    defaults: { key: id, mode: ${MODE:-append} }
			    tables:
			      - { from: customers, to: bronze.customers, watermark: updated_at }
			      - { from: orders, to: bronze.orders, watermark: updated_at }
			      - { from: order_items, to: bronze.order_items, watermark: version }
		EOT
	} >"$CONFIG"
	chmod 600 "$CONFIG"
}

# table_config TABLE WATERMARK [API_LINE...]: one table to bronze.TABLE.
table_config() {
	local table=$1 watermark=$2
	shift 2
	{
		base_config "$@"
		cat <<-EOT
			sources:
			  shop:
			    plugin: sqlite
			    database: ${SHOP_DB}
			    tables:
			      - { from: ${table}, to: bronze.${table}, watermark: ${watermark}, key: id${TABLE:+, $TABLE} }
		EOT
	} >"$CONFIG"
	chmod 600 "$CONFIG"
}

# numbers_db N: a table "numbers" of N small rows, two to a watermark, all long ago.
numbers_db() {
	rm -f "$SHOP_DB" "$SHOP_DB-wal" "$SHOP_DB-shm"
	sqlite3 -bail "$SHOP_DB" "
		CREATE TABLE numbers (id INTEGER PRIMARY KEY, half INTEGER, updated_at TEXT NOT NULL);
		WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < $1)
		INSERT INTO numbers SELECT i, i / 2,
			strftime('%Y-%m-%d %H:%M:%S', 1704067200 + i / 2, 'unixepoch') FROM n;
		CREATE INDEX numbers_updated ON numbers (updated_at, id);"
}

# run ARGUMENT...: defsync run with the configuration; sets STATUS; output in TEST_DIR/out and err.
run() {
	defsync run --config "$CONFIG" "$@" >"$TEST_DIR/out" 2>"$TEST_DIR/err" </dev/null
	STATUS=$?
}

# new_store: nothing was ever read.
new_store() {
	rm -rf "$(dirname "$STORE")"
}

# run_is STATUS NAME: the last run's exit status; its words otherwise.
run_is() {
	is "$STATUS" "$1" "$2" || diag <"$TEST_DIR/err"
}

# state TABLE FIELD: of `state show --json`.
state() {
	defsync state show --config "$CONFIG" --json |
		jq -r ".tables[] | select(.table == \"$1\") | .$2 // \"\""
}

# dead_letters: how many there are.
dead_letters() {
	defsync dlq list --config "$CONFIG" --json | jq '.dead_letters | length'
}
