# shellcheck shell=bash disable=SC2154 # what suite.sh and the adapter set
# SPDX-License-Identifier: MIT
# The checks themselves; sourced by suite.sh.  Each leaves its tables behind for the
# next one to make anew.

all_checks='full incremental resume ties bounds snapshot composite nulls keys types columns
	foreign damaged late-commit moving moving-incremental pause cancel cancel-lock gone hung
	auth grant missing schema discover describe'

# The adapter may have others.
base=(--watermark "$WATERMARK" --key id)
plain=(--key id)
look0=(--lookback 0)

# --- what is read ------------------------------------------------------------------------

check_full() {
	events_make 210
	reference >"$TEST_DIR/reference"
	equal "$(wc -l <"$TEST_DIR/reference")" 210 'rows of the reference'
	succeeds 'a full read' --from "$EVENTS" "${base[@]}"
	rows_of >"$TEST_DIR/rows"
	same "$TEST_DIR/rows" "$TEST_DIR/reference" 'a full read'
	equal "$(jq -c 'select(.op != null and .op != "checkpoint" and (.position // "") == "")' "$GOT" | wc -l)" 0 \
		'rows without a position'
	matches "$(end_field last)" . 'the last checkpoint'
	matches "$(end_field ceiling)" '^(proven|heuristic|none)$' 'the ceiling'
	# Without a watermark everything is read, by the key.
	succeeds 'no watermark' --from "$EVENTS" "${plain[@]}" --mode snapshot
	rows_of >"$TEST_DIR/rows"
	same "$TEST_DIR/rows" "$TEST_DIR/reference" 'a read without a watermark'
}

check_incremental() {
	local state=$TEST_DIR/state run=(--from "$EVENTS" "${base[@]}" --state "$TEST_DIR/state")
	rm -f "$state"
	events_make 70
	succeeds 'the first load' "${run[@]}" && cp "$GOT" "$TEST_DIR/run1"
	succeeds 'a quiet run' "${run[@]}" && cp "$GOT" "$TEST_DIR/run2"
	event_add 300 500
	event_add 301 501
	event_change 'IN (2, 40)' 502 'new name'
	reference >"$TEST_DIR/reference"
	succeeds 'a run after changes' "${run[@]}" && cp "$GOT" "$TEST_DIR/run3"
	succeeds 'one more' "${run[@]}" && cp "$GOT" "$TEST_DIR/run4"
	merged "$TEST_DIR"/run[1-4] >"$TEST_DIR/rows"
	same "$TEST_DIR/rows" "$TEST_DIR/reference" 'all runs together'
	no_unannounced "$TEST_DIR"/run[1-4]
	# Reads all again only where nothing can be settled.
	[ "$(rows_of "$TEST_DIR/run4" | wc -l)" -lt 40 ] || problem 'the fourth run reads most rows again'
}

# touched: state after a first load of 49 rows, then all get a watermark that is newer.
touched() {
	rm -f "$TEST_DIR/state"
	events_make 49
	succeeds 'the first load' --from "$EVENTS" "${base[@]}" --state "$TEST_DIR/state"
	sql "UPDATE events SET updated_at = $LATER"
}

check_resume() {
	events_make 49
	succeeds 'from the checkpoints of a first load' --from "$EVENTS" "${base[@]}" --resume-each 30
	page_options 3
	succeeds 'the same in pages' --from "$EVENTS" "${base[@]}" --resume-each 12 "${PAGE[@]}"
	[ -n "${LATER:-}" ] || return 0
	touched
	for page in 0 3; do
		page_options "$page"
		cp "$TEST_DIR/state" "$TEST_DIR/state.now"
		succeeds "from the checkpoints of an incremental run, pages of $page" --from "$EVENTS" \
			"${base[@]}" --resume-each 15 --state "$TEST_DIR/state.now" "${PAGE[@]}"
	done
}

# Seven rows to a watermark: no boundary of a page falls between them.
check_ties() {
	local n runs=1
	events_make 49
	reference >"$TEST_DIR/reference"
	while :; do
		for n in 1 2 3 7 8; do
			page_options "$n"
			rm -f "$TEST_DIR/state.now"
			[ "$runs" = 1 ] || cp "$TEST_DIR/state" "$TEST_DIR/state.now"
			succeeds "pages of $n" --from "$EVENTS" "${base[@]}" --state "$TEST_DIR/state.now" "${PAGE[@]}"
			rows_of >"$TEST_DIR/rows"
			# Of the run before, its newest rows may come again.
			[ "$runs" = 1 ] || merged "$GOT" >"$TEST_DIR/rows"
			same "$TEST_DIR/rows" "$TEST_DIR/reference" "pages of $n, reading $runs"
			# Fewer than there are rows to a watermark get no further where the newest ones
			# are read again in each run.
			[ "$n" = 8 ] || { [ "$n" = 3 ] && [ "$runs" = 1 ]; } || continue
			rm -f "$TEST_DIR/state.now"
			[ "$runs" = 1 ] || cp "$TEST_DIR/state" "$TEST_DIR/state.now"
			succeeds "runs of $n rows" --from "$EVENTS" "${base[@]}" --state "$TEST_DIR/state.now" --pages "$n" "${look0[@]}"
			merged "$GOT" >"$TEST_DIR/rows"
			same "$TEST_DIR/rows" "$TEST_DIR/reference" "runs of $n rows, reading $runs"
		done
		[ "$runs" = 1 ] && [ -n "${LATER:-}" ] || break
		runs=2
		touched
		reference >"$TEST_DIR/reference"
	done
}

check_bounds() {
	events_make 70
	reference "$WATERMARK >= '$(stamp 30)'" >"$TEST_DIR/reference"
	succeeds initial --from "$EVENTS" "${base[@]}" --initial "$(stamp 30)"
	rows_of >"$TEST_DIR/rows"
	same "$TEST_DIR/rows" "$TEST_DIR/reference" initial
	reference "$WATERMARK < '$(stamp 60)'" >"$TEST_DIR/reference"
	succeeds until --from "$EVENTS" "${base[@]}" --until "$(stamp 60)"
	rows_of >"$TEST_DIR/rows"
	same "$TEST_DIR/rows" "$TEST_DIR/reference" until
	reference "$WATERMARK >= '$(stamp 30)' AND $WATERMARK < '$(stamp 60)'" >"$TEST_DIR/reference"
	succeeds both --from "$EVENTS" "${base[@]}" --initial "$(stamp 30)" --until "$(stamp 60)" --resume-each 9
	succeeds both --from "$EVENTS" "${base[@]}" --initial "$(stamp 30)" --until "$(stamp 60)"
	rows_of >"$TEST_DIR/rows"
	same "$TEST_DIR/rows" "$TEST_DIR/reference" 'initial and until'
	refuses CONFIG initial 'an initial that is none' --from "$EVENTS" "${base[@]}" --initial 'no date'
	succeeds 'a limit' --from "$EVENTS" "${base[@]}" --limit 5
	equal "$(rows_of | wc -l)" 5 'rows at a limit of 5'
}

check_snapshot() {
	local state=$TEST_DIR/state run=(--from "$EVENTS" "${plain[@]}" --mode snapshot --state "$TEST_DIR/state")
	rm -f "$state"
	events_make 70
	succeeds 'a snapshot' "${run[@]}"
	event_change '= 5' 3 'changed without a newer watermark'
	reference >"$TEST_DIR/reference"
	succeeds 'the next snapshot' "${run[@]}"
	merged "$GOT" >"$TEST_DIR/rows"
	same "$TEST_DIR/rows" "$TEST_DIR/reference" 'the next snapshot'
	equal "$(end_field phase)" "done" 'the phase at the end'
	succeeds 'from its checkpoints' --from "$EVENTS" "${plain[@]}" --mode snapshot --resume-each 30
	page_options 3
	succeeds 'in pages' --from "$EVENTS" "${plain[@]}" --mode snapshot "${PAGE[@]}"
	merged "$GOT" >"$TEST_DIR/rows"
	same "$TEST_DIR/rows" "$TEST_DIR/reference" 'a snapshot in pages'
}

# A key of a number and a text, with equal watermarks and equal first halves.
check_composite() {
	local values='' a b
	pairs_table
	for a in 1 2 3 10; do
		for b in a A ä Z z aa '' ' a' "'" _; do
			values+="($a, '${b//\'/\'\'}', '$(stamp $((a % 2)))', $a),"
		done
	done
	sql "INSERT INTO pairs VALUES ${values%,}"
	for n in 0 1 3; do
		page_options "$n"
		succeeds "pages of $n" --from "${PAIRS:-pairs}" --key a,b --watermark "$WATERMARK" "${PAGE[@]}"
		equal "$(jq -c 'select(.row != null) | [.row.a, .row.b]' "$GOT" | sort -u | wc -l)" 40 "keys in pages of $n"
		equal "$(rows_of | wc -l)" 40 "rows in pages of $n"
	done
	succeeds 'from the checkpoints' --from "${PAIRS:-pairs}" --key a,b --watermark "$WATERMARK" --resume-each 60
	succeeds 'the key in the other order' --from "${PAIRS:-pairs}" --key b,a --watermark "$WATERMARK" --resume-each 60
	succeeds 'the primary key' --from "${PAIRS:-pairs}" --watermark "$WATERMARK"
	equal "$(rows_of | wc -l)" 40 'rows by the primary key'
}

check_nulls() {
	local run=(--from "$EVENTS" "${base[@]}")
	events_make 21
	sql "UPDATE events SET $WATERMARK = NULL WHERE id IN (4, 9, 20)"
	reference >"$TEST_DIR/reference"
	refuses CONFIG '3 ' 'watermarks that are NULL' "${run[@]}"
	rm -f "$TEST_DIR/state"
	succeeds 'every_run' "${run[@]}" --nulls every_run --state "$TEST_DIR/state"
	rows_of >"$TEST_DIR/rows"
	same "$TEST_DIR/rows" "$TEST_DIR/reference" every_run
	succeeds 'every_run again' "${run[@]}" --nulls every_run --state "$TEST_DIR/state"
	equal "$(jq -c 'select(.row.id == (4, 9, 20)) | .row.id' "$GOT" | sort -u | tr '\n' ' ')" '20 4 9 ' \
		'every_run, the second run'
	succeeds 'every_run, resumed' "${run[@]}" --nulls every_run --resume-each 60
	reference "$WATERMARK IS NOT NULL" >"$TEST_DIR/reference"
	succeeds exclude "${run[@]}" --nulls exclude
	rows_of >"$TEST_DIR/rows"
	same "$TEST_DIR/rows" "$TEST_DIR/reference" exclude
	matches "$(tail -n 1 "$GOT")" '"counts":[{].*:3' 'what was excluded is counted'
}

check_keys() {
	events_make 21
	reference 'id IN (3, 5, 17)' >"$TEST_DIR/reference"
	succeeds 'rows by key' --from "$EVENTS" --key id --mode keys --lookup '[[17],["3"],[5],[99]]'
	rows_of >"$TEST_DIR/rows"
	same "$TEST_DIR/rows" "$TEST_DIR/reference" 'rows by key'
	pairs_table
	sql "INSERT INTO pairs VALUES (1, 'a', '$(stamp 1)', 1), (1, 'it''s', '$(stamp 1)', 2), (2, 'a', '$(stamp 1)', 3)"
	succeeds 'by a key of two' --from "${PAIRS:-pairs}" --key a,b --mode keys \
		--lookup "[[1,\"it's\"],[2,\"a\"],[2,\"b\"],[1,\"' OR 1=1 --\"]]"
	equal "$(jq -c 'select(.row != null) | .row.n' "$GOT" | sort | tr '\n' ' ')" '2 3 ' 'by a key of two'
}

# What the server says of each value is what is sent.
check_types() {
	local mark type rest
	types_make
	types_options
	succeeds 'a read of all types' --from "${TYPES:-types}" --key id --mode snapshot "${OPTIONS[@]}"
	types_sent | LC_ALL=C sort >"$TEST_DIR/rows"
	types_expected | LC_ALL=C sort >"$TEST_DIR/reference"
	[ "$(wc -l <"$TEST_DIR/reference")" = $((${#types[@]} * types_rows)) ] || problem 'values are missing in the reference'
	while read -r mark type rest; do
		problem "type ${types[type - 1]%%|*}: $mark $rest"
	done < <(diff "$TEST_DIR/reference" "$TEST_DIR/rows" | grep '^[<>]' | head -n 20 | cut -c 1-300)
}

check_columns() {
	events_make 7
	succeeds 'some columns' --from "$EVENTS" "${base[@]}" --columns note,id
	equal "$(sed -n 's/.*"row":[{]"\([a-z]*\)":.*,"\([a-z]*\)":[0-9]*[}][}]$/\1 \2/p' "$GOT" | sort -u)" 'note id' \
		'the columns that were asked for, in their order'
	[ -n "${WHERE:-}" ] || return 0
	succeeds 'a filter' --from "$EVENTS" "${base[@]}" --where "$WHERE"
	reference "$WHERE" >"$TEST_DIR/reference"
	rows_of >"$TEST_DIR/rows"
	same "$TEST_DIR/rows" "$TEST_DIR/reference" 'a filter'
}

# --- checkpoints ---------------------------------------------------------------------------

check_foreign() {
	local at
	events_make 21
	events_make 21 others
	succeeds 'a read' --from "$EVENTS" "${base[@]}"
	at=$(end_field last)
	refuses STALE_CHECKPOINT . 'of another table' --from "${OTHERS:-others}" "${base[@]}" --checkpoint "$at"
	if [ -n "$WATERMARK" ]; then
		refuses STALE_CHECKPOINT . 'of another watermark' --from "$EVENTS" --watermark id --key id --checkpoint "$at"
		refuses STALE_CHECKPOINT . 'of another key' --from "$EVENTS" --watermark "$WATERMARK" --key id,name --checkpoint "$at"
	fi
	refuses STALE_CHECKPOINT . 'of another mode' --from "$EVENTS" "${plain[@]}" --mode snapshot --checkpoint "$at"
	refuses STALE_CHECKPOINT . 'of another plugin' --from "$EVENTS" "${base[@]}" --checkpoint 'other1;at=1;sum=0000000000000000'
	if [ "$(type -t other_database)" = function ]; then
		other_database
		local CONNECT=("${OTHER[@]}")
		refuses STALE_CHECKPOINT . 'of another database' --from "$EVENTS" "${base[@]}" --checkpoint "$at"
	fi
}

check_damaged() {
	events_make 14
	succeeds 'damaged checkpoints' --from "$EVENTS" "${base[@]}" --damage-checkpoints
	matches "$(field refused "$(tail -n 1 "$GOT")")" '^[1-9][0-9]' 'so many were tried'
}

# --- changes meanwhile ----------------------------------------------------------------------

# A row that is stamped before others and committed after they were read.
check_late_commit() {
	local look state=$TEST_DIR/state run
	for look in '' 0; do
		run=(--from "$EVENTS" "${base[@]}" --state "$state" ${look:+--lookback $look})
		rm -f "$state"
		events_make 21
		session_start late
		session late "$BEGIN"
		session late "INSERT INTO events VALUES (400, $NOW, 'late', 1.25, NULL)"
		session late "UPDATE events SET name = 'late too', updated_at = $NOW WHERE id = 3"
		succeeds 'the first run' "${run[@]}" && cp "$GOT" "$TEST_DIR/run1"
		# Where the ceiling is a guess it is the look-back that helps.
		[ "$look" != 0 ] || [ "$(end_field ceiling)" = proven ] || { session late COMMIT && session_stop late && break; }
		[ "${ONE_WRITER:-0}" = 1 ] || sql "INSERT INTO events VALUES (401, $NOW, 'early', 1.25, NULL)"
		succeeds 'the second run' "${run[@]}" && cp "$GOT" "$TEST_DIR/run2"
		[ "${ONE_WRITER:-0}" = 1 ] || [ -n "$(jq -c 'select(.row.id == 401)' "$TEST_DIR/run2")" ] ||
			problem 'a row is held back by the open transaction of another'
		session late COMMIT
		session_stop late
		reference >"$TEST_DIR/reference"
		succeeds 'the third run' "${run[@]}" && cp "$GOT" "$TEST_DIR/run3"
		merged "$TEST_DIR"/run[1-3] >"$TEST_DIR/rows"
		same "$TEST_DIR/rows" "$TEST_DIR/reference" "a late commit${look:+, look-back $look}"
		no_unannounced "$TEST_DIR"/run[1-3]
	done
}

# change_meanwhile ROWS_READ OPTION...: rows move, come and go while a read is held.
change_meanwhile() {
	local at=$1 run
	shift
	run=(--from "$EVENTS" "${base[@]}" --state "$TEST_DIR/state" "$@")
	reference 'id NOT IN (6, 60)' >"$TEST_DIR/before"
	hold_read "$TEST_DIR/run1" "$at" "${run[@]}"
	# Some that were read, some that were not, to the end and to the beginning.
	event_change 'IN (3, 50)' 90000 'moved to the end'
	event_change 'IN (4, 55)' 90001 'moved as well'
	event_drop 'IN (6, 60)'
	event_add 0 90002
	event_add 900 90002
	hold_release
	equal "$STATUS" 0 'the held read'
	# Throughout: the old version or the new one.
	jq -c 'select(.row != null) | .row.id' "$TEST_DIR/run1" | sort -u >"$TEST_DIR/ids"
	jq -c .id "$TEST_DIR/before" | sort -u >"$TEST_DIR/ids.before"
	equal "$(comm -13 "$TEST_DIR/ids" "$TEST_DIR/ids.before" | tr '\n' ' ')" '' 'rows that are missing in the held read'
	reference >"$TEST_DIR/reference"
	succeeds 'the next run' "${run[@]}" && cp "$GOT" "$TEST_DIR/run2"
	merged "$TEST_DIR/run1" "$TEST_DIR/run2" | jq -cS 'select(.id != 6 and .id != 60)' | LC_ALL=C sort >"$TEST_DIR/rows"
	same "$TEST_DIR/rows" "$TEST_DIR/reference" 'both runs together'
}

check_moving() {
	local n
	for n in 0 5; do
		page_options "$n"
		rm -f "$TEST_DIR/state"
		events_make 70
		change_meanwhile 30 "${PAGE[@]}"
	done
}

check_moving_incremental() {
	local n
	for n in 0 5; do
		page_options "$n"
		rm -f "$TEST_DIR/state"
		events_make 70
		succeeds 'the first load' --from "$EVENTS" "${base[@]}" --state "$TEST_DIR/state"
		sql "UPDATE events SET updated_at = $LATER"
		change_meanwhile 30 "${PAGE[@]}"
	done
}

check_pause() {
	local n
	events_make 70
	succeeds 'a read' --from "$EVENTS" "${base[@]}" && rows_of >"$TEST_DIR/reference"
	for n in 1 4; do
		succeeds "paused after each $n" --from "$EVENTS" "${base[@]}" --pause-each "$n"
		rows_of >"$TEST_DIR/rows"
		same "$TEST_DIR/rows" "$TEST_DIR/reference" "paused after each $n"
	done
	[ "$(type -t nothing_is_held)" = function ] || return 0
	# What others could wait for is let go of.
	mkfifo "$TEST_DIR/pause.in"
	"$CONFORM" --plugin "$PLUGIN" "${CONNECT[@]}" --from "$EVENTS" "${base[@]}" --serve \
		<"$TEST_DIR/pause.in" >"$TEST_DIR/paused" 2>"$TEST_DIR/paused.err" &
	local pid=$! fd
	kill_at_exit "$pid"
	exec {fd}>"$TEST_DIR/pause.in"
	printf 'extract\nnext 10\npause\n' >&"$fd"
	wait_until 10 paused_answers 3
	nothing_is_held || problem 'a paused read holds a transaction'
	printf 'rest\nend\n' >&"$fd"
	exec {fd}>&-
	wait "$pid"
	rows_of "$TEST_DIR/paused" >"$TEST_DIR/rows"
	same "$TEST_DIR/rows" "$TEST_DIR/reference" 'after the pause'
	rm "$TEST_DIR/pause.in"
}

paused_answers() {
	[ "$(grep -c '"done":true' "$TEST_DIR/paused")" -ge "$1" ]
}

# --- cancel ------------------------------------------------------------------------------------

# cancelled WHAT OPTION...: the running call ends within a second.
cancelled() {
	local what=$1 line
	shift
	succeeds "$what" "$@"
	line=$(tail -n 1 "$GOT")
	equal "$(field cancelled "$line")/$(field class "$line")" true/CANCELLED "$what: $line"
	[ "$(field latency_ms "$line")" -lt 1000 ] 2>/dev/null || problem "$what: $(field latency_ms "$line") ms"
}

check_cancel() {
	slow_make
	cancelled 'while it reads' "${SLOW[@]}" --cancel-after 150
	cancelled 'before it connects' "${SLOW[@]}" --cancel-after 0
}

check_cancel_lock() {
	events_make 7
	session_start locker
	session locker "$LOCK"
	cancelled 'while it waits for a lock' --from "$EVENTS" "${base[@]}" --cancel-after 150
	session locker "$UNLOCK"
	session_stop locker
}

# --- the server goes --------------------------------------------------------------------------

check_gone() {
	local run=(--from "$EVENTS" "${base[@]}" --state "$TEST_DIR/state")
	rm -f "$TEST_DIR/state"
	events_make 140
	page_options 7
	hold_read "$TEST_DIR/run1" 30 "${run[@]}" "${PAGE[@]}"
	server_kill
	hold_release
	equal "$(field error "$(tail -n 1 "$TEST_DIR/run1")")" TRANSIENT "gone midway: $(tail -n 1 "$TEST_DIR/run1")"
	refuses TRANSIENT . 'while it is down' "${run[@]}"
	server_again
	reference >"$TEST_DIR/reference"
	succeeds 'when it is back' "${run[@]}" && cp "$GOT" "$TEST_DIR/run2"
	merged "$TEST_DIR/run1" "$TEST_DIR/run2" >"$TEST_DIR/rows"
	same "$TEST_DIR/rows" "$TEST_DIR/reference" 'before and after'
	no_unannounced "$TEST_DIR/run1" "$TEST_DIR/run2"
}

# A server that has stopped answering.
check_hung() {
	events_make 7
	server_hang
	cancelled 'while the server hangs' --from "$EVENTS" "${base[@]}" --cancel-after 200
	server_wake
	succeeds 'when it goes on' --from "$EVENTS" "${base[@]}"
}

# --- what is refused ----------------------------------------------------------------------------

check_auth() {
	events_make 7
	local CONNECT=("${WRONG_PASSWORD[@]}")
	refuses AUTH . 'a wrong password' --from "$EVENTS" "${base[@]}"
	! grep -q 'wrong-password' "$GOT" "$GOT.err" || problem 'the password is in a message'
}

check_grant() {
	events_make 7
	revoke_events
	refuses 'AUTH|CONFIG' events 'a table that may not be read' --from "$EVENTS" "${base[@]}"
	events_make 7
	succeeds 'with the grant' --from "$EVENTS" "${base[@]}"
}

check_missing() {
	events_make 7
	refuses CONFIG nowhere 'a table that is not there' --from "${NOWHERE:-nowhere}" "${base[@]}"
	[ -z "$WATERMARK" ] || refuses CONFIG nothing 'a watermark that is not there' --from "$EVENTS" --watermark nothing --key id
	refuses CONFIG nothing 'a key that is not there' --from "$EVENTS" "${base[@]}" --key id,nothing
	refuses CONFIG nothing 'a column that is not there' --from "$EVENTS" "${base[@]}" --columns id,nothing
	[ -z "${WHERE:-}" ] || refuses CONFIG nothing 'a filter with a column that is not there' \
		--from "$EVENTS" "${base[@]}" --where 'nothing = 1'
	# Also before anything is read.
	refuses CONFIG nowhere 'describe' --from "${NOWHERE:-nowhere}" "${base[@]}" --describe
}

# --- the table changes --------------------------------------------------------------------------

check_schema() {
	local run=(--from "$EVENTS" "${base[@]}" --state "$TEST_DIR/state")
	rm -f "$TEST_DIR/state"
	events_make 14
	succeeds 'before' "${run[@]}"
	sql "ALTER TABLE events ADD COLUMN extra INTEGER"
	sql "UPDATE events SET extra = 7, updated_at = '$(stamp 800)' WHERE id = 2"
	succeeds 'with a new column' "${run[@]}"
	equal "$(jq -c 'select(.row.id == 2) | .row.extra' "$GOT" | tail -n 1)" 7 'the new column'
	sql "ALTER TABLE events DROP COLUMN note"
	sql "UPDATE events SET extra = 8, updated_at = '$(stamp 801)' WHERE id = 3"
	succeeds 'without a column' "${run[@]}"
	equal "$(jq -c 'select(.row.id == 3) | .row | has("note")' "$GOT" | tail -n 1)" false 'the dropped column'
	sql "ALTER TABLE events RENAME COLUMN updated_at TO changed_at"
	refuses 'CONFIG|STALE_CHECKPOINT' updated_at 'a watermark that is gone' "${run[@]}"
	# The same name, but no longer the same table.
	events_make 14
	[ "${SAME_TABLE:-0}" = 1 ] || refuses STALE_CHECKPOINT events 'a table made anew' "${run[@]}"
}

check_discover() {
	events_make 7
	[ "$(type -t pairs_table)" != function ] || pairs_table
	succeeds discover --discover ''
	equal "$(jq -r 'select(.from | test("events")) | .from' "$GOT")" "${EVENTS_FROM:-$EVENTS}" 'the text for from'
	equal "$(jq -r 'select(.from | test("events")) | [.columns[].name] | join(",")' "$GOT")" \
		id,updated_at,name,amount,note 'the columns'
	if [ -n "$WATERMARK" ]; then
		equal "$(jq -r 'select(.name == "pairs") | [.columns[] | select(.key) | .name] | join(",")' "$GOT")" a,b 'the key'
		matches "$(jq -r 'select(.from | test("events")) | [.candidates[].column] | join(",")' "$GOT")" "$WATERMARK" \
			'the candidates for a watermark'
	fi
	succeeds 'one of them' --discover "$PATTERN"
	equal "$(jq -r .from "$GOT")" "${EVENTS_FROM:-$EVENTS}" 'what the pattern finds'
	# What it names can be read.
	succeeds 'read what was found' --from "$(jq -r .from "$GOT")" "${base[@]}"
	equal "$(rows_of | wc -l)" 7 'rows of what was found'
}

check_describe() {
	events_make 7
	succeeds describe --from "$EVENTS" "${base[@]}" --describe
	equal "$(jq -r '[.columns[] | select(.key) | .name] | join(",")' "$GOT")" id 'the key'
	equal "$(jq -r '[.columns[] | select(.watermark) | .name] | join(",")' "$GOT")" "$WATERMARK" 'the watermark'
	[ -z "${INDEX_FINDING:-}" ] ||
		matches "$(jq -r '.findings[].code' "$GOT")" watermark-not-indexed 'a finding without an index'
	[ -z "${INDEX_FINDING:-}" ] || {
		sql "CREATE INDEX events_by_time ON events ($WATERMARK, id)"
		succeeds describe --from "$EVENTS" "${base[@]}" --describe
		equal "$(jq -r '.findings[] | select(.code == "watermark-not-indexed") | .code' "$GOT")" '' 'a finding with an index'
	}
}
