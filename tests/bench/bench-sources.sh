#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# A first load and a run in the watermark's order from each source to the receiver,
# beside the floor: the same query read by the client library and thrown away.
# Medians of interleaved rounds; look at the ratios, the seconds are the machine's.
#
#	DEFSYNC=... DEFSYNC_PLUGINS=... DEFSYNC_RECEIVER=... DEFSYNC_FLOORS=folder tests/bench/bench-sources.sh [SOURCE...]
#
# SOURCE: sqlite postgres mysql csv (all).  ROWS (2000000), ROUNDS (3), PUSH (compression: none).

. "$(dirname "$0")/../lib/functions.sh"
. "$TESTS_DIR/lib/runs.sh"
. "$TESTS_DIR/lib/certs.sh"
. "$TESTS_DIR/lib/servers.sh"
needs sqlite3 curl

ROWS=${ROWS:-2000000} ROUNDS=${ROUNDS:-3} PUSH=${PUSH:-compression: none}
FLOORS=${DEFSYNC_FLOORS:-tests/bench}
columns="id, customer_id, status, region, sku, quantity, price, note, attributes, paid, created_at, updated_at"

# rows_csv: twelve columns, about 336 bytes of JSON a row.
rows_csv() {
	sqlite3 -csv :memory: "
		WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < $ROWS)
		SELECT i, i * 7919 % 100000,
			CASE i % 4 WHEN 0 THEN 'new' WHEN 1 THEN 'paid' WHEN 2 THEN 'shipped' ELSE 'returned' END,
			CASE i % 3 WHEN 0 THEN 'EU' WHEN 1 THEN 'US' ELSE 'APAC' END, printf('SKU-%08d', i % 50000),
			i % 12, printf('%.2f', i % 100000 / 100.0),
			substr('the quick \"brown\" fox jumps over the lazy dög, twice a day and more often at night', 1,
				20 + i % 60),
			CASE WHEN i % 5 = 0 THEN '{\"gift\":true,\"tags\":[\"a\",\"b\"],\"weight\":' || i % 1000 || '}' END,
			i % 2, strftime('%Y-%m-%d %H:%M:%S', 1672531200 + i, 'unixepoch'),
			strftime('%Y-%m-%d %H:%M:%S', 1704067200 + i / 3, 'unixepoch') FROM n"
}

# source_config PLUGIN OPTION... -- TABLE-OPTIONS
source_config() {
	local plugin=$1
	shift
	{
		base_config
		printf 'sources:\n  bench:\n    plugin: %s\n' "$plugin"
		while [ "$1" != -- ]; do
			printf '    %s\n' "$1"
			shift
		done
		printf '    tables:\n      - { to: bronze.orders, %s }\n' "$2"
	} >"$CONFIG"
	chmod 600 "$CONFIG"
}

# measure NAME COMMAND...: adds "wall_us peak_kb cpu_ticks" to TEST_DIR/NAME.
measure() {
	local name=$1 pid begin end peak=0 now
	shift
	begin=${EPOCHREALTIME/./}
	"$@" >"$TEST_DIR/said" 2>"$TEST_DIR/err" </dev/null &
	pid=$!
	while now=$(sed -n 's/^VmHWM:[^0-9]*\([0-9]*\).*/\1/p' "/proc/$pid/status" 2>/dev/null) && [ -n "$now" ]; do
		peak=$now
		sleep 0.05
	done
	wait "$pid" || diag <"$TEST_DIR/err"
	end=${EPOCHREALTIME/./}
	echo "$((end - begin)) $peak" >>"$TEST_DIR/$name"
}

# median FILE FIELD
median() {
	cut -d' ' -f"$2" "$TEST_DIR/$1" | sort -n | awk '{ v[NR] = $1 } END { print v[int((NR + 1) / 2)] }'
}

# report SOURCE WHAT FILE FLOOR-FILE
report() {
	awk -v source="$1" -v what="$2" -v wall="$(median "$3" 1)" -v peak="$(median "$3" 2)" \
		-v base="$(median "$4" 1)" -v rows="$ROWS" 'BEGIN {
			printf "%-10s %-22s %10.0f %10.1f %8.2f\n", source, what, rows * 1e6 / wall, peak / 1024, base / wall }'
}

# first_load, then a run in the watermark's order: the checkpoint of a load that ended
# at once is that of an incremental run which is still to read everything.
rounds() {
	local source=$1 round
	shift
	for ((round = 0; round < ROUNDS; round++)); do
		measure "$source-floor" "$@"
		new_store
		measure "$source-load" "$DEFSYNC" run --config "$CONFIG" --quiet
	done
	report "$source" "floor, order of the key" "$source-floor" "$source-floor"
	report "$source" "first load" "$source-load" "$source-floor"
}

bench_sqlite() {
	local db=$TEST_DIR/bench.db
	sqlite3 -bail "$db" "CREATE TABLE orders (id INTEGER PRIMARY KEY, customer_id INTEGER, status TEXT, region TEXT,
		sku TEXT, quantity INTEGER, price REAL, note TEXT, attributes TEXT, paid INTEGER, created_at TEXT,
		updated_at TEXT NOT NULL)" ".mode csv" ".import $TEST_DIR/rows.csv orders" \
		"CREATE INDEX orders_updated ON orders (updated_at, id)"
	source_config sqlite "database: $db" -- "from: orders, watermark: updated_at"
	rounds sqlite "$FLOORS/floor-sqlite" "$db" "SELECT $columns FROM orders ORDER BY id"
	rm -f "$db"
}

bench_postgres() {
	postgres_start "$TEST_DIR/pg" || return
	pg "CREATE TABLE orders (id bigint PRIMARY KEY, customer_id int, status text, region text, sku text,
		quantity int, price numeric(12,2), note text, attributes jsonb, paid int, created_at timestamptz,
		updated_at timestamptz NOT NULL DEFAULT now())"
	pg "\\copy orders FROM '$TEST_DIR/rows.csv' (FORMAT csv)" || return
	pg "CREATE INDEX orders_updated ON orders (updated_at, id); VACUUM ANALYZE orders"
	source_config postgres "host: $PG_SOCKET" "port: $PG_PORT" "user: postgres" "password: $PG_PASSWORD" \
		"database: postgres" -- "from: public.orders, watermark: updated_at"
	rounds postgres "$FLOORS/floor-postgres" \
		"host=$PG_SOCKET port=$PG_PORT user=postgres password=$PG_PASSWORD dbname=postgres" \
		"SELECT $columns FROM orders ORDER BY id"
	postgres_stop
}

bench_mysql() {
	mariadb_start "$TEST_DIR/my" "local-infile = 1" || return
	my "CREATE DATABASE bench"
	MY_DATABASE=bench
	my "CREATE TABLE orders (id bigint PRIMARY KEY, customer_id int, status varchar(20), region varchar(10),
		sku varchar(20), quantity int, price decimal(12,2), note varchar(200), attributes json, paid int,
		created_at datetime(6), updated_at timestamp(6) NOT NULL DEFAULT current_timestamp(6));"
	my "SET time_zone = '+00:00'; LOAD DATA LOCAL INFILE '$TEST_DIR/rows.csv' INTO TABLE orders CHARACTER SET utf8mb4
		FIELDS TERMINATED BY ',' OPTIONALLY ENCLOSED BY '\"' ESCAPED BY '' LINES TERMINATED BY '\n'
		(id, customer_id, status, region, sku, quantity, price, note, @a, paid, created_at, updated_at)
		SET attributes = nullif(@a, '')" --local-infile=1 || return
	my "CREATE INDEX orders_updated ON orders (updated_at, id); ANALYZE TABLE orders" >/dev/null
	source_config mysql "socket: $MY_SOCKET" "user: root" "database: bench" -- "from: orders, watermark: updated_at"
	rounds mysql "$FLOORS/floor-mysql" "$MY_SOCKET" root "" bench "SELECT $columns FROM orders ORDER BY id"
	mariadb_stop
}

bench_csv() {
	{
		tr -d ' ' <<<"$columns"
		cat "$TEST_DIR/rows.csv"
	} >"$TEST_DIR/orders.csv"
	source_config csv "path: $TEST_DIR" -- "from: orders.csv"
	# wc counts lines and nothing else: what any reader has to look at.
	rounds csv wc -l "$TEST_DIR/orders.csv"
}

receiver_start --discard
rows_csv >"$TEST_DIR/rows.csv"
printf '%-10s %-22s %10s %10s %8s\n' source what rows/s peak_MiB ratio
[ $# -gt 0 ] || set -- sqlite postgres mysql csv
for source; do
	"bench_$source"
done
# Not a test: no plan is missing.
# shellcheck disable=SC2034
tap_plan=none
