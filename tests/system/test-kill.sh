#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# kill -9 at random moments of a run of 100,000 rows, each followed by a clean run:
# nothing lost, nothing invented, repeats within the window in flight, and the store
# always opens.
#
# DEFSYNC_KILLS: how many (default 25); DEFSYNC_SEED replays one order of moments.

. "$(dirname "$0")/../lib/functions.sh"
. "$TESTS_DIR/lib/runs.sh"
needs sqlite3 jq curl

kills=${DEFSYNC_KILLS:-25}
rows=${DEFSYNC_KILL_ROWS:-100000}
seed=${DEFSYNC_SEED:-$$}
RANDOM=$seed
diag "seed $seed"
batch=2000
in_flight=4

numbers_db "$rows"
receiver_start --discard --ledger "$TEST_DIR/receiver.ledger" --ledger-rows
PUSH="batch_rows: $batch, in_flight: $in_flight" table_config numbers updated_at

# Microseconds of an undisturbed run: the moments are spread over it.
begin=${EPOCHREALTIME/./}
run
whole=$((${EPOCHREALTIME/./} - begin))
run_is 0 "an undisturbed run of $rows rows"

: >"$TEST_DIR/expected.ids"
seq "$rows" | LC_ALL=C sort >"$TEST_DIR/expected.ids"

# ids: the ledger's row ids since it was emptied, sorted.
ids() {
	grep -o '"id":[0-9]*' "$RECEIVER_LEDGER" | cut -d: -f2 | LC_ALL=C sort
}

lost=0 invented=0 repeats_over=0 failed=0 killed=0 most=0
for ((i = 0; i < kills; i++)); do
	: >"$RECEIVER_LEDGER"
	new_store
	moment=$((RANDOM * 32768 + RANDOM))
	moment=$((moment % (whole * 11 / 10)))
	defsync_start run --config "$CONFIG"
	sleep "$(printf '%d.%06d' $((moment / 1000000)) $((moment % 1000000)))"
	stop_process "$DEFSYNC_PID" KILL
	# Other tests load the machine, now more and now less: the moments follow.
	if [ $? = 137 ]; then
		killed=$((killed + 1))
		whole=$((whole + whole / 50))
	else
		whole=$((moment + 1000))
	fi
	run
	if [ "$STATUS" != 0 ]; then
		failed=$((failed + 1))
		diag "kill at $moment us: the next run ends with $STATUS"
		diag <"$TEST_DIR/err"
		continue
	fi
	ids >"$TEST_DIR/ids"
	n=$(wc -l <"$TEST_DIR/ids")
	uniq "$TEST_DIR/ids" >"$TEST_DIR/unique"
	lost=$((lost + $(LC_ALL=C comm -23 "$TEST_DIR/expected.ids" "$TEST_DIR/unique" | wc -l)))
	invented=$((invented + $(LC_ALL=C comm -13 "$TEST_DIR/expected.ids" "$TEST_DIR/unique" | wc -l)))
	[ $((n - rows)) -le "$most" ] || most=$((n - rows))
	[ $((n - rows)) -le $((batch * in_flight)) ] || repeats_over=$((repeats_over + 1))
done
diag "$killed of $kills were killed under way; at most $most rows repeated"
is "$failed" 0 "every run after a kill is done"
is "$lost" 0 "no row is lost"
is "$invented" 0 "no row is invented"
is "$repeats_over" 0 "repeats stay within $in_flight batches"
[ "$killed" -ge $((kills / 4)) ]
result $? "kills really happened"
done_testing
