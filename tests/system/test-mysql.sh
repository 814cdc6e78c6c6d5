#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# The mysql source against a real MariaDB over TLS: rows and values, ties, late commits,
# grants, certificates, cancel, a server that dies, and one that is hostile.

. "$(dirname "$0")/../lib/functions.sh"
. "$TESTS_DIR/lib/runs.sh"
. "$TESTS_DIR/lib/servers.sh"
needs sqlite3 jq curl

# mysql_config TABLE_LINES [SOURCE_LINE...]: of the running server, over TLS unless told.
mysql_config() {
	local tables=$1 line
	shift
	{
		base_config
		cat <<-EOT
			sources:
			  shop:
			    plugin: mysql
			    host: ${MY_HOST:-127.0.0.1}
			    port: ${MY_PORT_USED:-$MY_PORT}
			    user: ${MY_USER:-reader}
			    password: ${MY_PASSWORD:-the-password}
			    database: shop
		EOT
		for line in "${@:-ssl_ca: $MY_CA}"; do
			printf '    %s\n' "$line"
		done
		printf '    tables:\n%s\n' "$tables"
	} >"$CONFIG"
	chmod 600 "$CONFIG"
}

orders='      - { from: orders, to: bronze.orders, watermark: updated_at }'
err() {
	cat "$TEST_DIR/err" "$TEST_DIR/out"
}

# Also at an address that its certificate does not name.
mariadb_start "$TEST_DIR/server" 'bind-address = 127.0.0.1,127.0.0.2'
receiver_start
my "CREATE DATABASE shop;
	CREATE USER reader@'%' IDENTIFIED BY 'the-password';
	GRANT SELECT ON shop.* TO reader@'%';
	GRANT PROCESS ON *.* TO reader@'%';
	CREATE USER blind@'%' IDENTIFIED BY 'the-password';
	GRANT SELECT ON shop.* TO blind@'%';"
MY_DATABASE=shop
my "CREATE TABLE orders (id BIGINT UNSIGNED PRIMARY KEY AUTO_INCREMENT, name VARCHAR(20),
		updated_at TIMESTAMP(6) NOT NULL DEFAULT CURRENT_TIMESTAMP(6) ON UPDATE CURRENT_TIMESTAMP(6),
		KEY (updated_at, id));
	INSERT INTO orders (name, updated_at)
		SELECT CONCAT('n', seq), '2024-01-01' + INTERVAL seq DIV 700 SECOND FROM seq_1_to_3000;"

# --- first load, what changed, ties over pages, late commits -------------------------

mysql_config "$orders" "ssl_ca: $MY_CA" 'page_rows: 250'
run
run_is 0 'the first load over TLS'
is "$(landed 'SELECT count(*), count(DISTINCT id) FROM "bronze.orders"')" '3000|3000' 'every row once'

my "UPDATE orders SET name = 'changed' WHERE id <= 5; INSERT INTO orders (name) VALUES ('new')"
# Longer than a look-back ago by its own time, committed behind the next run: a session that
# keeps a transaction open from before that run.
mkfifo "$TEST_DIR/late"
mariadb --no-defaults -S "$MY_SOCKET" -u root shop <"$TEST_DIR/late" >/dev/null &
late=$!
kill_at_exit "$late"
exec 9>"$TEST_DIR/late"
echo "BEGIN; INSERT INTO orders (name) VALUES ('late'); SELECT 1;" >&9
open_transaction() {
	[ "$(my "SELECT COUNT(*) FROM information_schema.INNODB_TRX WHERE trx_rows_modified > 0")" = 1 ]
}
wait_until 5 open_transaction

my "INSERT INTO orders (name) VALUES ('after')"
mysql_config "${orders/ \}/, lookback: 0 \}}" "ssl_ca: $MY_CA" 'page_rows: 250'
run --report "$TEST_DIR/report.json"
run_is 0 'the second run, with a transaction open and no look-back'
is "$(landed "SELECT group_concat(name) FROM (SELECT name FROM \"bronze.orders\"
	WHERE name IN ('changed', 'new', 'after', 'late') ORDER BY CAST(id AS INT))")" \
	'changed,changed,changed,changed,changed,new,after' 'sends what changed, and no more'
is "$(jq -r '.tables[0].ceiling' "$TEST_DIR/report.json")" heuristic 'and its ceiling is heuristic'
run
echo 'COMMIT; SELECT 1;' >&9
exec 9>&-
wait "$late"
run
run_is 0 'the run behind the late commit'
is "$(landed "SELECT count(*) FROM \"bronze.orders\" WHERE name = 'late'")" 1 \
	'the row that was committed late arrives, once'
is "$(landed 'SELECT count(*) FROM "bronze.orders"')" 3008 'and nothing twice'

# --- values ------------------------------------------------------------------------------

my "SET sql_mode = ''; CREATE TABLE kinds (id INT PRIMARY KEY, big BIGINT UNSIGNED, small TINYINT UNSIGNED,
		price DECIMAL(12,2) ZEROFILL, bit1 BIT(1), bit9 BIT(9), flag TINYINT(1), txt TEXT CHARACTER SET latin1,
		doc JSON, bin VARBINARY(9), d DATE, dt DATETIME(3), ts TIMESTAMP NULL, t TIME(2), y YEAR,
		e ENUM('a','b'), s SET('x','y'), u UUID, g POINT, v DATETIME NOT NULL);
	INSERT INTO kinds VALUES (1, 18446744073709551615, 255, 12.5, 1, 257, 1, REPEAT('ä', 6000), '{\"a\": [1]}', x'00ff',
		'2024-02-29', '2024-01-02 03:04:05.678', '2024-07-01 00:00:00', '-838:59:59.25', 2024, 'b', 'x,y',
		'123e4567-e89b-12d3-a456-426614174000', POINT(1, 2), '2024-01-01'),
		(2, 0, 0, 0, 0, 0, 0, '', 'null', '', '0000-00-00', '2024-00-00', 0, '10:00', 0, '', '', NULL, NULL, '2024-01-02'),
		(3, NULL, NULL, NULL, NULL, NULL, -1, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, '0000-00-00');
	SET GLOBAL sql_quote_show_create = 0;
	SET time_zone = '+05:00'; UPDATE kinds SET ts = '2024-07-01 05:00:00' WHERE id = 1;"
mysql_config '      - { from: kinds, to: bronze.kinds, watermark: v, null_watermark: every_run, tinyint1: bool }'
run --stdout
run_is 0 'all kinds of columns'
like "$(err)" 'zero_dates 4' 'zero dates are counted'
values() {
	jq -cS "select(.id == $1) | del(.txt)" "$TEST_DIR/out"
}
is "$(values 1)" "$(jq -cS . <<-'END'
	{"id":1,"big":"18446744073709551615","small":255,"price":"12.50","bit1":true,"bit9":"257","flag":true,
	"doc":{"a":[1]},"bin":"AP8=","d":"2024-02-29","dt":"2024-01-02T03:04:05.678",
	"ts":"2024-07-01T00:00:00Z","t":"-838:59:59.25","y":2024,"e":"b","s":["x","y"],
	"u":"123e4567-e89b-12d3-a456-426614174000","g":"POINT(1 2)","v":"2024-01-01T00:00:00"}
END
)" 'values are what they were'
is "$(jq -r 'select(.id == 1) | .txt | length' "$TEST_DIR/out")" 6000 'a long text is whole'
is "$(values 2)" "$(jq -cS . <<-'END'
	{"id":2,"big":"0","small":0,"price":"0.00","bit1":false,"bit9":"0","flag":false,
	"doc":null,"bin":"","d":null,"dt":null,"ts":null,"t":"10:00:00.00","y":0,"e":"","s":[],
	"u":null,"g":null,"v":"2024-01-02T00:00:00"}
END
)" 'zeros and empty values'
is "$(jq -r 'select(.id == 3) | .v' "$TEST_DIR/out")" null 'a zero date is no watermark'
is "$(jq -r 'select(.id == 3) | .flag' "$TEST_DIR/out")" true 'a boolean below zero is true'

my "SET sql_mode = ''; CREATE TABLE parts (id INT PRIMARY KEY, d DATE NOT NULL, KEY (d));
	INSERT INTO parts VALUES (1, '2024-02-00'), (2, '2024-03-01'), (3, '2024-02-28')"
mysql_config '      - { from: parts, to: bronze.parts, watermark: d }'
defsync check --config "$CONFIG" >"$TEST_DIR/out" 2>&1
like "$(cat "$TEST_DIR/out")" 'month or day is zero' 'check finds watermarks that are no dates'
run
is "$STATUS" 4 'which end a run'
like "$(err)" "'d' is NULL" 'with the reason'

# --- dates in a key --------------------------------------------------------------------------

my "SET sql_mode = ''; CREATE TABLE days (d DATE NOT NULL, n INT NOT NULL, v INT NOT NULL, PRIMARY KEY (d, n));
	INSERT INTO days VALUES ('0000-00-00', 1, 1), ('0000-00-00', 2, 2), ('2024-00-00', 3, 3), ('2024-01-01', 4, 4)"
mysql_config '      - { from: days, to: bronze.days, watermark: v }' "ssl_ca: $MY_CA" 'page_rows: 1'
run --report "$TEST_DIR/report.json"
run_is 7 'zero dates in a key'
is "$(jq -c '.tables[0] | [.rows_read, .rows_pushed, .rows_dead_lettered]' "$TEST_DIR/report.json")" '[4,1,3]' \
	'are dead letters, and reading goes on behind them'
like "$(defsync dlq list --config "$CONFIG" --json)" "'d' is part of the key and holds a date with zeros" \
	'with the reason'
my "ALTER TABLE days ENGINE = MyISAM"
run --full-refresh
is "$STATUS" 4 'but not in a table without snapshots'
like "$(err)" 'correct that row' 'which says what to do'

# --- texts that differ behind the first kilobyte ------------------------------------------

my "CREATE TABLE texts (id INT PRIMARY KEY, k VARCHAR(2000) COLLATE utf8mb4_nopad_bin NOT NULL, l LONGTEXT NOT NULL);
	INSERT INTO texts VALUES (1, 'a', 'a')"
texts='      - { from: texts, to: bronze.texts, watermark: k }'
mysql_config "$texts" "ssl_ca: $MY_CA" 'page_rows: 50'
run
run_is 0 'a text as a watermark'
my "INSERT INTO texts SELECT seq, CONCAT(REPEAT('b', 1500), 10000 - seq), '' FROM seq_2_to_501"
run
run_is 0 'long texts'
is "$(landed 'SELECT count(DISTINCT id) FROM "bronze.texts"')" 501 'are read in the order of all their bytes'
mysql_config "${texts/watermark: k/watermark: l}"
defsync check --config "$CONFIG" >"$TEST_DIR/out" 2>&1
like "$(cat "$TEST_DIR/out")" 'longer than the server sorts by' 'longer ones are refused'

# --- views that are broken -------------------------------------------------------------------

my "CREATE DATABASE views; GRANT SELECT ON views.* TO reader@'%'; CREATE TABLE views.base (id INT PRIMARY KEY);
	CREATE TABLE views.gone (id INT PRIMARY KEY); CREATE VIEW views.a_torn AS SELECT * FROM views.gone;
	CREATE DEFINER = ghost@localhost SQL SECURITY DEFINER VIEW views.b_orphan AS SELECT * FROM views.base;
	CREATE VIEW views.c_good AS SELECT * FROM views.base; DROP TABLE views.gone; INSERT INTO views.base VALUES (1)"
mysql_config '      - { from: "views.*", to: "bronze.*", watermark: id, key: id }'
run
run_is 0 'a pattern goes past views that are broken'
like "$(err)" 'view .views.\..a_torn. is left out: .*invalid' 'names one without its table'
like "$(err)" 'view .views.\..b_orphan. is left out: .*its definer' 'and one without its definer'
is "$(landed 'SELECT count(*) FROM "bronze.base"'; landed 'SELECT count(*) FROM "bronze.c_good"')" $'1\n1' \
	'and reads the others'

# --- grants, tables, TLS -------------------------------------------------------------------

# "status words" of a run.
expect() {
	run
	like "$STATUS" "^$1\$" "$3: exit $1"
	like "$(err)" "$2" "$3"
}

MY_USER=blind mysql_config "$orders"
defsync check --config "$CONFIG" >"$TEST_DIR/out" 2>"$TEST_DIR/err"
like "$(err)" "GRANT PROCESS ON \*\.\* TO 'blind'@'%'" 'check names the grant that is missing'
MY_PASSWORD=wrong mysql_config "$orders"
expect 4 'Access denied' 'a wrong password'
unlike "$(err)" 'the-password|wrong' 'which is not shown'
mysql_config "${orders/from: orders/from: nothing}"
expect 4 "no such table or view: 'nothing'" 'a missing table'
mysql_config "$orders" "ssl_ca: $TEST_DIR/certs/other-ca.pem"
expect 4 'certificate' 'the certificate of another authority'
# Libraries since 3.4 cannot do it; what they are told is what 3.3 has to do.
mysql_config "$orders" 'ssl_mode: verify_ca' "ssl_ca: $TEST_DIR/certs/other-ca.pem"
expect '[34]' 'certificate|verify nothing' 'verify_ca with the certificate of another authority'
MY_HOST=127.0.0.2 mysql_config "$orders" "ssl_ca: $MY_CA"
expect 4 'certificate' 'a host that the certificate does not name'
MY_HOST=127.0.0.2 mysql_config "$orders" 'ssl_mode: verify_ca' "ssl_ca: $MY_CA"
expect '[03]' 'done|verify nothing' 'which verify_ca takes'
mysql_config "$orders" 'ssl_mode: required'
expect 0 'done' 'any certificate where only encryption is required'
MY_HOST=localhost mysql_config "$orders" "ssl_ca: $MY_CA"
expect 0 'done' 'the host name of the certificate'

# --- cancel, and a server that dies -----------------------------------------------------------

my "CREATE TABLE slow (id INT PRIMARY KEY, v INT NOT NULL, KEY (v));
	INSERT INTO slow SELECT seq, seq FROM seq_1_to_2000"
slow='      - { from: slow, to: bronze.slow, watermark: v, where: "SLEEP(0.01) = 0" }'
mysql_config "$slow"
sleeping() {
	[ "$(my "SELECT COUNT(*) FROM information_schema.PROCESSLIST WHERE USER = 'reader' AND STATE = 'User sleep'")" = 1 ]
}
defsync_start run --config "$CONFIG"
wait_until 5 sleeping
began=$(date +%s%N)
stop_process "$DEFSYNC_PID" TERM
is $? 143 'SIGTERM in a statement'
took=$((($(date +%s%N) - began) / 1000000))
ok "ends it within 2 s ($took ms)" [ "$took" -lt 2000 ]
is "$(my "SELECT COUNT(*) FROM information_schema.PROCESSLIST WHERE USER = 'reader'")" 0 \
	'also on the server'

PUSH='batch_rows: 50, retry_for: 5s' mysql_config "$slow" "ssl_ca: $MY_CA" 'page_rows: 50'
defsync_start run --config "$CONFIG"
some_landed() {
	[ "$(landed 'SELECT count(*) FROM "bronze.slow"' 2>&1)" -ge 100 ]
}
wait_until 10 some_landed
mariadb_stop kill
wait "$DEFSYNC_PID"
is $? 6 'the server is killed: temporary' || diag <"$TEST_DIR/defsync.err"
mariadb_restart
before=$(landed 'SELECT count(*) FROM "bronze.slow"')
ok "some of the rows had arrived ($before)" [ "$before" -lt 2000 ]
mysql_config "${slow/, where: \"SLEEP(0.01) = 0\"/}"
run --report "$TEST_DIR/report.json"
run_is 0 'the next run goes on'
is "$(landed 'SELECT count(DISTINCT id) FROM "bronze.slow"')" 2000 'every row arrives'
ok 'behind what had arrived' [ "$(jq '.tables[0].rows_read' "$TEST_DIR/report.json")" -lt 2000 ]

# --- the rest of a result that nobody wants ------------------------------------------------

# Its key is not unique, so that it is read in one statement, of half a minute, in the order
# of the index.
my "CREATE TABLE wide (id INT NOT NULL, pad CHAR(200) NOT NULL, KEY (id, pad));
	INSERT INTO wide SELECT seq, REPEAT('x', 200) FROM seq_1_to_3000;
	CREATE USER single@'%' IDENTIFIED BY 'the-password' WITH MAX_USER_CONNECTIONS 1;
	GRANT SELECT ON shop.* TO single@'%'"
MY_USER=single mysql_config '      - { from: wide, to: bronze.wide, watermark: id, key: id, where: "SLEEP(0.01) = 0" }'
began=$(date +%s)
defsync preview wide -n 1 --config "$CONFIG" >"$TEST_DIR/out" 2>"$TEST_DIR/err"
is $? 0 'one row, for a user who may not connect again to stop the statement'
ok 'the rest is not waited for' [ "$(($(date +%s) - began))" -lt 15 ]

# --- a server without TLS ------------------------------------------------------------------------

echo 'ssl = 0' >>"$(dirname "$MY_DATA")/my.cnf"
mariadb_restart
mysql_config "$orders" "ssl_ca: $MY_CA"
expect 4 'SSL is required|TLS' 'a server without TLS is refused'
mysql_config "$orders" 'ssl_mode: required'
expect 4 "ssl_mode: disabled" 'also where only encryption is required'
mysql_config "$orders" 'ssl_mode: disabled'
expect 0 'done' 'but not where that is written'

# --- a hostile server ------------------------------------------------------------------------------

rogue() {
	rm -f "$TEST_DIR/rogue.port" "$TEST_DIR/rogue.log"
	"$DEFSYNC_BUILDDIR/tests/system/rogue-mysql" "$TEST_DIR/rogue.port" "$TEST_DIR/rogue.log" "$@" &
	rogue_pid=$!
	kill_at_exit "$rogue_pid"
	wait_until 5 test -s "$TEST_DIR/rogue.port"
	MY_PORT_USED=$(cat "$TEST_DIR/rogue.port") mysql_config "$orders" "ssl_mode: ${SSL_MODE:-disabled}"
	run
	stop_process "$rogue_pid"
}
rogue
isnt "$STATUS" 0 'a server that asks for a file'
like "$(cat "$TEST_DIR/rogue.log")" 'no local files
statement' 'is told that there are none, and is let down'
unlike "$(cat "$TEST_DIR/rogue.log")" sent 'nothing is sent to it'
for plugin in mysql_clear_password dialog; do
	rogue "$plugin"
	isnt "$STATUS" 0 "a server that asks for a login by $plugin"
	unlike "$(cat "$TEST_DIR/rogue.log")" login 'is not told the password'
done
for cut in tls-close tls-reset tls-hello; do
	SSL_MODE=required rogue "$cut"
	is "$STATUS" 6 "a connection that ends in the handshake of TLS ($cut) is temporary"
done
done_testing
