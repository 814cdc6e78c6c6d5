# shellcheck shell=bash
# SPDX-License-Identifier: MIT
# The sqlite source for suite.sh.

PLUGIN=sqlite
DB=$TEST_DIR/data.db
CONNECT=(--set "database=$DB" --set busy_timeout=1s)
LATER="datetime(updated_at, '+30 days')"
NOW="strftime('%Y-%m-%d %H:%M:%S', 'now')"
BEGIN='BEGIN IMMEDIATE'
WHERE="amount > 10 AND name <> 'plain 7'"
PATTERN='ev*'
INDEX_FINDING=1
# A second writer waits for the first.
ONE_WRITER=1
SESSION=(sqlite3 "$DB")
SAME_TABLE=1

lack cancel-lock 'in WAL mode readers wait for nobody'
lack gone 'a file, no server'
lack hung 'a file, no server'
lack auth 'a file, no log-in'
lack grant 'a file, no grants'

sql() {
	sqlite3 -bail -cmd '.timeout 5000' "$DB" "$1"
}

source_start() {
	needs sqlite3
	sql 'PRAGMA journal_mode = WAL' >/dev/null
}

# Pages are what pauses make.
page_options() {
	PAGE=()
	[ "$1" = 0 ] || PAGE=(--pause-each "$1")
}

events_table() {
	sql "DROP TABLE IF EXISTS $1;
		CREATE TABLE $1 (id INTEGER PRIMARY KEY, updated_at TEXT, name TEXT, amount DECIMAL(10,2), note TEXT)"
}

events_reference() {
	sql "SELECT json_object('id', id, 'updated_at', updated_at, 'name', name,
			'amount', CAST(amount AS TEXT), 'note', note)
		FROM events WHERE ${1:-1}"
}

pairs_table() {
	sql "DROP TABLE IF EXISTS pairs;
		CREATE TABLE pairs (a INTEGER, b TEXT, updated_at TEXT, n INTEGER, PRIMARY KEY (a, b)) WITHOUT ROWID"
}

other_database() {
	cp "$DB" "$TEST_DIR/other.db"
	OTHER=(--set "database=$TEST_DIR/other.db")
}

slow_make() {
	events_make 7
	SLOW=(--from events "${base[@]}" --where "(WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL
		SELECT i + 1 FROM n WHERE i < 1000000000) SELECT max(i) FROM n) > id")
}

# nothing_is_held: no reader stands in the way of emptying the WAL.
nothing_is_held() {
	sql "UPDATE events SET note = note; PRAGMA wal_checkpoint(TRUNCATE)" | grep -q '^0|'
}

# --- types, see types.sh ---------------------------------------------------------------

types=(
	'INTEGER|n|0|1|-1|9223372036854775807|-9223372036854775808|9007199254740993'
	'REAL|=|0.5=>0.5|-1.5=>-1.5|1e300=>1e300|2.0=>2.0|9e999=>null|5e-324=>5e-324'
	'TEXT|s|a| |two words|ä 王 🦊|0x00|007'
	"BLOB|=|x''=>\"\"|x'00ff80'=>\"AP+A\"|x'61'=>\"YQ==\""
	'DECIMAL(30,10)|=|1=>"1"|-0.25=>"-0.25"|12345678901234=>"12345678901234"'
	'BOOLEAN|=|0=>false|1=>true'
	"ANYTHING|=|1=>1|1.5=>1.5|'t'=>\"t\"|x'00'=>\"AA==\""
	"JSON:json|=|'{\"a\": [1, null]}'=>{\"a\": [1, null]}|'3'=>3|'\"s\"'=>\"s\""
	"DATE:date|=|'2024-02-29'=>\"2024-02-29\"|'0001-01-01'=>\"0001-01-01\"|'9999-12-31'=>\"9999-12-31\""
	"TIMESTAMP:timestamp|=|'2024-02-29T23:59:59.123456Z'=>\"2024-02-29T23:59:59.123456Z\"|'1969-12-31 23:59:59Z'=>\"1969-12-31T23:59:59.000000Z\""
	'TIMESTAMP:unix|=|0=>"1970-01-01T00:00:00Z"|-1=>"1969-12-31T23:59:59Z"'
	'TIMESTAMP:unix_ms|=|1704067200123=>"2024-01-01T00:00:00.123000Z"'
)

types_options() {
	local i name map=''
	for ((i = 1; i <= ${#types[@]}; i++)); do
		name=${types[i - 1]%%|*}
		[[ $name != *:* ]] || map+="c$i: ${name#*:}, "
	done
	OPTIONS=(--table-set "types={ $map}")
}
