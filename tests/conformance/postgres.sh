# shellcheck shell=bash
# SPDX-License-Identifier: MIT
# The postgres source for suite.sh.

PLUGIN=postgres
LATER="updated_at + interval '30 days'"
NOW='now()'
BEGIN=BEGIN
LOCK='BEGIN; LOCK TABLE events IN ACCESS EXCLUSIVE MODE'
UNLOCK=COMMIT
WHERE="amount > 10 AND name <> 'plain 7'"
PATTERN='public.ev*'
EVENTS_FROM=public.events
INDEX_FINDING=1

sql() {
	pg "SET client_min_messages = warning; $1"
}

# The reader's own settings are such that a plugin that leaves them would read other texts.
source_start() {
	postgres_start "$TEST_DIR/server" &&
		pg "CREATE DATABASE conform" && PG_DATABASE=conform &&
		pg "CREATE ROLE reader LOGIN PASSWORD 'reader-password';
			GRANT pg_read_all_stats TO reader;
			GRANT USAGE ON SCHEMA public TO reader;
			ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT SELECT ON TABLES TO reader;
			ALTER ROLE reader SET TimeZone = 'Asia/Kathmandu';
			ALTER ROLE reader SET DateStyle = 'SQL, DMY';
			ALTER ROLE reader SET IntervalStyle = 'sql_standard';
			ALTER ROLE reader SET extra_float_digits = 0;
			ALTER ROLE reader SET bytea_output = 'escape';
			CREATE TYPE mood AS ENUM ('sad', 'so ''so''', 'ok')" || return 1
	connect_options
	SESSION=(env "PGPASSWORD=$PG_PASSWORD" psql -qAtX -h "$PG_SOCKET" -p "$PG_PORT" -U postgres -d conform)
}

connect_options() {
	local server=(--set host=127.0.0.1 --set "port=$PG_PORT" --set user=reader
		--set sslmode=verify-full --set "sslrootcert=$PG_CA")
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
		CREATE TABLE $1 (id bigint PRIMARY KEY, updated_at timestamptz DEFAULT now(), name text, amount numeric(10,2), note text)"
}

events_reference() {
	sql "SELECT json_build_object('id', id,
			'updated_at', to_char(updated_at AT TIME ZONE 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS.US\"Z\"'),
			'name', name, 'amount', amount::text, 'note', note)
		FROM events WHERE ${1:-true}"
}

pairs_table() {
	sql "DROP TABLE IF EXISTS pairs;
		CREATE TABLE pairs (a integer, b text, updated_at timestamp, n integer, PRIMARY KEY (a, b))"
}

other_database() {
	sql 'CREATE DATABASE other TEMPLATE conform'
}

slow_make() {
	events_make 7
	SLOW=(--from events "${base[@]}" --where 'pg_sleep(0.5) IS NOT NULL')
}

nothing_is_held() {
	[ "$(pg "SELECT count(*) FROM pg_stat_activity WHERE usename = 'reader' AND xact_start IS NOT NULL")" = 0 ]
}

server_kill() {
	postgres_stop
}

server_again() {
	postgres_restart
}

server_hang() {
	kill -STOP "$PG_PID"
}

server_wake() {
	kill -CONT "$PG_PID"
}

revoke_events() {
	sql 'REVOKE SELECT ON events FROM reader'
}

# --- types, see types.sh ---------------------------------------------------------------

text_of() {
	echo "$1::text"
}

types=(
	'smallint|n|0|-32768|32767'
	'integer|n|0|-2147483648|2147483647'
	'bigint|n|0|-9223372036854775808|9223372036854775807|9007199254740993'
	'numeric|s|0|-1.50|123456789012345678901234567890.123456789012345678901|0.00000000000000000001'
	'numeric(10,2)|s|1|-0.5|99999999.99'
	"real|=|1=>1.0|0.1=>0.1|-1.5e30=>-1.5e30|'NaN'=>null|'Infinity'=>null"
	"double precision|=|1=>1.0|0.1=>0.1|1e300=>1e300|5e-324=>5e-324|'-Infinity'=>null|'-0'=>-0.0|0.30000000000000004=>0.30000000000000004"
	"text|s||a b|it's|ä 王 🦊|\\N|007"
	'varchar(10)|s|x|  two  '
	"char(5)|=|'ab'=>\"ab   \"|''=>\"     \""
	'boolean|=|true=>true|false=>false'
	"bytea|=|''=>\"\"|'\\x00ff80'=>\"AP+A\"|'a'=>\"YQ==\""
	"date|=|'2024-02-29'=>\"2024-02-29\"|'0001-01-01'=>\"0001-01-01\"|'9999-12-31'=>\"9999-12-31\"|'1969-12-31'=>\"1969-12-31\""
	"time|=|'00:00'=>\"00:00:00.000000\"|'23:59:59.999999'=>\"23:59:59.999999\""
	"time(0)|=|'12:34:56'=>\"12:34:56\""
	"timestamp|=|'2024-02-29 23:59:59.123456'=>\"2024-02-29T23:59:59.123456\"|'1969-12-31 23:59:59'=>\"1969-12-31T23:59:59.000000\"|'0001-01-01'=>\"0001-01-01T00:00:00.000000\""
	"timestamp(3)|=|'2024-02-29 23:59:59.123'=>\"2024-02-29T23:59:59.123\""
	"timestamptz|=|'2024-02-29 23:59:59.123456+02'=>\"2024-02-29T21:59:59.123456Z\"|'9999-12-31 23:59:59Z'=>\"9999-12-31T23:59:59.000000Z\""
	"uuid|s|00000000-0000-0000-0000-000000000000|a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11"
	'json|=|'"'{\"a\": [1,null]}'"'=>{"a": [1,null]}|'"'\"s\"'"'=>"s"|'"'12345678901234567890'"'=>12345678901234567890'
	'jsonb|=|'"'{\"b\":1,\"a\":[]}'"'=>{"a": [], "b": 1}'
	"mood|s|sad|so 'so'"
	'inet|s|10.0.0.1|::1/64'
	'int4range|s|[1,5)|empty'
	'point|s|(1.5,-2)'
	'bit varying|s|101'
	"interval|=|'1 year 2 mons 3 days 04:05:06.7'=>\"P1Y2M3DT4H5M6.7S\"|'0'=>\"PT0S\"|'-1 day'=>\"P-1D\""
	"integer[]|=|'{1,NULL,-3}'=>[1,null,-3]|'{}'=>[]|'{{1,2},{3,4}}'=>[[1,2],[3,4]]"
	'text[]|=|'"'{a,\"b \\\"c\",NULL,\"\"}'"'=>["a","b \"c",null,""]'
)

# --- for interleavings.sh ----------------------------------------------------------------

WRITER_TABLE='CREATE TABLE steps (id integer PRIMARY KEY, updated_at timestamptz NOT NULL DEFAULT now(), v integer);
	CREATE INDEX ON steps (updated_at, id)'
WRITER_BEGIN='BEGIN; SELECT now()'
WRITER_STAMP='now()'
WRITER_CEILING=proven
