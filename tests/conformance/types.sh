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

# types_options: sets OPTIONS, of the table.
types_options() {
	OPTIONS=()
}

text_of() {
	echo "CAST($1 AS CHAR)"
}

# types_literals N: sets literals, of the Nth type, and form.
types_literals() {
	local i quoted
	IFS='|' read -r -a literals <<<"${types[$1 - 1]}"
	form=${literals[1]}
	literals=("${literals[@]:2}")
	for ((i = 0; i < ${#literals[@]}; i++)); do
		quoted=${literals[i]//\'/\'\'}
		if [ "$form" = s ]; then literals[i]="'$quoted'"; else literals[i]=${literals[i]%%=>*}; fi
	done
}

types_make() {
	local i k columns='id INTEGER PRIMARY KEY' most=0 row statement='' name form literals
	declare -A cell
	for ((i = 1; i <= ${#types[@]}; i++)); do
		name=${types[i - 1]%%|*}
		columns+=", c$i ${name%%:*}"
		types_literals "$i"
		for ((k = 0; k < ${#literals[@]}; k++)); do
			cell[$((k + 1)),$i]=${literals[k]}
		done
		[ "$k" -le "$most" ] || most=$k
	done
	types_rows=$((most + 1))
	for ((k = 1; k <= types_rows; k++)); do
		row=$k
		for ((i = 1; i <= ${#types[@]}; i++)); do
			row+=", ${cell[$k,$i]:-NULL}"
		done
		statement+="INSERT INTO types VALUES ($row);"
	done
	sql "DROP TABLE IF EXISTS types; CREATE TABLE types ($columns); $statement"
	[ "$(type -t types_made)" != function ] || types_made
}

# types_texts FORM: the server's own texts of all types of this form, "TYPE ID TEXT".
types_texts() {
	local i statement=''
	for ((i = 1; i <= ${#types[@]}; i++)); do
		[[ ${types[i - 1]#*|} == "$1|"* ]] || continue
		statement+="${statement:+ UNION ALL }SELECT $i, id, $(text_of "c$i") FROM types WHERE c$i IS NOT NULL"
	done
	[ -z "$statement" ] || sql "$statement" | sed 's/^\([0-9]*\)[|	]\([0-9]*\)[|	]/\1 \2 /'
}

# types_expected: "TYPE ID JSON" of every value.
types_expected() {
	local values i k
	types_texts n
	types_texts s | jq -Rr 'capture("^(?<at>[0-9]+ [0-9]+) (?<text>.*)$") | "\(.at) \(.text | tojson)"'
	for ((k = 1; k <= ${#types[@]}; k++)); do
		IFS='|' read -r -a values <<<"${types[k - 1]}"
		for ((i = 2; i < ${#values[@]}; i++)); do
			[ "${values[1]}" != '=' ] || echo "$k $((i - 1)) ${values[i]#*=>}"
		done
		for ((i = ${#values[@]} - 1; i <= types_rows; i++)); do
			echo "$k $i null"
		done
	done
}

# types_sent: the same of what was read.  Without a JSON program, which would round numbers.
types_sent() {
	LC_ALL=C awk -v n="${#types[@]}" '
		(at = index($0, "\"row\":{\"id\":")) {
			rest = substr($0, at + 12)
			rest = substr(rest, 1, length(rest) - 2)
			id = rest + 0
			for (i = 1; i <= n; i++) {
				name = ",\"c" i "\":"
				rest = substr(rest, index(rest, name) + length(name))
				end = i < n ? index(rest, ",\"c" (i + 1) "\":") - 1 : length(rest)
				print i, id, substr(rest, 1, end)
			}
		}' "$GOT"
}
