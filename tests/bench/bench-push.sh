#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# What sending costs: compression, the number and size of requests at several
# latencies of the API, rows that the API refuses.
# Medians of interleaved rounds; look at the ratios, the seconds are the machine's.
#
#	DEFSYNC=... DEFSYNC_PLUGINS=... DEFSYNC_RECEIVER=... tests/bench/bench-push.sh [PART...]
#
# PART: compression, requests, bad (all).  ROWS: table size (200000), ROWS_SLOW: with
# latency (100000), ROWS_BAD (10000), ROUNDS (3), LEVELS ("1 3 6 9"), LATENCIES in ms
# ("0 20 200"), IN_FLIGHT ("1 2 4 8"), BATCH_ROWS ("1000 5000 10000 50000"), BAD ("0 1 5 25").
# BAD_LATENCIES ("0 20").

. "$(dirname "$0")/../lib/functions.sh"
. "$TESTS_DIR/lib/runs.sh"
needs sqlite3 curl jq

ROUNDS=${ROUNDS:-3}
TIMEFORMAT='%R %U %S'

# orders_db N: twelve columns, about 336 bytes of JSON a row; "bad" is in BAD of them.
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

# received FIELD: of the receiver's log since the last `forget`: requests, or bytes as they came.
received() {
	awk -v want="$1" '/^defsync-receiver: [0-9]+: / { requests++; sub(/.* bytes=/, ""); bytes += $1 }
		END { print want == "bytes" ? bytes + 0 : requests + 0 }' "$RECEIVER_LOG"
}

# measure NAME: adds "wall_s user_s system_s bytes requests" of a first load to TEST_DIR/NAME.
measure() {
	local name=$1 seconds
	new_store
	: >"$RECEIVER_LOG"
	seconds=$({ time "$DEFSYNC" run --config "$CONFIG" --quiet >/dev/null 2>"$TEST_DIR/err" </dev/null; } 2>&1)
	grep -q . "$TEST_DIR/err" && [ -z "${MAY_FAIL:-}" ] && diag <"$TEST_DIR/err"
	echo "$seconds $(received bytes) $(received requests)" >>"$TEST_DIR/$name"
}

# median NAME FIELD
median() {
	cut -d' ' -f"$2" "$TEST_DIR/$1" | sort -n | awk '{ v[NR] = $1 } END { print v[int((NR + 1) / 2)] }'
}

# calc FORMAT EXPRESSION
calc() {
	awk "BEGIN { printf \"$1\", $2 }"
}

# settings PUSH...: one table, all of the rest as it is by default.
settings() {
	PUSH=$* table_config orders updated_at
}

compression() {
	local rows=${ROWS:-200000} kind round user first kinds
	read -ra kinds <<<"${LEVELS:-1 3 6 9}"
	receiver_start --discard
	orders_db "$rows"
	for ((round = 0; round < ROUNDS; round++)); do
		settings "compression: none"
		measure none
		for kind in "${kinds[@]}"; do
			settings "compression: gzip, compression_level: $kind"
			measure "gzip-$kind"
		done
	done
	printf '%-12s %10s %14s %14s %12s %8s\n' compression rows/s CPU_s/1M_rows of_that_gzip bytes/row shrinks
	for kind in none "${kinds[@]/#/gzip-}"; do
		user=$(calc %.2f "($(median "$kind" 2) + $(median "$kind" 3)) * 1e6 / $rows")
		[ "$kind" != none ] || first=$user
		printf '%-12s %10.0f %14.2f %14.2f %12.1f %8.2f\n' "$kind" "$(calc %f "$rows / $(median "$kind" 1)")" \
			"$user" "$(calc %f "$user - $first")" "$(calc %f "$(median "$kind" 4) / $rows")" \
			"$(calc %f "$(median none 4) / $(median "$kind" 4)")"
	done
	receiver_stop
}

# table_of WHAT REST VALUE...: rows/s at each latency; the ratios are to the first value.
table_of() {
	local what=$1 rest=$2 rows latency round value base
	shift 2
	printf '\n%-12s' "$what"
	for latency in ${LATENCIES:-0 20 200}; do
		printf ' %9s_ms %7s' "$latency" ratio
	done
	echo
	for latency in ${LATENCIES:-0 20 200}; do
		receiver_scenario "{\"rules\":[{\"action\":{\"delay_ms\":$latency}}]}"
		receiver_reload
		for ((round = 0; round < ROUNDS; round++)); do
			for value in "$@"; do
				settings "$what: $value$rest"
				measure "$what-$value-$latency"
			done
		done
	done
	rows=${ROWS_SLOW:-100000}
	for value in "$@"; do
		printf '%-12s' "$value"
		for latency in ${LATENCIES:-0 20 200}; do
			base=$(median "$what-$1-$latency" 1)
			printf ' %12.0f %7.2f' "$(calc %f "$rows / $(median "$what-$value-$latency" 1)")" \
				"$(calc %f "$base / $(median "$what-$value-$latency" 1)")"
		done
		echo
	done
}

requests() {
	receiver_scenario '{"rules":[]}'
	receiver_start --discard --scenario "$SCENARIO"
	orders_db "${ROWS_SLOW:-100000}"
	# shellcheck disable=SC2086 # lists
	table_of in_flight ", batch_rows: 2000" ${IN_FLIGHT:-1 2 4 8}
	# shellcheck disable=SC2086
	table_of batch_rows "" ${BATCH_ROWS:-1000 5000 10000 50000}
	receiver_stop
}

bad() {
	local rows=${ROWS_BAD:-10000} k round latency MAY_FAIL=1
	printf '\n%-12s' "bad_rows"
	for latency in ${BAD_LATENCIES:-0 20}; do
		printf ' %10s_ms_s' "$latency"
	done
	printf ' %10s %10s %14s\n' requests budget dead_letters
	receiver_scenario '{"rules":[]}'
	receiver_start --no-database --scenario "$SCENARIO"
	orders_db "$rows"
	settings "max_rejected: 100%, compression: none"
	for k in ${BAD:-0 1 5 25}; do
		sqlite3 -bail "$SHOP_DB" "UPDATE orders SET region = 'EU' WHERE region = 'POISON';
			UPDATE orders SET region = 'POISON' WHERE $k AND id % ($rows / max($k, 1)) = $rows / max($k, 1) / 3"
		for latency in ${BAD_LATENCIES:-0 20}; do
			receiver_scenario "{\"rules\":[
				{\"match\":{\"row_contains\":\"POISON\"},\"action\":{\"status\":422,\"delay_ms\":$latency}},
				{\"action\":{\"delay_ms\":$latency}}]}"
			receiver_reload
			for ((round = 0; round < ROUNDS; round++)); do
				measure "bad-$k-$latency"
			done
		done
		printf '%-12s' "$k of $rows"
		for latency in ${BAD_LATENCIES:-0 20}; do
			printf ' %15.2f' "$(median "bad-$k-$latency" 1)"
		done
		printf ' %10s %10s %14s\n' "$(median "bad-$k-$latency" 5)" \
			"$(calc %d "$k ? 2 * $k * log($rows / $k) / log(2) + 3 * $k + 2 : 1")" "$(dead_letters)"
	done
	receiver_stop
}

[ $# -gt 0 ] || set -- compression requests bad
for part; do
	case $part in
	compression | requests | bad) "$part" ;;
	*) echo "bench-push.sh: no such part: '$part'" >&2 && exit 2 ;;
	esac
done
# Not a test: no plan is missing.
# shellcheck disable=SC2034
tap_plan=none
