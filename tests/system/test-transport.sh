#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# The way to the API: certificates of both ends, proxies, connections that live on or
# died, and replies that are no HTTP, no end or no JSON.  Nothing that came over a
# doubtful way counts as delivered.

. "$(dirname "$0")/../lib/functions.sh"
. "$TESTS_DIR/lib/runs.sh"
needs sqlite3 jq curl openssl

ROWS=200
numbers_db $ROWS
make_certs "$TEST_DIR/tls" || diag <"$TEST_DIR/tls/openssl.log"
tls=$TEST_DIR/tls
SECRET=pr0xy-passw0rd

# config PUSH [API_LINE...]: one table in append mode; nothing was ever read.
config() {
	local push=$1
	shift
	PUSH="retry_for: 700ms, $push" table_config numbers updated_at "$@"
	new_store
}

# nothing_moved NAME
nothing_moved() {
	is "$(state numbers checkpoint) $(dead_letters)" " 0" "$1: nothing is committed or dead-lettered"
}

# fails NAME STATUS REGEX: a run that ends so within its budget and says so in one line.
fails() {
	local started=$SECONDS
	run
	run_is "$2" "$1: exit status $2"
	like "$(grep -v ': warning: ' "$TEST_DIR/err" | grep ';')" "$3" "$1: says why and what to do"
	is "$(grep -v ': warning: ' "$TEST_DIR/err" | grep -c ';')" 1 "$1: in one line"
	[ $((SECONDS - started)) -le 10 ]
	result $? "$1: in time"
	nothing_moved "$1"
}

# arrives NAME: a run that is done, and every row is there once.
arrives() {
	run
	run_is 0 "$1: done"
	is "$(landed 'SELECT count(*) || " " || count(DISTINCT id) FROM "bronze.numbers"')" "$ROWS $ROWS" \
		"$1: every row, once"
}

# receiver NAME [OPTION...]: with nothing in it.
receiver() {
	local name=$1
	shift
	[ -z "$RECEIVER_PID" ] || receiver_stop
	rm -f "$TEST_DIR/$name".{db,db-wal,db-shm,ledger}
	receiver_start --name "$name" "$@"
}

# --- the client's certificate ---
receiver mtls --tls-cert "$tls/server.pem" --tls-key "$tls/server.key" --tls-client-ca "$tls/ca.pem"
if [ "$RECEIVER_PORT" ]; then
	config "" "ca_file: $tls/ca.pem"
	fails "no client certificate" 5 "wants another client certificate.*certificate required.*; check api.client_cert"
	config "" "ca_file: $tls/ca.pem" "client_cert: $tls/foreign-client.pem" "client_key: $tls/foreign-client.key"
	fails "a foreign client certificate" 5 "wants another client certificate.*unknown ca.*; check api.client_cert"
	config "" "ca_file: $tls/ca.pem" "client_cert: $tls/client.pem" "client_key: $tls/server.key"
	fails "a key that is not the certificate's" 5 "client certificate cannot be used.*; check api.client_cert"
	config "" "ca_file: $tls/ca.pem" "client_cert: $tls/nothing.pem" "client_key: $tls/client.key"
	fails "a certificate that is not there" 5 "client certificate cannot be used.*; check api.client_cert"
	config "" "ca_file: $tls/ca.pem" "client_cert: $tls/client.pem" "client_key: $tls/client.key"
	arrives "the right client certificate"
else
	skip "client certificates" "the receiver was built without GnuTLS"
fi

# --- the server's ---
receiver tls --tls-cert "$tls/server.pem" --tls-key "$tls/server.key"
config "" "ca_file: $tls/nothing.pem"
fails "a CA file that is not there" 5 "CA file cannot be used.*; check api.ca_file"
echo "no certificate" >"$tls/empty.pem"
config "" "ca_file: $tls/empty.pem"
fails "a CA file without certificates" 5 "CA file cannot be used.*; check api.ca_file"

# pin NAME: the hash of a certificate's public key.
pin() {
	openssl x509 -in "$tls/$1.pem" -pubkey -noout | openssl pkey -pubin -outform der |
		openssl dgst -sha256 -binary | base64
}
config "" "ca_file: $tls/ca.pem" "pinned_key: sha256//$(pin unknown)"
fails "another pinned key" 5 "public key is not the pinned one.*; check api.pinned_key"
is "$(receiver_stat requests)" 0 "another pinned key: nothing was sent"
config "" "ca_file: $tls/ca.pem" "pinned_key: sha256//$(pin server)"
arrives "the pinned key"
config "" "pinned_key: sha256//$(pin server)"
fails "a pinned key does not replace the authority" 5 "certificate is not trusted"

# --- proxies ---
receiver plain
dead=http://127.0.0.1:9
config ""
http_proxy=$dead HTTP_PROXY=$dead https_proxy=$dead HTTPS_PROXY=$dead all_proxy=$dead ALL_PROXY=$dead \
	arrives "proxies of the environment"
receiver tls --tls-cert "$tls/server.pem" --tls-key "$tls/server.key"
config "" "ca_file: $tls/ca.pem"
http_proxy=$dead https_proxy=$dead HTTPS_PROXY=$dead all_proxy=$dead ALL_PROXY=$dead \
	arrives "proxies of the environment, https"
config "" "ca_file: $tls/ca.pem" "proxy: $dead"
no_proxy='*' NO_PROXY='*' fails "a configured proxy that is dead" 6 "refused.*127.0.0.1 port 9.*; nothing is lost, run again"
config "" "ca_file: $tls/ca.pem" "proxy: someone:$SECRET@127.0.0.1:9"
run
run_is 3 "a proxy without scheme: exit status 3"
like "$(cat "$TEST_DIR/err")" "proxy: .*write http://HOST:PORT" "a proxy without scheme: says what to do"
not_ok "a proxy without scheme: is not repeated" grep -q "$SECRET" "$TEST_DIR/err"

# proxy_start [LINE...]: tinyproxy on a free port; sets PROXY_PORT and PROXY_PID.
proxy_start() {
	local tries
	for tries in 1 2 3 4 5; do
		PROXY_PORT=$((20000 + RANDOM % 10000))
		printf '%s\n' "Port $PROXY_PORT" "Listen 127.0.0.1" "Timeout 60" "MaxClients 20" \
			"LogFile \"$TEST_DIR/proxy.log\"" "$@" >"$TEST_DIR/proxy.conf"
		tinyproxy -d -c "$TEST_DIR/proxy.conf" >/dev/null 2>&1 &
		PROXY_PID=$!
		kill_at_exit "$PROXY_PID"
		wait_until 5 proxy_settled && kill -0 "$PROXY_PID" 2>/dev/null && return 0
		stop_process "$PROXY_PID"
	done
	diag "try $tries: $(cat "$TEST_DIR/proxy.log")"
	return 1
}

# shellcheck disable=SC2317 # wait_until calls it
proxy_settled() {
	! kill -0 "$PROXY_PID" || (: <"/dev/tcp/127.0.0.1/$PROXY_PORT")
}

receiver tls --tls-cert "$tls/server.pem" --tls-key "$tls/server.key"
if command -v tinyproxy >/dev/null && proxy_start "BasicAuth someone $SECRET"; then
	proxy=http://someone:$SECRET@127.0.0.1:$PROXY_PORT
	config "" "ca_file: $tls/ca.pem" "proxy: $proxy"
	no_proxy='*' NO_PROXY='*' arrives "https through a proxy"
	like "$(cat "$TEST_DIR/proxy.log")" "CONNECT 127.0.0.1:$RECEIVER_PORT" "the proxy was asked for a tunnel"
	not_ok "and saw nothing of it" grep -qE "POST|bronze|$RECEIVER_KEY" "$TEST_DIR/proxy.log"
	config "" "ca_file: $tls/ca.pem" "proxy: http://someone:wr0ng-passw0rd@127.0.0.1:$PROXY_PORT"
	fails "a wrong password for the proxy" 5 "proxy asks for a log-in.*40[17].*; check api.proxy"
	# The proxy's password is nowhere: while it runs, in what it says, in what it keeps.
	receiver_scenario '{"rules":[{"match":{"from":1,"to":2},"action":{"status":503,"headers":{"Retry-After":"1"}}}]}'
	receiver plain --scenario "$SCENARIO"
	config "retry_for: 20s" "proxy: $proxy"
	sed -i 's/retry_for: 700ms, //' "$CONFIG"
	defsync_start run --config "$CONFIG" --verbose --report "$TEST_DIR/report.json"
	wait_until 10 grep -q 'plain\|503' "$RECEIVER_LOG"
	not_ok "the proxy's password is not in argv" grep -q "$SECRET" "/proc/$DEFSYNC_PID/cmdline"
	wait "$DEFSYNC_PID"
	is "$?" 0 "http through a proxy: done" || diag <"$TEST_DIR/defsync.err"
	stop_process "$PROXY_PID"
	new_store
	sed -i 's/retry_for: 20s/retry_for: 300ms/' "$CONFIG"
	run --verbose --log-format json
	run_is 6 "a proxy that went away: exit status 6"
	defsync check --config "$CONFIG" --verbose >"$TEST_DIR/check.out" 2>&1
	not_ok "the proxy's password is in no output" grep -rqF "$SECRET" "$TEST_DIR/defsync.err" \
		"$TEST_DIR/defsync.out" "$TEST_DIR/out" "$TEST_DIR/err" "$TEST_DIR/report.json" "$TEST_DIR/check.out"
	not_ok "nor is its encoded form" grep -rqF "$(printf %s "someone:$SECRET" | base64)" \
		"$TEST_DIR/defsync.err" "$TEST_DIR/err" "$TEST_DIR/check.out"
	not_ok "nor is it in the store" grep -raqF "$SECRET" "$(dirname "$STORE")"
else
	skip "a proxy" "tinyproxy is not there"
fi

# --- connections ---
receiver_scenario '{"rules":[]}'
receiver plain --scenario "$SCENARIO"
config "batch_rows: 10, in_flight: 1"
arrives "keep-alive"
is "$(receiver_stat requests) $(receiver_stat connections)" "20 1" "one connection serves twenty requests"
receiver tls --tls-cert "$tls/server.pem" --tls-key "$tls/server.key"
config "batch_rows: 10, in_flight: 1" "ca_file: $tls/ca.pem"
arrives "keep-alive, https"
is "$(receiver_stat requests) $(receiver_stat connections)" "20 1" "one handshake serves twenty requests"
receiver plain --scenario "$SCENARIO"
config "batch_rows: 5, in_flight: 4"
arrives "four at a time"
[ "$(receiver_stat connections)" -le 4 ]
result $? "four at a time: on no more than four connections"

receiver_scenario '{"rules":[{"action":{"headers":{"Connection":"close"}}}]}'
receiver plain --scenario "$SCENARIO"
config "batch_rows: 10, in_flight: 1"
arrives "a server that closes after each reply"
is "$(receiver_stat connections)" 20 "a server that closes after each reply: as many connections"
is "$(grep -c warning "$TEST_DIR/err")" 0 "a server that closes after each reply: is no trouble"

# It closes, too, but without saying so.
printf -v ack '%s' '{\"success\":true,\"accepted\":10,\"successful_rows\":10,\"rejected_rows\":0}'
plain_ack=${ack//\\/}
http="HTTP/1.1 200 OK\\r\\nContent-Type: application/json\\r\\n"
receiver_scenario "{\"rules\":[{\"action\":{\"accept_then\":{\"raw\":\"${http}Content-Length: ${#plain_ack}\\r\\n\\r\\n$ack\"}}}]}"
receiver plain --scenario "$SCENARIO"
config "batch_rows: 10, in_flight: 1"
arrives "a server that closes silently"
is "$(receiver_stat connections)" 20 "a server that closes silently: as many connections"

# A restart between two batches: the pooled connection is dead, and another server there.
receiver_scenario '{"rules":[{"match":{"from":3},"action":{"status":503,"headers":{"Retry-After":"1"}}}]}'
receiver plain --scenario "$SCENARIO"
config "batch_rows: 10, in_flight: 1"
sed -i 's/retry_for: 700ms/retry_for: 30s/' "$CONFIG"
port=$RECEIVER_PORT
requests_came() {
	[ "$(receiver_stat requests)" -ge "$1" ]
}
defsync_start run --config "$CONFIG"
wait_until 20 requests_came 3
receiver_stop
receiver_start --name plain --listen "127.0.0.1:$port"
wait "$DEFSYNC_PID"
is "$?" 0 "a server that restarts: done" || diag <"$TEST_DIR/defsync.err"
is "$(landed 'SELECT count(*) || " " || count(DISTINCT id) FROM "bronze.numbers"')" "$ROWS $ROWS" \
	"a server that restarts: every row, once"

# --- replies ---
# reply NAME STATUS REGEX ACTION: every reply of the API is this one.
reply() {
	receiver_scenario "{\"rules\":[{\"action\":$4}]}"
	receiver_reload
	config ""
	fails "$1" "$2" "$3"
}

# raw NAME STATUS REGEX BYTES: as printf knows them.
raw() {
	# shellcheck disable=SC2059 # a format is wanted
	printf "$4" >"$TEST_DIR/raw"
	reply "$1" "$2" "$3" "{\"raw_file\":\"$TEST_DIR/raw\"}"
}

receiver_scenario '{"rules":[]}'
receiver plain --scenario "$SCENARIO"
ok200='HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n'
good='{"success":true,"accepted":200,"successful_rows":200,"rejected_rows":0}'
odd='does not speak the ingest API.*; check api.url'
limit='over the limit; check api.url'
passing='; nothing is lost, run again'

raw "the reply that the others imitate" 6 "$passing" 'HTTP/1.1 503 Busy\r\nContent-Length: 0\r\n\r\n'
raw "no HTTP" 5 "$odd" 'SSH-2.0-OpenSSH_9.2\r\n'
raw "HTTP/0.9" 5 "$odd" "$good"
raw "no reply" 6 "$passing" ''
raw "half a status line" 6 "$passing" 'HTTP/1.1 20'
raw "a status that is none" 5 ';' "HTTP/1.1 999 Hm\r\nContent-Length: 0\r\n\r\n"
raw "half a head" 6 "$passing" "${ok200}Content-Len"
raw "a body that ends early" 6 "$passing" "${ok200}Content-Length: 5000\r\n\r\n$good"
raw "chunks without a size" 6 "$passing" "${ok200}Transfer-Encoding: chunked\r\n\r\nZZ\r\n$good\r\n0\r\n\r\n"
raw "chunks without an end" 6 "$passing" "${ok200}Transfer-Encoding: chunked\r\n\r\n47\r\n$good\r\n"
raw "a chunk of 2^64 bytes" 6 "$passing" "${ok200}Transfer-Encoding: chunked\r\n\r\n10000000000000000\r\n$good\r\n0\r\n\r\n"
raw "two lengths, the right one last" 5 "it has two lengths; check api.url" "${ok200}Content-Length: 5\r\nContent-Length: ${#good}\r\n\r\n$good"
raw "two lengths, the right one first" 5 "it has two lengths; check api.url" "${ok200}Content-Length: ${#good}\r\nContent-Length: 5\r\n\r\n$good"
raw "a negative length" 5 "$odd" "${ok200}Content-Length: -5\r\n\r\n$good"
raw "a NUL in the head" 5 "$odd" "${ok200}X-Odd: \\0\r\nContent-Length: ${#good}\r\n\r\n$good"

# big NAME STATUS REGEX COMMAND...: the reply is what the command prints.
big() {
	local name=$1 status=$2 regex=$3
	shift 3
	"$@" >"$TEST_DIR/raw"
	reply "$name" "$status" "$regex" "{\"raw_file\":\"$TEST_DIR/raw\"}"
}
continues() {
	for ((i = 0; i < 50000; i++)); do
		printf 'HTTP/1.1 100 Continue\r\n\r\n'
	done
}
many_headers() {
	printf 'HTTP/1.1 200 OK\r\n'
	awk 'BEGIN { for (i = 0; i < 100000; i++) printf "X-Filler-%06d: %080d\r\n", i, i }'
	printf 'Content-Type: application/json\r\nContent-Length: %d\r\n\r\n%s' "${#good}" "$good"
}
long_header() {
	printf 'HTTP/1.1 200 OK\r\nX-Filler: '
	head -c 10000000 /dev/zero | tr '\0' x
	printf '\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%s' "${#good}" "$good"
}
# encoded HEADER: the good reply and 64 MB of spaces, compressed.
encoded() {
	{ printf '%s' "$good" && head -c 64000000 /dev/zero | tr '\0' ' '; } | gzip -9 >"$TEST_DIR/bomb"
	printf '%b%s: gzip\r\n' "$ok200" "$1"
	[ "$1" = Transfer-Encoding ] || printf 'Content-Length: %d\r\n' "$(wc -c <"$TEST_DIR/bomb")"
	printf '\r\n'
	cat "$TEST_DIR/bomb"
}
# small HEADER: the good reply, compressed, in one piece.
small() {
	printf '%s' "$good" | gzip >"$TEST_DIR/small"
	printf '%b%s: gzip\r\nContent-Length: %d\r\n\r\n' "$ok200" "$1" "$(wc -c <"$TEST_DIR/small")"
	cat "$TEST_DIR/small"
}
big "ten megabytes of headers" 5 "$limit" many_headers
big "a header of ten megabytes" 5 "$limit" long_header
big "a flood of 100 Continue" 5 "$limit" continues
big "a reply in an encoding that was not asked for" 5 "$odd" small Content-Encoding
big "a bomb" 5 "$odd" encoded Content-Encoding
# libcurl decodes this one without being asked.
big "a bomb as transfer encoding" 5 "$limit" encoded Transfer-Encoding
reply "a body without end" 5 "$limit" '{"status":200,"body":"{}","pad_bytes":1000000000000}'
is "$(receiver_stat accepted)" 0 "none of these was taken in"

# --- redirects ---
receiver other
other_origin=$RECEIVER_ORIGIN other_pid=$RECEIVER_PID other_url=$RECEIVER_URL
RECEIVER_PID=
receiver_scenario '{"rules":[]}'
receiver first --scenario "$SCENARIO"
for status in 301 302 303 307 308; do
	receiver_scenario "{\"rules\":[{\"action\":{\"status\":$status,\"redirect\":\"$other_url\"}}]}"
	receiver_reload
	config ""
	fails "redirect $status" 5 "redirect.*$status.*; put the address"
done
is "$(curl -sS "$other_origin/_receiver/stats" | jq .requests)" 0 "the other address saw no request"
run --verbose
not_ok "the key is not in the log, however much it says" grep -qF "$RECEIVER_KEY" "$TEST_DIR/err"
receiver_stop
stop_process "$other_pid"

# --- what is sent ---
receiver_scenario '{"rules":[]}'
receiver plain --scenario "$SCENARIO"
evil=$'x\\r\\nX-Evil: 1\\r\\n\\r\\nPOST / HTTP/1.1\\r\\n\\r\\n'
for bad in "x\\r\\nX-Evil: 1" "x\\nX-Evil: 1" "x\\0y" "x y"; do
	config ""
	sed -i "s|key: $RECEIVER_KEY|key: \"${bad//\\/\\\\}\"|" "$CONFIG"
	run
	run_is 3 "a key with $bad: exit status 3"
	not_ok "a key with $bad: is not repeated" grep -q 'Evil' "$TEST_DIR/err"
done
is "$(receiver_stat requests)" 0 "nothing was sent with such a key"
config ""
sed -i "s|to: bronze.numbers|to: \"bronze.num\\\\\"bers$evil\"|" "$CONFIG"
run
run_is 3 "a target with line ends and quotes: exit status 3"
is "$(receiver_stat requests)" 0 "a target with line ends and quotes: nothing was sent"
config "tags: { \"$evil\": \"$evil\\\"}\" }"
arrives "tags with line ends and quotes"
is "$(receiver_stat requests)" 1 "tags with line ends and quotes: one request"
receiver_stop
done_testing
