#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Columns that are new, dropped or of another type, by each policy of `schema`: what
# lands, what is said, once, and how it is accepted.

. "$(dirname "$0")/../lib/functions.sh"
. "$TESTS_DIR/lib/runs.sh"
needs sqlite3 jq curl

# things POLICY [OPTIONS]: a table `things` of three rows, with a target of its own.
things() {
	rm -f "$SHOP_DB"
	sqlite3 -bail "$SHOP_DB" "
		CREATE TABLE things (id INTEGER PRIMARY KEY, name VARCHAR(20), price DECIMAL(9,2),
			updated_at TEXT NOT NULL);
		INSERT INTO things VALUES (1, 'a', 1.5, '2024-01-01'), (2, 'b', 2.5, '2024-01-02'),
			(3, 'c', 3.5, '2024-01-03');"
	target=$((${target:-0} + 1))
	new_store
	config "$@"
}

config() {
	TABLE="schema: $1${2:+, $2}" table_config things updated_at
	sed -i "s/to: bronze.things/to: bronze.t$target/" "$CONFIG"
}

# row ID COLUMN=VALUE...: a row is added; its watermark is a day of its number.
row() {
	local id=$1 names='' values='' pair
	shift
	for pair in "$@"; do
		names="$names, ${pair%%=*}" values="$values, ${pair#*=}"
	done
	sqlite3 -bail "$SHOP_DB" "INSERT INTO things (id, updated_at$names)
		VALUES ($id, '2024-01-$(printf %02d "$id")'$values)"
}

# Without its rows: with other columns those that are read again would be sent again.
alter() {
	sqlite3 -bail "$SHOP_DB" "DELETE FROM things; ALTER TABLE things $1"
}

# The price becomes a boolean, which is no string.
retype() {
	alter "DROP COLUMN price"
	alter "ADD COLUMN price BOOLEAN"
}

# sent COLUMN: of all rows that landed, "-" where it is null.
sent() {
	landed "SELECT group_concat(id || ':' || x, ' ') FROM
		(SELECT id, ifnull(\"$1\", '-') AS x FROM \"bronze.t$target\" ORDER BY id)"
}

ids() {
	landed "SELECT group_concat(id, ' ') FROM (SELECT id FROM \"bronze.t$target\" ORDER BY id)"
}

has_column() {
	landed "SELECT count(*) FROM pragma_table_info('bronze.t$target') WHERE name = '$1'"
}

# How many lines of the last run have it.
said() {
	grep -c "$1" "$TEST_DIR/err"
}

# The changes that the status has, and those of the last run among them.
what_changed() {
	defsync status --config "$CONFIG" --json | jq -r '.tables[0].drift | map(.change) | join("; ")'
}
last_changed() {
	defsync status --config "$CONFIG" --json | jq -r '.tables[0].last_run.drift | join("; ")'
}
reported() {
	jq -r '.tables[0].drift | join("; ")' "$TEST_DIR/report"
}

reasons() {
	defsync dlq list --config "$CONFIG" --json | jq -r '[.dead_letters[].reason] | join(" ")'
}

receiver_start

# --- evolve ---

new="the column 'extra' is new: TEXT"
things evolve
run --report "$TEST_DIR/report"
run_is 0 "evolve: the first run"
is "$(reported)" "" "nothing is a change in it"
is "$(what_changed)" "" "nor in the status"
alter "ADD COLUMN extra TEXT"
row 4 extra="'x'"
run --dry-run
is "$(said "things: $new")" 1 "evolve: a dry run reports a new column"
defsync preview things --config "$CONFIG" >/dev/null 2>"$TEST_DIR/err"
is "$(said "things: $new")" 1 "and so does a preview"
run --report "$TEST_DIR/report"
run_is 0 "evolve: a new column"
is "$(said "things: $new")" 1 "it is reported all the same"
is "$(reported)" "$new" "in the report too"
is "$(what_changed)" "$new" "and in the status"
is "$(last_changed)" "$new" "as one of the last run"
like "$(defsync status --config "$CONFIG")" "shop.things, 20[^ ]*: $new" "also as text"
is "$(sent extra)" "1:- 2:- 3:- 4:x" "and sent"
row 5 extra="'y'"
run --report "$TEST_DIR/report"
run_is 0 "evolve: another run"
is "$(said extra)$(reported)$(last_changed)" 0 "it is not reported again"
is "$(what_changed)" "$new" "but the status still has it"

alter "DROP COLUMN extra"
row 6
run
run_is 0 "evolve: a dropped column"
is "$(said "the column 'extra' is no more, it was TEXT")" 1 "it is reported"
row 7
run
is "$STATUS $(said extra)" "0 0" "once"
is "$(sent extra)" "1:- 2:- 3:- 4:x 5:y 6:- 7:-" "and sent no more"
alter "ADD COLUMN extra TEXT"
row 8 extra="'z'"
run
run_is 0 "evolve: a column comes back"
is "$(said "the column 'extra' is there again: TEXT")" 1 "it is reported"
is "$(sent extra)" "1:- 2:- 3:- 4:x 5:y 6:- 7:- 8:z" "and sent"

alter "DROP COLUMN name"
alter "ADD COLUMN name CLOB"
row 9 name="'n'"
run
run_is 0 "evolve: another type that is sent as before"
is "$(said "the column 'name' was VARCHAR(20) and is CLOB now")" 1 "it is reported"
row 10
run
is "$STATUS $(said name)" "0 0" "once"

retype
row 11 price=1
checkpoint=$(state things checkpoint)
retyped="the column 'price' was DECIMAL(9,2), sent as string, and is BOOLEAN now, sent as boolean"
for round in 1 2; do
	run --report "$TEST_DIR/report"
	run_is 4 "evolve: another type of JSON stops the table, run $round"
	is "$(said "$retyped; .*cast.*another target.*schema: ignore.*--accept-schema")" 1 "and says what to do"
done
is "$(state things checkpoint)" "$checkpoint" "nothing has moved"
is "$(dead_letters)" 0 "nor is there a dead letter"
is "$(what_changed)" "$retyped" "the status has it"
is "$(ids)" "1 2 3 4 5 6 7 8 9 10" "and nothing was sent"
# A cast is a way out.
config evolve "transforms: [cast: { columns: { price: text } }]"
run
run_is 0 "evolve: with a cast it goes on"
is "$(sent price)" "1:1.5 2:2.5 3:3.5 4:- 5:- 6:- 7:- 8:- 9:- 10:- 11:true" "and what is sent is of the old type"

# What the user changes is a change, too.
config evolve "columns: { exclude: [extra] }"
sed -i 's/columns: { exclude/transforms: [cast: { columns: { price: text } }], &/' "$CONFIG"
row 12
run
is "$STATUS $(said "the column 'extra' is no more, it was TEXT")" "0 1" "evolve: an excluded column is reported"

# Whatever becomes of the run, a change is not lost, nor said again when it was kept.
things evolve
run
alter "ADD COLUMN extra TEXT"
row 4 extra="'x'"
if grep -aq DEFSYNC_FAILPOINT "$DEFSYNC"; then
	DEFSYNC_FAILPOINT=before_commit=kill run
	is "$STATUS $(said "$new") $(what_changed)" "137 1 " "evolve: killed before the commit"
else
	skip "evolve: killed before the commit" "built without failpoints"
fi
sed -i 's/^  key: .*/  key: wrong/' "$CONFIG"
run
is "$STATUS $(said "$new") $(what_changed)" "5 1 $new" "evolve: the API refuses all, the change is reported and kept"
config evolve
run --accept-schema --dry-run
is "$STATUS $(said "$new")" "0 0" "evolve: accepted in a dry run"
run --dry-run
is "$STATUS $(said "$new")" "0 0" "evolve: what is kept is not said again"
retype
row 5 price=1
run --dry-run
is "$STATUS $(said "$retyped")" "4 1" "evolve: a dry run stops as well"
target=$((target + 1))
config evolve
run --dry-run
is "$STATUS $(said column)" "0 0" "evolve: but not for another target"
run
is "$STATUS $(said column) $(sent price)" "0 0 5:1" "evolve: which begins anew"

# --- ignore ---

things ignore
run
alter "ADD COLUMN extra TEXT"
alter "DROP COLUMN name"
row 4 extra="'x'"
run
run_is 0 "ignore: a new and a dropped column"
is "$(said "things: warning: $new; the column 'name' is no more, it was VARCHAR(20); .*left out")" 1 \
	"they are reported, in one line"
is "$(ids) $(has_column extra)" "1 2 3 4 0" "the row is sent without the new one"
retype
row 5 extra="'y'" price=1
run --report "$TEST_DIR/report"
run_is 0 "ignore: another type"
is "$(said "$retyped")" 1 "it is reported"
is "$(said extra)$(reported)" "0$retyped" "and nothing else again"
is "$(what_changed)" "$retyped" "the status has what the last run brought"
is "$(sent price)" "1:1.5 2:2.5 3:3.5 4:- 5:-" "it is left out"
row 6 extra="'z'" price=0
run
is "$STATUS $(said column)" "0 0" "ignore: all is reported once"
is "$(ids) $(has_column extra)" "1 2 3 4 5 6 0" "and the rows flow"
config ignore "mode: merge"
run
is "$STATUS" 0 "ignore: in mode merge"
config evolve "transforms: [cast: { columns: { price: text } }]"
row 7 extra="'w'"
run
is "$STATUS $(sent extra)" "0 1:- 2:- 3:- 4:- 5:- 6:- 7:w" "ignore: with evolve the new column is sent"

# The key of a merge cannot be left out.
things ignore "mode: merge, types: { id: int }"
run
config ignore "mode: merge, types: { id: text }"
row 4
run
is "$STATUS $(said "the column 'id' was .*, sent as integer, .*; it is needed")" "4 1" \
	"ignore: a key of another type stops the table"

# --- fail ---

things fail
run
run_is 0 "fail: the first run"
for change in "ADD COLUMN extra TEXT:$new" "DROP COLUMN name:the column 'name' is no more"; do
	alter "${change%%:*}"
	id=$((${id:-3} + 1))
	row "$id"
	for round in 1 2; do
		run
		run_is 4 "fail: ${change%%:*}, run $round"
		is "$(said "${change#*:}.*schema: fail.*--accept-schema")" 1 "it says what and what to do"
	done
	is "$(ids)" "$(seq -s ' ' $((id - 1)))" "nothing is sent"
	like "$(what_changed)" "${change#*:}" "the status has it"
	run --accept-schema
	run_is 0 "fail: accepted"
	is "$(ids)" "$(seq -s ' ' "$id")" "the row is sent"
	row $((id += 1))
	run
	is "$STATUS $(said column) $(ids)" "0 0 $(seq -s ' ' "$id")" "and those that follow"
done
retype
row 8
run
is "$STATUS $(said "$retyped")" "4 1" "fail: another type"

# --- dead_letter ---

things dead_letter
run
alter "ADD COLUMN extra TEXT"
row 4 extra="'x'"
run
run_is 7 "dead_letter: a new column"
is "$(said "things: warning: $new; .*--accept-schema")" 1 "it is reported"
row 5 extra="'y'"
run
run_is 7 "dead_letter: another row"
is "$(said "$new")" 0 "the change is reported once"
is "$(ids)" "1 2 3" "no row of it is sent"
is "$(reasons)" "schema_changed schema_changed" "they are dead letters with a reason of their own"
like "$(defsync dlq list --config "$CONFIG" --json | jq -r '.dead_letters[0].message')" "$new" "which names the change"
is "$(defsync dlq export --config "$CONFIG" --reason schema_changed | jq -r .payload.extra | tr '\n' ' ')" "x y " \
	"and have the whole row"
isnt "$(state things checkpoint)" "" "the checkpoint has moved"
run --accept-schema
run_is 0 "dead_letter: accepted"
row 6 extra="'z'"
run
run_is 0 "dead_letter: the next row"
is "$(ids)" "1 2 3 6" "is sent"
defsync dlq replay --as-is --config "$CONFIG" >"$TEST_DIR/out" 2>"$TEST_DIR/err"
is "$?" 0 "the letters are replayed"
is "$(sent extra)" "1:- 2:- 3:- 4:x 5:y 6:z" "and land"
retype
row 7 price=1
run
is "$STATUS $(reasons)" "7 schema_changed" "dead_letter: another type"
alter "DROP COLUMN name"
row 8
run
is "$STATUS $(said "name' is no more") $(reasons)" "7 1 schema_changed schema_changed" "dead_letter: a dropped one"

# Merge: a letter is read again by its key, and stays until it is accepted.
things dead_letter "mode: merge"
run
alter "ADD COLUMN extra TEXT"
row 4 extra="'x'"
run
is "$STATUS $(reasons)" "7 schema_changed" "dead_letter: in mode merge"
defsync dlq replay --config "$CONFIG" >"$TEST_DIR/out" 2>"$TEST_DIR/err"
is "$? $(reasons)" "7 schema_changed" "it is not replayed before it is accepted"
run --accept-schema
defsync dlq replay --config "$CONFIG" >"$TEST_DIR/out" 2>"$TEST_DIR/err"
is "$? $(reasons)" "0 " "but then"
is "$(sent extra)" "1:- 2:- 3:- 4:x" "and lands"

# --- during a run: files of several headers ---

mkdir "$TEST_DIR/files"
printf 'id,name\n1,a\n2,b\n' >"$TEST_DIR/files/1.csv"
printf 'id,name,extra\n3,c,x\n' >"$TEST_DIR/files/2.csv"
printf 'id,name\n4,d\n' >"$TEST_DIR/files/3.csv"
files() {
	target=$((target + 1))
	new_store
	{
		base_config
		echo "sources: { shop: { plugin: csv, path: $TEST_DIR/files, tables: ["
		echo "  { from: '*.csv', to: bronze.t$target, schema: $1 } ] } }"
	} >"$CONFIG"
}
files evolve
run --report "$TEST_DIR/report"
run_is 0 "evolve: a change during a run"
is "$(sent extra)" "1:- 2:- 3:x 4:-" "the new column is sent"
like "$(reported)" "'extra' is new.*'extra' is no more" "both changes are reported"
files ignore
run
is "$STATUS $(ids) $(has_column extra)" "0 1 2 3 4 0" "ignore: a change during a run"
files fail
run
run_is 4 "fail: a change during a run"
files dead_letter
run
is "$STATUS $(ids)/$(reasons)" "7 1 2 4/schema_changed" "dead_letter: a change during a run"

# --- names ---

# SQLite's own do not differ in case only; a transform makes them.
long=$(printf 'n%.0s' {1..70})
things evolve "transforms: [add: { columns: { Name: now() } }]"
sqlite3 -bail "$SHOP_DB" "ALTER TABLE things ADD COLUMN $long TEXT"
defsync check --no-network --config "$CONFIG" >"$TEST_DIR/err" 2>&1
is "$?" 4 "names: two that are equal but for case are an error at check"
is "$(said "^error.*'[Nn]ame', '[Nn]ame'.*duplicates: number")" 1 "with what to do"
is "$(said "^warn.*longer than 63 bytes.*max_length: 63")" 1 "and a long one a warning"
run
run_is 4 "names: a run stops"
is "$(said "one to the API.*duplicates: number")" 1 "and says why"
is "$(landed "SELECT count(*) FROM sqlite_master WHERE name = 'bronze.t$target'")" 0 "before a row is sent"
config evolve "transforms: [add: { columns: { Name: now() } },
	columns: { case: lower, max_length: 63, duplicates: number }]"
defsync check --no-network --config "$CONFIG" >"$TEST_DIR/err" 2>&1
is "$? $(said "^warn.*bytes") $(said '^error')" "0 0 0" "names: with the transform columns all is well"
run
is "$STATUS $(ids)" "0 1 2 3" "and the rows are sent"
done_testing
