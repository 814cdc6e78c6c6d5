#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Faults that pass cost repeats at most, and only where the answer was lost.

. "$(dirname "$0")/../lib/functions.sh"
. "$TESTS_DIR/lib/runs.sh"
needs sqlite3 jq curl

numbers_db 20000
receiver_scenario '{"rules":[
	{"match":{"every":9},"action":{"status":503}},
	{"match":{"every":7},"action":{"reset":true}},
	{"match":{"request":5},"action":{"status":429,"headers":{"Retry-After":"1"}}},
	{"match":{"request":11},"action":{"status":500,"body":"oops"}}]}'
receiver_start --scenario "$SCENARIO"
PUSH="batch_rows: 500, in_flight: 4" table_config numbers updated_at
started=$SECONDS
run
run_is 0 "done through refusals that come before anything is stored"
compare_landed "$SHOP_DB" numbers bronze.numbers "every row, once"
[ $((SECONDS - started)) -ge 1 ]
result $? "Retry-After was waited for"
like "$(cat "$TEST_DIR/err")" "recovered after [0-9]+ failures" "the end of the trouble is told"
receiver_stop

# The batch was stored and the answer lost: the same bytes and id come again.
receiver_scenario '{"rules":[
	{"match":{"request":3},"action":{"accept_then_reset":true}},
	{"match":{"request":8},"action":{"cut_after":30}}]}'
receiver_start --name lost --scenario "$SCENARIO"
PUSH="batch_rows: 500, in_flight: 4" table_config numbers updated_at
new_store
run
run_is 0 "done though answers were lost"
compare_landed_set "$SHOP_DB" numbers bronze.numbers "no row is missing"
is "$(ledger_rows)" 21000 "two batches of 500 came twice, no more"
# The second fault may hit the repeat of the first.
is "$(ledger "SELECT sum(n - 1) || ' repeats, bodies an id: ' || max(d) FROM (
	SELECT count(*) AS n, count(DISTINCT sha256) AS d FROM l
	WHERE request_id IS NOT NULL GROUP BY request_id)")" "2 repeats, bodies an id: 1" \
	"each with the same bytes under the same request id"
done_testing
