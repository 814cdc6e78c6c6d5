#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# The receiver's scripted faults: each rule matches and does what it says.

. "$(dirname "$0")/../lib/functions.sh"
needs curl sqlite3

# send BODY [CURL_OPTION...]: prints "status curl-exit"; the answer is in
# TEST_DIR/answer, its headers in TEST_DIR/head.
send() {
	local body=$1 status
	shift
	rm -f "$TEST_DIR/answer"
	status=$(curl -sS -o "$TEST_DIR/answer" -D "$TEST_DIR/head" -w '%{http_code}' --max-time 20 \
		-H "Authorization: Bearer test-key" -H 'Content-Type: application/json' \
		--data-binary "$body" "$@" "$RECEIVER_URL" 2>"$TEST_DIR/curl.err")
	echo "$status $?"
}

answer() {
	cat "$TEST_DIR/answer" 2>/dev/null
}

# batch TEXT [TABLE]: a body of one row.
batch() {
	printf '{"config":{"table":"%s"},"data":[{"v":"%s"}]}' "${2:-bronze.t}" "$1"
}

# landed_values: the rows that landed since the last call.
landed_values() {
	landed 'SELECT group_concat(v) FROM "bronze.t" WHERE rowid > 0; DELETE FROM "bronze.t"'
}

# scenario RULES: in force when it returns.
scenario() {
	receiver_scenario "{\"rules\":[$1]}"
	receiver_reload
	next=$(($(receiver_stat requests) + 1))
}

# shellcheck disable=SC2317 # wait_until calls it
# request_came: one has come since the scenario is in force.
request_came() {
	[ "$(receiver_stat requests)" -ge "$next" ]
}

# action JSON: the same for every request.
action() {
	scenario "{\"action\":$1}"
}

# milliseconds COMMAND...: prints how long it takes.
milliseconds() {
	local start
	start=$(date +%s%N)
	"$@" >/dev/null
	echo $((($(date +%s%N) - start) / 1000000))
}

# statuses N: of N requests, one after the other.
statuses() {
	local i out=
	for ((i = 0; i < $1; i++)); do
		out+="$(send "$(batch s)" | cut -d' ' -f1) "
	done
	echo "${out% }"
}

receiver_scenario '{"rules":[]}'
receiver_start --scenario "$SCENARIO" || exit 1
send "$(batch first)" >/dev/null
is "$(landed_values)" first "a scenario without rules changes nothing"

# --- which request ---
scenario "{\"match\":{\"request\":$(($(receiver_stat requests) + 2))},\"action\":{\"status\":503}}"
is "$(statuses 3)" "200 503 200" "one request by its number"
n=$(receiver_stat requests)
scenario "{\"match\":{\"from\":$((n + 2)),\"to\":$((n + 3))},\"action\":{\"status\":503}}"
is "$(statuses 4)" "200 503 503 200" "a range of requests"
scenario '{"match":{"every":2},"action":{"status":503}}'
like "$(statuses 4)" '^(200 503 200 503|503 200 503 200)$' "every second request"
scenario '{"times":2,"action":{"status":503}}'
is "$(statuses 3)" "503 503 200" "a number of times"
scenario '{"match":{"table":"bronze.x"},"action":{"status":503}}'
is "$(send "$(batch a)") $(send "$(batch a bronze.x)")" "200 0 503 0" "by table"
scenario '{"match":{"row_contains":"POISON"},"action":{"status":400}}'
is "$(send "$(batch a)") $(send "$(batch POISONED)")" "200 0 400 0" "by what a row holds"
scenario '{"times":1,"action":{"status":500}},{"times":1,"action":{"status":502}}'
is "$(statuses 3)" "500 502 200" "the first rule that matches"
scenario '{"match":{"probability":0.5,"seed":7},"action":{"status":503}}'
drawn=$(statuses 24)
like "$drawn" '200.*503|503.*200' "some, by chance"
receiver_stop
receiver_start --scenario "$SCENARIO" || exit 1
first=$(statuses 12)
receiver_stop
receiver_start --scenario "$SCENARIO" || exit 1
is "$(statuses 12)" "$first" "the same ones in each run"
landed_values >/dev/null

# --- refusals ---
action '{"status":429,"headers":{"Retry-After":"7","X-A":"b"},"body":"<p>no","content_type":"text/html"}'
is "$(send "$(batch no)")" "429 0" "a status"
is "$(answer)" "<p>no" "with a body"
like "$(cat "$TEST_DIR/head")" 'Retry-After: 7' "with headers"
like "$(cat "$TEST_DIR/head")" 'Content-Type: text/html' "with a content type"
is "$(landed_values)" "" "and nothing is stored"
action '{"status":200,"body":"{}"}'
is "$(send "$(batch no)") $(answer)" "200 0 {}" "a success that is none"
is "$(landed_values)" "" "and nothing is stored"
action '{"redirect":"https://elsewhere.example/"}'
is "$(send "$(batch no)")" "307 0" "a redirect"
like "$(cat "$TEST_DIR/head")" 'Location: https://elsewhere.example/' "says where to"
action '{"redirect":"https://elsewhere.example/","status":301}'
is "$(send "$(batch no)")" "301 0" "a redirect of another kind"
action '{"status":204,"body":""}'
is "$(send "$(batch no)")" "204 0" "no content"
action '{"reset":true}'
is "$(send "$(batch no)")" "000 56" "a reset"
like "$(cat "$TEST_DIR/curl.err")" 'reset by peer' "is RST, not FIN"
is "$(landed_values)" "" "and nothing is stored"
scenario '{"early":true,"times":1,"action":{"reset":true}},{"early":true,"action":{"status":413}}'
like "$(send "$(batch no)")" "000 5[56]" "a reset before the body is read"
printf '{%8000000s' x >"$TEST_DIR/large"
like "$(send "@$TEST_DIR/large")" "^413 " "an answer before the body is read"
action '{"raw":"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nZZ\r\n"}'
is "$(send "$(batch no)")" "200 56" "raw bytes: a bad chunk"
action '{"raw":"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 418 Tea\r\nContent-Length: 2\r\n\r\n\u0000!"}'
is "$(send "$(batch no)") $(tr '\0' 0 <"$TEST_DIR/answer")" "418 0 0!" "raw bytes: NUL among them"
printf "HTTP/1.1 200 OK\r\nContent-Length: 300000\r\n\r\n" >"$TEST_DIR/raw"
head -c 300000 /dev/urandom >>"$TEST_DIR/raw"
action "{\"raw_file\":\"$TEST_DIR/raw\"}"
is "$(send "$(batch no)") $(tail -c 300000 "$TEST_DIR/raw" | cmp - "$TEST_DIR/answer" && echo same)" "200 0 same" \
	"raw bytes of a file"

# --- taken in, but the answer is spoilt ---
accepted=$(ledger_rows)
action '{"accept_then_reset":true}'
is "$(send "$(batch kept)")" "000 56" "taken, then reset"
like "$(cat "$TEST_DIR/curl.err")" 'reset by peer' "is RST, not FIN"
is "$(landed_values)" kept "the row is stored"
is "$(ledger_rows)" "$((accepted + 1))" "and in the ledger"
action '{"accept_then":{"status":500,"body":"oops"}}'
is "$(send "$(batch kept)") $(answer)" "500 0 oops" "taken, then an error"
is "$(landed_values)" kept "the row is stored"
action '{"accept_then":{"delay_ms":3000}}'
is "$(send "$(batch kept)" --max-time 0.7)" "000 28" "taken, then no answer in time"
is "$(landed_values)" kept "the row is stored"
action '{"cut_after":10}'
is "$(send "$(batch kept)")" "200 18" "an answer that is cut"
is "$(answer)" '{"success"' "after that many bytes"
is "$(landed_values)" kept "the row is stored"
action '{"cut_after":0}'
is "$(send "$(batch kept)")" "200 18" "an answer that is cut at once"
action '{"status":503,"body":"0123456789","cut_after":3}'
is "$(send "$(batch no)") $(answer)" "503 18 012" "a refusal that is cut"
action '{"wrong_counts":true}'
send "$(batch kept)" >/dev/null
like "$(answer)" '"accepted":2,"successful_rows":2,"rejected_rows":0' "counts that do not add up"
action '{"patch":{"accepted":-1,"success":"1","more":null}}'
send "$(batch kept)" >/dev/null
like "$(answer)" '"success":"1",.*"accepted":-1,.*"more":null' "members that are replaced"
action '{"content_type":"text/plain","headers":{"X-A":"b"}}'
is "$(send "$(batch kept)")" "200 0" "the normal answer"
like "$(cat "$TEST_DIR/head")" 'X-A: b' "with other headers"
action '{"pad_bytes":3000000}'
send "$(batch kept)" >/dev/null
is "$(($(wc -c <"$TEST_DIR/answer") / 1000000))" 3 "a long answer"
landed_values >/dev/null

# --- rows refused one by one ---
body='{"config":{"table":"bronze.t"},"data":[{"v":"a"},{"v":"b"},{"v":"c BAD"},{"v":"d"}]}'
action '{"reject_rows":[0,3]}'
is "$(send "$body")" "200 0" "rows refused by index"
like "$(answer)" '"success":true.*"accepted":2,"successful_rows":2,"rejected_rows":2.*row 0.*row 3' \
	"are counted and named"
is "$(landed_values)" "b,c BAD" "and not stored"
action '{"reject_rows":{"containing":"BAD"}}'
send "$body" >/dev/null
is "$(landed_values)" "a,b,d" "rows refused by what they hold"
is "$(ledger 'SELECT n FROM l ORDER BY seq DESC LIMIT 1')" 3 "the ledger counts the others"

# --- time ---
action '{"delay_ms":700}'
[ "$(milliseconds send "$(batch slow)")" -ge 700 ]
result $? "a delay"
action '{"slow_bytes_per_second":300}'
[ "$(milliseconds send "$(batch slow)")" -ge 500 ]
result $? "a slow answer"
scenario '{"match":{"row_contains":"SLOW"},"action":{"delay_ms":3000}}'
send "$(batch SLOW)" >"$TEST_DIR/slow.out" &
slow=$!
wait_until 5 request_came
[ "$(milliseconds send "$(batch quick)")" -lt 2000 ]
result $? "a delay holds nobody else up"
wait "$slow"
is "$(cat "$TEST_DIR/slow.out")" "200 0" "and ends"
[ "$(receiver_stat peak_concurrency)" -ge 2 ]
result $? "two requests at a time are counted"
action '{"delay_ms":60000}'
send "$(batch never)" >/dev/null 2>&1 &
stuck=$!
wait_until 5 request_came
[ "$(milliseconds receiver_stop)" -lt 5000 ]
result $? "a delay does not hold up SIGTERM"
wait "$stuck"

# --- what a scenario may say ---
wrong() {
	receiver_scenario "$1"
	like "$(exit_status timeout 10 "$DEFSYNC_RECEIVER" --scenario "$SCENARIO") $(cat "$TEST_DIR/err")" \
		"^1 .*scenario.*$2" "wrong: $3"
}
wrong '{' 'line' "no JSON"
wrong '{"rules":{}}' 'list' "rules that are no list"
wrong '{"rules":[{}]}' 'rule 1: .*action' "no action"
wrong '{"rules":[{"action":{}},{"action":{"x":1}}]}' "rule 2: .*'x' is unknown" "an unknown action"
wrong '{"rules":[{"action":{"status":"x"}}]}' "wrong value" "a status that is no number"
wrong '{"rules":[{"action":{"status":99}}]}' "200..599" "a status that is none"
wrong '{"rules":[{"match":{"x":1},"action":{}}]}' "match" "an unknown condition"
wrong '{"rules":[{"action":{"status":500,"accept_then_reset":true}}]}' "another answer" "two answers"
wrong '{"rules":[{"action":{"status":500,"reject_rows":[1]}}]}' "another|beside" "rows of no batch"
wrong '{"rules":[{"action":{"accept_then":{"reject_rows":[1]}}}]}' "in accept_then" "too deep"
wrong '{"rules":[{"action":{"headers":{"a":1}}}]}' "must be a text" "a header that is no text"
wrong '{"rules":[{"early":true,"action":{"delay_ms":1}}]}' "early" "an early rule that takes the batch"
wrong '{"rules":[{"early":true,"match":{"table":"a.b"},"action":{"status":500}}]}' "early" \
	"an early rule that looks into the body"

# --- TLS ---
if ! command -v openssl >/dev/null; then
	skip "TLS" "openssl is not installed"
	done_testing
fi
make_certs "$TEST_DIR/tls" || diag <"$TEST_DIR/tls/openssl.log"
receiver_scenario '{"rules":[{"match":{"row_contains":"RST"},"action":{"accept_then_reset":true}}]}'
# tls NAME [OPTION...]: the receiver with that certificate.
tls() {
	local name=$1
	shift
	receiver_start --tls-cert "$TEST_DIR/tls/$name.pem" --tls-key "$TEST_DIR/tls/$name.key" \
		--scenario "$SCENARIO" "$@"
}
tls server || exit 1
landed_values >/dev/null
ca=(--cacert "$TEST_DIR/tls/ca.pem")
is "$(send "$(batch tls)" "${ca[@]}")" "200 0" "HTTPS"
is "$(landed_values)" tls "stores rows"
is "$(RECEIVER_URL=https://localhost:$RECEIVER_PORT/v2/stream send "$(batch n)" "${ca[@]}")" \
	"200 0" "by name"
is "$(send "$(batch x)" --cacert "$TEST_DIR/tls/other-ca.pem")" "000 60" "another authority is refused"
landed_values >/dev/null
like "$(send "$(batch RST)" "${ca[@]}")" "^000 (56|35|52)" "a reset through TLS"
is "$(landed_values)" RST "after the row was stored"
receiver_stop
for certificate in wrong-host expired unknown; do
	tls "$certificate" || exit 1
	is "$(send "$(batch x)" "${ca[@]}")" "000 60" "the certificate '$certificate' is refused"
	receiver_stop
done
# A client that must show a certificate.
receiver_scenario '{"rules":[]}'
tls server --tls-client-ca "$TEST_DIR/tls/ca.pem" || exit 1
landed_values >/dev/null
like "$(send "$(batch none)" "${ca[@]}")" "^000 (56|35)" "no client certificate"
like "$(cat "$TEST_DIR/curl.err")" "certificate required" "is answered by the alert"
like "$(send "$(batch foreign)" "${ca[@]}" --cert "$TEST_DIR/tls/foreign-client.pem" \
	--key "$TEST_DIR/tls/foreign-client.key")" "^000 (56|35)" "one of another authority"
like "$(cat "$TEST_DIR/curl.err")" "unknown ca" "is answered by another alert"
mine=(--cert "$TEST_DIR/tls/client.pem" --key "$TEST_DIR/tls/client.key")
is "$(send "$(batch mine)" "${ca[@]}" "${mine[@]}")" "200 0" "the right one"
is "$(landed_values)" mine "stores rows, and the others did not"
curl -sS "${ca[@]}" "${mine[@]}" "$RECEIVER_ORIGIN/_receiver/stats" >"$TEST_DIR/answer"
like "$(cat "$TEST_DIR/answer")" '"requests":1,' "strangers are not counted"
receiver_stop
receiver_scenario '{"rules":[{"action":{"raw":"x"}}]}'
like "$(exit_status timeout 10 "$DEFSYNC_RECEIVER" --scenario "$SCENARIO" \
	--tls-cert "$TEST_DIR/tls/server.pem" --tls-key "$TEST_DIR/tls/server.key") $(cat "$TEST_DIR/err")" \
	'^1 .*TLS' "raw bytes do not go through TLS"
done_testing
