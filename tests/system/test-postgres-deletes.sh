#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# detect_deletes with a PostgreSQL server: keys of its types are listed, looked up and
# sent as they were, and only those that are gone.

. "$(dirname "$0")/../lib/functions.sh"
. "$TESTS_DIR/lib/runs.sh"
. "$TESTS_DIR/lib/deletes.sh"
. "$TESTS_DIR/lib/servers.sh"
needs sqlite3 jq curl

postgres_start "$TEST_DIR/pg" "timezone = 'Europe/Berlin'" || exit 1
receiver_start

keys="bigint:i numeric(30,5):i*1234567890123.12345 text:'k'||i||'ä\"' uuid:md5(i::text)::uuid date:date'2024-01-01'+i
	timestamptz:timestamptz'2024-01-01'+i*interval'1.000001s' timestamp:timestamp'2024-01-01'+i*interval'1.5s'
	bytea:decode(md5(i::text),'hex') boolean:i%2=0 varchar(9):'K'||i char(5):i"
n=0
: >"$TEST_DIR/tables"
for key in $keys; do
	n=$((n + 1))
	rows=120
	[ "${key%%:*}" != boolean ] || rows=2
	pg "CREATE TABLE k$n (k ${key%%:*} PRIMARY KEY, v text, updated_at timestamptz NOT NULL DEFAULT now());
		INSERT INTO k$n SELECT ${key#*:}, 'v' FROM generate_series(1, $rows) AS i" || exit 1
	echo "k$n ${key%%:*}" >>"$TEST_DIR/tables"
done
pg "CREATE TABLE kk (a int, b text, v text, updated_at timestamptz NOT NULL DEFAULT now(), PRIMARY KEY (b, a));
	INSERT INTO kk SELECT i, 'b' || i % 3, 'v' FROM generate_series(1, 120) AS i;
	CREATE ROLE reader LOGIN PASSWORD 'the-reader-password';
	GRANT pg_read_all_stats TO reader;
	GRANT SELECT ON ALL TABLES IN SCHEMA public TO reader" || exit 1

{
	base_config
	cat <<-EOT
		sources:
		  shop:
		    plugin: postgres
		    host: 127.0.0.1
		    port: ${PG_PORT}
		    database: postgres
		    user: reader
		    password: the-reader-password
		    sslmode: verify-full
		    sslrootcert: ${PG_CA}
		    defaults: { watermark: updated_at, cdc_columns: true, detect_deletes: every 0s }
		    tables:
		      - { from: public.kk, to: bronze.kk }
	EOT
	while read -r table _; do
		echo "      - { from: public.$table, to: bronze.$table }"
	done <"$TEST_DIR/tables"
} >"$CONFIG"
chmod 600 "$CONFIG"

run
run_is 0 "first passes"
while read -r table _; do
	pg "DELETE FROM $table WHERE k IN (SELECT k FROM $table ORDER BY md5(k::text) LIMIT 7)" || exit 1
	pg "SELECT count(*) FROM $table" >"$TEST_DIR/$table.left"
done <"$TEST_DIR/tables"
pg "DELETE FROM kk WHERE a IN (5, 77)"
run
run_is 0 "some are deleted"
while read -r table type; do
	gone_are "$table" k "$(cat "$TEST_DIR/$table.left")" "key of type $type"
done <"$TEST_DIR/tables"
gone_are kk "a || b" 118 "key of two columns"
run
run_is 0 "nothing more"
is "$(grep -c 'keys_listed 0, deleted 0' "$TEST_DIR/err")" "$((n + 1))" "is gone"
done_testing
