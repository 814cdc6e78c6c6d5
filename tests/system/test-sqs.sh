#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Dead letters also go to SQS: in the right shape, signed, confirmed, in their
# time, and none is lost when they cannot.

NPM_USER_HOME=$HOME
. "$(dirname "$0")/../lib/functions.sh"
. "$TESTS_DIR/lib/runs.sh"
. "$TESTS_DIR/lib/npm.sh"
. "$TESTS_DIR/lib/sqs.sh"
needs sqlite3
sqs_needs

for name in $(compgen -e AWS_); do
	unset "$name"
done
receiver_start || exit 1
sqs_start || exit 1
credentials() {
	export AWS_ACCESS_KEY_ID=$SQS_ACCESS_KEY AWS_SECRET_ACCESS_KEY=$SQS_SECRET_KEY
	export AWS_CA_BUNDLE=$TEST_DIR/certs/ca.pem
}
credentials

# bad_db N: a table of N rows that cannot be sent, and one that can.
bad_db() {
	rm -f "$SHOP_DB"
	sqlite3 -bail "$SHOP_DB" "
		CREATE TABLE odd (id INTEGER PRIMARY KEY, note TEXT, updated_at TEXT NOT NULL);
		WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i <= $1)
		INSERT INTO odd SELECT i, iif(i <= $1, CAST(x'61ff62' AS TEXT), 'fine'),
			strftime('%Y-%m-%d %H:%M:%S', 1704067200 + i, 'unixepoch') FROM n;"
}

# sqs_config [DLQ_LINE...]
sqs_config() {
	local line
	TABLE=${TABLE-} table_config odd updated_at
	{
		echo "dlq:"
		for line in "sqs_region: $SQS_REGION" "$@"; do
			echo "  $line"
		done
	} >>"$CONFIG"
}

# left: how many letters are still to be forwarded.
left() {
	sqlite3 "$STORE" 'SELECT count(*) FROM outbox'
}

# run: as in runs.sh; what was ever said is kept in all.log.
run() {
	defsync --verbose run --config "$CONFIG" >"$TEST_DIR/out" 2>"$TEST_DIR/err" </dev/null
	STATUS=$?
	cat "$TEST_DIR/out" "$TEST_DIR/err" >>"$TEST_DIR/all.log"
}

# rows_of MESSAGES: how many rows they hold.
rows_of() {
	jq '[.[].body | fromjson | .rows | length] | add // 0' <<<"$1"
}

fresh() {
	bad_db "$1"
	cat "$STORE"* >>"$TEST_DIR/all.log" 2>/dev/null
	new_store
}

# --- what arrives ---

fresh 3
sqs_config "sqs_url: $SQS_URL"
run
run_is 7 "a run with dead letters that are forwarded is done with them"
got=$(sqs_messages dead)
is "$(jq length <<<"$got")" 1 "letters of one table with one reason are one message"
is "$(jq -c '.[0].body | fromjson | [keys, .table, (.rows | length), .rows[0].id]' <<<"$got")" \
	'[["error","rows","table"],"bronze.odd",3,1]' "it has the table and the rows"
is "$(jq -r '.[0].body | fromjson | .error' <<<"$got")" \
	"$(defsync dlq list --config "$CONFIG" --json | jq -r '.dead_letters[0].message')" \
	"and the error that the dead letters have"
is "$(jq -c '.[0].body | fromjson | .rows[1]' <<<"$got")" \
	"$(defsync dlq show 2 --config "$CONFIG" --json | jq -c '.payload')" "the rows are the payloads"
is "$(sqs_requests | jq -c '[.[] | [.target, .path, .expect, .refused]]')" \
	'[["SendMessage","/",null,null]]' "the signature was right, and one request was enough"
is "$(left) $(dead_letters)" "0 3" "they stay in the store, and in no queue"
like "$(cat "$TEST_DIR/err")" "3 dead letters forwarded" "the log tells it"
run
run_is 0 "the next run has nothing to forward"
is "$(sqs_messages dead)" '[]' "and sends nothing"

fresh 1
sqs_config
DLQ_URL=$SQS_URL run
run_is 7 "DLQ_URL of the environment"
is "$(rows_of "$(sqs_messages dead)")" 1 "is a queue as well"

fresh 1
sqs_config "sqs_url: https://sqs.eu-test-1.amazonaws.com/000000000000/dead" "sqs_endpoint: $SQS_ENDPOINT"
sed -i '/sqs_region/d' "$CONFIG"
run
run_is 7 "an endpoint of its own, the region from the queue's name"
is "$(rows_of "$(sqs_messages dead)")" 1 "is where messages go"

fresh 2
sqs_config "sqs_url: $SQS_URL.fifo"
run
run_is 7 "a FIFO queue"
got=$(sqs_messages dead.fifo)
is "$(jq -c '[.[] | [.group, (.dedup | length)]]' <<<"$got")" '[["bronze.odd",64]]' \
	"has the table as group, and a hash of the message"

# --- large ---

# No character beyond U+FFFF: SQS takes them, this server does not.

rm -f "$SHOP_DB"
sqlite3 -bail "$SHOP_DB" "
	CREATE TABLE odd (id INTEGER PRIMARY KEY, flag BOOLEAN, note TEXT, updated_at TEXT NOT NULL);
	WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 60)
	INSERT INTO odd SELECT i, 7, 'žluť ☃ \"' || printf('%.*c', 9998, 'x') || char(65535), '2024-01-01 00:00:00' FROM n;
	INSERT INTO odd VALUES (61, 7, printf('%.*c', 400000, 'y'), '2024-01-01 00:00:00');"
new_store
sqs_config "sqs_url: $SQS_URL"
run
run_is 7 "more than fits into one message"
got=$(sqs_messages dead)
is "$(rows_of "$got")" 61 "arrives in several, every row once"
[ "$(jq length <<<"$got")" -ge 3 ] && [ "$(jq '[.[].body | utf8bytelength] | max' <<<"$got")" -le 262144 ]
result $? "none of which is too large"
is "$(jq -r '.[].body | fromjson | .rows[] | strings' <<<"$got" | sed 's/[0-9]\{6\}/N/')" \
	'row of N bytes is too large for SQS; it is in the store: defsync dlq show 61' \
	"a row that fits nowhere says where it is"
is "$(jq -r '[.[].body | fromjson | .rows[] | objects | .note[-1:] | explode[0]] | unique[]' <<<"$got")" 65535 \
	"characters that SQS refuses arrive all the same"
is "$(jq -r '[.[].body | fromjson | .rows[] | objects | .note[:8]] | unique[]' <<<"$got")" 'žluť ☃ "' "as do others"

is "$(sqs_requests | jq -c '[.[] | select(.expect != null or .path != "/" or .target != "SendMessage")]')" '[]' \
	"no request asked for 100-continue, or another path"

# --- refused ---

fresh 4
sqs_config "sqs_url: $SQS_URL"
export AWS_SECRET_ACCESS_KEY=a-secret-that-is-wrong
run
run_is 5 "a wrong secret: exit status 5"
like "$(cat "$TEST_DIR/err")" "sqs: the signature is refused.*check the secret access key.*4 dead letters stay in the store" \
	"with what to do and what is kept"
is "$(left) $(dead_letters)" "4 4" "nothing is lost"
credentials
run
run_is 0 "the right one, in the next run"
is "$(rows_of "$(sqs_messages dead)") $(left)" "4 0" "forwards what was left"

for type in AccessDenied QueueDoesNotExist RequestTimeTooSkewed; do
	fresh 1
	sqs_fault "{\"status\":403,\"type\":\"$type\",\"message\":\"words of AWS\"}"
	run
	run_is 5 "$type: exit status 5"
	like "$(cat "$TEST_DIR/err")" "$type: words of AWS.*;" "with SQS's words and what to do"
done
sqs_fault null
is "$(left)" 1 "the letter stays"

fresh 1
AWS_CA_BUNDLE=$TEST_DIR/certs/other-ca.pem run
run_is 5 "a server that is not trusted: exit status 5"
like "$(cat "$TEST_DIR/err")" "AWS_CA_BUNDLE" "with what to do"
fresh 1
unset AWS_ACCESS_KEY_ID
run
credentials
run_is 3 "half of the credentials: exit status 3"
is "$(dead_letters)" 0 "and nothing is read"

# --- what passes ---

fresh 2
sqs_faults '[{"status":500,"type":"InternalFailure"},{"status":400,"type":"RequestThrottled"},
	{"reset":true},{"xml":true}]'
run
run_is 7 "failures that pass"
is "$(rows_of "$(sqs_messages dead)") $(left)" "2 0" "are retried"
like "$(cat "$TEST_DIR/err")" "recovered after [0-9]+ failures" "and their end is told"

for fault in '{"xml":true}' '{"md5":"00000000000000000000000000000000"}' '{"status":200,"body":"{}"}'; do
	fresh 1
	sqs_fault "$fault"
	run
	run_is 5 "$fault is no confirmation, whatever its status"
	is "$(left)" 1 "the letter stays"
done
sqs_fault null
sqs_messages dead >/dev/null

fresh 1
sqs_faults '[{"after":"reset"}]'
run
run_is 7 "an answer that was lost"
is "$(rows_of "$(sqs_messages dead)")" 2 "is sent again"

fresh 2
sqs_stop
PUSH="retry_for: 2s" sqs_config "sqs_url: $SQS_URL"
run
run_is 6 "nobody there for all of push.retry_for: exit status 6"
like "$(cat "$TEST_DIR/err")" "sqs: the connection is refused.*2 dead letters stay in the store" "with what is kept"
is "$(left) $(dead_letters)" "2 2" "nothing is lost"

# --- stopped ---

sqs_config "sqs_url: $SQS_URL"
defsync_start run --config "$CONFIG"
complains() {
	grep -q 'trying again' "$TEST_DIR/defsync.err"
}
wait_until 20 complains
started=$SECONDS
stop_process "$DEFSYNC_PID" TERM
is $? 143 "SIGTERM in a pause: exit status 128+15" || diag <"$TEST_DIR/defsync.err"
[ $((SECONDS - started)) -le 5 ]
result $? "within five seconds"
like "$(cat "$TEST_DIR/defsync.err")" "stopped before all dead letters were forwarded: 2 stay" "with what is kept"

sqs_start || exit 1
sqs_config "sqs_url: $SQS_URL"
sqs_fault '{"hang":30000}'
before=$(sqs_requests | jq length)
defsync_start run --config "$CONFIG"
hangs() {
	[ "$(sqs_requests | jq length)" -gt "$before" ]
}
wait_until 20 hangs
started=$SECONDS
stop_process "$DEFSYNC_PID" TERM
is $? 143 "SIGTERM while SQS hangs: exit status 128+15" || diag <"$TEST_DIR/defsync.err"
[ $((SECONDS - started)) -le 5 ]
result $? "within five seconds"
sqs_fault null
run
run_is 0 "the run after that"
is "$(left)" 0 "forwards them"
sqs_messages dead >/dev/null

# --- killed ---

if grep -aq DEFSYNC_FAILPOINT "$DEFSYNC"; then
	fresh 2
	DEFSYNC_FAILPOINT=after_forward=kill run
	is "$STATUS" 137 "killed between SQS's word and the store's"
	is "$(left)" 2 "the letters are still queued"
	run
	is "$(rows_of "$(sqs_messages dead)") $(left)" "4 0" "and go again: repeated, not lost"
else
	skip "killed between SQS's word and the store's" "built without failpoints"
fi

# --- other credentials ---

fresh 1
sqs_stop
sqs_start --token a-session-token --authorization container-secret || exit 1
sqs_config "sqs_url: $SQS_URL"
AWS_SESSION_TOKEN=a-session-token run
run_is 7 "credentials of a session"
is "$(rows_of "$(sqs_messages dead)")" 1 "sign with their token"
unset AWS_ACCESS_KEY_ID AWS_SECRET_ACCESS_KEY

fresh 1
mkdir "$HOME/.aws"
cat >"$HOME/.aws/credentials" <<-EOT
	[default]
	aws_access_key_id = nobody
	aws_secret_access_key = nothing
	[dead]
	aws_access_key_id = $SQS_ACCESS_KEY
	aws_secret_access_key = $SQS_SECRET_KEY
	aws_session_token = a-session-token
EOT
AWS_PROFILE=dead run
run_is 7 "a profile of ~/.aws/credentials"
is "$(rows_of "$(sqs_messages dead)")" 1 "signs as well"
rm "$HOME/.aws/credentials"

fresh 1
export AWS_CONTAINER_CREDENTIALS_FULL_URI=$SQS_ENDPOINT/_test/credentials
AWS_CONTAINER_AUTHORIZATION_TOKEN=container-secret run
run_is 7 "credentials from a container's service"
is "$(rows_of "$(sqs_messages dead)")" 1 "sign as well"
fresh 1
AWS_CONTAINER_AUTHORIZATION_TOKEN=wrong-token run
run_is 3 "a service that refuses: exit status 3"
like "$(cat "$TEST_DIR/err")" "status 401: wrong token; check the role" "with its words"
is "$(left)" 1 "the letter stays"

# --- secrets ---

cat "$TEST_DIR/defsync.err" "$STORE"* >>"$TEST_DIR/all.log"
is "$(tr -d '\0' <"$TEST_DIR/all.log" | grep -caF -e "$SQS_SECRET_KEY" -e a-secret-that-is-wrong -e a-session-token \
	-e container-secret -e wrong-token)" 0 "no secret in any log or store"
done_testing
