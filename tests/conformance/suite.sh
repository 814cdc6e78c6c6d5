# shellcheck shell=bash
# SPDX-License-Identifier: MIT
# The checks that every source passes.  A test script of a source is
#
#	. "$(dirname "$0")/suite.sh"
#	. "$(dirname "$0")/NAME.sh"
#	conformance NAME
#
# where NAME.sh, the adapter, tells how to start the source, to make tables and to
# change rows; see README.md for all of its functions.

. "$(dirname "${BASH_SOURCE[0]}")/../lib/functions.sh"
. "$(dirname "${BASH_SOURCE[0]}")/../lib/servers.sh"
export TZ=UTC

CONFORM=${DEFSYNC_CONFORM:-${DEFSYNC_BUILDDIR:?is not set}/defsync-conform}
EVENTS=events
WATERMARK=updated_at
CONNECT=()
types=()
lacks=()
MARK="SELECT '--done--';"

# --- one check ---------------------------------------------------------------------

problems=()
check_skipped=
matrix=()

# check NAME: runs check_NAME, with "-" as "_"; one point.
check() {
	local name=$1 began=$EPOCHREALTIME lack word=ok
	problems=()
	check_skipped=
	for lack in "${lacks[@]}"; do
		[ "${lack%%:*}" != "$name" ] || check_skipped=${lack#*:}
	done
	[ -n "$check_skipped" ] || "check_${name//-/_}"
	if [ -n "$check_skipped" ]; then
		skip "$name" "$check_skipped"
		word=skip
	elif ! result "${#problems[@]}" "$name" >"$TEST_DIR/point"; then
		word=FAIL
		cat "$TEST_DIR/point"
		printf '%s\n' "${problems[@]}" | diag
	else
		cat "$TEST_DIR/point"
	fi
	matrix+=("$name=$word")
	[ -z "${CONFORM_TIMES:-}" ] || diag "$name: $(awk "BEGIN { print $EPOCHREALTIME - $began }") s"
}

# lack NAME REASON: this source cannot do it; the point is skipped.
lack() {
	lacks+=("$1:$2")
}

# problem TEXT: the running check fails.
problem() {
	problems+=("$*")
}

# equal GOT EXPECTED WHAT
equal() {
	[ "$1" = "$2" ] || problem "$3: got '${1:0:400}', expected '${2:0:400}'"
}

# matches GOT REGEX WHAT
matches() {
	[[ $1 =~ $2 ]] || problem "$3: '${1:0:400}' does not match '$2'"
}

# same FILE_GOT FILE_EXPECTED WHAT: equal lines.
same() {
	cmp -s "$1" "$2" || problem "$3:" "$(diff "$2" "$1" | head -n 6 | cut -c 1-300)"
}

# --- the program --------------------------------------------------------------------

# read_source OPTION...: the output is in $GOT, its messages in $GOT.err; sets STATUS.
GOT=$TEST_DIR/got
read_source() {
	"$CONFORM" --plugin "$PLUGIN" "${CONNECT[@]}" "$@" >"$GOT" 2>"$GOT.err" </dev/null
	STATUS=$?
}

# succeeds WHAT OPTION...
succeeds() {
	local what=$1
	shift
	read_source "$@"
	[ "$STATUS" = 0 ] || problem "$what: exit status $STATUS: $(tail -n 1 "$GOT") $(tail -n 3 "$GOT.err")"
}

# refuses CLASS REGEX WHAT OPTION...: fails with this class and a text that matches, and
# prints no row before.
refuses() {
	local class=$1 regex=$2 what=$3 text
	shift 3
	read_source "$@"
	text=$(tail -n 1 "$GOT")
	[ "$STATUS" != 0 ] || problem "$what: was taken: $text"
	[[ $(field error "$text") =~ ^($class)$ ]] || problem "$what: not $class: $text"
	[[ $text =~ $regex ]] || problem "$what: the text lacks '$regex': $text"
	! grep -q '"op":' "$GOT" || problem "$what: rows were read before"
}

# field NAME JSON: a member of a flat line.
field() {
	jq -r --arg name "$1" '.[$name] // ""' <<<"$2" 2>/dev/null
}

# end_field NAME: of the last line.
end_field() {
	field "$1" "$(tail -n 1 "$GOT")"
}

# rows_of [FILE...]: the rows alone, in one form and order.
rows_of() {
	jq -cS 'select(.row != null) | .row' "${@:-$GOT}" | LC_ALL=C sort
}

# merged FILE...: the last version of each id over several reads.
merged() {
	jq -ncS 'reduce (inputs | select(.row != null) | .row) as $r ({}; .[$r.id | tostring] = $r) | .[]' "$@" |
		LC_ALL=C sort
}

# reference [WHERE]: what is there, in the same form and order.
reference() {
	events_reference "$@" | jq -cS . | LC_ALL=C sort
}

# unannounced FILE...: rows of later reads that are as they were in an earlier one that
# did not say that they come again.
unannounced() {
	jq -ncr 'reduce (inputs | select(.row != null)) as $l ({said: {}, bad: []};
		($l.row | tostring) as $k
		| if .said[$k] == false then .bad += [$k] else . end
		| .said[$k] = ($l.reread // false)) | .bad[]' "$@"
}

no_unannounced() {
	local bad
	bad=$(unannounced "$@")
	equal "$bad" '' 'rows came again that were not announced'
}

# --- rows of the standard table ------------------------------------------------------

# stamp MINUTES: a watermark, so many minutes after the first.
stamp() {
	printf '%(%Y-%m-%d %H:%M:%S)T' $((1704067200 + 60 * $1))
}

# In SQL.
event_names=("Ännchen" "王小明 🦊" "O''Brien \"Bob\"" "C:\\dir\\" $'two\nlines' 'comma, semicolon;' '  spaces '
	plain)

# event_values ID MINUTES: sets row to id, updated_at, name, amount, note.
event_values() {
	local note=NULL amount=NULL sign=''
	[ $(($1 % 3)) = 0 ] || note="'note $1'"
	[ $(($1 % 2)) = 0 ] || sign=-
	[ $(($1 % 5)) = 0 ] || amount=$sign$(($1 % 300)).$(($1 % 9 + 1))5
	printf -v row "%d, '%(%Y-%m-%d %H:%M:%S)T', '%s %d', %s, %s" "$1" $((1704067200 + 60 * $2)) \
		"${event_names[$1 % 8]}" "$1" "$amount" "$note"
}

# values_from FROM TO: sets values to a list for INSERT, seven rows to a watermark and
# ten minutes between; made once.
declare -A made_values
values_from() {
	local i row
	values=${made_values[$1-$2]:-}
	[ -z "$values" ] || return 0
	for ((i = $1; i <= $2; i++)); do
		event_values "$i" $(((i - 1) / 7 * 10))
		values+=${values:+,$'\n'}"($row)"
	done
	made_values[$1-$2]=$values
}

# events_make N [TABLE]: the table anew, with N rows.
events_make() {
	local values
	values_from 1 "$1"
	events_table "${2:-events}"
	sql "INSERT INTO ${2:-events} VALUES $values"
}

# event_add ID MINUTES
event_add() {
	local row
	event_values "$1" "$2"
	sql "INSERT INTO events VALUES ($row)"
}

# event_change IDS MINUTES NAME: a condition, "IN (1, 2)".
event_change() {
	sql "UPDATE events SET name = '$3', updated_at = '$(stamp "$2")' WHERE id $1"
}

event_drop() {
	sql "DELETE FROM events WHERE id $1"
}

# --- sessions that stay ----------------------------------------------------------------

declare -A session_in session_out session_pid

# session_start NAME: of SESSION, the client that reads statements from stdin.
session_start() {
	local in out
	mkfifo "$TEST_DIR/$1.in" "$TEST_DIR/$1.out" || return 1
	"${SESSION[@]}" <"$TEST_DIR/$1.in" >"$TEST_DIR/$1.out" 2>&1 &
	session_pid[$1]=$!
	kill_at_exit "$!"
	exec {in}>"$TEST_DIR/$1.in" {out}<"$TEST_DIR/$1.out"
	session_in[$1]=$in
	session_out[$1]=$out
	rm "$TEST_DIR/$1.in" "$TEST_DIR/$1.out"
}

# session NAME STATEMENT: done when this returns; what it printed is in SAID.
session() {
	local line
	SAID=
	printf '%s;\n%s\n' "$2" "$MARK" >&"${session_in[$1]}"
	while IFS= read -r -t 20 -u "${session_out[$1]}" line; do
		[ "$line" != --done-- ] || return 0
		SAID+=$line$'\n'
	done
	problem "session $1 does not answer: $2"
}

session_stop() {
	local in=${session_in[$1]} out=${session_out[$1]}
	exec {in}>&- {out}<&-
	stop_process "${session_pid[$1]}"
	unset "session_in[$1]" "session_out[$1]" "session_pid[$1]"
}

# --- a read that is held -----------------------------------------------------------------

# hold_read FILE ROWS OPTION...: reads until so many rows and waits; output in FILE.
hold_read() {
	local file=$1 rows=$2
	shift 2
	rm -f "$file.in"
	mkfifo "$file.in"
	"$CONFORM" --plugin "$PLUGIN" "${CONNECT[@]}" --hold "$rows" "$@" <"$file.in" >"$file" 2>"$file.err" &
	hold_pid=$!
	kill_at_exit "$hold_pid"
	exec {hold_fd}>"$file.in"
	wait_until 10 hold_is_reached "$file" || problem "the read is not held: $(tail -n 1 "$file")"
}

hold_is_reached() {
	grep -q -e '"held":true' "$1" || ! kill -0 "$hold_pid"
}

# hold_release: reads on to its end; sets STATUS.
hold_release() {
	echo >&"$hold_fd"
	exec {hold_fd}>&-
	wait "$hold_pid"
	STATUS=$?
}

. "$(dirname "${BASH_SOURCE[0]}")/types.sh"
. "$(dirname "${BASH_SOURCE[0]}")/checks.sh"

# --- all of it ----------------------------------------------------------------------------

# conformance NAME: all checks on the adapter's source, and a line for the matrix.
conformance() {
	needs jq
	[ -x "$CONFORM" ] || skip_all "$CONFORM is not there"
	source_start || { diag "the source does not start" && exit 1; }
	local name
	# All checks would fail with the same words.
	read_source --discover ''
	[[ $(end_field error) != USAGE ]] || { result 1 "the plugin can be used: $(end_field text)" || done_testing; }
	for name in ${CONFORM_CHECKS:-$all_checks}; do
		check "$name"
	done
	diag "matrix $1 ${matrix[*]}"
	done_testing
}
