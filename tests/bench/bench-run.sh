#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# The whole way of rows, from SQLite to the receiver, beside the raw read of the same
# table by the sqlite3 shell: rows/s and peak memory.
# Medians of interleaved rounds; look at the ratios, the seconds are the machine's.
#
#	DEFSYNC=... DEFSYNC_PLUGINS=... DEFSYNC_RECEIVER=... tests/bench/bench-run.sh
#
# ROWS: table sizes (default "100000 2000000"); ROUNDS (default 3); DELAY_MS of each answer
# (default 0): with some 150 the window of batches is full at any size of table, and so
# the peak is the same.

. "$(dirname "$0")/../lib/functions.sh"
. "$TESTS_DIR/lib/runs.sh"
needs sqlite3 curl

# Twelve columns, about 336 bytes of JSON a row.
orders_db() {
	rm -f "$SHOP_DB"*
	sqlite3 -bail "$SHOP_DB" "
		CREATE TABLE orders (id INTEGER PRIMARY KEY, customer_id INTEGER NOT NULL, status TEXT NOT NULL,
			region TEXT NOT NULL, sku TEXT NOT NULL, quantity INTEGER, price REAL, note TEXT,
			attributes TEXT, paid INTEGER, created_at TEXT NOT NULL, updated_at TEXT NOT NULL);
		WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < $1)
		INSERT INTO orders SELECT i, i * 7919 % 100000,
			CASE i % 4 WHEN 0 THEN 'new' WHEN 1 THEN 'paid' WHEN 2 THEN 'shipped' ELSE 'returned' END,
			CASE i % 3 WHEN 0 THEN 'EU' WHEN 1 THEN 'US' ELSE 'APAC' END, printf('SKU-%08d', i % 50000),
			i % 12, i % 100000 / 100.0,
			substr('the quick \"brown\" fox jumps over the lazy dög, twice a day and more often at night', 1,
				20 + i % 60),
			CASE WHEN i % 5 = 0 THEN '{\"gift\":true,\"tags\":[\"a\",\"b\"],\"weight\":' || i % 1000 || '}' END,
			i % 2, strftime('%Y-%m-%d %H:%M:%S', 1672531200 + i, 'unixepoch'),
			strftime('%Y-%m-%d %H:%M:%S', 1704067200 + i / 3, 'unixepoch') FROM n;
		CREATE INDEX orders_updated ON orders (updated_at, id);"
}

# measure NAME COMMAND...: adds "wall_us peak_kb" to TEST_DIR/NAME.
measure() {
	local name=$1 pid begin end peak=0 now
	shift
	begin=${EPOCHREALTIME/./}
	"$@" >/dev/null 2>"$TEST_DIR/err" </dev/null &
	pid=$!
	while now=$(sed -n 's/^VmHWM:[^0-9]*\([0-9]*\).*/\1/p' "/proc/$pid/status" 2>/dev/null) && [ -n "$now" ]; do
		peak=$now
		sleep 0.02
	done
	wait "$pid" || diag <"$TEST_DIR/err"
	end=${EPOCHREALTIME/./}
	echo "$((end - begin)) $peak" >>"$TEST_DIR/$name"
}

# median FILE FIELD
median() {
	cut -d' ' -f"$2" "$1" | sort -n | awk '{ v[NR] = $1 } END { print v[int((NR + 1) / 2)] }'
}

receiver_scenario "{\"rules\":[{\"action\":{\"delay_ms\":${DELAY_MS:-0}}}]}"
receiver_start --discard --scenario "$SCENARIO"
table_config orders updated_at
printf '%-10s %-28s %12s %10s %8s\n' rows what rows/s peak_MiB ratio
for rows in ${ROWS:-100000 2000000}; do
	orders_db "$rows"
	rm -f "$TEST_DIR"/raw "$TEST_DIR"/load "$TEST_DIR"/dry
	for ((round = 0; round < ${ROUNDS:-3}; round++)); do
		measure raw sqlite3 -readonly -csv "$SHOP_DB" "SELECT * FROM orders ORDER BY id"
		new_store
		measure dry "$DEFSYNC" run --config "$CONFIG" --dry-run --quiet
		measure load "$DEFSYNC" run --config "$CONFIG" --quiet
	done
	raw=$(median "$TEST_DIR/raw" 1)
	while read -r file what; do
		wall=$(median "$TEST_DIR/$file" 1)
		printf '%-10s %-28s %12s %10s %8s\n' "$rows" "$what" "$((rows * 1000000 / wall))" \
			"$(awk "BEGIN { printf \"%.1f\", $(median "$TEST_DIR/$file" 2) / 1024 }")" \
			"$(awk "BEGIN { printf \"%.2f\", $raw / $wall }")"
	done <<-EOT
		raw sqlite3 -csv, by key
		dry run --dry-run, first load
		load run, first load
	EOT
done
begin=${EPOCHREALTIME/./}
for ((i = 0; i < 50; i++)); do
	"$DEFSYNC" version >/dev/null
done
echo "defsync version: $(((${EPOCHREALTIME/./} - begin) / 50)) us, fork and exec included"
# Not a test: no plan is missing.
# shellcheck disable=SC2034
tap_plan=none
