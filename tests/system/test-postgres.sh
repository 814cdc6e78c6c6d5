#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# From a real PostgreSQL server over TLS to the receiver: loads and later runs, late
# commits, what a role may see, what is refused and how, and a server that dies.

. "$(dirname "$0")/../lib/functions.sh"
. "$TESTS_DIR/lib/runs.sh"
. "$TESTS_DIR/lib/servers.sh"
needs sqlite3 jq curl

postgres_start "$TEST_DIR/pg" "timezone = 'Europe/Berlin'" || exit 1
receiver_start

# postgres_config TABLE...: each a flow mapping without its braces; OPTIONS and ROLE apply.
ROLE=reader
OPTIONS=
postgres_config() {
	local table
	{
		base_config
		cat <<-EOT
			sources:
			  shop:
			    plugin: postgres
			    host: 127.0.0.1
			    port: ${PG_PORT}
			    database: postgres
			    user: ${ROLE}
			    password: ${PASSWORD:-the-reader-password}
			    sslmode: verify-full
			    sslrootcert: ${CA:-$PG_CA}
		EOT
		[ -z "$OPTIONS" ] || printf '    %s\n' "$OPTIONS"
		echo "    tables:"
		for table in "$@"; do
			echo "      - { $table }"
		done
	} >"$CONFIG"
	chmod 600 "$CONFIG"
}

# report FIELD: of the only table of the last run.
report() {
	jq -r ".tables[0].$1" "$TEST_DIR/report.json"
}

pg "
	CREATE ROLE reader LOGIN PASSWORD 'the-reader-password';
	CREATE ROLE blind LOGIN PASSWORD 'the-reader-password';
	GRANT pg_read_all_stats TO reader;
	CREATE FUNCTION touch() RETURNS trigger LANGUAGE plpgsql AS
		'BEGIN NEW.updated_at := now(); RETURN NEW; END';
	CREATE TABLE orders (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, status text NOT NULL,
		total numeric(10,2), tags text[], details jsonb, updated_at timestamptz NOT NULL DEFAULT now());
	CREATE INDEX ON orders (updated_at, id);
	CREATE TRIGGER orders_touch BEFORE UPDATE ON orders FOR EACH ROW EXECUTE FUNCTION touch();
	INSERT INTO orders (status, total, tags, details, updated_at) SELECT 'new', i / 7.0, ARRAY['a', 'b ' || i],
		jsonb_build_object('n', i), timestamptz '2024-01-01 00:00:00Z' + i / 10 * interval '1 s'
		FROM generate_series(1, 3000) AS i;
	CREATE SCHEMA \"Odd\";
	CREATE TABLE \"Odd\".\"Na\"\"me.x\" (a int, \"B\" text, at timestamp NOT NULL DEFAULT timezone('utc', now()),
		PRIMARY KEY (a, \"B\"));
	INSERT INTO \"Odd\".\"Na\"\"me.x\" SELECT i % 3, chr(65 + i), timestamp '2024-01-01' FROM generate_series(0, 20) AS i;
	CREATE TABLE blocker (id int);
	INSERT INTO blocker VALUES (1500);
	-- STABLE, or the view would be computed as a whole before it is sorted.
	CREATE FUNCTION pause(n bigint) RETURNS text STABLE LANGUAGE plpgsql AS
		'BEGIN IF n = (SELECT id FROM blocker) THEN PERFORM pg_sleep(60); END IF; RETURN NULL; END';
	CREATE VIEW slow AS SELECT id, updated_at, pause(id) AS pause FROM orders WHERE id <= 2000;
	-- Row by row in the order of an index, not all before the first.
	ALTER ROLE reader SET enable_sort = off;
	CREATE TABLE forbidden (id int PRIMARY KEY, updated_at timestamptz);
	GRANT USAGE ON SCHEMA \"Odd\" TO reader;
	GRANT SELECT ON orders, slow, blocker, \"Odd\".\"Na\"\"me.x\" TO reader, blind;" || exit 1

ORDERS='from: public.orders, to: bronze.orders, watermark: updated_at'

# --- a load and what comes after it ---

# same_orders NAME: the newest version of each row is what the server has.
same_orders() {
	pg "SELECT id, status, total, tags[2], details->>'n', to_char(updated_at AT TIME ZONE 'UTC',
		'YYYY-MM-DD\"T\"HH24:MI:SS.US\"Z\"') FROM orders ORDER BY id" >"$TEST_DIR/expected"
	landed "SELECT id, status, total, json_extract(tags, '\$[1]'), json_extract(details, '\$.n'), max(updated_at)
		FROM \"bronze.orders\" GROUP BY id ORDER BY id" >"$TEST_DIR/got"
	ok "$1" cmp "$TEST_DIR/expected" "$TEST_DIR/got"
}

PUSH='batch_rows: 500, retry_for: 10s'
OPTIONS='page_rows: 700'
postgres_config "$ORDERS"
run --report "$TEST_DIR/report.json"
run_is 0 "the first load is done"
same_orders "all rows as the server has them"
is "$(report rows_pushed)" 3000 "each of them once, over several pages"
is "$(report ceiling)" proven "the ceiling is proven"
unlike "$(cat "$TEST_DIR/err")" 'warning' "and there is nothing to warn of"

pg "UPDATE orders SET status = 'paid' WHERE id % 1000 = 0;
	INSERT INTO orders (status) VALUES ('late'), ('later')"
run --report "$TEST_DIR/report.json"
run_is 0 "an incremental run is done"
is "$(report rows_pushed)" 5 "it sends what changed"
same_orders "the changes are there"

# --- a transaction that commits late ---

exec 8> >(PGPASSWORD=$PG_PASSWORD psql -qAtX -h "$PG_SOCKET" -p "$PG_PORT" -U postgres >"$TEST_DIR/psql.out" 2>&1)
echo "BEGIN; SELECT now();" >&8
wait_until 5 test -s "$TEST_DIR/psql.out"
pg "UPDATE orders SET status = 'behind' WHERE id = 1"
run --report "$TEST_DIR/report.json"
is "$STATUS $(report rows_pushed)" "0 1" "a run beside an open transaction sends what is committed"
echo "UPDATE orders SET status = 'from the past' WHERE id = 2; COMMIT; SELECT 'committed';" >&8
wait_until 5 grep -q committed "$TEST_DIR/psql.out"
is "$(pg "SELECT (SELECT updated_at FROM orders WHERE id = 2) < (SELECT updated_at FROM orders WHERE id = 1)")" t \
	"it commits a row that is older than one already sent"
run --report "$TEST_DIR/report.json"
is "$STATUS $(report rows_pushed)" "0 1" "the next run sends it"
run --report "$TEST_DIR/report.json"
is "$STATUS $(report rows_pushed)" "0 0" "and the third run nothing"
same_orders "nothing was lost"
exec 8>&-

# --- what a role may see ---

ROLE=blind
new_store
postgres_config "$ORDERS"
run --report "$TEST_DIR/report.json"
is "$STATUS $(report ceiling)" "0 heuristic" "without the sessions of others the ceiling is heuristic"
like "$(cat "$TEST_DIR/err")" 'GRANT pg_read_all_stats TO blind' "the run names the grant"
defsync check --config "$CONFIG" >"$TEST_DIR/out" 2>&1
like "$(cat "$TEST_DIR/out")" 'GRANT pg_read_all_stats TO blind' "so does check"
ROLE=reader

# --- what fills a column ---

# ceiling_of COLUMN: of a table with this column and what follows it.
ceiling_of() {
	pg "DROP TABLE IF EXISTS filled; CREATE TABLE filled (id int PRIMARY KEY, at $1); ${2:-} INSERT INTO filled VALUES (1);
		GRANT SELECT ON filled TO reader" >"$TEST_DIR/out" 2>&1
	new_store
	postgres_config "from: filled, to: bronze.filled, watermark: at, null_watermark: every_run"
	run --report "$TEST_DIR/report.json"
	echo "$STATUS $(report ceiling)"
}

touch_filled="CREATE TRIGGER filled_touch BEFORE INSERT OR UPDATE ON filled FOR EACH ROW EXECUTE FUNCTION"
pg "CREATE FUNCTION touch_at() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN NEW.at := now(); RETURN NEW; END';
	CREATE FUNCTION touch_other() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN NEW.chat := now(); RETURN NEW; END';
	CREATE FUNCTION touch_missing() RETURNS trigger LANGUAGE plpgsql AS
		'BEGIN IF NEW.at IS NULL THEN NEW.at := now(); END IF; RETURN NEW; END';
	CREATE FUNCTION touch_all() RETURNS trigger LANGUAGE plpgsql AS
		'BEGIN EXECUTE ''SELECT (\$1).*'' INTO NEW USING NEW; RETURN NEW; END'"
is "$(ceiling_of "timestamptz DEFAULT now() - interval '1 day'")" "0 heuristic" "a default that is not the clock itself"
is "$(ceiling_of 'timestamptz(0) DEFAULT CURRENT_TIMESTAMP(0)')" "0 proven" "a default with fewer digits is a proof"
is "$(ceiling_of "timestamp DEFAULT (now() AT TIME ZONE 'UTC')")" "0 proven" "and so is one in UTC"
is "$(ceiling_of "timestamptz DEFAULT timezone('utc', now())")" "0 heuristic" "but not in a column with a zone"
is "$(ceiling_of timestamptz "$touch_filled touch_at();")" "0 proven" "a trigger that sets the column is a proof"
is "$(ceiling_of timestamptz "ALTER TABLE filled ADD chat timestamptz; $touch_filled touch_other();")" "0 heuristic" \
	"not one that sets another"
is "$(ceiling_of timestamptz "$touch_filled touch_at(); ALTER TABLE filled ENABLE REPLICA TRIGGER filled_touch;")" \
	"0 heuristic" "nor one that does not fire"
is "$(ceiling_of timestamptz "CREATE TRIGGER t BEFORE UPDATE ON filled FOR EACH ROW EXECUTE FUNCTION touch_at();")" \
	"0 heuristic" "nor one for UPDATE alone, as INSERT is given a value"
is "$(ceiling_of timestamptz "$touch_filled touch_missing();")" "0 heuristic" "nor one that sets what is missing"
is "$(ceiling_of timestamptz "CREATE TRIGGER t BEFORE INSERT OR UPDATE ON filled FOR EACH ROW WHEN (NEW.id > 0)
	EXECUTE FUNCTION touch_at();")" "0 heuristic" "nor one that has a condition"
is "$(ceiling_of timestamptz "CREATE TRIGGER t BEFORE INSERT OR UPDATE OF id ON filled FOR EACH ROW
	EXECUTE FUNCTION touch_at();")" "0 proven" "but one whose UPDATE alone has"
is "$(ceiling_of 'timestamptz DEFAULT now()' "$touch_filled touch_missing(); CREATE TRIGGER t BEFORE UPDATE OF id ON filled
	FOR EACH ROW EXECUTE FUNCTION touch_at();")" "0 proven" "and any of these beside a default"
is "$(ceiling_of 'timestamptz DEFAULT now()' "$touch_filled touch_all();")" "0 heuristic" \
	"but not beside one that may set any column"
if pg "CREATE EXTENSION moddatetime" 2>"$TEST_DIR/out"; then
	is "$(ceiling_of 'timestamptz DEFAULT now()' "CREATE TRIGGER t BEFORE UPDATE ON filled FOR EACH ROW EXECUTE FUNCTION moddatetime(at);")" \
		"0 proven" "moddatetime beside a default is a proof"
fi

# --- numbers that begin again ---

pg "CREATE TABLE counted (id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY, v int);
	INSERT INTO counted (v) SELECT i FROM generate_series(1, 20000) AS i;
	GRANT SELECT ON counted TO reader"
new_store
postgres_config "from: counted, to: bronze.counted, watermark: id"
run
run_is 0 "a table with a number is loaded"
pg "TRUNCATE counted RESTART IDENTITY; INSERT INTO counted (v) VALUES (1), (2)"
run
run_is 0 "numbers that begin again do not end the reading"
like "$(cat "$TEST_DIR/err")" "newest 'id' of 'public.counted', 2, is below .*, 9999: .*state reset" "but are told"

# --- values in a key that cannot be given ---

pg "CREATE TABLE endless (d date NOT NULL, n numeric NOT NULL, v int NOT NULL, PRIMARY KEY (d, n));
	INSERT INTO endless VALUES ('-infinity', 1, 1), ('2024-01-01', 'NaN', 2), ('2024-01-01', 3, 3), ('infinity', 4, 4),
		('infinity', 5, 5), ('2024-01-02', 6, 6);
	GRANT SELECT ON endless TO reader"
for OPTIONS in 'page_rows: 1' 'page_rows: 200000'; do
	new_store
	postgres_config "from: endless, to: bronze.endless, watermark: v"
	run --report "$TEST_DIR/report.json"
	run_is 7 "infinities and NaN in a key do not end a run ($OPTIONS)"
	is "$(report rows_read) $(report rows_pushed) $(report rows_dead_lettered)" "6 2 4" "their rows are dead letters"
done
like "$(defsync dlq list --config "$CONFIG" --json)" 'the key holds an infinite time.*the key holds NaN' "with the reason"
pg "INSERT INTO endless VALUES ('infinity', 7, 20001), ('2024-01-03', 8, 20002)"
run --report "$TEST_DIR/report.json"
is "$(landed "SELECT count(*) FROM \"bronze.endless\" WHERE v = 20002") $(report ceiling)" "1 heuristic" \
	"and later rows come"
OPTIONS='page_rows: 700'

# refused TABLE REGEX NAME: exit status 4 and a message.
refused() {
	postgres_config "$1"
	run
	like "$STATUS $(cat "$TEST_DIR/err")" "^4 .*$2" "$3"
}

refused 'from: public.forbidden, to: bronze.x, watermark: updated_at' \
	'GRANT SELECT ON public.forbidden TO reader' "a missing grant is named"
refused 'from: public.order, to: bronze.x, watermark: updated_at, key: id' \
	"public.order.*did you mean 'public.orders'" "a missing table is told with the nearest one"
refused 'from: orders, to: bronze.x, watermark: changed' "has no column 'changed'" "so is a missing column"
refused 'from: orders, to: bronze.x, watermark: updated_at, where: "nope = 1"' '"nope" does not exist' \
	"and a mistake in where"
refused 'from: orders, to: bronze.x, watermark: updated_at, where: "true); SELECT (1"' 'syntax error' \
	"where is one condition"
refused 'from: slow, to: bronze.x, watermark: updated_at' "configure its 'key'" "a view needs a key"

PASSWORD=not-the-password refused "$ORDERS" 'password authentication failed' "a wrong password"
unlike "$(cat "$TEST_DIR/err")" 'not-the-password' "which is not printed"
CA=$TEST_DIR/certs/other-ca.pem refused "$ORDERS" 'certificate verify failed' "a certificate of another authority"

# --- names, keys, queries ---

new_store
OPTIONS=
postgres_config "from: '\"Odd\".\"Na\"\"me.x\"', to: bronze.odd, watermark: at" \
	'from: slow, to: bronze.view, watermark: updated_at, key: id, where: "id <= 20"' \
	"from: counted, to: bronze.query, watermark: newest, key: status, query: 'SELECT status, count(*) AS n,
		max(updated_at) AS newest FROM orders GROUP BY status'"
run --report "$TEST_DIR/report.json"
run_is 0 "quoted names, a view and a query are read"
is "$(landed 'SELECT count(*), count(DISTINCT a || B) FROM "bronze.odd"')" "21|21" "a key of two columns"
is "$(report ceiling)" proven "a default in UTC is a proof whatever the server's zone"
is "$(landed 'SELECT count(*) FROM "bronze.view"')" 20 "the rows of the view"
is "$(landed 'SELECT n FROM "bronze.query" WHERE status = '"'new'")" \
	"$(pg "SELECT count(*) FROM orders WHERE status = 'new'")" "the rows of the query"
pg "INSERT INTO \"Odd\".\"Na\"\"me.x\" VALUES (1, 'a'), (1, 'é')"
run --report "$TEST_DIR/report.json"
is "$STATUS $(report rows_pushed)" "0 2" "a later run goes on behind a key of two columns"

# --- what happens meanwhile ---

# sleepers N: so many statements wait for the blocker.
sleepers() {
	[ "$(pg "SELECT count(*) FROM pg_stat_activity WHERE wait_event = 'PgSleep'")" = "$1" ]
}

SLOW='from: slow, to: bronze.slow, watermark: updated_at, key: id'
new_store
PUSH='batch_rows: 100, retry_for: 10s'
postgres_config "$SLOW, where: 'id = 1500'"
defsync_start run --config "$CONFIG"
wait_until 10 sleepers 1
begin=$SECONDS
stop_process "$DEFSYNC_PID" TERM
status=$?
ok "SIGTERM ends a run that waits for the server ($status)" test "$status" = 143 -a $((SECONDS - begin)) -lt 5
ok "and its statement at the server" wait_until 5 sleepers 0

new_store
postgres_config "$SLOW"
defsync_start run --config "$CONFIG"
landed_slow() {
	[ "$(ledger_rows_of bronze.slow)" -ge 500 ]
}
ok "a load is under way" wait_until 20 landed_slow
postgres_restart immediate
wait "$DEFSYNC_PID"
is $? 6 "a server that dies is something that passes"
like "$(cat "$TEST_DIR/defsync.err")" 'run again' "and is told so"
before=$(ledger_rows_of bronze.slow)
pg "DELETE FROM blocker"
run
run_is 0 "the next run goes on"
is "$(landed 'SELECT count(DISTINCT id) FROM "bronze.slow"')" 2000 "all rows are there"
ok "without beginning anew ($before before)" test "$(ledger_rows_of bronze.slow)" -lt $((1800 + before))

pg "ALTER SYSTEM SET ssl = off; SELECT pg_reload_conf()" >"$TEST_DIR/out"
wait_until 5 test "$(pg "SHOW ssl")" = off
refused "$ORDERS" 'does not support SSL' "a server without TLS"

done_testing
