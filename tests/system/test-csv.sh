#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# CSV files on their way through real runs: what is appended, rotated, cut or bad, in
# other encodings, compressed, and many files; killed in the middle.

. "$(dirname "$0")/../lib/functions.sh"
. "$TESTS_DIR/lib/runs.sh"
needs sqlite3 jq curl gzip

in=$TEST_DIR/in
mkdir "$in" "$in/2024"

# csv_config TABLE...: one a line, as YAML.
csv_config() {
	{
		base_config
		cat <<-EOT
			sources:
			  files:
			    plugin: csv
			    path: ${in}
			    partial_timeout: 10ms
			    tables:
		EOT
		printf '      - %s\n' "$@"
	} >"$CONFIG"
	chmod 600 "$CONFIG"
}

# rows TARGET: what landed, in its order, "a|b" a line.
rows() {
	landed "SELECT (SELECT group_concat(value, '|') FROM json_each(t._raw)) FROM \"$1\" AS t ORDER BY rowid"
}

# letters: "position: reason" of each, in their order.
letters() {
	defsync dlq list --config "$CONFIG" --json | jq -r '.dead_letters[] | .message'
}

receiver_start

# --- one file that grows ---

csv_config '{ from: orders.csv, to: bronze.orders, types: { id: int } }'
printf 'id,text\n1,one\n2,"two\nlines"\n3\nx,4\n5,"a "b\n6,\xff\n7,"seven"\n' >"$in/orders.csv"
run
run_is 7 "bad rows go to the dead letters, the others through"
is "$(rows bronze.orders | tr '\n' ' ')" '1|one 2|two lines 7|seven ' "the good rows have landed"
like "$(letters)" 'line 5: 1 fields, 2 columns are expected' "a letter names the line and the counts"
like "$(letters)" "line 6: column 'id' is no int" "a letter names line and column"
unlike "$(letters)" "'x'" "and not the value"
like "$(letters)" "line 7: text behind the closing quote of column 'text'" "a letter names the quote"
is "$(dead_letters)" 4 "and there is one for the byte that is no UTF-8"

for i in 1 2; do
	run
	run_is 0 "run $i without anything new is done"
done
is "$(rows bronze.orders | wc -l)" 4 "nothing landed twice"

printf '8,eight\n9,ni' >>"$in/orders.csv"
run
is "$(rows bronze.orders | tail -n 1)" '9|ni' "a last line that stays as it is counts as complete"
printf 'ne\n10,ten\n' >>"$in/orders.csv"
run
like "$(cat "$TEST_DIR/err")" 'line 11 went on after it had been read' "and is sent again when it goes on"
is "$(rows bronze.orders | tail -n 2 | tr '\n' ' ')" '9|nine 10|ten ' "whole, with what follows"

printf '11,eleven\n' >>"$in/orders.csv"
mv "$in/orders.csv" "$in/orders.csv.1"
printf 'id,text\n12,twelve\n' >"$in/orders.csv"
run
is "$(rows bronze.orders | tail -n 2 | tr '\n' ' ')" '11|eleven 12|twelve ' \
	"the rest of a rotated file, then the new one"

cp "$in/orders.csv" "$in/orders.csv.2"
printf '13,thirteen\n' >>"$in/orders.csv.2"
printf 'id,text\n14,fourteen\n' >"$in/orders.csv"
run
is "$(rows bronze.orders | tail -n 2 | tr '\n' ' ')" '13|thirteen 14|fourteen ' \
	"the rest of a file that was copied and emptied, then what was written since"

seq -f '%g,x' 100 400 >>"$in/orders.csv"
run
truncate -s 1500 "$in/orders.csv"
run
run_is 4 "a truncated file is refused"
like "$(cat "$TEST_DIR/err")" "'orders.csv' was truncated" "and said to be one"

# --- encodings, compression, many files ---

printf 'id,text\n1,gr\xfc\xdfe\n' >"$in/latin.csv"
printf '\xff\xfei\0d\0,\0t\0\n\0001\0,\0\xe4\0\n\0' >"$in/wide.csv"
printf 'id,text\n1,packed\n' | gzip >"$in/p.csv.gz"
for i in 1 2 3; do printf 'id\n%d\n' "$i" >"$in/2024/o-$i.csv"; done
for i in 1 2; do printf 'id\n%d\n' "$i" | gzip >"$in/2024/z-$i.csv.gz"; done
printf 'id\n1\n' >"$in/away.csv"
csv_config '{ from: latin.csv, to: bronze.latin, encoding: latin1 }' \
	'{ from: wide.csv, to: bronze.wide, encoding: utf-16 }' \
	'{ from: p.csv.gz, to: bronze.packed }' '{ from: "2024/*.csv", to: bronze.many }' \
	'{ from: "none-*.csv", to: bronze.none }' '{ from: away.csv, to: bronze.away }' \
	'{ from: "2024/z-*.csv.gz", to: bronze.zipped, layout: files }'
for i in 1 2 3; do
	run
	run_is 0 "run $i of many files is done"
	# Away for one run, as on a disk that is not mounted.
	[ $i != 1 ] || mv "$in/away.csv" "$TEST_DIR"
	[ $i != 2 ] || mv "$TEST_DIR/away.csv" "$in"
done
is "$(rows bronze.away)" 1 "a file that was away for a run is not read again"
is "$(rows bronze.zipped | sort | tr '\n' ' ')" '1 2 ' "complete gzip files each once, in three runs"
is "$(rows bronze.latin)" '1|grüße' "latin1"
is "$(rows bronze.wide)" '1|ä' "UTF-16"
is "$(rows bronze.packed)" '1|packed' "gzip"
is "$(rows bronze.many | sort | tr '\n' ' ')" '1 2 3 ' "each file once, in three runs"
printf 'id\n4\n' >"$in/2024/o-0.csv"
touch -d '2001-01-01' "$in/2024/o-0.csv"
run
is "$(rows bronze.many | tail -n 1)" 4 "a file that comes late with an old time is read"

# --- without a configuration ---

adhoc() {
	DEFINITE_API_KEY=$RECEIVER_KEY defsync run --source csv --set path="$in" \
		--set partial_timeout=10ms --api-url "$RECEIVER_URL" --store "$TEST_DIR/adhoc.db" \
		--table latin.csv:bronze.adhoc: --set encoding=latin1
}
is "$(exit_status adhoc) $(exit_status adhoc)" "0 0" "--table FROM:TO: without a watermark"
is "$(ledger_rows_of bronze.adhoc)" 1 "reads what is new only"

# --- killed ---

# landed_ids: how many different rows, and how many at all.
landed_ids() {
	landed 'SELECT count(DISTINCT id), count(*) FROM "bronze.killed"' 2>/dev/null
}
some_landed() {
	[ "$(landed 'SELECT count(*) FROM "bronze.killed"')" -ge "$1" ]
}

{
	echo 'id,text'
	seq -f '%.0f,"a text, quoted"' 1 40000
} >"$in/killed.csv"
PUSH='batch_rows: 500, in_flight: 2, max_requests_per_second: 60, retry_for: 30s' \
	csv_config '{ from: killed.csv, to: bronze.killed }'
new_store
for n in 4000 12000; do
	defsync_start run --config "$CONFIG"
	wait_until 20 some_landed "$n"
	stop_process "$DEFSYNC_PID" KILL
done
csv_config '{ from: killed.csv, to: bronze.killed }'
run
run_is 0 "the run after two kills is done"
read -r distinct all < <(landed_ids | tr '|' ' ')
is "$distinct" 40000 "nothing is lost by two kills"
ok "and no more is repeated than was on its way" test "$all" -le 43000
run
is "$(landed_ids)" "$distinct|$all" "nor by the run after them"

done_testing
