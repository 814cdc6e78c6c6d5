# shellcheck shell=bash
# SPDX-License-Identifier: MIT
# The mysql source for suite.sh, on a server of MariaDB.

PLUGIN=mysql
LATER='updated_at + INTERVAL 30 DAY'
NOW='now(6)'
BEGIN='START TRANSACTION'
LOCK='LOCK TABLES events WRITE'
UNLOCK='UNLOCK TABLES'
WHERE="amount > 10 AND name <> 'plain 7'"
PATTERN='conform.ev*'
EVENTS_FROM=conform.events
INDEX_FINDING=1
# The server has no number that tells a table from a later one of the same name.
SAME_TABLE=1

sql() {
	my "SET sql_mode = 'STRICT_ALL_TABLES,NO_BACKSLASH_ESCAPES', time_zone = '+00:00'; $1"
}

source_start() {
	mariadb_start "$TEST_DIR/server" 'default_time_zone = +05:45' &&
		my "CREATE DATABASE conform; CREATE DATABASE other;
			CREATE USER reader@'%' IDENTIFIED BY 'reader-password' REQUIRE SSL;
			GRANT PROCESS ON *.* TO reader@'%'" && MY_DATABASE=conform || return 1
	connect_options
	SESSION=(mariadb --no-defaults -N -B -n --force --default-character-set=utf8mb4
		--init-command "SET sql_mode = 'NO_BACKSLASH_ESCAPES', time_zone = '+00:00'"
		-u root -S "$MY_SOCKET" conform)
}

connect_options() {
	local server=(--set host=127.0.0.1 --set "port=$MY_PORT" --set user=reader
		--set ssl_mode=verify_identity --set "ssl_ca=$MY_CA")
	CONNECT=("${server[@]}" --set database=conform --set password=reader-password)
	OTHER=("${server[@]}" --set database=other --set password=reader-password)
	WRONG_PASSWORD=("${server[@]}" --set database=conform --set password=wrong-password)
}

page_options() {
	PAGE=()
	[ "$1" = 0 ] || PAGE=(--set "page_rows=$1")
}

events_table() {
	sql "DROP TABLE IF EXISTS $1;
		CREATE TABLE $1 (id BIGINT PRIMARY KEY, updated_at TIMESTAMP(6) NULL DEFAULT NULL, name VARCHAR(100),
			amount DECIMAL(10,2), note TEXT);
		GRANT SELECT ON $1 TO reader@'%'"
}

events_reference() {
	sql "SELECT json_object('id', id, 'updated_at', date_format(updated_at, '%Y-%m-%dT%H:%i:%s.%fZ'),
			'name', name, 'amount', CAST(amount AS CHAR), 'note', note)
		FROM events WHERE ${1:-true}"
}

pairs_table() {
	sql "DROP TABLE IF EXISTS pairs;
		CREATE TABLE pairs (a INTEGER, b VARCHAR(20) CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin,
			updated_at DATETIME, n INTEGER, PRIMARY KEY (a, b));
		GRANT SELECT ON pairs TO reader@'%'"
}

other_database() {
	sql "CREATE OR REPLACE TABLE other.events LIKE events; INSERT INTO other.events SELECT * FROM events;
		GRANT SELECT ON other.events TO reader@'%'"
}

slow_make() {
	events_make 7
	SLOW=(--from events "${base[@]}" --where 'sleep(0.5) = 0')
}

nothing_is_held() {
	[ "$(my "SELECT count(*) FROM information_schema.innodb_trx t
		JOIN information_schema.processlist p ON p.id = t.trx_mysql_thread_id WHERE p.user = 'reader'")" = 0 ]
}

server_kill() {
	mariadb_stop kill
}

server_again() {
	mariadb_restart
}

server_hang() {
	kill -STOP "$MY_PID"
}

server_wake() {
	kill -CONT "$MY_PID"
}

revoke_events() {
	sql "REVOKE SELECT ON events FROM reader@'%'"
}

# --- types, see types.sh ---------------------------------------------------------------

types=(
	'TINYINT|n|0|-128|127'
	'TINYINT UNSIGNED|n|0|255'
	'SMALLINT|n|-32768|32767'
	'MEDIUMINT|n|-8388608|8388607'
	'INT|n|-2147483648|2147483647'
	'INT UNSIGNED|n|0|4294967295'
	'BIGINT|n|-9223372036854775808|9223372036854775807|9007199254740993'
	'BIGINT UNSIGNED|s|0|18446744073709551615'
	'DECIMAL(65,30)|s|0|-1.5|12345678901234567890123456789012345.123456789012345678901234567890'
	'DECIMAL(10,2)|s|1|-0.5|99999999.99'
	'FLOAT|=|1=>1.0|0.25=>0.25|-16777215=>-16777215.0'
	'DOUBLE|=|1=>1.0|0.1=>0.1|1e300=>1e300|0.30000000000000004=>0.30000000000000004'
	"VARCHAR(20)|s||a b|it's|ä 王 🦊|\\N|007"
	'CHAR(5)|s|ab'
	'TEXT|s|x|two  '
	"VARCHAR(20) CHARACTER SET latin1:latin1|s|äöü|a"
	"VARBINARY(10)|=|''=>\"\"|x'00ff80'=>\"AP+A\""
	"BINARY(3)|=|'a'=>\"YQAA\""
	"BLOB|=|x'00'=>\"AA==\""
	"DATE|=|'2024-02-29'=>\"2024-02-29\"|'1000-01-01'=>\"1000-01-01\"|'9999-12-31'=>\"9999-12-31\""
	"TIME|=|'00:00:00'=>\"00:00:00\"|'-838:59:59'=>\"-838:59:59\"|'23:59:59'=>\"23:59:59\""
	"TIME(6)|=|'12:34:56.123456'=>\"12:34:56.123456\""
	"DATETIME|=|'2024-02-29 23:59:59'=>\"2024-02-29T23:59:59\"|'1969-12-31 23:59:59'=>\"1969-12-31T23:59:59\""
	"DATETIME(6)|=|'2024-02-29 23:59:59.123456'=>\"2024-02-29T23:59:59.123456\""
	"TIMESTAMP(3) NULL|=|'2024-02-29 23:59:59.123'=>\"2024-02-29T23:59:59.123Z\"|'2038-01-19 03:14:07'=>\"2038-01-19T03:14:07.000Z\""
	'YEAR|n|1901|2155'
	"ENUM('a', 'b c')|s|a|b c"
	"SET('x', 'y')|=|'x,y'=>[\"x\",\"y\"]|'y'=>[\"y\"]|''=>[]"
	"BIT(1)|=|b'1'=>true|b'0'=>false"
	"BIT(12)|=|b'101'=>\"5\"|b'111111111111'=>\"4095\""
	'JSON|=|'"'{\"a\": [1, null]}'"'=>{"a": [1, null]}|'"'3'"'=>3'
)

types_made() {
	sql "GRANT SELECT ON types TO reader@'%'"
}

# --- for interleavings.sh ----------------------------------------------------------------

WRITER_TABLE="CREATE TABLE steps (id INTEGER PRIMARY KEY, updated_at TIMESTAMP(6) NOT NULL DEFAULT '2000-01-01',
		v INTEGER, KEY (updated_at, id));
	GRANT SELECT ON steps TO reader@'%'"
WRITER_BEGIN='START TRANSACTION WITH CONSISTENT SNAPSHOT; SET @stamp = now(6)'
WRITER_STAMP=@stamp
# Its lists do not show a statement that waits for a lock with its stamp taken.
WRITER_CEILING=heuristic
