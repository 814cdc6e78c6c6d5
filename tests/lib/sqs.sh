# shellcheck shell=bash
# SPDX-License-Identifier: MIT
# A server of SQS for tests, see tests/sqs/server.js.  Sourced after npm.sh.

SQS_ACCESS_KEY=AKIDDEFSYNCTEST
SQS_SECRET_KEY=wJalr/XUtnFEMI+K7MDENG:bPxRfiCYEXAMPLE=KEY
SQS_REGION=eu-test-1
SQS_PID=
sqs_runs=0

# sqs_needs: skips the whole test when its packages cannot be had.
sqs_needs() {
	needs curl jq
	npm_needs sqs
}

# sqs_start [OPTION...]: HTTPS with certificates in TEST_DIR/certs.  --port N takes
# that port.  Sets SQS_PID, SQS_PORT, SQS_ENDPOINT and SQS_URL, that of the queue "dead".
sqs_start() {
	local port_file
	[ -d "$TEST_DIR/certs" ] || make_certs "$TEST_DIR/certs"
	sqs_runs=$((sqs_runs + 1))
	port_file=$TEST_DIR/sqs.port.$sqs_runs
	node "$TESTS_DIR/sqs/server.js" --packages "$NPM_PACKAGES" --port-file "$port_file" \
		--cert "$TEST_DIR/certs/server.pem" --key-file "$TEST_DIR/certs/server.key" \
		--queue dead --queue dead.fifo --access-key "$SQS_ACCESS_KEY" --secret-key "$SQS_SECRET_KEY" \
		"$@" </dev/null 2>>"$TEST_DIR/sqs.log" &
	SQS_PID=$!
	kill_at_exit "$SQS_PID"
	if ! wait_until 30 sqs_settled "$port_file" || [ ! -s "$port_file" ]; then
		diag "the server of SQS does not start:"
		diag <"$TEST_DIR/sqs.log"
		return 1
	fi
	SQS_PORT=$(cat "$port_file")
	SQS_ENDPOINT=https://127.0.0.1:$SQS_PORT
	SQS_URL=$SQS_ENDPOINT/000000000000/dead
}

sqs_settled() {
	[ -s "$1" ] || ! kill -0 "$SQS_PID"
}

# sqs_stop: SIGKILL, as nothing of it is kept.
sqs_stop() {
	stop_process "$SQS_PID" KILL
}

sqs_ask() {
	curl -sS --insecure "$@"
}

# sqs_messages QUEUE: takes all messages off it, as a JSON list of {body, group, dedup}.
sqs_messages() {
	sqs_ask "$SQS_ENDPOINT/_test/messages?queue=$1"
}

# sqs_requests: what came in so far, as a JSON list.
sqs_requests() {
	sqs_ask "$SQS_ENDPOINT/_test/requests"
}

# sqs_faults JSON: a list of actions, one for each of the next messages.
sqs_faults() {
	sqs_ask -X PUT -d "$1" "$SQS_ENDPOINT/_test/faults" >/dev/null
}

# sqs_fault JSON: one action for all messages from now on; null for none.
sqs_fault() {
	sqs_ask -X PUT -d "$1" "$SQS_ENDPOINT/_test/fault" >/dev/null
}
