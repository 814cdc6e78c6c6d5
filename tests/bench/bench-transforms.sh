#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# What transforms cost: `defsync run --dry-run` of a SQLite table without any, with each
# of them alone, and with four in a row: rows/s.
# Medians of interleaved rounds.  The ratio and what a row costs more are of processor time,
# which the machine's other work changes less than rows/s.
#
#	DEFSYNC=... DEFSYNC_PLUGINS=... tests/bench/bench-transforms.sh
#
# ROWS: size of the table (default 1000000); ROUNDS (default 3); ONLY: names of the lines
# to measure beside the first.

. "$(dirname "$0")/../lib/functions.sh"
. "$TESTS_DIR/lib/runs.sh"
needs sqlite3

# Eight columns, one of JSON; about 250 bytes of JSON a row.
sqlite3 -bail "$SHOP_DB" "
	CREATE TABLE orders (id INTEGER PRIMARY KEY, customer_id INTEGER NOT NULL, status TEXT NOT NULL,
		email TEXT NOT NULL, price TEXT NOT NULL, ordered_on TEXT NOT NULL, attributes TEXT NOT NULL,
		updated_at TEXT NOT NULL);
	WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ${ROWS:-1000000})
	INSERT INTO orders SELECT i, i * 7919 % 100000,
		CASE i % 4 WHEN 0 THEN 'new' WHEN 1 THEN 'paid' WHEN 2 THEN 'shipped' ELSE 'returned' END,
		printf('customer%d@example.com', i % 50000), printf('%d.%02d', i % 1000, i % 100),
		strftime('%d.%m.%Y', 1672531200 + i, 'unixepoch'),
		printf('{\"gift\":true,\"tags\":[\"a\",\"b\"],\"address\":{\"city\":\"Köln\",\"zip\":\"%d\"},\"weight\":%d.5}',
			i % 90000, i % 1000),
		strftime('%Y-%m-%d %H:%M:%S', 1704067200 + i / 3, 'unixepoch') FROM n;"

declare -A transforms=(
	[none]=''
	[columns]='columns: { rename: { email: mail }, drop: [status] }'
	[filter]="filter: { keep: \"status in ('new', 'paid', 'shipped', 'returned') and id > 0\" }"
	[add]='add: { columns: { region: "'"'EU'"'", name: "concat(status, '"'-'"', customer_id)", again: customer_id } }'
	[cast]='cast: { columns: { price: decimal, customer_id: text, ordered_on: date }, format: "%d.%m.%Y" }'
	[flatten]='flatten: { columns: attributes, fields: { gift: bool, address.city: text, weight: decimal } }'
	[mask]='mask: { columns: [email], method: hmac-sha256, key: "0123456789abcdef0123" }'
)
transforms[four]="${transforms[filter]} } , { ${transforms[cast]} }, { ${transforms[add]} }, { ${transforms[mask]}"

# measure NAME: adds the microseconds of a run, and of the processor, to TEST_DIR/NAME.times.
measure() {
	local begin end list='' TIMEFORMAT='%3U %3S'
	[ -z "${transforms[$1]}" ] || list="transforms: [ { ${transforms[$1]} } ]"
	TABLE=$list table_config orders updated_at
	begin=${EPOCHREALTIME/./}
	{
		time "$DEFSYNC" run --config "$CONFIG" --dry-run --quiet >/dev/null 2>"$TEST_DIR/err" </dev/null
	} 2>"$TEST_DIR/cpu" || diag <"$TEST_DIR/err"
	end=${EPOCHREALTIME/./}
	awk -v wall=$((end - begin)) '{ print wall, ($1 + $2) * 1e6 }' "$TEST_DIR/cpu" >>"$TEST_DIR/$1.times"
}

# median NAME FIELD
median() {
	cut -d' ' -f"$2" "$TEST_DIR/$1.times" | sort -n | awk '{ v[NR] = $1 } END { print v[int((NR + 1) / 2)] }'
}

read -ra names <<<"none ${ONLY:-columns filter add cast flatten mask four}"
for ((round = 0; round < ${ROUNDS:-3}; round++)); do
	for name in "${names[@]}"; do
		measure "$name"
	done
done
none=$(median none 2)
printf '%-10s %12s %8s %14s\n' transforms rows/s ratio ns/row_more
for name in "${names[@]}"; do
	awk -v name="$name" -v wall="$(median "$name" 1)" -v cpu="$(median "$name" 2)" -v none="$none" -v rows="${ROWS:-1000000}" 'BEGIN {
		printf "%-10s %12d %8.2f %14d\n", name, rows * 1e6 / wall, none / cpu, (cpu - none) * 1000 / rows }'
done
echo "load average: $(cut -d' ' -f1-3 /proc/loadavg)"
# Not a test: no plan is missing.
# shellcheck disable=SC2034
tap_plan=none
