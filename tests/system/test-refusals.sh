#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# A wrong key, address or certificate, and an API that is not one: the documented
# exit code, one line that says what to do, nothing moved, nothing dead-lettered.

. "$(dirname "$0")/../lib/functions.sh"
. "$TESTS_DIR/lib/runs.sh"
needs sqlite3 jq curl openssl

numbers_db 50

# nothing_moved NAME
nothing_moved() {
	is "$(state numbers checkpoint)" "" "$1: the checkpoint has not moved"
	is "$(dead_letters)" 0 "$1: nothing is dead-lettered"
}

# refused NAME STATUS REGEX: runs, and looks at what it says.
refused() {
	new_store
	run
	run_is "$2" "$1: exit status $2"
	like "$(grep -v ': warning: ' "$TEST_DIR/err" | grep ';')" "$3" "$1: says what to do"
	is "$(grep -c "$3" "$TEST_DIR/err")" 1 "$1: in one line"
	nothing_moved "$1"
}

receiver_scenario '{"rules":[]}'
receiver_start --scenario "$SCENARIO"
table_config numbers updated_at

# scenario_refused NAME ACTION STATUS REGEX
scenario_refused() {
	receiver_scenario "{\"rules\":[{\"match\":{\"from\":1},\"action\":$2}]}"
	receiver_reload
	refused "$1" "$3" "$4"
}

scenario_refused 401 '{"status":401,"body":"{\"detail\":\"bad token\"}"}' 5 "401.*bad token.*; check api.key"
scenario_refused 403 '{"status":403}' 5 "403.*; check the key's rights"
scenario_refused 404 '{"status":404}' 5 "404.*; check api.url"
scenario_refused 405 '{"status":405}' 5 "405.*; check api.url"
scenario_refused 302 '{"redirect":"https://example.invalid/login"}' 5 "redirect.*; put the address"
scenario_refused "an HTML page with 200" \
	'{"status":200,"content_type":"text/html","body":"<html>log in</html>"}' 5 \
	"does not speak the ingest API.*; check api.url"
scenario_refused "wrong counts" '{"wrong_counts":true}' 5 "does not speak the ingest API"
scenario_refused 400 '{"status":400,"body":"{\"detail\":\"no such column\"}"}' 5 "400.*no such column"
scenario_refused 422 '{"status":422}' 5 "422"
scenario_refused 413 '{"status":413}' 5 "refused every row.*413.*; mend"
PUSH="retry_for: 700ms" table_config numbers updated_at
scenario_refused "500 for ever" '{"status":500}' 6 "500.*; nothing is lost, run again"
PUSH="retry_for: 10s" table_config numbers updated_at
scenario_refused "a Retry-After beyond the budget" '{"status":429,"headers":{"Retry-After":"120"}}' 6 \
	"429.*; nothing is lost, run again in 2m"
is "$(ledger_rows)" 150 "only the batch with wrong counts was taken, three times" ||
	diag "$(ledger 'SELECT * FROM l')"

# What was delivered before a refusal stays delivered.
receiver_stop
receiver_scenario '{"rules":[{"match":{"from":3},"action":{"status":401}}]}'
receiver_start --name middle --scenario "$SCENARIO"
PUSH="batch_rows: 10, in_flight: 1" table_config numbers updated_at
new_store
run
run_is 5 "401 in the middle: exit status 5"
is "$(ledger_rows)" 20 "two batches of ten were delivered"
receiver_scenario '{"rules":[]}'
receiver_reload
run
run_is 0 "the next run is done"
is "$(ledger_rows)" 50 "and sends only the rest"
receiver_stop

# A dead port.
PUSH="retry_for: 500ms" table_config numbers updated_at
refused "a dead port" 6 "refused.*; nothing is lost, run again"

# Certificates.
make_certs "$TEST_DIR/tls"
tls=$TEST_DIR/tls
for bad in wrong-host expired unknown; do
	receiver_start --name "$bad" --tls-cert "$tls/$bad.pem" --tls-key "$tls/$bad.key"
	table_config numbers updated_at "ca_file: $tls/ca.pem"
	refused "certificate: $bad" 5 "certificate is not trusted.*; check api.url"
	receiver_stop
done
receiver_start --name tls --tls-cert "$tls/server.pem" --tls-key "$tls/server.key"
table_config numbers updated_at
refused "an authority that is not known" 5 "certificate is not trusted.*ca_file"
table_config numbers updated_at "ca_file: $tls/ca.pem"
new_store
run
run_is 0 "with its authority the same server is trusted"
is "$(ledger_rows bronze.numbers)" 50 "and all rows arrive over TLS"
receiver_stop

# http:// to another machine is refused before anything is sent.
RECEIVER_URL=http://192.0.2.1/v2/stream
table_config numbers updated_at
new_store
run
run_is 3 "http to another machine: exit status 3"
like "$(cat "$TEST_DIR/err")" "api.url.*not encrypted" "and says why"
done_testing
