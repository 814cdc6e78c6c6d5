#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# clang's warnings, beside those of the compiler that builds; no code is made.

. "$(dirname "$0")/lib.sh"
needs clang pkg-config

build=${DEFSYNC_BUILDDIR:-.}
libraries=(libcurl jansson sqlite3 yaml-0.1 libmicrohttpd libcrypto zlib)
for library in libdeflate libpq mysqlclient libmariadb gnutls cmocka; do
	! pkg-config --exists "$library" || libraries+=("$library")
done
read -ra flags < <(pkg-config --cflags "${libraries[@]}")
flags+=(-Wall -Wextra -Wshadow -Wstrict-prototypes -Wmissing-prototypes -Wvla -Wformat=2
	-Wimplicit-fallthrough -Werror -std=gnu11 -pthread -fsyntax-only -DENABLE_FAILPOINTS=1
	'-DDEFSYNC_PLUGIN_DIR="/p"' "-I$build" "-I$build/include" -Iinclude -Icore -Iplugins -Itests/unit -Itests/plugins)
for folder in plugins/sources/*/; do
	flags+=("-I${folder%/}")
done
mapfile -t files < <(sources '\.c')
optional() {
	pkg-config --exists "$1" || pkg-config --exists "${3:-$1}" ||
		mapfile -t files < <(printf '%s\n' "${files[@]}" | grep -vE "$2")
}
optional libpq '/(test-)?(postgres|pg)[-./]'
optional mysqlclient '/(test-)?(mysql|my)[-./]' libmariadb
optional cmocka '^tests/(unit|abi|conformance)/'
point "clang has nothing to say" "$(printf '%s\n' "${files[@]}" |
	xargs -P "$(nproc)" -n 16 clang "${flags[@]}" 2>&1)"
finish
