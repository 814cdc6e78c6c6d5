#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Dependencies point downward only:
#   base <- config <- row <- plugin <- store <- push <- sync <- serve <- cli <- main.c
# A plugin sees the public headers, plugins/common and its own folder.

. "$(dirname "$0")/lib.sh"

# quoted FILE...: "FILE:LINE HEADER" for each #include "HEADER".
quoted() {
	[ $# = 0 ] || grep -nE '^[[:space:]]*#[[:space:]]*include[[:space:]]*"' /dev/null "$@" |
		sed -E 's/^([^:]*:[0-9]+):[^"]*"([^"]*)".*/\1 \2/'
}

mapfile -t core < <(sources '\.[ch]' | grep '^core/')
mapfile -t plugins < <(sources '\.[ch]' | grep '^plugins/')
mapfile -t public < <(sources '\.h' '\.h\.in' | grep '^include/')

point "the core's folders depend downward only" "$(quoted "${core[@]}" | awk '
	BEGIN {
		n = split("base 0 config 1 row 2 plugin 3 store 4 push 5 sync 6 serve 7 cli 8", t)
		for (i = 1; i < n; i += 2)
			rank[t[i]] = t[i + 1]
	}
	{
		split($1, from, "/")
		split($2, to, "/")
		layer = (from[2] in rank) ? from[2] : "main"
		if (layer == "main")
			next
		if (!(to[1] in rank))
			print $1 ": \"" $2 "\" names no folder of the core"
		else if (to[1] != layer && rank[to[1]] >= rank[layer])
			print $1 ": " layer " must not include " $2
	}')"
point "plugins include nothing of the core" "$(quoted "${plugins[@]}" | awk '
	{
		file = $1
		sub(/:[0-9]+$/, "", file)
		folder = file
		sub(/\/[^\/]*$/, "", folder)
		own = ("test -f " folder "/" $2)
		if ($2 ~ /^common\// || $2 !~ /\// && system(own) == 0)
			next
		print $1 ": " $2 " is neither in plugins/common nor in the plugin"
	}')"
point "public headers include no private ones" \
	"$(quoted "${public[@]}")"
finish
