# shellcheck shell=bash disable=SC2154 # what suite.sh and the adapter set
# SPDX-License-Identifier: MIT
# All orders in which the steps of two writers and of the reader can follow each other,
# on a real server.  Sourced behind suite.sh and an adapter:
#
#	interleavings NAME
#
# Each writer begins and takes its stamp, writes, commits; the reader takes the ceiling,
# reads two rows, reads the rest and commits its state: 3 + 3 + 3 steps, 1680 orders.
# After each order comes one quiet run, and then both versions must have arrived.  By
# turns the writers change rows and add rows, and every seventh order meets a first load.
#
# As many orders are tried as fit into DEFSYNC_INTERLEAVINGS seconds, 8 by default, at
# least 30; 0 tries all.  They are spread: any beginning has all kinds in it.

# orders: prints the merges of AAA, BBB and RRR.
orders() {
	awk 'function merge(a, b, r, s) {
			if (a + b + r == 0) print s
			if (a) merge(a - 1, b, r, s "A")
			if (b) merge(a, b - 1, r, s "B")
			if (r) merge(a, b, r - 1, s "R")
		}
		BEGIN { merge(3, 3, 3, "") }' | awk '
		{ order[NR - 1] = $0 }
		END { for (i = 0; i < NR; i++) print order[i * 1009 % NR] }'
}

reader_start() {
	mkfifo "$TEST_DIR/reader.in" "$TEST_DIR/reader.out"
	"$CONFORM" --plugin "$PLUGIN" "${CONNECT[@]}" --from "$EVENTS" "${base[@]}" --columns id,v \
		"${PAGE[@]}" "$@" --serve <"$TEST_DIR/reader.in" >"$TEST_DIR/reader.out" 2>"$TEST_DIR/reader.err" &
	kill_at_exit $!
	exec {reader_in}>"$TEST_DIR/reader.in" {reader_out}<"$TEST_DIR/reader.out"
}

# reader COMMAND...: sends all of them; what was read is in arrived.
declare -A arrived
reader() {
	local line n=$#
	printf '%s\n' "$@" >&"$reader_in"
	while [ "$n" -gt 0 ]; do
		IFS= read -r -t 20 -u "$reader_out" line || { problem "the reader does not answer" && return 1; }
		case $line in
		*'"row":{'*)
			line=${line##*'"id":'}
			arrived[${line%\}\}}]=1
			;;
		*'"done"'*) n=$((n - 1)) ;;
		*'"error"'*) problem "$order: $line" && return 1 ;;
		*'"end"'*) standing=$line ;;
		esac
	done
}

# step_A N, step_B N, step_R N
step_A() {
	writer A "$1" "$((add ? round * 2 + 1000 : 2))"
}

step_B() {
	writer B "$1" "$((add ? round * 2 + 1001 : 5))"
}

# writer NAME STEP ID
writer() {
	case $2 in
	1) session "$1" "$WRITER_BEGIN" ;;
	2) if [ "$add" = 1 ]; then
		session "$1" "INSERT INTO steps VALUES ($3, $WRITER_STAMP, $round)"
	else
		session "$1" "UPDATE steps SET v = $round, updated_at = $WRITER_STAMP WHERE id = $3"
	fi ;;
	3) session "$1" COMMIT ;;
	esac
}

step_R() {
	case $1 in
	1) reader extract ;;
	2) reader 'next 2' ;;
	3) reader rest end commit ;;
	esac
}

# one_order ORDER: all steps, a quiet run, and what must have arrived by then.
one_order() {
	local order=$1 i who key a b
	local -A step=([A]=0 [B]=0 [R]=0)
	arrived=()
	for ((i = 0; i < 9; i++)); do
		who=${order:i:1}
		step[$who]=$((step[$who] + 1))
		"step_$who" "${step[$who]}" || return 1
	done
	reader extract rest end commit || return 1
	a=$((add ? round * 2 + 1000 : 2))
	b=$((add ? round * 2 + 1001 : 5))
	for key in "$a,\"v\":$round" "$b,\"v\":$round"; do
		[ -n "${arrived[$key]:-}" ] || problem "$order, round $round: $key did not arrive: ${!arrived[*]}"
	done
}

interleavings() {
	local round=0 add order seconds=${DEFSYNC_INTERLEAVINGS:-8} standing='' began
	[ -x "$CONFORM" ] || skip_all "$CONFORM is not there"
	EVENTS=steps
	source_start || exit 1
	sql "$WRITER_TABLE"
	sql "INSERT INTO steps VALUES (1, '$(stamp 0)', 0), (2, '$(stamp 0)', 0), (3, '$(stamp 1)', 0),
		(4, '$(stamp 2)', 0), (5, '$(stamp 2)', 0), (6, '$(stamp 3)', 0)"
	session_start A
	session_start B
	page_options 2
	reader_start --lookback 0
	began=$SECONDS
	while read -r order; do
		[ "$seconds" = 0 ] || [ "$round" -lt 30 ] || [ $((SECONDS - began)) -lt "$seconds" ] || break
		round=$((round + 1))
		add=$((round % 2))
		[ $((round % 7)) != 0 ] || { sql 'DELETE FROM steps WHERE id >= 1000' && reader forget; }
		one_order "$order" || break
		[ "${#problems[@]}" -lt 5 ] || break
	done < <(orders)
	result "${#problems[@]}" "nothing is lost in any of $round orders"
	[ "${#problems[@]}" = 0 ] || printf '%s\n' "${problems[@]}" | diag
	like "$standing" "\"ceiling\":\"$WRITER_CEILING\"" 'the ceiling is what it should be'
	diag "$((SECONDS - began)) s"
	done_testing
}
