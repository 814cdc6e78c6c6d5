#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Calls that have no place here.

. "$(dirname "$0")/lib.sh"

mapfile -t files < <(sources '\.[ch]')
all=$(code "${files[@]}")
shipped=$(grep -E '^(core|plugins|include)/' <<<"$all")
quiet=$(grep -v '^core/main\.c:' <<<"$shipped")

# search REGEX CODE: the lines that match, as whole words.
search() {
	grep -wE "$1" <<<"$2"
}

point "no unbounded string functions" \
	"$(search '(strcpy|strcat|stpcpy|sprintf|vsprintf|gets|strncpy|strncat)[[:space:]]*\(' "$all")"
point "no number parsers that hide errors" \
	"$(search '(atoi|atol|atoll|atof|sscanf)[[:space:]]*\(' "$shipped")"
point "no functions with hidden state" \
	"$(search '(strtok|localtime|gmtime|ctime|asctime|rand|srand|strerror|setlocale|setenv|putenv)[[:space:]]*\(' \
		"$quiet")"
point "no shell" "$(search '(system|popen)[[:space:]]*\(' "$all")"
point "no stack allocation of a size from outside" "$(search 'alloca[[:space:]]*\(' "$all")"
point "the process is ended by main.c only" \
	"$(search '(exit|_exit|_Exit|quick_exit|abort)[[:space:]]*\(' "$quiet")"
point "plugins are never unloaded and never share names" \
	"$(search '(dlclose[[:space:]]*\(|RTLD_GLOBAL)' "$shipped")"
point "no macro hides a return or a goto" \
	"$(search '#[[:space:]]*define.*(return|goto)' "$shipped")"
finish
