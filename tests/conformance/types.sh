# shellcheck shell=bash disable=SC2154 # what the adapter sets
# SPDX-License-Identifier: MIT
# Tables of one column for each type; sourced by suite.sh.  The adapter sets
#
#	types=('DECLARATION[:NOTE]|FORM|VALUE|VALUE...' ...)
#
# A value is a literal of SQL, in form "s" and "u" without quotes.  The form tells what
# the JSON is:
#	n	the server's own text, a number
#	s	a string of the server's own text
#	=	what follows the value and "=>"
# Row N of the table has the Nth value of each type; a last row has NULL everywhere.
# text_of COLUMN is the SQL for the server's own text; the adapter may set it, and
# types_made, which is run when the table is there.

types_name() {
	echo "${types[$1 - 1]%%|*}"
}

types_count() {
	echo "${#types[@]}"
}

# types_options: sets OPTIONS, of the table.
types_options() {
	OPTIONS=()
}

text_of() {
	echo "CAST($1 AS CHAR)"
}

# types_values N: of the Nth type, literals of SQL, one a line.
types_values() {
	local form values value
	IFS='|' read -r -a values <<<"${types[$1 - 1]}"
	form=${values[1]}
	for value in "${values[@]:2}"; do
		value=${value%%=>*}
		[ "$form" != s ] || value="'${value//\'/\'\'}'"
		printf '%s\n' "$value"
	done
}

types_make() {
	local n i k columns='id INTEGER PRIMARY KEY' most=0 row statement=
	declare -A cell
	n=$(types_count)
	for ((i = 1; i <= n; i++)); do
		columns+=", c$i $(types_name "$i" | sed 's/:.*//')"
		k=0
		while IFS= read -r row; do
			k=$((k + 1))
			cell[$k,$i]=$row
		done < <(types_values "$i")
		[ "$k" -le "$most" ] || most=$k
	done
	for ((k = 1; k <= most + 1; k++)); do
		row=$k
		for ((i = 1; i <= n; i++)); do
			row+=", ${cell[$k,$i]:-NULL}"
		done
		statement+="INSERT INTO types VALUES ($row);"
	done
	types_rows=$((most + 1))
	sql "DROP TABLE IF EXISTS types; CREATE TABLE types ($columns); $statement"
	[ "$(type -t types_made)" != function ] || types_made
}

# types_sent N: of what was read, "ID JSON" of each row.  Without a JSON program, which
# would round numbers.
types_sent() {
	local end="[}][}]\$"
	[ "$1" = "$(types_count)" ] || end=",\"c$(($1 + 1))\":.*"
	sed -n "s/^.*\"row\":[{]\"id\":\([0-9]*\),\(.*,\)*\"c$1\":\(.*\)$end/\1 \3/p" "$GOT"
}

# types_expected N: "ID JSON" of each row.
types_expected() {
	local form values i
	IFS='|' read -r -a values <<<"${types[$1 - 1]}"
	form=${values[1]}
	case $form in
	n | s)
		sql "SELECT id, $(text_of "c$1") FROM types WHERE c$1 IS NOT NULL ORDER BY id" |
			sed 's/^\([0-9]*\)[|	]/\1 /' | if [ "$form" = n ]; then cat; else
			while IFS= read -r line; do
				printf '%s %s\n' "${line%% *}" "$(jq -R . <<<"${line#* }")"
			done
		fi
		;;
	*)
		i=0
		for value in "${values[@]:2}"; do
			i=$((i + 1))
			printf '%s %s\n' "$i" "${value#*=>}"
		done
		;;
	esac
	for ((i = ${#values[@]} - 1; i <= types_rows; i++)); do
		echo "$i null"
	done
}
