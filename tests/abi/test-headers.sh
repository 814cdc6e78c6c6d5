#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# The public headers, each alone, as C99, C11 and C++11 without a warning; the
# layout also with the frozen headers of earlier minors.  TAP.

src=${DEFSYNC_SRCDIR:-$(cd "$(dirname "$0")/../.." && pwd)}
build=${DEFSYNC_BUILDDIR:-$src}
# Either may be a command with arguments.
read -ra cc <<<"${CC:-cc}"
read -ra cxx <<<"${CXX:-c++}"
warnings=(-Wall -Wextra -Wshadow -Wundef -pedantic -Werror)
points=0
failures=0

# point NAME COMMAND...: a TAP point; what the command says is shown on failure.
point() {
	local name=$1 out
	shift
	points=$((points + 1))
	if out=$("$@" 2>&1); then
		echo "ok $points - $name"
	else
		failures=$((failures + 1))
		echo "not ok $points - $name"
		echo "# ${out//$'\n'/$'\n# '}"
	fi
}

skip() {
	points=$((points + 1))
	echo "ok $points - $1 # SKIP $2"
}

# compile LANGUAGE STANDARD FOLDER... : stdin, with these folders of headers.
compile() {
	local language=$1 standard=$2 folder
	local command=("${cc[@]}" -Wstrict-prototypes)
	shift 2
	[ "$language" = c++ ] && command=("${cxx[@]}")
	command+=("-std=$standard" "${warnings[@]}" -fsyntax-only -x "$language")
	for folder; do
		command+=("-I$folder")
	done
	"${command[@]}" -
}

# header NAME LANGUAGE STANDARD FOLDER...: twice, for the guard; and the entry defined.
header() {
	local name=$1
	shift
	compile "$@" <<-END
		#include <defsync/$name.h>
		#include <defsync/$name.h>
		int main(void) { return 0; }
	END
}

have_cxx() {
	command -v "${cxx[0]}" >/dev/null
}

check_folder() {
	local label=$1 name standard
	shift
	for name in version plugin source transform; do
		for standard in c99 c11; do
			point "$label: $name.h as $standard" header "$name" c "$standard" "$@"
		done
		for standard in c++11 c++17; do
			if have_cxx; then
				point "$label: $name.h as $standard" header "$name" c++ "$standard" "$@"
			else
				skip "$label: $name.h as $standard" "no C++ compiler"
			fi
		done
	done
}

check_folder "current" "$build/include" "$src/include"
check_folder "1.0" "$src/tests/abi/1.0"
check_folder "1.1" "$src/tests/abi/1.1"
check_folder "1.2" "$src/tests/abi/1.2"
check_folder "1.3" "$src/tests/abi/1.3"
point "the layout of the frozen headers of 1.0" \
	compile c c11 "$src/tests/abi/1.0" <"$src/tests/abi/test-abi-layout.c"
point "the layout of the frozen headers of 1.1" \
	compile c c11 "$src/tests/abi/1.1" <"$src/tests/abi/test-abi-layout.c"
point "the layout of the frozen headers of 1.2" \
	compile c c11 "$src/tests/abi/1.2" <"$src/tests/abi/test-abi-layout.c"
point "the layout of the frozen headers of 1.3" \
	compile c c11 "$src/tests/abi/1.3" <"$src/tests/abi/test-abi-layout.c"
point "a plugin compiles with the frozen headers of 1.3" \
	compile c c99 "$src/tests/abi/1.3" <"$src/tests/abi/abi_about.c"
point "a plugin compiles with the frozen headers of 1.2" \
	compile c c99 "$src/tests/abi/1.2" <"$src/tests/abi/abi_pause.c"
point "a plugin compiles with the frozen headers of 1.1" \
	compile c c99 "$src/tests/abi/1.1" <"$src/tests/abi/abi_keys.c"
point "a plugin compiles with the frozen headers of 1.0" \
	compile c c99 "$src/tests/abi/1.0" <"$src/tests/abi/abi_old.c"
point "a plugin of 1.0 compiles with the current headers" \
	compile c c99 "$build/include" "$src/include" <"$src/tests/abi/abi_old.c"
echo "1..$points"
[ "$failures" = 0 ]
