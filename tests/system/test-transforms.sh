#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Transforms in runs: what they make of rows lands, what they hide is nowhere, whatever
# becomes of the row; what check says of them.

. "$(dirname "$0")/../lib/functions.sh"
. "$TESTS_DIR/lib/runs.sh"
needs sqlite3 jq

# outputs: of all commands that show rows, in TEST_DIR/seen.*.
outputs() {
	defsync dlq list --config "$CONFIG" --json >"$TEST_DIR/seen.list" 2>&1
	defsync dlq export --config "$CONFIG" >"$TEST_DIR/seen.export" 2>&1
	defsync dlq show --config "$CONFIG" 1 >"$TEST_DIR/seen.show" 2>&1
	defsync status --config "$CONFIG" --json >"$TEST_DIR/seen.status" 2>&1
	defsync state show --config "$CONFIG" --json >"$TEST_DIR/seen.state" 2>&1
	defsync preview --config "$CONFIG" --store "$TEST_DIR/none.db" "$TABLE_NAME" -n 1000 \
		>"$TEST_DIR/seen.preview" 2>&1
}

# nowhere WORD NAME: in no file that defsync or the receiver wrote, and in no output.
nowhere() {
	local found
	outputs
	found=$(grep -rlaiF --exclude="$(basename "$SHOP_DB")*" --exclude-dir=files \
		--exclude="$(basename "$CONFIG")" -e "$1" "$TEST_DIR")
	is "$found" '' "$2"
}

sqlite3 "$SHOP_DB" "CREATE TABLE people (id INTEGER PRIMARY KEY, email TEXT, ssn TEXT, amount TEXT,
	extra TEXT, updated_at TEXT NOT NULL);
	INSERT INTO people VALUES
	(1, 'hidden1@example.com', '111-22-hidden', '12.50', '{\"city\": \"Köln\", \"card\": \"4111hidden\"}', '2024-01-01'),
	(2, 'hidden2@example.com', '222-33-hidden', 'abc', '{\"city\": \"Rom\"}', '2024-01-02'),
	(3, NULL, NULL, NULL, NULL, '2024-01-03'),
	(4, 'hidden4@example.com', CAST(x'68696464656eff' AS TEXT), '1', NULL, '2024-01-04'),
	(5, 'hidden5@example.com', '555-66-hidden', '7', 'hidden, no JSON', '2024-01-05'),
	(6, 'hidden6@example.com', '1', '8', NULL, '2024-01-06');"
receiver_start || exit 1
TABLE_NAME=people
TABLE='transforms: [ { filter: { drop: "id = 6" } }, { add: { columns: { origin: "concat(source(), '"'.', table()"')" } } },
	{ flatten: { columns: extra, fields: { city: text, card: text } } },
	{ cast: { columns: { amount: decimal } } }, { columns: { rename: { email: mail } } },
	{ mask: { columns: mail, method: hmac-sha256, key: "0123456789abcdef0123" } },
	{ mask: { columns: [ssn, extra_card], method: redact } } ]' table_config people updated_at
run --verbose
run_is 7 "some rows are in the dead letters"
is "$(sqlite3 "$RECEIVER_DB" "SELECT _raw FROM \"bronze.people\" WHERE id = 1")" \
	"$(printf '{"id":1,"mail":"%s","ssn":"***","amount":"12.50","extra_city":"Köln","extra_card":"***","updated_at":"2024-01-01","origin":"shop.people"}' \
		"$(printf hidden1@example.com | openssl dgst -sha256 -hmac 0123456789abcdef0123 | sed 's/.* //')")" \
	"what lands is what the transforms made"
is "$(sqlite3 "$RECEIVER_DB" "SELECT group_concat(id) FROM (SELECT id FROM \"bronze.people\" ORDER BY id)")" 1,3,4 \
	"and only those that passed all of them"
letters=$(defsync dlq export --config "$CONFIG")
is "$(jq -r '"\(.reason) \(.key) \(.payload | keys_unsorted | join(","))"' <<<"$letters" | sort)" \
	'transform {"id":2} id,amount,extra_city,updated_at,origin
transform {"id":5} id,amount,updated_at,origin' \
	"dead letters hold the row as it came to the transform, without what a later one hides"
nowhere hidden "what is hidden is nowhere, and its pieces neither"
nowhere "$(printf hidden | base64 | cut -c1-7)" "nor in another form"
is "$(defsync preview --config "$CONFIG" --store "$TEST_DIR/none.db" people -n 1 2>/dev/null | jq -r .ssn)" '***' \
	"preview shows what would be sent"

# --- rows that the API refuses, and a key that is hashed ---

new_store
TABLE='mode: merge, transforms: [ { mask: { columns: [id, email], method: pseudonym, key: "0123456789abcdef0123" } },
	{ mask: { columns: [ssn, amount, extra], method: "null" } } ]' table_config people updated_at
sqlite3 "$SHOP_DB" "UPDATE people SET ssn = 'hidden', id = 98765000 + id"
defsync check --config "$CONFIG" >"$TEST_DIR/out" 2>&1
like "$(cat "$TEST_DIR/out")" "the key of the merge is hashed: 'id'" "check tells of a hashed key"
run --verbose
run_is 7 "rows that the API refuses: in its table the key is a number"
outputs
is "$(jq -r '.payload.ssn, (.payload.id | length)' "$TEST_DIR/seen.export" | sort | uniq -c | tr -s ' \n' ' ')" \
	' 6 26 6 null ' "their letters hold what was sent"
# The checkpoint has it, which only 'state show' shows.
is "$(grep -laF 9876500 "$TEST_DIR"/seen.{list,export,show,status,preview} "$TEST_DIR/err")" '' "the key itself is not shown"
sed -i 's/bronze.people/bronze.hashed/' "$CONFIG"
new_store
run
run_is 0 "a hashed key"
is "$(sqlite3 "$RECEIVER_DB" "SELECT count(DISTINCT id) FROM \"bronze.hashed\" WHERE length(id) = 26")" 6 \
	"keeps rows apart"
sed -i 's/pseudonym, key: "[^"]*"/redact/' "$CONFIG"
defsync check --config "$CONFIG" >"$TEST_DIR/out" 2>&1
is $? 3 "a key that is masked otherwise: check refuses it"
like "$(cat "$TEST_DIR/out")" "merge needs the whole key.*sha256, hmac-sha256 or pseudonym" "and says what does"

# --- the key of a merge, under another name, in part, and as a masked one ---

sqlite3 "$SHOP_DB" "CREATE TABLE pair (tenant INTEGER, email TEXT, legacy INTEGER, n TEXT,
	updated_at TEXT NOT NULL, PRIMARY KEY (tenant, email));
	INSERT INTO pair VALUES (1, 'a', 7, '1', '2024-01-01'), (1, 'b', 7, '2', '2024-01-01');
	CREATE TABLE single (id INTEGER PRIMARY KEY, legacy INTEGER, n TEXT, updated_at TEXT NOT NULL);
	INSERT INTO single VALUES (1, 7, '1', '2024-01-01'), (2, 7, '2', '2024-01-02'), (3, 7, 'x', '2024-01-03');"
while IFS='|' read -r table transforms; do
	new_store
	TABLE="mode: merge, transforms: [ $transforms ]" table_config "$table" updated_at
	[ "$table" = single ] || sed -i 's/key: id, //; s/mode: merge, //; s/transforms:/cdc_columns: true, &/' "$CONFIG"
	[ "$table" = pair ] || run
	[ "$table" = single ] || defsync view --config "$CONFIG" "$table" >"$TEST_DIR/out" 2>"$TEST_DIR/err" ||
		STATUS=$?
	is "$STATUS" 3 "not with $transforms over $table"
	like "$(cat "$TEST_DIR/err")" "needs the whole key and the transforms hide or change it" "and it is said"
done <<'EOT'
pair|{ mask: { columns: [email], method: redact } }
pair|{ columns: { drop: [email] } }
single|{ mask: { columns: [id], method: keep_last } }
single|{ mask: { columns: [id], method: null } }
single|{ columns: { drop: [id] } }
EOT

new_store
TABLE='mode: merge, transforms: [ { cast: { columns: { n: int } } }, { columns: { rename: { id: pk, legacy: id } } } ]' \
	table_config single updated_at
run
run_is 7 "a key under another name, which another column has now"
is "$(sqlite3 "$RECEIVER_DB" 'SELECT group_concat(pk || id) FROM (SELECT * FROM "bronze.single" ORDER BY pk)')" 17,27 \
	"is the key still"
sqlite3 "$SHOP_DB" "UPDATE single SET n = '3' WHERE id = 3"
defsync dlq replay --config "$CONFIG" >"$TEST_DIR/out" 2>"$TEST_DIR/err"
is $? 0 "and what a transform refused is replayed by it" || diag <"$TEST_DIR/err"
is "$(sqlite3 "$RECEIVER_DB" 'SELECT group_concat(pk || n) FROM (SELECT * FROM "bronze.single" ORDER BY pk)')" 11,22,33 \
	"through the transforms"
is "$(dead_letters)" 0 "no letter stays"

new_store
sqlite3 "$SHOP_DB" "UPDATE single SET n = 'x' WHERE id = 3"
sed -i 's/mode: merge, //; s/bronze.single/bronze.appended/' "$CONFIG"
run
run_is 7 "append: a row that a transform refuses"
defsync dlq replay --as-is --config "$CONFIG" >"$TEST_DIR/out" 2>"$TEST_DIR/err"
is $? 7 "is not sent as it was before the transforms"
like "$(cat "$TEST_DIR/err")" "stopped before all transforms had been at them" "and it is said why"

new_store
TABLE='mode: merge, transforms: [ { cast: { columns: { n: int } } }, { mask: { columns: id, method: sha256 } } ]' \
	table_config single updated_at
sed -i 's/bronze.single/bronze.opaque/' "$CONFIG"
run
run_is 7 "a hashed key and a row that is refused"
defsync dlq replay --config "$CONFIG" >"$TEST_DIR/out" 2>"$TEST_DIR/err"
is $? 7 "cannot be read again by it"
unlike "$(cat "$TEST_DIR/err")" "no row of the source has their key" "which is not taken for a deletion"

# --- files: fields that stand in the wrong columns ---

mkdir "$TEST_DIR/files"
printf 'id,name,ssn\n1,a,hidden-1\n2,hidden-2\nhidden-3,x,b,c\n4,"open,hidden-4\n' >"$TEST_DIR/files/p.csv"
new_store
TABLE_NAME=p.csv
{
	base_config
	cat <<-EOT
		sources:
		  files:
		    plugin: csv
		    path: $TEST_DIR/files
		    tables:
		      - from: p.csv
		        to: bronze.p
		        types: { id: int }
		        partial_timeout: 0s
		        transforms: [ { mask: { columns: ssn, method: redact } } ]
	EOT
} >"$CONFIG"
run --verbose
run_is 7 "bad records go to the dead letters"
nowhere hidden "and what may stand in another column is not shown"

# --- what is wrong in the configuration ---

while IFS='|' read -r transforms words; do
	TABLE="transforms: [ $transforms ]" table_config people updated_at
	defsync check --config "$CONFIG" >"$TEST_DIR/out" 2>&1
	is $? 3 "refused at check: $transforms"
	like "$(cat "$TEST_DIR/out")" "$words" "and said why"
	run
	is "$STATUS" 3 "by a run too: $transforms"
done <<'EOT'
{ mask: { columns: [emial], method: redact } }|transform 'mask': no such column in '[^']*': 'emial'
{ mask: { columns: [email], method: hash } }|unknown value: 'hash'
{ mask: { columns: [email], method: hmac-sha256 } }|key
{ filter: { keep: "id >" } }|transform 'filter': keep: at character 5
{ cast: { columns: { extra: date, email: colour } } }|colour
{ nonsense: {} }|nonsense
{ columns: { drop: [ id, email, ssn, amount, extra, updated_at ] } }|no column
{ flatten: { columns: extra } }|fields
EOT
done_testing
