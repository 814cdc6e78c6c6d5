#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# From a fresh checkout to rows that landed: installs what is missing, builds into
# build-quickstart/, makes a sample shop in SQLite, starts a receiver that speaks
# the Stream API on loopback, and runs defsync twice: all rows, then what changed.
# Stops and removes all but the build folder; can be run again.

set -eu
cd "$(dirname "$0")"
unset CDPATH MAKEFLAGS MAKELEVEL DEFSYNC_CONFIG
. tests/lib/packages.sh
. tests/lib/shop.sh

build=build-quickstart
demo=$(mktemp -d "${TMPDIR:-/tmp}/defsync-quickstart.XXXXXX")
receiver=

clean_up() {
	status=$?
	[ -z "$receiver" ] || kill "$receiver" 2>/dev/null || true
	[ -z "$receiver" ] || wait "$receiver" 2>/dev/null || true
	[ $status = 0 ] || [ ! -s "$demo/log" ] || tail -n 30 "$demo/log"
	rm -rf "$demo"
	exit $status
}
trap clean_up EXIT
trap 'exit 130' INT TERM

say() {
	printf '\n\033[1m%s\033[0m\n' "$*"
}

quietly() {
	"$@" >"$demo/log" 2>&1 || {
		echo "failed: $*" >&2
		return 1
	}
}

# The command as the reader would type it, then its output.
show() {
	printf '$ %s\n' "$*"
	"$@"
}

say "1. What the build needs"
quietly install_packages build
echo "all there"

say "2. Building (the first time takes about a minute)"
[ -x configure ] || quietly autoreconf -fi
mkdir -p "$build"
[ -f "$build/Makefile" ] || (cd "$build" && quietly ../configure --quiet)
quietly make -C "$build" -j "$(nproc)" all
defsync() {
	"$build/run-defsync" "$@"
}
defsync version

say "3. A sample shop: three tables with ties, unicode, NULLs and decimals"
sample_shop "$demo/shop.db"
sqlite3 -box "$demo/shop.db" "
	SELECT 'customers' AS \"table\", count(*) AS rows FROM customers
	UNION ALL SELECT 'orders', count(*) FROM orders
	UNION ALL SELECT 'order_items', count(*) FROM order_items"

say "4. A receiver that speaks the Stream API, on loopback"
DEFSYNC_RECEIVER_KEY=demo-key "$build/defsync-receiver" --quiet --port-file "$demo/port" \
	--database "$demo/landed.db" --ledger "$demo/ledger" >"$demo/receiver.log" 2>&1 &
receiver=$!
for _ in $(seq 200); do
	[ ! -s "$demo/port" ] || break
	sleep 0.05
done
cat >"$demo/defsync.yaml" <<-EOT
	api:
	  url: http://127.0.0.1:$(cat "$demo/port")/v2/stream
	  key: \${DEFINITE_API_KEY}
	store: { path: $demo/store.db }
	sources:
	  shop:
	    plugin: sqlite
	    database: $demo/shop.db
	    defaults: { key: id }
	    tables:
	      - { from: customers, to: bronze.customers, watermark: updated_at }
	      - { from: orders, to: bronze.orders, watermark: updated_at, mode: merge }
	      - { from: order_items, to: bronze.order_items, watermark: version }
EOT
export DEFINITE_API_KEY=demo-key DEFSYNC_CONFIG=$demo/defsync.yaml
sed "s,$demo/,,; s,^,  ," "$demo/defsync.yaml"

say "5. The first run: all rows"
show defsync run

say "6. Some rows change, some are new"
shop_change "$demo/shop.db" 1
echo "customers: 40 updated; orders: 25 new, 40 updated; order_items: 250 updated"

say "7. The second run: only these"
show defsync run

say "8. What landed"
sqlite3 -box "$demo/landed.db" "
	SELECT 'bronze.customers' AS \"table\", count(*) AS rows, count(DISTINCT id) AS keys,
		max(updated_at) AS newest FROM \"bronze.customers\"
	UNION ALL SELECT 'bronze.orders', count(*), count(DISTINCT id), max(updated_at)
		FROM \"bronze.orders\"
	UNION ALL SELECT 'bronze.order_items', count(*), count(DISTINCT id), max(version)
		FROM \"bronze.order_items\";
	SELECT id, name, balance, active, updated_at FROM \"bronze.customers\"
		WHERE id IN (1, 51) ORDER BY id, updated_at"
echo "append keeps every version of a row, merge (orders) the newest"

say "9. Where each table stands"
show defsync status

say "Done. Your own: README.md, etc/defsync.yaml.example, defsync --help"
