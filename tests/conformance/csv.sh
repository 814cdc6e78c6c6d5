# shellcheck shell=bash
# SPDX-License-Identifier: MIT
# The csv source for suite.sh.  Files grow at their end; what changes is a new line.

PLUGIN=csv
FOLDER=$TEST_DIR/files
EVENTS=events.csv
OTHERS=others.csv
NOWHERE=nowhere.csv
PATTERN='ev*'
# The order is that of the lines.
WATERMARK=
base=(--key id --table-set 'types={ id: int, amount: decimal }')
plain=("${base[@]}")
look0=()
CONNECT=(--set "path=$FOLDER")

lack bounds 'files have no watermark'
lack composite 'files have no order of keys'
lack nulls 'files have no watermark'
lack keys 'rows are not found by their key'
lack late-commit 'files have no transactions'
lack moving-incremental 'lines do not move'
lack cancel-lock 'there are no locks'
lack gone 'a file, no server'
lack hung 'a file, no server'
lack auth 'a file, no log-in'
lack grant 'a file, no grants'

source_start() {
	needs sqlite3
	mkdir -p "$FOLDER"
}

page_options() {
	PAGE=()
	[ "$1" = 0 ] || PAGE=(--pause-each "$1")
}

# as_csv: tuples of SQL, (1, 'text', NULL), to lines, by a reader of SQL.
as_csv() {
	sqlite3 -bail :memory: "CREATE TABLE v (id, updated_at, name, amount, note); INSERT INTO v VALUES $1;
		SELECT id || ',' || updated_at || ',\"' || replace(name, '\"', '\"\"') || '\",' ||
			coalesce(amount, '') || ',' || coalesce('\"' || note || '\"', '') FROM v"
}

events_make() {
	local values
	values_from 1 "$1"
	rm -f "$FOLDER"/*
	{
		echo id,updated_at,name,amount,note
		as_csv "$values"
	} >"$FOLDER/${2:-events}.csv"
	[ -z "${2:-}" ] || events_make_again "$1"
}

# A second table does not take the first away.
events_make_again() {
	cp "$FOLDER/others.csv" "$FOLDER/events.csv"
	echo "999,$(stamp 1),of the first,," >>"$FOLDER/events.csv"
}

event_add() {
	local row
	event_values "$1" "$2"
	as_csv "($row)" >>"$FOLDER/events.csv"
}

# A new version of some rows, "IN (1, 2)".
event_change() {
	local id
	for id in $(tr -cd '0-9 ' <<<"$1"); do
		echo "$id,$(stamp "$2"),$3,," >>"$FOLDER/events.csv"
	done
}

# events_reference: of each id the last line, by another reader of CSV.
events_reference() {
	sqlite3 -bail :memory: -cmd ".import --csv $FOLDER/events.csv v" "
		SELECT json_object('id', CAST(id AS INTEGER), 'updated_at', updated_at, 'name', name,
			'amount', nullif(amount, ''), 'note', nullif(note, ''))
		FROM v WHERE rowid IN (SELECT max(rowid) FROM v GROUP BY id)"
}

slow_make() {
	{
		echo id,text
		yes '1,some text' | head -c 60000000
	} >"$FOLDER/slow.csv"
	SLOW=(--from slow.csv)
}

# --- checks that are others for files ---------------------------------------------------

# A file grows and is then put away while it is read.
check_moving() {
	local run=(--from 'events*.csv' --table-set layout=append "${base[@]}" --state "$TEST_DIR/state")
	rm -f "$TEST_DIR/state"
	events_make 70
	hold_read "$TEST_DIR/run1" 30 "${run[@]}"
	event_add 300 0
	hold_release
	equal "$STATUS" 0 'the read of a file that grows'
	event_add 301 0
	reference >"$TEST_DIR/reference"
	event_values 302 0
	mv "$FOLDER/events.csv" "$FOLDER/events.1.csv"
	{
		echo id,updated_at,name,amount,note
		as_csv "($row)"
	} >"$FOLDER/events.csv"
	reference >>"$TEST_DIR/reference"
	LC_ALL=C sort -o "$TEST_DIR/reference" "$TEST_DIR/reference"
	succeeds 'after it was put away' "${run[@]}" && cp "$GOT" "$TEST_DIR/run2"
	merged "$TEST_DIR/run1" "$TEST_DIR/run2" >"$TEST_DIR/rows"
	same "$TEST_DIR/rows" "$TEST_DIR/reference" 'both runs together'
	no_unannounced "$TEST_DIR/run1" "$TEST_DIR/run2"
}

# A file of other columns.
check_schema() {
	local run=(--from 'events*.csv' --table-set layout=append "${base[@]}" --state "$TEST_DIR/state")
	rm -f "$TEST_DIR/state"
	events_make 14
	succeeds 'before' "${run[@]}"
	printf '%s\n' id,extra,name '20,7,new' >"$FOLDER/events.2.csv"
	succeeds 'with another column' "${run[@]}"
	equal "$(jq -c 'select(.row != null) | [.row.id, .row.extra]' "$GOT")" '[20,"7"]' 'the new column'
	# A file that is no longer what it was is another one, and is read from its beginning.
	sed -i 's/^1,/77,/' "$FOLDER/events.csv"
	succeeds 'with a file that was replaced' "${run[@]}"
	equal "$(jq -c 'select(.row != null) | .row.id' "$GOT" | sort -n | tail -n 1)" 77 'the file that was replaced'
}

# --- types: of a column, with texts --------------------------------------------------------

types=(
	'text|a=>"a"|007=>"007"|"x ""y"""=>"x \"y\""|""=>""|ä 王 🦊=>"ä 王 🦊"'
	'int|0=>0|-9223372036854775808=>-9223372036854775808|9223372036854775807=>9223372036854775807'
	'double|0.5=>0.5|1e300=>1e300|2=>2.0'
	'decimal|1.50=>"1.50"|-0.25=>"-0.25"|123456789012345678901234567890.1=>"123456789012345678901234567890.1"'
	'bool|true=>true|false=>false'
	'date|2024-02-29=>"2024-02-29"|0001-01-01=>"0001-01-01"'
	'timestamp|2024-02-29T23:59:59.123456Z=>"2024-02-29T23:59:59.123456Z"|2024-02-29 23:59:59+02:00=>"2024-02-29T21:59:59.000000Z"'
	'json|"{""a"": [1, null]}"=>{"a": [1, null]}|3=>3'
)
TYPES=types.csv

types_options() {
	local i map=''
	for ((i = 1; i <= ${#types[@]}; i++)); do
		map+=", c$i: ${types[i - 1]%%|*}"
	done
	OPTIONS=(--table-set "types={ id: int$map }")
}

types_make() {
	local i k values line header=id most=5
	for ((i = 1; i <= ${#types[@]}; i++)); do
		header+=,c$i
	done
	{
		echo "$header"
		for ((k = 1; k <= most + 1; k++)); do
			line=$k
			for ((i = 1; i <= ${#types[@]}; i++)); do
				IFS='|' read -r -a values <<<"${types[i - 1]}"
				line+=,${values[k]%%=>*}
			done
			echo "$line"
		done
	} >"$FOLDER/types.csv"
	types_rows=$((most + 1))
}

types_expected() {
	local values i k
	for ((k = 1; k <= ${#types[@]}; k++)); do
		IFS='|' read -r -a values <<<"${types[k - 1]}"
		for ((i = 1; i <= types_rows; i++)); do
			if [ "$i" -ge "${#values[@]}" ]; then echo "$k $i null"; else echo "$k $i ${values[i]#*=>}"; fi
		done
	done
}
