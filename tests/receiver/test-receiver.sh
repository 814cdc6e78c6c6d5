#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# The receiver keeps its contract: heads, bodies, limits, landing, ledger.

. "$(dirname "$0")/../lib/functions.sh"
needs curl sqlite3 gzip

# post BODY [CURL_OPTION...]: prints the status; the answer is in TEST_DIR/answer,
# its headers in TEST_DIR/head.
post() {
	local body=$1
	shift
	printf '%s' "$body" >"$TEST_DIR/body"
	post_file "$TEST_DIR/body" "$@"
}

post_file() {
	local file=$1
	shift
	curl -sS -o "$TEST_DIR/answer" -D "$TEST_DIR/head" -w '%{http_code}' \
		-H "Authorization: ${auth:-Bearer test-key}" \
		-H "Content-Type: ${type:-application/json}" \
		--data-binary "@$file" "$@" "$RECEIVER_URL" 2>"$TEST_DIR/curl.err"
}

answer() {
	cat "$TEST_DIR/answer"
}

# rows N [FIELD]: a list of N rows.
rows() {
	awk -v n="$1" -v more="${2:-}" 'BEGIN {
		for (i = 1; i <= n; i++) printf "%s{\"id\":%d%s}", (i > 1 ? "," : ""), i, more }'
}

nested() {
	awk -v n="$1" 'BEGIN { for (i = 1; i < n; i++) printf "{\"a\":"; printf "1"
		for (i = 1; i < n; i++) printf "}" }'
}

# refused STATUS BODY PATTERN NAME: the status, and the reason that is given.
refused() {
	local status
	status=$(post "$2")
	like "$status $(answer)" "^$1 .*detail.*$3" "$4"
}

config='"config":{"table":"bronze.t"}'
merge='"config":{"table":"bronze.m","mode":"merge","primary_key":["id"],"wait":true}'

receiver_start --ledger-rows || exit 1

# --- the head ---
is "$(curl -sS -o /dev/null -w '%{http_code}' "$RECEIVER_URL")" 401 "GET without a key: 401"
is "$(curl -sS -o /dev/null -w '%{http_code}' -H 'Authorization: Bearer wrong' "$RECEIVER_URL")" \
	401 "GET with a wrong key: 401"
is "$(curl -sS -o /dev/null -D "$TEST_DIR/head" -w '%{http_code}' \
	-H 'Authorization: Bearer test-key' "$RECEIVER_URL")" 405 "GET with the key: 405"
like "$(cat "$TEST_DIR/head")" 'Allow: POST' "405 says what is allowed"
is "$(auth='Bearer wrong' post "{$config,\"data\":[{\"a\":1}]}")" 401 \
	"POST with a wrong key: 401"
like "$(answer)" '^\{"detail":"' "401 has a detail"
is "$(RECEIVER_URL=$RECEIVER_ORIGIN/v1/query post '{}')" 404 "another path: 404"
is "$(type=application/x-ndjson post "{$config,\"data\":[]}")" 415 \
	"another content type: 415"
is "$(post "{$config,\"data\":[]}" -H 'Content-Encoding: zstd')" 415 "another encoding: 415"
is "$(type='application/json; charset=utf-8' auth='bearer test-key' \
	post "{$config,\"data\":[{\"a\":1}]}")" 200 "parameters and the scheme's case do not matter"

# --- the envelope ---
refused 400 '' 'not a JSON object' "an empty body"
refused 400 '[]' 'not a JSON object' "not an object"
refused 400 '{"config":{"table":"a.b"},"data":[{"a":1}]' 'not valid JSON' "a cut body"
refused 400 "{$config,\"data\":[{\"a\":1}]} x" 'not valid JSON' "something behind the body"
refused 400 "{$config,\"data\":[{\"a\":1},]}" 'not valid JSON' "a comma too many"
refused 400 "{$config,$config,\"data\":[{\"a\":1}]}" 'twice' "config twice"
refused 400 '{"config":{"table":"a.b","table":"a.c"},"data":[{"a":1}]}' 'duplicate' "table twice"
refused 422 '{"data":[{"a":1}]}' 'config is required' "no config"
refused 422 "{$config}" 'data is required' "no data"
refused 422 "{$config,\"data\":7}" 'object or an array' "data is a number"
refused 422 "{$config,\"data\":[{\"a\":1}],\"x\":1}" 'unknown key' "an unknown key"
refused 422 '{"config":{"table":"a.b","x":1},"data":[{"a":1}]}' "unknown key 'x'" \
	"an unknown key in config"
refused 422 '{"config":{},"data":[{"a":1}]}' 'table is required' "no table"
for table in '"t"' '"a.b.c"' '".b"' '"a."' '"a.\"b"' '7' '"a.b\u0000"' \
	"\"a.$(printf '%064d' 1)\""; do
	refused 422 "{\"config\":{\"table\":$table},\"data\":[{\"a\":1}]}" 'schema.table' "table $table"
done
refused 422 '{"config":{"table":"a.b","mode":"replace"},"data":[{"a":1}]}' 'append or merge' \
	"mode replace is for on-prem"
refused 422 '{"config":{"table":"a.b","mode":"merge"},"data":[{"a":1}]}' 'needs primary_key' \
	"merge without a key"
refused 422 '{"config":{"table":"a.b","mode":"merge","primary_key":["a","b"]},"data":[{"a":1}]}' \
	'exactly one' "a key of two columns"
refused 422 '{"config":{"table":"a.b","mode":"merge","primary_key":"a"},"data":[{"a":1}]}' \
	'list' "a key that is no list"
refused 422 '{"config":{"table":"a.b","wait":1},"data":[{"a":1}]}' 'boolean' "wait is a number"
refused 422 '{"config":{"table":"a.b","tags":[]},"data":[{"a":1}]}' 'object' "tags is a list"
like "$(answer)" '\{"detail":\[\{"loc":\["body","config","tags"\],"msg":"' "422 says where"

# --- rows ---
refused 400 "{$config,\"data\":[]}" 'no row' "no row"
refused 400 "{$config,\"data\":[1]}" 'row 0: is not an object' "a row is a number"
refused 400 "{$config,\"data\":[{\"a\":1},{\"a\":nul}]}" 'row 1: is not valid JSON' "a row is no JSON"
refused 400 "{$config,\"data\":[{\"a\":1]]}" 'row 0: is not valid JSON' "brackets that do not match"
refused 400 "{$config,\"data\":[{\"a\":1,\"a\":2}]}" 'duplicate' "a key twice"
refused 400 "{$config,\"data\":[{\"a\":\"$(printf '\377')\"}]}" 'decode byte' "invalid UTF-8"
refused 400 "{$config,\"data\":[{\"a\":\"\\ud800\"}]}" 'JSON' "half a surrogate pair"
refused 400 "{$config,\"data\":[{\"a\":9223372036854775808}]}" 'JSON' "an integer over 64 bits"
refused 400 "{$config,\"data\":[$(nested 12)]}" 'nested 11 deep' "11 levels"
is "$(post "{$config,\"data\":[$(nested 11)]}")" 200 "10 levels"
refused 400 "{$config,\"data\":[$(nested 300000)]}" 'nested 299999 deep' "very deep"
big=$(printf '%0999998d' 0)
is "$(post "{$config,\"data\":[{\"big\":\"$big\"}]}")" 200 "a field of 1,000,000 bytes"
refused 400 "{$config,\"data\":[{\"big\":\"${big}0\"}]}" 'has 1000001 bytes' "one byte more"
is "$(post "{$config,\"data\":[$(rows 50000)]}")" 200 "50,000 rows"
refused 413 "{$config,\"data\":[$(rows 50001)]}" 'more than 50000' "one row more"
printf '{%s,"data":[{"a":1}]}' "$config" >"$TEST_DIR/full"
printf "%$((10000000 - $(wc -c <"$TEST_DIR/full")))s" '' >>"$TEST_DIR/full"
is "$(post_file "$TEST_DIR/full")" 200 "a body of 10,000,000 bytes"
printf ' ' >>"$TEST_DIR/full"
is "$(post_file "$TEST_DIR/full")" 413 "one byte more"
is "$(post_file "$TEST_DIR/full" -H 'Transfer-Encoding: chunked')" 413 "the same without a length"
is "$(post "{$config,\"data\":{\"a\":1}}")" 200 "a single record"

# --- merge ---
refused 400 "{$merge,\"data\":[{\"id\":1},{\"x\":1}]}" "row 1: the key 'id' is missing" "no key"
refused 400 "{$merge,\"data\":[{\"id\":null}]}" "'id' is null" "a null key"
refused 400 "{$merge,\"data\":[{\"id\":[1]}]}" "not a plain value" "a key that is a list"
refused 400 "{$merge,\"data\":[{\"id\":1},{\"id\":2},{\"id\":1}]}" 'row 2: .*twice' \
	"a key twice in a batch"
is "$(landed "SELECT count(*) FROM sqlite_master WHERE name = 'bronze.m'")" 0 \
	"a refused batch leaves nothing"
is "$(post "{$merge,\"data\":[{\"id\":1,\"v\":\"a\"},{\"id\":2,\"v\":\"b\"}]}" \
	-H 'X-Request-Id: my-id')" 200 "merge inserts"
like "$(answer)" '^\{"success":true,"request_id":"my-id","stream_id":"st_[0-9a-f]+","table":"bronze.m","accepted":2,"successful_rows":2,"rejected_rows":0,"partitions":\["20[0-9-]+"\],"snapshot_id":[0-9]+,"warnings":\[\],"errors":\[\]\}$' \
	"the answer's shape"
like "$(cat "$TEST_DIR/head")" 'X-Request-Id: my-id' "the request id is in the answer's head"
is "$(post "{$merge,\"data\":[{\"id\":2,\"w\":true},{\"id\":3,\"v\":\"c\"}]}")" 200 "merge replaces"
is "$(landed 'SELECT id, v, w FROM "bronze.m" ORDER BY id')" $'1|a|\n2||1\n3|c|' \
	"the whole row is replaced"
post "{$config,\"data\":[{\"a\":1}]}" >/dev/null
like "$(answer)" '"snapshot_id":null' "no snapshot without wait"

# --- types ---
types='"config":{"table":"bronze.types"}'
data='{"i":-9223372036854775808,"r":0.5,"t":"\u00e9\ud83e\udd8a","b":false,"j":{"k":[1,2]},"n":null}'
post "{$types,\"data\":[$data,{\"n\":9007199254740993,\"r\":2,\"j\":\"s\"}]}" >/dev/null
is "$(landed 'SELECT i, typeof(i), r, t, b, j, n FROM "bronze.types"')" \
	$'-9223372036854775808|integer|0.5|é🦊|0|{"k":[1,2]}|\n|null|2.0|||"s"|9007199254740993' \
	"values are exact"
is "$(landed "SELECT group_concat(name || ' ' || type, ', ') FROM pragma_table_info('bronze.types')")" \
	"_seq INTEGER, _raw TEXT, i INTEGER, r REAL, t TEXT, b BOOLEAN, j JSON TEXT, n INTEGER" \
	"a column has the type of its first value"
is "$(landed 'SELECT _raw FROM "bronze.types" LIMIT 1')" "$data" "_raw is the row, byte for byte"
is "$(post "{$types,\"data\":[{\"i\":\"x\"},{\"i\":1},{\"i\":1.5},{\"b\":1},{\"t\":2},{\"I\":2}]}")" \
	200 "values that do not fit refuse their rows only"
like "$(answer)" '"accepted":2,"successful_rows":2,"rejected_rows":4,.*row 0: the column .i. is INTEGER, the value is TEXT.*row 2' \
	"they are counted and named"
is "$(landed 'SELECT group_concat(i) FROM "bronze.types" WHERE i > 0')" 1,2 \
	"names are equal without regard to case"
is "$(post "{$types,\"data\":[{\"i\":\"x\"}]}")" 200 "a batch of which nothing is taken"
like "$(answer)" '"success":false,.*"rejected_rows":1' "is no success"
post "{$types,\"data\":[{\"_raw\":1},{\"\":1},{\"q\":1,\"Q\":2},{\"i\":1,\"I\":2}]}" >/dev/null
like "$(answer)" '"rejected_rows":4,.*own.*no name.*but for case.*but for case' \
	"names that cannot be columns"

# --- compression ---
seq_before=$(ledger "SELECT max(seq) FROM l")
printf '{%s,"data":[%s]}' '"config":{"table":"bronze.z"}' "$(rows 1000)" >"$TEST_DIR/plain"
gzip -c "$TEST_DIR/plain" >"$TEST_DIR/packed"
is "$(post_file "$TEST_DIR/packed" -H 'Content-Encoding: gzip')" 200 "gzip"
is "$(landed 'SELECT count(*) FROM "bronze.z"')" 1000 "its rows land"
is "$(ledger "SELECT sha256 FROM l WHERE seq = $seq_before + 1 AND request_id <> ''")" \
	"$(sha256sum <"$TEST_DIR/plain" | cut -d' ' -f1)" "the ledger's hash is of the decoded body"
{ head -c 100 "$TEST_DIR/plain" | gzip && tail -c +101 "$TEST_DIR/plain" | gzip; } >"$TEST_DIR/members"
is "$(post_file "$TEST_DIR/members" -H 'Content-Encoding: gzip')" 200 "gzip of two members"
head -c 200 "$TEST_DIR/packed" >"$TEST_DIR/cut"
is "$(post_file "$TEST_DIR/cut" -H 'Content-Encoding: gzip')" 400 "cut gzip"
is "$(post_file "$TEST_DIR/plain" -H 'Content-Encoding: gzip')" 400 "gzip that is none"
is "$(post '' -H 'Content-Encoding: gzip')" 400 "empty gzip"
gzip -c "$TEST_DIR/full" >"$TEST_DIR/bomb"
is "$(post_file "$TEST_DIR/bomb" -H 'Content-Encoding: gzip')" 413 "the decoded size counts"

# --- the ledger ---
is "$(ledger "SELECT count(*) FROM l WHERE request_id IS NOT NULL")" "$(receiver_stat accepted)" \
	"a line per accepted batch"
is "$(ledger_rows)" "$(ledger "SELECT count(*) FROM l WHERE row IS NOT NULL")" "a line per row"
is "$(ledger "SELECT data FROM l WHERE target = 'bronze.m' AND row = 1 LIMIT 1")" \
	'{"id":2,"v":"b"}' "with the row"
is "$(ledger "SELECT count(*) || ' ' || max(n) FROM (SELECT count(*) AS n FROM l
	WHERE request_id <> '' GROUP BY seq)")" "$(receiver_stat accepted) 1" "numbers do not repeat"
is "$(receiver_stat rows)" "$(ledger_rows)" "the statistics agree"
last=$(ledger "SELECT max(seq) FROM l")
ok "ends cleanly on SIGTERM" receiver_stop
printf '{"seq":99999,"row":0,"table":"bronze.t","da' >>"$RECEIVER_LEDGER"
receiver_start --quiet || exit 1
post "{$merge,\"data\":[{\"id\":9}]}" >/dev/null
is "$(ledger "SELECT max(seq), count(*) FROM l WHERE seq > $last")" "$((last + 1))|1" \
	"a restart continues the numbers and cuts a torn line"
like "$(answer)" "\"snapshot_id\":$((last + 1))," "the snapshot is the batch's number"
ok "ends cleanly again" receiver_stop

# --- the comparison that other tests lean on ---
shop=$TEST_DIR/shop.db
sample_shop "$shop" 200
shop_change "$shop" 1
receiver_start --name shop || exit 1
# shop_body TABLE COLUMNS: its rows as the sqlite source would send them.
shop_body() {
	printf '{"config":{"table":"bronze.%s"},"data":' "$1"
	sqlite3 "$shop" "SELECT json_group_array(json_object($2)) FROM $1"
	printf '}'
}
shop_body customers "'id', id, 'name', name, 'email', email, 'country', country,
	'balance', CAST(balance AS TEXT), 'active', CASE active WHEN 1 THEN json('true')
	WHEN 0 THEN json('false') END, 'score', score, 'external_id', external_id,
	'avatar', $(shop_base64 avatar), 'notes', notes, 'updated_at', updated_at" >"$TEST_DIR/shop.json"
is "$(sqlite3 :memory: "SELECT group_concat($(shop_base64 avatar)) FROM (SELECT x'' AS avatar
	UNION ALL SELECT x'ff' UNION ALL SELECT x'00ff80' UNION ALL SELECT x'fbefbe0a')")" \
	',/w==,AP+A,++++Cg==' "base64 in SQL"
is "$(post_file "$TEST_DIR/shop.json")" 200 "the shop's customers land"
compare_landed "$shop" customers bronze.customers "equal rows compare equal"
compare_landed_set "$shop" customers bronze.customers "as a set too"
for change in "UPDATE customers SET external_id = external_id - 1 WHERE id = 10" \
	"UPDATE customers SET notes = notes || ' ' WHERE id = 11" \
	"UPDATE customers SET country = NULL WHERE id = 22" \
	"UPDATE customers SET avatar = x'00ff81' WHERE id = 2" \
	"UPDATE customers SET active = 1 - active WHERE id = 3" \
	"UPDATE customers SET balance = balance + 0.01 WHERE id = 4" \
	"INSERT INTO customers (id, name, updated_at) VALUES (9999, 'x', 'y')" \
	"DELETE FROM customers WHERE id = 5"; do
	cp "$shop" "$TEST_DIR/changed.db"
	sqlite3 "$TEST_DIR/changed.db" "$change"
	# In a subshell, whose failed point does not count.
	like "$(compare_landed "$TEST_DIR/changed.db" customers bronze.customers)" '^not ok' \
		"a difference is seen: $change"
done
landed 'INSERT INTO "bronze.customers" SELECT * FROM "bronze.customers" WHERE id = 1'
like "$(compare_landed "$shop" customers bronze.customers)" '^not ok' "a repeated row is seen"
compare_landed_set "$shop" customers bronze.customers "but not in a set"
receiver_stop

# --- the other flavor ---
receiver_start --name onprem --flavor onprem --no-gzip --limit-rows 2 --limit-bytes 300 || exit 1
like "$RECEIVER_URL" '/api/v1/stream$' "on-prem has its own path"
replace='"config":{"table":"raw.r","mode":"replace"}'
post "{$replace,\"data\":[{\"a\":1},{\"a\":2}]}" >/dev/null
is "$(post "{$replace,\"data\":[{\"a\":3}]}")" 200 "on-prem replaces"
is "$(landed 'SELECT group_concat(a) FROM "raw.r"')" 3 "the whole table"
two='"config":{"table":"raw.k","mode":"merge","primary_key":["a","b"]}'
post "{$two,\"data\":[{\"a\":1,\"b\":\"x\",\"v\":1},{\"a\":1,\"b\":\"y\",\"v\":2}]}" >/dev/null
is "$(post "{$two,\"data\":[{\"a\":1,\"b\":\"x\",\"v\":3}]}")" 200 "on-prem merges by two columns"
is "$(landed 'SELECT a, b, v FROM "raw.k" ORDER BY b')" $'1|x|3\n1|y|2' "by both of them"
is "$(post_file "$TEST_DIR/packed" -H 'Content-Encoding: gzip')" 415 "--no-gzip refuses gzip"
is "$(post "{$replace,\"data\":[$(rows 3)]}")" 413 "--limit-rows"
is "$(post "{$replace,\"data\":[{\"a\":\"$(printf '%300d' 0)\"}]}")" 413 "--limit-bytes"
receiver_stop

# --- counting only ---
receiver_start --name discard --discard --ledger "$TEST_DIR/discard.ledger" || exit 1
is "$(post "{$merge,\"data\":[$(rows 50000 ',"s":"]}{[,\\\"\\\\"')]}")" 200 "--discard counts"
like "$(answer)" '"accepted":50000,' "rows, not what looks like rows"
is "$(ledger_rows)" 50000 "it can keep a ledger"
is "$(auth='Bearer x' post "{$config,\"data\":[{}]}")" 401 "it asks for the key"
receiver_stop

# --- wrong command lines ---
for options in '--listen 127.0.0.1:x' '--listen nowhere:1' '--limit-rows 0' '--flavor x' \
	'--tls-cert x' '--ledger-rows' '--key=' '--unknown' 'argument' '--path x' \
	'--tls-cert /none --tls-key /none' '--database /none/x' '--ledger /none/x' \
	'--scenario /none' "--port-file /none/x"; do
	# shellcheck disable=SC2086 # words are wanted
	status=$(exit_status timeout 10 "$DEFSYNC_RECEIVER" $options)
	like "$status $(head -c 300 "$TEST_DIR/err")" '^[12] .*(defsync-receiver|unrecognized)' \
		"refused: $options"
done

# --- documentation ---
undocumented=
for option in $("$DEFSYNC_RECEIVER" --help | sed -n 's/^  --\([a-z-]*\).*/\1/p'); do
	grep -q -e "Fl -$option\\>" "$TESTS_DIR/../man/defsync-receiver.1" || undocumented+=" $option"
done
is "$undocumented" "" "every option is in the manual page"
done_testing
