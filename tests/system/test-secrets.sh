#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# The API key is nowhere but in the request: not in output, store, dead letters, report.

. "$(dirname "$0")/../lib/functions.sh"
. "$TESTS_DIR/lib/runs.sh"
needs sqlite3 jq curl

RECEIVER_KEY='c4nary/key+with=odd~signs'
encoded=$(printf %s "$RECEIVER_KEY" | base64 -w0)

sqlite3 "$SHOP_DB" "CREATE TABLE t (id INTEGER PRIMARY KEY, note TEXT, updated_at TEXT NOT NULL);
	INSERT INTO t VALUES (1, 'x', '2024-01-01'), (2, CAST(x'ff' AS TEXT), '2024-01-02');"
receiver_scenario "{\"rules\":[{\"match\":{\"request\":2},\"action\":{\"status\":401,
	\"body\":\"{\\\"detail\\\":\\\"token $RECEIVER_KEY or $encoded is not known\\\"}\"}}]}"
receiver_start --scenario "$SCENARIO"
table_config t updated_at
sed -i "s|key: $RECEIVER_KEY|key: \${SECRET_KEY}|" "$CONFIG"
export SECRET_KEY=$RECEIVER_KEY

run --verbose --report "$TEST_DIR/report.json"
run_is 7 "a run with a dead letter"
cat "$TEST_DIR/out" "$TEST_DIR/err" >"$TEST_DIR/said"
sqlite3 "$SHOP_DB" "INSERT INTO t VALUES (3, 'y', '2024-01-03')"
run --verbose --log-format json
run_is 5 "a run that is refused with the key in the answer"
cat "$TEST_DIR/out" "$TEST_DIR/err" >>"$TEST_DIR/said"
like "$(cat "$TEST_DIR/err")" "redacted" "the answer is quoted without it"
defsync check --config "$CONFIG" >>"$TEST_DIR/said" 2>&1
defsync status --config "$CONFIG" --json >>"$TEST_DIR/said" 2>&1
defsync dlq list --config "$CONFIG" --json >>"$TEST_DIR/said" 2>&1
for secret in "$RECEIVER_KEY" "$encoded"; do
	not_ok "not in the output" grep -qF "$secret" "$TEST_DIR/said"
	not_ok "not in the store" grep -qaF "$secret" "$STORE"*
	not_ok "not in the report" grep -qF "$secret" "$TEST_DIR/report.json"
done
is "$(find "$(dirname "$STORE")" -perm /077 | wc -l)" 0 "no file of the store is for others"

not_ok "a key on the command line is refused" defsync run --source sqlite --set database="$SHOP_DB" \
	--table t:b.t:updated_at --api-url "https://user:hunter22@127.0.0.1/" --store "$STORE"
defsync run --source sqlite --set "database=$SHOP_DB" --table t:b.t:updated_at \
	--api-url "https://user:hunter22@127.0.0.1/" --store "$STORE" >"$TEST_DIR/said" 2>&1
not_ok "and not repeated" grep -q hunter22 "$TEST_DIR/said"
done_testing
