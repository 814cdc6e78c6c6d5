#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# The manual pages say what the program says, no more and no less: commands, their
# options, exit codes, reasons of dead letters, keys of the configuration.

. "$(dirname "$0")/../lib/functions.sh"

: "${DEFSYNC_SRCDIR:=$TESTS_DIR/..}"
man1=$DEFSYNC_SRCDIR/man/defsync.1
man5=$DEFSYNC_SRCDIR/man/defsync.yaml.5

# A section (.Sh) of a page, or the subsection (.Ss) whose title begins so.
section() {
	awk -v want="$2" '/^\.Sh / { on = substr($0, 5) == want; next } on' "$1"
}
subsection() {
	awk -v want="$2" '
		/^\.S[hs] / { title = substr($0, 5) " "; on = index(title, want " ") == 1 }
		on && !/^\.S[hs] /' "$1"
}

# Lines of the help behind a heading, up to the next empty line.
help_part() {
	awk -v want="$2" '$0 == want { on = 1; next } /^$/ { on = 0 } on' <<<"$1"
}

# Options as "--name" and "-n", one a line, of help and of the page's .It lines.
help_options() {
	sed -nE 's/^  (-(.), |    )--([a-z-]+).*/--\3 -\2/p' <<<"$1" | tr ' ' '\n' |
		grep -E '^--?[a-z]' | sort -u
}
man_options() {
	grep '^\.It ' | grep -oE 'Fl (Fl )?[a-z-]+' |
		sed -E 's/^Fl Fl /--/; s/^Fl /-/' | sort -u
}

overview=$(defsync --help)

# --- commands ---

commands=$(help_part "$overview" 'Commands:' | sed -E 's/^  //; s/   .*//')
documented=$(section "$man1" COMMANDS | sed -nE 's/^\.Ss //p' | sed -E 's/ (Op |Ar ).*//')
is "$(sort <<<"$documented")" "$(sort <<<"$commands")" 'every command is in defsync(1), and no other'

while read -r command; do
	# shellcheck disable=SC2086 # two words are two arguments
	options=$(help_options "$(help_part "$(defsync help $command)" 'Options:')")
	is "$(subsection "$man1" "$command" | man_options)" "$options" "options of $command"
done <<<"$commands"

is "$(section "$man1" 'GLOBAL OPTIONS' | man_options)" \
	"$(help_options "$(help_part "$overview" 'Global options:')")" 'global options'

# --- exit codes ---

codes=$(help_part "$overview" 'Exit codes:' | sed -E 's/^ +//; s/  +/ /')
is "$(section "$man1" 'EXIT STATUS' | sed -nE '/^\.It /{s/^\.It //;N;s/\n/ /;p}')" \
	"$codes" 'exit codes and their texts'

# --- dead letters ---

is "$(section "$man1" 'DEAD LETTERS' | sed -nE 's/^\.It Sy //p' | sort)" \
	"$(sed -nE 's/.*\[ROW_[A-Z0-9_]+\] = "([a-z0-9_]+)".*/\1/p' \
		"$DEFSYNC_SRCDIR/core/row/fault.c" | grep -vx ok | sort)" \
	'reasons of dead letters'

# --- keys of the configuration ---

config=$(defsync help config)

# "key|type, facts" of a part of the help; ranges are left to the page's words.
help_keys() {
	sed -nE 's/^  ([a-z_]+) +.* \(([^()]*)\)$/\1|\2/p' |
		sed -E 's/, -?[0-9][0-9a-zA-Z]* to [0-9a-zA-Z]+$//' | sort
}
man_keys() {
	sed -nE 's/^\.It Ic ([a-z_]+) Pq (.*)$/\1|\2/p' | sort
}

titles=$(sed -nE 's/^(section )?([a-z][a-z ]*):$/\2/p' <<<"$config")
while read -r title; do
	heading="section $title:"
	[ "$title" != 'top level' ] || heading='top level:' title='Top level'
	is "$(subsection "$man5" "$title" | man_keys)" \
		"$(help_part "$config" "$heading" | help_keys)" "keys of $title, types and defaults"
done <<<"$titles"
is "$(section "$man5" KEYS | sed -nE 's/^\.Ss //p' | tr 'T' 't')" "$titles" \
	'sections of the configuration'

# --- the mysql source ---

man7=$DEFSYNC_SRCDIR/man/defsync-source-mysql.7
# Names in the first column; "unsigned" is an attribute.
is "$(section "$man7" TYPES | sed -nE 's/^\.It ([a-z].*) Ta .*/\1/p' | tr ',' '\n' |
	sed -E 's/^ +//; s/ unsigned$//' | sort -u)" \
	"$(sed -nE 's/^ +(\{|[A-Z]+\()"([a-z0-9]+)".*/\2/p' \
		"$DEFSYNC_SRCDIR/plugins/sources/mysql/my-types.c" | sort -u)" \
	'types of defsync-source-mysql(7)'
is "$(section "$man7" OPTIONS | grep -oE 'Cm [a-z_0-9]+ : ' | sed -E 's/Cm (.*) : /\1/' | sort)" \
	"$(sed -nE 's/^\t\.name = "([a-z_0-9]+)",$/\1/p' \
		"$DEFSYNC_SRCDIR/plugins/sources/mysql/mysql.c" | sort)" \
	'options of defsync-source-mysql(7)'

# --- the postgres source ---

pg7=$DEFSYNC_SRCDIR/man/defsync-source-postgres.7
is "$(section "$pg7" TYPES | sed -nE 's/^\.It ([^E].*) Ta .*/\1/p' | tr ',' '\n' |
	sed -E 's/^ +//; s/\\\(dq//g' | sort -u)" \
	"$(sed -nE 's/^ +\{[0-9]+, "(\\")?([a-z][^"\\]*).*/\2/p' \
		"$DEFSYNC_SRCDIR/plugins/sources/postgres/pg-types.c" | sort -u)" \
	'types of defsync-source-postgres(7)'
is "$(section "$pg7" OPTIONS | grep -oE 'Cm [a-z_0-9]+ : ' | sed -E 's/Cm (.*) : /\1/' | sort)" \
	"$(sed -nE 's/^\t\.name = "([a-z_0-9]+)",$/\1/p' \
		"$DEFSYNC_SRCDIR/plugins/sources/postgres/postgres.c" | sort)" \
	'options of defsync-source-postgres(7)'

# --- the csv source ---

csv7=$DEFSYNC_SRCDIR/man/defsync-source-csv.7
is "$(section "$csv7" TYPES | sed -nE 's/^\.It Cm //p' | sort)" \
	"$(sed -nE 's/^ +\[CV_[A-Z]+\] = \{"([a-z]+)", .*/\1/p' \
		"$DEFSYNC_SRCDIR/plugins/sources/csv/cv-types.c" | sort)" \
	'types of defsync-source-csv(7)'
is "$(section "$csv7" OPTIONS | grep -oE 'Cm [a-z_]+ : ' | sed -E 's/Cm (.*) : /\1/' | sort)" \
	"$(sed -nE 's/.*\.name = "([a-z_]+)".*/\1/p' \
		"$DEFSYNC_SRCDIR/plugins/sources/csv/cv-format.c" | sort)" \
	'options of defsync-source-csv(7)'

# --- the transforms ---

transform_pages=()
for name in add cast columns filter flatten mask; do
	page=$DEFSYNC_SRCDIR/man/defsync-transform-$name.7
	[ -e "$page" ] || continue
	transform_pages+=("$page")
	is "$(section "$page" OPTIONS | grep -oE 'Cm [a-z_0-9]+ : ' |
		sed -E 's/Cm (.*) : /\1/' | sort)" \
		"$(cat "$DEFSYNC_SRCDIR/plugins/transforms/$name"/*.c |
			sed -nE 's/^\t\.name = "([a-z_0-9]+)",$/\1/p' | sort)" \
		"options of defsync-transform-$name(7)"
done

# Functions of add; those of concat and coalesce have arguments.
is "$(section "$DEFSYNC_SRCDIR/man/defsync-transform-add.7" EXPRESSIONS |
	sed -nE 's/^\.It Fn ([a-z_]+).*/\1/p' | sort)" \
	"$(sed -nE 's/^\t +\{"([a-z_]+)", AD_.*/\1/p' \
		"$DEFSYNC_SRCDIR/plugins/transforms/add/ad-parse.c" | sort)" \
	'functions of defsync-transform-add(7)'

# --- form ---

if command -v mandoc >/dev/null; then
	for page in "$man1" "$man5" "$man7" "$pg7" "$csv7" "${transform_pages[@]}"; do
		# Pages that are not installed yet are not found.
		is "$(mandoc -Tlint "$page" | grep -v 'referenced manual not found')" '' \
			"mandoc has nothing to say about $(basename "$page")"
	done
else
	skip 'mandoc has nothing to say' 'mandoc is not installed'
fi

done_testing
