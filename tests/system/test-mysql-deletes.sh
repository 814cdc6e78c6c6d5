#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# detect_deletes with a MariaDB server: keys of its types are listed, looked up and sent
# as they were, and only those that are gone.

. "$(dirname "$0")/../lib/functions.sh"
. "$TESTS_DIR/lib/runs.sh"
. "$TESTS_DIR/lib/deletes.sh"
. "$TESTS_DIR/lib/servers.sh"
needs sqlite3 jq curl

mariadb_start "$TEST_DIR/server" || exit 1
receiver_start
my "CREATE DATABASE shop;
	CREATE USER reader@'%' IDENTIFIED BY 'the-password';
	GRANT SELECT ON shop.* TO reader@'%';
	GRANT PROCESS ON *.* TO reader@'%';" || exit 1
MY_DATABASE=shop

keys="BIGINT|seq BIGINT_UNSIGNED|18446744073709551615-seq DECIMAL(30,5)|seq*1234567890123.12345
	VARCHAR(20)|CONCAT('k',seq,'ä\"') VARBINARY(16)|UNHEX(MD5(seq)) DATE|'2024-01-01'+INTERVAL/**/seq/**/DAY
	DATETIME(6)|'2024-01-01'+INTERVAL/**/seq*1.000001/**/SECOND CHAR(5)|seq TIME|SEC_TO_TIME(seq*100)
	YEAR|1901+seq"
n=0
: >"$TEST_DIR/tables"
for key in $keys; do
	n=$((n + 1))
	type=${key%%|*}
	my "CREATE TABLE k$n (k ${type//_/ } PRIMARY KEY, v TEXT, updated_at TIMESTAMP(6) NOT NULL DEFAULT CURRENT_TIMESTAMP(6));
		INSERT INTO k$n (k, v) SELECT ${key#*|}, 'v' FROM seq_1_to_120" || exit 1
	echo "k$n $type" >>"$TEST_DIR/tables"
done
my "CREATE TABLE kk (a INT, b VARCHAR(9), v TEXT, updated_at TIMESTAMP(6) NOT NULL DEFAULT CURRENT_TIMESTAMP(6), PRIMARY KEY (b, a));
	INSERT INTO kk (a, b, v) SELECT seq, CONCAT('b', seq % 3), 'v' FROM seq_1_to_120" || exit 1

{
	base_config
	cat <<-EOT
		sources:
		  shop:
		    plugin: mysql
		    host: 127.0.0.1
		    port: ${MY_PORT}
		    user: reader
		    password: the-password
		    database: shop
		    ssl_ca: ${MY_CA}
		    defaults: { watermark: updated_at, cdc_columns: true, detect_deletes: every 0s }
		    tables:
		      - { from: kk, to: bronze.kk }
	EOT
	while read -r table _; do
		echo "      - { from: $table, to: bronze.$table }"
	done <"$TEST_DIR/tables"
} >"$CONFIG"
chmod 600 "$CONFIG"

run
run_is 0 "first passes"
while read -r table _; do
	my "DELETE FROM $table ORDER BY MD5(k) LIMIT 7" || exit 1
done <"$TEST_DIR/tables"
my "DELETE FROM kk WHERE a IN (5, 77)"
run
run_is 0 "some are deleted"
while read -r table type; do
	gone_are "$table" k 113 "key of type $type"
done <"$TEST_DIR/tables"
gone_are kk "a || b" 118 "key of two columns"

# Case does not matter to the server, but to the target.
my "UPDATE k4 SET k = UPPER(k) WHERE k = (SELECT * FROM (SELECT min(k) FROM k4) AS first)"
run
run_is 0 "a key in other letters"
gone_are k4 k 113 "is not gone"
run
run_is 0 "nothing more"
is "$(grep -c 'keys_listed 0, deleted 0' "$TEST_DIR/err")" "$((n + 1))" "is gone"
done_testing
