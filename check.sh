#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Installs what is missing, builds defsync in several ways under build-check/
# and runs the tests of each.  The last line is the sum.
#
#	./check.sh		one build, every test, some under valgrind
#	./check.sh --all	and every test again with sanitizers, and the tarball
#	./check.sh --quick	one build, unit tests and the checks of the sources

set -u
cd "$(dirname "$0")" || exit 1
. tests/lib/packages.sh
export LC_ALL=C.UTF-8
unset CDPATH DEFSYNC_CONFIG DEFINITE_API_KEY MAKEFLAGS MAKELEVEL CFLAGS CPPFLAGS LDFLAGS CC

top=build-check
# Installed once, for the tests of each build.
export DEFSYNC_NPM_PACKAGES=$PWD/$top/npm
jobs=$(nproc)
passed=0 failed=0 skipped=0
failing_logs=()
skip_reasons=$top/skipped.txt

extent=${1-}
case $extent in
'' | --all | --quick) ;;
*)
	echo "usage: ./check.sh [--all | --quick]" >&2
	exit 2
	;;
esac

# --- parts --------------------------------------------------------------------

# say PART TEXT
say() {
	printf '%-10s %s\n' "$1" "$2"
}

# step PART COMMAND...: one build step, counted as a test of its own.
step() {
	local part=$1
	shift
	if "$@" >>"$top/$part.log" 2>&1; then
		passed=$((passed + 1))
		return 0
	fi
	failed=$((failed + 1))
	failing_logs+=("$top/$part.log")
	say "$part" "FAILED: $*"
	return 1
}

# configure PART ARGUMENT...: what the first one found out is not tried again, but
# for what the arguments change.
configure() {
	local part=$1
	shift
	mkdir -p "$top/$part" || return 1
	[ ! -f "$top/config.cache" ] || cp "$top/config.cache" "$top/$part/config.cache"
	# Nothing is built twice here, so nothing has to be remembered for that.
	(cd "$top/$part" && ../../configure -C --quiet --disable-dependency-tracking "$@") || return 1
	[ -f "$top/config.cache" ] ||
		sed '/ac_cv_env_/d' "$top/$part/config.cache" >"$top/config.cache"
}

# count PART: adds up what the tests of a part left behind, and takes it away.
count() {
	local part=$1 trs log p f s
	local all_p=0 all_f=0 all_s=0
	while read -r trs; do
		log=${trs%.trs}.log
		p=$(grep -cE '^:test-result: (PASS|XFAIL)' "$trs")
		f=$(grep -cE '^:test-result: (FAIL|ERROR|XPASS)' "$trs")
		s=$(grep -cE '^:test-result: SKIP' "$trs")
		all_p=$((all_p + p)) all_f=$((all_f + f)) all_s=$((all_s + s))
		[ "$f" = 0 ] || failing_logs+=("$log")
		[ "$s" = 0 ] || grep -hE '^(1\.\.0|ok).*# *SKIP' "$log" |
			sed "s,^,$part: ${log#"$top/$part/"}: ," >>"$skip_reasons"
		mv "$trs" "$trs.counted"
	done < <(find "$top/$part" -name '*.trs' -not -path '*/defsync-*/*')
	passed=$((passed + all_p)) failed=$((failed + all_f)) skipped=$((skipped + all_s))
	counted=$((all_p + all_f + all_s))
	say "$part" "$all_p passed, $all_f failed, $all_s skipped (after $SECONDS s)"
}

# tests PART TARGET [VARIABLE=...]: runs a test target and counts its results.
tests() {
	local part=$1 counted=0 before=$failed
	shift
	# Many tests wait more than they compute.
	make -C "$top/$part" -k -j $((2 * jobs)) "$@" >>"$top/$part.log" 2>&1
	local status=$?
	count "$part"
	if [ $status != 0 ] && [ "$failed" = "$before" ] || [ "$counted" = 0 ]; then
		failed=$((failed + 1))
		failing_logs+=("$top/$part.log")
		say "$part" "FAILED: make $*"
	fi
}

# build PART CONFIGURE-ARGUMENT...
build() {
	local part=$1
	say "$part" "building"
	step "$part" configure "$@" &&
		step "$part" make -C "$top/$part" -j "$jobs"
}

# As it is shipped.  With --all: what takes its full size, and the checks of the
# sources; all other tests run once, below.
gcc_part() {
	local runs='' name
	for name in kill faults transport stop exactly-once discover pause; do
		runs+=" tests/system/test-$name.sh"
	done
	build gcc --enable-werror --enable-failpoints CFLAGS='-O2 -g1' || return
	case $extent in
	--all) tests gcc check TESTS="$runs \$(STYLE_TESTS)" check_PROGRAMS= ;;
	--quick) tests gcc check TESTS="\$(STYLE_TESTS) \$(UNIT_TESTS) \$(ABI_TESTS)" ;;
	*) tests gcc check ;;
	esac
}

# The sanitizers are slow, and whether rows survive is not theirs to find.
fewer_kills=(DEFSYNC_KILLS=5 DEFSYNC_KILL_ROWS=20000 DEFSYNC_FAULT_ROWS=40000)

asan_part() {
	build asan --enable-werror --enable-failpoints --enable-sanitizers=address,undefined \
		CFLAGS='-O1 -g1' &&
		tests asan check STYLE_TESTS= "${fewer_kills[@]}"
}

# Tests without threads of their own, or with the same ones again, prove nothing here.
tsan_part() {
	local threads='' runs='' name
	for name in base-log plugin-source push-aws push-divide push-engine push-modes \
		store-commit store-outbox; do
		threads+=" tests/unit/test-$name"
	done
	for name in kill sqs stop replay-rejected faults isolate dead-letters exactly-once merge \
		replay retry run-forms; do
		runs+=" tests/system/test-$name.sh"
	done
	build tsan --enable-werror --enable-failpoints --enable-sanitizers=thread CFLAGS='-O1 -g1' &&
		tests tsan check TESTS="$runs$threads" check_PROGRAMS="$threads" \
			"${fewer_kills[@]}"
}

valgrind_part() {
	if ! command -v valgrind >/dev/null; then
		skipped=$((skipped + 1))
		echo "valgrind: valgrind is not installed" >>"$skip_reasons"
		return
	fi
	say valgrind "running a few tests of the gcc build"
	# shellcheck disable=SC2016 # make's variable
	tests gcc check-valgrind check_PROGRAMS='$(VALGRIND_TESTS)'
}

# The tarball is complete, builds read-only, installs and uninstalls.
dist_part() {
	say distcheck "building"
	local few=tests/unit/test-plugin-loader
	step distcheck make -C "$top/gcc" -j "$jobs" distcheck TESTS="$few" check_PROGRAMS="$few" \
		DISTCHECK_CONFIGURE_FLAGS="--enable-werror CFLAGS='-O1 -g0'" &&
		say distcheck "passed (after $SECONDS s)"
}

# --- the run ------------------------------------------------------------------

if [ -f config.status ]; then
	echo "check.sh: this folder is configured in place; run 'make distclean' first" >&2
	exit 1
fi
rm -rf "$top"
mkdir -p "$top" || exit 1
: >"$skip_reasons"

if ! install_packages test >"$top/install.log" 2>&1; then
	cat "$top/install.log"
	echo "check.sh: could not install what is needed" >&2
	exit 1
fi
if step autoreconf autoreconf -fi; then
	gcc_part
	[ "$extent" = --quick ] || [ ! -f "$top/gcc/Makefile" ] || valgrind_part
	if [ "$extent" = --all ]; then
		asan_part
		tsan_part
		[ ! -f "$top/gcc/Makefile" ] || dist_part
	fi
fi

for log in "${failing_logs[@]}"; do
	printf '\n--- %s\n' "$log"
	tail -n 150 "$log"
done
if [ -s "$skip_reasons" ]; then
	printf '\nskipped:\n'
	sed 's/^/  /' "$skip_reasons"
fi
[ "$extent" = --all ] || printf '\nnot run: the tests with sanitizers, and distcheck; ./check.sh --all runs them too\n'
printf '\n%d passed, %d failed, %d skipped\n' $passed $failed $skipped
[ $failed = 0 ]
